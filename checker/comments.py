"""Waivers written as comments above a campaign, a service or a price book: ``# tactful: allow RULE until DAY -- REASON``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tactful.engine.messages import Message, did_you_mean, say
from tactful.engine.places import Place, value_at
from tactful.engine.policy.waivers import Waiver
from tactful.engine.scalars import BadValue, parse_date

from .loaded import Loaded
from .reading.profile import Complaint, Span
from .reading.repository import SourceFile

MARK = "tactful:"
_COMMENT = re.compile(r"(?:^|\s)(#\s*tactful:(.*))$")
_BODY = re.compile(r"\s*allow\s+(\S+)\s+until\s+(\S+)\s+--\s+(\S.*)")
HOLDERS = {"campaign": "campaign", "service": "group", "offers": "group"}
"""Documents that a comment may stand above, and what a waiver calls them by."""


def read_comments(loaded: Loaded, rules: Iterable[str]) -> None:
    """Adds the waivers that comments make to those of files, and says what is wrong with a comment."""
    known = list(rules)
    for path, file in loaded.sources.items():
        if MARK not in file.text or "#" not in file.text or path.startswith(MARK):
            continue
        for number, line in enumerate(file.lines(), 1):
            found = _COMMENT.search(line) if MARK in line else None
            if found is not None and not _within_a_value(file, number, found.start(1) + 1):
                _take(loaded, file, number, found, known)


def _within_a_value(file: SourceFile, line: int, column: int) -> bool:
    """Whether the mark stands inside a text of the document rather than in a comment."""
    for (document, path, at_key), span in file.placed().spans.items():
        starts = (span.line, span.column) <= (line, column) < (span.end_line, span.end_column)
        if starts and not at_key and isinstance(value_at(file.parsed.documents[document], path), str):
            return True
    return False


def _take(loaded: Loaded, file: SourceFile, number: int, found: re.Match[str], known: list[str]) -> None:
    span = Span(number, found.start(1) + 1, number, found.end(1) + 1)

    def wrong(message: Message, help: Message | None = None) -> None:
        loaded.slips.append((file.path, Complaint("waiver-comment", message, span, help)))

    form = say(
        "write it like # tactful: allow friends/three-a-week until 2026-11-12 -- the reason",
        "请写成 # tactful: allow friends/three-a-week until 2026-11-12 -- 原因",
    )
    body = _BODY.fullmatch(found[2])
    if body is None:
        wrong(say("this comment is no waiver that can be read", "无法将此注释读作豁免"), form)
        return
    rule, day, reason = body[1], body[2], body[3].strip()
    try:
        until = parse_date(day)
    except BadValue as bad:
        wrong(bad.message, bad.help or form)
        return
    if rule not in known:
        message = say("the waived rule '{rule}' does not exist", "豁免的规则“{rule}”不存在", rule=rule)
        wrong(message, did_you_mean(rule, known))
        return
    holder = _holder(loaded, file, number)
    if holder is None:
        message = say(
            "a waiver stands above the first line of a campaign, a service or a price book, and holds for all of it",
            "豁免注释须写在活动、服务或价目表首行之上，并对其整体有效",
        )
        wrong(message, say("move it there", "请移到那里"))
        return
    document, key, name = holder
    by = f"{file.path}:{number}"
    waiver = Waiver(waive=rule, reason=reason, approved_by=by, until=until, **{HOLDERS[key]: name})
    loaded.waivers.append(waiver)
    loaded.waiver_places.append(Place(document, (key,)))


def _holder(loaded: Loaded, file: SourceFile, line: int) -> tuple[str, str, str] | None:
    """The document that begins on this line or next after it: its name, its key and what it is called."""
    for document, key, name, first in _documents(loaded, file):
        if line <= first:
            return (document, key, name)
        if line <= _last_line(file, loaded.origins[document].number):
            return None
    return None


def _documents(loaded: Loaded, file: SourceFile) -> Iterator[tuple[str, str, str, int]]:
    spans = file.placed().spans
    for document, origin in sorted(loaded.origins.items(), key=lambda entry: entry[1].number):
        kind = loaded.kinds.get(document)
        if origin.file != file.path or origin.prefix or kind not in HOLDERS:
            continue
        value = file.parsed.documents[origin.number]
        root = spans.get((origin.number, (), False))
        if isinstance(value, dict) and isinstance(value.get(kind), str) and root is not None:
            yield document, kind, value[kind], root.line


def _last_line(file: SourceFile, number: int) -> int:
    root = file.placed().spans.get((number, (), False))
    return root.end_line - (root.end_column == 1) if root is not None else 0
