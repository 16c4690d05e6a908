"""The action and the template do in a shell what they say; what an input holds is never part of a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.running import ROOT, write

FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\n",
    "policies/house.yaml": "policy: house\nrules:\n  - {rule: one-a-week, kind: frequency-cap, at_most: 1, per: 7d}\n",
    "campaigns/spring.yaml": "campaign: spring\npurpose: promotion\naudience: everyone\ntouches:\n  - {channel: sms, at: 2026-03-02 10:00}\n  - {channel: sms, at: 2026-03-04 10:00}\n",
}


def recipe(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((ROOT / name).read_text("utf-8"))


def shell(script: str, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(at), **environment}
    return subprocess.run(["bash", "-e", "-c", script], cwd=at, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write(tmp_path / "repository", FILES)


def action(repository: Path, tmp_path: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The step of the action that checks, with its inputs as the runner sets them."""
    described = recipe("action.yml")
    step = next(step for step in described["runs"]["steps"] if step["name"] == "Check")
    given = {name: inputs.get(name, spec["default"]) for name, spec in described["inputs"].items()}
    env = {}
    for name, value in step["env"].items():
        env[name] = given[value.removeprefix("${{ inputs.").removesuffix(" }}")]
    home = tmp_path / "runner" / "tactful" / "bin"
    home.mkdir(parents=True)
    (home / "tactful").symlink_to(Path(sys.executable).parent / "tactful")
    summary = tmp_path / "summary.md"
    env |= {"RUNNER_TEMP": str(tmp_path / "runner"), "GITHUB_STEP_SUMMARY": str(summary)}
    return shell(step["run"], repository, **env), summary


def test_the_action_annotates_sums_up_and_fails(repository: Path, tmp_path: Path) -> None:
    done, summary = action(repository, tmp_path, **{"as-of": "2026-03-01"})
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=campaigns/spring.yaml,line=6,")
    assert "house/one\\-a\\-week" in summary.read_text("utf-8")
    assert json.loads((repository / "tactful.sarif").read_text("utf-8"))["runs"][0]["results"]


def test_the_action_speaks_chinese(repository: Path, tmp_path: Path) -> None:
    done, _ = action(repository, tmp_path, language="zh", **{"as-of": "2026-03-01"})
    assert "某位客户" in done.stdout


def test_an_input_is_no_command(repository: Path, tmp_path: Path) -> None:
    done, _ = action(repository, tmp_path, language='en"; touch owned; "', **{"as-of": "$(touch owned)"})
    assert done.returncode == 2
    assert not (repository / "owned").exists()


def test_the_gitlab_template(repository: Path) -> None:
    job = recipe("templates/gitlab.yml")["tactful"]
    done = shell("\n".join(job["script"]), repository, **job["variables"])
    assert done.returncode in (1, 3), done.stderr
    reports = job["artifacts"]["reports"]
    json.loads((repository / reports["codequality"]).read_text("utf-8"))
    assert (repository / reports["junit"]).read_text("utf-8").startswith("<?xml")
