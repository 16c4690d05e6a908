"""A mix by the cells of the customer: what harms counts as long as it may still come, the rest once it is certain.

What an event could stop is never certain, and facts that hang on the day are not looked at: that there is nobody is a
proof. A choice of cells is confirmed with a customer; where it is refused, the others are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from ...reference import Customer
from ...search.branch_on_cells import Ways
from ...search.budget import SearchBudget
from ...search.cells import CellModel, Item
from ...search.compatibility import CompatibilityGraph
from ...search.result import NOBODY, Found, Result
from ...search.signed_cells import Enough, SignedCells, Signs

Who = Callable[[Sequence[int], Sequence[int]], Result[Customer]]
"""Somebody who gets exactly these: what harms, and of the rest."""
MAX_REFUSED = 20
"""After so many choices that are nobody's the plain search is asked."""


def skewed_by_cells(
    graph: CompatibilityGraph,
    must: Sequence[int],
    harming: Sequence[int],
    above: Sequence[int],
    rest: Sequence[int],
    share: tuple[int, int],
    enough: Enough,
    budget: SearchBudget,
    who: Who,
) -> Result[Customer] | None:
    """Somebody who gets all of ``must``, none of ``above``, and too much of what harms; or that there is nobody.

    ``share`` are parts of how many: the largest share of what harms. None: it is not told. Raises BudgetExhausted.
    """
    search = _Skewed(graph, must, harming, above, rest, share, enough, budget, who)
    search.cells.run()
    if search.found is not None:
        return search.found
    return None if search.refused else NOBODY


class _Skewed:
    def __init__(
        self,
        graph: CompatibilityGraph,
        must: Sequence[int],
        harming: Sequence[int],
        above: Sequence[int],
        rest: Sequence[int],
        share: tuple[int, int],
        enough: Enough,
        budget: SearchBudget,
        who: Who,
    ) -> None:
        self.graph, self.who = graph, who
        self.found: Found[Customer] | None = None
        self.refused = 0
        self.numbers = [*must, *harming, *above, *rest]
        self.model = CellModel(graph.context, [self._item(i) for i in self.numbers])
        ends = [*accumulate(map(len, (must, harming, above, rest)))]
        self.good, self.bad = range(ends[1]), range(ends[2], ends[3])
        sure = [n for n, i in enumerate(self.numbers) if self._sure(i)]
        parts, of = share
        signs = Signs(range(ends[0]), self.good, self.bad, range(ends[1], ends[2]), sure, of - parts, parts)
        self.cells = SignedCells(self.model, signs, budget, self._confirm, enough)

    def _sure(self, i: int) -> bool:
        return not self.graph.candidates[i].script.bars

    def _item(self, i: int) -> Item:
        candidate = self.graph.candidates[i]
        boxes = tuple((candidate, box) for box in candidate.boxes)
        return Item(candidate.weight, boxes, ((i,),) * len(boxes))

    def _confirm(self, boxes: int, ways: Ways) -> Sequence[int]:
        """All cells are chosen: whoever is in these gets what is left."""
        items = self.model.left(boxes)
        if not self.cells.enough(self.model.weigh(items & self.cells.good), self.model.weigh(items & self.cells.bad)):
            return ()
        mine = [n for n in range(len(self.numbers)) if items & self.model.bits[n]]
        harm = [self.numbers[n] for n in mine if n in self.good]
        answer = self.who(harm, [i for n in mine if n in self.bad and self._sure(i := self.numbers[n])])
        if isinstance(answer, Found):
            self.found = answer
        else:
            self.refused += 1
        if self.found is not None or self.refused >= MAX_REFUSED:
            self.cells.best = 1 << 62  # nothing more is looked at
        return ()
