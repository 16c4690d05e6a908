"""Which files are as an earlier run read them, told by their state alone, as the index of git tells it.

A file whose size, times and number (inode) are those of then is not read again. One that was changed just before it was read
is not taken in: it could change again within the same tick of the clock.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from ..cache import Cache

JUST_NOW = 2_500_000_000
"""Nanoseconds: the coarsest clock of a file system ticks every two seconds."""
FEW = 5
State = list[int]


class Index:
    """The states of the files below one root, and what stands for the content of each."""

    def __init__(self, cache: Cache, root: Path) -> None:
        self.cache, self.root = cache, os.path.realpath(root)
        self.key = cache.key("index", self.root)
        kept = cache.get(self.key)
        self.kept: dict[str, list[object]] = kept if isinstance(kept, dict) else {}
        self.taken: dict[str, list[object]] = {}
        self.began = time.time_ns()
        self.met: dict[str, State] = {}

    def digest_of(self, path: str) -> str | None:
        """What stands for the content of a file, if it is as it was."""
        state = self._state(path)
        if state is None:
            return None
        self.met[path] = state
        known = self.kept.get(path)
        if known is None or known[1:] != state:
            return None
        self.taken[path] = known
        return str(known[0])

    def take(self, path: str, digest: str) -> None:
        """A file was read; its state is the one from before that."""
        state = self.met.get(path)
        if state is not None and state == self._state(path) and max(state[1], state[2]) < self.began - JUST_NOW:
            self.taken[path] = [digest, *state]

    def keep(self) -> None:
        """Writes what is known now, if more than a few files are new in it: these are read again as quickly."""
        if sum(self.kept.get(path) != entry for path, entry in self.taken.items()) > FEW:
            self.cache.put(self.key, self.taken)

    def _state(self, path: str) -> State | None:
        """Size, times and number of a file that is no link, in no folder that is one."""
        try:
            found = os.lstat(f"{self.root}/{path}")
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
