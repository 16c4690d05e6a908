"""Somebody whom few enough reach, by their cells: a proof that there is nobody, or demands so narrow that nothing is left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf

from ..reference import Customer
from .branch_on_cells import Ways
from .budget import SearchBudget
from .cells import CellModel, Item
from .model import Demand, ReachConstraint, SearchContext
from .result import Result
from .signed_cells import Signs, somebody_signed

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
    items = [_item(0, demand) for demand in demands]
    first = len(items)
    items += [
        _item(0 if weight == inf else int(weight), Demand(at, context.day_of(at), boxes))
        for weight, at, boxes in constraint.reached_by
    ]
    reaching = range(first, len(items))
    never = [n for n in reaching if weights[n - first] == inf]
    against = [n for n in reaching if weights[n - first] != inf]
    model = CellModel(context, items, constraint.window)
    signs = Signs(range(first), (), against, never, reaching, 1, 1, int(constraint.at_most) + 1)

    def confirm(boxes: int, ways: Ways) -> Result[Customer]:
        return ask([*_narrowed(model, demands, boxes, ways)])

    return somebody_signed(model, signs, budget, confirm, MAX_REFUSED)


def _narrowed(model: CellModel, demands: Sequence[Demand], boxes: int, ways: Ways) -> Iterator[Demand]:
    """The demands in the cells chosen, and these at all other instants."""
    here: dict[object, dict[str, int]] = {}
    for (name, at), cell in ways.items():
        here.setdefault(at, {})[name] = cell.cells
    for n, demand in enumerate(demands):
        mine = next(box for p, box in enumerate(demand.boxes) if boxes & model.box(n, p))
        chosen = {**here.get(None, {}), **here.get(model.instant(demand.at), {})}
        yield Demand(demand.at, demand.day, (_within(mine, chosen),))
    known = {model.instant(demand.at) for demand in demands}
    for item in model.items[len(demands) :]:
        for one, _ in item.boxes[:1]:
            when = model.instant(one.at)
            if when not in known and when in here:
                known.add(when)
                yield Demand(one.at, one.day, (here[when],))


def _within(box: Mapping[str, int], chosen: Mapping[str, int]) -> dict[str, int]:
    return {**chosen, **{name: mask & chosen.get(name, mask) for name, mask in box.items()}}


def _item(weight: int, demand: Demand) -> Item:
    return Item(weight, tuple((demand, box) for box in demand.boxes), ((),) * len(demand.boxes))
