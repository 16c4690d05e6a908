"""What one search of a cap is about, and what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ...kit.asking import Asking
from ...kit.evaluation import boxes_of
from ...kit.receiving import receipt
from ...plan.conditions import EVERYONE, Condition
from ...reference import groups_of
from ...search.compatibility import tightened
from ...search.model import Candidate
from ...search.result import MaxWeightSet
from ...sends.timeline import Send, TriggeredTouch
from ...space.space import Space
from .params import Counting, FrequencyCap

Thing = TypeVar("Thing", Send, TriggeredTouch)


@dataclass(frozen=True, slots=True)
class Violation:
    """The heaviest set that stands at one touch, its cap, and some set there that no waiver covers."""

    at: Send
    touches: tuple[Send, ...]
    found: MaxWeightSet
    limit: int
    value: str
    """Of ``each``."""
    open_set: tuple[tuple[Send, ...], MaxWeightSet] | None
    names: frozenset[str]
    """The campaigns of the set."""

    @property
    def light(self) -> Violation:
        """The same without the sets themselves."""
        found = replace(self.found, members=())
        return replace(self, touches=(), found=found, open_set=((), found) if self.open_set is not None else None)

    @property
    def shown(self) -> tuple[tuple[Send, ...], MaxWeightSet]:
        """The set that a finding shows: one that no waiver covers, if there is one."""
        return self.open_set or (self.touches, self.found)


def names_of(touches: Sequence[Send]) -> frozenset[str]:
    """The campaigns that they are of."""
    return frozenset(touch.campaign for touch in touches)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one search is about: the rule on one clock, for one value of ``each``, with the cap that holds there."""

    asking: Asking[FrequencyCap]
    clock: str
    on_clock: Condition
    value: str
    at_most: int | str
    audience: Condition = EVERYONE
    """Whose touches are counted, besides what the rule says."""

    @property
    def conditions(self) -> list[Condition]:
        also = [] if self.audience == EVERYONE else [self.audience]
        return [self.asking.rule.group, self.on_clock, *also]

    def of(self, things: Sequence[Thing]) -> list[Thing]:
        """Those of one value of ``each``."""
        return [thing for thing in things if self.value in groups_of(thing, self.asking.params.each)]

    def candidate(self, space: Space, touch: Send, counts: Counting) -> Candidate | None:
        """A touch as the search sees it; None if it counts nothing or reaches nobody that the rule speaks of."""
        weight = counts.of(touch)
        boxes = tightened(space, boxes_of(space, [touch.audience, *self.conditions], touch.day), touch.day)
        script = receipt(touch, self.asking.evaluation).script
        return Candidate(touch.at, touch.day, boxes, weight, script=script) if boxes and weight else None
