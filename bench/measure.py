"""Whole processes in turn on the same files: seconds of CPU and of the clock, peak memory, and the machine's load."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LONG = 20.0
"""Seconds after which a tool is not run again on plans of that size."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one round of a tool took; ``turn`` pairs it with the other tools' of the same round."""

    turn: int
    cpu: float
    wall: float
    memory: float


@dataclass
class Tool:
    """One command line in one folder; several processes where the files are too many for one command line."""

    name: str
    commands: list[list[str]]
    expected: tuple[int, ...] = (0,)
    shows: str = ""
    """What its output holds when it did its work: some exit with 1 both for findings and for having done nothing."""
    before: Callable[[int], None] | None = None
    """What is done before each run and not counted; it is given the number of the turn."""
    runs: list[Run] = field(default_factory=list)
    said: str = ""
    failed: str = ""

    @property
    def cpu(self) -> float:
        return statistics.median(run.cpu for run in self.runs)

    @property
    def wall(self) -> float:
        return statistics.median(run.wall for run in self.runs)

    @property
    def memory(self) -> float:
        return max(run.memory for run in self.runs)


@dataclass
class Table:
    """What was measured on plans of one size: the first tool is the one that ratios are to."""

    work: str
    size: int
    tools: list[Tool]
    load: tuple[float, float]
    left_out: dict[str, str] = field(default_factory=dict)
    """Names of tools that were not run on this size, and why."""

    def named(self, name: str) -> Tool | None:
        return next((tool for tool in self.tools if tool.name == name and tool.runs), None)


class Failed(Exception):
    """A tool did not do what it was run for."""


def environment(home: Path) -> dict[str, str]:
    """The same few variables for every process."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "NO_COLOR": "1",
        "NO_UPDATE_NOTIFIER": "1",
    }


def chunks(start: Sequence[str], files: Iterable[str]) -> list[list[str]]:
    """``start`` with all files, in as many command lines as the system's limit makes necessary (as xargs does)."""
    most = os.sysconf("SC_ARG_MAX") // 2
    lines: list[list[str]] = []
    room = 0
    for file in files:
        room -= len(file) + 1 + 8
        if room < 0:
            lines.append([*start])
            room = most
        lines[-1].append(file)
    return lines


def _process(tool: Tool, command: Sequence[str], folder: Path, env: dict[str, str], turn: int) -> Run:
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(max(0, output.seek(0, os.SEEK_END) - 2000))
        said = output.read().decode("utf-8", "replace").strip()
    if process.returncode not in tool.expected or tool.shows not in said:
        raise Failed(f"exit code {process.returncode}: {said[-300:]}")
    tool.said = (said.splitlines() or [""])[-1]
    return Run(turn, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def run(tool: Tool, folder: Path, env: dict[str, str], turn: int) -> Run:
    """Runs the tool once, all its processes one after the other."""
    if tool.before is not None:
        tool.before(turn)
    parts = [_process(tool, command, folder, env, turn) for command in tool.commands]
    return Run(turn, sum(p.cpu for p in parts), sum(p.wall for p in parts), max(p.memory for p in parts))


def _turn(tools: Sequence[Tool], folder: Path, env: dict[str, str], turn: int, long: float) -> None:
    for tool in tools:
        if tool.failed or (tool.runs and tool.runs[-1].wall > long):
            continue
        try:
            tool.runs.append(run(tool, folder, env, turn))
        except (Failed, OSError) as error:
            tool.failed, tool.runs = str(error), []


def in_turn(tools: Sequence[Tool], folder: Path, times: int, warm: bool, long: float = LONG) -> tuple[float, float]:
    """A B C A B C ..., ``times`` times; the load of the last minute, lowest and highest, as it was before each round.

    ``warm`` runs each once before, for bytecode and the system's own cache of files. What failed is not run again.
    """
    env = environment(folder.parent)
    if warm:
        _turn(tools, folder, env, -1, long)
        for tool in tools:
            tool.runs = []
    loads = []
    for turn in range(times):
        loads.append(os.getloadavg()[0])
        _turn(tools, folder, env, turn, long)
    return min(loads), max(loads)


def ratio(tool: Tool, first: Tool, of: Callable[[Run], float]) -> float:
    """How many times as much as the first: the median over the rounds that both were run in."""
    beside = {run.turn: of(run) for run in first.runs}
    return statistics.median(of(run) / beside[run.turn] for run in tool.runs if run.turn in beside)
