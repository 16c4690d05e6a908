"""``audience-fit``: every customer in the matching audiences has (or has not) a property."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from math import inf

from pydantic import model_validator

from ..changes import Narrowed, flow
from ..kit.asking import Asking
from ..kit.describing import describe
from ..kit.evaluation import Evaluation, boxes_of
from ..kit.findings import nothing_matches, unproven, violated
from ..kit.kind import Kind, Outcome
from ..kit.receiving import receipt, who_gets
from ..kit.replay import can_be, is_admitted, not_replayed
from ..kit.scope import EACH
from ..kit.telling_sends import moments_of, telling_sends
from ..kit.witness import witness_of
from ..messages import Message, say
from ..models import AttributeName, Condition, Many, refused
from ..places import Place
from ..plan.conditions import All, HasLabels, InRange, IsFlag, Not, OneOf
from ..plan.conditions import Condition as Tree
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, fits
from ..scalars import BadValue
from ..search.customer import find_customer
from ..search.model import NO_EVENTS, Demand, ReachConstraint, SearchContext
from ..search.result import NOBODY, Found, Nobody, Result, Undecided
from ..sends.sample_sends import sends_by_trigger
from ..sends.timeline import Send, TriggeredTouch
from ..space.boxes import Union, intersection
from ..space.dimensions import Dimension, label_key
from ..undecidable import TooManyBoxes
from ..verdicts import Finding, Spot


class AudienceFit(Rule):
    """Parameters of ``audience-fit``."""

    must: Condition = None
    must_not: Condition = None
    narrowed_by: Many[AttributeName] = ()

    @model_validator(mode="after")
    def _something(self) -> AudienceFit:
        if self.must is None and self.must_not is None and not self.narrowed_by:
            bad = BadValue(
                say("one of must, must_not and narrowed_by is missing", "must、must_not、narrowed_by 至少要写一个")
            )
            raise refused(bad)
        return self


@dataclass(frozen=True, slots=True)
class Sent:
    """One instant of a send to look at: its beginning, or a further day on which it goes on."""

    touch: Send
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Misfit:
    sent: Sent
    customer: Customer


def check(rule: LinkedRule[AudienceFit], evaluation: Evaluation) -> Outcome:
    """Asks of every matching touch whether somebody in its audience lacks what the rule asks for."""
    not_proven = say(
        "it is not proven that everyone this reaches has what is asked", "未能证明受众中的每位客户都符合要求"
    )
    asking = Asking(rule, evaluation, not_proven)
    if not asking.sends and not asking.triggered:
        return Outcome(notes=[nothing_matches(rule)])
    sends = [sent for touch in filter(asking.judged, asking.sends) for sent in _days(touch, asking)]
    for step in asking.triggered:
        with asking.guarded(step):
            sends += [sent for touch in _brought_about(asking, step) for sent in _days(touch, asking)]
    found: dict[str, list[Misfit]] = {}
    with asking.guarded():
        fitting = _Fitting(asking, sends)
        for sent in sends:
            thing = sent.touch if sent.touch.trigger is None else evaluation.triggered_touch_of(sent.touch)
            with asking.guarded(thing):
                misfit = asking.taken(fitting.misfit(sent), thing)
                if misfit is not None:
                    found.setdefault(sent.touch.campaign, []).append(Misfit(sent, misfit))
    return asking.outcome(_finding(asking, name, entries) for name, entries in sorted(found.items()))


def _days(touch: Send, asking: Asking[AudienceFit]) -> Iterator[Sent]:
    """A send, and each further moment of one that lasts."""
    conditions = [asking.rule.group, *asking.rule.conditions.values()]
    for at in moments_of(touch, asking.evaluation, conditions):
        yield Sent(touch, at, asking.evaluation.day_of(at))


def _brought_about(asking: Asking[AudienceFit], step: TriggeredTouch) -> Iterator[Send]:
    """Triggered sends that tell of all. Raises TooManyTriggers, UnknownYear."""
    rule = asking.rule
    start = max(step.first, asking.evaluation.today)
    found = telling_sends(step, asking.evaluation, [rule.group, *rule.conditions.values()], start)
    if rule.first or rule.last:
        found = chain(found, sends_by_trigger(step, asking.plan, start))
    return (touch for touch in found if rule.in_effect(touch.day))


class _Fitting:
    """One rule, in the space in which all sends, the group and the properties can be asked."""

    def __init__(self, asking: Asking[AudienceFit], sends: list[Sent]) -> None:
        self.asking, self.rule, self.evaluation = asking, asking.rule, asking.evaluation
        self.names = asking.params.narrowed_by
        probes = [_probe(name, asking) for name in self.names]
        asked = [self.rule.group, *self.rule.conditions.values(), *(probe for probe in probes if probe is not None)]
        audiences = [sent.touch.audience for sent in sends]
        self.context: SearchContext = self.evaluation.context([*asked, *audiences], {sent.day for sent in sends})

    def misfit(self, sent: Sent) -> Result[Customer]:
        """Somebody of the audience and the group who does not fit; or anybody, where nothing narrows the audience.

        Raises BudgetExhausted, TooManyBoxes.
        """
        touch = sent.touch
        for name, condition in self.rule.conditions.items():
            wrong = Not(condition) if name == "must" else condition
            if touch.trigger is not None:
                answer = who_gets(touch, self.rule, self.evaluation, [wrong], at=sent.at)
            else:
                answer = self._find_wrong(sent, condition, name == "must")
            if not isinstance(answer, Nobody):
                return answer
        if not self.names:
            return NOBODY
        for name in self.names:
            narrowed = self._narrowed(sent, name)
            if isinstance(narrowed, Undecided):
                return narrowed
            if narrowed:
                return NOBODY
        return self._find(sent)

    def _find_wrong(self, sent: Sent, condition: Tree, must: bool) -> Result[Customer]:
        """Somebody who does not meet what they must, or meets what they must not.

        Where that is too many boxes, its opposite may not be: they are kept out of each of those.
        """
        space = self.context.space
        wrong, right = (space.against, space.of) if must else (space.of, space.against)
        try:
            boxes: Union | None = wrong(condition, sent.day)
        except TooManyBoxes:
            boxes = None
        if boxes is not None:
            return self._find(sent, boxes)
        outside = [(inf, sent.at, [box]) for box in right(condition, sent.day)]
        return self._find(sent, None, ReachConstraint(None, outside, 0))

    def _find(self, sent: Sent, boxes: Union | None = None, outside: ReachConstraint | None = None) -> Result[Customer]:
        """Somebody of the audience and the group, in one of the boxes where some are given, whom the send still reaches."""
        here: Union = boxes_of(self.context.space, [sent.touch.audience, self.rule.group], sent.day)
        demands = [Demand(sent.at, sent.day, here)]
        if boxes is not None:
            try:
                demands = [Demand(sent.at, sent.day, intersection(here, boxes))]
            except TooManyBoxes:
                demands.append(Demand(sent.at, sent.day, boxes))
        if not all(demand.boxes for demand in demands):
            return NOBODY
        script = receipt(sent.touch, self.evaluation).script if sent.touch.trigger is None else NO_EVENTS
        return find_customer(self.context, demands, self.evaluation.fresh_budget(), outside, script)

    def _narrowed(self, sent: Sent, name: str) -> bool | Undecided:
        """Whether some known value of an attribute is shut out that a customer could have then."""
        for box in self._values(name):
            answer = self._find(sent, [box])
            if isinstance(answer, Nobody):
                answer = find_customer(self.context, [Demand(sent.at, sent.day, [box])], self.evaluation.fresh_budget())
                if isinstance(answer, Found):
                    return True
            if isinstance(answer, Undecided):
                return answer
        return False

    def _values(self, name: str) -> Iterator[dict[str, int]]:
        """A box for each known value of an attribute; of labels for having each and for lacking it."""
        dimensions = self.context.space.dimensions
        known = dimensions.get(label_key(name, ""))
        for key, dimension in dimensions.items():
            if key == name:
                yield from ({key: 1 << cell} for cell in _known_cells(dimension))
            elif known is not None and key != known.name and key.startswith(label_key(name, "")):
                full = {known.name: known.full & ~known.unknown}
                yield from ({key: 1 << cell, **full} for cell in _known_cells(dimension))


def _known_cells(dimension: Dimension) -> list[int]:
    return [cell for cell in range(len(dimension.samples)) if not dimension.unknown >> cell & 1]


def _probe(name: str, asking: Asking[AudienceFit]) -> Tree | None:
    """A test that makes an attribute of ``narrowed_by`` a dimension of the space; a date is one by its own tests."""
    attribute = asking.plan.customers.attributes[name]
    if attribute.type in ("choice", "zone"):
        return OneOf(name, frozenset(attribute.values))
    if attribute.type == "labels":
        return HasLabels(name, "any", frozenset(attribute.values))
    if attribute.type == "flag":
        return IsFlag(name, True)
    return InRange(name, attribute.minimum, True, None, False) if attribute.type == "number" else None


def _finding(asking: Asking[AudienceFit], campaign: str, found: list[Misfit]) -> Finding:
    rule, evaluation = asking.rule, asking.evaluation
    sent, customer = found[0].sent, found[0].customer
    touch, at = sent.touch, sent.at
    must, must_not = rule.conditions.get("must"), rule.conditions.get("must_not")
    changes: list[Narrowed] = []
    real = can_be(customer, [at], evaluation) and all(
        is_admitted(condition, customer, at, evaluation) for condition in (touch.audience, rule.group)
    )
    misfit = not fits(customer, at, must, must_not, asking.plan.customers, asking.plan.timezone)
    if not real or not (misfit or asking.params.narrowed_by):
        return unproven(rule, asking.not_proven, not_replayed(), touch.place, campaign)
    names = list(asking.params.narrowed_by)
    if misfit:
        lacks = must is not None and not is_admitted(must, customer, at, evaluation)
        broken = "must" if lacks else "must_not"
        why = describe(customer, asking.plan.customers, [rule.conditions[broken]], [at], asking.plan.timezone)
        message = say("a customer who should not get this would get it: {why}", "不应收到的客户会收到：{why}", why=why)
        help = say("narrow the audience so that it keeps to the rule", "请缩小受众，使其符合规则")
        changes = [_narrowed(asking, found)]
    else:
        broken = "narrowed_by"
        message = say("the audience is not narrowed by {names}", "受众没有按 {names} 细分", names=names)
        help = say("choose whom this is for by {names}", "请按 {names} 选择合适的客户", names=names)
    triggered = touch.trigger is not None
    return violated(
        rule,
        message,
        Spot(_audience_place(touch), _label(touch)),
        campaign=campaign,
        related=[Spot(rule.place.down(broken), say("what is asked", "要求"))],
        witness=witness_of(evaluation, rule, customer, [touch]),
        help=help,
        changes=changes,
        stands_at=(one.sent.touch for one in found),
        more=0 if triggered else len({(one.sent.touch.place, one.sent.at) for one in found}) - 1,
        covered_by=asking.waivers.of_sets(([one.sent.touch], None) for one in found),
    )


def _narrowed(asking: Asking[AudienceFit], found: list[Misfit]) -> Narrowed:
    """Those touches only for customers who have what is asked."""
    rule, params = asking.rule, asking.params
    parts: list[Tree] = []
    asked: list[str] = []
    if params.must is not None:
        parts.append(rule.conditions["must"])
        asked.append(flow(params.must))
    if params.must_not is not None:
        parts.append(Not(rule.conditions["must_not"]))
        asked.append(flow({"not": params.must_not}))
    indices = tuple(sorted({one.sent.touch.index for one in found}))
    by = parts[0] if len(parts) == 1 else All(tuple(parts))
    words = say(
        "ask in its audience for {asked} as well"
        if len(indices) == 1
        else "ask in their audiences for {asked} as well",
        "请在其受众条件中再加上 {asked}",
        asked=asked,
    )
    return Narrowed(found[0].sent.touch.campaign, indices, by, words)


def _label(touch: Send) -> Message:
    return say("sent {at}", "{at} 发送", at=touch.local) if touch.trigger is None else say("triggered", "触发发送")


def _audience_place(touch: Send) -> Place:
    """The audience that reaches too far: the touch's own, else the campaign's."""
    own = touch.model.audience is not None
    return touch.place.down("audience") if own else Place(touch.place.document, ("audience",))


KIND = Kind(
    "audience-fit",
    AudienceFit,
    say(
        "every customer in the matching audiences has (or has not) a property, or the audience is narrowed by an attribute",
        "匹配受众中的每位客户都具备（或不具备）某项属性，或受众按某属性细分",
    ),
    check,
    scope=lambda rule: EACH,
)
