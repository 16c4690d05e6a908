"""Too much? The heaviest set of touches that one customer gets, by branching on what the customer is, cell by cell.

What events must bring about is not looked at: a set may fit and yet be nobody's. So each is confirmed with a customer.
Where it is refused, as few of its boxes as are nobody's together are found, and one of them is left out after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..reference import Customer
from ..space.boxes import Box
from ..undecidable import BudgetExhausted
from .branch_on_cells import BranchOnCells, Ways
from .budget import SearchBudget
from .cells import CellModel, Item
from .compatibility import BoxName, CompatibilityGraph
from .result import NOBODY, Found, MaxWeightSet, Result, Undecided, decided


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
    cells = _Search(graph, among, (), 0, SearchBudget(0)).cells
    del cells.leaf
    return cells.bound()


SHARE = 20
"""One customer is looked for with so small a part of what is left of the budget,"""
LEAST = 2000
"""but with so much as long as there is as much."""


class _Shown(NamedTuple):
    """One item that is left: one of its boxes, by name and as it is, and the candidates that it stands for."""

    name: BoxName
    members: tuple[int, ...]
    shown: Box


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
        self.model = CellModel(graph.context, items)
        self.cells = BranchOnCells(self.model, self.model.bits_of(needed), base, floor, budget, self._leaf)
        self.names = [[*self._names(item)] for item in items]
        self.boxes: dict[BoxName, int] = {}
        """The bits of each box: those who bring about the same in the same box get all that it stands for, or nothing."""
        for n, names in enumerate(self.names):
            for plane, name in enumerate(names):
                self.boxes[name] = self.boxes.get(name, 0) | self.model.box(n, plane)
        for core, unsure in graph.cores.items():
            if all(name in self.boxes for name in core):
                self.cells.cores.append([self.boxes[name] for name in core])
                self.unsure = self.unsure or unsure

    def _names(self, item: Item) -> Iterator[BoxName]:
        """What its boxes are called in every search of the graph."""
        numbers = Counter[int]()
        for member, *_ in item.members:
            alike = member if self.graph.scripts is not None else -1 - self.graph.likeness[member]
            yield alike, numbers[member]
            numbers[member] += 1

    # --- customers ---------------------------------------------------------------------------------------------------

    def _leaf(self, boxes: int, ways: Ways) -> Sequence[int]:
        """All cells are chosen: whoever is in these gets what is left, if there can be such a customer.

        If not, as few boxes as make it so.
        """
        shown: list[_Shown] = []
        for n, item in enumerate(self.model.items):
            plane = next((p for p in range(len(item.boxes)) if boxes & self.model.box(n, p)), None)
            if plane is not None:
                shown.append(_Shown(self.names[n][plane], item.members[plane], item.boxes[plane][1]))
        chosen = sorted({*self.must, *(i for one in shown for i in one.members)})
        answer = self._customer_in(shown)
        if not isinstance(answer, Found):
            core, unsure = self._refused_core(shown, answer)
            self.graph.cores[core] = unsure
            return [self.boxes[name] for name in core]
        self.cells.best = self.graph.total(chosen)
        self.found = MaxWeightSet(tuple(chosen), self.cells.best, answer.value, True)
        return ()

    def _customer_in(self, shown: Sequence[_Shown]) -> Result[Customer]:
        """Somebody who gets all of these, in these boxes."""
        members = sorted({i for one in shown for i in one.members})
        within = {self.graph.class_of[one.members[0]]: [one.shown] for one in shown}
        most = max(self.budget.left // SHARE, min(self.budget.left, LEAST))
        given = SearchBudget(most)
        answer = decided(lambda: self.graph.customer_of(members, given, within))
        self.budget.spend(most - given.left)
        if isinstance(answer, Undecided):
            self.unsure = self.unsure or answer
        return answer

    def _refused_core(
        self, shown: list[_Shown], answer: Result[Customer]
    ) -> tuple[tuple[BoxName, ...], Undecided | None]:
        """As few boxes as make it so, by name; and what of it could not be decided, for searches that take it as known."""
        before, self.unsure = self.unsure, answer if isinstance(answer, Undecided) else None
        core = tuple(one.name for one in self._core([], [], shown))
        unsure, self.unsure = self.unsure, before or self.unsure
        return core, unsure

    def _core(self, base: list[_Shown], added: list[_Shown], shown: list[_Shown]) -> list[_Shown]:
        """As few of ``shown`` as are nobody's together with ``base``, by halves. ``added``: what base has gained last."""
        if added and not isinstance(self._customer_in(base), Found):
            return []
        if len(shown) < 2:
            return shown
        first, second = shown[: len(shown) // 2], shown[len(shown) // 2 :]
        of_second = self._core([*base, *first], first, second)
        return [*self._core([*base, *of_second], of_second, first), *of_second]


def _items(graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int]) -> tuple[list[Item], list[int]]:
    """What counts, one item for each class or key, and the numbers of those that must be there."""
    if graph.keys is None:
        alike: dict[int, list[int]] = {}
        for i in dict.fromkeys((*must, *among)):
            alike.setdefault(i if graph.scripts is not None else graph.likeness[i], []).append(i)
        listed = [_of_class(graph, sorted(members), graph.total(members)) for members in alike.values()]
        needed = {*must}
        return listed, [n for n, item in enumerate(alike.values()) if not needed.isdisjoint(item)]
    taken = {graph.keys[i] for i in must}
    must_be = [_of_class(graph, [i], 0) for i in must]
    keyed: dict[str, dict[int, int]] = {}
    for i in among:
        if graph.keys[i] not in taken:
            keyed.setdefault(graph.keys[i], {}).setdefault(graph.likeness[i], i)
    others = [_of_key(graph, [*ways.values()]) for ways in keyed.values()]
    return [*must_be, *others], list(range(len(must_be)))


def _of_class(graph: CompatibilityGraph, members: Sequence[int], weight: int) -> Item:
    candidate = graph.candidates[members[0]]
    boxes = tuple((candidate, box) for box in candidate.boxes)
    return Item(weight, boxes, (tuple(members),) * len(boxes))


def _of_key(graph: CompatibilityGraph, members: Sequence[int]) -> Item:
    boxes = [(i, (graph.candidates[i], box)) for i in members for box in graph.candidates[i].boxes]
    return Item(1, tuple(box for _, box in boxes), tuple((i,) for i, _ in boxes))
