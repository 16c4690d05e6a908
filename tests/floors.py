"""Prints the lowest versions that pyproject.toml allows the package itself, and for its tests those of the lock: see ``make floors``."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
ASKED = re.compile(r"([A-Za-z0-9_.-]+)\s*(?:(?:>=|==)\s*([0-9][0-9A-Za-z.]*))?")


def floors(root: Path) -> list[str]:
    """Lines for pip's ``--constraint``."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lowest = dict(_asked([*project["dependencies"], *extras["cel"]]))
    locked = dict(line.split("==") for line in (root / "requirements.lock").read_text("utf-8").split() if "==" in line)
    tools = {name for name, _ in _asked(extras["dev"])} - lowest.keys()
    return [
        f"{name}=={version}"
        for name, version in [
            *lowest.items(),
            *((n, locked[n.replace("pre-commit", "pre_commit")]) for n in sorted(tools)),
        ]
    ]


def _asked(requirements: list[str]) -> list[tuple[str, str]]:
    return [(found[1], found[2] or "") for one in requirements if (found := ASKED.match(one))]


if __name__ == "__main__":
    print("\n".join(floors(ROOT)))
