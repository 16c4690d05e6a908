"""The kinds of document and their models: each document has exactly one document key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..models import Model
from ..policy.policies import Policy
from ..policy.waivers import WaiversDocument
from .campaigns import Campaign, Service
from .customers import CustomersDocument
from .ledger import Ledger
from .offers import OffersDocument
from .settings import Settings
from .vocabulary import VocabularyDocument

KINDS: dict[str, type[Model]] = {
    "customers": CustomersDocument,
    "vocabulary": VocabularyDocument,
    "campaign": Campaign,
    "service": Service,
    "offers": OffersDocument,
    "policy": Policy,
    "waivers": WaiversDocument,
    "ledger": Ledger,
    "tactful": Settings,
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document that was read and has the right form. ``name`` is where it came from, opaque to the engine."""

    name: str
    kind: str
    model: Model
    partial: bool = False
    """What is left of a document with faults: linked for its other faults, never part of the plan."""
    rows: tuple[Any, ...] = ()
    """What stands in a file beside it: the contacts of a ledger's log."""


def kind_of(keys: list[str]) -> list[str]:
    """The document keys among ``keys``; a campaign may carry ``offers`` of its own."""
    found = [key for key in keys if key in KINDS]
    if "campaign" in found:
        found = [key for key in found if key != "offers"]
    return found
