"""The packs of published rules, and the traps: their cases pass, and every rule has its cases and its source.

The house pack ``friends-first`` is tested in ``test_cases.py``.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tactful.checker.cases import CaseFile, read_cases
from tactful.checker.packs import PACKS
from tactful.checker.reading.profile import parse

from tests.running import ROOT, tactful, write
from tests.test_docs import BLOCK, console_block, yaml_block

FOLDER = ROOT / "policies"
SHIPPED = sorted(path.parent.name for path in FOLDER.glob("*/policy.yaml"))
NAMES = [name for name in SHIPPED if name != "friends-first"]


def policy(name: str) -> dict[str, Any]:
    parsed = parse((FOLDER / name / "policy.yaml").read_text("utf-8"))
    assert not parsed.complaints
    (document,) = parsed.documents
    assert document["policy"] == name
    found: dict[str, Any] = document
    return found


def cases(path: str) -> CaseFile:
    file = read_cases(ROOT, path)
    assert not file.slips
    assert not file.problems
    return file


def passes(path: Path, folder: Path) -> None:
    """The file of cases passes in an empty folder, as people run it."""
    shutil.copy(path, folder / "cases.yaml")
    ran = tactful("test", "cases.yaml", at=folder, LANG="en_GB.UTF-8")
    assert ran.code == 0, ran.out + ran.err
    assert ", 0 failed" in ran.out


def test_every_folder_with_a_policy_is_a_pack() -> None:
    assert sorted(PACKS) == SHIPPED


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_of_a_pack(tmp_path: Path, name: str) -> None:
    passes(FOLDER / name / "cases.yaml", tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_of_a_pack_has_a_case_that_fails_and_one_that_passes(name: str) -> None:
    rules = {f"{name}/{rule['rule']}" for rule in policy(name)["rules"]}
    file = cases(f"policies/{name}/cases.yaml")
    fails = {e.rule for case, _ in file.cases for e in case.find if e.verdict == "violated"}
    kept = {rule for case, _ in file.cases if not case.find for rule in case.rules}
    assert rules - fails == set(), "no case that fails"
    assert rules - kept == set(), "no case that passes"
    assert len({case.case for case, _ in file.cases}) == len(file.cases), "two cases of one name"


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_of_a_pack_says_why_and_where_from(name: str) -> None:
    document = policy(name)
    assert set(document["title"]) == {"en", "zh"}
    for rule in document["rules"]:
        source = rule["source"]
        assert source.get("citation") or source.get("url"), rule["rule"]
        assert source["evidence"] in ("P", "S", "ours", "practice"), rule["rule"]
        assert date.fromisoformat(str(source["verified_on"])) <= date.today(), rule["rule"]
        assert source["scope"], rule["rule"]
        assert set(rule["because"]) == {"en", "zh"}, rule["rule"]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_pack_names_every_rule(name: str) -> None:
    page = (FOLDER / name / "README.md").read_text("utf-8")
    assert [rule["rule"] for rule in policy(name)["rules"] if f"`{rule['rule']}`" not in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_blocks_of_the_page_of_a_pack(tmp_path: Path, name: str) -> None:
    page = (FOLDER / name / "README.md").read_text("utf-8")
    for found in BLOCK.finditer(page):
        line = page.count("\n", 0, found.start()) + 1
        block = {"yaml": yaml_block, "console": console_block}[found[1]]
        block(found[2], tmp_path, f"{name}/README.md:{line}")


@pytest.mark.parametrize("name", ["traps", "answers"])
def test_cases_of_the_project_itself(name: str, tmp_path: Path) -> None:
    passes(ROOT / "tests" / f"{name}.yaml", tmp_path)


@pytest.mark.parametrize("key", ["kind", "one-click.kind", "rule", "one-click.rule"])
def test_what_a_rule_of_a_pack_is_cannot_be_set(key: str, tmp_path: Path) -> None:
    settings = f"tactful: 1\ntimezone: UTC\npacks: [{{use: bulk-email, with: {{{key}: [x]}}}}]\n"
    write(tmp_path, {"tactful.yaml": settings})
    ran = tactful("check", at=tmp_path)
    assert (ran.code, f"the pack has nothing to set by '{key}'" in ran.out) == (2, True)
