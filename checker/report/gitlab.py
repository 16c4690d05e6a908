"""GitLab code quality: a list of issues with fingerprints."""

from __future__ import annotations

import json

from tactful.engine.messages import Language

from ..console import clean
from ..run import Report
from .entries import entries, from_the_top

SEVERITY = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, language: Language) -> str:
    seen: dict[str, int] = {}
    issues = []
    for entry in entries(report, language):
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
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"
