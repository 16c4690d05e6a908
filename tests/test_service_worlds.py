"""Right what is owed: over all customers of small worlds, ``obligation`` says what a walk through time says.

A finding that the search calls violated must be true; what is true must be violated or unproven, and few are unproven.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import impossible
from tactful.engine.services import acts_by
from tactful.engine.verdicts import Finding

from tests.building import built
from tests.service_worlds import RULE, Walk, World, broken_for, some_service, some_world, truth

WORLDS = int(os.environ.get("TACTFUL_SERVICE_WORLDS", "1000"))
BATCHES = 20
MOST_CUSTOMERS = {False: 1500, True: 8000}
"""Where events happen in one minute of the day, and where one can happen at any time."""
ENOUGH = 20
"""So many that the share of what is not proven says something."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        verdicts += compared(seed, world_of(seed))
    assert verdicts["violated"] > 0 or WORLDS < ENOUGH * BATCHES
    if verdicts["violated"] >= ENOUGH:
        assert verdicts["unproven"] <= verdicts["violated"] * 0.4, verdicts


def compared(seed: int, world: World) -> Counter[str]:
    """How often each verdict was given in a world; fails where one is wrong."""
    expected = truth(world)
    answer = evaluate(world.plan, world.rules, world.as_of)
    verdicts: Counter[str] = Counter()
    for rule in world.rules:
        mine = [f for f in answer.findings if f.rule == rule.id]
        violated = {f.campaign or RULE for f in mine if f.verdict == "violated"}
        unproven = any(f.verdict == "unproven" for f in mine)
        missed = expected[rule.id] - violated
        assert unproven or not missed, (seed, rule.id, "missed", missed)
        for finding in mine:
            if finding.verdict == "violated" and (finding.campaign or RULE) not in expected[rule.id]:
                assert shown(world, rule, finding), (seed, rule.id, "false alarm", finding.campaign)
        verdicts["violated"] += len(violated)
        verdicts["unproven"] += unproven
    return verdicts


def world_of(seed: int) -> World:
    """The world of a seed; one with too many customers to try gives way to the next."""
    for attempt in range(100):
        rng = random.Random(seed * 1000 + attempt)
        plan, rules = built(some_world(rng))
        assert plan.stated_period is not None
        first, last = plan.stated_period
        as_of = rng.choice([*[first] * 5, first + timedelta(days=1), last])
        world = World(plan, rules, as_of, 3 if rng.random() < 0.3 else 2)
        if world.size() <= MOST_CUSTOMERS[world.always()]:
            return world
    raise AssertionError("no world is small enough")


def shown(world: World, rule: LinkedRule, finding: Finding) -> bool:
    """Whether the witness, who may do more than was tried, really shows it."""
    assert finding.witness is not None
    customer = finding.witness.customer
    if impossible(customer, world.model, [touch.at for touch in world.line.touches], world.zone) is not None:
        return False
    return all((finding.campaign or RULE) in broken for _, broken in broken_for(world, customer, [rule]))


# --- by when a service acts ------------------------------------------------------------------------------------------

YEAR = datetime(2026, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(100))
def test_a_service_acts_when_a_walk_through_its_hours_ends(seed: int) -> None:
    rng = random.Random(seed)
    zone = rng.choice(["Asia/Shanghai", "Asia/Shanghai", "Europe/London", "America/New_York"])
    documents: list[dict[str, Any]] = [{"tactful": "1", "timezone": zone, "calendar": "CN"}]
    plan, _ = built([*documents, some_service(rng, "desk", True)])
    service = plan.services[0]
    walk = Walk(service, plan)
    for at in some_instants(rng, walk):
        assert acts_by(service, at, plan) == walk.acts_by(at), (seed, at, service.model)


def some_instants(rng: random.Random, walk: Walk) -> list[datetime]:
    """Instants of 2026 at which a service is asked: any second, the edges of its hours, and around holidays."""
    days = [rng.randrange(280), rng.randrange(280), *rng.sample(range(32, 50), 1), *rng.sample(range(262, 274), 1)]
    found = []
    for day in days:
        start = YEAR + timedelta(days=day)
        found.append(start + timedelta(seconds=rng.randrange(86400)))
        for turn in walk.turns(start, start + timedelta(days=1)):
            found += [turn + timedelta(seconds=n) for n in (-1, 0, 1)]
    return found
