"""Campaigns and services, as written."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from ..models import (
    Choice,
    Condition,
    Day,
    Duration,
    Hours,
    Local,
    Many,
    Model,
    Name,
    Pace,
    Positive,
    RawObject,
    Text,
    Whole,
    Zone,
    lifted,
)
from ..scalars import WEEKDAYS, choice_parser
from .moving import Move, MoveField
from .offers import Offer
from .vocabulary import Purpose, Status, Way

By = Choice[Literal["automatic", "human"]]
RepeatDay = Annotated[
    str,
    BeforeValidator(lifted(choice_parser((*WEEKDAYS, *map(str, range(1, 32)))))),
    WithJsonSchema({"enum": [*WEEKDAYS, *map(str, range(1, 32))]}),
]
"""A day of the week, or of the month."""


class Repeat(Model):
    """When a touch comes again. ``rrule`` takes an RFC 5545 rule as it is, alone."""

    every: Choice[Literal["day", "week", "month", "year"]] | None = None
    step: Positive = 1
    days: Many[RepeatDay] = ()
    until: Day | None = None
    count: Positive | None = None
    rrule: Text | None = None


class Reply(Model):
    to: Name


class WayOut(Model):
    by: Name
    within: Duration | None = None


class TouchSpec(Model):
    """One contact with one customer on one channel at one time (or, with ``repeat``, at several)."""

    channel: Name
    sender: Name | None = None
    way: Choice[Way] | None = None
    at: Local | None = None
    clock: Choice[Literal["customer"]] | None = None
    repeat: Repeat | None = None
    after: Duration | None = None
    lasts: Duration | None = None
    audience: Condition = None
    gives: Many[Name] = ()
    asks: Many[Name] = ()
    promises: Many[Name] = ()
    by: By = "automatic"
    reply: Reply | None = None
    way_out: WayOut | None = None
    attempts: Positive = 1
    move: MoveField | None = None


class During(Model):
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None


class Trigger(Model):
    """What starts a triggered campaign for one customer: an event, or a date of the customer."""

    event: Name | None = None
    date: Name | None = None
    before: Duration | None = None
    after: Duration | None = None
    again_after: Duration | None = None
    stops_on: Many[Name] = ()


class Split(Model):
    """The arm of a test that this campaign is; ``arms`` lists all arms where there is no rest."""

    test: Name
    arm: Name
    arms: Many[Name] = ()


class Campaign(Model):
    """One planned piece of outreach."""

    campaign: Name
    title: Text | None = None
    owner: Text | None = None
    status: Choice[Status] = "planned"
    ended_on: Day | None = None
    purpose: Choice[Purpose]
    act: Name | None = None
    about: Name | None = None
    cause: Text | None = None
    audience: Condition
    split: Split | None = None
    timezone: Zone | None = None
    trigger: Trigger | None = None
    during: During | None = None
    send_in: Hours | None = None
    move: MoveField | None = None
    stops_on: Many[Name] = ()
    touches: Many[TouchSpec]
    requires: Many[Name] = ()
    stop_when: dict[Name, RawObject] = Field(default_factory=dict)
    estimated_size: Whole | None = None
    details: dict[Name, Any] = Field(default_factory=dict)
    offers: Many[Offer] = ()

    def move_of(self, index: int) -> Move:
        """To which days a touch may be moved: its own word, else the campaign's; any, where nothing is said."""
        move: Move | None = self.touches[index].move or self.move
        return move or Move()


class Closes(Model):
    by: Name
    after: Duration | None = None


class Service(Model):
    """A standing promise to react."""

    service: Name
    title: Text | None = None
    owner: Text | None = None
    event: Many[Name]
    channel: Name
    audience: Condition = "everyone"
    gives: Many[Name]
    within: Duration
    hours: Hours | None = None
    timezone: Zone | None = None
    calendar: Text | None = None
    by: By = "automatic"
    on_duty: Whole | None = None
    each_handles: Pace | None = None
    closes: Closes | None = None
    details: dict[Name, Any] = Field(default_factory=dict)
