"""``since`` with ``otherwise: 0``: nothing reaches a customer who has not acted lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from ...calendars import UnknownYear
from ...clocks import TICK, midnight, shift
from ...messages import Message, say
from ...plan.conditions import Condition, DateBetween, Not
from ...plan.plan import DAY
from ...policy.linked import LinkedRule
from ...reference import Customer, Since, admits, brought_about, got, impossible, outside
from ...search.customers import Demand, Life, find_customer
from ...search.steps import OutOfSteps
from ...space.boxes import TooManyBoxes, intersection
from ...timeline import MOST_WAIT, Step, Touch
from ...triggers import edge_sends
from ...verdicts import Finding
from ..common import Question, boxes_of, fresh_steps, no_year, too_many_alternatives, unproven
from .params import FrequencyCap
from .search import could_exceed
from .words import outside_finding


def outside_findings(
    rule: LinkedRule, question: Question, touches: Sequence[Touch], steps: Sequence[Step]
) -> list[Finding]:
    """One finding for each campaign with a touch that can reach somebody who has not acted within ``lasting``."""
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    found: dict[str, list[tuple[Touch, Customer]]] = {}
    doubts: dict[str, Finding] = {}

    def doubt(touch: Touch | Step, name: str, missing: Message) -> None:
        doubts.setdefault(name, unproven(rule, could_exceed(params), missing, touch.place, name))

    def ask(touch: Touch) -> bool:
        if not (question.late(touch) and rule.binds(touch.day)):
            return False
        try:
            customer, said = _who(rule, question, touch)
        except (OutOfSteps, TooManyBoxes):
            customer, said = None, [too_many_alternatives()]
        if customer is not None:
            found.setdefault(touch.campaign, []).append((touch, customer))
        elif said:
            doubt(touch, touch.campaign, said[0])
        return customer is not None

    for touch in touches:
        ask(touch)
    for step in steps:
        try:
            any(map(ask, islice(_late_sends(rule, question, step), MOST_TRIED)))
        except UnknownYear as unknown:
            doubt(step, step.campaign.name, no_year(unknown))
    kept = [finding for name, finding in doubts.items() if name not in found]
    return [outside_finding(rule, question, name, entries) for name, entries in sorted(found.items())] + kept


MOST_TRIED = 60
"""How many sends of one triggered touch are tried."""


def _late_sends(rule: LinkedRule, question: Question, step: Step) -> Iterator[Touch]:
    """Triggered sends that can come outside: of another event at any time, of this one when it waits for too long."""
    params, trigger = rule.params, step.campaign.model.trigger
    assert isinstance(params, FrequencyCap) and params.since is not None and params.since.lasting is not None  # noqa: S101
    start = midnight(question.as_of, question.plan.timezone)
    for touch in edge_sends(step, question.plan, start - MOST_WAIT):
        if touch.trigger is None or touch.at < start:
            continue
        over = shift(touch.trigger, params.since.lasting, +1, rule.clock if rule.clock != "customer" else touch.zone)
        if trigger is None or trigger.event not in params.since.event or touch.at >= over:
            yield touch


def _acted(rule: LinkedRule, question: Question, touch: Touch) -> list[Condition]:
    """What attributes that the events set to their day say of somebody who acted within ``lasting``."""
    params = rule.params
    assert isinstance(params, FrequencyCap) and params.since is not None and params.since.lasting is not None  # noqa: S101
    plan = question.plan
    since: date = question.day_of(shift(touch.at, params.since.lasting, -1, rule.clock)) + timedelta(days=1)
    events = [plan.customers.events[name] for name in params.since.event]
    names = {word for event in events for word, value in event.sets.items() if value == DAY and isinstance(value, str)}
    return [DateBetween(name, since, touch.day) for name in sorted(names)] if since <= touch.day else []


def _who(rule: LinkedRule, question: Question, touch: Touch) -> tuple[Customer | None, list[Message]]:
    """Somebody who gets the touch and has not acted."""
    params = rule.params
    assert isinstance(params, FrequencyCap) and params.since is not None  # noqa: S101
    barred = frozenset(params.since.event)
    step = next((s for s in question.line.steps if s.place == touch.place), None) if touch.trigger else None
    trigger = step.campaign.model.trigger if step is not None else None
    events = ((touch.trigger, trigger.event),) if trigger and trigger.event and touch.trigger else ()
    for clock, on_clock in question.clocks(rule):
        conditions = [touch.audience, rule.group, on_clock]
        lately = [Not(test) for test in _acted(rule, question, touch)]
        world = question.world([*conditions, *lately], [touch.day], events)
        boxes = boxes_of(world.space, conditions, touch.day)
        for test in lately:
            boxes = intersection(boxes, world.space.of(test, touch.day))
        steps = fresh_steps(question)
        lasting = params.since.lasting
        since = shift(touch.at, lasting, -1, clock) + TICK if lasting is not None else None
        life = Life(events, barred, since)
        customer = find_customer(world, [Demand(touch.at, touch.day, boxes)], steps, life=life)
        if customer is None:
            if steps.doubts:
                return None, steps.doubts
            continue
        if _replayed(rule, question, touch, customer, clock):
            return customer, []
        return None, [say("a customer was found but did not hold when replayed", "找到的客户在复核时不成立")]
    return None, []


def _replayed(rule: LinkedRule, question: Question, touch: Touch, customer: Customer, clock: str) -> bool:
    params, plan = rule.params, question.plan
    assert isinstance(params, FrequencyCap) and params.since is not None  # noqa: S101
    instants = question.instants if plan.customers.facts else []
    if impossible(customer, plan.customers, {*instants, touch.at}, plan.timezone) is not None:
        return False
    if touch.trigger is None:
        gets = bool(got(customer, [touch], plan.customers, plan.timezone))
    else:
        steps = [s for s in question.line.steps if s.campaign.name == touch.campaign]
        gets = any((t.step, t.at) == (touch.step, touch.at) for t in brought_about(customer, steps, plan))
    acts = [at for at, name in customer.events if name in params.since.event]
    return (
        gets
        and admits(rule.group, customer, touch.at, plan.customers, plan.timezone)
        and outside(touch, Since(acts, params.since.lasting), clock)
    )
