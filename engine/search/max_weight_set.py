"""Too much? The heaviest set of touches that one customer gets, by branching on what the customer is, cell by cell.

Axes that change are free at each instant, and facts that hang on the day are not looked at: a set may fit and yet be
nobody's. So each is confirmed with a customer; where it is refused, its subsets are looked for, each step confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_

from ..reference import Customer
from ..space.boxes import Box
from ..undecidable import BudgetExhausted
from .branch_on_cells import BranchOnCells
from .budget import SearchBudget
from .cells import CellModel, Item
from .compatibility import CompatibilityGraph
from .result import MAX_DEPTH, NOBODY, Found, MaxWeightSet, Result, Undecided, decided


def max_weight_set(
    graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int], floor: int, budget: SearchBudget
) -> Result[MaxWeightSet]:
    """The heaviest set of candidates that one customer gets, with all of ``must`` and more than ``floor``.

    Where the graph has keys, what counts is how many different ones, and one touch of each is shown. Raises
    BudgetExhausted when the budget ends before any such set is found.
    """
    if not graph.joint_of(must):
        return NOBODY
    search = _Search(graph, among, must, floor, budget)
    try:
        search.cells.run()
    except BudgetExhausted:
        if search.found is None:
            raise
        return Found(replace(search.found, complete=False))
    return Found(search.found) if search.found is not None else search.unsure or NOBODY


def upper_bound(graph: CompatibilityGraph, among: Sequence[int]) -> int:
    """The most that one customer could get of these, counted without looking for them."""
    return _Search(graph, among, (), 0, SearchBudget(0)).cells.bound()


SHARE = 20
"""One customer is looked for with so small a part of what is left of the budget,"""
LEAST = 2000
"""but with so much as long as there is as much."""
NOTHING: Mapping[int, list[Box]] = {}


class _Search:
    """One search, with the customers who confirm it."""

    def __init__(
        self, graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int], floor: int, budget: SearchBudget
    ) -> None:
        self.graph, self.must, self.budget = graph, sorted(must), budget
        self.found: MaxWeightSet | None = None
        self.unsure: Undecided | None = None
        items, needed = _items(graph, among, self.must)
        base = len({graph.keys[i] for i in must}) if graph.keys is not None else 0
        self.model = CellModel(graph.context.space, items)
        self.required = reduce(or_, (self.model.bits[n] for n in needed), 0)
        self.cells = BranchOnCells(self.model, self.required, base, floor, budget, self._leaf)
        self.refused: list[int] = []

    # --- customers ---------------------------------------------------------------------------------------------------

    def _leaf(self, boxes: int) -> None:
        """All cells are chosen: whoever is in these gets what is left, if there can be such a customer."""
        chosen, within = [*self.must], dict[int, list[Box]]()
        for n, item in enumerate(self.model.items):
            plane = next((p for p in range(len(item.boxes)) if boxes & self.model.box(n, p)), None)
            if plane is not None:
                chosen += item.members[plane]
                within[self.graph.class_of[item.members[plane][0]]] = [item.boxes[plane][1]]
        if not self._accepted(sorted({*chosen}), within):
            self._refused(self.model.left(boxes))

    def _accepted(self, chosen: Sequence[int], boxes: Mapping[int, list[Box]] = NOTHING) -> bool:
        """Takes the set if some customer really gets it; ``boxes``: in these alone, for some classes."""
        answer = self._confirmed(chosen, boxes)
        if isinstance(answer, Found):
            self.cells.best = self.graph.total(chosen)
            self.found = MaxWeightSet(tuple(chosen), self.cells.best, answer.value, True)
        return isinstance(answer, Found)

    def _confirmed(self, chosen: Sequence[int], boxes: Mapping[int, list[Box]] = NOTHING) -> Result[Customer]:
        """Somebody who gets all of these."""
        most = max(self.budget.left // SHARE, min(self.budget.left, LEAST))
        given = SearchBudget(most)
        answer = decided(lambda: self.graph.customer_of(chosen, given, boxes))
        self.budget.spend(most - given.left)
        if isinstance(answer, Undecided):
            self.unsure = self.unsure or answer
        return answer

    def _refused(self, items: int) -> None:
        """Nobody gets all of these in the cells chosen: looks for those who get the most of them, wherever they are."""
        if any(not items & ~other for other in self.refused):
            return
        if self.graph.keys is None:
            self._without_conflicts(items)
        else:
            ways = [
                dict.fromkeys(i for some in item.members for i in some) for item in self._of(items & ~self.required)
            ]
            self._one_by_one(self.must, [list(some) for some in ways])
        self.refused.append(items)

    def _of(self, items: int) -> list[Item]:
        return [item for item, bits in zip(self.model.items, self.model.bits, strict=True) if items & bits]

    def _without_conflicts(self, items: int) -> None:
        """Leaves out one of each two that no customer gets both of; what is left is looked for touch by touch."""
        if any(not items & ~other for other in self.refused):
            return
        self.budget.spend(1 + items.bit_count())
        pair, lost = self._conflicts(items)
        if self.cells.counts(items) - lost <= self.cells.best:
            return
        if pair is not None:
            for one in sorted((self.model.bits[n] for n in pair), key=int.bit_count):
                if not self.required & one:
                    self._without_conflicts(items & ~one)
                    self.refused.append(items & ~one)
            return
        members = [i for item in self._of(items) for i in item.members[0]]
        if not self._accepted(sorted(members)):
            self._one_by_one(self.must, [[i] for i in sorted({*members} - {*self.must})])

    def _conflicts(self, items: int) -> tuple[tuple[int, int] | None, int]:
        """Two items that shut each other out, and how much is surely lost by all such couples that share no item."""
        classes = {
            n: self.graph.class_of[i.members[0][0]]
            for n, i in enumerate(self.model.items)
            if items & self.model.bits[n]
        }
        numbers = {number: n for n, number in classes.items()}
        among = reduce(or_, (1 << number for number in numbers), 0)
        pair, lost = None, 0
        for n, number in classes.items():
            apart = among & ~(1 << number) & ~self.graph.row(number, among)
            if among >> number & 1 and apart:
                other = numbers[(apart & -apart).bit_length() - 1]
                pair = pair or (n, other)
                lost += min(self.model.items[n].weight, self.model.items[other].weight)
                among &= ~(1 << number | 1 << classes[other])
        return pair, lost

    def _one_by_one(self, chosen: Sequence[int], rest: Sequence[Sequence[int]]) -> None:
        """The plain way, one of each of ``rest`` or none, each step confirmed with a customer."""
        self.budget.spend(5)
        weight = self.graph.total(chosen)
        if weight + sum(max(self.graph.weight(i) for i in some) for some in rest) <= self.cells.best:
            return
        if len(chosen) > MAX_DEPTH:
            raise BudgetExhausted
        if chosen and not (
            self._accepted(sorted(chosen)) if weight > self.cells.best else isinstance(self._confirmed(chosen), Found)
        ):
            return
        for at, some in enumerate(rest):
            for i in some:
                if all(self.graph.share(i, j) for j in chosen):
                    self._one_by_one([*chosen, i], rest[at + 1 :])


def _items(graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int]) -> tuple[list[Item], list[int]]:
    """What counts, one item for each class or key, and the numbers of those that must be there."""
    classes: dict[int, list[int]] = {}
    for i in dict.fromkeys((*must, *among)):
        classes.setdefault(graph.class_of[i], []).append(i)
    if graph.keys is None:
        listed = [_of_class(graph, sorted(members), graph.total(members)) for members in classes.values()]
        first = {graph.class_of[i] for i in must}
        return listed, [n for n, number in enumerate(classes) if number in first]
    taken = {graph.keys[i] for i in must}
    needed = [_of_class(graph, [i], 0) for i in must]
    keyed: dict[str, dict[int, int]] = {}
    for i in among:
        if graph.keys[i] not in taken:
            keyed.setdefault(graph.keys[i], {}).setdefault(graph.likeness[i], i)
    others = [_of_key(graph, [*alike.values()]) for alike in keyed.values()]
    return [*needed, *others], list(range(len(needed)))


def _of_class(graph: CompatibilityGraph, members: Sequence[int], weight: int) -> Item:
    candidate = graph.candidates[members[0]]
    boxes = tuple((candidate, box) for box in candidate.boxes)
    return Item(weight, boxes, (tuple(members),) * len(boxes))


def _of_key(graph: CompatibilityGraph, members: Sequence[int]) -> Item:
    boxes = [(i, (graph.candidates[i], box)) for i in members for box in graph.candidates[i].boxes]
    return Item(1, tuple(box for _, box in boxes), tuple((i,) for i, _ in boxes))
