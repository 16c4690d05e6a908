"""Branch and bound over cells where some items count for and others against: much of the ones, little of the others.

What counts for counts as long as it may still be left; what counts against once it is certain: whatever is still chosen
leaves it. On each axis at least the least is lost of both together, so the bound stays one: what counts against is made
certain by one axis alone if a single box of it is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from ..reference import Customer
from .branch_on_cells import Axes, BranchOnCells, Leaf, Option, Row, Ways, of_the_others
from .budget import SearchBudget
from .cells import Cell, CellModel
from .result import NOBODY, Found, Result

Enough = Callable[[int, int], bool]
"""Whether so much of what counts for, and so much of what counts against, can be enough at all."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Items by number: those that must be there, that count for and against, that must not be, and that surely come if left.

    What counts for weighs ``gain`` a unit, what counts against ``loss``, besides ``base``.
    """

    must: Sequence[int]
    good: Sequence[int]
    bad: Sequence[int]
    never: Sequence[int]
    sure: Sequence[int]
    gain: int
    loss: int
    base: int = 0


Confirm = Callable[[int, Ways], Result[Customer] | None]
"""Somebody who is in a choice of cells, given the boxes that it leaves; None: nobody need be looked for."""
NOTHING_MORE = 1 << 62
"""A best that no choice exceeds."""


def somebody_signed(
    model: CellModel, signs: Signs, budget: SearchBudget, confirm: Confirm, tries: int, enough: Enough = lambda *_: True
) -> Result[Customer] | None:
    """Somebody who is confirmed in a choice that weighs more than nothing; or that there is no such choice.

    None: it is not told, for of ``tries`` choices at most some were refused. Raises BudgetExhausted.
    """
    refused: list[Result[Customer]] = []
    found: list[Result[Customer]] = []

    def leaf(boxes: int, ways: Ways) -> Sequence[int]:
        answer = confirm(boxes, ways)
        if answer is not None:
            (found if isinstance(answer, Found) else refused).append(answer)
        if found or len(refused) >= tries:
            search.best = NOTHING_MORE
        return ()

    search = SignedCells(model, signs, budget, leaf, enough)
    search.run()
    return found[0] if found else None if refused else NOBODY


class SignedCells(BranchOnCells):
    """Looks for choices that weigh more than nothing."""

    def __init__(self, model: CellModel, signs: Signs, budget: SearchBudget, leaf: Leaf, enough: Enough) -> None:
        super().__init__(model, model.bits_of(signs.must), signs.base, 0, budget, leaf)
        self.unit, self.loss, self.enough = signs.gain, signs.loss, enough
        self.good, self.bad = model.bits_of(signs.good), model.bits_of(signs.bad)
        self.good_boxes = model.boxes_of([*signs.must, *signs.good])
        self.bad_boxes, self.never = model.boxes_of([*signs.bad, *signs.never]), model.boxes_of(signs.never)
        self.sure = model.boxes_of(signs.sure)
        self.certain = 0
        """What is certain to count against, when options were last looked at."""

    def counts(self, items: int) -> int:
        return self.base + self.unit * self.model.weigh(items & self.good)

    def _surely_beside(self, axes: Axes) -> Iterable[int]:
        common = [reduce(and_, (cell.boxes for cell in cells), -1) for _, cells in axes]
        return of_the_others(common, and_, -1)

    def _options(self, boxes: int, cells: Sequence[Cell], surely: int) -> list[Option]:
        options, model = [], self.model
        certain = boxes & surely & self.sure
        always = model.left(reduce(and_, (cell.boxes for cell in cells), certain)) & self.bad
        self.certain = self.loss * model.weigh(always)
        lone = model.in_one_box(boxes) & self.bad & ~always
        for cell in cells:
            mine, surely_left = boxes & cell.boxes, certain & cell.boxes
            items = model.left(mine)
            if surely_left & self.never or self.required & ~items:
                continue
            if not self.enough(model.weigh(items & self.good), model.weigh(items & self.bad)):
                continue
            against = model.left(surely_left)
            weight = self.counts(items) - self.loss * model.weigh(against & self.bad)
            if weight > self.best:
                options.append(Option(weight, items & self.good, mine, cell, self.loss * model.weigh(against & lone)))
        return options

    def _as_good(self, other: Option, option: Option) -> bool:
        """Whether one leaves all that counts for and no more against; where the number is in doubt, the same against."""
        if option.boxes & ~other.boxes & self.good_boxes:
            return False
        certain = self.enough(self.model.weigh(self.model.left(other.boxes) & self.required & self.good), 0)
        return not (other.boxes & ~option.boxes if certain else other.boxes ^ option.boxes) & self.bad_boxes

    def _bound(self, left: int, rows: Sequence[Row]) -> int:
        return super()._bound(left & self.good, rows) - self.certain

    def _key(self, *asked: object) -> object:
        """What is certain hangs on the axes that are open: nothing stands for all of it."""
        return None
