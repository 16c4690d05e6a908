"""Where a thing stands: the engine names a document and a path in it; only the checker knows lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .messages import Message

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a document. ``document`` is an opaque name; ``at_key`` points at the key rather than its value."""

    document: str
    path: Path = ()
    at_key: bool = False

    def __str__(self) -> str:
        """The document, and the node as a JSON pointer (RFC 6901)."""
        return self.document + "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in self.path)

    def down(self, *steps: str | int) -> Place:
        return Place(self.document, (*self.path, *steps))

    def key(self, name: str) -> Place:
        return Place(self.document, (*self.path, name), at_key=True)


def value_at(value: object, path: Path) -> object:
    """What stands at a path in a document; None where there is nothing."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with what was written (not with what it plans)."""

    code: str
    message: Message
    place: Place
    help: Message | None = None
    severity: Literal["error", "warning"] = "error"
