"""Too many different ones? The most distinct campaigns, or senders, that one customer gets touches of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..reference import Customer
from .steps import OutOfSteps, Steps

if TYPE_CHECKING:
    from .too_much import Crowd, State


@dataclass(frozen=True, slots=True)
class Heaviest:
    """The heaviest set found, its weight and a customer who gets it. ``complete``: no heavier one exists."""

    members: tuple[int, ...]
    weight: int
    customer: Customer
    complete: bool


def most_distinct(
    crowd: Crowd, keys: Sequence[str], among: Sequence[int], must: Sequence[int], floor: int, steps: Steps
) -> Heaviest | None:
    """A customer who gets touches of as many different keys as possible, one touch of each shown, all of ``must``.

    Raises OutOfSteps when the budget ends before more than ``floor`` are found.
    """
    search = _Distinct(crowd, keys, floor, steps)
    search.run(among, must, confirm=False)
    if search.refused:
        search = _Distinct(crowd, keys, floor, steps)
        search.run(among, must, confirm=True)
    return search.found


class _Distinct:
    """One branch and bound; ``refused``: a set that fitted as boxes was no customer's."""

    def __init__(self, crowd: Crowd, keys: Sequence[str], floor: int, steps: Steps) -> None:
        self.crowd, self.keys, self.best, self.steps = crowd, keys, floor, steps
        self.found: Heaviest | None = None
        self.refused = False

    def run(self, among: Sequence[int], must: Sequence[int], confirm: bool) -> None:
        self.confirm = confirm
        state: State = [(self.crowd.steady.everything, {})]
        for i in must:
            state = self.crowd.meet(state, self.crowd.classes[self.crowd.class_of[i]])
        if not state:
            return
        taken = {self.keys[i] for i in must}
        rest: dict[str, dict[int, int]] = {}
        for i in among:
            if self.keys[i] not in taken:
                rest.setdefault(self.keys[i], {}).setdefault(self.crowd.class_of[i], i)
        try:
            self._grow(state, list(must), {key: list(ways.values()) for key, ways in rest.items()})
        except OutOfSteps:
            if self.found is None:
                raise
            self.found = Heaviest(self.found.members, self.found.weight, self.found.customer, False)

    def _grow(self, state: State, chosen: list[int], rest: dict[str, list[int]]) -> None:
        self.steps.take()
        number = len({self.keys[i] for i in chosen})
        alive = {key: left for key, ways in rest.items() if (left := [i for i in ways if self._shares(i, chosen)])}
        if number + len(alive) <= self.best:
            return
        if self.confirm and chosen and self.crowd.customer_of(chosen, self.steps) is None:
            return
        if alive:
            key = min(alive, key=lambda key: len(alive[key]))
            others = {other: ways for other, ways in alive.items() if other != key}
            for i in alive[key]:
                joint = self.crowd.meet(state, self.crowd.classes[self.crowd.class_of[i]])
                if joint:
                    self._grow(joint, [*chosen, i], others)
            self._grow(state, chosen, others)
        elif chosen and number > self.best:
            customer = self.crowd.customer_of(chosen, self.steps)
            if customer is None:
                self.refused = True
            else:
                self.best = number
                self.found = Heaviest(tuple(sorted(chosen)), number, customer, True)

    def _shares(self, i: int, chosen: Sequence[int]) -> bool:
        mine = self.crowd.class_of[i]
        return all(self.crowd.row(mine, 1 << self.crowd.class_of[j]) for j in chosen)
