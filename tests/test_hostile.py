"""Hostile files and folders: the check always ends, in words, with the right exit code and within its means.

Most cases run the real command in a process of its own, in text and in JSON at the same time. Files that break only
themselves stand together in one repository; cases that could take the process down have a repository of their own.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tactful.checker.loading import load
from tactful.checker.report import text
from tactful.checker.run import check

MOST_SECONDS = 20
MOST_MEMORY = 500_000_000
ADDRESS_SPACE = 1_500_000_000
MOST_OUTPUT = 10_000_000
MOST_LINE = 2000

# --- running the command ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """How one run of the command ended, what it said, and what it took."""

    exit: int | None
    """None where the time was up."""
    out: bytes
    err: bytes
    memory: int

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def text(self) -> str:
        return self.out.decode()

    def places(self, path: str) -> set[tuple[str, int]]:
        """Rule and line of everything that a JSON report says of a file."""
        said = [*self.report["findings"], *self.report["notes"]]
        return {
            (one.get("rule") or one.get("code"), one["location"]["line"])
            for one in said
            if one["location"]["path"] == path
        }


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def _run_all(root: Path, commands: Sequence[Sequence[str]]) -> list[Ran]:
    """Runs all the commands at the same time."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"}
    environment.pop("TACTFUL_DEBUG", None)
    begun = []
    for command in commands:
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  # closed below
        process = subprocess.Popen(
            [sys.executable, "-m", "tactful.checker", *command],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
            preexec_fn=_limited,  # noqa: PLW1509  # no threads here
        )
        begun.append((process, out, err))
    end = time.monotonic() + MOST_SECONDS
    ended = []
    for process, out, err in begun:
        status, memory = _wait(process, end)
        with out, err:
            out.seek(0)
            err.seek(0)
            ended.append(Ran(status, out.read(MOST_OUTPUT + 1), err.read(MOST_OUTPUT + 1), memory))
    return ended


def _wait(process: subprocess.Popen[bytes], end: float) -> tuple[int | None, int]:
    """Exit code (None: killed when the time was up) and the most memory that the process held."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_maxrss * 1024
        if time.monotonic() > end:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = -9
            return None, usage.ru_maxrss * 1024
        time.sleep(0.01)


def _check(root: Path, *more: str) -> tuple[Ran, Ran]:
    """The check of a repository in text (English) and JSON (Chinese), both held to what holds for every run."""
    common = ("check", ".", "--as-of", "2026-01-01", *more)
    as_text, as_json = _run_all(
        root, [(*common, "--language", "en"), (*common, "--language", "zh", "--format", "json")]
    )
    for ran in (as_text, as_json):
        _assert_decent(ran)
    assert as_text.exit == as_json.exit
    assert max(map(len, as_text.text.splitlines()), default=0) <= MOST_LINE
    assert as_json.report["summary"]["exit_code"] == as_json.exit
    return as_text, as_json


CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
DIRECTIONS = re.compile(r"[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
WORKFLOW_COMMAND = re.compile(r"^\s*::[a-z]", re.MULTILINE)


def _assert_decent(ran: Ran) -> None:
    """No hang, no traceback, no fault of ours, no waste, and nothing that a terminal or a CI service would obey."""
    assert ran.exit is not None, f"not done after {MOST_SECONDS} s"
    said = ran.out + ran.err
    assert b"Traceback" not in said, ran.err[-2000:].decode("utf-8", "replace")
    assert b"defect of tactful" not in said, ran.err[-500:].decode("utf-8", "replace")
    assert "自身的缺陷".encode() not in said, ran.err[-500:].decode("utf-8", "replace")
    assert ran.exit in (0, 1, 2, 3)
    assert ran.memory < MOST_MEMORY
    assert len(ran.out) <= MOST_OUTPUT
    for stream in (ran.out.decode(), ran.err.decode()):
        assert not CONTROLS.search(stream)
        assert not WORKFLOW_COMMAND.search(stream)
    if not ran.out.startswith(b"{"):
        assert not DIRECTIONS.search(ran.out.decode())


# --- repositories ----------------------------------------------------------------------------------------------------

Files = Mapping[str, str | bytes]

CUSTOMERS = """\
customers:
  attributes:
    tier: {type: choice, values: [gold, silver], changes: freely}
    age: {type: number, changes: forward, whole: true, minimum: 0, maximum: 150}
    likes: {type: labels, values: [tea, coffee], changes: freely}
    joined: {type: date, changes: never}
  segments:
    vip: {tier: gold}
"""
SETTINGS = "tactful: 1\ntimezone: Europe/Berlin\n"
BASE: Files = {
    "tactful.yaml": SETTINGS,
    "customers.yaml": CUSTOMERS,
    "policies/caps.yaml": "policy: caps\nrules:\n  - {rule: weekly, kind: frequency-cap, at_most: 3, per: 7d}\n",
    "campaigns/good.yaml": (
        "campaign: good\npurpose: promotion\naudience: everyone\ntouches: {channel: email, at: 2026-03-02 10:00}\n"
    ),
}
X = "campaigns/x.yaml"


def _put(root: Path, files: Files) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def campaign(
    audience: str = "everyone",
    at: str = "2026-03-02 10:00",
    above: str = "",
    touch: str = "",
    name: str = "x",
) -> str:
    """A campaign in seven lines: ``above`` goes on line 4, ``audience`` is on line 3, ``touch`` is the last."""
    touches = f"touches:\n  - channel: email\n    at: {at}\n" + (f"    {touch}\n" if touch else "")
    return f"campaign: {name}\npurpose: promotion\naudience: {audience}\n{above}{touches}"


def repeated(how: str) -> str:
    """A campaign whose repeat is on line 7."""
    return campaign(touch=f"repeat: {{{how}}}")


def rrule(rule: str) -> str:
    return repeated(f'rrule: "{rule}"')


# --- files that break only themselves: all of them in one repository -------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """One file, and the finding that it must give: its code and its line."""

    id: str
    content: str | bytes
    code: str
    line: int


def nested(mark: str, depth: int, inside: str = "") -> str:
    opens, closes = mark
    return opens * depth + inside + closes * depth


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
LAUGH = '"' + "ha" * 400_000 + '"'

BROKEN = [
    # keys
    Broken("duplicate-key", campaign() + "purpose: content\n", "duplicate-key", 7),
    Broken("duplicate-key-deep", campaign("{any: [{tier: gold, tier: silver}]}"), "duplicate-key", 3),
    Broken("duplicate-key-in-details", campaign(above="details:\n  a: {b: {c: 1,\n    c: 2}}\n"), "duplicate-key", 6),
    Broken("complex-key", "? [a, b]\n: c\n", "key", 1),
    Broken("mapping-as-key", "a: b\n{c: d}: e\n", "key", 2),
    Broken("alias-as-key", "a: &x foo\n*x : c\n", "key", 2),
    Broken("key-without-name", campaign() + '"": x\n', "key", 7),
    Broken("merge-key", campaign(above="details: &d {a: b}\nstop_when: {<<: *d}\n"), "merge-key", 5),
    Broken("key-with-escapes", campaign(above='"\\e[2J\\n::error::\\x9b": x\n'), "unknown-key", 4),
    # aliases and depth
    Broken("alias-bomb", BOMB, "too-many", 6),
    Broken("recursive-alias", campaign(above="details: &d\n  me: *d\n"), "alias", 5),
    Broken("recursive-alias-list", "- &a [*a]\n", "alias", 1),
    Broken("unknown-alias", campaign(above="title: *nothing\n"), "alias", 4),
    Broken("depth-flow", f"campaign: x\ndetails: {nested('[]', 10_000)}\n", "too-deep", 2),
    Broken("depth-flow-mappings", "campaign: x\ndetails: " + "{a: " * 10_000 + "}" * 10_000 + "\n", "too-deep", 2),
    Broken("depth-flow-open", "campaign: x\ndetails: " + "[" * 10_000, "too-deep", 2),
    Broken("depth-block", "a:\n" + "".join(" " * n + "a:\n" for n in range(1, 1900)), "too-deep", 41),
    Broken("depth-block-lists", "a:\n" + "- " * 10_000 + "x\n", "too-deep", 2),
    # what is not text
    Broken("binary", bytes(range(256)) * 40, "encoding", 2),
    Broken("nul", "campaign: a\0b\n", "encoding", 1),
    Broken("nul-only", b"\0" * 100_000, "encoding", 1),
    Broken("raw-escape", campaign(above="title: \x1b[2J\n"), "encoding", 4),
    Broken("raw-c1", campaign(above="title: \x9b2J\n"), "encoding", 4),
    Broken("utf-16", campaign().encode("utf-16"), "encoding", 1),
    Broken("utf-16-be", b"\xfe\xff" + campaign().encode("utf-16-be"), "encoding", 1),
    Broken("utf-16-no-bom", campaign().encode("utf-16-le"), "encoding", 1),
    Broken("latin-1", campaign().encode() + b"title: caf\xe9\n", "encoding", 7),
    Broken("cut-utf-8", campaign(above="title: é\n").encode().replace(b"\xa9", b""), "encoding", 4),
    Broken("surrogates", campaign().encode() + b"title: \xed\xa0\x80\n", "encoding", 7),
    Broken("too-large", b"a: b\n" * 10_000_000, "too-large", 1),
    # full-width signs
    Broken("full-width-colon", "campaign：x\npurpose：promotion\n", "document", 1),
    Broken("full-width-colon-once", campaign().replace("purpose: ", "purpose："), "yaml", 2),
    Broken("full-width-comma", campaign("{tier: [gold，silver]}"), "condition", 3),
    Broken("full-width-date", campaign(at="２０２６-０３-０２ 10:00"), "value", 6),
    Broken("full-width-time", campaign(at="2026-03-02 １０：００"), "value", 6),
    Broken("full-width-hour", campaign(at="2026-03-02 １０:00"), "value", 6),
    Broken("full-width-count", repeated("every: day, count: ３"), "value", 7),
    Broken("full-width-duration", campaign(touch="lasts: ３d"), "value", 7),
    Broken("full-width-number", campaign("{age: ３}"), "condition", 3),
    Broken("arabic-digits", campaign(touch="attempts: ٣"), "value", 7),
    # syntax
    Broken("tab-indentation", campaign().replace("    at", "\tat"), "yaml", 6),
    Broken("tab-indentation-deep", "campaign: x\ntouches:\n\t- channel: email\n", "yaml", 3),
    Broken("unclosed-quote", campaign() + 'title: "abc\n', "yaml", 7),
    Broken("unclosed-bracket", "campaign: x\naudience: [everyone", "yaml", 2),
    Broken("unclosed-brace", "campaign: x\naudience: {tier: gold\npurpose: promotion\n", "yaml", 3),
    Broken("colon-in-value", campaign(above="title: Sale: now\n"), "yaml", 4),
    Broken("directive-unknown", "%FOO bar\n---\n" + campaign(), "yaml", 1),
    Broken("directive-yaml-3", "%YAML 3.0\n---\n" + campaign(), "yaml", 1),
    # tags
    Broken("tag-python", '!!python/object/apply:os.system ["touch /tmp/tactful-was-here"]\n', "tag", 1),
    Broken("tag-python-inside", campaign(above="title: !!python/name:os.system ''\n"), "tag", 4),
    Broken("tag-str", campaign(above="title: !!str x\n"), "tag", 4),
    Broken("tag-on-key", campaign(above="!!str title: x\n"), "tag", 4),
    Broken("tag-with-escapes", campaign(above="title: !<%1b[2J%c2%9b> x\n"), "tag", 4),
    # documents
    Broken("list", "- campaign: x\n", "document", 1),
    Broken("scalar", "hello\n", "document", 1),
    Broken("number", "12\n", "document", 1),
    Broken("two-kinds", campaign() + "service: y\n", "document", 7),
    Broken("no-kind", "campaing: x\n", "document", 1),
    Broken("second-document", campaign(name="first") + "---\n---\n- a\n", "document", 9),
    Broken("empty-mapping", "{}\n", "document", 1),
    # values
    Broken("status-escapes", campaign(above='status: "\\e[2J\\x9b\\a\\u202e\\n::error::x"\n'), "value", 4),
    Broken("status-directions", campaign(above="status: \u202edetfard\u2066\u200f\n"), "value", 4),
    Broken("channel-escapes", campaign().replace("email", '"\\e]0;x\\a"'), "value", 5),
    Broken("status-1mb", campaign(above=f"status: {LAUGH}\n"), "value", 4),
    Broken("name-1mb", campaign(name=LAUGH), "value", 1),
    Broken("zone-1mb", campaign(above=f"timezone: {LAUGH}\n"), "value", 4),
    Broken("duration-1mb", campaign(touch="lasts: " + "1" * 1_000_000), "value", 7),
    Broken("audience-1mb", campaign(LAUGH), "condition", 3),
    Broken("attribute-1mb", campaign("{? " + LAUGH + " : x}"), "undeclared-attribute", 3),
    Broken("zone-outside", campaign(above="timezone: ../../../etc/passwd\n"), "value", 4),
    Broken("zone-nul", campaign(above='timezone: "Europe\\0Berlin"\n'), "value", 4),
    Broken("at-9999", campaign(at="9999-12-31 23:59"), "value", 6),
    Broken("at-0001", campaign(at="0001-01-01 00:00"), "value", 6),
    Broken("at-february-30", campaign(at="2026-02-30 10:00"), "value", 6),
    Broken("at-24", campaign(at="2026-03-02 24:00"), "value", 6),
    Broken("lasts-huge", campaign(touch="lasts: 999999d"), "value", 7),
    Broken("lasts-huger", campaign(touch="lasts: 99999999999999999999999999d"), "value", 7),
    Broken("lasts-negative", campaign(touch="lasts: -1d"), "value", 7),
    Broken("lasts-exponent", campaign(touch="lasts: 1e9d"), "value", 7),
    # repeats
    Broken("repeat-count-huge", repeated("every: day, count: 999999999999"), "repeat", 7),
    Broken("repeat-count-huger", repeated("every: day, count: 99999999999999999999"), "value", 7),
    Broken("repeat-step-huge", repeated("every: year, step: 999999999999"), "repeat", 7),
    Broken("repeat-until-far", repeated("every: day, until: 2200-12-31"), "repeat", 7),
    Broken("rrule-secondly", rrule("FREQ=SECONDLY"), "repeat", 7),
    Broken("rrule-nonsense", rrule(";;;"), "repeat", 7),
    Broken("rrule-exdate", rrule("FREQ=DAILY;COUNT=5\\nEXDATE:20260302T100000"), "repeat", 7),
    Broken("rrule-february-30", rrule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5"), "repeat", 7),
    Broken("rrule-february-30-endless", rrule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "repeat", 7),
    Broken("rrule-count-many", rrule("FREQ=DAILY;COUNT=999999999"), "repeat", 7),
    Broken("rrule-until-far", rrule("FREQ=DAILY;UNTIL=99991231T000000"), "repeat", 7),
    Broken("rrule-until-past", rrule("FREQ=DAILY;UNTIL=20200101T000000"), "repeat", 7),
    Broken("rrule-count-0", rrule("FREQ=DAILY;COUNT=0"), "repeat", 7),
    Broken("rrule-count-negative", rrule("FREQ=DAILY;COUNT=-1"), "repeat", 7),
    Broken("rrule-month-day-31-of-2", rrule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"), "repeat", 7),
    Broken("rrule-tuesdays-from-a-monday", rrule("FREQ=WEEKLY;BYDAY=TU"), "repeat", 7),
    # conditions
    Broken("condition-depth-not", campaign(nested_not := "{not: " * 35 + "{tier: gold}" + "}" * 35), "condition", 3),
    Broken("condition-depth-any", campaign("{any: [" * 18 + nested_not[:90] + "tier: gold" + "}" * 15 + "]}" * 18), "condition", 3)
    if False
    else Broken("condition-depth-values", campaign(f"{{tier: {nested('[]', 36, 'gold')}}}"), "condition", 3),
    Broken("condition-empty", campaign("{any: []}"), "condition", 3),
    Broken("condition-segment-unknown", campaign('{segment: "\\e[2J"}'), "undeclared-segment", 3),
]
