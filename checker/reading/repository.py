"""Which files belong to a repository of campaigns, and what is in them. Nothing outside it is read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tactful.engine.messages import Message, say

from .profile import MOST_BYTES, Complaint, Parsed, Span, decode, parse

FOLDERS = ("campaigns", "services", "offers", "policies")
ROOT_FILES = ("customers.yaml", "vocabulary.yaml", "waivers.yaml", "ledger.yaml", "tactful.yaml")
CASES = "cases"
PASSED_OVER = {"node_modules", "venv", "__pycache__", "build", "dist"}
MOST_FILES = 200_000


@dataclass
class SourceFile:
    """One file: its path below the root (with ``/``), its text, and what was parsed of it."""

    path: str
    text: str
    parsed: Parsed
    _placed: Parsed | None = None
    _lines: list[str] | None = None

    def lines(self) -> list[str]:
        """The lines of the text, without their ends; split once."""
        if self._lines is None:
            self._lines = [line.rstrip("\r") for line in self.text.split("\n")]
        return self._lines

    def placed(self) -> Parsed:
        """The same, parsed with positions; done once, and only for files that need them."""
        if self._placed is None:
            self._placed = parse(self.text, positions=True)
        return self._placed


@dataclass
class Repository:
    """What was found below the root. ``unread`` are YAML files that stand in no place that is read."""

    root: Path
    files: dict[str, SourceFile] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    missing_places: list[str] = field(default_factory=list)


def _unread(code: str, message: Message, help: Message | None = None) -> Complaint:
    return Complaint(code, message, Span(1, 1, 1, 1), help)


def complaint(code: str, message: Message, help: Message | None = None) -> Parsed:
    """A file that could not be read at all."""
    parsed = Parsed()
    parsed.complaints.append(_unread(code, message, help))
    parsed.documents.append(None)
    parsed.broken.add(0)
    return parsed


@lru_cache(maxsize=64)
def _inside(root: str) -> str:
    """How the real path of everything below the root begins."""
    return os.path.realpath(root).rstrip(os.sep) + os.sep


def read_bytes(root: Path, path: str, most: int) -> bytes | Complaint:
    """The bytes of one file, or why not: outside the root, not a file, too large, unreadable."""
    try:
        real = os.path.realpath(os.path.join(root, path))
        if not (real + os.sep).startswith(_inside(str(root))):
            return _unread(
                "outside", say("the file leads outside the repository and is not read", "该文件指向仓库之外，不予读取")
            )
        real = os.path.realpath(os.path.join(root, path), strict=True)
        status = os.stat(real)
        if not stat.S_ISREG(status.st_mode):
            return _unread("not-a-file", say("this is not a regular file", "这不是普通文件"))
        if status.st_size > most:
            message = say(
                "the file is {size} MB; at most {most} MB are read",
                "文件大小为 {size} MB，最多读取 {most} MB",
                size=status.st_size // 1_000_000,
                most=most // 1_000_000,
            )
            return _unread("too-large", message, say("split it into several files", "请拆分为多个文件"))
        with open(real, "rb") as stream:
            return stream.read(most + 1)
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "links in a circle"
        return _unread("unreadable", say("the file cannot be read: {why}", "文件无法读取：{why}", why=why))


def read_file(root: Path, path: str) -> SourceFile:
    """Reads one file whole, or says why not."""
    data = read_bytes(root, path, MOST_BYTES)
    text = decode(data) if isinstance(data, bytes) else data
    if isinstance(text, Complaint):
        return SourceFile(path, "", Parsed(documents=[None], complaints=[text], broken={0}))
    return SourceFile(path, text, parse(text))


def is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def discover(root: Path, places: Iterable[str] = ()) -> Repository:
    """Reads every YAML file in the places (folders or files below the root), or in the usual ones."""
    repository = Repository(root)
    wanted: list[str] = []
    for place in places or (*FOLDERS, *ROOT_FILES):
        place = place.rstrip("/")
        full = root / place
        if os.path.isdir(full):
            wanted += sorted(_below(root, place, repository))
        elif os.path.lexists(full):
            wanted.append(place)
        elif places:
            repository.missing_places.append(place)
    if places:
        wanted += [name for name in ROOT_FILES if os.path.lexists(root / name)]
    for path in dict.fromkeys(wanted):
        repository.files[path] = read_file(root, path)
    repository.unread = [path for path in _others(root) if path not in repository.files]
    return repository


def _below(root: Path, place: str, repository: Repository) -> Iterator[str]:
    """Relative paths of the YAML files in a folder; links to folders are not followed, and that is said."""
    if not (root / place).resolve().is_relative_to(root.resolve()):
        repository.files[place] = SourceFile(
            place,
            "",
            complaint(
                "outside",
                say("the folder leads outside the repository and is not read", "该文件夹指向仓库之外，不予读取"),
            ),
        )
        return

    def unreadable(error: OSError) -> None:
        relative = os.path.relpath(error.filename, root).replace(os.sep, "/")
        message = say("the folder cannot be read: {why}", "文件夹无法读取：{why}", why=error.strerror or "")
        repository.files[relative] = SourceFile(relative, "", complaint("unreadable", message))

    for folder, folders, names in os.walk(root / place, onerror=unreadable, followlinks=False):
        for name in list(folders):
            full = os.path.join(folder, name)
            if os.path.islink(full):
                folders.remove(name)
                relative = os.path.relpath(full, root).replace(os.sep, "/")
                message = say("a link to a folder is not followed", "不跟随指向文件夹的链接")
                repository.files[relative] = SourceFile(
                    relative,
                    "",
                    complaint("link", message, say("put the files here themselves", "请把文件直接放在这里")),
                )
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if is_yaml(name) and not name.startswith("."):
                yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def _others(root: Path) -> list[str]:
    """YAML files anywhere else, but for hidden folders, cases and what tools build."""
    found: list[str] = []
    for folder, folders, names in os.walk(root, followlinks=False):
        at_root = os.path.samefile(folder, root)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in PASSED_OVER and not (at_root and name == CASES)
        )
        for name in names:
            if is_yaml(name) and not name.startswith("."):
                found.append(os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/"))
        if len(found) > MOST_FILES:
            break
    return sorted(found)
