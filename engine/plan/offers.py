"""Offers: a product at a price, for those eligible."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ..models import Condition, Day, Duration, Flag, Model, Money, Name, Positive, Text, Whole, choice, many


class Fee(Model):
    name: Text
    amount: Money
    once: Flag = True


class Incentive(Model):
    kind: Name
    value: Money | None = None
    item: Text | None = None
    quantity: Positive = 1
    earned_after: Duration | None = None


class Claim(Model):
    steps: Whole = 1
    automatic: Flag = True
    shown: choice("front", "listed", "on-request") = "front"  # type: ignore[valid-type]


class Was(Model):
    price: Money


class Offer(Model):
    offer: Name
    product: Name
    price: Money
    billed: choice("once", "day", "week", "month", "quarter", "year")  # type: ignore[valid-type]
    commitment: Duration | None = None
    fees: many(Fee) = ()  # type: ignore[valid-type]
    exit_fee: Money | None = None
    minimum_spend: Money | None = None
    quota: Whole | None = None
    cancel: dict[Name, Any] | None = None
    incentives: many(Incentive) = ()  # type: ignore[valid-type]
    renewal_price: Money | None = None
    eligible: Condition
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    channels: many(Name) = ()  # type: ignore[valid-type]
    payment: many(Name) = ()  # type: ignore[valid-type]
    claim: Claim = Claim()
    stacks_with: many(Name) = ()  # type: ignore[valid-type]
    was: Was | None = None


class OffersDocument(Model):
    """Standing offers: a price book."""

    offers: Name
    title: Text | None = None
    items: many(Offer)  # type: ignore[valid-type]
