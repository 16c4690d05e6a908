"""Opening hours: whether an instant falls in them, and when they open next or were open last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from .calendars import is_holiday, is_workday
from .clocks import instant, local
from .scalars import Hours

Span = tuple[datetime, datetime]
FAR = 400
"""Days after which hours that have not opened are taken never to open."""


def is_open(at: datetime, hours: Hours, clock: str, calendar: str | None) -> bool:
    """Whether an instant falls in the hours on a clock. Hours across midnight belong to the day they start.

    Raises ``UnknownYear`` where the calendar has no data.
    """
    here = local(at, clock)
    second = here.hour * 3600 + here.minute * 60 + here.second
    for back in (0, 1):
        day = here.date() - timedelta(days=back)
        for start, end in spans_on(day, hours, calendar):
            if start <= second + back * 86400 < end:
                return True
    return False


def spans_on(day: date, hours: Hours, calendar: str | None) -> tuple[tuple[int, int], ...]:
    """The open spans of one day: those of holidays or workdays where stated and that day is one, else its weekday's."""
    if (
        calendar is not None
        and hours.holidays is not None
        and is_holiday(calendar, day)
        and not is_workday(calendar, day)
    ):
        return hours.holidays
    if calendar is not None and hours.workdays is not None and is_workday(calendar, day):
        return hours.workdays
    return hours.days[day.weekday()]


def edges_of_day(day: date, hours: Hours | None, clock: str) -> set[datetime]:
    """The instants of a day at which hours can open or close, and its beginning."""
    spans = (
        [span for spans in (*hours.days, hours.holidays or (), hours.workdays or ()) for span in spans] if hours else []
    )
    begin = datetime.combine(day, time())
    return {instant(begin + timedelta(seconds=n), clock) for n in {0, *(edge for span in spans for edge in span)}}


def _spans_around(at: datetime, hours: Hours, clock: str, calendar: str | None, step: int) -> Iterator[Span]:
    """Open spans as instants, day after day (``step`` 1) or day before day (−1), from the day before or after on."""
    day = local(at, clock).date() - timedelta(days=step)
    for _ in range(FAR):
        midnight_there = datetime.combine(day, time())
        spans = spans_on(day, hours, calendar)
        for start, end in spans if step > 0 else reversed(spans):
            yield (
                instant(midnight_there + timedelta(seconds=start), clock),
                instant(midnight_there + timedelta(seconds=end), clock),
            )
        day += timedelta(days=step)


def next_open(at: datetime, hours: Hours | None, clock: str, calendar: str | None) -> datetime | None:
    """The first open instant at or after ``at``. Raises ``UnknownYear``."""
    if hours is None or is_open(at, hours, clock, calendar):
        return at
    return next((start for start, _ in _spans_around(at, hours, clock, calendar, 1) if start >= at), None)


def last_open(at: datetime, hours: Hours | None, clock: str, calendar: str | None) -> datetime | None:
    """The last open instant (of whole seconds) at or before ``at``. Raises ``UnknownYear``."""
    if hours is None or is_open(at, hours, clock, calendar):
        return at
    ends = (end for _, end in _spans_around(at, hours, clock, calendar, -1) if end <= at)
    end = next(ends, None)
    return None if end is None else end - timedelta(seconds=1)


def openings(first: datetime, last: datetime, hours: Hours, clock: str, calendar: str | None) -> Iterator[datetime]:
    """Every instant between two at which the hours open, spans that touch taken as one. Raises ``UnknownYear``."""
    day = local(first, clock).date()
    while (midnight_there := instant(datetime.combine(day, time()), clock)) <= last:
        for start, _ in spans_on(day, hours, calendar):
            at = instant(datetime.combine(day, time()) + timedelta(seconds=start), clock)
            if first <= at <= last and not is_open(at - timedelta(seconds=1), hours, clock, calendar):
                yield at
        day = (local(midnight_there, clock) + timedelta(days=1)).date()
