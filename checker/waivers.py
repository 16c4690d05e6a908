"""The one place that decides which findings stand, which are waived and which were known before."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from tactful.engine.policy.waivers import Waiver
from tactful.engine.verdicts import Finding

from .baseline import Baseline, was


@dataclass(frozen=True, slots=True)
class Decided:
    """Findings that stand, that are waived and that a baseline knows; waivers (by number) that cover nothing, and that have ended."""

    standing: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    known: tuple[Finding, ...]
    unused: tuple[int, ...]
    ended: tuple[int, ...]
    next_end: int | None
    """Days until the first of the waivers in use ends; None where none is in use or all have ended."""


def decide(
    findings: Sequence[Finding], waivers: Sequence[Waiver], as_of: date, asked: Set[str], baseline: Baseline
) -> Decided:
    """A finding is waived when the engine found each of its sets covered. A verdict that is unproven never is.

    What no waiver covers may be known from the baseline, if it is no worse than it was.
    """
    waived = tuple(f for f in findings if f.covered_by and f.verdict == "violated")
    left = tuple(f for f in findings if f not in waived)
    known = tuple(f for f in left if baseline.holds(f))
    standing = tuple(_beside(f, baseline) for f in left if f not in known)
    used = {index for finding in waived for index in finding.covered_by}
    relevant = [i for i, waiver in enumerate(waivers) if waiver.waive in asked]
    ended = tuple(i for i in relevant if waivers[i].until < as_of)
    ends = [(waivers[i].until - as_of).days for i in used if waivers[i].until >= as_of]
    unused = tuple(i for i in relevant if i not in used and i not in ended)
    return Decided(standing, waived, known, unused, ended, min(ends, default=None))


def _beside(finding: Finding, baseline: Baseline) -> Finding:
    """A finding that is worse than the baseline holds it says so."""
    known = baseline.of(finding)
    return replace(finding, before=was(finding, known)) if known is not None else finding
