"""What is left of a box once what reaches too much of it is taken away, against plain sets of points."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.subtract_boxes import COSTS, Key, Serving, TimedBox, subtract_boxes
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import Draw, law

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CELLS: dict[Key, int] = {("a", None): 0b11, ("b", None): 0b111, ("b", NOON): 0b110, ("c", NOON): 0b111}
"""Which cells a dimension can be in at an instant: one of them cannot be in its first."""
KEYS = list(CELLS)
ENOUGH = 100_000
many = settings(law, max_examples=100)

Point = tuple[int, ...]
Question = tuple[TimedBox, list[Serving], float]


def whole(key: Key) -> int:
    return CELLS[key]


def points(box: TimedBox) -> set[Point]:
    """All ways to be in a box."""
    cells = [[cell for cell in range(3) if (box.get(key, CELLS[key]) & CELLS[key]) >> cell & 1] for key in KEYS]
    return set(product(*cells))


def mask(key: Key) -> st.SearchStrategy[int]:
    """Some of the cells that are possible there."""
    return st.sampled_from([cells for cells in range(1, 0b1000) if not cells & ~CELLS[key]])


some_box: st.SearchStrategy[TimedBox] = st.fixed_dictionaries({}, optional={key: mask(key) for key in KEYS})


@st.composite
def questions(draw: Draw) -> Question:
    """A box to start with, things that each reach some boxes, and how much may reach whoever is left."""
    weight = st.sampled_from([1.0, 1.0, 1.0, 2.0, 0.5, 0.0, inf])
    small = st.sampled_from(KEYS).flatmap(lambda key: st.fixed_dictionaries({key: mask(key)}))
    things = st.tuples(weight, st.lists(small | some_box, min_size=1, max_size=2))
    start: TimedBox = draw(st.just({}) | some_box)
    return start, draw(st.lists(things, min_size=1, max_size=5)), draw(st.sampled_from([1, 2, 0, 0.5, 3]))


def parts_of(question: Question, steps: int = ENOUGH) -> tuple[list[TimedBox], int]:
    """The parts, and the steps that they took."""
    budget = SearchBudget(steps)
    parts = list(subtract_boxes(*question, whole, budget))
    return parts, steps - budget.left


def reached(point: Point, things: list[Serving]) -> float:
    """How much reaches a point."""
    return sum(weight for weight, boxes in things if any(point in points(box) for box in boxes))


@many
@given(questions())
def test_the_parts_are_all_that_little_enough_reaches(question: Question) -> None:
    start, things, at_most = question
    parts, _ = parts_of(question)
    left = {point for point in points(start) if reached(point, things) <= at_most}
    assert set().union(*map(points, parts)) == left


@many
@given(questions())
def test_no_two_parts_share_a_point(question: Question) -> None:
    parts, _ = parts_of(question)
    assert all(points(part) for part in parts)
    assert sum(len(points(part)) for part in parts) == len(set().union(*map(points, parts)))


@many
@given(questions())
def test_it_takes_the_steps_that_it_takes_and_no_fewer(question: Question) -> None:
    parts, steps = parts_of(question)
    assert steps >= max(len(parts), 1)
    assert parts_of(question, steps) == (parts, steps)
    with pytest.raises(BudgetExhausted):
        parts_of(question, steps - 1)


@settings(law, max_examples=20)
@given(questions())
def test_nothing_is_changed_on_the_way(question: Question) -> None:
    start, things, at_most = question
    before = (dict(start), [(weight, [dict(box) for box in boxes]) for weight, boxes in things])
    parts_of((start, things, at_most))
    assert (start, things) == before


def test_many_ways_end_in_the_budget() -> None:
    wide: dict[Key, int] = {(f"d{n}", None): 0b11 for n in range(40)}
    things: list[Serving] = [(1.0, [{(f"d{n}", None): 0b01, (f"d{n + 1}", None): 0b01}]) for n in range(39)]
    found = subtract_boxes({}, things, 0, wide.__getitem__, SearchBudget(400))
    assert next(found)
    with pytest.raises(BudgetExhausted):
        list(found)


def test_it_is_as_deep_as_its_budget_lets_it() -> None:
    number = 1020
    things: list[Serving] = [(inf, [{(f"d{n}", None): 0b01}]) for n in range(number)]
    steps = sum(1 + left // COSTS for left in range(number + 1))
    (part,) = subtract_boxes({}, things, 0, lambda key: 0b11, SearchBudget(steps))
    assert part == {(f"d{n}", None): 0b10 for n in range(number)}


def test_what_reaches_everybody_counts_against_what_is_allowed() -> None:
    everybody: list[Serving] = [(1.0, [{}]), (1.0, [{}, {("a", None): 1}])]
    assert parts_of(({}, everybody, 1)) == ([], 1)
    assert parts_of(({}, everybody, 2)) == ([{}], 1)
