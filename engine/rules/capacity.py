"""``capacity``: the answers the plan will draw fit those there to give them. Arithmetic, and said to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf

from pydantic import Field, model_validator

from ..clocks import TICK, day_of, local, midnight, shift
from ..messages import Message, say
from ..models import Number, Rate, Text, refused
from ..plan.plan import PlannedService
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..scalars import BadValue
from ..services import can_handle, clock_of
from ..timeline import Step, Touch
from ..triggers import Reaction, edge_sends, send_at
from ..undecidable import TooManyTriggers, UnknownYear
from ..verdicts import Finding, Measure, Spot
from ..windows import Per, PerField, Window, calendar_next, calendar_start
from .common import Kind, Outcome, Question, base_finding, how_often, nothing_matches, stuck, unproven

DAY = Per(calendar="day")
MOST_STRETCHES = 4000
"""How many sends of a triggered touch are looked at."""


class Capacity(Rule):
    """Parameters of ``capacity``."""

    reply_rate: Rate | None = Field(
        default=None, description="the share of customers who reply; else the sender's figure"
    )
    per: PerField | None = Field(
        default=None, description="in which time the replies to its touches are answered; a calendar day unless stated"
    )
    customers_per_person: Number | None = Field(
        default=None, description="of a pool: how many customers one of its staff may have"
    )
    clock: Text | None = Field(default=None, description="a zone")

    @model_validator(mode="after")
    def _whole(self) -> Capacity:
        if self.clock == "customer":
            raise refused(
                BadValue(
                    say(
                        "replies are counted on one clock, not on each customer's",
                        "回复量按一个时钟计算，不能按客户各自的时钟",
                    )
                )
            )
        if self.for_ is not None:
            raise refused(
                BadValue(say("sizes are stated for whole campaigns: remove for", "人数按整个活动估算：请删除 for"))
            )
        return self

    @property
    def services(self) -> bool:
        """Whether services are asked about: always, unless the rule speaks of nothing but pools."""
        return self.customers_per_person is None or any((self.reply_rate, self.per, self.match))


@dataclass(frozen=True, slots=True)
class Load:
    """The replies that touches of one stretch of time draw to a service, and how many it can answer in it."""

    service: PlannedService
    at: Touch
    touches: tuple[Touch, ...]
    window: tuple[datetime, datetime]
    replies: Decimal
    limit: Decimal


class _Missing(Exception):
    """What is not stated, so that nothing can be computed."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Adds up the replies that touches draw to each service, and compares them with what it can answer."""
    params = rule.params
    assert isinstance(params, Capacity)  # noqa: S101
    outcome = Outcome()
    in_force = rule.last is None or rule.last >= question.as_of
    if params.customers_per_person is not None and in_force:
        outcome.findings += _pools(rule, question, params.customers_per_person)
    if not params.services:
        return outcome
    named = {t.model.reply.to for t in question.matching(rule) if t.model.reply}
    named |= {s.model.reply.to for s in question.matching_steps(rule) if s.model.reply}
    if not named:
        outcome.notes.append(nothing_matches(rule))
    for service in question.plan.services:
        if service.model.service in named:
            outcome.findings += _Desk(rule, question, service).findings()
    return outcome


class _Desk:
    """One service, and the touches whose replies it answers."""

    def __init__(self, rule: LinkedRule, question: Question, service: PlannedService) -> None:
        assert isinstance(rule.params, Capacity)  # noqa: S101
        self.rule, self.question, self.service, self.params = rule, question, service, rule.params
        self.per = self.params.per or DAY
        self.touches = [t for t in question.matching(rule) if self._mine(t) and t.campaign not in question.ledgers]
        self.steps = [s for s in question.matching_steps(rule) if self._mine(s)]
        self.sizes = {c.name: c.model.estimated_size for c in question.plan.campaigns}

    def _mine(self, thing: Touch | Step) -> bool:
        return thing.model.reply is not None and thing.model.reply.to == self.service.model.service

    def findings(self) -> list[Finding]:
        worst: dict[str, Load] = {}
        try:
            for load in self._loads():
                name = load.at.campaign
                if load.replies > load.limit and (name not in worst or load.replies > worst[name].replies):
                    worst[name] = load
            missing = None if worst else self._triggered()
        except _Missing as lack:
            missing = lack.message
        except (TooManyTriggers, UnknownYear) as why:
            missing = stuck(why)
        found = [_finding(self.rule, self.question, load) for _, load in sorted(worst.items())]
        if missing is not None:
            doubt = unproven(self.rule, _not_proven(self.service), missing, self.service.place.down("service"))
            found.append(replace(doubt, group=self.service.model.service))
        return found

    def _loads(self) -> Iterator[Load]:
        """From each touch on to the end of its stretch, without drafts and then with each of them.

        Nobody replies before the touch, so the time before it does not count.
        """
        drafts = sorted({t.campaign for t in self.touches if t.status == "draft"})
        for draft in (None, *drafts):
            among = [t for t in self.touches if t.status != "draft" or t.campaign == draft]
            for window in sorted({self._window(t.at) for t in among}):
                for first in sorted({t.at for t in among if window[0] <= t.at < window[1]}):
                    inside = [t for t in among if first <= t.at < window[1]]
                    standing = [t for t in inside if t.campaign == draft] if draft is not None else inside
                    at = self._standing(standing)
                    if at is not None and self.rule.binds(at.day):
                        replies = sum((self._replies(t) for t in inside), Decimal(0))
                        left = self._limit(first, window[1])
                        yield Load(self.service, at, tuple(inside), (first, window[1]), replies, left)

    def _standing(self, touches: Sequence[Touch]) -> Touch | None:
        """The latest planned touch still to come, else the last one."""
        late = [t for t in touches if self.question.late(t)]
        return max([t for t in late if t.status in ("planned", "draft")] or late, key=lambda t: t.order, default=None)

    def _window(self, at: datetime) -> tuple[datetime, datetime]:
        """From a touch on (of days and calendar units: from their beginning), in which its replies are answered."""
        clock, per = self.rule.clock, self.per
        if per.duration is not None:
            return at, shift(at, per.duration, +1, clock)
        day = day_of(at, clock)
        first = calendar_start(day, per) if per.calendar else day
        after = calendar_next(first, per) if per.calendar else day + timedelta(days=per.days or 1)
        return midnight(first, clock), midnight(after, clock)

    def _replies(self, thing: Touch | Step) -> Decimal:
        name = thing.campaign if isinstance(thing, Touch) else thing.campaign.name
        size = self.sizes[name]
        if size is None:
            raise _Missing(say("estimated_size of {name} is not stated", "{name} 没有写 estimated_size", name=name))
        return size * self._rate(thing)

    def _rate(self, thing: Touch | Step) -> Decimal:
        sender = thing.model.sender
        if self.params.reply_rate is not None:
            return self.params.reply_rate
        figures = self.question.plan.words.figures.get(sender or "")
        rate: Decimal | None = figures.reply_rate if figures is not None else None
        if rate is None:
            raise _Missing(
                say(
                    "neither the rule nor the figures of sender {sender} state a reply_rate",
                    "规则与发送方 {sender} 的 figures 都没有写 reply_rate",
                    sender=sender or say("none", "（无）"),
                )
            )
        return rate

    def _limit(self, first: datetime, last: datetime) -> Decimal:
        model = self.service.model
        limit = can_handle(self.service, first, last, self.question.plan)
        if limit is None:
            lacks = [n for n, v in (("on_duty", model.on_duty), ("each_handles", model.each_handles)) if v is None]
            raise _Missing(
                say("{name} does not state {lacks}", "{name} 没有写 {lacks}", name=model.service, lacks=lacks)
            )
        return limit

    def _triggered(self) -> Message | None:
        """What keeps it unproven: with all that triggered touches can bring at most, it would be too much."""
        by_name: dict[str, list[Step]] = {}
        for step in self.steps:
            by_name.setdefault(step.campaign.name, []).append(step)
        reactions = [Reaction(tuple(mine), (1,) * len(mine), self.question.plan) for _, mine in sorted(by_name.items())]
        if not reactions:
            return None
        for first in self._critical():
            last = self._window(first)[1]
            total = sum((self._replies(t) for t in self.touches if first <= t.at < last), Decimal(0))
            for reaction in reactions:
                most = reaction.wave(Window(first, True, last - TICK)).most
                if most == inf:
                    return how_often(reaction.trigger.event)
                total += int(most) * max(self._replies(step) for step in reaction.steps)
            if total > self._limit(first, last) and self.rule.binds(self.question.day_of(first)):
                return say(
                    "if all customers set off {names} at once, {n} replies would come where {limit} can be answered",
                    "若所有客户同时触发 {names}，将有 {n} 条回复，而只能承接 {limit} 条",
                    names=sorted(by_name),
                    n=_round(total),
                    limit=_round(self._limit(first, last)),
                )
        return None

    def _critical(self) -> list[datetime]:
        """The sends after which the least time is left to answer: the last of each stretch, and where hours turn."""
        plan, hours = self.question.plan, self.service.model.hours
        clock, _ = clock_of(self.service, plan)
        found = {t.at for t in self.touches}
        for step in self.steps:
            alone = Reaction((step,), (1,), plan)
            edges = {touch.at for touch in edge_sends(step, plan, step.first, hours, clock)}
            turns = edges | {shift(at, self.per.duration, -1, self.rule.clock) for at in edges if self.per.duration}
            ends = turns | {self._window(at)[1] - TICK for at in turns}
            if len(ends) > MOST_STRETCHES:
                raise TooManyTriggers
            found |= edges
            for end in ends:
                trigger = alone.latest(step, Window(step.first, True, end), whole=False)
                at = send_at(step, trigger, plan) if trigger is not None else None
                if at is not None:
                    found.add(at)
        return sorted(found)


def _round(number: Decimal) -> Decimal:
    return round(number, 1).normalize() + 0


def _not_proven(service: PlannedService) -> Message:
    return say(
        "it is not proven that {name} can answer the replies it will get",
        "未能证明 {name} 能承接将收到的回复",
        name=service.model.service,
    )


def _finding(rule: LinkedRule, question: Question, load: Load) -> Finding:
    at, model = load.at, load.service.model
    clock = rule.clock
    message = say(
        "the touches from {first} to {last} draw {n} replies to {service} (estimated); it can answer {limit} in that time",
        "{first} 至 {last} 的触达预计给 {service} 带来 {n} 条回复；这段时间只能承接 {limit} 条",
        first=local(load.window[0], clock),
        last=local(load.window[1], clock),
        n=_round(load.replies),
        service=model.service,
        limit=_round(load.limit),
    )
    others = [t for t in load.touches if t is not at]
    related = [Spot(t.place, say("{at}", "{at}", at=t.local)) for t in others[:12]]
    waivers = [
        (i, w)
        for i, w in question.waivers_of(rule)
        if w.campaign in {t.campaign for t in load.touches}
        and (w.allow is None or load.replies <= w.allow)
        and all(t.day <= w.until for t in load.touches if t.campaign == w.campaign)
    ]
    return replace(
        base_finding(rule, "violated", message, Spot(at.place, say("{at}", "{at}", at=at.local))),
        campaign=at.campaign,
        parties=tuple(sorted({t.campaign for t in load.touches})),
        measure=Measure(_round(load.replies), _round(load.limit)),
        related=(*related, Spot(load.service.place.down("on_duty"), say("those who answer", "承接人手"))),
        help=say(
            "spread the sends, ask fewer customers, or put more people on duty at {service}",
            "错开发送、减少人数，或为 {service} 增派人手",
            service=model.service,
        ),
        assumptions=(
            say("sizes and reply rates are estimates; overlap is not subtracted", "人数与回复率均为估计，未扣除重叠"),
        ),
        covered_by=tuple(i for i, _ in waivers),
    )


def _pools(rule: LinkedRule, question: Question, most: Decimal) -> list[Finding]:
    """Each pool of customers has people enough."""
    found = []
    for name, pool in question.plan.words.pools.items():
        lacks = [key for key in ("customers", "staff") if getattr(pool, key) is None]
        label = say("pool {name}", "客户池 {name}", name=name)
        if lacks:
            missing = say("the pool {name} states no {what}", "客户池 {name} 没有写 {what}", name=name, what=lacks)
            doubt = unproven(rule, say("{label} is not proven", "{label} 未能证明", label=label), missing)
            found.append(replace(doubt, group=name))
            continue
        customers, staff = pool.customers or 0, pool.staff or 0
        if customers <= staff * most:
            continue
        message = say(
            "the pool {name} holds {n} customers for {staff} people; each may have {most}",
            "客户池 {name} 有 {n} 位客户、{staff} 位员工；每人最多 {most} 位",
            name=name,
            n=customers,
            staff=staff,
            most=most,
        )
        waivers = tuple(
            i
            for i, w in question.waivers_of(rule)
            if w.group == name and w.until >= question.as_of and (w.allow is None or customers <= w.allow)
        )
        finding = base_finding(rule, "violated", message, Spot(rule.place.down("customers_per_person"), label))
        found.append(replace(finding, group=name, measure=Measure(customers, staff * most), covered_by=waivers))
    return found


SUMMARY = say(
    "the answers the plan will draw fit those there to give them",
    "计划引来的回复量不超过在岗人员的承接能力",
)
KIND = Kind("capacity", Capacity, SUMMARY, check, measured=True)
