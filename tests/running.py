"""Runs the real command, and compares whole outputs with what was kept.

``tactful`` calls it in this process, which is what most tests want; ``tactful_process`` starts one, as people do.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


def environment_of(environment: dict[str, str]) -> dict[str, str]:
    """This process's environment without what the tests must not depend on, and with what they set."""
    return {name: value for name, value in os.environ.items() if name not in UNSET} | PLAIN | environment


def tactful(*arguments: str | Path, at: Path, **environment: str) -> Ran:
    """The command in a folder, called in this process: the same texts and exit code, in a tenth of the time."""
    written = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(stream, encoding="utf-8", write_through=True) for stream in written]
    with _as_if(["tactful", *map(str, arguments)], at, environment_of(environment), streams):
        from tactful.checker import cli, options, spread
        from tactful.checker.console import language_of

        patience, spread.PATIENCE = spread.PATIENCE, float("inf")  # one process: this one may have threads
        try:
            if language_of(options._stated(sys.argv[1:])) != options.HERE:
                importlib.reload(options)
                importlib.reload(cli)  # help and usage are in the language of the command line
            cli.run()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            spread.PATIENCE = patience
            gc.enable()
    return Ran(code, *(stream.getvalue().decode("utf-8") for stream in written))


@contextmanager
def _as_if(argv: list[str], at: Path, environment: dict[str, str], streams: list[io.TextIOWrapper]) -> Iterator[None]:
    """As if the process had been started there, so; all is put back."""
    kept = os.environ.copy(), os.getcwd(), sys.argv, sys.stdout, sys.stderr
    try:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(at)
        sys.argv, sys.stdout, sys.stderr = argv, *streams
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept[0])
        os.chdir(kept[1])
        sys.argv, sys.stdout, sys.stderr = kept[2:]


def tactful_process(*arguments: str | Path, at: Path, **environment: str) -> Ran:
    """The command as people run it, in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tactful.checker", *map(str, arguments)],
        cwd=at,
        capture_output=True,
        env=environment_of(environment),
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
