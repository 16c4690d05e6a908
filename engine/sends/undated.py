"""What has no date is looked at over a year, as far as the holidays that it asks about are announced."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

from ..calendars import is_announced
from ..plan.plan import Plan

ENDLESS_DAYS = 366


def calendars_asked(plan: Plan) -> set[str]:
    """The calendars whose holidays something of the plan asks about."""
    hours = [campaign.model.send_in for campaign in plan.campaigns]
    hours += [event.model.hours for event in plan.customers.events.values()]
    own = plan.calendar if any(one is not None and one.needs_calendar for one in hours) else None
    found = {own}
    for service in plan.services:
        asks = service.model.within.unit == "workdays" or (service.model.hours and service.model.hours.needs_calendar)
        found.add((service.model.calendar or plan.calendar) if asks else None)
    return {name for name in found if name is not None}


def sample_days(plan: Plan, first: date) -> tuple[date, date]:
    """The days that stand for all where a plan names none: a year from ``first`` on, as far as holidays are announced."""
    return year_from(first, calendars_asked(plan))


def year_from(first: date, calendars: Set[str]) -> tuple[date, date]:
    """The same, where it is known which calendars are asked."""
    until = first + timedelta(days=ENDLESS_DAYS)
    for calendar in calendars:
        while until.year > first.year and not is_announced(calendar, until.year):
            until = date(until.year - 1, 12, 31)
    return first, until
