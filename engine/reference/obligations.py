"""What is owed after an event or around a date: whether the acts that one customer gets come in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..calendars import is_workday
from ..clocks import TICK, civil_shift, day_of, midnight, shift
from ..plan.plan import Plan, PlannedService
from ..policy.matches import Fields, TouchMatch
from ..scalars import Duration
from ..sends.services import acts_by, service_fields
from ..sends.timeline import Send, Timeline
from ..windows import Per, Window, window_ending
from .customers import Customer, admits, as_known
from .getting import received_dated, received_triggered
from .rules import days_within


@dataclass(frozen=True, slots=True)
class Act:
    """What the company does for a customer: a touch that they get, or what a service has done by an instant."""

    at: datetime
    fields: Fields
    by: Send | PlannedService
    begins: datetime
    """The first instant at which it can reach the customer; ``at`` is the last one."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What must follow an event: every act of ``do``, ``within`` a time; with ``per`` once in so long is enough.

    Nothing is owed any more if one of ``unless`` happens in that time.
    """

    do: tuple[TouchMatch, ...]
    within: Duration
    per: Per | None
    clock: str
    calendar: str | None
    unless: frozenset[str] = frozenset()

    def released(self, at: datetime, events: Sequence[tuple[datetime, str]]) -> bool:
        return any(name in self.unless and at < when <= self.deadline(at) for when, name in events)

    def deadline(self, at: datetime) -> datetime:
        """The last instant for an act; counted in working days the end of the last of them, of ``0workdays`` the first."""
        if self.within.unit != "workdays" or self.calendar is None:
            return shift(at, self.within, +1, self.clock, self.calendar)
        day = day_of(at, self.clock)
        last = civil_shift(day, self.within, +1, self.calendar)
        while not is_workday(self.calendar, last):
            last += timedelta(days=1)
        return midnight(last + timedelta(days=1), self.clock) - TICK

    def in_time(self, begins: datetime, act: datetime, at: datetime) -> bool:
        """Whether an act that reaches the customer between two instants answers an event at ``at``."""
        if act > self.deadline(at):
            return False
        return begins >= at or (self.per is not None and window_ending(at, self.per, self.clock).holds(begins))


def touches_of(customer: Customer, line: Timeline, plan: Plan, drafts: frozenset[str] = frozenset()) -> list[Act]:
    """The touches that the customer gets; of drafts only those named."""
    counted = [t for t in line.sends if t.status != "draft" or t.campaign in drafts]
    steps = [s for s in line.triggered if s.campaign.model.status != "draft" or s.campaign.name in drafts]
    found = [
        *received_dated(customer, counted, plan.customers, plan.timezone),
        *received_triggered(customer, steps, plan),
    ]
    return [Act(touch.arrives, touch.fields, touch, touch.at) for touch in found]


def services_of(
    customer: Customer, plan: Plan, channel: str | None, only: str | None = None, event: str | None = None
) -> list[Act]:
    """What services do for the customer on their events, which come by ``channel`` where they come by channels.

    With ``only``, what that service does on each ``event``, whatever it says it reacts to.
    """
    found = []
    for at, name in customer.events:
        for service in plan.services:
            if only is not None:
                reacts = service.model.service == only and name == event
            else:
                reacts = reacts_to(service, name, channel, plan)
            if not reacts or not admits(service.audience, customer, at, plan.customers, plan.timezone):
                continue
            by = acts_by(service, at, plan)
            if by is not None:
                found.append(Act(by, service_fields(service, plan), service, at))
    return found


def reacts_to(service: PlannedService, event: str, channel: str | None, plan: Plan) -> bool:
    """Whether a service reacts to an event; where the event comes by channels, to that on its own."""
    if event not in service.model.event:
        return False
    return not plan.customers.events[event].model.channels or service.model.channel == channel


def unanswered(at: datetime, acts: Iterable[Act], owed: Owed) -> list[int]:
    """Which acts of ``do``, by number, do not follow an event in time."""
    timely = [act for act in acts if owed.in_time(act.begins, act.at, at)]
    return [i for i, match in enumerate(owed.do) if not any(match.holds(act.fields) for act in timely)]


def moments_around(day: date, name: str, window: Window, plan: Plan) -> list[datetime]:
    """When somebody is asked about who has this date: as each day of the window begins.

    Where events set the date, it is there from some moment of its day on: the day itself is asked about as it ends.
    """
    first, *rest = days_within(window, plan.timezone)
    if name in plan.customers.set_by_events and day_of(first, plan.timezone) == day:
        first = min(midnight(day + timedelta(days=1), plan.timezone) - TICK, window.end)
    return [first, *rest]


def stands_throughout(customer: Customer, name: str, day: date, window: Window, plan: Plan) -> bool:
    """Whether a date of the customer is this day at every such moment, as it is known there."""
    for at in moments_around(day, name, window, plan):
        if as_known(customer, plan.customers.attributes, at, plan.timezone).value(name, at) != day:
            return False
    return True


def not_done(acts: Sequence[Act], window: Window, do: Sequence[TouchMatch]) -> list[int]:
    """Which acts of ``do``, by number, do not fall into the window."""
    inside = [act for act in acts if window.holds(act.begins) and window.holds(act.at)]
    return [i for i, match in enumerate(do) if not any(match.holds(act.fields) for act in inside)]
