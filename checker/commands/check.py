"""``tactful check``."""

from __future__ import annotations

import os
from pathlib import Path

from tactful.engine.messages import Message, nearest, say

from ..baseline import read_baseline
from ..console import Refused, day_option, language_of, out, write_whole
from ..loading import load, load_files
from ..report import FORMATS, render
from ..run import SEVERITIES, Report, check, form


def run(
    paths: list[Path],
    as_of: str | None,
    language: str | None,
    select: list[str],
    ignore: list[str],
    formats: list[str],
    outputs: list[Path],
    fail_on: str,
    only_form: bool,
) -> int:
    """Checks and reports; returns the exit code."""
    targets = _targets(formats, outputs)
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
    chosen = language_of(language, report.loaded.settings)
    for format, file in targets:
        if file is not None:
            _write(file, render(format, report, chosen))
    for format in (format for format, file in targets if file is None):
        out(render(format, report, chosen))
    return report.exit_code


def _targets(formats: list[str], outputs: list[Path]) -> list[tuple[str, Path | None]]:
    """Each format with its file, in the order given; the terminal (None) gets the one without a file, else text."""
    for word in formats:
        if word not in FORMATS:
            message = say("no format '{word}'{help}", "没有格式“{word}”{help}", word=word, help=_guess(word))
            raise Refused(message)
    if len(outputs) > len(formats) or len(formats) > len(outputs) + 1:
        raise Refused(
            say(
                "each --output belongs to the --format before it, and one format at most goes without",
                "每个 --output 对应它之前的 --format，最多只能有一个格式不写 --output",
            )
        )
    paired: list[tuple[str, Path | None]] = [(f, o) for f, o in zip(formats, outputs, strict=False)]
    return [*paired, (formats[-1] if len(formats) > len(outputs) else "text", None)]


def _guess(word: str) -> Message:
    known = say("; there are {known}", "；可用 {known}", known=list(FORMATS))
    guess = nearest(word, FORMATS)
    return say("; did you mean {guess}?", "；您是不是想写 {guess}？", guess=guess) if guess else known


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refused(
            say("'{path}' cannot be written: {why}", "无法写入“{path}”：{why}", path=str(path), why=why)
        ) from None


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
    return check(loaded, day, select, ignore, fail_on, baseline=read_baseline(root))
