"""``tactful explain``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tactful.engine.messages import Language, Message, did_you_mean, say
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.rule_view import RuleView, Season, rule_view
from tactful.engine.rules import KINDS
from tactful.engine.sends.timeline import TooManySends
from tactful.engine.sentences import sentence
from tactful.engine.trials import Asked

from ..console import Refused, clean, day_option, language_of, out
from ..faults import is_faulty, too_large
from ..loaded import Loaded
from ..loading import load
from ..pages import kind_page
from ..positions import locate
from ..report.page import SEVERITY_WORDS
from ..root import root_of

MOST = 8
"""So many findings, touches and stretches of days are named."""


def run(name: str, folder: Path, as_of: str | None, language: str | None) -> int:
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
        lines = [*_rule(rule, loaded, chosen), *_in_the_plan(rule, loaded, as_of, chosen)]
        out("\n".join(lines) + "\n\n" + kind_page(rule.kind, chosen))
    return 0


def _rule(rule: LinkedRule[Any], loaded: Loaded, language: Language) -> list[str]:
    position = locate(rule.place, loaded)
    lines = [f"# {rule.id}", "", f"{clean(position.path)}:{position.span.line}", ""]
    lines += [clean(sentence(rule).render(language)), ""]

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


# --- beside the plan -------------------------------------------------------------------------------------------------


def _in_the_plan(rule: LinkedRule[Any], loaded: Loaded, as_of: str | None, language: Language) -> list[str]:
    """What it speaks of and finds in the plan of this repository; nothing where its files have faults."""
    if loaded.plan is None or is_faulty(loaded) or not loaded.plan.campaigns:
        return []
    day = day_option(as_of, loaded.timezone)
    try:
        view = rule_view(Asked(loaded.plan, loaded.rules, day, loaded.waivers), rule)
    except TooManySends:
        return ["", "- " + too_large().render(language)]
    told = [_speaks_of(view), _finds(view)]
    if view.season is not None:
        told += _season(view.season)
    waived = [waiver for waiver in loaded.waivers if waiver.waive == rule.id]
    told += [
        say(
            "waived for {who} until {until}: {reason} ({by})",
            "对 {who} 豁免至 {until}：{reason}（{by}）",
            who=waiver.campaign or waiver.group or "",
            until=waiver.until,
            reason=waiver.reason,
            by=waiver.approved_by,
        )
        for waiver in waived
    ]
    return ["", *("- " + clean(message.render(language)) for message in told)]


def _speaks_of(view: RuleView) -> Message:
    channels = [say("{channel} {n}", "{channel} {n}", channel=name, n=number) for name, number in view.channels]
    listed = say(": {channels}", "：{channels}", channels=channels) if channels else say("", "")
    set_off = (
        say("; and of {n} touches that customers set off", "；另有 {n} 个触发式触达", n=view.triggered)
        if view.triggered
        else say("", "")
    )
    return say(
        "speaks of {sends} of {all} sends, of {campaigns} of {plan} campaigns{listed}{set_off}",
        "涉及 {all} 次发送中的 {sends} 次、{plan} 个活动中的 {campaigns} 个{listed}{set_off}",
        sends=view.sends,
        all=view.all_sends,
        campaigns=view.campaigns,
        plan=view.all_campaigns,
        listed=listed,
        set_off=set_off,
    )


def _finds(view: RuleView) -> Message:
    if not view.found and view.waived:
        return say("holds, but for what is waived", "除已豁免的情况外成立")
    if not view.found:
        return say("holds for every customer", "对每位客户都成立")
    listed = []
    for finding in view.found[:MOST]:
        measure = finding.measure
        who = finding.campaign or finding.group or finding.rule
        if finding.verdict == "unproven":
            listed.append(say("{who} not proven", "{who} 未能证明", who=who))
        elif measure is not None:
            listed.append(say("{who} {n} of {limit}", "{who} {n}/{limit}", who=who, n=measure.is_, limit=measure.limit))
        else:
            listed.append(say("{who}", "{who}", who=who))
    more = say(" and {n} more", " 等另外 {n} 项", n=len(view.found) - MOST) if len(view.found) > MOST else say("", "")
    return say("finds {listed}{more}", "发现 {listed}{more}", listed=listed, more=more)


def _season(season: Season) -> list[Message]:
    """On how many days there is too much, none left, and room; and who gets most."""
    days = [day for day, _ in season.days]
    over = [day for day, one in season.days if one.over]
    full = sum(one.full and not one.over for _, one in season.days)
    unsure = sum(not one.certain and not one.full for _, one in season.days)
    parts = [
        say("too much on {n} ({days})", "{n} 天过多（{days}）", n=len(over), days=_runs(over)) if over else None,
        say("full on {n}", "{n} 天已满", n=full),
        say("room on {n}", "{n} 天有余量", n=len(days) - len(over) - full - unsure),
        say("not decided on {n}", "{n} 天未能判定", n=unsure) if unsure else None,
    ]
    told = [
        say(
            "the {n} days from {first} to {last}: {parts}",
            "{first} 至 {last} 共 {n} 天：{parts}",
            n=len(days),
            first=days[0],
            last=days[-1],
            parts=[part for part in parts if part is not None],
        )
    ]
    if season.customer is not None:
        touches = [
            say("{at} {name}", "{at} {name}", at=t.local, name=t.campaign) for t in season.fullest.touches[:MOST]
        ]
        told.append(
            say(
                "most for one customer: {most} of {limit}: {touches}; {who}",
                "同一位客户最多：{most}/{limit}：{touches}；{who}",
                most=season.fullest.most,
                limit=season.fullest.limit,
                touches=touches,
                who=season.customer,
            )
        )
    return told


def _runs(days: Sequence[date]) -> list[Message]:
    """Days that follow each other, by the first and the last."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [
        say("{day}", "{day}", day=run[0])
        if len(run) == 1
        else say("{first} to {last}", "{first} 至 {last}", first=run[0], last=run[-1])
        for run in runs[:MOST]
    ]
