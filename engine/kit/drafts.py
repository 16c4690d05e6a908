"""Drafts count in no other's finding: the plan without any, then with each of them alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from ..sends.timeline import Send, TriggeredTouch

Thing = TypeVar("Thing", Send, TriggeredTouch, Send | TriggeredTouch)


def with_each_draft(things: Sequence[Thing]) -> Iterator[tuple[str | None, list[Thing]]]:
    """(None, everything but drafts); then for each draft its name, and everything with it."""
    yield None, [thing for thing in things if thing.status != "draft"]
    for name in sorted({thing.name for thing in things if thing.status == "draft"}):
        yield name, [thing for thing in things if thing.status != "draft" or thing.name == name]
