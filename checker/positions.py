"""From (document, path) to line and column: the one place that turns paths into positions."""

from __future__ import annotations

from dataclasses import dataclass

from tactful.engine.places import Place

from .loaded import Loaded, Origin
from .reading.profile import Span
from .reading.repository import SourceFile


@dataclass(frozen=True, slots=True)
class Position:
    """A stretch of a file, with the file's path as people know it."""

    path: str
    span: Span


def locate(place: Place, loaded: Loaded) -> Position:
    """Where a place stands: the node itself, or the nearest thing around it that was written."""
    origin = loaded.origins.get(place.document, Origin(place.document))
    file = loaded.sources.get(origin.file)
    if file is None:
        return Position(origin.file, Span(1, 1, 1, 1))
    path = (*origin.prefix, *place.path)
    spans = file.placed().spans
    at_key = place.at_key
    while True:
        span = spans.get((origin.number, path, at_key)) or (
            spans.get((origin.number, path, not at_key)) if at_key else None
        )
        if span is not None:
            return Position(origin.file, trimmed(span, file))
        if not path:
            return Position(origin.file, Span(1, 1, 1, 1))
        path, at_key = path[:-1], False


def trimmed(span: Span, file: SourceFile) -> Span:
    """A stretch over several lines is shown by its first line, without what follows the text there."""
    if span.end_line == span.line and span.end_column > span.column:
        return span
    line = line_of(file, span.line)
    end = len(line.rstrip()) + 1
    return Span(span.line, span.column, span.line, max(end, span.column + 1))


def line_of(file: SourceFile, number: int) -> str:
    lines = file.lines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
