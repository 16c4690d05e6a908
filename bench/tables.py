"""What was measured, as Markdown: a table for each size of plan, and the goals beside it."""

from __future__ import annotations

import resource
from collections.abc import Sequence

from bench.measure import Table, Tool, ratio

HEAD = ("| | CPU s | ratio | wall s: min / median / max | ratio | peak MB | runs |", "|---|---|---|---|---|---|---|")


def campaigns(size: int) -> str:
    return "1 campaign" if size == 1 else f"{size:,} campaigns"


def markdown(table: Table) -> str:
    """One Markdown table; ratios are medians of those in each round."""
    first = table.tools[0]
    low, high = table.load
    lines = [f"### {table.work}: {campaigns(table.size)}", "", *HEAD]
    lines += [_row(tool, first) for tool in table.tools if tool.runs]
    lines += ["", f"Load {low:.1f} to {high:.1f} before the rounds (this run itself counts as about one); {_least()}."]
    lines += [f"{tool.name} said: {tool.said}." for tool in table.tools[:1] if tool.runs and tool.said]
    lines += [f"{tool.name} **failed**: {' '.join(tool.failed.split())}." for tool in table.tools if tool.failed]
    lines += [f"{name} was left out: {why}." for name, why in table.left_out.items()]
    return "\n".join(lines)


def _least() -> str:
    """Linux says of a child at least the peak of the process that started it."""
    return f"peaks below {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB can not be told apart"


def _row(tool: Tool, first: Tool) -> str:
    walls = [run.wall for run in tool.runs]
    several = f" ({len(tool.commands)} processes)" if len(tool.commands) > 1 else ""
    cpu = wall = "–"
    if first.runs:
        cpu = f"{ratio(tool, first, lambda run: run.cpu):.2f}"
        wall = f"{ratio(tool, first, lambda run: run.wall):.2f}"
    return (
        f"| {tool.name}{several} | {tool.cpu:.2f} | {cpu} | {min(walls):.2f} / {tool.wall:.2f} / {max(walls):.2f} "
        f"| {wall} | {tool.memory:.0f} | {len(tool.runs)} |"
    )


def aligned(rows: Sequence[Sequence[str]], head: Sequence[str]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)])
