"""``reach-limit``: a sender, a send or a pool reaches no more customers than allowed. Arithmetic, and said to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ..messages import Message, say
from ..models import Rate, Speaks, Text, Whole, lifted, refused
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import group_of
from ..scalars import BadValue, parse_name
from ..timeline import Step, Touch
from ..verdicts import Finding, Measure, Spot
from ..windows import PerField, Window, window_ending
from .common import Kind, Outcome, Question, base_finding, nothing_matches, unproven


def _reach(raw: object) -> str | dict[str, str]:
    if isinstance(raw, dict):
        if set(raw) != {"pool"}:
            raise BadValue(say("expected send, sender or {{pool: name}}", "应为 send、sender 或 {{pool: 名称}}"))
        return {"pool": parse_name(raw["pool"])}
    if raw not in ("send", "sender"):
        raise BadValue(say("expected send, sender or {{pool: name}}", "应为 send、sender 或 {{pool: 名称}}"))
    return str(raw)


Reach = Annotated[
    Any,
    Speaks.POOL,
    BeforeValidator(lifted(_reach)),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["send", "sender"]},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["pool"],
                    "properties": {"pool": {"type": "string"}},
                },
            ]
        }
    ),
]


class ReachLimit(Rule):
    """Parameters of ``reach-limit``."""

    reach: Reach = "send"
    at_most: Whole | None = Field(default=None, description="of a pool: its quota unless stated")
    per: PerField | None = None
    headroom: Rate | None = Field(default=None, description="kept free below the limit, like 10%")
    clock: Text | None = Field(default=None, description="a zone")

    @model_validator(mode="after")
    def _whole(self) -> ReachLimit:
        for wrong, message in (
            (
                self.reach == "sender" and self.per is None,
                say("reach: sender needs 'per'", "reach: sender 需要“per”"),
            ),
            (
                self.reach != "sender" and self.per is not None,
                say("per is for reach: sender", "per 只用于 reach: sender"),
            ),
            (
                isinstance(self.reach, str) and self.at_most is None,
                say("'at_most' is missing", "缺少“at_most”"),
            ),
            (
                self.headroom is not None and self.headroom > 1,
                say("headroom is at most 100%", "headroom 不超过 100%"),
            ),
            (
                self.clock == "customer",
                say(
                    "sizes are counted on one clock, not on each customer's", "人数按一个时钟计算，不能按客户各自的时钟"
                ),
            ),
        ):
            if wrong:
                raise refused(BadValue(message))
        return self


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Adds up the sizes that campaigns state; overlap is not subtracted."""
    params = rule.params
    assert isinstance(params, ReachLimit)  # noqa: S101
    if isinstance(params.reach, dict):
        return _pool(rule, question, params, params.reach["pool"])
    things: list[Thing] = [t for t in question.matching(rule) if t.campaign not in question.ledgers]
    things += question.matching_steps(rule)
    if not things:
        return Outcome(notes=[nothing_matches(rule)])
    sizes = {c.name: c.model.estimated_size for c in question.plan.campaigns}
    totals = _sends(things, question) if params.reach == "send" else _windows(rule, things, question)
    worst: dict[str, Total] = {}
    unsized: dict[str, Thing] = {}
    limit = _limit(params, params.at_most or 0)
    for total in totals:
        at = total.at
        if not (_late(at, question) and rule.binds(_day(at, question))):
            continue
        missing = [name for name in total.campaigns if sizes[name] is None]
        for name in missing:
            unsized.setdefault(name, next(t for t in total.things if _name(t) == name))
        reached = replace(total, reached=sum(sizes[name] or 0 for name in total.campaigns))
        if reached.reached > limit and (_name(at) not in worst or reached.reached > worst[_name(at)].reached):
            worst[_name(at)] = reached
    found = [_finding(rule, question, total, limit) for _, total in sorted(worst.items())]
    doubts = [_unsized(rule, name, thing) for name, thing in sorted(unsized.items()) if name not in worst]
    return Outcome([*found, *doubts])


Thing = Touch | Step


@dataclass(frozen=True, slots=True)
class Total:
    """What comes together: the touches, and the one at which a finding stands."""

    at: Thing
    things: tuple[Thing, ...]
    reached: int = 0

    @property
    def campaigns(self) -> list[str]:
        return sorted({_name(thing) for thing in self.things})


def _name(thing: Thing) -> str:
    return thing.campaign.name if isinstance(thing, Step) else thing.campaign


def _status(thing: Thing) -> str:
    return thing.campaign.model.status if isinstance(thing, Step) else thing.status


def _day(thing: Thing, question: Question) -> date:
    """Of a triggered touch the last day on which it can come."""
    return question.day_of(thing.ends) if isinstance(thing, Step) else thing.day


def _late(thing: Thing, question: Question) -> bool:
    return _day(thing, question) >= question.as_of


def _limit(params: ReachLimit, limit: int) -> Decimal:
    return limit * (1 - (params.headroom or Decimal(0)))


def _sends(things: Sequence[Thing], question: Question) -> Iterator[Total]:
    """Each send by itself."""
    for thing in things:
        yield Total(thing, (thing,))


def _windows(rule: LinkedRule, things: Sequence[Thing], question: Question) -> Iterator[Total]:
    """For each sender the windows that end at a touch; a triggered campaign can send in any of them while it runs."""
    params = rule.params
    assert isinstance(params, ReachLimit) and params.per is not None  # noqa: S101
    drafts = sorted({_name(t) for t in things if _status(t) == "draft"})
    for draft in (None, *drafts):
        base = [t for t in things if _status(t) != "draft" or _name(t) == draft]
        for sender in sorted({group_of(t, "sender") for t in base}):
            mine = [t for t in base if group_of(t, "sender") == sender]
            for end in sorted({t.first if isinstance(t, Step) else t.at for t in mine}):
                window = window_ending(end, params.per, rule.clock)
                inside = tuple(t for t in mine if _in(t, window))
                standing = [t for t in inside if draft is None or _name(t) == draft]
                if standing:
                    yield Total(_standing(standing, question), inside)


def _in(thing: Thing, window: Window) -> bool:
    if isinstance(thing, Step):
        return thing.first <= window.end and thing.ends > window.start
    return window.holds(thing.at)


def _standing(things: Sequence[Thing], question: Question) -> Thing:
    """The latest planned touch still to come, else the last; a triggered one only where there is no dated one."""
    planned = [t for t in things if _status(t) in ("planned", "draft") and _late(t, question)] or list(things)
    dated = [t for t in planned if isinstance(t, Touch)]
    return max(dated, key=lambda t: t.order) if dated else max(planned, key=_name)


def _pool(rule: LinkedRule, question: Question, params: ReachLimit, name: str) -> Outcome:
    pool = question.plan.words.pools[name]
    limit = params.at_most if params.at_most is not None else pool.quota
    label = say("pool {name}", "客户池 {name}", name=name)
    if limit is None or pool.customers is None:
        missing = say(
            "the pool {name} states no {what}",
            "客户池 {name} 没有写 {what}",
            name=name,
            what="customers" if limit is not None else "quota",
        )
        return Outcome(
            [
                replace(
                    unproven(rule, say("{label} is not proven", "{label} 未能证明", label=label), missing), group=name
                )
            ]
        )
    allowed = _limit(params, limit)
    if pool.customers <= allowed:
        return Outcome()
    message = say(
        "the pool {name} holds {n} customers; {limit} are allowed",
        "客户池 {name} 有 {n} 位客户；最多允许 {limit} 位",
        name=name,
        n=pool.customers,
        limit=allowed,
    )
    finding = base_finding(rule, "violated", message, Spot(rule.place.down("reach"), label))
    waivers = tuple(
        i
        for i, w in question.waivers_of(rule)
        if w.group == name and w.until >= question.as_of and (w.allow is None or pool.customers <= w.allow)
    )
    return Outcome([replace(finding, group=name, measure=Measure(pool.customers, allowed), covered_by=waivers)])


def _unsized(rule: LinkedRule, name: str, thing: Thing) -> Finding:
    message = say("it is not proven that this reaches no more than allowed", "未能证明触达人数不超过允许值")
    missing = say("estimated_size of {name} is not stated", "{name} 没有写 estimated_size", name=name)
    return unproven(rule, message, missing, thing.place, name)


def _finding(rule: LinkedRule, question: Question, total: Total, limit: Decimal) -> Finding:
    params = rule.params
    assert isinstance(params, ReachLimit)  # noqa: S101
    at, name = total.at, _name(total.at)
    if params.per is None:
        message = say(
            "this send reaches {n} customers (estimated); {limit} are allowed",
            "本次发送预计触达 {n} 位客户；最多允许 {limit} 位",
            n=total.reached,
            limit=limit,
        )
    else:
        message = say(
            "{sender}: up to {n} customers reached {per} (estimated, overlap not subtracted); {limit} are allowed",
            "{sender}：{per}最多触达 {n} 位客户（估算，未扣除重叠）；最多允许 {limit} 位",
            sender=min(at.fields["sender"], default=say("touches without a sender", "未写发送方的触达")),
            n=total.reached,
            per=params.per.message,
            limit=limit,
        )
    others = {_name(t): t for t in total.things if _name(t) != name}
    related = [Spot(t.place, _when(t)) for _, t in sorted(others.items())]
    things = [t for t in total.things if isinstance(t, Touch)]
    allow = [(i, w) for i, w in question.waivers_of(rule) if w.campaign in total.campaigns]
    return replace(
        base_finding(rule, "violated", message, Spot(at.place, _when(at))),
        campaign=name,
        parties=tuple(total.campaigns),
        measure=Measure(total.reached, limit),
        related=(*related, Spot(rule.place.down("at_most"), say("the limit", "上限"))),
        help=say("reach fewer customers with one send, or part the sends", "请减少单次触达人数，或把发送时间分开"),
        covered_by=tuple(
            i
            for i, w in allow
            if (w.allow is None or total.reached <= w.allow)
            and all(t.day <= w.until for t in things if t.campaign == w.campaign)
        ),
    )


def _when(thing: Thing) -> Message:
    return say("triggered", "触发发送") if isinstance(thing, Step) else say("{at}", "{at}", at=thing.local)


SUMMARY = say(
    "a sender, send or pool reaches no more customers than allowed", "发送方、单次发送或客户池触达的客户数不超过允许值"
)
KIND = Kind("reach-limit", ReachLimit, SUMMARY, check, measured=True)
