"""Help that was tried: each proposal, made over the whole plan, mends its finding and worsens none."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from tests.changing import repository
from tests.proposing import harm
from tests.running import ROOT, tactful, write

DAY = date(2026, 3, 1)
REPOSITORY = {
    "tactful.yaml": "tactful: 1\ntimezone: UTC\nperiod: {from: 2026-03-01, until: 2026-03-31}\n",
    "policies/p.yaml": "policy: p\nrules:\n  - {rule: cap, kind: frequency-cap, at_most: 1, per: 7d}\n",
}


def campaign(name: str, at: str, more: str = "") -> str:
    return f"campaign: {name}\npurpose: promotion\naudience: everyone\n{more}touches:\n  - {{channel: sms, at: {at}}}\n"


def help_of(root: Path, *also: str) -> list[str]:
    told = tactful("check", "--as-of", "2026-03-01", *also, at=root).out
    return [line.partition("help: ")[2] for line in told.splitlines() if "help: " in line]


def test_the_proposals_of_the_retail_example_mend_and_worsen_nothing() -> None:
    wrong, findings, proposals = harm(ROOT / "examples/retail/breaks", DAY)
    assert wrong == []
    assert proposals["sending-hours"] == findings["sending-hours"]
    assert proposals["audience-fit"] == 2
    assert proposals["frequency-cap"] >= 3


@pytest.mark.parametrize("seed", range(3))
def test_the_proposals_of_random_plans_mend_and_worsen_nothing(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    wrong, _, _ = harm(write(tmp_path, repository(rng, 10)), DAY, most=6)
    assert wrong == []


def test_earlier_and_later_days_the_nearest_first(tmp_path: Path) -> None:
    """A week lies before and after each other touch: one day between the two is free, and those long before."""
    days = {"a": 10, "b": 14, "c": 24}
    files = {f"campaigns/{name}.yaml": campaign(name, f"2026-03-{day} 10:00") for name, day in days.items()}
    write(tmp_path, REPOSITORY | files)
    assert help_of(tmp_path) == ["move this touch to 2026-03-02 10:00, 2026-03-03 10:00 or 2026-03-17 10:00"]


def test_only_where_it_is_of_use(tmp_path: Path) -> None:
    """Within ``move``; where it says never, the other touch of the set is moved."""
    first = campaign("a", "2026-03-10 10:00")
    for move, said in (
        ("{until: 2026-03-15}", "move this touch to 2026-03-01 10:00, 2026-03-02 10:00 or 2026-03-03 10:00"),
        ("never", "move the touch of a at 2026-03-10 10:00 to 2026-03-07 10:00"),
    ):
        files = {"campaigns/a.yaml": first, "campaigns/b.yaml": campaign("b", "2026-03-14 10:00", f"move: {move}\n")}
        write(tmp_path, REPOSITORY | files)
        assert help_of(tmp_path) == [said]
    write(tmp_path, {"campaigns/a.yaml": campaign("a", "2026-03-10 10:00", "move: never\n")})
    assert help_of(tmp_path)[0].startswith("it may not be moved (move: never); send it to fewer customers")


def test_the_fewest_rules_that_are_in_each_others_way(tmp_path: Path) -> None:
    """One refuses the days before, the other those after; the third refuses some of them, and is not needed."""
    policy = """policy: p
rules:
  - {rule: cap, kind: frequency-cap, at_most: 1, per: 7d}
  - {rule: early, kind: sending-hours, match: {campaign: b}, hours: {mon-sun: 00:00-24:00}, blackout: [%s]}
  - {rule: day, kind: sending-hours, match: {campaign: b}, hours: {mon-sun: 00:00-24:00}, blackout: [2026-03-01]}
"""
    early = ", ".join(f"2026-03-{day:02}" for day in range(1, 10))
    move = "move: {until: 2026-03-16}\n"
    files = {
        "policies/p.yaml": policy % early,
        "campaigns/a.yaml": campaign("a", "2026-03-10 10:00", "move: never\n"),
        "campaigns/b.yaml": campaign("b", "2026-03-14 10:00", move),
    }
    write(tmp_path, REPOSITORY | files)
    told = help_of(tmp_path)
    assert told == [
        "no other day from 2026-03-01 to 2026-03-16 keeps to all of p/cap, p/early; "
        "send it to fewer customers, or take out another touch"
    ]


def test_what_is_proposed_as_json(tmp_path: Path) -> None:
    import json

    files = {
        "campaigns/a.yaml": campaign("a", "2026-03-10 10:00"),
        "campaigns/b.yaml": campaign("b", "2026-03-14 10:00"),
    }
    write(tmp_path, REPOSITORY | files)
    told = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "json", at=tmp_path).out)
    finding = told["findings"][0]
    assert finding["proposals"][0] == {"campaign": "b", "touch": 1, "at": "2026-03-17T10:00:00"}
    assert finding["stands_at"] == [{"touch": 1, "local": "2026-03-14T10:00:00"}]
    assert (finding["parties"], finding["among"]) == (["a", "b"], [])
