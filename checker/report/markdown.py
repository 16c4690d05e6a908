"""Markdown for a comment on a pull request or the summary of a job."""

from __future__ import annotations

import re

from tactful.engine.messages import Language, say

from ..console import clean
from ..run import Report
from .entries import Entry, entries
from .text import summary

MOST = 50
"""How many findings are told; a comment has a largest size."""
ICONS = {"error": "🔴", "warning": "🟡", "info": "🔵"}


def render(report: Report, language: Language) -> str:
    found = [entry for entry in entries(report, language) if not entry.waived]
    lines = ["### Tactful", "", escaped(summary(report).render(language)), ""]
    for entry in found[:MOST]:
        lines += _finding(entry)
    if len(found) > MOST:
        more = say("{n} more findings are not shown", "另有 {n} 项发现未列出", n=len(found) - MOST)
        lines += [more.render(language), ""]
    return "\n".join(lines)


def _finding(entry: Entry) -> list[str]:
    place = f"{entry.where.path}:{entry.where.span.line}"
    lines = [f"- {ICONS[entry.severity]} **{escaped(entry.rule)}** {escaped(place)}  ", f"  {escaped(entry.message)}"]
    more = [f"{r.where.path}:{r.where.span.line} {r.label}" for r in entry.related]
    more += [*entry.details, *([entry.help] if entry.help else [])]
    return [*lines, *(f"  - {escaped(line)}" for line in more), ""]


def escaped(text: str) -> str:
    """Text that stays text: no markup, no HTML, no mention of anybody, no link."""
    safe = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    safe = re.sub(r"([\\`*_{}\[\]()#+!|~-])", r"\\\1", safe)
    return safe.replace("://", ":&#47;/").replace("www.", "www&#46;")
