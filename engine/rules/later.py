"""The kinds that are read and checked for form, and answered with ``unproven``: this version does not evaluate them."""

from __future__ import annotations

from ..messages import say
from ..models import (
    Condition,
    Text,
    choice,
    many,
)
from ..policy.policies import Rule
from ..windows import PerField
from .common import Kind


class CareParity(Rule):
    favoured: Condition
    protected: Condition
    compare_on: many(choice("gives", "within", "hours", "by", "staff", "budget")) = ()  # type: ignore[valid-type]
    per: PerField | None = None
    clock: Text | None = None


KINDS = (
    Kind("care-parity", CareParity, say("gives, answer times, money and staff for one group are no worse than for another", "一个群体得到的赠予、响应时间、投入与人手不低于另一个群体")),
)  # fmt: skip
