"""From a repository to the texts of a run: remembered where nothing has changed, else made.

What the check itself needs is imported only when something is to be made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tactful.engine.messages import Language, say

from .cache import Cache, digest_of
from .console import Refused, clean, day_option, err, language_of
from .reading.index import Index
from .reading.repository import BASELINE, SETTINGS, Altered, Repository, content_of, discover
from .report import WITHOUT_HELP, render
from .spread import spread
from .terminal import Style, progress

if TYPE_CHECKING:
    from .baseline import Baseline
    from .run import Report


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked for, beside the files: with them and the day it decides every byte of the answer."""

    as_of: str | None
    language: str | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: str
    formats: tuple[str, ...]
    style: Style
    below: str = ""
    """Where the repository stands in its work tree."""
    since: str | None = None
    """A revision of git: what was found there does not count again."""
    timings: bool = False
    """Whether the seconds of each rule are listed, on the error stream."""


@dataclass(frozen=True, slots=True)
class Said:
    """The exit code, and the text of each format asked for."""

    exit_code: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    """What was said, and what else it rests on: the day, the clock that tells today, the tables that documents name."""

    said: Said
    day: date
    timezone: str
    tables: list[str]
    failed: bool
    """Whether the program itself failed somewhere: that is not remembered."""


def texts_of(report: Report, asked: Asked, language: Language) -> tuple[str, ...]:
    """The report in each format; the last one goes to the terminal, and only it is drawn for one."""
    *filed, shown = asked.formats
    texts = [render(format, report, language) for format in filed]
    return (*texts, render(shown, report, language, asked.style))


def answer(asked: Asked, root: Path, cache: Cache | None, jobs: int, instead: Mapping[str, bytes]) -> Said:
    """Checks a whole repository. ``instead`` are the bytes of files that are not saved yet."""
    index = Index(cache, root) if cache is not None else None
    try:
        return _answer(asked, root, cache, jobs, instead, index)
    except Altered:
        return _answer(asked, root, cache, jobs, instead, None)


def _answer(
    asked: Asked, root: Path, cache: Cache | None, jobs: int, instead: Mapping[str, bytes], index: Index | None
) -> Said:
    repository = discover(root, _places(root, cache, instead), instead, index)
    if index is not None:
        index.keep()
    for path in instead:
        if path not in repository.files:
            message = say("'{path}' stands in no place that is read", "“{path}”不在读取范围内", path=path)
            raise Refused(message)
    language = language_of(asked.language)
    if cache is None:
        return _make(asked, repository, None, jobs, language).said
    key = cache.key("run", asdict(asked), language, _contents(repository))
    if (known := _remembered(asked, root, cache, key)) is not None:
        return known
    made = _carried(asked, repository, cache) or _make(asked, repository, cache, jobs, language)
    if made.failed:
        return made.said
    cache.put(key, {"timezone": made.timezone, "tables": made.tables})
    cache.put(_dated(cache, key, made.day, root, made.tables), [made.said.exit_code, *made.said.texts])
    return made.said


def _remembered(asked: Asked, root: Path, cache: Cache, key: str) -> Said | None:
    """What was said of the same files on the same day, with the same tables beside them."""
    rests_on = cache.get(key)
    if rests_on is None:
        return None
    day = day_option(asked.as_of, rests_on["timezone"])
    said = cache.get(_dated(cache, key, day, root, rests_on["tables"]))
    return None if said is None else Said(said[0], tuple(said[1:]))


def _dated(cache: Cache, key: str, day: date, root: Path, tables: list[str]) -> str:
    return cache.key("answer", key, day.isoformat(), [content_of(root, path) for path in tables])


def _contents(repository: Repository) -> list[Any]:
    files = [(path, file.digest) for path, file in repository.files.items()]
    return [
        files,
        repository.unread,
        repository.misnamed,
        repository.missing_places,
        content_of(repository.root, BASELINE),
    ]


def _places(root: Path, cache: Cache | None, instead: Mapping[str, bytes]) -> tuple[str, ...]:
    """Where ``tactful.yaml`` says that the rest is."""
    unsaved = instead.get(SETTINGS)
    if cache is None:
        return _places_read(root, unsaved)
    key = cache.key("places", content_of(root, SETTINGS) if unsaved is None else digest_of(unsaved))
    known = cache.get(key)
    if known is None:
        known = _places_read(root, unsaved)
        cache.put(key, known)
    return tuple(known)


def _places_read(root: Path, unsaved: bytes | None) -> tuple[str, ...]:
    from .loading import settings_of

    return tuple(settings_of(root, unsaved).places)


def _held_key(asked: Asked, repository: Repository, cache: Cache) -> str:
    root = os.path.realpath(repository.root)
    return cache.key("held", root, asked.as_of, asked.select, asked.ignore, asked.fail_on)


def _carried(asked: Asked, repository: Repository, cache: Cache) -> _Made | None:
    """What is said of a plan that held, with few changes; None where all has to be asked."""
    key = _held_key(asked, repository, cache)
    kept = cache.get(key)
    if kept is None:
        return None
    from .baseline import read_baseline
    from .carried import Question, carried

    day = day_option(asked.as_of, kept["timezone"])
    question = Question(day, asked.select, asked.ignore, asked.fail_on, read_baseline(repository.root))
    found = carried(kept, repository, question)
    if found is None:
        return None
    report, instead = found
    if instead is not None:
        cache.put(key, instead)
    return _told(report, asked)


def _told(report: Report, asked: Asked) -> _Made:
    report.below = asked.below
    loaded = report.loaded
    texts = texts_of(report, asked, language_of(asked.language, loaded.settings))
    said = Said(report.exit_code, texts)
    return _Made(said, report.as_of, loaded.timezone, loaded.tables, bool(report.defects))


def _make(asked: Asked, repository: Repository, cache: Cache | None, jobs: int, language: Language) -> _Made:
    from .baseline import read_baseline
    from .carried import held
    from .loading import load_from
    from .reading.parsing import parse_all
    from .run import check
    from .timing import Timing

    began = time.monotonic()
    reading = progress(say("reading files", "正在读取文件"), language)
    parse_all(repository.files.values(), repository.root, cache, jobs, reading)
    loaded = load_from(repository)
    day = day_option(asked.as_of, loaded.timezone)
    checking = progress(say("checking rules", "正在检查规则"), language)
    timing = Timing(language, checking)
    each = partial(timing.asked, each=partial(spread, began=began), jobs=jobs)
    baseline = read_baseline(repository.root)
    mend = partial(spread, jobs=jobs, began=began) if set(asked.formats) - WITHOUT_HELP else None
    since = _since(asked, repository, day)
    report = check(
        loaded, day, asked.select, asked.ignore, asked.fail_on, baseline=baseline, since=since, each=each, mend=mend
    )
    made = _told(report, asked)
    _tell_defects(report)
    if asked.timings:
        err(timing.listed())
    if cache is not None and (kept := held(report, repository)) is not None:
        cache.put(_held_key(asked, repository, cache), {**kept, "timezone": loaded.timezone})
    return made


def _since(asked: Asked, repository: Repository, day: date) -> Baseline:
    """What is known from a revision of git, where one is named."""
    from .since import NOTHING, known_since

    return known_since(asked.since, repository.root, day) if asked.since is not None else NOTHING


def _tell_defects(report: Report) -> None:
    """With TACTFUL_DEBUG, where in the program a rule failed; the report itself names the rule and asks to be told."""
    if os.environ.get("TACTFUL_DEBUG"):
        for defect in report.defects:
            err(clean(f"{defect.rule}: ") + defect.trace)
