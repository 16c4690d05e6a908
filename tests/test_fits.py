"""Where one more touch fits: what many drafts at once are told is what each alone is told."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tactful.checker.loading import load
from tactful.engine.evaluate import evaluate
from tactful.engine.fits import draft_of, fits

from tests.changing import repository
from tests.running import ROOT, write

DAY = date(2026, 3, 5)


def compared(root: Path, rng: random.Random, number: int) -> tuple[int, int]:
    """How many moments break nothing, and how many something; each asked alone as well."""
    loaded = load(root)
    plan = loaded.plan
    assert plan is not None
    dated = [c for c in plan.campaigns if c.model.trigger is None and c.model.status != "cancelled"]
    campaign = rng.choice(dated)
    index = rng.randrange(len(campaign.model.touches))
    start = datetime(2026, 3, 1, tzinfo=UTC)
    moments = sorted({start + timedelta(minutes=30 * rng.randrange(48 * 60)) for _ in range(number)})
    answered = fits(plan, loaded.rules, DAY, campaign, index, moments)
    free = 0
    for moment in moments:
        alone = draft_of(campaign, index, moment, "alone")
        said = evaluate(replace(plan, campaigns=(*plan.campaigns, alone)), loaded.rules, DAY).findings
        mine = [finding for finding in said if finding.campaign == "alone"]
        sure = {finding.rule for finding in mine if finding.verdict == "violated"}
        assert sure <= set(answered[moment]), (root, campaign.name, moment)
        assert set(answered[moment]) <= {finding.rule for finding in mine}, (root, campaign.name, moment)
        free += not answered[moment]
    return free, len(moments) - free


def agreed(seed: int, folder: Path) -> tuple[int, int]:
    rng = random.Random(seed)
    return compared(write(folder, repository(rng, rng.randint(4, 14))), rng, 8)


def test_many_moments_are_answered_as_each_alone(tmp_path: Path) -> None:
    counted = [agreed(seed, tmp_path / str(seed)) for seed in (0, 4)]
    assert all(sum(part) > 0 for part in zip(*counted, strict=True))


def test_many_moments_of_an_example_are_answered_as_each_alone() -> None:
    assert sum(compared(ROOT / "examples/retail/breaks", random.Random(3), 6)) > 3
