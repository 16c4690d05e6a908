"""A plan that nothing is known of: the whole check beside the floor of a process and beside the peers on the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.installed import Installed
from bench.make_plan import CITIES, make
from bench.measure import LONG, Table, Tool, chunks, in_turn

WORK = "Cold"
CHECK = "`tactful check`"
FORM = "`tactful check --form`"
TYPER = "empty Typer command"
FLOOR = "floor: start, read, libyaml, pydantic"
EACH = "conftest, rules for each file"
COMBINED = "conftest `--combine`, whole plan"
EVALUATED = "`opa eval`, whole plan, JSON made before"
SPECTRAL = "Spectral"
AJV = "ajv"

HERE = Path(__file__).parent
RULES = HERE / "rules"
SCHEMA = HERE.parent / "schemas" / "campaign.schema.json"
AS_OF = "2026-03-01"
"""Before the first touch of the plans, so that nothing is passed over as past."""
FINDINGS = (0, 1)
"""Smaller plans leave a gap of more than 90 days, which is a finding of the floor."""
WARM = 1_000
"""Up to this many campaigns all is run once before."""
PER_CITY = 250
"""Plans of more than 10,000 campaigns have more cities, so that a customer gets no more."""

EMPTY_TYPER = """import typer
app = typer.Typer()
@app.command()
def nothing() -> None: ...
app()
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How often, and how long at most: a tool over ``long`` seconds is run once, a peer that would take ``most`` not at all."""

    times: int
    long: float = LONG
    most: float = 300.0


def made(base: Path, size: int) -> Path:
    """The plan of that size, where the rest of this run can find it again."""
    folder = base / f"plan-{size}"
    if not folder.exists():
        make(folder, size, cities=max(len(CITIES), size // PER_CITY))
    return folder


def empty_typer(base: Path) -> Tool:
    script = base / "empty_typer.py"
    script.write_text(EMPTY_TYPER, "utf-8")
    return Tool(TYPER, [[sys.executable, str(script)]])


def _files(folder: Path) -> list[str]:
    return sorted(f"campaigns/{entry.name}" for entry in os.scandir(folder / "campaigns"))


def _own(folder: Path, base: Path) -> list[Tool]:
    check = [sys.executable, "-m", "tactful.checker", "check"]
    floor = [sys.executable, str(HERE / "floor.py"), str(folder)]
    return [
        Tool(CHECK, [[*check, "--no-cache", "--jobs", "1", "--as-of", AS_OF]], FINDINGS, "checked"),
        Tool(FORM, chunks([*check, "--form"], _files(folder)), shows="read"),
        empty_typer(base),
        Tool(FLOOR, [floor], shows="read"),
    ]


def _rego(folder: Path, at: Installed) -> list[Tool]:
    """Conftest's 1 may be a finding or rules that can not be read: only with the former it says how many tests ran."""
    found = []
    if conftest := at.at("conftest"):
        test = [conftest, "test", "--policy", str(RULES)]
        found.append(Tool(EACH, [[*test, "campaigns"]], shows="0 failures"))
        whole = [*test, "--combine", "--namespace", "plan", "campaigns"]
        found.append(Tool(COMBINED, [whole], FINDINGS, "4 tests"))
    if opa := at.at("opa"):
        read = [f"--data={RULES / name}.rego" for name in ("campaign", "plan")]
        command = [opa, "eval", "--format", "raw", *read, f"--input={_as_one(folder)}", "data.plan.deny"]
        found.append(Tool(EVALUATED, [command], shows="["))
    return found


def _as_one(folder: Path) -> Path:
    path = folder.parent / f"{folder.name}.json"
    subprocess.run([sys.executable, "-m", "bench.as_one", str(folder), str(path)], check=True, cwd=HERE.parent)
    return path


def _formal(folder: Path, at: Installed) -> list[Tool]:
    """Checkers of the form of each file alone, and of its layout."""
    found = []
    if spectral := at.at("spectral"):
        command = [spectral, "lint", "--ruleset", str(RULES / "spectral.yaml"), "campaigns/*.yaml"]
        found.append(Tool(SPECTRAL, [command], shows="No results"))
    if ajv := at.at("ajv"):
        command = [ajv, "validate", "--spec=draft2020", "--strict=false", "-s", str(SCHEMA), "-d", "campaigns/*.yaml"]
        found.append(Tool(AJV, [command], shows=" valid"))
    if schema := at.at("check-jsonschema"):
        found.append(
            Tool("check-jsonschema", chunks([schema, "--schemafile", str(SCHEMA)], _files(folder)), shows="ok")
        )
    if yamllint := at.at("yamllint"):
        found.append(Tool("yamllint -d relaxed", [[yamllint, "-d", "relaxed", "campaigns"]]))
    return found


def _too_long(tool: Tool, size: int, before: Table | None, most: float) -> str:
    """Why a peer is left out, going by what it took on the plan before; nothing where it is not."""
    if before is None or before.size < WARM:  # there most of it is the start
        return ""
    if tool.name in before.left_out:
        return "as on the plan before"
    known = before.named(tool.name)
    if known is None:
        return ""
    expected = known.wall * size / before.size
    return f"it would take about {expected:.0f} s" if expected > most else ""


def measure(base: Path, size: int, at: Installed, effort: Effort, before: Table | None) -> Table:
    """All tools that are installed, in turn, on a plan of ``size`` campaigns."""
    folder = made(base, size)
    peers = [*_rego(folder, at), *_formal(folder, at)]
    why = {tool.name: _too_long(tool, size, before, effort.most) for tool in peers}
    todo = [*_own(folder, base), *(tool for tool in peers if not why[tool.name])]
    load = in_turn(todo, folder, effort.times, size <= WARM, effort.long)
    return Table(WORK, size, todo, load, {name: reason for name, reason in why.items() if reason})


def removed(base: Path, size: int) -> None:
    shutil.rmtree(base / f"plan-{size}", ignore_errors=True)
    (base / f"plan-{size}.json").unlink(missing_ok=True)
