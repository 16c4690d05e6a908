"""The text report: findings as a compiler shows them, then one line that sums up."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from tactful.engine.messages import Language, Message, all_of, say
from tactful.engine.places import Problem
from tactful.engine.verdicts import Finding, Note

from ..console import clean
from ..positions import Position, locate
from ..reading.profile import Complaint
from ..run import Report
from ..terminal import PLAIN, Style
from .entries import PLAN_INCOMPLETE, headline, incomplete_words, is_incomplete, waived_lines, worst_of
from .page import Page

MAX_RELATED = 6
MAX_ALIKE = 20
"""So many findings of one rule are shown in full."""
MAX_NAMED = 20
"""Of so many others the campaigns are named."""


def render(report: Report, language: Language, style: Style = PLAIN) -> str:
    """The whole report as text, with a line end."""
    page = Page(report.loaded, language, style)
    for path, complaint in report.slips:
        show_slip(page, path, complaint)
    for problem in report.problems:
        show_problem(page, problem)
    grouped = [f for f in report.findings if is_incomplete(f)]
    for rule, findings in groupby((f for f in report.findings if not is_incomplete(f)), key=lambda f: f.rule):
        _show_rule(page, rule, list(findings))
    if grouped:
        _incomplete(page, grouped, report)
    for note in report.notes:
        show_note(page, note)
    _waived(page, report)
    if report.usage is not None:
        page.head("error", "usage", report.usage)
    page.lines.append(page.say(summary(report)))
    return "\n".join(page.lines) + "\n"


def _show_rule(page: Page, rule: str, findings: list[Finding]) -> None:
    """The worst findings of a rule as they are; of all others where they are."""
    if len(findings) <= MAX_ALIKE:
        for finding in findings:
            show_finding(page, finding)
        return
    ranked = sorted(range(len(findings)), key=lambda n: (_badness(findings[n]), n))
    shown = set(ranked[:MAX_ALIKE])
    for number, finding in enumerate(findings):
        if number in shown:
            show_finding(page, finding)
    rest = [finding for number, finding in enumerate(findings) if number not in shown]
    page.head(worst_of(rest), rule, say("{n} more findings of this rule", "该规则另有 {n} 项发现", n=len(rest)))
    page.margin = 0
    names = [finding.who for finding in rest]
    more = say(" and {n} more", " 等另外 {n} 个", n=len(names) - MAX_NAMED) if len(names) > MAX_NAMED else say("", "")
    page.more(("campaigns", "活动"), say("{names}{more}", "{names}{more}", names=names[:MAX_NAMED], more=more))
    page.more(("help", "建议"), say("--format json tells all of them in full", "--format json 会完整列出全部"))
    page.lines.append("")


def _badness(finding: Finding) -> tuple[bool, float]:
    """The worst first: what is violated, and by how much."""
    measure = finding.measure
    by = abs(float(measure.is_) - float(measure.limit)) if measure is not None else 0.0
    return (finding.verdict != "violated", -by)


def show_slip(page: Page, path: str, complaint: Complaint) -> None:
    page.head("error", f"form/{complaint.code}", complaint.message)
    page.frame([(Position(path, complaint.span), None)])
    if complaint.help is not None:
        page.more(("help", "建议"), complaint.help)
    page.lines.append("")


def show_problem(page: Page, problem: Problem) -> None:
    page.head(problem.severity, f"form/{problem.code}", problem.message)
    page.frame([(locate(problem.place, page.loaded), None)])
    if problem.help is not None:
        page.more(("help", "建议"), problem.help)
    page.lines.append("")


def show_note(page: Page, note: Note) -> None:
    page.head(note.severity, note.code, note.message)
    page.frame([(locate(note.place, page.loaded), None)])
    if note.help is not None:
        page.more(("help", "建议"), note.help)
    page.lines.append("")


def show_finding(page: Page, finding: Finding) -> None:
    page.head(finding.severity, finding.rule, headline(finding))
    related = list(finding.related)
    shown = related if len(related) <= MAX_RELATED else [*related[: MAX_RELATED - 1], related[-1]]
    spots = [(locate(spot.place, page.loaded), spot.label) for spot in (finding.spot, *shown)]
    page.frame(_merged([spots[0], *spots[1:]]))
    if len(shown) < len(related):
        page.more(
            ("note", "说明"),
            say(
                "{n} more " + ("touch is" if len(related) - len(shown) == 1 else "touches are") + " not shown",
                "另有 {n} 次触达未列出",
                n=len(related) - len(shown),
            ),
        )
    if finding.witness is not None:
        page.more(("customer", "客户"), finding.witness.words)
    if finding.table:
        page.table(finding.table)
    if finding.missing is not None:
        page.more(("missing", "缺少"), finding.missing)
    for assumption in finding.assumptions:
        page.more(("assuming", "前提"), assumption)
    if finding.more:
        page.more(
            ("note", "说明"),
            say(
                "{n} more of this campaign " + ("breaks" if finding.more == 1 else "break") + " this rule",
                "该活动另有 {n} 处违反此规则",
                n=finding.more,
            )
            if finding.campaign is not None
            else say("at least {n} more like this", "此类情形至少另有 {n} 处", n=finding.more),
        )
    if finding.before is not None:
        page.more(("note", "说明"), finding.before)
    if finding.because is not None:
        page.more(("because", "原因"), finding.because)
    if finding.help is not None:
        page.more(("help", "建议"), finding.help)
    page.lines.append("")


def _merged(spots: list[tuple[Position, Message | None]]) -> list[tuple[Position, Message | None]]:
    """Several sends of one repeated touch stand at one place: their labels are joined."""
    merged: dict[Position, list[Message]] = {spots[0][0]: []}
    for position, label in [*spots[1:], spots[0]]:
        merged.setdefault(position, []).extend([label] if label is not None else [])
    return [(position, _joined(labels)) for position, labels in merged.items()]


def _joined(labels: list[Message]) -> Message | None:
    return all_of(labels, "; ", "；") if labels else None


def _incomplete(page: Page, findings: list[Finding], report: Report) -> None:
    """One block for all that could not be proved because a part of the plan was not read."""
    page.head(worst_of(findings), PLAN_INCOMPLETE, incomplete_words(findings, report))
    page.margin = 0
    page.more(("rules", "规则"), say("{rules}", "{rules}", rules=[f.rule for f in findings]))
    page.lines.append("")


def _waived(page: Page, report: Report) -> None:
    page.lines += [clean(line) for line in waived_lines(report, page.language)]
    if report.waived:
        page.lines.append("")


def summary(report: Report) -> Message:
    """``checked 214 campaigns, 9 services, 17 rules: 1 error, 2 warnings, 1 unproven, 3 waived (1 ends in 6 days)``."""
    counts = Counter(f.severity for f in report.findings if f.verdict == "violated")
    counts.update(p.severity for p in report.problems)
    counts["error"] += len(report.slips)
    unproven = sum(1 for f in report.findings if f.verdict == "unproven")
    if report.form_only:
        looked: Message = say(
            "read {n} " + _noun(report.size.files, "file", "files"),
            "读取 {n} 个文件",
            n=report.size.files,
        )
    elif report.answer is None or report.loaded.plan is None:
        looked = say("nothing was checked", "未进行检查")
    else:
        looked = _looked(report)
    parts = [_counted(counts["error"], "error", "errors", "个错误")]
    parts += [
        _counted(n, one, many, zh)
        for n, one, many, zh in (
            (counts["warning"], "warning", "warnings", "个警告"),
            (counts["info"], "info", "infos", "条提示"),
        )
        if n
    ]
    if unproven:
        parts.append(_counted(unproven, "unproven", "unproven", "项未能证明"))
    if report.waived:
        parts.append(_waived_part(report))
    if report.known:
        parts.append(_counted(len(report.known), "known", "known", "项已在基线中"))
    if report.exit_code == 3:
        parts = [
            say(
                "nothing is planned on or after {day}, so nothing was checked",
                "{day} 当天及之后没有任何计划，因此未检查任何内容",
                day=report.as_of,
            )
        ]
    if report.notes:
        parts.append(_counted(len(report.notes), "note", "notes", "条说明"))
    if report.usage is not None:
        parts = [_counted(1, "error", "errors", "个错误")]
    elif all(part.args.get("n") == 0 for part in parts):
        parts = [say("nothing to report", "没有发现问题")]
    return say(
        "{looked}: {parts}{horizon}", "{looked}：{parts}{horizon}", looked=looked, parts=parts, horizon=_horizon(report)
    )


def _looked(report: Report) -> Message:
    size = report.size
    parts = [_counted(size.campaigns, "campaign", "campaigns", "个活动")]
    if size.services:
        parts.append(_counted(size.services, "service", "services", "项服务"))
    if size.offers:
        parts.append(_counted(size.offers, "offer", "offers", "项优惠"))
    parts.append(_counted(report.rules, "rule", "rules", "条规则"))
    return say("checked {parts}", "检查了 {parts}", parts=parts)


def _horizon(report: Report) -> Message:
    if report.answer is None or report.answer.horizon is None:
        return say("", "")
    return say(" (endless repeats followed to {day})", "（无结束日期的重复推演至 {day}）", day=report.answer.horizon)


def _waived_part(report: Report) -> Message:
    base = _counted(len(report.waived), "waived", "waived", "项已豁免")
    ends = report.decided.next_end if report.decided else None
    if ends is None:
        return base
    return say(
        "{base} (1 ends in {days} days)" if ends != 1 else "{base} (1 ends tomorrow)",
        "{base}（最早的一项 {days} 天后到期）",
        base=base,
        days=ends,
    )


def _counted(n: int, one: str, many: str, zh: str) -> Message:
    return say("{n} " + _noun(n, one, many), "{n} " + zh, n=n)


def _noun(n: int, one: str, many: str) -> str:
    return one if n == 1 else many
