"""Campaigns and services, as written."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ..models import (
    Condition,
    Day,
    Duration,
    Hours,
    Local,
    Model,
    Name,
    Pace,
    Positive,
    Text,
    Whole,
    Zone,
    choice,
    many,
    raw,
)
from ..scalars import WEEKDAYS
from .offers import Offer
from .vocabulary import PURPOSES, STATUSES, WAYS

Purpose = choice(*PURPOSES)
By = choice("automatic", "human")


class Repeat(Model):
    """When a touch comes again. ``rrule`` takes an RFC 5545 rule as it is, alone."""

    every: choice("day", "week", "month", "year") | None = None  # type: ignore[valid-type]
    step: Positive = 1
    days: many(choice(*WEEKDAYS, *map(str, range(1, 32)))) = ()  # type: ignore[valid-type]
    until: Day | None = None
    count: Positive | None = None
    rrule: Text | None = None


class Reply(Model):
    to: Name


class WayOut(Model):
    by: Name
    within: Duration | None = None


class Touch(Model):
    """One contact with one customer on one channel at one time (or, with ``repeat``, at several)."""

    channel: Name
    sender: Name | None = None
    way: choice(*WAYS) | None = None  # type: ignore[valid-type]
    at: Local | None = None
    clock: choice("customer") | None = None  # type: ignore[valid-type]
    repeat: Repeat | None = None
    after: Duration | None = None
    lasts: Duration | None = None
    audience: Condition = None
    gives: many(Name) = ()  # type: ignore[valid-type]
    asks: many(Name) = ()  # type: ignore[valid-type]
    promises: many(Name) = ()  # type: ignore[valid-type]
    by: By = "automatic"  # type: ignore[valid-type]
    reply: Reply | None = None
    way_out: WayOut | None = None
    attempts: Positive = 1


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
    stops_on: many(Name) = ()  # type: ignore[valid-type]


class Split(Model):
    """The arm of a test that this campaign is; ``arms`` lists all arms where there is no rest."""

    test: Name
    arm: Name
    arms: many(Name) = ()  # type: ignore[valid-type]


class Campaign(Model):
    """One planned piece of outreach."""

    campaign: Name
    title: Text | None = None
    owner: Text | None = None
    status: choice(*STATUSES) = "planned"  # type: ignore[valid-type]
    ended_on: Day | None = None
    purpose: Purpose  # type: ignore[valid-type]
    act: Name | None = None
    about: Name | None = None
    cause: Text | None = None
    audience: Condition
    split: Split | None = None
    timezone: Zone | None = None
    trigger: Trigger | None = None
    during: During | None = None
    send_in: Hours | None = None
    stops_on: many(Name) = ()  # type: ignore[valid-type]
    touches: many(Touch)  # type: ignore[valid-type]
    requires: many(Name) = ()  # type: ignore[valid-type]
    stop_when: dict[Name, raw(type="object")] = Field(default_factory=dict)  # type: ignore[valid-type]
    estimated_size: Whole | None = None
    details: dict[Name, Any] = Field(default_factory=dict)
    offers: many(Offer) = ()  # type: ignore[valid-type]


class Closes(Model):
    by: Name
    after: Duration | None = None


class Service(Model):
    """A standing promise to react."""

    service: Name
    title: Text | None = None
    owner: Text | None = None
    event: many(Name)  # type: ignore[valid-type]
    channel: Name
    audience: Condition = "everyone"
    gives: many(Name)  # type: ignore[valid-type]
    within: Duration
    hours: Hours | None = None
    timezone: Zone | None = None
    calendar: Text | None = None
    by: By = "automatic"  # type: ignore[valid-type]
    on_duty: Whole | None = None
    each_handles: Pace | None = None
    closes: Closes | None = None
    details: dict[Name, Any] = Field(default_factory=dict)
