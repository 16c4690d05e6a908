"""Contact logs: CSV files that a ledger names. Every fault is said at its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from tactful.engine.messages import Message, did_you_mean, say
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.ledger import Contact, Ledger
from tactful.engine.plan.vocabulary import PURPOSES
from tactful.engine.scalars import BadValue, parse_local

from .profile import Complaint, Span
from .repository import read_bytes

MOST_BYTES = 50_000_000
MOST_COMPLAINTS = 100
NEEDED = ("customer", "channel", "at")
KNOWN = (*NEEDED, "purpose", "sender", "about")


def read_log(
    root: Path, ledger: Ledger, attributes: Mapping[str, Attribute]
) -> tuple[tuple[Contact, ...], list[Complaint], str]:
    """The rows of a log, what is wrong with it, and its text."""
    assert ledger.log is not None  # noqa: S101
    data = read_bytes(root, ledger.log, MOST_BYTES)
    if isinstance(data, Complaint):
        return (), [data], ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return (), [_wrong(1, say("the file is not UTF-8 text", "文件不是 UTF-8 文本"))], ""
    complaints: list[Complaint] = []
    contacts: list[Contact] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip() for name in next(reader, [])]
        complaints += _header(header, attributes)
        if complaints:
            return (), complaints, text
        for row in reader:
            if any(cell.strip() for cell in row):
                made = _row(dict(zip(header, row, strict=False)), len(row) == len(header), reader.line_num, ledger)
                if isinstance(made, Contact):
                    contacts.append(made)
                elif len(complaints) < MOST_COMPLAINTS:
                    complaints.append(made)
    except csv.Error as error:
        complaints.append(
            _wrong(reader.line_num, say("not readable as CSV: {why}", "无法按 CSV 读取：{why}", why=str(error)))
        )
    return tuple(contacts), complaints, text


def _wrong(line: int, message: Message, help: Message | None = None) -> Complaint:
    return Complaint("log", message, Span(max(line, 1), 1, max(line, 1), 1), help)


def _header(header: Sequence[str], attributes: Mapping[str, Attribute]) -> list[Complaint]:
    found = [
        _wrong(1, say("the column '{name}' is missing", "缺少列“{name}”", name=name))
        for name in NEEDED
        if name not in header
    ]
    for name in header:
        if name not in KNOWN and name not in attributes:
            message = say("the column '{name}' is no attribute", "列“{name}”不是已声明的属性", name=name)
            found.append(_wrong(1, message, did_you_mean(name, [*KNOWN, *attributes])))
    if len(set(header)) != len(header):
        found.append(_wrong(1, say("a column is there twice", "有的列出现了两次")))
    return found


def _row(row: Mapping[str, str], whole: bool, line: int, ledger: Ledger) -> Contact | Complaint:
    if not whole:
        return _wrong(line, say("this row has another number of cells than the first one", "该行的列数与表头不同"))
    cells = {name: cell.strip() for name, cell in row.items()}
    for name in NEEDED:
        if not cells[name]:
            return _wrong(line, say("'{name}' is empty", "“{name}”为空", name=name))
    purpose = cells.get("purpose") or ledger.purpose
    if purpose is None:
        help = say("add a column purpose, or purpose: to the ledger", "请增加 purpose 列，或在台账中写 purpose")
        return _wrong(line, say("the purpose of this contact is not stated", "没有写明这次触达的目的"), help)
    if purpose not in PURPOSES:
        message = say("'{word}' is no purpose", "“{word}”不是目的", word=purpose)
        return _wrong(line, message, did_you_mean(purpose, PURPOSES))
    try:
        at: datetime = parse_local(cells["at"])
    except BadValue as bad:
        return _wrong(line, bad.message, bad.help)
    values = {name: cell for name, cell in cells.items() if name not in KNOWN and cell}
    return Contact(
        cells["customer"],
        cells["channel"],
        at,
        purpose,
        cells.get("sender") or None,
        cells.get("about") or None,
        values,
        line,
    )
