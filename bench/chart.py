"""A chart of CPU seconds over the number of campaigns, both in powers of ten, as an SVG file of plain lines and words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from bench import cold, hook
from bench.measure import Table

WIDTH, HEIGHT = 960, 600
LEFT, RIGHT, TOP, BOTTOM = 70, 300, 50, 60
ROOM = 15
"""Between two words at the ends of lines."""
OURS = "#b5179e"
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#8c564b", "#17becf", "#bcbd22", "#4b5320", "#7f7f7f", "#9467bd", "#5b8def")
PLAIN = {cold.TYPER: "#000000", cold.FLOOR: "#666666"}
HOOK = {hook.NOTHING: "tactful, nothing changed", hook.CHANGED: "tactful, one campaign changed"}


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: tuple[tuple[int, float], ...]
    colour: str
    dashes: str = ""
    width: float = 1.6


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a number lies between two powers of ten, in pixels."""

    low: int
    high: int
    start: float
    end: float

    def __call__(self, number: float) -> float:
        return self.start + (math.log10(number) - self.low) / (self.high - self.low) * (self.end - self.start)

    def tens(self) -> range:
        return range(self.low, self.high + 1)


def _points(tables: Iterable[Table], work: str, name: str) -> tuple[tuple[int, float], ...]:
    found = ((table.size, table.named(name)) for table in tables if table.work == work)
    return tuple(sorted((size, tool.cpu) for size, tool in found if tool is not None))


def _lines(tables: Sequence[Table]) -> list[Line]:
    """Tactful's in one colour, floors in grey with dots, each peer in a colour of its own."""
    names = list(dict.fromkeys(tool.name for table in tables if table.work == cold.WORK for tool in table.tools))
    found, colours = [], iter(COLOURS * 2)
    for name in names:
        points, shown = _points(tables, cold.WORK, name), name.replace("`", "")
        if name in (cold.CHECK, cold.FORM):
            found.append(Line(shown, points, OURS, "" if name == cold.CHECK else "7 3", 2.6))
        elif name in PLAIN:
            found.append(Line(shown, points, PLAIN[name], "2 4"))
        else:
            found.append(Line(shown, points, next(colours)))
    found += [Line(shown, _points(tables, hook.WORK, name), OURS, "3 3", 2.2) for name, shown in HOOK.items()]
    return [line for line in found if line.points]


def _scales(lines: Sequence[Line]) -> tuple[_Scale, _Scale]:
    sizes = [size for line in lines for size, _ in line.points]
    taken = [max(cpu, 0.001) for line in lines for _, cpu in line.points]
    across = _Scale(0, max(1, math.ceil(math.log10(max(sizes)))), LEFT, WIDTH - RIGHT)
    low = math.floor(math.log10(min(taken)))
    return across, _Scale(low, max(low + 1, math.ceil(math.log10(max(taken)))), HEIGHT - BOTTOM, TOP)


def _text(x: float, y: float, said: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(said)}</text>'


def _grid(across: _Scale, up: _Scale) -> list[str]:
    drawn = []
    for ten in across.tens():
        x = across(10**ten)
        drawn.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        drawn.append(_text(x, HEIGHT - BOTTOM + 18, f"{10**ten:,}", 'text-anchor="middle"'))
    for ten in up.tens():
        y = up(10.0**ten)
        drawn.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        drawn.append(_text(LEFT - 8, y + 4, f"{10.0**ten:g}", 'text-anchor="end"'))
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, "campaigns", 'text-anchor="middle"'))
    drawn.append(_text(LEFT, TOP - 20, "CPU seconds of the whole process (user + system), medians"))
    return drawn


def _drawn_line(line: Line, across: _Scale, up: _Scale) -> list[str]:
    at = [(across(size), up(max(cpu, 0.001))) for size, cpu in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
    drawn = [f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="{line.width}"{dashes}/>']
    return drawn + [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{line.colour}"/>' for x, y in at]


def _words(lines: Sequence[Line], across: _Scale, up: _Scale) -> list[str]:
    """The name at the end of each line, moved so far that none covers another."""
    ends = sorted(((up(max(line.points[-1][1], 0.001)), line) for line in lines), key=lambda end: end[0])
    places: list[float] = []
    for y, _ in ends:
        places.append(max(y, places[-1] + ROOM) if places else y)
    last = float(HEIGHT - BOTTOM)
    for n in range(len(places) - 1, -1, -1):
        places[n] = min(places[n], last)
        last = places[n] - ROOM
    drawn, edge = [], WIDTH - RIGHT
    for place, (y, line) in zip(places, ends, strict=True):
        x = across(line.points[-1][0])
        path = f"M{x:.1f} {y:.1f}L{edge + 14} {place:.1f}"
        drawn.append(f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="0.6" opacity="0.6"/>')
        drawn.append(_text(edge + 18, place + 4, line.name, f'fill="{line.colour}"'))
    return drawn


def drawn(tables: Sequence[Table]) -> str:
    """The chart of all tables; of one size it is a column of dots."""
    lines = _lines(tables)
    body: list[str] = []
    if lines:
        across, up = _scales(lines)
        body += _grid(across, up)
        for line in lines:
            body += _drawn_line(line, across, up)
        body += _words(lines, across, up)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#222">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *body, "</svg>"]) + "\n"
