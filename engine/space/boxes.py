"""Boxes and unions of boxes. A box holds, for each dimension it limits, a set of cells as the bits of an integer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..undecidable import TooManyBoxes

Box = Mapping[str, int]
"""Cells for each dimension that is limited; a dimension that is not named is free. No mask is 0."""

Union = Sequence[Box]
"""Everyone who is in some box; no box: nobody."""

EVERYWHERE: Box = {}
MAX_BOXES = 2000


def meet(a: Box, b: Box) -> Box | None:
    """What lies in both boxes, or None."""
    if len(a) < len(b):
        a, b = b, a
    joint = dict(a)
    for name, mask in b.items():
        left = joint.get(name)
        cells = mask if left is None else left & mask
        if not cells:
            return None
        joint[name] = cells
    return joint


def contains(outer: Box, inner: Box) -> bool:
    """Whether everyone of ``inner`` is in ``outer``."""
    return all(name in inner and not inner[name] & ~mask for name, mask in outer.items())


def union(boxes: Iterable[Box]) -> list[Box]:
    """The same customers in fewer boxes: contained ones go, two that differ in one dimension become one."""
    kept: list[Box] = []
    waiting = list(boxes)
    if len(waiting) < 2:
        return waiting
    while waiting:
        box = waiting.pop()
        merged = False
        for i, other in enumerate(kept):
            joined = _joined(box, other)
            if joined is not None:
                del kept[i]
                waiting.append(joined)
                merged = True
                break
        if not merged:
            kept.append(box)
            if len(kept) > MAX_BOXES:
                raise TooManyBoxes
    return kept


def _joined(a: Box, b: Box) -> Box | None:
    if contains(a, b):
        return a
    if contains(b, a):
        return b
    if a.keys() != b.keys():
        return None
    differ = [name for name in a if a[name] != b[name]]
    if len(differ) != 1:
        return None
    return {**a, differ[0]: a[differ[0]] | b[differ[0]]}


def intersection(a: Union, b: Union) -> list[Box]:
    """Everyone who is in both unions."""
    if len(a) == len(b) == 1:
        both = meet(a[0], b[0])
        return [] if both is None else [both]
    if len(a) * len(b) > MAX_BOXES * 10:
        raise TooManyBoxes
    return union(box for x in a for y in b if (box := meet(x, y)) is not None)
