"""As many different campaigns as one customer gets touches of, against trying every customer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set, upper_bound
from tactful.engine.search.result import NOBODY, Found
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import law

from .crowds import Crowd, crowds, parts
from .lives import PLENTY


@law
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


@law
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


@law
@given(crowds(keyed=True), st.integers(0, 3), st.data())
def test_what_is_proved_by_counting_is_so(crowd: Crowd, limit: int, data: st.DataObject) -> None:
    among, _ = data.draw(parts(crowd))
    assert crowd.most(among, set()) <= upper_bound(crowd.graph, sorted(among)) == crowd.count(among)
    if crowd.graph.counted_by_cells(sorted(among), limit):
        assert crowd.most(among, set()) <= limit
