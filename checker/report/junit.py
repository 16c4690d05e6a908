"""JUnit XML: a suite for each policy, a case for each rule that holds and for each finding."""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree as Tree

from tactful.engine.messages import Language

from ..console import clean
from ..run import Report
from .entries import Entry, entries, helped


def render(report: Report, language: Language) -> str:
    suites: dict[str, list[tuple[str, Entry | None]]] = defaultdict(list)
    for entry in entries(report, language):
        policy, _, rule = entry.rule.partition("/")
        suites[policy].append((f"{rule}: {entry.who}" if entry.who else rule, entry))
    for name in report.answer.proved if report.answer else ():
        policy, _, rule = name.partition("/")
        suites[policy].append((rule, None))
    root = Tree.Element("testsuites", name="tactful")
    for policy, cases in sorted(suites.items()):
        _suite(root, policy, cases, language)
    _count(root, [case for cases in suites.values() for case in cases])
    Tree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Tree.tostring(root, "unicode") + "\n"


def _xml(text: str) -> str:
    """What XML 1.0 can hold: two characters are not allowed in it at all."""
    return clean(text).translate({0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"})


def _suite(root: Tree.Element, policy: str, cases: list[tuple[str, Entry | None]], language: Language) -> None:
    suite = Tree.SubElement(root, "testsuite", name=_xml(policy))
    _count(suite, cases)
    for name, entry in cases:
        case = Tree.SubElement(suite, "testcase", classname=_xml(policy), name=_xml(name or policy))
        if entry is None:
            continue
        span = entry.where.span
        case.set("file", _xml(entry.where.path))
        case.set("line", str(span.line))
        if entry.waived:
            Tree.SubElement(case, "skipped", message=_xml(entry.waived))
            continue
        failure = Tree.SubElement(
            case, "failure", message=_xml(entry.message), type=f"{entry.severity} {entry.verdict}"
        )
        where = f"{entry.where.path}:{span.line}:{span.column}"
        places = [f"{r.where.path}:{r.where.span.line}:{r.where.span.column} {r.label}" for r in entry.related]
        lines = [where, *places, *entry.details, *helped(entry, language)]
        failure.text = "\n".join(_xml(line) for line in lines)


def _count(element: Tree.Element, cases: list[tuple[str, Entry | None]]) -> None:
    waived = sum(1 for _, entry in cases if entry is not None and entry.waived)
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(1 for _, entry in cases if entry is not None) - waived))
    element.set("skipped", str(waived))
