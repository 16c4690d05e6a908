"""Where a touch could go: the first day on which the cap holds with it, tried by the search before it is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from ...calendars import UnknownYear
from ...clocks import instant, local
from ...plan.conditions import EVERYONE
from ...policy.linked import LinkedRule
from ...reference import group_of
from ...space.boxes import TooManyBoxes
from ...timeline import Touch
from ...windows import leaves_at, window_ending
from ..common import Question
from .params import FrequencyCap
from .search import Asked, Cap, Violation

DAYS = 14
"""How many days are tried."""
MOST_NEAR = 300
"""Among how many other touches; where there are more, nothing is tried."""
MOST_TRIED = 40
"""For how many findings of a rule: nobody reads the proposals of hundreds, and each costs as much as a small search."""
BUDGET = 20_000


def can_try(at: Touch, rule: LinkedRule, question: Question) -> bool:
    """Only one clock, and nothing that customers bring about: else a day would be free for some and not for others."""
    plain = rule.clock != "customer" and at.model.clock != "customer" and at.trigger is None
    return plain and not question.matching_steps(rule)


def free_day(
    worst: Violation, first: datetime, among: Sequence[Touch], rule: LinkedRule, question: Question
) -> datetime | None:
    """The first day from ``first`` (on the touch's clock) on which it keeps to the cap for everybody, at its own hour.

    None: none of the days tried is free, or there are too many touches to try.
    """
    at, params = worst.at, rule.params
    assert isinstance(params, FrequencyCap) and params.per is not None  # noqa: S101
    begin = first.date() + timedelta(days=first.time() > at.local.time())
    moved = [_moved(at, begin + timedelta(days=n), question) for n in range(DAYS)]
    start = window_ending(moved[0].at, params.per, rule.clock).start
    end = leaves_at(moved[-1].at, params.per, rule.clock)
    mine = group_of(at, params.each)
    others = [
        touch
        for touch in among
        if start <= touch.at <= end
        and touch is not at
        and touch.status != "draft"
        and group_of(touch, params.each) == mine
    ]
    if len(others) > MOST_NEAR:
        return None
    try:
        return _first_that_fits(worst, moved, others, rule, question)
    except (TooManyBoxes, UnknownYear):
        return None


def _moved(at: Touch, day: date, question: Question) -> Touch:
    when = datetime.combine(day, at.local.time())
    there = instant(when, at.zone)
    return replace(at, at=there, local=when, day=local(there, question.plan.timezone).date())


def _first_that_fits(
    worst: Violation, moved: Sequence[Touch], others: Sequence[Touch], rule: LinkedRule, question: Question
) -> datetime | None:
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    cap = Cap(
        Asked(rule, question, rule.clock, EVERYONE, params.at_most), sorted([*others, *moved], key=lambda t: t.order)
    )
    if params.tighten:
        cap.limits = [worst.limit] * len(cap.touches)
    cap.pool = cap.share = BUDGET
    index = {id(touch): number for number, touch in enumerate(cap.touches)}
    tried = {index[id(touch)] for touch in moved if id(touch) in index}
    base = [number for number in range(len(cap.touches)) if number not in tried]
    for touch in moved:
        number = index.get(id(touch))
        if number is None or cap.holds_with(number, base):
            return touch.local
    return None
