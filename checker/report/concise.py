"""One line for each finding: ``path:line:column: severity[rule] message``."""

from __future__ import annotations

from tactful.engine.messages import Language

from ..console import clean
from ..run import Report
from .entries import entries
from .text import summary


def render(report: Report, language: Language) -> str:
    lines = [
        f"{clean(e.where.path)}:{e.where.span.line}:{e.where.span.column}: {e.severity}[{clean(e.rule)}] {clean(e.message)}"
        for e in entries(report, language)
        if not e.waived
    ]
    return "\n".join([*lines, clean(summary(report).render(language))]) + "\n"
