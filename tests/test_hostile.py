"""Hostile files and folders: the check always ends, in words, with the right exit code and within its means.

Most cases run the real command in a process of its own, in text and in JSON at the same time. Files that break only
themselves stand together in one repository; cases that could take the process down have a repository of their own.
"""

from __future__ import annotations

import builtins
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

MAX_SECONDS = 60
MAX_MEMORY = 500_000_000
ADDRESS_SPACE = 1_500_000_000
MAX_OUTPUT = 25_000_000
MAX_READ = 60_000_000
MAX_LINE = 2000

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
    environment = {name: value for name, value in os.environ.items() if name not in ("TACTFUL_DEBUG", "PYTHONUTF8")}
    environment["LC_ALL"] = "C"
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
            preexec_fn=_limited,  # no threads here
        )
        begun.append((process, out, err))
    end = time.monotonic() + MAX_SECONDS
    ended = []
    for process, out, err in begun:
        status, memory = _wait(process, end)
        with out, err:
            out.seek(0)
            err.seek(0)
            ended.append(Ran(status, out.read(MAX_READ), err.read(MAX_READ), memory))
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


def _both(root: Path, *more: str) -> tuple[Ran, Ran]:
    """The check of a repository in text (English) and in JSON (Chinese)."""
    common = ("check", ".", "--as-of", "2026-01-01", *more)
    as_text, as_json = _run_all(
        root, [(*common, "--language", "en"), (*common, "--language", "zh", "--format", "json")]
    )
    return as_text, as_json


def _check(root: Path, *more: str) -> tuple[Ran, Ran]:
    """The same, held to what holds for every run."""
    as_text, as_json = _both(root, *more)
    _assert_both_decent(as_text, as_json)
    return as_text, as_json


CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
DIRECTIONS = re.compile(r"[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
WORKFLOW_COMMAND = re.compile(r"^\s*::[a-z]", re.MULTILINE)


def _assert_decent(ran: Ran) -> None:
    """No hang, no traceback, no fault of ours, no waste, and nothing that a terminal or a CI service would obey."""
    assert ran.exit is not None, f"not done after {MAX_SECONDS} s"
    said = ran.out + ran.err
    assert b"Traceback" not in said, ran.err[-2000:].decode("utf-8", "replace")
    assert b"defect of tactful" not in said, ran.err[-500:].decode("utf-8", "replace")
    assert "自身的缺陷".encode() not in said, ran.err[-500:].decode("utf-8", "replace")
    assert ran.exit in (0, 1, 2, 3)
    assert ran.memory < MAX_MEMORY
    assert len(ran.out) <= MAX_OUTPUT
    for stream in (ran.out.decode(), ran.err.decode()):
        assert not CONTROLS.search(stream)
        assert not WORKFLOW_COMMAND.search(stream)
    if not ran.out.startswith(b"{"):
        assert not DIRECTIONS.search(ran.out.decode())


def _assert_both_decent(as_text: Ran, as_json: Ran) -> None:
    for ran in (as_text, as_json):
        _assert_decent(ran)
    assert as_text.exit == as_json.exit == as_json.report["summary"]["exit_code"]
    assert max(map(len, as_text.text.splitlines()), default=0) <= MAX_LINE


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
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
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
    Broken("condition-depth-not", campaign("{not: " * 35 + "{tier: gold}" + "}" * 35), "condition", 3),
    Broken("condition-depth-values", campaign(f"{{tier: {nested('[]', 36, 'gold')}}}"), "condition", 3),
    Broken("condition-empty", campaign("{any: []}"), "condition", 3),
    Broken("condition-segment-unknown", campaign('{segment: "\\e[2J"}'), "undeclared-segment", 3),
]


def _named(one: Broken, line: str) -> str | bytes:
    """The content, with a name of its own where it has the usual one."""
    own = line.split(":")[0] + f": {one.id}\n"
    return one.content.replace(line, own) if isinstance(one.content, str) else one.content


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Ran]:
    """The check of one repository that has every one of the broken files."""
    root = tmp_path_factory.mktemp("broken")
    _put(root, {**BASE, **{f"campaigns/{one.id}.yaml": _named(one, "campaign: x\n") for one in BROKEN}})
    return _both(root)


def test_broken_files_are_findings(broken: tuple[Ran, Ran]) -> None:
    """All the broken files together: findings, exit code 1."""
    _assert_both_decent(*broken)
    assert broken[0].exit == 1
    assert not Path("/tmp/tactful-was-here").exists()  # noqa: S108  # what the hostile tag would make


@pytest.mark.parametrize("one", BROKEN, ids=[one.id for one in BROKEN])
def test_broken_file_is_named_with_its_line(one: Broken, broken: tuple[Ran, Ran]) -> None:
    """The finding has the right code, file and line, in both formats."""
    as_text, as_json = broken
    path = f"campaigns/{one.id}.yaml"
    assert (f"form/{one.code}", one.line) in as_json.places(path)
    assert f" {path}:{one.line}:" in as_text.text


# --- policies that break only themselves -----------------------------------------------------------------------------


def policy(parameters: str) -> str:
    """A policy whose parameters begin on line 5."""
    return f"policy: x\nrules:\n  - rule: r\n    kind: frequency-cap\n    {parameters}\n"


def per(length: str) -> str:
    """A policy with its window on line 6."""
    return policy(f"at_most: 1\n    per: {length}")


BROKEN_POLICIES = [
    Broken("syntax", "policy: {{\n", "key", 1),
    Broken("list", "- policy: x\n", "document", 1),
    Broken("utf-16", per("7d").encode("utf-16"), "encoding", 1),
    Broken("bomb", BOMB, "too-many", 6),
    Broken("duplicate-key", per("7d") + "    per: 8d\n", "duplicate-key", 7),
    Broken("kind-escapes", 'policy: p\nrules:\n  - {rule: r, kind: "\\e[2J\\u202e"}\n', "unknown-kind", 3),
    Broken("rule-is-text", 'policy: p\nrules: ["\\e[2J"]\n', "form", 2),
    Broken("at-most-negative", policy("at_most: -1\n    per: 7d"), "value", 5),
    Broken("at-most-full-width", policy("at_most: ３\n    per: 7d"), "value", 5),
    Broken("at-most-huge", policy("at_most: 99999999999999999999\n    per: 7d"), "value", 5),
    Broken("per-zero", per("0d"), "value", 6),
    Broken("per-huge", per("999999d"), "value", 6),
    Broken("per-huger", per("9" * 50 + "d"), "value", 6),
    Broken("per-list", per("[7d]"), "value", 6),
    Broken("per-days-zero", per("{days: 0}"), "value", 6),
    Broken("per-days-mapping", per("{days: {a: b}}"), "value", 6),
    Broken("per-calendar-list", per("{calendar: [week]}"), "value", 6),
    Broken("per-full-width", per("７d"), "value", 6),
    Broken("effective", per("7d") + "    effective: {from: 9999-12-31, until: 0001-01-01}\n", "value", 7),
    Broken("match-escapes", per("7d") + '    match: {"\\e[2J": x}\n', "match", 7),
    Broken("for-depth", per("7d") + "    for: " + "{not: " * 33 + "{tier: gold}" + "}" * 33 + "\n", "condition", 7),
    Broken("clock", per("7d") + "    clock: ../../../etc/localtime\n", "clock", 7),
]


@pytest.fixture(scope="module")
def broken_policies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Ran]:
    """The check of one repository that has every one of the broken policies."""
    root = tmp_path_factory.mktemp("policies")
    _put(root, {**BASE, **{f"policies/{one.id}.yaml": _named(one, "policy: x\n") for one in BROKEN_POLICIES}})
    return _both(root)


def test_broken_policies_end_the_run(broken_policies: tuple[Ran, Ran]) -> None:
    """With a broken policy no verdict can be trusted: exit code 2."""
    _assert_both_decent(*broken_policies)
    assert broken_policies[0].exit == 2
    assert "nothing was checked" in broken_policies[0].text


@pytest.mark.parametrize("one", BROKEN_POLICIES, ids=[one.id for one in BROKEN_POLICIES])
def test_broken_policy_is_named_with_its_line(one: Broken, broken_policies: tuple[Ran, Ran]) -> None:
    """The finding has the right code, file and line, in both formats."""
    as_text, as_json = broken_policies
    path = f"policies/{one.id}.yaml"
    assert (f"form/{one.code}", one.line) in as_json.places(path)
    assert f" {path}:{one.line}:" in as_text.text


# --- odd files that say nothing wrong --------------------------------------------------------------------------------


def _among(values: Sequence[str]) -> str:
    return "{any: [" + ", ".join(values) + "]}"


HARMLESS: Files = {
    "campaigns/empty.yaml": "",
    "campaigns/only-comments.yaml": "# a\n\n# b\n",
    "campaigns/only-marks.yaml": "---\n---\n---\n...\n",
    "campaigns/only-bom.yaml": b"\xef\xbb\xbf",
    "campaigns/many-marks.yaml": "---\n" * 5 + campaign(name="marks", at="2027-01-01 10:00") + "---\n" * 5,
    "campaigns/bom-and-crlf.yaml": "\ufeff" + campaign(name="crlf", at="2027-02-01 10:00").replace("\n", "\r\n"),
    "campaigns/no-newline.yaml": campaign(name="no-newline", at="2027-03-01 10:00").rstrip("\n"),
    "campaigns/directive.yaml": "%YAML 1.2\n---\n" + campaign(name="directive", at="2027-04-01 10:00"),
    "campaigns/title-1mb.yaml": campaign(name="title", at="2027-05-01 10:00", above=f"title: {LAUGH}\n"),
    "campaigns/details-20000.yaml": campaign(
        name="details",
        at="2027-06-01 10:00",
        above="details:\n" + "".join(f"  key-{n}: v\n" for n in range(20_000)),
    ),
    "campaigns/title-odd.yaml": campaign(
        name="odd", at="2027-07-01 10:00", above='title: "\\e[2J\\x9b\\u202e\\n::error::x\\n##[error]x"\n'
    ),
    "campaigns/no-such-hour.yaml": campaign(name="gap", at="2027-03-28 02:30"),
    "campaigns/first-year.yaml": campaign(name="first-year", at="1900-01-01 00:00"),
    "campaigns/last-year.yaml": campaign(name="last-year", at="2200-12-31 23:59"),
    "campaigns/any-5000.yaml": campaign(
        _among([f"{{age: {{at_least: {n}}}}}" for n in range(5000)]), name="any", at="2028-01-01 10:00"
    ),
    "campaigns/any-not-3000.yaml": campaign(
        _among([f"{{not: {{age: {n}}}}}" for n in range(3000)]), name="any-not", at="2028-02-01 10:00"
    ),
    "campaigns/any-same-20000.yaml": campaign(_among(["{tier: gold}"] * 20_000), name="same", at="2028-03-01 10:00"),
    "campaigns/any-deep.yaml": campaign(
        "{any: [" * 18 + "{tier: gold}" + "]}" * 18, name="deep", at="2028-04-01 10:00"
    ),
    "campaigns/folder.yaml/inside.yaml": campaign(name="inside", at="2028-05-01 10:00"),
    "campaigns/.hidden.yaml": "[",
    "policies/wide.yaml": policy("at_most: 999999999999\n    per: 100y").replace("policy: x", "policy: wide"),
    "policies/hours.yaml": policy("at_most: 0").replace("policy: x", "policy: none") + "    match: {channel: sms}\n",
}


def test_odd_but_harmless_files(tmp_path: Path) -> None:
    """Nothing is wrong with these: exit code 0, and all campaigns are counted."""
    _put(tmp_path, {**BASE, **HARMLESS})
    as_text, as_json = _check(tmp_path)
    assert (as_text.exit, as_json.report["findings"]) == (0, [])
    assert as_json.report["summary"]["campaigns"] == 1 + sum(
        b"campaign:" in (content if isinstance(content, bytes) else content.encode()) for content in HARMLESS.values()
    )


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "---\n---\n", "\ufeff"], ids=["empty", "comment", "marks", "bom"]
)
def test_nothing_to_check(content: str, tmp_path: Path) -> None:
    """Where no campaign says anything, nothing was checked: exit code 3."""
    _put(tmp_path, {**BASE, "campaigns/good.yaml": content})
    assert check(load(tmp_path), date(2026, 1, 1)).exit_code == 3


# --- cases that could take the whole run down: each in a repository of its own ---------------------------------------


@dataclass(frozen=True)
class Alone:
    """Files on top of the usual ones, the exit codes that are right, and what must be named, with its line."""

    id: str
    files: Files
    exits: tuple[int, ...]
    path: str = ""
    line: int = 0
    says: str = ""
    args: tuple[str, ...] = field(default=())


def _segments(lines: Sequence[str]) -> str:
    return CUSTOMERS + "".join(f"    {line}\n" for line in lines)


def _chain(length: int) -> list[str]:
    return ["s0: {tier: gold}", *(f"s{n}: {{not: {{segment: s{n - 1}}}}}" for n in range(1, length + 1))]


ALIAS_DEPTH = "".join(f"- &a{n} {nested('[]', 35, f'*a{n - 1}' if n else '')}\n" for n in range(60))
TIMES = [f"2026-03-02 {n % 24:02}:{n // 24:02}" for n in range(100)]
EVERY_ZONE = CUSTOMERS.replace(
    "  segments:", "    clock: {type: zone, values: [Europe/Berlin], others: true}\n  segments:"
)
LABELS = [f"l{n}" for n in range(3000)]
CAP_100 = "policy: caps\nrules:\n  - {rule: weekly, kind: frequency-cap, at_most: 100, per: 7d}\n"
CAP_1 = "policy: caps\nrules:\n  - {rule: daily, kind: frequency-cap, at_most: 1, per: {calendar: day}}\n"

ALONE = [
    # depth and size that come from aliases
    Alone("alias-depth", {X: ALIAS_DEPTH}, (1,), X, 2),
    Alone("alias-size-list", {X: f"- &a {LAUGH}\n" + "- *a\n" * 5000}, (1,), X, 1),
    Alone(
        "alias-size-words",
        {X: campaign(above=f"title: &a {LAUGH}\n", touch=f"asks: [{', '.join(['*a'] * 100)}]")},
        (1,),
        X,
        8,
    ),
    # very many faults in one file
    Alone("unknown-keys-20000", {X: campaign(above="".join(f"key-{n}: v\n" for n in range(20_000)))}, (1,), X, 4),
    Alone("duplicate-keys-100000", {X: "a: b\n" * 100_000}, (1,), X, 2),
    Alone(
        "bad-names-in-one-line",
        {X: campaign(above="details: {" + ", ".join(f'" {n}": v' for n in range(20_000)) + "}\n")},
        (1,),
        X,
        4,
    ),
    Alone("documents-20000", {X: "---\na: b\n" * 20_000}, (1,), X, 2),
    # recurrence rules
    Alone("rrule-count-beyond-int", {X: rrule("FREQ=DAILY;COUNT=99999999999999999999")}, (1,), X, 7),
    Alone("rrule-interval-0", {X: rrule("FREQ=DAILY;INTERVAL=0")}, (1,), X, 7),
    Alone("rrule-interval-0-yearly", {X: rrule("FREQ=YEARLY;INTERVAL=0;BYMONTH=2;BYMONTHDAY=30")}, (1,), X, 7),
    Alone("rrule-99th-monday", {X: rrule("FREQ=YEARLY;BYDAY=99MO")}, (1,), X, 7),
    # very many sends: all are looked at, or it is said that they are not
    Alone(
        "sends-300000",
        {
            X: campaign(above="").split("touches")[0]
            + "touches:\n"
            + "".join(f"  - {{channel: email, at: {at}, repeat: {{every: day, count: 3000}}}}\n" for at in TIMES)
        },
        (1,),
        X,
    ),
    Alone("campaigns-1200-at-once", {X: "".join("---\n" + campaign(name=f"c{n}") for n in range(1200))}, (1,), X),
    Alone(
        "every-zone",
        {"customers.yaml": EVERY_ZONE, X: campaign(touch="clock: customer\n    repeat: {every: day}")},
        (1,),
        X,
        5,
    ),
    Alone(
        "period-300-years",
        {
            "tactful.yaml": SETTINGS + "period: {from: 1900-01-01, until: 2200-12-31}\n",
            "policies/caps.yaml": CAP_100,
            X: repeated("every: day"),
        },
        (1,),
        X,
    ),
    Alone(
        "rrule-beyond-the-last-send",
        {
            "policies/caps.yaml": CAP_1,
            X: rrule("FREQ=DAILY;COUNT=4000"),
            "campaigns/good.yaml": campaign(name="good", at="2036-06-02 10:00"),
        },
        (1,),
        X,
    ),
    # conditions
    Alone(
        "labels-3000",
        {
            "customers.yaml": CUSTOMERS.replace("[tea, coffee]", f"[{', '.join(LABELS)}]"),
            X: campaign(f"{{likes: {{any: [{', '.join(LABELS)}]}}}}"),
        },
        (0, 1),
    ),
    Alone(
        "choices-20000",
        {
            "customers.yaml": CUSTOMERS.replace(
                "silver]", ", ".join(["silver", *(f"c{n}" for n in range(20_000))]) + "]"
            ),
            X: campaign("{tier: [" + ", ".join(f"c{n}" for n in range(20_000)) + "]}"),
        },
        (0,),
    ),
    Alone(
        "segments-in-a-circle",
        {
            "customers.yaml": _segments(
                ["a: {segment: b}", "b: {any: [{segment: c}, {tier: gold}]}", "c: {not: {segment: a}}"]
            )
        },
        (2,),
        "customers.yaml",
        9,
        "a → b → c → a",
    ),
    Alone("segment-of-itself", {"customers.yaml": _segments(["a: {segment: a}"])}, (2,), "customers.yaml", 9, "a → a"),
    Alone("segments-1500-down", {"customers.yaml": _segments(_chain(1500)), X: campaign("{segment: s1500}")}, (0, 2)),
    Alone(
        "segments-1500-up", {"customers.yaml": _segments(_chain(1500)[::-1]), X: campaign("{segment: s1500}")}, (0, 2)
    ),
    Alone(
        "segments-doubling",
        {
            "customers.yaml": _segments(
                [
                    "s0: {tier: gold}",
                    *(f"s{n}: [{{segment: s{n - 1}}}, {{not: {{segment: s{n - 1}}}}}]" for n in range(1, 40)),
                ]
            ),
            X: campaign("{segment: s39}"),
        },
        (0, 1, 2),
    ),
    # policies, customers, vocabulary and configuration
    Alone("per-days-beyond-the-calendar", {"policies/p.yaml": per("{days: 4000000}")}, (2,), "policies/p.yaml", 6),
    Alone("per-days-beyond-int", {"policies/p.yaml": per("{days: 999999999999}")}, (2,), "policies/p.yaml", 6),
    Alone("customers-broken", {"customers.yaml": "customers: [\n"}, (2,), "customers.yaml"),
    Alone("customers-bomb", {"customers.yaml": BOMB}, (2,), "customers.yaml", 6),
    Alone("vocabulary-broken", {"vocabulary.yaml": "vocabulary:\n\tx: y\n"}, (2,), "vocabulary.yaml", 2),
    Alone("waivers-broken", {"waivers.yaml": "waivers: *a\n"}, (2,), "waivers.yaml", 1),
    Alone("configuration-broken", {"tactful.yaml": "tactful: [\n"}, (2,), "tactful.yaml"),
    Alone("configuration-list", {"tactful.yaml": "- tactful: 1\n"}, (2,), "tactful.yaml", 1),
    Alone("configuration-binary", {"tactful.yaml": bytes(range(256))}, (2,), "tactful.yaml"),
    Alone(
        "configuration-far-period",
        {"tactful.yaml": SETTINGS + "period: {from: 9999-12-31, until: 0001-01-01}\n"},
        (2,),
        "tactful.yaml",
        3,
    ),
    Alone(
        "places-outside", {"tactful.yaml": SETTINGS + "places: [/etc, .., ../.., campaigns, policies]\n"}, (2,), "..", 1
    ),
    Alone(
        "place-outside-file",
        {"tactful.yaml": SETTINGS + "places: [/etc/passwd, campaigns, policies]\n"},
        (2,),
        "/etc/passwd",
        1,
    ),
    Alone(
        "place-nul",
        {"tactful.yaml": SETTINGS + 'places: ["a\\0b\\e[2J", campaigns, policies]\n'},
        (0, 2),
        "tactful.yaml",
        3,
    ),
    Alone(
        "place-long",
        {"tactful.yaml": SETTINGS + f"places: [{'a' * 5000}, campaigns, policies]\n"},
        (0, 2),
        "tactful.yaml",
        3,
    ),
    Alone("select-escapes", {}, (2,), says=r"\x1b[2J", args=("--select", "\x1b[2J")),
]


@pytest.mark.parametrize("one", ALONE, ids=[one.id for one in ALONE])
def test_alone(one: Alone, tmp_path: Path) -> None:
    """The run ends within its means with a right exit code, and names what is wrong and where."""
    _put(tmp_path, {**BASE, **one.files})
    as_text, as_json = _check(tmp_path, *one.args)
    assert as_text.exit in one.exits
    assert one.says in as_text.text
    if one.path:
        lines = {line for _, line in as_json.places(one.path)}
        assert lines
        assert any(f" {one.path}:{line}:" in as_text.text for line in lines)
        assert not one.line or one.line in lines


# --- links, pipes, folders and names ---------------------------------------------------------------------------------

SECRET = "swordfish"  # noqa: S105  # what no output may show


def _links(root: Path) -> dict[str, str]:
    """Makes what is no plain file below the root, and gives the code of the finding for each."""
    outside = root.parent / "outside"
    _put(outside, {"secret.yaml": f"campaign: {SECRET}\n{SECRET}\n"})
    links: dict[str, tuple[str | Path, str]] = {
        "campaigns/self.yaml": ("self.yaml", "unreadable"),
        "campaigns/there.yaml": ("back.yaml", "unreadable"),
        "campaigns/back.yaml": ("there.yaml", "unreadable"),
        "campaigns/dangling.yaml": ("nowhere.yaml", "unreadable"),
        "campaigns/passwd.yaml": ("/etc/passwd", "outside"),
        "campaigns/secret.yaml": (outside / "secret.yaml", "outside"),
        "campaigns/relative.yaml": ("../../outside/secret.yaml", "outside"),
        "campaigns/zero.yaml": ("/dev/zero", "outside"),
        "campaigns/memory.yaml": ("/proc/self/mem", "outside"),
        "campaigns/folder-outside": (outside, "link"),
        "campaigns/folder-loop": ("..", "link"),
        "campaigns/folder-here": (".", "link"),
    }
    for path, (target, _) in links.items():
        (root / path).symlink_to(target)
    os.mkfifo(root / "campaigns" / "pipe.yaml")
    return {path: code for path, (_, code) in links.items()} | {"campaigns/pipe.yaml": "not-a-file"}


def test_links_and_pipes(tmp_path: Path) -> None:
    """Each is named and none is read; a link that stays inside the repository is: exit code 1."""
    root = tmp_path / "root"
    _put(root, BASE)
    expected = _links(root)
    (root / "campaigns" / "inside.yaml").symlink_to("good.yaml")
    as_text, as_json = _check(root)
    assert as_text.exit == 1
    for path, code in expected.items():
        assert as_json.places(path) == {(f"form/{code}", 1)}, path
        assert f" {path}:1:1\n" in as_text.text, path
    assert ("form/declared-twice", 1) in as_json.places("campaigns/good.yaml") | as_json.places("campaigns/inside.yaml")
    for ran in (as_text, as_json):
        assert SECRET.encode() not in ran.out + ran.err
        assert b"root:" not in ran.out + ran.err


@pytest.mark.parametrize("path", ["policies/x.yaml", "customers.yaml", "tactful.yaml", "policies"])
@pytest.mark.parametrize("target", ["/etc/passwd", "circle", "pipe", "outside"])
def test_links_and_pipes_in_place_of_policies(path: str, target: str, tmp_path: Path) -> None:
    """A policy, the customers or the configuration that cannot be read: exit code 2, and it is named."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    _put(outside, {"x.yaml": f"policy: {SECRET}\n"})
    _put(root, {name: content for name, content in BASE.items() if not name.startswith(path)})
    (root / path).parent.mkdir(exist_ok=True)
    if target == "pipe":
        os.mkfifo(root / path)
    else:
        (root / path).symlink_to({"circle": Path(path).name, "outside": outside}.get(target, target))
    report = check(load(root), date(2026, 1, 1))
    shown = text.render(report, "en")
    assert report.exit_code == 2
    assert f" {path}:1:1\n" in shown
    assert SECRET not in shown


NAMES = {
    b"line\nbreak.yaml": r"line\x0abreak.yaml",
    b"return\r.yaml": r"return\x0d.yaml",
    b"tab\t.yaml": r"tab\x09.yaml",
    b"\x1b[2Jescape.yaml": r"\x1b[2Jescape.yaml",
    b"\xc2\x9b2Jc1.yaml": r"\x9b2Jc1.yaml",
    b"::error title=x::y.yaml": "::error title=x::y.yaml",
    "\u202egnp.yaml".encode(): r"\x202egnp.yaml",
    b"{braces}.yaml": "{braces}.yaml",
    b"%s%d.yaml": "%s%d.yaml",
    "活动：一.yaml".encode(): "活动：一.yaml",
    b"n" * 240 + b".yaml": "n" * 240 + ".yaml",
}


@pytest.mark.parametrize("folder", [b"campaigns", b"elsewhere"])
def test_odd_names(folder: bytes, tmp_path: Path) -> None:
    """Odd file names are shown so that they can be told, and do nothing to the terminal: exit code 1, and 0 if unread."""
    _put(tmp_path, BASE)
    (tmp_path / os.fsdecode(folder)).mkdir(exist_ok=True)
    for name in NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), folder, name))).write_text("campaign: x y\n", "utf-8")
    as_text, as_json = _check(tmp_path)
    if folder == b"campaigns":
        assert as_text.exit == 1
        for shown in NAMES.values():
            assert f" campaigns/{shown}:1:11\n" in as_text.text
        paths = {finding["location"]["path"] for finding in as_json.report["findings"]}
        assert paths >= {f"campaigns/{name.decode()}" for name in NAMES}
    else:
        assert as_text.exit == 0
        assert "elsewhere/" in as_text.text


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """Two names that differ only in bytes that are not UTF-8 can be told apart: exit code 1."""
    _put(tmp_path, BASE)
    for name in (b"\xff\xfe.yaml", b"\xff\xfd.yaml"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"campaigns", name))).write_text(campaign(), "utf-8")
    as_text, as_json = _check(tmp_path)
    assert as_text.exit == 1
    for stream in (as_text.text, as_json.out.decode()):
        assert re.search(r"campaigns/\S*fe\.yaml", stream)
        assert re.search(r"campaigns/\S*fd\.yaml", stream)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_and_folder(tmp_path: Path) -> None:
    """What may not be read is named: exit code 1."""
    _put(tmp_path, {**BASE, X: campaign(), "campaigns/locked/y.yaml": campaign(name="y")})
    (tmp_path / X).chmod(0)
    (tmp_path / "campaigns" / "locked").chmod(0)
    try:
        as_text, _ = _check(tmp_path)
    finally:
        (tmp_path / "campaigns" / "locked").chmod(0o700)
    assert as_text.exit == 1
    assert f" {X}:1:1\n" in as_text.text
    assert "campaigns/locked" in as_text.text


def test_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a file, whoever runs the tests: exit code 1, and it is named."""
    _put(tmp_path, {**BASE, X: campaign()})
    usual: Callable[..., Any] = builtins.open

    def refusing(path: Any, *args: Any, **more: Any) -> Any:
        if str(path).endswith("x.yaml"):
            raise PermissionError(13, "Permission denied", str(path))
        return usual(path, *args, **more)

    monkeypatch.setattr(builtins, "open", refusing)
    report = check(load(tmp_path), date(2026, 1, 1))
    assert report.exit_code == 1
    assert f" {X}:1:1\n" in text.render(report, "en")


def test_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a folder: what is in it is not passed over in silence. Exit code 1, and it is named."""
    _put(tmp_path, {**BASE, "campaigns/locked/y.yaml": campaign(name="y")})
    usual: Callable[..., Any] = os.scandir

    def refusing(path: Any = ".") -> Any:
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return usual(path)

    monkeypatch.setattr(os, "scandir", refusing)
    report = check(load(tmp_path), date(2026, 1, 1))
    assert report.exit_code == 1
    assert "campaigns/locked" in text.render(report, "en")


# --- the command line ------------------------------------------------------------------------------------------------


def test_hostile_arguments(tmp_path: Path) -> None:
    """Wrong use is exit code 2, said in words that do nothing to the terminal."""
    _put(tmp_path, {**BASE, X: campaign()})
    os.mkfifo(tmp_path / "pipe.yaml")
    odd = "\x1b[2J\x9b\u202e"
    commands = [
        ("check", odd),
        ("check", ".", "--fail-on", odd),
        ("check", ".", "--format", odd),
        ("check", ".", "--language", odd),
        ("check", ".", "--as-of", odd),
        ("check", ".", "--as-of", "9999-12-31"),
        ("check", "a" * 5000),
        ("check", "--form", "pipe.yaml"),
        ("check", "--form", "a" * 5000),
        ("check", "--form", "/etc/passwd"),
    ]
    for begin in range(0, len(commands), 2):
        for command, ran in zip(
            commands[begin : begin + 2], _run_all(tmp_path, commands[begin : begin + 2]), strict=True
        ):
            _assert_decent(ran)
            assert ran.exit == 2, command
            assert ran.out + ran.err, command
