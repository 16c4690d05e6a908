"""Parsing of many files: what an earlier run has parsed comes from the cache, the rest is shared out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..cache import Cache
from ..spread import Tell, spread
from .profile import Parsed, parse
from .repository import SourceFile

CHUNK = 50
RARELY = 50
"""All is written anew when more than one file in so many was not known: to parse a few again is less work than that."""


def parse_all(files: Iterable[SourceFile], root: Path, cache: Cache | None, jobs: int, tell: Tell | None) -> None:
    """Parses the files that are not yet parsed."""
    left = [file for file in files if file.known is None]
    key = cache.key("parsed", str(root.resolve())) if cache is not None else ""
    kept = (cache.get(key) if cache is not None else None) or {}
    for file in left:
        if (documents := kept.get(file.digest)) is not None:
            file.known = Parsed(documents)
    missing = [file for file in left if file.known is None]
    chunks = [missing[i : i + CHUNK] for i in range(0, len(missing), CHUNK)]
    for chunk, made in zip(chunks, spread(_parse, chunks, jobs, tell), strict=True):
        for file, parsed in zip(chunk, made, strict=True):
            file.known = parsed
    if cache is not None and sum(map(_keeps, missing)) * RARELY > len(left):
        cache.put(key, {file.digest: file.parsed.documents for file in left if file.digest in kept or _keeps(file)})


def _parse(files: Sequence[SourceFile]) -> list[Parsed]:
    return [parse(file.text) for file in files]


def _keeps(file: SourceFile) -> bool:
    """Whether all that was parsed is plain values, each written once."""
    return not file.parsed.complaints and not file.parsed.broken and not ("&" in file.text and "*" in file.text)
