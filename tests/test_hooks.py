"""Both hooks, run by the real pre-commit from a clone of this repository, on a good and a bad commit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, write
from tests.test_check import CAMPAIGN, CUSTOMERS, POLICY

CONFIG = """repos:
  - repo: {clone}
    rev: {revision}
    hooks:
      - id: tactful
        args: [--as-of=2026-03-01]
      - id: tactful-form
"""


def git(*arguments: str, at: Path) -> str:
    env = os.environ | {
        f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(["git", *arguments], cwd=at, capture_output=True, text=True, env=env, check=True, timeout=120)
    return done.stdout.strip()


def pre_commit(at: Path, home: Path) -> tuple[int, str]:
    env = os.environ | {"PRE_COMMIT_HOME": str(home)}
    command = [sys.executable, "-m", "pre_commit", "run"]
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, env=env, timeout=500)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This work tree as a repository of its own, with all that is not ignored."""
    folder = tmp_path_factory.mktemp("clone")
    files = git("ls-files", "--cached", "--others", "--exclude-standard", at=ROOT).splitlines()
    for name in files:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    git("init", "-q", at=folder)
    git("add", "-A", at=folder)
    git("commit", "-q", "-m", "all", at=folder)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installed."""
    return tmp_path_factory.mktemp("home")


def test_a_good_and_a_bad_commit(tmp_path: Path, clone: Path, home: Path) -> None:
    repository = tmp_path / "repository"
    good = CAMPAIGN.replace("count: 3", "count: 2")
    config = CONFIG.format(clone=clone, revision=git("rev-parse", "HEAD", at=clone))
    write(
        repository,
        {
            "campaigns/sale.yaml": good,
            "customers.yaml": CUSTOMERS,
            "policies/house.yaml": POLICY,
            ".pre-commit-config.yaml": config,
        },
    )
    git("init", "-q", at=repository)
    git("add", "-A", at=repository)
    code, text = pre_commit(repository, home)
    assert code == 0, text
    assert text.count("Passed") == 2
    git("commit", "-q", "-m", "good", "--no-verify", at=repository)

    other = CAMPAIGN.replace("spring-sale", "other").replace("title: Spring sale", "titel: Other")
    write(repository, {"campaigns/other.yaml": other})
    git("add", "-A", at=repository)
    code, text = pre_commit(repository, home)
    assert code == 1
    assert text.count("Failed") == 2
    assert text.count("did you mean title?") == 2

    write(repository, {"campaigns/other.yaml": other.replace("titel", "title")})
    git("add", "-A", at=repository)
    code, text = pre_commit(repository, home)
    assert code == 1
    assert text.count("Failed") == 1
    assert "a customer could get 5 promotions on sms within 7 days; 2 are allowed" in text


def test_campaigns_in_a_folder_of_a_larger_repository(tmp_path: Path, clone: Path, home: Path) -> None:
    config = CONFIG.format(clone=clone, revision=git("rev-parse", "HEAD", at=clone))
    write(
        tmp_path,
        {
            "marketing/campaigns/sale.yaml": CAMPAIGN.replace("title: Spring sale", "titel: Spring sale"),
            "marketing/customers.yaml": CUSTOMERS,
            "marketing/policies/house.yaml": POLICY,
            ".pre-commit-config.yaml": config.replace("args: [", "args: [marketing, "),
        },
    )
    git("init", "-q", at=tmp_path)
    git("add", "-A", at=tmp_path)
    code, text = pre_commit(tmp_path, home)
    assert code == 1
    assert text.count("did you mean title?") == 2
    assert "marketing/campaigns/sale.yaml:2:1" in text

    write(tmp_path, {"marketing/campaigns/sale.yaml": CAMPAIGN.replace("count: 3", "count: 2")})
    git("add", "-A", at=tmp_path)
    code, text = pre_commit(tmp_path, home)
    assert code == 0, text
