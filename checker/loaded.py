"""Everything that was read for a run: files, documents, the plan and the rules, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tactful.engine.places import Place, Problem
from tactful.engine.plan.document import Document
from tactful.engine.plan.plan import Plan
from tactful.engine.plan.settings import Settings
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.policy.waivers import Waiver

from .reading.profile import Complaint
from .reading.repository import SourceFile


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from: a file, its number in it, and the path to it inside (for cases)."""

    file: str
    number: int = 0
    prefix: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class RawDocument:
    name: str
    origin: Origin
    value: Any


@dataclass
class Loaded:
    """Everything that was read. ``slips`` are faults of YAML in a file, ``problems`` faults of what it says."""

    sources: dict[str, SourceFile]
    origins: dict[str, Origin] = field(default_factory=dict)
    slips: list[tuple[str, Complaint]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    """The kind of each document, as far as it can be told; also of those that are broken."""
    broken: list[str] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    plan: Plan | None = None
    rules: list[LinkedRule[Any]] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    waiver_places: list[Place] = field(default_factory=list)
    logs: set[str] = field(default_factory=set)
    """Ledgers and price books whose log or history was read."""
    tables: list[str] = field(default_factory=list)
    """The paths of these logs and histories."""
    unread: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)
    missing_places: list[str] = field(default_factory=list)

    @property
    def timezone(self) -> str:
        """The clock that tells today."""
        return self.plan.timezone if self.plan else "UTC"

    def file_of(self, document: str) -> str:
        origin = self.origins.get(document)
        return origin.file if origin else document


def raw_documents(file: SourceFile) -> list[RawDocument]:
    """The documents of a file that are whole; empty ones are passed over."""
    found = []
    for number, value in enumerate(file.parsed.documents):
        if number in file.parsed.broken or value is None or value == "":
            continue
        name = file.path if number == 0 else f"{file.path}#{number}"
        found.append(RawDocument(name, Origin(file.path, number), value))
    return found
