"""The parameters of ``offer-parity``."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from ...messages import say
from ...models import (
    ApartName,
    ChannelAttribute,
    ChannelName,
    Choice,
    Condition,
    Duration,
    Flag,
    Many,
    Model,
    OfferMatch,
    Positive,
    lifted,
    refused,
)
from ...policy.policies import Rule
from ...reference.comparing import COMPARED, YEAR, Compared, Exempt, Terms
from ...scalars import BadValue, Money, parse_money, parse_rate, text_of
from ...scalars import Duration as Length

MAX_MONTHS = 120
MAX_EXEMPT = 3660


def _tolerance(raw: object) -> Any:
    """Money, or a share with ``%``."""
    text = text_of(raw)
    value: Any = parse_rate(text) if text.endswith("%") else parse_money(text)
    if (value.amount if isinstance(value, Money) else value) < 0:
        raise BadValue(say("a tolerance is not negative", "容差不能为负"))
    return value


Tolerance = Annotated[
    InstanceOf[object],
    BeforeValidator(lifted(_tolerance)),
    WithJsonSchema({"type": "string", "pattern": r"^[\d.]+ ?(%|[A-Z]{3})$", "examples": ["1 CNY", "0.5%"]}),
]


class Exemption(Model):
    """What newcomers may have for themselves."""

    first_transaction: Flag = False
    days: Positive | None = None
    disclosed: Flag = False


class OfferParity(Rule):
    """Parameters of ``offer-parity``."""

    match: OfferMatch = None
    favoured: Condition
    protected: Condition
    compare_on: Many[Choice[Compared]] = COMPARED
    at_channel: ChannelAttribute | None = Field(
        default=None, description="the attribute that names the channel to compare on"
    )
    fallback: Many[ChannelName] = ()
    exempt: Exemption | None = None
    horizon: Duration = YEAR
    tolerance: Tolerance | None = None
    differ_in: Many[ApartName] = ()

    @model_validator(mode="after")
    def _whole(self) -> OfferParity:
        for wrong, message in (
            (self.favoured is None, say("'favoured' is missing", "缺少“favoured”")),
            (self.protected is None, say("'protected' is missing", "缺少“protected”")),
            (not self.compare_on, say("compare_on names nothing to compare", "compare_on 没有写要比较的内容")),
            (
                self.exempt is not None and not (self.exempt.first_transaction or self.exempt.days),
                say("exempt needs first_transaction or days", "exempt 需要写 first_transaction 或 days"),
            ),
            (
                bool(self.fallback) and self.at_channel is None,
                say("fallback goes with at_channel", "fallback 需与 at_channel 一起使用"),
            ),
            (
                len(self.fallback) > 1,
                say("fallback is one channel", "fallback 只能是一个渠道"),
            ),
            (
                self.horizon.elapsed or self.horizon.unit == "workdays",
                say("the horizon is counted in days, weeks, months or years", "horizon 按天、周、月或年计算"),
            ),
            (
                self.exempt is not None and (self.exempt.days or 0) > MAX_EXEMPT,
                say("exempt.days is ten years at most", "exempt.days 不超过十年"),
            ),
            (
                not self.horizon.elapsed and not 0 < _months(self.horizon) <= MAX_MONTHS,
                say("the horizon is between one day and ten years", "horizon 应在一天到十年之间"),
            ),
        ):
            if wrong:
                raise refused(BadValue(message))
        return self

    @property
    def terms(self) -> Terms:
        money = self.tolerance if isinstance(self.tolerance, Money) else None
        share = self.tolerance if isinstance(self.tolerance, Decimal) else Decimal(0)
        return Terms(frozenset(self.compare_on), self.horizon, money, share)

    @property
    def exempted(self) -> Exempt | None:
        if self.exempt is None:
            return None
        return Exempt(self.exempt.first_transaction, self.exempt.days, self.exempt.disclosed)


def _months(duration: Length) -> float:
    return duration.amount * {"d": 1 / 31, "w": 7 / 31, "mo": 1, "y": 12}.get(duration.unit, 1)
