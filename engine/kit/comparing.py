"""What the kinds that compare two groups share: who differs in what, and pairs of customers who differ only in that."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import Any

from ..clocks import midnight
from ..messages import Message, say
from ..places import Problem
from ..plan.conditions import (
    EVERYONE,
    Condition,
    InArm,
    InOpaque,
    attributes_of,
    leaves,
)
from ..plan.plan import Plan
from ..policy.linked import LinkedRule, segment_of
from ..reference import CLOCK, UNKNOWN, Customer, Value, arm_key, opaque_key
from ..reference.comparing import Pair, are_pair
from ..search.budget import SearchBudget
from ..search.customer import TimeExpansion, find_customer
from ..search.model import Demand, SearchContext, attribute_of
from ..search.result import NOBODY, Found, Nobody, Result, Undecided, first_found
from ..search.subtract_boxes import Serving, TimedBox, subtract_boxes
from ..space.boxes import Box, Union, intersection, meet, union
from ..space.dimensions import Dimension
from ..verdicts import Note
from .date_edges import days_alike, days_of_fact
from .describing import describe_names
from .evaluation import Evaluation, boxes_of
from .kind import Outcome
from .replay import can_be, not_replayed

MAX_TRIED = 40
"""How many holes are tried for a customer who can be."""


def names_of(condition: Condition) -> frozenset[str]:
    """The attributes, opaque segments and tests that a condition asks about, as a customer's values are named."""
    keys = {opaque_key(leaf.segment) for leaf in leaves(condition) if isinstance(leaf, InOpaque)}
    keys |= {arm_key(leaf.test) for leaf in leaves(condition) if isinstance(leaf, InArm)}
    return attributes_of(condition) | keys


def apart_of(rule: LinkedRule[Any], plan: Plan) -> frozenset[str]:
    """What favoured and protected customers differ in: what the groups ask about, and what shares a fact with it."""
    stated = getattr(rule.params, "differ_in", ())
    if stated:
        return frozenset(name if name in plan.customers.attributes else opaque_key(name) for name in stated)
    found = names_of(rule.conditions["favoured"]) | names_of(rule.conditions["protected"])
    facts = [names_of(fact) for fact in plan.customers.facts]
    while more := [names for names in facts if names & found and not names <= found]:
        found = found.union(*more)
    return frozenset(found)


@dataclass(frozen=True)
class Groups:
    """Who is favoured, who is protected, and what they may differ in."""

    favoured: tuple[Condition, ...]
    protected: tuple[Condition, ...]
    differing_attributes: frozenset[str]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of both groups."""
        return (*self.favoured, *self.protected)

    @property
    def names(self) -> list[str]:
        """What they may differ in, as policies name it."""
        return sorted(name.removeprefix("segment ") for name in self.differing_attributes)


def groups_of(rule: LinkedRule[Any], plan: Plan) -> Groups:
    """The two groups of a rule, and what their customers may differ in; ``for`` narrows the protected one."""
    own = () if rule.group == EVERYONE else (rule.group,)
    return Groups((rule.conditions["favoured"],), (rule.conditions["protected"], *own), apart_of(rule, plan))


def first_pair(answers: Iterable[Result[Pair]]) -> Result[Pair]:
    """The first pair found among MAX_TRIED places to look; else why it could not be decided, if it could not."""
    places = iter(answers)
    answer = first_found(islice(places, MAX_TRIED))
    more = isinstance(answer, Nobody) and next(places, None) is not None
    return Undecided(not_replayed()) if more else answer


class GroupComparison:
    """All customers at one instant: what the groups and some other conditions can tell apart there."""

    def __init__(self, evaluation: Evaluation, groups: Groups, context: SearchContext, at: datetime, day: date) -> None:
        self.evaluation, self.groups, self.context = evaluation, groups, context
        self.at, self.day, self.space = at, day, context.space
        self.expansion = TimeExpansion(context, [Demand(at, day)], None)
        self.facts: list[Serving] = list(self.expansion.forbidden([Demand(at, day)]))

    @cached_property
    def protected(self) -> Union:
        """The boxes of the protected group."""
        return self.of(self.groups.protected)

    @cached_property
    def favoured(self) -> Union:
        """Those favoured whom the facts allow, as far as facts touch what they may differ in.

        Facts hold at every instant of the plan, so one about dates and what never changes is asked on each of its days.
        """
        tied = [fact for fact in self.space.model.facts if names_of(fact) & self.groups.differing_attributes]
        boxes: Union = self.of([*self.groups.favoured, *tied])
        for fact in (f for f in tied if all(self._lasts(name) for name in names_of(f))):
            for day in days_of_fact(fact, self.evaluation.fact_days):
                boxes = intersection(boxes, self.space.of(fact, day))
        return boxes

    def _lasts(self, name: str) -> bool:
        """Whether it is the same at every instant of the plan."""
        attribute = self.space.model.attributes.get(name)
        return attribute is not None and attribute.changes in (None, "never")

    def of(self, conditions: Sequence[Condition]) -> Union:
        """The boxes of everyone who meets all conditions on the day. Raises TooManyBoxes."""
        return boxes_of(self.space, conditions, self.day)

    def like(self, boxes: Union) -> Union:
        """Everyone who agrees with somebody in the boxes outside what the groups may differ in."""
        differing_attributes = self.groups.differing_attributes
        shadows = (
            {n: m for n, m in box.items() if attribute_of(n) not in differing_attributes}
            for box in self._possible(boxes)
        )
        return union(shadows)

    def _possible(self, boxes: Union) -> Iterable[Box]:
        """The boxes cut to what can be on this day."""
        for box in boxes:
            cut: Box | None = box
            for name in box:
                if cut is not None and self.space.changes(name) != "never":
                    cut = meet(cut, {name: self.space.possible_on(name, self.day)})
            if cut is not None:
                yield cut

    def lifted(self, boxes: Union) -> list[TimedBox]:
        """The boxes, each at the instant."""
        return [self.expansion.box(box, self.at) for box in boxes]

    def holes(self, start: Union, serving: Sequence[Union], budget: SearchBudget) -> Iterator[Box]:
        """The parts of ``start`` that lie in none of the unions, and that the facts of this instant allow."""
        avoid = [*self.facts, *((1.0, self.lifted(boxes)) for boxes in serving if boxes)]
        for joint in self.lifted(start):
            for free in subtract_boxes(joint, avoid, 0, self.expansion.default, budget):
                yield {name: mask for (name, _), mask in free.items()}

    def anybody(self, start: Union, but: Sequence[Union] = ()) -> bool:
        """Whether there can be somebody in ``start`` who is in none of the unions. Raises BudgetExhausted."""
        return next(self.holes(start, but, self.evaluation.fresh_budget()), None) is not None

    def pair(self, hole: Box, favoured: Union, also: Sequence[Condition], budget: SearchBudget) -> Result[Pair]:
        """A protected customer in the hole, and a favoured one like them who meets ``also``; replayed.

        Nobody: nobody there can be protected; that no pair of the two holds is undecided.
        """
        answer = find_customer(self.context, [Demand(self.at, self.day, [hole])], budget)
        if not isinstance(answer, Found):
            return answer
        customer = answer.value
        fixed = {
            name: 1 << cell_of(customer, name, dimension, self.at)
            for name, dimension in self.space.dimensions.items()
            if attribute_of(name) not in self.groups.differing_attributes
        }
        boxes = [both for box in favoured if (both := meet(box, fixed)) is not None]
        other = find_customer(self.context, [Demand(self.at, self.day, boxes)], budget) if boxes else NOBODY
        if isinstance(other, Found) and can_be(customer, [self.at], self.evaluation):
            pair = Pair(customer, self._twin(customer, other.value), self.groups.differing_attributes)
            plan, groups = self.evaluation.plan, self.groups
            wanted = (*groups.favoured, *also)
            if are_pair(pair, groups.protected, wanted, self.at, plan.customers, plan.timezone):
                return Found(pair)
        return other if isinstance(other, Undecided) else Undecided(not_replayed())

    def first_pair(
        self, start: Union, serving: Sequence[Union], favoured: Union, also: Sequence[Condition], budget: SearchBudget
    ) -> Result[Pair]:
        """The first pair whose protected customer lies in ``start`` and in none of the unions."""
        return first_pair(self.pair(hole, favoured, also, budget) for hole in self.holes(start, serving, budget))

    def _twin(self, customer: Customer, other: Customer) -> Customer:
        """The customer as they stand here, with the other's values in what they may differ in."""
        differing_attributes = self.groups.differing_attributes | (
            {CLOCK} if self.space.model.zone_attribute in self.groups.differing_attributes else set()
        )
        return Customer(
            {n: (other if n in differing_attributes else customer).value(n, self.at) for n in _named(customer)}
        )


def cell_of(customer: Customer, name: str, dimension: Dimension, at: datetime) -> int:
    """The cell of a dimension in which the customer is at an instant."""
    attribute, is_label, label = name.partition(" label ")
    value: Value = customer.value(attribute, at)
    sample: object = value
    if is_label:
        known = isinstance(value, frozenset)
        sample = (label in value if isinstance(value, frozenset) else False) if label else (True if known else UNKNOWN)
    elif dimension.samples and isinstance(dimension.samples[0], tuple):
        sample = (value, customer.value(CLOCK, at))
    elif isinstance(value, date):
        return 1 + bisect_right(dimension.cuts, value)
    return next(i for i, one in enumerate(dimension.samples) if one is sample or (one == sample and one is not UNKNOWN))


def comparison_on(
    evaluation: Evaluation, groups: Groups, conditions: Sequence[Condition], day: date, at: datetime | None = None
) -> GroupComparison:
    """Everything these conditions can tell apart on a day of the plan's clock (at its first instant unless stated)."""
    context = evaluation.context([*groups.conditions, *conditions], {day})
    return GroupComparison(evaluation, groups, context, at or midnight(day, evaluation.plan.timezone), day)


# --- whether the groups can be compared --------------------------------------------------------------------------------


def groups_stand(
    rule: LinkedRule[Any], evaluation: Evaluation, groups: Groups, span: tuple[date, date], outcome: Outcome
) -> bool:
    """Whether the groups can be compared: they are apart, and neither is empty. Says so where not. Raises Undecidable."""
    stages = [comparison_on(evaluation, groups, [], day) for day in days_alike(evaluation, groups.conditions, *span)]
    if any(stage.anybody(stage.of(groups.conditions)) for stage in stages):
        outcome.problems.append(_overlap(rule))
        return False
    for key, conditions in (("favoured", groups.favoured), ("protected", groups.protected)):
        if not any(stage.anybody(stage.of(conditions)) for stage in stages):
            outcome.notes.append(_empty(rule, key))
            return False
    if not any(stage.anybody(intersection(stage.protected, stage.like(stage.favoured))) for stage in stages):
        outcome.notes.append(_no_pair(rule, groups.names))
        return False
    stage = stages[0]
    if stage.anybody([{}], [stage.protected, stage.of(groups.favoured)]):
        outcome.notes.append(_neither(rule))
    return True


def _overlap(rule: LinkedRule[Any]) -> Problem:
    message = say("a customer can be both favoured and protected", "客户可能同时属于受优待与受保护两个群体")
    help = say(
        "part the two groups, as in first_purchase: {{within: 30d}} and {{over: 30d}}",
        "请把两个群体分开，例如 first_purchase: {{within: 30d}} 与 {{over: 30d}}",
    )
    return Problem("groups-overlap", message, rule.place.down("protected"), help)


def _empty(rule: LinkedRule[Any], key: str) -> Note:
    message = say(
        "nobody can be in the group under {key} of {rule}", "{rule} 的 {key} 不可能包含任何客户", key=key, rule=rule.id
    )
    return Note("empty-group", "warning", message, rule.place.down(key))


def _no_pair(rule: LinkedRule[Any], names: list[str]) -> Note:
    message = say(
        "no favoured and protected customers differ only in {names}: {rule} compares nobody",
        "没有受优待与受保护的客户仅在 {names} 上不同：{rule} 没有比较任何人",
        names=names,
        rule=rule.id,
    )
    return Note(
        "empty-group",
        "warning",
        message,
        rule.place.down("differ_in" if getattr(rule.params, "differ_in", ()) else "favoured"),
    )


def _neither(rule: LinkedRule[Any]) -> Note:
    message = say(
        "there can be customers in neither group of {rule}: it says nothing of them",
        "可能有客户不属于 {rule} 的任一群体：该规则不涉及他们",
        rule=rule.id,
    )
    return Note("neither-group", "info", message, rule.place.down("favoured"))


def group_words(raw: object, customer: Customer, evaluation: Evaluation, at: datetime, told: Iterable[str]) -> Message:
    """``a customer in segment existing (first purchase 2016-03-01)``."""
    plan = evaluation.plan
    words = describe_names(customer, plan.customers, sorted(told), at, plan.timezone)
    name = segment_of(raw)
    if name is not None:
        return say("a customer in segment {name} ({told})", "客群“{name}”的客户（{told}）", name=name, told=words)
    return say("a customer ({told})", "客户（{told}）", told=words)


def segment_words(raw: object, otherwise: Message) -> Message:
    """``segment existing``, where the group is one."""
    name = segment_of(raw)
    return say("segment {name}", "客群“{name}”", name=name) if name is not None else otherwise


def differing(pair: Pair, at: datetime) -> frozenset[str]:
    """Those of the things that may differ in which the two do."""
    return frozenset(n for n in pair.differing_attributes if pair.customer.value(n, at) != pair.twin.value(n, at))


def compared_by(groups: Groups) -> Message:
    return say(
        "customers are compared who differ only in {names}", "比较的是仅在 {names} 上不同的客户", names=groups.names
    )


NO_GROUPS = Groups((), (), frozenset())
"""Where customers are asked about and none compared."""


def still(customer: Customer, at: datetime) -> Customer:
    """The customer as they stand at an instant, for good."""
    return Customer({name: customer.value(name, at) for name in _named(customer)})


def _named(customer: Customer) -> set[str]:
    """All that something is said of."""
    return {*customer.steady} | {name for _, values in customer.changing for name in values}
