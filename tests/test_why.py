"""``tactful why``: what the rules say of one campaign; every figure and every day in it is held to what the engine says."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from tactful.checker.loading import load
from tactful.engine.campaign_view import view_of
from tactful.engine.changes import Moved
from tactful.engine.evaluate import evaluate
from tactful.engine.kit.evaluation import Evaluation
from tactful.engine.rules import KINDS
from tactful.engine.sends.timeline import timeline
from tactful.engine.trials import Asked, worse

from tests import changing
from tests.changing import repository
from tests.running import ROOT, same, tactful, write

DAY = date(2026, 3, 1)
RETAIL = ROOT / "examples/retail/breaks"


@pytest.mark.parametrize(
    ("campaign", "folder", "language", "snapshot"),
    [
        ("garden-opens", "retail/breaks", "en", "why.en.txt"),
        ("garden-opens", "retail/breaks", "zh", "why.zh.txt"),
        ("easter-food-hall", "retail/keeps", "en", "why-waived.txt"),
    ],
)
def test_a_campaign(campaign: str, folder: str, language: str, snapshot: str) -> None:
    root = str(ROOT / "examples" / folder)
    ran = tactful("why", campaign, "--root", root, "--as-of", "2026-03-01", "--language", language, at=ROOT)
    assert ran.code == 0
    same(snapshot, ran.out)


@pytest.mark.parametrize(
    ("rule", "folder", "language", "snapshot"),
    [
        ("two-promotions-a-week", "retail/breaks", "en", "explain-season.en.txt"),
        ("two-promotions-a-week", "retail/keeps", "zh", "explain-season.zh.txt"),
        ("two-a-fortnight", "hotel/breaks", "en", "explain-triggered.txt"),
    ],
)
def test_a_rule_beside_the_plan(rule: str, folder: str, language: str, snapshot: str) -> None:
    root = str(ROOT / "examples" / folder)
    ran = tactful("explain", rule, "--root", root, "--as-of", "2026-03-01", "--language", language, at=ROOT)
    assert ran.code == 0
    same(snapshot, ran.out.split("\n\n# ")[0] + "\n")


def test_a_rule_is_explained_where_files_have_faults(tmp_path: Path) -> None:
    write(tmp_path, changing.repository(random.Random(1), 3) | {"campaigns/x.yaml": "campaign: [\n"})
    name = load(tmp_path).rules[0].id
    ran = tactful("explain", name, at=tmp_path)
    assert ran.code == 0
    assert "speaks of" not in ran.out


def test_as_json_it_is_the_same() -> None:
    ran = tactful("why", "garden-opens", "--root", str(RETAIL), "--as-of", "2026-03-01", "--format", "json", at=ROOT)
    told = json.loads(ran.out)
    assert [one["rule"] for one in told["breaks"]] == [
        "consent/text-with-consent",
        "contact/four-a-week-from-the-company",
        "contact/two-promotions-a-week",
    ]
    assert told["breaks"][2]["measure"] == {"is": 5, "limit": 2}
    assert told["places"][0]["tried"] == ["2026-03-31", "2026-04-01", "2026-04-03"]
    assert told["places"][1]["always"] == ["consent/text-with-consent"]
    assert told["takes_part_in"] == {"after-care": ["contact/four-a-week-from-the-company"]}


def test_what_is_not_judged_is_not_called_good(tmp_path: Path) -> None:
    late = tactful("why", "garden-opens", "--root", str(RETAIL), "--as-of", "2027-03-01", at=ROOT).out
    assert "nothing of it is still to come on or after this day" in late
    changes = changing.repository(random.Random(1), 3)
    changes["campaigns/c0.yaml"] = re.sub(r"status: \w+", "status: cancelled", changes["campaigns/c0.yaml"])
    told = tactful("why", "c0", "--as-of", "2026-03-01", at=write(tmp_path, changes)).out
    assert "it is cancelled and sends nothing" in told


def test_a_plan_that_is_too_large_is_no_defect(tmp_path: Path) -> None:
    touch = "  - {channel: sms, at: 2026-03-02 10:00, repeat: {every: day, count: 3000}}\n"
    large = "campaign: large\npurpose: content\naudience: everyone\ntouches:\n" + touch * 40
    policy = "policy: h\nrules:\n  - {rule: two, kind: frequency-cap, at_most: 2, per: 7d}\n"
    settings = "tactful: 1\ntimezone: UTC\n"
    write(tmp_path, {"tactful.yaml": settings, "policies/h.yaml": policy, "campaigns/large.yaml": large})
    ran = tactful("why", "large", "--as-of", "2026-03-01", at=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "the plan is too large to be looked at" in ran.err
    ran = tactful("explain", "two", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 0
    assert "- the plan is too large to be looked at" in ran.out


def test_a_tick_is_for_everybody() -> None:
    told = tactful("why", "gold-tea", "--root", str(RETAIL), "--as-of", "2026-03-01", at=ROOT).out
    assert "· care/nobody-forgotten  broken elsewhere in the plan" in told
    assert "✓ care/a-warm-word-for-gold" in told


def test_what_cannot_be_told(tmp_path: Path) -> None:
    ran = tactful("why", "garden-open", "--root", str(RETAIL), at=ROOT)
    assert ran.code == 2
    assert "no campaign 'garden-open'; did you mean garden-opens?" in ran.err
    ran = tactful("why", "garden-opens", "--root", str(RETAIL), "--format", "xml", at=ROOT)
    assert ran.code == 2
    assert "there are text and json" in ran.err
    write(tmp_path, {"campaigns/a.yaml": "campaign: [\n"})
    assert tactful("why", "a", at=tmp_path).code == 2


def test_the_days_that_it_names_leave_nothing_new_and_nothing_worse() -> None:
    loaded = load(RETAIL)
    assert loaded.plan is not None
    asked = Asked(loaded.plan, loaded.rules, DAY, loaded.waivers)
    before, tried = asked.standing(), 0
    campaign = next(one for one in loaded.plan.campaigns if one.name == "garden-opens")
    for places in view_of(asked, campaign).places:
        for day in places.tried:
            to = datetime.combine(day, places.hour.time())
            assert not worse(before, asked.standing(Moved(campaign.name, places.index, to).applied(loaded.plan)))
            tried += 1
    assert tried > 2


CAPS = [r for r in changing.RULES if "frequency-cap" in r and "since" not in r and "weights" not in r] * 2
REACH = [rule for rule in changing.RULES if "reach-limit" in rule] * 4


@pytest.mark.parametrize(
    ("rules", "seed", "campaigns"), [*((CAPS, seed, 4) for seed in range(8)), *((REACH, seed, 10) for seed in range(4))]
)
def test_how_near_a_touch_comes_is_the_limit_at_which_it_just_holds(
    rules: list[str], seed: int, campaigns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "RULES", rules)
    rng = random.Random(seed)
    loaded = load(write(tmp_path, repository(rng, 10)))
    plan = loaded.plan
    assert plan is not None
    evaluation = Evaluation(plan, timeline(plan, DAY), DAY, (), 400_000)
    drafts = {one.name for one in plan.campaigns if one.model.status == "draft"}
    for rule in loaded.rules:
        standing = KINDS[rule.kind].standing
        assert standing is not None
        for campaign in rng.sample(plan.campaigns, min(campaigns, len(plan.campaigns))):
            near = standing(rule, evaluation, campaign.name)
            if not near or not all(one.fullest.certain for one in near) or campaign.model.status != "planned":
                continue
            most = int(max(one.fullest.most for one in near))
            for at_most, holds in ((most, True), (most - 1, False)):
                params = rule.params.model_copy(
                    update={"at_most": at_most} | ({"headroom": None} if rules is REACH else {})
                )
                found = evaluate(plan, [replace(rule, params=params)], DAY).findings
                over = [one for one in found if one.verdict == "violated" and one.campaign not in drafts]
                assert (not any(campaign.name in one.parties for one in over)) if holds else over, (
                    rule,
                    campaign,
                    near,
                    most,
                )


def test_the_replies_of_a_touch_are_told_where_they_can_be_answered(tmp_path: Path) -> None:
    """A hundred customers, a tenth of whom reply; two people answer ten an hour in two hours."""
    write(
        tmp_path,
        {
            "tactful.yaml": "tactful: 1\ntimezone: UTC\n",
            "policies/p.yaml": "policy: p\nrules: [{rule: desk, kind: capacity, reply_rate: 10%}]\n",
            "services/desk.yaml": "service: desk\nevent: reply\naudience: everyone\nchannel: sms\nby: human\nwithin: 1d\n"
            "hours: {mon-sun: 10:00-12:00}\non_duty: 2\neach_handles: 10 per hour\ngives: [answer]\n",
            "vocabulary.yaml": "vocabulary:\n  gives: {answer: {kind: useful}}\n",
            "campaigns/a.yaml": "campaign: a\npurpose: content\naudience: everyone\nestimated_size: 100\ntouches:\n"
            "  - {channel: sms, at: 2026-03-03 09:00, reply: {to: desk}}\n",
        },
    )
    told = tactful("why", "a", "--as-of", "2026-03-01", at=tmp_path)
    assert "✓ p/desk  touch 1: at most 10 of 40" in told.out, told.out + told.err
