"""Markdown for a comment on a pull request or the summary of a job."""

from __future__ import annotations

import re
from itertools import accumulate

from tactful.engine.messages import Language, say

from ..console import clean
from ..run import Report
from .entries import Entry, entries, helped, waived_lines
from .text import summary

MOST = 50
MAX_TEXT = 60_000
"""How many findings are told, and in how many characters: a comment has a largest size, on GitHub 65,536."""
ICONS = {"error": "🔴", "warning": "🟡", "info": "🔵"}


def render(report: Report, language: Language) -> str:
    found = [entry for entry in entries(report, language) if not entry.waived]
    lines = ["### Tactful", "", escaped(summary(report).render(language)), ""]
    told = _told([_finding(entry, language) for entry in found[:MOST]])
    lines += [line for part in told for line in part]
    if len(found) > len(told):
        more = say("{n} more findings are not shown", "另有 {n} 项发现未列出", n=len(found) - len(told))
        lines += [more.render(language), ""]
    lines += [f"- {escaped(line)}" for line in waived_lines(report, language)[:MOST]]
    return "\n".join(lines)


def _told(parts: list[list[str]]) -> list[list[str]]:
    """As many of the findings, from the first on, as there is room for."""
    sizes = accumulate(sum(len(line) + 1 for line in part) for part in parts)
    return [part for part, size in zip(parts, sizes, strict=True) if size <= MAX_TEXT]


def _finding(entry: Entry, language: Language) -> list[str]:
    place = f"{entry.where.path}:{entry.where.span.line}"
    lines = [f"- {ICONS[entry.severity]} **{escaped(entry.rule)}** {escaped(place)}  ", f"  {escaped(entry.message)}"]
    more = [f"{r.where.path}:{r.where.span.line} {r.label}" for r in entry.related]
    more += [*entry.details, *helped(entry, language)]
    return [*lines, *(f"  - {escaped(line)}" for line in more), ""]


def escaped(text: str) -> str:
    """Text that stays text: no markup, no HTML, no mention of anybody, no link."""
    safe = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    safe = re.sub(r"([\\`*_{}\[\]()#+!|~-])", r"\\\1", safe)
    return safe.replace("://", ":&#47;/").replace("www.", "www&#46;")
