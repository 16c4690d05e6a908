"""A witness keeps its values where all comes out the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tactful.engine.kit.evaluation import Evaluation
from tactful.engine.kit.steadying import steadied
from tactful.engine.reference import Customer
from tactful.engine.sends.timeline import timeline

from tests.building import built

FIRST, SECOND = datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 4, 10, tzinfo=UTC)


def documents(first: Any, second: Any) -> list[dict[str, Any]]:
    campaigns = [
        {
            "campaign": name,
            "purpose": "content",
            "audience": audience,
            "timezone": "UTC",
            "touches": [{"channel": "sms", "at": at}],
        }
        for name, audience, at in (("a", first, "2026-03-02 10:00"), ("b", second, "2026-03-04 10:00"))
    ]
    rule = {"rule": "r", "kind": "frequency-cap", "at_most": "1", "per": "7d"}
    flag = {"consent": {"type": "flag", "changes": "freely"}}
    return [{"customers": {"attributes": flag}}, {"policy": "p", "rules": [rule]}, *campaigns]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("everyone", "everyone", True),
        ("everyone", {"consent": "false"}, True),
        ({"consent": "true"}, {"consent": "false"}, False),  # who gets both must change their mind
    ],
)
def test_a_change_of_mind_is_told_only_where_it_is_needed(first: Any, second: Any, kept: bool) -> None:
    plan, rules = built(documents(first, second))
    evaluation = Evaluation(plan, timeline(plan, date(2026, 3, 1)), date(2026, 3, 1), (), 1_000)
    wavering = Customer({}, ((FIRST, {"consent": True}), (SECOND, {"consent": False})))
    calm = steadied(wavering, evaluation.timeline.sends, rules[0], evaluation)
    assert (calm.value("consent", FIRST) is False) == kept
    assert calm.value("consent", SECOND) is False
