"""Whole processes beside each other on the same files: Tactful, checkers of form, and the floor of a Python process.

Run as ``python -m bench.peers`` (``--sizes 1,1000`` and ``--runs 5,3`` to make it shorter, ``--no-spectral`` without
npm). Prints Markdown. CPU seconds are said next to wall seconds: on a shared machine they are the steadier of the two.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from bench.make_plan import make

SCHEMA = Path(__file__).parent.parent / "schemas" / "campaign.schema.json"
AS_OF = "2026-03-01"
"""Before the first touch of the plans, so that nothing is passed over as past."""

EMPTY_TYPER = """import typer
app = typer.Typer()
@app.command()
def nothing() -> None: ...
app()
"""

RULESET = """rules:
  campaign-name:
    given: $
    severity: error
    then: {field: campaign, function: pattern, functionOptions: {match: "^[a-z0-9-]+$"}}
  status:
    given: $
    severity: error
    then: {field: status, function: enumeration, functionOptions: {values: [draft, planned, ended, cancelled]}}
  owner:
    given: $
    severity: error
    then: {field: owner, function: truthy}
  touch-channel:
    given: $.touches[*]
    severity: error
    then: {field: channel, function: truthy}
  touch-at:
    given: $.touches[*]
    severity: error
    then: {field: at, function: pattern, functionOptions: {match: "^[0-9]{4}-[0-9]{2}-[0-9]{2} "}}
"""


@dataclass
class Tool:
    """One command line in one folder; several processes where the files are too many for one command line."""

    name: str
    commands: list[list[str]]
    expected: tuple[int, ...] = (0,)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    said: str = ""


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


def chunks(start: Sequence[str], files: Sequence[str]) -> list[list[str]]:
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


def run(tool: Tool, folder: Path, env: dict[str, str]) -> None:
    """Runs the tool once and adds its seconds and its peak of memory; a wrong exit code ends the benchmark."""
    wall = cpu = peak = 0.0
    for command in tool.commands:
        with tempfile.TemporaryFile() as output:
            start = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            wall += time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            said = output.read()[-2000:].decode("utf-8", "replace").strip()
            if process.returncode not in tool.expected:
                raise SystemExit(f"{tool.name}: exit code {process.returncode}\n{said}")
            tool.said = (said.splitlines() or [""])[-1]
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    tool.wall.append(wall)
    tool.cpu.append(cpu)
    tool.memory.append(peak)


def tools(folder: Path, spectral: list[str] | None) -> list[Tool]:
    """What is run on a plan; the first is the one that ratios are to."""
    script = Path(sys.executable).parent
    files = sorted(str(path.relative_to(folder)) for path in (folder / "campaigns").iterdir())
    python = sys.executable
    findings = (0, 1)  # the floor of 90 days stands in plans of 10,000; with fewer campaigns check exits with 1
    found = [
        Tool(
            "tactful check",
            [[python, "-m", "tactful.checker", "check", "--no-cache", "--jobs", "1", "--as-of", AS_OF]],
            findings,
        ),
        Tool("tactful check --form", chunks([python, "-m", "tactful.checker", "check", "--form"], files)),
        Tool("check-jsonschema", chunks([str(script / "check-jsonschema"), "--schemafile", str(SCHEMA)], files)),
        Tool("yamllint -d relaxed", [[str(script / "yamllint"), "-d", "relaxed", "campaigns"]]),
    ]
    if spectral is not None:
        found.append(
            Tool("spectral lint", [[*spectral, "lint", "--quiet", "--ruleset", "../ruleset.yaml", "campaigns/*.yaml"]])
        )
    return found


def floors(folder: Path) -> list[Tool]:
    """What a process costs that does nothing."""
    empty = folder / "empty_typer.py"
    empty.write_text(EMPTY_TYPER, "utf-8")
    return [
        Tool("python -c pass", [[sys.executable, "-c", "pass"]]),
        Tool("empty Typer command", [[sys.executable, str(empty)]]),
    ]


def install_spectral(folder: Path) -> tuple[list[str] | None, str]:
    """Installs Spectral from the npm registry into a folder; how to call it, and its version or why there is none."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None, "not run: no npm here"
    try:
        subprocess.run(
            [
                npm,
                "install",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--prefix",
                str(folder),
                "@stoplight/spectral-cli",
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        program = folder / "node_modules" / "@stoplight" / "spectral-cli" / "dist" / "index.js"
        number = subprocess.run([node, str(program), "--version"], check=True, capture_output=True, text=True).stdout
        node_number = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"not run: could not be installed ({type(error).__name__})"
    return [node, str(program)], f"{number.strip()} on Node {node_number.strip()}"


def table(size: int, done: Sequence[Tool]) -> str:
    """One Markdown table; ratios of medians to the first tool."""
    wall, cpu = statistics.median(done[0].wall), statistics.median(done[0].cpu)
    several = "campaign" if size == 1 else "campaigns"
    lines = [
        f"### {size:,} {several}, {len(done[0].wall)} runs in turn",
        "",
        "| | wall s: min / median / max | CPU s: median | peak MB | wall, ratio | CPU, ratio | processes |",
        "|---|---|---|---|---|---|---|",
    ]
    for tool in done:
        middle, used = statistics.median(tool.wall), statistics.median(tool.cpu)
        lines.append(
            f"| `{tool.name}` | {min(tool.wall):.2f} / {middle:.2f} / {max(tool.wall):.2f} | {used:.2f} "
            f"| {max(tool.memory):.0f} | {middle / wall:.2f} | {used / cpu:.2f} | {len(tool.commands)} |"
        )
    return "\n".join([*lines, "", f"`{done[0].name}` said: {done[0].said}."])


def facts(spectral: str) -> str:
    """The machine and the versions of everything that ran."""
    packages = ("tactful", "pydantic", "PyYAML", "typer", "check-jsonschema", "ruamel.yaml", "yamllint")
    named = ", ".join(f"{name} {version(name)}" for name in packages)
    load = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {named}; Spectral {spectral}. Load before the runs: {load}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1,1000,10000", help="numbers of campaigns")
    parser.add_argument("--runs", default="9,5,3", help="runs for each size")
    parser.add_argument("--no-spectral", action="store_true", help="leave Spectral out")
    given = parser.parse_args()
    sizes, runs = [int(n) for n in given.sizes.split(",")], [int(n) for n in given.runs.split(",")]
    with tempfile.TemporaryDirectory(prefix="tactful-peers-") as made:
        base = Path(made)
        env = environment(base)
        (base / "ruleset.yaml").write_text(RULESET, "utf-8")
        spectral, number = (None, "not run") if given.no_spectral else install_spectral(base / "npm")
        print(facts(number), flush=True)
        for size, times in zip(sizes, runs, strict=True):
            folder = base / f"plan-{size}"
            make(folder, size)
            todo = tools(folder, spectral) + (floors(base) if size == min(sizes) else [])
            if size <= 1000:
                for tool in todo:
                    run(tool, folder, env)  # once before, for bytecode and the file cache
                    tool.wall, tool.cpu, tool.memory = [], [], []
            for _ in range(times):
                for tool in todo:
                    run(tool, folder, env)
            print(f"\n{table(size, todo)}", flush=True)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
