"""What earlier runs found out, in the user's cache folder: by content, checked by a sum, safe to delete at any time.

Nothing is kept in the repository of campaigns, nor read from there, for its files come from pull requests. A file of the cache
that is damaged, of another version or of another shape is as good as none.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tactful.engine.messages import say

from .console import Refused, write_whole
from .work_tree import work_tree

PARTS = ("engine", "checker", "policies")
LIBRARIES = (
    "yaml", "pydantic", "pydantic_core", "dateutil", "holidays", "tzdata",
    "jsonschema", "referencing", "rpds", "attr", "cel_expr_python", "wcwidth",
)  # fmt: skip
OURS = "checks-1"
"""The folder below the cache folder that holds nothing else."""
_NAME = re.compile(r"[0-9a-f]{64}|\.tactful-.*\.tmp")
MAX_ENTRIES = 400
MAX_BYTES = 300_000_000
HOUR = 3600


def digest_of(*parts: bytes) -> str:
    """What stands for these bytes and no others."""
    found = blake2b(digest_size=32)
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


class Cache:
    """Values under keys, each in a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / OURS
        self.version = code()

    def key(self, *parts: object) -> str:
        """The key of what these parts decide. The code that runs and its libraries are always among them."""
        return digest_of(self.version.encode(), json.dumps(parts).encode())

    def get(self, key: str) -> Any:
        """The value, or None."""
        try:
            data = (self.folder / key).read_bytes()
        except OSError:
            return None
        total, _, body = data.partition(b"\n")
        if total.decode("ascii", "replace") != digest_of(key.encode(), body):
            return None
        with suppress(OSError):
            os.utime(self.folder / key)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Keeps a value; a cache that cannot be written is none, and no harm."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        total = digest_of(key.encode(), body.encode("utf-8", "surrogatepass"))
        with suppress(OSError, UnicodeEncodeError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self.folder / key, f"{total}\n{body}")
            self._tidy()

    def _tidy(self) -> None:
        """Removes what was used longest ago, and what a run that was killed left half-written."""
        room, now = MAX_BYTES, time.time()
        mine = (entry for entry in os.scandir(self.folder) if _NAME.fullmatch(entry.name))
        entries = sorted(((entry.stat(), entry.path) for entry in mine), key=_last_used)
        for number, (status, path) in enumerate(reversed(entries)):
            room -= status.st_size
            left = path.endswith(".tmp") and status.st_mtime < now - HOUR
            if number >= MAX_ENTRIES or room < 0 or left:
                with suppress(OSError):
                    os.unlink(path)


def _last_used(entry: tuple[os.stat_result, str]) -> int:
    return entry[0].st_mtime_ns


def cache_for(root: Path) -> Cache | None:
    """The cache for a repository: below TACTFUL_CACHE_DIR, else in the cache folder of the user; None where there can be none."""
    stated = os.environ.get("TACTFUL_CACHE_DIR")
    folder = Path(stated) if stated else _of_the_user()
    if folder is None:
        return None
    if not _lies_in(folder, root):
        with suppress(OSError):
            return Cache(folder)
        return None
    if stated:
        raise Refused(
            say(
                "the cache '{path}' lies in the repository, where a pull request could write it; "
                "set TACTFUL_CACHE_DIR to another folder, or use --no-cache",
                "缓存“{path}”位于仓库之内，拉取请求可能改写它；请把 TACTFUL_CACHE_DIR 设为其他文件夹，或使用 --no-cache",
                path=stated,
            )
        )
    return None


def _of_the_user() -> Path | None:
    from platformdirs import user_cache_path

    try:
        return user_cache_path("tactful", appauthor=False)
    except (OSError, RuntimeError):
        return None  # somebody without a home


def _lies_in(folder: Path, root: Path) -> bool:
    """Whether a folder is in the repository, or in the work tree around it, as it is written or where it leads."""
    top = work_tree(root)
    written = Path(os.path.realpath(folder.absolute().parent)) / folder.name
    return any(Path(path).is_relative_to(top) for path in (written, os.path.realpath(folder), os.path.abspath(folder)))


def code() -> str:
    """What stands for the code that runs: every file of Tactful, its libraries and the Python under it."""
    parts = [sys.version]
    for part in PARTS:
        spec = importlib.util.find_spec(f"tactful.{part}")
        for place in (spec.submodule_search_locations if spec else None) or ():
            parts += _stamps(place)
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        where = (spec.origin or next(iter(spec.submodule_search_locations or ()), None)) if spec else None
        parts.append(f"{name} {_stamp(os.stat(where)) if where else None}")
    return digest_of(*(part.encode("utf-8", "surrogateescape") for part in parts))


def _stamps(folder: str) -> Iterator[str]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            yield from _stamps(entry.path)
        else:
            yield f"{entry.path} {_stamp(entry.stat(follow_symlinks=False))}"


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"
