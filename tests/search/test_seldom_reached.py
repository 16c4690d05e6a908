"""Somebody whom few enough reach, by cells, against trying every customer."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search import seldom_reached
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.customer import find_customer
from tactful.engine.search.model import Demand, ReachConstraint
from tactful.engine.search.result import Found

from .crowds import Crowd, crowded, crowds
from .lives import PLENTY


@crowded
@given(crowds(), st.integers(0, 6), st.sampled_from([None, 1, 2]))
def test_there_is_somebody_whom_few_enough_reach_or_nobody(crowd: Crowd, at_most: int, avoided: int | None) -> None:
    candidates, first = crowd.graph.candidates, crowd.graph.candidates[0]
    others = [i for i in range(1, crowd.number) if i != avoided]
    reached = [(float(crowd.weights[i]), candidates[i].at, candidates[i].boxes) for i in others]
    if avoided is not None and avoided < crowd.number:
        reached.append((float("inf"), candidates[avoided].at, candidates[avoided].boxes))

    def few_enough(got: set[int]) -> bool:
        return 0 in got and avoided not in got and sum(crowd.weights[i] for i in others if i in got) <= at_most

    expected = any(map(few_enough, crowd.received()))
    constraint = ReachConstraint(None, reached, at_most)
    with patch.object(seldom_reached, "MANY", 1):
        asked = [Demand(first.at, first.day, first.boxes)]
        answer = find_customer(crowd.graph.context, asked, SearchBudget(PLENTY), constraint)
    assert isinstance(answer, Found) == expected
    if isinstance(answer, Found):
        crowd.assert_gets(answer.value, [0])
