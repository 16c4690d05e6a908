"""What a customer may do besides the event itself that keeps an answer from coming."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ...clocks import TICK, shift
from ...kit.receiving import first_in
from ...plan.plan import Plan, PlannedService
from ...reference.obligations import Owed
from ...search.model import Bar, Happening
from ...timeline import Step, Touch
from ...triggers import Reaction, event_of, trigger_of
from ...windows import Window, window_ending
from .reactors import Reactor, stopping


def scenarios(
    event: Happening, uncertain: Sequence[Reactor], owed: Owed, plan: Plan
) -> Iterator[tuple[Happening, ...]]:
    """The event by itself; then with one more event that stops or forestalls an answer; then with all of them."""
    yield (event,)
    ways: list[tuple[Happening, ...]] = []
    for reactor in uncertain:
        ways += [(stop,) for stop in _stops(event[0], reactor, owed.unless, plan)]
        for earlier in _earlier(event, reactor, owed, plan):
            ways.append((earlier,))
            ways += [(earlier, stop) for stop in _stops(earlier[0], reactor, frozenset(), plan) if stop[0] < event[0]]
    distinct = [way for way in dict.fromkeys(ways) if event not in way]
    for way in distinct:
        yield tuple(sorted((event, *way)))
    if len(distinct) > 1:
        yield tuple(sorted({event, *(other for way in distinct for other in way)}))


def _stops(at: datetime, reactor: Reactor, unless: frozenset[str], plan: Plan) -> Iterator[Happening]:
    """An event that ends the sequence between what happened and the answer, as soon as it can come."""
    act = reactor.at(at)
    if act is None or isinstance(reactor.thing, PlannedService):
        return
    begins = max(at, reactor.thing.begins or at) if isinstance(reactor.thing, Touch) else at
    if begins < act:
        yield from first_in(Bar(stopping(reactor.thing) - unless, begins + TICK, act), plan)


def _earlier(event: Happening, reactor: Reactor, owed: Owed, plan: Plan) -> Iterator[Happening]:
    """The same event earlier, so late that this one starts nothing, and so early that its answer does not count."""
    if not isinstance(reactor.thing, Step):
        return
    step, (at, name) = reactor.thing, event
    trigger, declared = trigger_of(step), event_of(step, plan)
    if trigger.again_after is None or trigger.event != name:
        return
    blocks = shift(at, trigger.again_after, -1, step.campaign.timezone)
    before = at
    if owed.per is not None:
        window = window_ending(at, owed.per, owed.clock)
        before = window.start if window.closed else window.start + TICK
    reaction = Reaction((step,), (1,), plan)
    latest = [reaction.latest(step, Window(blocks, False, before - TICK))]
    if stopping(step):
        latest.append(reaction.opened(at - timedelta(seconds=1)))
    assumed = declared.model.assume if declared is not None else None
    if assumed is not None:
        latest.append(reaction.opened(shift(at, assumed.per, -1, plan.timezone) - timedelta(minutes=1)))
    for when in latest:
        if when is not None and blocks < when < at and step.first <= when:
            yield when, name
