"""Runs the real command in this process, and compares whole outputs with what was kept."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SNAPSHOTS = Path(__file__).parent / "snapshots"
SCRATCH = tempfile.TemporaryDirectory(prefix="tactful-tests-")
PLAIN = {"TACTFUL_CACHE_DIR": str(Path(SCRATCH.name) / "cache"), "TERM": "dumb"}
"""A cache of the tests' own, and no terminal."""
UNSET = ("LANG", "LC_ALL", "LC_MESSAGES", "TACTFUL_DEBUG", "FORCE_COLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def tactful(*arguments: str | Path, at: Path, **environment: str) -> Ran:
    """The command as people run it, in a folder."""
    env = {name: value for name, value in os.environ.items() if name not in UNSET} | PLAIN | environment
    done = subprocess.run(
        [sys.executable, "-m", "tactful.checker", *map(str, arguments)],
        cwd=at,
        capture_output=True,
        env=env,
        timeout=120,
    )
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def same(name: str, text: str) -> None:
    """The whole text is as it was kept; TACTFUL_UPDATE=1 keeps it anew (look at the difference before you commit)."""
    path = SNAPSHOTS / name
    if os.environ.get("TACTFUL_UPDATE"):
        path.write_text(text, "utf-8")
    assert path.exists(), f"no snapshot {name}: run once with TACTFUL_UPDATE=1"
    assert text == path.read_text("utf-8")


def write(folder: Path, files: dict[str, str]) -> Path:
    """Writes files below a folder, and returns it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder
