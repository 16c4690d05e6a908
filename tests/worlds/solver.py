"""Asks OR-tools CP-SAT, which knows nothing of cells and boxes, of large plans: seeded, so that they are always the same.

One-hot variables for choices and flags, a day number for dates, and each condition as linear tests on them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from ortools.sat.python import cp_model
from tactful.engine.clocks import civil_shift
from tactful.engine.plan.conditions import All, DateAge, DateIs, IsFlag, Not, OneOf, Some
from tactful.engine.sends.timeline import Send

from tests.worlds.making import Texts

FIRST = date(2026, 3, 2)
VALUES = ["a", "b", "c", "d"]
BUDGET = 10_000_000


def best_of(model: cp_model.CpModel) -> int | None:
    """What the best solution comes to (0 where nothing is to be maximized); None: there is none."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    return round(solver.objective_value) if status == cp_model.OPTIMAL else None


def solved(model: cp_model.CpModel) -> bool:
    """Whether there is such a customer."""
    return best_of(model) is not None


def shared_out(
    rng: random.Random, names: list[str], number: int, parts: list[Texts], cut: Callable[[random.Random, str], Any]
) -> list[Texts]:
    """Audiences that split everyone up, again and again by another attribute."""
    while len(parts) < number:
        part = parts.pop(rng.choice([i for i, part in enumerate(parts) if len(part) < len(names)]))
        name = rng.choice([n for n in names if n not in part])
        test = cut(rng, name)
        parts += [{**part, name: test}, {**part, name: {"not": test}}]
    return parts


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
