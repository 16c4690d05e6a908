"""The formats of a report. Each is a function of the report and the language; a heavy one is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from tactful.engine.messages import Language

from ..run import Report

FORMATS = ("text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown")


def render(format: str, report: Report, language: Language) -> str:
    """The report in one of FORMATS, with a line end."""
    made: str = import_module(f".{format}", __name__).render(report, language)
    return made
