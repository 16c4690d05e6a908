"""``tactful rules``."""

from __future__ import annotations

from pathlib import Path

from tactful.engine.messages import say
from tactful.engine.rules import KINDS

from ..console import clean, language_of, out
from ..loading import load
from ..positions import locate
from ..report.page import SEVERITY_WORDS, width
from ..root import root_of


def run(folder: Path, language: str | None) -> int:
    loaded = load(root_of(folder))
    chosen = language_of(language, loaded.settings)
    lines: list[str] = []
    if loaded.rules:
        lines.append(say("rules here:", "本仓库的规则：").render(chosen))
        rows: list[tuple[str, ...]] = [
            (
                clean(rule.id),
                rule.kind,
                SEVERITY_WORDS[rule.params.severity].render(chosen),
                clean(f"{locate(rule.place, loaded).path}:{locate(rule.place, loaded).span.line}"),
            )
            for rule in loaded.rules
        ]
        lines += _table(rows)
        lines.append("")
    lines.append(say("rule kinds:", "规则类型：").render(chosen))
    lines += _table([(name, kind.summary.render(chosen)) for name, kind in KINDS.items()])
    out("\n".join(lines) + "\n")
    return 0


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    return [
        "  "
        + "  ".join(cell + " " * (widths[i] - width(cell)) if i < len(widths) else cell for i, cell in enumerate(row))
        for row in rows
    ]
