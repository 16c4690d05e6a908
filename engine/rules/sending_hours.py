"""``sending-hours``: every matching touch falls in the hours on the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import Field

from ..calendars import UnknownYear, is_holiday
from ..clocks import instant, local, midnight, shift
from ..hours import edges_of_day, is_open
from ..messages import Message, say
from ..models import Day, Hours, Text, many
from ..plan.conditions import Condition
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, admits, impossible
from ..scalars import WEEKDAYS
from ..scalars import Hours as OpenHours
from ..search.customers import Demand, find_customer
from ..search.steps import OutOfSteps
from ..space.boxes import TooManyBoxes
from ..timeline import Step, Touch
from ..triggers import day_matters, edge_sends
from ..verdicts import Finding, Spot
from .common import (
    Kind,
    Outcome,
    Page,
    Question,
    base_finding,
    boxes_of,
    covered_by,
    fresh_steps,
    no_year,
    not_replayed,
    nothing_matches,
    on_that_clock,
    too_many_alternatives,
    unproven,
    who_gets,
    witness_of,
)


class SendingHours(Rule):
    """Parameters of ``sending-hours``."""

    hours: Hours
    clock: Text | None = Field(default=None, description="a zone, or customer")
    calendar: Text | None = None
    blackout: many(Day) = ()  # type: ignore[valid-type]


Outside = tuple[Touch, str, Customer, datetime]
"""A touch, the clock it was asked on, a customer who gets it, and the instant that falls outside the hours."""


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks of every matching touch, on every clock, whether some customer would get it outside the hours."""
    touches = question.matching(rule)
    steps = question.matching_steps(rule)
    if not touches and not steps:
        return Outcome(notes=[nothing_matches(rule)])
    outside: dict[str, list[Outside]] = {}
    outcome = Outcome()
    said: set[tuple[str, str]] = set()

    def doubt(touch: Touch | Step, missing: Message) -> None:
        name = touch.campaign if isinstance(touch, Touch) else touch.campaign.name
        if (name, missing.en) not in said:
            said.add((name, missing.en))
            outcome.findings.append(unproven(rule, _not_proven(), missing, touch.place, name))

    for clock, on_clock in question.clocks(rule):
        for touch in touches:
            if not (question.late(touch) and rule.binds(touch.day)):
                continue
            try:
                shut = shut_instant(touch, rule, clock)
            except UnknownYear as unknown:
                doubt(touch, no_year(unknown))
                continue
            if shut is None:
                continue
            try:
                customer, doubts = _who(rule, question, touch, on_clock)
            except (OutOfSteps, TooManyBoxes):
                doubt(touch, too_many_alternatives())
                continue
            for missing in doubts:
                doubt(touch, missing)
            if customer is not None:
                outside.setdefault(touch.campaign, []).append((touch, clock, customer, shut))
    for step in steps:
        if step.campaign.name not in outside:
            _ask_step(rule, question, step, outside, doubt)
    outcome.findings += [_finding(rule, question, name, found) for name, found in sorted(outside.items())]
    outcome.findings = [f for f in outcome.findings if f.verdict == "violated" or f.campaign not in outside]
    return outcome


MOST_TRIED = 40
"""How many triggered sends outside the hours are tried for a customer who gets one."""


def _ask_step(
    rule: LinkedRule,
    question: Question,
    step: Step,
    outside: dict[str, list[Outside]],
    doubt: Callable[[Step, Message], None],
) -> None:
    """Whether the customer can bring about a send outside the hours; the first that he can is shown."""
    alike = not day_matters([step], [rule.group], question.plan)
    try:
        for clock, on_clock in question.clocks(rule):
            tried = 0
            for touch in _sends_at_edges(step, rule, question, clock):
                shut = shut_instant(touch, rule, clock) if rule.binds(touch.day) else None
                if shut is None or not question.late(touch):
                    continue
                tried += 1
                customer, doubts = who_gets(touch, rule, question, [on_clock])
                if customer is not None:
                    outside.setdefault(touch.campaign, []).append((touch, clock, customer, shut))
                    return
                for missing in doubts:
                    doubt(step, missing)
                if alike and not doubts:
                    break
                if tried > MOST_TRIED:
                    doubt(
                        step, say("no customer was found for the sends outside the hours", "未找到会在时段外收到的客户")
                    )
                    return
    except UnknownYear as unknown:
        doubt(step, no_year(unknown))
    except (OutOfSteps, TooManyBoxes):
        doubt(step, too_many_alternatives())


def _sends_at_edges(step: Step, rule: LinkedRule, question: Question, clock: str) -> Iterator[Touch]:
    """Sends at which something can change: between two of them the hours of the rule stay open or stay shut."""
    params = rule.params
    assert isinstance(params, SendingHours)  # noqa: S101
    first = midnight(question.as_of, question.plan.timezone) - timedelta(days=1)
    return edge_sends(step, question.plan, first, params.hours, clock)


def _not_proven() -> Message:
    return say("it is not proven that every customer gets this in the hours", "未能证明所有客户都在规定时段内收到")


def shut_instant(touch: Touch, rule: LinkedRule, clock: str) -> datetime | None:
    """The first instant of the send that falls outside the hours, or None. A send that lasts is looked at throughout.

    Raises UnknownYear where the calendar has no data.
    """
    params: Any = rule.params
    for at in _edges(touch, params.hours, clock):
        closed_day = local(at, clock).date() in params.blackout
        if closed_day or not is_open(at, params.hours, clock, rule.calendar):
            return at
    return None


def _edges(touch: Touch, hours: OpenHours, clock: str) -> list[datetime]:
    """The beginning of a send and, while it lasts, every instant at which a day begins or hours open or close.

    Between two of them nothing changes, so a send that is inside at all of them is inside throughout.
    """
    if touch.model.lasts is None:
        return [touch.at]
    end = shift(touch.at, touch.model.lasts, +1, touch.zone)
    day, last = local(touch.at, clock).date() - timedelta(days=1), local(end, clock).date()
    edges = {touch.at}
    while day <= last:
        edges |= edges_of_day(day, hours, clock)
        day += timedelta(days=1)
    return sorted(at for at in edges if touch.at <= at < end or at == touch.at)


def _who(
    rule: LinkedRule, question: Question, touch: Touch, on_clock: Condition
) -> tuple[Customer | None, list[Message]]:
    conditions = [touch.audience, rule.group, on_clock]
    world = question.world(conditions, [touch.day])
    steps = fresh_steps(question)
    demand = Demand(touch.at, touch.day, boxes_of(world.space, conditions, touch.day))
    customer = find_customer(world, [demand], steps)
    return customer, [] if customer else steps.doubts


def _finding(rule: LinkedRule, question: Question, campaign: str, found: list[Outside]) -> Finding:
    touch, clock, customer, shut = found[0]
    model, timezone = question.plan.customers, question.plan.timezone
    real = impossible(customer, model, [touch.at], timezone) is None
    if not (
        real
        and admits(touch.audience, customer, touch.at, model, timezone)
        and admits(rule.group, customer, touch.at, model, timezone)
    ):
        return unproven(rule, _not_proven(), not_replayed(), touch.place, campaign)
    here = local(shut, clock)
    message = say(
        "a customer would get this on {channel} at {time} ({clock}), outside the hours",
        "有客户会在 {time}（{clock}）收到 {channel} 触达，不在规定时段内",
        channel=touch.model.channel,
        time=here,
        clock=clock,
    )
    spot = Spot(touch.place, say("{at} on the clock of {zone}", "{zone} 时间 {at}", at=touch.local, zone=touch.zone))
    steps, label = _key(rule, here.date())
    return replace(
        base_finding(rule, "violated", message, spot),
        campaign=campaign,
        parties=(campaign,),
        related=(Spot(rule.place.down(*steps), label),),
        witness=witness_of(question, rule, customer, [touch], also=on_that_clock(clock, rule)),
        help=_help(touch, rule, question, shut),
        more=len({(entry[0].step, entry[0].local) for entry in found}) - 1,
        covered_by=covered_by([entry[0] for entry in found], rule, question),
    )


def _help(touch: Touch, rule: LinkedRule, question: Question, shut: datetime) -> Message | None:
    """The next time, on the clock of the campaign, at which the hours are open on every clock of the rule."""
    params: Any = rule.params
    clocks = [name for name, _ in question.clocks(rule)]
    start = local(shut, touch.zone).replace(second=0)
    for quarter in range(1, 4 * 24 * 21):
        when = start + timedelta(minutes=15 * quarter - start.minute % 15)
        at = instant(when, touch.zone)
        try:
            if all(
                local(at, c).date() not in params.blackout and is_open(at, params.hours, c, rule.calendar)
                for c in clocks
            ):
                return say(
                    "the next open time is {time} ({clock})",
                    "下一个可发送时间：{time}（{clock}）",
                    time=when,
                    clock=touch.zone,
                )
        except UnknownYear:
            return None
    return None


def _key(rule: LinkedRule, day: date) -> tuple[tuple[str, ...], Message]:
    """The place below the rule that shuts this day, and what it says."""
    params: Any = rule.params
    if day in params.blackout:
        return ("blackout",), say("no sends on this day", "当天禁发")
    hours: OpenHours = params.hours
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


SUMMARY = say(
    "every matching touch falls in the hours on the clock (quiet hours, blackouts, holidays)",
    "每次匹配的触达都落在时钟上的规定时段内（免打扰时段、禁发日、节假日）",
)
PAGE = Page(
    SUMMARY,
    say(
        "To be reachable at any time is not to be reached at any time. A platform that does not know a customer's zone often sends anyway.",
        "随时可以联系，不等于随时都去打扰。平台在不知道客户时区时，常常照发不误。",
    ),
    say(
        "Hours are half-open; across midnight they belong to the day they start; a day not named is closed. With `clock: customer` every zone that a customer can be in is tried; one whose zone is not known counts as each of them. `holidays` needs a calendar; a year without announced days is unproven.",
        "时段左闭右开；跨午夜的时段属于开始的那一天；没有写的星期视为不开放。`clock: customer` 会逐一尝试客户可能所在的每个时区，时区未知者按每个时区各算一次。`holidays` 需要日历；没有公布安排的年份为“未能证明”。",
    ),
    """policy: house
rules:
  - rule: nights
    kind: sending-hours
    match: {way: push}
    hours: {mon-fri: 09:00-21:00, sat-sun: 10:00-20:00}
""",
    """campaign: late-call
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 21:00
""",
    """campaign: late-call
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 20:59
""",
)
KIND = Kind("sending-hours", SendingHours, SUMMARY, PAGE, check)
