"""``tactful why``: what the rules say of one campaign, also where they hold, and where its touches could go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tactful.engine.campaign_view import CampaignView, Held, view_of
from tactful.engine.kit.room import Standing
from tactful.engine.messages import Language, Message, all_of, did_you_mean, say
from tactful.engine.moves import Places
from tactful.engine.plan.campaigns import TouchSpec
from tactful.engine.sends.timeline import TooManySends
from tactful.engine.sentences import condition_words
from tactful.engine.trials import Asked
from tactful.engine.verdicts import Finding

from ..console import Refused, clean, day_option, language_of, out
from ..faults import has_faults, is_faulty, too_large
from ..loaded import Loaded
from ..loading import load
from ..positions import locate
from ..report.json import number
from ..root import root_of

MAX_LISTED = 6


def run(name: str, folder: Path, as_of: str | None, language: str | None, form: str) -> int:
    """Tells what there is to tell of a campaign: 0, also where something is broken. Refuses what is no campaign."""
    loaded = load(root_of(folder))
    chosen = language_of(language, loaded.settings)
    if form not in ("text", "json"):
        raise Refused(
            say("no format '{word}'; there are text and json", "没有格式“{word}”；可用 text 和 json", word=form)
        )
    if loaded.plan is None or is_faulty(loaded):
        raise Refused(has_faults(loaded))
    named = {campaign.name: campaign for campaign in loaded.plan.campaigns}
    if name not in named:
        help = did_you_mean(name, named)
        raise Refused(
            say(
                "no campaign '{name}'{help}",
                "没有活动“{name}”{help}",
                name=name,
                help=say("; {h}", "；{h}", h=help) if help else say("", ""),
            )
        )
    day = day_option(as_of, loaded.timezone)
    try:
        view = view_of(Asked(loaded.plan, loaded.rules, day, loaded.waivers), named[name])
    except TooManySends:
        raise Refused(too_large()) from None
    out(_as_json(view, loaded, chosen) if form == "json" else "\n".join(_as_text(view, loaded, chosen)) + "\n")
    return 0


# --- as text ---------------------------------------------------------------------------------------------------------


def _as_text(view: CampaignView, loaded: Loaded, language: Language) -> list[str]:
    lines: list[str] = []

    def tell(message: Message, before: str = "") -> None:
        lines.append(before + clean(message.render(language)))

    def part(title: Message) -> None:
        lines.extend(["", clean(title.render(language))])

    campaign = view.campaign
    place = locate(campaign.place, loaded)
    title = say("  {title}", "  {title}", title=campaign.model.title) if campaign.model.title else say("", "")
    tell(say("{name}{title}", "{name}{title}", name=campaign.name, title=title))
    tell(
        say(
            "{path} · {owner}{purpose} · {status}",
            "{path} · {owner}{purpose} · {status}",
            path=place.path,
            owner=say("{who} · ", "{who} · ", who=campaign.model.owner) if campaign.model.owner else say("", ""),
            purpose=campaign.model.purpose,
            status=campaign.model.status,
        )
    )
    tell(say("to: {who}", "对象：{who}", who=condition_words(campaign.model.audience)))
    for message in _touches(view):
        tell(message, "  ")
    if not view.judged:
        tell(_not_judged(view))
    for title, findings, mark in (
        (say("BREAKS {n}", "违反 {n} 条", n=len(view.broken)), view.broken, "✗"),
        (say("WAIVED {n}", "已豁免 {n} 条", n=len(view.waived)), view.waived, "~"),
        (say("NOT PROVEN {n}", "未能证明 {n} 条", n=len(view.unproven)), view.unproven, "?"),
    ):
        if findings:
            part(title)
        for finding in findings:
            tell(
                say(
                    "{mark} {rule}: {message}",
                    "{mark} {rule}：{message}",
                    mark=mark,
                    rule=finding.rule,
                    message=finding.message,
                )
            )
            for detail in _details(finding, loaded):
                tell(detail, "    ")
    if view.held:
        part(say("HOLDS HERE {n}", "在此成立 {n} 条", n=len(view.held)))
    for one in view.held:
        tell(_held(one))
    if view.places:
        part(say("WHERE IT COULD GO, under all rules", "可以改到（所有规则都成立）"))
    for places in view.places:
        tell(_places(places), "  ")
    if view.matters_to:
        part(say("IT TAKES PART IN", "它参与了以下违反"))
    for name, rules in sorted(view.matters_to.items()):
        tell(say("{name}: {rules}", "{name}：{rules}", name=name, rules=rules), "  ")
    if view.silent:
        names = [rule.id for rule in view.silent]
        part(
            say(
                "{n} rules do not speak of it: {rules}{more}",
                "有 {n} 条规则与它无关：{rules}{more}",
                n=len(names),
                rules=names[:MAX_LISTED],
                more=say(", …", "……") if len(names) > MAX_LISTED else say("", ""),
            )
        )
    return lines


def _touches(view: CampaignView) -> Iterator[Message]:
    """One line for each touch: its number, its channel, and when it is sent."""
    for index, touch in enumerate(view.campaign.model.touches):
        sends = [send for send in view.sends if send.index == index]
        if not sends:
            yield say("{n}  {channel}{own}", "{n}  {channel}{own}", n=index + 1, channel=touch.channel, own=_own(touch))
            continue
        times = list(dict.fromkeys(send.local for send in sends))
        more = say(" and {n} more", " 等另外 {n} 次", n=len(times) - 3) if len(times) > 3 else say("", "")
        yield say(
            "{n}  {channel}  {times}{more}{own}",
            "{n}  {channel}  {times}{more}{own}",
            n=index + 1,
            channel=touch.channel,
            times=times[:3],
            more=more,
            own=_own(touch),
        )


def _own(touch: TouchSpec) -> Message:
    """Whom of the audience of its campaign it is for, where it says so."""
    if touch.audience is None:
        return say("", "")
    return say("  of them: {who}", "  其中：{who}", who=condition_words(touch.audience))


def _details(finding: Finding, loaded: Loaded) -> Iterator[Message]:
    if finding.witness is not None:
        when = [say("{at} {name}", "{at} {name}", at=t.local, name=t.campaign) for t in finding.witness.touches]
        if len(when) > 1:
            yield say("{touches}", "{touches}", touches=when)
        yield say("customer: {words}", "客户：{words}", words=finding.witness.words)
    if finding.missing is not None:
        yield say("missing: {missing}", "缺少：{missing}", missing=finding.missing)
    if finding.because is not None:
        yield say("because: {why}", "原因：{why}", why=finding.because)
    if finding.covered_by:
        waiver = loaded.waivers[finding.covered_by[0]]
        yield say(
            "{by}, until {until}: {reason}",
            "{by}，至 {until}：{reason}",
            by=waiver.approved_by,
            until=waiver.until,
            reason=waiver.reason,
        )


def _not_judged(view: CampaignView) -> Message:
    if view.campaign.model.status == "cancelled":
        return say("it is cancelled and sends nothing", "该活动已取消，不会发送")
    return say(
        "nothing of it is still to come on or after this day, and nothing is judged (--as-of)",
        "在检查日（--as-of）当天及之后没有任何发送，因此不作判断",
    )


def _held(one: Held) -> Message:
    """What holds for everybody is ticked; what is broken elsewhere, or has this campaign in a set too large, is not."""
    over = any(near.fullest.over for near in one.near)
    mark = "·" if one.elsewhere or over else "✓"
    told = [say("{near}", "{near}", near=[_near(near) for near in one.near])] if one.near else []
    told += [say("broken elsewhere in the plan", "在计划的其他地方被违反")] if one.elsewhere else []
    if not told:
        return say("{mark} {rule}", "{mark} {rule}", mark=mark, rule=one.rule.id)
    return say(
        "{mark} {rule}  {told}", "{mark} {rule}  {told}", mark=mark, rule=one.rule.id, told=all_of(told, "; ", "；")
    )


def _near(near: Standing) -> Message:
    """``touch 1: at most 2 of 2, no room``."""
    full = near.fullest
    words = say(
        "touch {n}: at most {most} of {limit}" if full.certain else "touch {n}: {most} of {limit}, perhaps more",
        "第 {n} 次触达：最多 {most}，上限 {limit}" if full.certain else "第 {n} 次触达：{most}，上限 {limit}，可能更多",
        n=near.index + 1,
        most=full.most,
        limit=full.limit,
    )
    if full.over:
        return say("{words} (told at another campaign)", "{words}（见另一活动的发现）", words=words)
    return say("{words} (no room)", "{words}（已满）", words=words) if full.full and full.certain else words


def _places(places: Places) -> Message:
    touch = say("touch {n} at {at}", "第 {n} 次触达（{at}）", n=places.index + 1, at=places.hour.strftime("%H:%M"))
    free = say("{n} of {days} days are free", "{days} 天中有 {n} 天可用", n=len(places.free), days=places.days)
    if places.hour.date() in places.free:
        where = say("it can stay ({free})", "不必改（{free}）", free=free)
    elif places.tried:
        where = say("{tried} ({free})", "{tried}（{free}）", tried=list(places.tried), free=free)
    elif places.free:
        where = say(
            "on each free day something else gets worse ({free})", "可用的日子都会使其他发现变差（{free}）", free=free
        )
    else:
        where = say("no day is free ({free})", "没有可用的日子（{free}）", free=free)
    if not places.always:
        return say("{touch}: {where}", "{touch}：{where}", touch=touch, where=where)
    return say(
        "{touch} breaks {rules} on every day; under all others: {where}",
        "{touch}在任何日子都违反 {rules}；在其他规则下：{where}",
        touch=touch,
        rules=list(places.always),
        where=where,
    )


# --- as JSON ---------------------------------------------------------------------------------------------------------


def _as_json(view: CampaignView, loaded: Loaded, language: Language) -> str:
    def words(message: Message | None) -> str | None:
        return message.render(language) if message is not None else None

    def found(findings: Sequence[Finding]) -> list[dict[str, Any]]:
        return [
            {
                "rule": f.rule,
                "message": words(f.message),
                "measure": {"is": number(f.measure.is_), "limit": number(f.measure.limit)} if f.measure else None,
                "customer": words(f.witness.words) if f.witness else None,
                "touches": [
                    {"campaign": t.campaign, "channel": t.channel, "local": t.local.isoformat()}
                    for t in (f.witness.touches if f.witness else ())
                ],
                "because": words(f.because),
            }
            for f in findings
        ]

    place = locate(view.campaign.place, loaded)
    told = {
        "version": 1,
        "campaign": view.campaign.name,
        "path": place.path,
        "judged": view.judged,
        "sends": [
            {"touch": send.index + 1, "channel": send.model.channel, "local": send.local.isoformat()}
            for send in view.sends
        ],
        "breaks": found(view.broken),
        "waived": found(view.waived),
        "unproven": found(view.unproven),
        "holds": [
            {"rule": one.rule.id, "near": [_near_as_json(near) for near in one.near], "elsewhere": one.elsewhere}
            for one in view.held
        ],
        "places": [
            {
                "touch": p.index + 1,
                "at": p.hour.strftime("%H:%M"),
                "free": _days(p.free),
                "tried": _days(p.tried),
                "days": p.days,
                "always": list(p.always),
            }
            for p in view.places
        ],
        "takes_part_in": view.matters_to,
        "silent": [rule.id for rule in view.silent],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _near_as_json(near: Standing) -> dict[str, Any]:
    full = near.fullest
    return {
        "touch": near.index + 1,
        "most": number(full.most),
        "limit": number(full.limit),
        "certain": full.certain,
        "touches": [{"campaign": t.campaign, "local": t.local.isoformat()} for t in full.touches],
    }


def _days(days: Sequence[date]) -> list[str]:
    return [day.isoformat() for day in days]
