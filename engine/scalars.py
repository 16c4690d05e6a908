"""The scalars of the language. The field's type decides what a text means, never the look of the text.

Every function here takes the text as it was written and gives a typed value, or raises ``BadValue`` with words for the
person who wrote it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from .messages import Message, did_you_mean, nearest, say


class BadValue(ValueError):
    """A text that does not say what its field needs."""

    def __init__(self, message: Message, help: Message | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.help = help


FULL_WIDTH = str.maketrans("：，；（）［］｛｝％－．０１２３４５６７８９～", ":,;()[]{}%-.0123456789~")


def wrong(text: str, need: Message, help: Message | None = None) -> BadValue:
    """The usual complaint; when only full-width punctuation stands in the way, it says so."""
    half = text.translate(FULL_WIDTH)
    if half != text:
        help = say("use half-width characters: {half}", "请使用半角字符：{half}", half=half)
    return BadValue(say("'{text}' is not {need}", "“{text}”不是{need}", text=text, need=need), help)


def text_of(raw: object) -> str:
    if not isinstance(raw, str):
        kind = say("a list", "列表") if isinstance(raw, list) else say("a group of keys", "一组键")
        raise BadValue(say("expected a single value, found {kind}", "此处应为单个值，实际是{kind}", kind=kind))
    if not raw.strip():
        raise BadValue(
            say("has no value", "没有值"),
            say("give it a value or remove the key", "请填写值，或删除这个键"),
        )
    return raw


# --- names, numbers, flags -------------------------------------------------------------------------------------------

RESERVED = frozenset({"segment", "any", "all", "not", "everyone"})
_NAME = re.compile(r"[^\W_][\w.\-]{0,99}")


def parse_name(raw: object) -> str:
    """A name: letters of any script, digits, ``-``, ``_`` and ``.``; at most 100 characters."""
    text = text_of(raw)
    if not _NAME.fullmatch(text):
        raise wrong(
            text,
            say("a name", "有效的名称"),
            say(
                "a name begins with a letter or digit and goes on with letters, digits, - _ . (no spaces)",
                "名称以文字或数字开头，其后可用文字、数字、- _ .（不含空格）",
            ),
        )
    return text


def parse_text(raw: object) -> str:
    return text_of(raw)


def parse_flag(raw: object) -> bool:
    text = text_of(raw)
    if text in ("true", "false"):
        return text == "true"
    guess = {"yes": "true", "on": "true", "是": "true", "no": "false", "off": "false", "否": "false"}.get(text.lower())
    raise wrong(text, say("true or false", "true 或 false"), (guess and did_you_mean(guess, ["true", "false"])) or None)


_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?")


def parse_decimal(raw: object) -> Decimal:
    text = text_of(raw)
    if not _DECIMAL.fullmatch(text):
        raise wrong(text, say("a number", "数字"))
    return Decimal(text)


def parse_whole(raw: object) -> int:
    text = text_of(raw)
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise wrong(text, say("a whole number of 0 or more", "不小于 0 的整数"))
    return int(text)


def parse_positive(raw: object) -> int:
    number = parse_whole(raw)
    if number < 1:
        raise wrong(str(raw), say("a whole number of 1 or more", "不小于 1 的整数"))
    return number


def parse_rate(raw: object) -> Decimal:
    """A rate with ``%``, as a share: ``0.6%`` is ``Decimal('0.006')``."""
    text = text_of(raw)
    if not text.endswith("%"):
        raise wrong(
            text,
            say("a rate in percent", "百分比"),
            say("write it with %: {text}%", "请带上百分号：{text}%", text=text),
        )
    return parse_decimal(text[:-1].strip()) / 100


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    @property
    def message(self) -> Message:
        """With cents where there are any: ``310 CNY``, ``29.90 CNY``."""
        whole, _, cents = format(self.amount, "f").partition(".")
        cents = cents.rstrip("0")
        shown = f"{whole}.{cents:0<2}" if cents else whole
        return say("{amount} {currency}", "{amount} {currency}", amount=shown, currency=self.currency)


def parse_money(raw: object) -> Money:
    text = text_of(raw)
    found = re.fullmatch(r"(\S+) ([A-Z]{3})", text)
    if not found:
        need = say("an amount of money with its currency", "带币种的金额")
        raise wrong(text, need, say("write it like 30 CNY", "请写成 30 CNY 这样"))
    return Money(parse_decimal(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Pace:
    """How many of something in one ``unit`` (minute, hour or day) of open time."""

    number: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.number} per {self.unit}"


def parse_pace(raw: object) -> Pace:
    text = text_of(raw)
    found = re.fullmatch(r"(\S+) per (minute|hour|day)", text)
    if not found or found[1].startswith("-"):
        need = say("a number per minute, hour or day", "每分钟、每小时或每天的数量")
        raise wrong(text, need, say("write it like 20 per hour", "请写成 20 per hour 这样"))
    return Pace(parse_decimal(found[1]), found[2])


# --- time ------------------------------------------------------------------------------------------------------------

ELAPSED = {"s": 1, "min": 60, "h": 3600}
CIVIL = {"d": "days", "w": "weeks", "mo": "months", "y": "years", "workdays": "workdays"}


@dataclass(frozen=True, slots=True)
class Duration:
    """``amount`` of ``unit``: s, min, h are elapsed time; d, w, mo, y, workdays are civil, on a clock."""

    amount: int
    unit: str

    @property
    def elapsed(self) -> bool:
        return self.unit in ELAPSED

    @property
    def seconds(self) -> int:
        """Elapsed length; only for elapsed units."""
        return self.amount * ELAPSED[self.unit]

    @property
    def message(self) -> Message:
        if (self.amount, self.unit) == (0, "workdays"):
            return say("the same working day", "同一个工作日")
        words = {
            "s": ("second", "seconds", "秒"),
            "min": ("minute", "minutes", "分钟"),
            "h": ("hour", "hours", "小时"),
            "d": ("day", "days", "天"),
            "w": ("week", "weeks", "周"),
            "mo": ("month", "months", "个月"),
            "y": ("year", "years", "年"),
            "workdays": ("working day", "working days", "个工作日"),
        }[self.unit]
        return say("{n} " + words[0 if self.amount == 1 else 1], "{n} " + words[2], n=self.amount)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


_DURATION = re.compile(r"([0-9]{1,6})(s|min|h|d|w|mo|y|workdays)")
MAX_CIVIL = {"d": 36600, "w": 5200, "mo": 1200, "y": 100, "workdays": 10000}


def parse_duration(raw: object) -> Duration:
    text = text_of(raw)
    found = _DURATION.fullmatch(text)
    if found:
        duration = Duration(int(found[1]), found[2])
        if duration.amount > MAX_CIVIL.get(duration.unit, 999_999):
            raise wrong(text, say("a duration of at most 100 years", "不超过 100 年的时长"))
        return duration
    number = re.match(r"[0-9]+", text)
    n = number[0] if number else "7"
    need = say("a duration", "时长")
    if re.fullmatch(r"[0-9]+ ?m", text):
        raise wrong(text, need, say("write {n}min for minutes or {n}mo for months", "分钟写 {n}min，月写 {n}mo", n=n))
    raise wrong(
        text,
        need,
        say(
            "write it with a unit, like {n}d ({units})",
            "请带单位，例如 {n}d（{units}）",
            n=n,
            units="s min h d w mo y workdays",
        ),
    )


_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")


def parse_date(raw: object) -> date:
    text = text_of(raw)
    need = say("a date", "日期")
    if not _DATE.fullmatch(text):
        raise wrong(text, need, say("write it like 2026-03-31", "请写成 2026-03-31 这样"))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise wrong(text, say("a day of the calendar", "日历上存在的日期")) from None
    if not 1900 <= day.year <= 2200:
        raise wrong(text, say("a date between 1900 and 2200", "1900 至 2200 年之间的日期"))
    return day


def parse_local(raw: object) -> datetime:
    """A local date and time without a zone; the campaign's clock gives the zone."""
    text = text_of(raw)
    found = _LOCAL.fullmatch(text)
    if not found:
        help = say("write it like 2026-03-02 10:00", "请写成 2026-03-02 10:00 这样")
        if re.search(r"(Z|[+-][0-9]{2}:?[0-9]{2})$", text) and _LOCAL.match(text):
            help = say(
                "leave the offset out; the zone is the campaign's timezone", "请去掉偏移量；时区由活动的 timezone 决定"
            )
        raise wrong(text, say("a date and time", "日期和时间"), help)
    day = parse_date(found[1])
    try:
        return datetime.combine(day, time(int(found[2]), int(found[3]), int(found[4] or 0)))
    except ValueError:
        raise wrong(text, say("a time of the day", "有效的时刻")) from None


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def parse_zone(raw: object) -> str:
    text = text_of(raw)
    if text not in zone_names() or text in ("localtime", "Factory"):
        raise wrong(text, say("a time zone", "时区"), did_you_mean(text, zone_names()))
    return text


# --- hours of the day ------------------------------------------------------------------------------------------------

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = tuple[int, int]  # seconds from midnight; the end may pass 24 h, and then belongs to the day it starts


@dataclass(frozen=True, slots=True)
class Hours:
    """Open spans (half-open, seconds from local midnight) for each weekday, and for holidays and workdays if stated."""

    days: tuple[tuple[Span, ...], ...]
    holidays: tuple[Span, ...] | None = None
    workdays: tuple[Span, ...] | None = None
    keys: tuple[str, ...] = ("",) * 7
    """The key that each weekday was named by; empty where it was not."""

    @property
    def needs_calendar(self) -> bool:
        return self.holidays is not None or self.workdays is not None


def _clock_time(text: str) -> int | None:
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if not found:
        return None
    hours, minutes = int(found[1]), int(found[2])
    return hours * 3600 + minutes * 60 if (hours < 24 and minutes < 60) or (hours, minutes) == (24, 0) else None


def parse_span(raw: object) -> Span:
    """``09:00-21:00``; across midnight (``22:00-06:00``) it belongs to the day it starts."""
    text = text_of(raw)
    ends = [_clock_time(part) for part in text.split("-")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] == ends[1] or ends[0] == 86400:
        raise wrong(text, say("a span of hours", "时间段"), say("write it like 09:00-21:00", "请写成 09:00-21:00 这样"))
    start, end = ends[0], ends[1]
    return (start, end if end > start else end + 86400)


def _spans(raw: object) -> tuple[Span, ...]:
    if raw == "none":
        return ()
    if raw == []:
        help = say("write none where it is closed", "若全天关闭，请写 none")
        raise BadValue(say("no hours are given", "没有写任何时间段"), help)
    spans = sorted(parse_span(item) for item in (raw if isinstance(raw, list) else [raw]))
    for (_, end), (start, _) in itertools.pairwise(spans):
        if start < end:
            raise BadValue(say("these hours overlap", "这些时间段相互重叠"))
    return tuple(spans)


def _day_indexes(key: str) -> range | None:
    ends = key.split("-")
    if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
        return None
    first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
    return range(first, last + 1) if first <= last else None


def parse_hours(raw: object) -> Hours:
    """``{mon-fri: 09:00-21:00, sat-sun: [...], holidays: none}``; a bare span is every day; a day not named is closed."""
    if not isinstance(raw, dict):
        return Hours(days=(_spans(raw),) * 7)
    days: list[tuple[Span, ...] | None] = [None] * 7
    keys = [""] * 7
    special: dict[str, tuple[Span, ...]] = {}
    for key, value in raw.items():
        if key in ("holidays", "workdays"):
            special[key] = _spans(value)
            continue
        indexes = _day_indexes(key)
        if indexes is None:
            known = [*WEEKDAYS, "mon-fri", "sat-sun", "mon-sun", "holidays", "workdays"]
            raise wrong(key, say("a day or a run of days", "星期或连续几天"), did_you_mean(key, known))
        for index in indexes:
            if days[index] is not None:
                raise BadValue(say("{day} is given twice", "{day} 写了两次", day=WEEKDAYS[index]))
            days[index], keys[index] = _spans(value), key
    if not raw:
        raise BadValue(say("no hours are given", "没有写任何时间段"))
    return Hours(tuple(day or () for day in days), special.get("holidays"), special.get("workdays"), tuple(keys))


# --- small helpers for choices ---------------------------------------------------------------------------------------


def choice_parser(options: Iterable[str]) -> Callable[[object], str]:
    known = tuple(options)

    def parse(raw: object) -> str:
        text = text_of(raw)
        if text not in known:
            need = say("one of {known}", "以下之一：{known}", known=[*known[:12], *(["…"] if len(known) > 12 else [])])
            guess = nearest(text, known)
            raise wrong(
                text, need, say("did you mean {guess}?", "您是不是想写 {guess}？", guess=guess) if guess else None
            )
        return text

    return parse
