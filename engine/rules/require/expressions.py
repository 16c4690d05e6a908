"""Expressions of ``require``: CEL, through its official binding, which bounds its steps and matches texts in linear time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ...messages import Message, plain, say
from ...places import Place, Problem

LONGEST = 2000
"""Characters of an expression."""
_GROWS = re.compile(r"[+*]|\.(map|filter|all|exists|exists_one)\b|join|replace|format")
_AT = re.compile(r"<input>:(\d+):(\d+): (.*)")


class _Wrong(Exception):
    """The expression is not one."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(messages)
        self.messages = messages


@lru_cache(maxsize=500)
def _compiled(text: str, names: tuple[str, ...]) -> Any:
    """The expression, ready to be worked out. Raises ``_Wrong``; ImportError where CEL is not installed."""
    from cel_expr_python import cel

    if len(text) > LONGEST:
        raise _Wrong(say("an expression of more than {n} characters", "表达式超过 {n} 个字符", n=LONGEST))
    env = cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN))
    try:
        expression = env.compile(text)
    except RuntimeError as bad:
        raise _Wrong(*_faults(str(bad))) from None
    kind = expression.return_type()
    if kind not in (cel.Type.BOOL, cel.Type.DYN):
        raise _Wrong(
            say(
                "the expression gives a value of type {kind}, not true or false",
                "表达式的结果是 {kind}，不是 true 或 false",
                kind=kind.name().lower(),
            )
        )
    return expression


def _faults(text: str) -> list[Message]:
    """What the compiler says, each with its column in the expression."""
    found = [
        say("column {column} of the expression: {fault}", "表达式第 {column} 列：{fault}", column=column, fault=fault)
        for _, column, fault in _AT.findall(text)
    ]
    return found or [plain(text.splitlines()[0])]


def may_grow(text: str | None) -> bool:
    """Whether working it out may take much more than the document has: it puts things together, or goes through lists."""
    return text is not None and _GROWS.search(text) is not None


def names_for(on: str) -> tuple[str, ...]:
    return ("touch", "campaign") if on == "touch" else (on,)


def expression_problems(text: str, place: Place, on: str) -> list[Problem]:
    """What is wrong with an expression, at its place in the policy."""
    try:
        _compiled(text, names_for(on))
    except ImportError:
        message = say("expressions need CEL, which is not installed", "表达式需要 CEL，但尚未安装")
        help = say("install it: pip install 'tactful[cel]'", "请安装：pip install 'tactful[cel]'")
        return [Problem("cel", message, place, help)]
    except _Wrong as wrong:
        return [Problem("cel", message, place) for message in wrong.messages]
    return []


def evaluated(text: str, content: Mapping[str, Any]) -> bool | str | Message:
    """Whether the expression holds of this content, or why it could not be worked out."""
    try:
        result = _compiled(text, tuple(content)).eval(data=dict(content))
    except RuntimeError as stuck:
        return _reason(str(stuck))
    value = result.value()
    if isinstance(value, bool):
        return value
    kind = result.type().name().lower()
    if kind == "error":
        return _reason(str(value))
    return say(
        "it gives a value of type {kind}, not true or false", "其结果类型为 {kind}，而不是 true 或 false", kind=kind
    )


def _reason(text: str) -> str:
    """What stood in the way, without the code of the error and its repetition."""
    found = re.match(r"[A-Z_]+: (.*?)(?: \[[A-Z_]+\])?$", text, re.DOTALL)
    return found[1] if found else text
