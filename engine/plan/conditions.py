"""Conditions on customers: the tree, and how it is made from what was written.

The tree has no names of segments left in it (they are put in place) but for opaque ones, which have no content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ..scalars import (
    Duration,
)

# --- the tree --------------------------------------------------------------------------------------------------------


class _Tree:
    """A condition of others. Its hash is worked out once: trees are looked up often."""

    __slots__ = ("_number",)
    __match_args__: tuple[str, ...]
    _number: int

    def __hash__(self) -> int:
        try:
            return self._number
        except AttributeError:
            number = hash((type(self), *(getattr(self, name) for name in self.__match_args__)))
            object.__setattr__(self, "_number", number)
            return number


@dataclass(frozen=True, slots=True)
class All(_Tree):
    """Every part holds; no part: everyone."""

    parts: tuple[Condition, ...] = ()
    __hash__ = _Tree.__hash__


@dataclass(frozen=True, slots=True)
class Some(_Tree):
    """At least one part holds; no part: nobody."""

    parts: tuple[Condition, ...]
    __hash__ = _Tree.__hash__


@dataclass(frozen=True, slots=True)
class Not(_Tree):
    """The plain complement: true on unknown."""

    part: Condition
    __hash__ = _Tree.__hash__


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice or zone attribute has one of the values."""

    attribute: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class HasLabels:
    """A labels attribute has any or all of the values, or (``none``, a plain complement) none of them."""

    attribute: str
    how: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class IsFlag:
    attribute: str
    value: bool


@dataclass(frozen=True, slots=True)
class InRange:
    """A number within bounds; None is open."""

    attribute: str
    low: Decimal | None
    low_included: bool
    high: Decimal | None
    high_included: bool


@dataclass(frozen=True, slots=True)
class DateIs:
    """A date is ``absent`` or ``present`` on the day it is asked."""

    attribute: str
    present: bool


@dataclass(frozen=True, slots=True)
class DateAge:
    """A date is at most (``within``) or more than (``over``) ``duration`` before the day it is asked."""

    attribute: str
    duration: Duration
    over: bool


@dataclass(frozen=True, slots=True)
class DateAhead:
    """A date known ahead is at least and at most so far after the day it is asked."""

    attribute: str
    at_least: Duration | None
    at_most: Duration | None


@dataclass(frozen=True, slots=True)
class DateBetween:
    """A date is present and within two days, both inclusive; None is open."""

    attribute: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class InOpaque:
    """Member of a segment that is defined elsewhere."""

    segment: str


@dataclass(frozen=True, slots=True)
class InArm:
    """In one arm of a test."""

    test: str
    arm: str


@dataclass(frozen=True, slots=True)
class OnClock:
    """The customer's clock is in this zone, whether or not we know it."""

    zone: str


Condition = (
    All
    | Some
    | Not
    | OneOf
    | HasLabels
    | IsFlag
    | InRange
    | DateIs
    | DateAge
    | DateAhead
    | DateBetween
    | InOpaque
    | InArm
    | OnClock
)
EVERYONE = All()


def both(*parts: Condition) -> Condition:
    """Everyone who meets all of ``parts``."""
    kept = tuple(part for part in parts if part != EVERYONE)
    return kept[0] if len(kept) == 1 else All(kept)


def leaves(condition: Condition) -> Iterator[Condition]:
    """The tests in a condition."""
    if isinstance(condition, (All, Some)):
        for part in condition.parts:
            yield from leaves(part)
    elif isinstance(condition, Not):
        yield from leaves(condition.part)
    else:
        yield condition


@lru_cache(maxsize=1 << 16)
def attributes_of(condition: Condition) -> frozenset[str]:
    """The attributes that a condition asks about."""
    if isinstance(condition, (All, Some)):
        return frozenset().union(*map(attributes_of, condition.parts))
    if isinstance(condition, Not):
        return attributes_of(condition.part)
    return frozenset() if isinstance(condition, (InOpaque, InArm, OnClock)) else frozenset((condition.attribute,))


@lru_cache(maxsize=1 << 16)
def tells_days_apart(condition: Condition) -> bool:
    """Whether what the condition means depends on the day it is asked."""
    if isinstance(condition, (All, Some)):
        return any(map(tells_days_apart, condition.parts))
    if isinstance(condition, Not):
        return tells_days_apart(condition.part)
    return isinstance(condition, (DateIs, DateAge, DateAhead, DateBetween))
