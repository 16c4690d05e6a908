"""Conditions read from YAML, every wrong part with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..messages import Message, did_you_mean, say
from ..places import Place, Problem
from ..scalars import (
    BadValue,
    Duration,
    parse_date,
    parse_decimal,
    parse_duration,
    parse_flag,
    text_of,
)
from .conditions import (
    EVERYONE,
    All,
    Condition,
    DateAge,
    DateAhead,
    DateBetween,
    DateIs,
    HasLabels,
    InRange,
    IsFlag,
    Not,
    OneOf,
    Some,
    both,
)
from .customers import Attribute


@dataclass
class Names:
    """The declared attributes and segments that a condition may use, and where to say what is wrong."""

    attributes: dict[str, Attribute]
    segments: dict[str, Condition]
    problems: list[Problem] = field(default_factory=list)
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number of tests and depth of conditions already measured, by identity: segments are shared, and can double."""
    same: dict[Condition, Condition] = field(default_factory=dict)
    """One object for equal conditions, so that what is known of one is known of all."""

    def wrong(self, place: Place, message: Message, help: Message | None = None, code: str = "condition") -> Condition:
        self.problems.append(Problem(code, message, place, help))
        return EVERYONE


MAX_DEPTH = 30


MAX_SPELLED = 50_000


MAX_SPELLED_DEPTH = 150


def spelled_out(condition: Condition, sizes: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Number of tests and depth of a condition with all its segments spelled out."""
    known = sizes.get(id(condition))
    if known is None:
        parts = (
            condition.parts
            if isinstance(condition, (All, Some))
            else (condition.part,)
            if isinstance(condition, Not)
            else ()
        )
        inner = [spelled_out(part, sizes) for part in parts]
        known = (sum(n for n, _ in inner) or 1, 1 + max((depth for _, depth in inner), default=0))
        sizes[id(condition)] = known
    return known


def read_condition(raw: Any, place: Place, names: Names, depth: int = 0) -> Condition:
    """The tree for ``raw``. What is wrong is added to ``names.problems`` and stands as everyone."""
    if raw == "everyone":
        return EVERYONE
    if depth > MAX_DEPTH:
        return names.wrong(place, say("this condition is nested too deep", "条件嵌套过深"))
    if isinstance(raw, list):
        if not raw:
            return names.wrong(place, say("an empty list reaches nobody", "空列表不会命中任何客户"))
        return Some(tuple(read_condition(item, place.down(i), names, depth + 1) for i, item in enumerate(raw)))
    if not isinstance(raw, dict):
        help = (
            did_you_mean(str(raw), ["everyone"])
            if "every" in str(raw)
            else say("write everyone, or keys like segment: name", "请写 everyone，或写 segment: 名称 这样的键")
        )
        return names.wrong(place, say("'{raw}' is not a condition", "“{raw}”不是条件", raw=str(raw)), help)
    if not raw:
        return names.wrong(
            place,
            say("an empty condition", "空条件"),
            say("write everyone to mean every customer", "若指所有客户，请写 everyone"),
        )
    return both(*(_part(key, value, place.down(key), names, depth) for key, value in raw.items()))


def _part(key: str, value: Any, place: Place, names: Names, depth: int) -> Condition:
    if key in ("any", "all"):
        if not isinstance(value, list) or not value:
            return names.wrong(place, say("{key} needs a list of conditions", "{key} 需要一个条件列表", key=key))
        parts = tuple(read_condition(item, place.down(i), names, depth + 1) for i, item in enumerate(value))
        return Some(parts) if key == "any" else both(*parts)
    if key == "not":
        return Not(read_condition(value, place, names, depth + 1))
    if key == "segment":
        listed = value if isinstance(value, list) else [value]
        found = [
            _segment(name, place.down(i) if isinstance(value, list) else place, names) for i, name in enumerate(listed)
        ]
        return found[0] if len(found) == 1 else Some(tuple(found))
    attribute = names.attributes.get(key)
    if attribute is None:
        help = did_you_mean(key, [*names.attributes, "segment", "any", "all", "not"])
        if key in names.segments:
            help = say("'{key}' is a segment: write segment: {key}", "“{key}”是客群，请写 segment: {key}", key=key)
        message = say("the attribute '{key}' is not declared", "属性“{key}”没有声明", key=key)
        return names.wrong(Place(place.document, place.path, at_key=True), message, help, "undeclared-attribute")
    try:
        test = _test(key, attribute, value, place, names, depth)
        return names.same.setdefault(test, test)
    except BadValue as bad:
        return names.wrong(place, bad.message, bad.help)


def fitting(condition: Condition, place: Place, names: Names) -> Condition:
    """The condition, if it is of a size that can be looked at."""
    number, depth = spelled_out(condition, names.sizes)
    if number <= MAX_SPELLED and depth <= MAX_SPELLED_DEPTH:
        return condition
    message = say(
        "with its segments spelled out this condition has {n} tests, {depth} deep; at most {most} tests and {deepest} deep can be looked at",
        "展开客群后，该条件共有 {n} 个判断、{depth} 层；最多可处理 {most} 个判断、{deepest} 层",
        n=number if number < 10**12 else "over 10^12",
        depth=depth,
        most=MAX_SPELLED,
        deepest=MAX_SPELLED_DEPTH,
    )
    return names.wrong(place, message)


def _segment(name: Any, place: Place, names: Names) -> Condition:
    found = names.segments.get(name) if isinstance(name, str) else None
    if found is None:
        message = say("the segment '{name}' is not declared", "客群“{name}”没有声明", name=str(name))
        return names.wrong(place, message, did_you_mean(str(name), names.segments), "undeclared-segment")
    return found


def _test(key: str, attribute: Attribute, value: Any, place: Place, names: Names, depth: int) -> Condition:
    """The test ``key: value`` for an attribute of its type; a list is any of, ``{not: …}`` the complement."""
    if depth > MAX_DEPTH:
        raise BadValue(say("this condition is nested too deep", "条件嵌套过深"))
    if isinstance(value, list):
        if not value:
            raise BadValue(say("an empty list reaches nobody", "空列表不会命中任何客户"))
        if attribute.type in ("choice", "zone") and all(isinstance(item, str) for item in value):
            return OneOf(key, frozenset(_value(key, attribute, item) for item in value))
        if attribute.type == "labels" and all(isinstance(item, str) for item in value):
            return HasLabels(key, "any", frozenset(_value(key, attribute, item) for item in value))
        return Some(tuple(_test(key, attribute, item, place.down(i), names, depth + 1) for i, item in enumerate(value)))
    if isinstance(value, dict) and set(value) == {"not"}:
        return Not(_test(key, attribute, value["not"], place.down("not"), names, depth + 1))
    return _TESTS[attribute.type](key, attribute, value)


def _value(key: str, attribute: Attribute, raw: object) -> str:
    text = text_of(raw)
    if text not in attribute.values:
        message = say("'{text}' is not a value of {key}", "“{text}”不是 {key} 的取值", text=text, key=key)
        raise BadValue(message, did_you_mean(text, attribute.values))
    return text


def _only(value: Any, known: Iterable[str], example: Message) -> dict[str, Any]:
    """``value`` as a mapping with keys among ``known``, or words about what is wrong."""
    words = list(known)
    if not isinstance(value, dict):
        raise BadValue(say("'{value}' is not a test", "“{value}”不是可用的判断", value=str(value)), example)
    if not value:
        raise BadValue(say("an empty test", "空的判断"), example)
    for name in value:
        if name not in words:
            raise BadValue(
                say("unknown test '{name}'", "未知的判断“{name}”", name=name), did_you_mean(name, words) or example
            )
    return value


def _choice_test(key: str, attribute: Attribute, value: Any) -> Condition:
    return OneOf(key, frozenset({_value(key, attribute, value)}))


def _labels_test(key: str, attribute: Attribute, value: Any) -> Condition:
    if isinstance(value, str):
        return HasLabels(key, "any", frozenset({_value(key, attribute, value)}))
    example = say("write {key}: {{any: [...]}}, all or none", "请写 {key}: {{any: [...]}}，或 all、none", key=key)
    tests = []
    for how, listed in _only(value, ("any", "all", "none"), example).items():
        items = listed if isinstance(listed, list) else [listed]
        tests.append(HasLabels(key, how, frozenset(_value(key, attribute, item) for item in items)))
    return both(*tests)


def _flag_test(key: str, attribute: Attribute, value: Any) -> Condition:
    return IsFlag(key, parse_flag(value))


_BOUNDS = ("at_least", "at_most", "above", "below")


def read_bounds(value: Any, parse: Callable[[object], Any]) -> tuple[Any, bool, Any, bool]:
    """``{at_least, at_most, above, below}`` as (low, included, high, included)."""
    example = say(
        "write it like {{at_least: 3}} (at_least, at_most, above, below)",
        "请写成 {{at_least: 3}} 这样（at_least、at_most、above、below）",
    )
    bounds = {name: parse(text) for name, text in _only(value, _BOUNDS, example).items()}
    if {"at_least", "above"} <= set(bounds) or {"at_most", "below"} <= set(bounds):
        raise BadValue(say("two bounds for the same side", "同一侧写了两个界限"))
    low = bounds.get("at_least", bounds.get("above"))
    high = bounds.get("at_most", bounds.get("below"))
    return low, "at_least" in bounds, high, "at_most" in bounds


def _number_test(key: str, attribute: Attribute, value: Any) -> Condition:
    if isinstance(value, str):
        number = parse_decimal(value)
        return InRange(key, number, True, number, True)
    low, low_included, high, high_included = read_bounds(value, parse_decimal)
    if low is not None and high is not None and (low > high or (low == high and not (low_included and high_included))):
        raise BadValue(say("no number lies within these bounds", "没有数字落在这个范围内"))
    return InRange(key, low, low_included, high, high_included)


def _civil_duration(raw: object) -> Duration:
    duration = parse_duration(raw)
    if duration.elapsed or duration.unit == "workdays":
        raise BadValue(
            say("a date is compared in days, weeks, months or years", "日期只能按天、周、月、年比较"),
            say("write it like 30d", "请写成 30d 这样"),
        )
    return duration


def _date_test(key: str, attribute: Attribute, value: Any) -> Condition:
    if value in ("absent", "present"):
        return DateIs(key, value == "present")
    example = say(
        "write absent, present, {{within: 30d}}, {{over: 30d}} or {{from: 2026-03-01, until: 2026-03-31}}",
        "请写 absent、present、{{within: 30d}}、{{over: 30d}} 或 {{from: 2026-03-01, until: 2026-03-31}}",
    )
    tests: list[Condition] = []
    given = _only(value, ("within", "over", "ahead", "from", "until"), example)
    for name in ("within", "over"):
        if name in given:
            tests.append(DateAge(key, _civil_duration(given[name]), over=name == "over"))
    if "ahead" in given:
        tests.append(_ahead_test(key, attribute, given["ahead"], example))
    if "from" in given or "until" in given:
        first = parse_date(given["from"]) if "from" in given else None
        last = parse_date(given["until"]) if "until" in given else None
        if first is not None and last is not None and first > last:
            raise BadValue(say("from is after until", "from 晚于 until"))
        tests.append(DateBetween(key, first, last))
    return both(*tests)


def _ahead_test(key: str, attribute: Attribute, value: Any, example: Message) -> Condition:
    if attribute.known != "ahead":
        raise BadValue(
            say(
                "{key} is not known ahead, so nothing can lie ahead of today",
                "{key} 并非预先已知，不能使用 ahead",
                key=key,
            ),
            say("declare it with known: ahead if it is", "若可预先知道，请在声明中写 known: ahead"),
        )
    bounds = {name: _civil_duration(text) for name, text in _only(value, ("at_least", "at_most"), example).items()}
    return DateAhead(key, bounds.get("at_least"), bounds.get("at_most"))


_TESTS: dict[str, Callable[[str, Attribute, Any], Condition]] = {
    "choice": _choice_test,
    "zone": _choice_test,
    "labels": _labels_test,
    "flag": _flag_test,
    "number": _number_test,
    "date": _date_test,
}
