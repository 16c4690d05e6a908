"""Which peers are on this machine, where, in which version, and how to have those that are not."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SHOWN = ("tactful", "pydantic", "PyYAML", "typer")


@dataclass(frozen=True, slots=True)
class Peer:
    """A program: the name of its command and how it is installed into a folder of its own."""

    command: str
    install: str


PEERS = (
    Peer("conftest", "GOBIN={folder}/bin go install github.com/open-policy-agent/conftest@latest"),
    Peer("opa", "GOBIN={folder}/bin go install github.com/open-policy-agent/opa@latest"),
    Peer("spectral", "npm install --ignore-scripts --prefix {folder} @stoplight/spectral-cli"),
    Peer("ajv", "npm install --ignore-scripts --prefix {folder} ajv-cli"),
    Peer("check-jsonschema", "python3 -m venv {folder}/py && {folder}/py/bin/pip install check-jsonschema"),
    Peer("yamllint", "python3 -m venv {folder}/py && {folder}/py/bin/pip install yamllint"),
)


class Installed:
    """The peers that are there: in ``--tools FOLDER`` first, then beside this Python, then on the PATH."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        within = ("", "bin", "node_modules/.bin", "py/bin")
        places = [str(folder.resolve() / name) for name in within] if folder is not None else []
        path = os.pathsep.join([*places, str(Path(sys.executable).parent), os.environ["PATH"]])
        self._at = {peer.command: shutil.which(peer.command, path=path) for peer in PEERS}

    def at(self, command: str) -> str | None:
        return self._at[command]

    def missing(self) -> list[str]:
        """A line for each peer that is not there: how to have it."""
        folder = self._folder or Path("/tmp/peers")  # noqa: S108  # an example in a message
        return [
            f"`{peer.command}` is not installed: `{peer.install.format(folder=folder)}`, then `--tools {folder}`"
            for peer in PEERS
            if self._at[peer.command] is None
        ]

    def versions(self) -> str:
        named = [f"{name} {version(name)}" for name in SHOWN]
        named += [f"{command} {_version(command, place)}" for command, place in self._at.items() if place is not None]
        return ", ".join(named)


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _version(command: str, place: str) -> str:
    """Of what npm installed its package's; of what Go built its module's, if Go is there; else what it says itself."""
    for folder in Path(place).resolve().parents:
        if (package := folder / "package.json").is_file() and "node_modules" in folder.parts:
            return str(json.loads(package.read_text("utf-8"))["version"])
    built = re.search(r"\tmod\t\S+\tv(\S+)", _said("go", "version", "-m", place))
    said = built or re.search(r"(\d+\.\d+\S*)", _said(place, "--version") or _said(place, "version"))
    return said.group(1) if said else "of unknown version"


def machine() -> str:
    node = _said("node", "--version").strip().removeprefix("v")
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}" + (f", Node {node}" if node else "")
    )
