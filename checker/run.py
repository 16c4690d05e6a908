"""One run of the check: load, evaluate, decide what counts, and the exit code."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tactful.engine.documents import PLANNED
from tactful.engine.evaluate import BUDGET, Each, defect_of, evaluate
from tactful.engine.messages import Message, did_you_mean, nearest, say
from tactful.engine.places import Place, Problem
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.policy.policies import SEVERITIES
from tactful.engine.policy.waivers import Waiver
from tactful.engine.verdicts import Answer, Defect, Finding, Note

from .baseline import Baseline
from .loaded import Loaded
from .loading import usable
from .positions import locate
from .reading.profile import Complaint
from .reading.repository import BASELINE, FOLDERS, is_yaml
from .waivers import Decided, decide

if TYPE_CHECKING:
    from tactful.engine.proposals import Each as Mend

NO_BASELINE = Baseline()
MAX_PROBLEMS = 100
"""How many faults of one file are shown."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in a repository."""

    files: int
    campaigns: int = 0
    services: int = 0
    offers: int = 0


@dataclass
class Report:
    """Everything that a run has to say, before it is put into a format."""

    loaded: Loaded
    as_of: date
    findings: list[Finding] = field(default_factory=list)
    waived: list[Finding] = field(default_factory=list)
    known: list[Finding] = field(default_factory=list)
    """Findings of the baseline, no worse than they were: they do not count."""
    notes: list[Note] = field(default_factory=list)
    slips: list[tuple[str, Complaint]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    answer: Answer | None = None
    decided: Decided | None = None
    rules: int = 0
    held: Set[str] = frozenset()
    """Rules that were not asked: they are known to hold."""
    size: Size = Size(0)
    fail_on: str = "error"
    usage: Message | None = None
    form_only: bool = False
    below: str = ""
    """What stands before its paths where they are told from the top of the work tree."""

    @property
    def exit_code(self) -> int:
        """2 wins over 1, 1 over 3."""
        if self.usage is not None or self.unusable or self.defects:
            return 2
        limit = SEVERITIES.index(self.fail_on)
        counted = (
            [f.severity for f in self.findings] + [p.severity for p in self.problems] + ["error"] * len(self.slips)
        )
        if any(SEVERITIES.index(severity) <= limit for severity in counted):
            return 1
        if self.form_only:
            return 0
        return 3 if self.answer is None or self.answer.looked_at == 0 else 0

    @property
    def defects(self) -> Sequence[Defect]:
        """Where the program itself failed: the rest is answered, and no gate may take it for a pass."""
        return self.answer.defects if self.answer is not None else ()

    @property
    def unusable(self) -> bool:
        """Whether policies, vocabulary, customers or configuration have a fault, so that no verdict could be trusted."""
        faults = [(p.place.document, p.severity) for p in self.problems if p.severity == "error"]
        return any(not self._is_plan(document) for document, _ in faults) or any(
            not self._file_is_plan(path) for path, _ in self.slips
        )

    def _is_plan(self, document: str) -> bool:
        kind = self.loaded.kinds.get(document)
        if kind is not None:
            return kind in PLANNED
        return self._file_is_plan(self.loaded.file_of(document))

    def _file_is_plan(self, path: str) -> bool:
        return usable(path) and self._kinds_in.get(path, set()) <= set(PLANNED)

    @cached_property
    def _kinds_in(self) -> dict[str, set[str]]:
        """The kinds of document in each file."""
        found: dict[str, set[str]] = {}
        for document, kind in self.loaded.kinds.items():
            found.setdefault(self.loaded.file_of(document), set()).add(kind)
        return found


def form(loaded: Loaded) -> Report:
    """What is wrong with the form of the files, each alone."""
    return Report(loaded, date.min, slips=loaded.slips, problems=_in_order(loaded), size=_size(loaded), form_only=True)


def _size(loaded: Loaded) -> Size:
    plan, files = loaded.plan, len(loaded.sources)
    return Size(files, len(plan.campaigns), len(plan.services), len(plan.offers)) if plan is not None else Size(files)


def check(
    loaded: Loaded,
    as_of: date,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    fail_on: str = "error",
    budget: int = BUDGET,
    baseline: Baseline = NO_BASELINE,
    since: Baseline = NO_BASELINE,
    each: Each = map,
    held: Set[str] = frozenset(),
    mend: Mend | None = None,
) -> Report:
    """Asks the rules that are selected and not ignored over what was loaded; those that are known to hold are not asked.

    ``since`` is what was found at an earlier time: like what the baseline holds, it does not count again.
    ``mend`` shares out what is tried for the findings, as ``each`` shares out the rules; None: nothing is tried.
    """
    report = Report(loaded, as_of, slips=loaded.slips, problems=_in_order(loaded), size=_size(loaded), fail_on=fail_on)
    if baseline.complaint is not None:
        report.slips = [*report.slips, (BASELINE, baseline.complaint)]
    report.usage = _usage(loaded, [*select, *ignore])
    if report.usage is not None or report.unusable or loaded.plan is None:
        return report
    chosen = [
        r for r in loaded.rules if (not select or _named(r.id, r.kind, select)) and not _named(r.id, r.kind, ignore)
    ]
    rules = [rule for rule in chosen if rule.id not in held]
    report.held = held & {rule.id for rule in chosen}
    answer = evaluate(loaded.plan, rules, as_of, loaded.waivers, budget, each)
    report.answer, report.rules = answer, len(rules)
    report.problems += answer.problems
    asked = {rule.id for rule in rules}
    decided = decide(answer.findings, loaded.waivers, as_of, asked, baseline.with_all_of(since))
    report.findings, report.waived, report.decided = list(decided.standing), list(decided.waived), decided
    report.known = list(decided.known)
    if mend is not None and report.findings:
        report.findings = _mended_by(report, answer, chosen, mend)
    report.problems += _waiver_problems(report, answer, decided)
    report.notes = [*_pack_notes(answer.notes), *_loading_notes(report), *_mended(report, answer, baseline, asked)]
    return report


def _mended_by(report: Report, answer: Answer, rules: Sequence[LinkedRule[Any]], mend: Mend) -> list[Finding]:
    """The findings that count, with what mends them under all rules that were chosen."""
    from tactful.engine.proposals import proposed
    from tactful.engine.trials import Asked

    loaded = report.loaded
    assert loaded.plan is not None  # noqa: S101  # else there would be no findings
    stand = [finding for finding in answer.findings if not finding.covered_by]
    asked = Asked(loaded.plan, rules, report.as_of, loaded.waivers)
    try:
        return proposed(asked, report.findings, stand, mend)
    except Exception as error:  # the verdicts stand without what was to be proposed
        report.answer = replace(answer, defects=(*answer.defects, defect_of("proposals", error)))
        return report.findings


def _mended(report: Report, answer: Answer, baseline: Baseline, asked: Set[str]) -> list[Note]:
    """What the baseline still holds and nobody finds any more, mended or past: as long as it is there it may come back unseen."""
    found = {finding.about for finding in answer.findings}
    gone = [known for key, known in baseline.known.items() if key not in found and known.rule in asked]
    if not gone or report.loaded.broken:
        return []
    message = say(
        "{n} of the baseline " + ("is" if len(gone) == 1 else "are") + " no longer found",
        "基线中有 {n} 项已不再出现",
        n=len(gone),
    )
    help = say(
        "run tactful baseline, so that they cannot come back unseen",
        "请运行 tactful baseline 缩减基线，否则同样的问题再出现时不会报错",
    )
    return [Note("baseline-shrinks", "info", message, Place(BASELINE), help)]


def _in_order(loaded: Loaded) -> list[Problem]:
    """The problems as one meets them in the files, each once."""

    def position(problem: Problem) -> tuple[str, int, int]:
        found = locate(problem.place, loaded)
        return (found.path, found.span.line, found.span.column)

    once = {(p.code, p.place, p.message.render("en")): p for p in loaded.problems}
    ordered = sorted(once.values(), key=position)
    kept: list[Problem] = []
    number: Counter[str] = Counter()
    for problem in ordered:
        file = loaded.file_of(problem.place.document)
        number[file] += 1
        if number[file] <= MAX_PROBLEMS:
            kept.append(problem)
    for file, count in number.items():
        if count > MAX_PROBLEMS:
            message = say(
                "{n} more faults in this file are not shown", "该文件另有 {n} 处错误未列出", n=count - MAX_PROBLEMS
            )
            kept.append(Problem("more", message, Place(file)))
    return kept


def _named(rule: str, kind: str, names: Sequence[str]) -> bool:
    """A rule is named by its id, its policy, its own name or its kind."""
    policy, _, own = rule.partition("/")
    return any(name in (rule, policy, own, kind) for name in names)


def _usage(loaded: Loaded, names: Sequence[str]) -> Message | None:
    known = {n for rule in loaded.rules for n in (rule.id, rule.id.split("/")[0], rule.id.split("/")[1], rule.kind)}
    for name in names:
        if name not in known:
            return say(
                "no rule, policy or kind '{name}' to select or ignore{help}",
                "没有可选择或忽略的规则、政策或类型“{name}”{help}",
                name=name,
                help=say(": {h}", "：{h}", h=h) if (h := did_you_mean(name, known)) else say("", ""),
            )
    return None


def _pack_notes(notes: Sequence[Note]) -> list[Note]:
    """A rule of a pack that matches nothing is no slip of the operator: all of them are one note."""
    idle = [n for n in notes if n.code == "matches-nothing" and n.place.document.startswith("tactful:")]
    if not idle:
        return list(notes)
    rules = [n.message.args["rule"] for n in idle]
    message = say(
        "rules of a pack that match no touch of this plan: {rules}",
        "规则包中有规则没有匹配到本计划的任何触达：{rules}",
        rules=rules,
    )
    return [*(n for n in notes if n not in idle), Note("matches-nothing", "info", message, idle[0].place)]


def _loading_notes(report: Report) -> list[Note]:
    notes = []
    loaded = report.loaded
    if loaded.misnamed:
        message = say(
            "files that are not read, because of their ending: {files}{more}",
            "以下文件因扩展名而未被读取：{files}{more}",
            **_some_of(loaded.misnamed),
        )
        help = say("name them .yaml, or move them elsewhere", "请改名为 .yaml，或移到别处")
        notes.append(Note("unread-file", "warning", message, Place(loaded.misnamed[0]), help))
    empty = [path for path, file in loaded.sources.items() if is_yaml(path) and not file.parsed.documents]
    if empty:
        message = say(
            "files in which nothing stands: {files}{more}", "以下文件中没有内容：{files}{more}", **_some_of(empty)
        )
        help = say("write the document, or remove the file", "请写入文档内容，或删除该文件")
        notes.append(Note("empty-file", "warning", message, Place(empty[0]), help))
    if loaded.unread:
        message = say(
            "YAML files that stand in no place that is read: {files}{more}",
            "以下 YAML 文件不在读取范围内：{files}{more}",
            **_some_of(loaded.unread),
        )
        help = say(
            "move them into campaigns/, services/, offers/ or policies/, or name their folder under places in tactful.yaml",
            "请移入 campaigns/、services/、offers/ 或 policies/，或在 tactful.yaml 的 places 中写明其文件夹",
        )
        folders = {path.partition("/")[0] for path in loaded.unread if "/" in path} - set(FOLDERS)
        guess = next((did_you_mean(name, FOLDERS) for name in sorted(folders) if nearest(name, FOLDERS)), None)
        notes.append(Note("unread-file", "info", message, Place(loaded.unread[0]), guess or help))
    for place in loaded.missing_places:
        message = say(
            "the place '{place}' of tactful.yaml does not exist", "tactful.yaml 中的位置“{place}”不存在", place=place
        )
        notes.append(Note("missing-place", "warning", message, Place("tactful.yaml", ("places",))))
    if not loaded.rules:
        message = say("no policy was found: nothing is asked of the plan", "没有找到任何政策：未对计划提出任何要求")
        below = next((path for path in loaded.unread if path.endswith("/tactful.yaml")), None)
        there = say(
            "there is a repository of campaigns in {folder}/: tactful check {folder}",
            "{folder}/ 中有活动仓库：tactful check {folder}",
            folder=os.path.dirname(below or ""),
        )
        help = say(
            "write one in policies/, or use a pack in tactful.yaml: packs: [{{use: friends-first}}]",
            "请在 policies/ 中编写，或在 tactful.yaml 中使用规则包：packs: [{{use: friends-first}}]",
        )
        notes.append(Note("no-policy", "warning", message, Place("tactful.yaml"), there if below else help))
    return notes


def _some_of(files: Sequence[str]) -> dict[str, object]:
    """The first of them, and how many more there are."""
    more = say(" and {n} more", " 等另外 {n} 个", n=len(files) - 5) if len(files) > 5 else say("", "")
    return {"files": list(files[:5]), "more": more}


def _meant(waiver: Waiver, finding: Finding) -> bool:
    """Whether the waiver is for what the finding is about, though it does not cover it."""
    return waiver.campaign in finding.parties if waiver.campaign else waiver.group == finding.group


def _short_waiver(waiver: Waiver, finding: Finding, place: Place) -> Problem:
    """By how much a waiver misses its finding."""
    measure = finding.measure
    if waiver.allow is not None and measure is not None and measure.is_ > waiver.allow:
        message = say(
            "this waiver of {rule} allows {allow}, but the finding is {found}",
            "对 {rule} 的这项豁免允许 {allow}，但实际为 {found}",
            rule=waiver.waive,
            allow=waiver.allow,
            found=measure.is_,
        )
        return Problem("short-waiver", message, place.down("allow"), severity="warning")
    message = say(
        "this waiver of {rule} covers up to {day}, and not all of the finding",
        "对 {rule} 的这项豁免只覆盖到 {day}，未覆盖全部情况",
        rule=waiver.waive,
        day=waiver.until,
    )
    return Problem("short-waiver", message, place.down("until"), severity="warning")


def _waiver_problems(report: Report, answer: Answer, decided: Decided) -> list[Problem]:
    """What is to be said of waivers that cover nothing, too little, or no more."""
    found = []
    for index in decided.unused:
        waiver, place = report.loaded.waivers[index], report.loaded.waiver_places[index]
        meant = next((f for f in report.findings if f.rule == waiver.waive and _meant(waiver, f)), None)
        if meant is None and index in answer.partly_waived:
            continue
        if meant is None:
            message = say(
                "this waiver of {rule} covers nothing", "对 {rule} 的这项豁免没有覆盖任何发现", rule=waiver.waive
            )
            found.append(Problem("unused-waiver", message, place, say("remove it", "请删除"), "warning"))
        else:
            found.append(_short_waiver(waiver, meant, place))
    for index in decided.ended:
        waiver, place = report.loaded.waivers[index], report.loaded.waiver_places[index]
        message = say(
            "this waiver of {rule} ended on {day}",
            "对 {rule} 的这项豁免已于 {day} 结束",
            rule=waiver.waive,
            day=waiver.until,
        )
        help = say("remove it, or have it agreed anew", "请删除，或重新审批")
        found.append(Problem("ended-waiver", message, place.down("until"), help, "warning"))
    return found
