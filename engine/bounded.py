"""Work that a policy could make endless, or as large as the machine: done in a process of its own, with limits."""

from __future__ import annotations

import os
import pickle
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from .messages import say
from .undecidable import Undecidable

T = TypeVar("T")

SECONDS = 3
MEGABYTES = 300
"""What the work may take beside what the program itself has."""


class OutOfBounds(Undecidable):
    """The work took more time or memory than it is given."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "it takes more than {seconds} s or {megabytes} MB to work this out",
                "求值需要超过 {seconds} 秒或 {megabytes} MB 内存",
                seconds=SECONDS,
                megabytes=MEGABYTES,
            )
        )


def bounded(work: Callable[[], T]) -> T:
    """The result of the work, which changes nothing here. Raises OutOfBounds, and what the work raises.

    Where the system has no ``fork`` the work is done as it is.
    """
    if not hasattr(os, "fork"):
        return work()
    readable, writable = os.pipe()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        end_with(parent)
        os.close(readable)
        _work(work, writable)
    os.close(writable)
    with open(readable, "rb") as stream:
        try:
            told = _all_of(stream.fileno())
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if not told:
        raise OutOfBounds
    done, result = pickle.loads(told)  # noqa: S301  # from our own child
    if not done:
        raise result
    answer: T = result
    return answer


def _work(work: Callable[[], object], writable: int) -> None:
    """In the child: never returns, and says nothing where a limit is met."""
    try:
        _limit()
        try:
            told = pickle.dumps((True, work()))
        except MemoryError:
            os._exit(1)
        except Exception as error:
            told = pickle.dumps((False, error))
        with open(writable, "wb") as stream:
            stream.write(told)
    finally:
        os._exit(1)


def end_with(parent: int) -> None:
    """From now on this copy of a process ends soon after the process it is for."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _limit() -> None:
    import resource

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for what, most in (
        (resource.RLIMIT_CORE, (0, 0)),
        (resource.RLIMIT_CPU, (SECONDS, SECONDS + 1)),
        (resource.RLIMIT_AS, (_taken() + MEGABYTES * 1_000_000,) * 2),
    ):
        with suppress(ValueError, OSError):  # a system that does not know it, or has less
            resource.setrlimit(what, most)


def _taken() -> int:
    """How much memory the program has mapped; where the system does not tell, as much as a large one has."""
    try:
        with open("/proc/self/statm", "rb") as told:
            return int(told.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 4_000_000_000


def _all_of(stream: int) -> bytes:
    """What the child says until it ends; nothing if it is not done in time."""
    found: list[bytes] = []
    ends = time.monotonic() + SECONDS + 1
    while (left := ends - time.monotonic()) > 0 and select.select([stream], [], [], left)[0]:
        part = os.read(stream, 1 << 16)
        if not part:
            return b"".join(found)
        found.append(part)
    return b""
