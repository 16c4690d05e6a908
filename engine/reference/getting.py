"""What a customer gets: dated touches that admit them, and the sends that they bring about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from ..clocks import day_of, midnight, shift
from ..plan.campaigns import Trigger
from ..plan.plan import CustomerModel, Plan
from ..sends.set_off import hangs_on, midnights_within
from ..sends.timeline import Send, TriggeredTouch
from ..sends.triggers import send_at, sent_at
from .customers import Customer, admits, as_known, meets

EventsAt = Sequence[tuple[datetime, str]]
"""Events with their instants, in order."""


def received_dated(customer: Customer, touches: Iterable[Send], model: CustomerModel, timezone: str) -> list[Send]:
    """The touches that the customer gets: those whose audience admits them at their instant, and that nothing stopped."""
    listed = [touch for touch in touches if not stopped(touch, customer.events)]
    known = {at: as_known(customer, model.attributes, at, timezone) for at in {touch.at for touch in listed}}
    return [touch for touch in listed if meets(touch.audience, known[touch.at], touch.at, timezone)]


def stopped(touch: Send, events: EventsAt) -> bool:
    """Whether an event ended the sequence of a dated campaign: after its first touch, at this one or before."""
    return touch.begins is not None and any(
        name in touch.stops_on and touch.begins < at <= touch.at for at, name in events
    )


def received_triggered(customer: Customer, steps: Sequence[TriggeredTouch], plan: Plan) -> list[Send]:
    """The triggered sends that the customer gets."""
    found = brought_about(customer, steps, plan)
    return [touch for touch in found if admits(touch.audience, customer, touch.at, plan.customers, plan.timezone)]


def brought_about(customer: Customer, steps: Sequence[TriggeredTouch], plan: Plan) -> list[Send]:
    """The triggered sends that the customer sets off, whether or not they are of the audience."""
    found: list[Send] = []
    for _, campaign in groupby(steps, key=lambda step: step.campaign.name):
        listed = list(campaign)
        trigger = listed[0].campaign.model.trigger
        dates = _dates(customer, trigger, listed[0], plan) if trigger is not None and trigger.date else []
        found += expand_trigger(customer.events, dates, listed, plan)
    return found


def expand_trigger(
    events: EventsAt, dates: Sequence[datetime], steps: Sequence[TriggeredTouch], plan: Plan
) -> list[Send]:
    """The sends of one campaign that these events, or dates of the customer, lead to, whoever the audience is."""
    campaign = steps[0].campaign
    trigger = campaign.model.trigger
    assert trigger is not None  # noqa: S101
    stops = steps[0].stops_on
    triggers = dates if trigger.date else [at for at, name in events if name == trigger.event]
    touches: list[Send] = []
    latest: datetime | None = None
    for at in triggers:
        if not steps[0].first <= at <= steps[0].last:
            continue
        apart = trigger.again_after
        if apart is not None and latest is not None and at < shift(latest, apart, +1, campaign.timezone):
            continue
        latest = at
        for step in steps:
            when = send_at(step, at, plan)
            if when is not None and not any(name in stops and at < other <= when for other, name in events):
                touches.append(sent_at(step, at, when, plan))
    return touches


def _dates(customer: Customer, trigger: Trigger, step: TriggeredTouch, plan: Plan) -> list[datetime]:
    """When the customer's date sets the campaign off: as a day begins on its clock, or as an event sets the date that day."""
    found = []
    zone, name = step.campaign.timezone, trigger.date or ""
    day = day_of(step.first, zone)
    setting = [at for at, event in customer.events if name in plan.customers.events[event].sets]
    setting += midnights_within(step.first, step.last, step, plan)
    while (begin := midnight(day, zone)) <= step.last:
        for at in (begin, *sorted(at for at in setting if at > begin and day_of(at, zone) == day)):
            known = as_known(customer, plan.customers.attributes, at, plan.timezone)
            if known.value(name, at) == hangs_on(trigger, day):
                found.append(at)
                break
        day += timedelta(days=1)
    return found
