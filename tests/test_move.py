"""``move``: to which days a touch may be moved, in what is read, in what is proposed, and in what ``why`` looks at."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.running import tactful, write

SETTINGS = "tactful: 1\ntimezone: UTC\nperiod: {from: 2026-03-01, until: 2026-03-31}\n"
POLICY = "policy: house\nrules:\n  - {rule: one, kind: frequency-cap, at_most: 1, per: 7d}\n"
HOURS = "policy: house\nrules:\n  - {rule: open, kind: sending-hours, hours: {mon-fri: 09:00-21:00}}\n"
FIRST = "campaign: first\npurpose: content\naudience: everyone\ntouches:\n  - {channel: sms, at: 2026-03-10 10:00}\n"
SECOND = "campaign: second\npurpose: content\naudience: everyone\n{move}touches:\n  - {{channel: sms, at: {at}{own}}}\n"


def plan(root: Path, move: str = "", own: str = "", at: str = "2026-03-12 10:00", policy: str = POLICY) -> Path:
    second = SECOND.format(move=move and f"move: {move}\n", own=own and f", move: {own}", at=at)
    files = {"tactful.yaml": SETTINGS, "policies/house.yaml": policy, "campaigns/first.yaml": FIRST}
    return write(root, files | {"campaigns/second.yaml": second})


def help_of(root: Path) -> str | None:
    out = tactful("check", "--as-of", "2026-03-01", "--format", "json", at=root).out
    found = {one["campaign"]: one["help"] for one in json.loads(out)["findings"]}
    help: str | None = found["second"]
    return help


def days_of(help: str | None) -> list[str]:
    """The days that are proposed for the touch itself."""
    return re.findall(r"2026-\d\d-\d\d", help) if help is not None and help.startswith("move this touch to") else []


def test_what_is_proposed_lies_within_it(tmp_path: Path) -> None:
    assert days_of(help_of(plan(tmp_path / "any"))) == ["2026-03-17", "2026-03-18", "2026-03-19"]
    assert days_of(help_of(plan(tmp_path / "from", "{from: 2026-03-20}"))) == ["2026-03-20", "2026-03-21", "2026-03-22"]
    assert days_of(help_of(plan(tmp_path / "until", "{until: 2026-03-14}"))) == [
        "2026-03-01",
        "2026-03-02",
        "2026-03-03",
    ]
    assert days_of(help_of(plan(tmp_path / "never", "never"))) == []
    own = days_of(help_of(plan(tmp_path / "own", "never", own="{until: 2026-03-30}")))
    assert own == ["2026-03-17", "2026-03-18", "2026-03-19"]


def test_no_open_time_is_proposed_outside_of_it(tmp_path: Path) -> None:
    saturday = "2026-03-14 10:00"
    said = days_of(help_of(plan(tmp_path / "any", at=saturday, policy=HOURS)))
    assert said == ["2026-03-12", "2026-03-13", "2026-03-16"]
    said = days_of(help_of(plan(tmp_path / "until", own="{until: 2026-03-15}", at=saturday, policy=HOURS)))
    assert said == ["2026-03-11", "2026-03-12", "2026-03-13"]
    said_there = help_of(plan(tmp_path / "own", own="{from: 2026-03-14, until: 2026-03-15}", at=saturday, policy=HOURS))
    assert said_there is not None
    assert said_there.endswith("no open time on the days to which it may be moved (move)")


def test_why_looks_at_these_days_only(tmp_path: Path) -> None:
    def places(name: str, move: str) -> list[dict[str, object]]:
        root = plan(tmp_path / name, move)
        out = tactful("why", "second", "--as-of", "2026-03-01", "--format", "json", at=root).out
        found: list[dict[str, object]] = json.loads(out)["places"]
        return found

    assert places("any", "")[0]["tried"] == ["2026-03-17", "2026-03-18", "2026-03-19"]
    assert places("until", "{until: 2026-03-14}")[0]["tried"] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert places("never", "never") == []


@pytest.mark.parametrize(
    ("move", "said"),
    [
        ("sometimes", "expected never, or {from: DAY, until: DAY}"),
        ("{}", "say from or until, or never"),
        ("{form: 2026-03-01}", "unknown key 'form'"),
        ("{from: 2026-03-20, until: 2026-03-01}", "from is after until"),
        ("{from: tomorrow}", "a date"),
    ],
)
def test_what_is_no_move(move: str, said: str, tmp_path: Path) -> None:
    ran = tactful("check", "--as-of", "2026-03-01", at=plan(tmp_path, move))
    assert ran.code == 1
    assert said in ran.out
    assert "campaigns/second.yaml:4:" in ran.out


def test_a_triggered_campaign_has_no_time_to_move(tmp_path: Path) -> None:
    root = plan(tmp_path)
    customers = "customers:\n  attributes: {}\n  events:\n    joined: {}\n"
    welcome = "campaign: welcome\npurpose: service\naudience: everyone\ntrigger: {event: joined}\nmove: never\ntouches:\n  - {channel: sms}\n"
    write(root, {"customers.yaml": customers, "campaigns/welcome.yaml": welcome})
    assert "move is for touches with a time of their own" in tactful("check", "--as-of", "2026-03-01", at=root).out
