"""Work that is shared out to processes, once it has taken long enough to be worth it. The answers are the same."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
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


def spread(
    task: Callable[[Item], Made], items: Sequence[Item], jobs: int, tell: Tell | None = None, began: float | None = None
) -> list[Made]:
    """``task`` of each item, in their order. ``began`` is when the work began that these items are a part of (now)."""
    done: list[Made] = []
    if began is None:
        began = time.monotonic()
    alone = jobs < 2
    while len(done) < len(items):
        if alone or time.monotonic() - began <= PATIENCE or len(items) - len(done) < 2:
            done.append(task(items[len(done)]))
            _say(tell, len(done), len(items))
            continue
        alone = True  # from then on: what processes that were killed have left
        with closing(_shared(task, items, len(done), jobs)) as answers:
            for made in answers:
                done.append(made)
                _say(tell, len(done), len(items))
    return done


def _say(tell: Tell | None, done: int, number: int) -> None:
    if tell is not None:
        tell(done, number)


def _shared(task: Callable[[Item], Made], items: Sequence[Item], first: int, jobs: int) -> Generator[Made]:
    """The answers for the items from ``first`` on, from copies of this process: they have the items, only answers are sent.

    It ends early where one of them is killed.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    global _task, _items
    _task, _items = task, items
    number = min(jobs, len(items) - first)
    with ProcessPoolExecutor(number, get_context("fork"), initializer=_follow, initargs=(os.getpid(),)) as pool:
        try:
            yield from pool.map(_one, range(first, len(items)))
        except BrokenProcessPool:
            return


def _follow(parent: int) -> None:
    """A copy writes nothing to where the report goes, holds nothing open there, and ends with the run it is for."""
    from tactful.engine.bounded import end_with

    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    end_with(parent)


def _one(number: int) -> Any:
    return _task(_items[number])
