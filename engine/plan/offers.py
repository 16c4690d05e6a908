"""Offers: a product at a price, for those eligible."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from .. import scalars
from ..messages import say
from ..models import Choice, Condition, Day, Duration, Flag, Many, Model, Money, Name, Positive, Text, Whole, refused
from ..places import Place
from ..scalars import BadValue

CASH = "cash"
"""The kind of incentive that is money back; every other kind is a gift."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}


class Fee(Model):
    name: Text
    amount: Money
    once: Flag = True


class Incentive(Model):
    """Money back (``cash``) or a gift; ``value`` is that of one, ``earned_after`` counts from the start."""

    kind: Name
    value: Money | None = None
    item: Text | None = None
    quantity: Positive = 1
    earned_after: Duration | None = None

    @model_validator(mode="after")
    def _worth(self) -> Incentive:
        if self.kind == CASH and self.value is None:
            raise refused(BadValue(say("cash needs a value", "现金（cash）需要写 value")))
        return self


class Claim(Model):
    steps: Whole = 1
    automatic: Flag = True
    shown: Choice[Literal["front", "listed", "on-request"]] = "front"


class Cancel(Model):
    """What it takes to leave: notice before the end, the channels on which it can be said (none: all), the steps."""

    notice: Duration | None = None
    channels: Many[Name] = ()
    steps: Whole = 1


class Was(Model):
    price: Money


class Offer(Model):
    offer: Name
    product: Name
    price: Money
    billed: Choice[Literal["once", "day", "week", "month", "quarter", "year"]]
    commitment: Duration | None = None
    fees: Many[Fee] = ()
    exit_fee: Money | None = None
    minimum_spend: Money | None = None
    quota: Whole | None = None
    cancel: Cancel | None = None
    incentives: Many[Incentive] = ()
    renewal_price: Money | None = None
    eligible: Condition
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    channels: Many[Name] = ()
    payment: Many[Name] = ()
    claim: Claim = Claim()
    stacks_with: Many[Name] = ()
    was: Was | None = None


class OffersDocument(Model):
    """Standing offers: a price book."""

    offers: Name
    title: Text | None = None
    history: Text | None = Field(
        default=None, description="a CSV below the repository: product, channel, price, from, until"
    )
    items: Many[Offer]


@dataclass(frozen=True, slots=True)
class PastPrice:
    """One row of a price history: what a product cost on a channel (empty: on all) from a day to a day, inclusive."""

    product: str
    channel: str
    price: scalars.Money
    first: date
    last: date
    line: int
    place: Place = field(default_factory=lambda: Place(""))
    """Where the price book names the file."""
