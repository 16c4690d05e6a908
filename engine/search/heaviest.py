"""Too much? Grows a set of touches that still share a customer, and cuts a branch when what is left cannot pass the limit.

Touches of audiences that shut each other out are classed together, and only the heaviest of a class is counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..undecidable import OutOfSteps
from .crowd import Crowd, State
from .distinct import most_distinct
from .result import MOST_DEPTH, NOBODY, Found, Heaviest, Result, Undecided
from .steps import Steps


def heaviest(
    crowd: Crowd, among: Sequence[int], must: Sequence[int], floor: int, steps: Steps
) -> Result[Heaviest]:
    """The heaviest set of candidates that one customer gets, with all of ``must`` and more than ``floor``.

    Raises OutOfSteps when the budget ends before any such set is found.
    """
    if crowd.keys is not None:
        return most_distinct(crowd, crowd.keys, among, must, floor, steps)
    unsure: Undecided | None = None
    for grouped in (True, False):
        search = _Search(crowd, floor, steps)
        search.run([(crowd.class_of[i], (i,)) for i in among], must, grouped)
        unsure = unsure or search.unsure
        if not search.refused:
            break
    if search.found is not None:
        return Found(search.found)
    return unsure or NOBODY


class _Search:
    """One branch and bound: the best so far, and whether a set that fitted as boxes was refused by the facts."""

    def __init__(self, crowd: Crowd, floor: int, steps: Steps) -> None:
        self.crowd, self.steps = crowd, steps
        self.best = floor
        self.found: Heaviest | None = None
        self.refused = False
        self.unsure: Undecided | None = None
        self.weights: dict[int, int] = {}
        self.members: dict[int, list[int]] = {}
        self.states: dict[int, State] = {}

    def run(self, among: Sequence[tuple[int, tuple[int, ...]]], must: Sequence[int], grouped: bool) -> None:
        crowd = self.crowd
        for number, (i,) in among:
            self.members.setdefault(number, []).append(i)
        for number, listed in self.members.items():
            self.weights[number] = sum(crowd.candidates[i].weight for i in listed)
        first = sorted({crowd.class_of[i] for i in must})
        state = crowd.joint_of(must)
        if not state:
            return
        rest = 0
        for number in self.members:
            if number not in first:
                rest |= 1 << number
        for number in first:
            rest = crowd.row(number, rest)
        try:
            if grouped:
                chosen = [i for number in first for i in self.members.get(number, [])]
                self._grow(state, chosen, sum(crowd.candidates[i].weight for i in chosen), rest, 0)
            else:
                self._one_by_one(sorted(must), sorted({i for _, (i,) in among} - set(must)))
        except OutOfSteps:
            if self.found is None:
                raise
            self.found = Heaviest(self.found.members, self.found.weight, self.found.customer, False)

    def _accept(self, chosen: list[int], weight: int) -> bool:
        """Takes the set if some customer really gets it."""
        answer = self.crowd.customer_of(chosen, self.steps)
        if isinstance(answer, Found):
            self.best, self.found = weight, Heaviest(tuple(sorted(chosen)), weight, answer.value, True)
            return True
        self.refused = True
        self.unsure = self.unsure or (answer if isinstance(answer, Undecided) else None)
        return False

    def _grow(self, state: State, chosen: list[int], weight: int, rest: int, depth: int) -> None:
        self.steps.take()
        if depth > MOST_DEPTH:
            raise OutOfSteps
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
            self.steps.take(len(state) * len(self.crowd.classes[number]) // 4)
            joint = self.crowd.meet(state, self.crowd.classes[number])
            if joint:
                more = self.members[number]
                self._grow(joint, chosen + more, weight + self.weights[number], self.crowd.row(number, rest), depth + 1)
        if weight > self.best:
            self._accept(chosen, weight)

    def _ordered(self, rest: int) -> tuple[list[int], list[int]]:
        """The classes of touches, those that shut each other out together, and the most that the first ones can add."""
        order: list[int] = []
        bounds: list[int] = []
        total = 0
        while rest:
            apart, heaviest, before = rest, 0, total
            while apart:
                bit = apart & -apart
                number = bit.bit_length() - 1
                rest ^= bit
                apart &= ~(bit | self.crowd.row(number, apart))
                heaviest = max(heaviest, self.weights[number])
                order.append(number)
                bounds.append(before + heaviest)
            total = before + heaviest
        self.steps.take(len(order))
        return order, bounds

    def _one_by_one(self, chosen: list[int], rest: list[int]) -> None:
        """The plain way, touch by touch, each step confirmed with a customer: for facts that boxes alone do not show."""
        self.steps.take(5)
        weight = sum(self.crowd.candidates[i].weight for i in chosen)
        if weight + sum(self.crowd.candidates[i].weight for i in rest) <= self.best:
            return
        if len(chosen) > MOST_DEPTH:
            raise OutOfSteps
        if chosen:
            answer = self.crowd.customer_of(chosen, self.steps)
            if not isinstance(answer, Found):
                self.unsure = self.unsure or (answer if isinstance(answer, Undecided) else None)
                return
        if weight > self.best:
            self._accept(chosen, weight)
        for at, i in enumerate(rest):
            if all(self.crowd.share(i, j) for j in chosen):
                self._one_by_one([*chosen, i], rest[at + 1 :])


def upper_bound(crowd: Crowd, among: Sequence[int]) -> int:
    """The most that one customer could get of these, counted without looking for him."""
    if crowd.keys is not None:
        return crowd.total(among)
    search = _Search(crowd, 0, Steps(10**9))
    for i in among:
        search.members.setdefault(crowd.class_of[i], []).append(i)
    for number, listed in search.members.items():
        search.weights[number] = sum(crowd.candidates[i].weight for i in listed)
    rest = 0
    for number in search.members:
        rest |= 1 << number
    _, bounds = search._ordered(rest)
    return max(bounds, default=0)
