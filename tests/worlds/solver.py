"""Asks OR-tools CP-SAT, which knows nothing of cells and boxes, of large plans: seeded, so that they are always the same.

One-hot variables for choices and flags, a day number for dates, and each condition as linear tests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from ortools.sat.python import cp_model
from tactful.engine.clocks import civil_shift
from tactful.engine.plan.conditions import All, DateAge, DateIs, IsFlag, Not, OneOf, Some
from tactful.engine.sends.timeline import Send

from tests.worlds.making import Maker, Texts

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


class LargeMaker(Maker):
    """Makes large plans over many attributes of a few values."""

    first = FIRST

    def declared(self, number: int) -> Texts:
        self.names = [f"attribute-{n}" for n in range(number)]
        choice: Texts = {"type": "choice", "values": VALUES, "changes": "never", "others": "true"}
        return dict.fromkeys(self.names, choice)

    def cut(self, name: str) -> Any:
        """A test that some meet; its complement is written with ``not``."""
        return self.sample(VALUES, self.some(1, 2))

    def shared_out(self, number: int, parts: Sequence[Texts] = ({},)) -> list[Texts]:
        """Audiences that split everyone up, again and again by another attribute."""
        parts = list(parts)
        while len(parts) < number:
            part = parts.pop(self.some(*(i for i, part in enumerate(parts) if len(part) < len(self.names))))
            name = self.some(*(name for name in self.names if name not in part))
            test = self.cut(name)
            parts += [{**part, name: test}, {**part, name: {"not": test}}]
        return parts

    def plan(self, campaigns: int, attributes: int, dates: bool) -> list[Texts]:
        """Many campaigns by text, to narrow audiences."""
        declared = self.declared(attributes) | {"bought": {"type": "date", "changes": "never"}}
        customers = {"attributes": declared | {"consent": {"type": "flag", "changes": "freely"}}}
        listed = [self.sending(f"c{n:03}", dates) for n in range(campaigns)]
        return [{"tactful": "1", "timezone": self.zone}, {"customers": customers}, *listed]

    def sending(self, name: str, dates: bool) -> Texts:
        days: list[Any] = [{"within": "30d"}, {"over": "30d"}, "absent", {"not": {"within": "10d"}}]
        audience: Texts = {
            n: self.sample(VALUES, self.some(1, 2, 3)) for n in self.sample(self.names, self.some(1, 2, 3))
        }
        if dates and self.maybe(0.5):
            audience["bought"] = self.some(*days)
        if dates and self.maybe(0.4):
            audience = {"any": [audience, {self.some(*self.names): self.some(*VALUES), "consent": "true"}]}
        repeat = {"every": "day", "step": self.some("1", "2", "3"), "count": self.some("2", "4", "6")}
        at = f"{self.day(self.draw(80))} {self.some('10:00', '14:00', '18:00')}"
        touch = {"channel": "sms", "at": at, "repeat": repeat}
        return {"campaign": name, "purpose": "promotion", "audience": audience, "touches": [touch]}


class Literals:
    """Literals that are true exactly when others are."""

    model: cp_model.CpModel

    def every(self, parts: list[Any]) -> Any:
        if len(parts) == 1:
            return parts[0]
        result = self.model.new_bool_var("")
        self.model.add_bool_and(parts).only_enforce_if(result)
        self.model.add_bool_or([*(p.negated() for p in parts), result])
        return result

    def either(self, parts: list[Any]) -> Any:
        return self.every([part.negated() for part in parts]).negated()

    def between(self, number: Any, low: int, high: int) -> Any:
        """Whether a number is at least and at most so much."""
        return self.every([self._compare(number >= low, number < low), self._compare(number <= high, number > high)])

    def _compare(self, holds: Any, fails: Any) -> Any:
        result = self.model.new_bool_var("")
        self.model.add(holds).only_enforce_if(result)
        self.model.add(fails).only_enforce_if(result.negated())
        return result


class Model(Literals):
    """One customer as CP-SAT variables, and the touches of a window that they get."""

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
        """Whether the condition holds at the touch."""
        if isinstance(condition, (All, Some)):
            parts = [self.holds(part, touch) for part in condition.parts]
            return self.every(parts) if isinstance(condition, All) else self.either(parts)
        if isinstance(condition, Not):
            return self.holds(condition.part, touch).negated()
        if isinstance(condition, OneOf):
            return self.either([self.one_of((condition.attribute,), value) for value in sorted(condition.values)])
        if isinstance(condition, IsFlag):
            return self.one_of((condition.attribute, touch.at), "true" if condition.value else "false")
        present = self.on_date(date(1990, 1, 1), touch.day)
        if isinstance(condition, DateIs):
            return present if condition.present else self.either([present, self.unknown]).negated()
        assert isinstance(condition, DateAge)
        edge = civil_shift(touch.day, condition.duration, -1)
        days = (date(1990, 1, 1), edge - timedelta(days=1)) if condition.over else (edge, touch.day)
        return self.on_date(*days)

    def on_date(self, first: date, last: date) -> Any:
        inside = self.between(self.bought, first.toordinal(), last.toordinal())
        return self.every([inside, self.missing.negated(), self.unknown.negated()])
