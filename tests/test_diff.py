"""``tactful diff``: what a change does is the difference of two whole runs."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from tactful.checker.loading import load
from tactful.checker.run import check
from tactful.engine.verdicts import Finding

from tests.changing import changed, repository
from tests.running import ROOT, same, tactful, write

DAY = date(2026, 3, 1)
ASKED = ("--as-of", "2026-03-01")


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def committed(root: Path) -> Path:
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "before")
    return root


def plain(folder: Path) -> Path:
    """The example without git around it."""
    shutil.copytree(ROOT / "examples/retail/keeps", folder)
    return folder


@pytest.fixture
def retail(tmp_path: Path) -> Path:
    """The plan of the shop, with one touch moved into a full week and another out of it."""
    shutil.copytree(ROOT / "examples/retail/breaks", tmp_path / "shop")
    root = committed(tmp_path / "shop")
    for name, was, now in (("garden-opens", "03-17 10:00", "03-13 10:00"), ("mothers-day-flowers", "03-14", "04-14")):
        file = root / f"campaigns/{name}.yaml"
        file.write_text(file.read_text("utf-8").replace(was, now), "utf-8")
    return root


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_change(retail: Path, form: str, language: str) -> None:
    ran = tactful("diff", "HEAD", *ASKED, "--format", form, "--language", language, at=retail)
    assert ran.code == 1
    same(f"diff-{form}.{language}.txt", ran.out)


def test_without_a_change_there_is_nothing_to_tell(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/retail/breaks", tmp_path / "shop")
    ran = tactful("diff", "HEAD", *ASKED, at=committed(tmp_path / "shop"))
    assert ran.code == 0
    assert ran.out == "this change: no finding is new, worse, better or mended; 18 as before\n"


def test_a_repository_below_the_top_of_its_work_tree(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/retail/breaks", tmp_path / "all" / "shop")
    root = committed(tmp_path / "all") / "shop"
    (root / "campaigns/garden-opens.yaml").unlink()
    told = json.loads(tactful("diff", "HEAD", *ASKED, "--format", "json", at=root).out)
    assert told["summary"]["mended"] == 3
    assert told["summary"]["new"] == 0


def test_what_cannot_be_told(retail: Path, tmp_path: Path) -> None:
    for revision in ("nowhere", "--output=x", "HEAD~9"):
        ran = tactful("diff", "--", revision, at=retail)
        assert ran.code == 2
        assert f"git knows no revision '{revision}' here" in ran.err
    assert not (retail / "x").exists()
    assert "this folder is in no work tree of git" in tactful("diff", "HEAD", *ASKED, at=plain(tmp_path / "none")).err
    assert "there are text, json, markdown" in tactful("diff", "HEAD", "--format", "sarif", at=retail).err


def test_faults_are_named_and_nothing_is_called_mended(retail: Path) -> None:
    (retail / "campaigns/gold-tea.yaml").write_text("campaign: [\n", "utf-8")
    ran = tactful("diff", "HEAD", *ASKED, at=retail)
    assert ran.code == 2
    assert ran.out == ""
    assert "the files have faults, the first at campaigns/gold-tea.yaml:" in ran.err


def test_nothing_planned_is_nothing_compared(retail: Path) -> None:
    ran = tactful("diff", "HEAD", "--as-of", "2027-03-01", at=retail)
    assert ran.code == 3
    assert ran.out == "nothing is planned on or after 2027-03-01, so nothing was compared\n"


def test_another_limit_makes_it_worse_or_better(retail: Path) -> None:
    policy = retail / "policies/contact.yaml"
    text = policy.read_text("utf-8")
    git(retail, "commit", "--quiet", "--all", "--message", "moved")
    for at_most, how in (("3", "better"), ("1", "worse")):
        policy.write_text(text.replace("at_most: 2", f"at_most: {at_most}"), "utf-8")
        told = json.loads(tactful("diff", "HEAD", *ASKED, "--format", "json", at=retail).out)["differences"]
        asked = [one["how"] for one in told if one["rule"] == "contact/two-promotions-a-week"]
        assert set(asked) <= {how, "mended", "new"}
        assert how in asked


def test_a_base_with_faults_is_said(retail: Path) -> None:
    policy = retail / "policies/contact.yaml"
    whole = policy.read_text("utf-8")
    policy.write_text("policy: [\n", "utf-8")
    git(retail, "commit", "--quiet", "--all", "--message", "broken")
    policy.write_text(whole, "utf-8")
    assert "the base could not be checked" in tactful("diff", "HEAD", *ASKED, at=retail).out


def test_a_link_in_the_base_leads_nowhere(retail: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("campaign: secret\n", "utf-8")
    os.symlink(tmp_path / "secret.yaml", retail / "campaigns/link.yaml")
    git(retail, "add", "--all")
    git(retail, "commit", "--quiet", "--message", "link")
    (retail / "campaigns/link.yaml").unlink()
    assert "secret" not in tactful("diff", "HEAD", *ASKED, at=retail).out


def known(root: Path) -> dict[tuple[str, str | None, str | None], Finding]:
    return {(f.rule, f.campaign, f.group): f for f in check(load(root), DAY).findings}


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_difference_of_two_whole_runs(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    files = repository(rng, 8)
    root, held = committed(write(tmp_path / "r", files)), files
    was = known(root)
    for _ in range(4):
        files = changed(files, rng)
        for path in (root / "campaigns").glob("*.yaml"):
            path.unlink()
        write(root, files)
        now = known(root)
        ran = tactful("diff", "HEAD", *ASKED, "--format", "json", at=root)
        if ran.code == 2:
            assert "the files have faults, the first at campaigns/" in ran.err
            files = held
            continue
        held, told = files, json.loads(ran.out)["differences"]
        named = {(one["rule"], one["campaign"], one["group"]): one["how"] for one in told}
        assert named.keys() == was.keys() | now.keys()
        for key, how in named.items():
            assert (how == "new") == (key not in was)
            assert (how == "mended") == (key not in now)
            if how == "same":
                assert (was[key].measure, was[key].more) == (now[key].measure, now[key].more)
            if how in ("worse", "better") and was[key].verdict == now[key].verdict:
                assert (was[key].measure, was[key].more) != (now[key].measure, now[key].more)
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--allow-empty", "--message", "next")
        was = now


# --- check --since ---------------------------------------------------------------------------------------------------


def test_only_what_is_new_or_worse_counts_since_a_revision(retail: Path) -> None:
    """The same findings that ``diff`` calls new or worse."""
    told = json.loads(tactful("diff", "HEAD", *ASKED, "--format", "json", at=retail).out)
    bad = {(one["rule"], one["campaign"]) for one in told["differences"] if one["how"] in ("new", "worse")}
    ran = tactful("check", *ASKED, "--since", "HEAD", "--format", "json", at=retail)
    report = json.loads(ran.out)
    assert {(one["rule"], one["campaign"]) for one in report["findings"]} == bad != set()
    assert len(report["known"]) > 5
    assert ran.code == 1
    git(retail, "checkout", "--", ".")
    ran = tactful("check", *ASKED, "--since", "HEAD", at=retail)
    assert ran.code == 0
    assert "18 known" in ran.out


def test_since_what_git_does_not_know(retail: Path) -> None:
    ran = tactful("check", *ASKED, "--since", "nowhere", at=retail)
    assert ran.code == 2
    assert "git knows no revision 'nowhere'" in ran.err
