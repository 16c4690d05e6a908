"""How many sends a customer can bring into a window: the search over triggers against every choice on a grid. Seeded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

import pytest
from tactful.engine.clocks import instant, shift
from tactful.engine.hours import is_open
from tactful.engine.sends.timeline import timeline
from tactful.engine.sends.triggers import TriggerSchedule
from tactful.engine.windows import Window

from tests.building import built

ZONE = "Asia/Shanghai"
SECOND = timedelta(seconds=1)


def documents(rng: random.Random) -> list[dict[str, Any]]:
    event: dict[str, Any] = {}
    if rng.random() < 0.3:
        event["assume"] = {"at_most": rng.choice(["1", "2"]), "per": rng.choice(["6h", "12h", "1d"])}
    if rng.random() < 0.5:
        event["hours"] = rng.choice(["08:00-12:00", "20:00-02:00", ["08:00-10:00", "14:00-16:00"]])
    trigger = {"event": "visit"}
    if "assume" not in event or rng.random() < 0.3:
        trigger["again_after"] = rng.choice(["3h", "5h", "12h", "1d"])
    touches = []
    for _ in range(rng.choice([1, 2])):
        after = {"after": rng.choice(["2h", "7h", "1d"])} if rng.random() < 0.6 else {}
        touches.append({"channel": "sms"} | after)
    campaign: dict[str, Any] = {
        "campaign": "answer",
        "purpose": "care",
        "audience": "everyone",
        "trigger": trigger,
        "touches": touches,
        "during": {"from": "2026-03-09", "until": "2026-03-10"},
    }
    if rng.random() < 0.5:
        campaign["send_in"] = rng.choice(["09:00-11:00", ["08:00-09:00", "18:00-22:00"], {"tue": "08:00-20:00"}])
    return [{"tactful": "1", "timezone": ZONE}, {"customers": {"events": {"visit": event}}}, campaign]


def allowed(triggers: Sequence[datetime], reaction: TriggerSchedule) -> bool:
    """Whether the event can come at all of these, each starting the campaign."""
    event = reaction.plan.customers.events["visit"].model
    ordered = sorted(triggers)
    if event.hours and not all(is_open(at, event.hours, ZONE, None) for at in ordered):
        return False
    apart = reaction.trigger.again_after
    if apart is not None and any(after < shift(before, apart, +1, ZONE) for before, after in pairwise(ordered)):
        return False
    if event.assume is None:
        return True
    most, per = event.assume.at_most, event.assume.per
    return all(ordered[i + most] >= shift(ordered[i], per, +1, ZONE) for i in range(len(ordered) - most))


@pytest.mark.parametrize("batch", range(6))
def test_no_choice_of_triggers_brings_more(batch: int) -> None:
    for seed in range(batch * 25, batch * 25 + 25):
        rng = random.Random(seed)
        plan, _ = built(documents(rng))
        steps = timeline(plan, date(2026, 3, 9)).triggered
        reaction = TriggerSchedule(steps, tuple(rng.choice([1, 1, 2]) for _ in steps), plan)
        start = instant(datetime(2026, 3, 9, rng.randrange(24)), ZONE)
        window = Window(start, rng.random() < 0.5, start + timedelta(hours=rng.choice([4, 8, 12, 24, 30])))
        wave = reaction.bound(window)
        assert allowed(wave.triggers, reaction), seed
        assert sum(reaction.weight_in(at, window) for at in wave.triggers) <= wave.most
        best = max(
            (sum(reaction.weight_in(at, window) for at in some) for some in choices(reaction, window)), default=0
        )
        assert best <= wave.most, seed


def choices(reaction: TriggerSchedule, window: Window) -> list[tuple[datetime, ...]]:
    """Up to three triggers at whole hours, a second before and a second after them, that bring something."""
    grid = []
    at = reaction.steps[0].first
    while at <= reaction.steps[0].last:
        grid += [near for near in (at - SECOND, at, at + SECOND) if reaction.weight_in(near, window)]
        at += timedelta(hours=1)
    grid = grid[:: max(1, len(grid) // 36)]
    return [some for n in (1, 2, 3) for some in combinations(grid, n) if allowed(some, reaction)]
