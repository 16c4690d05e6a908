"""The hook on a large repository: nothing known, nothing changed, one campaign changed, beside an empty Typer command.

Run as ``python -m bench.hook`` (``--sizes 1,1000,10000``, ``--runs 9,5,3``); ``python -m bench.peers`` runs it too. Prints
Markdown. The cache is a folder of its own, which knows the plan as it was before each change; each change is a new one.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from bench.cold import AS_OF, FINDINGS, empty_typer, made, removed
from bench.measure import Table, Tool, environment, in_turn, run
from bench.tables import markdown

WORK = "The hook"
COLD = "without a cache, one process"
FIRST = "first run, which fills the cache"
NOTHING = "nothing changed"
CHANGED = "one campaign changed"
CHANGED_ALONE = "one campaign changed, one process"
FORM = "`--form` of the one changed"


class _Edits:
    """A fresh edit of one campaign for each run that asks for one."""

    def __init__(self, folder: Path) -> None:
        files = sorted((folder / "campaigns").iterdir())
        self._path = files[len(files) // 2]
        self._text = self._path.read_text("utf-8")
        self._made = 0

    @property
    def path(self) -> str:
        return f"campaigns/{self._path.name}"

    def another(self, _: int) -> None:
        """The title, and the hour of the touches: what a rule looks at as well."""
        self._made += 1
        hour = 10 + self._made % 8
        text = self._text.replace("title: ", f"title: {self._made} ", 1)
        lines = [f"    at: {line.split()[1]} {hour}:15" if "    at: " in line else line for line in text.splitlines()]
        self._path.write_text("\n".join(lines) + "\n", "utf-8")


def _tools(folder: Path) -> list[Tool]:
    """In this order: what comes after the first run finds the cache as that one left it, and so on."""
    check = [sys.executable, "-m", "tactful.checker", "check", "--as-of", AS_OF]
    edits = _Edits(folder)

    def forgotten(_: int) -> None:
        shutil.rmtree(folder.parent / ".cache", ignore_errors=True)

    def tool(name: str, *more: str) -> Tool:
        return Tool(name, [[*check, *more]], FINDINGS, "checked")

    cold, first, nothing = tool(COLD, "--no-cache", "--jobs", "1"), tool(FIRST), tool(NOTHING)
    changed, alone = tool(CHANGED), tool(CHANGED_ALONE, "--jobs", "1")
    form = Tool(FORM, [[*check[:-2], "--form", edits.path]], FINDINGS, "read")
    first.before, changed.before, alone.before = forgotten, edits.another, edits.another
    return [empty_typer(folder.parent), cold, first, nothing, changed, alone, form]


def measure(base: Path, size: int, times: int) -> Table:
    """The runs of a hook, in turn, on a plan of ``size`` campaigns; nothing is left out because it takes long."""
    folder = made(base, size)
    tools = _tools(folder)
    run(tools[1], folder, environment(base), -1)  # for bytecode and the system's own cache of files
    load = in_turn(tools, folder, times, warm=False, long=float("inf"))
    return Table(WORK, size, tools, load)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1,1000,10000", help="numbers of campaigns")
    parser.add_argument("--runs", default="9,5,3", help="runs for each size")
    given = parser.parse_args()
    sizes, runs = [int(n) for n in given.sizes.split(",")], [int(n) for n in given.runs.split(",")]
    with tempfile.TemporaryDirectory(prefix="tactful-hook-") as folder:
        for size, times in zip(sizes, runs, strict=True):
            print(f"\n{markdown(measure(Path(folder), size, times))}", flush=True)
            removed(Path(folder), size)


if __name__ == "__main__":
    main()
