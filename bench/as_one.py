"""What Conftest hands to combined rules, as one file of JSON, because opa takes one input.

Run as ``python -m bench.as_one FOLDER FILE``: a process of its own, since a child is said to use at least the memory of the process
that started it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml


def main(folder: Path, path: Path) -> None:
    files = sorted((folder / "campaigns").iterdir())
    whole = [
        {"path": f"campaigns/{file.name}", "contents": yaml.load(file.read_bytes(), yaml.CSafeLoader)} for file in files
    ]
    path.write_text(json.dumps(whole, default=str), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
