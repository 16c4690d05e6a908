"""What was aimed at, beside what was measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bench import cold, hook
from bench.measure import Run, Table, ratio
from bench.tables import aligned, campaigns

Row = tuple[str, str, str, str]


class _Measured:
    """The tables of a run; a goal is asked only where both sides of it were measured."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {(table.work, table.size): table for table in tables}

    def ratio(self, work: str, size: int, one: str, other: str, beside: float = 0.0) -> float | None:
        """CPU of one by that of the other, each with ``beside`` seconds left out of the former."""
        table = self._tables.get((work, size))
        left, right = (table.named(one), table.named(other)) if table else (None, None)
        return ratio(left, right, lambda run: run.cpu) - beside / right.cpu if left and right else None

    def of(self, work: str, size: int, name: str, what: Callable[[Run], float]) -> float | None:
        table = self._tables.get((work, size))
        tool = table.named(name) if table else None
        return max(what(run) for run in tool.runs) if tool else None

    def cpu(self, work: str, size: int, name: str) -> float | None:
        table = self._tables.get((work, size))
        tool = table.named(name) if table else None
        return tool.cpu if tool else None

    def unproven(self) -> set[str]:
        """Plans that were not decided: being fast there reaches nothing. (A single campaign rightly leaves its floor open.)"""
        checked = ((table.size, table.named(cold.CHECK)) for table in self._tables.values())
        return {campaigns(size) for size, tool in checked if size > 1 and tool and "unproven" in tool.said}


def _row(what: str, goal: str, measured: float | None, most: float, unit: str = "×") -> Iterator[Row]:
    if measured is not None:
        shown = f"{measured:.2f} {unit}" if unit == "×" else f"{measured:.0f} {unit}"
        yield what, goal, shown, "yes" if measured <= most else "no"


def _cold(on: _Measured) -> Iterator[Row]:
    work, check = cold.WORK, cold.CHECK
    start = on.ratio(work, 1, check, cold.TYPER, beside=0.06)
    yield from _row("1 campaign", "≤ 1.25 × an empty Typer command, 60 ms left out", start, 1.25)
    for size in (100, 1_000):
        beside = on.ratio(work, size, check, cold.COMBINED)
        yield from _row(campaigns(size), f"below {cold.COMBINED}", beside, 1.0)
    for size in (1_000, 10_000):
        yield from _row(campaigns(size), f"below {cold.EACH}", on.ratio(work, size, check, cold.EACH), 1.0)
    floor, spectral = (on.ratio(work, 10_000, check, name) for name in (cold.FLOOR, cold.SPECTRAL))
    yield from _row("10,000 campaigns", f"≤ 2 × {cold.FLOOR}", floor, 2.0)
    yield from _row("10,000 campaigns", f"below {cold.SPECTRAL}", spectral, 1.0)
    took, ajv, typer = (on.cpu(work, 10_000, name) for name in (check, cold.AJV, cold.TYPER))
    beside = took / (ajv + typer) if took and ajv and typer else None
    yield from _row("10,000 campaigns", f"below {cold.AJV} and an empty Typer command", beside, 1.0)


def _large(on: _Measured) -> Iterator[Row]:
    for size, most in ((10_000, 250), (50_000, 1_000)):
        peak = on.of(cold.WORK, size, cold.CHECK, lambda run: run.memory)
        yield from _row(campaigns(size), f"≤ {most:,} MB", peak, most, "MB")
    many, few = (on.cpu(cold.WORK, size, cold.CHECK) for size in (50_000, 10_000))
    grown = many / few if many and few else None
    yield from _row("50,000 campaigns", "near linear: ≤ 6 × 10,000 campaigns", grown, 6.0)


def _hook(on: _Measured) -> Iterator[Row]:
    for what, most in ((hook.NOTHING, 2.0), (hook.CHANGED, 4.0)):
        beside = on.ratio(hook.WORK, 10_000, what, cold.TYPER)
        yield from _row(f"10,000 campaigns, {what}", f"≤ {most:.0f} × an empty Typer command", beside, most)


def against(tables: Sequence[Table]) -> str:
    """A table of the goals that this run can tell of; nothing where there are none."""
    on = _Measured(tables)
    unproven = on.unproven()
    found = [*_cold(on), *_large(on), *_hook(on)]
    rows = [(*row[:3], "no: unproven") if row[0] in unproven else row for row in found]
    head = ("work", "goal (CPU, or memory)", "measured", "reached")
    return f"### The goals\n\n{aligned(rows, head)}" if rows else ""
