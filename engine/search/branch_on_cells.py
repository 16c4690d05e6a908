"""Branch and bound over the cells of a customer: which choice of cells leaves the most of what is asked.

A customer has one cell on every axis (an attribute; at each instant, where it changes). Choosing cells one axis after the
other leaves fewer and fewer items; when all axes are chosen, those left fit together. No choice that is passed over leaves
more: whatever a customer gets is left by their own cells.

The bound. Each unit that is still left is charged to at most one axis that can shut it out. Whatever cell is chosen there,
at least the smallest sum of what some cell shuts out is lost of what is charged to that axis; as nothing is charged
twice, the losses of all axes add up. What is left of the weight is the most that this branch can give.

On one axis a cell that leaves nothing which another does not is passed over. Axes of what only goes forward, or changes by
events alone, are free of each other until all are chosen; where what was chosen at one instant cannot come after what was
chosen at another, the first is chosen so that it can, or else the second, and both anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, repeat
from operator import and_, or_
from typing import NamedTuple

from ..undecidable import BudgetExhausted
from .budget import SearchBudget
from .cells import Axis, Cell, CellModel
from .result import MAX_DEPTH

Axes = list[tuple[Axis, list[Cell]]]
Choices = dict[Axis, list[Cell]]
"""For each axis the cells that may be chosen."""


class Option(NamedTuple):
    """A cell that may be chosen, with what it leaves."""

    weight: int
    items: int
    boxes: int
    cell: Cell
    cost: int = 0
    """What this choice alone costs beside what it shuts out."""


Row = tuple[Axis, list[Option]]


Ways = dict[Axis, Cell]
"""What was chosen."""
Leaf = Callable[[int, Ways], Sequence[int]]


class _State(NamedTuple):
    """The decisions so far: what may be chosen after them, what was chosen, the boxes left out, and how many they are."""

    choices: Choices
    ways: Ways
    dead: int
    depth: int


class BranchOnCells:
    """One search. ``best`` is what a choice must exceed.

    ``leaf`` is given the boxes that one leaves, and the cells. It raises the best where they are somebody's, or else gives
    back boxes among them, one for each item, that are nobody's together.
    """

    def __init__(self, model: CellModel, required: int, base: int, best: int, budget: SearchBudget, leaf: Leaf) -> None:
        """``required``: items that must be left; ``base`` is counted besides what is left."""
        self.model, self.required, self.base, self.best = model, required, base, best
        self.budget, self.leaf = budget, leaf
        self.unit = 1
        """How much each unit of what is left counts."""
        self.seen: set[object] = set()
        self.split = 0
        """How often what was chosen had to be decided another way."""
        self.cores: list[Sequence[int]] = []
        self.ordered = frozenset(model.ordered)

    def run(self) -> None:
        """Looks at every choice that leaves more than ``best``. Raises BudgetExhausted."""
        try:
            self._begin(dict(self.model.axes), 0, 0)
        finally:
            del self.leaf  # whoever it belongs to holds this search: a short run collects no cycles

    def bound(self) -> int:
        """The most that is left before anything is chosen."""
        rows = [(axis, self._options(self.model.everything, cells, -1)) for axis, cells in self.model.axes.items()]
        return self._bound(self.model.left(self.model.everything), rows)

    def counts(self, items: int) -> int:
        return self.base + self.model.weigh(items)

    def _begin(self, choices: Choices, dead: int, depth: int) -> None:
        """Looks at what may be chosen, without the boxes in ``dead``."""
        inside = (1 << len(self.model.forbidden)) - 1
        self._grow(self.model.everything & ~dead, [*choices.items()], inside, _State(choices, {}, dead, depth))

    def _grow(self, boxes: int, axes: Axes, inside: int, state: _State) -> None:
        """Chooses cells on the axes that are open. ``inside``: the forbidden boxes that the chosen cells lie inside of.

        The next axis is the one that leaves the least to be looked at, the more a cell leaves the more of it (its cube was
        found to do best on wide audiences).
        """
        ways = {**state.ways}
        rows: list[Row] = []
        forced = True
        while forced:
            forced, rows = False, []
            self.budget.spend(1 + sum(len(cells) for _, cells in axes) * (2 + len(self.model.shifts)) // 32)
            elsewhere = self._restricted_beside(axes)
            for number, ((axis, cells), surely) in enumerate(zip(axes, self._surely_beside(axes), strict=True)):
                left = [cell for cell in cells if not inside & cell.inside & ~elsewhere[number]] if inside else cells
                options = self._worthwhile(self._options(boxes, left, surely), inside)
                if not options:
                    return
                if len(options) > 1:
                    rows.append((axis, options))
                    continue
                forced, boxes, inside = True, options[0].boxes, inside & options[0].cell.inside
                ways[axis] = options[0].cell
            axes = [(axis, [option.cell for option in options]) for axis, options in rows]
        items = self.model.left(boxes)
        if (inside and not rows) or self.required & ~items or self.counts(items) <= self.best:
            return
        if not rows:
            self._end(boxes, state._replace(ways=ways))
            return
        known, split = self._key(boxes, inside, axes, state), self.split
        if known in self.seen or self._bound(items, rows) <= self.best:
            return
        if state.depth > MAX_DEPTH:
            raise BudgetExhausted
        chosen = min(range(len(rows)), key=lambda n: sum((option.weight - self.best) ** 3 for option in rows[n][1]))
        axis, options = rows[chosen]
        rest = [row for n, row in enumerate(axes) if n != chosen]
        for option in options:
            if option.weight <= self.best:
                break
            decided = {**state.choices, axis: [option.cell]}
            if axis in self.ordered:
                self.split += 1
                self._begin(self._in_order(decided, axis, option.cell), state.dead, state.depth + 1)
                continue
            further = _State(decided, {**ways, axis: option.cell}, state.dead, state.depth + 1)
            self._grow(option.boxes, rest, inside & option.cell.inside, further)
        if known is not None and self.split == split:
            self.seen.add(known)

    def _restricted_beside(self, axes: Axes) -> list[int]:
        """For each axis the forbidden boxes that other open axes limit."""
        return of_the_others([self.model.restricted.get(axis, 0) for axis, _ in axes], or_, 0)

    def _key(self, boxes: int, inside: int, axes: Axes, state: _State) -> object:
        """What stands for everything that can still come of this, whatever was decided; None: nothing does.

        It is known when all below it was looked at, and not before: a choice can leave all there is, so it comes again below
        itself. And only if nothing began anew there: that begins from the decisions, and may lead to boxes not left here.
        """
        told = [axis for axis, _ in axes if axis in self.model.restricted] if inside else []
        ordered = [(a, *state.choices[a]) for a in self.model.ordered if state.choices[a] != self.model.axes[a]]
        return (boxes, inside, *told, *ordered)

    def _surely_beside(self, axes: Axes) -> Iterable[int]:
        """For each axis the boxes that the other ones leave, whatever is chosen there; of no use where nothing counts against."""
        return repeat(-1, len(axes))

    def _in_order(self, choices: Choices, axis: Axis, chosen: Cell) -> Choices:
        """What may be chosen beside a cell of what does not change as it likes."""
        name, at = axis
        follows = self.model.follows
        left: Choices = {}
        for other in self.model.ordered:
            if other[0] == name and other != axis and at is not None and other[1] is not None:
                late = other[1] > at
                left[other] = [
                    c for c in choices[other] if (follows(name, chosen, c) if late else follows(name, c, chosen))
                ]
        return {**choices, **left}

    def _end(self, boxes: int, state: _State) -> None:
        """All cells are chosen. Where one cannot come after another, both instants are decided another way.

        Of boxes that are nobody's together one is left out after the other.
        """
        if state.depth > MAX_DEPTH:
            raise BudgetExhausted
        choices, dead, deeper = state.choices, state.dead, state.depth + 1
        back = next(self._going_back(state.ways), None)
        if back is None:
            for box in self._refused(boxes, state.ways):
                self._begin(choices, dead | box, deeper)
            return
        early, late = back
        self.split += 1
        name, last = early[0], state.ways[late]
        before = [cell for cell in choices[early] if self.model.follows(name, cell, last)]
        self._begin({**choices, early: before}, dead, deeper)
        others = [cell for cell in choices[early] if cell not in before]
        later = [c for c in choices[late] if any(self.model.follows(name, cell, c) for cell in others)]
        if others and later:
            self._begin({**choices, early: others, late: later}, dead, deeper)

    def _refused(self, boxes: int, ways: Ways) -> Sequence[int]:
        """Boxes among these that are nobody's together; none where they are somebody's, which is then the best."""
        for known in self.cores:
            if all(box & boxes for box in known):
                return known
        core = self.leaf(boxes, ways)
        if core:
            self.cores.append(core)
        return core

    def _going_back(self, ways: Ways) -> Iterator[tuple[Axis, Axis]]:
        """Two instants of one attribute whose cells cannot come one after the other."""
        chosen = [axis for axis in self.model.ordered if axis in ways]
        for n, late in enumerate(chosen):
            for early in chosen[:n]:
                if early[0] == late[0] and not self.model.follows(late[0], ways[early], ways[late]):
                    yield early, late

    def _options(self, boxes: int, cells: Sequence[Cell], surely: int) -> list[Option]:
        """What each cell leaves, as far as it can still be enough; ``surely`` is left whatever else is chosen."""
        options, base, model = [], self.base, self.model
        for cell in cells:
            mine = boxes & cell.boxes
            items = model.left(mine)
            weight = base + model.weigh(items)
            if weight > self.best and not self.required & ~items:
                options.append(Option(weight, items, mine, cell))
        return options

    def _worthwhile(self, options: list[Option], inside: int) -> list[Option]:
        """The heaviest first, without any that leaves nothing which another does not."""
        if len(options) < 2:
            return options
        kept: list[Option] = []
        for option in sorted(options, key=_lightness):
            if not any(self._as_good(other, option) and _as_free(other.cell, option.cell, inside) for other in kept):
                kept.append(option)
        return kept

    def _as_good(self, other: Option, option: Option) -> bool:
        """Whether one leaves all that another does."""
        return not option.boxes & ~other.boxes

    def _bound(self, left: int, rows: Sequence[Row]) -> int:
        """The most that is left when on each axis the least is lost of what is charged to it."""
        bound, free = self.counts(left), left
        ordered = [options for _, options in sorted(rows, key=lambda row: row[1][0].weight)]
        able = [left & ~reduce(and_, (option.items for option in options)) for options in ordered]
        later = [*accumulate(reversed(able), or_, initial=0)][-2::-1]
        for options, wanted in zip(ordered, later, strict=True):
            lost = min(self.unit * self.model.weigh(free & ~option.items) + option.cost for option in options)
            if lost:
                bound -= lost
                free &= ~self._charged(free, options, lost, wanted)
        return bound

    def _charged(self, free: int, options: Sequence[Option], lost: int, wanted: int) -> int:
        """As little as does: of whatever cell, ``lost`` of it is shut out. What other axes could be charged is left to them."""
        charged = 0
        for option in options:
            out = free & ~option.items
            if not self.model.each_alike:
                charged |= out
                continue
            short = -((option.cost - lost) // self.unit) - (out & charged).bit_count()
            for some in (out & ~charged & ~wanted, out & ~charged & wanted):
                while short > 0 and some:
                    bit = some & -some
                    some ^= bit
                    charged |= bit
                    short -= 1
        return charged


def of_the_others(values: Sequence[int], join: Callable[[int, int], int], nothing: int) -> list[int]:
    """For each value what all others come to together; ``nothing`` is what no value comes to."""
    before = [*accumulate(values, join, initial=nothing)]
    after = [*accumulate(reversed(values), join, initial=nothing)][::-1]
    return [join(before[n], after[n + 1]) for n in range(len(values))]


def _lightness(option: Option) -> int:
    return -option.weight


def _as_free(other: Cell, cell: Cell, inside: int) -> bool:
    """Whether facts leave to one cell all that they leave to another, as far as they still matter."""
    return not other.inside & ~cell.inside & inside
