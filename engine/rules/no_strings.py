"""``no-strings``: what is owed does not hang on an act of the customer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import model_validator

from ..clocks import midnight
from ..kit.describing import describe
from ..messages import Message, say
from ..models import AskName, Condition, Many, Match, refused
from ..places import Place
from ..plan.conditions import All, Condition, Not, attributes_of, tells_days_apart
from ..plan.plan import PlannedEvent
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, admits, set_value
from ..scalars import BadValue
from ..search.happenings import set_condition
from ..search.model import Demand, attribute_of
from ..services import service_fields
from ..space.boxes import Box, intersection, union
from ..timeline import Touch
from ..undecidable import OutOfSteps, TooManyBoxes
from ..verdicts import Finding, Spot, Witness
from .common import (
    Kind,
    Outcome,
    Question,
    base_finding,
    can_be,
    find_customer,
    fresh_steps,
    not_replayed,
    nothing_matches,
    too_many_alternatives,
    unproven,
)

MOST_DAYS = 366


class NoStrings(Rule):
    """Parameters of ``no-strings``."""

    owed: Match
    acts: Many[AskName] = ()

    @model_validator(mode="after")
    def _whole(self) -> NoStrings:
        if self.owed is None:
            raise refused(BadValue(say("'owed' is missing", "缺少“owed”")))
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


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Looks at everything that gives what is owed: what it demands, what starts it, and whom its audience shuts out."""
    params = rule.params
    assert isinstance(params, NoStrings)  # noqa: S101
    things = list(_things(rule, question))
    if not things:
        return Outcome(notes=[nothing_matches(rule)])
    acts = params.acts or question.plan.words.asks
    outcome = Outcome()
    found: dict[tuple[str, str | None], list[String]] = {}
    for thing in things:
        key = (thing.name, thing.campaign)
        try:
            for string in _strings(rule, question, thing, acts):
                found.setdefault(key, []).append(string)
        except (OutOfSteps, TooManyBoxes, _Unsettled) as stuck:
            missing = too_many_alternatives() if isinstance(stuck, TooManyBoxes) else not_replayed()
            doubt = unproven(rule, _not_proven(), missing, thing.place, thing.campaign)
            outcome.findings.append(replace(doubt, group=None if thing.campaign else thing.name))
    outcome.findings += [_finding(rule, question, strings) for _, strings in sorted(found.items(), key=str)]
    return outcome


def _not_proven() -> Message:
    return say("it is not proven that this is given without strings", "未能证明该赠予不附带条件")


class _Unsettled(Exception):
    """A customer was found who did not hold when replayed."""


def _things(rule: LinkedRule, question: Question) -> Iterator[Thing]:
    plan, owed = question.plan, rule.matches["owed"]
    days = _days(question)
    in_force = rule.last is None or rule.last >= question.as_of
    for service in plan.services:
        if in_force and owed.holds(service_fields(service, plan)):
            events = tuple(service.model.event)
            yield Thing(service.model.service, None, service.place, service.audience, days, (), events, False)
    requires = {c.name: tuple(c.model.requires) for c in plan.campaigns}
    dated: dict[tuple[str, int], list[Touch]] = {}
    for touch in question.line.touches:
        if owed.holds(touch.fields) and question.late(touch) and rule.binds(touch.day):
            dated.setdefault((touch.campaign, touch.step), []).append(touch)
    for (name, _), touches in dated.items():
        first = touches[0]
        instants = tuple(t.at for t in touches)
        narrowed = first.model.audience is not None
        yield Thing(name, name, first.place, first.audience, instants, requires[name], (), narrowed)
    for step in question.line.steps:
        if in_force and owed.holds(step.fields) and question.day_of(step.ends) >= question.as_of:
            trigger = step.campaign.model.trigger
            hangs_on = (trigger.event,) if trigger and trigger.event else ()
            narrowed, name = step.model.audience is not None, step.campaign.name
            yield Thing(name, name, step.place, step.audience, days, requires[name], hangs_on, narrowed)


def _days(question: Question) -> tuple[datetime, ...]:
    """An instant of each day of the plan, from as-of on."""
    if question.period is None:
        return (midnight(question.as_of, question.plan.timezone),)
    first, last = max(question.period[0], question.as_of), question.period[1]
    if first > last:
        return (midnight(question.as_of, question.plan.timezone),)
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)][:MOST_DAYS]
    return tuple(midnight(day, question.plan.timezone) for day in days)


def _strings(rule: LinkedRule, question: Question, thing: Thing, acts: Sequence[str]) -> Iterator[String]:
    for act in acts:
        if act in thing.requires:
            yield String(thing, act, "requires")
        elif act in thing.events and all(event in acts for event in thing.events):
            yield String(thing, act, "event")
        elif (event := question.plan.customers.events.get(act)) is not None and event.sets:
            shut = _shut_out(question, thing, act, event)
            if shut is not None:
                yield shut


def _shut_out(question: Question, thing: Thing, act: str, event: PlannedEvent) -> String | None:
    """Somebody whom the audience shuts out, and would not if he had done the act."""
    told = set(attributes_of(thing.audience)) & set(event.sets)
    if not told:
        return None
    dated = tells_days_apart(thing.audience)
    for at in thing.instants if dated else thing.instants[:1]:
        customer = _who_goes_without(question, thing.audience, event, at)
        if customer is not None:
            return String(thing, act, "audience", customer, at)
    return None


def _who_goes_without(question: Question, audience: Condition, event: PlannedEvent, at: datetime) -> Customer | None:
    """Outside what the act sets he is like somebody who has done it and is admitted. Raises TooManyBoxes."""
    model, day = question.plan.customers, question.day_of(at)
    done = All(tuple(set_condition(word, event, model, day) for word in event.sets))
    world = question.world([audience, done], {day})
    with_it = intersection(world.space.of(audience, day), world.space.of(done, day))
    alike: list[Box] = union({n: m for n, m in box.items() if attribute_of(n) not in event.sets} for box in with_it)
    boxes = intersection(alike, world.space.of(Not(audience), day))
    if not boxes:
        return None
    steps = fresh_steps(question)
    customer = find_customer(world, [Demand(at, day, boxes)], steps)
    if customer is None:
        if steps.doubts:
            raise _Unsettled
        return None
    if not _hangs(question, audience, event, customer, at):
        raise _Unsettled
    return customer


def _hangs(question: Question, audience: Condition, event: PlannedEvent, customer: Customer, at: datetime) -> bool:
    """Replayed: he can exist, is not admitted, and would be with what the act sets."""
    plan = question.plan
    values = {word: set_value(event, word, at, plan.timezone) for word in event.sets}
    told = _values_at(customer, at)
    twin = Customer({**told, **values})
    if not can_be(customer, [at], question) or admits(audience, customer, at, plan.customers, plan.timezone):
        return False
    return admits(audience, twin, at, plan.customers, plan.timezone)


def _values_at(customer: Customer, at: datetime) -> Mapping[str, Any]:
    names = set(customer.steady) | {name for _, values in customer.changing for name in values}
    return {name: customer.value(name, at) for name in names}


def _finding(rule: LinkedRule, question: Question, strings: Sequence[String]) -> Finding:
    string = strings[0]
    thing = string.thing
    message, place, label = _said(string)
    waivers = tuple(
        i for i, w in question.waivers_of(rule) if (w.campaign or w.group) == thing.name and w.until >= question.as_of
    )
    finding = base_finding(rule, "violated", message, Spot(place, label))
    return replace(
        finding,
        campaign=thing.campaign,
        group=None if thing.campaign else thing.name,
        parties=(thing.campaign,) if thing.campaign else (),
        related=(Spot(rule.place.down("owed"), say("what is owed", "应给予的")),),
        witness=_witness(question, string),
        help=_help(string),
        more=len({s.act for s in strings}) - 1,
        covered_by=waivers,
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
        "'{name}' shuts out a customer who has not done {act}, and would take him in if he had",
        "“{name}”把没有 {act} 的客户排除在外，若他做了则会包括在内",
        name=thing.name,
        act=act,
    )
    place = thing.place.down("audience") if thing.narrowed else root.down("audience")
    return message, place, say("asks for what the act sets", "要求该行为所设置的属性")


def _witness(question: Question, string: String) -> Witness | None:
    if string.customer is None or string.at is None:
        return None
    words = describe(
        string.customer, question.plan.customers, [string.thing.audience], [string.at], question.plan.timezone
    )
    return Witness(string.customer, words)


def _help(string: String) -> Message:
    if string.how == "requires":
        return say("remove {act} from requires", "从 requires 中删除 {act}", act=string.act)
    if string.how == "event":
        return say("hang it on an event that is no act of return", "改由并非回报的事件触发")
    return say("leave that condition out of the audience", "从受众中去掉该条件")


SUMMARY = say("what is owed does not hang on an act of the customer", "应给予的不以客户的行为为条件")
KIND = Kind("no-strings", NoStrings, SUMMARY, check)
