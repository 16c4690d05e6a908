"""What a pull request could do to the machine that checks it: bombs, closed pipes, full disks, and being stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.running import ROOT, tactful, write

TACTFUL = [sys.executable, "-m", "tactful.checker"]
CAMPAIGN = "{campaign: a, purpose: care, audience: everyone, touches: [{channel: email, at: 2026-03-02 10:00}]}\n"
FILES = {"tactful.yaml": "tactful: 1\ntimezone: UTC\n", "campaigns/a.yaml": CAMPAIGN}
DOUBLED = "['aaaaaaaaaaaaaaaa']" + ".map(x,x+x)" * 26 + ".size() == 1"
LISTS = "[[1,2,3,4,5,6,7,8]]" + ".map(x,x+x)" * 26 + ".size() == 1"


def fan(depth: int) -> str:
    """A schema in which each part asks for the next ten times over."""
    parts = [
        f"p{n}: {{allOf: [{', '.join([f'{{$ref: {chr(34)}#/$defs/p{n + 1}{chr(34)}}}'] * 10)}]}}" for n in range(depth)
    ]
    return f"{{$defs: {{{', '.join(parts)}, p{depth}: {{type: object}}}}, $ref: '#/$defs/p0'}}"


@pytest.mark.parametrize(
    "asked", [f'that: "{DOUBLED}"', f'that: "{LISTS}"', f"schema: {fan(9)}"], ids=["text", "list", "schema"]
)
def test_a_bomb_is_that_rules_trouble_alone(asked: str, tmp_path: Path) -> None:
    rules = [f"{{rule: bomb, kind: require, on: campaign, {asked}}}", "{rule: owner, kind: require, fields: [owner]}"]
    write(tmp_path, FILES | {"policies/p.yaml": f"policy: p\nrules: [{', '.join(rules)}]\n"})
    began = time.monotonic()
    ran = tactful("check", "--as-of", "2026-03-01", "--format", "concise", at=tmp_path)
    assert time.monotonic() - began < 30
    assert "error[p/bomb] p/bomb is not proven" in ran.out.replace("unproven: ", "")
    assert "campaign 'a' has no owner" in ran.out
    assert ran.code == 1


def test_expressions_within_bounds_are_worked_out(tmp_path: Path) -> None:
    rule = "{rule: fine, kind: require, on: campaign, that: \"['a', 'b'].map(x, x + x).size() == 2\"}"
    write(tmp_path, FILES | {"policies/p.yaml": f"policy: p\nrules: [{rule}]\n"})
    assert tactful("check", "--as-of", "2026-03-01", at=tmp_path).code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is full")
@pytest.mark.parametrize("asked", [["--help"], ["check", "--help"], ["--version"], ["rules"], ["schema"]])
def test_a_full_disk_is_said_in_words(asked: list[str]) -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run([*TACTFUL, *asked], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert ran.returncode == 2
    assert "defect" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(("folder", "asked"), [("file", "init"), ("file/below", "init"), ("/proc/nowhere", "init")])
def test_odd_places_are_said_in_words(folder: str, asked: str, tmp_path: Path) -> None:
    write(tmp_path, {"file": "text\n"})
    ran = tactful(asked, folder, at=tmp_path)
    assert ran.code == 2
    assert "defect" not in ran.err


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ran = subprocess.run(
        [*TACTFUL, "check"],
        cwd=gone,
        capture_output=True,
        text=True,
        preexec_fn=gone.rmdir,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert "defect" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("delay", [0.4, 0.9, 1.6])
@pytest.mark.parametrize("times", [1, 2])
def test_stopping_it_ends_at_once_and_leaves_nothing(delay: float, times: int) -> None:
    asked = [*TACTFUL, "check", "--as-of", "2026-03-01", "--no-cache"]
    at = ROOT / "examples/cafe/breaks"
    with subprocess.Popen(asked, cwd=at, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as run:
        time.sleep(delay)
        for _ in range(times):
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGINT)
            time.sleep(0.03)
        began = time.monotonic()
        _, errors = run.communicate(timeout=20)
        assert time.monotonic() - began < 5
        assert run.returncode in (1, 130)  # 1: it was done before
        assert b"Traceback" not in errors
        while time.monotonic() < began + 1 and _alive(run.pid):
            time.sleep(0.05)
        assert not _alive(run.pid)


def _alive(group: int) -> list[str]:
    """The processes of a group that still run (those that ended may wait for whoever reaps them)."""
    states = (_state_and_group(path) for path in Path("/proc").glob("[0-9]*/stat"))
    return [state for state, of in states if of == group and state not in "ZX"]


def _state_and_group(path: Path) -> tuple[str, int]:
    try:
        fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return fields[0], int(fields[2])


def test_commands_of_a_build_log_are_broken_up(tmp_path: Path) -> None:
    files = FILES | {"campaigns/b.yaml": CAMPAIGN.replace("campaign: a", 'campaign: "b##[error]x"')}
    write(tmp_path, files | {"policies/p.yaml": "policy: p\nrules: [{rule: o, kind: require, fields: [owner]}]\n"})
    for form in ("text", "concise", "json", "sarif", "github", "gitlab", "markdown", "junit"):
        assert "##[" not in tactful("check", "--as-of", "2026-03-01", "--format", form, at=tmp_path).out, form


def test_a_line_of_carriage_returns_is_shown(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    (tmp_path / "campaigns/b.yaml").write_bytes(b"x: [" + b"\r" * 2001)
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert (ran.code, "defect" in ran.err) == (1, False)
    assert "campaigns/b.yaml:1" in ran.out


def test_many_touches_of_one_campaign(tmp_path: Path) -> None:
    touches = ", ".join(f"{{channel: email, at: 2026-03-02 {n // 60:02}:{n % 60:02}}}" for n in range(1440))
    many = CAMPAIGN.replace("{channel: email, at: 2026-03-02 10:00}", ", ".join([touches] * 3))
    write(tmp_path, FILES | {"campaigns/a.yaml": many})
    write(tmp_path, {"policies/p.yaml": "policy: p\nrules: [{rule: o, kind: require, fields: [owner]}]\n"})
    began = time.monotonic()
    assert tactful("check", "--as-of", "2026-03-01", at=tmp_path).code == 1
    assert time.monotonic() - began < 30


def test_a_plan_of_many_years_with_a_fact_on_a_date(tmp_path: Path) -> None:
    """A mask with a bit for each day of 46 years is a number that Python does not write out."""
    customers = (
        "customers:\n  attributes: {joined: {type: date, changes: never}, ok: {type: flag, changes: never}}\n"
        "  facts: [{if: {joined: absent}, then: {ok: false}}]\n"
    )
    policy = "policy: p\nrules: [{rule: r, kind: audience-fit, narrowed_by: [ok]}]\n"
    settings = "tactful: 1\ntimezone: UTC\nperiod: {from: 1980-01-01, until: 2026-03-31}\n"
    write(tmp_path, FILES | {"tactful.yaml": settings, "customers.yaml": customers, "policies/p.yaml": policy})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert (ran.code, "defect" in ran.out) == (1, False)


def test_thousands_of_sends_of_one_sender(tmp_path: Path) -> None:
    policy = "policy: p\nrules: [{rule: x, kind: reach-limit, reach: sender, at_most: 5000, per: 7d}]\n"
    daily = CAMPAIGN.replace("10:00}]", "10:00, repeat: {every: day, count: 1500}}]").replace(
        "touches", "estimated_size: 3000, touches"
    )
    write(tmp_path, FILES | {"campaigns/a.yaml": daily, "policies/p.yaml": policy})
    began = time.monotonic()
    assert tactful("check", "--as-of", "2026-03-01", at=tmp_path).code == 0
    assert time.monotonic() - began < 30
