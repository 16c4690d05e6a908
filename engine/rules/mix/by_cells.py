"""A mix by the cells of the customer: what harms counts as long as it may still come, the rest once it is certain.

What an event could stop is never certain, and facts that hang on the day are not looked at: that there is nobody is a
proof. A choice of cells is confirmed with a customer; where it is refused, the others are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import accumulate
from operator import and_, or_

from ...reference import Customer
from ...search.branch_on_cells import Axes, BranchOnCells, Option, Row
from ...search.budget import SearchBudget
from ...search.cells import Cell, CellModel, Item
from ...search.compatibility import CompatibilityGraph
from ...search.result import NOBODY, Found, Result

Who = Callable[[Sequence[int], Sequence[int]], Result[Customer]]
"""Somebody who gets exactly these: what harms, and of the rest."""
Enough = Callable[[int, int], bool]
"""Whether the mix can be judged with at most so much of what harms, and so much of the rest."""
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
    search.run()
    if search.found is not None:
        return search.found
    return None if search.refused else NOBODY


class _Skewed(BranchOnCells):
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
        self.graph, self.who, self.enough = graph, who, enough
        self.found: Found[Customer] | None = None
        self.refused = 0
        self.sorts = [(i, sort) for sort, some in enumerate((must, harming, above, rest)) for i in some]
        model = CellModel(graph.context.space, [self._item(i) for i, _ in self.sorts])
        bits = [self._bits(model, sort) for sort in range(4)]
        self.harm, self.rest = bits[0] | bits[1], bits[3]
        boxes = [self._boxes(model, sort) for sort in range(4)]
        self.good, self.above, self.bad = boxes[0] | boxes[1], boxes[2], boxes[2] | boxes[3]
        self.stays = reduce(or_, (self._all_boxes(model, n) for n, (i, _) in enumerate(self.sorts) if self._sure(i)), 0)
        """The boxes of what comes whatever happens."""
        super().__init__(model, bits[0], 0, 0, budget, self._confirm)
        self.unit, self.against = share[1] - share[0], share[0]

    def _sure(self, i: int) -> bool:
        return not self.graph.candidates[i].script.bars

    def _item(self, i: int) -> Item:
        candidate = self.graph.candidates[i]
        boxes = tuple((candidate, box) for box in candidate.boxes)
        return Item(candidate.weight, boxes, ((i,),) * len(boxes))

    def _bits(self, model: CellModel, sort: int) -> int:
        return reduce(or_, (model.bits[n] for n, (_, own) in enumerate(self.sorts) if own == sort), 0)

    def _boxes(self, model: CellModel, sort: int) -> int:
        return reduce(or_, (self._all_boxes(model, n) for n, (_, own) in enumerate(self.sorts) if own == sort), 0)

    @staticmethod
    def _all_boxes(model: CellModel, n: int) -> int:
        return reduce(or_, (model.box(n, plane) for plane in range(len(model.items[n].boxes))), 0)

    # --- what a choice is worth --------------------------------------------------------------------------------------

    def counts(self, items: int) -> int:
        return self.unit * self.model.weigh(items & self.harm)

    def _surely_beside(self, axes: Axes) -> Iterable[int]:
        common = [reduce(and_, (cell.boxes for cell in cells)) for _, cells in axes]
        before = [*accumulate(common, and_, initial=-1)][:-1]
        after = [*accumulate(reversed(common), and_, initial=-1)][-2::-1]
        return map(and_, before, after)

    def _options(self, boxes: int, cells: Sequence[Cell], surely: int) -> list[Option]:
        options, model = [], self.model
        certain = boxes & surely & self.stays
        before = model.weigh(model.left(reduce(and_, (cell.boxes for cell in cells), certain)) & self.rest)
        for cell in cells:
            mine, surely_left = boxes & cell.boxes, certain & cell.boxes
            items = model.left(mine)
            if surely_left & self.above or self.required & ~items:
                continue
            if not self.enough(model.weigh(items & self.harm), model.weigh(items & self.rest)):
                continue
            rest = model.weigh(model.left(surely_left) & self.rest)
            weight = self.counts(items) - self.against * rest
            if weight > self.best:
                options.append(Option(weight, items & self.harm, mine, cell, self.against * (rest - before)))
        return options

    def _as_good(self, other: Option, option: Option) -> bool:
        """Whether one leaves all that harms and no more of the rest; where the number is in doubt, the same of the rest."""
        if option.boxes & ~other.boxes & self.good:
            return False
        sure = self.enough(self.model.weigh(self.model.left(other.boxes) & self.required), 0)
        return not (other.boxes ^ option.boxes if not sure else other.boxes & ~option.boxes) & self.bad

    def _bound(self, left: int, rows: Sequence[Row]) -> int:
        option = rows[0][1][0]
        certain = self.counts(option.items) - option.weight - option.cost
        return super()._bound(left & self.harm, rows) - certain

    def _known(self, *asked: object) -> bool:
        """Which of the rest is certain hangs on the axes that are open: nothing is the same."""
        return False

    def _confirm(self, boxes: int) -> Sequence[int]:
        """All cells are chosen: whoever is in these gets what is left."""
        items = self.model.left(boxes)
        if not self.enough(self.model.weigh(items & self.harm), self.model.weigh(items & self.rest)):
            return ()
        mine = [(i, sort) for n, (i, sort) in enumerate(self.sorts) if items & self.model.bits[n]]
        answer = self.who([i for i, sort in mine if sort < 2], [i for i, sort in mine if sort == 3 and self._sure(i)])
        if isinstance(answer, Found):
            self.found = answer
        else:
            self.refused += 1
        if self.found is not None or self.refused >= MAX_REFUSED:
            self.best = 1 << 62  # nothing more is looked at
        return ()
