"""Touch matches: which touches a rule speaks of. One grammar for ``match`` and the other places that choose touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..messages import Message, did_you_mean, say
from ..places import Place, Problem
from ..plan.read_conditions import read_bounds
from ..scalars import BadValue, Duration, parse_decimal, parse_duration, parse_money, parse_rate, text_of

WORD_FIELDS = (
    "campaign", "title", "owner", "status", "purpose", "act", "about", "cause", "triggered", "timezone", "stop_when",
    "requires", "event", "channel", "way", "sender", "gives", "kind", "price_cut", "asks", "promises", "by", "reply.to",
    "way_out.by",
)  # fmt: skip
NUMBER_FIELDS = ("estimated_size", "attempts")
DURATION_FIELDS = ("lasts", "way_out.within")
OFFER_FIELDS = ("offer", "product", "channels", "campaign")
FIELDS = (*WORD_FIELDS, *NUMBER_FIELDS, *DURATION_FIELDS)

Fields = Mapping[str, frozenset[str]]
"""The fields of one touch, all as texts; a field that is missing or empty has no entry or an empty set."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Within bounds of one unit; ``read`` turns the text of a field into something to compare, or raises BadValue."""

    read: Callable[[object], Any]
    low: Any
    low_included: bool
    high: Any
    high_included: bool

    def holds(self, text: str) -> bool:
        try:
            return self.contains(self.read(text))
        except BadValue:
            return False

    def contains(self, value: Any) -> bool:
        if self.low is not None and (value < self.low or (value == self.low and not self.low_included)):
            return False
        return not (self.high is not None and (value > self.high or (value == self.high and not self.high_included)))


@dataclass(frozen=True, slots=True)
class FieldTest:
    """``any``: some value is one of ``values`` (or below it by dots); ``all``: each is there; ``not``: none is."""

    field: str
    how: str
    values: tuple[str, ...] = ()
    bounds: Bounds | None = None

    def holds(self, fields: Fields) -> bool:
        have = fields.get(self.field, frozenset())
        if self.bounds is not None:
            return any(self.bounds.holds(text) for text in have)
        met = [any(under(text, value) for text in have) for value in self.values]
        return {"any": any(met), "all": all(met), "not": not any(met)}[self.how]


@dataclass(frozen=True, slots=True)
class TouchMatch:
    """All tests hold; no test: every touch."""

    tests: tuple[FieldTest, ...] = ()

    def holds(self, fields: Fields) -> bool:
        return all(test.holds(fields) for test in self.tests)


EVERY_TOUCH = TouchMatch()


def under(name: str, prefix: str) -> bool:
    """``wecom.chat`` is under ``wecom``; ``wecomx`` is not."""
    return name == prefix or name.startswith(prefix + ".")


def read_unit_value(raw: object) -> Any:
    """A bound with a unit decides how a text is read: money, rate, duration, or a plain number."""
    return unit_reader(raw)(raw)


def unit_reader(raw: object) -> Callable[[object], Any]:
    text = text_of(raw)
    if text.endswith("%"):
        return parse_rate
    if " " in text:
        currency = text.split(" ")[-1]

        def money(value: object) -> Decimal:
            parsed = parse_money(value)
            if parsed.currency != currency:
                raise BadValue(say("another currency", "币种不同"))
            return parsed.amount

        return money
    try:
        parse_decimal(text)
        return parse_decimal
    except BadValue:
        parse_duration(text)
        return seconds_of


def seconds_of(raw: object) -> int:
    """A duration in seconds, for comparing two of them: months count 30 days, years 365, workdays 1."""
    duration: Duration = parse_duration(raw)
    each = {"d": 86400, "w": 604800, "mo": 2592000, "y": 31536000, "workdays": 86400}
    return duration.seconds if duration.elapsed else duration.amount * each[duration.unit]


TOUCH = say("a touch", "触达")


def read_match(
    raw: Any,
    place: Place,
    words: Mapping[str, Iterable[str]],
    problems: list[Problem],
    fields: Sequence[str] = FIELDS,
    thing: Message = TOUCH,
) -> TouchMatch:
    """The match for ``raw``; ``words`` gives the declared words of the fields that have some.

    ``fields`` are those of the ``thing`` that it speaks of, besides its details.
    """
    if raw is None:
        return EVERY_TOUCH
    if not isinstance(raw, dict):
        problems.append(
            Problem(
                "match",
                say("a match is keys with values, like channel: sms", "匹配条件应为键和值，例如 channel: sms"),
                place,
            )
        )
        return EVERY_TOUCH
    if not raw:
        problems.append(
            Problem(
                "match",
                say("an empty match", "空的匹配条件"),
                place,
                say("leave match out to mean every touch", "若指所有触达，请去掉 match"),
            )
        )
    tests = []
    for key, value in raw.items():
        try:
            tests.append(_field_test(key, value, words, fields, thing))
        except BadValue as bad:
            known_field = key in fields or key.startswith("details.")
            at = place.down(key) if known_field else place.key(key)
            problems.append(Problem("match", bad.message, at, bad.help))
    return TouchMatch(tuple(tests))


def _field_test(
    key: str, value: Any, words: Mapping[str, Iterable[str]], fields: Sequence[str], thing: Message
) -> FieldTest:
    if key not in fields and not key.startswith("details."):
        help = did_you_mean(key, [*fields, "details.NAME"])
        raise BadValue(say("'{key}' is no field of {thing}", "“{key}”不是{thing}的字段", key=key, thing=thing), help)
    if isinstance(value, dict) and set(value) & {"at_least", "at_most", "above", "below"}:
        return FieldTest(key, "any", bounds=field_bounds(key, value))
    how = "any"
    if isinstance(value, dict):
        if set(value) not in ({"not"}, {"all"}):
            raise BadValue(
                say(
                    "expected a value, a list, {{not: [...]}} or {{all: [...]}}",
                    "应为一个值、列表、{{not: [...]}} 或 {{all: [...]}}",
                )
            )
        how, value = next(iter(value.items()))
    items = value if isinstance(value, list) else [value]
    if not items:
        raise BadValue(say("an empty list matches nothing", "空列表不会匹配任何内容"))
    return FieldTest(key, how, tuple(_word(key, item, words) for item in items))


def field_bounds(key: str, value: dict[str, Any]) -> Bounds:
    """Bounds for a field: its own unit for numbers and durations, the unit of the bound for details."""
    if key in NUMBER_FIELDS:
        reader: Callable[[object], Any] = parse_decimal
    elif key in DURATION_FIELDS:
        reader = seconds_of
    else:
        reader = unit_reader(next(iter(value.values())))
    return Bounds(reader, *read_bounds(value, reader))


def _word(key: str, raw: object, words: Mapping[str, Iterable[str]]) -> str:
    text = text_of(raw)
    known = words.get(key)
    if known is not None and not any(under(word, text) for word in known):
        message = say("'{text}' is not a declared {key}", "“{text}”没有声明为 {key}", text=text, key=key)
        raise BadValue(message, did_you_mean(text, known))
    return text
