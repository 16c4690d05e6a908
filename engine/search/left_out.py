"""Left out? Subtracts what serves from what is owed until a piece remains, or none does.

Boxes here are keyed by (dimension, instant): one customer over several instants is one point of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from math import inf

from .steps import Steps

Key = tuple[str, datetime | None]
Joint = dict[Key, int]
"""Cells for each dimension at each instant (None: at all instants); a missing key is whatever ``default`` says."""

Serving = tuple[float, Sequence[Joint]]
"""How much a thing counts for whoever it reaches, and the boxes of those it reaches."""


def left_out(
    start: Joint, serving: Sequence[Serving], allowed: float, default: Callable[[Key], int], steps: Steps
) -> Iterator[Joint]:
    """The parts of ``start`` in which everyone is reached by ``serving`` of at most ``allowed`` in all.

    Parts may touch only from one side: together they are all such customers. A weight of ``inf`` must be avoided.
    """
    steps.take()
    live: list[Serving] = []
    for weight, boxes in serving:
        near = [box for box in boxes if _meets(start, box, default)]
        if any(_inside(start, box, default) for box in near):
            allowed -= weight
            if allowed < 0:
                return
        elif near:
            live.append((weight, near))
    if sum(weight for weight, _ in live) <= allowed:
        yield start
        return
    must = [i for i, (weight, _) in enumerate(live) if weight == inf] or range(len(live))
    chosen = min(must, key=lambda i: _ways(start, live[i][1], default))
    weight, boxes = live[chosen]
    others = [*live[:chosen], *live[chosen + 1 :]]
    remain = [(weight, boxes[1:])] if boxes[1:] else []
    inside = dict(start)
    for key, mask in boxes[0].items():
        here = inside.get(key)
        if here is None:
            here = default(key)
        if outside := here & ~mask:
            yield from left_out({**inside, key: outside}, [*others, *remain], allowed, default, steps)
        inside[key] = here & mask
    if weight <= allowed:
        yield from left_out(inside, others, allowed - weight, default, steps)


def _meets(start: Joint, box: Joint, default: Callable[[Key], int]) -> bool:
    for key, mask in box.items():
        here = start.get(key)
        if not (default(key) if here is None else here) & mask:
            return False
    return True


def _inside(start: Joint, box: Joint, default: Callable[[Key], int]) -> bool:
    for key, mask in box.items():
        here = start.get(key)
        if (default(key) if here is None else here) & ~mask:
            return False
    return True


def _ways(start: Joint, boxes: Sequence[Joint], default: Callable[[Key], int]) -> int:
    """How many ways there are to stay out of all the boxes, at most."""
    ways = 1
    for box in boxes:
        count = 0
        for key, mask in box.items():
            here = start.get(key)
            count += bool((default(key) if here is None else here) & ~mask)
        ways *= count
    return ways
