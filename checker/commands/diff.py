"""``tactful diff``: what a change does to the findings, beside a revision of git."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tactful.engine.messages import Language, Message, all_of, say
from tactful.engine.policy.policies import SEVERITIES
from tactful.engine.verdicts import Finding

from ..console import Refused, clean, day_option, language_of, out
from ..differing import ORDER, Difference, differences
from ..faults import has_faults, is_faulty
from ..loading import load
from ..positions import locate
from ..report.entries import from_the_top, headline
from ..report.markdown import ICONS, escaped
from ..root import root_of
from ..run import Report, check
from ..since import baseline_of, checked_at
from ..work_tree import below_work_tree

FORMATS = ("text", "json", "markdown")
MARK = "<!-- tactful:diff -->"
"""By which the comment on a pull request is found again, to be edited in place."""
MOST = 50
WORDS = {
    "new": ("new", "新增"),
    "worse": ("worse", "变差"),
    "better": ("better", "变好"),
    "mended": ("mended", "已解决"),
    "same": ("as before", "未变"),
}
SIGNS = {"new": "✗", "worse": "↑", "better": "↓", "mended": "✓"}


def run(revision: str, folder: Path, as_of: str | None, language: str | None, form: str, fail_on: str) -> int:
    """1 where something at or above the failing severity is new or worse, 3 where nothing is planned, else 0.

    Refuses files with faults: beside them what is no longer found may only not have been read.
    """
    if form not in FORMATS:
        raise Refused(
            say(
                "no format '{word}'; there are {known}",
                "没有格式“{word}”；可用 {known}",
                word=form,
                known=list(FORMATS),
            )
        )
    if fail_on not in SEVERITIES:
        message = say(
            "no severity '{word}'; there are {known}",
            "没有级别“{word}”；可用 {known}",
            word=fail_on,
            known=list(SEVERITIES),
        )
        raise Refused(message)
    root = root_of(folder)
    loaded = load(root)
    day = day_option(as_of, loaded.timezone)
    if is_faulty(loaded):
        raise Refused(has_faults(loaded))
    chosen = language_of(language, loaded.settings)
    was = checked_at(revision, root, day)
    now = check(loaded, day, fail_on=fail_on, since=baseline_of(was), mend=map)
    if now.answer is None:
        raise Refused(has_faults(loaded))
    now.below = below_work_tree(root)
    found = differences(was.findings, [*now.findings, *now.known])
    renders = {"text": _text, "json": _json, "markdown": _markdown}
    out(renders[form](found, was, now, chosen))
    limit = SEVERITIES.index(fail_on)
    bad = [one for one in found if one.how in ("new", "worse") and SEVERITIES.index(one.finding.severity) <= limit]
    return 2 if now.defects else 1 if bad else 3 if now.exit_code == 3 else 0


def summary(found: Sequence[Difference], was: Report, now: Report) -> Message:
    """``this change: 1 new, 2 mended; 13 as before``."""
    counts = Counter(one.how for one in found)
    parts = [
        say("{n} " + WORDS[how][0], "{n} 项" + WORDS[how][1], n=counts[how])
        for how in ORDER
        if how != "same" and counts[how]
    ]
    told = (
        all_of(parts, ", ", "，")
        if parts
        else say("no finding is new, worse, better or mended", "没有新增、变差、变好或已解决的发现")
    )
    same = say("; {n} as before", "；{n} 项未变", n=counts["same"]) if counts["same"] else say("", "")
    if now.exit_code == 3:
        return say(
            "nothing is planned on or after {day}, so nothing was compared",
            "{day} 当天及之后没有任何计划，因此未作比较",
            day=now.as_of,
        )
    base = (
        say(" (the base could not be checked: all that is found is told as new)", "（基准无法检查：所有发现都算新增）")
        if was.answer is None
        else say("", "")
    )
    return say("this change: {told}{same}{base}", "本次改动：{told}{same}{base}", told=told, same=same, base=base)


def _measure(one: Difference) -> str:
    """``4 of 2 → 5 of 2``: as it was, and as it is."""
    shown = [_of(finding) for finding in (one.was, one.now) if finding is not None]
    return " → ".join(dict.fromkeys(part for part in shown if part))


def _of(finding: Finding) -> str:
    """``5/2``: how much, of how much; ``×3``: at so many sends; ``?``: not proven."""
    if finding.verdict == "unproven":
        return "?"
    measure = f"{finding.measure.is_}/{finding.measure.limit}" if finding.measure is not None else ""
    return f"{measure} ×{finding.more + 1}".strip() if finding.more and finding.campaign is not None else measure


def _text(found: Sequence[Difference], was: Report, now: Report, language: Language) -> str:
    lines = []
    for one in found:
        if one.how == "same":
            continue
        finding = one.finding
        measure = f"  ({_measure(one)})" if _measure(one) else ""
        lines.append(
            f"{SIGNS[one.how]} {WORDS[one.how][language == 'zh']}  {finding.severity}[{finding.rule}]  {finding.who}{measure}"
        )
        if one.now is not None:
            lines.append(f"    {headline(finding).render(language)}")
            where = locate(one.now.spot.place, now.loaded)
            lines.append(f"    {where.path}:{where.span.line}:{where.span.column}")
            if one.now.help is not None:
                lines.append("    " + say("help: {help}", "建议：{help}", help=one.now.help).render(language))
    lines.append(summary(found, was, now).render(language))
    return "".join(f"{clean(line)}\n" for line in lines)


def _json(found: Sequence[Difference], was: Report, now: Report, language: Language) -> str:
    def told(finding: Finding | None) -> dict[str, Any] | None:
        if finding is None:
            return None
        measure = finding.measure
        return {
            "verdict": finding.verdict,
            "severity": finding.severity,
            "message": finding.message.render(language),
            "measure": {"is": float(measure.is_), "limit": float(measure.limit)} if measure else None,
            "help": finding.help.render(language) if finding.help else None,
        }

    listed = [
        {
            "how": one.how,
            "rule": one.finding.rule,
            "campaign": one.finding.campaign,
            "group": one.finding.group,
            "was": told(one.was),
            "now": told(one.now),
        }
        for one in found
    ]
    counts = Counter(one.how for one in found)
    text = {"version": 1, "summary": {how: counts[how] for how in ORDER}, "differences": listed}
    return json.dumps(text, ensure_ascii=True, indent=2) + "\n"


def _markdown(found: Sequence[Difference], was: Report, now: Report, language: Language) -> str:
    """The comment on a pull request: what this change does, not what stands since before."""
    zh = language == "zh"
    lines = [MARK, f"### {escaped('tactful: ' + summary(found, was, now).render(language))}", ""]
    listed = [one for one in found if one.how != "same"]
    if listed:
        head = (
            ("", "活动", "规则", "此前 → 现在", "位置") if zh else ("", "campaign", "rule", "before → after", "where")
        )
        lines += ["| " + " | ".join(head) + " |", "|---|---|---|---|---|"]
        lines += [_row(one, now, language) for one in listed[:MOST]]
        lines.append("")
    if len(listed) > MOST:
        lines += [say("{n} more are not shown", "另有 {n} 项未列出", n=len(listed) - MOST).render(language), ""]
    for one in listed[:MOST]:
        if one.now is not None and one.how in ("new", "worse"):
            lines += _told(one.now, language)
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(one: Difference, now: Report, language: Language) -> str:
    finding = one.finding
    where = ""
    if one.now is not None:
        place = locate(one.now.spot.place, now.loaded)
        where = escaped(f"{from_the_top(place.path, now)}:{place.span.line}")
    cells = [
        f"{SIGNS[one.how]} {WORDS[one.how][language == 'zh']}",
        escaped(finding.who),
        escaped(finding.rule),
        escaped(_measure(one)),
        where,
    ]
    return "| " + " | ".join(cells) + " |"


def _told(finding: Finding, language: Language) -> list[str]:
    lines = [f"- {ICONS[finding.severity]} **{escaped(finding.who)}** {escaped(headline(finding).render(language))}"]
    if finding.witness is not None:
        who = say("customer: {words}", "客户：{words}", words=finding.witness.words)
        lines.append(f"  - {escaped(who.render(language))}")
    if finding.help is not None:
        lines.append(f"  - {escaped(say('help: {help}', '建议：{help}', help=finding.help).render(language))}")
    return lines
