"""Somebody whom few enough reach, by their cells: a proof that there is nobody, or demands so narrow that nothing is left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf

from ..reference import Customer
from .branch_on_cells import Ways
from .budget import SearchBudget
from .cells import CellModel, Item
from .model import Demand, ReachConstraint, SearchContext
from .result import NOBODY, Found, Result
from .signed_cells import SignedCells, Signs

MANY = 6
"""From so many on that may reach them cells are branched on; fewer are subtracted."""
MAX_REFUSED = 12
"""After so many choices that are nobody's the plain search is asked."""


def by_cells(
    context: SearchContext,
    demands: Sequence[Demand],
    constraint: ReachConstraint,
    budget: SearchBudget,
    ask: Callable[[Sequence[Demand]], Result[Customer]],
) -> Result[Customer] | None:
    """Somebody whom ``ask`` finds in a choice of cells that leaves few enough, or nobody; None: it is not told.

    Raises BudgetExhausted.
    """
    weights = [weight for weight, _, _ in constraint.reached_by]
    whole = all(weight == inf or weight == int(weight) for weight in weights)
    if (
        sum(weight != inf for weight in weights) < MANY
        or constraint.at_most == inf
        or not whole
        or any(d.before_plan for d in demands)
    ):
        return None
    search = _Seldom(context, demands, constraint, budget, ask)
    search.cells.run()
    if search.found is not None:
        return search.found
    return None if search.refused else NOBODY


class _Seldom:
    def __init__(
        self,
        context: SearchContext,
        demands: Sequence[Demand],
        constraint: ReachConstraint,
        budget: SearchBudget,
        ask: Callable[[Sequence[Demand]], Result[Customer]],
    ) -> None:
        self.context, self.demands, self.window, self.ask = context, demands, constraint.window, ask
        self.found: Found[Customer] | None = None
        self.refused = 0
        items = [_item(0, demand) for demand in demands]
        first = len(items)
        never: list[int] = []
        against: list[int] = []
        for weight, at, boxes in constraint.reached_by:
            (never if weight == inf else against).append(len(items))
            items.append(_item(0 if weight == inf else int(weight), Demand(at, context.day_of(at), boxes)))
        self.model = CellModel(context, items, constraint.window)
        everything = range(first, len(items))
        allowed = int(constraint.at_most) + 1
        signs = Signs(range(first), (), against, never, everything, 1, 1, allowed)
        self.cells = SignedCells(self.model, signs, budget, self._leaf)

    def _leaf(self, boxes: int, ways: Ways) -> Sequence[int]:
        answer = self.ask([*self._narrowed(boxes, ways)])
        if isinstance(answer, Found):
            self.found = answer
        else:
            self.refused += 1
        if self.found is not None or self.refused >= MAX_REFUSED:
            self.cells.best = 1 << 62  # nothing more is looked at
        return ()

    def _narrowed(self, boxes: int, ways: Ways) -> Iterator[Demand]:
        """The demands in the cells chosen, and these at all other instants."""
        here: dict[object, dict[str, int]] = {}
        for (name, at), cell in ways.items():
            here.setdefault(at, {})[name] = cell.cells
        for n, demand in enumerate(self.demands):
            mine = [box for p, box in enumerate(demand.boxes) if boxes & self.model.box(n, p)]
            when = self.model.instant(demand.at)
            chosen = {**here.get(None, {}), **here.get(when, {})}
            yield Demand(demand.at, demand.day, (_within(mine[0], chosen),))
        known = {self.model.instant(demand.at) for demand in self.demands}
        for item in self.model.items[len(self.demands) :]:
            for one, _ in item.boxes[:1]:
                when = self.model.instant(one.at)
                if when not in known and when in here:
                    known.add(when)
                    yield Demand(one.at, one.day, (here[when],))


def _within(box: Mapping[str, int], chosen: Mapping[str, int]) -> dict[str, int]:
    return {**chosen, **{name: mask & chosen.get(name, mask) for name, mask in box.items()}}


def _item(weight: int, demand: Demand) -> Item:
    return Item(weight, tuple((demand, box) for box in demand.boxes), ((),) * len(demand.boxes))
