"""Boxes as one integer each, so that meeting two of them is one ``and`` and finding them empty one addition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..space.boxes import Box


class Packing:
    """A field of bits for each dimension, with a guard bit above it.

    Adding all ones to every field carries into the guard exactly where the field is not empty.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.shift: dict[str, int] = {}
        self.everything = self.guard = 0
        at = 0
        for name, size in sizes.items():
            self.shift[name] = at
            self.everything |= ((1 << size) - 1) << at
            self.guard |= 1 << (at + size)
            at += size + 1
        self.full = {name: (1 << size) - 1 for name, size in sizes.items()}

    def pack(self, box: Box, names: Iterable[str]) -> int:
        """One integer for a box, full in the dimensions that are not named."""
        packed = self.everything
        for name in names:
            packed &= ~((self.full[name] & ~box[name]) << self.shift[name])
        return packed

    def empty(self, packed: int) -> bool:
        """Whether some dimension has no cell left."""
        return (packed + self.everything) & self.guard != self.guard

    def field(self, packed: int, name: str) -> int:
        """The cells of one dimension, as bits."""
        return packed >> self.shift[name] & self.full[name]
