"""Windows: the stretch of time that ends at an instant and is looked at together.

Four forms of ``per``: elapsed (``24h``), rolling civil (``7d``), rolling dates (``{days: 30}``) and calendar
(``{calendar: week}``). Source of the civil arithmetic: RFC 5545; of the half-open ends: the language page of the docs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from dateutil.relativedelta import relativedelta
from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from .clocks import day_of, midnight, shift
from .messages import Message, did_you_mean, say
from .models import lifted
from .scalars import MAX_CIVIL, WEEKDAYS, BadValue, Duration, parse_duration, parse_positive, text_of

UNITS = ("day", "week", "month", "quarter", "year")
_STARTS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Per:
    """A length of window; exactly one of ``duration``, ``days`` and ``calendar`` is set."""

    duration: Duration | None = None
    days: int | None = None
    calendar: str | None = None
    starts: int = 0

    @property
    def message(self) -> Message:
        """``within 7 days``: how a sentence says it."""
        if self.duration is not None:
            return say("within {length}", "在 {length}内", length=self.duration.message)
        if self.days is not None:
            return say("within {n} dates", "在连续 {n} 个日期内", n=self.days)
        zh = {"day": "日", "week": "周", "month": "月", "quarter": "季度", "year": "年"}[self.calendar or "day"]
        return say("in one calendar {unit}", "在同一自然{zh}内", unit=self.calendar, zh=zh)


def parse_per(raw: object) -> Per:
    if not isinstance(raw, dict):
        duration = parse_duration(raw)
        if duration.unit == "workdays":
            raise BadValue(say("a window is not counted in working days", "窗口不能按工作日计算"))
        if duration.amount == 0:
            raise BadValue(say("a window of no length", "窗口长度为零"))
        return Per(duration)
    known = ("days", "calendar", "starts")
    for key in raw:
        if key not in known:
            raise BadValue(say("unknown key '{key}'", "未知的键“{key}”", key=key), did_you_mean(key, known))
    if ("days" in raw) == ("calendar" in raw) or ("starts" in raw and raw.get("calendar") != "week"):
        raise BadValue(
            say(
                "expected a duration, {{days: 30}} or {{calendar: week, starts: monday}}",
                "应为时长、{{days: 30}} 或 {{calendar: week, starts: monday}}",
            )
        )
    if "days" in raw:
        days = parse_positive(raw["days"])
        if days > MAX_CIVIL["d"]:
            raise BadValue(say("a window of at most 100 years", "窗口不超过 100 年"))
        return Per(days=days)
    unit = text_of(raw["calendar"])
    if unit not in UNITS:
        raise BadValue(
            say("'{unit}' is no calendar unit", "“{unit}”不是日历单位", unit=unit), did_you_mean(unit, UNITS)
        )
    starts = text_of(raw.get("starts", "monday"))
    if starts not in _STARTS and starts not in WEEKDAYS:
        raise BadValue(
            say("'{day}' is no day of the week", "“{day}”不是星期", day=starts), did_you_mean(starts, _STARTS)
        )
    return Per(calendar=unit, starts=[s[:3] for s in _STARTS].index(starts[:3]))


PerField = Annotated[
    InstanceOf[Per],
    BeforeValidator(lifted(parse_per)),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d{1,6}(s|min|h|d|w|mo|y)$"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["days"],
                    "properties": {"days": {"type": "integer", "minimum": 1}},
                },
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["calendar"],
                    "properties": {"calendar": {"enum": list(UNITS)}, "starts": {"enum": [*_STARTS, *WEEKDAYS]}},
                },
            ]
        }
    ),
]


def calendar_start(day: date, per: Per) -> date:
    """First day of the calendar unit that holds ``day``."""
    if per.calendar == "week":
        return day - timedelta(days=(day.weekday() - per.starts) % 7)
    if per.calendar == "month":
        return day.replace(day=1)
    if per.calendar == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1) if per.calendar == "year" else day


def calendar_next(start: date, per: Per) -> date:
    """First day of the unit after the one that begins at ``start``."""
    steps: dict[str, Any] = {
        "day": {"days": 1},
        "week": {"days": 7},
        "month": {"months": 1},
        "quarter": {"months": 3},
        "year": {"years": 1},
    }
    moved: date = start + relativedelta(**steps[per.calendar or "day"])
    return moved


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` (itself outside unless ``closed``) to ``end``, itself inside."""

    start: datetime
    closed: bool
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.meets(at, at)

    def meets(self, first: datetime, last: datetime) -> bool:
        """Whether some instant from ``first`` up to ``last`` lies in it; ``last`` itself is not one, unless it is the only one."""
        begins = self.start <= last if self.closed and first == last else self.start < last
        return begins and first <= self.end


def window_ending(at: datetime, per: Per, clock: str) -> Window:
    """The window that ends at an instant, on a clock."""
    if per.duration is not None:
        return Window(shift(at, per.duration, -1, clock), False, at)
    day = day_of(at, clock)
    first = calendar_start(day, per) if per.calendar else day - timedelta(days=(per.days or 1) - 1)
    return Window(midnight(first, clock), True, at)


def leaves_at(at: datetime, per: Per, clock: str) -> datetime:
    """The first instant at which a touch at ``at`` no longer shares a window: what to move a later one to.

    At the end of a month and where a clock goes back that is later than ``at`` + ``per``.
    """
    if per.duration is not None:
        free = shift(at, per.duration, +1, clock)
        while window_ending(free, per, clock).holds(at):
            free += timedelta(minutes=15)
        return free
    day = day_of(at, clock)
    first = calendar_next(calendar_start(day, per), per) if per.calendar else day + timedelta(days=per.days or 1)
    return midnight(first, clock)


def window_from(start: datetime, per: Per, clock: str) -> Window:
    """The window of this length that begins just after ``start`` (for dates and calendar units: with that day)."""
    if per.duration is not None:
        return Window(start, False, shift(start, per.duration, +1, clock))
    day = day_of(start, clock)
    after = calendar_next(day, per) if per.calendar else day + timedelta(days=per.days or 1)
    return Window(midnight(day, clock), True, midnight(after, clock) - timedelta(microseconds=1))
