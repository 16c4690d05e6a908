"""What is proposed for a cap, over random plans without a period."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tactful.engine.proposals import proposed
from tactful.engine.trials import Asked, worse

from tests.building import built
from tests.proposing import mended

CUSTOMERS = {
    "customers": {
        "attributes": {
            "likes": {"type": "labels", "values": ["tea", "coffee"], "changes": "never"},
            "city": {"type": "choice", "values": ["a", "b", "c"], "changes": "never"},
            "first": {"type": "date", "changes": "never"},
        }
    }
}
AUDIENCES: list[Any] = [
    "everyone",
    {"likes": "tea"},
    {"likes": {"all": ["tea", "coffee"]}},
    {"city": "a"},
    {"city": ["a", "b"], "likes": "coffee"},
    {"first": {"over": "10d"}},
]
PERS: list[Any] = ["7d", "3d", "48h", {"calendar": "week"}, {"days": "5"}]


def a_plan(rng: random.Random) -> list[dict[str, Any]]:
    rule = {"rule": "r", "kind": "frequency-cap", "at_most": str(rng.randint(1, 3)), "per": rng.choice(PERS)}
    if rng.random() < 0.3:
        rule["each"] = "channel"
    documents: list[dict[str, Any]] = [CUSTOMERS, {"policy": "p", "rules": [rule]}]
    for number in range(rng.randint(4, 12)):
        at = datetime(2026, 3, 2) + timedelta(days=rng.randrange(20), hours=rng.randrange(8, 20))
        documents.append(
            {
                "campaign": f"c{number}",
                "purpose": "promotion",
                "status": rng.choice(["planned", "planned", "planned", "draft"]),
                "audience": rng.choice(AUDIENCES),
                "timezone": "Europe/Berlin",
                "touches": [{"channel": rng.choice(["sms", "email"]), "at": f"{at:%Y-%m-%d %H:%M}"}],
            }
        )
    return documents


@pytest.mark.parametrize("batch", range(2))
def test_a_proposed_day_is_free(batch: int) -> None:
    """Judged with the whole plan asked again: what is moved is in no set any more, and nothing else is worse."""
    rng = random.Random(batch)
    found = without = 0
    for _ in range(12):
        plan, rules, day = *built(a_plan(rng)), date(2026, 3, 1)
        asked = Asked(plan, rules, day)
        stand = asked.standing()
        for finding in proposed(asked, stand, stand):
            without += not finding.proposals
            for change in finding.proposals[:1]:
                found += 1
                again = asked.standing(change.applied(plan))
                assert not worse(stand, again)
                assert mended(finding, again)
    assert found > 8
    assert without < found
