"""What every format for machines tells of a finding: flat entries, in the order of the text report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tactful.engine.messages import Language, Message, say
from tactful.engine.places import Problem
from tactful.engine.policy.policies import SEVERITIES
from tactful.engine.verdicts import Finding, Spot

from ..positions import Position, locate
from ..reading.profile import Complaint, Span
from ..run import Report

PLAN_INCOMPLETE = "plan-incomplete"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place of a finding, with a word about it."""

    where: Position
    label: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding: what, how bad, where, of whom; ``details`` are the lines that follow it in the text report."""

    rule: str
    severity: str
    verdict: str
    message: str
    where: Position
    who: str = ""
    details: tuple[str, ...] = ()
    help: str = ""
    related: tuple[Related, ...] = ()
    waived: str = ""
    """Why it does not count; empty: it does."""

    @property
    def fingerprint(self) -> str:
        """Of what it is about, never of a line: the rule and the campaign or group; of a slip of form its file and words."""
        about = self.who or f"{self.where.path}\0{self.message}" if self.rule.startswith("form/") else self.who
        return hashlib.sha256(f"{self.rule}\0{about}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def from_the_top(path: str, report: Report) -> str:
    """The path of a file as it is known in the checkout; what ships with Tactful is in none."""
    return path if path.startswith("tactful:") else report.below + path


MAX_RESULTS = 5000
"""How many results a server shows: GitHub keeps the 5,000 worst of a run, and refuses a run of more than 25,000."""


def worst_entries(report: Report, language: Language) -> tuple[list[Entry], Message | None]:
    """As many entries as a server shows, the worst ones, in the order of the report; and how many were left out."""
    room = MAX_RESULTS - len(report.slips) - len(report.problems)
    listed = [*report.findings, *report.waived, *report.known]
    left_out = len(listed) - max(room, 0)
    if left_out <= 0:
        return list(entries(report, language)), None
    counted = {id(finding) for finding in report.findings}
    ranked = sorted(listed, key=lambda f: (id(f) not in counted, SEVERITIES.index(f.severity)))
    kept = {id(finding) for finding in ranked[: max(room, 0)]}
    found, waived, known = (
        [finding for finding in some if id(finding) in kept] for some in (report.findings, report.waived, report.known)
    )
    shorter = replace(report, findings=found, waived=waived, known=known)
    said = say(
        "{n} more findings are left out: these are the worst {most}; --format json has all",
        "另有 {n} 条发现未列出：这里是最严重的 {most} 条；--format json 含全部",
        n=left_out,
        most=MAX_RESULTS,
    )
    return list(entries(shorter, language)), said


def entries(report: Report, language: Language) -> Iterator[Entry]:
    """Everything that stands, then what is waived or known from the baseline."""
    for path, complaint in report.slips:
        yield _slip(path, complaint, language)
    for problem in report.problems:
        yield _problem(problem, report, language)
    for finding in report.findings:
        if not is_incomplete(finding):
            yield _finding(finding, report, language, "")
    if grouped := [finding for finding in report.findings if is_incomplete(finding)]:
        yield _incomplete(grouped, report, language)
    for finding in report.waived:
        waiver = report.loaded.waivers[finding.covered_by[0]]
        why = say(
            "{reason}; approved by {by}, until {until}",
            "{reason}；批准人 {by}，至 {until}",
            reason=waiver.reason,
            by=waiver.approved_by,
            until=waiver.until,
        )
        yield _finding(finding, report, language, why.render(language))
    why = say("in the baseline, and no worse", "属于基线，且未变差")
    for finding in report.known:
        yield _finding(finding, report, language, why.render(language))


def headline(finding: Finding) -> Message:
    """The first line of a finding."""
    unproven = say("unproven: {message}", "未能证明：{message}", message=finding.message)
    return unproven if finding.verdict == "unproven" else finding.message


def is_incomplete(finding: Finding) -> bool:
    """Whether nothing but a part of the plan that was not read keeps a rule from being proved."""
    return finding.missing is not None and finding.missing.en.startswith("plan incomplete")


def unread_files(report: Report) -> list[str]:
    broken = report.loaded.plan.broken if report.loaded.plan else ()
    return sorted({report.loaded.file_of(name) for name in broken})


def incomplete_words(findings: list[Finding], report: Report) -> Message:
    return say(
        "unproven: {n} of the rules cannot be proved, because {files} could not be read or used",
        "未能证明：有 {n} 条规则无法证明，因为 {files} 无法读取或使用",
        n=len(findings),
        files=unread_files(report),
    )


def worst_of(findings: list[Finding]) -> str:
    return min((finding.severity for finding in findings), key=SEVERITIES.index)


def _incomplete(findings: list[Finding], report: Report, language: Language) -> Entry:
    """All of them as one, at the first file that could not be read."""
    rules = say("rules: {rules}", "规则：{rules}", rules=[finding.rule for finding in findings]).render(language)
    where = Position(next(iter(unread_files(report)), ""), Span(1, 1, 1, 1))
    message = incomplete_words(findings, report).render(language)
    return Entry(PLAN_INCOMPLETE, worst_of(findings), "unproven", message, where, PLAN_INCOMPLETE, (rules,))


def helped(entry: Entry, language: Language) -> list[str]:
    """The proposal as a line of its own, if there is one."""
    return [say("help: {help}", "建议：{help}", help=entry.help).render(language)] if entry.help else []


def whole_text(entry: Entry, language: Language) -> str:
    """Everything that is told of it, in lines."""
    return "\n".join([entry.message, *entry.details, *helped(entry, language)])


def worst_first(report: Report, language: Language) -> list[Entry]:
    """What counts, by severity."""
    counted = (entry for entry in entries(report, language) if not entry.waived)
    return sorted(counted, key=lambda entry: SEVERITIES.index(entry.severity))


def waived_lines(report: Report, language: Language) -> list[str]:
    """What is waived, a line each: for whom, until when, why and by whom."""
    return [waived_words(finding, report).render(language) for finding in report.waived]


def waived_words(finding: Finding, report: Report) -> Message:
    waiver = report.loaded.waivers[finding.covered_by[0]]
    return say(
        "waived: {rule} for {who} until {until} ({reason}; approved by {by})",
        "已豁免：{rule}（{who}）至 {until}（{reason}；批准人 {by}）",
        rule=finding.rule,
        who=finding.who,
        until=waiver.until,
        reason=waiver.reason,
        by=waiver.approved_by,
    )


def _slip(path: str, complaint: Complaint, language: Language) -> Entry:
    help = complaint.help.render(language) if complaint.help else ""
    message = complaint.message.render(language)
    return Entry(f"form/{complaint.code}", "error", "violated", message, Position(path, complaint.span), help=help)


def _problem(problem: Problem, report: Report, language: Language) -> Entry:
    help = problem.help.render(language) if problem.help else ""
    where = locate(problem.place, report.loaded)
    return Entry(
        f"form/{problem.code}", problem.severity, "violated", problem.message.render(language), where, help=help
    )


def _finding(finding: Finding, report: Report, language: Language, waived: str) -> Entry:
    return Entry(
        finding.rule,
        finding.severity,
        finding.verdict,
        headline(finding).render(language),
        locate(finding.spot.place, report.loaded),
        finding.who,
        tuple(line.render(language) for line in _details(finding)),
        finding.help.render(language) if finding.help else "",
        tuple(_related(spot, report, language) for spot in finding.related),
        waived,
    )


def _related(spot: Spot, report: Report, language: Language) -> Related:
    return Related(locate(spot.place, report.loaded), spot.label.render(language))


def _details(finding: Finding) -> Iterator[Message]:
    if finding.witness is not None:
        yield say("customer: {words}", "客户：{words}", words=finding.witness.words)
    if finding.missing is not None:
        yield say("missing: {missing}", "缺少：{missing}", missing=finding.missing)
    for assumption in finding.assumptions:
        yield say("assuming: {what}", "前提：{what}", what=assumption)
    if finding.before is not None:
        yield say("note: {what}", "说明：{what}", what=finding.before)
    if finding.because is not None:
        yield say("because: {why}", "原因：{why}", why=finding.because)
