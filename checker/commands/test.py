"""``tactful test``."""

from __future__ import annotations

import os
from pathlib import Path

from tactful.engine.messages import Language, say
from tactful.engine.places import Problem

from ..cases import SHARED, CaseFile, Outcome, case_files, read_cases, run_case
from ..console import Refused, clean, language_of, out
from ..loaded import Loaded
from ..loading import load, usable
from ..reading.repository import CASES
from ..report.page import Page
from ..report.text import show_finding, show_problem, show_slip
from ..root import root_of


def run(paths: list[Path], language: str | None) -> int:
    """Runs the cases and says of each whether it passed: 0 all did, 1 some did not, 2 a file is unusable, 3 no case."""
    root = root_of(Path())
    repository = load(root)
    chosen = language_of(language, repository.settings)
    missing = [path for path in paths if not os.path.exists(path)]
    if missing:
        raise Refused(say("'{path}' does not exist", "“{path}”不存在", path=str(missing[0])))
    if _unusable_policies(repository, chosen):
        return 2
    files = [
        read_cases(root, path)
        for path in case_files(root, [Path(os.path.relpath(path, root)) for path in paths] or _own_cases(root))
    ]
    broken = [file for file in files if file.slips or file.problems]
    for file in broken:
        _unusable(file, chosen)
    if broken:
        return 2
    results = [
        run_case(case, document, file.common, repository, file.file) for file in files for case, document in file.cases
    ]
    for outcome in results:
        _show(outcome, chosen)
    failed = sum(1 for outcome in results if not outcome.passed)
    summary = say(
        "{n} " + ("case" if len(results) == 1 else "cases") + ": {passed} passed, {failed} failed",
        "{n} 个用例：{passed} 个通过，{failed} 个失败",
        n=len(results),
        passed=len(results) - failed,
        failed=failed,
    )
    out(
        (
            summary if results else say("no case was found in {folder}/", "{folder}/ 中没有找到用例", folder=CASES)
        ).render(chosen)
        + "\n"
    )
    return 3 if not results else 1 if failed else 0


def _own_cases(root: Path) -> list[Path]:
    return [Path(CASES)] if os.path.isdir(root / CASES) else []


def _unusable_policies(repository: Loaded, language: Language) -> bool:
    """Says what is wrong with the documents that the cases take from here, if something is; else nothing of it would be seen."""
    broken = {name for name in repository.broken if repository.kinds.get(name) in SHARED or not usable(name)}
    files = {repository.file_of(name) for name in broken}
    page = Page(repository, language)
    for path, complaint in repository.slips:
        if path in files:
            show_slip(page, path, complaint)
    for problem in repository.problems:
        if problem.place.document in broken:
            show_problem(page, problem)
    if page.lines:
        page.lines.append(say("no case was run", "未运行任何用例").render(language))
        out("\n".join(page.lines) + "\n")
    return bool(page.lines)


def _unusable(file: CaseFile, language: Language) -> None:
    loaded = Loaded({file.file.path: file.file}, file.origins)
    page = Page(loaded, language)
    for path, complaint in file.slips:
        show_slip(page, path, complaint)
    for problem in file.problems:
        show_problem(page, problem)
    out("\n".join(page.lines) + "\n")


def _show(outcome: Outcome, language: Language) -> None:
    word = say("ok  ", "通过") if outcome.passed else say("FAIL", "失败")
    lines = [f"{word.render(language)}  {clean(outcome.name)}"]
    lines += ["  " + clean(message.render(language)) for message in outcome.missing]
    if outcome.unexpected:
        lines.append("  " + say("not expected:", "未预期的结论：").render(language))
        page = Page(outcome.report.loaded, language)
        for item in outcome.unexpected:
            if isinstance(item, Problem):
                show_problem(page, item)
            else:
                show_finding(page, item)
        lines += ["  " + line if line else "" for line in page.lines]
    out("\n".join(lines) + "\n")
