"""Annotations of GitHub Actions: workflow commands, the worst first, for only ten of a severity are shown for a step."""

from __future__ import annotations

from tactful.engine.messages import Language

from ..console import clean
from ..run import Report
from .entries import Entry, from_the_top, waived_lines, whole_text, worst_first
from .text import summary

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, language: Language) -> str:
    lines = [
        *(_command(entry, report, language) for entry in worst_first(report, language)),
        *(f"::notice::{_data(line)}" for line in waived_lines(report, language)),
    ]
    return "".join(f"{line}\n" for line in [*lines, clean(summary(report).render(language))])


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
    text = whole_text(entry, language)
    return f"::{COMMANDS[entry.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    lines = [clean(line) for line in text.split("\n")]
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
