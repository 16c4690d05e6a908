"""The action and the template do in a shell what they say; what an input holds is never part of a command."""

from __future__ import annotations

import json
import os
import re
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


CASES = {
    "cases/house.yaml": "case: none\nas_of: 2099-03-01\nplan: [{campaign: c, purpose: content, audience: everyone, touches: [{channel: sms, at: 2099-03-02 10:00}]}]\nfind: []\n"
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


def test_the_action_keeps_one_comment_on_what_a_pull_request_changes(repository: Path, tmp_path: Path) -> None:
    """The first time it is written, later the same one is changed."""
    write(repository, LATER)
    _with_a_base(repository)
    done, _ = action(repository, tmp_path)
    step = next(step for step in recipe("action.yml")["runs"]["steps"] if step["name"] == "Compare")
    runner, bin = tmp_path / "runner", tmp_path / "bin"
    for known in ("", "41"):
        bin.mkdir(exist_ok=True)
        (bin / "gh").write_text(
            f'#!/bin/sh\ncase "$*" in *--jq*) echo {known};; *) echo gh "$@" >> {runner}/called;; esac\n', "utf-8"
        )
        (bin / "gh").chmod(0o755)
        env = dict.fromkeys(step["env"], "") | {"PATH_TO_CHECK": ".", "BASE_REF": "main", "NUMBER": "7"}
        env |= {"REPOSITORY": "o/r", "RUNNER_TEMP": str(runner)}
        done = shell(f'export PATH="{bin}:$PATH"\n{step["run"]}', repository, **env)
        assert done.returncode == 0, done.stderr
    said = (runner / "tactful.md").read_text("utf-8")
    assert "<!-- tactful:diff -->" in said
    assert "1 new" in said
    first, second = (runner / "called").read_text("utf-8").splitlines()
    assert first == f"gh pr comment 7 --repo o/r --body-file {runner}/tactful.md"
    assert second == f"gh api --method PATCH repos/o/r/issues/comments/41 --field body=@{runner}/tactful.md"


def test_the_gitlab_template(repository: Path) -> None:
    job = recipe("templates/gitlab.yml")["tactful"]
    done = shell("\n".join(job["script"]), repository, **job["variables"])
    assert done.returncode in (1, 3), done.stderr
    reports = job["artifacts"]["reports"]
    json.loads((repository / reports["codequality"]).read_text("utf-8"))
    assert (repository / reports["junit"]).read_text("utf-8").startswith("<?xml")
    assert not (repository / "tactful.md").exists()


def test_the_gitlab_template_in_a_merge_request(repository: Path) -> None:
    write(repository, LATER)
    _with_a_base(repository)
    job = recipe("templates/gitlab.yml")["tactful"]
    done = shell("\n".join(job["script"]), repository, CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD", **job["variables"])
    assert done.returncode == 1, done.stderr
    assert job["artifacts"]["paths"] == ["tactful.md"]
    assert "1 new" in (repository / "tactful.md").read_text("utf-8")


BLOCK = re.compile(r"^```yaml\n# file: (\S+\.yml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RECIPES = [
    (page, found[1], found[2])
    for page in ("docs/ci.md", "docs/tutorial.md")
    for found in BLOCK.finditer((ROOT / page).read_text("utf-8"))
    if ".github" in found[1] or "gitlab" in found[1] or "pipeline" in found[1]
]
LATER = {name: text.replace("2026", "2099") for name, text in FILES.items()}
MENDED = LATER["campaigns/spring.yaml"].replace("2099-03-04", "2099-03-20")
KNOWN = {"${{ github.token }}": "token", "${{ github.event.number }}": "7", "${{ github.base_ref }}": "main"}


def steps_of(recipe: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of the one job, whatever runs it."""
    if "jobs" in recipe:
        (job,) = recipe["jobs"].values()
        return list(job["steps"])
    if "steps" in recipe:
        return [{"run": step["script"]} for step in recipe["steps"]]
    job = recipe["tactful"]
    return [{"run": line} for line in [*job["before_script"], *job["script"]]]


def _with_a_base(root: Path) -> None:
    """The branch that the change goes into, as a runner has it: without the campaigns."""
    shell(
        "git init -q && git add policies tactful.yaml && git -c user.name=x -c user.email=x@example.com commit -qm base"
        " && git update-ref refs/remotes/origin/main HEAD",
        root,
    )


def run_recipe(text: str, repository: Path, runner: Path) -> bool:
    """Runs the steps as a runner does: in order, the first that fails is the last but for ``always()``. Whether it is green."""
    (runner / "bin").mkdir(parents=True, exist_ok=True)
    for name in ("pip", "gh"):
        (runner / "bin" / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {runner}/called\n', "utf-8")
        (runner / "bin" / name).chmod(0o755)
    green = True
    for step in steps_of(YAML(typ="safe", pure=True).load(text)):
        if "run" not in step or not (green or step.get("if") == "always()"):
            continue
        env = {name: KNOWN[value] for name, value in step.get("env", {}).items()}
        env |= {"RUNNER_TEMP": str(runner), "GITHUB_STEP_SUMMARY": str(runner / "summary.md")}
        script = f'export PATH="{runner}/bin:$PATH"\n{step["run"]}'
        green = shell(script, repository, **env).returncode == 0 and green
    return green


@pytest.mark.parametrize(("page", "name", "text"), RECIPES, ids=[f"{page}:{name}" for page, name, _ in RECIPES])
def test_a_recipe_is_red_and_then_green(page: str, name: str, text: str, tmp_path: Path) -> None:
    root, runner = write(tmp_path / "repository", LATER | CASES), tmp_path / "runner"
    if name.endswith("action.yml"):
        inputs = recipe("action.yml")["inputs"]
        used = next(step for step in steps_of(YAML(typ="safe", pure=True).load(text)) if "/tactful@" in step["uses"])
        assert set(used["with"]) <= set(inputs)
        return
    _with_a_base(root)
    assert not run_recipe(text, root, runner)
    written = [path for path in (*root.iterdir(), *runner.iterdir()) if path.suffix in (".md", ".json", ".xml")]
    assert any("within 7 days" in path.read_text("utf-8") for path in written)
    if "comment" in name:
        assert "gh pr comment 7 --edit-last --create-if-none --body-file" in (runner / "called").read_text("utf-8")
    write(root, {"campaigns/spring.yaml": MENDED})
    assert run_recipe(text, root, runner)


def test_the_hooks_of_the_pages_exist() -> None:
    there = {hook["id"] for hook in recipe(".pre-commit-hooks.yaml")}
    for page in ("docs/ci.md", "README.md"):
        assert set(re.findall(r"- id: (tactful\S*)", (ROOT / page).read_text("utf-8"))) == there
