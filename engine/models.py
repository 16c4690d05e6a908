"""What every document model shares: strict keys, frozen values, and scalars with their editor schema."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, WithJsonSchema
from pydantic_core import PydanticCustomError

from . import scalars
from .messages import Message, say
from .scalars import BadValue

T = TypeVar("T")


class Model(BaseModel):
    """A frozen document model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


def refused(bad: BadValue) -> PydanticCustomError:
    """What a validator raises so that the words are kept in both languages."""
    return PydanticCustomError("tactful", "{en}", {"en": str(bad), "bad": bad})


def lifted(parse: Callable[[object], T]) -> Callable[[object], T]:
    """A scalar parser as a pydantic validator: ``BadValue`` keeps its words in both languages. Typed values pass."""

    def validate(raw: object) -> T:
        if not isinstance(raw, (str, list, dict)):
            return raw  # type: ignore[return-value]  # a default or a value built in Python
        try:
            return parse(raw)
        except BadValue as bad:
            raise refused(bad) from None

    return validate


def listed(raw: object) -> object:
    """One value where a list may stand is a list of one."""
    if isinstance(raw, (str, dict)):
        return (raw,)
    return raw


def _schema(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema(schema)


_LOOSE: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_DURATION = r"^\d{1,6}(s|min|h|d|w|mo|y|workdays)$"

Name = Annotated[str, BeforeValidator(lifted(scalars.parse_name)), WithJsonSchema(_LOOSE)]
Text = Annotated[str, BeforeValidator(lifted(scalars.parse_text)), WithJsonSchema(_LOOSE)]
Flag = Annotated[bool, BeforeValidator(lifted(scalars.parse_flag)), _schema(type="boolean")]
Number = Annotated[Decimal, BeforeValidator(lifted(scalars.parse_decimal)), _schema(type="number")]
Whole = Annotated[int, BeforeValidator(lifted(scalars.parse_whole)), _schema(type="integer", minimum=0)]
Positive = Annotated[int, BeforeValidator(lifted(scalars.parse_positive)), _schema(type="integer", minimum=1)]
Rate = Annotated[
    InstanceOf[Decimal], BeforeValidator(lifted(scalars.parse_rate)), _schema(type="string", pattern=r"^[\d.]+ ?%$")
]
Day = Annotated[
    InstanceOf[date],
    BeforeValidator(lifted(scalars.parse_date)),
    _schema(type="string", pattern=r"^\d{4}-\d{2}-\d{2}$"),
]
Local = Annotated[
    InstanceOf[datetime],
    BeforeValidator(lifted(scalars.parse_local)),
    _schema(type="string", pattern=r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?$"),
]
Zone = Annotated[str, BeforeValidator(lifted(scalars.parse_zone)), _schema(type="string", examples=["Asia/Shanghai"])]
Duration = Annotated[
    InstanceOf[scalars.Duration],
    BeforeValidator(lifted(scalars.parse_duration)),
    _schema(type="string", pattern=_DURATION, examples=["2h", "7d", "3mo"]),
]
Money = Annotated[
    InstanceOf[scalars.Money],
    BeforeValidator(lifted(scalars.parse_money)),
    _schema(type="string", pattern=r"^[\d.]+ [A-Z]{3}$", examples=["30 CNY"]),
]
Pace = Annotated[
    InstanceOf[scalars.Pace],
    BeforeValidator(lifted(scalars.parse_pace)),
    _schema(type="string", pattern=r"^[\d.]+ per (minute|hour|day)$", examples=["20 per hour"]),
]
_SPANS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Hours = Annotated[
    InstanceOf[scalars.Hours],
    BeforeValidator(lifted(scalars.parse_hours)),
    _schema(anyOf=[*_SPANS["anyOf"], {"type": "object", "additionalProperties": _SPANS}]),
]


if TYPE_CHECKING:
    Choice = Annotated[T, "one of these words"]
else:

    class Choice:
        """``Choice[Literal["a", "b"]]``: a scalar that is one of these; a wrong one is answered with the nearest."""

        def __class_getitem__(cls, words: Any) -> Any:
            options = get_args(words)
            parse = scalars.choice_parser(options)
            return Annotated[str, BeforeValidator(lifted(parse)), _schema(enum=list(options))]


Many = Annotated[tuple[T, ...], BeforeValidator(listed), Field(json_schema_extra={"x-one-or-many": True})]
"""``Many[Name]``: a list; one alone may stand without brackets."""


class Speaks(Enum):
    """What a parameter of a rule speaks of, so that its words are looked up: it stands in the type of the parameter."""

    CONDITION = "a condition on customers"
    MATCH = "which touches"
    OFFERS = "which offers"
    DOCUMENTS = "which documents: the kind reads it by itself"
    MATCH_OR_EVENT = "which touches, or an event"
    EVENT = "an event"
    ASK = "an ask"
    CHANNEL = "a channel"
    POOL = "a pool of customers"
    DATE = "a date of the customer"
    ATTRIBUTE = "an attribute"
    APART = "an attribute or an opaque segment"
    CHANNEL_ATTRIBUTE = "an attribute whose values are channels"


OF_CUSTOMERS = frozenset((Speaks.CONDITION, Speaks.DATE, Speaks.ATTRIBUTE, Speaks.APART, Speaks.CHANNEL_ATTRIBUTE))
"""What speaks of customers, in words that a repository may call otherwise."""

CONDITION: dict[str, Any] = {
    "description": "a condition on customers: attributes with tests, any, all, not, segment; or everyone",
    "type": ["string", "object", "array"],
}
MATCH: dict[str, Any] = {"description": "which touches: fields with values, lists (any of), all, not", "type": "object"}
Raw = object
"""What is read when the declared words are known."""
RawText = Annotated[Raw, WithJsonSchema({"type": "string"})]
RawObject = Annotated[Raw, WithJsonSchema({"type": "object"})]
RawSegment = Annotated[Raw, WithJsonSchema({"type": ["object", "string", "array"]})]
Condition = Annotated[Raw, WithJsonSchema(CONDITION), Speaks.CONDITION]
Match = Annotated[Raw, WithJsonSchema(MATCH), Speaks.MATCH]
OfferMatch = Annotated[Raw, WithJsonSchema(MATCH), Speaks.OFFERS]
DocumentMatch = Annotated[Raw, WithJsonSchema(MATCH), Speaks.DOCUMENTS]
MatchOrEvent = Annotated[Raw, WithJsonSchema(MATCH), Speaks.MATCH_OR_EVENT]
EventName = Annotated[Name, Speaks.EVENT]
AskName = Annotated[Name, Speaks.ASK]
ChannelName = Annotated[Name, Speaks.CHANNEL]
DateName = Annotated[Name, Speaks.DATE]
AttributeName = Annotated[Name, Speaks.ATTRIBUTE]
ApartName = Annotated[Name, Speaks.APART]
ChannelAttribute = Annotated[Name, Speaks.CHANNEL_ATTRIBUTE]


def _both(text: object) -> object:
    return {"en": text, "zh": text} if isinstance(text, str) else text


class TwoTexts(Model):
    """A text, or one for each language; a missing one falls back on the other."""

    en: Text | None = None
    zh: Text | None = None

    def message(self) -> Message:
        return say("{english}", "{chinese}", english=self.en or self.zh or "", chinese=self.zh or self.en or "")


Because = Annotated[
    TwoTexts,
    BeforeValidator(_both),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"en": {"type": "string"}, "zh": {"type": "string"}}},
            ]
        }
    ),
]
