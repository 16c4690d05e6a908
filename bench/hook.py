"""The hook on a large repository: a first run, one with one campaign changed, one with nothing changed, and the floor.

Run as ``python -m bench.hook`` (``--sizes 10,1000,10000``, ``--runs 5``). Prints Markdown. The cache is a folder of its own,
removed before each first run; a campaign is changed before each run of the second kind.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench.make_plan import make
from bench.peers import AS_OF, Tool, environment, floors, run

FINDINGS = (0, 1)


def commands() -> dict[str, Tool]:
    """What is run, by what it shows."""
    check = [sys.executable, "-m", "tactful.checker", "check", "--as-of", AS_OF]
    form = [sys.executable, "-m", "tactful.checker", "check", "--form", "campaigns/campaign-00000.yaml"]
    named = {
        "without a cache, one process": [*check, "--no-cache", "--jobs", "1"],
        "first run": check,
        "one campaign changed": check,
        "one campaign changed, one process": [*check, "--jobs", "1"],
        "nothing changed": check,
        "`--form` of the one changed": form,
    }
    return {name: Tool(name, [command], FINDINGS) for name, command in named.items()}


def touch(folder: Path, number: int) -> None:
    """Changes the title of one campaign, so that nothing of it is known."""
    path = folder / "campaigns" / "campaign-00000.yaml"
    path.write_text(path.read_text("utf-8").replace("title: ", f"title: {number} "), "utf-8")


def measure(base: Path, size: int, times: int) -> list[Tool]:
    folder, env = base / f"plan-{size}", environment(base)
    make(folder, size)
    tools = commands()
    idle = floors(base)
    for number in range(times):
        for name, tool in tools.items():
            if name == "first run":
                shutil.rmtree(base / ".cache", ignore_errors=True)
            if name.startswith("one campaign"):
                touch(folder, number)
            run(tool, folder, env)
        for tool in idle:
            run(tool, folder, env)
    shutil.rmtree(folder)
    return [*tools.values(), *idle]


def table(size: int, done: list[Tool]) -> str:
    first = statistics.median(done[0].wall)
    lines = [
        f"### {size:,} campaigns, {len(done[0].wall)} runs in turn",
        "",
        "| | wall s: min / median / max | CPU s: median | wall, ratio to the first |",
        "|---|---|---|---|",
    ]
    for tool in done:
        middle = statistics.median(tool.wall)
        lines.append(
            f"| {tool.name} | {min(tool.wall):.2f} / {middle:.2f} / {max(tool.wall):.2f} "
            f"| {statistics.median(tool.cpu):.2f} | {middle / first:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10,1000,10000", help="numbers of campaigns")
    parser.add_argument("--runs", type=int, default=5, help="runs for each size")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tactful-hook-") as made:
        for size in (int(n) for n in given.sizes.split(",")):
            print(f"\n{table(size, measure(Path(made), size, given.runs))}", flush=True)


if __name__ == "__main__":
    main()
