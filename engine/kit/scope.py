"""How far a change of few campaigns carries, where a rule held before: what must be asked again, and of which campaigns.

A kind that says nothing is asked of the whole plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..windows import Per

CALENDAR_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
UNIT_DAYS = {"d": 1, "w": 7, "mo": 31, "y": 366}


@dataclass(frozen=True, slots=True)
class Scope:
    """``each``: every campaign by itself. ``near``: a set of touches breaks it, and every larger set then does too.

    ``filled``: what is added never breaks it, and what is taken away can only for customers of ``for`` who got it.
    ``offers``: it looks at nothing but offers. ``plan``: anything can matter.
    """

    what: Literal["each", "near", "filled", "offers", "plan"]
    days: int | None = None
    """Of ``near``: so many days lie at most between two of such a set, None for any number."""
    one_customer: bool = True
    """Of ``near``: whether one customer gets all of the set."""


EACH, FILLED, OFFERS, PLAN = Scope("each"), Scope("filled"), Scope("offers"), Scope("plan")


def days_of(per: Per) -> int:
    """At most so many days lie between the first and the last instant of such a window."""
    if per.calendar is not None:
        return CALENDAR_DAYS[per.calendar]
    if per.duration is None:
        return per.days or 0
    if per.duration.elapsed:
        return per.duration.seconds // 86_400 + 1
    return per.duration.amount * UNIT_DAYS[per.duration.unit]
