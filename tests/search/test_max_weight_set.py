"""The heaviest set that one customer gets, and proofs that nobody gets so much, against trying every customer."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set, upper_bound
from tactful.engine.search.result import NOBODY, Found, MaxWeightSet
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import law

from .crowds import Crowd, crowds, parts
from .lives import PLENTY


def assert_set(found: MaxWeightSet, crowd: Crowd, among: set[int], must: set[int]) -> None:
    """The set is what it says, with all that must be there, and its customer gets it."""
    assert must <= set(found.members) <= among
    assert found.weight == crowd.count(found.members)
    crowd.assert_gets(found.customer, found.members)


@law
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


@law
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


@law
@given(crowds(), st.integers(0, 8), st.data())
def test_what_is_proved_by_counting_is_so(crowd: Crowd, limit: int, data: st.DataObject) -> None:
    among, _ = data.draw(parts(crowd))
    proved = crowd.graph.counted_by_cells(sorted(among), limit)
    if proved:
        assert crowd.most(among, set()) <= limit


@law
@given(crowds(), st.data())
def test_the_bound_is_not_too_low(crowd: Crowd, data: st.DataObject) -> None:
    among, _ = data.draw(parts(crowd))
    assert crowd.most(among, set()) <= upper_bound(crowd.graph, sorted(among)) <= crowd.count(among)


@law
@given(crowds())
def test_what_some_customer_gets_can_share_one(crowd: Crowd) -> None:
    for got in crowd.received():
        assert all(crowd.graph.share(i, j) for i, j in combinations(sorted(got), 2))
        assert crowd.graph.joint_of(got)
