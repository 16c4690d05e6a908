"""From raw values to a model: every error of form at its place, in words."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import ValidationError

from .messages import Message, did_you_mean, say
from .models import Model
from .places import Place, Problem
from .scalars import BadValue


def form_problems(model: type[Model], raw: Any, place: Place) -> tuple[Model | None, list[Problem]]:
    """The model for ``raw``, or None and all that is wrong with it."""
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        return None, _once([_problem(model, item, place) for item in error.errors()])


def _once(problems: list[Problem]) -> list[Problem]:
    """A key that is missing because it is misspelt is one slip, not two."""
    meant = {
        (problem.place.path[:-1], problem.help.args.get("guess"))
        for problem in problems
        if problem.code == "unknown-key" and problem.help is not None
    }
    return [
        problem
        for problem in problems
        if problem.code != "missing-key" or (problem.place.path, problem.message.args["key"]) not in meant
    ]


def _problem(model: type[Model], item: Any, place: Place) -> Problem:
    loc = tuple(part for part in item["loc"] if part != "[key]")
    kind = item["type"]
    if kind == "extra_forbidden":
        key = str(loc[-1])
        known = known_keys(model, loc[:-1])
        message = say("unknown key '{key}'", "未知的键“{key}”", key=key)
        at = Place(place.document, (*place.path, *loc), at_key=True)
        return Problem("unknown-key", message, at, did_you_mean(key, known) or _some_keys(known))
    if kind == "missing":
        key = str(loc[-1])
        at = place.down(*loc[:-1])
        return Problem("missing-key", say("'{key}' is missing", "缺少“{key}”", key=key), at, None)
    if kind == "tactful":
        bad: BadValue = item["ctx"]["bad"]
        at = Place(place.document, (*place.path, *loc), at_key="[key]" in item["loc"])
        return Problem("value", bad.message, at, bad.help)
    return Problem("form", _general(kind, item), place.down(*loc))


def _general(kind: str, item: Any) -> Message:
    found = _found(item.get("input"))
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return say("expected a group of keys, found {found}", "此处应为一组键，实际是{found}", found=found)
    if kind in ("tuple_type", "list_type"):
        return say("expected a list, found {found}", "此处应为列表，实际是{found}", found=found)
    return say("this value cannot be used: {detail}", "此处的值不能使用：{detail}", detail=item["msg"])


def _found(value: Any) -> Message:
    if isinstance(value, dict):
        return say("a group of keys", "一组键")
    if isinstance(value, (list, tuple)):
        return say("a list", "列表")
    return say("'{value}'", "“{value}”", value=str(value)) if str(value).strip() else say("nothing", "空值")


def _some_keys(known: list[str]) -> Message | None:
    return say("keys here are: {known}", "此处可用的键：{known}", known=known) if known else None


def known_keys(model: type[Model], loc: tuple[Any, ...]) -> list[str]:
    """The keys that may stand at ``loc`` in a document of this model; found through the annotations."""
    here: list[Any] = [model]
    for step in loc:
        found: list[Any] = []
        names = {n for kind in here for name, info in kind.model_fields.items() for n in (name, info.alias)}
        if step not in names:
            continue  # a place in a list, or a key of a map: the same models
        for kind in here:
            if isinstance(kind, type) and issubclass(kind, Model):
                for name, info in kind.model_fields.items():
                    if step in (name, info.alias):
                        found += _inside(info.annotation)
            else:
                found += _inside(kind)
        here = found
    return [
        info.alias or name
        for kind in here
        if isinstance(kind, type) and issubclass(kind, Model)
        for name, info in kind.model_fields.items()
    ]


def _inside(annotation: Any) -> list[Any]:
    """The models that an annotation leads to, through lists, maps and optional values."""
    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation] if issubclass(annotation, Model) else []
    return [found for part in get_args(annotation) for found in _inside(part)]
