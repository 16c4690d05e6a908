"""Whether one more touch fits under a cap, for many moments at once: each as a draft of its own, which never meets another."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence, Set

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.room import Stretch
from ...policy.linked import LinkedRule
from ...reference import groups_among, groups_of
from ...search.result import Nobody
from ...sends.timeline import Send
from .asked import Asked
from .params import FrequencyCap, counting
from .room import least_limit, room
from .search import Cap
from .words import could_exceed

FEW = 12
"""So many drafts are asked about sooner than all room around them."""


def breaking(rule: LinkedRule[FrequencyCap], evaluation: Evaluation, drafts: Set[str]) -> tuple[set[str], set[str]]:
    """Of these drafts of the plan, each of one touch: those that are too much for somebody, and those not settled here.

    A draft that is not judged, before as-of or while the rule is not in force, is none of both.
    Where there is room for everyone there is room for its audience. Where there is not, somebody of it is looked for; what
    is told apart by nothing is asked once. What customers bring about beside it is not looked at here.
    """
    asking = Asking(rule, evaluation, could_exceed(rule.params))
    mine = [touch for touch in asking.sends if touch.campaign in drafts and asking.judged(touch)]
    if not mine:
        return set(), set()
    tight = mine if len(mine) <= FEW else _without_room(rule, evaluation.without(drafts), mine)
    broken: set[str] = set()
    kept = [touch for touch in asking.sends if touch.status != "draft" or touch in tight]
    for value in groups_among(tight, rule.params.each):
        for clock, on_clock in asking.clocks:
            asked = Asked(asking, clock, on_clock, value, least_limit(asking, value))
            cap = Cap(asked, asked.of(kept))
            broken |= set(_too_much(cap, broken))
    left = {touch.campaign for touch in tight} - broken
    bounded = asking.triggered or rule.params.since is not None or any(t.model.lasts for t in asking.sends)
    return broken, left if bounded or asking.doubts else set()


def _without_room(rule: LinkedRule[FrequencyCap], bare: Evaluation, mine: Sequence[Send]) -> list[Send]:
    """Those at whose moment somebody already gets so much that this one would be too much, or may do so."""
    rooms, counts = room(rule, bare), counting(rule)
    found = []
    for touch in mine:
        weight = counts.shown(counts.of(touch)) if rule.params.count == "touches" else 1
        for value in groups_of(touch, rule.params.each):
            here = _at(rooms.get(value, ()), touch) if value in rooms else None
            if (
                touch.model.lasts
                or here is None
                or not here.fullest.certain
                or here.fullest.most + weight > here.fullest.limit
            ):
                found.append(touch)
                break
    return found


def _at(stretches: Sequence[Stretch], touch: Send) -> Stretch | None:
    return next((one for one in stretches if one.first <= touch.at < one.until), None)


def _too_much(cap: Cap, known: Set[str]) -> Iterator[str]:
    """The drafts with which somebody gets too much. On one day, in the same place among the same others, one answers for all."""
    asked: dict[object, bool] = {}
    exact = cap.params.since is not None or any(e.model.hours for e in cap.evaluation.plan.customers.events.values())
    for i, touch in enumerate(cap.touches):
        if touch.status != "draft" or touch.campaign in known:
            continue
        windows = cap.windows_with(i)
        others = tuple((tuple(j for j in window if j != i), limit) for window, limit in windows)
        key = (touch.at if exact else touch.day, bisect(cap.base, i), others)
        if key not in asked:
            asked[key] = any(not isinstance(cap.max_weight_set(w, (i,), limit), Nobody) for w, limit in windows)
        if asked[key]:
            yield touch.campaign
