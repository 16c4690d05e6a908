"""How near a cap is to its limit, moment by moment: the most that one customer gets in any window that holds it.

What counts together with a moment is in a window that ends at a touch, or that ends just before something of it falls out:
every other window can be pushed to one of these, and still holds the moment. Drafts are left out: they never count in
anybody else's window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.room import Fullest, Stretch, joined, stretches, whole_days
from ...plan.conditions import EVERYONE, Condition
from ...policy.linked import LinkedRule
from ...reference import groups_among
from ...search.result import Found, Undecided, decided
from ...windows import Window
from .asked import Asked
from .params import FrequencyCap, caps_of_sender
from .search import Cap
from .triggered import MAX_WINDOWS, Triggered
from .windows import acted_windows, dated_windows, windows_of
from .words import could_exceed


def room(
    rule: LinkedRule[FrequencyCap], evaluation: Evaluation, audience: Condition = EVERYONE
) -> dict[str, list[Stretch]]:
    """For each value of ``each`` (one without a name, where all counts together), the days in force and in the period.

    ``audience`` narrows whose windows are looked at: those who are in it at every touch that counts.
    """
    asking = Asking(rule, evaluation, could_exceed(rule.params))
    within = _days(rule, evaluation)
    if within is None:
        return {}
    found: dict[str, list[Stretch]] = {}
    for value in groups_among(asking.things, rule.params.each) or [""]:
        limit = least_limit(asking, value)
        parts = [
            _on_clock(Asked(asking, clock, on_clock, value, limit, audience), within)
            for clock, on_clock in asking.clocks
        ]
        found[value] = joined(parts)
    return found


def least_limit(asking: Asking[FrequencyCap], value: str) -> int | str:
    """The cap of one value; the tighter one where a figure that decides is missing: what might be too much is not said to fit."""
    if not asking.params.tighten:
        return asking.params.at_most  # type: ignore[no-any-return]
    return caps_of_sender(asking.params, value, asking.plan.words.figures.get(value))[1]


def _days(rule: LinkedRule[FrequencyCap], evaluation: Evaluation) -> Window | None:
    """From as-of on, as long as the plan goes and the rule is in force."""
    first, last = evaluation.span
    first = max(first, evaluation.as_of, rule.first or first)
    last = min(last, rule.last or last)
    return whole_days(first, last, evaluation.plan.timezone) if first <= last else None


def _on_clock(asked: Asked, within: Window) -> list[Stretch]:
    asking = asked.asking
    last = asking.rule.last
    cap = Cap(asked, [touch for touch in asked.of(asking.sends) if last is None or touch.day <= last])
    empty = Fullest(0, cap.counting.shown(cap.limit_at(within.start)))
    if cap.params.per is None and cap.params.since is None:
        return stretches((), within, empty)
    known = dict(_dated(cap))
    steps = [step for step in asked.of(asking.triggered) if step.status != "draft"]
    triggered = Triggered(cap, steps) if steps else None
    if triggered is not None and triggered.schedules:
        known |= dict(_with_triggers(triggered, known, empty))
    return stretches(known.items(), within, empty)


def _dated(cap: Cap) -> Iterator[tuple[Window, Fullest]]:
    """The windows of dated touches; those with the same touches are asked once."""
    windows = dated_windows(cap) if cap.params.since is None else acted_windows(cap)
    asked: dict[tuple[int, ...], Fullest] = {}
    for number, window in enumerate(windows):
        cap.share_out(len(windows) - number)
        inside = tuple(cap.reaching(cap.base, window))
        if inside not in asked:
            asked[inside] = _most(cap, inside, window.end)
        yield window, asked[inside]


def _most(cap: Cap, inside: Sequence[int], end: datetime) -> Fullest:
    shown, limit = cap.counting.shown, cap.limit_at(end)
    answer = cap.max_weight_set(inside, (), 0)
    if isinstance(answer, Found):
        found = answer.value
        touches = tuple(cap.touches[i] for i in found.members)
        return Fullest(shown(found.weight), shown(limit), touches, found.customer, found.complete)
    return Fullest(0, shown(limit), certain=not isinstance(answer, Undecided))


def _with_triggers(
    triggered: Triggered, known: dict[Window, Fullest], empty: Fullest
) -> Iterator[tuple[Window, Fullest]]:
    """The time in which customers can bring something about, and the most that was found in windows of it.

    It may be more: the windows that are asked stand for the fullest of all, not for every moment.
    """
    cap = triggered.cap
    steps = [step for schedule in triggered.schedules for step in schedule.steps]
    span = Window(min(step.first for step in steps), True, max(step.arrives(step.ends) for step in steps))
    yield span, replace(empty, certain=False)
    listed = decided(lambda: windows_of(cap, triggered.schedules))
    if isinstance(listed, Undecided) or len(listed) > MAX_WINDOWS:
        yield from (
            (window, replace(most, certain=False))
            for window, most in known.items()
            if window.meets(span.start, span.end)
        )
        return
    for window in dict.fromkeys([*known, *listed]):
        if window.meets(span.start, span.end):
            inside = cap.reaching(cap.base, window)
            before = known.get(window) or _most(cap, inside, window.end)
            yield window, replace(_beside(triggered, window, inside, before), certain=False)


def _beside(triggered: Triggered, window: Window, inside: Sequence[int], before: Fullest) -> Fullest:
    """What is most with what customers bring about; where that is not decided, what there is without."""
    counts = triggered.cap.counting
    found = decided(lambda: triggered.fullest(window, inside, int(before.most * counts.scale)))
    if found is None or isinstance(found, Undecided):
        return before
    return Fullest(counts.shown(found.found.weight), before.limit, found.touches, found.found.customer)
