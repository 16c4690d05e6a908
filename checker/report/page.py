"""Drawing for people: a head, frames with source lines and underlines that line up, notes, tables."""

from __future__ import annotations

import re
from itertools import accumulate

from tactful.engine.messages import Language, Message, say

from ..console import clean
from ..loaded import Loaded
from ..positions import Position, line_of
from ..reading.profile import Span
from ..terminal import PLAIN, Style

MAX_LINE = 200
"""Columns of a source line that are shown where the width of the page is not known."""
FAR = 2000
"""Characters to each side that are looked at, of a line without end."""
SEVERITY_WORDS = {"error": say("error", "错误"), "warning": say("warning", "警告"), "info": say("info", "提示")}
_COLOUR = {"error": "red", "warning": "yellow", "info": "cyan"}
_WORD = re.compile(r"\s+|(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[、，。；：！？）】》」”…]*")
"""What a line can be broken between: words, and wide characters with the closing marks after them."""


def width(text: str) -> int:
    """Columns that a text takes on a terminal: wide characters take two, marks on others none."""
    if text.isascii():
        return len(text)
    from wcwidth import wcwidth

    return sum(max(wcwidth(character), 0) for character in text)


class Page:
    """Draws one report in one language."""

    def __init__(self, loaded: Loaded, language: Language, style: Style = PLAIN) -> None:
        self.loaded, self.language, self.style = loaded, language, style
        self.lines: list[str] = []
        self.margin = 0
        self.colour = "red"

    def say(self, message: Message) -> str:
        return clean(message.render(self.language))

    def _side(self, text: str) -> str:
        return self.style.paint(text, "bold", "blue")

    def head(self, severity: str, code: str, message: Message) -> None:
        word = SEVERITY_WORDS[severity].render(self.language)
        self.colour = _COLOUR[severity]
        shown = self.style.paint(f"{word}[{clean(code)}]", "bold", self.colour)
        self.lines.append(f"{shown}{self.style.paint(f': {self.say(message)}', 'bold')}")

    def frame(self, spots: list[tuple[Position, Message | None]]) -> None:
        """The first place with ``-->``, the others with ``:::``, each with its source line and a labelled underline."""
        self.margin = len(str(max(position.span.line for position, _ in spots)))
        for index, (position, label) in enumerate(spots):
            self._place(position, label, first=index == 0)

    def _place(self, position: Position, label: Message | None, first: bool) -> None:
        span, gap = position.span, " " * self.margin
        where = self.style.link(f"{clean(position.path)}:{span.line}:{span.column}", position.path)
        self.lines.append(f"{gap}{self._side('-->' if first else ':::')} {where}")
        file = self.loaded.sources.get(position.path)
        source = line_of(file, span.line) if file is not None and file.text else ""
        words = self.say(label) if label is not None else ""
        if not source.strip():
            if words:
                self.lines.append(f"{gap} {self._side('=')} {words}")
            return
        room = MAX_LINE if self.style.width is None else self.style.width - self.margin - 3
        shown, before, under = fitted(source, span, room)
        marks = self.style.paint(
            ("^" if first else "-") * under + (f" {words}" if words else ""), "bold", self.colour if first else "blue"
        )
        bar = self._side("|")
        self.lines.append(f"{gap} {bar}")
        self.lines.append(f"{self._side(f'{span.line:>{self.margin}}')} {bar} {shown}")
        self.lines.append(f"{gap} {bar} {' ' * before}{marks}")

    def more(self, word: tuple[str, str], message: Message) -> None:
        """A line ``= help: …``; where the width is known it goes on below its own beginning."""
        title = word[1 if self.language == "zh" else 0]
        colours = ("bold", "green") if word[0] == "help" else ("bold",)
        gap = self.margin + 3
        lines = folded(f"{title}: {self.say(message)}", (self.style.width or 0) - gap)
        lines[0] = self.style.paint(f"{title}:", *colours) + lines[0][len(title) + 1 :]
        self.lines.append(f"{' ' * self.margin} {self._side('=')} {lines[0]}")
        self.lines += [f"{' ' * gap}{line}" for line in lines[1:]]

    def table(self, rows: tuple[tuple[Message, ...], ...]) -> None:
        """Columns that line up, the head underlined."""
        cells = [[self.say(cell) for cell in row] for row in rows]
        widths = [max(width(row[i]) for row in cells) for i in range(len(cells[0]))]
        start = f"{' ' * self.margin} {self._side('|')}"
        for number, row in enumerate(cells):
            shown = "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True))
            self.lines.append(f"{start} {shown.rstrip()}")
            if number == 0:
                self.lines.append(f"{start} {'  '.join('-' * wide for wide in widths)}")


_OBEYED = re.compile(r"##\[")
"""What the log of a build server obeys wherever it stands."""


def fitted(source: str, span: Span, room: int) -> tuple[str, int, int]:
    """The part of a line around a stretch that fits into so many columns, the columns before the stretch, and its own."""
    column, end = (min(n, len(source) + 1) for n in (span.column, span.end_column))
    far = max(column - FAR, 0)
    part = source[far : far + 2 * FAR]
    shown = [clean(character) for character in part]
    for found in _OBEYED.finditer(part):
        shown[found.end() - 1] = "\\x5b"
    sums = [0, *accumulate(width(text) for text in shown)]
    first = min(column - 1 - far, len(shown))
    last = min(end - 1 - far, len(shown)) if span.end_line == span.line else len(shown)
    start = 1 if far else 0
    if sums[first] > room * 3 // 5:
        start = next(i for i in range(first + 1) if sums[first] - sums[i] <= room * 3 // 10)
    stop = len(shown)
    if sums[stop] - sums[start] + (start > 0) > room:
        stop = max(i for i in range(start, stop) if sums[i] - sums[start] + (start > 0) < room)
    text = f"{'…' if start else ''}{''.join(shown[start:stop])}{'…' if stop + far < len(source) else ''}"
    before = sums[first] - sums[start] + (start > 0)
    return text, before, max(sums[min(last, stop)] - sums[first], 1)


def folded(text: str, room: int) -> list[str]:
    """A text in lines of at most so many columns, as far as its words allow; one line where there is no such room."""
    if room < 1 or width(text) <= room:
        return [text]
    lines, line = [], ""
    for word in _WORD.findall(text):
        if line and width(line + word.rstrip()) > room:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines
