"""Left out? Subtracts what serves from what is owed until a piece remains, or none does.

Boxes here are keyed by (dimension, instant): one customer over several instants is one point of the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from math import inf

from .budget import SearchBudget

Key = tuple[str, datetime | None]
TimedBox = dict[Key, int]
"""Cells for each dimension at each instant (None: at all instants); a missing key is whatever ``default`` says."""

Serving = tuple[float, Sequence[TimedBox]]
"""How much a thing counts for whoever it reaches, and the boxes of those it reaches."""

COSTS = 4
"""So many things are looked at for one step of the budget."""


def joined(a: TimedBox, b: TimedBox, default: Callable[[Key], int]) -> TimedBox | None:
    """Who is in both; None if they shut each other out."""
    joint = dict(a)
    for key, mask in b.items():
        here = joint.get(key)
        cells = mask & (default(key) if here is None else here)
        if not cells:
            return None
        joint[key] = cells
    return joint


Branch = tuple[TimedBox, Sequence[Serving], float]


def subtract_boxes(
    start: TimedBox, reached_by: Sequence[Serving], at_most: float, default: Callable[[Key], int], budget: SearchBudget
) -> Iterator[TimedBox]:
    """The parts of ``start`` in which everyone is reached by ``reached_by`` of at most ``at_most`` in all.

    Parts may touch only from one side: together they are all such customers. A weight of ``inf`` must be avoided.
    Branches wait on a stack of their own, so that the depth is bounded by ``budget`` alone. Raises BudgetExhausted.
    """
    waiting: list[Branch] = [(start, reached_by, at_most)]
    while waiting:
        part, near, at_most = waiting.pop()
        budget.spend(1 + len(near) // COSTS)
        left = _live(part, near, at_most, default)
        if left is None:
            continue
        live, at_most = left
        if sum(weight for weight, _ in live) <= at_most:
            yield part
        else:
            waiting += list(_branches(part, live, at_most, default))[::-1]


def _live(
    part: TimedBox, reached_by: Sequence[Serving], at_most: float, default: Callable[[Key], int]
) -> tuple[list[Serving], float] | None:
    """What reaches some of a part and not all of it, and what is allowed beside what reaches all; None: it is too much."""
    live: list[Serving] = []
    for weight, boxes in reached_by:
        near = [box for box in boxes if _meets(part, box, default)]
        if any(_inside(part, box, default) for box in near):
            at_most -= weight
            if at_most < 0:
                return None
        elif near:
            live.append((weight, near))
    return live, at_most


def _branches(part: TimedBox, live: list[Serving], at_most: float, default: Callable[[Key], int]) -> Iterator[Branch]:
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
            yield {**inside, key: outside}, [*others, *remain], at_most
        inside[key] = here & mask
    if weight <= at_most:
        yield inside, others, at_most - weight


def _meets(start: TimedBox, box: TimedBox, default: Callable[[Key], int]) -> bool:
    for key, mask in box.items():
        here = start.get(key)
        if not (default(key) if here is None else here) & mask:
            return False
    return True


def _inside(start: TimedBox, box: TimedBox, default: Callable[[Key], int]) -> bool:
    for key, mask in box.items():
        here = start.get(key)
        if (default(key) if here is None else here) & ~mask:
            return False
    return True


def _ways(start: TimedBox, boxes: Sequence[TimedBox], default: Callable[[Key], int]) -> int:
    """How many ways there are to stay out of all the boxes, at most."""
    ways = 1
    for box in boxes:
        count = 0
        for key, mask in box.items():
            here = start.get(key)
            count += bool((default(key) if here is None else here) & ~mask)
        ways *= count
    return ways
