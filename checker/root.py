"""Where a repository of campaigns begins, seen from a folder in it."""

from __future__ import annotations

import os
from pathlib import Path

from .reading.repository import FOLDERS, ROOT_FILES, SETTINGS


def root_of(folder: Path) -> Path:
    """The folder itself, or the nearest above with a ``tactful.yaml``; never above the work tree of git.

    A folder that holds campaigns or policies in their usual places is a repository of its own, whatever is above it.
    """
    if not os.path.isdir(folder) or any(os.path.lexists(folder / name) for name in (*FOLDERS, *ROOT_FILES)):
        return folder
    try:
        here = Path(os.path.realpath(folder))
    except OSError:
        return folder
    for up, around in enumerate((here, *here.parents)):
        if os.path.isfile(around / SETTINGS):
            return folder.joinpath(*[".."] * up)
        if os.path.lexists(around / ".git"):
            break
    return folder
