"""Diagnostics for reviewdog, as ``rdjson``. Source: reviewdog, Reviewdog Diagnostic Format (proto/rdf), DiagnosticResult.

A column is counted in bytes of UTF-8, from 1.
"""

from __future__ import annotations

import json
from typing import Any

from tactful.engine.messages import Language

from ..console import clean
from ..positions import Position, line_of
from ..run import Report
from .entries import Entry, entries, from_the_top, whole_text

SEVERITY = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(report: Report, language: Language) -> str:
    listed = [_diagnostic(entry, report, language) for entry in entries(report, language) if not entry.waived]
    told = {"source": {"name": "tactful"}, "diagnostics": listed}
    return json.dumps(told, ensure_ascii=True, indent=2) + "\n"


def _diagnostic(entry: Entry, report: Report, language: Language) -> dict[str, Any]:
    text = whole_text(entry, language)
    found: dict[str, Any] = {
        "message": "\n".join(clean(line) for line in text.split("\n")),
        "location": _location(entry.where, report),
        "severity": SEVERITY[entry.severity],
        "code": {"value": clean(entry.rule)},
    }
    if entry.related:
        found["related_locations"] = [
            {"message": clean(one.label), "location": _location(one.where, report)} for one in entry.related
        ]
    return found


def _location(where: Position, report: Report) -> dict[str, Any]:
    span = where.span
    start = {"line": span.line, "column": _bytes(where, span.line, span.column, report)}
    end = {"line": span.end_line, "column": _bytes(where, span.end_line, span.end_column, report)}
    return {"path": clean(from_the_top(where.path, report)), "range": {"start": start, "end": end}}


def _bytes(where: Position, line: int, column: int, report: Report) -> int:
    """A column of characters as one of bytes."""
    file = report.loaded.sources.get(where.path)
    before = line_of(file, line)[: column - 1] if file is not None else ""
    return column - len(before) + len(before.encode("utf-8", "surrogateescape"))
