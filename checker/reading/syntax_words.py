"""What the YAML parser says, in the words of people who write YAML by hand."""

from __future__ import annotations

import re

from tactful.engine.messages import Message, say

_SYNTAX = {
    "mapping values are not allowed": ("a ':' where no key can stand", "此处不能出现“键: 值”"),
    "could not find expected ':'": ("a key without its ':'", "键后面缺少“:”"),
    "did not find expected key": ("the indentation or a bracket does not fit here", "此处缩进或括号不匹配"),
    "did not find expected '-' indicator": ("the indentation of this list does not fit", "列表缩进不一致"),
    "found character that cannot start any token": ("a character that cannot stand here", "此处不能使用该字符"),
    "did not find expected ',' or ']'": (
        "a list in brackets is not closed, or a comma is missing",
        "方括号列表没有闭合，或缺少逗号",
    ),
    "did not find expected ',' or '}'": (
        "a group in braces is not closed, or a comma is missing",
        "花括号没有闭合，或缺少逗号",
    ),
    "found unexpected end of stream": (
        "the text ends in the middle (a quote is not closed?)",
        "文本中途结束（引号没有闭合？）",
    ),
    "did not find expected <document start>": (
        "text that does not belong to the document before",
        "与前面的文档不连贯的文本",
    ),
    "block sequence entries are not allowed": ("a list item cannot stand here", "此处不能出现列表项"),
    "found incompatible YAML document": ("a YAML version that is not read", "不支持的 YAML 版本"),
    "could not find expected directive name": (
        "a line that begins with % and is no directive",
        "以 % 开头但不是指令的行",
    ),
    "found unknown directive name": ("a line that begins with % and is no directive", "以 % 开头但不是指令的行"),
    "found duplicate %YAML directive": ("the YAML version is given twice", "YAML 版本写了两次"),
    "found unexpected non-alphabetical character": ("a character that cannot stand here", "此处不能使用该字符"),
    "found unexpected document indicator": ("a new document begins in the middle of a text", "文本中途出现新文档标记"),
    "found unknown escape character": ("an unknown escape (\\) in a quoted text", "引号文本中有未知的转义（\\）"),
    "found unexpected ':'": ("a ':' where none can stand", "此处不能出现“:”"),
    "did not find expected comment or line break": ("text where a line should end", "此处应换行，却还有内容"),
    "did not find expected alphabetic or numeric character": ("a name is missing after & or *", "& 或 * 后面缺少名称"),
    "found a tab character": ("a tab where only spaces can indent", "缩进只能用空格，不能用制表符"),
    "did not find expected whitespace or line break": ("a space is missing here", "此处缺少空格"),
    "did not find expected node content": ("a value is missing here", "此处缺少值"),
    "found an indentation indicator equal to 0": ("an indentation of 0 is not possible", "缩进不能为 0"),
    "found undefined": ("a name that is not defined", "使用了未定义的名称"),
}


def syntax_words(problem: str, line: str, lines: list[str], number: int) -> tuple[Message, Message | None]:
    """A parser's complaint in words, with the likely slip."""
    known = next((words for start, words in _SYNTAX.items() if problem.startswith(start)), None)
    message = (
        say("cannot be read as YAML: " + known[0], "无法按 YAML 读取：" + known[1])
        if known
        else say("cannot be read as YAML: {why}", "无法按 YAML 读取：{why}", why=problem)
    )
    near = "\n".join(lines[max(number - 3, 0) : number])
    if re.search(r"[：，｛｝［］“”]", near):
        return message, say(
            'use half-width punctuation (: , {{ }} [ ] ") instead of full-width',
            '请把全角标点改为半角（: , {{ }} [ ] "）',
        )
    if re.search("^[ ]*[\u00a0\u3000]", near, re.MULTILINE):
        return message, say(
            "indent with usual spaces, not full-width or no-break ones", "请用普通空格缩进，不要用全角或不间断空格"
        )
    if "\t" in line:
        return message, say("indent with spaces, not tabs", "请用空格缩进，不要用制表符")
    if re.match(r"\s*[\w-]+: .*: ", line):
        return message, say("put the value in quotes", "请给这个值加上引号")
    return message, None
