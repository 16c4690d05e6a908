"""``require``: the matching document carries fields within bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pydantic import Field

from ..messages import Message, did_you_mean, say
from ..models import Text, choice, raw
from ..places import Place, Problem
from ..plan.campaigns import Service
from ..plan.offers import Offer
from ..policy.linked import LinkedRule
from ..policy.matches import FIELDS, Bounds, Fields, FieldTest, read_match, under
from ..policy.policies import Rule
from ..scalars import Money
from ..timeline import texts, touch_fields
from ..verdicts import Finding, Spot
from .common import Kind, Outcome, Page, Question, base_finding, nothing_matches, unproven

ON = ("campaign", "touch", "service", "offer", "sender")


class Require(Rule):
    """Parameters of ``require``."""

    OWN_MATCH: ClassVar[bool] = True

    on: choice(*ON) = "campaign"  # type: ignore[valid-type]
    fields: raw(type=["array", "object"]) = ()  # type: ignore[valid-type]
    that: Text | None = None
    schema_: raw(type="object") = Field(default=None, alias="schema")  # type: ignore[valid-type]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing a rule may speak of: its fields as texts, and where it stands."""

    name: str
    campaign: str | None
    fields: Fields
    place: Place
    to_come: bool = True
    """False for what has ended, was cancelled or lies before as-of: past mending."""


def field_names(on: str) -> list[str]:
    """The fields that a thing of this sort can have, besides ``details.NAME``."""
    if on in ("campaign", "touch"):
        return list(FIELDS)
    if on == "service":
        return [name for name in Service.model_fields if name != "details"]
    if on == "offer":
        return [info.alias or name for name, info in Offer.model_fields.items()]
    return ["sender", "persona", "people", "block_rate", "complaint_rate", "reply_rate", "opt_out_rate", "as_of"]


def problems(rule: LinkedRule, question_words: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """What is wrong with the fields and the match, which depend on what the rule is on."""
    params: Any = rule.params
    found: list[Problem] = []
    known = field_names(params.on)
    place = rule.place.down("fields")
    if not isinstance(params.fields, (list, dict, tuple)) or (
        not params.fields and not params.that and not params.schema_
    ):
        found.append(
            Problem(
                "require",
                say("say what is required: fields: [owner]", "请写明要求：fields: [owner]"),
                place if params.fields else rule.place,
            )
        )
        return found
    if params.for_ is not None:
        message = say("require speaks of documents, not of customers", "require 针对文档，而不是客户")
        found.append(Problem("require", message, rule.place.key("for"), say("remove for", "请删除 for")))
    for index, name in enumerate(params.fields):
        step = name if isinstance(params.fields, dict) else index
        if not isinstance(name, str) or (name not in known and not name.startswith("details.")):
            message = say("'{name}' is no field of a {on}", "“{name}”不是 {on} 的字段", name=str(name), on=params.on)
            at = Place(place.document, (*place.path, step), at_key=isinstance(params.fields, dict))
            found.append(Problem("require", message, at, did_you_mean(str(name), [*known, "details.NAME"])))
    if not found and isinstance(params.fields, dict):
        read_match({k: v for k, v in params.fields.items() if v != "present"} or None, place, {}, found)
    if params.on in ("campaign", "touch") and params.match is not None:
        read_match(params.match, rule.place.down("match"), question_words, found)
    return found


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Looks at every thing of the right sort that matches; what has ended or was cancelled is past mending."""
    params: Any = rule.params
    outcome = Outcome()
    if params.that or params.schema_:
        used = [name for name, value in (("that", params.that), ("schema", params.schema_)) if value]
        missing = say("this version does not evaluate {used} yet", "当前版本尚不支持 {used}", used=used)
        outcome.findings.append(unproven(rule, say("{rule} is not proven", "{rule} 未能证明", rule=rule.id), missing))
    matching = [thing for thing in _things(rule, question) if _matches(rule, thing)]
    if not matching:
        outcome.notes.append(nothing_matches(rule))
    in_force = rule.last is None or rule.last >= question.as_of
    things = [thing for thing in matching if thing.to_come and (in_force or thing.campaign)]
    tests = _tests(params.fields)
    grouped: dict[tuple[str, str | None], list[tuple[Thing, FieldTest | None, str]]] = {}
    for thing in things:
        for name, test in tests.items():
            if not _holds(thing, name, test):
                grouped.setdefault((thing.name, thing.campaign), []).append((thing, test, name))
    for (_, campaign), lacks in grouped.items():
        outcome.findings.append(_finding(rule, question, campaign, lacks))
    return outcome


def _tests(fields: Any) -> dict[str, FieldTest | None]:
    """For each field its test; None: it must be there."""
    if not isinstance(fields, dict):
        return dict.fromkeys(fields)
    found: list[Problem] = []
    tests: dict[str, FieldTest | None] = {}
    for name, value in fields.items():
        match = None if value == "present" else read_match({name: value}, Place(""), {}, found)
        tests[name] = match.tests[0] if match and match.tests else None
    return tests


def _holds(thing: Thing, name: str, test: FieldTest | None) -> bool:
    return bool(thing.fields.get(name)) if test is None else test.holds(thing.fields)


def _matches(rule: LinkedRule, thing: Thing) -> bool:
    raw_match = rule.params.match
    if raw_match is None:
        return True
    words: dict[str, Any] = {}
    return all(_matches_field(name, value, thing, words) for name, value in raw_match.items())


def _matches_field(name: str, value: Any, thing: Thing, words: dict[str, Any]) -> bool:
    found: list[Problem] = []
    if name in FIELDS or name.startswith("details."):
        match = read_match({name: value}, Place(""), words, found)
        return match.holds(thing.fields)
    listed = value if isinstance(value, list) else [value]
    return any(under(text, str(item)) for text in thing.fields.get(name, ()) for item in listed)


def _things(rule: LinkedRule, question: Question) -> Iterator[Thing]:
    params: Any = rule.params
    plan = question.plan
    if params.on in ("campaign", "touch"):
        yield from _campaign_things(params.on, rule, question)
    elif params.on == "service":
        for service in plan.services:
            yield Thing(service.model.service, None, _dumped(service.model), service.place)
    elif params.on == "offer":
        for offer in plan.offers:
            yield Thing(offer.model.offer, offer.campaign, _dumped(offer.model), offer.place)
    else:
        for name, sender in plan.words.senders.items():
            fields = {**_dumped(sender), "sender": frozenset({name})}
            if name in plan.words.figures:
                fields |= _dumped(plan.words.figures[name])
            yield Thing(name, None, fields, rule.place.down("rule"))


def _campaign_things(on: str, rule: LinkedRule, question: Question) -> Iterator[Thing]:
    dated = {touch.campaign for touch in question.line.touches if question.late(touch) and rule.binds(touch.day)}
    in_force = rule.last is None or rule.last >= question.as_of
    for campaign in question.plan.campaigns:
        model = campaign.model
        to_come = model.status not in ("ended", "cancelled") and (
            (model.trigger is not None and in_force) or campaign.name in dated
        )
        each = [touch_fields(model, touch, campaign.timezone, question.plan.words) for touch in model.touches]
        if on == "touch":
            for index, fields in enumerate(each):
                yield Thing(campaign.name, campaign.name, fields, campaign.place.down("touches", index), to_come)
            continue
        joined: dict[str, frozenset[str]] = {}
        for fields in each:
            for name, values in fields.items():
                joined[name] = joined.get(name, frozenset()) | values
        if model.title is None:
            joined["title"] = frozenset()
        yield Thing(campaign.name, campaign.name, joined, campaign.place, to_come)


def _dumped(model: Any) -> dict[str, frozenset[str]]:
    """The fields of a model as texts, under the names they are written with."""
    found: dict[str, frozenset[str]] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None or value == () or value == {}:
            continue
        if name == "details":
            found.update({f"details.{key}": texts(item) for key, item in value.items()})
        elif isinstance(value, Money):
            found[info.alias or name] = frozenset({f"{value.amount} {value.currency}"})
        elif isinstance(value, (tuple, list)):
            found[info.alias or name] = frozenset(str(item) for item in value)
        elif isinstance(value, bool):
            found[info.alias or name] = frozenset({"true" if value else "false"})
        else:
            found[info.alias or name] = frozenset({str(value)})
    return found


def _finding(
    rule: LinkedRule, question: Question, campaign: str | None, lacks: list[tuple[Thing, FieldTest | None, str]]
) -> Finding:
    thing, test, name = lacks[0]
    absent = list(dict.fromkeys(n for t, _, n in lacks if t is thing and not t.fields.get(n)))
    params: Any = rule.params
    sort = {
        "campaign": say("campaign", "活动"),
        "touch": say("touch", "触达"),
        "service": say("service", "服务"),
        "offer": say("offer", "优惠"),
        "sender": say("sender", "发送方"),
    }[params.on]
    there = sorted(thing.fields.get(name, frozenset()))
    if not there:
        message = say(
            "{sort} '{who}' has no {names}", "{sort}“{who}”没有写 {names}", sort=sort, who=thing.name, names=absent
        )
        help = say("add {names}", "请补上 {names}", names=absent)
    else:
        message = say(
            "'{name}' of {sort} '{who}' is {there}; {asked}",
            "{sort}“{who}”的“{name}”是 {there}；{asked}",
            name=name,
            sort=sort,
            who=thing.name,
            there=there,
            asked=_asked(test, params.fields, name),
        )
        help = say("change {name}", "请修改 {name}", name=name)
    place = _field_place(thing, name, bool(there))
    waivers = tuple(
        i
        for i, w in question.waivers_of(rule)
        if (w.campaign or w.group) == (campaign or thing.name) and w.until >= question.as_of
    )
    step = name if isinstance(params.fields, dict) else list(params.fields).index(name)
    finding = base_finding(
        rule,
        "violated",
        message,
        Spot(place, say("required here", "此处必填") if not there else say("out of bounds", "超出要求")),
    )
    return replace(
        finding,
        campaign=campaign,
        group=None if campaign else thing.name,
        parties=(campaign,) if campaign else (),
        related=(Spot(rule.place.down("fields", step), say("what is required", "要求")),),
        help=help,
        more=len(lacks) - max(len(absent), 1),
        covered_by=waivers,
    )


def _asked(test: FieldTest | None, fields: Any, name: str) -> Message:
    if test is None:
        return say("it must be there", "必须填写")
    if isinstance(test.bounds, Bounds):
        bounds = ", ".join(f"{key} {value}" for key, value in fields[name].items())
        return say("asked is {bounds} (in the same unit)", "要求 {bounds}（单位须一致）", bounds=bounds)
    if test.how == "not":
        return say("it must not be {values}", "不能是 {values}", values=list(test.values))
    return say("it must be one of {values}", "必须是 {values} 之一", values=list(test.values))


def _field_place(thing: Thing, name: str, there: bool) -> Place:
    if not there:
        return thing.place
    steps = name.split(".") if name.startswith(("details.", "reply.", "way_out.")) else [name]
    return thing.place.down(*steps)


SUMMARY = say("the matching document carries fields within bounds", "匹配的文档写有所要求的字段，且取值在范围内")
PAGE = Page(
    SUMMARY,
    say(
        "A push needs a cause, every campaign an owner, every ask a way to answer. What is not written down is not thought of.",
        "主动推送要有理由，每个活动要有负责人，每个请求要有回复渠道。没写下来的，往往就没想到。",
    ),
    say(
        "`on` says of what (campaign, touch, service, offer, sender). `fields` is a list of names that must be there, or a map of names to tests. A bound with a unit decides how a text under `details` is read.",
        "`on` 说明检查对象（campaign、touch、service、offer、sender）。`fields` 是必须填写的字段列表，或字段到判断的映射。`details` 中的文本按界限的单位来读。",
    ),
    """policy: house
rules:
  - rule: a-cause
    kind: require
    match: {way: push}
    fields: [cause, owner]
""",
    """campaign: spring-sale
purpose: promotion
owner: growth-team
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
""",
    """campaign: spring-sale
purpose: promotion
owner: growth-team
cause: end of the school holidays
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
""",
)
KIND = Kind("require", Require, SUMMARY, PAGE, check)
