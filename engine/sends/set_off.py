"""What sets a campaign off: an event of the customer, or a date as a day begins or as an event sets it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ..clocks import civil_shift, day_of, midnight
from ..hours import last_open, next_open
from ..plan.campaigns import Trigger
from ..plan.plan import DAY, Plan, PlannedEvent
from .timeline import TriggeredTouch


def trigger_of(step: TriggeredTouch) -> Trigger:
    trigger = step.campaign.model.trigger
    assert trigger is not None  # noqa: S101
    return trigger


def event_of(step: TriggeredTouch, plan: Plan) -> PlannedEvent | None:
    """The event that sets the campaign off; None where it hangs on a date."""
    name = trigger_of(step).event
    return plan.customers.events[name] if name is not None else None


def setters_of(step: TriggeredTouch, day: date, plan: Plan) -> list[str]:
    """The events that can set a campaign off on a day by setting the date that it hangs on, if that changes."""
    trigger, model = trigger_of(step), plan.customers
    if trigger.date is None or model.attributes[trigger.date].changes in (None, "never"):
        return []
    value = hangs_on(trigger, day)
    near = 0 if step.campaign.timezone == plan.timezone else 1
    own = value if abs((value - day).days) <= near else None
    sets = {name: event.sets[trigger.date] for name, event in model.events.items() if trigger.date in event.sets}
    return [name for name, set_to in sets.items() if (own if set_to is DAY else set_to) == value]


def midnights_within(first: datetime, last: datetime, step: TriggeredTouch, plan: Plan) -> list[datetime]:
    """Where a day of the plan begins later than on the campaign's clock: a date of that day is there from then on."""
    if step.campaign.timezone == plan.timezone:
        return []
    day, found = day_of(first, plan.timezone), []
    while (at := midnight(day, plan.timezone)) <= last:
        if at >= first:
            found.append(at)
        day += timedelta(days=1)
    return found


def triggers_of_day(step: TriggeredTouch, day: date, plan: Plan) -> list[datetime]:
    """The first and the last instants of a day at which a campaign can be set off; on a date as the day begins, too."""
    zone, own = step.campaign.timezone, trigger_of(step).event
    begin, end = (midnight(day + timedelta(days=n), zone) for n in (0, 1))
    found = set() if own is not None else {begin, *midnights_within(begin, end - timedelta(seconds=1), step, plan)}
    for name in [own] if own is not None else setters_of(step, day, plan):
        hours = plan.customers.events[name].model.hours
        first = next_open(
            begin if own is not None else begin + timedelta(seconds=1), hours, plan.timezone, plan.calendar
        )
        last = last_open(end - timedelta(seconds=1), hours, plan.timezone, plan.calendar)
        found |= {at for at in (first, last) if at is not None and begin <= at < end}
    return sorted(found)


def hangs_on(trigger: Trigger, day: date) -> date:
    """The customer's date that sets a campaign off on ``day``."""
    if trigger.before is not None:
        return civil_shift(day, trigger.before, +1)
    return civil_shift(day, trigger.after, -1) if trigger.after is not None else day
