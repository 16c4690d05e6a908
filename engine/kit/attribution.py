"""Where a set of touches stands: at the draft in it, at its latest planned touch still to come, else at its last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from ..sends.timeline import Send, TriggeredTouch
from .evaluation import Evaluation

Thing = TypeVar("Thing", Send, TriggeredTouch, Send | TriggeredTouch)


def is_reportable(thing: Send | TriggeredTouch, evaluation: Evaluation) -> bool:
    """Whether it is still to come; of a triggered touch, whether it can be."""
    if isinstance(thing, TriggeredTouch):
        return thing.first <= thing.last and evaluation.day_of(thing.ends) >= evaluation.as_of
    return evaluation.reportable(thing)


def attribution_point(things: Sequence[Thing], evaluation: Evaluation) -> Thing | None:
    """The touch at which a set stands, if it is reported: a draft's; the latest planned one to come; else the last.

    A triggered touch has no time of its own: a set stands at one only if it has no planned dated touch to come, and then
    at that of the last campaign by name.
    """
    ordered = sorted(things, key=_order)
    late = [thing for thing in ordered if is_reportable(thing, evaluation)]
    if any(thing.status == "draft" for thing in ordered):
        return next((thing for thing in reversed(late) if thing.status == "draft"), None)
    planned = [thing for thing in late if thing.status == "planned"]
    dated = [thing for thing in planned if not thing.is_triggered]
    triggered = [thing for thing in planned or late if thing.is_triggered]
    if dated:
        return dated[-1]
    last = max(triggered, key=lambda thing: thing.name) if triggered else ordered[-1]
    return last if is_reportable(last, evaluation) else None


def later_of(first: Send, second: Send, evaluation: Evaluation) -> Send | None:
    """The same of two sends of which the second reaches the customer after the first, though it may have begun before."""
    at = attribution_point((first, second), evaluation)
    alike = second.status == first.status and first.is_triggered == second.is_triggered
    began_before = at is first and second.at < first.at
    return second if began_before and alike and is_reportable(second, evaluation) else at


def stands_first(touch: Send, evaluation: Evaluation, draft: str | None = None) -> bool:
    """Whether a set stands at such a touch before any other: one of the draft that is judged, else a planned one, to come."""
    first = touch.campaign == draft if draft is not None else touch.status == "planned"
    return first and evaluation.reportable(touch)


def _order(thing: Send | TriggeredTouch) -> tuple[datetime, str, int]:
    return thing.order if isinstance(thing, Send) else (thing.ends, thing.name, thing.index)
