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

Branch = tuple[Joint, Sequence[Serving], float]


def left_out(
    start: Joint, serving: Sequence[Serving], allowed: float, default: Callable[[Key], int], steps: Steps
) -> Iterator[Joint]:
    """The parts of ``start`` in which everyone is reached by ``serving`` of at most ``allowed`` in all.

    Parts may touch only from one side: together they are all such customers. A weight of ``inf`` must be avoided.
    Branches wait on a stack of their own, so that the depth is bounded by ``steps`` alone. Raises OutOfSteps.
    """
    waiting: list[Branch] = [(start, serving, allowed)]
    while waiting:
        part, near, allowed = waiting.pop()
        steps.take()
        left = _live(part, near, allowed, default)
        if left is None:
            continue
        live, allowed = left
        if sum(weight for weight, _ in live) <= allowed:
            yield part
        else:
            waiting += list(_branches(part, live, allowed, default))[::-1]


def _live(
    part: Joint, serving: Sequence[Serving], allowed: float, default: Callable[[Key], int]
) -> tuple[list[Serving], float] | None:
    """What reaches some of a part and not all of it, and what is allowed beside what reaches all; None: it is too much."""
    live: list[Serving] = []
    for weight, boxes in serving:
        near = [box for box in boxes if _meets(part, box, default)]
        if any(_inside(part, box, default) for box in near):
            allowed -= weight
            if allowed < 0:
                return None
        elif near:
            live.append((weight, near))
    return live, allowed


def _branches(
    part: Joint, live: list[Serving], allowed: float, default: Callable[[Key], int]
) -> Iterator[Branch]:
    """A part without one box of the thing with the fewest ways to stay out of it, dimension by dimension; then inside."""
    must = [i for i, (weight, _) in enumerate(live) if weight == inf] or range(len(live))
    chosen = min(must, key=lambda i: _ways(part, live[i][1], default))
    weight, boxes = live[chosen]
    others = [*live[:chosen], *live[chosen + 1 :]]
    remain = [(weight, boxes[1:])] if boxes[1:] else []
    inside = dict(part)
    for key, mask in boxes[0].items():
        here = inside.get(key)
        if here is None:
            here = default(key)
        if outside := here & ~mask:
            yield {**inside, key: outside}, [*others, *remain], allowed
        inside[key] = here & mask
    if weight <= allowed:
        yield inside, others, allowed - weight


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
