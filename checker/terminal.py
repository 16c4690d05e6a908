"""What a terminal can show: colour, width, links, and how far long work has come. By the usual conventions.

NO_COLOR and TERM=dumb switch colour off, FORCE_COLOR and CLICOLOR_FORCE on; COLUMNS is the width of a terminal; FORCE_HYPERLINK decides on links.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from tactful.engine.messages import Language, Message

from .console import err

NARROWEST = 40
LINKED_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby")
LINKED_TERMINALS = ("xterm-kitty", "alacritty", "xterm-ghostty", "foot")
LINKED_SIGNS = ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM")
COLOURS = {"red": "31", "yellow": "33", "cyan": "36", "blue": "34", "green": "32", "bold": "1"}
OF_A_PACK = "tactful:"
A_WHILE = 1.0
"""Seconds of silence before progress is shown."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a report is drawn. ``links`` is the address of the repository.

    ``width``, in columns, is kept by source lines and notes (None: as wide as they come); heads and labels go on beyond it.
    """

    colour: bool = False
    width: int | None = None
    links: str | None = None

    def paint(self, text: str, *colours: str) -> str:
        if not self.colour or not text:
            return text
        return f"\x1b[{';'.join(COLOURS[colour] for colour in colours)}m{text}\x1b[0m"

    def link(self, text: str, path: str) -> str:
        """The text as a link to a file of the repository."""
        if self.links is None or path.startswith(OF_A_PACK):
            return text
        address = quote(f"{self.links}/{path}", safe="/:", errors="surrogateescape")
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"


PLAIN = Style()


def style_for(stream: TextIO | None, root: Path) -> Style:
    """What can be shown on a stream (None: it is closed)."""
    if stream is None:
        return PLAIN
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    links = f"file://{os.path.realpath(root)}" if _links(terminal, os.environ) else None
    return Style(_colour(terminal, os.environ), _width(stream, os.environ), links)


def _colour(terminal: bool, env: Mapping[str, str]) -> bool:
    if env.get("NO_COLOR") or env.get("FORCE_COLOR") == "0":
        return False
    if env.get("FORCE_COLOR") or (env.get("CLICOLOR_FORCE") or "0") != "0":
        return True
    return terminal and env.get("CLICOLOR") != "0"


def _width(stream: TextIO, env: Mapping[str, str]) -> int | None:
    """The width of a terminal; what goes to a file or a pipe has none, whoever reads it."""
    if not stream.isatty():
        return None
    stated = env.get("COLUMNS", "")
    try:
        found = int(stated[:9]) if stated.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return max(found, NARROWEST) if found else None


def _links(terminal: bool, env: Mapping[str, str]) -> bool:
    if "FORCE_HYPERLINK" in env:
        return env["FORCE_HYPERLINK"] not in ("", "0")
    version = env.get("VTE_VERSION", "")
    return (
        terminal
        and "CI" not in env
        and (
            env.get("TERM_PROGRAM") in LINKED_PROGRAMS
            or env.get("TERM") in LINKED_TERMINALS
            or any(sign in env for sign in LINKED_SIGNS)
            or (version.isdecimal() and int(version[:9]) >= 5000)
        )
    )


def progress(what: Message, language: Language) -> Callable[[int, int], None] | None:
    """Shows on a terminal how far long work has come, and takes it away again; None where nobody looks."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    began = time.monotonic()
    words = what.render(language)

    def tell(done: int, number: int) -> None:
        if time.monotonic() - began > A_WHILE:
            err(f"\r\x1b[2K{words} {done * 100 // number}%" if done < number else "\r\x1b[2K")

    return tell
