"""The kinds that are read and checked for form, and answered with ``unproven``: this version does not evaluate them."""

from __future__ import annotations

from typing import Any, ClassVar

from ..messages import say
from ..models import (
    Condition,
    Duration,
    Name,
    Text,
    choice,
    many,
    raw,
)
from ..policy.policies import Rule
from ..windows import PerField
from .common import Kind


class OfferParity(Rule):
    OWN_MATCH: ClassVar[bool] = True

    favoured: Condition
    protected: Condition
    compare_on: many(choice("price", "gifts", "terms", "claim", "payment")) = ()  # type: ignore[valid-type]
    at_channel: Name | None = None
    fallback: Any = None
    exempt: raw(type="object") = None  # type: ignore[valid-type]
    horizon: Duration | None = None
    tolerance: Text | None = None
    differ_in: many(Name) = ()  # type: ignore[valid-type]


class CareParity(Rule):
    favoured: Condition
    protected: Condition
    compare_on: many(choice("gives", "within", "hours", "by", "staff", "budget")) = ()  # type: ignore[valid-type]
    per: PerField | None = None
    clock: Text | None = None


class ReferencePrice(Rule):
    OWN_MATCH: ClassVar[bool] = True

    lowest_of: Duration


KINDS = (
    Kind("offer-parity", OfferParity, say("no protected customer is worse off than a favoured one for the same product", "同一产品，受保护客户的待遇不低于受优待客户")),
    Kind("care-parity", CareParity, say("gives, answer times, money and staff for one group are no worse than for another", "一个群体得到的赠予、响应时间、投入与人手不低于另一个群体")),
    Kind("reference-price", ReferencePrice, say("a 'was' price is one at which the product was really to be had", "“原价”必须是产品真实有售过的价格")),
)  # fmt: skip
