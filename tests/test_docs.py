"""Every YAML, console and Python block of the documentation runs.

A ``yaml`` block that begins with ``# file: PATH`` is written there, in a scratch folder for each page; one that begins with
``# fragment`` need only be readable; any other is whole documents. In a ``console`` block each ``$`` line is run there, and
what follows is its whole output.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from tactful.checker.loaded import Loaded, raw_documents
from tactful.checker.loading import take
from tactful.checker.reading.profile import parse
from tactful.checker.reading.repository import SourceFile

from tests.running import ROOT, tactful

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
PAGES += sorted((ROOT / "docs" / "patterns").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_blocks_of_a_page(page: Path, tmp_path: Path) -> None:
    for found in BLOCK.finditer(page.read_text("utf-8")):
        kind, text = found[1], found[2]
        line = page.read_text("utf-8").count("\n", 0, found.start()) + 1
        if kind == "yaml":
            yaml_block(text, tmp_path, f"{page.name}:{line}")
        elif kind == "console":
            console_block(text, tmp_path, f"{page.name}:{line}")
        elif kind == "python":
            exec(compile(text, f"{page.name}:{line}", "exec"), {})  # noqa: S102


def yaml_block(text: str, folder: Path, where: str) -> None:
    first = text.split("\n", 1)[0]
    parsed = parse(text)
    named = re.fullmatch(r"# file: (\S+)", first)
    if named:
        path = folder / named[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.split("\n", 1)[1], "utf-8")
        return
    assert not parsed.complaints, (where, [c.message.render("en") for c in parsed.complaints])
    if first == "# fragment":
        return
    loaded = Loaded({})
    for raw in raw_documents(SourceFile(where, text, parsed)):
        take(raw, loaded)
    assert not loaded.problems, (where, [p.message.render("en") for p in loaded.problems])


def console_block(text: str, folder: Path, where: str) -> None:
    runs = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    assert runs, where
    for run in runs:
        command, _, expected = run.partition("\n")
        words = shlex.split(command)
        if words[0] == "tactful":
            ran = tactful(*words[1:], at=folder)
            output = ran.out + ran.err
        else:
            assert words[0] in ("cat", "cp", "rm", "git"), where
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)
            output = done.stdout + done.stderr
        assert output.rstrip("\n") == expected.rstrip("\n"), f"{where}: {command}"
