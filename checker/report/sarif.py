"""SARIF 2.1.0 for code scanning. Source: OASIS, Static Analysis Results Interchange Format 2.1.0."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from tactful.engine.messages import Language
from tactful.engine.rules import KINDS

from .. import VERSION
from ..console import clean
from ..pages import page_of
from ..positions import Position
from ..run import Report
from .entries import Entry, from_the_top, whole_text, worst_entries

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVEL = {"error": "error", "warning": "warning", "info": "note"}


def render(report: Report, language: Language) -> str:
    found, left_out = worst_entries(report, language)
    rules = _rules(report, language, found)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "tactful", "version": VERSION, "rules": rules}
    invocation: dict[str, Any] = {"executionSuccessful": report.exit_code != 2, "exitCode": report.exit_code}
    if left_out is not None:
        said = {"level": "warning", "message": {"text": left_out.render(language)}}
        invocation["toolExecutionNotifications"] = [said]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "language": "zh-CN" if language == "zh" else "en-US",
        "invocations": [invocation],
        "results": [_result(entry, index, report, language) for entry in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def _rules(report: Report, language: Language, found: list[Entry]) -> list[dict[str, Any]]:
    """The rules of the repository with what they are for, and the slips of form that were found."""
    rules = []
    for rule in sorted(report.loaded.rules, key=lambda r: r.id):
        kind = KINDS[rule.kind]
        because = [rule.because.render(language)] if rule.because is not None else []
        text = "\n\n".join([*because, kind.summary.render(language), page_of(rule.kind).meaning.render(language)])
        rules.append(
            {
                "id": clean(rule.id),
                "name": rule.kind,
                "shortDescription": {"text": kind.summary.render(language)},
                "fullDescription": {"text": clean("".join(because)) or kind.summary.render(language)},
                "help": {"text": _lines(text)},
                "defaultConfiguration": {"level": LEVEL[rule.params.severity]},
            }
        )
    known = {rule["id"] for rule in rules}
    rest = sorted({clean(entry.rule) for entry in found} - known)
    return [*rules, *({"id": name, "shortDescription": {"text": name}} for name in rest)]


def _lines(text: str) -> str:
    return "\n".join(clean(line) for line in text.split("\n"))


def _result(entry: Entry, index: dict[str, int], report: Report, language: Language) -> dict[str, Any]:
    text = whole_text(entry, language)
    result: dict[str, Any] = {
        "ruleId": clean(entry.rule),
        "ruleIndex": index[clean(entry.rule)],
        "level": LEVEL[entry.severity],
        "message": {"text": _lines(text)},
        "locations": [{"physicalLocation": _place(entry.where, report)}],
        "relatedLocations": [
            {"id": number, "message": {"text": clean(r.label)}, "physicalLocation": _place(r.where, report)}
            for number, r in enumerate(entry.related, 1)
        ],
        "partialFingerprints": {"tactful/v1": entry.fingerprint},
        "properties": {"verdict": entry.verdict},
    }
    if entry.waived:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": clean(entry.waived)}]
    return result


def _place(where: Position, report: Report) -> dict[str, Any]:
    span = where.span
    path = from_the_top(where.path, report).encode("utf-8", "surrogateescape")
    shipped = where.path.startswith("tactful:")
    artifact = {"uri": quote(path, safe="/:" if shipped else "/")} | ({} if shipped else {"uriBaseId": "%SRCROOT%"})
    region = {"startLine": span.line, "startColumn": span.column}
    return {
        "artifactLocation": artifact,
        "region": {**region, "endLine": span.end_line, "endColumn": span.end_column},
    }
