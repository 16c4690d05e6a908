"""The JSON report line by line: a finding, a note or the summary a line, for what reads as it comes. The summary is last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tactful.engine.messages import Language

from ..run import Report
from .json import harmless, payload

KINDS = {"findings": "finding", "waived": "waived", "known": "known", "notes": "note"}


def render(report: Report, language: Language) -> str:
    return "".join(f"{line}\n" for line in _lines(report, language))


def _lines(report: Report, language: Language) -> Iterator[str]:
    told = payload(report, language)
    for key, kind in KINDS.items():
        for one in told[key]:
            yield _line({"type": kind, **one})
    yield _line({"type": "summary", "version": told["version"], **told["summary"]})


def _line(value: dict[str, Any]) -> str:
    return harmless(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
