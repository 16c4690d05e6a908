"""The witness of a finding: the customer in words, saying only what matters, and what they get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from ..plan.conditions import Condition, OnClock
from ..policy.linked import LinkedRule
from ..reference import Customer
from ..sends.timeline import Send
from ..verdicts import Witness, Witnessed
from .describing import describe
from .evaluation import Evaluation
from .receiving import receipt
from .steadying import steadied


def witness_of(
    evaluation: Evaluation,
    rule: LinkedRule[Any],
    customer: Customer,
    touches: Sequence[Send],
    asking: Sequence[Send] | None = None,
    also: Sequence[Condition] = (),
    since: datetime | None = None,
) -> Witness:
    """The customer in words, saying only what the rule and the touches (or ``asking``) ask about, ``since`` an instant."""
    told = touches if asking is None else asking
    customer = steadied(customer, told, rule, evaluation)
    hung = [c for t in told for _, listed in receipt(t, evaluation).also for c in listed]
    by_their_clock = [OnClock("")] if rule.clock == "customer" else []
    conditions = [
        rule.group,
        *also,
        *by_their_clock,
        *hung,
        *rule.conditions.values(),
        *(touch.audience for touch in told),
    ]
    instants = [at for touch in told for at in (touch.trigger, touch.at) if at is not None]
    instants += [since] if since is not None else []
    words = describe(customer, evaluation.plan.customers, conditions, instants, evaluation.plan.timezone)
    return Witness(customer, words, seen(touches))


def seen(touches: Iterable[Send]) -> tuple[Witnessed, ...]:
    """The touches of a witness, as they are reported."""
    return tuple(Witnessed(t.campaign, t.model.channel, t.at, t.local, t.index) for t in touches)
