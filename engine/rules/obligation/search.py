"""Who is left without what is owed after an event: in customer, time and channel together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from itertools import groupby
from math import inf

from ...clocks import midnight, shift, turns
from ...hours import edges_of_day, is_open
from ...messages import Message, say
from ...plan.conditions import EVERYONE, Condition, OnClock, tells_days_apart
from ...plan.plan import DAY, Plan, PlannedService
from ...policy.linked import LinkedRule
from ...policy.matches import TouchMatch
from ...reference import Customer, admits, set_off, stopped
from ...reference.obligations import Owed, reacts_to, services_of, touches_of, unanswered
from ...scalars import Duration
from ...search.model import Demand, Happening, Life, Still
from ...services import acts_by, service_fields
from ...space.boxes import Box
from ...timeline import Step, Touch
from ...triggers import sent_at
from ..common import Question, boxes_of, can_be, find_customer, fresh_steps, gets, not_replayed, step_of
from .params import Obligation
from .reactors import (
    SECOND,
    Reactor,
    Segment,
    Stretch,
    certain,
    dated_reactor,
    days_between,
    edges,
    segments,
    service_reactor,
    step_reactor,
    stretches,
)
from .scenarios import scenarios

MOST_TRIES = 6
"""How many instants are tried for segments that are alike where the first could not be settled."""
SAMPLE_YEAR = (date(2026, 1, 1), date(2026, 12, 31))
"""The days that a plan without any date is judged by."""


@dataclass(frozen=True, slots=True)
class Left:
    """A customer who is left without what is owed after an event."""

    customer: Customer
    event: Happening
    case: Case

    @property
    def start(self) -> datetime:
        return self.case.starts(self.event[0]) or self.event[0]

    @property
    def deadline(self) -> datetime:
        return self.case.owed.deadline(self.start)


Asked = tuple[datetime, Sequence[Condition]]
"""What must be so of the customer at an instant."""


@dataclass(frozen=True, eq=False)
class Case:
    """What is judged together: an event and what may answer it, for the customers of one clock."""

    event: str
    channel: str | None
    owed: Owed
    number: int
    reactors: tuple[Reactor, ...]
    clock: str
    asked: tuple[Asked, ...] = ()
    """What else is so of the customer, at other instants."""
    before: tuple[Happening, ...] = ()
    """What else he does."""
    only: str | None = None
    """The one service that answers, whatever it says it reacts to."""
    because_of: Touch | None = None
    starts: Callable[[datetime], datetime | None] = lambda at: at
    """From when the time counts for an event at an instant: the event itself, or a promise that it sets off."""
    cuts: frozenset[datetime] = frozenset()
    """Where the way from an event to its start can change its course."""
    promising: Step | None = None
    """The triggered touch that makes the promise."""
    drafts: frozenset[str] = frozenset()
    """The draft that is judged, whose own touches count."""

    @property
    def pace(self) -> object:
        """What decides when something is in time for it: cases that agree in it are alike in that."""
        return (self.event, self.owed, self.promising and id(self.promising))

    @property
    def do(self) -> TouchMatch:
        return self.owed.do[self.number]


class Searching:
    """One rule: the time it speaks of, and the search for somebody left out."""

    def __init__(self, rule: LinkedRule, question: Question) -> None:
        assert isinstance(rule.params, Obligation)  # noqa: S101
        self.rule, self.question, self.params = rule, question, rule.params
        self.plan: Plan = question.plan
        self.doubts: dict[str | None, Message] = {}
        """Why something is not settled: for a campaign, or (None) for the rule."""
        self.about: str | None = None
        self.found: dict[object, list[Stretch]] = {}
        self.after_period: dict[str | None, bool] = {}
        """Campaigns of which something falls due after the period, and whether anything else of them was judged."""
        self.last_day = max((w.until for _, w in question.waivers_of(rule) if w.group == rule.group_name), default=None)

    def owed(self, clock: str, do: Sequence[TouchMatch]) -> Owed:
        within = self.params.within or Duration(0, "s")
        return Owed(tuple(do), within, self.params.per, clock, self.rule.calendar, frozenset(self.params.unless))

    # --- the time ----------------------------------------------------------------------------------------------------

    @cached_property
    def period(self) -> tuple[date, date]:
        return self.question.period or SAMPLE_YEAR

    @cached_property
    def as_of(self) -> date:
        """From when on a deadline is still to come; a plan without dates has no past."""
        return self.question.as_of if self.question.period else date.min

    @cached_property
    def starting(self) -> datetime:
        return midnight(self.period[0], self.plan.timezone)

    @cached_property
    def ending(self) -> datetime:
        """Just after the last day of the period."""
        return midnight(self.period[1] + timedelta(days=1), self.plan.timezone)

    def judged(self, case: Case) -> list[Stretch]:
        """When events count: whose answer is due in the period and still to come, in their hours and the rule's.

        Raises ``UnknownYear``.
        """
        return self._once(("judged", case.pace), partial(self._judged, case))

    def _judged(self, case: Case) -> list[Stretch]:
        owed, event = case.owed, self.plan.customers.events[case.event]
        first, end = self.starting, self.ending
        due = midnight(self.as_of, self.plan.timezone) if self.as_of > self.period[0] else first
        hours, event_hours = self.params.hours, event.model.hours
        cuts = {*case.cuts, first, end, shift(end, owed.within, -1, owed.clock, owed.calendar)}
        cuts.add(shift(due, owed.within, -1, owed.clock, owed.calendar))
        for day in days_between(first, end, owed.clock):
            cuts |= edges_of_day(day, hours, owed.clock)
        for day in days_between(first, end, self.plan.timezone):
            cuts |= edges_of_day(day, event_hours, self.plan.timezone)

        def counts(at: datetime) -> bool:
            start = case.starts(at)
            return (
                start is not None
                and due <= owed.deadline(start) < end
                and self.rule.binds(self.question.day_of(at))
                and (hours is None or is_open(at, hours, owed.clock, owed.calendar))
                and (event_hours is None or is_open(at, event_hours, self.plan.timezone, self.plan.calendar))
            )

        return stretches(counts, cuts, first, end)

    def falls_due(self) -> bool:
        """Whether any answer can fall due inside the period and on or after as-of, whatever the hours are."""
        owed = self.owed(self.plan.timezone, ())
        due = max(self.starting, midnight(self.as_of, self.plan.timezone) if self.question.period else self.starting)
        return owed.deadline(self.starting) < self.ending and due < self.ending

    def days_matter(self, case: Case) -> bool:
        """Whether one day differs from another for who is meant or who is served."""
        event = self.plan.customers.events[case.event]
        told = [self.rule.group, event.condition, *(r.audience for r in case.reactors), *self.plan.customers.facts]
        told += [case.promising.audience] if case.promising is not None else []
        return any(map(tells_days_apart, told)) or DAY in event.sets.values()

    def segments(self, case: Case, since: datetime | None = None) -> list[Segment]:
        """The stretches in which the same things answer in time. Raises ``UnknownYear``."""
        within = self.judged(case)
        if not within:
            return []
        first, end = within[0][0], within[-1][1]
        cuts = self._midnights(case, first, end) if self.days_matter(case) else set()
        cuts |= self._meetings(case, first, end)
        turning = self._turning(case, first, end)
        timely = [
            self._once((case.pace, reactor.pace), partial(self._in_time, case, reactor, turning, first, end))
            for reactor in case.reactors
        ]
        if since is not None:
            within = [(max(start, since), end) for start, end in within if end > since]
        if self.last_day is not None:
            cuts.add(midnight(self.last_day + timedelta(days=1), self.plan.timezone))
        return list(segments(timely, within, cuts))

    def _once(self, key: object, find: Callable[[], list[Stretch]]) -> list[Stretch]:
        """What is found once for everything that keeps the same pace."""
        if key not in self.found:
            self.found[key] = find()
        return self.found[key]

    def _in_time(
        self, case: Case, reactor: Reactor, turning: set[datetime], first: datetime, end: datetime
    ) -> list[Stretch]:
        """When what happens is answered in time by one reactor, and by all that keep its pace."""
        own = edges(reactor, case.owed, first, end, self.plan) | turning | case.cuts

        def in_time(at: datetime) -> bool:
            start = case.starts(at)
            return start is not None and reactor.answers(at, start, case.owed)

        return stretches(in_time, own, first, end)

    def _turning(self, case: Case, first: datetime, end: datetime) -> set[datetime]:
        """Where a deadline, or what counts as once in so long, may jump."""
        owed = case.owed
        found = turns(owed.within, first, end, owed.clock, owed.calendar)
        if owed.per is not None:
            found |= turns(owed.per.duration or Duration(1, "d"), first, end, owed.clock)
        return found

    def _meetings(self, case: Case, first: datetime, end: datetime) -> set[datetime]:
        """Where an event meets another instant of its case, or a send stops waiting: before, at and after are apart."""
        instants = {at for at, _ in case.asked}
        instants |= {r.thing.at for r in case.reactors if isinstance(r.thing, Touch)}
        found = {at + apart for at in instants for apart in (timedelta(), SECOND)}
        for reactor in case.reactors:
            if isinstance(reactor.thing, Step):
                found |= edges(reactor, case.owed, first, end, self.plan)
        return found

    def _midnights(self, case: Case, first: datetime, end: datetime) -> set[datetime]:
        """Where a day begins, for the event and for the touches that it sets off."""
        days = [midnight(day, self.plan.timezone) for day in days_between(first, end, self.plan.timezone)]
        dated = [r.thing.at for r in case.reactors if isinstance(r.thing, Touch)]
        found = set(days)
        for reactor in case.reactors:
            if isinstance(reactor.thing, Step) and (after := reactor.thing.model.after) is not None:
                clock = reactor.thing.campaign.timezone
                found |= {shift(at, after, -1, clock) for at in (*days, *dated)}
        return found

    # --- the search --------------------------------------------------------------------------------------------------

    def left(self, case: Case, since: datetime | None = None) -> Iterator[Left]:
        """Somebody for each stretch in which somebody is left out, those that answer the same once. Raises OutOfSteps,

        TooManyBoxes, ``UnknownYear``.
        """
        tried: dict[object, int] = {}
        doubts: dict[object, Message] = {}
        dated = self.days_matter(case)
        for segment in self.segments(case, since):
            key = self._alike(case, segment, dated)
            if tried.get(key, 0) >= (MOST_TRIES if key in doubts else 1):
                continue
            for at in dict.fromkeys((segment.at, segment.end - SECOND)) if key in doubts else (segment.at,):
                tried[key] = tried.get(key, 0) + 1
                found = self._at(case, segment, at)
                if isinstance(found, Left):
                    doubts.pop(key, None)
                    tried[key] = MOST_TRIES
                    yield found
                    break
                if found is not None:
                    doubts[key] = found
        for doubt in doubts.values():
            self.doubt(doubt)

    def later(self) -> None:
        """Something falls due only after the period of the plan."""
        self.after_period.setdefault(self.about, False)

    def doubt(self, message: Message) -> None:
        self.doubts.setdefault(self.about, message)

    def _alike(self, case: Case, segment: Segment, dated: bool) -> object:
        """What decides who is left out: segments that agree in it are asked once."""
        at = segment.at
        day = self.question.day_of(at)
        start = case.starts(at) or at
        acts = []
        for i in sorted(i for i in segment.timely if not isinstance(case.reactors[i].thing, PlannedService)):
            reactor = case.reactors[i]
            act = reactor.at(at) or at
            sure = certain(reactor, at, case.owed, self.plan, case.promising)
            acts.append((i, sure, _sign(act, at), self.question.day_of(act) if dated else None))
        covered = self.last_day is not None and day <= self.last_day
        others = tuple(_sign(when, at) for when, _ in case.asked)
        return (segment.timely, tuple(acts), others, (day, self.question.day_of(start)) if dated else None, covered)

    def _at(self, case: Case, segment: Segment, at: datetime) -> Left | Message | None:
        """Somebody who is left out at an instant of a stretch; or why that could not be settled."""
        event = (at, case.event)
        timely = [case.reactors[i] for i in sorted(segment.timely)]
        sure = [r for r in timely if certain(r, at, case.owed, self.plan, case.promising)]
        uncertain = [r for r in timely if r not in sure]
        if any(r.audience == EVERYONE for r in sure):
            return None
        doubts: list[Message] = []
        customer = self.find(case, event, (), [self._serves(r, at) for r in sure], doubts)
        if customer is None:
            return doubts[0] if doubts else None
        for events in scenarios(event, uncertain, case.owed, self.plan):
            if uncertain:
                others = [other for other in events if other != event]
                customer = self.find(case, event, others, self._serving(case, event, events), [])
            if customer is not None and self.replayed(case, event, customer):
                return Left(customer, event, case)
        return forestalled() if uncertain else not_replayed()

    def _serves(self, reactor: Reactor, at: datetime) -> Asked:
        act = reactor.at(at) or at
        return reactor.read_at(at, act), [reactor.audience]

    def _serving(self, case: Case, event: Happening, events: Sequence[Happening]) -> list[Asked]:
        """Who is served by what, if exactly these events happen."""
        at = case.starts(event[0]) or event[0]
        found: list[Asked] = []
        things = [reactor.thing for reactor in case.reactors]
        for service in (thing for thing in things if isinstance(thing, PlannedService)):
            for when, name in events:
                if name != case.event:
                    continue
                act = acts_by(service, when, self.plan)
                if act is not None and case.owed.in_time(when, act, at):
                    found.append((when, [service.audience]))
        touches = [t for t in things if isinstance(t, Touch) and not stopped(t, events)]
        steps = sorted((t for t in things if isinstance(t, Step)), key=lambda s: (s.campaign.name, s.step))
        for _, mine in groupby(steps, key=lambda s: s.campaign.name):
            touches += set_off(events, (), list(mine), self.plan)
        found += [(t.at, [t.audience]) for t in touches if case.owed.in_time(t.at, t.arrives, at)]
        return found

    def find(
        self,
        case: Case,
        event: Happening,
        others: Iterable[Happening],
        serving: Sequence[Asked],
        doubts: list[Message],
    ) -> Customer | None:
        """Somebody of the group to whom the event happens and whom nothing of ``serving`` reaches."""
        events = tuple(sorted({*case.before, *others, event}))
        conditions = [self.rule.group, *self.clock_condition(case.clock)]
        conditions += [case.promising.audience] if case.promising is not None else []
        asked: list[Asked] = [*case.asked, (case.starts(event[0]) or event[0], conditions)]
        told = [condition for _, listed in (*asked, *serving) for condition in listed]
        world = self.question.world(told, {self.question.day_of(when) for when, _ in (*asked, *serving)}, events)

        def boxes(one: Asked) -> tuple[datetime, date, list[Box]]:
            day = self.question.day_of(one[0])
            return one[0], day, boxes_of(world.space, one[1], day)

        demands = [Demand(*boxes(one)) for one in asked]
        if not all(demand.boxes for demand in demands):
            return None
        still = Still(None, [(inf, one[0], boxes(one)[2]) for one in serving], 0)
        steps = fresh_steps(self.question)
        customer = find_customer(world, demands, steps, still, Life(events))
        doubts += steps.doubts if customer is None else []
        return customer

    def clock_condition(self, clock: str) -> list[Condition]:
        """On whose clock the rule counts, where that is the customer's own."""
        return [OnClock(clock)] if self.rule.clock == "customer" else []

    def replayed(self, case: Case, event: Happening, customer: Customer) -> bool:
        """Whether the reference evaluator, too, finds that the act does not follow."""
        plan, at = self.plan, case.starts(event[0]) or event[0]
        if case.owed.released(at, customer.events):
            return False
        if not can_be(customer, [at, *(when for when, _ in case.asked)], self.question):
            return False
        if event not in customer.events or not admits(self.rule.group, customer, at, plan.customers, plan.timezone):
            return False
        if case.because_of is not None and not gets(customer, [self.because(case, event)], self.question):
            return False
        if case.only is not None:
            acts = services_of(customer, plan, case.channel, case.only, case.event)
        else:
            acts = services_of(customer, plan, case.channel)
            acts += touches_of(customer, self.question.line, plan, case.drafts)
        return case.number in unanswered(at, acts, case.owed)

    def because(self, case: Case, event: Happening) -> Touch:
        """The touch that is replied to, or the promise that the event set off."""
        touch = case.because_of
        assert touch is not None  # noqa: S101
        start = case.starts(event[0])
        if touch.trigger is None or case.only is not None or start is None:
            return touch
        return sent_at(step_of(touch, self.question), event[0], start, self.plan)


def forestalled() -> Message:
    return say(
        "what answers can be stopped, or starts nothing again so soon, and it could not be settled whether that matters",
        "响应可能被中止，或因间隔过短而不再启动；无法确定这是否有影响",
    )


def reactors_to(
    event: str, channel: str | None, do: TouchMatch, question: Question, drafts: frozenset[str] = frozenset()
) -> tuple[Reactor, ...]:
    """Everything in the plan that may answer an event with such an act; drafts answer nothing but their own promises."""
    plan, line = question.plan, question.line
    found = [
        service_reactor(service, plan)
        for service in plan.services
        if reacts_to(service, event, channel, plan) and do.holds(service_fields(service, plan))
    ]
    found += [
        step_reactor(step, plan)
        for step in line.steps
        if step.campaign.model.trigger is not None
        and step.campaign.model.trigger.event == event
        and (step.campaign.model.status != "draft" or step.campaign.name in drafts)
        and do.holds(step.fields)
    ]
    return (*found, *map(dated_reactor, dated_acts(do, question, drafts)))


def dated_acts(do: TouchMatch, question: Question, drafts: frozenset[str] = frozenset()) -> list[Touch]:
    """The dated touches that are such an act; what a ledger only bounds may not have been sent."""
    bounded = {ledger.name for ledger in question.plan.ledgers if ledger.bounded}
    return [
        touch
        for touch in question.line.touches
        if (touch.status != "draft" or touch.campaign in drafts)
        and touch.campaign not in bounded
        and do.holds(touch.fields)
    ]


def channels_of(event: str, plan: Plan, only: Sequence[str] = ()) -> list[str | None]:
    """The channels that an event can come by, of ``only`` if given; None where it comes by none in particular."""
    declared = list(plan.customers.events[event].model.channels)
    return [name for name in declared if not only or name in only] if declared else [None]


def _sign(a: datetime, b: datetime) -> int:
    return (a > b) - (a < b)


def somebody(searching: Searching, case: Case) -> bool:
    """Whether the event happens to anybody of the group at all, in the time that is judged."""
    dated = searching.days_matter(case)
    seen: set[date] = set()
    for segment in searching.segments(replace(case, reactors=())):
        day = searching.question.day_of(segment.at)
        if day in seen:
            continue
        seen.add(day)
        if searching.find(case, (segment.at, case.event), (), [], []) is not None:
            return True
        if not dated:
            return False
    return False
