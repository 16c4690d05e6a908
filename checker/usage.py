"""What is wrong with a command line, in both languages; the library that reads it speaks English only."""

from __future__ import annotations

import os
import re
from typing import Any

from tactful.engine.messages import Language, Message, say


def usage_words(error: Any) -> Message:
    """The words for a usage error of the command-line library (known by what it carries, not by its module)."""
    english = error.format_message()
    command = re.match(r"No such command '(.*?)'", english)
    extra = re.match(r"Got unexpected extra argument\S* \((.*)\)", english)
    lacking = re.match(r"Option '?(\S+?)'? requires an argument", english)
    if getattr(error, "option_name", None) and hasattr(error, "possibilities"):
        near = "、".join(error.possibilities or ())
        chinese = f"没有选项 {error.option_name}" + (f"；可用的有：{near}" if near else "")
    elif command:
        offered = re.findall(r"'(.*?)'", english)[1:]
        chinese = f"没有命令“{command[1]}”" + (f"；您是不是想写 {'、'.join(offered)}？" if offered else "")
    elif extra:
        chinese = f"多余的参数：{extra[1]}"
    elif type(error).__name__ == "MissingParameter" and error.param is not None:
        chinese = f"缺少参数 {_named(error.param)}"
    elif getattr(error, "param", None) is not None:
        chinese = f"{_named(error.param)} 的值无效"
    elif lacking:
        chinese = f"选项 {lacking[1]} 缺少值"
    else:
        chinese = english
    return say("{english}", "{chinese}", english=english, chinese=chinese)


def _named(parameter: Any) -> str:
    """An option as it is written, an argument as the help calls it."""
    options = [name for name in parameter.opts if name.startswith("-")]
    return options[-1] if options else str(parameter.metavar or parameter.name)


def hint(error: Any, language: Language) -> list[str]:
    """How the command is used, and where help is, as far as the command is known."""
    context = getattr(error, "ctx", None)
    if context is None:
        return []
    words = say("Try '{path} --help' for help.", "用 {path} --help 查看帮助。", path=context.command_path)
    return [context.get_usage(), words.render(language), ""]


def refused_by_system(error: OSError) -> Message:
    """What the system did not let us do, and with which file, if it is one."""
    why = error.strerror or type(error).__name__
    if error.filename is None:
        return say("the system refused: {why}", "系统拒绝了操作：{why}", why=why)
    name = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else str(error.filename)
    return say("'{name}' cannot be used: {why}", "无法使用“{name}”：{why}", name=name, why=why)
