"""What is wrong with the files, where a command can do nothing with them."""

from __future__ import annotations

from collections.abc import Iterator

from tactful.engine.messages import Message, say

from .loaded import Loaded
from .positions import Position, locate


def faults(loaded: Loaded) -> Iterator[tuple[Position, Message]]:
    """Each fault with its place: those of YAML first."""
    for path, complaint in loaded.slips:
        yield Position(path, complaint.span), complaint.message
    for problem in loaded.problems:
        if problem.severity == "error":
            yield locate(problem.place, loaded), problem.message


def is_faulty(loaded: Loaded) -> bool:
    """Whether there is any: then what is found is not of the whole plan."""
    return loaded.plan is None or next(faults(loaded), None) is not None


def has_faults(loaded: Loaded) -> Message:
    """That there are some, with the first of them."""
    for where, message in faults(loaded):
        return say(
            "the files have faults, the first at {path}:{line}: {message}; run tactful check",
            "文件有错误，第一处在 {path}:{line}：{message}；请运行 tactful check",
            path=where.path,
            line=where.span.line,
            message=message,
        )
    return say("nothing could be checked; run tactful check", "无法检查；请运行 tactful check")


def too_large() -> Message:
    """Where a plan holds more sends than are looked at."""
    return say(
        "the plan is too large to be looked at; run tactful check, which names the campaign",
        "计划过大，无法查看；请运行 tactful check，它会指出是哪个活动",
    )
