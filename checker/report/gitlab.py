"""GitLab code quality: a list of issues with fingerprints."""

from __future__ import annotations

import json
from typing import Any

from tactful.engine.messages import Language

from ..console import clean
from ..reading.repository import SETTINGS
from ..run import Report
from .entries import from_the_top, worst_entries

SEVERITY = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, language: Language) -> str:
    seen: dict[str, int] = {}
    issues: list[dict[str, Any]] = []
    found, left_out = worst_entries(report, language)
    for entry in found:
        if entry.waived:
            continue
        number = seen[entry.fingerprint] = seen.get(entry.fingerprint, 0) + 1
        issues.append(
            {
                "description": clean(entry.message),
                "check_name": clean(entry.rule),
                "fingerprint": entry.fingerprint if number == 1 else f"{entry.fingerprint}-{number}",
                "severity": SEVERITY[entry.severity],
                "location": {
                    "path": clean(from_the_top(entry.where.path, report)),
                    "lines": {"begin": entry.where.span.line},
                },
            }
        )
    if left_out is not None:
        where = {"path": from_the_top(SETTINGS, report), "lines": {"begin": 1}}
        words = {"description": left_out.render(language), "check_name": "tactful/left-out", "severity": "info"}
        issues.append({**words, "fingerprint": "left-out", "location": where})
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"
