"""Too much, on large plans: the search finds what OR-tools CP-SAT finds from the conditions themselves.

The model here knows nothing of cells and boxes: one-hot variables for choices and flags, a day number for dates, and each
condition as linear tests on them. Seeded.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from ortools.sat.python import cp_model
from tactful.engine.clocks import civil_shift
from tactful.engine.kit.asking import Asking
from tactful.engine.kit.evaluation import Evaluation
from tactful.engine.messages import say
from tactful.engine.plan.conditions import All, DateAge, DateIs, IsFlag, Not, OneOf, Some
from tactful.engine.rules.frequency_cap.params import Counting
from tactful.engine.rules.frequency_cap.search import Asked, Cap
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.max_weight_set import max_weight_set
from tactful.engine.search.result import Found
from tactful.engine.sends.timeline import Send, timeline

from tests.building import built

FIRST = date(2026, 3, 2)
VALUES = ["a", "b", "c", "d"]
BUDGET = 10_000_000


def plan(seed: int, campaigns: int, attributes: int, dates: bool, counted: str = "touches") -> list[dict[str, Any]]:
    rng = random.Random(seed)
    names = [f"attribute-{n}" for n in range(attributes)]
    declared: dict[str, Any] = {
        n: {"type": "choice", "values": VALUES, "changes": "never", "others": "true"} for n in names
    }
    declared["bought"] = {"type": "date", "changes": "never"}
    declared["consent"] = {"type": "flag", "changes": "freely"}
    documents: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": "Asia/Shanghai"},
        {"customers": {"attributes": declared}},
    ]
    for n in range(campaigns):
        audience: dict[str, Any] = {
            name: rng.sample(VALUES, rng.choice([1, 2, 3])) for name in rng.sample(names, rng.choice([1, 2, 3]))
        }
        if dates and rng.random() < 0.5:
            audience["bought"] = rng.choice([{"within": "30d"}, {"over": "30d"}, "absent", {"not": {"within": "10d"}}])
        if dates and rng.random() < 0.4:
            audience = {"any": [audience, {rng.choice(names): rng.choice(VALUES), "consent": "true"}]}
        at = FIRST + timedelta(days=rng.randrange(80))
        repeat = {"every": "day", "step": str(rng.choice([1, 2, 3])), "count": str(rng.choice([2, 4, 6]))}
        touch = {"channel": "sms", "at": f"{at} {rng.choice([10, 14, 18])}:00", "repeat": repeat}
        documents.append({"campaign": f"c{n:03}", "purpose": "promotion", "audience": audience, "touches": [touch]})
    rule: dict[str, Any] = {"rule": "cap", "kind": "frequency-cap", "at_most": "1", "per": "7d"}
    if counted == "campaigns":
        rule["count"] = "campaigns"
    elif counted == "weights":
        heavy = [f"c{n:03}" for n in range(0, campaigns, 2)]
        rule["weights"] = [{"match": {"campaign": heavy}, "weight": "2.5"}]
    documents.append({"policy": "p", "rules": [rule]})
    return documents


class Model:
    """One customer as CP-SAT variables, and the touches of a window that he gets."""

    def __init__(self) -> None:
        self.model = cp_model.CpModel()
        self.choices: dict[tuple[Any, ...], Any] = {}
        day = (FIRST - timedelta(days=800)).toordinal(), (FIRST + timedelta(days=200)).toordinal()
        self.bought = self.model.new_int_var(*day, "bought")
        self.missing = self.model.new_bool_var("missing")
        self.unknown = self.model.new_bool_var("unknown")
        self.model.add_bool_or(self.missing.negated(), self.unknown.negated())

    def one_of(self, name: tuple[Any, ...], value: str) -> Any:
        """The attribute has this value; at most one of its values, none for others and unknown."""
        if name not in self.choices:
            self.choices[name] = {v: self.model.new_bool_var(f"{name}={v}") for v in [*VALUES, "true", "false"]}
            self.model.add_at_most_one(self.choices[name].values())
        return self.choices[name][value]

    def holds(self, condition: Any, touch: Send) -> Any:
        """A literal that is true exactly when the condition holds at the touch."""
        result = self.model.new_bool_var("")
        if isinstance(condition, (All, Some)):
            parts = [self.holds(part, touch) for part in condition.parts]
            if isinstance(condition, All):
                self.model.add_bool_and(parts).only_enforce_if(result)
                self.model.add_bool_or([p.negated() for p in parts] or [False]).only_enforce_if(result.negated())
            else:
                self.model.add_bool_or(parts).only_enforce_if(result)
                self.model.add_bool_and([p.negated() for p in parts]).only_enforce_if(result.negated())
            return result
        if isinstance(condition, Not):
            return self.holds(condition.part, touch).negated()
        if isinstance(condition, OneOf):
            literals = [self.one_of((condition.attribute,), value) for value in sorted(condition.values)]
        elif isinstance(condition, IsFlag):
            literals = [self.one_of((condition.attribute, touch.at), "true" if condition.value else "false")]
        else:
            return self.on_date(condition, touch.day, result)
        self.model.add_bool_or(literals).only_enforce_if(result)
        self.model.add_bool_and([literal.negated() for literal in literals]).only_enforce_if(result.negated())
        return result

    def on_date(self, condition: Any, day: date, result: Any) -> Any:
        present = self.between(None, day)
        if isinstance(condition, DateIs) and condition.present:
            return present
        if isinstance(condition, DateIs):
            self.model.add_bool_and([present.negated(), self.unknown.negated()]).only_enforce_if(result)
            self.model.add_bool_or([present, self.unknown]).only_enforce_if(result.negated())
            return result
        assert isinstance(condition, DateAge)
        edge = civil_shift(day, condition.duration, -1)
        return self.between(None, edge - timedelta(days=1)) if condition.over else self.between(edge, day)

    def between(self, first: date | None, last: date) -> Any:
        inside = self.model.new_bool_var("")
        low, high = self.model.new_bool_var(""), self.model.new_bool_var("")
        self.model.add(self.bought >= (first or date(1990, 1, 1)).toordinal()).only_enforce_if(low)
        self.model.add(self.bought < (first or date(1990, 1, 1)).toordinal()).only_enforce_if(low.negated())
        self.model.add(self.bought <= last.toordinal()).only_enforce_if(high)
        self.model.add(self.bought > last.toordinal()).only_enforce_if(high.negated())
        parts = [low, high, self.missing.negated(), self.unknown.negated()]
        self.model.add_bool_and(parts).only_enforce_if(inside)
        self.model.add_bool_or([p.negated() for p in parts]).only_enforce_if(inside.negated())
        return inside


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
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 1
    assert solver.solve(model.model) == cp_model.OPTIMAL
    return round(solver.objective_value)


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
    made, rules = built(plan(seed, campaigns=90, attributes=12, dates=dates, counted=counted))
    asking = Asking(rules[0], Evaluation(made, timeline(made), FIRST, (), BUDGET), say("not proven", "未能证明"))
    asked = Asked(asking, *asking.clocks[0], "", 1)
    cap = Cap(asked, asked.of(asking.sends))
    rng = random.Random(seed)
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
