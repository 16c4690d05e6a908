"""Two customers at once: is there a favoured one who gets more than a protected one like them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf

from ..plan.conditions import Condition, tells_days_apart
from ..reference.comparing import Pair
from ..search.budget import SearchBudget
from ..search.model import attribute_of
from ..search.result import Result
from ..search.subtract_boxes import Serving, TimedBox, joined, subtract_boxes
from ..space.boxes import Box, Union
from .comparing import GroupComparison, first_pair


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a customer may get: how much it counts, who gets it, and who does not."""

    weight: int
    gets: Union
    misses: Union


def couple(
    stage: GroupComparison,
    favoured: Union,
    protected: Union,
    items: Sequence[Item],
    budget: SearchBudget,
    days: Iterable[date] = (),
) -> Result[Pair]:
    """A protected customer and a favoured one like them who gets more. ``days``: of the facts."""
    found = _getting_more(stage, favoured, protected, items, budget, {stage.day, *days})
    return first_pair(stage.pair(mine, [theirs], [], budget) for mine, theirs in found)


def _getting_more(
    stage: GroupComparison,
    favoured: Union,
    protected: Union,
    items: Sequence[Item],
    budget: SearchBudget,
    days: Iterable[date],
) -> Iterable[tuple[Box, Box]]:
    """Boxes of protected and favoured customers alike outside what they may differ in, the latter getting more in all.

    Missing an item counts for the favoured as getting one does for the protected: less than everything is too little.
    """
    total = sum(item.weight for item in items)
    if not total:
        return
    differing_attributes = stage.groups.differing_attributes

    def theirs(box: Box) -> TimedBox:
        return {
            (f"{FAVOURED}{n}" if attribute_of(n) in differing_attributes else n, None): mask for n, mask in box.items()
        }

    def mine(box: Box) -> TimedBox:
        return {(name, None): mask for name, mask in box.items()}

    def default(key: tuple[str, datetime | None]) -> int:
        name = key[0].removeprefix(FAVOURED)
        return stage.space.possible_on(name, stage.day)

    serving: list[Serving] = []
    for fact in stage.space.model.facts:
        for day in sorted(days) if tells_days_apart(fact) else (stage.day,):
            against = stage.space.against(fact, day)
            serving += [(inf, [side(box) for box in against]) for side in (mine, theirs) if against]
    for item in items:
        serving.append((item.weight, [mine(box) for box in item.gets]))
        serving.append((item.weight, [theirs(box) for box in item.misses]))
    serving = [(weight, boxes) for weight, boxes in serving if boxes]
    for one in protected:
        for other in favoured:
            start = joined(mine(one), theirs(other), default)
            if start is None:
                continue
            for free in subtract_boxes(start, serving, total - 1, default, budget):
                yield _sides(free, differing_attributes)


FAVOURED = "favoured "


def _sides(joint: TimedBox, differing_attributes: frozenset[str]) -> tuple[Box, Box]:
    """The box of the protected and the one of the favoured customer."""
    mine = {name: mask for (name, _), mask in joint.items() if not name.startswith(FAVOURED)}
    theirs = {name: mask for name, mask in mine.items() if attribute_of(name) not in differing_attributes}
    theirs |= {n.removeprefix(FAVOURED): mask for (n, _), mask in joint.items() if n.startswith(FAVOURED)}
    return mine, theirs


def item(stage: GroupComparison, weight: int, audience: Condition, day: date) -> Item:
    """What counts ``weight`` for whoever its audience admits on the day. Raises TooManyBoxes."""
    return Item(weight, stage.space.of(audience, day), stage.space.against(audience, day))
