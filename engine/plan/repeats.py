"""When a repeated touch comes: RFC 5545 recurrence by python-dateutil."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from dateutil import rrule

from ..clocks import local
from ..messages import say
from ..places import Place, Problem
from ..scalars import WEEKDAYS
from .campaigns import Repeat

MAX_SENDS = 3000
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


def occurrences(at: datetime, repeat: Repeat | None, horizon: date, zone_name: str = "UTC") -> Sequence[datetime]:
    """The local times of a touch, first to last. A repeat without end runs to the end of ``horizon``.

    ``zone_name`` is the zone of ``at``: an RFC 5545 rule gives its UNTIL in UTC.
    """
    if repeat is None:
        return (at,)
    return _listed(at, repeat, horizon if endless(repeat) else at.date(), zone_name if repeat.rrule else "")


@lru_cache(maxsize=1 << 15)
def _listed(at: datetime, repeat: Repeat, horizon: date, zone_name: str) -> tuple[datetime, ...]:
    """Asked once when the campaign is linked, and once for its sends."""
    return tuple(islice(_all(at, repeat, horizon, zone_name), MAX_SENDS + 1))


def endless(repeat: Repeat | None) -> bool:
    if repeat is None:
        return False
    if repeat.rrule is not None:
        return not re.search(r"(COUNT|UNTIL)=", repeat.rrule)
    return repeat.until is None and repeat.count is None


def _all(at: datetime, repeat: Repeat, horizon: date, zone_name: str) -> Iterator[datetime]:
    last = datetime.combine(horizon, time.max)
    if repeat.rrule is not None:
        return _rrule(repeat.rrule, at, last, zone_name)
    weekdays = [WEEKDAYS.index(d) for d in repeat.days if d in WEEKDAYS] or None
    monthdays = [int(d) for d in repeat.days if d not in WEEKDAYS] or None
    until = datetime.combine(repeat.until, time.max) if repeat.until else (_far(at) if repeat.count else last)
    found = rrule.rrule(
        _FREQUENCY[repeat.every or "day"],  # type: ignore[arg-type]  # the stubs want literals
        dtstart=at,
        interval=repeat.step,
        byweekday=weekdays,
        bymonthday=monthdays,
        until=until,
        wkst=rrule.MO,
    )
    return islice(found, repeat.count)


def _rrule(text: str, at: datetime, last: datetime, zone_name: str) -> Iterator[datetime]:
    """The sends of an RFC 5545 rule, always with an end: one that falls on no day must not be sought for ever."""
    parts = dict(part.split("=", 1) for part in text.removeprefix("RRULE:").split(";"))
    count = int(parts.pop("COUNT")) if "COUNT" in parts else None
    end = _until(parts.pop("UNTIL"), zone_name) if "UNTIL" in parts else _far(at) if count is not None else last
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    return islice(rrule.rrulestr(f"{rule};UNTIL={end:%Y%m%dT%H%M%S}", dtstart=at), count)


def _until(text: str, zone_name: str) -> datetime:
    """The local end: a day is meant whole, a time with Z is in UTC. Raises ValueError."""
    if "T" not in text:
        return datetime.combine(datetime.strptime(text, "%Y%m%d"), time.max)
    end = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")
    return local(end.replace(tzinfo=UTC), zone_name) if text.endswith("Z") else end


def _far(at: datetime) -> datetime:
    return at + timedelta(days=366 * 45)


def repeat_problems(at: datetime, repeat: Repeat, place: Place, last_day: date | None = None) -> list[Problem]:
    """What is wrong with a repeat, with its first day, or with the number of its sends up to ``last_day``."""
    here = place.down("repeat")

    def wrong(en: str, zh: str, *path: str, **args: object) -> list[Problem]:
        return [Problem("repeat", say(en, zh, **args), here.down(*path))]

    if repeat.rrule is not None:
        if repeat.every or repeat.days or repeat.until or repeat.count or repeat.step != 1:
            return wrong("rrule stands alone", "rrule 必须单独使用", "rrule")
        return _rrule_problems(at, repeat, here, last_day)
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
    return _first_day(at, repeat, place, last_day)


def _first_day(at: datetime, repeat: Repeat, place: Place, last_day: date | None) -> list[Problem]:
    on_day = WEEKDAYS[at.weekday()] in repeat.days or str(at.day) in repeat.days
    if not repeat.days or on_day:
        sends = occurrences(at, repeat, last_day or at.date() + timedelta(days=366))
        if len(sends) < 2 and (repeat.count or 2) > 1 and not _comes_again(at, repeat):
            return [
                Problem("repeat", say("this repeat never comes again", "该重复规则不会再次发生"), place.down("repeat"))
            ]
        if len(sends) > MAX_SENDS:
            message = say("more than {n} sends", "发送次数超过 {n}", n=MAX_SENDS)
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


def _comes_again(at: datetime, repeat: Repeat) -> bool:
    """Whether it would, without its end; 29 February may have to wait for eight years."""
    without_end = repeat.model_copy(update={"until": None, "count": 2})
    return len(occurrences(at, without_end, at.date() + timedelta(days=366 * 9))) > 1


def _rrule_problems(at: datetime, repeat: Repeat, here: Place, last_day: date | None) -> list[Problem]:
    """What of an RFC 5545 rule cannot be used here, or would lose a send without a word."""
    place = here.down("rrule")

    def wrong(en: str, zh: str, **args: object) -> list[Problem]:
        return [Problem("repeat", say(en, zh, **args), place)]

    listed = [part.partition("=") for part in (repeat.rrule or "").removeprefix("RRULE:").split(";")]
    for name, _, value in listed:
        if name not in _PARTS or not re.fullmatch(r"[A-Z0-9,+\-]{1,200}", value):
            return wrong(
                "'{name}' is no part of a recurrence rule that can be used here",
                "“{name}”不是此处可用的重复规则部分",
                name=name,
            )
    parts = {name: value for name, _, value in listed}
    if len(parts) < len(listed):
        return wrong("a part of the rule is given twice", "规则中有部分写了两次")
    if parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        return wrong("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY", "FREQ 必须是 DAILY、WEEKLY、MONTHLY 或 YEARLY")
    if any(not re.fullmatch(r"0*[1-9]\d{0,5}", parts.get(name, "1")) for name in ("INTERVAL", "COUNT")):
        return wrong("INTERVAL and COUNT are whole numbers of 1 or more", "INTERVAL 与 COUNT 应为不小于 1 的整数")
    if "COUNT" in parts and "UNTIL" in parts:
        return wrong("at most one of UNTIL and COUNT", "UNTIL 与 COUNT 至多写一个")
    if "BYSETPOS" in parts and parts["FREQ"] == "WEEKLY":
        return wrong("BYSETPOS is not read with FREQ=WEEKLY", "FREQ=WEEKLY 时不支持 BYSETPOS")
    try:
        sends = occurrences(at, repeat, last_day or at.date() + timedelta(days=366))
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        return wrong("not a recurrence rule: {error}", "不是有效的重复规则：{error}", error=str(error))
    if len(sends) > MAX_SENDS:
        return wrong("more than {n} sends", "发送次数超过 {n}", n=MAX_SENDS)
    if not sends:
        return wrong("this repeat never comes", "该重复规则不会发生")
    if sends[0] != at:
        return wrong(
            "the first send of this rule is {first}, not {at}",
            "该规则的首次发送是 {first}，而不是 {at}",
            first=sends[0],
            at=at,
        )
    return []
