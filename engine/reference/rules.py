"""What each rule kind means for one customer: plain sums and comparisons over what they got."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ..clocks import day_of, midnight, shift
from ..plan.conditions import Condition
from ..plan.plan import CustomerModel
from ..policy.matches import TouchMatch
from ..scalars import Duration
from ..sends.timeline import Send, TriggeredTouch
from ..windows import Per, Window, window_ending
from .customers import Customer, admits

UNSAID = "\0none"
"""The group that touches without a value share."""


def group_of(touch: Send | TriggeredTouch, field: str) -> str:
    """The value of a field that has one at most."""
    return min(touch.fields.get(field, ()), default=UNSAID)


def groups_of(touch: Send | TriggeredTouch, each: str | None) -> frozenset[str]:
    """The values that a cap counts a touch by, each apart: one of several values counts in the group of each."""
    if each is None:
        return frozenset(("",))
    return touch.fields.get(each) or frozenset((UNSAID,))


def groups_among(touches: Iterable[Send | TriggeredTouch], each: str | None) -> list[str]:
    """All of the groups of some touches, in order."""
    return sorted({group for touch in touches for group in groups_of(touch, each)})


def over_cap(
    counted: Sequence[Send],
    at_most: int,
    per: Per | None,
    clock: str,
    each: str | None,
    since: Since | None = None,
    amount: Callable[[Sequence[Send]], int | Decimal] | None = None,
) -> list[list[Send]]:
    """The windows in which too many of ``counted`` (what one customer got) fall, as lists of touches in order.

    A touch counts as often as it is attempted, unless ``amount`` says how much a list of touches counts. ``per`` None
    without ``since``: each touch by itself.
    """
    apart = [[t for t in counted if group in groups_of(t, each)] for group in groups_among(counted, each)]
    windows = [counted_together(last, mine, per, clock, since) for mine in apart for last in mine]
    return [window for window in windows if (amount or contacts)(window) > at_most]


def contacts(touches: Sequence[Send]) -> int:
    return sum(touch.contacts for touch in touches)


@dataclass(frozen=True, slots=True)
class Since:
    """Counting from the customer's latest act: the instants of their acts, and for how long it lasts (None: for good)."""

    acts: Sequence[datetime]
    lasting: Duration | None


def counted_together(
    last: Send, counted: Sequence[Send], per: Per | None, clock: str, since: Since | None
) -> list[Send]:
    """What of a group counts together with ``last``: its window's touches, after the customer's latest act."""
    if since is None:
        return in_window_of(last, counted, per, clock)
    before = [touch for touch in counted if touch.order <= last.order]
    together = in_window_of(last, counted, per, clock) if per is not None else sorted(before, key=_order)
    latest = max((at for at in since.acts if at <= last.at), default=None)
    if latest is None:
        return [] if since.lasting is not None else together
    if since.lasting is not None and last.at >= shift(latest, since.lasting, +1, clock):
        return []
    return [touch for touch in together if touch.at >= latest]


def no_recent_event(last: Send, since: Since, clock: str) -> bool:
    """Whether the customer gets a touch without having acted within ``lasting`` before."""
    assert since.lasting is not None  # noqa: S101
    return not any(at <= last.at < shift(at, since.lasting, +1, clock) for at in since.acts)


def _order(touch: Send) -> tuple[datetime, str, int]:
    return touch.order


def in_window_of(last: Send, counted: Sequence[Send], per: Per | None, clock: str) -> list[Send]:
    """Those of ``counted`` that fall, in order, into the window that ends at one of them: what lasts at any moment of it."""
    window = window_ending(last.at, per, clock) if per is not None else None
    mine = (t for t in counted if (t is last if window is None else window.meets(t.at, t.arrives)))
    return sorted(mine, key=_order)


def below_floor(
    customer: Customer,
    counted: Iterable[Send],
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


Reach = tuple[datetime, datetime]
"""The first and the last instant at which something can reach the customer: of a send that lasts, any between."""


def too_soon(a: Reach, b: Reach, at_least: Duration, clock: str) -> bool:
    """Whether ``b`` can come at ``a`` or after it, and before ``at_least`` has passed."""
    return a[0] <= b[1] and b[0] < shift(a[1], at_least, +1, clock)


def share(counted: Sequence[Send], part: TouchMatch) -> Decimal | None:
    """The share of the touches that match ``part``; None of nothing. A call tried three times is one call received."""
    whole = sum(t.weight for t in counted)
    return Decimal(sum(t.weight for t in counted if part.holds(t.fields))) / whole if whole else None


def wrong_mix(
    counted: Sequence[Send],
    part: TouchMatch,
    at_most: Decimal | None,
    at_least: Decimal | None,
    of_at_least: int,
) -> bool:
    """Whether what one customer gets in one window is judged (``of_at_least``) and its share out of bounds."""
    here = share(counted, part)
    if here is None or sum(t.weight for t in counted) < of_at_least:
        return False
    return (at_most is not None and here > at_most) or (at_least is not None and here < at_least)


def asked_too_much(
    last: Send,
    counted: Sequence[Send],
    kinds: tuple[TouchMatch, TouchMatch],
    gives_per_ask: Decimal,
    per: Per | None,
    clock: str,
    before: bool,
) -> bool:
    """Whether the asks up to ``last`` outweigh the gives of the window that ends there; ``kinds`` is what gives, what asks.

    A touch that gives and asks counts as both, its give first; with ``before`` only gives at earlier instants count.
    """
    asks, gives = asks_and_gives(last, counted, kinds, per, clock, before)
    return gives_per_ask * sum(t.weight for t in asks) > sum(t.weight for t in gives)


def given(give: Send, ask: Send, before: bool) -> bool:
    """Whether a give, which may last, has reached the customer when the ask comes; its own comes with it."""
    if give is ask:
        return not before
    return give.arrives < ask.at if before else give.arrives <= ask.at


def asks_and_gives(
    last: Send,
    counted: Sequence[Send],
    kinds: tuple[TouchMatch, TouchMatch],
    per: Per | None,
    clock: str,
    before: bool,
) -> tuple[list[Send], list[Send]]:
    """The asks up to ``last`` and the gives before it, in the window that ends at it."""
    window = window_ending(last.at, per, clock) if per is not None else None
    inside = [t for t in counted if t.at <= last.at and (window is None or window.holds(t.at))]
    asks = [t for t in inside if kinds[1].holds(t.fields) and t.order <= last.order]
    gives = [t for t in inside if kinds[0].holds(t.fields) and given(t, last, before)]
    return sorted(asks, key=_order), sorted(gives, key=_order)
