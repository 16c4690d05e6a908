"""What a cap proposes really mends it: the touch is moved there, and the rule is asked again over the whole plan."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tactful.engine.evaluate import evaluate

from tests.building import built

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


@pytest.mark.parametrize("batch", range(8))
def test_a_proposed_day_is_free(batch: int) -> None:
    rng = random.Random(batch)
    proposed = without = 0
    for _ in range(40):
        documents = a_plan(rng)
        for finding in evaluate(*built(documents), date(2026, 3, 1)).findings:
            assert finding.help is not None
            move = finding.help.args.get("move", finding.help)
            if "day" not in move.args:  # type: ignore[union-attr]
                without += 1
                continue
            proposed += 1
            day: Any = move.args["day"]  # type: ignore[union-attr]
            moved = [
                d | {"touches": [d["touches"][0] | {"at": f"{day:%Y-%m-%d %H:%M}"}]}
                if d.get("campaign") == finding.campaign
                else d
                for d in documents
            ]
            again = evaluate(*built(moved), date(2026, 3, 1)).findings
            drafts = {d["campaign"] for d in documents if d.get("status") == "draft"}
            assert not [
                f for f in again if finding.campaign in f.parties and f.campaign not in drafts - {finding.campaign}
            ]
    assert proposed > 30
    assert without < proposed
