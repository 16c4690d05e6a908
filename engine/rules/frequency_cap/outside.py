"""``since`` with ``otherwise: 0``: nothing reaches a customer who has not acted lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from ...calendars import UnknownYear
from ...clocks import TICK, local, shift
from ...hours import openings
from ...messages import Message, say
from ...plan.conditions import Condition, DateBetween, Not
from ...plan.plan import DAY
from ...policy.linked import LinkedRule
from ...reference import Customer, Since, admits, brought_about, got, impossible, outside
from ...search.customers import Demand, Life, find_customer
from ...search.steps import OutOfSteps
from ...space.boxes import TooManyBoxes, intersection
from ...timeline import Step, Touch
from ...triggers import send_at, sent_at
from ...verdicts import Finding
from ..common import Question, boxes_of, fresh_steps, unproven
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
    doubts: list[Finding] = []
    for touch in [*touches, *_late_sends(rule, question, steps)]:
        if not (question.late(touch) and rule.binds(touch.day)):
            continue
        try:
            customer, said = _who(rule, question, touch)
        except (OutOfSteps, TooManyBoxes):
            customer, said = (
                None,
                [say("the audience has too many alternatives to look at", "受众条件的组合过多，无法逐一核对")],
            )
        if customer is not None:
            found.setdefault(touch.campaign, []).append((touch, customer))
        elif said:
            doubts.append(unproven(rule, could_exceed(params), said[0], touch.place, touch.campaign))
    kept = {d.campaign: d for d in doubts if d.campaign not in found}
    return [outside_finding(rule, question, name, entries) for name, entries in sorted(found.items())] + list(
        kept.values()
    )


def _late_sends(rule: LinkedRule, question: Question, steps: Sequence[Step]) -> list[Touch]:
    """Triggered sends that can come outside: of another event at any time, of this one when it waits for too long."""
    params = rule.params
    assert isinstance(params, FrequencyCap) and params.since is not None and params.since.lasting is not None  # noqa: S101
    found: list[Touch] = []
    for step in steps:
        trigger = step.campaign.model.trigger
        assert trigger is not None  # noqa: S101
        for at in _instants(step, question):
            try:
                when = send_at(step, at, question.plan)
            except UnknownYear:
                continue
            if when is None or (
                trigger.event in params.since.event and when < shift(at, params.since.lasting, +1, rule.clock)
            ):
                continue
            found.append(sent_at(step, at, when, question.plan))
            break
    return found


def _instants(step: Step, question: Question) -> list[datetime]:
    """Triggers worth trying: as the campaign begins to count, and just after each closing of its hours."""
    first = max(step.first, datetime.combine(question.as_of, datetime.min.time(), tzinfo=step.first.tzinfo))
    found = [first + timedelta(hours=12)]
    hours = step.campaign.model.send_in
    if hours is not None:
        for at in openings(
            first, min(step.last, first + timedelta(days=60)), hours, step.campaign.timezone, question.plan.calendar
        ):
            for span in hours.days[local(at, step.campaign.timezone).weekday()]:
                found.append(at + timedelta(seconds=span[1] - span[0]))
    return found


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
