"""Rules with every word looked up and every condition read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from ..messages import Message, declared_where, did_you_mean, say
from ..places import Place, Problem
from ..plan.conditions import EVERYONE, Condition, Names, read_condition
from ..plan.documents import Document
from ..plan.link import check_calendar
from ..plan.plan import Plan
from ..plan.vocabulary import PURPOSES, STATUSES, WAYS
from ..scalars import BadValue, Hours, parse_zone
from .matches import EVERY_TOUCH, TouchMatch, read_match
from .policies import ANY_PROMISE, ANY_REPLY, Effective, Policy, Rule


@dataclass(frozen=True, slots=True)
class LinkedRule:
    """One rule, ready to be asked. ``clock`` is a zone or ``customer``."""

    id: str
    place: Place
    params: Rule
    match: TouchMatch
    group: Condition
    group_name: str
    first: date | None
    last: date | None
    clock: str
    calendar: str | None
    because: Message | None
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    matches: Mapping[str, TouchMatch] = field(default_factory=dict)
    match_lists: Mapping[str, tuple[TouchMatch, ...]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.params.kind

    def binds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def words_of_matches(plan: Plan, services: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The declared words of each field that has some, for matches."""
    words = plan.words
    kinds = {give.kind for give in words.gives.values()} | {"useful", "warm", "culture"}
    return {
        "status": STATUSES,
        "purpose": PURPOSES,
        "way": WAYS,
        "act": words.acts,
        "about": words.subjects,
        "channel": tuple(words.channels),
        "sender": tuple(words.senders),
        "gives": tuple(words.gives),
        "promises": tuple(words.gives),
        "kind": tuple(kinds),
        "asks": words.asks,
        "requires": words.asks,
        "by": ("automatic", "human"),
        "event": tuple(words.events),
        "triggered": ("true", "false"),
        "price_cut": ("true", "false"),
        "reply.to": tuple(services),
    }


def link_rules(documents: Sequence[Document], plan: Plan) -> tuple[list[LinkedRule], list[Problem]]:
    """The rules of all policies, and what is wrong with them. Rules must have been validated by their kind."""
    problems: list[Problem] = []
    rules: list[LinkedRule] = []
    names = Names(dict(plan.customers.attributes), dict(plan.customers.segments), problems)
    services = [service.model.service for service in plan.services]
    words = words_of_matches(plan, services)
    seen: dict[str, Place] = {}
    for document in documents:
        policy = cast(Policy, document.model)
        here = Place(document.name)
        if policy.policy in seen:
            message = say("policy '{name}' is declared twice", "政策“{name}”声明了两次", name=policy.policy)
            problems.append(Problem("declared-twice", message, here.down("policy")))
            continue
        seen[policy.policy] = here
        if not policy.rules:
            problems.append(
                Problem("empty-policy", say("the policy has no rule", "政策中没有规则"), here.down("rules"))
            )
        within: set[str] = set()
        for index, params in enumerate(policy.rules):
            if params is None:
                continue
            place = here.down("rules", index)
            if params.rule in within:
                message = say("rule '{name}' is declared twice", "规则“{name}”声明了两次", name=params.rule)
                problems.append(Problem("declared-twice", message, place.down("rule")))
            within.add(params.rule)
            rules.append(_link(policy, params, place, plan, names, words, problems))
    return rules, problems


def _link(
    policy: Policy,
    params: Any,
    place: Place,
    plan: Plan,
    names: Names,
    words: dict[str, tuple[str, ...]],
    problems: list[Problem],
) -> LinkedRule:
    group = EVERYONE if params.for_ is None else read_condition(params.for_, place.down("for"), names)
    conditions = {
        name: read_condition(value, place.down(name), names)
        for name in getattr(params, "CONDITIONS", ())
        if (value := getattr(params, name)) is not None
    }
    matches = {
        name: read_match(value, place.down(name), words, problems)
        for name in getattr(params, "MATCHES", ())
        if (value := getattr(params, name)) is not None and not (isinstance(value, dict) and "event" in value)
    }
    match_lists = {
        name: tuple(
            read_match(item.match, place.down(name, i, "match"), words, problems)
            for i, item in enumerate(getattr(params, name))
        )
        for name in getattr(params, "MATCH_LISTS", ())
    }
    match_lists |= {
        name: tuple(
            read_match(item, place.down(name, i), words, problems) for i, item in enumerate(getattr(params, name))
        )
        for name in getattr(params, "MATCH_TUPLES", ())
    }
    for path in getattr(params, "EVENTS", ()):
        _events(params, path, place, plan, problems)
    for name in getattr(params, "ASKS", ()):
        _declared(params, name, plan.words.asks, ("ask", "请求"), place, problems)
    for name in getattr(params, "CHANNELS", ()):
        _declared(params, name, plan.words.channels, ("channel", "渠道"), place, problems)
    for name in getattr(params, "DATES", ()):
        _date(params, name, place, plan, problems)
    pool = getattr(params, "reach", None)
    if isinstance(pool, dict) and pool["pool"] not in plan.words.pools:
        message = say("the pool '{name}' is not declared", "客户池“{name}”没有声明", name=pool["pool"])
        problems.append(
            Problem(
                "undeclared-pool", message, place.down("reach", "pool"), did_you_mean(pool["pool"], plan.words.pools)
            )
        )
    for name in getattr(params, "STEADY", ()):
        known = (*plan.customers.attributes, *plan.customers.opaque)
        _declared(params, name, known, ("attribute", "属性"), place, problems)
    for name in getattr(params, "CHANNEL_OF", ()):
        _channel_of(params, name, place, plan, problems)
    match = _own_match(params, place, plan, words, problems)
    first, last = _effective(policy.effective, params.effective, place, problems)
    because = params.because or policy.because
    return LinkedRule(
        f"{policy.policy}/{params.rule}",
        place,
        params,
        match,
        group,
        _group_name(params),
        first,
        last,
        _clock(params, place, plan, problems),
        _calendar(params, place, plan, problems),
        because.message() if because else None,
        conditions,
        matches,
        match_lists,
    )


def _own_match(
    params: Any, place: Place, plan: Plan, words: dict[str, tuple[str, ...]], problems: list[Problem]
) -> TouchMatch:
    """What ``match`` chooses: touches, offers, or (OWN_MATCH alone) what the kind reads by itself."""
    fields = getattr(params, "OFFER_MATCH", ())
    if not fields and getattr(params, "OWN_MATCH", False):
        return EVERY_TOUCH
    if not fields:
        return read_match(params.match, place.down("match"), words, problems)
    known = {"product": tuple(plan.words.products), "channels": tuple(plan.words.channels)}
    if not plan.broken:
        known["offer"] = tuple(offer.name for offer in plan.offers)
    return read_match(params.match, place.down("match"), known, problems, fields, say("an offer", "优惠"))


def _channel_of(params: Any, key: str, place: Place, plan: Plan, problems: list[Problem]) -> None:
    """An attribute that names a channel: a choice with channels among its values."""
    name = getattr(params, key)
    if name is None:
        return
    choices = {n: a for n, a in plan.customers.attributes.items() if a.type == "choice"}
    if name not in choices:
        message = say("there is no choice attribute '{name}'", "没有名为“{name}”的 choice 属性", name=name)
        problems.append(Problem("undeclared-attribute", message, place.down(key), did_you_mean(name, choices)))
    elif not set(choices[name].values) & set(plan.words.channels):
        message = say("no value of '{name}' is a channel", "“{name}”的取值都不是渠道", name=name)
        help = say("give it the names of channels as values", "请以渠道名称作为其取值")
        problems.append(Problem("channel-of", message, place.down(key), help))


def _events(params: Any, path: tuple[str, ...], place: Place, plan: Plan, problems: list[Problem]) -> None:
    """The events that a rule names at this path are declared."""
    value = params
    for step in path:
        value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
    for index, name in enumerate([value] if isinstance(value, str) else value or ()):
        if name not in plan.customers.events and name not in (ANY_REPLY, ANY_PROMISE):
            message = say("the event '{name}' is not declared", "事件“{name}”没有声明", name=str(name))
            where = say("declare it under customers: events", "请在 customers: events 中声明")
            help = declared_where(str(name), plan.customers.events, where)
            at = place.down(*path) if isinstance(value, str) else place.down(*path, index)
            problems.append(Problem("undeclared-event", message, at, help))


def _declared(
    params: Any, key: str, known: Iterable[str], kind: tuple[str, str], place: Place, problems: list[Problem]
) -> None:
    """The words that a rule names under a key are declared."""
    for index, name in enumerate(getattr(params, key)):
        if name not in known:
            message = say(
                "the {kind} '{name}' is not declared", "{zh}“{name}”没有声明", kind=kind[0], zh=kind[1], name=name
            )
            problems.append(
                Problem(f"undeclared-{kind[0]}", message, place.down(key, index), did_you_mean(name, known))
            )


def _date(params: Any, name: str, place: Place, plan: Plan, problems: list[Problem]) -> None:
    """A date of the customer that a rule names is declared; one that is looked ahead to is known ahead."""
    value = getattr(params, name)
    if value is None:
        return
    dates = {n: a for n, a in plan.customers.attributes.items() if a.type == "date"}
    if value not in dates:
        message = say("the date '{name}' is not declared", "日期“{name}”没有声明", name=value)
        help = did_you_mean(value, dates) or say("declare an attribute of type date", "请声明 type: date 的属性")
        problems.append(Problem("undeclared-date", message, place.down(name), help))
    elif params.ahead is not None and dates[value].known != "ahead":
        message = say("'{name}' is not known ahead", "“{name}”无法提前知道", name=value)
        help = say("declare it with known: ahead", "请声明 known: ahead")
        problems.append(Problem("ahead", message, place.down("ahead"), help))


def _group_name(params: Rule) -> str:
    """How findings and waivers name the group of a rule: its segment, or the rule's own name."""
    raw = params.for_
    if raw is None or raw == "everyone":
        return "everyone"
    return segment_of(raw) or params.rule


def segment_of(raw: Any) -> str | None:
    """The segment that a condition, as it is written, names and nothing else."""
    if isinstance(raw, dict) and set(raw) == {"segment"} and isinstance(raw["segment"], str):
        return raw["segment"]
    return None


def _effective(
    outer: Effective | None, own: Effective | None, place: Place, problems: list[Problem]
) -> tuple[date | None, date | None]:
    """The policy's days, key by key, where the rule says nothing."""
    first = (own.from_ if own else None) or (outer.from_ if outer else None)
    last = (own.until if own else None) or (outer.until if outer else None)
    if first and last and first > last:
        problems.append(Problem("effective", say("from is after until", "from 晚于 until"), place.down("effective")))
    return first, last


def _clock(params: Any, place: Place, plan: Plan, problems: list[Problem]) -> str:
    clock = getattr(params, "clock", None)
    if clock is None:
        return plan.timezone
    if clock == "customer":
        if plan.customers.zone_attribute is None:
            message = say("clock: customer needs an attribute of type zone", "clock: customer 需要一个 zone 类型的属性")
            problems.append(Problem("no-zone", message, place.down("clock")))
        return "customer"
    try:
        return parse_zone(clock)
    except BadValue as bad:
        help = did_you_mean(clock, ["customer"]) or bad.help
        problems.append(Problem("clock", bad.message, place.down("clock"), help))
        return plan.timezone


def _calendar(params: Any, place: Place, plan: Plan, problems: list[Problem]) -> str | None:
    own = getattr(params, "calendar", None)
    if own is not None:
        check_calendar(own, place.down("calendar"), problems)
    calendar: str | None = own or plan.calendar
    hours = getattr(params, "hours", None)
    if isinstance(hours, Hours) and hours.needs_calendar and calendar is None:
        message = say("holidays need a calendar", "使用 holidays 需要指定节假日日历")
        help = say("add calendar: CN (or your country) beside hours", "请在 hours 旁写 calendar: CN（或所在国家）")
        problems.append(Problem("calendar", message, place.down("hours"), help))
    if _counts_workdays(params) and calendar is None:
        message = say("working days need a calendar", "按工作日计算需要指定节假日日历")
        help = say("add calendar: CN (or your country) beside within", "请在 within 旁写 calendar: CN（或所在国家）")
        problems.append(Problem("calendar", message, place.down("within"), help))
    return calendar


def _counts_workdays(params: Any) -> bool:
    ahead = getattr(params, "ahead", None)
    durations = [getattr(params, "within", None), getattr(ahead, "at_least", None), getattr(ahead, "at_most", None)]
    return any(duration is not None and duration.unit == "workdays" for duration in durations)
