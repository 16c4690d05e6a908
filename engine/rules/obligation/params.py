"""The parameters of ``obligation``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ...messages import Message, did_you_mean, say
from ...models import (
    MATCH,
    ChannelName,
    DateName,
    Duration,
    EventName,
    Hours,
    Many,
    Match,
    Model,
    Text,
    listed,
    refused,
)
from ...policy.matches import seconds_of
from ...policy.policies import ANY_PROMISE, ANY_REPLY, Rule
from ...scalars import BadValue
from ...windows import PerField

Matches = Annotated[
    tuple[Match, ...],
    BeforeValidator(listed),
    WithJsonSchema({"anyOf": [MATCH, {"type": "array", "items": MATCH}]}),
]


class Ahead(Model):
    """A stretch before a date of the customer."""

    at_least: Duration | None = None
    at_most: Duration

    @property
    def reversed(self) -> bool:
        """Whether it ends before it begins: so many days at least, and fewer at most."""
        return self.at_least is not None and seconds_of(str(self.at_least)) > seconds_of(str(self.at_most))


class Obligation(Rule):
    """Parameters of ``obligation``."""

    event: Many[EventName] = ()
    date: DateName | None = None
    ahead: Ahead | None = None
    do: Matches = ()
    within: Duration | None = None
    unless: Many[EventName] = Field(default=(), description="events after which nothing is owed any more")
    channels: Many[ChannelName] = Field(default=(), description="only events that come by these")
    hours: Hours | None = None
    per: PerField | None = None
    clock: Text | None = None
    calendar: Text | None = None

    @property
    def any_of(self) -> str | None:
        """``any-reply`` or ``any-promise``, where the rule speaks of what touches bring about."""
        return next((name for name in self.event if name in (ANY_REPLY, ANY_PROMISE)), None)

    @model_validator(mode="after")
    def _whole(self) -> Obligation:
        civil = [d for d in (self.within, *((self.ahead.at_least, self.ahead.at_most) if self.ahead else ())) if d]
        for wrong, message in (
            (bool(self.event) == (self.date is not None), _ONE),
            (self.any_of is not None and len(self.event) > 1, _ALONE),
            (self.any_of is not None and len(self.do) > 1, _ONE_ACT),
            (self.any_of is None and not self.do, say("'do' is missing", "缺少“do”")),
            (bool(self.event) and self.within is None, say("'within' is missing", "缺少“within”")),
            (bool(self.event) and self.ahead is not None, say("ahead is for a date", "ahead 只用于 date")),
            (self.date is not None and (self.ahead is None) == (self.within is None), _AHEAD_OR_WITHIN),
            (self.date is not None and (self.per is not None or self.hours is not None), _NO_PER),
            (self.date is not None and self.clock is not None, _NO_CLOCK),
            (self.date is not None and any(d.elapsed for d in civil), _IN_DAYS),
            (self.any_of is None and self.match is not None, _NO_MATCH),
            (self.any_of is not None and (self.per is not None or bool(self.channels)), _NO_PER_HERE),
            (self.any_of == ANY_PROMISE and self.hours is not None, _NO_HOURS),
            (self.date is not None and bool(self.unless or self.channels), _NO_PER),
            (self.ahead is not None and self.ahead.reversed, _REVERSED),
        ):
            if wrong:
                raise refused(BadValue(message, self._meant()))
        return self

    def _meant(self) -> Message | None:
        """The help where ``any-reply`` or ``any-promise`` is misspelt."""
        return next((did_you_mean(n, [ANY_REPLY, ANY_PROMISE]) for n in self.event if n.startswith("any")), None)


_ONE = say("an obligation hangs on one of event or date", "obligation 必须且只能写 event 或 date 之一")
_ALONE = say("any-reply and any-promise stand alone", "any-reply 与 any-promise 只能单独写")
_ONE_ACT = say(
    "beside any-reply and any-promise, do is one match", "与 any-reply、any-promise 同用时，do 只能写一个匹配条件"
)
_AHEAD_OR_WITHIN = say("a date has one of ahead or within", "date 必须且只能写 ahead 或 within 之一")
_NO_PER = say("per, hours, unless and channels are for events", "per、hours、unless 与 channels 只用于 event")
_REVERSED = say("ahead: at_least is more than at_most", "ahead 中 at_least 大于 at_most")
_NO_CLOCK = say("dates of customers are read on the plan's clock", "客户的日期按计划的时区判断，不能写 clock")
_IN_DAYS = say("write it in days, weeks, months or working days", "请按天、周、月或工作日书写")
_NO_MATCH = say(
    "match chooses the touches of any-reply and any-promise; what is owed stands in do",
    "match 用于选择 any-reply、any-promise 的触达；应做之事写在 do 中",
)
_NO_HOURS = say(
    "a promise counts at whatever hour it is made: hours are for events and replies",
    "承诺无论何时作出都算数：hours 只用于事件与回复",
)
_NO_PER_HERE = say("per and channels are for declared events", "per 与 channels 只用于声明的事件")
