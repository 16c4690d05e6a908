"""``tactful rules``."""

from __future__ import annotations

from pathlib import Path

from tactful.engine.messages import Language, say
from tactful.engine.rules import KINDS

from ..console import clean, language_of, out
from ..loading import load
from ..positions import locate
from ..report.text import width


def run(folder: Path, language: str | None) -> int:
    loaded = load(folder)
    chosen = language_of(language, loaded.settings)
    lines: list[str] = []
    if loaded.rules:
        lines.append(say("rules here:", "此处的规则：").render(chosen))
        rows: list[tuple[str, ...]] = [
            (
                clean(rule.id),
                rule.kind,
                rule.params.severity,
                clean(f"{locate(rule.place, loaded).path}:{locate(rule.place, loaded).span.line}"),
            )
            for rule in loaded.rules
        ]
        lines += _table(rows)
        lines.append("")
    lines.append(say("rule kinds:", "规则类型：").render(chosen))
    lines += _table([(name, _status(name, chosen)) for name in KINDS])
    out("\n".join(lines) + "\n")
    return 0


def _status(name: str, language: Language) -> str:
    kind = KINDS[name]
    summary = kind.summary.render(language)
    if kind.check is not None:
        return summary
    return summary + say(" (read, not evaluated yet: unproven)", "（会读取，尚不评估：未能证明）").render(language)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    return [
        "  "
        + "  ".join(cell + " " * (widths[i] - width(cell)) if i < len(widths) else cell for i, cell in enumerate(row))
        for row in rows
    ]
