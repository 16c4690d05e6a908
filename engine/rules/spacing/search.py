"""``spacing``: none of B within D after a different A, or after an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from ...clocks import TICK, midnight, shift
from ...hours import last_open
from ...kit.asking import Asking
from ...kit.attribution import later_of
from ...kit.findings import how_often
from ...kit.receiving import ConditionsAt, receipt, somebody
from ...kit.replay import at_its_hour, can_be, clock_of, is_admitted, is_reached_at, not_replayed
from ...kit.telling_sends import telling_sends
from ...plan.conditions import EVERYONE, Condition
from ...policy.matches import EVERY_TOUCH
from ...reference import Customer, expand_trigger, too_soon
from ...scalars import Hours
from ...search.model import EventAt, EventScript, SearchContext
from ...sends.sample_sends import edge_sends, placements, sends_at_openings, sends_by_trigger
from ...sends.set_off import event_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule
from ...undecidable import TooManyTriggers
from ...windows import Window
from .moments import Moments, last_moment, moments
from .params import Spacing

MAX_DAYS = 800
"""On how many days before one touch an event is tried."""


Both = tuple[Customer, str, Moments]


@dataclass(frozen=True, slots=True)
class Pair:
    """What comes too soon after what, and the touch at which it stands; ``first`` is a touch or an event at its instant."""

    at: Send
    first: Send | EventAt
    second: Send
    customer: Customer
    clock: str
    moments: Moments
    """When the first reaches the customer, or happens, and when the second does."""

    @property
    def touches(self) -> list[Send]:
        return [self.first, self.second] if isinstance(self.first, Send) else [self.second]


class Sides:
    """The touches that must wait, and those that they must wait after; events leave no touches to wait after."""

    def __init__(self, asking: Asking[Spacing]) -> None:
        before = asking.rule.matches.get("before", EVERY_TOUCH)
        after = asking.rule.matches.get("after", EVERY_TOUCH)
        events = asking.params.events
        self.second = [t for t in asking.sends if before.holds(t.fields)]
        self.second_steps = [s for s in asking.triggered if before.holds(s.fields)]
        self.first = [] if events else [t for t in asking.sends if after.holds(t.fields)]
        self.first_steps = [] if events else [s for s in asking.triggered if after.holds(s.fields)]
        self.longest = max((t.arrives - t.at for t in self.first), default=timedelta())


class SpacingSearch:
    """The search on one clock: dated pairs first, then pairs with an event or a triggered touch."""

    def __init__(self, asking: Asking[Spacing], sides: Sides, clock: str, on_clock: Condition) -> None:
        self.asking, self.rule, self.params = asking, asking.rule, asking.params
        self.evaluation, self.plan, self.sides = asking.evaluation, asking.plan, sides
        self.clock, self.on_clock = clock, on_clock
        dated = (*sides.first, *sides.second)
        conditions = [self.rule.group, on_clock, *(t.audience for t in dated)]
        self.context = self.evaluation.context(conditions, {t.day for t in dated})
        self.known: dict[object, Both | None] = {}

    def pairs(self) -> Iterator[Pair]:
        """Pairs that one customer gets."""
        for b in self.sides.second:
            if not at_its_hour(b, self.rule, self.clock):
                continue
            with self.asking.guarded(b):
                yield from self._dated(b)
            with self.asking.guarded(b):
                yield from self._after_events(b)
            for step in self.sides.first_steps:
                with self.asking.guarded(b):
                    yield from self._after_step(b, step)
        for step in self.sides.second_steps:
            with self.asking.guarded(step):
                yield from self._triggered(step)

    def _too_soon(self, a: Send, b: Send) -> bool:
        """Whether some instant at which ``b`` can reach the customer comes too soon after one at which ``a`` can."""
        return too_soon((a.at, a.arrives), (b.at, b.arrives), self.params.at_least, self.clock)

    def _back(self, at: datetime) -> datetime:
        return shift(at, self.params.at_least, -1, self.clock)

    # --- dated pairs -------------------------------------------------------------------------------------------------

    def _dated(self, b: Send) -> Iterator[Pair]:
        """The nearest pair for each touch at which one with ``b`` stands; with waivers, one that none covers."""
        standing: dict[int, Pair] = {}
        open_pairs: set[int] = set()
        earliest = self._back(b.at) - self.sides.longest - timedelta(days=4)
        for a in reversed(self.sides.first):
            if a.at > b.arrives or a is b:
                continue
            if a.at < earliest:
                break
            if not self._too_soon(a, b) or not at_its_hour(a, self.rule, self.clock):
                continue
            at = self._stands(a, b)
            if at is None or id(at) in open_pairs:
                continue
            both = self._both(a, b)
            if both is None:
                continue
            pair = Pair(at, a, b, *both)
            if not self.asking.waivers.cover(pair.touches):
                open_pairs.add(id(at))
                standing[id(at)] = pair
            standing.setdefault(id(at), pair)
        yield from standing.values()

    def _stands(self, a: Send, b: Send) -> Send | None:
        """The touch at which the pair stands, if it is reported: drafts before planned, planned ones before the rest."""
        if not self.rule.in_effect(b.day):
            return None
        drafts = {t.campaign for t in (a, b) if t.status == "draft"}
        return later_of(a, b, self.evaluation) if len(drafts) < 2 else None

    def _both(self, a: Send, b: Send) -> Both | None:
        """Who gets both too near to one another, on which clock and when."""
        lasts = (a.arrives, b.arrives)
        key = (id(a.audience), id(b.audience), a.at, b.at, *lasts, a.begins, b.begins, a.stops_on, b.stops_on)
        if key not in self.known:
            plain = a.model.lasts is None and b.model.lasts is None
            self.known[key] = self._somebody(b, a, (), self.context if plain else None)
        return self.known[key]

    def _somebody(
        self, b: Send, first: Send | EventAt, events: Sequence[EventAt], context: SearchContext | None = None
    ) -> Both | None:
        """The first moments at which somebody is reached by both, and who."""
        group = [self.rule.group, self.on_clock]
        for when in moments(first, b, group, self.params.at_least, self.clock, self.evaluation):
            customer = self._scene(b, first, when, events, context)
            if customer is not None:
                return customer, self.clock, when
        return None

    def _scene(
        self,
        b: Send,
        first: Send | EventAt,
        when: Moments,
        events: Sequence[EventAt],
        context: SearchContext | None = None,
    ) -> Customer | None:
        """A customer to whom these events happen and whom these touches reach then, of the group at the second."""
        a = first if isinstance(first, Send) else None
        asked: list[ConditionsAt] = [] if a is None else [(when[0], [a.audience, self.on_clock])]
        asked.append((when[1], [b.audience, self.on_clock, self.rule.group]))
        script = EventScript().with_events(events)
        for touch in (a, b):
            if touch is not None:
                needs = receipt(touch, self.evaluation)
                script = script.together(needs.script)
                asked += needs.also
        return self.asking.taken(somebody(self.evaluation, asked, script, context=context), b)

    # --- with events and triggered touches ---------------------------------------------------------------------------

    def _pair(self, at: Send, first: Send | EventAt, b: Send, events: Sequence[EventAt] = ()) -> Pair | None:
        """The pair, if a customer holds when replayed: an event for one campaign may be in the way of another."""
        more = events if isinstance(first, Send) else [*events, first]
        both = self._somebody(b, first, more)
        if both is None:
            return None
        pair = Pair(at, first, b, *both)
        if _replayed(self.asking, pair):
            return pair
        self.asking.doubt(not_replayed(), at)
        return None

    def _acts(self, b: Send) -> Iterator[EventAt]:
        """Instants before ``b`` at which an event comes too short a time before: its own trigger; the latest on each day."""
        script = receipt(b, self.evaluation).script
        yield from (act for act in script.possible if act[1] in self.params.events and self._event_too_soon(act[0], b))
        for name in self.params.events:
            event = self.plan.customers.events[name]
            stops = any(name in bar.events for bar in script.bars)
            alike = not stops and not event.sets and event.condition == EVERYONE and not self.plan.customers.facts
            for tried, instants in enumerate(self._late_instants(last_moment(b), event.model.hours)):
                soon = [at for at in instants if self._event_too_soon(at, b)]
                if not soon:
                    break
                if tried == MAX_DAYS:
                    raise TooManyTriggers
                yield from ((at, name) for at in (soon[:1] if alike else soon))
                if alike:
                    break

    def _late_instants(self, at: datetime, hours: Hours | None) -> Iterator[list[datetime]]:
        """Up to an instant, and for each day before it: the last whole minute of the hours, their last second, and a minute
        before these, for another event to come between.
        """
        while True:
            last = last_open(at, hours, self.plan.timezone, self.plan.calendar)
            if last is None:
                return
            whole = last.replace(second=0, microsecond=0)
            before = last_open(whole - timedelta(minutes=1), hours, self.plan.timezone, self.plan.calendar)
            yield [one for one in dict.fromkeys((whole, last, before)) if one is not None]
            at = midnight(self.evaluation.day_of(last), self.plan.timezone) - timedelta(seconds=1)

    def _event_too_soon(self, act: datetime, b: Send) -> bool:
        return too_soon((act, act), (b.at, last_moment(b)), self.params.at_least, self.clock)

    def _after_events(self, b: Send) -> Iterator[Pair]:
        if not self.asking.judged(b):
            return
        for act in self._acts(b):
            pair = self._pair(b, act, b)
            if pair is not None:
                yield pair
                return

    def _after_step(self, b: Send, step: TriggeredTouch) -> Iterator[Pair]:
        """A triggered touch too short a time before a dated one."""
        if step.status == "draft" and b.status == "draft":
            return
        sends = placements(step, Window(self._back(b.at), False, b.arrives), self.plan)
        yield from self._standing(((a, b, ()) for a in sends), set())

    def _standing(self, pairs: Iterable[tuple[Send, Send, Sequence[EventAt]]], stood: set[str]) -> Iterator[Pair]:
        """Those that are too soon, the first for each campaign at which one stands and that is not in ``stood``."""
        for a, b, events in pairs:
            at = self._stands(a, b)
            if at is None or at.campaign in stood or not self._too_soon(a, b):
                continue
            pair = self._pair(at, a, b, events)
            if pair is not None:
                stood.add(at.campaign)
                yield pair

    def _triggered(self, step: TriggeredTouch) -> Iterator[Pair]:
        """A triggered touch too short a time after a dated one, an event, another triggered one or itself."""
        yield from self._after_dated(step)
        yield from self._after_hours_of_others(step)
        whole = Window(max(step.first, self.evaluation.today), True, step.ends)
        stood: dict[str, Pair] = {}
        for b in chain(
            sends_at_openings(step, whole, self.plan),
            placements(step, whole, self.plan, 60),
            sends_by_trigger(step, self.plan, whole.start) if step.stops_on and self.params.events else (),
            telling_sends(step, self.evaluation, [self.rule.group], whole.start, self._hours_of_events()),
        ):
            for pair in list(self._after_events(b)) or self._after_triggered(b, step, stood):
                stood.setdefault(pair.at.campaign, pair)
            drafts = {s.name for s in self.sides.first_steps if s.status == "draft"}
            if step.name in stood and drafts <= set(stood):
                break
        yield from stood.values()

    def _hours_of_events(self) -> list[Hours]:
        """When the events can come after which the rule lets time pass."""
        hours = [self.plan.customers.events[name].model.hours for name in self.params.events]
        return [one for one in hours if one is not None]

    def _after_dated(self, step: TriggeredTouch) -> Iterator[Pair]:
        for a in self.sides.first:
            window = Window(a.at, True, shift(a.arrives, self.params.at_least, +1, self.clock) - TICK)
            if window.end < step.first or a.at > step.ends or not at_its_hour(a, self.rule, self.clock):
                continue
            if a.status == "draft" and step.status == "draft":
                continue
            yield from self._standing(((a, b, ()) for b in placements(step, window, self.plan)), set())

    def _after_hours_of_others(self, step: TriggeredTouch) -> Iterator[Pair]:
        """A triggered touch too short a time after one of another campaign that comes in certain hours only."""
        stood: set[str] = set()
        for other in self.sides.first_steps:
            event, model = event_of(other, self.plan), other.campaign.model
            hours = model.send_in is not None or (event is not None and event.model.hours is not None)
            if other.name == step.name or not hours or step.status == other.status == "draft":
                continue
            start = max(self.evaluation.today - timedelta(days=1), self._back(step.first))
            for a in edge_sends(other, self.plan, start):
                if a.at > step.ends or stood:
                    break
                window = Window(a.at, True, shift(a.arrives, self.params.at_least, +1, self.clock) - TICK)
                yield from self._standing(((a, b, ()) for b in placements(step, window, self.plan, 2)), stood)

    def _after_triggered(self, b: Send, step: TriggeredTouch, stood: Mapping[str, Pair]) -> Iterator[Pair]:
        for other in self.sides.first_steps:
            if other.name != step.name and step.status == other.status == "draft":
                continue
            others = self._others(b, step, other, Window(self._back(b.at), False, b.at))
            yield from islice(self._standing(((a, b, events) for a, events in others), set(stood)), 1)

    def _others(
        self, b: Send, step: TriggeredTouch, other: TriggeredTouch, window: Window
    ) -> Iterator[tuple[Send, tuple[EventAt, ...]]]:
        """Sends of another step in the window; of the same campaign, those of this trigger and of the ones before it."""
        if other.name != step.name:
            yield from ((a, ()) for a in placements(other, window, self.plan, 8))
            return
        schedule = TriggerSchedule((other,), (1,), self.plan)
        trigger = schedule.trigger
        assert b.trigger is not None  # noqa: S101
        instants = [b.trigger]
        if schedule.unlimited:
            if schedule.weight_in(b.trigger, window):
                self.asking.doubt(how_often(trigger.event), step)
        elif not schedule.once:
            instants += self._earlier(schedule, other, window, b.trigger)
            later = schedule.latest(other, window)
            instants += [later] if later is not None and later >= schedule.next_after(b.trigger) else []
        for at in dict.fromkeys(instants):
            events = ((at, trigger.event),) if trigger.event else ()
            dates = () if trigger.event else (at,)
            for a in expand_trigger(events, dates, [other], self.plan):
                if window.holds(a.at) and (a.index, a.trigger) != (b.index, b.trigger):
                    yield a, events

    def _earlier(
        self, schedule: TriggerSchedule, other: TriggeredTouch, window: Window, trigger: datetime
    ) -> Iterator[datetime]:
        """The last trigger that can come before one, and where a later one stops what an earlier one began, on each day."""
        until: datetime | None = schedule.before(trigger)
        for _ in range(MAX_DAYS):
            at = schedule.latest(other, window, until)
            if at is None:
                return
            yield at
            if not other.stops_on and (schedule.assumed is None or schedule.assumed[0] == 1):
                return
            until = midnight(self.evaluation.day_of(at), self.plan.timezone) - timedelta(seconds=1)


def _replayed(asking: Asking[Spacing], pair: Pair) -> bool:
    customer, first, (one, other) = pair.customer, pair.first, pair.moments
    evaluation = asking.evaluation
    clock = clock_of(customer, asking.rule, other)
    came = is_reached_at(customer, first, one, evaluation) if isinstance(first, Send) else first in customer.events
    return (
        came
        and can_be(customer, pair.moments, evaluation)
        and is_reached_at(customer, pair.second, other, evaluation)
        and is_admitted(asking.rule.group, customer, other, evaluation)
        and too_soon((one, one), (other, other), asking.params.at_least, clock)
    )
