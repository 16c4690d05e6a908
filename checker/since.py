"""The check of a repository as a revision of git has it: what a change is compared with."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

from .baseline import Baseline, first
from .loading import load
from .revision import written_to
from .run import Report, check

NOTHING = Baseline()


def checked_at(revision: str, root: Path, as_of: date) -> Report:
    """The whole run, on the same day. Raises Refused where the revision cannot be had."""
    with tempfile.TemporaryDirectory(prefix="tactful-") as place:
        written_to(Path(place), root, revision)
        return check(load(Path(place)), as_of)


def known_since(revision: str, root: Path, as_of: date) -> Baseline:
    """What was found there, as a baseline."""
    return baseline_of(checked_at(revision, root, as_of))


def baseline_of(report: Report) -> Baseline:
    """All that stood: nothing, where it could not be checked."""
    return Baseline({known.about: known for known in first(report.findings)})
