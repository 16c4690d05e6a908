"""Which files belong to a repository of campaigns, and what is in them. Nothing outside it is read."""

from __future__ import annotations

import os
import posixpath
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from tactful.engine.messages import Message, say

from ..cache import digest_of
from .index import Index
from .profile import MAX_BYTES, Complaint, Parsed, Span, decode, parse

FOLDERS = ("campaigns", "services", "offers", "policies")
SETTINGS = "tactful.yaml"
BASELINE = "tactful-baseline.json"
ROOT_FILES = ("customers.yaml", "vocabulary.yaml", "waivers.yaml", "ledger.yaml", SETTINGS)
CASES = "cases"
PASSED_OVER = {"node_modules", "venv", "__pycache__", "build", "dist"}
MAX_FILES = 200_000
MAX_TABLE = 50_000_000
"""Bytes of a table beside the documents."""
NOTHING: Mapping[str, bytes] = MappingProxyType({})


class Altered(Exception):
    """A file is another one than it was when the run began."""


@dataclass
class SourceFile:
    """One file: its path below the root (with ``/``), its text, and what was parsed of it (when it is first asked for).

    ``digest`` stands for the text, or for why there is none. Without a text it is read from ``root`` when it is asked for.
    """

    path: str
    stated: str | None
    known: Parsed | None = None
    digest: str = ""
    root: Path | None = None
    _placed: Parsed | None = None
    _lines: list[str] | None = None

    @property
    def text(self) -> str:
        """The whole text. Raises Altered where the file has changed since its digest was taken."""
        if self.stated is None and self.root is not None:
            again = read_file(self.root, self.path)
            if again.digest != self.digest:
                raise Altered(self.path)
            self.stated = again.text
        return self.stated or ""

    @property
    def parsed(self) -> Parsed:
        if self.known is None:
            self.known = parse(self.text)
        return self.known

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
    misnamed: list[str] = field(default_factory=list)
    """Files in a place that is read, whose ending says that they are none to read, though they nearly have the right one."""
    missing_places: list[str] = field(default_factory=list)


def _unread(code: str, message: Message, help: Message | None = None) -> Complaint:
    return Complaint(code, message, Span(1, 1, 1, 1), help)


@lru_cache(maxsize=4096)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def _inside(root: str) -> str:
    """How the real path of everything below the root begins."""
    return _real(os.path.abspath(root)).rstrip(os.sep) + os.sep


def read_bytes(root: Path, path: str, most: int) -> bytes | Complaint:
    """The bytes of one file, or why not: outside the root, not a file, too large, unreadable."""
    try:
        folder, name = os.path.split(os.path.abspath(os.path.join(root, path)))
        real = os.path.join(_real(folder), name)
        if not name or os.path.islink(real):
            real = os.path.realpath(real)
        if not (real + os.sep).startswith(_inside(str(root))):
            return _unread(
                "outside", say("the file leads outside the repository and is not read", "该文件指向仓库之外，不予读取")
            )
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
            return stream.read(min(most, status.st_size) + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return _unread("unreadable", say("the file cannot be read: {why}", "文件无法读取：{why}", why=why))


def read_file(root: Path, path: str, instead: bytes | None = None) -> SourceFile:
    """Reads one file whole, or says why not. ``instead`` are the bytes of a file that is not saved yet."""
    data = read_bytes(root, path, MAX_BYTES) if instead is None else instead
    if isinstance(data, Complaint):
        return _unreadable(path, data)
    text = decode(data)
    return _unreadable(path, text) if isinstance(text, Complaint) else SourceFile(path, text, digest=_digest(data))


def content_of(root: Path, path: str) -> str:
    """What stands for a file of another kind that is read beside the documents, or for why it cannot be; empty: none is there."""
    if not os.path.lexists(root / path):
        return ""
    return _digest(read_bytes(root, path, MAX_TABLE))


def _digest(found: bytes | Complaint) -> str:
    return digest_of(found if isinstance(found, bytes) else repr(found).encode("utf-8", "replace"))


def _unreadable(path: str, why: Complaint) -> SourceFile:
    parsed = Parsed(documents=[None], complaints=[why], broken={0})
    return SourceFile(path, "", parsed, _digest(why))


def is_yaml(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))


_NEARLY = re.compile(r"\.(ya?ml|json)[.~_ -][^/]*$|\.(ya?ml|json)~$", re.IGNORECASE)


def is_document(name: str, place: str) -> bool:
    """Whether a file of a place is read: YAML, and JSON, which is YAML too, but not beside everything else at the root."""
    return is_yaml(name) or (place != "." and name.lower().endswith(".json"))


def discover(
    root: Path,
    places: Iterable[str] = (),
    instead: Mapping[str, bytes] = NOTHING,
    index: Index | None = None,
) -> Repository:
    """Reads every YAML file in the places (folders or files below the root), or in the usual ones.

    ``instead`` holds the bytes of files that are not saved yet, by path. What the index knows is read when it is asked for.
    """
    repository = Repository(root)
    wanted: list[str] = []
    for written in places or (*FOLDERS, *ROOT_FILES):
        place = posixpath.normpath(written)
        unsaved = [path for path in instead if _belongs(path, place)]
        full = root / place
        if os.path.isdir(full):
            wanted += sorted({*_below(root, place, repository), *unsaved})
        elif unsaved or os.path.lexists(full):
            wanted += sorted({*unsaved, *([place] if os.path.lexists(full) else [])})
        elif places:
            repository.missing_places.append(written)
    if places:
        wanted += [name for name in ROOT_FILES if name in instead or os.path.lexists(root / name)]
    for path in dict.fromkeys(wanted):
        known = index.digest_of(path) if index is not None and path not in instead else None
        if known is not None:
            repository.files[path] = SourceFile(path, None, digest=known, root=root)
            continue
        repository.files[path] = file = read_file(root, path, instead.get(path))
        if index is not None and path not in instead and file.known is None:
            index.take(path, file.digest)
    repository.unread = [path for path in _others(root) if path not in repository.files]
    return repository


def _belongs(path: str, place: str) -> bool:
    """Whether a file of this path would be read as a part of a place."""
    if path == place:
        return True
    inside = path if place == "." else path.removeprefix(f"{place}/")
    return (inside != path or place == ".") and is_document(path, place) and not re.search(r"(^|/)\.", inside)


def _below(root: Path, place: str, repository: Repository) -> Iterator[str]:
    """Relative paths of the YAML files in a folder; links to folders are not followed, and that is said."""
    if not (root / place).resolve().is_relative_to(root.resolve()):
        message = say("the folder leads outside the repository and is not read", "该文件夹指向仓库之外，不予读取")
        repository.files[place] = _unreadable(place, _unread("outside", message))
        return

    def unreadable(error: OSError) -> None:
        relative = os.path.relpath(error.filename, root).replace(os.sep, "/")
        message = say("the folder cannot be read: {why}", "文件夹无法读取：{why}", why=error.strerror or "")
        repository.files[relative] = _unreadable(relative, _unread("unreadable", message))

    for folder, folders, names in os.walk(root / place, onerror=unreadable, followlinks=False):
        for name in list(folders):
            full = os.path.join(folder, name)
            if os.path.islink(full):
                folders.remove(name)
                relative = os.path.relpath(full, root).replace(os.sep, "/")
                message = say("a link to a folder is not followed", "不跟随指向文件夹的链接")
                help = say("put the files here themselves", "请把文件直接放在这里")
                repository.files[relative] = _unreadable(relative, _unread("link", message, help))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in _shown_in(folder, sorted(names), root):
            if is_document(path, place):
                yield path
            elif _NEARLY.search(path):
                repository.misnamed.append(path)


def _shown_in(folder: str, names: Iterable[str], root: Path) -> Iterator[str]:
    inside = os.path.relpath(folder, root).replace(os.sep, "/")
    before = "" if inside == "." else f"{inside}/"
    return (f"{before}{name}" for name in names if not name.startswith("."))


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
        found += filter(is_yaml, _shown_in(folder, names, root))
        if len(found) > MAX_FILES:
            break
    return sorted(found)
