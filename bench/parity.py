"""How the proofs of equal treatment grow: large price books in which nobody existing is worse off than somebody new.

Each product has two offers for newcomers; beside them stand narrow counterparts that share out all existing customers between
them, again and again by another of 20 attributes. ``proved`` leaves nobody out; in ``hole`` one counterpart of one product
lacks a corner. Timed are ``evaluate`` alone and the whole of ``tactful check`` on the same documents as files, each in a
process of its own. Run as ``python -m bench.parity`` (``--most 500`` for a short run).
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import yaml

SIZES = ((250, 20), (500, 20), (1000, 20), (1000, 50), (2000, 20))
"""Offers and products."""
FIRST = date(2026, 3, 2)
VALUES = ["a", "b", "c", "d"]

Raw = dict[str, Any]


def attributes() -> Raw:
    """Twenty: a date that tells new from existing, two that facts tie to it, and what tells customers apart within both."""
    made: Raw = {
        "bought": {"type": "date", "changes": "forward"},
        "tier": {"type": "choice", "values": ["basic", "silver", "gold"], "changes": "freely"},
        "orders": {"type": "number", "whole": "true", "minimum": "0", "changes": "forward"},
        "age": {"type": "number", "whole": "true", "minimum": "0", "maximum": "110", "changes": "forward"},
        "student": {"type": "flag", "changes": "freely"},
        "member": {"type": "flag", "changes": "freely"},
    }
    choice = {"type": "choice", "values": VALUES, "others": "true", "changes": "never"}
    return made | {f"attribute-{n}": choice for n in range(14)}


def cut(rng: random.Random, name: str) -> Any:
    """A test that some meet; its complement is written with ``not``."""
    if name in ("orders", "age"):
        return {"at_least": str(rng.choice([10, 18, 30, 60]))}
    if name in ("student", "member"):
        return "true"
    return rng.sample(["basic", "silver", "gold"] if name == "tier" else VALUES, 2)


def shared_out(rng: random.Random, number: int) -> list[Raw]:
    """Parts of everybody, each split by one more attribute that it does not ask about yet."""
    names = [name for name in attributes() if name != "bought"]
    parts: list[Raw] = [{}]
    while len(parts) < number:
        part = parts.pop(rng.choice([i for i, part in enumerate(parts) if len(part) < len(names)]))
        name = rng.choice([n for n in names if n not in part])
        test = cut(rng, name)
        parts += [{**part, name: test}, {**part, name: {"not": test}}]
    return parts


def book(offers: int, products: int, hole: bool) -> list[Raw]:
    """The documents: everything that a check needs."""
    rng = random.Random(offers + products)
    items: list[Raw] = []
    for n in range(products):
        base = {"product": f"product-{n}", "billed": "month", "commitment": "12mo"}
        for i, channels in enumerate((["web"], ["shop", "web"])):
            narrow = {f"attribute-{i}": ["a", "b"], "student": "true"} if i else {f"attribute-{n % 14}": "a"}
            sharp = {"offer": f"new-{n}-{i}", "price": "30 CNY", "channels": channels}
            items.append(base | sharp | {"renewal_price": "60 CNY", "eligible": {"segment": "new"} | narrow})
        parts = shared_out(rng, offers // products + (n < offers % products) - 3)
        for i, part in enumerate(parts):
            prices = {"price": f"{rng.randint(25, 30)} CNY", "renewal_price": f"{rng.randint(40, 60)} CNY"}
            items.append(base | prices | {"offer": f"part-{n}-{i}", "eligible": part | {"segment": "existing"}})
        items.append(base | {"offer": f"list-{n}", "price": "70 CNY", "eligible": "everyone"})
    if hole:
        lacking = next(i for i in items if i["offer"] == f"part-{products // 2}-0")
        name = next(n for n in ("attribute-13", "attribute-12", "attribute-11") if n not in lacking["eligible"])
        lacking["eligible"] |= {name: {"not": "c"}}
    segments = {
        "new": {"any": [{"bought": "absent"}, {"bought": {"within": "30d"}}]},
        "existing": {"bought": {"over": "30d"}},
    }
    facts = [
        {"if": {"bought": "absent"}, "then": {"orders": "0"}},
        {"if": {"orders": {"at_least": "30"}}, "then": {"tier": ["silver", "gold"]}},
        {"if": {"student": "true"}, "then": {"age": {"at_least": "16"}}},
    ]
    rule = {"kind": "offer-parity", "favoured": {"segment": "new"}, "protected": {"segment": "existing"}}
    return [
        {"tactful": "1", "timezone": "Asia/Shanghai", "period": {"from": str(FIRST), "until": "2026-12-31"}},
        {"customers": {"attributes": attributes(), "segments": segments, "facts": facts}},
        {"vocabulary": {"products": {f"product-{n}": {} for n in range(products)}}},
        {"offers": "price-book", "items": items},
        {"policy": "p", "rules": [{"rule": "same-deal"} | rule]},
    ]


def engine(offers: int, products: int, hole: bool) -> Raw:
    """Documents linked, then ``evaluate`` alone, in this process."""
    from tactful.engine.evaluate import evaluate

    from tests.building import built

    start = time.process_time()
    plan, rules = built(book(offers, products, hole))
    linked = time.process_time()
    answer = evaluate(plan, rules, FIRST)
    done = time.process_time()
    verdicts = sorted({f.verdict for f in answer.findings})
    assert not answer.problems
    assert verdicts == (["violated"] if hole else [])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    times = {"linked": round(linked - start, 2), "cpu": round(done - linked, 2), "mb": peak}
    return {"verdict": ", ".join(verdicts) or "proved"} | times


def check(offers: int, products: int, hole: bool) -> Raw:
    """The whole command, on files: its wall and CPU seconds and its peak memory."""
    names = ("tactful", "customers", "vocabulary", "offers/book", "policies/parity")
    with tempfile.TemporaryDirectory() as folder:
        for name, document in zip(names, book(offers, products, hole), strict=True):
            file = Path(folder) / f"{name}.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(yaml.safe_dump(document, sort_keys=False))
        command = [str(Path(sys.executable).with_name("tactful")), "check", folder, "--as-of", str(FIRST)]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True)
        wall = time.perf_counter() - start
    assert done.returncode == int(hole), done.stdout + done.stderr
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "said": done.stdout.strip().splitlines()[-1],
        "wall": round(wall, 2),
        "cpu": round(used.ru_utime + used.ru_stime, 2),
        "mb": used.ru_maxrss // 1024,
    }


def apart(*arguments: object) -> Raw:
    """A measurement in a process of its own."""
    command = [sys.executable, "-m", "bench.parity", *map(str, arguments)]
    found: Raw = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1][0], help="the largest price book")
    parser.add_argument(
        "one", nargs="*", help="a measurement by itself: engine or check, offers, products, whole or hole"
    )
    options = parser.parse_args()
    if options.one:
        what, offers, products, kind = options.one
        print(json.dumps({"engine": engine, "check": check}[what](int(offers), int(products), kind == "hole")))
        return
    print(
        "| offers | products | | verdict | linked, CPU s | engine, CPU s | MB | `tactful check`, wall s | CPU s | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    said = ""
    for offers, products in (size for size in SIZES if size[0] <= options.most):
        for kind in ("whole", "hole"):
            alone, whole = (apart(what, offers, products, kind) for what in ("engine", "check"))
            said = whole["said"]
            cells = [offers, products, kind, alone["verdict"], alone["linked"], alone["cpu"], alone["mb"]]
            print("|", " | ".join(map(str, [*cells, whole["wall"], whole["cpu"], whole["mb"]])), "|", flush=True)
    print(f"\nThe last one said: {said}")


if __name__ == "__main__":
    main()
