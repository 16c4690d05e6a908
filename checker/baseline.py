"""The baseline: findings that were there when the gate was set up. It only shrinks, and keeps how bad each was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tactful.engine.messages import Message, count, say
from tactful.engine.verdicts import Finding

from .reading.profile import Complaint, Span
from .reading.repository import BASELINE, read_bytes

MAX_BYTES = 5_000_000


class Known(BaseModel):
    """One finding of the baseline: what it is about, how far it went (a number as text; None: it has no measure) and how often."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rule: str
    campaign: str | None = None
    group: str | None = None
    verdict: Literal["violated", "unproven"] = "violated"
    measure: str | None = Field(default=None, pattern=r"^-?[0-9]{1,200}(\.[0-9]{1,200})?$")
    times: int = 1

    @property
    def about(self) -> tuple[str, str | None, str | None]:
        """What it is known by, as a finding is."""
        return (self.rule, self.campaign, self.group)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: Literal[1]
    findings: list[Known]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings by what they are about; what is wrong with the file, if something is."""

    known: dict[tuple[str, str | None, str | None], Known] = field(default_factory=dict)
    complaint: Complaint | None = None

    def of(self, finding: Finding) -> Known | None:
        """What it holds of a finding, however that is now."""
        return self.known.get(finding.about)

    def with_all_of(self, other: Baseline) -> Baseline:
        """Both together; where both know of a finding, what the other holds counts."""
        return Baseline({**self.known, **other.known}, self.complaint) if other.known else self

    def holds(self, finding: Finding) -> bool:
        """Whether a finding is known, and no worse than it was."""
        known = self.of(finding)
        return known is not None and known.verdict == finding.verdict and not _worse(finding, known)


def was(finding: Finding, known: Known) -> Message:
    """What the baseline holds of a finding that is worse now."""
    parts = []
    if known.measure is not None:
        parts.append(say("{n}", "{n}", n=Decimal(known.measure)))
    if known.times > 1 or _times(finding) > known.times:
        parts.append(count(known.times, "time", "times", "处"))
    if known.verdict == "unproven" != finding.verdict:
        parts.append(say("not proven", "未能证明"))
    return say("in the baseline it was {parts}", "基线中为 {parts}", parts=parts or [say("another one", "另一情形")])


def read_baseline(root: Path) -> Baseline:
    """The baseline of a repository; empty where there is none."""
    if not (root / BASELINE).exists() and not (root / BASELINE).is_symlink():
        return Baseline()
    data = read_bytes(root, BASELINE, MAX_BYTES)
    if isinstance(data, Complaint):
        return Baseline(complaint=data)
    try:
        found = _File.model_validate_json(data)
    except (ValidationError, RecursionError):
        message = say("this is no baseline that can be read", "无法将此文件读作基线")
        help = say(
            "take it from an earlier commit (where two were merged, either will do), then run tactful baseline",
            "请从较早的提交中取回（若为合并冲突，任取其一），再运行 tactful baseline",
        )
        return Baseline(complaint=Complaint("baseline", message, Span(1, 1, 1, 1), help))
    return Baseline({known.about: known for known in found.findings})


def first(findings: Sequence[Finding]) -> list[Known]:
    """A baseline of everything that stands."""
    return [_known(finding) for finding in findings]


def shrunk(baseline: Baseline, findings: Sequence[Finding]) -> list[Known]:
    """What is left of a baseline: what is still found, at most as bad as it was. Nothing new enters."""
    kept = []
    for finding in findings:
        known = baseline.of(finding)
        if known is not None:
            kept.append(_known(finding) if baseline.holds(finding) else known)
    return kept


def written(known: Sequence[Known]) -> str:
    """The file, the same for the same findings."""
    ordered = sorted(known, key=lambda k: (k.rule, k.campaign or "", k.group or ""))
    listed: list[dict[str, Any]] = [k.model_dump(exclude_none=True, exclude_defaults=True) for k in ordered]
    return json.dumps({"version": 1, "findings": listed}, ensure_ascii=False, indent=2) + "\n"


def _known(finding: Finding) -> Known:
    measure = format(Decimal(finding.measure.is_).normalize(), "f") if finding.measure is not None else None
    verdict: Any = finding.verdict
    return Known(
        rule=finding.rule,
        campaign=finding.campaign,
        group=finding.group,
        verdict=verdict,
        measure=measure,
        times=_times(finding),
    )


def _times(finding: Finding) -> int:
    """How often the rule is broken there. What stands in no campaign tells only that there is more, not how much."""
    return 1 + finding.more if finding.campaign is not None else 1


def _worse(finding: Finding, known: Known) -> bool:
    """More often than it was, or further from what is allowed: more where it is too much, less where it is too little."""
    if _times(finding) > known.times:
        return True
    if finding.measure is None or known.measure is None:
        return (finding.measure is None) != (known.measure is None)
    was, now = Decimal(known.measure), Decimal(finding.measure.is_)
    return now > was if now > finding.measure.limit else now < was
