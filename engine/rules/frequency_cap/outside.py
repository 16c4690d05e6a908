"""``since`` with ``otherwise: 0``: nothing reaches a customer who has not acted lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from ...calendars import UnknownYear
from ...clocks import TICK, midnight, shift
from ...messages import Message
from ...plan.conditions import Condition, DateBetween, Not
from ...policy.linked import LinkedRule
from ...reference import Customer, Since, admits, outside
from ...scalars import Duration
from ...search.customers import Life
from ...search.steps import OutOfSteps
from ...space.boxes import TooManyBoxes
from ...timeline import MOST_WAIT, Step, Touch
from ...triggers import edge_sends, trigger_of
from ...verdicts import Finding
from ..common import Question, no_year, not_replayed, too_many_alternatives, unproven, who_gets
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


def _since(rule: LinkedRule) -> tuple[tuple[str, ...], Duration]:
    """The events that count, and for how long each lasts."""
    params = rule.params
    assert isinstance(params, FrequencyCap) and params.since is not None and params.since.lasting is not None  # noqa: S101
    return params.since.event, params.since.lasting


def _late_sends(rule: LinkedRule, question: Question, step: Step) -> Iterator[Touch]:
    """Triggered sends that can come outside: of another event at any time, of this one when it waits for too long."""
    (events, lasting), own = _since(rule), trigger_of(step).event
    start = midnight(question.as_of, question.plan.timezone)
    for touch in edge_sends(step, question.plan, start - MOST_WAIT):
        if touch.trigger is None or touch.at < start:
            continue
        over = shift(touch.trigger, lasting, +1, rule.clock if rule.clock != "customer" else touch.zone)
        if own not in events or touch.at >= over:
            yield touch


def _acted(rule: LinkedRule, question: Question, touch: Touch) -> list[Condition]:
    """What attributes that the events set to their day say of somebody who acted within ``lasting``."""
    events, lasting = _since(rule)
    first: date = question.day_of(shift(touch.at, lasting, -1, rule.clock)) + timedelta(days=1)
    names = {name for event in events for name in question.plan.customers.events[event].days_set}
    return [DateBetween(name, first, touch.day) for name in sorted(names)] if first <= touch.day else []


def _who(rule: LinkedRule, question: Question, touch: Touch) -> tuple[Customer | None, list[Message]]:
    """Somebody who gets the touch and has not acted."""
    events, lasting = _since(rule)
    lately = [Not(test) for test in _acted(rule, question, touch)]
    for clock, on_clock in question.clocks(rule):
        life = Life((), frozenset(events), shift(touch.at, lasting, -1, clock) + TICK)
        customer, doubts = who_gets(touch, rule, question, [on_clock, *lately], life)
        if customer is None and not doubts:
            continue
        if customer is not None and not _replayed(rule, question, touch, customer, clock):
            return None, [not_replayed()]
        return customer, doubts
    return None, []


def _replayed(rule: LinkedRule, question: Question, touch: Touch, customer: Customer, clock: str) -> bool:
    """That he can exist and gets it was replayed; here that he is meant and did not act."""
    (events, lasting), plan = _since(rule), question.plan
    acts = [at for at, name in customer.events if name in events]
    return admits(rule.group, customer, touch.at, plan.customers, plan.timezone) and outside(
        touch, Since(acts, lasting), clock
    )
