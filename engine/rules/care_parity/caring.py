"""What every comparison of care needs: the rule, the groups, the time, and how a finding is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ...clocks import midnight
from ...kit.comparing import Groups, compared_by, group_words, groups_of
from ...kit.describing import describe_names
from ...kit.evaluation import Evaluation
from ...kit.findings import unproven, violated
from ...kit.waivers import Waivers
from ...messages import Message, say
from ...policy.linked import LinkedRule
from ...reference import Customer
from ...reference.comparing import Pair
from ...verdicts import Finding, Measure, Spot, Witness
from .params import CareParity

ASPECTS = {
    "gives": "赠予", "within": "响应时间", "hours": "服务时间", "by": "人工服务", "staff": "人手", "quotas": "承接量",
    "budget": "投入",
}  # fmt: skip


class Caring:
    """One rule over a plan."""

    def __init__(self, rule: LinkedRule[CareParity], evaluation: Evaluation) -> None:
        self.rule, self.evaluation, self.params = rule, evaluation, rule.params
        self.plan = evaluation.plan
        self.groups: Groups = groups_of(rule, evaluation.plan)

    @property
    def span(self) -> tuple[date, date] | None:
        """The days that are judged: of the plan, from as-of on, as far as the rule binds."""
        first, last = self.evaluation.span
        first, last = max(first, self.evaluation.as_of, self.rule.first or first), min(last, self.rule.last or last)
        return (first, last) if first <= last else None

    @property
    def instants(self) -> tuple[datetime, datetime]:
        assert self.span is not None  # noqa: S101
        zone = self.plan.timezone
        return midnight(self.span[0], zone), midnight(self.span[1] + timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class Said:
    """What a finding says: who gets less, of what, with what beside it."""

    aspect: str
    pair: Pair
    at: datetime
    message: Message
    related: tuple[Spot, ...] = ()
    measure: Measure | None = None
    help: Message | None = None
    more: int = 0


def who(caring: Caring, customer: Customer, at: datetime, told: frozenset[str], favoured: bool = False) -> Message:
    raw: Any = caring.params.favoured if favoured else caring.params.protected
    return group_words(raw, customer, caring.evaluation, at, told)


def finding(caring: Caring, said: Said, told: frozenset[str]) -> Finding:
    rule, plan, pair = caring.rule, caring.plan, said.pair
    names = caring.groups.differing_attributes | told
    twin = describe_names(pair.twin, plan.customers, sorted(caring.groups.differing_attributes), said.at, plan.timezone)
    words = say(
        "{words}; beside one with {twin}",
        "{words}；相比 {twin} 的客户",
        words=describe_names(pair.customer, plan.customers, sorted(names), said.at, plan.timezone),
        twin=twin,
    )
    spot = Spot(rule.place.down("protected"), say("who must not get less", "所得不得更少的客户"))
    return violated(
        rule,
        said.message,
        spot,
        group=said.aspect,
        measure=said.measure,
        related=said.related,
        witness=Witness(pair.customer, words, twin=pair.twin),
        help=said.help,
        assumptions=[compared_by(caring.groups)],
        more=said.more,
        covered_by=waivers(caring, said.aspect),
    )


def waivers(caring: Caring, aspect: str) -> tuple[int, ...]:
    """Waivers of an aspect, as far as they reach to the end."""
    span = caring.span
    return Waivers(caring.rule, caring.evaluation).of_group(aspect, span[1])[:1] if span is not None else ()


def doubt(caring: Caring, aspect: str, missing: Message) -> Finding:
    message = say(
        "it is not proven that nobody gets less care: {aspect}",
        "未能证明没有客户得到更少的照顾：{aspect}",
        aspect=say(aspect, ASPECTS[aspect]),
    )
    return unproven(caring.rule, message, missing, group=aspect)
