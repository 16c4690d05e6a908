"""What the parameters of a rule kind speak of, as their types say: conditions, matches, and words that must be declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from ..models import Speaks

Path = tuple[str, ...]
Step = str | int


def spoken(params: type[BaseModel]) -> tuple[tuple[Path, Speaks], ...]:
    """Each parameter (a path of names where it lies in a part) with what it speaks of, in the order of the model."""
    found: dict[tuple[Path, Speaks], None] = {}
    for name, info in params.model_fields.items():
        marks = [mark for mark in info.metadata if isinstance(mark, Speaks)]
        found |= {((name,), mark): None for mark in marks}
        found |= dict.fromkeys(_within(info.annotation, (name,)))
    return tuple(found)


def _within(annotation: Any, path: Path) -> Iterator[tuple[Path, Speaks]]:
    if get_origin(annotation) is Annotated:
        base, *marks = get_args(annotation)
        yield from ((path, mark) for mark in marks if isinstance(mark, Speaks))
        yield from _within(base, path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from (((*path, *inner), mark) for inner, mark in spoken(annotation))
    else:
        for part in get_args(annotation):
            yield from _within(part, path)


def values_at(params: object, path: Path, at: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """The values that stand at a path, each with its place; those of a list one by one, and nothing where none is stated."""
    if isinstance(params, tuple):
        for index, item in enumerate(params):
            yield from values_at(item, path, (*at, index))
    elif params is not None and path:
        value = getattr(params, path[0])
        yield from values_at(value, path[1:], (*at, path[0]))
    elif params is not None:
        yield at, params


def is_listed(params: object, path: Path) -> bool:
    """Whether a list stands somewhere on the way."""
    for name in path:
        params = getattr(params, name, None)
        if isinstance(params, tuple):
            return True
    return False
