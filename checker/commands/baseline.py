"""``tactful baseline``."""

from __future__ import annotations

from pathlib import Path

from tactful.engine.messages import Message, count, say

from ..baseline import first, read_baseline, shrunk, written
from ..console import Refused, clean, day_option, language_of, out, write_whole
from ..loading import load
from ..reading.repository import BASELINE
from ..root import root_of
from ..run import check


def run(folder: Path, as_of: str | None, language: str | None) -> int:
    """Writes the baseline where there is none, else lets it shrink; never lets anything in."""
    folder = root_of(folder)
    loaded = load(folder)
    chosen = language_of(language, loaded.settings)
    day = day_option(as_of, loaded.timezone)
    baseline = read_baseline(folder)
    if baseline.complaint is not None:
        raise Refused(say("{file}: {why}", "{file}：{why}", file=BASELINE, why=baseline.complaint.message))
    report = check(loaded, day)
    if report.answer is None or report.defects:
        raise Refused(
            say(
                "nothing was checked; run tactful check first and mend what it says",
                "未进行检查；请先运行 tactful check 并修正",
            )
        )
    new = not (folder / BASELINE).exists()
    kept = first(report.findings) if new else shrunk(baseline, report.findings)
    write_whole(folder / BASELINE, written(kept))
    out(clean(_said(new, len(baseline.known), len(kept), len(report.findings)).render(chosen)) + "\n")
    return 0


def _said(new: bool, before: int, kept: int, found: int) -> Message:
    findings = count(kept, "finding", "findings", "项发现")
    if new:
        return say("{file}: {findings} written", "已把 {findings}写入 {file}", file=BASELINE, findings=findings)
    return say(
        "{file}: {findings} kept, {gone} gone; {outside} outside it",
        "{file}：保留 {findings}，移除 {gone} 项；另有 {outside} 项不在其中",
        file=BASELINE,
        findings=findings,
        gone=before - kept,
        outside=found - kept,
    )
