"""``tactful explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tactful.engine.messages import Language, Message, did_you_mean, say
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.rules import KINDS

from ..console import Refused, clean, language_of, out
from ..loaded import Loaded
from ..loading import load
from ..pages import kind_page
from ..positions import locate
from ..report.page import SEVERITY_WORDS
from ..root import root_of


def run(name: str, folder: Path, language: str | None) -> int:
    """The page of a kind; for a rule, what it says here, where, why and from what source, then its kind."""
    loaded = load(root_of(folder))
    chosen = language_of(language, loaded.settings)
    if name in KINDS:
        out(kind_page(name, chosen))
        return 0
    found = [rule for rule in loaded.rules if name in (rule.id, rule.id.split("/")[1])]
    if not found:
        help = did_you_mean(name, [*KINDS, *(rule.id for rule in loaded.rules)])
        raise Refused(
            say(
                "no rule or kind '{name}'{help}",
                "没有规则或类型“{name}”{help}",
                name=name,
                help=say("; {h}", "；{h}", h=help) if help else say("", ""),
            )
        )
    for rule in found:
        out("\n".join(_rule(rule, loaded, chosen)) + "\n\n" + kind_page(rule.kind, chosen))
    return 0


def _rule(rule: LinkedRule[Any], loaded: Loaded, language: Language) -> list[str]:
    position = locate(rule.place, loaded)
    lines = [f"# {rule.id}", "", f"{clean(position.path)}:{position.span.line}", ""]

    def say_it(message: Message) -> None:
        lines.append("- " + clean(message.render(language)))

    say_it(
        say(
            "kind: {kind}; severity: {severity}",
            "类型：{kind}；级别：{severity}",
            kind=rule.kind,
            severity=SEVERITY_WORDS[rule.params.severity],
        )
    )
    if rule.because is not None:
        say_it(say("because: {why}", "原因：{why}", why=rule.because))
    source: Any = rule.params.source
    if source is not None:
        parts = [str(part) for part in (source.citation, source.url, source.scope) if part]
        say_it(
            say(
                "source: {parts} (evidence {evidence}, verified on {day})",
                "来源：{parts}（证据等级 {evidence}，核实于 {day}）",
                parts=parts,
                evidence=source.evidence or "-",
                day=source.verified_on or "-",
            )
        )
    if rule.first or rule.last:
        say_it(
            say(
                "in force: {first} to {last}",
                "有效期：{first} 至 {last}",
                first=rule.first or "…",
                last=rule.last or "…",
            )
        )
    say_it(say("clock: {clock}", "时区：{clock}", clock=rule.clock))
    return lines
