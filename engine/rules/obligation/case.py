"""What is judged together, and who is left without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ...kit.receiving import ConditionsAt
from ...messages import Message, say
from ...policy.matches import TouchMatch
from ...reference import Customer
from ...reference.obligations import Owed
from ...search.model import EventAt
from ...sends.timeline import Send, TriggeredTouch
from .responders import Responder


@dataclass(frozen=True, eq=False)
class Case:
    """What is judged together: an event and what may answer it, for the customers of one clock."""

    event: str
    channel: str | None
    owed: Owed
    number: int
    responders: tuple[Responder, ...]
    clock: str
    asked: tuple[ConditionsAt, ...] = ()
    """What else is so of the customer, at other instants."""
    before: tuple[EventAt, ...] = ()
    """What else they do."""
    only: str | None = None
    """The one service that answers, whatever it says it reacts to."""
    because_of: Send | None = None
    starts: Callable[[datetime], datetime | None] = lambda at: at
    """From when the time counts for an event at an instant: the event itself, or a promise that it sets off."""
    cuts: frozenset[datetime] = frozenset()
    """Where the way from an event to its start can change its course."""
    promising: TriggeredTouch | None = None
    """The triggered touch that makes the promise."""
    drafts: frozenset[str] = frozenset()
    """The draft that is judged, whose own touches count."""

    @property
    def schedule_key(self) -> object:
        """What decides when something is in time for it: cases that agree in it are alike in that."""
        return (self.event, self.owed, self.promising and id(self.promising))

    @property
    def do(self) -> TouchMatch:
        return self.owed.do[self.number]


@dataclass(frozen=True, slots=True)
class Unserved:
    """A customer who is left without what is owed after an event."""

    customer: Customer
    event: EventAt
    case: Case

    @property
    def start(self) -> datetime:
        return self.case.starts(self.event[0]) or self.event[0]

    @property
    def deadline(self) -> datetime:
        return self.case.owed.deadline(self.start)


def forestalled() -> Message:
    return say(
        "what answers can be stopped, or starts nothing again so soon, and it could not be settled whether that matters",
        "响应可能被中止，或因间隔过短而不再启动；无法确定这是否有影响",
    )
