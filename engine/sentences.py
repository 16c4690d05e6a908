"""A rule as one sentence with its numbers, and conditions and matches in words, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from .messages import Message, all_of, say
from .policy.linked import LinkedRule
from .rules import KINDS
from .scalars import WEEKDAYS, Hours

Rule = LinkedRule[Any]


def sentence(rule: Rule) -> Message:
    """What a rule asks; for a kind whose parts are too many for a sentence, what the kind asks."""
    told = SENTENCES.get(rule.kind)
    return told(rule) if told is not None else KINDS[rule.kind].summary


# --- conditions and matches ------------------------------------------------------------------------------------------


def condition_words(raw: object) -> Message:
    """A condition as it is written, in words: ``country gb, likes garden, not (open complaint yes)``."""
    if not isinstance(raw, Mapping):
        return say("everyone", "所有人") if raw in (None, "everyone") else say("{raw}", "{raw}", raw=str(raw))
    return all_of([_test(str(key), value) for key, value in raw.items()]) if raw else say("everyone", "所有人")


def _test(key: str, value: object) -> Message:
    if key == "segment":
        return say("in segment {name}", "属于客群 {name}", name=_either(value))
    if key in ("any", "all") and isinstance(value, Sequence) and not isinstance(value, str):
        parts = [condition_words(part) for part in value]
        if key == "all":
            return all_of(parts)
        return say("({parts})", "（{parts}）", parts=all_of(parts, " or ", " 或 "))
    if key == "not":
        return say("not ({part})", "不是（{part}）", part=condition_words(value))
    if value in ("true", "false"):
        yes = value == "true"
        return say("{name} yes" if yes else "{name} no", "{raw} 是" if yes else "{raw} 否", name=_read(key), raw=key)
    return say("{name} {value}", "{raw} {value}", name=_read(key), raw=key, value=_either(value))


def _read(name: str) -> str:
    return name.replace("_", " ")


def _either(value: object) -> Message:
    """One of these, none of these, or within bounds, as it is written."""
    if isinstance(value, Mapping):
        parts = [
            say("not {value}", "非 {value}", value=_either(inner))
            if key == "not"
            else say("{key} {value}", "{key} {value}", key=_read(str(key)), value=_either(inner))
            for key, inner in value.items()
        ]
        return all_of(parts)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all_of([_either(one) for one in value], " or ", " 或 ")
    return say("{value}", "{value}", value=str(value))


NOUNS = {
    "promotion": ("promotions", "促销触达"),
    "content": ("content", "内容触达"),
    "service": ("service touches", "服务触达"),
    "care": ("care touches", "关怀触达"),
    "research": ("research touches", "调研触达"),
    "transactional": ("transactional touches", "交易通知"),
}
WAYS = {"push": ("pushed", "推送"), "show": ("shown", "展示"), "answer": ("given as an answer", "作为应答")}


def touches_of(match: object) -> Message:
    """What a match chooses: ``promotions, pushed, on sms or email``."""
    rest = dict(match) if isinstance(match, Mapping) else {}
    noun = ("touches", "触达")
    if isinstance(rest.get("purpose"), str) and rest["purpose"] in NOUNS:
        noun = NOUNS[rest.pop("purpose")]
    tests = [_match_test(str(key), value) for key, value in rest.items()]
    if not tests:
        return say(noun[0], noun[1])
    return say(noun[0] + " ({tests})", noun[1] + "（{tests}）", tests=all_of(tests, ", ", "、"))


FIELDS = {
    "channel": "渠道", "purpose": "目的", "kind": "赠予类型", "gives": "赠予", "asks": "请求", "promises": "承诺", "by": "方式",
    "way": "触达方式", "sender": "发送方", "act": "步骤", "about": "主题", "status": "状态", "campaign": "活动", "triggered": "触发",
    "event": "事件", "owner": "负责人", "service": "服务", "touch": "触达", "offer": "优惠", "send": "发送", "pool": "客户池",
    "any-reply": "任何回复", "any-promise": "任何承诺",
}  # fmt: skip
"""Of matches, in Chinese."""


def _field(name: str) -> Message:
    return say("{name}", FIELDS.get(name, "{raw}"), name=_read(name), raw=name)


def _match_test(key: str, value: object) -> Message:
    if key == "way" and isinstance(value, str) and value in WAYS:
        return say(*WAYS[value])
    return say("{key} {value}", "{key} {value}", key=_field(key), value=_either(value))


def _who(rule: Rule) -> Message:
    """Of whom it speaks; nothing where that is everyone."""
    raw = rule.params.for_
    return say(" ({group})", "（{group}）", group=condition_words(raw)) if raw is not None else say("", "")


def _per(per: Any) -> Message:
    return say(" {per}", "{per}", per=per.message) if per is not None else say("", "")


def hours_words(hours: Hours) -> Message:
    """``mon–fri 09:00–18:00, holidays closed``."""
    parts = []
    for spans, days in groupby(enumerate(hours.days), key=lambda day: day[1]):
        numbers = [number for number, _ in days]
        name = WEEKDAYS[numbers[0]] + (f"–{WEEKDAYS[numbers[-1]]}" if len(numbers) > 1 else "")
        parts.append(_spans(say("{name}", "{name}", name=name), spans))
    if hours.holidays is not None:
        parts.append(_spans(say("holidays", "节假日"), hours.holidays))
    if hours.workdays is not None:
        parts.append(_spans(say("working days", "工作日"), hours.workdays))
    return all_of(parts)


def _spans(name: Message, spans: Sequence[tuple[int, int]]) -> Message:
    if not spans:
        return say("{name} closed", "{name}不开放", name=name)
    times = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)
    return say("{name} {times}", "{name} {times}", name=name, times=times)


def _clock(second: int) -> str:
    return f"{second // 3600 % 24 if second != 86_400 else 24:02}:{second // 60 % 60:02}"


# --- the kinds -------------------------------------------------------------------------------------------------------


def _frequency_cap(rule: Rule) -> Message:
    params = rule.params
    what = {
        "touches": say("{touches}", "{touches}", touches=touches_of(params.match)),
        "campaigns": say("campaigns with {touches}", "含{touches}的活动", touches=touches_of(params.match)),
        "senders": say("senders of {touches}", "{touches}的发送方", touches=touches_of(params.match)),
    }[params.count]
    since = say("", "")
    if params.since is not None:
        since = say(" since their last {event}", "（自上一次 {event} 以来）", event=list(params.since.event))
    each = (
        say(", each {each} by itself", "（按 {each} 分别计数）", each=_field(params.each))
        if params.each
        else say("", "")
    )
    if params.at_most == "days_in_month":
        most = say("as many as the month has days", "当月天数")
    else:
        most = say("{n}", "{n}", n=params.at_most)
    return say(
        "No customer{who} gets more than {most}: {what}{per}{since}{each}.",
        "任何客户{who}{per}收到的{what}不超过 {most}{since}{each}。",
        who=_who(rule),
        most=most,
        what=what,
        per=_per(params.per),
        since=since,
        each=each,
    )


def _spacing(rule: Rule) -> Message:
    params = rule.params
    both = params.match or {}
    after = params.events or None
    first = (
        say("{event}", "{event}", event=list(after))
        if after is not None
        else touches_of({**both, **(params.after or {})})
    )
    return say(
        "At least {least} lie between {first} and {second} to the same customer{who}.",
        "同一位客户{who}在 {first} 之后至少间隔 {least}才收到 {second}。",
        least=params.at_least.message,
        first=first,
        second=touches_of({**both, **(params.before or {})}),
        who=_who(rule),
    )


def _sending_hours(rule: Rule) -> Message:
    customers = rule.clock == "customer"
    return say(
        "{touches}{who} come only at these hours, "
        + ("on the customer's clock" if customers else "{clock}")
        + ": {hours}.",
        "{touches}{who}只在以下时段发送（" + ("客户所在时区" if customers else "{clock}") + "）：{hours}。",
        touches=touches_of(rule.params.match),
        who=_who(rule),
        clock=rule.clock,
        hours=hours_words(rule.params.hours),
    )


def _audience_fit(rule: Rule) -> Message:
    params = rule.params
    parts = []
    if params.must is not None:
        parts.append(say("{must}", "{must}", must=condition_words(params.must)))
    if params.must_not is not None:
        parts.append(say("not ({not_})", "不是（{not_}）", not_=condition_words(params.must_not)))
    if params.narrowed_by:
        parts.append(say("chosen by {names}", "按 {names} 细分", names=list(params.narrowed_by)))
    return say(
        "Whoever gets {touches}{who} is: {parts}.",
        "收到{touches}的客户{who}应为：{parts}。",
        who=_who(rule),
        touches=touches_of(params.match),
        parts=all_of(parts),
    )


def _contact_floor(rule: Rule) -> Message:
    params = rule.params
    return say(
        "Every customer{who} gets at least {n} {per}: {touches}.",
        "每位客户{who}{per}至少收到 {n} 次{touches}。",
        who=_who(rule),
        n=params.at_least,
        per=params.per.message,
        touches=touches_of(params.match),
    )


def _mix(rule: Rule) -> Message:
    params = rule.params
    percent = (params.at_most if params.upper else params.at_least) * 100
    bound = say("{n}%", "{n}%", n=percent.normalize())
    return say(
        "Of {touches} that a customer{who} gets {per}, "
        + ("at most" if params.upper else "at least")
        + " {bound} are {part}.",
        "客户{who}{per}收到的{touches}中，{part}占比" + ("不超过" if params.upper else "不低于") + " {bound}。",
        touches=touches_of(params.match),
        who=_who(rule),
        per=params.per.message,
        bound=bound,
        part=touches_of(params.part),
    )


def _give_and_ask(rule: Rule) -> Message:
    params = rule.params
    return say(
        "For each ask ({ask}) a customer{who} was given {n} before{per}: {give}.",
        "客户{who}每被请求一次（{ask}），此前{per}应得到 {n} 次：{give}。",
        ask=touches_of(params.ask),
        who=_who(rule),
        n=params.gives_per_ask.normalize(),
        per=_per(params.per),
        give=touches_of(params.give),
    )


def _obligation(rule: Rule) -> Message:
    params = rule.params
    owed = all_of([touches_of(do) for do in params.do], " or ", " 或 ") if params.do else say("an answer", "回应")
    if params.date is not None:
        return say(
            "Every customer{who} gets around their {date}: {owed}.",
            "每位客户{who}在其 {date} 前后得到：{owed}。",
            who=_who(rule),
            date=params.date,
            owed=owed,
        )
    return say(
        "After {event} every customer{who} gets{within}: {owed}.",
        "{event} 之后，每位客户{who}{within}得到：{owed}。",
        event=[_field(name) for name in params.event],
        who=_who(rule),
        within=say(" within {length}", "在 {length}内", length=params.within.message) if params.within else say("", ""),
        owed=owed,
    )


def _reach_limit(rule: Rule) -> Message:
    params = rule.params
    reach = _field(params.reach) if isinstance(params.reach, str) else _either(params.reach)
    limit = (
        say("{n} customers", "{n} 位客户", n=params.at_most)
        if params.at_most is not None
        else say("its quota", "其名额")
    )
    return say(
        "One {reach} reaches at most {limit}{per}: {touches}.",
        "单个 {reach} {per}最多触达 {limit}：{touches}。",
        reach=reach,
        limit=limit,
        per=_per(params.per),
        touches=touches_of(params.match),
    )


def _require(rule: Rule) -> Message:
    params = rule.params
    tests = [_match_test(str(key), value) for key, value in (params.match or {}).items()]
    chosen = say(" ({tests})", "（{tests}）", tests=tests) if tests else say("", "")
    fields = list(params.fields) if params.fields else []
    parts = [say("says {fields}", "写明 {fields}", fields=fields)] if fields else []
    parts += [say("keeps to {that}", "满足 {that}", that=params.that)] if params.that else []
    parts += [say("has the form that is stated", "符合所写的格式")] if params.schema_ else []
    return say(
        "Every {on}{chosen} {parts}.",
        "每个 {on}{chosen}应{parts}。",
        on=_field(params.on),
        chosen=chosen,
        parts=all_of(parts, " and ", "，并"),
    )


def _capacity(rule: Rule) -> Message:
    params = rule.params
    if params.customers_per_person is not None:
        return say(
            "Of a pool each of its people has at most {n} customers.",
            "客户池中每位人员最多负责 {n} 位客户。",
            n=params.customers_per_person.normalize(),
        )
    return say(
        "{touches} draw no more replies{per} than the people there can answer.",
        "{touches}{per}带来的回复不超过在岗人员的承接能力。",
        touches=touches_of(params.match),
        per=_per(params.per),
    )


SENTENCES: dict[str, Callable[[Rule], Message]] = {
    "frequency-cap": _frequency_cap,
    "spacing": _spacing,
    "sending-hours": _sending_hours,
    "audience-fit": _audience_fit,
    "contact-floor": _contact_floor,
    "mix": _mix,
    "give-and-ask": _give_and_ask,
    "obligation": _obligation,
    "reach-limit": _reach_limit,
    "require": _require,
    "capacity": _capacity,
}
"""Those of one kind each. What compares offers and care has more parts than a sentence holds."""
