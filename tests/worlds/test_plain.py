"""Right: over all customers of small random worlds, the searches say what the reference evaluator says.

TACTFUL_WORLDS says how many (at least 2,000 in CI).
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from tactful.engine.evaluate import evaluate

from tests.worlds.comparing import Sort
from tests.worlds.plain import PlainWorld, some_world, truth
from tests.worlds.truth import Broken

WORLDS = int(os.environ.get("TACTFUL_WORLDS", "1500"))
BATCHES = 40


def wrong(world: PlainWorld, verdicts: Counter[str]) -> list[object]:
    """All that should be found is found and measured, nothing else, and nothing is unproven."""
    found: dict[str, Broken] = {rule.id: {} for rule in world.rules}
    for finding in evaluate(world.plan, world.rules, world.as_of).findings:
        if finding.kind == "contact-floor" and not world.facts_are_steady:
            continue
        if finding.verdict != "violated":
            return [f"{finding.rule} is {finding.verdict}: {finding.missing and finding.missing.en}"]
        measured = finding.measure is not None and finding.kind not in ("mix", "give-and-ask")
        found[finding.rule][finding.campaign or finding.group or ""] = finding.measure.is_ if measured else 0
        verdicts[finding.kind] += 1
    return [
        f"{rule}: found {found[rule]}, true is {expected}"
        for rule, expected in truth(world).items()
        if found[rule] != expected
    ]


PLAIN = Sort(some_world, wrong)
test_verdicts_agree_where_worlds_shrink = PLAIN.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    PLAIN.batch(batch, WORLDS // BATCHES)
