"""``tactful check``."""

from __future__ import annotations

import os
from pathlib import Path

from tactful.engine.messages import say

from ..console import Refused, day_option, language_of, out
from ..loading import load, load_files
from ..report import json, text
from ..run import SEVERITIES, Report, check, form

FORMATS = {"text": text.render, "json": json.render}


def run(
    paths: list[Path],
    as_of: str | None,
    language: str | None,
    select: list[str],
    ignore: list[str],
    format: str,
    fail_on: str,
    only_form: bool,
) -> int:
    """Checks and reports; returns the exit code."""
    if format not in FORMATS:
        raise Refused(
            say(
                "no format '{word}'; there are {known}",
                "没有格式“{word}”；可用 {known}",
                word=format,
                known=list(FORMATS),
            )
        )
    if fail_on not in SEVERITIES:
        raise Refused(
            say(
                "no severity '{word}'; there are {known}",
                "没有级别“{word}”；可用 {known}",
                word=fail_on,
                known=list(SEVERITIES),
            )
        )
    report = _form(paths) if only_form else _check(paths, as_of, select, ignore, fail_on)
    out(FORMATS[format](report, language_of(language, report.loaded.settings)))
    return report.exit_code


def _form(paths: list[Path]) -> Report:
    if not paths:
        raise Refused(say("--form needs files", "--form 需要指定文件"))
    return form(load_files(Path.cwd(), [str(path) for path in paths]))


def _check(paths: list[Path], as_of: str | None, select: list[str], ignore: list[str], fail_on: str) -> Report:
    if len(paths) > 1:
        raise Refused(
            say(
                "check takes one repository; use --form for single files",
                "check 只接受一个仓库；检查单个文件请用 --form",
            )
        )
    root = paths[0] if paths else Path(".")
    if not os.path.isdir(root):
        raise Refused(
            say(
                "'{path}' is not a folder; check looks at a whole repository",
                "“{path}”不是文件夹；check 检查整个仓库",
                path=str(root),
            )
        )
    loaded = load(root)
    day = day_option(as_of, loaded.plan.timezone if loaded.plan else "UTC")
    return check(loaded, day, select, ignore, fail_on)
