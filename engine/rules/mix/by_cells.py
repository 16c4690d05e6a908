"""A mix by the cells of the customer: what harms counts as long as it may still come, the rest once it is certain.

What an event could stop is never certain, and facts that hang on the day are not looked at: that there is nobody is a
proof. A choice of cells is confirmed with a customer; where it is refused, the others are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from ...reference import Customer
from ...search.branch_on_cells import Ways
from ...search.budget import SearchBudget
from ...search.cells import CellModel, Item
from ...search.compatibility import CompatibilityGraph
from ...search.result import Result
from ...search.signed_cells import Enough, Signs, somebody_signed

Who = Callable[[Sequence[int], Sequence[int]], Result[Customer]]
"""Somebody who gets exactly these: what harms, and of the rest."""
MAX_REFUSED = 20
"""After so many choices that are nobody's the plain search is asked."""


class Sides(NamedTuple):
    """Candidates by number: what must be got and harms, what harms besides, what must not be got, and the rest."""

    must: Sequence[int]
    harming: Sequence[int]
    above: Sequence[int]
    rest: Sequence[int]


def skewed_by_cells(
    graph: CompatibilityGraph,
    sides: Sides,
    share: tuple[int, int],
    enough: Enough,
    budget: SearchBudget,
    who: Who,
) -> Result[Customer] | None:
    """Somebody who gets all that must be got, nothing that must not be, and too much of what harms; or nobody.

    ``share`` are parts of how many: the largest share of what harms. None: it is not told. Raises BudgetExhausted.
    """
    numbers = [i for side in sides for i in side]
    model = CellModel(graph.context, [_item(graph, i) for i in numbers])
    must, harm, above, all_of_them = (range(end) for end in accumulate(map(len, sides)))
    never, rest = above[len(harm) :], all_of_them[len(above) :]
    sure = [n for n, i in enumerate(numbers) if not graph.candidates[i].script.bars]
    parts, of = share
    good, bad = model.bits_of(harm), model.bits_of(rest)

    def confirm(boxes: int, ways: Ways) -> Result[Customer] | None:
        items = model.left(boxes)
        if not enough(model.weigh(items & good), model.weigh(items & bad)):
            return None
        harming = [numbers[n] for n in harm if items & model.bits[n]]
        return who(harming, [numbers[n] for n in rest if items & model.bits[n] and n in sure])

    signs = Signs(must, harm, rest, never, sure, of - parts, parts)
    return somebody_signed(model, signs, budget, confirm, MAX_REFUSED, enough)


def _item(graph: CompatibilityGraph, i: int) -> Item:
    candidate = graph.candidates[i]
    boxes = tuple((candidate, box) for box in candidate.boxes)
    return Item(candidate.weight, boxes, ((i,),) * len(boxes))
