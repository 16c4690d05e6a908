"""A plan that held, and few campaigns changed since: only what the change can reach is asked again.

After a run that found nothing, an outline of every campaign is kept. Of the next plan the changed campaigns are read, with
those that they could break a rule together with; this smaller plan is checked like any other. Where it holds too, and says
what was said of the whole plan, the whole plan holds: each kind says how far a change carries (``engine.kit.scope``). In all
other cases there is no answer here, and the whole plan is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tactful.engine.evaluate import BUDGET
from tactful.engine.kit.evaluation import Evaluation
from tactful.engine.outline import Outline, facts_hang_on_moments, outlines, scope_of
from tactful.engine.sends.timeline import Timeline, TooManySends, plan_days, timeline

from .baseline import Baseline
from .loaded import Loaded
from .loading import load_from
from .reached import Change, reached
from .reading.repository import BASELINE, Repository, content_of
from .run import Report, Size, check

MOST_CHANGED = 100
FEW = 2
"""So many changed files are asked about again each time: to write all outlines anew takes longer."""
SHARE = 0.5
"""Of the files: where a change reaches more, the whole plan is as quick."""
Held = dict[str, Any]
"""What is kept of a plan that held, as plain data."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a run is asked, beside the files."""

    day: date
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: str
    baseline: Baseline


def held(report: Report, repository: Repository) -> Held | None:
    """What is to be kept of a run over a whole repository; None where something was found, or nothing could be carried."""
    loaded, line = report.loaded, _line(report)
    if line is None or not _is_clean(report):
        return None
    if loaded.waivers or any(scope_of(rule).what == "plan" for rule in loaded.rules):
        return None
    evaluation = _evaluation(loaded, line, report.as_of)
    planned = _of_campaigns(loaded, repository.files)
    rows = _by_file(outlines(evaluation, loaded.rules), loaded)
    return {
        "day": report.as_of.isoformat(),
        "others": {path: file.digest for path, file in repository.files.items() if path not in planned},
        "beside": _beside(repository),
        "tables": {path: content_of(repository.root, path) for path in loaded.tables},
        "notes": _notes(report),
        "period": _period(loaded, line),
        "moments": facts_hang_on_moments(evaluation),
        **_written({path: (repository.files[path].digest, rows.get(path, [])) for path in planned}),
    }


def carried(kept: Held, repository: Repository, question: Question) -> tuple[Report, Held | None] | None:
    """The report of a whole repository, and what is to be kept instead; None where all has to be asked."""
    change = _change(kept, repository, question.day)
    if change is None:
        return None
    first = _read_alone(repository, {*kept["others"], *change.files})
    if first is None or first.plan is None or not _of_campaigns(first, change.files) >= change.files:
        return None
    try:
        evaluation = _evaluation(first, timeline(first.plan, question.day), question.day)
    except TooManySends:
        return None
    change.news = outlines(evaluation, first.rules)
    found = reached(change, first.rules, first.plan.customers, kept["moments"])
    if found is None or len(found.files) > max(50, SHARE * len(change.stay)):
        return None
    noted = {document.partition("#")[0] for _, document, _ in kept["notes"]} & change.stay.keys()
    loaded = _read_alone(repository, {*kept["others"], *change.files, *found.files, *noted})
    if loaded is None:
        return None
    report = check(
        loaded, question.day, question.select, question.ignore, question.fail_on,
        baseline=question.baseline, held=found.holding,
    )  # fmt: skip
    line = _line(report)
    if line is None or not _is_clean(report) or _notes(report) != kept["notes"]:
        return None
    if _period(loaded, line) != kept["period"]:
        return None
    return _of_the_whole(report, line, change, kept, repository)


def _change(kept: Held, repository: Repository, day: date) -> Change | None:
    """The campaigns that are not as they were; None where something else is not, or too many are not."""
    files, known = repository.files, _read(kept)
    same = all(path in files and files[path].digest == digest for path, digest in kept["others"].items())
    tables = all(content_of(repository.root, path) == content for path, content in kept["tables"].items())
    if not (same and tables) or kept["day"] != day.isoformat() or kept["beside"] != _beside(repository):
        return None
    stay = {path for path, (digest, _) in known.items() if path in files and files[path].digest == digest}
    changed = files.keys() - stay - kept["others"].keys()
    if len(known) - len(stay) > MOST_CHANGED or len(changed) > MOST_CHANGED:
        return None
    olds = [row for path, (_, rows) in known.items() if path not in stay for row in rows]
    return Change(set(changed), olds, {path: rows for path, (_, rows) in known.items() if path in stay})


def _of_the_whole(
    report: Report, line: Timeline, change: Change, kept: Held, repository: Repository
) -> tuple[Report, Held | None] | None:
    """The report of the smaller plan as the one of the whole, with its numbers."""
    loaded, answer = report.loaded, report.answer
    if loaded.plan is None or answer is None:
        return None
    mine = _by_file(outlines(_evaluation(loaded, line, report.as_of), loaded.rules), loaded)
    files, staying = repository.files, change.stay
    rows = {
        path: mine.get(path, []) if path in change.files else staying[path]
        for path in files
        if path not in kept["others"]
    }
    followed = max((row.followed for some in rows.values() for row in some), default=0)
    beside = len(loaded.sources) - sum(path in files for path in loaded.sources)
    size = Size(
        len(files) + beside, sum(map(len, rows.values())), len(loaded.plan.services), len(loaded.plan.offers)
    )  # fmt: skip
    horizon = date.fromordinal(followed) if followed else None
    asked = tuple(rule.id for rule in loaded.rules if rule.id in {*answer.proved, *report.held})
    whole = replace(report, size=size, rules=len(asked), answer=replace(answer, proved=asked, horizon=horizon))
    if len(change.files) + len(change.olds) <= FEW:
        return whole, None
    written = _written({path: (files[path].digest, some) for path, some in rows.items()})
    return whole, {**kept, **written}


# --- what a smaller plan must have in common with the whole ----------------------------------------------------------


def _read_alone(repository: Repository, paths: set[str]) -> Loaded | None:
    """These files without the rest, if nothing is wrong with them."""
    chosen = {path: file for path, file in repository.files.items() if path in paths}
    loaded = load_from(replace(repository, files=chosen))
    fault = loaded.slips or loaded.problems or loaded.broken or loaded.waivers
    return None if fault or loaded.plan is None else loaded


def _of_campaigns(loaded: Loaded, paths: Iterable[str]) -> set[str]:
    """The files in which nothing but campaigns stands."""
    kinds: dict[str, set[str]] = {}
    for document, kind in loaded.kinds.items():
        kinds.setdefault(loaded.file_of(document), set()).add(kind)
    return {path for path in paths if kinds.get(path) == {"campaign"}}


def _by_file(rows: Iterable[Outline], loaded: Loaded) -> dict[str, list[Outline]]:
    where = {c.name: loaded.file_of(c.place.document) for c in loaded.plan.campaigns} if loaded.plan else {}
    found: dict[str, list[Outline]] = {}
    for row in rows:
        found.setdefault(where[row.name], []).append(row)
    return found


def _beside(repository: Repository) -> list[Any]:
    here = content_of(repository.root, BASELINE)
    return [repository.unread, repository.misnamed, repository.missing_places, here]


def _is_clean(report: Report) -> bool:
    """Whether nothing at all was found."""
    said = (report.findings, report.waived, report.known, report.slips, report.problems, report.defects)
    return report.exit_code == 0 and not any(said)


def _notes(report: Report) -> list[list[str]]:
    return [[note.code, note.place.document, note.message.render("en")] for note in report.notes]


def _line(report: Report) -> Timeline | None:
    return report.answer.timeline if report.answer is not None else None


def _period(loaded: Loaded, line: Timeline) -> list[str]:
    return [day.isoformat() for day in plan_days(loaded.plan, line)] if loaded.plan else []


def _evaluation(loaded: Loaded, line: Timeline, day: date) -> Evaluation:
    assert loaded.plan is not None  # noqa: S101  # what has no plan was turned away
    return Evaluation(loaded.plan, line, day, (), BUDGET)


# --- outlines as plain data, and back --------------------------------------------------------------------------------


def _written(files: Mapping[str, tuple[str, list[Outline]]]) -> Held:
    """What many campaigns admit is the same: it is written once, and told by its number."""
    numbers: dict[tuple[tuple[str, frozenset[str]], ...], int] = {}
    rows: dict[str, list[Any]] = {}
    for path, (digest, some) in files.items():
        rows[path] = [digest]
        for row in some:
            number = numbers.setdefault(tuple(sorted(row.admits.items())), len(numbers))
            rows[path].append([number, *row[1:]])
    return {"files": rows, "admits": [{name: sorted(values) for name, values in one} for one in numbers]}


def _read(kept: Held) -> dict[str, tuple[str, list[Outline]]]:
    admits = [{name: frozenset(values) for name, values in one.items()} for one in kept["admits"]]
    return {
        path: (digest, [Outline(admits[number], *rest) for number, *rest in rows])
        for path, (digest, *rows) in kept["files"].items()
    }
