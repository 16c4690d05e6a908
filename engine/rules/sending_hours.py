"""``sending-hours``: every matching touch falls in the hours on the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from pydantic import Field

from ..calendars import is_holiday
from ..changes import Moved, can_move
from ..clocks import instant, local
from ..hours import edges_of_day, is_open
from ..kit.asking import Asking
from ..kit.each_send import each_send
from ..kit.evaluation import Evaluation
from ..kit.findings import nothing_matches, violated
from ..kit.kind import Kind, Outcome
from ..kit.receiving import who_gets
from ..kit.replay import on_that_clock
from ..kit.scope import EACH
from ..kit.telling_sends import moments_of, telling_sends, turning_hours
from ..kit.witness import witness_of
from ..messages import Message, say
from ..models import Day, Hours, Many, Text
from ..plan.conditions import Condition
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer
from ..scalars import WEEKDAYS
from ..search.result import NOBODY, Found, Nobody, Result, Undecided, decided
from ..sends.sample_sends import edge_sends
from ..sends.timeline import Send, TriggeredTouch
from ..sends.triggers import day_matters
from ..verdicts import Finding, Spot

DAYS = 3
"""So many days before and after an open time is looked for."""
MAX_TRIED = 6000
"""How many triggered sends outside the hours are tried for a customer who gets one."""


class SendingHours(Rule):
    """Parameters of ``sending-hours``."""

    hours: Hours
    clock: Text | None = Field(default=None, description="a zone, or customer")
    calendar: Text | None = None
    blackout: Many[Day] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """A send, a customer who gets it, and the instant on their clock that falls outside the hours."""

    touch: Send
    clock: str
    customer: Customer
    shut: datetime


def check(rule: LinkedRule[SendingHours], evaluation: Evaluation) -> Outcome:
    """Asks of every matching touch, on every clock, whether some customer would get it outside the hours."""
    not_proven = say(
        "it is not proven that every customer gets this in the hours", "未能证明所有客户都在规定时段内收到"
    )
    asking = Asking(rule, evaluation, not_proven)
    if not asking.sends and not asking.triggered:
        return Outcome(notes=[nothing_matches(rule)])

    def ask(touch: Send, clock: str, on_clock: Condition) -> Result[Outside]:
        shut = shut_instant(touch, rule, clock)
        if shut is None:
            return NOBODY
        answer = who_gets(touch, rule, evaluation, [on_clock])
        for at in moments_of(touch, evaluation, [rule.group])[1:] if isinstance(answer, Nobody) else ():
            if not _is_open(at, rule, clock) and isinstance(answer, Nobody):
                answer = who_gets(touch, rule, evaluation, [on_clock], at=at)
        return Found(Outside(touch, clock, answer.value, shut)) if isinstance(answer, Found) else answer

    found = each_send(asking, ask, lambda step, clock: _shut_sends(asking, step, clock), MAX_TRIED)
    return asking.outcome(_finding(asking, name, outside) for name, outside in sorted(found.items()))


def _shut_sends(asking: Asking[SendingHours], step: TriggeredTouch, clock: str) -> Iterator[Send]:
    """Sends outside the hours: between two at which something can change the hours stay open or stay shut.

    One is enough where it does not matter for who gets it on which day it is set off.
    """
    rule, plan = asking.rule, asking.plan
    first = asking.evaluation.today - timedelta(days=1)
    sends = edge_sends(step, plan, first, rule.params.hours, clock)
    shut = (touch for touch in filter(asking.judged, sends) if shut_instant(touch, rule, clock) is not None)
    yield from shut if day_matters([step], [rule.group], plan) else islice(shut, 1)
    if turning_hours(step, asking.evaluation, [rule.group]):
        telling = telling_sends(step, asking.evaluation, [rule.group], first)
        yield from (t for t in filter(asking.judged, telling) if shut_instant(t, rule, clock) is not None)


def shut_instant(touch: Send, rule: LinkedRule[SendingHours], clock: str) -> datetime | None:
    """The first instant of the send that falls outside the hours, or None. A send that lasts is looked at throughout.

    Raises UnknownYear where the calendar has no data.
    """
    return next((at for at in _edges(touch, rule.params, clock) if not _is_open(at, rule, clock)), None)


def _is_open(at: datetime, rule: LinkedRule[SendingHours], clock: str) -> bool:
    """Whether the rule lets a send come at an instant. Raises UnknownYear."""
    if local(at, clock).date() in rule.params.blackout:
        return False
    return is_open(at, rule.params.hours, clock, rule.calendar)


def _edges(touch: Send, params: SendingHours, clock: str) -> list[datetime]:
    """The beginning of a send and, while it lasts, every instant at which a day begins or hours open or close.

    Between two of them nothing changes, so a send that is inside at all of them is inside throughout.
    """
    if touch.model.lasts is None:
        return [touch.at]
    day, last = local(touch.at, clock).date() - timedelta(days=1), local(touch.arrives, clock).date()
    edges = {touch.at}
    while day <= last:
        edges |= edges_of_day(day, params.hours, clock)
        day += timedelta(days=1)
    return sorted(at for at in edges if touch.at <= at < touch.arrives or at == touch.at)


def _finding(asking: Asking[SendingHours], campaign: str, found: list[Outside]) -> Finding:
    rule, first = asking.rule, found[0]
    touch, here = first.touch, local(first.shut, first.clock)
    message = say(
        "a customer would get this on {channel} at {time} ({clock}), outside the hours",
        "有客户会在 {time}（{clock}）收到 {channel} 触达，不在规定时段内",
        channel=touch.model.channel,
        time=here,
        clock=first.clock,
    )
    spot = Spot(touch.place, say("{at} on the clock of {zone}", "{zone} 时间 {at}", at=touch.local, zone=touch.zone))
    steps, label = _key(rule, here.date())
    return violated(
        rule,
        message,
        spot,
        campaign=campaign,
        related=[Spot(rule.place.down(*steps), label)],
        witness=witness_of(asking.evaluation, rule, first.customer, [touch], also=on_that_clock(first.clock, rule)),
        help=_help(asking, first),
        changes=_open_times(asking, first.touch),
        stands_at=(one.touch for one in found),
        covered_by=asking.waivers.of_sets(([one.touch], None) for one in found),
    )


def _help(asking: Asking[SendingHours], outside: Outside) -> Message | None:
    """The next time, on the clock of the campaign, at which the hours are open on every clock of the rule."""
    when = decided(lambda: _next_open(asking, outside))
    if when is None or isinstance(when, Undecided):
        return None
    if not asking.evaluation.move_of(outside.touch).allows(when.date()):
        return say(
            "no open time on the days to which it may be moved (move)", "在允许移动的日期（move）内没有可发送时间"
        )
    return say(
        "the next open time is {time} ({clock})",
        "下一个可发送时间：{time}（{clock}）",
        time=when,
        clock=outside.touch.zone,
    )


def _open_times(asking: Asking[SendingHours], touch: Send) -> list[Moved]:
    """On its own day and those around it the open time nearest to its own, on its clock; none where it stays."""
    campaign = asking.evaluation.campaigns.get(touch.campaign)
    if campaign is None or not can_move(campaign, touch.index, asking.evaluation.as_of):
        return []
    found = []
    move = campaign.model.move_of(touch.index)
    for day in sorted((touch.local.date() + timedelta(days=n) for n in range(-DAYS, DAYS + 1)), key=_from(touch)):
        when = _nearest_open(asking, touch, day) if move.allows(day) and day >= asking.evaluation.as_of else None
        if when is not None:
            found.append(Moved(touch.campaign, touch.index, when))
    return found


def _from(touch: Send) -> Callable[[date], tuple[int, bool]]:
    """How far a day is from that of a touch; of two the later one first."""
    own = touch.local.date()
    return lambda day: (abs((day - own).days), day < own)


def _nearest_open(asking: Asking[SendingHours], touch: Send, day: date) -> datetime | None:
    begin = datetime.combine(day, touch.local.time().replace(second=0))
    step = timedelta(minutes=15)
    on_quarter = begin - timedelta(minutes=begin.minute % 15)
    for n in range(96):
        times = (begin,) if n == 0 else (on_quarter + n * step, on_quarter - (n - 1) * step)
        for when in times:
            if when.date() == day and _open_for_all(asking, when, touch.zone):
                return when
    return None


def _open_for_all(asking: Asking[SendingHours], when: datetime, zone: str) -> bool:
    return all(_is_open(instant(when, zone), asking.rule, clock) for clock, _ in asking.clocks)


def _next_open(asking: Asking[SendingHours], outside: Outside) -> datetime | None:
    zone = outside.touch.zone
    start = local(outside.shut, zone).replace(second=0)
    for quarter in range(1, 4 * 24 * 21):
        when = start + timedelta(minutes=15 * quarter - start.minute % 15)
        if _open_for_all(asking, when, zone):
            return when
    return None


def _key(rule: LinkedRule[SendingHours], day: date) -> tuple[tuple[str, ...], Message]:
    """The place below the rule that shuts this day, and what it says."""
    hours = rule.params.hours
    if day in rule.params.blackout:
        return ("blackout",), say("no sends on this day", "当天禁发")
    if rule.calendar is not None and hours.holidays is not None and is_holiday(rule.calendar, day):
        return ("hours", "holidays"), say(
            "the hours of holidays in {calendar}", "{calendar} 节假日的时段", calendar=rule.calendar
        )
    key = hours.keys[day.weekday()]
    if key:
        return ("hours", key), say("the hours of this day", "当天的时段")
    if not any(hours.keys):
        return ("hours",), say("the hours", "规定时段")
    return ("hours",), say(
        "{day} is not named, so it is closed", "没有写 {day}，视为不开放", day=WEEKDAYS[day.weekday()]
    )


KIND = Kind(
    "sending-hours",
    SendingHours,
    say(
        "every matching touch falls in the hours on the clock (quiet hours, blackouts, holidays)",
        "每次匹配的触达都落在时钟上的规定时段内（免打扰时段、禁发日、节假日）",
    ),
    check,
    moving=True,
    scope=lambda rule: EACH,
)
