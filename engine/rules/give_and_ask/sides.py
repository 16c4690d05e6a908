"""Who asks and who gives, and an ask that came too soon."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...policy.matches import seconds_of
from ...reference import (
    Customer,
)
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule


@dataclass(frozen=True, slots=True)
class AskedTooMuch:
    """The ask that goes too far for a customer, with the asks and the gives of its window."""

    at: Send
    customer: Customer
    asks: tuple[Send, ...]
    gives: tuple[Send, ...]
    missed: tuple[Send, ...]
    """Gives of the window that they do not get."""
    clock: str


@dataclass(frozen=True, eq=False)
class Side:
    """What is judged together: dated touches that give or ask, triggered ones, and the triggered campaigns that ask."""

    touches: tuple[Send, ...]
    gives: tuple[Send, ...]
    asks: tuple[Send, ...]
    """Of the touches those that surely give, and those that ask, in order."""
    steps: tuple[TriggeredTouch, ...]
    schedules: tuple[TriggerSchedule, ...]
    """The triggered campaigns that ask, by their asks alone."""
    nets: tuple[TriggerSchedule, ...]
    """The same, each trigger with what it surely gives before."""
    draft: str | None = None

    def with_moved(self, touch: Send, moved: Send) -> Side:
        """The same, with one touch at another moment."""
        touches, gives, asks = (
            tuple(sorted((moved if t is touch else t for t in some), key=lambda t: t.order))
            for some in (self.touches, self.gives, self.asks)
        )
        return replace(self, touches=touches, gives=gives, asks=asks)


def _earlier(give: TriggeredTouch, ask: TriggeredTouch) -> bool:
    """Whether one step always comes before another of its campaign: after fewer hours, or after fewer days."""
    first, second = give.model.after or ask.model.after, ask.model.after
    if first is None or second is None:
        return False
    if give.model.after is None:
        return second.amount > 0
    if first.elapsed != second.elapsed or {first.unit, second.unit} & {"mo", "y"}:
        return False
    return seconds_of(str(first)) < seconds_of(str(second))
