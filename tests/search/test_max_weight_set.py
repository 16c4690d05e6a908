"""The heaviest set that one customer gets, and proofs that nobody gets so much, against trying every customer."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set, upper_bound
from tactful.engine.search.result import NOBODY, Found, MaxWeightSet
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import model_of

from .crowds import Crowd, crowd_with_a_stop, crowded, crowds, parts
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


def test_what_must_be_there_may_shut_each_other_out() -> None:
    model = model_of(
        {"member": {"type": "flag", "changes": "never"}}, {"in": {"member": "true"}, "out": {"member": "false"}}
    )
    crowd = Crowd(model, [(on(0), model.segments["in"]), (on(0), model.segments["out"])], [1, 2])
    assert max_weight_set(crowd.graph, [0, 1], [0, 1], 0, SearchBudget(PLENTY)) == NOBODY
    assert not crowd.graph.share(0, 1)
    assert upper_bound(crowd.graph, [0, 1]) == 2
    assert crowd.graph.counted_by_cells([0, 1], 2)
    assert not crowd.graph.counted_by_cells([0, 1], 1)
