"""How the proof of a frequency cap grows: with campaigns, touches, attributes and the cap itself, beside CP-SAT.

For every cell M is the most touches that one customer can get in any 7 days, as Tactful finds it (the measure of a
violated finding), and the proof that is timed is the hardest: at N = M, where it just holds. Timed is ``evaluate`` alone;
the plan is built before. CP-SAT gets the same windows, or some of them: it gives the maximum of each, and says whether
one customer can get more than N of it. Where Tactful proved, it is asserted that no maximum is above M and that the
window of Tactful's customer has M. Each measurement runs in a process of its own.

Run as ``python -m bench.growth`` (``--only campaigns,touches,attributes,n,triggered``; ``--most`` to leave out larger
cells; ``--sample K`` to ask CP-SAT every K-th window).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bench import too_much
from bench.too_much import FIRST, Model, Send, policy, windows_of

if TYPE_CHECKING:
    from tactful.engine.verdicts import Answer

ONLY = ("campaigns", "touches", "attributes", "n", "triggered")
WORKERS = 2
SAMPLE = 40
"""About how many windows CP-SAT is asked, where ``--sample`` does not say."""
HIGH = 64
"""The cap with which the search for M begins."""
MIXES = {5: (2, 1, 1, 0, 1), 10: (4, 2, 1, 1, 2), 40: (16, 8, 6, 4, 6)}
"""Of how many attributes how many are choices, flags, dates, numbers and labels; 20 are those of bench.too_much."""
MOST_REPEATED = 5


# --- plans -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A plan: how many campaigns over how many days, and what else is not as in bench.too_much."""

    campaigns: int = too_much.CAMPAIGNS
    days: int = too_much.DAYS
    dated: bool = False
    touches: int | None = None
    """Sends of each campaign, by repeats; None: 3 to 7 without."""
    attributes: int = 20
    triggered: bool = False
    seed: int = 1


def documents_of(cell: Cell) -> list[dict[str, Any]]:
    """The documents of the plan; changes bench.too_much, which generates them, for the rest of this process."""
    changed: dict[str, Any] = {"CAMPAIGNS": cell.campaigns, "DAYS": cell.days}
    if cell.attributes in MIXES:
        changed |= mixed(MIXES[cell.attributes])
    for name, value in changed.items():
        setattr(too_much, name, value)
    documents = too_much.quarter(cell.seed, cell.dated, wide=False)
    if cell.touches is not None:
        repeat(documents, cell.touches, cell)
    if cell.triggered:
        trigger(documents, cell)
    return documents


def mixed(mix: Sequence[int]) -> dict[str, Any]:
    """Other attributes for bench.too_much: the first of each kind, or each a second time under another name."""

    def some(all_: Mapping[str, Any], number: int) -> dict[str, Any]:
        return dict([*all_.items(), *((f"{name}_2", value) for name, value in all_.items())][:number])

    choices, flags, dates, numbers, labels = mix
    asked = {name: too_much.CHOICES[name] for name in ("city", "stage")}
    found = {
        "CHOICES": some(asked | too_much.CHOICES, choices),
        "FLAGS": [*some(dict.fromkeys(too_much.FLAGS), flags)],
        "DATES": some(too_much.DATES, dates),
        "NUMBERS": [*some(dict.fromkeys(too_much.NUMBERS), numbers)],
        "LABELS": some(too_much.LABELS, labels),
        "FREELY": tuple(some(dict.fromkeys(too_much.FREELY), 4)),
    }
    assert sum(len(found[kind]) for kind in found if kind != "FREELY") == sum(mix)
    plain_test = too_much.some_test

    def some_test(rng: random.Random, dated: bool, wide: bool) -> tuple[str, Any]:
        while True:
            try:
                return plain_test(rng, dated, wide)
            except IndexError:  # no attribute is of this kind: drawn again
                continue

    return found | {"some_test": some_test}


def repeat(documents: Sequence[dict[str, Any]], number: int, cell: Cell) -> None:
    """Gives each campaign so many sends within 35 days, by touches that repeat up to five times."""
    rng = random.Random(f"{cell.seed}-{number}")
    for document in documents:
        if "campaign" not in document:
            continue
        start, touches = rng.randrange(cell.days - 35), []
        for done in range(0, number, MOST_REPEATED):
            day = FIRST + timedelta(days=start + rng.randrange(7))
            again = {"every": "day", "step": rng.choice("1237"), "count": str(min(MOST_REPEATED, number - done))}
            touch = {"channel": "sms", "sender": "assistant", "gives": ["tips"], "repeat": again}
            touches.append(touch | {"at": f"{day} {rng.choice(['10:00', '14:00', '18:30'])}"})
        document["touches"] = touches


def trigger(documents: list[dict[str, Any]], cell: Cell) -> None:
    """Adds three campaigns that a visit sets off, with audiences like the others."""
    rng = random.Random(f"{cell.seed}-triggered")
    next(d["customers"] for d in documents if "customers" in d)["events"] = {"visit": {}}
    like = next(d for d in documents if "campaign" in d)
    for number, (again, more) in enumerate((("1d", {}), ("7d", {}), ("7d", {"send_in": {"mon-fri": "09:00-18:00"}}))):
        own: dict[str, Any] = {
            "campaign": f"triggered-{number}",
            "audience": too_much.some_condition(rng, cell.dated, wide=False),
        }
        own |= {"trigger": {"event": "visit", "again_after": again}}
        own |= {"touches": [{"channel": "sms", "sender": "assistant", "gives": ["tips"]}]}
        documents.append(like | own | more)


def sends_of(documents: Sequence[dict[str, Any]]) -> list[Send]:
    """Every send, as bench.too_much has it, with those of repeats."""
    touches = {d["campaign"]: d["touches"] for d in documents if "campaign" in d}
    found = []
    for send in too_much.sends_of(documents):
        again = touches[send.campaign][send.step].get("repeat", {"step": "1", "count": "1"})
        for n in range(int(again["count"])):
            found.append(replace(send, at=send.at + timedelta(days=n * int(again["step"]))))
    return sorted(found, key=lambda send: (send.at, send.campaign, send.step))


# --- Tactful's side --------------------------------------------------------------------------------------------------


def by_tactful(cell: Cell, at_most: int) -> dict[str, Any]:
    """One evaluation of the cap, timed, with its verdict and the most that it found, if too much."""
    from tactful.engine.evaluate import evaluate

    from tests.building import built

    plan, rules = built([*documents_of(cell), policy(at_most)])
    start, cpu = time.perf_counter(), time.process_time()
    answer = evaluate(plan, rules, FIRST)
    took = {"wall": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    return took | verdict_of(answer)


def verdict_of(answer: Answer) -> dict[str, Any]:
    """The verdict in words; where too much was found, how much and from when to when."""
    violated = [finding for finding in answer.findings if finding.verdict == "violated"]
    unproven = [finding for finding in answer.findings if finding.verdict == "unproven"]
    doubts = sorted({finding.missing.render("en") for finding in unproven if finding.missing})
    said = f"unproven ({len(unproven)} findings): {'; '.join(doubts[-2:])}" if unproven else ""
    if not violated:
        assert bool(said) != bool(answer.proved)
        return {"verdict": said or "proved", "most": None}
    worst = max(violated, key=lambda finding: finding.measure.is_ if finding.measure else 0)
    assert worst.measure is not None and worst.witness is not None
    whole = not any("budget" in assumption.en for finding in violated for assumption in finding.assumptions)
    return {
        "verdict": f"violated: {'' if whole and not said else 'at least '}{worst.measure.is_}" + (said and f"; {said}"),
        "most": int(worst.measure.is_),
        "first": str(worst.witness.touches[0].local),
        "last": str(worst.spot.label.args["at"]),  # a witness lists 20 touches, so its last need not be the last
    }


# --- CP-SAT's side ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What CP-SAT is asked about a cell: N, the most that Tactful found, whether proved, and from when to when."""

    at_most: int
    most: int
    proved: bool
    first: str
    last: str
    sample: int | None
    seconds: float


def by_cp_sat(cell: Cell, asked: Asked) -> dict[str, Any]:
    """The window of Tactful's customer, then every so manieth in shuffled order while there is time."""
    import ortools.sat.python.cp_model  # noqa: F401  # once, before any time is taken

    sends = sends_of(documents_of(cell))
    windows = windows_of(sends)
    first, last = datetime.fromisoformat(asked.first), datetime.fromisoformat(asked.last)
    there = next(i for i, window in enumerate(windows) if window[0].at <= first and window[-1].at >= last)
    sample = [*range(0, len(windows), asked.sample or max(1, len(windows) // SAMPLE))]
    random.Random(1).shuffle(sample)
    maxima: list[int] = []
    took: list[tuple[float, float, float]] = []
    start = time.perf_counter()
    for i in [there, *(i for i in sample if i != there)]:
        if time.perf_counter() - start > asked.seconds and len(took) > 1:
            break
        most, times = ask_window(windows[i], asked)
        maxima.append(most)
        took.append(times)
    assert maxima[0] == asked.most if asked.proved else maxima[0] >= asked.most, (maxima[0], asked)
    return {
        "sends": len(sends),
        "windows": len(windows),
        "sizes": statistics.median(len(window) for window in windows),
        "asked": len(maxima),
        "greatest": max(maxima),
        "took": [sum(times) for times in zip(*took, strict=True)],
        "scaled": [statistics.mean(times) * len(windows) for times in zip(*took[1:], strict=True)],
    }


def ask_window(window: Sequence[Send], asked: Asked) -> tuple[int, tuple[float, float, float]]:
    """The maximum of a window; wall and CPU seconds for it, and wall seconds for whether there is more than N."""
    start, cpu = time.perf_counter(), time.process_time()
    most = Model(window).solve(WORKERS)
    middle, cpu = time.perf_counter(), time.process_time() - cpu
    more = Model(window).solve(WORKERS, asked.at_most)
    end = time.perf_counter()
    assert most is not None and more == (most if most > asked.at_most else None), (most, more, asked)
    assert most <= asked.most or not asked.proved, (most, asked)
    return most, (middle - start, cpu, end - middle)


# --- both ------------------------------------------------------------------------------------------------------------


def child(side: str, cell: Cell, about: object) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "bench.growth", "--side", side, json.dumps(asdict(cell)), json.dumps(about)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def in_child(side: str, cell: Cell, about: Any) -> None:
    answer = by_tactful(cell, about) if side == "tactful" else by_cp_sat(cell, Asked(**about))
    answer["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer))


SETTLED: dict[Cell, tuple[dict[str, Any], dict[str, Any]]] = {}


def settle(cell: Cell) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was found with the greatest measure M, by asking with lower caps until it is too much; and what N = M gave."""
    if cell not in SETTLED:
        limit = HIGH
        while not (found := child("tactful", cell, limit))["most"]:
            limit = limit * 3 // 4
        while (proof := child("tactful", cell, found["most"]))["most"]:
            found = proof
        SETTLED[cell] = found, proof
    return SETTLED[cell]


def row(given: argparse.Namespace, label: object, cell: Cell, more: int = 0) -> str:
    """One row: the cap at M and ``more``, beside CP-SAT on the same plan."""
    found, proof = settle(cell)
    most, proved = found["most"], proof["verdict"] == "proved"
    ours = child("tactful", cell, most + more) if more else proof
    asked = Asked(most + more, most, proved, found["first"], found["last"], given.sample, given.seconds)
    theirs = child("cp-sat", cell, asdict(asked))
    (wall, cpu, above), (all_wall, all_cpu, all_above) = theirs["took"], theirs["scaled"]
    size = f"{theirs['sends']} | {theirs['windows']} of {theirs['sizes']:.0f}"
    cells = [label, "with" if cell.dated else "without", size, most if proved else f"{most} or more", most + more]
    cells += [ours["verdict"], f"{ours['cpu']:.2f}", f"{ours['wall']:.2f}", f"{ours['memory']:.0f}"]
    cells += [f"{theirs['asked']}: {theirs['greatest']}", f"{wall:.1f} ({cpu:.1f})", f"{all_wall:.0f} ({all_cpu:.0f})"]
    cells += [f"{above:.1f}", f"{all_above:.0f}", f"{theirs['memory']:.0f}"]
    return line(cells)


def line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def head(name: str) -> str:
    cells = [name, "dates and unions", "touches", "windows, of touches (median)", "M", "N", "Tactful"]
    cells += ["CPU s", "wall s", "MB", "CP-SAT: windows asked, their maximum", "maxima: wall s (CPU s)"]
    cells += ["scaled to all windows", "more than N? wall s", "scaled to all windows", "MB"]
    return f"{line(cells)}\n{'|---' * len(cells)}|"


def cells_of(only: str, most: int) -> list[tuple[object, Cell, int]]:
    """The rows of a table: label, plan, and how far N is from M."""
    rows: list[tuple[object, Cell, int]] = []
    for dated in (False, True):
        plain = Cell(dated=dated)
        if only == "campaigns":
            rows += [(n, replace(plain, campaigns=n, days=365), 0) for n in (100, 300, 1000, 3000) if n <= most]
        elif only == "touches":
            rows += [(n, replace(plain, touches=n), 0) for n in (2, 5, 10, 20)]
        elif only == "attributes":
            rows += [(n, replace(plain, attributes=n), 0) for n in (5, 10, 20, 40)]
        else:
            rows += [(f"M{n:+}" if n else "M", plain, n) for n in (5, 1, 0, -1)]
    return rows


def triggered(most: int) -> None:
    """A year of many campaigns with three triggered ones: N is M of the dated ones and 8."""
    print("| plan | dates and unions | M of the dated | N | Tactful | CPU s | wall s | MB |\n" + "|---" * 8 + "|")
    for dated in (False, True):
        cell = Cell(campaigns=min(3000, most), days=365, dated=dated)
        limit = settle(cell)[0]["most"] + 8
        said = child("tactful", replace(cell, triggered=True), limit)
        name = f"a year of {cell.campaigns:,} campaigns and three triggered ones"
        cells = [name, "with" if dated else "without", limit - 8, limit, said["verdict"]]
        print(line([*cells, f"{said['cpu']:.2f}", f"{said['wall']:.2f}", f"{said['memory']:.0f}"]), flush=True)


TITLES = {
    "campaigns": "Campaigns over a year, 3 to 7 touches each, 20 attributes",
    "touches": "Touches per campaign by repeats, 300 campaigns in a quarter, 20 attributes",
    "attributes": "Attributes, 300 campaigns of 3 to 7 touches in a quarter",
    "n": "The cap, 300 campaigns of 3 to 7 touches in a quarter, 20 attributes",
    "triggered": "With triggered campaigns",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(ONLY), help="some of the tables, with commas")
    parser.add_argument("--most", type=int, default=3000, help="leave out years of more campaigns")
    parser.add_argument("--sample", type=int, help=f"ask CP-SAT every so manieth window (else about {SAMPLE} in all)")
    parser.add_argument("--seconds", type=float, default=60, help="no further window for CP-SAT after so long")
    parser.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side is not None:
        side, cell, about = given.side
        return in_child(side, Cell(**json.loads(cell)), json.loads(about))
    if unknown := {*given.only.split(",")} - {*ONLY}:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    print(
        f"{date.today()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, tactful "
        f"{version('tactful')}, OR-tools {version('ortools')} with {WORKERS} workers; seed 1, local audiences."
    )
    for only in [name for name in ONLY if name in given.only.split(",")]:
        print(f"\n### {TITLES[only]}\n")
        if only == "triggered":
            triggered(given.most)
            continue
        print(head(only))
        for label, cell, more in cells_of(only, given.most):
            print(row(given, label, cell, more), flush=True)
    return None


if __name__ == "__main__":
    main()
