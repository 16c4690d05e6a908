"""``tactful import``: a campaign calendar in CSV becomes campaigns, by a mapping file."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from ruamel.yaml import YAML
from tactful.engine.forms import form_problems
from tactful.engine.messages import Language, Message, did_you_mean, say
from tactful.engine.models import Many, Model, Name, Raw, Text, Whole, lifted
from tactful.engine.places import Place
from tactful.engine.plan.campaigns import Campaign
from tactful.engine.plan.read_conditions import read_bounds
from tactful.engine.policy.matches import Bounds
from tactful.engine.scalars import BadValue, parse_decimal, parse_text

from ..console import Refused, clean, err, language_of, out, write_all
from ..loaded import Loaded, raw_documents
from ..reading.repository import read_file
from ..report.page import Page
from ..report.text import show_problem, show_slip

MAX_SHOWN = 20


def _time_format(raw: object) -> str:
    text = parse_text(raw)
    try:
        datetime.strptime("", text)
    except (ValueError, re.error) as error:
        told = str(error)
        if isinstance(error, re.error) or "directive" in told or "stray" in told:
            message = say("'{text}' is no format of a time", "“{text}”不是时间格式", text=text)
            help = say("write it like %d/%m/%Y %H:%M", "请写成 %d/%m/%Y %H:%M 这样")
            raise BadValue(message, help) from None
    return text


def _encoding(raw: object) -> str:
    text = parse_text(raw)
    try:
        "".encode(text)
        b"".decode(text)
    except (LookupError, ValueError):
        message = say("no encoding '{name}'", "没有编码“{name}”", name=text)
        raise BadValue(message, say("utf-8 or gb18030, most often", "常用 utf-8 或 gb18030")) from None
    return text


def _delimiter(raw: object) -> str:
    if not isinstance(raw, str) or len(raw) != 1 or raw in '\r\n"\0 ':
        message = say("a delimiter is one character", "分隔符是一个字符")
        raise BadValue(message, say('a comma, a semicolon or "\\t"', '逗号、分号或 "\\t"'))
    return raw


def _where(raw: object) -> Callable[[str], bool]:
    """``present``, ``absent``, a text, a list, ``{not: …}`` or bounds on a number, as a test of a cell."""
    if isinstance(raw, str):
        if raw in ("present", "absent"):
            return lambda text: bool(text) is (raw == "present")
        return lambda text: text == raw
    if isinstance(raw, list):
        if raw and all(isinstance(one, str) for one in raw):
            return lambda text: text in raw
        raise BadValue(say("a list of texts is expected", "应为文本列表"))
    if isinstance(raw, dict) and set(raw) == {"not"}:
        other = _where(raw["not"])
        return lambda text: not other(text)
    bounds = Bounds(parse_decimal, *read_bounds(raw, parse_decimal))
    return lambda text: bool(text) and bounds.holds(text)


TimeFormat = Annotated[str, BeforeValidator(lifted(_time_format))]
Encoding = Annotated[str, BeforeValidator(lifted(_encoding))]
Delimiter = Annotated[str, BeforeValidator(lifted(_delimiter))]
Where = Annotated[Any, BeforeValidator(lifted(_where))]


class Column(Model):
    """A value from a column: by a list of values, or as a time in one of the formats."""

    column: Text
    values: dict[Text, Text] = Field(default_factory=dict)
    otherwise: Text | None = None
    format: Many[TimeFormat] = ()


def _value(raw_value: object) -> object:
    return {"template": raw_value} if isinstance(raw_value, str) else raw_value


class Template(Model):
    """A text with ``{column}`` in it."""

    template: Text


Value = Annotated[Template | Column, BeforeValidator(_value)]


class CalendarMapping(Model):
    """What the columns of a calendar mean. Keys of a campaign take a text with ``{column}``, or a column with values."""

    import_: Whole = Field(alias="import")
    encoding: Encoding = "utf-8-sig"
    delimiter: Delimiter = ","
    where: dict[Text, Where] = Field(default_factory=dict)
    campaign: Value
    purpose: Value
    channel: Value
    at: Value
    title: Value | None = None
    owner: Value | None = None
    status: Value | None = None
    about: Value | None = None
    act: Value | None = None
    cause: Value | None = None
    timezone: Value | None = None
    sender: Value | None = None
    estimated_size: Value | None = None
    audience: Raw = "everyone"
    details: dict[Name, Value] = Field(default_factory=dict)


Row = Mapping[str, str]


def run(calendar: Path, mapping: Path, to: Path, overwrite: bool, language: str | None) -> int:
    """Writes one file for each campaign, or nothing at all and why."""
    chosen = language_of(language)
    rules = _mapping(mapping, chosen)
    if rules is None:
        return 2
    rows = _rows(calendar, rules)
    made: dict[str, str] = {}
    faults: list[Message] = []
    passed = 0
    for line, row in rows:
        if not _wanted(row, rules.where):
            passed += 1
            continue
        try:
            name, text = _campaign(row, rules)
        except BadValue as bad:
            faults.append(
                say(
                    "line {line}: {why}{help}",
                    "第 {line} 行：{why}{help}",
                    line=line,
                    why=bad.message,
                    help=_in_brackets(bad.help),
                )
            )
            continue
        if name in made:
            faults.append(
                say(
                    "line {line}: the campaign '{name}' comes twice",
                    "第 {line} 行：活动“{name}”出现两次",
                    line=line,
                    name=name,
                )
            )
        made[name] = text
    targets = {to / f"{name}.yaml": text for name, text in made.items()}
    if not overwrite:
        there = [path for path, text in targets.items() if os.path.lexists(path) and not _holds_already(path, text)]
        faults += [
            say(
                "{path} is already there; --overwrite replaces it",
                "{path} 已存在；使用 --overwrite 可替换",
                path=str(path),
            )
            for path in there
        ]
    if faults:
        _refuse(faults, chosen)
        return 1
    write_all(targets)
    summary = say(
        "wrote {n} campaigns to {to}; {passed} rows were passed over by 'where'",
        "已写入 {n} 个活动到 {to}；有 {passed} 行被 where 排除",
        n=len(made),
        to=str(to),
        passed=passed,
    )
    out(clean(summary.render(chosen)) + "\n")
    return 0 if made else 3


def _holds_already(path: Path, text: str) -> bool:
    try:
        return path.is_file() and path.read_bytes() == text.encode("utf-8")
    except OSError:
        return False


def _in_brackets(help: Message | None) -> Message:
    return say(" ({help})", "（{help}）", help=help) if help is not None else say("", "")


def _refuse(faults: list[Message], language: Language) -> None:
    for fault in faults[:MAX_SHOWN]:
        err(clean(fault.render(language)) + "\n")
    if len(faults) > MAX_SHOWN:
        err(say("and {n} more", "另有 {n} 处", n=len(faults) - MAX_SHOWN).render(language) + "\n")
    err(say("nothing was written", "未写入任何文件").render(language) + "\n")


def _mapping(path: Path, language: Language) -> CalendarMapping | None:
    file = read_file(path.parent if path.parent != Path() else Path("."), path.name)
    page = Page(Loaded({path.name: file}), language)
    for complaint in file.parsed.complaints:
        show_slip(page, path.name, complaint)
    for document in raw_documents(file):
        made, problems = form_problems(CalendarMapping, document.value, Place(document.name))
        for problem in problems:
            show_problem(page, problem)
        if made is not None and not page.lines:
            return made  # type: ignore[return-value]
    err("\n".join(page.lines or [say("the mapping file says nothing", "映射文件没有内容").render(language)]) + "\n")
    return None


def _rows(path: Path, rules: CalendarMapping) -> Iterator[tuple[int, Row]]:
    """The rows of the calendar with their line numbers."""
    try:
        text = path.read_bytes().decode(rules.encoding)
    except UnicodeError:
        raise Refused(
            say(
                "{path} is not in {name}; set encoding in the mapping (Excel often writes gb18030)",
                "{path} 不是 {name} 编码；请在映射文件中写 encoding（Excel 常用 gb18030）",
                path=str(path),
                name=rules.encoding,
            )
        ) from None
    except OSError as error:
        raise Refused(
            say("{path} cannot be read: {why}", "{path} 无法读取：{why}", path=str(path), why=error.strerror or "")
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=rules.delimiter)
    try:
        head = next(reader, [])
        _known_columns(rules, head)
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, dict(zip(head, row, strict=False))
    except csv.Error as error:
        raise Refused(
            say(
                "{path} is not a CSV that can be read: {why}",
                "{path} 不是可读取的 CSV：{why}",
                path=str(path),
                why=str(error),
            )
        ) from None


def _known_columns(rules: CalendarMapping, head: list[str]) -> None:
    used = list(rules.where)
    for name in type(rules).model_fields:
        value = getattr(rules, name)
        for part in value.values() if name == "details" else [value]:
            if isinstance(part, Column):
                used.append(part.column)
            elif isinstance(part, Template):
                used += re.findall(r"\{([^{}]+)\}", part.template)
    for column in used:
        if column not in head:
            help = did_you_mean(column, head)
            raise Refused(
                say(
                    "the calendar has no column '{name}'{help}",
                    "日历中没有列“{name}”{help}",
                    name=column,
                    help=_in_brackets(help),
                )
            )


def _wanted(row: Row, where: Mapping[str, Callable[[str], bool]]) -> bool:
    return all(test(row.get(column, "").strip()) for column, test in where.items())


def _campaign(row: Row, rules: CalendarMapping) -> tuple[str, str]:
    """The name and the YAML of one campaign. Raises BadValue."""
    touch: dict[str, Any] = {"channel": _text(rules.channel, row)}
    if rules.sender is not None:
        touch["sender"] = _text(rules.sender, row)
    touch["at"] = _time(rules.at, row)
    name = re.sub(r"[^\w.\-]+", "-", _text(rules.campaign, row)).strip("-._")
    document: dict[str, Any] = {"campaign": name}
    for key in ("title", "owner", "status", "purpose", "about", "act", "cause", "timezone", "estimated_size"):
        value = getattr(rules, key)
        if value is not None and (text := _text(value, row)):
            document[key] = text
    document["audience"] = rules.audience
    document["touches"] = [touch]
    details = {key: text for key, value in rules.details.items() if (text := _text(value, row))}
    if details:
        document["details"] = details
    _, problems = form_problems(Campaign, document, Place(name))
    if problems:
        raise BadValue(problems[0].message, problems[0].help)
    return name, _dump(document)


def _text(value: Template | Column, row: Row) -> str:
    if isinstance(value, Template):
        return re.sub(r"\{([^{}]+)\}", lambda found: row.get(found[1], "").strip(), value.template)
    text = row.get(value.column, "").strip()
    if not value.values:
        return re.sub(r"\.0$", "", text) or (value.otherwise or "")
    found = value.values.get(text, value.otherwise)
    if found is None:
        message = say(
            "'{text}' in column {column} is not among the values of the mapping",
            "列 {column} 中的“{text}”不在映射的 values 中",
            text=text,
            column=value.column,
        )
        raise BadValue(message, did_you_mean(text, value.values))
    return found


def _time(value: Template | Column, row: Row) -> str:
    text = _text(value, row)
    formats = value.format if isinstance(value, Column) else ()
    for form in (*formats, "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(text, form).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            continue
    raise BadValue(say("'{text}' is not a time in any of the formats", "“{text}”不符合任何时间格式", text=text))


def _dump(document: dict[str, Any]) -> str:
    """YAML as ruamel.yaml writes it, without control characters."""
    writer = YAML()
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(
        {key: re.sub(r"[\x00-\x1f\x7f]+", " ", v) if isinstance(v, str) else v for key, v in document.items()}, stream
    )
    return stream.getvalue()
