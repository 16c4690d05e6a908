"""Right what it was: ``reference-price`` says what a walk through small worlds says."""

from __future__ import annotations

import os
from collections import Counter, defaultdict

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.verdicts import Finding

from tests.worlds.comparing import Sort
from tests.worlds.prices import PriceWorld, some_world

WORLDS = int(os.environ.get("TACTFUL_CARE_WORLDS", "1500"))
BATCHES = 20
ENOUGH = 20
"""So many worlds in a batch that each verdict is among them."""


def wrong(world: PriceWorld, verdicts: Counter[str]) -> list[str]:
    """Of each price book and campaign the offers that are wrong, measured, and those of which it is not known."""
    answer = evaluate(world.plan, world.rules, world.as_of)
    assert not answer.problems
    given: dict[str, list[Finding]] = defaultdict(list)
    for finding in answer.findings:
        given[finding.campaign or finding.group or ""].append(finding)
    expected = world.truth()
    found = []
    for document in sorted({offer.campaign or offer.book or "" for offer in world.plan.offers} | set(given)):
        mine = {finding.verdict: finding for finding in given[document]}
        true = expected[document]
        verdict = next((v for v in ("violated", "unproven") if v in true), "held")
        verdicts[verdict] += 1
        if len(mine) < len(given[document]) or not set(mine) <= set(true):
            found.append(f"{document} is {[f.verdict for f in given[document]]}, not {sorted(true)}")
        elif verdict not in {*mine, "held"}:
            found.append(f"{document} is not {verdict}")
        elif verdict == "violated":
            measure = mine[verdict].measure
            if measure is None or (measure.is_, measure.limit) not in true[verdict]:
                found.append(f"{document} measures {measure}, not {true[verdict]}")
    return found


PRICES = Sort(some_world, wrong)
test_former_prices_agree_where_worlds_shrink = PRICES.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_former_prices_agree_with_brute_force(batch: int) -> None:
    verdicts = PRICES.batch(batch, WORLDS // BATCHES)
    assert WORLDS < ENOUGH * BATCHES or min(verdicts[v] for v in ("violated", "unproven", "held")) > 0, verdicts
