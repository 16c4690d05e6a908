"""What a customer may do besides the event itself that keeps an answer from coming."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ...clocks import TICK, shift
from ...kit.receiving import first_in
from ...plan.plan import Plan, PlannedService
from ...reference.obligations import Owed
from ...search.model import Bar, EventAt
from ...sends.set_off import event_of, trigger_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule
from ...windows import Window, window_ending
from .responders import Responder, stopping


def scenarios(event: EventAt, uncertain: Sequence[Responder], owed: Owed, plan: Plan) -> Iterator[tuple[EventAt, ...]]:
    """The event by itself; then with one more event that stops or forestalls an answer; then with all of them."""
    yield (event,)
    ways: list[tuple[EventAt, ...]] = []
    for responder in uncertain:
        ways += [(stop,) for stop in _stops(event[0], responder, owed.unless, plan)]
        for earlier in _earlier(event, responder, owed, plan):
            ways.append((earlier,))
            ways += [(earlier, stop) for stop in _stops(earlier[0], responder, frozenset(), plan) if stop[0] < event[0]]
    distinct = [way for way in dict.fromkeys(ways) if event not in way]
    for way in distinct:
        yield tuple(sorted((event, *way)))
    if len(distinct) > 1:
        yield tuple(sorted({event, *(other for way in distinct for other in way)}))


def _stops(at: datetime, responder: Responder, unless: frozenset[str], plan: Plan) -> Iterator[EventAt]:
    """An event that ends the sequence between what happened and the answer, as soon as it can come."""
    act = responder.at(at)
    if act is None or isinstance(responder.thing, PlannedService):
        return
    begins = max(at, responder.thing.begins or at) if isinstance(responder.thing, Send) else at
    if begins < act:
        yield from first_in(Bar(stopping(responder.thing) - unless, begins + TICK, act), plan)


def _earlier(event: EventAt, responder: Responder, owed: Owed, plan: Plan) -> Iterator[EventAt]:
    """The same event earlier, so late that this one starts nothing, and so early that its answer does not count."""
    if not isinstance(responder.thing, TriggeredTouch):
        return
    step, (at, name) = responder.thing, event
    trigger, declared = trigger_of(step), event_of(step, plan)
    if trigger.again_after is None or trigger.event != name:
        return
    blocks = shift(at, trigger.again_after, -1, step.campaign.timezone)
    before = at
    if owed.per is not None:
        window = window_ending(at, owed.per, owed.clock)
        before = window.start if window.closed else window.start + TICK
    schedule = TriggerSchedule((step,), (1,), plan)
    latest = [schedule.latest(step, Window(blocks, False, before - TICK))]
    if stopping(step):
        latest.append(schedule.opened(at - timedelta(seconds=1)))
    assumed = declared.model.assume if declared is not None else None
    if assumed is not None:
        latest.append(schedule.opened(shift(at, assumed.per, -1, plan.timezone) - timedelta(minutes=1)))
    for when in latest:
        if when is not None and blocks < when < at and step.first <= when:
            yield when, name
