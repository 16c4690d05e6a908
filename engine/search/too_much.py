"""Too much? Grows a set of touches that still share a customer, and cuts a branch when what is left cannot pass the limit.

Touches of audiences that shut each other out are classed together, and only the heaviest of a class is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ..reference import Customer
from ..space.boxes import Box
from ..space.space import Space
from .customers import QUIET, Demand, Life, World, find_customer
from .distinct import Heaviest, most_distinct
from .happenings import Happening
from .packing import Packing
from .steps import OutOfSteps, Steps

Moments = Mapping[datetime, int]
State = list[tuple[int, Moments]]
"""Customers still possible, as a union: steady dimensions packed, and the changing ones packed at each instant."""

MOST_DEPTH = 400
MOST_CELLS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A touch as the search sees it: when, for whom (as boxes), and how much it counts."""

    at: datetime
    day: date
    boxes: tuple[Box, ...]
    weight: int = 1
    also: tuple[Demand, ...] = ()
    events: tuple[Happening, ...] = ()
    """What else must be so of the customer, and what he brings about, to get it."""


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


class Crowd:
    """The candidates of one question, packed, with what is known of which of them can share a customer."""

    def __init__(
        self,
        world: World,
        candidates: Sequence[Candidate],
        keys: Sequence[str] | None = None,
        lives: Callable[[Sequence[int]], Iterable[Life]] | None = None,
    ) -> None:
        self.world, self.candidates, self.keys = world, candidates, keys
        """With ``keys``, distinct ones are counted instead of weights."""
        self.lives = lives
        """What may happen to a customer who gets these; None: nothing in particular."""
        dims = world.space.dimensions
        self.steady = Packing({n: len(d.samples) for n, d in dims.items() if d.changes == "never"})
        self.moving = Packing({n: len(d.samples) for n, d in dims.items() if d.changes != "never"})
        self.forward = [n for n, d in dims.items() if d.changes == "forward"]
        self.classes: list[State] = []
        self.class_of: list[int] = []
        self._classify()
        self.few_cells = [
            n for n, d in dims.items() if d.changes == "never" and len(d.samples) <= (64 if d.cuts else MOST_CELLS)
        ]
        self.cells_of = {name: [self._admitted(c, name) for c in candidates] for name in self.few_cells}
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
            state: State = []
            for box in candidate.boxes:
                steady = self.steady.pack(box, [n for n in box if n in self.steady.shift])
                names = [n for n in box if n in self.moving.shift]
                state.append((steady, {candidate.at: self.moving.pack(box, names)} if names else {}))
            key = tuple(sorted((s, tuple(m.items())) for s, m in state))
            if key not in numbers:
                numbers[key] = len(self.classes)
                self.classes.append(state)
            self.class_of.append(numbers[key])

    def meet(self, state: State, other: State) -> State:
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
        kept: State = []
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
            unknown = self.world.space.dimensions[name].unknown
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

    def heaviest(self, among: Sequence[int], must: Sequence[int], floor: int, steps: Steps) -> Heaviest | None:
        """The heaviest set of candidates that one customer gets, with all of ``must`` and more than ``floor``; or None.

        Raises OutOfSteps when the budget ends before any such set is found.
        """
        if self.keys is not None:
            return most_distinct(self, self.keys, among, must, floor, steps)
        search = _Search(self, floor, steps)
        search.run([(self.class_of[i], (i,)) for i in among], must, grouped=True)
        if search.refused:
            search = _Search(self, floor, steps)
            search.run([(self.class_of[i], (i,)) for i in among], must, grouped=False)
        return search.found

    def counted_by_cells(self, among: Sequence[int], limit: int, depth: int = 4) -> bool:
        """Whether counting alone proves that nobody gets more than ``limit`` of these.

        A customer has one cell in each steady dimension, so he gets at most what admits that cell; the cells that admit
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
        if self.keys is not None:
            return len({self.keys[i] for i in members})
        return sum(self.candidates[i].weight for i in members)

    def customer_of(self, members: Sequence[int], steps: Steps) -> Customer | None:
        chosen = {self.class_of[i]: self.candidates[i] for i in members}
        demands = [Demand(c.at, c.day, c.boxes) for c in chosen.values()]
        demands += [demand for i in members for demand in self.candidates[i].also]
        events = {event for i in members for event in self.candidates[i].events}
        for life in self.lives(members) if self.lives is not None else (QUIET,):
            lived = replace(life, events=tuple(sorted({*life.events, *events})))
            customer = find_customer(self.world, demands, steps, life=lived)
            if customer is not None:
                return customer
        return None


class _Search:
    """One branch and bound: the best so far, and whether a set that fitted as boxes was refused by the facts."""

    def __init__(self, crowd: Crowd, floor: int, steps: Steps) -> None:
        self.crowd, self.steps = crowd, steps
        self.best = floor
        self.found: Heaviest | None = None
        self.refused = False
        self.weights: dict[int, int] = {}
        self.members: dict[int, list[int]] = {}
        self.states: dict[int, State] = {}

    def run(self, among: Sequence[tuple[int, tuple[int, ...]]], must: Sequence[int], grouped: bool) -> None:
        crowd = self.crowd
        for number, (i,) in among:
            self.members.setdefault(number, []).append(i)
        for number, listed in self.members.items():
            self.weights[number] = sum(crowd.candidates[i].weight for i in listed)
        first = sorted({crowd.class_of[i] for i in must})
        state: State = [(crowd.steady.everything, {})]
        for number in first:
            state = crowd.meet(state, crowd.classes[number])
            if not state:
                return
        rest = 0
        for number in self.members:
            if number not in first:
                rest |= 1 << number
        for number in first:
            rest = crowd.row(number, rest)
        try:
            if grouped:
                chosen = [i for number in first for i in self.members.get(number, [])]
                self._grow(state, chosen, sum(crowd.candidates[i].weight for i in chosen), rest, 0)
            else:
                self._one_by_one(sorted(must), sorted({i for _, (i,) in among} - set(must)))
        except OutOfSteps:
            if self.found is None:
                raise
            self.found = Heaviest(self.found.members, self.found.weight, self.found.customer, False)

    def _accept(self, chosen: list[int], weight: int) -> bool:
        """Takes the set if some customer really gets it."""
        customer = self.crowd.customer_of(chosen, self.steps)
        if customer is None:
            self.refused = True
            return False
        self.best, self.found = weight, Heaviest(tuple(sorted(chosen)), weight, customer, True)
        return True

    def _grow(self, state: State, chosen: list[int], weight: int, rest: int, depth: int) -> None:
        self.steps.take()
        if depth > MOST_DEPTH:
            raise OutOfSteps
        if not rest:
            if weight > self.best:
                self._accept(chosen, weight)
            return
        order, bounds = self._ordered(rest)
        for at in range(len(order) - 1, -1, -1):
            if weight + bounds[at] <= self.best:
                return
            number = order[at]
            rest &= ~(1 << number)
            self.steps.take(len(state) * len(self.crowd.classes[number]) // 4)
            joint = self.crowd.meet(state, self.crowd.classes[number])
            if joint:
                more = self.members[number]
                self._grow(joint, chosen + more, weight + self.weights[number], self.crowd.row(number, rest), depth + 1)
        if weight > self.best:
            self._accept(chosen, weight)

    def _ordered(self, rest: int) -> tuple[list[int], list[int]]:
        """The classes of touches, those that shut each other out together, and the most that the first ones can add."""
        order: list[int] = []
        bounds: list[int] = []
        total = 0
        while rest:
            apart, heaviest, before = rest, 0, total
            while apart:
                bit = apart & -apart
                number = bit.bit_length() - 1
                rest ^= bit
                apart &= ~(bit | self.crowd.row(number, apart))
                heaviest = max(heaviest, self.weights[number])
                order.append(number)
                bounds.append(before + heaviest)
            total = before + heaviest
        self.steps.take(len(order))
        return order, bounds

    def _one_by_one(self, chosen: list[int], rest: list[int]) -> None:
        """The plain way, touch by touch, each step confirmed with a customer: for facts that boxes alone do not show."""
        self.steps.take(5)
        weight = sum(self.crowd.candidates[i].weight for i in chosen)
        if weight + sum(self.crowd.candidates[i].weight for i in rest) <= self.best:
            return
        if chosen and self.crowd.customer_of(chosen, self.steps) is None:
            return
        if weight > self.best:
            self._accept(chosen, weight)
        for at, i in enumerate(rest):
            if all(self._share(i, j) for j in chosen):
                self._one_by_one([*chosen, i], rest[at + 1 :])

    def _share(self, i: int, j: int) -> bool:
        a, b = self.crowd.class_of[i], self.crowd.class_of[j]
        return bool(self.crowd.row(a, 1 << b))


def upper_bound(crowd: Crowd, among: Sequence[int]) -> int:
    """The most that one customer could get of these, counted without looking for him."""
    if crowd.keys is not None:
        return crowd.total(among)
    search = _Search(crowd, 0, Steps(10**9))
    for i in among:
        search.members.setdefault(crowd.class_of[i], []).append(i)
    for number, listed in search.members.items():
        search.weights[number] = sum(crowd.candidates[i].weight for i in listed)
    rest = 0
    for number in search.members:
        rest |= 1 << number
    _, bounds = search._ordered(rest)
    return max(bounds, default=0)
