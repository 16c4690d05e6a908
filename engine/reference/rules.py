"""What each rule kind means for one customer: plain sums and comparisons over what he got."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ..clocks import day_of, midnight
from ..plan.conditions import Condition
from ..plan.plan import CustomerModel
from ..timeline import Touch
from ..windows import Per, Window, window_ending
from .customers import Customer, admits


def group_of(touch: Touch, each: str | None) -> str:
    """The value that a cap counts apart by; touches without one share a group of their own."""
    if each is None:
        return ""
    values: frozenset[str] = touch.fields.get(each, frozenset())
    return min(values, default="\0none")


def over_cap(
    counted: Sequence[Touch], at_most: int, per: Per | None, clock: str, each: str | None
) -> list[list[Touch]]:
    """The windows in which too many of ``counted`` (what one customer got) fall, as lists of touches in order.

    A touch counts as often as it is attempted. ``per`` None: each touch by itself.
    """
    windows = [in_window_of(last, counted, per, clock, each) for last in counted]
    return [window for window in windows if sum(touch.model.attempts for touch in window) > at_most]


def in_window_of(last: Touch, counted: Sequence[Touch], per: Per | None, clock: str, each: str | None) -> list[Touch]:
    """Those of ``counted`` that fall, in order, into the window that ends at one of them."""
    window = window_ending(last.at, per, clock) if per is not None else None
    group = group_of(last, each)
    together = [
        touch
        for touch in counted
        if group_of(touch, each) == group and (touch is last if window is None else window.holds(touch.at))
    ]
    return sorted(together, key=lambda touch: touch.order)


def below_floor(
    customer: Customer,
    counted: Iterable[Touch],
    window: Window,
    group: Condition,
    at_least: int,
    model: CustomerModel,
    timezone: str,
) -> bool:
    """Whether the customer is of the group at every instant of the window and gets fewer than ``at_least`` in it."""
    got_there = [touch for touch in counted if window.holds(touch.at)]
    if len(got_there) >= at_least:
        return False
    return all(admits(group, customer, at, model, timezone) for at in days_within(window, timezone))


def days_within(window: Window, timezone: str) -> list[datetime]:
    """An instant of the window on each of its days on the plan's clock."""
    instants = [window.start if window.closed else window.start + timedelta(microseconds=1)]
    while instants[-1] < window.end:
        day = day_of(instants[-1], timezone) + timedelta(days=1)
        instants.append(max(midnight(day, timezone), instants[-1] + timedelta(microseconds=1)))
    return [at for at in instants if at <= window.end]


def fits(
    customer: Customer,
    at: datetime,
    must: Condition | None,
    must_not: Condition | None,
    model: CustomerModel,
    timezone: str,
) -> bool:
    """Whether the customer has the property that ``must`` asks for, and not the one of ``must_not``."""
    if must is not None and not admits(must, customer, at, model, timezone):
        return False
    return must_not is None or not admits(must_not, customer, at, model, timezone)
