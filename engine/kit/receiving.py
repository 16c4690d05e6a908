"""Who gets a send: what must be so of them at which instant, what happens to them and what does not, and somebody who is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..clocks import TICK
from ..hours import next_open
from ..messages import Message, say
from ..plan.conditions import Condition, Not
from ..plan.plan import Plan
from ..policy.linked import LinkedRule
from ..reference import Customer
from ..search.budget import SearchBudget
from ..search.customer import find_customer
from ..search.model import NO_EVENTS, Bar, Demand, EventAt, EventScript, ReachConstraint, SearchContext
from ..search.result import NOBODY, Found, Nobody, Result, Undecided, decided
from ..sends.sample_sends import cause_of
from ..sends.timeline import Send
from ..windows import Window
from .evaluation import Evaluation, boxes_of
from .replay import can_be, is_reached_at, not_replayed

ConditionsAt = tuple[datetime, Sequence[Condition]]
"""What must be so of the customer at an instant."""
Served = tuple[float, datetime, Condition]
"""How much something counts for whoever it reaches, when, and whom it reaches."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What must be so of whoever gets a send, beside its audience at its instant: at its trigger, and in their life."""

    also: tuple[ConditionsAt, ...]
    script: EventScript


def receipt(touch: Send, evaluation: Evaluation) -> Receipt:
    """What brings a send about, and that nothing stops it on the way."""
    if touch.trigger is None:
        stops = touch.stops_on if touch.begins is not None and touch.begins < touch.at else frozenset()
        begins = touch.begins or touch.at
        return Receipt((), EventScript((), _bars(stops, begins, touch.at)))
    step = evaluation.triggered_touch_of(touch)
    cause, at = cause_of(touch, step, evaluation.plan), touch.trigger
    also: list[ConditionsAt] = []
    bars = _bars(step.stops_on, at, touch.at)
    if cause.date_is is not None:
        also.append((at, (cause.date_is,)))
        if cause.not_before is not None:
            begin, setters = cause.not_before
            also.append((begin, (Not(cause.date_is),)))
            bars = (*bars, Bar(setters, begin, at - TICK))
    sure = cause.one_of if len(cause.one_of) == 1 else ()
    return Receipt(tuple(also), EventScript(sure, bars, () if len(cause.one_of) < 2 else (cause.one_of,)))


def _bars(stops: frozenset[str], begins: datetime, at: datetime) -> tuple[Bar, ...]:
    return (Bar(stops, begins + TICK, at),) if stops and at > begins else ()


def first_in(bar: Bar, plan: Plan) -> Iterator[EventAt]:
    """The events that a bar names, each as soon as it can come in its time: what stops a sequence stops it there."""
    assert bar.since is not None and bar.until is not None  # noqa: S101  # what stops a send has both ends
    begins = bar.since - TICK
    soon = begins + timedelta(minutes=1)
    for name in sorted(bar.events):
        first = soon if soon <= bar.until else begins + timedelta(seconds=1)
        at = next_open(first, plan.customers.events[name].model.hours, plan.timezone, plan.calendar)
        if at is not None and bar.holds(name, at):
            yield at, name


def ways_to_stop(touches: Iterable[Send], evaluation: Evaluation) -> Iterator[tuple[EventAt, ...]]:
    """Each event that stops one of these sends, as soon as it can; then all of them."""
    bars = dict.fromkeys(bar for touch in touches for bar in receipt(touch, evaluation).script.bars)
    events = list(dict.fromkeys(event for bar in bars for event in first_in(bar, evaluation.plan)))
    yield from ((event,) for event in events)
    if len(events) > 1:
        yield tuple(sorted(events))


def stoppable_for(touch: Send, conditions: Sequence[Condition], evaluation: Evaluation) -> bool:
    """Whether an event that stops a send can happen to somebody who meets the conditions.

    Told only where the conditions, and to whom the events can happen, never change; else it may.
    """
    events = {name for bar in receipt(touch, evaluation).script.bars for name in bar.events}
    for name in events:
        whom = evaluation.plan.customers.events[name].condition
        asked = [*conditions, whom]
        if not all(map(evaluation.never_changes, asked)):
            return True
        if not isinstance(somebody(evaluation, [(touch.at, asked)]), Nobody):
            return True
    return False


def may_be_stopped() -> Message:
    return say(
        "what an event can stop may not come, and it could not be settled whether that matters",
        "可能被事件中止的触达不一定会到，无法确定这是否有影响",
    )


def comes_when() -> Message:
    return say("sends that last (lasts) come at a moment that is not known", "持续发送（lasts）何时到达并不确定")


def somebody(
    evaluation: Evaluation,
    asked: Sequence[ConditionsAt],
    script: EventScript = NO_EVENTS,
    reached_by: Sequence[Served] = (),
    at_most: float = 0,
    window: Window | None = None,
    context: SearchContext | None = None,
    budget: SearchBudget | None = None,
) -> Result[Customer]:
    """Somebody who is so at each instant, to whom that happens, and whom at most ``at_most`` of ``reached_by`` reach.

    In ``window`` attributes that change keep one value. ``context`` is a space in which all of this can be asked, where
    there is one already; ``budget`` one that is shared with other searches.
    """
    return decided(lambda: _find(evaluation, asked, script, reached_by, at_most, window, context, budget))


def _find(
    evaluation: Evaluation,
    asked: Sequence[ConditionsAt],
    script: EventScript,
    reached_by: Sequence[Served],
    at_most: float,
    window: Window | None,
    context: SearchContext | None,
    budget: SearchBudget | None,
) -> Result[Customer]:
    day_of = evaluation.day_of
    if context is None:
        told = [c for _, listed in asked for c in listed] + [c for *_, c in reached_by]
        days = {day_of(at) for at, _ in asked} | {day_of(at) for _, at, _ in reached_by}
        context = evaluation.context(told, days, script.possible)
    space = context.space
    demands = [Demand(at, day_of(at), boxes_of(space, listed, day_of(at))) for at, listed in asked]
    if not all(demand.boxes for demand in demands):
        return NOBODY
    reached = [(weight, at, space.of(c, day_of(at))) for weight, at, c in reached_by]
    still = ReachConstraint(window, reached, at_most) if reached or window is not None else None
    return find_customer(context, demands, budget or evaluation.fresh_budget(), still, script)


def who_gets(
    touch: Send,
    rule: LinkedRule[Any],
    evaluation: Evaluation,
    conditions: Sequence[Condition] = (),
    script: EventScript = NO_EVENTS,
    at: datetime | None = None,
) -> Result[Customer]:
    """Somebody of the rule's group who gets a send and meets the conditions then; replayed.

    ``at`` is a later moment of a send that lasts, at which it reaches them.
    """
    needs, when = receipt(touch, evaluation), at or touch.at
    asked: list[ConditionsAt] = [(when, [touch.audience, rule.group, *conditions]), *needs.also]
    answer = somebody(evaluation, asked, script.together(needs.script))
    if isinstance(answer, Found):
        customer = answer.value
        if not (can_be(customer, [when], evaluation) and is_reached_at(customer, touch, when, evaluation)):
            return Undecided(not_replayed())
    return answer
