"""One document that was read and has the right form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..models import Model


@dataclass(frozen=True, slots=True)
class Document:
    """A document; ``name`` is where it came from, opaque to the engine."""

    name: str
    kind: str
    model: Model
    partial: bool = False
    """What is left of a document with faults: linked for its other faults, never part of the plan."""
    rows: tuple[Any, ...] = ()
    """What stands in a file beside it: the contacts of a ledger's log."""
