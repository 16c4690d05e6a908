"""Clocks: local times and instants, civil and elapsed durations. Instants are aware datetimes in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from .calendars import is_workday
from .scalars import CIVIL, Duration, zone

TICK = timedelta(microseconds=1)
"""The shortest time there is here: just before an event, just after the end of a window."""


def instant(local: datetime, zone_name: str) -> datetime:
    """The instant of a local time. In a gap the offset before it counts; of a time that comes twice, the first."""
    return local.replace(tzinfo=zone(zone_name), fold=0).astimezone(UTC)


def local(at: datetime, zone_name: str) -> datetime:
    """What the clock in the zone shows at an instant (naive)."""
    return at.astimezone(zone(zone_name)).replace(tzinfo=None, fold=0)


def day_of(at: datetime, zone_name: str) -> date:
    return at.astimezone(zone(zone_name)).date()


def midnight(day: date, zone_name: str) -> datetime:
    return instant(datetime.combine(day, time()), zone_name)


def civil_shift(day: date, duration: Duration, sign: int, calendar: str | None = None) -> date:
    """``day`` moved by a civil duration; months and years end at the last day that the month has (RFC 5545 has it so)."""
    if duration.unit == "workdays":
        return _workdays(day, duration.amount, sign, calendar)
    if duration.unit in ("d", "w"):
        return day + timedelta(days=sign * duration.amount * (7 if duration.unit == "w" else 1))
    moved: date = day + relativedelta(**{CIVIL[duration.unit]: sign * duration.amount})  # type: ignore[arg-type]
    return moved


def _workdays(day: date, amount: int, sign: int, calendar: str | None) -> date:
    if calendar is None:
        raise ValueError("working days need a calendar")
    left = amount
    while left:
        day += timedelta(days=sign)
        left -= is_workday(calendar, day)
    return day


def shift(at: datetime, duration: Duration, sign: int, zone_name: str, calendar: str | None = None) -> datetime:
    """The instant ``duration`` after (+1) or before (−1): elapsed for s, min, h; else at the same time on the clock."""
    if duration.elapsed:
        return at + sign * timedelta(seconds=duration.seconds)
    here = local(at, zone_name)
    return instant(datetime.combine(civil_shift(here.date(), duration, sign, calendar), here.time()), zone_name)


def turns(
    duration: Duration, first: datetime, last: datetime, clock: str, calendar: str | None = None
) -> set[datetime]:
    """The instants at which what lies ``duration`` later can change its course: none for elapsed time.

    In days and longer it may jump at midnight (the ends of months, working days) and where the clock changes.
    """
    if duration.elapsed:
        return set()
    found: set[datetime] = set()
    day, before = day_of(first, clock) - timedelta(days=1), timedelta(days=1)
    at = midnight(day, clock)
    while at <= last + timedelta(days=1):
        found.add(at)
        following = midnight(day + timedelta(days=1), clock)
        if following - at != before:
            changes = {at + timedelta(hours=n) for n in range(26)}
            found |= changes | {shift(change, duration, -1, clock, calendar) for change in changes}
        day, at = day + timedelta(days=1), following
    return found
