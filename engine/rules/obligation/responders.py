"""What may answer an event: services, triggered touches and dated ones, and the stretches of time in which each is in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...clocks import TICK, midnight, shift, turns
from ...hours import edges_of_day
from ...plan.conditions import Condition, attributes_of, tells_days_apart
from ...plan.plan import Plan, PlannedService
from ...reference.obligations import Owed
from ...sends.services import acts_by
from ...sends.services import edges as edges_of_service
from ...sends.set_off import event_of, trigger_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import send_at
from ...windows import leaves_at, window_ending

SECOND = timedelta(seconds=1)
Stretch = tuple[datetime, datetime]
"""From an instant to another, which is outside."""


@dataclass(frozen=True, eq=False)
class Responder:
    """One thing that may answer: a service, a touch of a triggered campaign, or a dated touch."""

    thing: PlannedService | TriggeredTouch | Send
    audience: Condition
    at: Callable[[datetime], datetime | None]
    """When it acts, for what happens at an instant."""

    @property
    def schedule_key(self) -> object:
        """What decides when it acts: reactors that agree in it are in time together."""
        if isinstance(self.thing, PlannedService):
            model = self.thing.model
            return (model.hours, model.within, model.timezone, model.calendar)
        return self

    @property
    def name(self) -> str:
        if isinstance(self.thing, PlannedService):
            return str(self.thing.model.service)
        return self.thing.campaign.name if isinstance(self.thing, TriggeredTouch) else self.thing.campaign

    def answers(self, event: datetime, start: datetime, owed: Owed) -> bool:
        """Whether what it does for an event comes in time for what counts from ``start`` on."""
        act = self.at(event)
        if act is None:
            return False
        begins = event if isinstance(self.thing, PlannedService) else act
        return owed.in_time(begins, self.arrives(act), start)

    def arrives(self, act: datetime) -> datetime:
        """When what is sent, or done, at this instant has reached the customer at the latest."""
        if isinstance(self.thing, PlannedService):
            return act
        return self.thing.arrives(act) if isinstance(self.thing, TriggeredTouch) else self.thing.arrives

    def read_at(self, event: datetime, act: datetime) -> datetime:
        """When its audience is read: a service's at the event, a touch's when it is sent."""
        return event if isinstance(self.thing, PlannedService) else act


def service_responder(service: PlannedService, plan: Plan) -> Responder:
    return Responder(service, service.audience, lambda at: acts_by(service, at, plan))


def triggered_responder(step: TriggeredTouch, plan: Plan) -> Responder:
    return Responder(step, step.audience, lambda at: send_at(step, at, plan))


def dated_responder(touch: Send) -> Responder:
    return Responder(touch, touch.audience, lambda _: touch.at)


def certain(
    responder: Responder, event: datetime, owed: Owed, plan: Plan, promising: TriggeredTouch | None = None
) -> bool:
    """Whether it acts whatever else the customer does: nothing stops it, and no earlier trigger takes its place.

    What set off a promise has set off the other touches of that campaign too.
    """
    if isinstance(responder.thing, PlannedService):
        return True
    stops = stopping(responder.thing) - owed.unless
    act = responder.at(event)
    if isinstance(responder.thing, Send):
        return not stops
    step, trigger = responder.thing, trigger_of(responder.thing)
    if stops and act is not None and act > event:
        return False
    if trigger.again_after is None or (promising is not None and promising.campaign is step.campaign):
        return True
    last = shift(event, trigger.again_after, -1, step.campaign.timezone)
    declared = event_of(step, plan)
    assumed = declared.model.assume if declared is not None else None
    if assumed is not None and assumed.at_most == 1 and shift(event, assumed.per, -1, plan.timezone) <= last:
        return True
    if owed.per is None or stops or tells_days_apart(step.audience):
        return False
    steady = all(_steady(name, plan) for name in attributes_of(step.audience))
    return steady and window_ending(event, owed.per, owed.clock).start <= last


def stopping(thing: Send | TriggeredTouch) -> frozenset[str]:
    """The events that can end its sequence before it; nothing stops the first touch of a dated campaign."""
    if isinstance(thing, Send):
        first = thing.begins is None or thing.at <= thing.begins
        return frozenset() if first else thing.stops_on
    return thing.stops_on


def _steady(name: str, plan: Plan) -> bool:
    attribute = plan.customers.attributes.get(name)
    return attribute is not None and attribute.changes in (None, "never")


def edges(responder: Responder, owed: Owed, first: datetime, last: datetime, plan: Plan) -> set[datetime]:
    """The instants at which whether it is in time can change its course. Raises ``UnknownYear``."""
    if isinstance(responder.thing, PlannedService):
        return edges_of_service(responder.thing, first, last, plan)
    if isinstance(responder.thing, Send):
        at = responder.thing.at
        found = {at, shift(responder.thing.arrives, owed.within, -1, owed.clock, owed.calendar)}
        return found | {leaves_at(at, owed.per, owed.clock)} if owed.per is not None else found
    step = responder.thing
    campaign, after = step.campaign, step.model.after
    found = {step.first, step.last + TICK}
    found |= turns(after, first, last, campaign.timezone) if after is not None else set()
    for day in days_between(first, last, campaign.timezone):
        for edge in edges_of_day(day, campaign.model.send_in, campaign.timezone):
            found.add(shift(edge, after, -1, campaign.timezone) if after is not None else edge)
    return found


def days_between(first: datetime, last: datetime, clock: str) -> Iterator[date]:
    """The days of a clock from one before ``first`` to one after ``last``."""
    day = (first - timedelta(days=1)).date()
    while midnight(day, clock) <= last + timedelta(days=1):
        yield day
        day += timedelta(days=1)


def stretches(
    holds: Callable[[datetime], bool], cuts: Iterable[datetime], first: datetime, last: datetime
) -> list[Stretch]:
    """The stretches, of whole seconds, in which ``holds``; between two cuts it changes at most once."""
    ordered = sorted({_second(at) for at in cuts if first < at < last} | {first})
    found: list[Stretch] = []

    def put(start: datetime, end: datetime, held: bool) -> None:
        if held and start < end:
            if found and found[-1][1] == start:
                start = found.pop()[0]
            found.append((start, end))

    for n, at in enumerate(ordered):
        end = ordered[n + 1] if n + 1 < len(ordered) else last
        put(at, min(at + SECOND, end), holds(at))
        begin = at + SECOND
        if begin >= end:
            continue
        early, late = holds(begin), holds(end - SECOND)
        change = end if early == late else _change(holds, begin, end - SECOND, early)
        put(begin, change, early)
        put(change, end, late)
    return found


def _second(at: datetime) -> datetime:
    """The first whole second at an instant or after it."""
    return at if not at.microsecond else at.replace(microsecond=0) + SECOND


def _change(holds: Callable[[datetime], bool], low: datetime, high: datetime, early: bool) -> datetime:
    """The first whole second from which it is no longer as it was at ``low``."""
    while high - low > SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if holds(middle) == early else (low, middle)
    return high


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which what is in time stays the same, and the instant that stands for it."""

    at: datetime
    end: datetime
    timely: frozenset[int]


def segments(
    timely: Sequence[Sequence[Stretch]], within: Sequence[Stretch], cuts: Iterable[datetime]
) -> Iterator[Segment]:
    """The stretches of ``within``, cut wherever what is in time changes, and at ``cuts``; whole minutes stand for them."""
    turns: dict[datetime, list[tuple[int, bool]]] = {}
    for number, listed in enumerate(timely):
        for start, end in listed:
            turns.setdefault(start, []).append((number, True))
            turns.setdefault(end, []).append((number, False))
    bounds = sorted({*turns, *map(_second, cuts), *(edge for stretch in within for edge in stretch)})
    active: set[int] = set()
    inside = iter(within)
    here = next(inside, None)
    for n, start in enumerate(bounds):
        for number, begins in sorted(turns.get(start, ()), key=lambda turn: turn[1]):
            (active.add if begins else active.discard)(number)
        while here is not None and here[1] <= start:
            here = next(inside, None)
        if here is None:
            return
        if here[0] <= start and n + 1 < len(bounds):
            yield Segment(_nice(start, bounds[n + 1]), bounds[n + 1], frozenset(active))


def _nice(start: datetime, end: datetime) -> datetime:
    minute = start.replace(second=0, microsecond=0)
    minute = minute if minute == start else minute + timedelta(minutes=1)
    return minute if minute < end else start
