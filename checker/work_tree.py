"""The work tree of git around a repository of campaigns."""

from __future__ import annotations

import os
from pathlib import Path


def work_tree(folder: Path) -> Path:
    """The work tree of git around a folder, by its real path; the folder itself where there is none."""
    here = Path(os.path.realpath(folder))
    return next((around for around in (here, *here.parents) if os.path.lexists(around / ".git")), here)


def below_work_tree(root: Path) -> str:
    """What stands before the paths of a repository where they are told from the top of the work tree: ``marketing/``."""
    inside = os.path.relpath(os.path.realpath(root), work_tree(root)).replace(os.sep, "/")
    return "" if inside == "." else f"{inside}/"
