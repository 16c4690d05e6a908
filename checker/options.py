"""What the options of several commands have in common, and the language of help, which is known before anything is read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import completion
from .console import language_of


def _stated(arguments: list[str]) -> str | None:
    """The language that the command line asks for, seen before anything else is read."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)
    asked = [
        after if word == "--language" else word.removeprefix("--language=")
        for word, after in pairs
        if word.startswith("--language")
    ]
    return asked[-1] if asked and asked[-1] in ("en", "zh") else None


HERE = language_of(_stated(sys.argv[1:]))
"""The language of help and of what is wrong with the command line: no repository has been read yet."""


def words(english: str, chinese: str) -> str:
    return chinese if HERE == "zh" else english


Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="en|zh",
        autocompletion=completion.languages,
        help=words("Language of the output.", "输出语言。"),
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DAY",
        help=words("Report touches on or after this day (today).", "只报告这一天及之后的触达（默认今天）。"),
    ),
]
Root = Annotated[
    Path,
    typer.Argument(
        help=words("The repository of campaigns.", "活动仓库。"), show_default=words("this folder", "当前文件夹")
    ),
]

At = Annotated[Path, typer.Option("--root", help=words("The repository of campaigns.", "活动仓库。"))]
