"""What a rule kind is made of, and what the checks of all kinds share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache

from ..calendars import UnknownYear
from ..clocks import TICK, day_of, midnight
from ..messages import Message, say
from ..places import Place, Problem
from ..plan.conditions import EVERYONE, Condition, OnClock
from ..plan.plan import Plan
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..policy.waivers import Waiver
from ..reference import CLOCK, Customer, brought_about, got, impossible
from ..reference.offers import TooMuch
from ..search.customers import QUIET, Demand, Life, World, find_customer
from ..search.happenings import Happening, conditions_of_events
from ..search.steps import OutOfSteps, Steps
from ..space.boxes import Box, TooManyBoxes, intersection
from ..space.space import Space, space_for
from ..timeline import Step, Timeline, Touch, customer_zones, plan_days
from ..triggers import Reaction, TooManyTriggers, Wave, brings_about
from ..verdicts import Finding, Note, Spot, Witness, Witnessed
from ..windows import Window
from .witness import describe


@dataclass(frozen=True, slots=True)
class Page:
    """The documentation of a kind: what it does, why, and the same policy broken and kept, as cases that are run."""

    summary: Message
    why: Message
    meaning: Message
    policy: str
    breaks: str
    keeps: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A rule kind: its parameters, its documentation and its check."""

    name: str
    params: type[Rule]
    summary: Message
    page: Page
    check: Callable[[LinkedRule, Question], Outcome]
    allows: bool = False
    """Whether a waiver can say up to which measure it covers."""


@dataclass
class Outcome:
    """The findings and notes of one rule."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Why the rule cannot be asked at all."""


@dataclass
class Question:
    """One evaluation: the plan and what every rule asks of it."""

    plan: Plan
    line: Timeline
    as_of: date
    waivers: Sequence[Waiver]
    steps: int

    @cached_property
    def zones(self) -> tuple[str, ...]:
        return customer_zones(self.plan)

    @cached_property
    def instants(self) -> list[datetime]:
        return sorted({touch.at for touch in self.line.touches})

    @cached_property
    def days(self) -> list[date]:
        """The days on which the plan sends something, in order."""
        return sorted({self.day_of(at) for at in self.instants})

    @cached_property
    def period(self) -> tuple[date, date] | None:
        days = plan_days(self.plan, self.line)
        return (days[0], days[1]) if days else None

    @cached_property
    def begins(self) -> datetime | None:
        """Just before the first day of the plan."""
        days = [*(self.period or ()), *(touch.day for touch in self.line.touches[:1])]
        return midnight(min(days), self.plan.timezone) - TICK if days else None

    @cached_property
    def waves(self) -> dict[object, Wave]:
        """What triggered campaigns bring into windows, as far as some rule asked."""
        return {}

    def wave(self, reaction: Reaction, window: Window, until: datetime | None = None) -> Wave:
        """What a triggered campaign brings into a window, found once. Raises TooManyTriggers, ``UnknownYear``."""
        key = (tuple(step.place for step in reaction.steps), reaction.weights, window, until)
        if key not in self.waves:
            self.waves[key] = reaction.wave(window, until)
        return self.waves[key]

    @cached_property
    def day_of(self) -> Callable[[datetime], date]:
        timezone = self.plan.timezone

        @lru_cache(maxsize=200_000)
        def day(at: datetime) -> date:
            return day_of(at, timezone)

        return day

    def clocks(self, rule: LinkedRule) -> list[tuple[str, Condition]]:
        """The clocks of a rule, each with the condition on the customers whose clock it is."""
        if rule.clock != "customer":
            return [(rule.clock, EVERYONE)]
        return [(zone, OnClock(zone)) for zone in self.zones]

    def matching(self, rule: LinkedRule) -> list[Touch]:
        """The dated touches that the rule speaks of, in order."""
        held: dict[int, bool] = {}
        found = []
        for touch in self.line.touches:
            key = id(touch.fields)
            if key not in held:
                held[key] = rule.match.holds(touch.fields)
            if held[key]:
                found.append(touch)
        return found

    def matching_steps(self, rule: LinkedRule) -> list[Step]:
        """The touches of triggered campaigns that the rule speaks of."""
        return [step for step in self.line.steps if rule.match.holds(step.fields)]

    def world(self, conditions: Iterable[Condition], days: Iterable[date], events: Sequence[Happening] = ()) -> World:
        """The space of customers that these conditions, and those of the events, can tell apart on these days."""
        lived = {(self.day_of(at), name) for at, name in events}
        asked = {*days, *(self.day_of(at - tick) for at, _ in events for tick in (TICK, timedelta()))}
        if self.plan.customers.facts:
            asked |= {*self.days}
        told = conditions_of_events(self.plan.customers, conditions, lived)
        if self.begins is not None:
            asked.add(self.day_of(self.begins))
        space = space_for(self.plan.customers, told, asked, self.zones)
        return World(space, self.instants, self.plan.timezone, self.day_of, self.zones, self.begins)

    def late(self, touch: Touch) -> bool:
        """Whether the touch is still to come; what a ledger holds is not."""
        return touch.day >= self.as_of and touch.campaign not in self.ledgers

    @cached_property
    def ledgers(self) -> frozenset[str]:
        return frozenset(ledger.name for ledger in self.plan.ledgers)

    def waivers_of(self, rule: LinkedRule) -> list[tuple[int, Waiver]]:
        return [(i, waiver) for i, waiver in enumerate(self.waivers) if waiver.waive == rule.id]


def boxes_of(space: Space, conditions: Sequence[Condition], day: date) -> list[Box]:
    """Everyone who meets all the conditions on a day."""
    boxes: list[Box] = [{}]
    for condition in conditions:
        if condition != EVERYONE:
            boxes = intersection(boxes, space.of(condition, day))
    return boxes


def witness_of(
    question: Question,
    rule: LinkedRule,
    customer: Customer,
    touches: Sequence[Touch],
    asking: Sequence[Touch] | None = None,
    also: Sequence[Condition] = (),
) -> Witness:
    """The customer in words, saying only what the rule and the touches (or ``asking``) ask about."""
    told = touches if asking is None else asking
    hung = [brings_about(t, step_of(t, question), question.plan)[1] for t in told if t.trigger is not None]
    conditions = [rule.group, *also, *hung, *rule.conditions.values(), *(touch.audience for touch in told)]
    instants = [at for touch in told for at in (touch.trigger, touch.at) if at is not None]
    words = describe(customer, question.plan.customers, conditions, instants, question.plan.timezone)
    return Witness(customer, words, tuple(seen(touch) for touch in touches))


def seen(touch: Touch) -> Witnessed:
    return Witnessed(touch.campaign, touch.model.channel, touch.at, touch.local)


def gets(customer: Customer, touches: Sequence[Touch], question: Question) -> list[Touch]:
    """Those of the touches that the customer really gets, in order."""
    plan = question.plan
    dated = got(customer, [t for t in touches if t.trigger is None], plan.customers, plan.timezone)
    names = {t.campaign for t in touches if t.trigger is not None}
    steps = [step for step in question.line.steps if step.campaign.name in names]
    sends = Counter(_sent(t) for t in brought_about(customer, steps, plan))
    return [t for t in touches if t in dated or (t.trigger is not None and _takes(sends, _sent(t)))]


Sent = tuple[str, int, datetime, datetime | None]


def _sent(touch: Touch) -> Sent:
    return (touch.campaign, touch.step, touch.at, touch.trigger)


def _takes(sends: Counter[Sent], one: Sent) -> bool:
    """Whether there is one more such send; it is taken."""
    sends[one] -= 1
    return sends[one] >= 0


def base_finding(rule: LinkedRule, verdict: str, message: Message, spot: Spot) -> Finding:
    return Finding(rule.id, rule.kind, rule.params.severity, verdict, message, spot, because=rule.because)


def unproven(
    rule: LinkedRule, message: Message, missing: Message, place: Place | None = None, campaign: str | None = None
) -> Finding:
    """A verdict that could not be reached, with what is missing; it stands at the rule unless a place is given."""
    spot = Spot(place or rule.place.down("rule"), say("not proven", "未能证明"))
    finding = base_finding(rule, "unproven", message, spot)
    return replace(
        finding,
        campaign=campaign,
        group=None if campaign else rule.group_name,
        parties=(campaign,) if campaign else (),
        missing=missing,
    )


def nothing_matches(rule: LinkedRule) -> Note:
    return Note(
        "matches-nothing",
        "warning",
        say("the rule {rule} matches no touch of the plan", "规则 {rule} 没有匹配到计划中的任何触达", rule=rule.id),
        rule.place.down("match") if rule.params.match is not None else rule.place.down("rule"),
        say("check the words of match, or remove the rule", "请检查 match 中的用词，或删除该规则"),
    )


def numbered(n: int) -> Message:
    """``4th``, ``第 4 次``."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return say("{n}" + ending, "第 {n} 次", n=n)


def can_be(customer: Customer, instants: Iterable[datetime], question: Question) -> bool:
    """Whether there can be such a customer, at these instants and, where there are facts, over the whole plan."""
    plan = question.plan
    asked = {*instants, *(question.instants if plan.customers.facts else ())}
    return impossible(customer, plan.customers, asked, plan.timezone) is None


def at_its_hour(touch: Touch, rule: LinkedRule, clock: str) -> bool:
    """Whether a customer of this clock gets the touch at this hour; at the customer's own hour others get it at theirs."""
    return rule.clock != "customer" or touch.model.clock != "customer" or touch.zone == clock


def clock_of(customer: Customer, rule: LinkedRule, at: datetime) -> str:
    """The zone of the clock by which the rule judges this customer."""
    return str(customer.value(CLOCK, at)) if rule.clock == "customer" else rule.clock


def on_that_clock(clock: str, rule: LinkedRule) -> list[Condition]:
    """What a witness says of the customer's clock, where the rule counts on it."""
    return [OnClock(clock)] if rule.clock == "customer" else []


def waived(touches: Sequence[Touch], rule: LinkedRule, question: Question) -> bool:
    """Whether a waiver covers a set of touches: it names a campaign of the set, and its touches come up to the last day.

    Triggered touches have no day, so no waiver covers them.
    """
    return any(
        any(t.campaign == waiver.campaign for t in touches)
        and all(t.day <= waiver.until and t.trigger is None for t in touches if t.campaign == waiver.campaign)
        for _, waiver in question.waivers_of(rule)
    )


def covered_by(touches: Sequence[Touch], rule: LinkedRule, question: Question) -> tuple[int, ...]:
    """The waivers, by number, that together cover every one of these touches of one campaign; or none."""
    if not all(waived([touch], rule, question) for touch in touches):
        return ()
    return tuple(i for i, w in question.waivers_of(rule) if any(t.campaign == w.campaign for t in touches))


def how_often(event: str | None) -> Message:
    return say(
        "nothing says how often {event} can come: add again_after to the trigger, or assume to the event",
        "没有写明 {event} 多久会发生一次；请在 trigger 中写 again_after，或在该事件中写 assume",
        event=event,
    )


def no_year(unknown: UnknownYear) -> Message:
    return say(
        "the calendar {name} has no announced days for {year}",
        "日历 {name} 没有 {year} 年已公布的安排",
        name=unknown.name,
        year=unknown.year,
    )


def too_many_alternatives() -> Message:
    return say("the audiences have too many alternatives to look at", "受众条件的组合过多，无法逐一核对")


STUCK = (OutOfSteps, TooManyBoxes, TooManyTriggers, UnknownYear, TooMuch)
"""What can end a search without an answer; ``stuck`` says it."""


def stuck(why: Exception) -> Message:
    if isinstance(why, UnknownYear):
        return no_year(why)
    if isinstance(why, TooMuch):
        return why.message
    if isinstance(why, TooManyBoxes):
        return too_many_alternatives()
    if isinstance(why, TooManyTriggers):
        return say("more triggers fit in than are looked at", "可容纳的触发次数过多")
    return say("the search did not end within its budget", "搜索在预算内未能完成")


def not_replayed() -> Message:
    return say("a customer was found but did not hold when replayed", "找到的客户在复核时不成立")


def stands_at(touches: Sequence[Touch], question: Question) -> Touch | None:
    """The touch at which a set stands, if it is reported: a draft's; the latest planned one to come; else the last.

    A triggered touch has no time of its own: a set stands at one only if it has no planned dated touch to come, and then
    at that of the last campaign by name.
    """
    ordered = sorted(touches, key=lambda t: t.order)
    drafts = [t for t in ordered if t.status == "draft"]
    if drafts:
        return next((t for t in reversed(drafts) if question.late(t)), None)
    planned = [t for t in ordered if t.status == "planned" and question.late(t)]
    dated = [t for t in planned if t.trigger is None]
    triggered = [t for t in planned or ordered if t.trigger is not None and question.late(t)]
    if dated:
        return dated[-1]
    last = max(triggered, key=lambda t: t.campaign) if triggered else ordered[-1]
    return last if question.late(last) else None


def step_of(touch: Touch, question: Question) -> Step:
    """The step that a triggered touch is a send of."""
    return next(s for s in question.line.steps if s.campaign.name == touch.campaign and s.step == touch.step)


def who_gets(
    touch: Touch, rule: LinkedRule, question: Question, conditions: Sequence[Condition], life: Life = QUIET
) -> tuple[Customer | None, list[Message]]:
    """Somebody of the rule's group who gets a touch and meets the conditions then; or what is in doubt.

    Raises OutOfSteps, TooManyBoxes.
    """
    asked = [touch.audience, rule.group, *conditions]
    demanded, events = [(touch.at, touch.day, asked)], life.events
    if touch.trigger is not None:
        brought, test = brings_about(touch, step_of(touch, question), question.plan)
        demanded.append((touch.trigger, question.day_of(touch.trigger), [test]))
        events = (*events, *brought)
    told = [condition for _, _, listed in demanded for condition in listed]
    world = question.world(told, {day for _, day, _ in demanded}, events)
    demands = [Demand(at, day, boxes_of(world.space, listed, day)) for at, day, listed in demanded]
    if not all(demand.boxes for demand in demands):
        return None, []
    steps = fresh_steps(question)
    customer = find_customer(world, demands, steps, life=replace(life, events=events))
    if customer is None:
        return None, steps.doubts
    if can_be(customer, [touch.at], question) and gets(customer, [touch], question):
        return customer, []
    return None, [not_replayed()]


def fresh_steps(question: Question) -> Steps:
    return Steps(question.steps)
