"""What a search over the cells of a customer looks at: items as bits, and for each cell the items that it leaves.

An item counts once, whichever of its boxes the customer is in. It has as many bits as it counts, so that a set of items
counts its bits. The boxes are bits of one integer, in planes of equal width: plane ``p`` holds the ``p``-th box of every
item, so that the items left are the union of the planes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

from ..space.boxes import Box
from ..windows import Window
from .happenings import cells_set_by_events
from .model import Candidate, Demand, SearchContext, attribute_of

Axis = tuple[str, datetime | None]
"""A dimension of the customer: for all time where it never changes, else at one instant."""
MAX_INSTANTS = 200
"""At so many instants facts are looked at."""
UNBOUND = 1 << 62
"""After every cell."""
MAX_BITS = 20_000
"""Up to how much items count together each has as many bits as it counts."""


@dataclass(frozen=True, slots=True)
class Item:
    """What counts once: the touches of one class, or of one key, with all boxes in which a customer gets it."""

    weight: int
    boxes: tuple[tuple[Candidate | Demand, Box], ...]
    members: tuple[tuple[int, ...], ...]
    """For each box the candidates that it stands for, by index."""


class Cell(NamedTuple):
    """Cells of one axis that leave the same boxes, the forbidden boxes (by number, as bits) that they lie inside of, and which.

    Of what only goes forward ``low`` is the first of them and ``high`` the last: at a later instant it is not before ``low``,
    at an earlier one not after ``high``.
    """

    boxes: int
    inside: int
    cells: int
    low: int = 0
    high: int = UNBOUND


class CellModel:
    """The items of one question, the axes in which their boxes differ, and what no customer is by a fact."""

    def __init__(self, context: SearchContext, items: Sequence[Item], still: Window | None = None) -> None:
        """``still``: a window in which what changes keeps one value."""
        self.context, self.space, self.items, self.still = context, context.space, items, still
        heavy = sum(item.weight for item in items) > MAX_BITS
        self.bits: list[int] = []
        """The bits of each item, in the first plane."""
        self.width = counted = 0
        for item in items:
            each = 1 if heavy else max(item.weight, 1)
            self.bits.append(((1 << each) - 1) << self.width)
            self.width += each
            counted |= self.bits[-1] if item.weight else 0
        self.digits = self._digits() if heavy else [(0, counted)]
        """For each binary digit of what a bit counts, the bits that have it."""
        self.each_alike = len(self.digits) == 1
        """Whether every bit that counts counts one."""
        planes = max((len(item.boxes) for item in items), default=1)
        self.everything = self.boxes_of(range(len(items)))
        self.shifts = [self.width << step for step in reversed(range((planes - 1).bit_length()))]
        """How far boxes are folded onto each other, so that each plane falls onto the first."""
        self.all_items = (1 << self.width) - 1
        limits = self._limits()
        self.forbidden = self._forbidden(limits)
        self.restricted: dict[Axis, int] = {}
        """For each axis the forbidden boxes that limit it."""
        for number, bad in enumerate(self.forbidden):
            for axis in bad:
                self.restricted[axis] = self.restricted.get(axis, 0) | 1 << number
        self.axes: dict[Axis, list[Cell]] = {
            axis: self._cells(axis, limits.get(axis, {})) for axis in sorted({*limits, *self.restricted}, key=_order)
        }
        self.settable = self._settable()
        """Of what only events set, the cells that they can set."""
        self.ordered = [axis for axis in self.axes if axis[1] is not None and self._is_ordered(axis[0])]
        """The axes of what does not change as it likes, each attribute's in the order of time."""

    def _settable(self) -> dict[str, int]:
        names = {name for name, at in self.axes if at is not None}
        if not self.context.lived or self.context.begins is None:
            return {}
        by_events = self.space.model.set_by_events
        dimensions = [self.space.dimensions[name] for name in names if attribute_of(name) in by_events]
        return {d.name: cells_set_by_events(self.context, d) for d in dimensions}

    def _is_ordered(self, name: str) -> bool:
        return name in self.settable or self.space.changes(name) == "forward"

    def follows(self, name: str, before: Cell, after: Cell) -> bool:
        """Whether somebody can be in one cell and later in another, as far as two instants tell."""
        if after.high < before.low:
            return False
        settable = self.settable.get(name)
        return settable is None or bool(after.cells & (before.cells | settable))

    def instant(self, at: datetime) -> datetime:
        """The instant that stands for one: within the window in which nothing changes its end does for all."""
        return self.still.end if self.still is not None and self.still.holds(at) else at

    def box(self, item: int, plane: int) -> int:
        """The bits of one box of an item."""
        return self.bits[item] << self.width * plane

    def bits_of(self, items: Iterable[int]) -> int:
        """The bits of items, by number, in the first plane."""
        return reduce(or_, (self.bits[n] for n in items), 0)

    def boxes_of(self, items: Iterable[int]) -> int:
        """The bits of all boxes of items, by number."""
        return reduce(or_, (self.box(n, plane) for n in items for plane in range(len(self.items[n].boxes))), 0)

    def _digits(self) -> list[tuple[int, int]]:
        heaviest = max(item.weight for item in self.items)
        weighed = [(bit, item.weight) for bit, item in zip(self.bits, self.items, strict=True)]
        return [(d, sum(bit for bit, weight in weighed if weight >> d & 1)) for d in range(heaviest.bit_length())]

    def weigh(self, items: int) -> int:
        """How much a set of items, as bits, counts."""
        if self.each_alike:
            return (items & self.digits[0][1]).bit_count()
        return sum((items & bits).bit_count() << digit for digit, bits in self.digits)

    def left(self, boxes: int) -> int:
        """The items of which some box is left."""
        for shift in self.shifts:
            boxes |= boxes >> shift
        return boxes & self.all_items

    def in_one_box(self, boxes: int) -> int:
        """The items of which exactly one box is left."""
        once = more = 0
        while boxes:
            plane = boxes & self.all_items
            more |= once & plane
            once |= plane
            boxes >>= self.width
        return once & ~more

    def _axis(self, name: str, at: datetime) -> Axis:
        return (name, None if self.space.changes(name) == "never" else self.instant(at))

    def _limits(self) -> dict[Axis, dict[int, int]]:
        """For each axis and each set of cells in it that some box admits, the boxes that do."""
        limits: dict[Axis, dict[int, int]] = {}
        for number, item in enumerate(self.items):
            for plane, (candidate, box) in enumerate(item.boxes):
                bit = self.box(number, plane)
                for name, mask in box.items():
                    axis = self._axis(name, candidate.at)
                    admitted = limits.setdefault(axis, {})
                    admitted[mask] = admitted.get(mask, 0) | bit
        return limits

    def _cells(self, axis: Axis, limits: Mapping[int, int]) -> list[Cell]:
        """The cells of an axis, those that leave the same together."""
        bad = {n: box[axis] for n, box in enumerate(self.forbidden) if axis in box}
        apart = [self.space.dimensions[axis[0]].full]
        for mask in dict.fromkeys((*limits, *bad.values())):
            apart = [part for cells in apart for part in (cells & mask, cells & ~mask) if part]
        free = self.everything & ~reduce(or_, limits.values(), 0)
        others = (1 << len(self.forbidden)) - 1 & ~_bits(bad)
        dimension = self.space.dimensions[axis[0]]
        forward = axis[1] is not None and dimension.changes == "forward"
        found: dict[Cell, int] = {}
        for cells in apart:
            boxes = reduce(or_, (boxes for mask, boxes in limits.items() if cells & mask), free)
            inside = others | _bits(n for n, mask in bad.items() if cells & mask)
            ends = ((cells & -cells).bit_length() - 1, cells.bit_length() - 1)
            bound = forward and not cells & dimension.unknown
            cell = Cell(boxes, inside, 0, *ends) if bound else Cell(boxes, inside, 0)
            found[cell] = found.get(cell, 0) | cells
        return [cell._replace(cells=cells) for cell, cells in found.items()]

    def _forbidden(self, limits: Container[Axis]) -> list[dict[Axis, int]]:
        """What facts rule out, at each instant at which a box asks about what changes; what no box has to do with is left out.

        Of what changes only what some box asks about is looked at: else somebody can be outside.
        """
        days = {candidate.at: candidate.day for item in self.items for candidate, _ in item.boxes}
        found: dict[tuple[tuple[Axis, int], ...], None] = {}
        for fact in self.space.model.facts:
            for at, day in sorted(days.items()) if len(days) <= MAX_INSTANTS else ():
                for box in self.space.against(fact, day):
                    axes = {self._axis(n, at): mask for n, mask in box.items()}
                    if all(axis[1] is None or axis in limits for axis in axes):
                        found[tuple(axes.items())] = None
        waiting, kept, near = [dict(axes) for axes in found], list[dict[Axis, int]](), set[Axis]()
        while more := [bad for bad in waiting if any(axis in limits or axis in near for axis in bad)]:
            kept += more
            near |= {axis for bad in more for axis in bad}
            waiting = [bad for bad in waiting if bad not in more]
        return kept


def _bits(numbers: Iterable[int]) -> int:
    return reduce(lambda bits, n: bits | 1 << n, numbers, 0)


def _order(axis: Axis) -> tuple[str, str]:
    return (axis[0], axis[1].isoformat() if axis[1] is not None else "")
