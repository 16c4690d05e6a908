"""The windows of a cap in which triggered campaigns and dated touches can bring most together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta

from ...clocks import TICK, day_of, local, midnight, shift
from ...hours import last_open, next_open, openings
from ...scalars import Hours, zone
from ...sends.set_off import event_of, triggers_of_day
from ...sends.timeline import TriggeredTouch
from ...sends.triggers import TriggerSchedule, due_at, send_at
from ...windows import Per, Window, leaves_at, window_ending
from .search import Cap

DAYS_NEAR = 8
"""How many days before and after a turn triggers are looked at: every day of the week is among them."""
MAX_CHAIN = 8
"""How many triggers after an opening are followed, each as soon after the other as may be."""


def windows_of(cap: Cap, schedules: Sequence[TriggerSchedule]) -> list[Window]:
    """The windows in which most can come together: at a dated touch, at an opening, just before one falls out."""
    per = cap.params.per
    edges = {touch.at for touch in cap.touches}
    for schedule in schedules:
        edges |= set(edges_of(cap, schedule))
    since = cap.params.since
    if since is not None:
        acted = [_since(cap, at) for at in sorted(edges | set(_acts(cap, edges)))]
        return acted if per is None else list(dict.fromkeys([*acted, *_of_length(schedules, cap, edges, per)]))
    if per is None:
        return [Window(at, True, at) for at in sorted(edges)]
    return _of_length(schedules, cap, edges, per)


def dated_windows(cap: Cap) -> list[Window]:
    """The windows of the rule's length that end at a dated touch, or just before something of one falls out."""
    return _of_length((), cap, {touch.at for touch in cap.touches}, cap.params.per) if cap.params.per else []


def acted_windows(cap: Cap) -> list[Window]:
    """For ``since``: from each act on after which most dated touches can count."""
    since, edges = cap.params.since, {touch.at for touch in cap.touches}
    if since is not None and since.lasting is None:
        ever = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
        acted = [Window(ever[0], True, ever[1])]
    else:
        acted = [_since(cap, at) for at in sorted(set(_acts(cap, edges)))]
    return [*acted, *dated_windows(cap)] if cap.params.per is not None else acted


def _of_length(schedules: Sequence[TriggerSchedule], cap: Cap, edges: Set[datetime], per: Per) -> list[Window]:
    """The windows of the rule's length that end at such an instant, or just before something of it falls out."""
    clock = cap.clock
    steps = [step for schedule in schedules for step in schedule.steps if step.model.lasts is not None]
    arrivals = {touch.arrives for touch in cap.touches} | {step.arrives(at) for step in steps for at in edges}
    ends = edges | {leaves_at(at, per, clock) - TICK for at in edges | arrivals}
    return list({window_ending(at, per, clock): None for at in sorted(ends)})


def _acts(cap: Cap, edges: Set[datetime]) -> Iterator[datetime]:
    """The first and last acts after which a dated touch still counts, and the last ones of each day a campaign runs."""
    since, plan = cap.params.since, cap.evaluation.plan
    assert since is not None  # noqa: S101
    for name in since.event:
        hours = plan.customers.events[name].model.hours
        ends = {touch.at for touch in cap.touches}
        if hours is not None:
            days = {day_of(at, plan.timezone) for at in edges}
            ends |= {midnight(day, plan.timezone) + timedelta(days=1, seconds=-1) for day in days}
        for at in ends:
            last = last_open(at, hours, plan.timezone, plan.calendar)
            if last is not None:
                yield last
        if since.lasting is not None:
            for touch in cap.touches:
                start = shift(touch.at, since.lasting, -1, cap.clock) + timedelta(minutes=1)
                first = next_open(start, hours, plan.timezone, plan.calendar)
                if first is not None and first <= touch.at:
                    yield first


def _since(cap: Cap, at: datetime) -> Window:
    """From the customer's act on, as long as what comes then counts together."""
    since, per = cap.params.since, cap.params.per
    assert since is not None  # noqa: S101
    end = datetime(2200, 1, 1, tzinfo=UTC) if since.lasting is None else shift(at, since.lasting, +1, cap.clock)
    if per is not None:
        end = min(end, leaves_at(at, per, cap.clock))
    return Window(at, True, end - TICK)


def edges_of(cap: Cap, schedule: TriggerSchedule) -> Iterator[datetime]:
    """Instants that the fullest windows begin or end with.

    Triggers and their window can be pushed later together until one of them meets an opening or a closing of hours,
    or the end of the campaign; the others then lie a whole number of ``again_after`` from it.
    """
    step = schedule.steps[0]
    first, last = step.first, max(each.ends for each in schedule.steps)
    noon = first + (last - first) / 2
    yield from (first, last.replace(second=0, microsecond=0), noon.replace(minute=0, second=0, microsecond=0))
    for trigger in (*_edge_triggers(cap, schedule), *_edge_days(cap, schedule)):
        for each in schedule.steps:
            at = send_at(each, trigger, cap.evaluation.plan)
            if at is not None:
                yield at
    campaign = step.campaign
    if campaign.model.send_in is not None:
        yield from _openings(cap, step, campaign.model.send_in, campaign.timezone)
    yield from _uneven_days(cap, schedule, first, last)


def _edge_days(cap: Cap, schedule: TriggerSchedule) -> Iterator[datetime]:
    """Triggers on the days around the first one, the last one and as-of: at midnight, and the last that is possible."""
    step, today = schedule.steps[0], cap.evaluation.today
    clock = step.campaign.timezone
    for mark in (step.first, step.last, min(max(today, step.first), step.last)):
        for n in range(-DAYS_NEAR, DAYS_NEAR + 1) if schedule.trigger.date is not None else (0,):
            day = local(mark, clock).date() + timedelta(days=n)
            latest = schedule.opened(min(step.last, midnight(day + timedelta(days=1), clock) - timedelta(minutes=1)))
            yield from (midnight(day, clock), *([latest] if latest is not None else []))
            if schedule.trigger.date is not None:
                yield from triggers_of_day(step, day, cap.evaluation.plan)


def _edge_triggers(cap: Cap, schedule: TriggerSchedule) -> Iterator[datetime]:
    """Where the event becomes possible, and from there on in steps of ``again_after``."""
    event = event_of(schedule.steps[0], cap.evaluation.plan)
    if event is None or event.model.hours is None:
        return
    for opening in _openings(cap, schedule.steps[0], event.model.hours, cap.evaluation.plan.timezone):
        at: datetime | None = opening
        for _ in range(MAX_CHAIN):
            if at is None or at > schedule.steps[0].last:
                break
            yield at
            at = next_open(
                shift(at, schedule.apart, +1, schedule.steps[0].campaign.timezone),
                event.model.hours,
                cap.evaluation.plan.timezone,
                cap.evaluation.plan.calendar,
            )


def _uneven_days(cap: Cap, schedule: TriggerSchedule, first: datetime, last: datetime) -> Iterator[datetime]:
    """Noon of every day where months or years are counted in, else only of days that are longer or shorter."""
    clock = schedule.steps[0].campaign.timezone
    per = cap.params.per
    lengths = [
        schedule.trigger.again_after,
        per.duration if per else None,
        *(s.model.after for s in schedule.steps),
    ]
    uneven = any(length is not None and length.unit in ("mo", "y") for length in lengths)
    day = local(first, clock).date()
    while day <= local(last, clock).date():
        here, there = (midnight(day + timedelta(days=n), clock) for n in (0, 1))
        if uneven or there - here != timedelta(days=1):
            yield here + timedelta(hours=36)
        day += timedelta(days=1)


def _openings(cap: Cap, step: TriggeredTouch, hours: Hours, clock: str) -> Iterator[datetime]:
    """Openings while the campaign runs. Where every week is alike, those of the first weeks, of the last ones, of those

    around as-of and of the days around a change of the clock stand for all.
    """
    per = cap.params.per
    weekly = not hours.needs_calendar and (
        per is None or per.days or (per.duration and per.duration.unit not in ("mo", "y"))
    )
    every = openings(step.first, step.ends, hours, clock, cap.evaluation.plan.calendar)
    if not weekly:
        yield from every
        return
    near = timedelta(days=16)
    marks = (step.first, cap.evaluation.today, due_at(step, step.last), step.ends)
    offsets: set[timedelta | None] = set()
    for at in every:
        around = {zone(clock).utcoffset((at + n * near / 2).replace(tzinfo=None)) for n in (-1, 0, 1)}
        if any(abs(at - mark) < near for mark in marks) or len(around) > 1 or not around <= offsets:
            yield at
        offsets |= around
