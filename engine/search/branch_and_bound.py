"""What the searches for the largest set share: the best so far, and sets that fit as boxes but are no customer's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..reference import Customer
from ..undecidable import BudgetExhausted
from .budget import SearchBudget
from .compatibility import CompatibilityGraph, PackedBoxes
from .result import NOBODY, Found, MaxWeightSet, Result, Undecided


class BranchAndBound(ABC):
    """One search; ``best`` is what a set must exceed, ``refused``: a set that fitted as boxes was no customer's."""

    def __init__(self, graph: CompatibilityGraph, floor: int, budget: SearchBudget) -> None:
        self.graph, self.best, self.budget = graph, floor, budget
        self.found: MaxWeightSet | None = None
        self.refused = False
        self.unsure: Undecided | None = None

    @abstractmethod
    def grow(self, state: PackedBoxes, among: Sequence[int], must: Sequence[int], confirm: bool) -> None:
        """Looks for sets of ``among`` that hold all of ``must``; ``confirm``: each step by a customer."""

    def run(self, among: Sequence[int], must: Sequence[int], confirm: bool) -> None:
        """The same for whoever gets ``must``. Raises BudgetExhausted before anything is found."""
        state = self.graph.joint_of(must)
        if not state:
            return
        try:
            self.grow(state, among, must, confirm)
        except BudgetExhausted:
            if self.found is None:
                raise
            self.found = replace(self.found, complete=False)

    def accept(self, chosen: Sequence[int], size: int) -> None:
        """Takes the set if some customer really gets it."""
        answer = self.confirmed(chosen)
        if isinstance(answer, Found):
            self.best, self.found = size, MaxWeightSet(tuple(sorted(chosen)), size, answer.value, True)
        else:
            self.refused = True

    def confirmed(self, chosen: Sequence[int]) -> Result[Customer]:
        """Somebody who gets all of these."""
        answer = self.graph.customer_of(chosen, self.budget)
        if isinstance(answer, Undecided):
            self.unsure = self.unsure or answer
        return answer


def largest(start: Callable[[], BranchAndBound], among: Sequence[int], must: Sequence[int]) -> Result[MaxWeightSet]:
    """What a search finds; where it refused a set, what it finds if each step is confirmed. Raises BudgetExhausted."""
    unsure: Undecided | None = None
    for confirm in (False, True):
        search = start()
        search.run(among, must, confirm)
        unsure = unsure or search.unsure
        if not search.refused:
            break
    return Found(search.found) if search.found is not None else unsure or NOBODY
