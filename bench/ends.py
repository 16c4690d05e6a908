"""Plans that are known to take long: how long does each take now, how much memory, and what is said of it?

Run as ``python -m bench.ends`` (``--case NAME`` for one, ``--limit SECONDS`` for another end of patience, ``--all`` to run
the larger sizes too where a smaller one was not done in time). The limit is of seconds of the processor, which others on
the machine do not use up; after four times as many on the clock a process is stopped as well. The plans are those of
``bench.ends_plans`` and ``bench.ends_kinds``. Prints a row of Markdown for each: the whole process of ``tactful check``
without a cache, on one processor. A plan with an error of form ends the benchmark.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import Any

from bench import ends_plans as of
from bench.ends_kinds import kinds
from bench.ends_plans import AS_OF, Plan

Case = tuple[dict[str, Callable[[Any], Plan]], list[float]]
CASES: dict[str, Case] = {
    "mix-event": (
        {
            "simple (holds)": partial(of.mix_event, rich=False, holds=True),
            "simple (breaks)": partial(of.mix_event, rich=False, holds=False),
            "rich (holds)": partial(of.mix_event, rich=True, holds=True),
            "rich (breaks)": partial(of.mix_event, rich=True, holds=False),
        },
        [10, 15, 17, 25, 50],
    ),
    "narrowed-by": (
        {
            "city": partial(of.narrowed_by, attributes=["city"]),
            "city or a date": partial(of.narrowed_by, attributes=["city", "last_purchase"]),
        },
        [200, 1000, 3000],
    ),
    "drip": (of.DRIP, [5, 10, 20, 40, 80]),
    "everyone": (
        {"holds": partial(of.everyone, holds=True), "breaks": partial(of.everyone, holds=False)},
        [1000, 4000, 10000],
    ),
    "give-and-ask": (
        {"": partial(of.give_and_ask, drafts=False), "draft gives": partial(of.give_and_ask, drafts=True)},
        [2900, 25000],
    ),
    "fit": (
        {
            f"{audience}, {must}": partial(of.fit, audience=audience, must=must)
            for audience, must in [
                ("one test", "must any"),
                ("one test", "must all"),
                ("one test", "must not any"),
                ("one test", "must not all"),
                ("one of many", "consent"),
                ("one of many", "must any"),
                ("one of many", "must one of the same"),
                ("one of many", "must not all"),
            ]
        },
        [100, 300, 1000],
    ),
    "mix-daily": (
        {
            "never, holds": partial(of.mix_daily, changes="never", holds=True),
            "never, breaks": partial(of.mix_daily, changes="never", holds=False),
            "freely, holds": partial(of.mix_daily, changes="freely", holds=True),
            "freely, breaks": partial(of.mix_daily, changes="freely", holds=False),
        },
        [100, 365, 730],
    ),
    "floor-event": (
        {"holds": partial(of.floor_event, holds=True), "breaks": partial(of.floor_event, holds=False)},
        [0.5, 1, 2],
    ),
    "wide": (
        {
            "cap low": partial(of.wide, asked=lambda n: of.cap(n // 20, "7d")),
            "cap high": partial(of.wide, asked=lambda n: of.cap(n // 4, "7d")),
            "senders": partial(of.wide, asked=lambda n: of.cap(6, "7d", count="senders")),
            "mix": partial(
                of.wide,
                asked=lambda n: of.rule(
                    "mix", "mix", part={"purpose": "promotion"}, at_most="75%", of_at_least=12, per="30d"
                ),
            ),
        },
        [100, 300],
    ),
    "facts": (
        {
            "narrowed by a flag": partial(of.facts, asked=of.rule("narrowed", "audience-fit", narrowed_by=["active"])),
            "cap (holds)": partial(of.facts, asked=of.cap(3, "1mo")),
            "cap (breaks)": partial(of.facts, asked=of.cap(2, "1mo")),
            "cap of years": partial(of.facts, asked=of.cap(26, "1y")),
        },
        [1, 3, 10],
    ),
    "kinds": ({"": kinds}, [10, 30, 100]),
}

CHECK = ("-m", "tactful.checker", "check", "--no-cache", "--jobs", "1", "--as-of", AS_OF, "--format", "json")


@dataclass(frozen=True)
class Ran:
    """One process: its seconds, those of the processor, its peak, and its report; None if it was stopped."""

    seconds: float
    cpu: float
    peak: float
    report: dict[str, Any] | None


def write(plan: Plan, folder: Path) -> None:
    """A repository with a file for each document; those at the root are YAML in its form that looks like JSON."""
    for path, document in plan.files().items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def check(folder: Path, limit: float) -> Ran:
    """Runs ``tactful check`` in the folder, for so many seconds of the processor at most."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as faults:
        start, late = time.perf_counter(), threading.Event()
        process = subprocess.Popen([sys.executable, *CHECK], cwd=folder, stdout=output, stderr=faults)

        def stop() -> None:
            late.set()
            os.kill(process.pid, 9)

        resource.prlimit(process.pid, resource.RLIMIT_CPU, (ceil(limit), ceil(limit)))
        timer = threading.Timer(4 * limit, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        if late.is_set() or (process.returncode < 0 and took[1] > 0.9 * limit):
            return Ran(*took, None)
        output.seek(0)
        faults.seek(0)
        if process.returncode not in (0, 1):
            raise SystemExit(f"exit code {process.returncode}: {(faults.read() + output.read()).decode()[-3000:]}")
        return Ran(*took, json.loads(output.read()))


def verdicts(report: dict[str, Any]) -> str:
    """What is said of each rule: proved, or how many findings of which sort; why, where something is unproven."""
    findings = report["findings"]
    faults = [f"{one['location']} {one['message']}" for one in findings if one["rule"].startswith("form/")]
    if faults:
        raise SystemExit("\n".join(["a plan of this benchmark has errors of form:", *faults[:10]]))
    said = [f"{short(rule)} proved" for rule in report["summary"]["proved"]]
    counted = Counter((one["rule"], one["verdict"]) for one in findings)
    said += [f"{short(rule)} {verdict} {number}" for (rule, verdict), number in sorted(counted.items())]
    why = {one["message"][:90].replace("|", "/") for one in findings if one["verdict"] == "unproven"}
    return "; ".join(said) + (f" ({' / '.join(sorted(why)[:2])})" if why else "")


def short(rule: str) -> str:
    return rule.rpartition("/")[2]


def row(cells: list[object]) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def run(case: str, limit: float, everything: bool) -> None:
    """The rows of one case: its variants, from small to large."""
    variants, sizes = CASES[case]
    for name, make in variants.items():
        late = False
        for size in sizes:
            label = [f"{case}: {name}" if name else case, size]
            if late and not everything:
                row([*label, "not run", "", "", "the smaller one was not done in time"])
                continue
            with tempfile.TemporaryDirectory() as folder:
                write(make(size), Path(folder))
                ran = check(Path(folder), limit)
            late = ran.report is None
            said = "not done in time" if ran.report is None else verdicts(ran.report)
            row([*label, f"{ran.seconds:.1f}", f"{'> ' if late else ''}{ran.cpu:.1f}", f"{ran.peak:.0f}", said])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=[*CASES], help="only this one")
    parser.add_argument("--limit", type=float, default=60, help="seconds of the processor after which one is stopped")
    parser.add_argument("--all", action="store_true", help="larger sizes also where a smaller one was not done in time")
    given = parser.parse_args()
    load = f"load {os.getloadavg()[0]:.1f}"
    print(
        f"{date.today()}, {os.cpu_count()} CPUs, {load}, tactful {version('tactful')}, limit {given.limit:.0f} s of CPU.\n"
    )
    row(["case", "size", "s", "CPU s", "peak MB", "verdicts"])
    row(["---"] * 6)
    for case in [given.case] if given.case else CASES:
        run(case, given.limit, given.all)


if __name__ == "__main__":
    main()
