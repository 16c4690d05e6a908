"""The JSON report, version 1. Its schema is ``schemas/report.json``."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tactful.engine.changes import Change, Moved
from tactful.engine.messages import Language
from tactful.engine.places import Problem
from tactful.engine.reference import UNKNOWN, Customer, Value
from tactful.engine.verdicts import Finding, Note, Spot, Witness

from ..positions import Position, locate
from ..reading.profile import Complaint
from ..run import Report, Size

_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What a terminal would obey or hide: always inside a string, so it can be escaped."""


def render(report: Report, language: Language) -> str:
    return harmless(json.dumps(payload(report, language), ensure_ascii=False, indent=2)) + "\n"


def harmless(text: str) -> str:
    """JSON as it can be printed: what a terminal or a log obeys, and what is not UTF-8, is escaped."""
    text = re.sub("[\udc80-\udcff]", lambda found: f"\\\\x{ord(found[0]) & 0xFF:02x}", text)
    text = text.replace("##[", "#\\u0023[")
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def payload(report: Report, language: Language) -> dict[str, Any]:
    findings = [_slip(path, complaint, language) for path, complaint in report.slips]
    findings += [_problem(problem, report, language) for problem in report.problems]
    findings += [_finding(finding, report, language) for finding in report.findings]
    return {
        "version": 1,
        "summary": _summary(report, language),
        "findings": findings,
        "waived": [_finding(finding, report, language) for finding in report.waived],
        "known": [_finding(finding, report, language) for finding in report.known],
        "notes": [_note(note, report, language) for note in report.notes],
    }


def _summary(report: Report, language: Language) -> dict[str, Any]:
    size = report.size if report.answer is not None else Size(report.size.files)
    counts = Counter(f.severity for f in report.findings if f.verdict == "violated")
    counts.update(p.severity for p in report.problems)
    counts["error"] += len(report.slips)
    return {
        "as_of": None if report.form_only else report.as_of.isoformat(),
        "language": language,
        "files": size.files,
        "campaigns": size.campaigns,
        "services": size.services,
        "offers": size.offers,
        "rules": report.rules,
        "proved": list(report.answer.proved) if report.answer else [],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "infos": counts["info"],
        "unproven": sum(1 for f in report.findings if f.verdict == "unproven"),
        "waived": len(report.waived),
        "known": len(report.known),
        "horizon": report.answer.horizon.isoformat() if report.answer and report.answer.horizon else None,
        "usage": report.usage.render(language) if report.usage else None,
        "exit_code": report.exit_code,
    }


def _position(position: Position) -> dict[str, Any]:
    span = position.span
    return {
        "path": position.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _form(code: str, severity: str, message: str, where: Position, help: str | None) -> dict[str, Any]:
    return {
        "rule": f"form/{code}",
        "kind": "form",
        "severity": severity,
        "verdict": "violated",
        "message": message,
        "campaign": None,
        "group": None,
        "parties": [],
        "among": [],
        "measure": None,
        "location": _position(where),
        "related": [],
        "witness": None,
        "because": None,
        "help": help,
        "proposals": [],
        "stands_at": [],
        "missing": None,
        "assumptions": [],
        "more": 0,
        "table": [],
    }


def _slip(path: str, complaint: Complaint, language: Language) -> dict[str, Any]:
    help = complaint.help.render(language) if complaint.help else None
    return _form(complaint.code, "error", complaint.message.render(language), Position(path, complaint.span), help)


def _problem(problem: Problem, report: Report, language: Language) -> dict[str, Any]:
    help = problem.help.render(language) if problem.help else None
    where = locate(problem.place, report.loaded)
    return _form(problem.code, problem.severity, problem.message.render(language), where, help)


def _finding(finding: Finding, report: Report, language: Language) -> dict[str, Any]:
    def words(message: Any) -> str | None:
        return message.render(language) if message is not None else None

    measure = finding.measure
    return {
        "rule": finding.rule,
        "kind": finding.kind,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "message": words(finding.message),
        "campaign": finding.campaign,
        "group": finding.group,
        "parties": list(finding.parties),
        "among": sorted({*finding.among} - {*finding.parties}),
        "measure": {"is": number(measure.is_), "limit": number(measure.limit)} if measure else None,
        "location": _position(locate(finding.spot.place, report.loaded)),
        "related": [_related(spot, report, language) for spot in finding.related],
        "witness": _witness(finding.witness, language) if finding.witness else None,
        "because": words(finding.because),
        "help": words(finding.help),
        "proposals": [_proposal(change, language) for change in finding.proposals],
        "stands_at": [{"touch": one.index + 1, "local": one.local.isoformat()} for one in finding.stands_at],
        "missing": words(finding.missing),
        "assumptions": [words(assumption) for assumption in finding.assumptions],
        "more": finding.more,
        "table": [[words(cell) for cell in row] for row in finding.table],
    }


def _proposal(change: Change, language: Language) -> dict[str, Any]:
    """A change that was tried under all rules: the time of one touch, or what else it is in words."""
    if isinstance(change, Moved):
        return {"campaign": change.campaign, "touch": change.index + 1, "at": change.to.isoformat()}
    touches = [index + 1 for index in change.indices]
    return {"campaign": change.campaign, "touches": touches, "words": change.words.render(language)}


def _related(spot: Spot, report: Report, language: Language) -> dict[str, Any]:
    return {**_position(locate(spot.place, report.loaded)), "label": spot.label.render(language)}


def number(value: int | Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


def _witness(witness: Witness, language: Language) -> dict[str, Any]:
    return {
        "words": witness.words.render(language),
        "customer": _values(witness.customer),
        "beside": _values(witness.twin) if witness.twin is not None else None,
        "touches": [
            {"campaign": t.campaign, "channel": t.channel, "at": _instant(t.at), "local": t.local.isoformat()}
            for t in witness.touches
        ],
        "events": [{"event": name, "at": _instant(at)} for at, name in witness.customer.events],
        "window": [_instant(at) for at in witness.window] if witness.window else None,
    }


def _values(customer: Customer) -> dict[str, Any]:
    """Every attribute of the witness; one that changes as a list of instants and values."""
    shown: dict[str, Any] = {name: _value(value) for name, value in sorted(customer.steady.items())}
    for at, values in customer.changing:
        for name, value in values.items():
            shown.setdefault(name, []).append({"from": _instant(at), "value": _value(value)})
    return shown


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _value(value: Value) -> Any:
    if value is UNKNOWN:
        return "unknown"
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, str) and value.startswith("\0"):
        return "other"
    return value


def _note(note: Note, report: Report, language: Language) -> dict[str, Any]:
    return {
        "code": note.code,
        "severity": note.severity,
        "message": note.message.render(language),
        "location": _position(locate(note.place, report.loaded)),
        "help": note.help.render(language) if note.help else None,
    }
