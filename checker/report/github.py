"""Annotations of GitHub Actions: workflow commands, the worst first, for only ten of a severity are shown for a step."""

from __future__ import annotations

from tactful.engine.messages import Language
from tactful.engine.policy.policies import SEVERITIES

from ..console import clean
from ..run import Report
from .entries import Entry, entries, from_the_top, helped, waived_lines
from .text import summary

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, language: Language) -> str:
    shown = sorted((e for e in entries(report, language) if not e.waived), key=_rank)
    lines = [
        *(_command(entry, report, language) for entry in shown),
        *(f"::notice::{_data(line)}" for line in waived_lines(report, language)),
    ]
    return "".join(f"{line}\n" for line in [*lines, clean(summary(report).render(language))])


def _rank(entry: Entry) -> int:
    return SEVERITIES.index(entry.severity)


def _command(entry: Entry, report: Report, language: Language) -> str:
    span = entry.where.span
    properties = {
        "file": from_the_top(entry.where.path, report),
        "line": span.line,
        "endLine": span.end_line,
        "col": span.column,
        "endColumn": span.end_column,
        "title": entry.rule,
    }
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = "\n".join([entry.message, *entry.details, *helped(entry, language)])
    return f"::{COMMANDS[entry.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    lines = [clean(line) for line in text.split("\n")]
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
