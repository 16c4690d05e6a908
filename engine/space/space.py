"""The space of customers for one set of conditions: turns a condition, asked on a day, into a union of boxes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..clocks import civil_shift
from ..plan.conditions import (
    All,
    Condition,
    DateAge,
    DateAhead,
    DateBetween,
    DateIs,
    HasLabels,
    InArm,
    InOpaque,
    InRange,
    IsFlag,
    Not,
    OnClock,
    OneOf,
    Some,
    tells_days_apart,
)
from ..plan.plan import CustomerModel
from ..reference import arm_key, opaque_key
from .boxes import EVERYWHERE, Box, intersection, union
from .dimensions import Dimension, date_cells, dimensions, label_key, number_cells


@dataclass
class Space:
    """Dimensions for all the conditions of one question, and the unions already made."""

    model: CustomerModel
    dimensions: dict[str, Dimension]
    _made: dict[tuple[Condition, bool, date | None], list[Box]] = field(default_factory=dict)

    _possible: dict[tuple[str, date], int] = field(default_factory=dict)

    def changes(self, name: str) -> str:
        """How the attribute of a dimension changes: never, forward, freely."""
        return self.dimensions[name].changes

    def of(self, condition: Condition, day: date) -> list[Box]:
        """The boxes of everyone who meets the condition on that day. Raises TooManyBoxes."""
        return self._cached(condition, day, True)

    def against(self, condition: Condition, day: date) -> list[Box]:
        """The boxes of everyone who does not meet it."""
        return self._cached(condition, day, False)

    def _cached(self, condition: Condition, day: date, positive: bool) -> list[Box]:
        key = (condition, positive, day if tells_days_apart(condition) else None)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._boxes(condition, day, positive)
        return made

    def _boxes(self, condition: Condition, day: date, positive: bool) -> list[Box]:
        if isinstance(condition, Not):
            return self._boxes(condition.part, day, not positive)
        if isinstance(condition, (All, Some)):
            if isinstance(condition, All) == positive:
                return self._all_of(condition, day, positive)
            return union([box for part in condition.parts for box in self._cached(part, day, positive)])
        if isinstance(condition, HasLabels):
            return self._labels(condition, positive)
        name, mask = self._cells(condition, day)
        if not positive:
            mask = self.dimensions[name].full & ~mask
        return _box(self.dimensions[name], mask)

    def _all_of(self, condition: All | Some, day: date, positive: bool) -> list[Box]:
        """What all parts leave; those that mean the same on every day are met once."""
        key = (condition, positive, None)
        dated = [part for part in condition.parts if tells_days_apart(part)]
        joint = self._made.get(key)
        if joint is None:
            joint = [EVERYWHERE]
            for part in condition.parts:
                if not tells_days_apart(part):
                    joint = intersection(joint, self._cached(part, day, positive))
            self._made[key] = joint
        for part in dated:
            joint = intersection(joint, self._cached(part, day, positive))
        return joint

    def _labels(self, test: HasLabels, positive: bool) -> list[Box]:
        """``none`` is the plain complement of ``any``."""
        known = self.dimensions[label_key(test.attribute, "")]
        labels = [self.dimensions[label_key(test.attribute, value)] for value in sorted(test.values)]
        if test.how == "none":
            return self._labels(HasLabels(test.attribute, "any", test.values), not positive)
        has, lacks = 2, 1
        if (test.how == "all") == positive:
            wanted: Box = {label.name: has if positive else lacks for label in labels}
            if positive:
                return [meet_known(wanted, known)]
            return union([wanted, *_box(known, known.unknown)])
        if positive:
            return union(meet_known({label.name: has}, known) for label in labels)
        return union([*({label.name: lacks} for label in labels), *_box(known, known.unknown)])

    def _cells(self, test: Condition, day: date) -> tuple[str, int]:
        """The dimension of a simple test and the cells in which it holds."""
        if isinstance(test, InOpaque):
            return opaque_key(test.segment), 2
        if isinstance(test, InArm):
            name = arm_key(test.test)
            return name, self.dimensions[name].cells([test.arm])
        if isinstance(test, OnClock):
            name = self.model.zone_attribute or ""
            samples = self.dimensions[name].samples
            return name, sum(1 << i for i, (_, zone) in enumerate(samples) if zone == test.zone)
        assert not isinstance(test, (All, Some, Not, HasLabels))  # noqa: S101
        dimension = self.dimensions[test.attribute]
        if isinstance(test, OneOf):
            return test.attribute, dimension.cells(test.values)
        if isinstance(test, IsFlag):
            return test.attribute, dimension.cells([test.value])
        if isinstance(test, InRange):
            return test.attribute, number_cells(dimension, test)
        return test.attribute, self._date(test, dimension, day)

    def _date(self, test: DateIs | DateAge | DateAhead | DateBetween, dimension: Dimension, day: date) -> int:
        ahead = self.model.attributes[dimension.name].known == "ahead"
        there = date_cells(dimension, None, None if ahead else day)
        if isinstance(test, DateIs):
            return there if test.present else dimension.full & ~there & ~dimension.unknown
        if isinstance(test, DateBetween):
            return date_cells(dimension, test.first, test.last) & there
        if isinstance(test, DateAhead):
            first = civil_shift(day, test.at_least, +1) if test.at_least else day
            return date_cells(dimension, first, civil_shift(day, test.at_most, +1) if test.at_most else None)
        edge = civil_shift(day, test.duration, -1)
        if test.over:
            return date_cells(dimension, None, edge - timedelta(days=1))
        return date_cells(dimension, edge, day)

    def possible_on(self, name: str, day: date) -> int:
        """The cells that a dimension can be in on a day: a changing date is never later than that day."""
        dimension = self.dimensions[name]
        if not dimension.past_only:
            return dimension.full
        found = self._possible.get((name, day))
        if found is None:
            found = self._possible[(name, day)] = 1 | dimension.unknown | date_cells(dimension, None, day)
        return found


def meet_known(box: Box, known: Dimension) -> Box:
    """The box, where the labels are known."""
    return {**box, known.name: known.full & ~known.unknown} if known.unknown else box


def _box(dimension: Dimension, mask: int) -> list[Box]:
    if not mask:
        return []
    return [EVERYWHERE] if mask == dimension.full else [{dimension.name: mask}]


def space_for(
    model: CustomerModel, conditions: Iterable[Condition], days: Iterable[date], zones: tuple[str, ...]
) -> Space:
    """The space in which these conditions and all facts can be asked on these days."""
    return Space(model, dimensions(model, [*set(conditions), *model.facts], days, zones))
