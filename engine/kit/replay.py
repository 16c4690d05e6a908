"""The reference evaluator has the last word: whether a customer can be, and what they really get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ..messages import Message, say
from ..plan.conditions import Condition, OnClock
from ..policy.linked import LinkedRule
from ..reference import (
    CLOCK,
    Customer,
    admits,
    brought_about,
    impossible,
    received_dated,
    received_triggered,
    stopped,
)
from ..sends.timeline import Send
from .evaluation import Evaluation

Sent = tuple[str, int, datetime, datetime | None]


def can_be(customer: Customer, instants: Iterable[datetime], evaluation: Evaluation) -> bool:
    """Whether there can be such a customer, at these instants and, where there are facts, over the whole plan."""
    plan = evaluation.plan
    asked = {*instants, *(evaluation.fact_instants if plan.customers.facts else ())}
    return impossible(customer, plan.customers, asked, plan.timezone) is None


def is_admitted(condition: Condition, customer: Customer, at: datetime, evaluation: Evaluation) -> bool:
    """Whether a condition admits the customer at an instant."""
    return admits(condition, customer, at, evaluation.plan.customers, evaluation.plan.timezone)


def replayed_sends(customer: Customer, touches: Sequence[Send], evaluation: Evaluation) -> list[Send]:
    """Those of the touches that the customer really gets, in order."""
    plan = evaluation.plan
    dated = received_dated(customer, [t for t in touches if t.trigger is None], plan.customers, plan.timezone)
    names = {t.campaign for t in touches if t.trigger is not None}
    steps = [step for step in evaluation.timeline.triggered if step.name in names]
    sends = Counter(_sent(t) for t in received_triggered(customer, steps, plan))
    return [t for t in touches if t in dated or (t.trigger is not None and _takes(sends, _sent(t)))]


def is_reached_at(customer: Customer, touch: Send, at: datetime, evaluation: Evaluation) -> bool:
    """Whether a send reaches the customer at a moment of it: it is sent to them, and they are of its audience then."""
    plan = evaluation.plan
    if touch.trigger is None:
        sent = not stopped(touch, customer.events)
    else:
        steps = [step for step in evaluation.timeline.triggered if step.name == touch.campaign]
        sent = _sent(touch) in map(_sent, brought_about(customer, steps, plan))
    return sent and is_admitted(touch.audience, customer, at, evaluation)


def counted(customer: Customer, touches: Sequence[Send], rule: LinkedRule[Any], evaluation: Evaluation) -> list[Send]:
    """Those of the touches that the customer really gets while they are of the rule's group, in order."""
    mine = replayed_sends(customer, touches, evaluation)
    return [t for t in mine if is_admitted(rule.group, customer, t.at, evaluation)]


def is_same_send(one: Send, other: Send) -> bool:
    """Whether two are the same send: of the same touch, at the same moment, from the same trigger."""
    return _sent(one) == _sent(other)


def _sent(touch: Send) -> Sent:
    return (touch.campaign, touch.index, touch.at, touch.trigger)


def _takes(sends: Counter[Sent], one: Sent) -> bool:
    """Whether there is one more such send; it is taken."""
    sends[one] -= 1
    return sends[one] >= 0


def clock_of(customer: Customer, rule: LinkedRule[Any], at: datetime) -> str:
    """The zone of the clock by which the rule judges this customer."""
    return str(customer.value(CLOCK, at)) if rule.clock == "customer" else rule.clock


def at_its_hour(touch: Send, rule: LinkedRule[Any], clock: str) -> bool:
    """Whether a customer of this clock gets the touch at this hour; at the customer's own hour others get it at theirs."""
    return rule.clock != "customer" or touch.model.clock != "customer" or touch.zone == clock


def on_that_clock(clock: str, rule: LinkedRule[Any]) -> list[Condition]:
    """What holds of the customer's clock, where the rule counts on it."""
    return [OnClock(clock)] if rule.clock == "customer" else []


def not_replayed() -> Message:
    return say("a customer was found but did not hold when replayed", "找到的客户在复核时不成立")
