"""Real input: the calendar of a real shop, imported and checked, against a count that needs nothing of Tactful."""

from __future__ import annotations

import csv
import itertools
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.running import ROOT, Ran, tactful, write

CALENDAR = ROOT.parent / "shared" / "data" / "retail-calendar" / "campaigns.csv"
MAPPING = Path(__file__).parent / "data" / "retail-calendar.mapping.yaml"
pytestmark = pytest.mark.skipif(not CALENDAR.exists(), reason=f"the real calendar is not here: {CALENDAR}")

POLICY = """policy: house
rules:
  - rule: one-each-day
    kind: frequency-cap
    each: channel
    at_most: 1
    per: {calendar: day}
    clock: UTC
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retail")
    ran = tactful("import", CALENDAR, "--mapping", MAPPING, at=folder)
    assert (ran.code, ran.out, ran.err) == (
        0,
        "wrote 1294 campaigns to campaigns; 613 rows were passed over by 'where'\n",
        "",
    )
    return folder


def rows() -> list[tuple[str, datetime]]:
    """Channel and start of the rows that count, with nothing of Tactful."""
    found = []
    with CALENDAR.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if (
                row["campaign_type"] == "bulk"
                and row["is_test"] != "True"
                and row["started_at"]
                and float(row["total_count"] or 0) >= 1000
            ):
                started = datetime.fromisoformat(row["started_at"]).replace(microsecond=0, tzinfo=UTC)
                found.append((row["channel"], started))
    return found


def check(folder: Path, policy: str) -> Ran:
    write(folder, {"policies/house.yaml": policy})
    return tactful("check", "--as-of", "2021-04-30", "--format", "json", at=folder)


def test_one_a_day_gives_exactly_500_findings(imported: Path) -> None:
    days: dict[tuple[str, object], int] = defaultdict(int)
    for channel, at in rows():
        days[channel, at.date()] += 1
    assert (sum(days.values()), len(days), sum(n > 1 for n in days.values())) == (1294, 794, 328)
    ran = check(imported, POLICY)
    report = json.loads(ran.out)
    assert ran.code == 1
    assert len(report["findings"]) == sum(n - 1 for n in days.values()) == 500
    assert max(f["measure"]["is"] for f in report["findings"]) == max(days.values()) == 9
    assert {f["verdict"] for f in report["findings"]} == {"violated"}


def test_the_rolling_form_agrees_with_a_few_lines(imported: Path) -> None:
    by_channel: dict[str, list[datetime]] = defaultdict(list)
    for channel, at in rows():
        by_channel[channel].append(at)
    expected = 0
    for times in by_channel.values():
        times.sort()
        expected += sum(1 for before, at in itertools.pairwise(times) if at - before < timedelta(hours=24))
    report = json.loads(check(imported, POLICY.replace("{calendar: day}", "24h")).out)
    assert len(report["findings"]) == expected
    assert expected > 500


def test_import_never_overwrites_unless_told(imported: Path) -> None:
    target = imported / "campaigns" / "bulk-63.yaml"
    kept = target.read_text("utf-8")
    target.write_text(kept.replace("sale out", "my own title"), "utf-8")
    refused = tactful("import", CALENDAR, "--mapping", MAPPING, at=imported)
    assert refused.code == 1
    assert "campaigns/bulk-63.yaml is already there" in refused.err
    assert "nothing was written" in refused.err
    assert "my own title" in target.read_text("utf-8")
    assert tactful("import", CALENDAR, "--mapping", MAPPING, "--overwrite", at=imported).code == 0
    assert target.read_text("utf-8") == kept
