"""JSON Schemas of ``require``: checked for form, then asked about documents; nothing is fetched and no pattern is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...messages import Message, did_you_mean, say
from ...places import Place, Problem

NUMBERS = frozenset(
    (
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "minContains",
        "maxContains",
    )
)
FLAGS = frozenset(("uniqueItems",))
SCHEMAS = frozenset(
    (
        "additionalProperties",
        "items",
        "contains",
        "not",
        "if",
        "then",
        "else",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
MAPS = frozenset(("properties", "$defs", "dependentSchemas"))
PLAIN = frozenset(
    (
        "type",
        "const",
        "enum",
        "required",
        "dependentRequired",
        "$ref",
        "title",
        "description",
        "$comment",
        "$schema",
        "default",
        "examples",
        "format",
        "deprecated",
    )
)
KNOWN = NUMBERS | FLAGS | SCHEMAS | LISTS | MAPS | PLAIN
REFUSED = frozenset(("pattern", "patternProperties", "$dynamicRef", "$id", "$anchor"))
MAX_FAULTS = 20

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a document does not fit, what asked for it in the schema, and what is said."""

    path: Path
    asked: Path
    message: Message


def schema_problems(raw: Any, place: Place) -> list[Problem]:
    """What is wrong with a schema: unknown words, what is refused, and what the language of schemas itself forbids."""
    found = list(_words(raw, place))
    if not found:
        from jsonschema import Draft202012Validator

        checker = Draft202012Validator(Draft202012Validator.META_SCHEMA)
        for error in checker.iter_errors(_typed(raw)):
            message = say("not a schema: {why}", "不是有效的 schema：{why}", why=error.message)
            found.append(Problem("schema", message, place.down(*error.absolute_path)))
    return found


def _words(raw: Any, place: Place) -> Iterator[Problem]:
    if not isinstance(raw, dict):
        if raw not in ("true", "false"):
            yield Problem("schema", say("a schema is made of keys with values", "schema 应由键和值组成"), place)
        return
    for key, value in raw.items():
        if key in REFUSED:
            help = say(
                "patterns can run without end: use that, with matches('...')",
                "正则可能无限回溯：请改用 that 中的 matches('...')",
            )
            yield Problem(
                "schema",
                say("'{key}' is not taken", "不支持“{key}”", key=key),
                place.key(key),
                help if key.startswith("pattern") else None,
            )
        elif key not in KNOWN:
            message = say("'{key}' is no word of JSON Schema", "“{key}”不是 JSON Schema 的关键字", key=key)
            yield Problem("schema", message, place.key(key), did_you_mean(key, KNOWN))
        elif key == "$ref" and not str(value).startswith("#"):
            message = say("a schema refers to nothing outside itself", "schema 不能引用外部内容")
            yield Problem(
                "schema", message, place.down(key), say("use $defs and #/$defs/NAME", "请用 $defs 与 #/$defs/名称")
            )
        elif key in SCHEMAS:
            yield from _words(value, place.down(key))
        elif key in LISTS and isinstance(value, list):
            for index, item in enumerate(value):
                yield from _words(item, place.down(key, index))
        elif key in MAPS and isinstance(value, dict):
            for name, item in value.items():
                yield from _words(item, place.down(key, name))


def _typed(raw: Any) -> Any:
    """The schema with numbers and flags where its words ask for them: in the files every value is a text."""
    if not isinstance(raw, dict):
        return {"true": True, "false": False}.get(raw, raw)
    typed: dict[str, Any] = {}
    for key, value in raw.items():
        if key in NUMBERS or key in FLAGS:
            typed[key] = _value(value)
        elif key in SCHEMAS:
            typed[key] = _typed(value)
        elif key in LISTS and isinstance(value, list):
            typed[key] = [_typed(item) for item in value]
        elif key in MAPS and isinstance(value, dict):
            typed[key] = {name: _typed(item) for name, item in value.items()}
        elif key == "const":
            typed["enum"] = _either(value)
        elif key == "enum" and isinstance(value, list):
            typed["enum"] = [one for item in value for one in _either(item)]
        else:
            typed[key] = value
    return typed


def _either(value: Any) -> list[Any]:
    """A value as the text it was written as, and as the number or flag it may mean."""
    meant = _value(value)
    return [value] if meant == value else [value, meant]


def _value(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) and len(text) < 40 else text
    except ValueError:
        return text


@lru_cache(maxsize=100)
def _validator(text: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    return Draft202012Validator(json.loads(text), registry=Registry())


def faults(raw: object, content: Any) -> list[Fault]:
    """Where the content does not fit the schema, in order."""
    from referencing.exceptions import Unresolvable

    validator = _validator(json.dumps(_typed(raw)))
    try:
        errors = sorted(validator.iter_errors(content), key=lambda error: [str(step) for step in error.absolute_path])
    except (RecursionError, Unresolvable):
        return [
            Fault(
                (),
                (),
                say(
                    "the schema refers to itself without end, or to what is not there",
                    "schema 无限引用自身，或引用了不存在的内容",
                ),
            )
        ]
    return [
        Fault(tuple(error.absolute_path), tuple(error.absolute_schema_path)[:-1], _said(error))
        for error in errors[:MAX_FAULTS]
    ]


def _said(error: Any) -> Message:
    """An error in the words of the person who wrote the document."""
    word, asked, path = error.validator, error.validator_value, ".".join(str(step) for step in error.absolute_path)
    where = path or say("it", "内容")
    if word == "required":
        lacks = [name for name in asked if name not in error.instance]
        return say("{where} has no {names}", "{where} 没有写 {names}", where=where, names=lacks)
    if word in ("enum", "const"):
        return say(
            "{where} must be one of {asked}", "{where} 必须是 {asked} 之一", where=where, asked=[str(a) for a in asked]
        )
    if word == "type":
        return say("{where} must be of type {asked}", "{where} 的类型必须是 {asked}", where=where, asked=asked)
    if word in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"):
        return say(
            "{where} is below {word} {asked}", "{where} 小于 {word} {asked}", where=where, word=word, asked=asked
        )
    if word in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"):
        return say(
            "{where} is above {word} {asked}", "{where} 大于 {word} {asked}", where=where, word=word, asked=asked
        )
    return say(
        "{where} does not fit '{word}' of the schema", "{where} 不符合 schema 的“{word}”", where=where, word=word
    )
