"""Issues of Azure Pipelines: logging commands, the worst first. Source: Microsoft, Azure Pipelines, Logging commands (LogIssue).

It knows errors and warnings only; what is written there is read as text: what would end a command or a property is escaped.
"""

from __future__ import annotations

from tactful.engine.messages import Language

from ..console import clean
from ..run import Report
from .entries import Entry, from_the_top, waived_lines, whole_text, worst_first
from .text import summary

TYPES = {"error": "error", "warning": "warning", "info": "warning"}


def render(report: Report, language: Language) -> str:
    said = [*waived_lines(report, language), summary(report).render(language)]
    lines = [
        *(_command(entry, report, language) for entry in worst_first(report, language)),
        *(_harmless(clean(line)) for line in said),
    ]
    return "".join(f"{line}\n" for line in lines)


def _command(entry: Entry, report: Report, language: Language) -> str:
    span = entry.where.span
    properties = {
        "type": TYPES[entry.severity],
        "sourcepath": from_the_top(entry.where.path, report),
        "linenumber": span.line,
        "columnnumber": span.column,
        "code": entry.rule,
    }
    listed = "".join(f"{name}={_property(str(value))};" for name, value in properties.items())
    text = whole_text(entry, language)
    return f"##vso[task.logissue {listed}]{_data(text)}"


def _data(text: str) -> str:
    lines = [clean(line).replace("%", "%AZP25") for line in text.split("\n")]
    return _harmless("%0A".join(lines))


def _harmless(text: str) -> str:
    """What the log obeys wherever it stands."""
    return text.replace("##[", "##\\x5b").replace("##vso", "##\\x76so")


def _property(text: str) -> str:
    return _data(text).replace("]", "%5D").replace(";", "%3B")
