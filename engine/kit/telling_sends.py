"""The sends of a triggered touch that are to be asked about, so that what holds of them holds of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from ..clocks import day_of, local, midnight, shift
from ..hours import edges_of_day, next_open
from ..plan.conditions import Condition, DateIs
from ..scalars import Hours
from ..search.happenings import events_that_change
from ..sends.sample_sends import placements, sends_by_trigger
from ..sends.set_off import event_of, setters_of, trigger_of
from ..sends.timeline import Send, TriggeredTouch
from ..sends.triggers import day_matters, due_at, send_at, sent_at
from ..undecidable import TooManyTriggers
from ..windows import Window
from .evaluation import Evaluation

SECOND = timedelta(seconds=1)
WEEK_AND_MORE = 9
"""So many last days stand for all where one week is like another: what happens in one can happen in a later one."""
MOST = 6000
"""How many sends are looked at."""


def telling_sends(
    step: TriggeredTouch,
    evaluation: Evaluation,
    conditions: Sequence[Condition],
    start: datetime,
    also: Sequence[Hours] = (),
) -> Iterator[Send]:
    """Sends from ``start`` on, one at least for each stretch of time in which the same customers can get it.

    ``conditions`` is what is asked of them beside the audience, ``also`` other hours at whose edges something turns.
    Raises TooManyTriggers, ``UnknownYear``.
    """
    plan = evaluation.plan
    asked = [*conditions, *plan.customers.facts]
    limits = [*turning_hours(step, evaluation, asked), *also]
    if day_matters([step], asked, plan):
        yield from sends_by_trigger(step, plan, start)
        first = max(step.first, start - timedelta(days=WEEK_AND_MORE))
    else:
        yield from placements(step, Window(start, True, step.ends), plan, 1)
        first = max(step.first, start, step.last - timedelta(days=WEEK_AND_MORE))
    if limits:
        yield from _around(step, evaluation, limits, first, start)


def turning_hours(step: TriggeredTouch, evaluation: Evaluation, conditions: Sequence[Condition]) -> list[Hours | None]:
    """The hours of the events that can change who gets it: only then does the hour of the trigger matter."""
    plan, own = evaluation.plan, event_of(step, evaluation.plan)
    name = trigger_of(step).date
    asked = [step.audience, *conditions, own.condition if own is not None else DateIs(name or "", True)]
    changing = events_that_change(plan.customers, asked)
    if not any(event.model.hours is not None for event in changing):
        return []
    stops = [plan.customers.events[name] for name in step.stops_on]
    events = [*changing, *stops, *([own] if own is not None else [])]
    return list({str(event.model.hours): event.model.hours for event in events if event.model.hours}.values())


def moments_of(touch: Send, evaluation: Evaluation, conditions: Sequence[Condition]) -> list[datetime]:
    """Its instant; of a send that lasts also those at which it turns who is reached: as days begin, by the hours of events."""
    if touch.model.lasts is None:
        return [touch.at]
    return instants_that_tell(touch.at, touch.arrives, [touch.audience, *conditions], evaluation)


def instants_that_tell(
    first: datetime, end: datetime, conditions: Sequence[Condition], evaluation: Evaluation
) -> list[datetime]:
    """Instants from ``first`` up to ``end`` such that whoever meets the conditions at any between meets them at one of these."""
    plan = evaluation.plan
    asked = [*conditions, *plan.customers.facts]
    hours = [event.model.hours for event in events_that_change(plan.customers, asked) if event.model.hours is not None]
    found = {first, end - SECOND}
    for day in _days(first, end, plan.timezone):
        found.add(midnight(day, plan.timezone))
        for edge in {at for one in hours for at in edges_of_day(day, one, plan.timezone)}:
            found |= {edge - SECOND, edge, edge + SECOND}
    return sorted(at for at in found if first <= at < end or at == first)


def turns_of(step: TriggeredTouch, evaluation: Evaluation, conditions: Sequence[Condition]) -> set[datetime]:
    """The instants of sends at which it turns who can get them, by the hours of events: at their edges and just after."""
    plan, found = evaluation.plan, set[datetime]()
    limits = turning_hours(step, evaluation, conditions)
    for day in _days(step.first, step.ends, plan.timezone) if limits else ():
        for edge in {at for hours in limits for at in edges_of_day(day, hours, plan.timezone)}:
            found |= {mark + n * SECOND for mark in (edge, due_at(step, edge)) for n in (0, 1)}
    return found


def _around(
    step: TriggeredTouch, evaluation: Evaluation, limits: Sequence[Hours | None], first: datetime, start: datetime
) -> Iterator[Send]:
    """Triggers, and sends, just before, at and just after such hours open and close."""
    plan, seen = evaluation.plan, set[tuple[datetime, datetime]]()
    own, zone = trigger_of(step).event, step.campaign.timezone
    for day in _days(first, step.last + timedelta(days=1), plan.timezone):
        for edge in sorted({at for hours in limits for at in edges_of_day(day, hours, plan.timezone)}):
            due = shift(edge, step.model.after, -1, zone) if step.model.after is not None else edge
            for near in (mark + n * SECOND for mark in dict.fromkeys((edge, due)) for n in (0, 1, -1)):
                for name in [own] if own is not None else setters_of(step, day_of(near, zone), plan):
                    hours = plan.customers.events[name].model.hours
                    trigger = next_open(near, hours, plan.timezone, plan.calendar)
                    when = send_at(step, trigger, plan) if trigger is not None else None
                    if trigger is None or when is None or when < start or (trigger, when) in seen:
                        continue
                    if len(seen) >= MOST:
                        raise TooManyTriggers
                    seen.add((trigger, when))
                    yield sent_at(step, trigger, when, plan)


def _days(first: datetime, last: datetime, clock: str) -> Iterator[date]:
    day = local(first, clock).date()
    while midnight(day, clock) <= last:
        yield day
        day += timedelta(days=1)
