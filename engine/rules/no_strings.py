"""``no-strings``: what is owed does not hang on an act of the customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from pydantic import model_validator

from ..clocks import midnight
from ..hours import next_open
from ..kit.attribution import is_reportable
from ..kit.comparing import still
from ..kit.describing import describe
from ..kit.evaluation import Evaluation
from ..kit.findings import nothing_matches, unproven, violated
from ..kit.kind import Kind, Outcome
from ..kit.replay import can_be, is_admitted, not_replayed
from ..kit.scope import EACH
from ..kit.telling_sends import moments_of
from ..kit.waivers import Waivers
from ..messages import Message, say
from ..models import AskName, Many, Match, refused
from ..places import Place
from ..plan.conditions import All, Condition, DateBetween, Not, attributes_of, tells_days_apart
from ..plan.plan import DAY, CustomerModel, Plan, PlannedEvent
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, set_value
from ..scalars import BadValue
from ..search.customer import find_customer
from ..search.happenings import set_condition
from ..search.model import Demand, attribute_of
from ..search.result import NOBODY, Found, Result, Undecided, decided
from ..sends.services import service_fields
from ..sends.timeline import Send
from ..space.boxes import Box, intersection, union
from ..space.space import Space
from ..verdicts import Finding, Spot, Witness

MAX_DAYS = 366


class NoStrings(Rule):
    """Parameters of ``no-strings``."""

    owed: Match
    acts: Many[AskName] = ()

    @model_validator(mode="after")
    def _whole(self) -> NoStrings:
        if self.owed is None:
            raise refused(BadValue(say("'owed' is missing", "缺少“owed”")))
        if "acts" in self.model_fields_set and not self.acts:
            message = say("acts names no act", "acts 中没有写任何行为")
            raise refused(BadValue(message, say("leave it out where all are meant", "若指全部，请省略 acts")))
        if self.for_ is not None or self.match is not None:
            raise refused(
                BadValue(
                    say(
                        "no-strings chooses with owed: remove for and match",
                        "no-strings 用 owed 选择：请删除 for 与 match",
                    )
                )
            )
        return self


@dataclass(frozen=True, slots=True)
class Thing:
    """A service or a touch that gives what is owed."""

    name: str
    campaign: str | None
    place: Place
    audience: Condition
    instants: tuple[datetime, ...]
    requires: tuple[str, ...]
    events: tuple[str, ...]
    """What it waits for: one of these."""
    narrowed: bool
    """Whether the touch narrows the audience of its campaign."""


@dataclass(frozen=True, slots=True)
class String:
    """An act that something owed hangs on: demanded, waited for, or asked of the audience (then with who goes without)."""

    thing: Thing
    act: str
    how: str
    customer: Customer | None = None
    at: datetime | None = None


def check(rule: LinkedRule[NoStrings], evaluation: Evaluation) -> Outcome:
    """Looks at everything that gives what is owed: what it demands, what starts it, and whom its audience shuts out."""
    things = list(_things(rule, evaluation))
    if not things:
        return Outcome(notes=[nothing_matches(rule)])
    acts = rule.params.acts or evaluation.plan.words.asks
    not_proven = say("it is not proven that this is given without strings", "未能证明该赠予不附带条件")
    outcome = Outcome()
    found: dict[tuple[str, str | None], list[String]] = {}
    for thing in things:
        strings = decided(lambda thing=thing: _strings(evaluation, thing, acts))  # type: ignore[misc]
        if isinstance(strings, Undecided):
            group = None if thing.campaign else thing.name
            outcome.findings.append(unproven(rule, not_proven, strings.why, thing.place, thing.campaign, group))
        elif strings:
            found.setdefault((thing.name, thing.campaign), []).extend(strings)
    outcome.findings += [_finding(rule, evaluation, strings) for _, strings in sorted(found.items(), key=str)]
    return outcome


def _things(rule: LinkedRule[NoStrings], evaluation: Evaluation) -> Iterator[Thing]:
    plan, owed = evaluation.plan, rule.matches["owed"]
    days = _days(evaluation)
    in_force = rule.last is None or rule.last >= evaluation.as_of
    for service in plan.services:
        if in_force and owed.holds(service_fields(service, plan)):
            events = tuple(service.model.event)
            yield Thing(service.model.service, None, service.place, service.audience, days, (), events, False)
    requires = {c.name: tuple(c.model.requires) for c in plan.campaigns}
    dated: dict[tuple[str, int], list[Send]] = {}
    for touch in evaluation.timeline.sends:
        if owed.holds(touch.fields) and evaluation.reportable(touch) and rule.in_effect(touch.day):
            dated.setdefault((touch.campaign, touch.index), []).append(touch)
    for (name, _), touches in dated.items():
        first = touches[0]
        instants = tuple(at for t in touches for at in moments_of(t, evaluation, []))
        narrowed = first.model.audience is not None
        yield Thing(name, name, first.place, first.audience, instants, requires[name], (), narrowed)
    for step in evaluation.timeline.triggered:
        if in_force and owed.holds(step.fields) and is_reportable(step, evaluation):
            trigger = step.campaign.model.trigger
            hangs_on = (trigger.event,) if trigger and trigger.event else ()
            narrowed, name = step.model.audience is not None, step.name
            yield Thing(name, name, step.place, step.audience, days, requires[name], hangs_on, narrowed)


def _days(evaluation: Evaluation) -> tuple[datetime, ...]:
    """An instant of each day of the plan, from as-of on."""
    first, last = evaluation.period or (evaluation.as_of, evaluation.as_of)
    first = max(first, evaluation.as_of)
    if first > last:
        return (evaluation.today,)
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)][:MAX_DAYS]
    return tuple(midnight(day, evaluation.plan.timezone) for day in days)


def _strings(evaluation: Evaluation, thing: Thing, acts: Sequence[str]) -> list[String] | Undecided:
    """Every act that it hangs on. Raises whatever is undecidable."""
    found: list[String] = []
    for act in acts:
        if act in thing.requires:
            found.append(String(thing, act, "requires"))
        elif act in thing.events and all(event in acts for event in thing.events):
            found.append(String(thing, act, "event"))
        elif (event := evaluation.plan.customers.events.get(act)) is not None and event.sets:
            shut = _shut_out(evaluation, thing, act, event)
            if isinstance(shut, Undecided):
                return shut
            found += [shut.value] if isinstance(shut, Found) else []
    return found


def _shut_out(evaluation: Evaluation, thing: Thing, act: str, event: PlannedEvent) -> Result[String]:
    """Somebody whom the audience shuts out, and would not if they had done the act."""
    if not set(attributes_of(thing.audience)) & set(event.sets):
        return NOBODY
    for at in thing.instants if tells_days_apart(thing.audience) else thing.instants[:1]:
        answer = _who_goes_without(evaluation, thing.audience, event, at)
        if isinstance(answer, Found):
            return Found(String(thing, act, "audience", answer.value, at))
        if isinstance(answer, Undecided):
            return answer
    return NOBODY


def _who_goes_without(
    evaluation: Evaluation, audience: Condition, event: PlannedEvent, at: datetime
) -> Result[Customer]:
    """Outside what the act sets they are like somebody who has done it and is admitted. Raises BudgetExhausted, TooManyBoxes."""
    model, day = evaluation.plan.customers, evaluation.day_of(at)
    done = All(tuple(_set_by(word, event, model, day) for word in event.sets))
    context = evaluation.context([audience, done, event.condition], {day})
    space = context.space
    with_it = intersection(space.of(audience, day), space.of(done, day))
    for fact in model.facts:
        with_it = intersection(with_it, space.of(fact, day))
    with_it = [kept for box in with_it if (kept := _on_days_it_can_come(box, event, space, evaluation.plan, day))]
    alike: list[Box] = union({n: m for n, m in box.items() if attribute_of(n) not in event.sets} for box in with_it)
    can_do = union(_lasting(box, event, space) for box in space.of(event.condition, day))
    boxes = intersection(intersection(alike, can_do), space.of(Not(audience), day))
    if not boxes:
        return NOBODY
    answer = find_customer(context, [Demand(at, day, boxes)], evaluation.fresh_budget())
    if not isinstance(answer, Found):
        return answer
    cuts = {cut for word in event.days_set if word in space.dimensions for cut in space.dimensions[word].cuts}
    days = sorted({cut - timedelta(days=n) for cut in cuts for n in (0, 1)}, reverse=True)
    instants = [at, *(there for one in days if (there := midnight(one, evaluation.plan.timezone)) <= at)]
    return answer if _hangs(evaluation, audience, event, answer.value, at, instants) else Undecided(not_replayed())


def _on_days_it_can_come(box: Box, event: PlannedEvent, space: Space, plan: Plan, last: date) -> Box | None:
    """The box without stretches of days, up to a last one, on none of which the act can be done; None where none is left."""
    kept = dict(box)
    for word in set(event.days_set) & set(kept):
        for cell, (first, after) in enumerate(pairwise(space.dimensions[word].cuts), 2):
            days = [first + timedelta(days=n) for n in range(min((after - first).days, MAX_DAYS + 1))]
            never = len(days) <= MAX_DAYS and not any(d <= last and _can_come_on(d, event, plan) for d in days)
            if never:
                kept[word] &= ~(1 << cell)
        if not kept[word]:
            return None
    return kept


def _set_by(word: str, event: PlannedEvent, model: CustomerModel, day: date) -> Condition:
    """What holds of an attribute if the act was done, on this day or on any before it."""
    return DateBetween(word, None, day) if event.sets[word] is DAY else set_condition(word, event, model, day)


def _lasting(box: Box, event: PlannedEvent, space: Space) -> Box:
    """What an act asks of them that never changes, whenever they did it: other things they could have been then."""
    return {
        name: mask
        for name, mask in box.items()
        if space.changes(name) == "never" and not space.dimensions[name].cuts and attribute_of(name) not in event.sets
    }


def _hangs(
    evaluation: Evaluation,
    audience: Condition,
    event: PlannedEvent,
    customer: Customer,
    at: datetime,
    instants: Sequence[datetime],
) -> bool:
    """Replayed: they can exist, are not admitted, and would be with what the act sets at one of these instants."""
    if not can_be(customer, [at], evaluation) or is_admitted(audience, customer, at, evaluation):
        return False
    here, plan = still(customer, at).steady, evaluation.plan
    for done in filter(lambda one: _can_come_on(evaluation.day_of(one), event, plan), instants):
        values = {word: set_value(event, word, done, evaluation.plan.timezone) for word in event.sets}
        if is_admitted(audience, Customer({**here, **values}), at, evaluation):
            return True
    return False


def _can_come_on(day: date, event: PlannedEvent, plan: Plan) -> bool:
    """Whether the hours of an event are open on a day at all."""
    begin, end = (midnight(day + timedelta(days=n), plan.timezone) for n in (0, 1))
    opened = next_open(begin, event.model.hours, plan.timezone, plan.calendar)
    return opened is not None and opened < end


def _finding(rule: LinkedRule[NoStrings], evaluation: Evaluation, strings: Sequence[String]) -> Finding:
    string = strings[0]
    thing = string.thing
    message, place, label = _said(string)
    return violated(
        rule,
        message,
        Spot(place, label),
        campaign=thing.campaign,
        group=None if thing.campaign else thing.name,
        related=[Spot(rule.place.down("owed"), say("what is owed", "应给予的"))],
        witness=_witness(evaluation, string),
        help=_help(string),
        more=len({s.act for s in strings}) - 1,
        covered_by=Waivers(rule, evaluation).of_document(thing.name),
    )


def _said(string: String) -> tuple[Message, Place, Message]:
    thing, act = string.thing, string.act
    root = Place(thing.place.document)
    if string.how == "requires":
        message = say(
            "'{name}' gives what is owed only in return for {act}",
            "“{name}”要求以 {act} 换取应给予的东西",
            name=thing.name,
            act=act,
        )
        return message, root.down("requires"), say("demanded in return", "要求的回报")
    if string.how == "event":
        message = say(
            "'{name}' gives what is owed only after {act}",
            "“{name}”只在客户 {act} 之后才给予",
            name=thing.name,
            act=act,
        )
        place = root.down("event") if thing.campaign is None else root.down("trigger", "event")
        return message, place, say("waits for the act", "等待客户的行为")
    message = say(
        "'{name}' shuts out a customer who has not done {act}, and would take them in if they had",
        "“{name}”把没有 {act} 的客户排除在外，若他做了则会包括在内",
        name=thing.name,
        act=act,
    )
    place = thing.place.down("audience") if thing.narrowed else root.down("audience")
    return message, place, say("asks for what the act sets", "要求该行为所设置的属性")


def _witness(evaluation: Evaluation, string: String) -> Witness | None:
    if string.customer is None or string.at is None:
        return None
    plan = evaluation.plan
    words = describe(string.customer, plan.customers, [string.thing.audience], [string.at], plan.timezone)
    return Witness(string.customer, words)


def _help(string: String) -> Message:
    if string.how == "requires":
        return say("remove {act} from requires", "从 requires 中删除 {act}", act=string.act)
    if string.how == "event":
        return say("hang it on an event that is no act of return", "改由并非回报的事件触发")
    return say("leave that condition out of the audience", "从受众中去掉该条件")


KIND = Kind(
    "no-strings",
    NoStrings,
    say("what is owed does not hang on an act of the customer", "应给予的不以客户的行为为条件"),
    check,
    scope=lambda rule: EACH,
)
