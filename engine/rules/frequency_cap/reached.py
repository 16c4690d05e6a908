"""For a cap of none: somebody who gets the one too many."""

from __future__ import annotations

from ...kit.reaching import who_gets_one
from ...search.result import Found, MaxWeightSet, first_found
from ...sends.triggers import TriggerSchedule
from .asked import Violation, names_of
from .search import Cap


def one_too_many(cap: Cap, schedule: TriggerSchedule) -> list[Violation]:
    """For a cap of none: somebody who gets a send that is still to come. Whatever is undecided is a doubt."""
    for step, weight in zip(schedule.steps, schedule.weights, strict=True):
        with cap.asking.guarded(step):
            start = max(step.first, cap.evaluation.today)
            asked = who_gets_one(step, cap.rule, cap.evaluation, cap.asked.on_clock, start)
            of_sends = ((touch, answer) for touch, answer in asked if cap.rule.in_effect(touch.day))
            got = cap.asking.taken(
                first_found(Found((t, a.value)) if isinstance(a, Found) else a for t, a in of_sends), step
            )
            if got is not None:
                touch, customer = got
                found = MaxWeightSet((0,), weight, customer, True)
                return [Violation(touch, (touch,), found, 0, cap.asked.value, ((touch,), found), names_of([touch]))]
    return []
