"""Too much? Grows a set of touches that still share a customer, and cuts a branch when what is left cannot pass the limit.

Touches of audiences that shut each other out are classed together, and only the heaviest of a class is counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..undecidable import BudgetExhausted
from .budget import SearchBudget
from .compatibility import CompatibilityGraph, PackedBoxes
from .distinct import most_distinct
from .result import MAX_DEPTH, NOBODY, Found, MaxWeightSet, Result, Undecided


def max_weight_set(
    graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int], floor: int, budget: SearchBudget
) -> Result[MaxWeightSet]:
    """The heaviest set of candidates that one customer gets, with all of ``must`` and more than ``floor``.

    Raises BudgetExhausted when the budget ends before any such set is found.
    """
    if graph.keys is not None:
        return most_distinct(graph, graph.keys, among, must, floor, budget)
    unsure: Undecided | None = None
    for grouped in (True, False):
        search = _Search(graph, floor, budget)
        search.run([(graph.class_of[i], (i,)) for i in among], must, grouped)
        unsure = unsure or search.unsure
        if not search.refused:
            break
    if search.found is not None:
        return Found(search.found)
    return unsure or NOBODY


class _Search:
    """One branch and bound: the best so far, and whether a set that fitted as boxes was refused by the facts."""

    def __init__(self, graph: CompatibilityGraph, floor: int, budget: SearchBudget) -> None:
        self.graph, self.budget = graph, budget
        self.best = floor
        self.found: MaxWeightSet | None = None
        self.refused = False
        self.unsure: Undecided | None = None
        self.weights: dict[int, int] = {}
        self.members: dict[int, list[int]] = {}
        self.states: dict[int, PackedBoxes] = {}

    def run(self, among: Sequence[tuple[int, tuple[int, ...]]], must: Sequence[int], grouped: bool) -> None:
        graph = self.graph
        for number, (i,) in among:
            self.members.setdefault(number, []).append(i)
        for number, listed in self.members.items():
            self.weights[number] = sum(graph.candidates[i].weight for i in listed)
        first = sorted({graph.class_of[i] for i in must})
        state = graph.joint_of(must)
        if not state:
            return
        rest = 0
        for number in self.members:
            if number not in first:
                rest |= 1 << number
        for number in first:
            rest = graph.row(number, rest)
        try:
            if grouped:
                chosen = [i for number in first for i in self.members.get(number, [])]
                self._grow(state, chosen, sum(graph.candidates[i].weight for i in chosen), rest, 0)
            else:
                self._one_by_one(sorted(must), sorted({i for _, (i,) in among} - set(must)))
        except BudgetExhausted:
            if self.found is None:
                raise
            self.found = MaxWeightSet(self.found.members, self.found.weight, self.found.customer, False)

    def _accept(self, chosen: list[int], weight: int) -> bool:
        """Takes the set if some customer really gets it."""
        answer = self.graph.customer_of(chosen, self.budget)
        if isinstance(answer, Found):
            self.best, self.found = weight, MaxWeightSet(tuple(sorted(chosen)), weight, answer.value, True)
            return True
        self.refused = True
        self.unsure = self.unsure or (answer if isinstance(answer, Undecided) else None)
        return False

    def _grow(self, state: PackedBoxes, chosen: list[int], weight: int, rest: int, depth: int) -> None:
        self.budget.spend()
        if depth > MAX_DEPTH:
            raise BudgetExhausted
        if not rest:
            if weight > self.best:
                self._accept(chosen, weight)
            return
        order, bounds = self._ordered(rest)
        for at in range(len(order) - 1, -1, -1):
            if weight + bounds[at] <= self.best:
                return
            number = order[at]
            rest &= ~(1 << number)
            self.budget.spend(len(state) * len(self.graph.classes[number]) // 4)
            joint = self.graph.meet(state, self.graph.classes[number])
            if joint:
                more = self.members[number]
                self._grow(joint, chosen + more, weight + self.weights[number], self.graph.row(number, rest), depth + 1)
        if weight > self.best:
            self._accept(chosen, weight)

    def _ordered(self, rest: int) -> tuple[list[int], list[int]]:
        """The classes of touches, those that shut each other out together, and the most that the first ones can add."""
        order: list[int] = []
        bounds: list[int] = []
        total = 0
        while rest:
            apart, max_weight_set, before = rest, 0, total
            while apart:
                bit = apart & -apart
                number = bit.bit_length() - 1
                rest ^= bit
                apart &= ~(bit | self.graph.row(number, apart))
                max_weight_set = max(max_weight_set, self.weights[number])
                order.append(number)
                bounds.append(before + max_weight_set)
            total = before + max_weight_set
        self.budget.spend(len(order))
        return order, bounds

    def _one_by_one(self, chosen: list[int], rest: list[int]) -> None:
        """The plain way, touch by touch, each step confirmed with a customer: for facts that boxes alone do not show."""
        self.budget.spend(5)
        weight = sum(self.graph.candidates[i].weight for i in chosen)
        if weight + sum(self.graph.candidates[i].weight for i in rest) <= self.best:
            return
        if len(chosen) > MAX_DEPTH:
            raise BudgetExhausted
        if chosen:
            answer = self.graph.customer_of(chosen, self.budget)
            if not isinstance(answer, Found):
                self.unsure = self.unsure or (answer if isinstance(answer, Undecided) else None)
                return
        if weight > self.best:
            self._accept(chosen, weight)
        for at, i in enumerate(rest):
            if all(self.graph.share(i, j) for j in chosen):
                self._one_by_one([*chosen, i], rest[at + 1 :])


def upper_bound(graph: CompatibilityGraph, among: Sequence[int]) -> int:
    """The most that one customer could get of these, counted without looking for them."""
    if graph.keys is not None:
        return graph.total(among)
    search = _Search(graph, 0, SearchBudget(10**9))
    for i in among:
        search.members.setdefault(graph.class_of[i], []).append(i)
    for number, listed in search.members.items():
        search.weights[number] = sum(graph.candidates[i].weight for i in listed)
    rest = 0
    for number in search.members:
        rest |= 1 << number
    _, bounds = search._ordered(rest)
    return max(bounds, default=0)
