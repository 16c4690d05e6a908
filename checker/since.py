"""The check of a repository as a revision of git has it: what a change is compared with."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from .baseline import Baseline, first
from .loading import load
from .revision import written_to
from .run import Report, check

NOTHING = Baseline()


def checked_at(
    revision: str, root: Path, as_of: date, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Report:
    """The whole run, on the same day. Raises Refused where the revision cannot be had."""
    with tempfile.TemporaryDirectory(prefix="tactful-") as place:
        written_to(Path(place), root, revision)
        return check(load(Path(place)), as_of, select, ignore)


def known_since(
    revision: str, root: Path, as_of: date, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Baseline:
    """What was found there, as a baseline: nothing, where it could not be checked."""
    was = checked_at(revision, root, as_of, select, ignore)
    return Baseline({known.about: known for known in first(was.findings)})
