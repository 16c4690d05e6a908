"""``reach-limit``: a sender, a send or a pool reaches no more customers than allowed. Arithmetic, and said to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ..kit.asking import Asking
from ..kit.attribution import attribution_point, is_reportable
from ..kit.drafts import with_each_draft
from ..kit.evaluation import Evaluation
from ..kit.findings import nothing_matches, violated, when
from ..kit.kind import Kind, Outcome
from ..kit.pools import Pools
from ..kit.room import Fullest, Standing, standings
from ..kit.scope import EACH, Scope, days_of
from ..kit.sizes import reaching_somebody
from ..messages import say
from ..models import Rate, Speaks, Text, Whole, lifted, refused
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import group_of
from ..scalars import BadValue, parse_name
from ..sends.timeline import Send, TriggeredTouch
from ..verdicts import Finding, Measure, Spot
from ..windows import PerField, Window, window_ending


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


Thing = Send | TriggeredTouch


@dataclass(frozen=True, slots=True)
class Total:
    """What comes together: the touches, and the one at which a finding stands."""

    at: Thing
    things: tuple[Thing, ...]
    reached: int = 0

    @property
    def campaigns(self) -> list[str]:
        return sorted({thing.name for thing in self.things})


def check(rule: LinkedRule[ReachLimit], evaluation: Evaluation) -> Outcome:
    """Adds up the sizes that campaigns state; overlap is not subtracted."""
    not_proven = say("it is not proven that this reaches no more than allowed", "未能证明触达人数不超过允许值")
    asking, params = Asking(rule, evaluation, not_proven), rule.params
    if isinstance(params.reach, dict):
        return Outcome(_pool(asking, params.reach["pool"]))
    things = _things(asking)
    if not things:
        return Outcome(notes=[nothing_matches(rule)])
    sizes = {c.name: c.model.estimated_size for c in asking.plan.campaigns}
    worst: dict[str, Total] = {}
    limit = _limit(params, params.at_most or 0)
    for total in _judged(asking, things):
        at = total.at
        for name in (name for name in total.campaigns if sizes[name] is None):
            missing = say("estimated_size of {name} is not stated", "{name} 没有写 estimated_size", name=name)
            asking.doubt(missing, next(thing for thing in total.things if thing.name == name))
        reached = replace(total, reached=sum(sizes[name] or 0 for name in total.campaigns))
        if reached.reached > limit and (at.name not in worst or reached.reached > worst[at.name].reached):
            worst[at.name] = reached
    return asking.outcome(_finding(asking, total, limit) for _, total in sorted(worst.items()))


def _things(asking: Asking[ReachLimit]) -> list[Thing]:
    """What reaches somebody: nothing of a ledger."""
    planned = [t for t in asking.sends if t.campaign not in asking.evaluation.ledgers]
    return [
        *reaching_somebody(planned, asking.evaluation),
        *(step for step in asking.triggered if step.first <= step.last),
    ]


def _judged(asking: Asking[ReachLimit], things: Sequence[Thing]) -> Iterator[Total]:
    """What comes together and is still to come, while the rule is in force."""
    evaluation = asking.evaluation
    for total in _sends(things) if asking.params.reach == "send" else _windows(asking, things):
        if is_reportable(total.at, evaluation) and asking.rule.in_effect(_day(total.at, evaluation)):
            yield total


def _standing(rule: LinkedRule[ReachLimit], evaluation: Evaluation, campaign: str) -> list[Standing]:
    """How many customers each touch comes to, with what counts beside it; nothing where a size is not stated."""
    params = rule.params
    if isinstance(params.reach, dict):
        return []
    asking = Asking(rule, evaluation, say("", ""))
    sizes = {c.name: c.model.estimated_size for c in asking.plan.campaigns}
    limit = _limit(params, params.at_most or 0)
    found = []
    for total in _judged(asking, _things(asking)):
        if total.at.status == "draft" and total.at.name != campaign:
            continue  # a draft counts in no other's figure
        known = [size for name in total.campaigns if (size := sizes[name]) is not None]
        sends = [thing for thing in total.things if isinstance(thing, Send)]
        found.append((Fullest(sum(known), limit, certain=len(known) == len(total.campaigns)), sends))
    return standings(campaign, found)


def _day(thing: Thing, evaluation: Evaluation) -> date:
    """Of a triggered touch the last day on which it can come."""
    return evaluation.day_of(thing.ends) if isinstance(thing, TriggeredTouch) else thing.day


def _limit(params: ReachLimit, limit: int) -> Decimal:
    return limit * (1 - (params.headroom or Decimal(0)))


def _sends(things: Sequence[Thing]) -> Iterator[Total]:
    """Each send by itself."""
    for thing in things:
        yield Total(thing, (thing,))


def _windows(asking: Asking[ReachLimit], things: Sequence[Thing]) -> Iterator[Total]:
    """For each sender the windows that end at a touch; a triggered campaign can send in any of them while it runs."""
    per = asking.params.per
    assert per is not None  # noqa: S101
    for draft, base in with_each_draft(things):
        for sender in sorted({group_of(t, "sender") for t in base}):
            mine = [t for t in base if group_of(t, "sender") == sender]
            for end in sorted({t.first if isinstance(t, TriggeredTouch) else t.at for t in mine}):
                window = window_ending(end, per, asking.rule.clock)
                inside = tuple(t for t in mine if _in(t, window))
                standing = [t for t in inside if draft is None or t.name == draft]
                at = attribution_point(standing, asking.evaluation) if standing else None
                if at is not None:
                    yield Total(at, inside)


def _in(thing: Thing, window: Window) -> bool:
    if isinstance(thing, TriggeredTouch):
        return thing.first <= window.end and thing.arrives(thing.ends) > window.start
    return window.meets(thing.at, thing.arrives)


def _pool(asking: Asking[ReachLimit], name: str) -> list[Finding]:
    pools, pool = Pools(asking), asking.plan.words.pools[name]
    limit = asking.params.at_most if asking.params.at_most is not None else pool.quota
    if limit is None or pool.customers is None:
        return [pools.not_stated(name, "customers" if limit is not None else "quota")]
    allowed = _limit(asking.params, limit)
    if pool.customers <= allowed:
        return []
    message = say(
        "the pool {name} holds {n} customers; {limit} are allowed",
        "客户池 {name} 有 {n} 位客户；最多允许 {limit} 位",
        name=name,
        n=pool.customers,
        limit=allowed,
    )
    return [pools.too_many(name, message, "reach", Measure(pool.customers, allowed))]


def _finding(asking: Asking[ReachLimit], total: Total, limit: Decimal) -> Finding:
    rule, per, at = asking.rule, asking.params.per, total.at
    if per is None:
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
            per=per.message,
            limit=limit,
        )
    others = {t.name: t for t in total.things if t.name != at.name}
    related = [Spot(t.place, when(t)) for _, t in sorted(others.items())]
    return violated(
        rule,
        message,
        Spot(at.place, when(at)),
        campaign=at.name,
        parties=total.campaigns,
        measure=Measure(total.reached, limit),
        related=[*related, Spot(rule.place.down("at_most"), say("the limit", "上限"))],
        help=say("reach fewer customers with one send, or part the sends", "请减少单次触达人数，或把发送时间分开"),
        stands_at=[at] if isinstance(at, Send) else (),
        covered_by=asking.waivers.of_sets([(total.things, total.reached)]),
    )


def _scope(rule: LinkedRule[ReachLimit]) -> Scope:
    """Sizes of one sender are added up, whoever gets what."""
    per = rule.params.per
    return EACH if per is None else Scope("near", days_of(per), one_customer=False)


KIND = Kind(
    "reach-limit",
    ReachLimit,
    say(
        "a sender, send or pool reaches no more customers than allowed",
        "发送方、单次发送或客户池触达的客户数不超过允许值",
    ),
    check,
    measured=True,
    moving=True,
    standing=_standing,
    scope=_scope,
)
