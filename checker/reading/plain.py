"""Files as most are: maps, lists and texts, read in one loop. Whatever else there is, ``profile`` reads and has the words for."""

from __future__ import annotations

from collections.abc import Iterator
from sys import intern
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # pragma: no cover  # a PyYAML without libyaml: slower, same profile
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MAX_DEPTH = 40
MAX_NODES = 200_000


def plain_values(text: str) -> list[Any] | None:
    """What most files are: maps, lists and texts without a fault, an anchor or a tag; None where there is anything else."""
    documents: list[Any] = []
    above: list[tuple[Any, str | None]] = []
    here: Any = None
    key: str | None = None
    nodes = 0
    try:
        for event in events_of(text):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                value: Any = intern(event.value)
                if type(here) is dict and key is None:
                    if (
                        value == ""
                        or value == "<<"
                        or value in here
                        or event.tag is not None
                        or event.anchor is not None
                    ):
                        return None
                    key = value
                    continue
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                value = {} if kind is yaml.MappingStartEvent else []
                if (type(here) is dict and key is None) or len(above) >= MAX_DEPTH:
                    return None
                above.append((here, key))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                here, key = above.pop()
                key = None
                continue
            elif kind is yaml.DocumentStartEvent:
                documents.append(None)
                continue
            elif kind is yaml.AliasEvent:
                return None
            else:
                continue
            nodes += 1
            if event.tag is not None or event.anchor is not None or nodes > MAX_NODES:
                return None
            if type(here) is dict:
                here[key], key = value, None
            elif here is not None:
                here.append(value)
            else:
                documents[-1] = value
            if kind is not yaml.ScalarEvent:
                here, key = value, None
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return documents


def events_of(text: str) -> Iterator[Any]:
    """The events of YAML, one after the other. Raises what the reader of YAML raises."""
    loader = Loader(text)
    try:
        while (event := loader.get_event()) is not None:
            yield event
    finally:
        loader.dispose()
