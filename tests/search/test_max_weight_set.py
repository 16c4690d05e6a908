"""The heaviest set that one customer gets, and proofs that nobody gets so much, against trying every customer."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set, upper_bound
from tactful.engine.search.result import NOBODY, Found, MaxWeightSet
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import Written, model_of

from .crowds import (
    INSTANTS,
    Crowd,
    assert_found_little_by_little,
    crowd_with_a_dead_end,
    crowd_with_a_stop,
    crowded,
    crowds,
    parts,
)
from .lives import PLENTY, on


def assert_set(found: MaxWeightSet, crowd: Crowd, among: set[int], must: set[int]) -> None:
    """The set is what it says, with all that must be there, and its customer gets it."""
    assert must <= set(found.members) <= among
    assert found.weight == crowd.count(found.members)
    crowd.assert_gets(found.customer, found.members)


@crowded
@given(crowds(), st.integers(0, 6), st.data())
def test_the_heaviest_set_is_what_some_customer_gets(crowd: Crowd, floor: int, data: st.DataObject) -> None:
    among, must = data.draw(parts(crowd))
    most = crowd.most(among, must)
    answer = max_weight_set(crowd.graph, sorted(among), sorted(must), floor, SearchBudget(PLENTY))
    if most <= floor:
        assert answer == NOBODY
        return
    assert isinstance(answer, Found)
    assert answer.value.weight == most
    assert answer.value.complete
    assert_set(answer.value, crowd, among, must)


@crowded
@given(crowds(), st.integers(0, 3), st.data())
def test_within_a_small_budget_nothing_wrong_is_said(crowd: Crowd, floor: int, data: st.DataObject) -> None:
    among, must = data.draw(parts(crowd))
    whole = SearchBudget(PLENTY)
    full = max_weight_set(crowd.graph, sorted(among), sorted(must), floor, whole)
    budget = SearchBudget(data.draw(st.integers(0, PLENTY - whole.left)))
    try:
        answer = max_weight_set(crowd.graph, sorted(among), sorted(must), floor, budget)
    except BudgetExhausted:
        return
    if isinstance(answer, Found) and not answer.value.complete:
        assert isinstance(full, Found)
        assert floor < answer.value.weight <= full.value.weight
        assert_set(answer.value, crowd, among, must)
    else:
        assert answer == full


@crowded
@given(crowds(), st.integers(0, 8), st.data())
def test_what_is_proved_by_counting_is_so(crowd: Crowd, limit: int, data: st.DataObject) -> None:
    among, _ = data.draw(parts(crowd))
    most = crowd.most(among, set())
    assert most <= upper_bound(crowd.graph, sorted(among)) <= crowd.count(among)
    assert most <= limit or not crowd.graph.counted_by_cells(sorted(among), limit)


@crowded
@given(crowds())
def test_what_some_customer_gets_can_share_one(crowd: Crowd) -> None:
    for got in crowd.received():
        assert all(crowd.graph.share(i, j) for i, j in combinations(sorted(got), 2))
        assert crowd.graph.joint_of(got)


def test_where_events_refuse_a_set_that_fits_it_is_looked_for_touch_by_touch() -> None:
    graph = crowd_with_a_stop()
    assert graph.joint_of([0, 1, 2])
    assert graph.class_of[1] == graph.class_of[2]
    answer = max_weight_set(graph, [0, 1, 2], [0], 1, SearchBudget(PLENTY))
    assert isinstance(answer, Found)
    assert answer.value.members == (0, 2)
    assert max_weight_set(graph, [0, 1, 2], [0, 1], 1, SearchBudget(PLENTY)) == NOBODY
    both = max_weight_set(graph, [0, 1, 2], [1], 1, SearchBudget(PLENTY))
    assert isinstance(both, Found)
    assert both.value.members == (1, 2)


def crowd_of(attributes: Written, conditions: list[Any], weights: list[int], days: list[int]) -> Crowd:
    """Touches as they would be written."""
    segments = {f"asked-{n}": condition for n, condition in enumerate(conditions)}
    model = model_of(attributes, segments)
    touches = [(INSTANTS[day], model.segments[name]) for day, name in zip(days, segments, strict=True)]
    return Crowd(model, touches, weights)


MEMBER: Written = {"member": {"type": "flag", "changes": "never"}}
CITY: Written = {"city": {"type": "choice", "values": ["a", "b", "c"], "changes": "never"}}


@pytest.mark.parametrize("weights", [[1, 2], [2, 1]])
def test_of_what_shuts_each_other_out_only_the_heaviest_counts(weights: list[int]) -> None:
    crowd = crowd_of(MEMBER, [{"member": "true"}, {"member": "false"}], weights, [0, 0])
    assert not crowd.graph.share(0, 1)
    assert upper_bound(crowd.graph, [0, 1]) == 2
    assert crowd.graph.counted_by_cells([0, 1], 2)
    assert not crowd.graph.counted_by_cells([0, 1], 1)
    answer = max_weight_set(crowd.graph, [0, 1], [], 1, SearchBudget(PLENTY))
    assert isinstance(answer, Found)
    assert answer.value.members == (weights.index(2),)
    assert max_weight_set(crowd.graph, [0, 1], [0, 1], 0, SearchBudget(PLENTY)) == NOBODY


def test_what_is_found_before_the_budget_ends_is_not_said_to_be_all() -> None:
    assert_found_little_by_little(crowd_with_a_dead_end())


def test_whoever_is_in_one_of_many_boxes_counts() -> None:
    ways = [{"city": "a", "member": "true"}, {"city": "b", "member": "false"}, {"city": "c", "member": {"not": "true"}}]
    crowd = crowd_of(MEMBER | CITY, [{"any": ways}, *ways], [1] * 4, [0] * 4)
    assert len(crowd.graph.joint_of([0])) == 3
    for i in (1, 2, 3):
        assert crowd.graph.share(0, i)
        assert crowd.graph.joint_of([0, i])
        assert not crowd.graph.counted_by_cells([0, i], 1)
    assert not crowd.graph.share(1, 2)


def test_what_is_not_known_for_a_while_binds_nothing() -> None:
    points = {"points": {"type": "number", "whole": "true", "changes": "forward"}}
    many = {"points": {"at_least": "2"}}
    crowd = crowd_of(points, [many, {"not": many}, many], [1, 1, 1], [0, 1, 2])
    answer = max_weight_set(crowd.graph, [0, 1, 2], [], 2, SearchBudget(PLENTY))
    assert isinstance(answer, Found)
    assert_set(answer.value, crowd, {0, 1, 2}, {0, 1, 2})
    always = crowd_of({"points": points["points"] | {"always_known": "true"}}, [many, {"not": many}], [1, 1], [0, 1])
    assert max_weight_set(always.graph, [0, 1], [], 1, SearchBudget(PLENTY)) == NOBODY


def test_a_choice_that_leaves_all_there_is_looked_at_all_the_same() -> None:
    values = {"city": "abcdefg", "stage": "uvwx", "store": "xyz", "tier": "pqr"}
    attributes: Written = {n: {"type": "choice", "values": [*some], "changes": "never"} for n, some in values.items()}
    attributes["stage"] |= {"changes": "freely"}
    attributes |= {"app_user": {"type": "flag", "changes": "never"}}
    attributes |= {name: {"type": "date", "changes": "never"} for name in ("birthday_gift", "first_purchase")}
    attributes |= {
        name: {"type": "labels", "values": ["k", "l", "m"], "changes": "never"} for name in ("likes", "owns")
    }
    long_ago = {"over": "30d"}
    twice: Written = {"likes": {"none": ["k", "l"]}, "city": ["a", "b", "c"], "stage": "v"}
    twice |= {"any": [{"app_user": "true"}, {"first_purchase": {"within": "30d"}}]}
    asked: dict[str, Written] = {
        "twice": twice,
        "other": {"birthday_gift": long_ago, "first_purchase": long_ago, "city": "d", "stage": "v"},
        "once": {"first_purchase": long_ago, "owns": {"all": ["k", "l"]}, "city": "a", "stage": "w"},
        "last": {"birthday_gift": long_ago, "app_user": "false", "city": ["e", "f"], "stage": "u"},
    }
    asked["once"] |= {"any": [{"store": ["x", "y"]}, {"tier": "p"}]}
    model = model_of(attributes, asked)
    times = [on(0, 6), on(0, 10), on(1, 6), on(1, 10), on(2, 6)]
    names = ["twice", "other", "twice", "once", "last"]
    crowd = Crowd(model, [(at, model.segments[name]) for at, name in zip(times, names, strict=True)], [1] * 5)
    answer = max_weight_set(crowd.graph, range(5), [], 0, SearchBudget(PLENTY))
    assert isinstance(answer, Found)
    assert answer.value.members == (0, 2, 3)
