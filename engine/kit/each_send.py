"""Kinds that look at one send at a time: every dated one, and of triggered ones those at which something can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..messages import say
from ..plan.conditions import Condition
from ..search.result import Result
from ..sends.timeline import Send, TriggeredTouch
from .asking import Asking

V = TypeVar("V")
Ask = Callable[[Send, str, Condition], Result[V]]
"""Whether a send breaks the rule for somebody on one clock, who is the customers that the condition admits."""
Sends = Callable[[TriggeredTouch, str], Iterator[Send]]
"""The sends of a triggered touch that are to be asked about, on one clock."""


def each_send(asking: Asking[Any], ask: Ask[V], sends: Sends, most: int) -> dict[str, list[V]]:
    """What was found, by campaign: of dated touches every send, of each triggered one the first of ``most``.

    Where there are more sends to ask about than ``most``, the rest is in doubt.
    """
    found: dict[str, list[V]] = {}
    for clock, on_clock in asking.clocks:
        for touch in filter(asking.judged, asking.sends):
            with asking.guarded(touch):
                one = asking.taken(ask(touch, clock, on_clock), touch)
                if one is not None:
                    found.setdefault(touch.campaign, []).append(one)
    for step in asking.triggered:
        with asking.guarded(step):
            first = _first(asking, step, ask, sends, most)
            if first is not None:
                found.setdefault(step.name, []).append(first)
    return found


def _first(asking: Asking[Any], step: TriggeredTouch, ask: Ask[V], sends: Sends, most: int) -> V | None:
    for clock, on_clock in asking.clocks:
        for tried, touch in enumerate(filter(asking.judged, sends(step, clock))):
            if tried >= most:
                asking.doubt(say("more sends are possible than are looked at", "可能的发送过多，未能逐一核对"), step)
                break
            one = asking.taken(ask(touch, clock, on_clock), step)
            if one is not None:
                return one
    return None
