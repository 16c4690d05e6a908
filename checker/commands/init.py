"""``tactful init``: a small repository that passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from tactful.engine.messages import say

from ..console import Refused, clean, language_of, out, write_all

RENAMED = {"pre-commit-config.yaml": ".pre-commit-config.yaml"}


def run(folder: Path, language: str | None) -> int:
    """Writes the starter files, none over another; says how to make the check fail."""
    chosen = language_of(language)
    texts = {path: dated(text, date.today()) for path, text in starter(chosen)}
    there = [path for path in texts if (folder / path).exists()]
    if there:
        raise Refused(
            say(
                "these files are already there, nothing was written: {files}",
                "以下文件已存在，未写入任何文件：{files}",
                files=there,
            )
        )
    write_all({folder / path: text for path, text in texts.items()})
    campaign = next(path for path in texts if path.startswith("campaigns/") and "DAY_16" in dict(starter(chosen))[path])
    lines = [
        say("wrote {n} files to {folder}", "已在 {folder} 写入 {n} 个文件", n=len(texts), folder=str(folder)),
        say("", ""),
        say("to see it pass:  tactful check", "查看通过的结果：  tactful check"),
        say(
            "to see it fail:  in {file}, put the second touch on the day of the first, at 15:00, and run it again",
            "查看失败的结果：  在 {file} 中把第二次触达移到第一次的当天 15:00，再运行一次",
            file=campaign,
        ),
        say("to test the rules:  tactful test", "测试规则：  tactful test"),
    ]
    out("\n".join(clean(line.render(chosen)) for line in lines) + "\n")
    return 0


def starter(language: str) -> Iterator[tuple[str, str]]:
    """Paths and texts of the starter repository."""
    yield from _below(resources.files("tactful.checker").joinpath("starter", language), "")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _below(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".yaml"):
            yield f"{prefix}{RENAMED.get(item.name, item.name)}", item.read_text("utf-8")


def dated(text: str, today: date) -> str:
    """``DAY_n`` becomes the n-th day from the Monday after ``today``."""
    monday = today + timedelta(days=7 - today.weekday())
    return re.sub(r"DAY_(\d+)", lambda found: str(monday + timedelta(days=int(found[1]))), text)
