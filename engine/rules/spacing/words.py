"""The words of a spacing: its finding, the help, the customer replayed."""

from __future__ import annotations

from datetime import timedelta

from ...clocks import local
from ...kit.asking import Asking
from ...kit.findings import violated, when
from ...kit.replay import on_that_clock
from ...kit.witness import witness_of
from ...messages import Message, count, say
from ...sends.timeline import Send
from ...verdicts import Finding, Spot
from .params import Spacing
from .search import Pair


def finding_of(asking: Asking[Spacing], campaign: str, found: list[Pair]) -> Finding:
    rule, params = asking.rule, asking.params
    standing = [pair for pair in found if not asking.waivers.cover(pair.touches)] or found
    pair = min(standing, key=lambda pair: (pair.moments[1] - pair.moments[0], pair.at.order))
    at, b = pair.at, pair.second
    began, came = (local(at, pair.clock) for at in pair.moments)
    gap = _gap(max(came - began, timedelta()))
    if isinstance(pair.first, Send):
        message = say(
            "a customer could get this {gap} after {first} on {channel}; at least {least} must lie between",
            "某位客户可能在 {first} 的 {channel} 触达之后 {gap}就收到；至少应间隔 {least}",
            gap=gap,
            first=pair.first.campaign,
            channel=pair.first.model.channel,
            least=params.at_least.message,
        )
        other = pair.first if at is b else b
        related = [Spot(other.place, when(other))]
    else:
        message = say(
            "a customer could get this {gap} after {event}; at least {least} must lie between",
            "某位客户可能在 {event} 之后 {gap}就收到；至少应间隔 {least}",
            gap=gap,
            event=pair.first[1],
            least=params.at_least.message,
        )
        related = []
    touches = sorted(pair.touches, key=lambda t: t.order)
    return violated(
        rule,
        message,
        Spot(at.place, when(at)),
        campaign=campaign,
        parties=(t.campaign for t in touches),
        related=[*related, Spot(rule.place.down("at_least"), say("the spacing", "间隔"))],
        witness=witness_of(asking.evaluation, rule, pair.customer, touches, also=on_that_clock(pair.clock, rule)),
        help=_help(asking, pair),
        stands_at=[at, *(one.at for one in found)],
        among=(t.campaign for one in found for t in one.touches),
        covered_by=asking.waivers.of_sets((pair.touches, None) for pair in found),
    )


def _gap(gap: timedelta) -> Message:
    """How long lies between, in the largest units that say it."""
    minutes = int(gap.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if not minutes:
        return say("at once", "紧接着")
    if minutes < 60:
        return say("{n} min", "{n} 分钟", n=minutes)
    if not days:
        return (
            say("{h} h {m} min", "{h} 小时 {m} 分钟", h=hours, m=minutes % 60)
            if minutes % 60
            else say("{h} h", "{h} 小时", h=hours)
        )
    length = count(days, "day", "days", "天")
    return say("{length} {h} h", "{length} {h} 小时", length=length, h=hours) if hours else length


def _help(asking: Asking[Spacing], pair: Pair) -> Message:
    params = asking.params
    if isinstance(pair.first, Send):
        if pair.first.trigger is None and pair.second.trigger is None:
            return say("let more time lie between them", "请拉开两者之间的时间")
        return say("let no audience be in both", "请让两者的受众互不重叠")
    name = pair.first[1]
    day = next(iter(asking.plan.customers.events[name].days_set), None)
    if day is not None:
        return say(
            "ask in the audience for {attribute}: {{over: {least}}} or absent",
            "请在受众条件中要求 {attribute}: {{over: {least}}} 或 absent",
            attribute=day,
            least=str(params.at_least),
        )
    return say(
        "no audience can tell who had {event} lately: let the event set a date (sets: {{last_{event}: day}}) and ask for it",
        "受众条件无法区分谁最近有过 {event}：请让该事件设置日期（sets: {{last_{event}: day}}）并在受众中使用",
        event=name,
    )
