"""The customer model: attributes, segments, events and facts, as written under ``customers``."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ..models import Condition, Duration, Flag, Hours, Model, Name, Number, Positive, Text, choice, many, raw


class Attribute(Model):
    """One property of a customer.

    ``changes`` says how it may change over time: never, forward (dates and numbers that only grow) or freely.
    """

    type: choice("choice", "labels", "flag", "number", "date", "zone")  # type: ignore[valid-type]
    values: many(Text) = ()  # type: ignore[valid-type]
    others: Flag = False
    always_known: Flag = False
    changes: choice("never", "forward", "freely") | None = None  # type: ignore[valid-type]
    known: choice("past", "ahead") = "past"  # type: ignore[valid-type]
    whole: Flag = False
    minimum: Number | None = None
    maximum: Number | None = None


class Segment(Model):
    """A segment that is defined elsewhere; only its relations to other segments are known."""

    opaque: Flag
    disjoint_with: many(Name) = ()  # type: ignore[valid-type]
    part_of: many(Name) = ()  # type: ignore[valid-type]
    together_cover: many(Name) = ()  # type: ignore[valid-type]
    changes: choice("never", "freely") = "never"  # type: ignore[valid-type]


class Assume(Model):
    """How often an event can happen to one customer: an assumption, not a rule."""

    at_most: Positive
    per: Duration


class Event(Model):
    """Something a customer does or that happens to a customer."""

    if_: Condition = Field(default=None, alias="if")
    sets: dict[Name, Any] = Field(default_factory=dict)
    assume: Assume | None = None
    hours: Hours | None = None
    channels: many(Name) = ()  # type: ignore[valid-type]


class Fact(Model):
    """What is true of every customer at every instant: whoever meets ``if`` meets ``then``."""

    if_: Condition = Field(alias="if")
    then: Condition


class Customers(Model):
    attributes: dict[Name, Attribute] = Field(default_factory=dict)
    segments: dict[Name, raw(type=["object", "string", "array"])] = Field(default_factory=dict)  # type: ignore[valid-type]
    events: dict[Name, Event] = Field(default_factory=dict)
    facts: tuple[Fact, ...] = ()


class CustomersDocument(Model):
    """Who the customers are: what can be known of them and what can happen to them."""

    customers: Customers
