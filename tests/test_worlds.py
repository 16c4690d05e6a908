"""Right: over all customers of small random worlds, the searches say what the reference evaluator says.

Seeded; TACTFUL_WORLDS says how many (at least 2,000 in CI).
"""

from __future__ import annotations

import os
import random
from datetime import timedelta

import pytest
from tactful.engine.evaluate import evaluate

from tests.building import built
from tests.worlds import FIRST, World, some_world, truth

WORLDS = int(os.environ.get("TACTFUL_WORLDS", "1500"))
MAX_CUSTOMERS = 1500
BATCHES = 40


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        world = world_of(seed)
        expected = truth(world)
        answer = evaluate(world.plan, world.rules, world.as_of)
        found: dict[str, dict[str, int]] = {rule.id: {} for rule in world.rules}
        for finding in answer.findings:
            if finding.kind == "contact-floor" and not world.facts_are_steady():
                continue
            assert finding.verdict == "violated", (
                seed,
                finding.rule,
                finding.message.en,
                finding.missing and finding.missing.en,
            )
            measured = finding.measure is not None and finding.kind not in ("mix", "give-and-ask")
            measure = finding.measure.is_ if measured else 0
            found[finding.rule][finding.campaign or finding.group or ""] = measure
        assert found == expected, f"seed {seed}"


def world_of(seed: int) -> World:
    """The world of a seed; one with too many customers to try gives way to the next."""
    for attempt in range(100):
        rng = random.Random(seed * 1000 + attempt)
        documents = some_world(rng)
        plan, rules = built(documents)
        world = World(plan, rules, FIRST + timedelta(days=rng.choice([0, 0, 1, 3])))
        if world.size() <= MAX_CUSTOMERS:
            return world
    raise AssertionError("no world is small enough")
