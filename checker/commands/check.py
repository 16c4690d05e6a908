"""``tactful check``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tactful.engine.messages import Message, nearest, say
from tactful.engine.policy.policies import SEVERITIES

from ..answering import Asked, Said, answer, texts_of
from ..cache import cache_for
from ..console import Refused, clean, err, language_of, out, write_whole
from ..reading.profile import MAX_BYTES
from ..report import FORMATS
from ..root import root_of
from ..spread import jobs_here
from ..terminal import PLAIN, style_for
from ..work_tree import below_work_tree


@dataclass(frozen=True, slots=True)
class Options:
    """What stands on the command line."""

    paths: list[Path]
    as_of: str | None
    language: str | None
    select: list[str]
    ignore: list[str]
    formats: list[str]
    outputs: list[Path]
    fail_on: str
    form: bool
    stdin_filename: str | None
    cache: bool
    jobs: int | None
    since: str | None = None
    timings: bool = False


def run(options: Options) -> int:
    """Checks and reports; returns the exit code."""
    formats = _formats(options.formats, options.outputs)
    if options.fail_on not in SEVERITIES:
        raise Refused(
            say(
                "no severity '{word}'; there are {known}",
                "没有级别“{word}”；可用 {known}",
                word=options.fail_on,
                known=list(SEVERITIES),
            )
        )
    root = Path() if options.form else _root(options.paths)
    asked = Asked(
        options.as_of,
        options.language,
        tuple(options.select),
        tuple(options.ignore),
        options.fail_on,
        formats,
        style_for(sys.stdout, root) if formats[-1] == "text" else PLAIN,
        below_work_tree(root),
        options.since,
        options.timings,
    )
    said = _form(asked, options) if options.form else _whole(asked, root, options)
    for file, text in zip(options.outputs, said.texts, strict=False):
        _write(file, text)
    out(said.texts[-1])
    return said.exit_code


def _formats(formats: list[str], outputs: list[Path]) -> tuple[str, ...]:
    """The format of each file, in the order given, and last that of the terminal: the one without a file, else text."""
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
    return tuple(formats if len(formats) > len(outputs) else [*formats, "text"])


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


def _root(paths: list[Path]) -> Path:
    if len(paths) > 1:
        raise Refused(
            say(
                "check takes one repository; use --form for single files",
                "check 只接受一个仓库；检查单个文件请用 --form",
            )
        )
    root = paths[0] if paths else Path()
    if not os.path.isdir(root):
        raise Refused(
            say(
                "'{path}' is not a folder; check looks at a whole repository",
                "“{path}”不是文件夹；check 检查整个仓库",
                path=str(root),
            )
        )
    found = root_of(root)
    if found != root:
        said = say("checking the repository in {folder}", "检查位于 {folder} 的仓库", folder=os.path.relpath(found))
        err(clean(said.render(language_of(None))) + "\n")
    return found


def _whole(asked: Asked, root: Path, options: Options) -> Said:
    jobs = jobs_here() if options.jobs is None else min(options.jobs, jobs_here())
    if jobs < 1:
        raise Refused(say("--jobs is at least 1", "--jobs 至少为 1"))
    cache = cache_for(root) if options.cache and not options.timings and options.since is None else None
    return answer(asked, root, cache, jobs, _standard_input(options.stdin_filename, root))


def _standard_input(name: str | None, root: Path) -> Mapping[str, bytes]:
    """What an editor holds and has not saved, under the path that it would have below the root."""
    if name is None:
        return {}
    path = _below(name, root)
    if path is None:
        message = say("'{path}' is outside this repository", "“{path}”不在此仓库内", path=name)
        raise Refused(message)
    if sys.stdin is None:
        raise Refused(say("there is no standard input to read", "没有可读取的标准输入"))
    return {path: sys.stdin.buffer.read(MAX_BYTES + 1)}


def _below(name: str, root: Path) -> str | None:
    """The path of a file below the root, whichever way both were written; None where it is not below."""
    folder, file = os.path.split(os.path.abspath(name))
    path = os.path.relpath(os.path.join(os.path.realpath(folder), file), os.path.realpath(root)).replace(os.sep, "/")
    return None if path == ".." or path.startswith("../") else path


def _form(asked: Asked, options: Options) -> Said:
    from ..loading import load_files, settings_of
    from ..run import form

    instead = _standard_input(options.stdin_filename, Path())
    files = dict.fromkeys([*(_below(str(path), Path()) or str(path) for path in options.paths), *instead])
    if not files:
        raise Refused(say("--form needs files", "--form 需要指定文件"))
    report = form(load_files(Path.cwd(), list(files), instead))
    chosen = language_of(asked.language, settings_of(root_of(Path(next(iter(files))).parent)))
    report.below = asked.below
    return Said(report.exit_code, texts_of(report, asked, chosen))
