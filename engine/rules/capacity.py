"""``capacity``: the answers the plan will draw fit those there to give them. Arithmetic, and said to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import inf

from pydantic import Field, model_validator

from ..clocks import TICK, day_of, local, midnight, shift
from ..kit.asking import Asking
from ..kit.attribution import attribution_point, is_reportable
from ..kit.drafts import with_each_draft
from ..kit.evaluation import Evaluation
from ..kit.findings import how_often, nothing_matches, unproven, violated, when
from ..kit.kind import Kind, Outcome
from ..kit.pools import Pools
from ..kit.receiving import comes_when
from ..kit.room import Fullest, Standing, standings
from ..kit.scope import Scope, days_of
from ..kit.sizes import each_once, reaching_somebody
from ..messages import Message, say
from ..models import Number, Rate, Text, refused
from ..plan.plan import PlannedService
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..scalars import BadValue
from ..search.result import Undecided, decided
from ..sends.sample_sends import edge_sends
from ..sends.services import can_handle, clock_of
from ..sends.timeline import Send, TriggeredTouch
from ..sends.triggers import TriggerSchedule, send_at
from ..undecidable import TooManyTriggers, Undecidable
from ..verdicts import Finding, Measure, Spot
from ..windows import Per, PerField, Window, calendar_next, calendar_start

DAY = Per(calendar="day")
MAX_STRETCHES = 4000
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
    at: Send
    touches: tuple[Send, ...]
    window: tuple[datetime, datetime]
    replies: Decimal
    limit: Decimal


def check(rule: LinkedRule[Capacity], evaluation: Evaluation) -> Outcome:
    """Adds up the replies that touches draw to each service, and compares them with what it can answer."""
    not_proven = say("it is not proven that the replies can be answered", "未能证明能够承接将收到的回复")
    asking, params = Asking(rule, evaluation, not_proven), rule.params
    outcome = Outcome()
    in_force = rule.last is None or rule.last >= evaluation.as_of
    if params.customers_per_person is not None and in_force:
        outcome.findings += _pools(asking, params.customers_per_person)
    if not params.services:
        return outcome
    named = {thing.model.reply.to for thing in asking.things if thing.model.reply}
    if not named:
        outcome.notes.append(nothing_matches(rule))
    for service in asking.plan.services:
        if service.model.service in named:
            outcome.findings += _Desk(asking, service).findings()
    return outcome


def _standing(rule: LinkedRule[Capacity], evaluation: Evaluation, campaign: str) -> list[Standing]:
    """The replies that come with each touch that can be answered; where a figure is missing, Undecidable is raised."""
    asking = Asking(rule, evaluation, say("", ""))
    mine = [t for t in asking.sends if t.campaign == campaign]
    named = {t.model.reply.to for t in mine if t.model.reply is not None}
    if not rule.params.services:
        return []
    desks = [_Desk(asking, service) for service in asking.plan.services if service.model.service in named]
    return [one for desk in desks for one in desk.standings(campaign)]


class _Desk:
    """One service, and the touches whose replies it answers."""

    def __init__(self, asking: Asking[Capacity], service: PlannedService) -> None:
        self.asking, self.rule, self.params, self.service = asking, asking.rule, asking.params, service
        self.evaluation, self.plan = asking.evaluation, asking.plan
        self.per = self.params.per or DAY
        ledgers = self.evaluation.ledgers
        mine = [t for t in asking.sends if self._mine(t) and t.campaign not in ledgers]
        self.touches = reaching_somebody(mine, self.evaluation)
        self.steps = [s for s in asking.triggered if self._mine(s) and is_reportable(s, self.evaluation)]
        self.sizes = {c.name: c.model.estimated_size for c in self.plan.campaigns}

    def _mine(self, thing: Send | TriggeredTouch) -> bool:
        return thing.model.reply is not None and thing.model.reply.to == self.service.model.service

    def findings(self) -> list[Finding]:
        worst: dict[str, Load] = {}
        missing = decided(lambda: self._asked(worst))
        found = [_finding(self.asking, load) for _, load in sorted(worst.items())]
        why = missing.why if isinstance(missing, Undecided) else missing
        if why is not None:
            name = self.service.model.service
            not_proven = say(
                "it is not proven that {name} can answer the replies it will get",
                "未能证明 {name} 能承接将收到的回复",
                name=name,
            )
            found.append(unproven(self.rule, not_proven, why, self.service.place.down("service"), group=name))
        return found

    def _asked(self, worst: dict[str, Load]) -> Message | None:
        """Puts the largest load of each campaign that is too large into ``worst``; what keeps the rest unproven.

        Raises whatever is undecidable.
        """
        for load in self._loads():
            name = load.at.campaign
            if load.replies > load.limit and (name not in worst or load.replies > worst[name].replies):
                worst[name] = load
        return None if worst else self._triggered()

    def _loads(self) -> Iterator[Load]:
        """From each touch on to the end of its stretch, without drafts and then with each of them.

        Nobody replies before the touch, so the time before it does not count.
        """
        for draft, among in with_each_draft(self.touches):
            for window in sorted({self._window(t.at) for t in among}):
                for first in sorted({t.at for t in among if window[0] <= t.at < window[1]}):
                    inside = [t for t in among if first <= t.at < window[1]]
                    standing = [t for t in inside if t.campaign == draft] if draft is not None else inside
                    at = attribution_point(standing, self.evaluation) if standing else None
                    if at is not None and self.rule.in_effect(at.day):
                        replies = sum((self._replies(t) for t in each_once(inside)), Decimal(0))
                        left = self._limit(first, window[1])
                        yield Load(self.service, at, tuple(inside), (first, window[1]), replies, left)

    def standings(self, campaign: str) -> list[Standing]:
        """The replies that come with each touch of a campaign, of how many. Raises whatever is undecidable."""
        certain = not self.steps and not any(t.model.lasts is not None for t in self.touches)
        mine = (load for load in self._loads() if load.at.status != "draft" or load.at.campaign == campaign)
        figures = ((Fullest(_round(one.replies), _round(one.limit), certain=certain), one.touches) for one in mine)
        return standings(campaign, figures)

    def _window(self, at: datetime) -> tuple[datetime, datetime]:
        """From a touch on (of days and calendar units: from their beginning), in which its replies are answered."""
        clock, per = self.rule.clock, self.per
        if per.duration is not None:
            return at, shift(at, per.duration, +1, clock)
        day = day_of(at, clock)
        first = calendar_start(day, per) if per.calendar else day
        after = calendar_next(first, per) if per.calendar else day + timedelta(days=per.days or 1)
        return midnight(first, clock), midnight(after, clock)

    def _replies(self, thing: Send | TriggeredTouch) -> Decimal:
        size = self.sizes[thing.name]
        if size is None:
            missing = say("estimated_size of {name} is not stated", "{name} 没有写 estimated_size", name=thing.name)
            raise Undecidable(missing)
        return size * self._rate(thing)

    def _rate(self, thing: Send | TriggeredTouch) -> Decimal:
        sender = thing.model.sender
        if self.params.reply_rate is not None:
            return self.params.reply_rate
        figures = self.plan.words.figures.get(sender or "")
        rate: Decimal | None = figures.reply_rate if figures is not None else None
        if rate is None:
            raise Undecidable(
                say(
                    "neither the rule nor the figures of sender {sender} state a reply_rate",
                    "规则与发送方 {sender} 的 figures 都没有写 reply_rate",
                    sender=sender or say("none", "（无）"),
                )
            )
        return rate

    def _limit(self, first: datetime, last: datetime) -> Decimal:
        model = self.service.model
        limit = can_handle(self.service, first, last, self.plan)
        if limit is None:
            lacks = [n for n, v in (("on_duty", model.on_duty), ("each_handles", model.each_handles)) if v is None]
            raise Undecidable(
                say("{name} does not state {lacks}", "{name} 没有写 {lacks}", name=model.service, lacks=lacks)
            )
        return limit

    def _triggered(self) -> Message | None:
        """What keeps it unproven: with all that triggered touches can bring at most, it would be too much."""
        by_name: dict[str, list[TriggeredTouch]] = {}
        for step in self.steps:
            by_name.setdefault(step.name, []).append(step)
        schedules = [TriggerSchedule(tuple(mine), (1,) * len(mine), self.plan) for _, mine in sorted(by_name.items())]
        lasting = [t for t in self.touches if t.model.lasts is not None]
        if not schedules and not lasting:
            return None
        for first in self._critical():
            last = self._window(first)[1]
            coming = [t for t in self.touches if t.at < last and first <= t.arrives]
            total = sum((self._replies(t) for t in each_once(coming)), Decimal(0))
            for schedule in schedules:
                most = schedule.bound(Window(first, True, last - TICK)).most
                if most == inf:
                    return how_often(schedule.trigger.event)
                total += int(most) * max(self._replies(step) for step in schedule.steps)
            if total > self._limit(first, last) and self.rule.in_effect(self.evaluation.day_of(first)):
                if any(t in lasting for t in coming):
                    return comes_when()
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
        plan, hours = self.plan, self.service.model.hours
        clock, _ = clock_of(self.service, plan)
        found = {at for t in self.touches for at in (t.at, t.arrives)}
        for step in self.steps:
            alone = TriggerSchedule((step,), (1,), plan)
            edges = {touch.at for touch in edge_sends(step, plan, step.first, hours, clock)}
            turns = edges | {shift(at, self.per.duration, -1, self.rule.clock) for at in edges if self.per.duration}
            ends = turns | {self._window(at)[1] - TICK for at in turns}
            if len(ends) > MAX_STRETCHES:
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


def _finding(asking: Asking[Capacity], load: Load) -> Finding:
    rule, at, model, clock = asking.rule, load.at, load.service.model, asking.rule.clock
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
    related = [Spot(t.place, when(t)) for t in others[:12]]
    return violated(
        rule,
        message,
        Spot(at.place, when(at)),
        campaign=at.campaign,
        parties=(t.campaign for t in load.touches),
        measure=Measure(_round(load.replies), _round(load.limit)),
        related=[*related, Spot(load.service.place.down("on_duty"), say("those who answer", "承接人手"))],
        help=say(
            "spread the sends, ask fewer customers, or put more people on duty at {service}",
            "错开发送、减少人数，或为 {service} 增派人手",
            service=model.service,
        ),
        assumptions=(
            say("sizes and reply rates are estimates; overlap is not subtracted", "人数与回复率均为估计，未扣除重叠"),
        ),
        stands_at=[at],
        covered_by=asking.waivers.of_sets([(load.touches, load.replies)]),
    )


def _pools(asking: Asking[Capacity], most: Decimal) -> list[Finding]:
    """Each pool of customers has people enough."""
    pools, found = Pools(asking), []
    for name, pool in asking.plan.words.pools.items():
        lacks = [key for key in ("customers", "staff") if getattr(pool, key) is None]
        customers, staff = pool.customers or 0, pool.staff or 0
        if lacks:
            found.append(pools.not_stated(name, lacks))
        elif customers > staff * most:
            message = say(
                "the pool {name} holds {n} customers for {staff} people; each may have {most}",
                "客户池 {name} 有 {n} 位客户、{staff} 位员工；每人最多 {most} 位",
                name=name,
                n=customers,
                staff=staff,
                most=most,
            )
            found.append(pools.too_many(name, message, "customers_per_person", Measure(customers, staff * most)))
    return found


def _scope(rule: LinkedRule[Capacity]) -> Scope:
    """Replies to one service are added up, whoever gets what."""
    return Scope("near", days_of(rule.params.per) if rule.params.per is not None else 1, one_customer=False)


KIND = Kind(
    "capacity",
    Capacity,
    say("the answers the plan will draw fit those there to give them", "计划引来的回复量不超过在岗人员的承接能力"),
    check,
    measured=True,
    moving=True,
    standing=_standing,
    scope=_scope,
)
