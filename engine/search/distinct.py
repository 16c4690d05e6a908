"""Too many different ones? The most distinct campaigns, or senders, that one customer gets touches of."""

from __future__ import annotations

from collections.abc import Sequence

from ..undecidable import BudgetExhausted
from .branch_and_bound import BranchAndBound, largest
from .budget import SearchBudget
from .compatibility import CompatibilityGraph, PackedBoxes
from .result import MAX_DEPTH, Found, MaxWeightSet, Result


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
    return largest(lambda: _Distinct(graph, keys, floor, budget), among, must)


class _Distinct(BranchAndBound):
    def __init__(self, graph: CompatibilityGraph, keys: Sequence[str], floor: int, budget: SearchBudget) -> None:
        super().__init__(graph, floor, budget)
        self.keys = keys

    def grow(self, state: PackedBoxes, among: Sequence[int], must: Sequence[int], confirm: bool) -> None:
        """Of what is alike in everything, one is tried for each key."""
        self.confirm = confirm
        taken = {self.keys[i] for i in must}
        rest: dict[str, dict[int, int]] = {}
        for i in among:
            if self.keys[i] not in taken:
                rest.setdefault(self.keys[i], {}).setdefault(self.graph.likeness[i], i)
        self._grow(state, list(must), {key: list(ways.values()) for key, ways in rest.items()})

    def _grow(self, state: PackedBoxes, chosen: list[int], rest: dict[str, list[int]]) -> None:
        if len(chosen) > MAX_DEPTH:
            raise BudgetExhausted
        while True:
            self.budget.spend()
            number = len({self.keys[i] for i in chosen})
            alive = {key: left for key, ways in rest.items() if (left := [i for i in ways if self._shares(i, chosen)])}
            if number + len(alive) <= self.best:
                return
            if self.confirm and chosen and not isinstance(self.confirmed(chosen), Found):
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
            self.accept(chosen, number)

    def _shares(self, i: int, chosen: Sequence[int]) -> bool:
        return all(self.graph.share(i, j) for j in chosen)
