"""The ledger: what was already sent before the plan begins, as a contact log or as upper bounds for groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import Field

from ..models import Choice, Condition, Day, Many, Model, Name, Positive, Text
from ..places import Place
from .conditions import Condition as Tree
from .vocabulary import Purpose

LOG, LINE = "the log of ", "line "
"""How the tests are named whose arms are the customers of a log, and how these arms are."""


class Bound(Model):
    """Nobody of the audience got more than so many such touches between two days."""

    audience: Condition = "everyone"
    channel: Name
    purpose: Choice[Purpose]
    sender: Name | None = None
    about: Name | None = None
    at_most: Positive
    from_: Day = Field(alias="from")
    until: Day


class Ledger(Model):
    """What was sent up to a day: in counts it stands for every dated touch of the plan up to then."""

    ledger: Name
    until: Day
    log: Text | None = Field(
        default=None, description="a CSV below the repository: customer, channel, at, and attributes"
    )
    purpose: Choice[Purpose] | None = Field(default=None, description="of every row of the log that names none")
    bounds: Many[Bound] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of a contact log. ``values`` are attributes of the customer as they were then, as texts."""

    customer: str
    channel: str
    at: datetime
    purpose: str
    sender: str | None
    about: str | None
    values: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Contacts of one kind at one instant (local time on the plan's clock), for customers of one description."""

    at: datetime
    audience: Tree
    fields: Mapping[str, Any]
    number: int
    place: Place


@dataclass(frozen=True, slots=True)
class PlannedLedger:
    """A ledger with its words looked up."""

    name: str
    until: date
    place: Place
    sent: tuple[Sent, ...] = ()
    bounded: bool = False
    """Whether upper bounds are among it: then it is not known what was really sent."""
