"""Policy cases: the pack's, the starter's, the ones on the pages of the kinds; and that the runner itself can fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tactful.checker.pages import page_of
from tactful.engine.rules import KINDS

from tests.running import ROOT, same, tactful, write

COMMON = """common:
  - customers:
      attributes:
        first_purchase: {type: date, changes: never}
        city: {type: choice, values: [hangzhou, shanghai], others: true, changes: never}
        sms_consent: {type: flag, changes: freely}
        reviewed: {type: flag, changes: freely}
      segments:
        existing: {first_purchase: {over: 30d}}
      events:
        inquiry: {}
        review: {sets: {reviewed: true}}
  - service: desk
    event: reply
    channel: wecom.chat
    gives: []
    within: 1h
    hours: {mon-fri: 09:00-18:00}
    on_duty: 2
    each_handles: 20 per hour
  - vocabulary:
      gives:
        tips: {kind: useful}
        tea: {kind: warm}
      products:
        fibre-100m: {}
"""


def test_the_house_pack(tmp_path: Path) -> None:
    shutil.copy(ROOT / "policies" / "friends-first" / "cases.yaml", tmp_path / "cases.yaml")
    ran = tactful("test", "cases.yaml", at=tmp_path)
    assert ran.code == 0, ran.out
    assert ", 0 failed" in ran.out


def test_every_rule_of_the_house_pack_has_a_case_that_fails_and_one_that_passes() -> None:
    from tactful.checker.cases import read_cases
    from tactful.checker.packs import pack_text
    from tactful.checker.reading.profile import parse

    rules = {f"friends-first/{rule['rule']}" for rule in parse(pack_text("friends-first")).documents[0]["rules"]}
    file = read_cases(ROOT, "policies/friends-first/cases.yaml")
    fails = {e.rule for case, _ in file.cases for e in case.find}
    passes = {rule for case, _ in file.cases if not case.find for rule in case.rules}
    assert (fails, passes) == (rules, rules)


def indented(text: str) -> str:
    return "  - " + text.strip().replace("\n", "\n    ") + "\n"


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_page_of_a_kind_breaks_and_keeps(tmp_path: Path, name: str) -> None:
    page = page_of(name)
    rule = page.policy.split("- rule: ")[1].split("\n")[0]
    cases = COMMON + indented(page.policy)
    for title, plan, found in (("breaks", page.breaks, f"[{{rule: house/{rule}}}]"), ("keeps", page.keeps, "[]")):
        cases += f"---\ncase: {title}\nas_of: 2026-03-01\nplan:\n{indented(plan)}find: {found}\n"
    write(tmp_path, {"cases/page.yaml": cases})
    ran = tactful("test", at=tmp_path)
    assert ran.code == 0, ran.out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_repository_passes_and_fails_as_it_says(tmp_path: Path, language: str) -> None:
    ran = tactful("init", "--language", language, at=tmp_path)
    assert ran.code == 0
    checked = tactful("check", at=tmp_path)
    assert checked.code == 0, checked.out
    assert tactful("test", at=tmp_path).code == 0
    campaign = next(p for p in (tmp_path / "campaigns").iterdir() if "11:00" in p.read_text("utf-8"))
    first, second = (line.split("at: ")[1] for line in campaign.read_text("utf-8").splitlines() if "at: " in line)
    campaign.write_text(campaign.read_text("utf-8").replace(second, first.replace("11:00", "15:00")), "utf-8")
    failed = tactful("check", at=tmp_path)
    assert failed.code == 1
    assert "[friends-first/a-day-between]" in failed.out
    again = tactful("init", "--language", language, at=tmp_path)
    assert again.code == 2
    assert "tactful.yaml" in again.err


CASES = """case: nobody expected this
as_of: 2026-03-01
plan:
  - campaign: daily
    purpose: promotion
    audience: everyone
    timezone: Asia/Shanghai
    touches: {channel: sms, at: 2026-03-02 10:00, repeat: {every: day, count: 3}}
find: []
---
case: this is missing
as_of: 2026-03-01
plan:
  - campaign: daily
    purpose: promotion
    audience: everyone
    timezone: Asia/Shanghai
    touches: {channel: sms, at: 2026-03-02 10:00}
find:
  - {rule: house/two-a-week, campaign: daily, measure: 3}
---
case: a wrong measure is both
as_of: 2026-03-01
plan:
  - campaign: daily
    purpose: promotion
    audience: everyone
    timezone: Asia/Shanghai
    touches: {channel: sms, at: 2026-03-02 10:00, repeat: {every: day, count: 3}}
find:
  - {rule: house/two-a-week, campaign: daily, measure: 4}
"""
POLICY = "policy: house\nrules:\n  - {rule: two-a-week, kind: frequency-cap, at_most: 2, per: 7d}\n"


def test_a_missing_and_an_unexpected_finding_both_fail(tmp_path: Path) -> None:
    write(tmp_path, {"policies/house.yaml": POLICY, "cases/all.yaml": CASES})
    ran = tactful("test", at=tmp_path)
    same("cases-that-fail.txt", ran.out)
    assert ran.code == 1


def test_a_case_with_a_slip_is_exit_2(tmp_path: Path) -> None:
    write(tmp_path, {"policies/house.yaml": POLICY, "cases/all.yaml": CASES.replace("find: []", "fnd: []")})
    ran = tactful("test", at=tmp_path)
    assert ran.code == 2
    assert "did you mean find?" in ran.out


def test_no_case_is_exit_3(tmp_path: Path) -> None:
    write(tmp_path, {"policies/house.yaml": POLICY})
    assert tactful("test", at=tmp_path).code == 3
