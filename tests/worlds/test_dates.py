"""Right around dates: over all customers of small worlds, ``obligation`` says what trying each of them says."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from tactful.engine.evaluate import evaluate

from tests.worlds.comparing import Sort
from tests.worlds.dates import DateWorld, some_world

WORLDS = int(os.environ.get("TACTFUL_DATE_WORLDS", "300"))
BATCHES = 10


def wrong(world: DateWorld, verdicts: Counter[str]) -> list[str]:
    """What is violated is true; what is true is violated, or unproven where it stands."""
    answer = evaluate(world.plan, world.rules, world.as_of)
    found = []
    for rule in world.rules:
        mine = [f for f in answer.findings if f.rule == rule.id]
        violated = {f.campaign or "" for f in mine if f.verdict == "violated"}
        unproven = {f.campaign or "" for f in mine if f.verdict == "unproven"}
        expected = {place for customer in world.customers() for place in world.broken(customer, rule)}
        found += [f"{rule.id}: false alarm at '{place}'" for place in sorted(violated - expected)]
        found += [f"{rule.id}: missed at '{place}'" for place in sorted(expected - violated - unproven)]
        verdicts["violated"] += len(violated)
        verdicts["unproven"] += len(unproven & expected)
    return found


DATES = Sort(some_world, wrong)
test_verdicts_agree_where_worlds_shrink = DATES.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_owed_around_dates_agrees_with_brute_force(batch: int) -> None:
    verdicts = DATES.batch(batch, WORLDS // BATCHES)
    assert verdicts["violated"] > WORLDS // BATCHES // 3
    assert verdicts["unproven"] <= verdicts["violated"] * 0.2, verdicts
