"""Too much, on large plans: the search finds what OR-tools CP-SAT finds from the conditions themselves."""

from __future__ import annotations

import random

import pytest
from tactful.engine.kit.asking import Asking
from tactful.engine.kit.evaluation import Evaluation
from tactful.engine.messages import say
from tactful.engine.rules.frequency_cap.asked import Asked
from tactful.engine.rules.frequency_cap.params import Counting
from tactful.engine.rules.frequency_cap.search import Cap
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set
from tactful.engine.search.result import Found
from tactful.engine.sends.timeline import Send, timeline

from tests.building import built
from tests.worlds.solver import BUDGET, FIRST, LargeMaker, Model, best_of


def most(touches: list[Send], counting: Counting) -> int:
    """The most of these touches, of their weights or of their campaigns that one customer can get, by CP-SAT."""
    model = Model()
    gets = [model.holds(touch.audience, touch) for touch in touches]
    if counting.params.count == "campaigns":
        reached = {touch.campaign: model.model.new_bool_var("") for touch in touches}
        for name, literal in reached.items():
            mine = [get for get, touch in zip(gets, touches, strict=True) if touch.campaign == name]
            model.model.add_bool_or(mine).only_enforce_if(literal)
        model.model.maximize(sum(reached.values()))
    else:
        model.model.maximize(sum(counting.of(touch) * get for get, touch in zip(gets, touches, strict=True)))
    found = best_of(model.model)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("seed", "dates", "counted"),
    [
        (1, False, "touches"),
        (2, False, "touches"),
        (3, True, "touches"),
        (4, True, "touches"),
        (5, True, "touches"),
        (6, True, "touches"),
        (7, False, "weights"),
        (8, True, "weights"),
        (9, False, "campaigns"),
        (10, True, "campaigns"),
    ],
)
def test_the_most_that_one_customer_gets_in_a_window(seed: int, dates: bool, counted: str) -> None:
    rng = random.Random(seed)
    heavy = [{"match": {"campaign": [f"c{n:03}" for n in range(0, 90, 2)]}, "weight": "2.5"}]
    rule = {"rule": "cap", "kind": "frequency-cap", "at_most": "1", "per": "7d"}
    rule |= {"weights": heavy} if counted == "weights" else {"count": counted}
    documents = LargeMaker(rng.randrange).plan(campaigns=90, attributes=12, dates=dates)
    made, rules = built([*documents, {"policy": "p", "rules": [rule]}])
    asking = Asking(rules[0], Evaluation(made, timeline(made, FIRST), FIRST, (), BUDGET), say("not proven", "未能证明"))
    asked = Asked(asking, *asking.clocks[0], "", 1)
    cap = Cap(asked, asked.of(asking.sends))
    compared = set()
    for end in rng.sample(range(len(cap.touches)), 12):
        window = cap.window(cap.base, end)
        found = max_weight_set(cap.graph, window, (), 0, SearchBudget(BUDGET))
        expected = most([cap.touches[i] for i in window], cap.counting)
        assert isinstance(found, Found)
        assert found.value.complete
        assert found.value.weight == expected, (seed, end)
        assert not cap.graph.counted_by_cells(window, expected - 1)
        compared.add(expected)
    assert len(compared) > 2
