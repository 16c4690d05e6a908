"""Policy cases: small plans with what must be found in them, and that nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tactful.engine.documents import kind_of
from tactful.engine.forms import form_problems
from tactful.engine.messages import Message, say
from tactful.engine.models import Choice, Day, Many, Model, Number, Raw, Text
from tactful.engine.places import Place, Problem

from .console import Refused
from .loaded import Loaded, Origin, RawDocument, raw_documents
from .loading import finish, take
from .reading.profile import Complaint
from .reading.repository import SourceFile, is_yaml, read_file
from .run import Report, check

SHARED = ("customers", "vocabulary", "policy", "tactful")
"""Kinds of document that a case takes from the repository unless it (or its file) has its own."""


class Expected(Model):
    """One finding that must be there."""

    rule: Text
    campaign: Text | None = None
    group: Text | None = None
    verdict: Choice[Literal["violated", "unproven"]] = "violated"
    measure: Number | None = None


class Case(Model):
    """A small plan, the day, and what must be found in it. Nothing else may be found."""

    case: Text
    as_of: Day
    plan: Many[Raw]
    rules: Many[Text] = ()
    find: Many[Expected]


class Common(Model):
    """Documents that all cases of the file share."""

    common: Many[Raw]


@dataclass
class CaseFile:
    """The cases of one file, or what is wrong with it."""

    file: SourceFile
    cases: list[tuple[Case, RawDocument]] = field(default_factory=list)
    common: list[RawDocument] = field(default_factory=list)
    origins: dict[str, Origin] = field(default_factory=dict)
    slips: list[tuple[str, Complaint]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Outcome:
    """One case that was run: what was missing, and what nobody expected."""

    name: str
    report: Report
    missing: list[Message] = field(default_factory=list)
    unexpected: list[Any] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not (self.missing or self.unexpected)


def case_files(root: Path, paths: Sequence[Path]) -> list[str]:
    """Paths (below ``root``) of the case files in files and folders."""
    found: list[str] = []
    for path in paths:
        full = (root / path).absolute()
        if not full.is_relative_to(root.absolute()):
            message = say("'{path}' is outside this folder", "“{path}”不在当前文件夹内", path=str(path))
            raise Refused(message)
        inside = sorted(full.rglob("*")) if full.is_dir() else [full]
        found += [
            str(p.relative_to(root.absolute())) for p in inside if not p.is_dir() and (is_yaml(p.name) or p == full)
        ]
    return found


def read_cases(root: Path, path: str) -> CaseFile:
    file = read_file(root, path)
    result = CaseFile(file, slips=[(path, complaint) for complaint in file.parsed.complaints])
    for document in raw_documents(file):
        place = Place(document.name)
        result.origins[document.name] = document.origin
        model: type[Model] = Common if isinstance(document.value, dict) and "common" in document.value else Case
        made, problems = form_problems(model, document.value, place)
        result.problems += problems
        if isinstance(made, Common):
            result.common += _inner(document, made.common, "common")
        elif isinstance(made, Case):
            result.cases.append((made, document))
    return result


def _inner(document: RawDocument, values: Sequence[Any], key: str) -> list[RawDocument]:
    origin = document.origin
    return [
        RawDocument(f"{document.name}/{key}/{i}", Origin(origin.file, origin.number, (key, i)), value)
        for i, value in enumerate(values)
    ]


def run_case(
    case: Case, document: RawDocument, common: Sequence[RawDocument], repository: Loaded, file: SourceFile
) -> Outcome:
    """Runs the rules over the plan of one case."""
    own = [*common, *_inner(document, case.plan, "plan")]
    kinds = {
        kind
        for raw_document in own
        if isinstance(raw_document.value, dict)
        for kind in kind_of(list(raw_document.value))
    }
    loaded = Loaded({**repository.sources, file.path: file})
    loaded.origins.update(repository.origins)
    loaded.documents = [
        d
        for d in repository.documents
        if d.kind in SHARED and d.kind not in kinds and not d.name.startswith("tactful:")
    ]
    for raw_document in own:
        take(raw_document, loaded)
    finish(loaded)
    report = check(loaded, case.as_of, select=case.rules)
    outcome = Outcome(case.case, report)
    if report.usage is not None:
        outcome.missing.append(report.usage)
    _compare(case, outcome)
    return outcome


def _compare(case: Case, outcome: Outcome) -> None:
    """A missing and an unexpected finding both fail."""
    left: list[Any] = [*outcome.report.findings, *outcome.report.problems]
    for expected in case.find:
        found = next((item for item in left if _is(expected, item)), None)
        if found is None:
            outcome.missing.append(_words(expected))
        else:
            left.remove(found)
    outcome.unexpected = left


def _is(expected: Expected, item: Any) -> bool:
    if isinstance(item, Problem):
        return expected.rule == f"form/{item.code}"
    return (
        item.rule == expected.rule
        and item.verdict == expected.verdict
        and (expected.campaign is None or expected.campaign == item.campaign)
        and (expected.group is None or expected.group == item.group)
        and (expected.measure is None or (item.measure is not None and expected.measure == item.measure.is_))
    )


def _words(expected: Expected) -> Message:
    return say(
        "expected {verdict}: {rule} {who}{measure}",
        "应有结论“{verdict}”：{rule} {who}{measure}",
        verdict=say(expected.verdict, "违反" if expected.verdict == "violated" else "未能证明"),
        rule=expected.rule,
        who=expected.campaign or expected.group or "",
        measure=f" ({expected.measure})" if expected.measure is not None else "",
    )
