"""CSV files that documents name. Every fault is said at its line; nothing is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tactful.engine.messages import Message, did_you_mean, say

from .profile import Complaint, Span
from .repository import MAX_TABLE, read_bytes

MAX_COMPLAINTS = 100
Made = TypeVar("Made")


class BadRow(Exception):
    """A row that does not say what its file needs."""

    def __init__(self, message: Message, help: Message | None = None) -> None:
        super().__init__(message.en)
        self.message, self.help = message, help


def read_table(
    root: Path, path: str, needed: Sequence[str], known: Sequence[str], make: Callable[[Mapping[str, str], int], Made]
) -> tuple[tuple[Made, ...], list[Complaint], str]:
    """The rows of a CSV file with a head, what is wrong with it, and its text.

    ``make`` turns the cells of a row (stripped, by column) and its line into what it stands for, or raises BadRow.
    """
    data = read_bytes(root, path, MAX_TABLE)
    if isinstance(data, Complaint):
        return (), [data], ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return (), [_wrong(1, say("the file is not UTF-8 text", "文件不是 UTF-8 文本"))], ""
    complaints: list[Complaint] = []
    made: list[Made] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        complaints += _header(header, needed, known)
        if complaints:
            return (), complaints, text
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            try:
                made.append(make(_cells(header, row, needed), reader.line_num))
            except BadRow as bad:
                if len(complaints) < MAX_COMPLAINTS:
                    complaints.append(_wrong(reader.line_num, bad.message, bad.help))
    except csv.Error as error:
        complaints.append(
            _wrong(reader.line_num, say("not readable as CSV: {why}", "无法按 CSV 读取：{why}", why=str(error)))
        )
    return tuple(made), complaints, text


def _wrong(line: int, message: Message, help: Message | None = None) -> Complaint:
    return Complaint("table", message, Span(max(line, 1), 1, max(line, 1), 1), help)


def _header(header: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> list[Complaint]:
    found = [
        _wrong(1, say("the column '{name}' is missing", "缺少列“{name}”", name=name))
        for name in needed
        if name not in header
    ]
    for name in header:
        if name not in known:
            message = say("the column '{name}' is not known here", "此处不认识列“{name}”", name=name)
            found.append(_wrong(1, message, did_you_mean(name, known)))
    if len(set(header)) != len(header):
        found.append(_wrong(1, say("a column is there twice", "有的列出现了两次")))
    return found


def _cells(header: Sequence[str], row: Sequence[str], needed: Sequence[str]) -> Mapping[str, str]:
    if len(row) != len(header):
        raise BadRow(say("this row has another number of cells than the first one", "该行的列数与表头不同"))
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    for name in needed:
        if not cells[name]:
            raise BadRow(say("'{name}' is empty", "“{name}”为空", name=name))
    return cells
