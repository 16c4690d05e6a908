"""Single triggered sends of a cap: whether anybody that the rule speaks of gets one, and who gets the one too many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ...kit.receiving import who_gets
from ...kit.telling_sends import telling_sends
from ...plan.conditions import EVERYONE
from ...reference import Customer
from ...search.result import Found, MaxWeightSet, Nobody, Result, decided, first_found
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule
from .asked import Violation
from .search import Cap

Got = tuple[Send, Customer]


def reaches_somebody(cap: Cap, step: TriggeredTouch) -> bool:
    """Whether some customer of the group may get a send of the step; what nobody gets counts for nobody."""
    if step.audience == cap.rule.group == EVERYONE:
        return True
    return not isinstance(decided(lambda: first_found(answer for _, answer in _who(cap, step, step.first))), Nobody)


def one_too_many(cap: Cap, schedule: TriggerSchedule) -> list[Violation]:
    """For a cap of none: somebody who gets a send that is still to come. Whatever is undecided is a doubt."""
    for step, weight in zip(schedule.steps, schedule.weights, strict=True):
        with cap.asking.guarded(step):
            start = max(step.first, cap.evaluation.today)
            asked = _who(cap, step, start)
            answer = first_found(answer for touch, answer in asked if cap.rule.in_effect(touch.day))
            got = cap.asking.taken(answer, step)
            if got is not None:
                touch, customer = got
                found = MaxWeightSet((0,), weight, customer, True)
                return [Violation(touch, (touch,), found, 0, cap.asked.value, ((touch,), found))]
    return []


def _who(cap: Cap, step: TriggeredTouch, start: datetime) -> Iterator[tuple[Send, Result[Got]]]:
    for touch in telling_sends(step, cap.evaluation, cap.asked.conditions, start):
        answer = who_gets(touch, cap.rule, cap.evaluation, [cap.asked.on_clock])
        yield touch, Found((touch, answer.value)) if isinstance(answer, Found) else answer
