"""The reference evaluator: what the rules mean for one concrete customer, in the plainest words.

It is the executable meaning of the language. It knows no boxes, no cells and no search; it takes a customer with a value
for every attribute and walks through the plan. Every witness that a search finds is replayed here before it is shown,
and the searches are tested against it over all customers of small worlds.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from ..clocks import TICK, civil_shift, day_of
from ..hours import is_open
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
)
from ..plan.customers import Attribute
from ..plan.plan import DAY, CustomerModel, PlannedEvent
from ..windows import Per, window_ending


class _Unknown:
    def __repr__(self) -> str:
        return "unknown"

    def __reduce__(self) -> str:
        return "UNKNOWN"  # the same one, also where an answer comes from another process


UNKNOWN = _Unknown()
OTHER = "\0other"
"""A value outside the declared ones, of an attribute with ``others``."""

Value = str | bool | Decimal | date | frozenset[str] | _Unknown | None
"""What an attribute can be: None is a date that is absent for ever; UNKNOWN is not known."""

CLOCK = "clock of the customer"


def opaque_key(segment: str) -> str:
    return f"segment {segment}"


def arm_key(test: str) -> str:
    return f"test {test}"


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer. ``steady`` values hold always; ``changing`` ones from their instant on (before the first: as it is).

    Membership of opaque segments, arms of tests and the zone of the customer's clock stand among the values under
    ``opaque_key``, ``arm_key`` and ``CLOCK``.
    """

    steady: Mapping[str, Value]
    changing: tuple[tuple[datetime, Mapping[str, Value]], ...] = field(default=())
    events: tuple[tuple[datetime, str], ...] = ()
    """What the customer brings about, in order; what is not here does not happen."""

    _timelines: dict[str, tuple[list[datetime], list[Value]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The changing values by name, in the order of time; found once."""

    @property
    def names(self) -> set[str]:
        """Of what it has a value at some time."""
        return {*self.steady, *(name for _, values in self.changing for name in values)}

    def value(self, name: str, at: datetime) -> Value:
        if name in self.steady:
            return self.steady[name]
        if not self._timelines:
            for when, values in sorted(self.changing, key=lambda entry: entry[0]):
                for each, value in values.items():
                    times, its = self._timelines.setdefault(each, ([], []))
                    times.append(when)
                    its.append(value)
        if name not in self._timelines:
            return UNKNOWN
        times, its = self._timelines[name]
        return its[max(bisect_right(times, at) - 1, 0)]


# --- conditions ------------------------------------------------------------------------------------------------------


def meets(condition: Condition, customer: Customer | AsKnown, at: datetime, timezone: str) -> bool:
    """Whether the customer meets the condition at an instant; dates are asked on the day it is in ``timezone``."""
    if isinstance(condition, All):
        return all(meets(part, customer, at, timezone) for part in condition.parts)
    if isinstance(condition, Some):
        return any(meets(part, customer, at, timezone) for part in condition.parts)
    if isinstance(condition, Not):
        return not meets(condition.part, customer, at, timezone)
    if isinstance(condition, InOpaque):
        return customer.value(opaque_key(condition.segment), at) is True
    if isinstance(condition, InArm):
        return customer.value(arm_key(condition.test), at) == condition.arm
    if isinstance(condition, OnClock):
        return customer.value(CLOCK, at) == condition.zone
    value = customer.value(condition.attribute, at)
    if value is UNKNOWN:
        return isinstance(condition, HasLabels) and condition.how == "none"
    if isinstance(condition, OneOf):
        return value in condition.values
    if isinstance(condition, IsFlag):
        return value is condition.value
    if isinstance(condition, HasLabels):
        assert isinstance(value, frozenset)  # noqa: S101
        if condition.how == "any":
            return bool(value & condition.values)
        return condition.values <= value if condition.how == "all" else not value & condition.values
    if isinstance(condition, InRange):
        assert isinstance(value, Decimal)  # noqa: S101
        return _in_range(value, condition)
    assert value is None or isinstance(value, date)  # noqa: S101
    return _date_test(condition, value, day_of(at, timezone))


def _in_range(value: Decimal, test: InRange) -> bool:
    if test.low is not None and (value < test.low or (value == test.low and not test.low_included)):
        return False
    return not (test.high is not None and (value > test.high or (value == test.high and not test.high_included)))


def _date_test(test: DateIs | DateAge | DateAhead | DateBetween, value: date | None, today: date) -> bool:
    """``value`` None: absent. What is later than today is present only to ``ahead`` (and see ``known_by``)."""
    if isinstance(test, DateIs):
        return (value is not None) == test.present
    if value is None:
        return False
    if isinstance(test, DateAge):
        edge = civil_shift(today, test.duration, -1)
        return value < edge if test.over else edge <= value <= today
    if isinstance(test, DateBetween):
        return (test.first is None or value >= test.first) and (test.last is None or value <= test.last)
    first = civil_shift(today, test.at_least, +1) if test.at_least else today
    return value >= first and (test.at_most is None or value <= civil_shift(today, test.at_most, +1))


@dataclass(frozen=True, slots=True)
class AsKnown:
    """A customer as they stand at an instant: a date later than that day is absent unless it is known ahead."""

    customer: Customer
    attributes: Mapping[str, Attribute]
    today: date

    def value(self, name: str, at: datetime) -> Value:
        value = self.customer.value(name, at)
        if not isinstance(value, date) or value <= self.today:
            return value
        attribute = self.attributes.get(name)
        return None if attribute is not None and attribute.known == "past" else value


def as_known(customer: Customer, attributes: Mapping[str, Attribute], at: datetime, timezone: str) -> AsKnown:
    """The customer as they stand at an instant."""
    return AsKnown(customer, attributes, day_of(at, timezone))


def admits(condition: Condition, customer: Customer, at: datetime, model: CustomerModel, timezone: str) -> bool:
    """Whether a condition admits the customer at an instant."""
    return meets(condition, as_known(customer, model.attributes, at, timezone), at, timezone)


# --- who can exist ---------------------------------------------------------------------------------------------------


def impossible(customer: Customer, model: CustomerModel, instants: Iterable[datetime], timezone: str) -> str | None:
    """Why there cannot be such a customer, or None: wrong values, changes that cannot be, a fact that does not hold."""
    if why := _wrong_event(customer, model, timezone) or _unexplained(customer, model, timezone):
        return why
    happens = [at for at, _ in customer.events]
    ordered = sorted({*instants, *happens, *(at - TICK for at in happens)})
    known = {at: as_known(customer, model.attributes, at, timezone) for at in ordered}
    for name, attribute in model.attributes.items():
        steady = attribute.changes in (None, "never")
        values = [customer.value(name, at) if steady else known[at].value(name, at) for at in ordered]
        for value in values:
            if why := _wrong_value(name, attribute, value):
                return why
        if why := _wrong_change(name, attribute, values):
            return why
    zone_name = model.zone_attribute
    for at in ordered:
        if zone_name is not None:
            shown, actual = customer.value(zone_name, at), customer.value(CLOCK, at)
            if shown is not UNKNOWN and actual is not UNKNOWN and shown != actual and shown != OTHER:
                return f"the clock is in {actual}, the zone attribute says {shown}"
        for fact in model.facts:
            if not admits(fact, customer, at, model, timezone):
                return f"a fact does not hold at {at}"
    return None


def _wrong_value(name: str, attribute: Attribute, value: Value) -> str | None:
    if value is UNKNOWN:
        return f"{name} is always known" if attribute.always_known else None
    if attribute.type in ("choice", "zone"):
        right = value in attribute.values or (attribute.others and isinstance(value, str))
    elif attribute.type == "flag":
        right = isinstance(value, bool)
    elif attribute.type == "labels":
        right = isinstance(value, frozenset) and value <= set(attribute.values)
    elif attribute.type == "number":
        right = isinstance(value, Decimal) and (not attribute.whole or value == value.to_integral_value())
        right = right and (attribute.minimum is None or value >= attribute.minimum)  # type: ignore[operator]
        right = right and (attribute.maximum is None or value <= attribute.maximum)  # type: ignore[operator]
    else:
        right = value is None or isinstance(value, date)
    return None if right else f"{name} cannot be {value!r}"


def _wrong_change(name: str, attribute: Attribute, values: Sequence[Value]) -> str | None:
    if attribute.changes in (None, "never") and any(value != values[0] for value in values):
        return f"{name} never changes"
    if attribute.changes == "forward":
        known = [value for value in values if value is not UNKNOWN]
        for before, after in itertools.pairwise(known):
            if before is not None and (after is None or after < before):  # type: ignore[operator]
                return f"{name} only changes forward"
    return None


def _wrong_event(customer: Customer, model: CustomerModel, timezone: str) -> str | None:
    """Each event happens to whom it can, in its hours, and no more often than is assumed."""
    for at, name in customer.events:
        event = model.events[name]
        if not admits(event.condition, customer, at - TICK, model, timezone):
            return f"{name} cannot happen to this customer at {at}"
        if event.model.hours is not None and not is_open(at, event.model.hours, timezone, model.calendar):
            return f"{name} does not happen at {at}"
        if event.model.assume is not None:
            window = window_ending(at, Per(event.model.assume.per), timezone)
            often = sum(1 for when, other in customer.events if other == name and window.holds(when))
            if often > event.model.assume.at_most:
                return f"{name} happens too often before {at}"
    return None


def set_value(event: PlannedEvent, name: str, at: datetime, timezone: str) -> Value:
    """What an event at this instant sets an attribute to."""
    value = event.sets[name]
    return day_of(at, timezone) if value is DAY else value


def _unexplained(customer: Customer, model: CustomerModel, timezone: str) -> str | None:
    """An attribute that events set changes at those events and nowhere else."""
    for name in model.set_by_events:
        setters: dict[datetime, Value] = {}
        for at, event in customer.events:
            if name in model.events[event].sets:
                value = set_value(model.events[event], name, at, timezone)
                if setters.setdefault(at, value) != value:
                    return f"{name} is set to two values at {at}"
        if model.attributes[name].changes in (None, "never"):
            if any(not _already(customer.steady.get(name), at, timezone) for at in setters):
                return f"{name} is not set although an event set it"
            continue
        entries = {at for at, values in customer.changing if name in values}
        previous = customer.value(name, min(entries, default=datetime.max.replace(tzinfo=UTC)))
        for at in sorted(entries | set(setters)):
            value = customer.value(name, at)
            if value != setters.get(at, previous):
                return f"{name} changes at {at} without an event, or an event does not change it"
            previous = value
    return None


def _already(value: Value, at: datetime, timezone: str) -> bool:
    """A date that never changes is set by the first such event, so it lies on its day or before."""
    return isinstance(value, date) and value <= day_of(at, timezone)
