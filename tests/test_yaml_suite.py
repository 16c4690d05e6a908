"""Every case of the YAML test suite, read by the profile: no exception, no wrong place, and no other meaning.

The suite stands beside the project (``../shared/data/yaml-test-suite``) and nothing of it is copied. Each case is read
four ways: by ``decode`` and ``parse``, by ruamel.yaml's pure parser, as the suite's own tree says, and by a whole run of
the check with the case as a campaign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from tactful.checker.loading import load
from tactful.checker.reading.profile import Complaint, Parsed, Span, decode, parse
from tactful.checker.report import json, text
from tactful.checker.run import check

SUITE = Path(__file__).parents[2] / "shared" / "data" / "yaml-test-suite"

if not SUITE.is_dir():
    pytest.skip(f"the YAML test suite is not at {SUITE}", allow_module_level=True)

# --- what is known to differ -----------------------------------------------------------------------------------------


def _why(reasons: dict[str, str]) -> dict[str, str]:
    """From a reason with its cases to each case with its reason."""
    return {case: reason for reason, cases in reasons.items() for case in cases.split()}


ACCEPTED_ALTHOUGH_WRONG = _why(
    {
        "brackets or quotes that go on without indentation: there is one way to read them": "9C9N QB6E",
        "the same, indented with a tab inside brackets or quotes": "DK95-1 Y79Y-3",
        "a comment without a space before its #: the value is closed, what follows is a comment": "9JBA CVW2 SU5Z X4QW",
        "a directive without ... before it: directives say nothing to the profile": "EB22 MUS6-0 MUS6-1 RHX7",
        "a lone - in brackets is the text '-'; the field refuses it": "G5U8 YJV2",
        "an empty folded text with lines that are too long: it is empty either way": "S98Z",
    }
)
"""Cases that the suite marks as errors and that the profile reads without complaint, and why that does no harm."""

REFUSED_ALTHOUGH_RIGHT = _why(
    {
        "keys without a name, which the profile leaves out in any case": "2JQS 2SXE 6M2F CFD4 FRK4 NHX8 NKF9 S3PD SM9W-1 UKK6-0",
        "a key on one line and its colon on the next, in braces": "4MUZ-0 4MUZ-1 4MUZ-2 5MUD K3WX UT92 VJP3-1",
        "a key of several lines, in braces": "9SA2 NJ66",
        "a value that begins with a colon, in braces or brackets": "58MP 5T43 DBG4 HM87-0",
        "a URL as a key without a value, in braces": "4ABK",
        "tabs where spaces are usual": "6BCT 6CA3 96NN-0 96NN-1 A2M4 DK95-0 DK95-3 DK95-4 Q5MG R4YG Y79Y-1 Y79Y-10",
        "directives, which say nothing to the profile": "2LFX 6LVF BEC7 MUS6-5 MUS6-6 W4TN ZYU8-0 ZYU8-1 ZYU8-2 ZYU8-3",
        "a document after ... that does not begin with ---": "7Z25 M7A3",
        "a document that is nothing but ...": "HWV9 QT73",
        "a whole document that is one folded text without indentation": "DK3J FP8R",
        "anchors with signs other than letters, digits, - and _": "8XYN W5VH",
    }
)
"""Cases that are right YAML 1.2 and within the profile, but that libyaml cannot read: a complaint, never a guess."""

OTHER_TREE = _why(
    {
        "YAML 1.1 has it that ? in braces and brackets marks a key, with or without a space": "652Z HM87-1",
        "spaces at the very end of a file that does not end with a newline": "JEF9-2 L24T-1",
    }
)
"""Cases that are accepted and read otherwise than the suite says; ruamel.yaml reads them as the profile does."""

NOT_IN_THE_PROFILE = {"anchor", "tag", "merge-key", "duplicate-key", "key", "alias", "too-deep", "too-many", "encoding"}
"""Codes of complaints about YAML that is right but not part of the profile."""

# --- reading the suite -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One case: its text with real white space, whether it is an error, and the documents that it stands for."""

    id: str
    text: str
    fail: bool
    tree: str | None


def _unescaped(text: str) -> str:
    """The suite's visible signs as what they stand for: spaces, tabs, carriage returns, BOM, ends without newline."""
    text = re.sub("—*»", "\t", text.replace("␣", " "))
    text = text.replace("←", "\r").replace("⇔", "\ufeff").replace("↵", "")
    return re.sub("∎\n\\Z", "", text)


def _cases() -> Iterator[Case]:
    """All cases; one that has no tree of its own has that of the case before it in the file."""
    for file in sorted(SUITE.glob("*.yaml")):
        written: list[dict[str, Any]] = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506  # texts only
        tree: str | None = None
        for number, one in enumerate(written):
            tree = one.get("tree", tree)
            name = file.stem if len(written) == 1 else f"{file.stem}-{number}"
            fail = one.get("fail") == "true"
            yield Case(name, _unescaped(one["yaml"]), fail, None if fail or tree is None else _unescaped(tree))


CASES = list(_cases())
every_case = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


# --- trees of dicts, lists and texts ---------------------------------------------------------------------------------


class _Odd(Exception):
    """The tree has something that dicts with text keys cannot hold."""


class _Tree:
    """Builds documents from events that were given in order; aliases are followed, tags passed over."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self.stack: list[tuple[list[Any], bool, str | None]] = []
        self.anchors: dict[str, Any] = {}
        self.root: Any = None

    def begin(self) -> None:
        self.root, self.anchors = None, {}

    def end(self) -> None:
        self.documents.append(self.root)

    def open(self, mapping: bool, anchor: str | None) -> None:
        self.stack.append(([], mapping, anchor))

    def close(self) -> None:
        items, mapping, anchor = self.stack.pop()
        self.value(self._mapping(items) if mapping else items, anchor)

    def value(self, value: Any, anchor: str | None = None) -> None:
        if anchor is not None:
            self.anchors[anchor] = value
        if self.stack:
            self.stack[-1][0].append(value)
        else:
            self.root = value

    def alias(self, name: str) -> None:
        self.value(self.anchors[name])

    @staticmethod
    def _mapping(items: list[Any]) -> dict[str, Any]:
        keys = items[::2]
        if any(not isinstance(key, str) for key in keys) or len(set(keys)) != len(keys):
            raise _Odd
        return dict(zip(keys, items[1::2], strict=True))


def _by_ruamel(source: str) -> list[Any]:
    """The documents as ruamel.yaml's pure parser reads them, every scalar a text."""
    tree = _Tree()
    reader = YAML(typ="safe", pure=True)  # "rt" parses alike but marks the folds of folded texts with \a
    for event in reader.parse(source):
        _take(tree, event)
    return tree.documents


def _take(tree: _Tree, event: Event) -> None:
    match event:
        case ScalarEvent():
            tree.value(event.value, event.anchor)
        case MappingStartEvent() | SequenceStartEvent():
            tree.open(isinstance(event, MappingStartEvent), event.anchor)
        case MappingEndEvent() | SequenceEndEvent():
            tree.close()
        case AliasEvent():
            tree.alias(event.anchor)
        case DocumentStartEvent():
            tree.begin()
        case DocumentEndEvent():
            tree.end()


_LINE = re.compile(r"=VAL(?: &(?P<anchor>\S+))?(?: <\S*>)? (?P<style>[:\"'|>])(?P<value>.*)", re.DOTALL)
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\\\": "\\"}


def _by_tree(lines: str) -> list[Any]:
    """The documents as the suite's event lines say."""
    tree = _Tree()
    for raw in lines.split("\n"):
        line = raw.lstrip(" ")
        anchor = found[1] if (found := re.match(r"\+\w+.*? &(\S+)", line)) else None
        if line.startswith("+DOC"):
            tree.begin()
        elif line.startswith("-DOC"):
            tree.end()
        elif line.startswith(("+MAP", "+SEQ")):
            tree.open(line.startswith("+MAP"), anchor)
        elif line.startswith(("-MAP", "-SEQ")):
            tree.close()
        elif line.startswith("=ALI"):
            tree.alias(line.removeprefix("=ALI *"))
        elif line.startswith("=VAL"):
            value = _LINE.fullmatch(line)
            assert value, line
            tree.value(re.sub(r"\\.", lambda m: _ESCAPES[m[0]], value["value"]), value["anchor"])
    return tree.documents


# --- what must hold --------------------------------------------------------------------------------------------------


def _read(case: Case, positions: bool = False) -> Parsed:
    decoded = decode(case.text.encode())
    if isinstance(decoded, Complaint):
        return Parsed(documents=[None], complaints=[decoded], broken={0})
    return parse(decoded, positions)


def _empty_as_text(documents: list[Any]) -> list[Any]:
    """A document without content may be None or an empty text."""
    return ["" if document is None else document for document in documents]


def _lines(source: str) -> list[str]:
    """The lines as an editor counts them."""
    return re.split("\r\n|\r|\n", source.removeprefix("\ufeff"))


def _assert_inside(span: Span, source: str) -> None:
    """The stretch begins in the text and is in order; its end may be the beginning of the line after the last."""
    lines = _lines(source)
    assert 1 <= span.line <= len(lines), span
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1, span
    assert (span.line, span.column) <= (span.end_line, span.end_column) <= (len(lines) + 1, 1), span


@every_case
def test_reads_or_complains_at_a_place(case: Case) -> None:
    """Documents without complaint, or complaints that stand inside the text and have words in both languages."""
    parsed = _read(case)
    assert parsed.complaints or not parsed.broken
    for complaint in parsed.complaints:
        _assert_inside(complaint.span, case.text)
        for message in (complaint.message, complaint.help):
            assert message is None or (message.render("en") and message.render("zh"))


@every_case
def test_complains_inside_a_text_without_a_last_newline(case: Case) -> None:
    """Where the file ends in the middle of something, the place is still in the file, not on a line after the last."""
    source = case.text.rstrip()
    for complaint in parse(source).complaints:
        _assert_inside(complaint.span, source)


@every_case
def test_positions_change_nothing(case: Case) -> None:
    """Asked for positions, the same is read, and every position is inside the text."""
    plain, placed = _read(case), _read(case, positions=True)
    assert (plain.documents, plain.complaints) == (placed.documents, placed.complaints)
    for span in placed.spans.values():
        _assert_inside(span, case.text)


@every_case
def test_reads_like_ruamel(case: Case) -> None:
    """What the profile and ruamel.yaml both accept, they read alike."""
    parsed = _read(case)
    if parsed.complaints:
        return
    try:
        theirs = _by_ruamel(case.text)
    except (YAMLError, _Odd, KeyError):
        return
    assert _empty_as_text(parsed.documents) == _empty_as_text(theirs)


def test_the_comparison_is_not_empty() -> None:
    """Most of the suite is accepted by the profile, and so compared."""
    assert sum(not _read(case).complaints for case in CASES) > 180


BEYOND_THE_SUITE = {
    "line separator": "title: a\u2028status: cancelled\n",
    "paragraph separator": "title: a\u2029status: cancelled\n",
    "next line": "title: a\x85status: cancelled\n",
    "line separator in a comment": "title: a # b\u2028status: cancelled\n",
    "byte order mark inside": "a: b\n\ufeffc: d\n",
    "anchor with a colon": "title: &a:b c\n",
    "anchor with a dot": "title: &a.b c\n",
    "carriage return": "title: a\rstatus: planned\n",
    "no-break space": "title:\xa0a\n",
    "full-width space": "a: b\n\u3000c: d\n",
    "key of 1,100 signs": "k" * 1100 + ": v\n",
}
"""What an editor shows as one thing must not be read as another: refused, or read as ruamel.yaml reads it (YAML 1.2)."""


@pytest.mark.parametrize("source", BEYOND_THE_SUITE.values(), ids=BEYOND_THE_SUITE.keys())
def test_reads_alike_beyond_the_suite(source: str) -> None:
    """Signs that look like nothing do not change what is read, nor on which line it is."""
    decoded = decode(source.encode())
    if isinstance(decoded, Complaint):
        _assert_inside(decoded.span, source)
        return
    parsed = parse(decoded, positions=True)
    for span in (*(complaint.span for complaint in parsed.complaints), *parsed.spans.values()):
        _assert_inside(span, source)
    if not parsed.complaints:
        assert parsed.documents == _by_ruamel(source)


@every_case
def test_reads_what_the_suite_says(case: Case) -> None:
    """What is accepted has the tree of the suite; what is right YAML is refused only for what the profile leaves out."""
    parsed = _read(case)
    if case.tree is None:
        return
    if parsed.complaints:
        codes = {complaint.code for complaint in parsed.complaints}
        assert (not codes <= NOT_IN_THE_PROFILE) == (case.id in REFUSED_ALTHOUGH_RIGHT), codes
        return
    alike = _empty_as_text(parsed.documents) == _empty_as_text(_by_tree(case.tree))
    assert alike != (case.id in OTHER_TREE), (parsed.documents, _by_tree(case.tree))


def test_errors_of_the_suite_are_refused() -> None:
    """Every case marked as an error is complained of, but for those that are known and harmless."""
    accepted = {case.id for case in CASES if case.fail and not _read(case).complaints}
    assert accepted == set(ACCEPTED_ALTHOUGH_WRONG)


def test_complaints_are_in_words_of_ours() -> None:
    """No complaint hands on the parser's own English, which says nothing to people who plan campaigns."""
    handed_on = {
        str(complaint.message.args["why"])
        for case in CASES
        for complaint in _read(case).complaints
        if complaint.code == "yaml" and "why" in complaint.message.args
    }
    assert not handed_on


def test_lists_of_differences_name_cases() -> None:
    """The lists of what differs hold no case that is gone."""
    known = {case.id for case in CASES}
    for listed in (ACCEPTED_ALTHOUGH_WRONG, REFUSED_ALTHOUGH_RIGHT, OTHER_TREE):
        assert set(listed) <= known
    assert len(CASES) > 400


POLICY = """\
policy: caps
rules:
  - rule: weekly
    kind: frequency-cap
    at_most: 3
    per: 7d
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a right policy and room for one campaign."""
    root = tmp_path_factory.mktemp("suite")
    for folder in ("campaigns", "policies"):
        (root / folder).mkdir()
    (root / "tactful.yaml").write_text("tactful: 1\ntimezone: Europe/Paris\n", "utf-8")
    (root / "policies" / "caps.yaml").write_text(POLICY, "utf-8")
    return root


@every_case
def test_check_of_a_repository_with_the_case(case: Case, repository: Path) -> None:
    """A whole run with the case as the only campaign: a finding (1), or nothing was there to check (3)."""
    (repository / "campaigns" / "case.yaml").write_bytes(case.text.encode())
    report = check(load(repository), date(2026, 1, 1))
    parsed = _read(case)
    empty = not parsed.complaints and all(document in (None, "") for document in parsed.documents)
    assert report.exit_code == (3 if empty else 1)
    for language in ("en", "zh"):
        shown = text.render(report, language)
        assert empty or "campaigns/case.yaml:" in shown
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        assert json.render(report, language).startswith("{")
