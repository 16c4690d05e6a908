"""Who is asked too much for what they were given: one signed sum over what one customer gets and misses in a window.

An ask that a customer gets weighs ``gives_per_ask``, a give that they get weighs against it. Missing an ask is as good as
one more so large a give: so one search for the least settles it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, islice, pairwise
from math import inf
from operator import attrgetter

from ...clocks import TICK, midnight
from ...kit.asking import Asking
from ...kit.drafts import with_each_draft
from ...kit.findings import how_often
from ...kit.receiving import ConditionsAt, Served, may_be_stopped, receipt, somebody, stoppable_for, ways_to_stop
from ...kit.replay import at_its_hour, can_be, clock_of, is_admitted, is_same_send, not_replayed, on_that_clock
from ...kit.telling_sends import turns_of
from ...messages import say
from ...plan.conditions import EVERYONE, All, Condition, Not, tells_days_apart
from ...reference import (
    Customer,
    asked_too_much,
    asks_and_gives,
    expand_trigger,
    given,
    received_dated,
    received_triggered,
    stopped,
)
from ...search.model import EventAt, EventScript
from ...search.result import NOBODY, Found, Nobody, Result, Undecided, decided, first_found
from ...sends.sample_sends import edge_sends
from ...sends.set_off import trigger_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule, send_at, sent_at
from ...undecidable import TooManyTriggers
from ...windows import Window, leaves_at, window_ending
from .params import GiveAndAsk
from .sides import AskedTooMuch, Side, _earlier

MAX_CUTS = 4000
AT = attrgetter("at")


class Weighing:
    """What one rule weighs on one clock: asks on the one side, gives on the other."""

    def __init__(self, asking: Asking[GiveAndAsk], clock: str) -> None:
        self.asking, self.rule, self.params, self.clock = asking, asking.rule, asking.params, clock
        self.evaluation, self.plan = asking.evaluation, asking.plan
        self.kinds = (self.rule.matches["give"], self.rule.matches["ask"])
        self.before = self.params.order == "before"
        self.touches = [t for t in asking.sends if at_its_hour(t, self.rule, clock) and self._counts(t)]
        self.steps = [s for s in asking.triggered if self._counts(s)]
        ratio = self.params.gives_per_ask
        self.give = 10 ** max(-int(ratio.as_tuple().exponent), 0)
        self.price = int(ratio * self.give)
        """How much a give weighs against an ask, as whole numbers."""
        self.budget = self.evaluation.budget_of_rule()
        """All searches share it."""
        self.stops: dict[object, bool] = {}
        self.proved: set[object] = set()
        """Questions to which there was nobody, where only what never changes is asked for."""

    @property
    def things(self) -> list[Send | TriggeredTouch]:
        return [*self.touches, *self.steps]

    def _counts(self, thing: Send | TriggeredTouch) -> bool:
        return self.kinds[0].holds(thing.fields) or self.asks(thing)

    def _sure(self, touch: Send) -> bool:
        """Whether it was really sent: what a ledger only bounds may not have been."""
        return touch.campaign not in self.evaluation.bounded

    def asks(self, thing: Send | TriggeredTouch) -> bool:
        return self.kinds[1].holds(thing.fields)

    def sides(self) -> Iterator[Side]:
        """All but drafts; then each draft with the rest."""
        for draft, things in with_each_draft(self.things):
            steps = [thing for thing in things if isinstance(thing, TriggeredTouch)]
            touches = [thing for thing in things if isinstance(thing, Send)]
            campaigns = [list(mine) for _, mine in groupby(steps, key=lambda s: s.name)]
            asking = [mine for mine in campaigns if any(map(self.asks, mine))]
            yield Side(
                tuple(touches),
                tuple(t for t in touches if self.kinds[0].holds(t.fields) and self._sure(t)),
                tuple(t for t in touches if self.asks(t)),
                tuple(steps),
                tuple(map(self._asking, asking)),
                tuple(map(self._net, asking)),
                draft,
            )

    def _asking(self, steps: Sequence[TriggeredTouch]) -> TriggerSchedule:
        asking = tuple(filter(self.asks, steps))
        return TriggerSchedule(asking, (self.price,) * len(asking), self.plan)

    def _net(self, steps: Sequence[TriggeredTouch]) -> TriggerSchedule:
        asking = [s for s in steps if self.asks(s)]
        weighed = [(s, self._worth(s, asking)) for s in steps]
        kept = [(s, weight) for s, weight in weighed if weight or self.asks(s)]
        return TriggerSchedule(tuple(s for s, _ in kept), tuple(weight for _, weight in kept), self.plan)

    def _worth(self, step: TriggeredTouch, asking: Sequence[TriggeredTouch]) -> int:
        """What a triggered touch adds at most: an ask its price, a give less; the latter only if all who are asked got it."""
        gives = self.kinds[0].holds(step.fields)
        worth = self.price if self.asks(step) else 0
        worth -= self.give if gives and not (self.asks(step) and self.before) else 0
        if worth >= 0:
            return worth
        return worth if step.model.lasts is None and not step.stops_on and self._got_by_all(step, asking) else 0

    def _got_by_all(self, step: TriggeredTouch, asking: Sequence[TriggeredTouch]) -> bool:
        """Whether a triggered touch has come before every ask of its campaign to whoever gets that ask."""
        same = all(s.audience == step.audience for s in asking) and self.evaluation.never_changes(step.audience)
        alike = (step.audience == EVERYONE or same) and self.evaluation.never_changes(self.rule.group)
        waits = step.campaign.model.send_in is not None and (self.before or self.params.per is not None)
        return alike and not waits and all(s is step or _earlier(step, s) for s in asking)

    def found(self) -> Iterator[AskedTooMuch]:
        """For each ask still to come somebody for whom it goes too far."""
        for side in self.sides():
            for touch in side.asks:
                if side.draft in (None, touch.campaign) and self.asking.judged(touch):
                    with self.asking.guarded(touch):
                        ways = (self._at(*moved) for moved in self._moments(side, touch))
                        one = self.asking.taken(first_found(ways), touch)
                        if one is not None:
                            yield one
            for schedule in side.schedules:
                if side.draft in (None, schedule.name):
                    with self.asking.guarded(schedule.steps[0]):
                        yield from self._triggered(side, schedule)

    def _moments(self, side: Side, touch: Send) -> Iterator[tuple[Side, Send]]:
        """The ask as it comes; one that lasts at each moment of it from which on more was asked or less was given."""
        yield side, touch
        if touch.model.lasts is None:
            return
        marks = {t.at for t in side.asks}
        if self.params.per is not None:
            marks |= {leaves_at(t.at, self.params.per, self.clock) for t in side.gives}
        if any(map(tells_days_apart, (self.rule.group, *(t.audience for t in side.touches)))):
            marks |= {midnight(day, self.plan.timezone) for day in _days_of(touch)}
        for at in sorted(mark for mark in marks if touch.at < mark <= touch.arrives):
            moved = self.evaluation.at_moment(touch, at)
            yield side.with_moved(touch, moved), moved

    # --- triggered asks ----------------------------------------------------------------------------------------------

    def _triggered(self, side: Side, schedule: TriggerSchedule) -> Iterator[AskedTooMuch]:
        """One send in each stretch of time in which the window before it holds the same. Raises TooManyTriggers."""
        for touch in filter(self.asking.judged, self._sends(side, schedule)):
            step = self.evaluation.triggered_touch_of(touch)
            answer = decided(lambda touch=touch: self._at(side, touch))  # type: ignore[misc]
            one = self.asking.taken(answer, step)
            if one is not None:
                yield one
                return

    def _sends(self, side: Side, schedule: TriggerSchedule) -> Iterator[Send]:
        """Of each stretch an early send, which reads better, and the last one, before which most can have come."""
        for step in filter(self.asks, schedule.steps):
            alone = TriggerSchedule((step,), (1,), self.plan)
            for start, end in self._stretches(side, step):
                waits = step.campaign.model.send_in is not None and len(side.steps) > 1
                sends = edge_sends(step, self.plan, start)
                triggers = [touch.trigger for touch in islice(sends, MAX_CUTS if waits else 2) if touch.at < end]
                window = Window(start, True, end - TICK)
                triggers += alone.days(window) if alone.during_day else [alone.latest(step, window)]
                for trigger in dict.fromkeys(triggers):
                    at = send_at(step, trigger, self.plan) if trigger is not None else None
                    if trigger is not None and at is not None and start <= at < end:
                        yield sent_at(step, trigger, at, self.plan)

    def _stretches(self, side: Side, step: TriggeredTouch) -> Iterator[tuple[datetime, datetime]]:
        cuts = {step.first, step.ends + TICK, self.evaluation.today}
        cuts |= {midnight(day, self.plan.timezone) for day in self.rule.turns}
        for touch in side.touches:
            cuts |= {touch.at, touch.at + TICK}
            if self.params.per is not None:
                cuts.add(leaves_at(touch.at, self.params.per, self.clock))
        told = [step.audience, self.rule.group, *self.plan.customers.facts, *(t.audience for t in side.touches)]
        cuts |= turns_of(step, self.evaluation, told)
        day = step.first.date()
        while any(map(tells_days_apart, told)) and day <= step.ends.date() and len(cuts) <= MAX_CUTS:
            cuts.add(midnight(day, self.plan.timezone))
            day += timedelta(days=1)
        ordered = sorted(at for at in cuts if step.first <= at <= step.ends + TICK)
        if len(ordered) > MAX_CUTS:
            raise TooManyTriggers
        yield from pairwise(ordered)

    def _bound(self, schedules: Sequence[TriggerSchedule], window: Window) -> tuple[float, tuple[EventAt, ...]]:
        """How much triggered asks can weigh in a window at most, and the events that bring them about."""
        most: float = 0
        events: list[EventAt] = []
        for schedule in schedules:
            bound = self.evaluation.bound(schedule, window)
            most += bound.most
            if schedule.trigger.event is not None:
                events += [(at, schedule.trigger.event) for at in bound.triggers]
        return most, tuple(sorted(events))

    # --- one ask -----------------------------------------------------------------------------------------------------

    def _at(self, side: Side, touch: Send) -> Result[AskedTooMuch]:
        """Somebody who gets this ask, and too little before it. Raises whatever is undecidable.

        Nobody is proved first where what is sure is given and everything that may be asked is; then where each trigger
        that asks also gives. Else concrete triggers, and events that stop what can be stopped, are tried.
        """
        asks, gives = self._dated(side, touch)
        triggered = touch.trigger is not None
        unclear = any(t is not touch and t.model.lasts is not None for t in side.asks)
        unclear |= triggered and touch.model.lasts is not None
        _, own = self._brought_by(side, touch, ()) if triggered else ([], [])
        sure = [t for t in gives if not self._stoppable(t, touch)]
        window = self._window(touch, side)
        most, events = self._bound(side.schedules, window)
        unlimited, price = most == inf, self.price * touch.weight
        if not unlimited:
            mine = [t for t in own if not self._stoppable(t, touch)]
            others = max(int(most) - (price if triggered else 0), 0)
            answer = self._find(touch, asks, [*sure, *mine], price + others, ())
            if not isinstance(answer, Found):
                return _when_it_comes() if unclear and self.params.per is not None else answer
        net, _ = self._bound(side.nets, window)
        if net != inf:
            answer = self._find(touch, asks, sure, (0 if triggered else price) + int(net), ())
            if not isinstance(answer, Found):
                return _when_it_comes() if unclear and self.params.per is not None else answer
        for lived in dict.fromkeys(((), events, *ways_to_stop((*gives, *own), self.evaluation))):
            more_asks, more_gives = self._brought_by(side, touch, lived)
            extra = sum(1 for t in more_asks if not is_same_send(t, touch))
            weight = self.price * (touch.weight + extra)
            given_then = [t for t in gives if not stopped(t, lived)] + more_gives
            answer = self._find(touch, asks, given_then, weight, lived)
            if isinstance(answer, Found) and (found := self._replayed(side, touch, answer.value)):
                return Found(found)
        if unlimited:
            return Undecided(how_often(next((r.trigger.event for r in side.schedules if r.unlimited), None)))
        if any(self._stoppable(t, touch) for t in (*gives, *own)):
            return Undecided(may_be_stopped())
        if events:
            return Undecided(
                say("how many triggered asks can come together could not be settled", "无法确定触发式请求会叠加多少次")
            )
        return Undecided(not_replayed())

    def _dated(self, side: Side, touch: Send) -> tuple[list[Send], list[Send]]:
        """The other dated asks up to a touch, and the gives before it, in the window that ends there."""
        window = window_ending(touch.at, self.params.per, self.clock) if self.params.per is not None else None
        begins = bisect_left if window is not None and window.closed else bisect_right
        found = []
        for touches in (side.asks, side.gives):
            low = begins(touches, window.start, key=AT) if window is not None else 0
            found.append(touches[low : bisect_right(touches, touch.at, key=AT)])
        asks = [t for t in found[0] if t is not touch and t.order <= touch.order]
        return asks, [t for t in found[1] if given(t, touch, self.before)]

    def _stoppable(self, give: Send, ask: Send) -> bool:
        """Whether an event can stop a give for somebody who gets the ask; kept, for the same is asked of many asks."""
        if not receipt(give, self.evaluation).script.bars:
            return False
        key = (give.stops_on, give.at, id(ask.audience))
        if key not in self.stops:
            conditions = [ask.audience, self.rule.group, *on_that_clock(self.clock, self.rule)]
            self.stops[key] = stoppable_for(give, conditions, self.evaluation)
        return self.stops[key]

    def _brought_by(self, side: Side, touch: Send, lived: Sequence[EventAt]) -> tuple[list[Send], list[Send]]:
        """The triggered asks and gives of the window that these events bring, with the one that brings the ask itself.

        Without other events it is what the same trigger of the same campaign brings before it.
        """
        events = set(lived)
        dates: tuple[datetime, ...] = ()
        own = None if touch.trigger is None else self.evaluation.triggered_touch_of(touch)
        if own is not None and touch.trigger is not None:
            name = trigger_of(own).event
            events |= {(touch.trigger, name)} if name is not None else set()
            dates = (touch.trigger,) if name is None else ()
        found: list[Send] = []
        for name, mine in groupby(side.steps, key=lambda s: s.name):
            listed = list(mine)
            is_own = own is not None and name == own.name
            if is_own or (lived and trigger_of(listed[0]).event is not None):
                found += expand_trigger(sorted(events), dates if is_own else (), listed, self.plan)
        return asks_and_gives(touch, found, self.kinds, self.params.per, self.clock, self.before)

    def _window(self, touch: Send, side: Side) -> Window:
        if self.params.per is not None:
            return window_ending(touch.at, self.params.per, self.clock)
        first = min([touch.at, *(s.first for r in side.schedules for s in r.steps)])
        return Window(first - timedelta(days=1), True, touch.at)

    def _find(
        self,
        touch: Send,
        asks: Sequence[Send],
        gives: Sequence[Send],
        weight: int,
        lived: Sequence[EventAt],
    ) -> Result[Customer]:
        """Somebody who gets ``touch`` and whose asks, ``weight`` beside the dated ones, outweigh what they are given."""
        conditions = [self.rule.group, *on_that_clock(self.clock, self.rule)]
        serving, allowed = self._weighed(asks, gives, conditions)
        allowed += weight - 1
        if allowed < 0:
            return NOBODY
        key = (touch.audience, allowed, frozenset((weight, whom) for weight, _, whom in serving))
        steady = not lived and touch.trigger is None and not self.plan.customers.facts
        steady = steady and all(
            self.evaluation.never_changes(c) for c in (touch.audience, *conditions, *(c for *_, c in serving))
        )
        if steady and key in self.proved:
            return NOBODY
        needs = receipt(touch, self.evaluation)
        asked: list[ConditionsAt] = [(touch.at, [touch.audience, *conditions]), *needs.also]
        script = EventScript(tuple(lived)).together(needs.script)
        answer = somebody(self.evaluation, asked, script, serving, allowed, budget=self.budget)
        if isinstance(answer, Nobody) and steady:
            self.proved.add(key)
        return answer

    def _weighed(
        self, asks: Sequence[Send], gives: Sequence[Send], conditions: Sequence[Condition]
    ) -> tuple[list[Served], int]:
        """What weighs against somebody's asks, gives that they get and asks that they miss, and how much there is in all.

        Gives and asks for the same customers are taken together: they get both or miss both.
        """
        totals: dict[tuple[int, datetime | None], tuple[Send, list[int]]] = {}
        steady_group = self.evaluation.never_changes(self.rule.group)
        for touches, which in ((gives, 0), (asks, 1)):
            for t in touches:
                key = (id(t.audience), None if steady_group and self.evaluation.never_changes(t.audience) else t.at)
                _, weights = totals.setdefault(key, (t, [0, 0]))
                weights[which] += t.weight * (self.price if which else self.give)
        serving: list[Served] = []
        for t, (got_weight, missed_weight) in totals.values():
            whole = All((t.audience, *conditions))
            if got_weight > missed_weight:
                serving.append((got_weight - missed_weight, t.at, whole))
            elif missed_weight > got_weight:
                serving.append((missed_weight - got_weight, t.at, Not(whole)))
        return serving, sum(missed - min(got_weight, missed) for _, (got_weight, missed) in totals.values())

    def _replayed(self, side: Side, touch: Send, customer: Customer) -> AskedTooMuch | None:
        """What the reference evaluator, too, finds to be too much."""
        plan = self.plan
        mine = [
            t
            for t in received_dated(customer, side.touches, plan.customers, plan.timezone)
            if self.asks(t) or self._sure(t)
        ]
        mine += received_triggered(customer, side.steps, plan)
        mine = [t for t in mine if is_admitted(self.rule.group, customer, t.at, self.evaluation)]
        last = next((t for t in mine if is_same_send(t, touch)), None)
        if last is None or not can_be(customer, [t.at for t in mine], self.evaluation):
            return None
        if clock_of(customer, self.rule, touch.at) != self.clock:
            return None
        rule = (self.kinds, self.params.gives_per_ask, self.params.per, self.clock, self.before)
        if not asked_too_much(last, mine, *rule):
            return None
        asks, gives = asks_and_gives(last, mine, self.kinds, self.params.per, self.clock, self.before)
        _, there = asks_and_gives(last, side.touches, self.kinds, self.params.per, self.clock, self.before)
        missed = tuple(t for t in there if t not in gives and self._sure(t))
        return AskedTooMuch(last, customer, tuple(asks), tuple(gives), missed, self.clock)


def _when_it_comes() -> Undecided:
    return Undecided(say("an ask that lasts comes at a time that is not known", "持续一段时间的请求何时到达并不确定"))


def _days_of(touch: Send) -> Iterator[date]:
    """The days on which it goes on after the one on which it begins."""
    day = touch.day + timedelta(days=1)
    while day <= touch.arrives.date() + timedelta(days=1):
        yield day
        day += timedelta(days=1)
