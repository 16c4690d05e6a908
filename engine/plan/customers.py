"""The customer model: attributes, segments, events and facts, as written under ``customers``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..models import Choice, Condition, Duration, Flag, Hours, Many, Model, Name, Number, Positive, RawSegment, Text


class Attribute(Model):
    """One property of a customer.

    ``changes`` says how it may change over time: never, forward (dates and numbers that only grow) or freely.
    """

    type: Choice[Literal["choice", "labels", "flag", "number", "date", "zone"]]
    values: Many[Text] = ()
    others: Flag = False
    always_known: Flag = False
    changes: Choice[Literal["never", "forward", "freely"]] | None = None
    known: Choice[Literal["past", "ahead"]] = "past"
    whole: Flag = False
    minimum: Number | None = None
    maximum: Number | None = None


class Segment(Model):
    """A segment that is defined elsewhere; only its relations to other segments are known."""

    opaque: Flag
    disjoint_with: Many[Name] = ()
    part_of: Many[Name] = ()
    together_cover: Many[Name] = ()
    changes: Choice[Literal["never", "freely"]] = "never"


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
    channels: Many[Name] = ()


class Fact(Model):
    """What is true of every customer at every instant: whoever meets ``if`` meets ``then``."""

    if_: Condition = Field(alias="if")
    then: Condition


class Customers(Model):
    attributes: dict[Name, Attribute] = Field(default_factory=dict)
    segments: dict[Name, RawSegment] = Field(default_factory=dict)
    events: dict[Name, Event] = Field(default_factory=dict)
    facts: tuple[Fact, ...] = ()


class CustomersDocument(Model):
    """Who the customers are: what can be known of them and what can happen to them."""

    customers: Customers
