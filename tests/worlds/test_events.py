"""Right where things happen: over all customers with at most three events, the searches say what the reference says.

A finding that the searches call violated must be true; what is true must be violated or unproven, and few are unproven.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from tactful.engine.evaluate import evaluate

from tests.worlds.comparing import Sort
from tests.worlds.events import HappeningWorld, some_world, truth

WORLDS = int(os.environ.get("TACTFUL_EVENT_WORLDS", "400"))
BATCHES = 16


def wrong(world: HappeningWorld, verdicts: Counter[str]) -> list[str]:
    expected = truth(world)
    answer = evaluate(world.plan, world.rules, world.as_of)
    return world.differences(expected, answer, verdicts, world.broken)


EVENTS = Sort(some_world, wrong)
test_verdicts_agree_where_worlds_shrink = EVENTS.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts = EVENTS.batch(batch, WORLDS // BATCHES)
    assert verdicts["violated"] > 0
    assert verdicts["unproven"] <= verdicts["violated"] * 0.5, verdicts
