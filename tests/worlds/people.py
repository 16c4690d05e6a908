"""Every customer there can be in a small world: values enough to tell apart whatever its conditions can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations, product
from typing import Any

from tactful.engine.clocks import civil_shift, instant, midnight
from tactful.engine.plan.conditions import (
    All,
    Condition,
    DateAge,
    DateBetween,
    InOpaque,
    InRange,
    Not,
    Some,
    attributes_of,
    leaves,
)
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import OTHER, UNKNOWN, Customer, Value, admits, impossible, opaque_key, set_value
from tactful.engine.verdicts import Answer, Finding

from tests.worlds.comparing import World

Events = tuple[tuple[datetime, str], ...]
Turn = tuple[datetime, dict[str, Value]]
"""From when on something has other values."""
NUMBERS = [Decimal(n) for n in range(4)]


def noon(day: date, zone: str) -> datetime:
    return instant(datetime.combine(day, time(12)), zone)


def values_of(attribute: Attribute, days: Sequence[date], numbers: Sequence[Decimal] = NUMBERS) -> list[Value]:
    """The values of an attribute that are tried; of dates and numbers those that matter are given."""
    values: list[Value]
    if attribute.type == "choice":
        values = [*attribute.values, *([OTHER] if attribute.others else [])]
    elif attribute.type == "flag":
        values = [True, False]
    elif attribute.type == "number":
        low, high = attribute.minimum or Decimal(0), attribute.maximum
        values = [n for n in numbers if n >= low and (high is None or n <= high)]
    elif attribute.type == "labels":
        values = [frozenset(c) for n in range(3) for c in combinations(attribute.values, n)]
    else:
        values = [None, *days]
    return values if attribute.always_known else [*values, UNKNOWN]


def asked(condition: Condition) -> set[str]:
    """The attributes and opaque segments that a condition asks about."""
    return attributes_of(condition) | {opaque_key(t.segment) for t in leaves(condition) if isinstance(t, InOpaque)}


def told_apart(rule: LinkedRule[Any], model: CustomerModel) -> frozenset[str]:
    """In what the two of a pair may differ: what the groups ask about, and all that facts tie to it."""
    if rule.params.differ_in:
        return frozenset(opaque_key(n) if n in model.opaque else n for n in rule.params.differ_in)
    found = asked(rule.conditions["favoured"]) | asked(rule.conditions["protected"])
    while more := [asked(fact) for fact in model.facts if asked(fact) & found and not asked(fact) <= found]:
        found = found.union(*more)
    return frozenset(found)


# --- what they meet, on which days -----------------------------------------------------------------------------------


class People:
    """Every customer that some conditions, and the facts, can tell apart; days are bits, in their order."""

    def __init__(
        self,
        model: CustomerModel,
        zone: str,
        days: Sequence[date],
        conditions: Iterable[Condition],
        also: Iterable[str] = (),
    ) -> None:
        self.model, self.zone, self.days = model, zone, list(days)
        self.conditions = [*conditions, *model.facts]
        self.names = sorted({name for condition in self.conditions for name in asked(condition)}.union(also))
        self.all = (1 << len(self.days)) - 1
        self.tests: dict[Any, int] = {}
        self.known: dict[Any, int] = {}
        self.needs: dict[int, tuple[Condition, tuple[str, ...]]] = {}
        """What a condition asks about, by its identity; the condition is kept so that it stays the same."""

    def options(self, name: str) -> list[Value]:
        if name not in self.model.attributes:
            return [True, False]
        tests: list[Any] = [leaf for c in self.conditions for leaf in leaves(c) if name in asked(leaf)]
        edges = {edge for t in tests if isinstance(t, InRange) for edge in (t.low, t.high) if edge is not None}
        numbers = sorted({edge + n for edge in edges | {Decimal(0)} for n in (-1, 0, 1)})
        marks = {mark for t in tests if isinstance(t, DateBetween) for mark in (t.first, t.last) if mark}
        for day in self.days:
            marks |= {day, *(civil_shift(day, t.duration, -1) for t in tests if isinstance(t, DateAge))}
        days = sorted({mark + timedelta(days=n) for mark in marks for n in (-1, 0, 1)})
        return values_of(self.model.attributes[name], days, numbers)

    @cached_property
    def choices(self) -> dict[str, list[Value]]:
        return {name: self.options(name) for name in self.names}

    @property
    def number(self) -> int:
        total = 1
        for values in self.choices.values():
            total *= len(values)
        return total

    def each(self) -> Iterator[dict[str, Value]]:
        for values in product(*self.choices.values()):
            yield dict(zip(self.names, values, strict=True))

    def when(self, condition: Condition, values: dict[str, Value]) -> int:
        """The days on which a condition admits whoever has these values."""
        if id(condition) not in self.needs:
            self.needs[id(condition)] = condition, tuple(sorted(asked(condition)))
        key = (id(condition), *(values[name] for name in self.needs[id(condition)][1]))
        if key not in self.known:
            self.known[key] = self._when(condition, values)
        return self.known[key]

    def _when(self, condition: Condition, values: dict[str, Value]) -> int:
        if isinstance(condition, All):
            found = self.all
            for part in condition.parts:
                found &= self._when(part, values)
            return found
        if isinstance(condition, Some):
            found = 0
            for part in condition.parts:
                found |= self._when(part, values)
            return found
        if isinstance(condition, Not):
            return self.all & ~self._when(condition.part, values)
        (name,) = asked(condition)
        key = (condition, values[name])
        if key not in self.tests:
            customer = Customer({name: values[name]})
            days = self.days if isinstance(values[name], date) else self.days[:1]
            bits = [admits(condition, customer, noon(day, self.zone), self.model, self.zone) for day in days]
            bits = bits if len(bits) == len(self.days) else bits * len(self.days)
            self.tests[key] = sum(1 << n for n, bit in enumerate(bits) if bit)
        return self.tests[key]

    def facts(self, values: dict[str, Value]) -> int:
        """The days on which there can be such a customer."""
        found = self.all
        for fact in self.model.facts:
            found &= self.when(fact, values)
        return found

    def bits(self, first: date, last: date) -> int:
        return sum(1 << n for n, day in enumerate(self.days) if first <= day <= last)


# --- what happens to them --------------------------------------------------------------------------------------------


@dataclass(repr=False)
class EventWorld(World):
    """A plan, and every customer with at most so many events."""

    most_events: int = 2

    def __post_init__(self) -> None:
        assert self.plan.stated_period is not None
        self.first, last = self.plan.stated_period
        self.days = (last - self.first).days + 1
        self.begins = midnight(self.first, self.zone)
        self.ends = midnight(last + timedelta(days=1), self.zone)

    def beginnings(self) -> list[dict[str, Value]]:
        """How a customer can be before the plan; what nothing asks about is one value."""
        seen = [self.first - timedelta(days=n) for n in (1, 2, 4)]
        if self.model.attributes["seen"].changes == "never":
            seen += [self.first + timedelta(days=n) for n in range(self.days + 1)]
        found = {name: values_of(attribute, seen) for name, attribute in self.model.attributes.items()}
        listed = [values if name in self.used else values[:1] for name, values in found.items()]
        return [dict(zip(found, values, strict=True)) for values in product(*listed)]

    def seconds(self, name: str, first: int = 0) -> list[datetime]:
        """The first and last second of each minute in which an event happens, from a day of the plan on."""
        minutes = self.model.events[name].model.hours.days[0]
        days = [datetime.combine(self.first + timedelta(days=n), time()) for n in range(first, self.days)]
        starts = [instant(day + timedelta(seconds=at), self.zone) for day in days for at, _ in minutes]
        return sorted(start + timedelta(seconds=n) for start in starts for n in (0, 59))

    def lives(self, before: dict[str, Value], events: Events, *turns: Turn) -> Customer | None:
        """The customer whose attributes follow from what they bring about, and what turns by itself; None: there is none."""
        steady = {n: v for n, v in before.items() if self.model.attributes[n].changes == "never"}
        moving = {n: v for n, v in before.items() if n not in steady}
        changing = [(self.begins - timedelta(days=2), moving)]
        for at, name in events:
            event = self.model.events[name]
            if event.sets:
                changing.append((at, {word: set_value(event, word, at, self.zone) for word in event.sets}))
        changing = sorted([*changing, *turns], key=lambda entry: entry[0])
        customer = Customer(steady, tuple(changing), events)
        return customer if impossible(customer, self.model, [], self.zone) is None else None

    def differences(
        self,
        expected: dict[str, set[str]],
        answer: Answer,
        verdicts: Counter[str],
        broken: Callable[[Customer], dict[str, set[str]]],
    ) -> list[str]:
        """What is violated without being so, and what is missed without being unproven.

        A witness may bring about more than was tried: then they must show what they stand for.
        """
        wrong = []
        for rule, places in expected.items():
            mine = [f for f in answer.findings if f.rule == rule]
            violated = {f.campaign or "": f for f in mine if f.verdict == "violated"}
            unproven = {f.campaign or "" for f in mine if f.verdict == "unproven"}
            missed = places - set(violated)
            if missed and not unproven:
                wrong.append(f"{rule}: missed at {sorted(missed)}")
            for place, finding in violated.items():
                if place not in places and not self.shows(finding, broken):
                    wrong.append(f"{rule}: false alarm at '{place}'")
            verdicts["violated"] += len(violated)
            verdicts["unproven"] += len(unproven)
        return wrong

    def shows(self, finding: Finding, broken: Callable[[Customer], dict[str, set[str]]]) -> bool:
        """Whether the witness can exist, and breaks the rule where the finding stands."""
        assert finding.witness is not None
        customer = finding.witness.customer
        if impossible(customer, self.model, self.fact_instants, self.zone) is not None:
            return False
        return (finding.campaign or "") in broken(customer)[finding.rule]
