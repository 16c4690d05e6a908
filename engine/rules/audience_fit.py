"""``audience-fit``: every customer in the matching audiences has (or has not) a property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from pydantic import model_validator

from ..calendars import UnknownYear
from ..clocks import TICK, midnight, shift
from ..messages import Message, say
from ..models import Condition, Name, many, refused
from ..places import Place
from ..plan.conditions import Condition as Tree
from ..plan.conditions import HasLabels, InRange, IsFlag, Not, OneOf
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, admits, fits
from ..scalars import BadValue
from ..search.customers import QUIET, Demand, Life, World, find_customer
from ..search.steps import OutOfSteps
from ..space.boxes import TooManyBoxes, intersection
from ..space.dimensions import label_key
from ..timeline import Step, Touch
from ..triggers import TooManyTriggers, day_matters, placements, sends_by_trigger
from ..verdicts import Finding, Spot
from ..windows import Window
from .common import (
    Kind,
    Outcome,
    Page,
    Question,
    base_finding,
    boxes_of,
    can_be,
    covered_by,
    fresh_steps,
    no_year,
    not_replayed,
    nothing_matches,
    too_many_alternatives,
    unproven,
    who_gets,
    witness_of,
)


class AudienceFit(Rule):
    """Parameters of ``audience-fit``."""

    CONDITIONS: ClassVar[tuple[str, ...]] = ("must", "must_not")

    must: Condition = None
    must_not: Condition = None
    narrowed_by: many(Name) = ()  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _something(self) -> AudienceFit:
        if self.must is None and self.must_not is None and not self.narrowed_by:
            bad = BadValue(
                say("one of must, must_not and narrowed_by is missing", "must、must_not、narrowed_by 至少要写一个")
            )
            raise refused(bad)
        return self


Sent = tuple[str, Place, Tree, datetime, date, Touch]
"""One send to look at: campaign, place, audience, instant, day, and the touch it is."""


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks of every matching touch whether somebody in its audience lacks what the rule asks for."""
    touches = question.matching(rule)
    steps = question.matching_steps(rule)
    if not touches and not steps:
        return Outcome(notes=[nothing_matches(rule)])
    undeclared = [n for n in getattr(rule.params, "narrowed_by", ()) if n not in question.plan.customers.attributes]
    if undeclared:
        missing = say("the attribute '{name}' is not declared", "属性“{name}”没有声明", name=undeclared[0])
        return Outcome([unproven(rule, _not_proven(), missing, rule.place.down("narrowed_by"))])
    outcome = Outcome()
    found: dict[str, list[tuple[Sent, Customer | None]]] = {}
    said: set[str] = set()
    sends = _sends(touches, question, rule)
    for step in steps:
        try:
            sends += _brought_about(step, rule, question)
        except UnknownYear as unknown:
            outcome.findings.append(unproven(rule, _not_proven(), no_year(unknown), step.place, step.campaign.name))
        except TooManyTriggers:
            missing = say("more triggers fit than are looked at", "可容纳的触发次数过多")
            outcome.findings.append(unproven(rule, _not_proven(), missing, step.place, step.campaign.name))
    world = _world(rule, question, sends)
    for sent in sends:
        try:
            customer, wrong, doubts = _ask(rule, question, sent, world)
        except (OutOfSteps, TooManyBoxes):
            wrong, doubts = False, [too_many_alternatives()]
        if wrong:
            found.setdefault(sent[0], []).append((sent, customer))
        elif doubts and sent[0] not in said:
            said.add(sent[0])
            outcome.findings.append(unproven(rule, _not_proven(), doubts[0], sent[1], sent[0]))
    outcome.findings += [_finding(rule, question, name, entries) for name, entries in sorted(found.items())]
    return outcome


def _not_proven() -> Message:
    return say("it is not proven that everyone this reaches has what is asked", "未能证明受众中的每位客户都符合要求")


def _sends(touches: Sequence[Touch], question: Question, rule: LinkedRule) -> list[Sent]:
    """Every dated touch still to come, and each further day of one that lasts."""
    sends: list[Sent] = []
    for touch in touches:
        if question.late(touch) and rule.binds(touch.day):
            sends.append((touch.campaign, touch.place, touch.audience, touch.at, touch.day, touch))
            if touch.model.lasts is not None:
                end = shift(touch.at, touch.model.lasts, +1, touch.zone)
                day = touch.day + timedelta(days=1)
                while (at := midnight(day, question.plan.timezone)) < end:
                    sends.append((touch.campaign, touch.place, touch.audience, at, day, touch))
                    day += timedelta(days=1)
    return sends


def _brought_about(step: Step, rule: LinkedRule, question: Question) -> list[Sent]:
    """Triggered sends, one for each day where the day can matter. Raises TooManyTriggers, UnknownYear."""
    start = max(step.first, midnight(question.as_of, question.plan.timezone))
    asked = [rule.group, *rule.conditions.values()]
    if day_matters([step], asked, question.plan) or rule.first or rule.last:
        found = sends_by_trigger(step, question.plan, start)
    else:
        found = placements(step, Window(start, True, step.ends), question.plan, 1)
    return [(t.campaign, t.place, t.audience, t.at, t.day, t) for t in found if rule.binds(t.day)]


def _world(rule: LinkedRule, question: Question, sends: Sequence[Sent]) -> World:
    """The space in which all sends, the group and the properties can be asked."""
    params: Any = rule.params
    asked = [rule.group, *rule.conditions.values(), *_probes(params.narrowed_by, question)]
    return question.world([*asked, *(audience for _, _, audience, _, _, _ in sends)], {day for *_, day, _ in sends})


def _ask(rule: LinkedRule, question: Question, sent: Sent, world: World) -> tuple[Customer | None, bool, list[Message]]:
    """Somebody of the audience and the group who does not fit; or an audience that nothing narrows."""
    _, _, audience, at, day, _ = sent
    params: Any = rule.params
    if sent[5] is not None and sent[5].trigger is not None:
        customer, doubts = _ask_triggered(rule, question, sent[5])
        if customer is not None or not params.narrowed_by:
            return customer, customer is not None, doubts
    reached = boxes_of(world.space, [audience, rule.group], day)
    steps = fresh_steps(question)
    life = _unstopped(sent[5])
    for name, condition in rule.conditions.items():
        bad = world.space.against(condition, day) if name == "must" else world.space.of(condition, day)
        misfits = intersection(reached, bad)
        customer = find_customer(world, [Demand(at, day, misfits)], steps, life=life) if misfits else None
        if customer is not None:
            return customer, True, []
    if params.narrowed_by and not _narrowed(params.narrowed_by, world, reached, sent, question):
        anybody = find_customer(world, [Demand(at, day, reached)], steps, life=life)
        if anybody is not None:
            return anybody, True, []
    return None, False, steps.doubts


def _unstopped(touch: Touch | None) -> Life:
    """What must not happen to a customer who still gets a dated touch: nothing ended its sequence."""
    if touch is None or touch.begins is None or not touch.stops_on:
        return QUIET
    return Life((), touch.stops_on, touch.begins + TICK)


def _ask_triggered(rule: LinkedRule, question: Question, touch: Touch) -> tuple[Customer | None, list[Message]]:
    """Somebody who brings the send about and does not fit then; what the event sets counts."""
    for name, condition in rule.conditions.items():
        customer, doubts = who_gets(touch, rule, question, [Not(condition) if name == "must" else condition])
        if customer is not None or doubts:
            return customer, doubts
    return None, []


def _probes(names: Sequence[str], question: Question) -> list[Tree]:
    """Tests that make the attributes of ``narrowed_by`` dimensions of the space."""
    probes: list[Tree] = []
    for name in names:
        attribute = question.plan.customers.attributes.get(name)
        if attribute is None:
            continue
        if attribute.type in ("choice", "zone"):
            probes.append(OneOf(name, frozenset(attribute.values)))
        elif attribute.type == "labels":
            probes.append(HasLabels(name, "any", frozenset(attribute.values)))
        elif attribute.type == "flag":
            probes.append(IsFlag(name, True))
        elif attribute.type == "number":
            probes.append(InRange(name, attribute.minimum, True, None, False))
    return probes


def _narrowed(names: Sequence[str], world: World, reached: Sequence[Any], sent: Sent, question: Question) -> bool:
    """Whether, for one of the attributes, some known value is shut out of the audience."""
    _, _, _, at, day, _ = sent
    for name in names:
        for key, dimension in world.space.dimensions.items():
            if (key != name and not key.startswith(label_key(name, ""))) or key == label_key(name, ""):
                continue
            for cell in range(len(dimension.samples)):
                if dimension.unknown >> cell & 1:
                    continue
                value = {key: 1 << cell}
                if key != name:
                    known = world.space.dimensions[label_key(name, "")]
                    value[known.name] = known.full & ~known.unknown
                here = intersection(reached, [value])
                if find_customer(world, [Demand(at, day, here)], fresh_steps(question)) is None:
                    return True
    return False


def _finding(
    rule: LinkedRule, question: Question, campaign: str, entries: list[tuple[Sent, Customer | None]]
) -> Finding:
    (_, place, audience, at, _, touch), customer = entries[0]
    model, timezone = question.plan.customers, question.plan.timezone
    assert customer is not None  # noqa: S101
    must, must_not = rule.conditions.get("must"), rule.conditions.get("must_not")
    real = can_be(customer, [at], question) and all(
        admits(condition, customer, at, model, timezone) for condition in (audience, rule.group)
    )
    misfit = not fits(customer, at, must, must_not, model, timezone)
    params: Any = rule.params
    if not real or not (misfit or params.narrowed_by):
        return unproven(rule, _not_proven(), not_replayed(), place, campaign)
    if misfit:
        why = _why(customer, at, must, must_not, question)
        broken = "must" if must is not None and not admits(must, customer, at, model, timezone) else "must_not"
        message = say("a customer who should not get this would get it: {why}", "不应收到的客户会收到：{why}", why=why)
        help = say("narrow the audience so that it keeps to the rule", "请缩小受众，使其符合规则")
    else:
        broken = "narrowed_by"
        message = say(
            "the audience is not narrowed by {names}", "受众没有按 {names} 细分", names=list(params.narrowed_by)
        )
        help = say("choose whom this is for by {names}", "请按 {names} 选择合适的客户", names=list(params.narrowed_by))
    triggered = touch.trigger is not None
    label = say("triggered", "触发发送") if triggered else say("sent {at}", "{at} 发送", at=touch.local)
    witness = witness_of(question, rule, customer, [touch])
    sends = [entry[0][5] for entry in entries]
    return replace(
        base_finding(rule, "violated", message, Spot(_audience_place(place, question, campaign), label)),
        campaign=campaign,
        parties=(campaign,),
        related=(Spot(rule.place.down(broken), say("what is asked", "要求")),),
        witness=witness,
        help=help,
        more=0 if triggered else len({(entry[0][1], entry[0][3]) for entry in entries}) - 1,
        covered_by=covered_by(sends, rule, question),
    )


def _audience_place(place: Place, question: Question, campaign: str) -> Place:
    """The audience that reaches too far: the touch's own, else the campaign's."""
    model = next(c.model for c in question.plan.campaigns if c.name == campaign)
    index = place.path[-1]
    if isinstance(index, int) and model.touches[index].audience is not None:
        return place.down("audience")
    return Place(place.document, ("audience",))


def _why(customer: Customer, at: datetime, must: Tree | None, must_not: Tree | None, question: Question) -> Message:
    from .witness import describe

    broken = (
        [must]
        if must is not None and not admits(must, customer, at, question.plan.customers, question.plan.timezone)
        else []
    )
    if not broken and must_not is not None:
        broken = [must_not]
    return describe(customer, question.plan.customers, broken, [at], question.plan.timezone)


SUMMARY = say(
    "every customer in the matching audiences has (or has not) a property, or the audience is narrowed by an attribute",
    "匹配受众中的每位客户都具备（或不具备）某项属性，或受众按某属性细分",
)
PAGE = Page(
    SUMMARY,
    say(
        "Consent, an open complaint, the right stage: one forgotten line in an audience reaches the people it should not.",
        "授权、未结投诉、合适的阶段：受众里少写一行，就会触达不该触达的人。",
    ),
    say(
        "`must` and `must_not` are read at the touch. `must` fails for a customer of whom it is not known; `must_not` passes. `narrowed_by` holds when, for at least one of the attributes, the audience shuts out some known value.",
        "`must` 与 `must_not` 在触达时刻判断。属性未知的客户不满足 `must`，但能通过 `must_not`。`narrowed_by`：至少有一个属性，受众排除了它的某个已知取值。",
    ),
    """policy: house
rules:
  - rule: consent
    kind: audience-fit
    match: {channel: sms}
    must: {sms_consent: true}
""",
    """campaign: spring-sale
purpose: promotion
audience: {city: hangzhou}
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
""",
    """campaign: spring-sale
purpose: promotion
audience: {city: hangzhou, sms_consent: true}
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
""",
)
KIND = Kind("audience-fit", AudienceFit, SUMMARY, PAGE, check)
