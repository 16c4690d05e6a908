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
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bench import too_much
from bench.too_much import FIRST, Model, Send, policy, windows_of

if TYPE_CHECKING:
    from tactful.engine.verdicts import Answer

TITLES = {
    "campaigns": "Campaigns over a year, 3 to 7 touches each, 20 attributes",
    "touches": "Touches per campaign by repeats, 300 campaigns in a quarter, 20 attributes",
    "attributes": "Attributes, 300 campaigns of 3 to 7 touches in a quarter",
    "n": "N, 300 campaigns of 3 to 7 touches in a quarter, 20 attributes",
    "triggered": "A year of campaigns with three triggered ones",
}
SEED, WORKERS = 1, 2
SAMPLE = 40
"""About how many windows CP-SAT is asked, where ``--sample`` does not say."""
HIGH, TRIES = 128, 3
"""The cap with which the search for M begins, and after how many unproven ones it ends."""
MIXES = {5: (2, 1, 1, 0, 1), 10: (4, 2, 1, 1, 2), 40: (16, 8, 6, 4, 6)}
"""Of how many attributes how many are choices, flags, dates, numbers and labels; 20 are those of bench.too_much."""


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


def documents_of(cell: Cell) -> list[dict[str, Any]]:
    """The documents of the plan; changes bench.too_much, which generates them, for the rest of this process."""
    changed: dict[str, Any] = {"CAMPAIGNS": cell.campaigns, "DAYS": cell.days}
    if cell.attributes in MIXES:
        changed |= mixed(MIXES[cell.attributes])
    for name, value in changed.items():
        setattr(too_much, name, value)
    documents = too_much.quarter(SEED, cell.dated, wide=False)
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
        with suppress(IndexError):  # no attribute is of this kind: drawn again
            return plain_test(rng, dated, wide)
        return some_test(rng, dated, wide)

    return found | {"some_test": some_test}


def repeat(documents: Sequence[dict[str, Any]], number: int, cell: Cell) -> None:
    """Gives each campaign so many sends within 35 days, by touches that repeat up to five times."""
    rng = random.Random(f"{SEED}-{number}")
    for document in documents:
        if "campaign" not in document:
            continue
        start, touches = rng.randrange(cell.days - 35), []
        for done in range(0, number, 5):
            day = FIRST + timedelta(days=start + rng.randrange(7))
            again = {"every": "day", "step": rng.choice("1237"), "count": str(min(5, number - done))}
            touch = {"channel": "sms", "sender": "assistant", "gives": ["tips"], "repeat": again}
            touches.append(touch | {"at": f"{day} {rng.choice(['10:00', '14:00', '18:30'])}"})
        document["touches"] = touches


def trigger(documents: list[dict[str, Any]], cell: Cell) -> None:
    """Adds three campaigns that a visit sets off, with audiences like the others."""
    rng = random.Random(f"{SEED}-triggered")
    next(d["customers"] for d in documents if "customers" in d)["events"] = {"visit": {}}
    like = next(d for d in documents if "campaign" in d)
    for number, (again, more) in enumerate((("1d", {}), ("7d", {}), ("7d", {"send_in": {"mon-fri": "09:00-18:00"}}))):
        own: dict[str, Any] = {"campaign": f"triggered-{number}", "trigger": {"event": "visit", "again_after": again}}
        own["audience"] = too_much.some_condition(rng, cell.dated, wide=False)
        own["touches"] = [{"channel": "sms", "sender": "assistant", "gives": ["tips"]}]
        documents.append(like | own | more)


def sends_of(documents: Sequence[dict[str, Any]]) -> list[Send]:
    """Every send, as bench.too_much has it, with those of repeats."""
    touches = {d["campaign"]: d["touches"] for d in documents if "campaign" in d}
    found = []
    for send in too_much.sends_of(documents):
        again = touches[send.campaign][send.index].get("repeat", {"step": "1", "count": "1"})
        for n in range(int(again["count"])):
            found.append(replace(send, at=send.at + timedelta(days=n * int(again["step"]))))
    return sorted(found, key=lambda send: (send.at, send.campaign, send.index))


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
    missing = [finding.missing for finding in answer.findings if finding.missing]
    bounds = [int(str(message.args["bound"])) for message in missing if "bound" in message.args]
    doubt = f"at most {max(bounds)} not ruled out" if bounds else "; ".join({m.render("en") for m in missing})
    if not violated:
        assert bool(doubt) != bool(answer.proved)
        return {"verdict": f"unproven: {doubt}" if doubt else "proved", "most": None}
    worst = max(violated, key=lambda finding: finding.measure.is_ if finding.measure else 0)
    assert worst.measure is not None and worst.witness is not None
    whole = not doubt and not any("budget" in said.en for finding in violated for said in finding.assumptions)
    return {
        "verdict": f"violated: {'' if whole else 'at least '}{worst.measure.is_}",
        "most": int(worst.measure.is_),
        "first": str(worst.witness.touches[0].local),
        "last": str(worst.spot.label.args["at"]),  # a witness lists 20 touches, so its last need not be the last
    }


# --- CP-SAT's side ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What CP-SAT is asked about a cell, and what Tactful said: the most, whether proved, from when to when."""

    sample: int | None
    seconds: float
    at_most: int | None = None
    """N; None: the greatest maximum."""
    most: int | None = None
    proved: bool = False
    first: str = ""
    last: str = ""


def by_cp_sat(cell: Cell, asked: Asked) -> dict[str, Any]:
    """The window of Tactful's customer, then every so manieth in shuffled order while there is time."""
    import ortools.sat.python.cp_model  # noqa: F401  # once, before any time is taken

    sends = sends_of(documents_of(cell))
    windows = windows_of(sends)
    sample = [*range(0, len(windows), asked.sample or max(1, len(windows) // SAMPLE))]
    random.Random(1).shuffle(sample)
    if asked.most is not None:
        first, last = datetime.fromisoformat(asked.first), datetime.fromisoformat(asked.last)
        there = next(i for i, window in enumerate(windows) if window[0].at <= first and window[-1].at >= last)
        sample = [there, *(i for i in sample if i != there)]
    maxima: list[int] = []
    took: list[float] = []
    cpu = time.process_time()
    while len(took) < len(sample) and (sum(took) < asked.seconds or len(took) < 2):
        most, seconds = timed(windows[sample[len(took)]], None)
        maxima.append(most or 0)
        took.append(seconds)
    cpu, above = time.process_time() - cpu, []
    limit = max(maxima) if asked.at_most is None else asked.at_most
    for i, most in zip(sample, maxima, strict=False):
        more, seconds = timed(windows[i], limit)
        assert more == (most if most > limit else None), (most, more, limit)
        assert not asked.proved or asked.most is None or most <= asked.most, (most, asked)
        above.append(seconds)
    assert asked.most is None or maxima[0] == asked.most or (not asked.proved and maxima[0] > asked.most), asked
    alone = 0 if asked.most is None else 1  # the window of Tactful's customer was not drawn
    return {
        "sends": len(sends),
        "windows": len(windows),
        "sizes": statistics.median(len(window) for window in windows),
        "asked": len(maxima),
        "greatest": max(maxima),
        "cpu": cpu,
        "wall": [sum(took), sum(above)],
        "scaled": [statistics.mean(times[alone:]) * len(windows) for times in (took, above)],
    }


def timed(window: Sequence[Send], floor: int | None) -> tuple[int | None, float]:
    """The maximum of a window (above the floor, or None), and the seconds for model and solver."""
    start = time.perf_counter()
    most = Model(window).solve(WORKERS, floor)
    return most, time.perf_counter() - start


# --- both ------------------------------------------------------------------------------------------------------------


def child(side: str, cell: Cell, about: object) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "bench.growth", "--side", side, json.dumps(asdict(cell)), json.dumps(about)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


Answers = dict[str, Any]
SETTLED: dict[Cell, tuple[Answers | None, Answers]] = {}


def settle(cell: Cell) -> tuple[Answers | None, Answers]:
    """What was found with the greatest measure M, and what N = M gave; None and the last doubt where none is found.

    Asked are lower and lower caps until one is too much; the verdict at N = M says whether M is the maximum. Where one is
    unproven, the next lie between it and the least that was proved: further below the search only takes longer.
    """
    limit, unproven, least, doubts = HIGH, 0, 2 * HIGH, 0
    while cell not in SETTLED:
        said = child("tactful", cell, limit)
        if said["most"]:
            while (proof := child("tactful", cell, said["most"]))["most"]:
                said = proof
            SETTLED[cell] = said, proof
        elif said["verdict"] == "proved":
            least = limit
        else:
            unproven, doubts = limit, doubts + 1
        if (doubts == TRIES or least - unproven < 2) and cell not in SETTLED:
            SETTLED[cell] = None, said | {"least": least}
        limit = (unproven + least) // 2 if unproven else limit * 7 // 8
    return SETTLED[cell]


def row(given: argparse.Namespace, label: object, cell: Cell, more: int = 0) -> str:
    """One row: the cap at M and ``more``, beside CP-SAT on the same plan."""
    found, proof = settle(cell)
    asked = Asked(given.sample, given.seconds)
    if found is None:
        theirs = child("cp-sat", cell, asdict(asked))
        most, shown = theirs["greatest"], f"not found: {theirs['greatest']} (CP-SAT) to {proof['least']} (proved)"
        ours = child("tactful", cell, most + more)
    else:
        most, proved = found["most"], proof["verdict"] == "proved"
        shown = str(most) if proved else f"{most} or more"
        asked = replace(asked, at_most=most + more, most=most, proved=proved, first=found["first"], last=found["last"])
        theirs = child("cp-sat", cell, asdict(asked))
        ours = child("tactful", cell, most + more) if more else proof
    cells = [label, dates(cell), theirs["sends"], f"{theirs['windows']} of {theirs['sizes']:.0f}"]
    cells += [shown, most + more, ours["verdict"], *figures(ours)]
    cells += [theirs["asked"], theirs["greatest"], f"{theirs['wall'][0]:.1f} ({theirs['cpu']:.1f})"]
    cells += [f"{theirs['scaled'][0]:.0f}", f"{theirs['wall'][1]:.1f}", f"{theirs['scaled'][1]:.0f}"]
    return line([*cells, f"{theirs['memory']:.0f}"])


def figures(said: Answers) -> list[str]:
    return [f"{said['cpu']:.2f}", f"{said['wall']:.2f}", f"{said['memory']:.0f}"]


def dates(cell: Cell) -> str:
    return "with" if cell.dated else "without"


def line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def head(name: str) -> str:
    cells = [name, "dates and unions", "sends", "windows, of sends (median)", "M", "N", "Tactful: verdict"]
    cells += ["CPU s", "wall s", "MB", "CP-SAT: windows asked", "greatest maximum", "their maxima: wall s (CPU s)"]
    cells += ["scaled to all windows", "in these, more than N? wall s", "scaled to all windows", "MB"]
    return f"{line(cells)}\n{'|---' * len(cells)}|"


def cells_of(only: str, most: int) -> list[tuple[object, Cell, int]]:
    """The rows of a table: label, plan, and how far N is from M."""
    rows: list[tuple[object, Cell, int]] = []
    for dated in (False, True):
        plain = Cell(dated=dated)
        if only in ("campaigns", "triggered"):
            sizes = [n for n in (100, 300, 1000, 3000) if n <= most]
            years = [(n, replace(plain, campaigns=n, days=365), 0) for n in sizes]
            rows += years if only == "campaigns" else years[-1:]
        elif only == "touches":
            rows += [(n, replace(plain, touches=n), 0) for n in (2, 5, 10, 20)]
        elif only == "attributes":
            rows += [(n, replace(plain, attributes=n), 0) for n in (5, 10, 20, 40)]
        else:
            rows += [(f"M{n:+}" if n else "M", plain, n) for n in (5, 1, 0, -1)]
    return rows


HEAD_TRIGGERED = f"""| campaigns | dates and unions | M of the dated | N | Tactful: verdict | CPU s | wall s | MB |
{"|---" * 8}|"""


def triggered(cell: Cell) -> str:
    """A row for the plan with three triggered campaigns: N is M of the dated ones and 8."""
    found, proof = settle(cell)
    if found is None:
        return line([cell.campaigns, dates(cell), "not found", "", proof["verdict"], *figures(proof)])
    said = child("tactful", replace(cell, triggered=True), found["most"] + 8)
    return line([cell.campaigns, dates(cell), found["most"], found["most"] + 8, said["verdict"], *figures(said)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(TITLES), help="some of the tables, with commas")
    parser.add_argument("--most", type=int, default=3000, help="leave out years of more campaigns")
    parser.add_argument("--sample", type=int, help=f"ask CP-SAT every so manieth window (else about {SAMPLE} in all)")
    parser.add_argument("--seconds", type=float, default=60, help="no further window for CP-SAT after so long")
    parser.add_argument("--side", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side is not None:
        cell, about = Cell(**json.loads(given.side[1])), json.loads(given.side[2])
        answer = by_tactful(cell, about) if given.side[0] == "tactful" else by_cp_sat(cell, Asked(**about))
        answer["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(answer))
        return
    if unknown := {*given.only.split(",")} - {*TITLES}:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    print(
        f"{date.today()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}, tactful "
        f"{version('tactful')}, OR-tools {version('ortools')} with {WORKERS} workers; seed {SEED}, local audiences."
    )
    for only in [name for name in TITLES if name in given.only.split(",")]:
        print(f"\n### {TITLES[only]}\n")
        print(HEAD_TRIGGERED if only == "triggered" else head(only))
        for label, cell, more in cells_of(only, given.most):
            print(row(given, label, cell, more) if only != "triggered" else triggered(cell), flush=True)


if __name__ == "__main__":
    main()
