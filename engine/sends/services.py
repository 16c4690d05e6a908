"""Services: by when one has acted on an event, and at which instants that can change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from ..clocks import TICK, day_of, instant, local, shift, turns
from ..hours import FAR, Span, spans_on
from ..plan.plan import Plan, PlannedService
from ..policy.matches import Fields
from ..scalars import Duration, Hours
from .fields import one, texts


def clock_of(service: PlannedService, plan: Plan) -> tuple[str, str | None]:
    """The zone and the calendar of a service: its own, else the plan's."""
    return service.model.timezone or plan.timezone, service.model.calendar or plan.calendar


def acts_by(service: PlannedService, at: datetime, plan: Plan) -> datetime | None:
    """When a service has acted at the latest on an event: its next opening, and from there ``within`` in open time.

    A ``within`` in days, weeks or working days ends at the same time of day, or at the opening after it. None: it never
    opens. Raises ``UnknownYear``.
    """
    model = service.model
    clock, calendar = clock_of(service, plan)
    if model.hours is None:
        return shift(at, model.within, +1, clock, calendar)
    rota = rota_of(model.hours, clock, calendar, at)
    return rota.acts_by(at, model.within)


def edges(service: PlannedService, first: datetime, last: datetime, plan: Plan) -> set[datetime]:
    """The instants between two at which what a service needs to act can change its course. Raises ``UnknownYear``."""
    model = service.model
    clock, calendar = clock_of(service, plan)
    found = turns(model.within, first, last, clock, calendar)
    if model.hours is None:
        return found
    rota = rota_of(model.hours, clock, calendar, first)
    for start, end in rota.between(first, last):
        found |= {start, end}
        if model.within.elapsed:
            found.add(rota.back(end, timedelta(seconds=model.within.seconds)))
        else:
            found |= {shift(edge, model.within, -1, clock, calendar) for edge in (start, end)}
    return {at for at in found if first <= at <= last}


def open_time(service: PlannedService, first: datetime, last: datetime, plan: Plan) -> tuple[timedelta, int]:
    """How long a service is open between two instants, and on how many days of its clock. Raises ``UnknownYear``."""
    model = service.model
    clock, calendar = clock_of(service, plan)
    spans: list[Span] = [(first, last)]
    if model.hours is not None:
        spans = [
            (max(a, first), min(b, last)) for a, b in rota_of(model.hours, clock, calendar, first).between(first, last)
        ]
    days = {day_of(a, clock) + timedelta(days=n) for a, b in spans if a < b for n in range(_nights(a, b, clock) + 1)}
    return sum((b - a for a, b in spans), timedelta()), len(days)


def can_handle(service: PlannedService, first: datetime, last: datetime, plan: Plan) -> Decimal | None:
    """How many cases it can handle between two instants, in its open time; None: it does not say how many are on duty,
    or how many each handles. Raises ``UnknownYear``.
    """
    duty, each = service.model.on_duty, service.model.each_handles
    if duty is None or each is None:
        return None
    hours, days = open_time(service, first, last, plan)
    if each.unit == "day":
        return duty * each.number * days
    return duty * each.number * Decimal(int(hours.total_seconds())) / {"hour": 3600, "minute": 60}[each.unit]


def _nights(start: datetime, end: datetime, clock: str) -> int:
    return (day_of(end - TICK, clock) - day_of(start, clock)).days


class OpenIntervals:
    """The open stretches of some hours, in order, found as far as they are asked for."""

    def __init__(self, hours: Hours, clock: str, calendar: str | None, first: datetime) -> None:
        self.hours, self.clock, self.calendar = hours, clock, calendar
        self.first = self.day = local(first, clock).date() - timedelta(days=2)
        self.starts: list[datetime] = []
        self.ends: list[datetime] = []
        self.ended = self.day

    def _next_day(self) -> None:
        """Adds the stretches of one more day; those that touch are one."""
        midnight_there = datetime.combine(self.day, time())
        for start, end in spans_on(self.day, self.hours, self.calendar):
            opens, shuts = (instant(midnight_there + timedelta(seconds=n), self.clock) for n in (start, end))
            if opens >= shuts:
                continue
            if self.ends and opens <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], shuts)
            else:
                self.starts.append(opens)
                self.ends.append(shuts)
            self.ended = self.day
        self.day += timedelta(days=1)

    def stretch(self, at: datetime, until: datetime | None = None) -> int | None:
        """The number of the stretch that holds ``at``, or of the next one; None: it does not open again.

        Its end is known as far as ``until``: later days may still make it longer.
        """
        wanted = until or at
        while (i := bisect_right(self.ends, at)) >= len(self.ends) or not (self.ends[i] >= wanted or self._settled(i)):
            if (self.day - max(self.ended, local(at, self.clock).date())).days > FAR:
                return None
            self._next_day()
        return i

    def _settled(self, i: int) -> bool:
        """Whether no later day can make a stretch longer."""
        return self.ends[i] < instant(datetime.combine(self.day, time()), self.clock)

    def acts_by(self, at: datetime, within: Duration) -> datetime | None:
        i = self.stretch(at)
        if i is None:
            return None
        here = max(at, self.starts[i])
        if not within.elapsed:
            due = shift(here, within, +1, self.clock, self.calendar)
            i = self.stretch(due)
            return None if i is None else max(due, self.starts[i])
        left = timedelta(seconds=within.seconds)
        while True:
            i = self.stretch(here, here + left)
            if i is None:
                return None
            here = max(here, self.starts[i])
            if here + left <= self.ends[i]:
                return here + left
            left -= self.ends[i] - here
            here = self.ends[i]

    def back(self, at: datetime, open_time: timedelta) -> datetime:
        """The instant from which so much open time leads to the end of a stretch."""
        i = bisect_right(self.starts, at) - 1
        while i >= 0:
            begins = max(at - open_time, self.starts[i])
            if begins > self.starts[i] or at - begins >= open_time:
                return begins
            open_time -= at - begins
            i -= 1
            at = self.ends[i]
        return at

    def between(self, first: datetime, last: datetime) -> Iterator[Span]:
        """The stretches that hold an instant between two, each once: one may go on where it was first known to end."""
        at, before = first, -1
        while at <= last and (i := self.stretch(at, last)) is not None and self.starts[i] <= last:
            if i != before:
                yield self.starts[i], self.ends[i]
            at, before = self.ends[i], i


@lru_cache(maxsize=200)
def _rota(hours: Hours, clock: str, calendar: str | None, year: int) -> OpenIntervals:
    return OpenIntervals(hours, clock, calendar, datetime.fromisoformat(f"{year}-01-01T12:00:00+00:00"))


def rota_of(hours: Hours, clock: str, calendar: str | None, at: datetime) -> OpenIntervals:
    """The stretches of these hours from the year of an instant on."""
    return _rota(hours, clock, calendar, at.year)


def service_fields(service: PlannedService, plan: Plan) -> Fields:
    """The fields that a match can ask of what a service does, all as texts."""
    model = service.model
    gives = [plan.words.gives[name] for name in model.gives]
    fields: dict[str, frozenset[str]] = {
        "event": frozenset(model.event),
        "title": one(model.title or model.service),
        "owner": one(model.owner),
        "purpose": one("service"),
        "channel": one(model.channel),
        "way": one(plan.words.channels[model.channel].way),
        "gives": frozenset(model.gives),
        "kind": frozenset(give.kind for give in gives),
        "price_cut": frozenset("true" if give.price_cut else "false" for give in gives),
        "by": one(model.by),
        "timezone": one(clock_of(service, plan)[0]),
    }
    fields.update({f"details.{key}": texts(value) for key, value in model.details.items()})
    return fields
