"""Side by side with the peers, in one run: a plan that nothing is known of, then the hook.

Run as ``python -m bench.peers --tools FOLDER``, where FOLDER is where the peers were installed (what is missing says how); Tactful is
run as it lies in this Python. ``--sizes 1,100 --runs 3,3`` makes it shorter, ``--huge`` adds 50,000 campaigns once. Prints Markdown to be
pasted into ``bench/README.md`` and writes a chart. Seconds of CPU stand before those of the clock: on a shared machine they
are the steadier of the two.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import cold, hook
from bench.chart import drawn
from bench.goals import against
from bench.installed import Installed, machine
from bench.measure import LONG, Table
from bench.tables import markdown

HUGE = 50_000


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, help="the folder that the peers were installed into")
    parser.add_argument("--sizes", default="1,100,1000,10000", help="numbers of campaigns, growing")
    parser.add_argument("--runs", default="9,7,5,3", help="rounds for each size")
    parser.add_argument("--huge", action="store_true", help="50,000 campaigns as well, in one round")
    parser.add_argument("--hook-sizes", default="1,1000,10000", help="numbers of campaigns for the hook; '' for none")
    parser.add_argument("--hook-runs", default="9,5,3", help="rounds for each of them")
    parser.add_argument("--long", type=float, default=LONG, help="a tool that takes more seconds is run once a size")
    parser.add_argument("--most", type=float, default=300.0, help="a peer that would take more seconds is left out")
    parser.add_argument("--chart", type=Path, default=Path(__file__).parent / "chart.svg", help="where the chart goes")
    return parser.parse_args()


def _pairs(sizes: str, runs: str) -> list[tuple[int, int]]:
    return [(int(size), int(times)) for size, times in zip(sizes.split(","), runs.split(","), strict=True) if size]


def _cold(base: Path, given: argparse.Namespace, at: Installed) -> Iterator[Table]:
    before: Table | None = None
    for size, times in [*_pairs(given.sizes, given.runs), *([(HUGE, 1)] if given.huge else [])]:
        before = cold.measure(base, size, at, cold.Effort(times, given.long, given.most), before)
        yield before
        cold.removed(base, size)


def _hook(base: Path, given: argparse.Namespace) -> Iterator[Table]:
    for size, times in _pairs(given.hook_sizes, given.hook_runs if given.hook_sizes else ""):
        yield hook.measure(base, size, times)
        cold.removed(base, size)


def main() -> None:
    given = _given()
    at = Installed(given.tools)
    print(f"{machine()}; {at.versions()}.", *at.missing(), sep="\n\n", flush=True)
    tables: list[Table] = []
    with tempfile.TemporaryDirectory(prefix="tactful-peers-") as folder:
        for measured in (_cold(Path(folder), given, at), _hook(Path(folder), given)):
            for table in measured:
                print(f"\n{markdown(table)}", flush=True)
                tables.append(table)
    print(f"\n{against(tables)}")
    given.chart.write_text(drawn(tables), "utf-8")


if __name__ == "__main__":
    main()
