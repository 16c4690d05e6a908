"""How the proofs of reciprocity grow: nobody left out by many services over a year, nobody asked more than given.

Each cell runs in a process of its own; timed is ``evaluate`` alone, beside the peak memory of the process. For who is left
out, CP-SAT is asked the same of one instant: is there a customer whom no service takes in? Run as ``python -m bench.owed``.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

SERVICES = (20, 100, 400, 1000)
CAMPAIGNS = (50, 200, 500)
FIRST = date(2026, 1, 1)


def served(number: int) -> list[dict[str, Any]]:
    """Services that share out everybody over 20 attributes, with a break at noon that one more covers; a whole year."""
    rng = random.Random(number)
    values = ["a", "b", "c", "d"]
    names = [f"attribute-{n}" for n in range(20)]
    attribute = {"type": "choice", "values": values, "changes": "never", "others": "true"}
    parts: list[dict[str, Any]] = [{}]
    while len(parts) < number:
        part = parts.pop(rng.choice([i for i, part in enumerate(parts) if len(part) < len(names)]))
        name = rng.choice([n for n in names if n not in part])
        cut = rng.sample(values, 2)
        parts += [{**part, name: cut}, {**part, name: {"not": cut}}]
    base = {"event": "visit", "channel": "shop", "gives": [], "within": "10min"}
    documents: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": "Europe/Paris", "period": {"from": str(FIRST), "until": "2026-12-31"}},
        {"customers": {"attributes": dict.fromkeys(names, attribute), "events": {"visit": {"hours": "08:00-20:00"}}}},
    ]
    for n, audience in enumerate(parts):
        documents.append({"service": f"s{n}", "hours": ["07:00-12:00", "13:00-21:00"], "audience": audience} | base)
    documents.append({"service": "noon", "hours": "11:30-13:30"} | base)
    rule = {"rule": "r", "kind": "obligation", "event": "visit", "do": {"channel": "shop"}, "within": "10min"}
    return [*documents, {"policy": "p", "rules": [rule]}]


def asked(number: int) -> list[dict[str, Any]]:
    """Campaigns that come weekly for a year, half of which ask; each audience is given as often as it is asked."""
    rng = random.Random(number)
    names = [f"attribute-{n}" for n in range(20)]
    attribute = {"type": "choice", "values": ["a", "b", "c"], "changes": "never", "others": "true"}
    documents: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": "Europe/Paris", "period": {"from": str(FIRST), "until": "2026-12-31"}},
        {"customers": {"attributes": dict.fromkeys(names, attribute)}},
    ]
    for n in range(number // 2):
        audience = {name: rng.choice(["a", "b", ["a", "b"]]) for name in rng.sample(names, 2)}
        at = FIRST + timedelta(days=rng.randrange(6))
        for purpose, hour in (("care", 9), ("promotion", 15)):
            touch = {"channel": "email", "at": f"{at} {hour:02}:00", "repeat": {"every": "week", "until": "2026-12-31"}}
            documents.append(
                {"campaign": f"{purpose}-{n}", "purpose": purpose, "audience": audience, "touches": [touch]}
            )
    rule = {"rule": "r", "kind": "give-and-ask", "give": {"purpose": "care"}, "ask": {"purpose": "promotion"}}
    return [*documents, {"policy": "p", "rules": [rule | {"gives_per_ask": "1", "per": "30d", "order": "before"}]}]


def by_cp_sat(plan: Any) -> float:
    from tests.test_cp_sat import Model
    from tests.test_cp_sat_owed import solved

    start = time.process_time()
    model, touch = Model(), SimpleNamespace(at=None, day=FIRST)
    for service in plan.services:
        if service.model.service != "noon":
            model.model.add_bool_or([model.holds(service.audience, touch).negated()])
    assert not solved(model)
    return time.process_time() - start


def measure(what: str, number: int) -> dict[str, Any]:
    from tactful.engine.evaluate import evaluate

    from tests.building import built

    plan, rules = built(served(number) if what == "served" else asked(number))
    start = time.process_time()
    answer = evaluate(plan, rules, FIRST)
    took = time.process_time() - start
    verdict = ", ".join(sorted({f.verdict for f in answer.findings})) or "proved"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    other = by_cp_sat(plan) if what == "served" else None
    return {"verdict": verdict, "cpu": round(took, 2), "mb": peak, "cp_sat": other and round(other, 2)}


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
        return
    for what, numbers in (("served", SERVICES), ("asked", CAMPAIGNS)):
        print(f"\n| {what} | verdict | CPU s | peak MB | CP-SAT, CPU s |\n|---|---|---|---|---|")
        for number in numbers:
            done = subprocess.run(
                [sys.executable, "-m", "bench.owed", what, str(number)], capture_output=True, text=True, check=True
            )
            found = json.loads(done.stdout)
            print(
                f"| {number} | {found['verdict']} | {found['cpu']} | {found['mb']} | {found['cp_sat'] or ''} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
