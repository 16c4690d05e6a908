"""Too many different ones? The most distinct campaigns, or senders, that one customer gets touches of."""

from __future__ import annotations

from collections.abc import Sequence

from ..reference import Customer
from ..undecidable import BudgetExhausted
from .budget import SearchBudget
from .compatibility import CompatibilityGraph, PackedBoxes
from .result import MAX_DEPTH, NOBODY, Found, MaxWeightSet, Result, Undecided


def most_distinct(
    graph: CompatibilityGraph,
    keys: Sequence[str],
    among: Sequence[int],
    must: Sequence[int],
    floor: int,
    budget: SearchBudget,
) -> Result[MaxWeightSet]:
    """A customer who gets touches of as many different keys as possible, one touch of each shown, all of ``must``.

    Raises BudgetExhausted when the budget ends before more than ``floor`` are found.
    """
    unsure: Undecided | None = None
    for confirm in (False, True):
        search = _Distinct(graph, keys, floor, budget)
        search.run(among, must, confirm)
        unsure = unsure or search.unsure
        if not search.refused:
            break
    if search.found is not None:
        return Found(search.found)
    return unsure or NOBODY


class _Distinct:
    """One branch and bound; ``refused``: a set that fitted as boxes was no customer's."""

    def __init__(self, graph: CompatibilityGraph, keys: Sequence[str], floor: int, budget: SearchBudget) -> None:
        self.graph, self.keys, self.best, self.budget = graph, keys, floor, budget
        self.found: MaxWeightSet | None = None
        self.refused = False
        self.unsure: Undecided | None = None

    def run(self, among: Sequence[int], must: Sequence[int], confirm: bool) -> None:
        self.confirm = confirm
        state = self.graph.joint_of(must)
        if not state:
            return
        taken = {self.keys[i] for i in must}
        rest: dict[str, dict[tuple[object, ...], int]] = {}
        for i in among:
            if self.keys[i] not in taken:
                candidate = self.graph.candidates[i]
                alike = (self.graph.class_of[i], candidate.script, *(repr(demand) for demand in candidate.also))
                rest.setdefault(self.keys[i], {}).setdefault(alike, i)
        try:
            self._grow(state, list(must), {key: list(ways.values()) for key, ways in rest.items()})
        except BudgetExhausted:
            if self.found is None:
                raise
            self.found = MaxWeightSet(self.found.members, self.found.weight, self.found.customer, False)

    def _grow(self, state: PackedBoxes, chosen: list[int], rest: dict[str, list[int]]) -> None:
        if len(chosen) > MAX_DEPTH:
            raise BudgetExhausted
        while True:
            self.budget.spend()
            number = len({self.keys[i] for i in chosen})
            alive = {key: left for key, ways in rest.items() if (left := [i for i in ways if self._shares(i, chosen)])}
            if number + len(alive) <= self.best:
                return
            if self.confirm and chosen and not isinstance(self._confirmed(chosen), Found):
                return
            if not alive:
                break
            key = min(alive, key=lambda key: len(alive[key]))
            rest = {other: ways for other, ways in alive.items() if other != key}
            for i in alive[key]:
                joint = self.graph.meet(state, self.graph.classes[self.graph.class_of[i]])
                if joint:
                    self._grow(joint, [*chosen, i], rest)
        if chosen and number > self.best:
            answer = self._confirmed(chosen)
            if isinstance(answer, Found):
                self.best = number
                self.found = MaxWeightSet(tuple(sorted(chosen)), number, answer.value, True)
            else:
                self.refused = True

    def _confirmed(self, chosen: Sequence[int]) -> Result[Customer]:
        answer = self.graph.customer_of(chosen, self.budget)
        if isinstance(answer, Undecided):
            self.unsure = self.unsure or answer
        return answer

    def _shares(self, i: int, chosen: Sequence[int]) -> bool:
        return all(self.graph.share(i, j) for j in chosen)
