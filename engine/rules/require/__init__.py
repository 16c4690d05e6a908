"""``require``: the matching document carries fields within bounds, satisfies an expression, or fits a JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from ...bounded import bounded
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches, violated
from ...kit.kind import Kind, Outcome, Words
from ...kit.scope import EACH
from ...kit.waivers import Waivers
from ...messages import Message, did_you_mean, say
from ...models import Choice, DocumentMatch, RawObject, Text
from ...places import Place, Problem
from ...policy.linked import LinkedRule
from ...policy.matches import Bounds, FieldTest, read_match
from ...policy.policies import Rule
from ...verdicts import Finding, Spot
from .expressions import evaluated, expression_problems, may_grow
from .schemas import faults, schema_problems
from .things import Thing, field_names, matches, things_of

On = Literal["campaign", "touch", "service", "offer", "sender"]


class Require(Rule):
    """Parameters of ``require``."""

    match: DocumentMatch = None
    on: Choice[On] = "campaign"
    fields: Annotated[Any, WithJsonSchema({"type": ["array", "object"]})] = ()
    that: Text | None = None
    schema_: RawObject = Field(default=None, alias="schema")


def problems(rule: LinkedRule[Require], declared: Words) -> list[Problem]:
    """What is wrong with the fields and the match, which depend on what the rule is on."""
    params = rule.params
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
    thing = THINGS[params.on]
    for index, name in enumerate(params.fields if not isinstance(params.fields, dict) else ()):
        if not isinstance(name, str) or (name not in known and not name.startswith("details.")):
            message = say("'{name}' is no field of {thing}", "“{name}”不是{thing}的字段", name=str(name), thing=thing)
            help = did_you_mean(str(name), [*known, "details.NAME"])
            found.append(Problem("require", message, place.down(index), help))
    found += expression_problems(params.that, rule.place.down("that"), params.on) if params.that else []
    found += schema_problems(params.schema_, rule.place.down("schema")) if params.schema_ is not None else []
    if isinstance(params.fields, dict):
        tested = {k: v for k, v in params.fields.items() if v != "present" or k not in known}
        read_match(tested or None, place, {}, found, known, thing)
    words = declared if params.on in ("campaign", "touch") else {}
    if params.match is not None:
        read_match(params.match, rule.place.down("match"), words, found, known, thing)
    return found


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is not as required: what is said of it, where it stands, and what asked for it."""

    message: Message
    spot: Spot
    asked: Spot
    help: Message
    missing: Message | None = None
    """Why it could not be decided; None: it is wrong."""


def check(rule: LinkedRule[Require], evaluation: Evaluation) -> Outcome:
    """Looks at every thing of the right sort that matches; what has ended or was cancelled is past mending."""
    params = rule.params
    outcome = Outcome()
    matching = [thing for thing in things_of(rule, evaluation) if matches(rule, thing)]
    if not matching:
        outcome.notes.append(nothing_matches(rule))
    in_force = rule.last is None or rule.last >= evaluation.as_of
    tests = _tests(params.fields)
    grouped: dict[tuple[str, str | None], list[Lack]] = {}
    judged = [thing for thing in matching if thing.to_come and (in_force or thing.campaign)]

    def lacking() -> list[list[Lack]]:
        return [[*_fields(rule, t, tests), *_expression(rule, t), *_schema(rule, t)] for t in judged]

    told = bounded(lacking) if may_grow(params.that) or params.schema_ is not None else lacking()
    for thing, lacks in zip(judged, told, strict=True):
        grouped.setdefault((thing.name, thing.campaign), []).extend(lacks)
    for (name, campaign), lacks in grouped.items():
        wrong = [lack for lack in lacks if lack.missing is None]
        if wrong or lacks:
            outcome.findings.append(_finding(rule, evaluation, name, campaign, wrong or lacks))
    return outcome


def _tests(fields: Any) -> dict[str, FieldTest | None]:
    """For each field its test; None: it must be there."""
    if not isinstance(fields, dict):
        return dict.fromkeys(fields)
    found: list[Problem] = []
    tests: dict[str, FieldTest | None] = {}
    for name, value in fields.items():
        match = None if value == "present" else read_match({name: value}, Place(""), {}, found, tuple(fields))
        tests[name] = match.tests[0] if match and match.tests else None
    return tests


def _holds(thing: Thing, name: str, test: FieldTest | None) -> bool:
    return bool(thing.fields.get(name)) if test is None else test.holds(thing.fields)


THINGS = {
    "campaign": say("a campaign", "活动"),
    "touch": say("a touch", "触达"),
    "service": say("a service", "服务"),
    "offer": say("an offer", "优惠"),
    "sender": say("a sender", "发送方"),
}
SORTS = {
    "campaign": say("campaign", "活动"),
    "touch": say("touch", "触达"),
    "service": say("service", "服务"),
    "offer": say("offer", "优惠"),
    "sender": say("sender", "发送方"),
}


def _fields(rule: LinkedRule[Require], thing: Thing, tests: Mapping[str, FieldTest | None]) -> Iterator[Lack]:
    """What is missing, said at once; then each field that is out of bounds."""
    params = rule.params
    lacking = [name for name, test in tests.items() if not _holds(thing, name, test)]
    absent = [name for name in lacking if not thing.fields.get(name)]
    sort = SORTS[params.on]
    for name in ([absent[0]] if absent else []) + [n for n in lacking if n not in absent]:
        step = name if isinstance(params.fields, dict) else list(params.fields).index(name)
        asked = Spot(rule.place.down("fields", step), say("what is required", "要求"))
        if name in absent:
            yield Lack(
                say(
                    "{sort} '{who}' has no {names}",
                    "{sort}“{who}”没有写 {names}",
                    sort=sort,
                    who=thing.name,
                    names=absent,
                ),
                Spot(thing.place, say("required here", "此处必填")),
                asked,
                say("add {names}", "请补上 {names}", names=absent),
            )
            continue
        yield Lack(
            say(
                "'{name}' of {sort} '{who}' is {there}; {asked}",
                "{sort}“{who}”的“{name}”是 {there}；{asked}",
                name=name,
                sort=sort,
                who=thing.name,
                there=sorted(thing.fields.get(name, frozenset())),
                asked=_asked(tests[name], params.fields, name),
            ),
            Spot(_field_place(thing, name), say("out of bounds", "超出要求")),
            asked,
            say("change {name}", "请修改 {name}", name=name),
        )


def _expression(rule: LinkedRule[Require], thing: Thing) -> Iterator[Lack]:
    params = rule.params
    if params.that is None:
        return
    holds = evaluated(params.that, thing.content)
    if holds is True:
        return
    sort, asked = SORTS[params.on], Spot(rule.place.down("that"), say("what is required", "要求"))
    here = Spot(thing.place, say("does not hold here", "此处不成立"))
    if holds is False:
        message = say(
            "{sort} '{who}' is not as required: {that}",
            "{sort}“{who}”不符合要求：{that}",
            sort=sort,
            who=thing.name,
            that=params.that,
        )
        yield Lack(message, here, asked, say("change it so that the expression holds", "请修改，使该表达式成立"))
        return
    message = say(
        "the requirement on {sort} '{who}' is not proven", "对{sort}“{who}”的要求未能证明", sort=sort, who=thing.name
    )
    missing = say(
        "the expression could not be worked out: {why}; ask has(...) for what may be missing",
        "表达式无法求值：{why}；对可能缺失的字段请先用 has(...) 判断",
        why=holds,
    )
    here = Spot(thing.place, say("not decided here", "此处无法判断"))
    yield Lack(message, here, asked, say("state what the expression asks for", "请写明表达式用到的内容"), missing)


def _schema(rule: LinkedRule[Require], thing: Thing) -> Iterator[Lack]:
    params = rule.params
    if params.schema_ is None:
        return
    for fault in faults(params.schema_, thing.content[params.on]):
        message = say(
            "{sort} '{who}': {fault}",
            "{sort}“{who}”：{fault}",
            sort=SORTS[params.on],
            who=thing.name,
            fault=fault.message,
        )
        yield Lack(
            message,
            Spot(thing.place.down(*fault.path), say("does not fit the schema", "不符合 schema")),
            Spot(rule.place.down("schema", *fault.asked), say("what is required", "要求")),
            say("change it to fit the schema", "请修改以符合 schema"),
        )


def _finding(
    rule: LinkedRule[Require], evaluation: Evaluation, name: str, campaign: str | None, lacks: Sequence[Lack]
) -> Finding:
    lack = lacks[0]
    found = violated(
        rule,
        lack.message,
        lack.spot,
        campaign=campaign,
        group=None if campaign else name,
        related=[lack.asked],
        help=lack.help,
        more=len(lacks) - 1,
        covered_by=Waivers(rule, evaluation).of_document(campaign or name),
    )
    return found if lack.missing is None else replace(found, verdict="unproven", missing=lack.missing)


def _asked(test: FieldTest | None, fields: Any, name: str) -> Message:
    if test is None:
        return say("it must be there", "必须填写")
    if isinstance(test.bounds, Bounds):
        bounds = ", ".join(f"{key} {value}" for key, value in fields[name].items())
        return say("asked is {bounds} (in the same unit)", "要求 {bounds}（单位须一致）", bounds=bounds)
    if test.how == "not":
        return say("it must not be {values}", "不能是 {values}", values=list(test.values))
    return say("it must be one of {values}", "必须是 {values} 之一", values=list(test.values))


def _field_place(thing: Thing, name: str) -> Place:
    return thing.place.down(*name.split(".", 1))


KIND = Kind(
    "require",
    Require,
    say(
        "the matching document carries fields within bounds, satisfies an expression, or fits a JSON Schema",
        "匹配的文档写有所要求的字段且取值在范围内，或满足表达式、符合 JSON Schema",
    ),
    check,
    each_alone=True,
    problems=problems,
    scope=lambda rule: EACH,
)
