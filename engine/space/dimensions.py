"""Dimensions: each attribute cut into the cells that the conditions in play can tell apart.

A set of cells is the bits of an integer. A cell stands for all of its values; ``sample`` gives one of them for a witness.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ..clocks import civil_shift
from ..plan.conditions import Condition, DateAge, DateAhead, DateBetween, DateIs, HasLabels, InRange, leaves
from ..plan.customers import Attribute
from ..plan.plan import CustomerModel
from ..reference import OTHER, UNKNOWN, Value, arm_key, opaque_key

DateTest = DateIs | DateAge | DateAhead | DateBetween


@dataclass(frozen=True, slots=True)
class Dimension:
    """One axis of the space. ``samples`` has a value for each cell, in cell order; ``unknown`` is the mask of not known."""

    name: str
    changes: str
    samples: tuple[Any, ...]
    unknown: int = 0
    index: Mapping[Any, int] = field(default_factory=dict)
    """Cell of each listed value (choice values, zones, flags, arms)."""
    cuts: tuple[Any, ...] = ()
    """For dates: the first day of each cell but the earliest. For numbers: the thresholds."""
    past_only: bool = False
    """For dates that change: a value later than the day it is asked cannot be."""

    full: int = field(init=False, compare=False)
    """All cells."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "full", (1 << len(self.samples)) - 1)

    def cells(self, values: Iterable[Any]) -> int:
        mask = 0
        for value in values:
            mask |= 1 << self.index[value]
        return mask


def _listed(name: str, changes: str, values: Iterable[Value], unknown: bool) -> Dimension:
    samples = [*values]
    index = {value: i for i, value in enumerate(samples)}
    mask = 1 << len(samples) if unknown else 0
    return Dimension(name, changes, (*samples, *([UNKNOWN] if unknown else [])), mask, index)


def _zone_dimension(name: str, attribute: Attribute, zones: tuple[str, ...]) -> Dimension:
    """Cells (shown value, zone of the clock): known zones show themselves; not known, the clock is in any of them."""
    declared = set(attribute.values)
    samples: list[tuple[Value, str]] = [(z if z in declared else OTHER, z) for z in zones]
    known = len(samples)
    if not attribute.always_known:
        samples += [(UNKNOWN, z) for z in zones]
    index: dict[Any, int] = {shown: i for i, (shown, _) in enumerate(samples[:known]) if shown != OTHER}
    unknown = ((1 << len(samples)) - 1) & ~((1 << known) - 1)
    return Dimension(name, attribute.changes or "never", tuple(samples), unknown, index)


def _date_dimension(name: str, attribute: Attribute, tests: Iterable[DateTest], days: list[date]) -> Dimension:
    """Cell 0: absent for ever; then the runs of days between all edges that a test has on one of the days asked."""
    edges: set[date] = set()
    for test in tests:
        if isinstance(test, DateBetween):
            edges |= {day for day in (test.first, test.last + timedelta(days=1) if test.last else None) if day}
            continue
        for day in days:
            if isinstance(test, DateAge):
                edges.add(civil_shift(day, test.duration, -1))
            elif isinstance(test, DateAhead):
                edges.add(civil_shift(day, test.at_least, +1) if test.at_least else day)
                if test.at_most:
                    edges.add(civil_shift(day, test.at_most, +1) + timedelta(days=1))
    edges |= {day + timedelta(days=1) for day in days}
    cuts = tuple(sorted(edges))
    runs = [cuts[0] - timedelta(days=1), *(cut for cut in cuts)] if cuts else [date(2026, 1, 1)]
    samples: list[Value] = [None, *runs]
    unknown = 0 if attribute.always_known else 1 << len(samples)
    if unknown:
        samples.append(UNKNOWN)
    past_only = attribute.changes != "never" and attribute.known == "past"
    return Dimension(name, attribute.changes or "never", tuple(samples), unknown, {}, cuts, past_only)


def _number_dimension(name: str, attribute: Attribute, tests: Iterable[InRange]) -> Dimension:
    """Cells between and on the thresholds; those that hold no value of the attribute are left out."""
    cuts = sorted({edge for test in tests for edge in (test.low, test.high) if edge is not None})
    samples: list[Value] = []
    ends: list[Any] = []
    edges: list[Decimal | None] = [None, *cuts, None]
    for i in range(len(edges) - 1):
        between = _number_between(edges[i], edges[i + 1], attribute)
        if between is not None:
            samples.append(between)
            ends.append((edges[i], edges[i + 1]))
        upper = edges[i + 1]
        if upper is not None and _allowed(upper, attribute):
            samples.append(upper)
            ends.append((upper, upper))
    unknown = 0 if attribute.always_known else 1 << len(samples)
    if unknown:
        samples.append(UNKNOWN)
    return Dimension(name, attribute.changes or "never", tuple(samples), unknown, {}, tuple(ends))


def _allowed(value: Decimal, attribute: Attribute) -> bool:
    if attribute.whole and value != value.to_integral_value():
        return False
    return (attribute.minimum is None or value >= attribute.minimum) and (
        attribute.maximum is None or value <= attribute.maximum
    )


def any_number(attribute: Attribute) -> Decimal | None:
    """A value that the attribute can have; None where its bounds leave none."""
    return _number_between(None, None, attribute)


def _number_between(low: Decimal | None, high: Decimal | None, attribute: Attribute) -> Decimal | None:
    """A value strictly between two thresholds that the attribute can have, the smallest readable one; or None."""
    least = attribute.minimum if attribute.minimum is not None and (low is None or attribute.minimum > low) else None
    most = attribute.maximum if attribute.maximum is not None and (high is None or attribute.maximum < high) else None
    start = least if least is not None else (low if low is not None else None)
    candidates = []
    if start is not None:
        whole = start.to_integral_value(rounding="ROUND_FLOOR")
        candidates += [start, whole, whole + 1, whole + 2]
    end = most if most is not None else high
    if end is not None:
        whole = end.to_integral_value(rounding="ROUND_CEILING")
        candidates += [end, whole, whole - 1, whole - 2]
        if start is not None:
            candidates.append((start + end) / 2)
    candidates.append(Decimal(0))
    for value in candidates:
        inside = (low is None or value > low) and (high is None or value < high)
        if inside and _allowed(value, attribute):
            return value
    return None


def dimensions(
    model: CustomerModel, conditions: Iterable[Condition], days: Iterable[date], zones: tuple[str, ...]
) -> dict[str, Dimension]:
    """The dimensions that these conditions, asked on these days, can tell apart; keys are names for ``boxes``."""
    asked = sorted(set(days))
    tests: dict[str, list[Any]] = {}
    found: dict[str, Dimension] = {}
    for leaf in {leaf for condition in conditions for leaf in leaves(condition)}:
        if hasattr(leaf, "attribute"):
            tests.setdefault(leaf.attribute, []).append(leaf)
        elif hasattr(leaf, "segment"):
            name = opaque_key(leaf.segment)
            found[name] = _listed(name, model.opaque[leaf.segment].changes, (False, True), False)
        elif hasattr(leaf, "test"):
            name = arm_key(leaf.test)
            found[name] = _listed(name, "never", model.tests[leaf.test], False)
        elif model.zone_attribute is not None:
            tests.setdefault(model.zone_attribute, [])
    for name, asked_tests in sorted(tests.items()):
        found |= _of_attribute(name, model.attributes[name], asked_tests, asked, zones)
    return found


def _of_attribute(
    name: str, attribute: Attribute, tests: list[Any], days: list[date], zones: tuple[str, ...]
) -> dict[str, Dimension]:
    unknown, changes = not attribute.always_known, attribute.changes or "never"
    if attribute.type == "zone":
        return {name: _zone_dimension(name, attribute, zones)}
    if attribute.type == "choice":
        return {name: _listed(name, changes, (*attribute.values, *([OTHER] if attribute.others else [])), unknown)}
    if attribute.type == "flag":
        return {name: _listed(name, changes, (False, True), unknown)}
    if attribute.type == "number":
        return {name: _number_dimension(name, attribute, tests)}
    if attribute.type == "date":
        return {name: _date_dimension(name, attribute, tests, days)}
    labels = sorted({value for test in tests if isinstance(test, HasLabels) for value in test.values})
    found = {label_key(name, label): _listed(label_key(name, label), changes, (False, True), False) for label in labels}
    found[label_key(name, "")] = _listed(label_key(name, ""), changes, (True,), unknown)
    return found


def label_key(attribute: str, label: str) -> str:
    """The dimension of one label; the empty label stands for whether the labels are known at all."""
    return f"{attribute} label {label}"


def date_cells(dimension: Dimension, first: date | None, last: date | None) -> int:
    """The cells of the days from ``first`` to ``last``, both inclusive; None is open. Both must be edges of cells."""
    low = 1 if first is None else 1 + _run(dimension, first)
    high = len(dimension.cuts) + 1 if last is None else 1 + _run(dimension, last)
    return ((1 << (high + 1)) - 1) & ~((1 << low) - 1) if high >= low else 0


def _run(dimension: Dimension, day: date) -> int:
    """Index of the run that holds ``day``."""
    return bisect_right(dimension.cuts, day)


def number_cells(dimension: Dimension, test: InRange) -> int:
    """The cells whose values lie in the range."""
    mask = 0
    for i, (low, high) in enumerate(dimension.cuts):
        point = low is not None and low == high
        above = test.low is None or (
            low is not None and (low > test.low or (low == test.low and (not point or test.low_included)))
        )
        below = test.high is None or (
            high is not None and (high < test.high or (high == test.high and (not point or test.high_included)))
        )
        if above and below:
            mask |= 1 << i
    return mask
