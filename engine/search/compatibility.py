"""Which touches can share a customer: the candidates of one question packed into integers, and proofs by counting alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import reduce

from ..reference import Customer
from ..space.boxes import Box
from ..space.space import Space
from .budget import SearchBudget
from .customer import find_customer
from .model import NO_EVENTS, Candidate, Demand, EventScript, SearchContext
from .packing import Packing
from .result import Result, Undecided, first_found

Moments = Mapping[datetime, int]
PackedBoxes = list[tuple[int, Moments]]
"""Customers still possible, as a union: steady dimensions packed, and the changing ones packed at each instant."""

BoxName = tuple[int, int]
"""A box of candidates that are alike, or where what may happen hangs on the set, of one: which, and which box of it."""
MAX_CELLS = 1000


def tightened(space: Space, boxes: Iterable[Box], day: date) -> tuple[Box, ...]:
    """The boxes without the parts that a fact rules out, as far as one dimension at a time shows it."""
    forbidden = [bad for fact in space.model.facts for bad in space.against(fact, day)]
    kept = []
    for start in boxes:
        box: Box | None = start
        while box is not None:
            smaller = _one_step(space, box, forbidden)
            if smaller is box:
                kept.append(box)
                break
            box = smaller
    return tuple(kept)


def _one_step(space: Space, box: Box, forbidden: Sequence[Box]) -> Box | None:
    for bad in forbidden:
        outside = [n for n, mask in bad.items() if box.get(n, space.dimensions[n].full) & ~mask]
        if not outside:
            return None
        if len(outside) == 1:
            name = outside[0]
            here = box.get(name, space.dimensions[name].full)
            left = here & ~bad[name]
            if left != here:
                return {**box, name: left}
    return box


class CompatibilityGraph:
    """The candidates of one question, packed, with what is known of which of them can share a customer."""

    def __init__(
        self,
        context: SearchContext,
        candidates: Sequence[Candidate],
        keys: Sequence[str] | None = None,
        scripts: Callable[[Sequence[int]], Iterable[EventScript]] | None = None,
    ) -> None:
        self.context, self.candidates, self.keys = context, candidates, keys
        """With ``keys``, distinct ones are counted instead of weights."""
        self.scripts = scripts
        """What may happen to a customer who gets these; None: nothing in particular."""
        dims = context.space.dimensions
        self.steady = Packing({n: len(d.samples) for n, d in dims.items() if d.changes == "never"})
        self.moving = Packing({n: len(d.samples) for n, d in dims.items() if d.changes != "never"})
        self.forward = [n for n, d in dims.items() if d.changes == "forward"]
        self.classes: list[PackedBoxes] = []
        self.class_of: list[int] = []
        self._classify()
        self.likeness = self._alike()
        """For each candidate a number that it shares with those for the same customers, who bring about the same."""
        self.few_cells = [
            n for n, d in dims.items() if d.changes == "never" and len(d.samples) <= (64 if d.cuts else MAX_CELLS)
        ]
        self.cells_of = {name: [self._admitted(c, name) for c in candidates] for name in self.few_cells}
        self.cores: dict[tuple[BoxName, ...], Undecided | None] = {}
        """Boxes of which searches found that nobody is in all of them, or that it could not be decided."""
        self._known = [0] * len(self.classes)
        self._joint = [0] * len(self.classes)

    def _admitted(self, candidate: Candidate, name: str) -> int:
        """The cells of a dimension that some box of the candidate admits."""
        admitted = 0
        for box in candidate.boxes:
            admitted |= box.get(name, self.steady.full[name])
        return admitted

    def _classify(self) -> None:
        """Candidates with the same boxes are one class; changing dimensions set apart those at different instants."""
        numbers: dict[object, int] = {}
        for candidate in self.candidates:
            state: PackedBoxes = []
            for box in candidate.boxes:
                steady = self.steady.pack(box, [n for n in box if n in self.steady.shift])
                names = [n for n in box if n in self.moving.shift]
                state.append((steady, {candidate.at: self.moving.pack(box, names)} if names else {}))
            key = tuple(sorted((s, tuple(m.items())) for s, m in state))
            if key not in numbers:
                numbers[key] = len(self.classes)
                self.classes.append(state)
            self.class_of.append(numbers[key])

    def _alike(self) -> list[int]:
        numbers: dict[object, int] = {}
        known = zip(self.class_of, self.candidates, strict=True)
        keys = [(number, c.script, repr(c.also) if c.also else "") for number, c in known]
        return [numbers.setdefault(key, len(numbers)) for key in keys]

    def meet(self, state: PackedBoxes, other: PackedBoxes) -> PackedBoxes:
        """The customers in both; no duplicates, and nothing that lies within another part."""
        joint: dict[object, tuple[int, Moments]] = {}
        for steady, moments in state:
            for more_steady, more_moments in other:
                both = steady & more_steady
                if self.steady.empty(both):
                    continue
                merged = self._merge(moments, more_moments)
                if merged is not None:
                    joint[(both, tuple(merged.items()))] = (both, merged)
        parts = list(joint.values())
        if len(parts) < 3 or any(moments for _, moments in parts):
            return parts
        kept: PackedBoxes = []
        for steady, moments in sorted(parts, key=lambda part: -part[0].bit_count()):
            if all(steady & other != steady for other, _ in kept):
                kept.append((steady, moments))
        return kept

    def _merge(self, a: Moments, b: Moments) -> Moments | None:
        if not a or not b:
            return a or b
        merged = dict(a)
        for at, packed in b.items():
            here = merged.get(at)
            if here is not None:
                packed &= here
                if self.moving.empty(packed):
                    return None
            merged[at] = packed
        return merged if not self.forward or self._goes_forward(merged) else None

    def _goes_forward(self, moments: Moments) -> bool:
        ordered = sorted(moments)
        for name in self.forward:
            unknown = self.context.space.dimensions[name].unknown
            least = 0
            for at in ordered:
                cells = self.moving.field(moments[at], name)
                if cells & unknown:
                    continue
                later = cells & ~((1 << least) - 1)
                if not later:
                    return False
                least = (later & -later).bit_length() - 1
        return True

    def joint_of(self, members: Iterable[int]) -> PackedBoxes:
        """The customers who may get all of these, as boxes tell; empty: there are none."""
        state: PackedBoxes = [(self.steady.everything, {})]
        for number in sorted({self.class_of[i] for i in members}):
            state = self.meet(state, self.classes[number])
        return state

    def share(self, i: int, j: int) -> bool:
        """Whether two candidates can share a customer."""
        return bool(self.row(self.class_of[i], 1 << self.class_of[j]))

    def row(self, number: int, among: int) -> int:
        """The classes of ``among`` (bits) that can share a customer with this one."""
        missing = among & ~self._known[number]
        while missing:
            bit = missing & -missing
            missing ^= bit
            other = bit.bit_length() - 1
            self._known[number] |= bit
            self._known[other] |= 1 << number
            if other == number or self.meet(self.classes[number], self.classes[other]):
                self._joint[number] |= bit
                self._joint[other] |= 1 << number
        return self._joint[number] & among

    def counted_by_cells(self, among: Sequence[int], limit: int, depth: int = 4) -> bool:
        """Whether counting alone proves that nobody gets more than ``limit`` of these.

        A customer has one cell in each steady dimension, so they get at most what admits that cell; the cells that admit
        too many are looked into by another dimension, ``depth`` of them.
        """
        if self.total(among) <= limit:
            return True
        if depth == 0:
            return False
        best: list[list[int]] | None = None
        for name in self.few_cells:
            crowded = self._crowded(among, name, limit)
            if not crowded:
                return True
            smaller = all(len(part) < len(among) for part in crowded)
            if smaller and (best is None or sum(map(len, crowded)) < sum(map(len, best))):
                best = crowded
        return best is not None and all(self.counted_by_cells(part, limit, depth - 1) for part in best)

    def _crowded(self, among: Sequence[int], name: str, limit: int) -> list[list[int]]:
        """For each cell of a dimension that admits more than ``limit``, the candidates that admit it."""
        masks = self.cells_of[name]
        parts: dict[int, list[int]] = {}
        for i in among:
            parts.setdefault(masks[i], []).append(i)
        weighed = [(mask, part, self.total(part)) for mask, part in parts.items()]
        crowded = []
        for cell in range(self.steady.full[name].bit_length()):
            if sum(weight for mask, _, weight in weighed if mask >> cell & 1) > limit:
                admitted = [i for mask, part, _ in weighed if mask >> cell & 1 for i in part]
                if self.keys is None or self.total(admitted) > limit:
                    crowded.append(admitted)
        return crowded

    def total(self, members: Iterable[int]) -> int:
        """How much a set of candidates, by index, counts: their weights, or how many different keys they have."""
        if self.keys is not None:
            return len({self.keys[i] for i in members})
        return sum(self.candidates[i].weight for i in members)

    def customer_of(
        self, members: Sequence[int], budget: SearchBudget, within: Mapping[int, Sequence[Box]]
    ) -> Result[Customer]:
        """Somebody who really gets all of these; ``within``: for some classes the boxes in which alone they are.

        Raises BudgetExhausted, TooManyBoxes.
        """
        chosen = {self.class_of[i]: self.candidates[i] for i in members}
        demands = [Demand(c.at, c.day, within.get(number, c.boxes)) for number, c in chosen.items()]
        demands += [demand for i in members for demand in self.candidates[i].also]
        needed = reduce(EventScript.together, dict.fromkeys(self.candidates[i].script for i in members), NO_EVENTS)
        scripts = self.scripts(members) if self.scripts is not None else (NO_EVENTS,)
        return first_found(
            find_customer(self.context, demands, budget, script=script.together(needed)) for script in scripts
        )
