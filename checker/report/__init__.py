"""The formats of a report. Each is a function of the report and the language; a heavy one is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tactful.engine.messages import Language

from ..terminal import PLAIN, Style

if TYPE_CHECKING:
    from ..run import Report

FORMATS = (
    "text", "concise", "json", "json-lines", "sarif", "junit", "github", "gitlab", "azure", "rdjson", "markdown",
)  # fmt: skip
WITHOUT_HELP = frozenset({"concise"})
"""Those that say nothing of what could be done."""


def render(format: str, report: Report, language: Language, style: Style = PLAIN) -> str:
    """The report in one of FORMATS, with a line end. Only text has a style."""
    module = import_module(f".{format.replace('-', '_')}", __name__)
    made: str = module.render(report, language, style) if format == "text" else module.render(report, language)
    return made
