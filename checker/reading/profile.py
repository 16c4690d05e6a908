"""The profile of YAML that Tactful reads: text keys, no tags, no merge keys, no duplicate keys, bounded aliases and depth.

One parser (libyaml, through PyYAML's events) gives values and positions alike. Every scalar stays as it was written: the
type of the field decides what it means, never its look.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from tactful.engine.messages import Message, say

from .plain import MAX_DEPTH, MAX_NODES, events_of, plain_values
from .syntax_words import syntax_words

MAX_BYTES = 2_000_000
MAX_COMPLAINTS = 100

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file; lines and columns begin at 1, the end column is the one after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong in one place of a file."""

    code: str
    message: Message
    span: Span
    help: Message | None = None


@dataclass
class Parsed:
    """The documents of one file as dicts, lists and texts; ``spans`` only where they were asked for.

    ``spans`` maps (document number, path, at key) to a stretch of the file.
    """

    documents: list[Any] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    spans: dict[tuple[int, Path, bool], Span] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    """Numbers of the documents that a complaint is about."""


class _Stop(Exception):
    """The rest of the file cannot be read."""


def decode(data: bytes) -> str | Complaint:
    """The text of a file, or why there is none."""
    start = Span(1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        message = say(
            "the file is {size} MB; at most {most} MB are read",
            "文件大小为 {size} MB，最多读取 {most} MB",
            size=len(data) // 1_000_000,
            most=MAX_BYTES // 1_000_000,
        )
        return Complaint("too-large", message, start, say("split it into several files", "请拆分为多个文件"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Complaint(
            "encoding",
            say("the file is in UTF-16", "文件是 UTF-16 编码"),
            start,
            say("save it as UTF-8", "请另存为 UTF-8"),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        message = say(
            "not UTF-8 here (byte {byte})", "此处不是 UTF-8 编码（字节 {byte}）", byte=f"0x{data[error.start]:02x}"
        )
        return Complaint(
            "encoding",
            message,
            Span(line, column, line, column + 1),
            say("save the file as UTF-8", "请将文件另存为 UTF-8"),
        )
    separator = re.search("[\u0085\u2028\u2029]", text)
    if separator:
        line = text.count("\n", 0, separator.start()) + 1
        column = separator.start() - text.rfind("\n", 0, separator.start())
        message = say(
            "a line separator ({code}) that editors do not show as a new line",
            "编辑器不会显示为换行的行分隔符（{code}）",
            code=f"U+{ord(separator[0]):04X}",
        )
        return Complaint(
            "encoding",
            message,
            Span(line, column, line, column + 1),
            say("remove it, or write a usual line end", "请删除，或改为普通换行"),
        )
    found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]", text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        message = say(
            "a control character ({code}) that text files do not have",
            "文本文件中不应有的控制字符（{code}）",
            code=f"U+{ord(found[0]):04X}",
        )
        return Complaint(
            "encoding",
            message,
            Span(line, column, line, column + 1),
            say("is this a binary file?", "这是二进制文件吗？"),
        )
    return text


def parse(text: str, positions: bool = False) -> Parsed:
    """All documents of a file and all that is wrong with them. Never raises."""
    if not positions and (values := plain_values(text)) is not None:
        return Parsed(values)
    builder = _Builder(positions, text)
    try:
        for event in events_of(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.syntax(error, text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        builder.complain(
            "yaml",
            say("cannot be read as YAML: {why}", "无法按 YAML 读取：{why}", why=str(error)[:200]),
            Span(1, 1, 1, 1),
        )
    except _Stop:
        pass
    if builder.parsed.complaints and builder.open_documents > len(builder.parsed.documents):
        builder.parsed.documents.append(None)
        builder.parsed.broken.add(len(builder.parsed.documents) - 1)
    return builder.parsed


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


_NO_BRACKETS = re.compile(r"""\"(?:\\.|[^"\\])*\"|'(?:''|[^'])*'|(?<!\S)#[^\n]*""")


def _too_deep_at(text: str) -> Span | None:
    """Where more brackets stand open than are read: a parser that looks ahead may give up there, in its own words."""
    depth = 0
    plain = _NO_BRACKETS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for found in re.finditer(r"[\[\]{}]", plain):
        depth = depth + 1 if found[0] in "[{" else max(depth - 1, 0)
        if depth > MAX_DEPTH:
            line = plain.count("\n", 0, found.start()) + 1
            column = found.start() - plain.rfind("\n", 0, found.start())
            return Span(line, column, line, column + 1)
    return None


def _too_deep() -> Message:
    return say("nested more than {n} deep", "嵌套超过 {n} 层", n=MAX_DEPTH)


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being read."""

    value: Any
    path: Path
    key: str | None = None
    expects_key: bool = True
    anchor: str | None = None
    nodes: int = 1
    depth: int = 0


class _Builder:
    """Turns events into values, keeps the profile, and notes where everything stands."""

    def __init__(self, positions: bool, text: str) -> None:
        self.text = text
        self.parsed = Parsed()
        self.positions = positions
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int, int] | None] = {}
        """Value, number of nodes and depth of what each anchor stands for; None while it is still open."""
        self.nodes = 0
        self.open_documents = 0
        self.root: Any = None

    def complain(self, code: str, message: Message, span: Span, help: Message | None = None) -> None:
        self.parsed.complaints.append(Complaint(code, message, span, help))
        self.parsed.broken.add(len(self.parsed.documents))
        if len(self.parsed.complaints) == MAX_COMPLAINTS:
            more = say("more faults in this file are not looked for", "不再继续查找该文件的其他错误")
            self.parsed.complaints.append(Complaint("more", more, span))
            raise _Stop

    def syntax(self, error: yaml.MarkedYAMLError, text: str) -> None:
        deep = _too_deep_at(text[: getattr(error.problem_mark, "index", 0)])
        if deep is not None:
            self.complain("too-deep", _too_deep(), deep)
            return
        lines = text.split("\n")
        begun = str(error.problem or "").startswith(("could not find expected ':'", "found unexpected end of stream"))
        mark = (error.context_mark if begun else None) or error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if line > len(lines) or (line == len(lines) and not lines[-1] and line > 1):
            line = len(lines) - (not lines[-1] and len(lines) > 1)
            column = max(len(lines[line - 1]), 1)
        message, help = syntax_words(
            str(error.problem or error.context or ""), lines[line - 1] if line <= len(lines) else "", lines, line
        )
        self.complain("yaml", message, Span(line, column, line, column + 1), help)

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, {} if kind is yaml.MappingStartEvent else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close(event)
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.open_documents += 1
            self.root, self.anchors = None, {}
        elif kind is yaml.DocumentEndEvent:
            self.parsed.documents.append(self.root)

    def _count(self, event: Any, number: int = 1) -> None:
        self.nodes += number
        if self.nodes > MAX_NODES:
            message = say(
                "the file says more than {n} things once its aliases are followed",
                "展开别名后，文件内容超过 {n} 项",
                n=MAX_NODES,
            )
            self.complain("too-many", message, _span(event), say("write less with aliases", "请减少使用别名"))
            raise _Stop

    def _tag(self, event: Any) -> None:
        if event.tag is not None:
            message = say("the tag {tag} is not read", "不支持标签 {tag}", tag=event.tag)
            self.complain(
                "tag", message, _span(event), say("remove it; the field decides the type", "请删除；类型由字段决定")
            )

    def _scalar(self, event: Any) -> None:
        self._count(event)
        if event.tag is not None:
            self._tag(event)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.expects_key and type(frame.value) is dict:
            self._key(frame, event)
            return
        if event.anchor is not None:
            self._anchor(event)
            self.anchors[event.anchor] = (event.value, 1, 0)
        self._place(event.value, event)

    def _anchor(self, event: Any) -> None:
        written = re.match(r"&[^\s,\[\]{}]*", self.text[event.start_mark.index : event.start_mark.index + 200])
        if written and written[0] != f"&{event.anchor}":
            self.complain(
                "anchor",
                say("the anchor {name} is not followed by a space", "锚点 {name} 后面缺少空格", name=written[0]),
                _span(event),
            )

    def _key(self, frame: _Frame, event: Any) -> None:
        key = event.value
        if key == "<<" and event.implicit[0]:
            self.complain(
                "merge-key",
                say("merge keys (<<) are not read", "不支持合并键（<<）"),
                _span(event),
                say("write the keys out", "请直接写出各键"),
            )
        elif key == "":
            self.complain("key", say("a key without a name", "键没有名称"), _span(event))
        elif key in frame.value:
            message = say("'{key}' is given twice", "“{key}”写了两次", key=key)
            self.complain("duplicate-key", message, _span(event), say("keep one of them", "请只保留一个"))
        frame.key, frame.expects_key = key, False
        if self.positions:
            self.parsed.spans.setdefault((len(self.parsed.documents), (*frame.path, key), True), _span(event))

    def _open(self, event: Any, value: Any) -> None:
        self._count(event)
        self._tag(event)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.expects_key and type(frame.value) is dict:
            self.complain("key", say("a key must be a plain text", "键必须是文本"), _span(event))
            raise _Stop
        if len(self.stack) >= MAX_DEPTH:
            self.complain("too-deep", _too_deep(), _span(event))
            raise _Stop
        path = self._here()
        if event.anchor is not None:
            self._anchor(event)
            self.anchors[event.anchor] = None
        if self.positions:
            self.parsed.spans[(len(self.parsed.documents), path, False)] = _span(event)
        self.stack.append(_Frame(value, path, anchor=event.anchor, nodes=self.nodes))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        if self.positions:
            where = (len(self.parsed.documents), frame.path, False)
            start, end = self.parsed.spans[where], _span(event)
            self.parsed.spans[where] = Span(start.line, start.column, end.end_line, end.end_column)
        if self.stack:
            self.stack[-1].depth = max(self.stack[-1].depth, frame.depth + 1)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.value, self.nodes - frame.nodes + 1, frame.depth + 1)
        self._put(frame.value)

    def _alias(self, event: Any) -> None:
        found = self.anchors.get(event.anchor)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.expects_key and type(frame.value) is dict:
            self.complain("key", say("a key must be a plain text", "键必须是文本"), _span(event))
            raise _Stop
        if found is None:
            message = say(
                "the alias *{name} stands for nothing before it", "别名 *{name} 之前没有对应的锚点", name=event.anchor
            )
            self.complain("alias", message, _span(event))
            self._place("", event)
            return
        value, nodes, depth = found
        self._count(event, nodes)
        if len(self.stack) + depth > MAX_DEPTH:
            self.complain("too-deep", _too_deep(), _span(event))
            raise _Stop
        if self.stack:
            self.stack[-1].depth = max(self.stack[-1].depth, depth)
        self._place(value, event)

    def _here(self) -> Path:
        if not self.stack:
            return ()
        frame = self.stack[-1]
        return (*frame.path, frame.key if type(frame.value) is dict else len(frame.value))  # type: ignore[arg-type]

    def _place(self, value: Any, event: Any) -> None:
        if self.positions:
            self.parsed.spans[(len(self.parsed.documents), self._here(), False)] = _span(event)
        self._put(value)

    def _put(self, value: Any) -> None:
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        if type(frame.value) is dict:
            frame.value.setdefault(frame.key, value)
            frame.expects_key = True
        else:
            frame.value.append(value)
