"""Right what is compared: ``care-parity`` says what a walk through small worlds says."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from tactful.engine.evaluate import evaluate

from tests.worlds.care import CareWorld, some_world
from tests.worlds.comparing import Sort

WORLDS = int(os.environ.get("TACTFUL_CARE_WORLDS", "1500"))
BATCHES = 20
ENOUGH = 20
"""So many worlds in a batch that each verdict is among them."""


def wrong(world: CareWorld, verdicts: Counter[str]) -> list[str]:
    """Each aspect has the verdict that it must have; counts the verdicts of each."""
    answer = evaluate(world.plan, world.rules, world.as_of)
    if world.overlap or answer.problems:
        verdicts["overlap"] += 1
        return [] if world.overlap and answer.problems else [f"groups overlap: {world.overlap}"]
    given = {finding.group or "": finding.verdict for finding in answer.findings}
    found = [] if len(given) == len(answer.findings) else ["more than one finding of an aspect"]
    if not given.keys() <= set(world.params.compare_on) or any(f.campaign for f in answer.findings):
        found.append(f"findings where none belong: {given}")
    for aspect in world.params.compare_on:
        verdict = given.get(aspect, "held")
        verdicts[verdict] += 1
        verdicts[f"{aspect} {verdict}"] += 1
        if verdict not in (expected := world.truth(aspect)):
            found.append(f"{aspect} is {verdict}, not {sorted(expected)}")
    return found


CARE = Sort(some_world, wrong)
test_care_agrees_where_worlds_shrink = CARE.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_care_agrees_with_brute_force(batch: int) -> None:
    verdicts = CARE.batch(batch, WORLDS // BATCHES)
    assert WORLDS < ENOUGH * BATCHES or min(verdicts["violated"], verdicts["held"]) > 0, verdicts
