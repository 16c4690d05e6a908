"""Sends of a triggered touch, where something can change: at edges and openings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from ..clocks import day_of, local, midnight, shift
from ..hours import edges_of_day, last_open, next_open, openings
from ..plan.conditions import EVERYONE, Condition, DateBetween
from ..plan.plan import Plan
from ..scalars import Hours
from ..windows import Window
from .timeline import MAX_WAIT, Send, TriggeredTouch
from .triggers import TriggerSchedule, due_at, event_of, hangs_on, send_at, sent_at, trigger_of


def placements(step: TriggeredTouch, window: Window, plan: Plan, most: int = 40) -> Iterator[Send]:
    """Single sends of a step that fall into a window: the latest, and the latest on each day before.

    Raises TooManyTriggers, ``UnknownYear``.
    """
    schedule = TriggerSchedule((step,), (1,), plan)
    end = window.end
    for _ in range(most):
        if end < window.start:
            return
        here = Window(window.start, window.closed, end)
        if schedule.once:
            once = [(day, send_at(step, day, plan)) for day in islice(schedule.days(here), most)]
            yield from (sent_at(step, day, at, plan) for day, at in once if at is not None)
            return
        trigger = schedule.latest(step, here)
        if trigger is None:
            return
        exact = schedule.latest(step, here, whole=False) or trigger
        for one in dict.fromkeys((trigger, exact)):
            at = send_at(step, one, plan)
            if at is None or not here.holds(at):
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
    event = event_of(step, plan)
    hours = event.model.hours if event else None
    day = day_of(max(step.first, _first_trigger(step, start)), zone_name)
    for n in range(most):
        begin, end = (midnight(day + timedelta(days=n + k), zone_name) for k in (0, 1))
        if begin > step.last:
            return
        triggers = {begin}
        if event is not None:
            first = next_open(begin, hours, plan.timezone, plan.calendar)
            last = last_open(end - timedelta(seconds=1), hours, plan.timezone, plan.calendar)
            triggers = {at for at in (first, last) if at is not None and begin <= at < end}
        for trigger in sorted(triggers):
            when = send_at(step, trigger, plan)
            if when is not None and when >= start:
                yield sent_at(step, trigger, when, plan)


def edge_sends(
    step: TriggeredTouch, plan: Plan, start: datetime, other: Hours | None = None, clock: str = "UTC"
) -> Iterator[Send]:
    """Sends from ``start`` on at which something changes: a day begins, the event, ``send_in`` or ``other`` hours open or close.

    Between two of them hours stay open or shut, and a send waits no longer. Raises ``UnknownYear``.
    """
    campaign, event = step.campaign, event_of(step, plan)
    happens = event.model.hours if event else None
    day = local(max(step.first, _first_trigger(step, start)), campaign.timezone).date() - timedelta(days=1)
    last = due_at(step, step.last) + timedelta(days=1)
    seen: set[tuple[datetime, datetime]] = set()
    while midnight(day, campaign.timezone) <= last:
        if event is None:
            triggers = {midnight(day, campaign.timezone)}
        else:
            dues = edges_of_day(day, other, clock) | edges_of_day(day, campaign.model.send_in, campaign.timezone)
            after = step.model.after
            triggers = {shift(at, after, -1, campaign.timezone) for at in dues} if after is not None else dues
            triggers |= edges_of_day(day, happens, plan.timezone)
        for edge in sorted(triggers):
            at = next_open(edge, happens, plan.timezone, plan.calendar)
            when = send_at(step, at, plan) if at is not None else None
            if at is not None and when is not None and when >= start and (at, when) not in seen:
                seen.add((at, when))
                yield sent_at(step, at, when, plan)
        day += timedelta(days=1)


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


def brings_about(touch: Send, step: TriggeredTouch, plan: Plan) -> tuple[tuple[tuple[datetime, str], ...], Condition]:
    """What a customer does to get a triggered send: the event, or what their date must be at the trigger."""
    trigger = trigger_of(step)
    assert touch.trigger is not None  # noqa: S101
    if trigger.event is not None:
        return ((touch.trigger, trigger.event),), EVERYONE
    value = hangs_on(trigger, day_of(touch.trigger, step.campaign.timezone))
    return (), DateBetween(trigger.date or "", value, value)
