"""What a plan holds that nobody gets, that never comes or is not judged is named at its place; nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.running import tactful, write

SETTINGS = "tactful: 1\ntimezone: Europe/Berlin\nperiod: {from: 2026-03-01, until: 2026-04-30}\n"
CUSTOMERS = """customers:
  attributes:
    city: {type: choice, values: [leeds, york], changes: never}
    member: {type: flag, changes: never}
    birthday: {type: date, changes: never}
    born: {type: date, changes: never}
    zone: {type: zone, values: [Europe/Berlin, Asia/Tokyo]}
  events:
    join: {if: {all: [{member: true}, {member: false}]}}
    visit: {hours: {mon-fri: 09:00-17:00}}
  facts:
    - {if: {birthday: present}, then: {birthday: {until: 2025-12-31}}}
    - {if: {city: york}, then: {member: true}}
"""
POLICY = "policy: p\nrules: [{rule: cap, kind: frequency-cap, at_most: 99, per: 7d}]\n"
CASES = {
    "two cities at once": ("reaches-nobody", "audience: {all: [{city: leeds}, {city: york}]}", ""),
    "a fact leaves nobody": ("reaches-nobody", "audience: {city: york, member: false}", ""),
    "one touch of two": (
        "reaches-nobody",
        "audience: {city: leeds}",
        "touches: [{channel: email, at: 2026-03-10 10:00}, {channel: email, at: 2026-03-12 10:00, audience: {city: york}}]",
    ),
    "nobody whom an event reaches": (
        "reaches-nobody",
        "audience: {all: [{city: leeds}, {city: york}]}",
        "trigger: {event: visit}\ntouches: [{channel: email}]",
    ),
    "an event that nobody can bring about": (
        "never-comes",
        "audience: everyone",
        "trigger: {event: join}\ntouches: [{channel: email}]",
    ),
    "a birthday in the past": (
        "never-comes",
        "audience: everyone",
        "trigger: {date: birthday}\nsend_in: 09:00-10:00\ntouches: [{channel: email}]",
    ),
    "last year": ("past-sends", "audience: everyone", "touches: [{channel: email, at: 2025-03-10 10:00}]"),
    "a season that is over": (
        "past-sends",
        "audience: everyone",
        "trigger: {event: visit}\nduring: {from: 2025-03-01, until: 2025-03-31}\ntouches: [{channel: email}]",
    ),
    "begun before": (
        "past-sends",
        "audience: everyone",
        "touches: [{channel: email, at: 2026-02-26 10:00, repeat: {every: week, count: 3}}]",
    ),
    "beyond the period": ("outside-period", "audience: everyone", "touches: [{channel: email, at: 2027-03-10 10:00}]"),
    "an hour that is left out": (
        "no-such-time",
        "audience: everyone",
        "touches: [{channel: email, at: 2026-03-22 02:30, repeat: {every: week, count: 2}}]",
    ),
    "an hour that is left out somewhere": (
        "no-such-time",
        "audience: everyone",
        "touches: [{channel: email, at: 2026-03-29 02:30, clock: customer}]",
    ),
    "whose hour is it": (
        "unknown-zone",
        "audience: everyone",
        "touches: [{channel: email, at: 2026-03-10 10:00, clock: customer}]",
    ),
}
FINE = {
    "a city": ("audience: {city: leeds}", ""),
    "a birthday that no fact speaks of": (
        "audience: everyone",
        "trigger: {date: born}\nsend_in: 09:00-10:00\ntouches: [{channel: email}]",
    ),
    "a visit in its hours": (
        "audience: {city: york}",
        "trigger: {event: visit, again_after: 1d}\ntouches: [{channel: email}]",
    ),
    "what has begun": (
        "audience: everyone",
        "status: live\ntouches: [{channel: email, at: 2026-02-26 10:00, repeat: {every: week, count: 3}}]",
    ),
    "what has ended": (
        "audience: everyone",
        "status: ended\nended_on: 2025-03-12\ntouches: [{channel: email, at: 2025-03-10 10:00}]",
    ),
    "a cancelled one that nobody could get": (
        "audience: {all: [{city: leeds}, {city: york}]}",
        "status: cancelled\ntouches: [{channel: email, at: 2025-03-10 10:00}]",
    ),
}


def notes(root: Path, audience: str, more: str) -> list[dict[str, Any]]:
    if "touches" not in more:
        more = "touches: [{channel: email, at: 2026-03-10 10:00}]"
    campaign = f"campaign: a\npurpose: care\n{audience}\n{more}\n"
    write(
        root,
        {
            "tactful.yaml": SETTINGS,
            "customers.yaml": CUSTOMERS,
            "policies/p.yaml": POLICY,
            "campaigns/a.yaml": campaign,
        },
    )
    ran = tactful("check", "--as-of", "2026-03-01", "--format", "json", at=root)
    said = json.loads(ran.out)
    assert said["findings"] == []
    return list(said["notes"])


@pytest.mark.parametrize("name", CASES)
def test_it_is_said(name: str, tmp_path: Path) -> None:
    code, audience, more = CASES[name]
    found = [note for note in notes(tmp_path, audience, more) if note["code"] == code]
    assert len(found) == 1
    assert found[0]["location"]["path"] == "campaigns/a.yaml"
    assert found[0]["help"]


@pytest.mark.parametrize("name", FINE)
def test_nothing_is_said(name: str, tmp_path: Path) -> None:
    assert [note for note in notes(tmp_path, *FINE[name]) if note["code"] != "matches-nothing"] == []


def test_a_rule_on_a_clock_that_may_not_be_known(tmp_path: Path) -> None:
    policy = "policy: p\nrules: [{rule: h, kind: sending-hours, hours: 00:00-24:00, clock: customer}]\n"
    campaign = "campaign: a\npurpose: care\naudience: everyone\ntouches: [{channel: email, at: 2026-03-10 10:00}]\n"
    files = {"tactful.yaml": SETTINGS, "customers.yaml": CUSTOMERS, "policies/p.yaml": policy}
    write(tmp_path, files | {"campaigns/a.yaml": campaign})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert "info[unknown-zone]" in ran.out
    assert "policies/p.yaml:2" in ran.out
    known = CUSTOMERS.replace("Asia/Tokyo]", "Asia/Tokyo], always_known: true")
    write(tmp_path, {"customers.yaml": known})
    assert "unknown-zone" not in tactful("check", "--as-of", "2026-03-01", at=tmp_path).out


def test_a_log_over_the_cap_by_itself(tmp_path: Path) -> None:
    rows = "".join(f"c1,sms,2026-02-{day} 10:00\n" for day in (10, 11, 12))
    files = {
        "tactful.yaml": "tactful: 1\ntimezone: Europe/Berlin\n",
        "policies/p.yaml": "policy: p\nrules: [{rule: cap, kind: frequency-cap, at_most: 2, per: 7d}]\n",
        "campaigns/a.yaml": "campaign: a\npurpose: care\naudience: everyone\ntouches: [{channel: sms, at: 2026-03-10 10:00}]\n",
        "ledger.yaml": "ledger: february\nuntil: 2026-02-28\npurpose: care\nlog: log.csv\n",
        "log.csv": f"customer,channel,at\n{rows}",
    }
    write(tmp_path, files)
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert "warning[log-over]: the log 'february' holds 3 for one customer by itself (line 2)" in ran.out
    assert ran.code == 0
    write(tmp_path, {"log.csv": "customer,channel,at\n" + rows.replace("02-10", "02-04")})
    assert "log-over" not in tactful("check", "--as-of", "2026-03-01", at=tmp_path).out


def test_the_repository_is_found_from_a_folder_below_it(tmp_path: Path) -> None:
    write(tmp_path, {"marketing/tactful.yaml": SETTINGS, "marketing/policies/p.yaml": POLICY})
    write(tmp_path, {"marketing/campaigns/2026/a.yaml": "campaign: a\npurpose: care\naudience: everyone\n"})
    (tmp_path / ".git").mkdir()
    from_below = tactful("check", "--format", "concise", at=tmp_path / "marketing/campaigns/2026")
    assert "campaigns/2026/a.yaml:1:1: error[form/missing-key]" in from_below.out
    assert from_below.err == "checking the repository in ../..\n"
    named = tactful("check", "marketing/campaigns", "--format", "github", at=tmp_path)
    assert "::error file=marketing/campaigns/2026/a.yaml,line=1" in named.out
    above = tactful("check", at=tmp_path)
    assert "there is a repository of campaigns in marketing/: tactful check marketing" in above.out


def test_no_repository_is_looked_for_above_the_work_tree(tmp_path: Path) -> None:
    write(tmp_path, {"tactful.yaml": "tactful: 1\nlanguage: zh\n", "work/docs/notes.txt": "\n"})
    (tmp_path / "work/.git").mkdir()
    ran = tactful("check", at=tmp_path / "work/docs")
    assert ran.err == ""
    assert "checked 0 campaigns" in ran.out
