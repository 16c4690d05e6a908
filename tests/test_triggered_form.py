"""What is wrong with the times of triggered campaigns and of events is said at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import tactful, write

CAMPAIGN = """campaign: answer
purpose: service
audience: everyone
timezone: Asia/Shanghai
trigger: {event: inquiry, again_after: 1d}
touches:
  - {channel: sms, after: 2d}
"""
CUSTOMERS = "customers:\n  events:\n    inquiry: {assume: {at_most: 1, per: 1d}}\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("campaigns/answer.yaml", "after: 2d", "after: 2workdays", "not counted in working days"),
        ("campaigns/answer.yaml", "again_after: 1d", "again_after: 1workdays", "not counted in working days"),
        ("campaigns/answer.yaml", "event: inquiry", "event: inquirry", "did you mean inquiry?"),
        ("campaigns/answer.yaml", "touches:", "send_in: {holidays: none}\ntouches:", "holidays need a calendar"),
        ("customers.yaml", "per: 1d", "per: 1workdays", "not counted in working days"),
        ("customers.yaml", "per: 1d}", "per: 1d}, hours: {holidays: none}", "holidays need a calendar"),
        ("customers.yaml", "assume:", "sets: {seen: day}, assume:", "the attribute 'seen' is not declared"),
    ],
)
def test_a_time_that_cannot_be_used(tmp_path: Path, file: str, old: str, new: str, words: str) -> None:
    files = {
        "campaigns/answer.yaml": CAMPAIGN,
        "customers.yaml": CUSTOMERS,
        "policies/house.yaml": "policy: house\nrules:\n  - {rule: two, kind: frequency-cap, at_most: 8, per: 7d}\n",
    }
    write(tmp_path, files)
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 0, ran.out
    write(tmp_path, {file: files[file].replace(old, new)})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code in (1, 2)
    assert words in ran.out
    assert "Traceback" not in ran.out + ran.err
