"""Where a touch could go: the first day on which the cap holds with it, tried by the search before it is proposed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from ...clocks import instant, local
from ...kit.asking import Asking
from ...plan.conditions import EVERYONE
from ...reference import groups_of
from ...search.result import Undecided, decided
from ...sends.timeline import Send
from ...windows import Per, leaves_at, window_ending
from .asked import Asked, Violation
from .params import FrequencyCap
from .search import Cap

DAYS = 14
"""How many days are tried."""
MAX_NEAR = 300
"""Among how many other touches; where there are more, nothing is tried."""
BUDGET = 20_000


def can_try(at: Send, asking: Asking[FrequencyCap]) -> bool:
    """Only one clock, and nothing that customers bring about: else a day would be free for some and not for others."""
    plain = asking.rule.clock != "customer" and at.model.clock != "customer" and at.trigger is None
    return plain and not asking.triggered and not asking.evaluation.move_of(at).never


def free_day(worst: Violation, first: datetime, per: Per, asking: Asking[FrequencyCap]) -> datetime | None:
    """The first day from ``first`` (on the touch's clock) on which it keeps to the cap for everybody, at its own hour.

    None: none of the days tried is free, or there are too many touches to try.
    """
    at, rule = worst.at, asking.rule
    begin = first.date() + timedelta(days=first.time() > at.local.time())
    move = asking.evaluation.move_of(at)
    days = [day for n in range(DAYS) if move.allows(day := begin + timedelta(days=n))]
    if not days:
        return None
    moved = [_moved(at, day, asking.plan.timezone) for day in days]
    start = window_ending(moved[0].at, per, rule.clock).start
    end = leaves_at(moved[-1].at, per, rule.clock)
    apart = Asking(rule, asking.evaluation, asking.not_proven)
    params = asking.params
    asked = [Asked(apart, rule.clock, EVERYONE, group, params.at_most) for group in groups_of(at, params.each)]
    near = [t for t in asking.sends if start <= t.at <= end and t is not at and t.status != "draft"]
    if any(len(of_group.of(near)) > MAX_NEAR for of_group in asked):
        return None

    def first_free() -> datetime | None:
        fits = [_fits(worst, moved, of_group.of(near), of_group) for of_group in asked]
        return next((touch.local for touch in moved if all(fit(touch) for fit in fits)), None)

    found = decided(first_free)
    return None if isinstance(found, Undecided) else found


def _moved(at: Send, day: date, timezone: str) -> Send:
    when = datetime.combine(day, at.local.time())
    there = instant(when, at.zone)
    return replace(at, at=there, local=when, day=local(there, timezone).date())


def _fits(worst: Violation, moved: Sequence[Send], others: Sequence[Send], asked: Asked) -> Callable[[Send], bool]:
    """Whether the cap of one group holds with the touch where it was moved to."""
    cap = Cap(asked, sorted([*others, *moved], key=lambda t: t.order))
    if asked.asking.params.tighten:
        cap.limits = [worst.limit] * len(cap.touches)
    cap.pool = cap.share = BUDGET
    index = {id(touch): number for number, touch in enumerate(cap.touches)}
    tried = {index[id(touch)] for touch in moved if id(touch) in index}
    base = [number for number in range(len(cap.touches)) if number not in tried]

    def fits(touch: Send) -> bool:
        number = index.get(id(touch))
        return number is None or cap.holds_with(number, base)

    return fits
