"""Boxes and their unions against plain sets of points."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.space import boxes as module
from tactful.engine.space.boxes import EVERYWHERE, Box, contains, intersection, meet, union
from tactful.engine.undecidable import TooManyBoxes

from .drawing import in_some, law

SIZES = {"a": 2, "b": 3, "c": 2, "d": 2}
SPACE = [dict(zip(SIZES, cells, strict=True)) for cells in product(*map(range, SIZES.values()))]


def points(boxes: list[Box]) -> set[int]:
    """The numbers of the points that lie in some box."""
    return {number for number, point in enumerate(SPACE) if in_some(boxes, point)}


def limiting(name: str) -> st.SearchStrategy[int]:
    """Some cells of a dimension, neither none nor all of them."""
    return st.integers(1, (1 << SIZES[name]) - 2)


some_box: st.SearchStrategy[Box] = st.fixed_dictionaries({}, optional={name: limiting(name) for name in SIZES})
some_boxes = st.lists(some_box, max_size=7)


def apart(number: int) -> list[Box]:
    """So many boxes of which no two can be made one."""
    return [{"a": 1 << i, "b": 1 << i} for i in range(number)]


@law
@given(some_box, some_box)
def test_two_boxes_meet_in_what_lies_in_both(a: Box, b: Box) -> None:
    both = meet(a, b)
    common = points([a]) & points([b])
    assert (both is None) == (not common)
    assert both is None or points([both]) == common


@law
@given(some_box, some_box)
def test_a_box_contains_what_it_meets_whole(a: Box, b: Box) -> None:
    assert contains(a, b) == (points([b]) <= points([a]))
    both = meet(a, b)
    if both is not None:
        assert contains(a, both)
        assert contains(b, both)


def test_everywhere_contains_every_box_and_limits_none() -> None:
    assert contains(EVERYWHERE, {"a": 1})
    assert not contains({"a": 1}, EVERYWHERE)
    assert meet(EVERYWHERE, {"a": 1}) == {"a": 1}
    assert meet({"a": 1}, EVERYWHERE) == {"a": 1}
    assert points([EVERYWHERE]) == set(range(len(SPACE)))


@law
@given(some_boxes)
def test_a_union_has_the_same_points(boxes: list[Box]) -> None:
    assert points(union(boxes)) == points(boxes)


@law
@given(some_boxes)
def test_no_two_boxes_of_a_union_could_be_one(boxes: list[Box]) -> None:
    kept = union(boxes)
    assert len(kept) <= len(boxes)
    for a, b in combinations(kept, 2):
        assert not contains(a, b)
        assert not contains(b, a)
        assert a.keys() != b.keys() or sum(a[name] != b[name] for name in a) > 1


@law
@given(some_boxes, some_boxes)
def test_an_intersection_is_that_of_the_sets(a: list[Box], b: list[Box]) -> None:
    both = intersection(a, b)
    assert points(both) == points(a) & points(b)
    assert all(mask for box in both for mask in box.values())
    assert not any(contains(x, y) or contains(y, x) for x, y in combinations(both, 2))


@pytest.mark.parametrize("limit", [1, 3, 6])
def test_a_union_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(module, "MAX_BOXES", limit)
    assert len(union(apart(limit))) == limit
    with pytest.raises(TooManyBoxes):
        union(apart(limit + 1))


def test_boxes_that_become_one_do_not_count_towards_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BOXES", 1)
    assert union([{"a": 1 << i} for i in range(9)]) == [{"a": 511}]


def test_an_intersection_looks_at_ten_pairs_for_each_box_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BOXES", 3)
    elsewhere: list[Box] = [{"a": 1 << i, "b": 1 << i} for i in (7, 8, 9)]
    assert len(intersection(apart(6), [*apart(3), *elsewhere[:2]])) == 3
    with pytest.raises(TooManyBoxes):
        intersection(apart(6), [*apart(3), *elsewhere])


def test_the_limit_is_large_enough_for_real_audiences() -> None:
    assert len(union(apart(300))) == 300
