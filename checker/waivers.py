"""The one place that decides which findings are waived."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

from tactful.engine.policy.waivers import Waiver
from tactful.engine.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Decided:
    """Findings that stand and that are waived; waivers (by number) that cover nothing, and that have ended."""

    standing: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    unused: tuple[int, ...]
    ended: tuple[int, ...]
    next_end: int | None
    """Days until the first of the waivers in use ends; None where none is in use or all have ended."""


def decide(findings: Sequence[Finding], waivers: Sequence[Waiver], as_of: date, asked: Set[str]) -> Decided:
    """A finding is waived when the engine found each of its sets covered. A verdict that is unproven never is."""
    waived = tuple(f for f in findings if f.covered_by and f.verdict == "violated")
    standing = tuple(f for f in findings if f not in waived)
    used = {index for finding in waived for index in finding.covered_by}
    relevant = [i for i, waiver in enumerate(waivers) if waiver.waive in asked]
    ended = tuple(i for i in relevant if waivers[i].until < as_of)
    ends = [(waivers[i].until - as_of).days for i in used if waivers[i].until >= as_of]
    unused = tuple(i for i in relevant if i not in used and i not in ended)
    return Decided(standing, waived, unused, ended, min(ends, default=None))
