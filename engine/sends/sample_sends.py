"""Sends of a triggered touch, where something can change: at edges and openings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from ..clocks import day_of, local, midnight, shift
from ..hours import edges_of_day, is_open, next_open, openings
from ..plan.conditions import Condition, DateBetween
from ..plan.plan import Plan
from ..scalars import Hours
from ..windows import Window
from .set_off import hangs_on, setters_of, trigger_of, triggers_of_day
from .timeline import MAX_WAIT, Send, TriggeredTouch
from .triggers import TriggerSchedule, due_at, send_at, sent_at


def placements(step: TriggeredTouch, window: Window, plan: Plan, most: int = 40) -> Iterator[Send]:
    """Single sends of a step that fall into a window: the latest, and the latest on each day before.

    Raises TooManyTriggers, ``UnknownYear``.
    """
    schedule = TriggerSchedule((step,), (1,), plan)
    end = window.end
    lasting = step.arrives(window.start) - window.start
    for _ in range(most):
        if end < window.start - lasting:
            return
        here = Window(window.start, window.closed, end)
        if schedule.once or schedule.during_day:
            once = [(day, send_at(step, day, plan)) for day in islice(schedule.days(here), most)]
            yield from (sent_at(step, day, at, plan) for day, at in once if at is not None)
            return
        trigger = schedule.latest(step, here)
        if trigger is None:
            return
        exact = schedule.latest(step, here, whole=False) or trigger
        for one in dict.fromkeys((trigger, exact)):
            at = send_at(step, one, plan)
            if at is None or not here.meets(at, step.arrives(at)):
                return
            end = at
            yield sent_at(step, one, at, plan)
        end = midnight(day_of(end, step.campaign.timezone), step.campaign.timezone) - timedelta(minutes=1)


def _first_trigger(step: TriggeredTouch, start: datetime) -> datetime:
    """No trigger before brings a send at ``start`` or later."""
    after = step.model.after
    return (shift(start, after, -1, step.campaign.timezone) if after is not None else start) - MAX_WAIT


def sends_by_trigger(step: TriggeredTouch, plan: Plan, start: datetime, most: int = 800) -> Iterator[Send]:
    """Sends of the first and the last triggers of each day that come at ``start`` or later."""
    zone_name = step.campaign.timezone
    day = day_of(max(step.first, _first_trigger(step, start)), zone_name)
    for n in range(most):
        if midnight(day + timedelta(days=n), zone_name) > step.last:
            return
        for trigger in triggers_of_day(step, day + timedelta(days=n), plan):
            when = send_at(step, trigger, plan)
            if when is not None and when >= start:
                yield sent_at(step, trigger, when, plan)


def edge_sends(
    step: TriggeredTouch, plan: Plan, start: datetime, other: Hours | None = None, clock: str = "UTC"
) -> Iterator[Send]:
    """Sends from ``start`` on at which something changes: a day begins, the event, ``send_in`` or ``other`` hours open or close.

    Between two of them hours stay open or shut, and a send waits no longer. Raises ``UnknownYear``.
    """
    campaign, event = step.campaign, trigger_of(step).event
    day = local(max(step.first, _first_trigger(step, start)), campaign.timezone).date() - timedelta(days=1)
    last = due_at(step, step.last) + timedelta(days=1)
    seen: set[tuple[datetime, datetime]] = set()
    while midnight(day, campaign.timezone) <= last:
        dues = edges_of_day(day, other, clock) | edges_of_day(day, campaign.model.send_in, campaign.timezone)
        if step.model.lasts is not None:
            closing = {at - timedelta(minutes=1) for at in edges_of_day(day, campaign.model.send_in, campaign.timezone)}
            length = step.arrives(midnight(day, campaign.timezone)) - midnight(day, campaign.timezone)
            dues |= closing | {at - length + timedelta(minutes=1) for at in dues}
        after = step.model.after
        edges = {shift(at, after, -1, campaign.timezone) for at in dues} if after is not None else dues
        triggers: set[datetime] = set() if event is not None else {midnight(day, campaign.timezone)}
        for name in [event] if event is not None else setters_of(step, day, plan):
            hours = plan.customers.events[name].model.hours
            for edge in (*edges, *edges_of_day(day, hours, plan.timezone)):
                at = next_open(edge, hours, plan.timezone, plan.calendar)
                if at is not None and (event is not None or day_of(at, campaign.timezone) == day):
                    triggers.add(_by_an_event(at, step))
        for at in sorted(triggers):
            when = send_at(step, at, plan)
            if when is not None and when >= start and (at, when) not in seen:
                seen.add((at, when))
                yield sent_at(step, at, when, plan)
        day += timedelta(days=1)


def _by_an_event(at: datetime, step: TriggeredTouch) -> datetime:
    """An instant at which an event can set a campaign off; as a day begins it is the date that does, so a second later."""
    zone = step.campaign.timezone
    begins = trigger_of(step).date is not None and at == midnight(day_of(at, zone), zone)
    return at + timedelta(seconds=1) if begins else at


def sends_at_openings(step: TriggeredTouch, window: Window, plan: Plan, most: int = 40) -> Iterator[Send]:
    """Sends that waited for an opening of ``send_in``, the first ones in a window."""
    campaign, schedule = step.campaign, TriggerSchedule((step,), (1,), plan)
    hours = campaign.model.send_in
    if hours is None:
        return
    for at in islice(openings(window.start, window.end, hours, campaign.timezone, plan.calendar), most):
        trigger = schedule.latest(step, Window(at, True, at))
        if trigger is not None:
            yield sent_at(step, trigger, at, plan)


@dataclass(frozen=True, slots=True)
class Cause:
    """What sets a campaign off: an event, or a date of the customer that is so as a day begins, or as an event sets it."""

    one_of: tuple[tuple[datetime, str], ...]
    """One of these events; none: a day begins."""
    date_is: Condition | None = None
    """At the trigger."""
    not_before: tuple[datetime, frozenset[str]] | None = None
    """Where an event sets the date: from when on it was not so yet, and the events that could have set it."""


def cause_of(touch: Send, step: TriggeredTouch, plan: Plan) -> Cause:
    """What a customer does to get a triggered send, or what their date must be at the trigger."""
    trigger, zone = trigger_of(step), step.campaign.timezone
    assert touch.trigger is not None  # noqa: S101
    if trigger.event is not None:
        return Cause(((touch.trigger, trigger.event),))
    day = day_of(touch.trigger, zone)
    value, begin = hangs_on(trigger, day), midnight(day, zone)
    is_so = DateBetween(trigger.date or "", value, value)
    setters = setters_of(step, day, plan) if touch.trigger > begin else []
    at = touch.trigger
    hours = {name: plan.customers.events[name].model.hours for name in setters}
    open_then = [n for n, h in hours.items() if h is None or is_open(at, h, plan.timezone, plan.calendar)]
    if not open_then:
        return Cause((), is_so)
    return Cause(tuple((at, name) for name in open_then), is_so, (begin, frozenset(setters)))
