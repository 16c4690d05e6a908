"""What each kind counts: no cell is empty, and for each that can turn a verdict there is a plan in which it does so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tactful.checker.cases import read_cases
from tactful.checker.counts import FEATURES, counts_of
from tactful.engine.rules import KINDS

from tests.running import ROOT, tactful

FOLDER = ROOT / "tests" / "counts"
IN_FILES = {"ledger-log", "unreadable"}
"""What stands in files beside the documents, which cases do not read: these are tested where logs and broken files are."""


def test_no_kind_forgets_a_feature() -> None:
    for kind in KINDS:
        assert list(counts_of(kind)) == list(FEATURES), kind


@pytest.mark.parametrize("kind", KINDS)
def test_each_feature_that_counts_turns_a_verdict(kind: str) -> None:
    """Two plans, with the feature and without it, of which one rule says different things."""
    file = read_cases(ROOT, f"tests/counts/{kind}.yaml")
    assert not file.slips
    assert not file.problems
    found = {case.case: sorted((f.rule, f.verdict, f.campaign or "") for f in case.find) for case, _ in file.cases}
    for feature, cell in counts_of(kind).items():
        if cell.does == "no" or feature in IN_FILES:
            assert f"{feature} counts" not in found, feature
            continue
        with_it, without = found[f"{feature} counts"], found[f"{feature} left out"]
        assert with_it != without, feature
        if cell.does == "unproven":
            assert "unproven" in {verdict for _, verdict, _ in with_it}, feature


@pytest.mark.parametrize("kind", KINDS)
def test_the_plans_are_answered_so(kind: str, tmp_path: Path) -> None:
    shutil.copy(FOLDER / f"{kind}.yaml", tmp_path / "cases.yaml")
    ran = tactful("test", "cases.yaml", at=tmp_path)
    assert ran.code == 0, ran.out
