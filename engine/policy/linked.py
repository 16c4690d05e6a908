"""Rules with every word looked up and every condition read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Generic, TypeVar, cast

from ..messages import Message, did_you_mean, say
from ..models import Speaks
from ..places import Place, Problem
from ..plan.conditions import EVERYONE, Condition
from ..plan.document import Document
from ..plan.link import check_calendar
from ..plan.lookup import undeclared, undeclared_event
from ..plan.plan import Plan
from ..plan.read_conditions import Names, read_condition
from ..plan.vocabulary import PURPOSES, STATUSES, WAYS
from ..scalars import BadValue, Hours, parse_zone
from .matches import EVERY_TOUCH, OFFER_FIELDS, TouchMatch, read_match
from .policies import ANY_PROMISE, ANY_REPLY, Effective, Policy, Rule
from .spoken import is_listed, spoken, values_at

P = TypeVar("P", bound=Rule, covariant=True)


@dataclass(frozen=True, slots=True)
class LinkedRule(Generic[P]):
    """One rule, ready to be asked. ``clock`` is a zone or ``customer``."""

    id: str
    place: Place
    params: P
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

    @property
    def every_match(self) -> Iterator[TouchMatch]:
        """All matches of it: its own, and those of its parameters."""
        yield self.match
        yield from self.matches.values()
        for some in self.match_lists.values():
            yield from some

    @property
    def turns(self) -> list[date]:
        """The days on which it begins to bind, and on which it does not any more."""
        after = [self.last + timedelta(days=1)] if self.last is not None and self.last < date.max else []
        return ([self.first] if self.first is not None else []) + after

    def in_effect(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def words_of_matches(plan: Plan) -> dict[str, tuple[str, ...]]:
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
        "reply.to": tuple(service.model.service for service in plan.services),
    }


def link_rules(
    documents: Sequence[Document], plan: Plan, words: dict[str, tuple[str, ...]]
) -> tuple[list[LinkedRule[Any]], list[Problem]]:
    """The rules of all policies, and what is wrong with them; ``words``: of matches. Rules must have been validated."""
    problems: list[Problem] = []
    rules: list[LinkedRule[Any]] = []
    names = Names(dict(plan.customers.attributes), dict(plan.customers.segments), problems)
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
) -> LinkedRule[Any]:
    group = EVERYONE if params.for_ is None else read_condition(params.for_, place.down("for"), names)
    reading = _Reading(params, place, plan, names, words, problems)
    for path, mark in spoken(type(params)):
        if path not in (("match",), ("for_",)):
            reading.read(path, mark)
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
        reading.conditions,
        reading.matches,
        reading.match_lists,
    )


def _own_match(
    params: Rule, place: Place, plan: Plan, words: dict[str, tuple[str, ...]], problems: list[Problem]
) -> TouchMatch:
    """What ``match`` chooses: touches or offers; EVERY_TOUCH where the kind reads it by itself."""
    marks = {mark for path, mark in spoken(type(params)) if path == ("match",)}
    if Speaks.DOCUMENTS in marks:
        return EVERY_TOUCH
    if Speaks.OFFERS not in marks:
        return read_match(params.match, place.down("match"), words, problems)
    known = {"product": tuple(plan.words.products), "channels": tuple(plan.words.channels)}
    if not plan.broken:
        known["offer"] = tuple(offer.name for offer in plan.offers)
    return read_match(params.match, place.down("match"), known, problems, OFFER_FIELDS, say("an offer", "优惠"))


class _Reading:
    """The parts of one rule, read as their types say, with every word looked up."""

    def __init__(
        self,
        params: Rule,
        place: Place,
        plan: Plan,
        names: Names,
        words: dict[str, tuple[str, ...]],
        problems: list[Problem],
    ) -> None:
        self.params, self.place, self.plan = params, place, plan
        self.names, self.words, self.problems = names, words, problems
        self.conditions: dict[str, Condition] = {}
        self.matches: dict[str, TouchMatch] = {}
        self.match_lists: dict[str, tuple[TouchMatch, ...]] = {}

    def read(self, path: tuple[str, ...], mark: Speaks) -> None:
        """Reads everything that stands at a path of the rule."""
        values = list(values_at(self.params, path))
        if mark is Speaks.MATCH and is_listed(self.params, path):
            read = [read_match(value, self.place.down(*at), self.words, self.problems) for at, value in values]
            self.match_lists[path[0]] = tuple(read)
            return
        for at, value in values:
            self._value(path[0], mark, value, self.place.down(*at))

    def _value(self, name: str, mark: Speaks, value: Any, place: Place) -> None:
        words, customers = self.plan.words, self.plan.customers
        if mark is Speaks.CONDITION:
            self.conditions[name] = read_condition(value, place, self.names)
        elif mark is Speaks.MATCH_OR_EVENT and isinstance(value, dict) and "event" in value:
            self._events(value["event"], place.down("event"))
        elif mark in (Speaks.MATCH, Speaks.MATCH_OR_EVENT):
            self.matches[name] = read_match(value, place, self.words, self.problems)
        elif mark is Speaks.EVENT:
            self._events(value, place)
        elif mark is Speaks.POOL:
            if isinstance(value, dict):
                self._declared(value["pool"], words.pools, ("pool", "客户池"), place.down("pool"))
        elif mark is Speaks.DATE:
            self._date(value, place)
        elif mark is Speaks.CHANNEL_ATTRIBUTE:
            self._channel_attribute(value, place)
        elif mark is not Speaks.OFFERS:
            known: Mapping[Speaks, tuple[Iterable[str], tuple[str, str]]] = {
                Speaks.ASK: (words.asks, ("ask", "请求")),
                Speaks.CHANNEL: (words.channels, ("channel", "渠道")),
                Speaks.ATTRIBUTE: (customers.attributes, ("attribute", "属性")),
                Speaks.APART: ((*customers.attributes, *customers.opaque), ("attribute", "属性")),
            }
            self._declared(value, *known[mark], place)

    def _declared(self, name: str, known: Iterable[str], kind: tuple[str, str], place: Place) -> None:
        """The words that a rule names are declared."""
        if name not in known:
            self.problems.append(undeclared(name, kind, place, did_you_mean(name, known)))

    def _events(self, value: Any, place: Place) -> None:
        """The events that a rule names are declared."""
        for index, name in enumerate([value] if isinstance(value, str) else value or ()):
            if name not in self.plan.customers.events and name not in (ANY_REPLY, ANY_PROMISE):
                at = place if isinstance(value, str) else place.down(index)
                self.problems.append(undeclared_event(str(name), self.plan.customers.events, at))

    def _date(self, name: str, place: Place) -> None:
        """A date of the customer that a rule names is declared; one that is looked ahead to is known ahead."""
        dates = {n: a for n, a in self.plan.customers.attributes.items() if a.type == "date"}
        if name not in dates:
            help = did_you_mean(name, dates) or say("declare an attribute of type date", "请声明 type: date 的属性")
            self.problems.append(undeclared(name, ("date", "日期"), place, help))
        elif getattr(self.params, "ahead", None) is not None and dates[name].known != "ahead":
            message = say("'{name}' is not known ahead", "“{name}”无法提前知道", name=name)
            help = say("declare it with known: ahead", "请声明 known: ahead")
            self.problems.append(Problem("ahead", message, self.place.down("ahead"), help))

    def _channel_attribute(self, name: str, place: Place) -> None:
        """An attribute that names a channel: a choice with channels among its values."""
        choices = {n: a for n, a in self.plan.customers.attributes.items() if a.type == "choice"}
        if name not in choices:
            message = say("there is no choice attribute '{name}'", "没有名为“{name}”的 choice 属性", name=name)
            self.problems.append(Problem("undeclared-attribute", message, place, did_you_mean(name, choices)))
        elif not set(choices[name].values) & set(self.plan.words.channels):
            message = say("no value of '{name}' is a channel", "“{name}”的取值都不是渠道", name=name)
            help = say("give it the names of channels as values", "请以渠道名称作为其取值")
            self.problems.append(Problem("channel-of", message, place, help))


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
