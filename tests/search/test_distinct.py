"""As many different campaigns as one customer gets touches of, against trying every customer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.plan.conditions import All
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set, upper_bound
from tactful.engine.search.result import NOBODY, Found
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import model_of

from .crowds import (
    Crowd,
    assert_found_little_by_little,
    crowd_with_a_dead_end,
    crowd_with_a_stop,
    crowded,
    crowds,
    parts,
)
from .lives import PLENTY, on


@crowded
@given(crowds(keyed=True), st.integers(0, 2), st.data())
def test_as_many_as_some_customer_gets(crowd: Crowd, floor: int, data: st.DataObject) -> None:
    among, must = data.draw(parts(crowd))
    most = crowd.most(among, must)
    answer = max_weight_set(crowd.graph, sorted(among), sorted(must), floor, SearchBudget(PLENTY))
    if most <= floor:
        assert answer == NOBODY
        return
    assert isinstance(answer, Found)
    found = answer.value
    assert found.complete
    assert found.weight == most == crowd.count(found.members)
    assert must <= set(found.members) <= among
    crowd.assert_gets(found.customer, found.members)
    assert crowd.keys is not None
    besides = [crowd.keys[i] for i in found.members if i not in must]
    assert len(set(besides)) == len(besides)
    assert not {crowd.keys[i] for i in must} & set(besides)


@crowded
@given(crowds(keyed=True), st.integers(0, 2), st.data())
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
        assert floor < answer.value.weight == crowd.count(answer.value.members) <= full.value.weight
        crowd.assert_gets(answer.value.customer, answer.value.members)
    else:
        assert answer == full


@crowded
@given(crowds(keyed=True), st.integers(0, 3), st.data())
def test_what_is_proved_by_counting_is_so(crowd: Crowd, limit: int, data: st.DataObject) -> None:
    among, _ = data.draw(parts(crowd))
    most = crowd.most(among, set())
    assert most <= upper_bound(crowd.graph, sorted(among)) <= crowd.count(among)
    assert most <= limit or not crowd.graph.counted_by_cells(sorted(among), limit)


@pytest.mark.parametrize(
    ("must", "members"),
    [
        ([0], (0, 2)),
        ([0, 2], (0, 2)),
        ([0, 1], None),
    ],
)
def test_another_touch_of_a_campaign_counts_where_events_refuse_the_first(
    must: list[int], members: tuple[int, ...] | None
) -> None:
    graph = crowd_with_a_stop(["visits", "all", "all"])
    answer = max_weight_set(graph, [0, 1, 2], must, 1, SearchBudget(PLENTY))
    assert (answer.value.members if isinstance(answer, Found) else None) == members


def test_two_touches_of_one_campaign_count_once() -> None:
    model = model_of({}, {})
    crowd = Crowd(model, [(on(0), All()), (on(1), All()), (on(2), All())], [1, 1, 1], ["k", "k", "m"])
    assert crowd.graph.total([0, 1]) == 1
    assert crowd.graph.total([0, 1, 2]) == 2
    assert crowd.graph.counted_by_cells([0, 1, 2], 2)
    assert not crowd.graph.counted_by_cells([0, 1, 2], 1)
    answer = max_weight_set(crowd.graph, [0, 1, 2], [0, 1], 0, SearchBudget(PLENTY))
    assert isinstance(answer, Found)
    assert (answer.value.members, answer.value.weight) == ((0, 1, 2), 2)


def test_what_is_found_before_the_budget_ends_is_not_said_to_be_all() -> None:
    assert_found_little_by_little(crowd_with_a_dead_end(["k", "l", "m", "n"]))
