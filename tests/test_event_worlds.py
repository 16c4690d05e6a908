"""Right where things happen: over all customers with at most three events, the searches say what the reference says.

A finding that the searches call violated must be true; what is true must be violated or unproven, and few are unproven.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import impossible
from tactful.engine.verdicts import Finding

from tests.building import built
from tests.event_worlds import DAYS, FIRST, ZONE, World, broken_for, some_world, truth

WORLDS = int(os.environ.get("TACTFUL_EVENT_WORLDS", "400"))
BATCHES = 16
MAX_CUSTOMERS = 1300


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        world = world_of(seed)
        expected = truth(world)
        answer = evaluate(world.plan, world.rules, world.as_of)
        for rule in world.rules:
            mine = [f for f in answer.findings if f.rule == rule.id]
            violated = {f.campaign for f in mine if f.verdict == "violated"}
            unproven = {f.campaign for f in mine if f.verdict == "unproven"}
            missed = expected[rule.id] - violated
            assert unproven or not missed, (seed, rule.id, "missed", missed)
            for finding in mine:
                if finding.verdict == "violated" and finding.campaign not in expected[rule.id]:
                    assert shown(world, rule, finding), (seed, rule.id, "false alarm", finding.campaign)
            verdicts["violated"] += len(violated)
            verdicts["unproven"] += len(unproven)
    assert verdicts["violated"] > 0
    assert verdicts["unproven"] <= verdicts["violated"] * 0.5, verdicts


def world_of(seed: int) -> World:
    """The world of a seed; one with too many customers to try gives way to the next."""
    for attempt in range(100):
        rng = random.Random(seed * 1000 + attempt)
        plan, rules = built(some_world(rng))
        as_of = FIRST + timedelta(days=rng.choice([0, 0, 0, 1, DAYS - 1]))
        world = World(plan, rules, as_of, 3 if rng.random() < 0.3 else 2)
        if world.size() <= MAX_CUSTOMERS:
            return world
    raise AssertionError("no world is small enough")


def shown(world: World, rule: LinkedRule, finding: Finding) -> bool:
    """Whether the witness, who may bring about more than was tried, really shows it."""
    assert finding.witness is not None
    customer = finding.witness.customer
    if impossible(customer, world.model, [touch.at for touch in world.line.sends], ZONE) is not None:
        return False
    return all(finding.campaign in broken for _, broken in broken_for(world, customer, [rule]))
