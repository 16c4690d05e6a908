"""Budgets of steps: spent to the last one, and not beyond."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search.budget import SearchBudget
from tactful.engine.undecidable import BudgetExhausted, Undecidable

from tests.space.drawing import law


@law
@given(st.integers(0, 20), st.lists(st.integers(0, 5), max_size=10))
def test_a_budget_pays_until_less_is_left(start: int, prices: list[int]) -> None:
    budget = SearchBudget(start)
    for number, price in enumerate(prices, 1):
        if sum(prices[:number]) > start:
            with pytest.raises(BudgetExhausted):
                budget.spend(price)
            return
        budget.spend(price)
        assert budget.left == start - sum(prices[:number])


@pytest.mark.parametrize("left", [0, 1, 7])
def test_a_step_is_one_unless_it_is_said(left: int) -> None:
    budget = SearchBudget(left)
    for _ in range(left):
        budget.spend()
    with pytest.raises(BudgetExhausted):
        budget.spend()


def test_what_is_overspent_stays_spent() -> None:
    budget = SearchBudget(3)
    with pytest.raises(BudgetExhausted):
        budget.spend(5)
    with pytest.raises(BudgetExhausted):
        budget.spend()


def test_an_exhausted_budget_says_why() -> None:
    with pytest.raises(Undecidable) as end:
        SearchBudget(0).spend()
    assert end.value.why.en == "the search used up its budget"
    assert end.value.why.zh == "搜索用完了预算，未能得出结论"
