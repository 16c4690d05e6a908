"""Work that is shared out to processes, once it has taken long enough to be worth it. The answers are the same."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
Tell = Callable[[int, int], None]
"""Told how many of how many are done."""

PATIENCE = 0.4
"""Seconds that one process works alone: shorter runs would only pay for starting others."""

_task: Callable[[Any], Any]
_items: Sequence[Any] = ()


def jobs_here() -> int:
    """How many processes there may be: the processors this one may use; one where a process cannot be copied as it is."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def spread(task: Callable[[Item], Made], items: Sequence[Item], jobs: int, tell: Tell | None = None) -> list[Made]:
    """``task`` of each item, in their order."""
    began, done = time.monotonic(), []
    for number, item in enumerate(items):
        if jobs > 1 and time.monotonic() - began > PATIENCE and len(items) - number > 1:
            return done + _shared(task, items, number, jobs, tell)
        done.append(task(item))
        if tell is not None:
            tell(number + 1, len(items))
    return done


def _shared(
    task: Callable[[Item], Made], items: Sequence[Item], first: int, jobs: int, tell: Tell | None
) -> list[Made]:
    """The same for the items from ``first`` on, in copies of this process: they have the items, only answers are sent."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    global _task, _items
    _task, _items = task, items
    done: list[Made] = []
    with ProcessPoolExecutor(min(jobs, len(items) - first), get_context("fork")) as pool:
        for made in pool.map(_one, range(first, len(items))):
            done.append(made)
            if tell is not None:
                tell(first + len(done), len(items))
    return done


def _one(number: int) -> Any:
    return _task(_items[number])
