"""What commands share: language, writing to the terminal, writing files whole."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from tactful.engine.messages import Language, Message, say
from tactful.engine.scalars import BadValue, parse_date, zone

if TYPE_CHECKING:
    from tactful.engine.plan.settings import Settings


class Refused(Exception):
    """The command cannot be carried out as it was called: exit code 2."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


def language_of(option: str | None, settings: Settings | None = None) -> Language:
    """The language asked for, else of ``tactful.yaml``, else of the locale, else English."""
    stated = option or (settings.language if settings else None)
    if stated is None:
        locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        stated = "zh" if locale.lower().startswith("zh") else "en"
    if stated not in ("en", "zh"):
        raise Refused(say("no language '{word}'; there are en and zh", "没有语言“{word}”；可用 en 和 zh", word=stated))
    return cast(Language, stated)


def day_option(text: str | None, timezone: str) -> date:
    """The day given, or today on the plan's clock."""
    if text is None:
        return datetime.now(zone(timezone)).date()
    try:
        return parse_date(text)
    except BadValue as bad:
        raise Refused(say("--as-of: {why}", "--as-of：{why}", why=bad.message)) from None


ODD_SPACES = "\u00a0\u2007\u202f"
"""Spaces that nobody can tell from a usual one, and that are none."""


def clean(text: str) -> str:
    """Text of the user made harmless for a terminal: control characters and direction marks are shown, not sent.

    A byte of a file name that is no text (it comes as a lone surrogate) is shown as what it is. What the log of a build
    server obeys wherever it stands in a line (``##[``) is broken up.
    """
    text = text.replace("##[", "##\\x5b")
    if text.isascii() and text.isprintable():
        return text
    return "".join(_harmless(c) for c in text)


def _harmless(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cs":
        return f"\\x{ord(character) & 0xFF:02x}"
    return f"\\x{ord(character):02x}" if kind in ("Cc", "Cf", "Zl", "Zp") or character in ODD_SPACES else character


def out(text: str) -> None:
    """Writes to standard output in UTF-8, whatever the locale."""
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refused(say("the output cannot be written: {why}", "无法写出结果：{why}", why=why)) from None


def err(text: str) -> None:
    _write(sys.stderr, text)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is not None:  # None where it was closed before we began
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "replace"))
        stream.buffer.flush()


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all; a device is written as it is."""
    if str(path).startswith("/dev/"):
        path.write_text(text, "utf-8")
        return
    write_all({path: text})


def write_all(texts: Mapping[Path, str]) -> None:
    """Writes files whole, all of them or none: where one cannot be put in its place, those before it are put back."""
    with _first_done():
        _write_all(texts)


@contextmanager
def _first_done() -> Iterator[None]:
    """Whoever stops the program meanwhile stops it after this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if asked:
            signal.raise_signal(signal.SIGINT)


def _write_all(texts: Mapping[Path, str]) -> None:
    waiting: list[tuple[str, Path]] = []
    put: list[tuple[Path, bytes | None]] = []
    try:
        for path, text in texts.items():
            waiting.append((_beside(path, text.encode("utf-8", "surrogateescape")), path))
        while waiting:
            name, path = waiting[0]
            before = path.read_bytes() if len(texts) > 1 and path.is_file() else None
            os.replace(name, path)
            put.append((path, before))
            waiting.pop(0)
    except BaseException:
        for name, _ in waiting:
            os.unlink(name)
        if len(texts) > 1:
            for path, before in put:
                os.unlink(path) if before is None else os.replace(_beside(path, before), path)
        raise


def _beside(path: Path, data: bytes) -> str:
    """A file of these bytes beside the one that it is to become."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tactful-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(name, 0o644)
    except BaseException:
        os.unlink(name)
        raise
    return name
