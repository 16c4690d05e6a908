"""Whether a triggered touch reaches anybody that a rule speaks of, on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ..plan.conditions import EVERYONE, Condition
from ..policy.linked import LinkedRule
from ..reference import Customer
from ..search.result import Nobody, Result, decided, first_found
from ..sends.timeline import Send, TriggeredTouch
from .evaluation import Evaluation
from .receiving import who_gets
from .telling_sends import telling_sends


def who_gets_one(
    step: TriggeredTouch, rule: LinkedRule[Any], evaluation: Evaluation, on_clock: Condition, start: datetime
) -> Iterator[tuple[Send, Result[Customer]]]:
    """For each send from ``start`` on that can tell, somebody of the group who gets it. Raises Undecidable."""
    for touch in telling_sends(step, evaluation, [rule.group, on_clock], start):
        yield touch, who_gets(touch, rule, evaluation, [on_clock])


def reaches_somebody(step: TriggeredTouch, rule: LinkedRule[Any], evaluation: Evaluation, on_clock: Condition) -> bool:
    """Whether some customer of the group may get one; what nobody gets counts for nobody."""
    if step.audience == rule.group == EVERYONE:
        return True
    asked = who_gets_one(step, rule, evaluation, on_clock, step.first)
    return not isinstance(decided(lambda: first_found(answer for _, answer in asked)), Nobody)
