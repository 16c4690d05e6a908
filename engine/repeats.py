"""When a repeated touch comes: RFC 5545 recurrence by python-dateutil."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from dateutil import rrule

from .messages import say
from .places import Place, Problem
from .plan.campaigns import Repeat
from .scalars import WEEKDAYS

MOST_SENDS = 3000
_FREQUENCY = {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY, "year": rrule.YEARLY}
_PARTS = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "BYYEARDAY",
    "BYWEEKNO",
}


def occurrences(at: datetime, repeat: Repeat | None, horizon: date) -> list[datetime]:
    """The local times of a touch, first to last. A repeat without end runs to the end of ``horizon``."""
    if repeat is None:
        return [at]
    return list(islice(_all(at, repeat, horizon), MOST_SENDS + 1))


def endless(repeat: Repeat | None) -> bool:
    if repeat is None:
        return False
    if repeat.rrule is not None:
        return not re.search(r"(COUNT|UNTIL)=", repeat.rrule)
    return repeat.until is None and repeat.count is None


def _all(at: datetime, repeat: Repeat, horizon: date) -> Iterator[datetime]:
    last = datetime.combine(horizon, time.max)
    if repeat.rrule is not None:
        return _rrule(repeat.rrule, at, last)
    weekdays = [WEEKDAYS.index(d) for d in repeat.days if d in WEEKDAYS] or None
    monthdays = [int(d) for d in repeat.days if d not in WEEKDAYS] or None
    until = datetime.combine(repeat.until, time.max) if repeat.until else (_far(at) if repeat.count else last)
    found = rrule.rrule(
        _FREQUENCY[repeat.every or "day"],
        dtstart=at,
        interval=repeat.step,
        byweekday=weekdays,
        bymonthday=monthdays,
        until=until,
        wkst=rrule.MO,
    )
    return islice(found, repeat.count)


def _rrule(text: str, at: datetime, last: datetime) -> Iterator[datetime]:
    """The sends of an RFC 5545 rule, always with an end: one that falls on no day must not be sought for ever."""
    text = text.removeprefix("RRULE:")
    if "UNTIL=" in text:
        return iter(rrule.rrulestr(text, dtstart=at))
    count = re.search(r"COUNT=(\d+)", text)
    without = ";".join(part for part in text.split(";") if not part.startswith("COUNT="))
    end = _far(at) if count else last
    return islice(rrule.rrulestr(f"{without};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=at), int(count[1]) if count else None)


def _far(at: datetime) -> datetime:
    return at + timedelta(days=366 * 30)


def repeat_problems(at: datetime, repeat: Repeat, place: Place) -> list[Problem]:
    """What is wrong with a repeat, or with its first day."""
    here = place.down("repeat")

    def wrong(en: str, zh: str, *path: str, **args: object) -> list[Problem]:
        return [Problem("repeat", say(en, zh, **args), here.down(*path))]

    if repeat.rrule is not None:
        if repeat.every or repeat.days or repeat.until or repeat.count or repeat.step != 1:
            return wrong("rrule stands alone", "rrule 必须单独使用", "rrule")
        return _rrule_problems(repeat.rrule, here)
    if repeat.every is None:
        return wrong("'every' is missing", "缺少“every”")
    if repeat.until is not None and repeat.count is not None:
        return wrong("at most one of until and count", "until 与 count 至多写一个", "count")
    named = [d for d in repeat.days if d in WEEKDAYS]
    if (repeat.every == "month" and named) or (repeat.every == "year" and repeat.days):
        return wrong("{every} does not take these days", "{every} 不能使用这些 days", "days", every=repeat.every)
    if repeat.every in ("day", "week") and len(named) != len(repeat.days):
        return wrong("days of the week are mon to sun", "星期请写 mon 至 sun", "days")
    if repeat.until is not None and repeat.until < at.date():
        return wrong("until is before the first send", "until 早于首次发送", "until")
    return _first_day(at, repeat, place)


def _first_day(at: datetime, repeat: Repeat, place: Place) -> list[Problem]:
    on_day = WEEKDAYS[at.weekday()] in repeat.days or str(at.day) in repeat.days
    if not repeat.days or on_day:
        first = occurrences(
            at, repeat.model_copy(update={"until": None, "count": 2}), at.date() + timedelta(days=366 * 9)
        )
        if len(first) < 2 and (repeat.count or 2) > 1:
            return [
                Problem("repeat", say("this repeat never comes again", "该重复规则不会再次发生"), place.down("repeat"))
            ]
        if len(occurrences(at, repeat, at.date() + timedelta(days=366))) > MOST_SENDS:
            message = say("more than {n} sends", "发送次数超过 {n}", n=MOST_SENDS)
            return [Problem("repeat", message, place.down("repeat"))]
        return []
    following = next(
        day
        for day in (at + timedelta(days=n) for n in range(1, 400))
        if WEEKDAYS[day.weekday()] in repeat.days or str(day.day) in repeat.days
    )
    message = say(
        "{day} is a {weekday}, which is not among the days of the repeat",
        "{day} 是 {weekday}，不在 repeat 的 days 之中",
        day=at.date(),
        weekday=WEEKDAYS[at.weekday()],
    )
    help = say("the next day that is: {following}", "下一个符合的时间：{following}", following=following)
    return [Problem("repeat", message, place.down("at"), help)]


def _rrule_problems(text: str, here: Place) -> list[Problem]:
    place = here.down("rrule")
    parts = [part.partition("=") for part in text.removeprefix("RRULE:").split(";")]
    for name, _, value in parts:
        if name not in _PARTS or not re.fullmatch(r"[A-Z0-9,+\-]{1,200}", value):
            message = say(
                "'{name}' is no part of a recurrence rule that can be used here",
                "“{name}”不是此处可用的重复规则部分",
                name=name,
            )
            return [Problem("repeat", message, place)]
    frequency = {name: value for name, _, value in parts}.get("FREQ")
    if frequency not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        message = say("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY", "FREQ 必须是 DAILY、WEEKLY、MONTHLY 或 YEARLY")
        return [Problem("repeat", message, place)]
    try:
        rrule.rrulestr(text.removeprefix("RRULE:"), dtstart=datetime(2026, 1, 1))
    except (ValueError, KeyError, TypeError) as error:
        return [
            Problem(
                "repeat", say("not a recurrence rule: {error}", "不是有效的重复规则：{error}", error=str(error)), place
            )
        ]
    return []
