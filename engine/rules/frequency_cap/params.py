"""The parameters of ``frequency-cap``, and how much a touch counts by them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator

from ...clocks import local
from ...messages import Message, count, say
from ...models import Choice, Duration, EventName, Many, Match, Model, Number, Text, Whole, lifted, refused
from ...plan.read_conditions import read_bounds
from ...plan.vocabulary import FigureValues
from ...policy.linked import LinkedRule
from ...policy.matches import Bounds, TouchMatch
from ...policy.policies import Rule
from ...reference import group_of
from ...scalars import BadValue, choice_parser, parse_name, parse_rate, parse_whole
from ...sends.timeline import Send, TriggeredTouch
from ...windows import PerField


def _at_most(raw: object) -> int | str:
    return "days_in_month" if raw == "days_in_month" else parse_whole(raw)


AtMost = Annotated[
    Any,
    BeforeValidator(lifted(_at_most)),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "days_in_month"}]}),
]


def _rate_bounds(raw: object) -> Bounds:
    return Bounds(parse_rate, *read_bounds(raw, parse_rate))


_RATE = {"type": "string", "pattern": r"^[\d.]+ ?%$"}
FigureTest = Annotated[
    InstanceOf[Bounds],
    BeforeValidator(lifted(_rate_bounds)),
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": dict.fromkeys(("at_least", "at_most", "above", "below"), _RATE),
        }
    ),
]


EACH = ("channel", "sender", "purpose", "about", "campaign")


def _each(raw: object) -> str:
    if raw in ("details", "details."):
        message = say("the name of the field is missing after 'details.'", "“details.”之后缺少字段名称")
        raise BadValue(message, say("like details.squad", "例如 details.squad"))
    if isinstance(raw, str) and raw.startswith("details."):
        return "details." + parse_name(raw.removeprefix("details."))
    return choice_parser([*EACH, "details.NAME"])(raw)


Each = Annotated[
    str,
    BeforeValidator(lifted(_each)),
    WithJsonSchema(
        {"anyOf": [{"enum": list(EACH)}, {"type": "string", "pattern": r"^details\.", "examples": ["details.NAME"]}]}
    ),
]


class Since(Model):
    """Counts from the customer's latest such event, up to ``lasting``."""

    event: Many[EventName]
    lasting: Duration | None = None
    otherwise: Whole | None = Field(default=None, description="0: outside of lasting none is allowed")


class Weight(Model):
    """What the touches of a match count; the first match that holds decides."""

    match: Match
    weight: Number


class Tighter(Model):
    """A lower cap for a sender whose figures are so."""

    at_most: Whole
    block_rate: FigureTest | None = None
    complaint_rate: FigureTest | None = None
    reply_rate: FigureTest | None = None
    opt_out_rate: FigureTest | None = None

    def applies(self, figures: FigureValues | None) -> bool | None:
        """Whether the figures are so; None where one that decides is missing."""
        answers = []
        for name in FIGURES:
            test: Bounds | None = getattr(self, name)
            if test is not None:
                value: Decimal | None = getattr(figures, name) if figures is not None else None
                answers.append(None if value is None else test.contains(value))
        return False if False in answers else None if None in answers else True


FIGURES = ("block_rate", "complaint_rate", "reply_rate", "opt_out_rate")


class FrequencyCap(Rule):
    """Parameters of ``frequency-cap``."""

    at_most: AtMost
    per: PerField | None = None
    since: Since | None = None
    each: Each | None = None
    count: Choice[Literal["touches", "campaigns", "senders"]] = "touches"
    weights: Many[Weight] = ()
    tighten: Many[Tighter] = ()
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _whole(self) -> FrequencyCap:
        for bad in self._wrong():
            raise refused(bad)
        return self

    def _wrong(self) -> list[BadValue]:
        found = []
        if self.at_most == 0 and self.per is not None:
            found.append(
                BadValue(
                    say("per has no meaning with at_most: 0", "at_most: 0 时 per 没有意义"),
                    say("remove per", "请删除 per"),
                )
            )
        if self.per is None and self.at_most != 0 and self.since is None:
            found.append(
                BadValue(
                    say("'per' is missing", "缺少“per”"),
                    say("say in what time, like per: 7d", "请写明时间范围，例如 per: 7d"),
                )
            )
        if self.at_most == "days_in_month" and (self.per is None or self.per.calendar != "month"):
            found.append(
                BadValue(
                    say("days_in_month needs per: {{calendar: month}}", "days_in_month 需要 per: {{calendar: month}}")
                )
            )
        if self.tighten and self.each != "sender":
            found.append(BadValue(say("tighten needs each: sender", "tighten 需要 each: sender")))
        if any(weight.weight < 0 or int(weight.weight.as_tuple().exponent) < -6 for weight in self.weights):
            found.append(BadValue(say("a weight is 0 or more, with at most 6 decimals", "权重不小于 0，最多 6 位小数")))
        if self.count != "touches" and self.each == self.count.removesuffix("s"):
            said = say(
                "each {each} is one {each}: nothing is counted", "每个 {each} 只计为一个：没有计数", each=self.each
            )
            found.append(BadValue(said, say("remove count, or each", "请删除 count 或 each")))
        if self.weights and self.count != "touches":
            found.append(
                BadValue(say("weights are for touches, not for count", "weights 只用于触达，不能与 count 同用"))
            )
        if self.since is not None and self.since.lasting is not None and self.since.lasting.unit == "workdays":
            found.append(BadValue(say("lasting is not counted in working days", "lasting 不能按工作日计算")))
        if self.since is not None and self.since.otherwise is not None:
            if self.since.otherwise != 0:
                found.append(BadValue(say("otherwise can only be 0", "otherwise 只能是 0")))
            if self.since.lasting is None:
                found.append(BadValue(say("otherwise needs lasting", "otherwise 需要 lasting")))
        if any(all(getattr(tighter, name) is None for name in FIGURES) for tighter in self.tighten):
            found.append(
                BadValue(
                    say("a tighter cap needs a figure to hang on", "tighten 需要写明依据的指标"),
                    say("like block_rate: {{above: 0.6%}}", "例如 block_rate: {{above: 0.6%}}"),
                )
            )
        return found


@dataclass(frozen=True)
class Counting:
    """How much touches count, in whole parts of ``scale``, and what they are counted by."""

    params: FrequencyCap
    scale: int
    weights: Sequence[tuple[TouchMatch, int]]

    def weight(self, fields: Mapping[str, frozenset[str]]) -> int:
        return next((weight for match, weight in self.weights if match.holds(fields)), self.scale)

    def of(self, touch: Send) -> int:
        return self.weight(touch.fields) * touch.contacts

    def key(self, thing: Send | TriggeredTouch) -> str:
        """What distinct ones are counted of, for ``count: campaigns`` and ``senders``."""
        return group_of(thing, "campaign" if self.params.count == "campaigns" else "sender")

    def keys(self, things: Iterable[Send | TriggeredTouch]) -> list[str] | None:
        """The key of each; None where touches themselves are counted."""
        return [self.key(thing) for thing in things] if self.params.count != "touches" else None

    def total(self, touches: Sequence[Send]) -> int:
        if self.params.count == "touches":
            return sum(self.of(touch) for touch in touches)
        return self.scale * len({self.key(touch) for touch in touches})

    def limit(self, at_most: int | str, end: datetime, clock: str) -> int:
        """The cap of the window that ends at an instant, on a clock."""
        if at_most != "days_in_month":
            return int(at_most) * self.scale
        here = local(end, clock)
        return monthrange(here.year, here.month)[1] * self.scale

    def shown(self, number: int) -> int | Decimal:
        value = Decimal(number) / self.scale
        return int(value) if value == int(value) else value


def counting(rule: LinkedRule[FrequencyCap]) -> Counting:
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    weights: tuple[Weight, ...] = params.weights
    scale: int = 10 ** max((-int(w.weight.as_tuple().exponent) for w in weights if w.weight), default=0)
    scale = max(scale, 1)
    return Counting(
        params,
        scale,
        [(match, int(w.weight * scale)) for w, match in zip(weights, rule.match_lists.get("weights", ()), strict=True)],
    )


def caps_of_sender(
    params: FrequencyCap, sender: str, figures: FigureValues | None
) -> tuple[int | str, int | str, Message | None]:
    """The cap of one sender: as their figures say for sure, as they might say, and what is missing for the second."""
    sure = might = params.at_most
    for tighter in params.tighten:
        applies = tighter.applies(figures)
        if applies is not False:
            might = min(might, tighter.at_most)
            sure = min(sure, tighter.at_most) if applies else sure
    if sure == might:
        return sure, might, None
    missing = say("figures of the sender {name} are missing", "缺少发送方 {name} 的指标", name=sender)
    return sure, might, missing


def touches_counted(number: int | Decimal) -> Message:
    return count(number, "touch", "touches", "次触达")
