"""Who is left out, and who is asked too much, on large plans: the answers are those of OR-tools CP-SAT.

The model is that of ``test_cp_sat``: it knows nothing of signed sums over complements.
"""

from __future__ import annotations

import random
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.reference import asks_and_gives
from tactful.engine.sends.timeline import Send, timeline

from tests.building import built
from tests.worlds.making import Texts
from tests.worlds.solver import BUDGET, FIRST, VALUES, LargeMaker, Model, solved


class OwedMaker(LargeMaker):
    def desks(self, number: int) -> list[Texts]:
        """Many services that share out the customers between them, over many attributes; of some a part is lost."""
        customers = {"attributes": self.declared(16), "events": {"visit": {}}}
        parts = self.shared_out(number)
        if self.maybe(0.5):
            victim = self.some(*parts)
            spoilt = self.some(*victim)
            victim[self.some(*(name for name in self.names if name != spoilt))] = self.some(*VALUES)
        service = {"event": "visit", "channel": "shop", "gives": [], "within": "10min"}
        services = [service | {"service": f"s{n}", "audience": audience} for n, audience in enumerate(parts)]
        rule = {"rule": "r", "kind": "obligation", "event": "visit", "do": {"channel": "shop"}, "within": "10min"}
        return [self.settings(14), {"customers": customers}, *services, {"policy": "p", "rules": [rule]}]

    def asking(self, dates: bool) -> list[Texts]:
        """A third of the campaigns ask, the others give; a few more give to everyone, so that it is a close thing."""
        documents = self.plan(campaigns=60, attributes=10, dates=dates)
        for n, document in enumerate(d for d in documents if "campaign" in d):
            document["purpose"] = "promotion" if n % 3 == 0 else "care"
        for n in range(self.some(4, 8, 12)):
            touch = {"channel": "email", "at": f"{self.day(n * 6)} 09:00"}
            documents.append({"campaign": f"g{n}", "purpose": "care", "audience": "everyone", "touches": [touch]})
        rule = {"rule": "r", "kind": "give-and-ask", "give": {"purpose": "care"}, "ask": {"purpose": "promotion"}}
        rule |= {"gives_per_ask": self.some("0.2", "0.5", "1"), "per": self.some("14d", "30d")}
        return [*documents, {"policy": "p", "rules": [rule]}]


@pytest.mark.parametrize("seed", range(12))
def test_whether_somebody_is_left_out(seed: int) -> None:
    maker = OwedMaker(random.Random(seed).randrange)
    made, rules = built(maker.desks(maker.some(20, 60, 120)))
    model = Model()
    touch: Any = SimpleNamespace(at=None, day=FIRST)
    for service in made.services:
        model.model.add_bool_or([model.holds(service.audience, touch).negated()])
    verdicts = [f.verdict for f in evaluate(made, rules, FIRST, budget=BUDGET).findings]
    assert verdicts == (["violated"] if solved(model.model) else []), seed


def too_much(last: Send, touches: tuple[Send, ...], rule: Any) -> bool:
    """Whether somebody who gets this ask is asked more than they are given, by CP-SAT."""
    kinds = (rule.matches["give"], rule.matches["ask"])
    asks, gives = asks_and_gives(last, touches, kinds, rule.params.per, "Asia/Shanghai", False)
    model = Model()
    model.model.add_bool_or([model.holds(last.audience, last)])
    price = int(rule.params.gives_per_ask * 10)
    asked = sum(price * model.holds(t.audience, t) for t in asks)
    model.model.add(asked - sum(10 * model.holds(t.audience, t) for t in gives) >= 1)
    return solved(model.model)


@pytest.mark.parametrize(("seed", "dates"), [(1, False), (2, False), (3, False), (4, True), (5, True), (6, True)])
def test_whether_somebody_is_asked_too_much(seed: int, dates: bool) -> None:
    made, rules = built(OwedMaker(random.Random(seed).randrange).asking(dates))
    touches = timeline(made, FIRST).sends
    last_asks: dict[str, list[Send]] = {}
    for touch in touches:
        if touch.fields["purpose"] == {"promotion"}:
            last_asks.setdefault(touch.campaign, []).append(touch)
    expected = {name for name, mine in last_asks.items() if any(too_much(t, touches, rules[0]) for t in mine)}
    found = evaluate(made, rules, date(2026, 1, 1), budget=BUDGET).findings
    assert {f.verdict for f in found} <= {"violated"}
    assert {f.campaign for f in found} == expected, seed
