"""``spacing``: none of B within D after a different A, or after an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, ClassVar

from pydantic import Field, model_validator

from ..calendars import UnknownYear
from ..clocks import TICK, local, midnight, shift
from ..hours import last_open
from ..messages import Message, count, say
from ..models import Duration, Match, Text, refused
from ..plan.conditions import EVERYONE, Condition
from ..policy.linked import LinkedRule
from ..policy.matches import EVERY_TOUCH
from ..policy.policies import Rule
from ..reference import Customer, admits, set_off, too_soon
from ..scalars import BadValue
from ..search.customers import QUIET, Demand, Life, find_customer
from ..search.happenings import Happening
from ..search.steps import OutOfSteps
from ..space.boxes import TooManyBoxes, Union
from ..space.space import Space
from ..timeline import Step, Touch
from ..triggers import (
    Reaction,
    TooManyTriggers,
    brings_about,
    day_matters,
    placements,
    sends_at_openings,
    sends_by_trigger,
    trigger_of,
)
from ..verdicts import Finding, Spot
from ..windows import Window
from .common import (
    Kind,
    Outcome,
    Page,
    Question,
    at_its_hour,
    base_finding,
    boxes_of,
    can_be,
    clock_of,
    fresh_steps,
    gets,
    how_often,
    no_year,
    not_replayed,
    nothing_matches,
    on_that_clock,
    stands_at,
    step_of,
    too_many_alternatives,
    unproven,
    waived,
    witness_of,
)


class Spacing(Rule):
    """Parameters of ``spacing``. ``match`` holds for both sides; ``after`` and ``before`` narrow each of them."""

    MATCHES: ClassVar[tuple[str, ...]] = ("after", "before")
    EVENTS: ClassVar[tuple[tuple[str, ...], ...]] = (("after", "event"),)

    after: Match = None
    before: Match = None
    at_least: Duration
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _whole(self) -> Spacing:
        bad = None
        if isinstance(self.after, dict) and "event" in self.after and len(self.after) > 1:
            bad = BadValue(say("an event stands alone in after", "after 中写了 event 就不能再写其他键"))
        if self.at_least.unit == "workdays":
            bad = BadValue(say("spacing is not counted in working days", "间隔不能按工作日计算"))
        if bad is not None:
            raise refused(bad)
        return self

    @property
    def events(self) -> tuple[str, ...]:
        named = self.after.get("event") if isinstance(self.after, dict) else None
        return (named,) if isinstance(named, str) else tuple(named or ())


@dataclass(frozen=True, slots=True)
class Pair:
    """What comes too soon after what: ``first`` is a touch or an event at its instant."""

    first: Touch | Happening
    second: Touch
    customer: Customer
    clock: str

    @property
    def began(self) -> datetime:
        return self.first.at if isinstance(self.first, Touch) else self.first[0]

    @property
    def touches(self) -> list[Touch]:
        return [self.first, self.second] if isinstance(self.first, Touch) else [self.second]


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks of every touch that must wait whether somebody who gets it had the other too short a time before."""
    matching = question.matching(rule)
    steps = question.matching_steps(rule)
    before = rule.matches.get("before", EVERY_TOUCH)
    second = [t for t in matching if before.holds(t.fields)]
    second_steps = [s for s in steps if before.holds(s.fields)]
    if not second and not second_steps:
        return Outcome(notes=[nothing_matches(rule)])
    outcome = Outcome()
    search = _Spacing(rule, question, matching, steps)
    if not search.events and not search.first and not search.first_steps:
        outcome.notes.append(nothing_matches(rule))
    found: dict[str, list[tuple[Touch, Pair]]] = {}
    for clock, on_clock in question.clocks(rule):
        for at, pair in search.pairs(clock, on_clock, second, second_steps):
            found.setdefault(at.campaign, []).append((at, pair))
    outcome.findings += [_finding(rule, question, name, pairs) for name, pairs in sorted(found.items())]
    outcome.findings += [doubt for doubt in search.doubts.values() if doubt.campaign not in found]
    return outcome


def _not_proven() -> Message:
    return say("it is not proven that enough time lies between", "未能证明间隔足够")


class _Spacing:
    """The search of one rule: dated pairs first, then pairs with an event or a triggered touch."""

    def __init__(self, rule: LinkedRule, question: Question, matching: Sequence[Touch], steps: Sequence[Step]) -> None:
        self.rule, self.question, self.plan = rule, question, question.plan
        assert isinstance(rule.params, Spacing)  # noqa: S101
        self.params = rule.params
        self.events = self.params.events
        after = rule.matches.get("after", EVERY_TOUCH)
        self.first = [] if self.events else [t for t in matching if after.holds(t.fields)]
        self.first_steps = [] if self.events else [s for s in steps if after.holds(s.fields)]
        self.doubts: dict[str, Finding] = {}
        self.known: dict[Any, Customer | None] = {}

    def pairs(
        self, clock: str, on_clock: Condition, second: Sequence[Touch], second_steps: Sequence[Step]
    ) -> Iterator[tuple[Touch, Pair]]:
        """Pairs that one customer gets, each with the touch at which it stands."""
        self.clock, self.on_clock = clock, on_clock
        conditions = [self.rule.group, on_clock, *(t.audience for t in (*self.first, *second))]
        self.world = self.question.world(conditions, {t.day for t in (*self.first, *second)})
        for b in second:
            if not at_its_hour(b, self.rule, self.clock):
                continue
            yield from self._dated(b)
            yield from self._guarded(b.campaign, b.place, self._after_events(b))
            for step in self.first_steps:
                yield from self._guarded(b.campaign, b.place, self._after_step(b, step))
        for step in second_steps:
            yield from self._guarded(step.campaign.name, step.place, self._triggered(step))

    def _doubt(self, campaign: str, place: Any, missing: Message) -> None:
        self.doubts.setdefault(campaign, unproven(self.rule, _not_proven(), missing, place, campaign))

    def _guarded(self, campaign: str, place: Any, pairs: Iterator[tuple[Touch, Pair]]) -> Iterator[tuple[Touch, Pair]]:
        """At most one pair; what stands in the way of an answer is kept as a doubt."""
        try:
            yield from list(pairs)
        except UnknownYear as unknown:
            self._doubt(campaign, place, no_year(unknown))
        except TooManyTriggers:
            self._doubt(campaign, place, say("more triggers fit than are looked at", "可容纳的触发次数过多"))
        except (OutOfSteps, TooManyBoxes):
            self._doubt(campaign, place, too_many_alternatives())

    # --- dated pairs -------------------------------------------------------------------------------------------------

    def _dated(self, b: Touch) -> Iterator[tuple[Touch, Pair]]:
        """The nearest pair for each touch at which one with ``b`` stands; with waivers, one that none covers."""
        standing: dict[int, tuple[Touch, Pair]] = {}
        open_pairs: set[int] = set()
        earliest = shift(b.at, self.params.at_least, -1, self.clock) - timedelta(days=4)
        for a in reversed(self.first):
            if a.at > b.at or a is b:
                continue
            if a.at < earliest:
                break
            if not too_soon(a.at, b.at, self.params.at_least, self.clock) or not at_its_hour(a, self.rule, self.clock):
                continue
            at = self._stands(a, b)
            if at is None or id(at) in open_pairs:
                continue
            customer = self._both(a, b)
            if customer is None:
                continue
            pair = Pair(a, b, customer, self.clock)
            if not waived(pair.touches, self.rule, self.question):
                open_pairs.add(id(at))
                standing[id(at)] = (at, pair)
            standing.setdefault(id(at), (at, pair))
        yield from standing.values()

    def _stands(self, a: Touch, b: Touch) -> Touch | None:
        """The touch at which the pair stands, if it is reported: drafts before planned, planned ones before the rest."""
        if not self.rule.binds(b.day):
            return None
        drafts = {t.campaign for t in (a, b) if t.status == "draft"}
        return stands_at((a, b), self.question) if len(drafts) < 2 else None

    def _boxes(self, space: Space, touch: Touch, group: bool) -> Union:
        return boxes_of(space, [touch.audience, self.on_clock, *([self.rule.group] if group else [])], touch.day)

    def _both(self, a: Touch, b: Touch) -> Customer | None:
        space = self.world.space
        first, second = self._boxes(space, a, False), self._boxes(space, b, True)
        key = (id(a.audience), id(b.audience), a.at, b.at)
        if key not in self.known:
            self.known[key] = self._ask(b, [Demand(a.at, a.day, first), Demand(b.at, b.day, second)])
        return self.known[key]

    def _ask(self, b: Touch, demands: Sequence[Demand], life: Life = QUIET, world: Any = None) -> Customer | None:
        """A customer, or None; an answer that is not sure is kept as a doubt."""
        if not all(demand.boxes for demand in demands):
            return None
        steps = fresh_steps(self.question)
        try:
            customer = find_customer(world or self.world, demands, steps, life=life)
        except OutOfSteps:
            self._doubt(b.campaign, b.place, say("the search ended within its budget", "搜索在预算内未能完成"))
            return None
        if customer is None:
            for missing in steps.doubts:
                self._doubt(b.campaign, b.place, missing)
        return customer

    # --- with events and triggered touches ---------------------------------------------------------------------------

    def _scene(
        self, b: Touch, a: Touch | None, events: Sequence[Happening], also: Sequence[tuple[Touch, Condition]]
    ) -> Customer | None:
        """A customer who brings about these events and gets these touches."""
        touches = [b, *([a] if a else [])]
        conditions = [self.rule.group, self.on_clock, *(t.audience for t in touches), *(test for _, test in also)]
        days = {t.day for t in touches} | {self.question.day_of(t.trigger) for t, _ in also if t.trigger}
        world = self.question.world(conditions, days, events)
        demands = [Demand(b.at, b.day, self._boxes(world.space, b, True))]
        if a is not None:
            demands.append(Demand(a.at, a.day, self._boxes(world.space, a, False)))
        for touch, test in also:
            if test != EVERYONE and touch.trigger is not None:
                day = self.question.day_of(touch.trigger)
                demands.append(Demand(touch.trigger, day, world.space.of(test, day)))
        return self._ask(b, demands, Life(tuple(sorted(set(events)))), world)

    def _pair(self, first: Touch | Happening, b: Touch, customer: Customer | None) -> Pair | None:
        """The pair, if the customer holds when replayed: an event for one campaign may be in the way of another."""
        if customer is None:
            return None
        pair = Pair(first, b, customer, self.clock)
        if _replayed(self.rule, self.question, pair):
            return pair
        self._doubt(b.campaign, b.place, not_replayed())
        return None

    def _acts(self, b: Touch) -> Iterator[Happening]:
        """Instants before ``b``, the latest on each day, at which an event comes too short a time before."""
        own = self._event_of(b)
        if own is not None and too_soon(own[0], b.at, self.params.at_least, self.clock):
            yield own
        for name in self.events:
            event = self.plan.customers.events[name]
            alike = not event.sets and event.condition == EVERYONE and not self.plan.customers.facts
            at = b.at
            for _ in range(800):
                opened = last_open(at, event.model.hours, self.plan.timezone, self.plan.calendar)
                if opened is None or not too_soon(opened, b.at, self.params.at_least, self.clock):
                    break
                yield opened, name
                if alike:
                    break
                at = midnight(self.question.day_of(opened), self.plan.timezone) - timedelta(minutes=1)

    def _event_of(self, b: Touch) -> Happening | None:
        """The event that brings a triggered touch about, if the rule counts from it."""
        if b.trigger is None:
            return None
        event = trigger_of(step_of(b, self.question)).event
        return (b.trigger, event) if event in self.events else None

    def _after_events(self, b: Touch, events: Sequence[Happening] = (), also: Any = ()) -> Iterator[tuple[Touch, Pair]]:
        if not (self.rule.binds(b.day) and self.question.late(b)):
            return
        for act in self._acts(b):
            pair = self._pair(act, b, self._scene(b, None, [act, *events], also))
            if pair is not None:
                yield b, pair
                return

    def _after_step(self, b: Touch, step: Step) -> Iterator[tuple[Touch, Pair]]:
        """A triggered touch too short a time before a dated one."""
        if step.campaign.model.status == "draft" and b.status == "draft":
            return
        stood: set[str] = set()
        start = shift(b.at, self.params.at_least, -1, self.clock)
        for a in placements(step, Window(start, False, b.at), self.plan):
            at = self._stands(a, b)
            if at is None or at.campaign in stood or not too_soon(a.at, b.at, self.params.at_least, self.clock):
                continue
            events, test = brings_about(a, step, self.plan)
            pair = self._pair(a, b, self._scene(b, a, events, [(a, test)]))
            if pair is not None:
                stood.add(at.campaign)
                yield at, pair

    def _triggered(self, step: Step) -> Iterator[tuple[Touch, Pair]]:
        """A triggered touch too short a time after a dated one, an event, another triggered one or itself."""
        yield from self._after_dated(step)
        whole = Window(max(step.first, midnight(self.question.as_of, self.plan.timezone)), True, step.ends)
        stood: dict[str, tuple[Touch, Pair]] = {}
        for b in chain(
            sends_at_openings(step, whole, self.plan),
            placements(step, whole, self.plan, 60),
            sends_by_trigger(step, self.plan, whole.start, 60)
            if day_matters([step], [self.rule.group], self.plan)
            else (),
        ):
            events, test = brings_about(b, step, self.plan)
            found = list(self._after_events(b, events, [(b, test)]))
            for at, pair in found or self._after_triggered(b, step, events, test, stood):
                stood.setdefault(at.campaign, (at, pair))
            drafts = {s.campaign.name for s in self.first_steps if s.campaign.model.status == "draft"}
            if step.campaign.name in stood and drafts <= set(stood):
                break
        yield from stood.values()

    def _after_dated(self, step: Step) -> Iterator[tuple[Touch, Pair]]:
        for a in self.first:
            window = Window(a.at, True, shift(a.at, self.params.at_least, +1, self.clock) - TICK)
            if window.end < step.first or a.at > step.ends or not at_its_hour(a, self.rule, self.clock):
                continue
            if a.status == "draft" and step.campaign.model.status == "draft":
                continue
            stood: set[str] = set()
            for b in placements(step, window, self.plan):
                at = self._stands(a, b)
                if at is None or at.campaign in stood or not too_soon(a.at, b.at, self.params.at_least, self.clock):
                    continue
                events, test = brings_about(b, step, self.plan)
                pair = self._pair(a, b, self._scene(b, a, events, [(b, test)]))
                if pair is not None:
                    stood.add(at.campaign)
                    yield at, pair

    def _after_triggered(
        self,
        b: Touch,
        step: Step,
        events: Sequence[Happening],
        test: Condition,
        stood: Mapping[str, tuple[Touch, Pair]],
    ) -> Iterator[tuple[Touch, Pair]]:
        start = shift(b.at, self.params.at_least, -1, self.clock)
        for other in self.first_steps:
            same = other.campaign.name == step.campaign.name
            if not same and step.campaign.model.status == other.campaign.model.status == "draft":
                continue
            for a, more in self._others(b, step, other, Window(start, False, b.at)):
                at = self._stands(a, b)
                if at is None or at.campaign in stood or not too_soon(a.at, b.at, self.params.at_least, self.clock):
                    continue
                own, own_test = (more, EVERYONE) if same else brings_about(a, other, self.plan)
                pair = self._pair(a, b, self._scene(b, a, [*events, *own], [(b, test), (a, own_test)]))
                if pair is not None:
                    yield at, pair
                    break

    def _others(
        self, b: Touch, step: Step, other: Step, window: Window
    ) -> Iterator[tuple[Touch, tuple[Happening, ...]]]:
        """Sends of another step in the window; of the same campaign, those of this trigger and of the ones before it."""
        if other.campaign.name != step.campaign.name:
            yield from ((a, ()) for a in placements(other, window, self.plan, 8))
            return
        reaction = Reaction((other,), (1,), self.plan)
        trigger = reaction.trigger
        assert b.trigger is not None  # noqa: S101
        instants = [b.trigger]
        if reaction.unlimited:
            if reaction.brings(b.trigger, window):
                self._doubt(step.campaign.name, step.place, how_often(trigger.event))
        elif not reaction.once:
            earlier = reaction.latest(other, window, reaction.before(b.trigger))
            instants += [earlier] if earlier is not None else []
            later = reaction.latest(other, window)
            instants += [later] if later is not None and later >= reaction.next_after(b.trigger) else []
        for at in dict.fromkeys(instants):
            events = ((at, trigger.event),) if trigger.event else ()
            dates = () if trigger.event else (at,)
            for a in set_off(events, dates, [other], self.plan):
                if window.holds(a.at) and (a.step, a.trigger) != (b.step, b.trigger):
                    yield a, events


def _replayed(rule: LinkedRule, question: Question, pair: Pair) -> bool:
    customer, touches = pair.customer, pair.touches
    clock = clock_of(customer, rule, pair.second.at)
    params = rule.params
    assert isinstance(params, Spacing)  # noqa: S101
    return (
        can_be(customer, [t.at for t in touches], question)
        and len(gets(customer, touches, question)) == len(touches)
        and (isinstance(pair.first, Touch) or pair.first in customer.events)
        and admits(rule.group, customer, pair.second.at, question.plan.customers, question.plan.timezone)
        and too_soon(pair.began, pair.second.at, params.at_least, clock)
    )


def _finding(rule: LinkedRule, question: Question, campaign: str, found: list[tuple[Touch, Pair]]) -> Finding:
    waivers = [(i, w) for i, w in question.waivers_of(rule)]
    standing = [entry for entry in found if not waived(entry[1].touches, rule, question)] or found
    at, pair = min(standing, key=lambda entry: (entry[1].second.at - entry[1].began, entry[0].order))
    if not _replayed(rule, question, pair):
        return unproven(rule, _not_proven(), not_replayed(), at.place, campaign)
    params = rule.params
    assert isinstance(params, Spacing)  # noqa: S101
    b = pair.second
    gap = _gap(local(b.at, pair.clock) - local(pair.began, pair.clock))
    if isinstance(pair.first, Touch):
        message = say(
            "a customer could get this {gap} after {first} on {channel}; at least {least} must lie between",
            "某位客户可能在 {first} 的 {channel} 触达之后 {gap}就收到；至少应间隔 {least}",
            gap=gap,
            first=pair.first.campaign,
            channel=pair.first.model.channel,
            least=params.at_least.message,
        )
        other = pair.first if at is b else b
        related = [Spot(other.place, say("{at}", "{at}", at=other.local))]
    else:
        message = say(
            "a customer could get this {gap} after {event}; at least {least} must lie between",
            "某位客户可能在 {event} 之后 {gap}就收到；至少应间隔 {least}",
            gap=gap,
            event=pair.first[1],
            least=params.at_least.message,
        )
        related = []
    covered = all(waived(p.touches, rule, question) for _, p in found)
    parties = tuple(sorted({t.campaign for t in pair.touches}))
    return replace(
        base_finding(rule, "violated", message, Spot(at.place, say("{at}", "{at}", at=at.local))),
        campaign=campaign,
        parties=parties,
        related=(*related, Spot(rule.place.down("at_least"), say("the spacing", "间隔"))),
        witness=witness_of(
            question,
            rule,
            pair.customer,
            sorted(pair.touches, key=lambda t: t.order),
            also=on_that_clock(pair.clock, rule),
        ),
        help=_help(pair, rule, question),
        more=len({(touch.step, touch.local) for touch, _ in found}) - 1,
        covered_by=tuple(i for i, w in waivers if w.campaign in parties) if covered and waivers else (),
    )


def _gap(gap: timedelta) -> Message:
    """How long lies between, in the largest units that say it."""
    minutes = int(gap.total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if not minutes:
        return say("at once", "紧接着")
    if minutes < 60:
        return say("{n} min", "{n} 分钟", n=minutes)
    if not days:
        return (
            say("{h} h {m} min", "{h} 小时 {m} 分钟", h=hours, m=minutes % 60)
            if minutes % 60
            else say("{h} h", "{h} 小时", h=hours)
        )
    length = count(days, "day", "days", "天")
    return say("{length} {h} h", "{length} {h} 小时", length=length, h=hours) if hours else length


def _help(pair: Pair, rule: LinkedRule, question: Question) -> Message:
    params = rule.params
    assert isinstance(params, Spacing)  # noqa: S101
    if isinstance(pair.first, Touch):
        free = local(shift(pair.first.at, params.at_least, +1, pair.clock), pair.second.zone)
        if pair.first.trigger is None and pair.second.trigger is None:
            return say("move the later one to {free} or after", "请把较晚的一次移到 {free} 或之后", free=free)
        return say("let no audience be in both", "请让两者的受众互不重叠")
    name = pair.first[1]
    day = next(iter(question.plan.customers.events[name].days_set), None)
    if day is not None:
        return say(
            "ask in the audience for {attribute}: {{over: {least}}} or absent",
            "请在受众条件中要求 {attribute}: {{over: {least}}} 或 absent",
            attribute=day,
            least=str(params.at_least),
        )
    return say(
        "no audience can tell who had {event} lately: let the event set a date (sets: {{last_{event}: day}}) and ask for it",
        "受众条件无法区分谁最近有过 {event}：请让该事件设置日期（sets: {{last_{event}: day}}）并在受众中使用",
        event=name,
    )


SUMMARY = say("none of B within D after a different A, or after an event", "在另一次 A 或某事件之后 D 时间内没有 B")
PAGE = Page(
    SUMMARY,
    say(
        "After a conversation, a complaint or a handover a customer wants to be left alone for a while, and two messages in one hour read as a machine.",
        "沟通、投诉或交接之后，客户需要一段安静；一小时内来两条消息，就像机器在说话。",
    ),
    say(
        "Two touches break it if the second comes at the first or after it and before `at_least` has passed. `match` holds for both sides; `after` and `before` narrow each; without them any two different touches of `match`. `after: {{event: NAME}}` counts from what the customer does: only an attribute that the event sets lets an audience keep such customers out. `for` is read at the second touch.",
        "若后一次触达发生在前一次之时或之后、且未满 `at_least`，即为违反。`match` 对两侧都生效，`after` 与 `before` 分别缩小范围；都不写则指 `match` 中任意两次不同的触达。`after: {{event: 名称}}` 从客户的行为起算：只有事件所设置的属性才能让受众排除这些客户。`for` 在后一次触达时判断。",
    ),
    """policy: house
rules:
  - rule: breathing-space
    kind: spacing
    match: {way: push}
    at_least: 16h
""",
    """campaign: twice
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
  - channel: email
    at: 2026-03-02 18:00
""",
    """campaign: twice
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
  - channel: email
    at: 2026-03-03 10:00
""",
)
KIND = Kind("spacing", Spacing, SUMMARY, PAGE, check)
