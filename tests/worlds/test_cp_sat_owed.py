"""Who is left out, and who is asked too much, on large plans: the answers are those of OR-tools CP-SAT.

The model is that of ``test_cp_sat``: it knows nothing of signed sums over complements.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.reference import asks_and_gives
from tactful.engine.sends.timeline import Send, timeline

from tests.building import built
from tests.worlds.making import Texts
from tests.worlds.solver import BUDGET, FIRST, VALUES, Model, plan, shared_out, solved


def cut(rng: random.Random, name: str) -> list[str]:
    return rng.sample(VALUES, rng.choice([1, 2]))


def desks(seed: int, number: int) -> list[Texts]:
    """Many services that share out the customers between them, over many attributes; of some a part is lost."""
    rng = random.Random(seed)
    names = [f"attribute-{n}" for n in range(16)]
    declared = {n: {"type": "choice", "values": VALUES, "changes": "never", "others": "true"} for n in names}
    made: list[Texts] = [
        {"tactful": "1", "timezone": "Asia/Shanghai", "period": {"from": str(FIRST), "until": "2026-03-15"}},
        {"customers": {"attributes": declared, "events": {"visit": {}}}},
    ]
    parts = shared_out(rng, names, number, [{}], cut)
    if rng.random() < 0.5:
        victim = rng.choice(parts)
        spoilt = rng.choice(list(victim))
        victim[rng.choice([n for n in names if n != spoilt])] = rng.choice(VALUES)
    for n, audience in enumerate(parts):
        service = {"service": f"s{n}", "event": "visit", "channel": "shop", "gives": [], "within": "10min"}
        made.append(service | {"audience": audience})
    rule = {"rule": "r", "kind": "obligation", "event": "visit", "do": {"channel": "shop"}, "within": "10min"}
    return [*made, {"policy": "p", "rules": [rule]}]


@pytest.mark.parametrize("seed", range(12))
def test_whether_somebody_is_left_out(seed: int) -> None:
    made, rules = built(desks(seed, number=random.Random(seed).choice([20, 60, 120])))
    model = Model()
    touch: Any = SimpleNamespace(at=None, day=FIRST)
    for service in made.services:
        model.model.add_bool_or([model.holds(service.audience, touch).negated()])
    verdicts = [f.verdict for f in evaluate(made, rules, FIRST, budget=BUDGET).findings]
    assert verdicts == (["violated"] if solved(model.model) else []), seed


def asking(seed: int, dates: bool) -> list[Texts]:
    """A third of the campaigns ask, the others give; a few more give to everyone, so that it is a close thing."""
    rng = random.Random(seed)
    documents = plan(seed, campaigns=60, attributes=10, dates=dates)[:-1]
    for n, document in enumerate(d for d in documents if "campaign" in d):
        document["purpose"] = "promotion" if n % 3 == 0 else "care"
    for n in range(rng.choice([4, 8, 12])):
        at = FIRST + timedelta(days=n * 6)
        touch = {"channel": "email", "at": f"{at} 09:00"}
        documents.append({"campaign": f"g{n}", "purpose": "care", "audience": "everyone", "touches": [touch]})
    rule = {"rule": "r", "kind": "give-and-ask", "give": {"purpose": "care"}, "ask": {"purpose": "promotion"}}
    more = {"gives_per_ask": rng.choice(["0.2", "0.5", "1"]), "per": rng.choice(["14d", "30d"])}
    return [*documents, {"policy": "p", "rules": [rule | more]}]


def too_much(last: Send, touches: tuple[Send, ...], rule: Any) -> bool:
    """Whether somebody who gets this ask is asked more than he is given, by CP-SAT."""
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
    made, rules = built(asking(seed, dates))
    touches = timeline(made).sends
    last_asks: dict[str, list[Send]] = {}
    for touch in touches:
        if touch.fields["purpose"] == {"promotion"}:
            last_asks.setdefault(touch.campaign, []).append(touch)
    expected = {name for name, mine in last_asks.items() if any(too_much(t, touches, rules[0]) for t in mine)}
    found = evaluate(made, rules, date(2026, 1, 1), budget=BUDGET).findings
    assert {f.verdict for f in found} <= {"violated"}
    assert {f.campaign for f in found} == expected, seed
