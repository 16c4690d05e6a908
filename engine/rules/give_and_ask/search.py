"""Who is asked too much for what he was given: one signed sum over what one customer gets and misses in a window.

An ask that a customer gets weighs ``gives_per_ask``, a give that he gets weighs against it. Missing an ask is as good as
one more so large a give: so one search for the least settles it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice, pairwise
from math import inf
from operator import attrgetter
from typing import Any

from ...clocks import TICK, midnight
from ...messages import Message, say
from ...plan.conditions import EVERYONE, All, Condition, Not, attributes_of, tells_days_apart
from ...policy.linked import LinkedRule
from ...policy.matches import seconds_of
from ...reference import Customer, admits, asked_too_much, asks_and_gives, brought_about, given, got, set_off
from ...search.model import Demand, Happening, Life, Still
from ...timeline import Step, Touch
from ...triggers import Reaction, brings_about, edge_sends, send_at, sent_at, trigger_of
from ...undecidable import TooManyTriggers, UnknownYear
from ...windows import Window, leaves_at, window_ending
from ..common import (
    STUCK,
    Question,
    at_its_hour,
    boxes_of,
    can_be,
    clock_of,
    find_customer,
    fresh_steps,
    how_often,
    not_replayed,
    on_that_clock,
    step_of,
    stuck,
)
from .params import GiveAndAsk

MOST_CUTS = 4000
AT = attrgetter("at")


@dataclass(frozen=True, slots=True)
class TooMuch:
    """The ask that goes too far for a customer, with the asks and the gives of its window."""

    at: Touch
    customer: Customer
    asks: tuple[Touch, ...]
    gives: tuple[Touch, ...]
    missed: tuple[Touch, ...]
    """Gives of the window that he does not get."""
    clock: str


@dataclass(frozen=True, eq=False)
class Side:
    """What is judged together: dated touches that give or ask, triggered ones, and the triggered campaigns that ask."""

    touches: tuple[Touch, ...]
    gives: tuple[Touch, ...]
    asks: tuple[Touch, ...]
    """Of the touches those that surely give, and those that ask, in order."""
    steps: tuple[Step, ...]
    reactions: tuple[Reaction, ...]
    """The triggered campaigns that ask, by their asks alone."""
    nets: tuple[Reaction, ...]
    """The same, each trigger with what it surely gives before."""
    draft: str | None = None


class Asking:
    """One rule on one clock."""

    def __init__(self, rule: LinkedRule, question: Question, clock: str) -> None:
        assert isinstance(rule.params, GiveAndAsk)  # noqa: S101
        self.rule, self.question, self.clock, self.params = rule, question, clock, rule.params
        self.plan = question.plan
        self.kinds = (rule.matches["give"], rule.matches["ask"])
        self.before = self.params.order == "before"
        self.doubts: dict[str, tuple[Touch | Step, Message]] = {}
        self.bounded = {ledger.name for ledger in self.plan.ledgers if ledger.bounded}
        self.touches = [t for t in question.matching(rule) if at_its_hour(t, rule, clock) and self._counts(t)]
        self.steps = [s for s in question.matching_steps(rule) if self._counts(s)]
        ratio = self.params.gives_per_ask
        self.give = 10 ** max(-int(ratio.as_tuple().exponent), 0)
        self.price = int(ratio * self.give)
        """How much a give weighs against an ask, as whole numbers."""
        self.steady: dict[int, tuple[Condition, bool]] = {}
        self.proved: set[object] = set()
        """Questions to which there was nobody, where only what never changes is asked for."""

    def _counts(self, thing: Touch | Step) -> bool:
        return self.kinds[0].holds(thing.fields) or self.asks(thing)

    def _sure(self, touch: Touch) -> bool:
        """Whether it was really sent: what a ledger only bounds may not have been."""
        return touch.campaign not in self.bounded

    def asks(self, thing: Touch | Step) -> bool:
        return self.kinds[1].holds(thing.fields)

    def sides(self) -> Iterator[Side]:
        """All but drafts; then each draft with the rest."""
        drafts = {t.campaign for t in self.touches if t.status == "draft"}
        drafts |= {s.campaign.name for s in self.steps if s.campaign.model.status == "draft"}
        for draft in (None, *sorted(drafts)):
            steps = [s for s in self.steps if s.campaign.model.status != "draft" or s.campaign.name == draft]
            campaigns = [list(mine) for _, mine in groupby(steps, key=lambda s: s.campaign.name)]
            asking = [mine for mine in campaigns if any(map(self.asks, mine))]
            touches = tuple(t for t in self.touches if t.status != "draft" or t.campaign == draft)
            yield Side(
                touches,
                tuple(t for t in touches if self.kinds[0].holds(t.fields) and self._sure(t)),
                tuple(t for t in touches if self.asks(t)),
                tuple(steps),
                tuple(map(self._asking, asking)),
                tuple(map(self._net, asking)),
                draft,
            )

    def _asking(self, steps: Sequence[Step]) -> Reaction:
        asking = tuple(filter(self.asks, steps))
        return Reaction(asking, (self.price,) * len(asking), self.plan)

    def _net(self, steps: Sequence[Step]) -> Reaction:
        asking = [s for s in steps if self.asks(s)]
        weighed = [(s, self._worth(s, asking)) for s in steps]
        kept = [(s, weight) for s, weight in weighed if weight or self.asks(s)]
        return Reaction(tuple(s for s, _ in kept), tuple(weight for _, weight in kept), self.plan)

    def _worth(self, step: Step, asking: Sequence[Step]) -> int:
        """What a triggered touch adds for certain: an ask its price, a give that everyone who is asked got before less."""
        gives = self.kinds[0].holds(step.fields)
        if self.asks(step):
            return self.price - self.give if gives and not self.before else self.price
        if not gives or step.model.lasts is not None or step.stops_on:
            return 0
        same = all(s.audience == step.audience for s in asking) and self._steady(step.audience)
        alike = (step.audience == EVERYONE or same) and self._steady(self.rule.group)
        waits = step.campaign.model.send_in is not None and self.before
        earlier = all(_earlier(step, s) for s in asking)
        return -self.give if alike and earlier and not waits else 0

    def _steady(self, condition: Condition) -> bool:
        """Whether it asks only for what never changes."""
        if id(condition) not in self.steady:
            self.steady[id(condition)] = (condition, self._never_changes(condition))
        return self.steady[id(condition)][1]

    def _never_changes(self, condition: Condition) -> bool:
        attributes = self.plan.customers.attributes
        names = attributes_of(condition)
        known = all(n in attributes and attributes[n].changes in (None, "never") for n in names)
        return known and not tells_days_apart(condition)

    def found(self) -> Iterator[TooMuch]:
        """For each ask still to come somebody for whom it goes too far."""
        for side in self.sides():
            for touch in side.asks:
                if side.draft in (None, touch.campaign) and self._judged(touch):
                    yield from self._kept(self._at(side, touch), touch)
            for reaction in side.reactions:
                if side.draft in (None, reaction.name):
                    yield from self._triggered(side, reaction)

    def _judged(self, touch: Touch) -> bool:
        return self.question.late(touch) and self.rule.binds(touch.day)

    def _kept(self, found: TooMuch | Message | None, at: Touch | Step) -> Iterator[TooMuch]:
        if isinstance(found, TooMuch):
            yield found
        elif found is not None:
            name = at.campaign if isinstance(at, Touch) else at.campaign.name
            self.doubts.setdefault(name, (at, found))

    # --- triggered asks ----------------------------------------------------------------------------------------------

    def _triggered(self, side: Side, reaction: Reaction) -> Iterator[TooMuch]:
        """One send in each stretch of time in which the window before it holds the same."""
        try:
            for touch in self._sends(side, reaction):
                found = self._at(side, touch) if self._judged(touch) else None
                yield from self._kept(found, step_of(touch, self.question))
                if isinstance(found, TooMuch):
                    return
        except (TooManyTriggers, UnknownYear) as why:
            self.doubts.setdefault(reaction.name, (reaction.steps[0], stuck(why)))

    def _sends(self, side: Side, reaction: Reaction) -> Iterator[Touch]:
        """Of each stretch an early send, which reads better, and the last one, before which most can have come."""
        for step in filter(self.asks, reaction.steps):
            alone = Reaction((step,), (1,), self.plan)
            for start, end in self._stretches(side, step):
                triggers = [touch.trigger for touch in islice(edge_sends(step, self.plan, start), 2)]
                triggers.append(alone.latest(step, Window(start, True, end - TICK)))
                for trigger in dict.fromkeys(triggers):
                    at = send_at(step, trigger, self.plan) if trigger is not None else None
                    if trigger is not None and at is not None and start <= at < end:
                        yield sent_at(step, trigger, at, self.plan)

    def _stretches(self, side: Side, step: Step) -> Iterator[tuple[datetime, datetime]]:
        cuts = {step.first, step.ends + TICK}
        for touch in side.touches:
            cuts |= {touch.at, touch.at + TICK}
            if self.params.per is not None:
                cuts.add(leaves_at(touch.at, self.params.per, self.clock))
        told = [step.audience, self.rule.group, *self.plan.customers.facts, *(t.audience for t in side.touches)]
        day = step.first.date()
        while any(map(tells_days_apart, told)) and day <= step.ends.date() and len(cuts) <= MOST_CUTS:
            cuts.add(midnight(day, self.plan.timezone))
            day += timedelta(days=1)
        ordered = sorted(at for at in cuts if step.first <= at <= step.ends + TICK)
        if len(ordered) > MOST_CUTS:
            raise TooManyTriggers
        yield from pairwise(ordered)

    def _bound(self, reactions: Sequence[Reaction], window: Window) -> tuple[float, tuple[Happening, ...]]:
        """How much triggered asks can weigh in a window at most, and the events that bring them about."""
        most: float = 0
        events: list[Happening] = []
        for reaction in reactions:
            wave = self.question.wave(reaction, window)
            most += wave.most
            if reaction.trigger.event is not None:
                events += [(at, reaction.trigger.event) for at in wave.triggers]
        return most, tuple(sorted(events))

    # --- one ask -----------------------------------------------------------------------------------------------------

    def _at(self, side: Side, touch: Touch) -> TooMuch | Message | None:
        """Somebody who gets this ask, and too little before it; or why that could not be settled."""
        try:
            return self._decided(side, touch)
        except STUCK as why:
            return stuck(why)

    def _decided(self, side: Side, touch: Touch) -> TooMuch | Message | None:
        if touch.model.lasts is not None and self.params.per is not None:
            return say("an ask that lasts comes at a time that is not known", "持续一段时间的请求何时到达并不确定")
        asks, gives = self._dated(side, touch)
        triggered = touch.trigger is not None
        _, own = self._brought_by(side, touch, ()) if triggered else ([], [])
        sure = [t for t in gives if not self._stoppable(t)]
        window = self._window(touch, side)
        most, events = self._bound(side.reactions, window)
        unlimited, price = most == inf, self.price * touch.weight
        doubts: list[Message] = []
        if not unlimited:
            mine = [t for t in own if not self._stoppable(t)]
            others = max(int(most) - (price if triggered else 0), 0)
            if self._find(touch, asks, [*sure, *mine], price + others, (), doubts) is None:
                return doubts[0] if doubts else None
        net, _ = self._bound(side.nets, window)
        if net != inf and self._find(touch, asks, sure, (0 if triggered else price) + int(net), (), doubts) is None:
            return doubts[0] if doubts else None
        for lived in dict.fromkeys(((), events)):
            more_asks, more_gives = self._brought_by(side, touch, lived)
            extra = sum(1 for t in more_asks if not _same(t, touch))
            weight = self.price * (touch.weight + extra)
            customer = self._find(touch, asks, [*gives, *more_gives], weight, lived)
            if customer is not None and (found := self._replayed(side, touch, customer)):
                return found
        if unlimited:
            return how_often(next((r.trigger.event for r in side.reactions if r.unlimited), None))
        if any(map(self._stoppable, (*gives, *own))):
            return say("gives that an event can stop may not come", "可能被事件中止的赠予不一定会到")
        if events:
            return say(
                "how many triggered asks can come together could not be settled", "无法确定触发式请求会叠加多少次"
            )
        return not_replayed()

    def _dated(self, side: Side, touch: Touch) -> tuple[list[Touch], list[Touch]]:
        """The other dated asks up to a touch, and the gives before it, in the window that ends there."""
        window = window_ending(touch.at, self.params.per, self.clock) if self.params.per is not None else None
        begins = bisect_left if window is not None and window.closed else bisect_right
        found = []
        for touches in (side.asks, side.gives):
            low = begins(touches, window.start, key=AT) if window is not None else 0
            found.append(touches[low : bisect_right(touches, touch.at, key=AT)])
        asks = [t for t in found[0] if t is not touch and t.order <= touch.order]
        return asks, [t for t in found[1] if given(t, touch, self.before)]

    def _stoppable(self, touch: Touch) -> bool:
        if touch.trigger is None:
            return bool(touch.stops_on)
        return bool(step_of(touch, self.question).stops_on) and touch.at > touch.trigger

    def _brought_by(self, side: Side, touch: Touch, lived: Sequence[Happening]) -> tuple[list[Touch], list[Touch]]:
        """The triggered asks and gives of the window that these events bring, with the one that brings the ask itself.

        Without other events it is what the same trigger of the same campaign brings before it.
        """
        events = set(lived)
        dates: tuple[datetime, ...] = ()
        own = None if touch.trigger is None else step_of(touch, self.question)
        if own is not None and touch.trigger is not None:
            name = trigger_of(own).event
            events |= {(touch.trigger, name)} if name is not None else set()
            dates = (touch.trigger,) if name is None else ()
        found: list[Touch] = []
        for name, mine in groupby(side.steps, key=lambda s: s.campaign.name):
            listed = list(mine)
            is_own = own is not None and name == own.campaign.name
            if is_own or (lived and trigger_of(listed[0]).event is not None):
                found += set_off(sorted(events), dates if is_own else (), listed, self.plan)
        return asks_and_gives(touch, found, self.kinds, self.params.per, self.clock, self.before)

    def _window(self, touch: Touch, side: Side) -> Window:
        if self.params.per is not None:
            return window_ending(touch.at, self.params.per, self.clock)
        first = min([touch.at, *(s.first for r in side.reactions for s in r.steps)])
        return Window(first - timedelta(days=1), True, touch.at)

    def _find(
        self,
        touch: Touch,
        asks: Sequence[Touch],
        gives: Sequence[Touch],
        weight: int,
        lived: Sequence[Happening],
        doubts: list[Message] | None = None,
    ) -> Customer | None:
        """Somebody who gets ``touch`` and whose asks, ``weight`` beside the dated ones, outweigh what he is given."""
        conditions = [self.rule.group, *on_that_clock(self.clock, self.rule)]
        serving, allowed = self._weighed(asks, gives, conditions)
        allowed += weight - 1
        if allowed < 0:
            return None
        key = (touch.audience, allowed, frozenset((s[0], s[3]) for s in serving))
        steady = not lived and touch.trigger is None and not self.plan.customers.facts
        steady = steady and all(self._steady(c) for c in (touch.audience, *conditions, *(s[3] for s in serving)))
        if steady and key in self.proved:
            return None
        events, demanded = tuple(lived), [(touch.at, touch.day, [touch.audience, *conditions])]
        if touch.trigger is not None:
            brought, test = brings_about(touch, step_of(touch, self.question), self.plan)
            demanded.append((touch.trigger, self.question.day_of(touch.trigger), [test]))
            events = tuple(sorted({*events, *brought}))
        told = [c for _, _, listed in demanded for c in listed] + [c for *_, c in serving]
        days = {day for _, day, _ in demanded} | {day for _, _, day, _ in serving}
        world = self.question.world(told, days, events)
        demands = [Demand(at, day, boxes_of(world.space, listed, day)) for at, day, listed in demanded]
        if not all(demand.boxes for demand in demands):
            return None
        still = Still(None, [(w, at, world.space.of(c, day)) for w, at, day, c in serving], allowed)
        steps = fresh_steps(self.question)
        customer = find_customer(world, demands, steps, still, Life(events))
        if customer is None and steady and not steps.doubts:
            self.proved.add(key)
        if customer is None and doubts is not None:
            doubts += steps.doubts
        return customer

    def _weighed(
        self, asks: Sequence[Touch], gives: Sequence[Touch], conditions: Sequence[Condition]
    ) -> tuple[list[tuple[int, datetime, date, Condition]], int]:
        """What weighs against somebody's asks, gives that he gets and asks that he misses, and how much there is in all.

        Gives and asks for the same customers are taken together: he gets both or misses both.
        """
        totals: dict[tuple[int, datetime | None], list[Any]] = {}
        steady_group = self._steady(self.rule.group)
        for touches, which in ((gives, 0), (asks, 1)):
            for t in touches:
                key = (id(t.audience), None if steady_group and self._steady(t.audience) else t.at)
                entry = totals.setdefault(key, [0, 0, t])
                entry[which] += t.weight * (self.price if which else self.give)
        serving: list[tuple[int, datetime, date, Condition]] = []
        for got_weight, missed_weight, t in totals.values():
            whole = All((t.audience, *conditions))
            if got_weight > missed_weight:
                serving.append((got_weight - missed_weight, t.at, t.day, whole))
            elif missed_weight > got_weight:
                serving.append((missed_weight - got_weight, t.at, t.day, Not(whole)))
        return serving, sum(missed - min(got_weight, missed) for got_weight, missed, _ in totals.values())

    def _replayed(self, side: Side, touch: Touch, customer: Customer) -> TooMuch | None:
        """What the reference evaluator, too, finds to be too much."""
        plan, question = self.plan, self.question
        mine = [t for t in got(customer, side.touches, plan.customers, plan.timezone) if self.asks(t) or self._sure(t)]
        mine += brought_about(customer, side.steps, plan)
        mine = [t for t in mine if admits(self.rule.group, customer, t.at, plan.customers, plan.timezone)]
        last = next((t for t in mine if _same(t, touch)), None)
        if last is None or not can_be(customer, [t.at for t in mine], question):
            return None
        if clock_of(customer, self.rule, touch.at) != self.clock:
            return None
        rule = (self.kinds, self.params.gives_per_ask, self.params.per, self.clock, self.before)
        if not asked_too_much(last, mine, *rule):
            return None
        asks, gives = asks_and_gives(last, mine, self.kinds, self.params.per, self.clock, self.before)
        _, there = asks_and_gives(last, side.touches, self.kinds, self.params.per, self.clock, self.before)
        missed = tuple(t for t in there if t not in gives and self._sure(t))
        return TooMuch(last, customer, tuple(asks), tuple(gives), missed, self.clock)


def _same(a: Touch, b: Touch) -> bool:
    return (a.campaign, a.step, a.at, a.trigger) == (b.campaign, b.step, b.at, b.trigger)


def _earlier(give: Step, ask: Step) -> bool:
    """Whether one step always comes before another of its campaign: after fewer hours, or after fewer days."""
    first, second = give.model.after or ask.model.after, ask.model.after
    if first is None or second is None:
        return False
    if give.model.after is None:
        return second.amount > 0
    if first.elapsed != second.elapsed or {first.unit, second.unit} & {"mo", "y"}:
        return False
    return seconds_of(str(first)) < seconds_of(str(second))
