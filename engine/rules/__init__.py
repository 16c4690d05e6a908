"""The rule kinds, in the order in which they are listed to people. A kind is a file or a folder, and its name here.

Each is imported when it is first asked for: a plan uses few of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from ..kit.kind import Kind

NAMES = (
    "frequency-cap", "spacing", "sending-hours", "reach-limit", "mix", "contact-floor", "give-and-ask", "obligation",
    "no-strings", "capacity", "audience-fit", "require", "offer-parity", "care-parity", "reference-price",
)  # fmt: skip


class Kinds(Mapping[str, Kind[Any]]):
    """The kinds by name."""

    def __init__(self) -> None:
        self.known: dict[str, Kind[Any]] = {}
        """Those that were asked for."""

    def __getitem__(self, name: str) -> Kind[Any]:
        if name not in self.known:
            if name not in NAMES:
                raise KeyError(name)
            self.known[name] = import_module(f".{name.replace('-', '_')}", __name__).KIND
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


KINDS = Kinds()
