"""Too much? Grows a set of touches that still share a customer, and cuts a branch when what is left cannot pass the limit.

Touches of audiences that shut each other out are classed together, and only the heaviest of a class is counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..undecidable import BudgetExhausted
from .branch_and_bound import BranchAndBound, largest
from .budget import SearchBudget
from .compatibility import CompatibilityGraph, PackedBoxes
from .distinct import most_distinct
from .result import MAX_DEPTH, Found, MaxWeightSet, Result


def max_weight_set(
    graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int], floor: int, budget: SearchBudget
) -> Result[MaxWeightSet]:
    """The heaviest set of candidates that one customer gets, with all of ``must`` and more than ``floor``.

    Raises BudgetExhausted when the budget ends before any such set is found.
    """
    if graph.keys is not None:
        return most_distinct(graph, graph.keys, among, must, floor, budget)
    return largest(lambda: _MaxWeight(graph, floor, budget), among, must)


def upper_bound(graph: CompatibilityGraph, among: Sequence[int]) -> int:
    """The most that one customer could get of these, counted without looking for them."""
    if graph.keys is not None:
        return graph.total(among)
    classes = _Classes(graph, among)
    _, bounds = classes.ordered(classes.bits)
    return max(bounds, default=0)


class _Classes:
    """The candidates by their class, and how much each class weighs."""

    def __init__(self, graph: CompatibilityGraph, among: Sequence[int]) -> None:
        self.graph = graph
        self.members: dict[int, list[int]] = {}
        for i in among:
            self.members.setdefault(graph.class_of[i], []).append(i)
        self.weights = {number: graph.total(listed) for number, listed in self.members.items()}
        self.bits = sum(1 << number for number in self.members)

    def ordered(self, rest: int) -> tuple[list[int], list[int]]:
        """The classes of ``rest``, those that shut each other out together, and the most that the first ones can add."""
        order: list[int] = []
        bounds: list[int] = []
        total = 0
        while rest:
            apart, heaviest, before = rest, 0, total
            while apart:
                bit = apart & -apart
                number = bit.bit_length() - 1
                rest ^= bit
                apart &= ~(bit | self.graph.row(number, apart))
                heaviest = max(heaviest, self.weights[number])
                order.append(number)
                bounds.append(before + heaviest)
            total = before + heaviest
        return order, bounds


class _MaxWeight(BranchAndBound):
    def grow(self, state: PackedBoxes, among: Sequence[int], must: Sequence[int], confirm: bool) -> None:
        """Class by class; ``confirm``: touch by touch."""
        if confirm:
            self._one_by_one(sorted(must), sorted(set(among) - set(must)))
            return
        self.classes = _Classes(self.graph, among)
        first = sorted({self.graph.class_of[i] for i in must})
        rest = self.classes.bits
        for number in first:
            rest = self.graph.row(number, rest & ~(1 << number))
        chosen = [i for number in first for i in self.classes.members.get(number, [])]
        self._grow(state, chosen, self.graph.total(chosen), rest, 0)

    def _grow(self, state: PackedBoxes, chosen: list[int], weight: int, rest: int, depth: int) -> None:
        self.budget.spend()
        if depth > MAX_DEPTH:
            raise BudgetExhausted
        order, bounds = self.classes.ordered(rest)
        self.budget.spend(len(order))
        for at in range(len(order) - 1, -1, -1):
            if weight + bounds[at] <= self.best:
                return
            number = order[at]
            rest &= ~(1 << number)
            boxes = self.graph.classes[number]
            self.budget.spend(len(state) * len(boxes) // 4)
            joint = self.graph.meet(state, boxes)
            if joint:
                mine, more = self.classes.members[number], self.classes.weights[number]
                self._grow(joint, chosen + mine, weight + more, self.graph.row(number, rest), depth + 1)
        if weight > self.best:
            self.accept(chosen, weight)

    def _one_by_one(self, chosen: list[int], rest: list[int]) -> None:
        """The plain way, each step confirmed with a customer: for facts that boxes alone do not show."""
        self.budget.spend(5)
        weight = self.graph.total(chosen)
        if weight + self.graph.total(rest) <= self.best:
            return
        if len(chosen) > MAX_DEPTH:
            raise BudgetExhausted
        if weight > self.best:
            self.accept(chosen, weight)
            if self.best < weight:
                return
        elif chosen and not isinstance(self.confirmed(chosen), Found):
            return
        for at, i in enumerate(rest):
            if all(self.graph.share(i, j) for j in chosen):
                self._one_by_one([*chosen, i], rest[at + 1 :])
