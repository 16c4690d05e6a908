"""The findings of ``obligation`` in words, and its documentation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...clocks import local
from ...kit.describing import describe
from ...kit.findings import violated
from ...kit.replay import is_admitted, on_that_clock
from ...kit.witness import seen
from ...messages import Message, all_of, plain, say
from ...policy.matches import FieldTest, TouchMatch
from ...policy.policies import ANY_REPLY
from ...sends.set_off import trigger_of
from ...sends.timeline import Send, TriggeredTouch
from ...verdicts import Finding, Spot, Witness
from .case import Unserved
from .dates import MissedAroundDate
from .responders import Responder, stopping
from .search import Searching

WEEKDAYS = (
    say("Monday", "周一"),
    say("Tuesday", "周二"),
    say("Wednesday", "周三"),
    say("Thursday", "周四"),
    say("Friday", "周五"),
    say("Saturday", "周六"),
    say("Sunday", "周日"),
)
MAX_RELATED = 12


def when(at: datetime, zone: str) -> Message:
    """``Saturday 2026-03-07 22:05``."""
    here = local(at, zone)
    return say("{day} {at}", "{at}（{day}）", day=WEEKDAYS[here.weekday()], at=here)


def what(do: TouchMatch) -> Message:
    """What is owed, in the words of the match: ``tea by a human``, ``an act on phone``."""
    tests = {test.field: test for test in do.tests if test.how == "any" and test.bounds is None}
    gives = tests.pop("gives", None)
    parts = [_any_of(gives.values)] if gives is not None else [say("an act", "行动")]
    by = tests.pop("by", None)
    if by is not None:
        human = say("by a human", "（由人工）") if "human" in by.values else say("by a machine", "（自动）")
        parts.append(human)
    channel = tests.pop("channel", None)
    if channel is not None:
        parts.append(say("on {channel}", "（经 {channel}）", channel=_any_of(channel.values)))
    shown = {id(test) for test in (gives, by, channel)}
    parts += [_test(test) for test in do.tests if id(test) not in shown]
    return all_of(parts, " ", "")


def _any_of(values: Sequence[str]) -> Message:
    return all_of([plain(value) for value in values], " or ", " 或 ")


def _test(test: FieldTest) -> Message:
    if test.bounds is not None:
        return say("with {field} in bounds", "（{field} 在范围内）", field=test.field)
    if test.how == "not":
        return say("with {field} not {values}", "（{field} 不是 {values}）", field=test.field, values=list(test.values))
    return say("with {field} {values}", "（{field} 为 {values}）", field=test.field, values=_any_of(test.values))


def event_finding(searching: Searching, found: Sequence[Unserved]) -> Finding:
    """Stands at the rule: what is missing is in no campaign."""
    rule = searching.rule
    open_ones = [left for left in found if not _covered(searching, left)]
    left = (open_ones or found)[0]
    at = when(left.event[0], left.case.clock)
    if rule.clock == "customer":
        at = say("{at} ({zone})", "{at}（{zone}）", at=at, zone=left.case.clock)
    by = say(" by {channel}", "（经 {channel}）", channel=left.case.channel) if left.case.channel else say("", "")
    message = say(
        "after '{event}'{by} on {at} a customer would not get {what} within {within}",
        "{at}发生“{event}”{by}后，某位客户在 {within}内得不到 {what}",
        event=left.event[1],
        by=by,
        at=at,
        what=what(left.case.do),
        within=left.case.owed.within.message,
    )
    return violated(
        rule,
        message,
        Spot(rule.place.down("do"), say("what is owed", "应做之事")),
        group=rule.group_name,
        related=[_within(searching, left), *_reactions(searching, left)],
        witness=_witness(searching, left),
        help=_help(searching, left),
        more=len(open_ones or found) - 1,
        assumptions=_assumptions(searching),
        covered_by=() if open_ones else searching.asking.waivers.of_group(rule.group_name),
    )


def _covered(searching: Searching, left: Unserved) -> bool:
    return searching.last_day is not None and searching.evaluation.day_of(left.event[0]) <= searching.last_day


def _within(searching: Searching, left: Unserved) -> Spot:
    until = when(left.deadline, left.case.clock)
    return Spot(
        searching.rule.place.down("within"),
        say("the time allowed, until {until}", "允许的时间，至 {until}", until=until),
    )


def _assumptions(searching: Searching) -> tuple[Message, ...]:
    first, last = searching.evaluation.span
    return (
        say(
            "judged are events whose answer is due between {first} and {last}",
            "只判断应在 {first} 至 {last} 之间回应的事件",
            first=first,
            last=last,
        ),
    )


def _reactions(searching: Searching, left: Unserved) -> list[Spot]:
    """Each thing that might have answered, and why it does not."""
    spots: dict[object, Spot] = {}
    for responder in left.case.responders:
        thing = responder.thing
        if isinstance(thing, Send) or thing.place in spots:
            continue
        spots[thing.place] = Spot(thing.place, _why_not(searching, left, responder))
    return list(spots.values())[:MAX_RELATED]


def _why_not(searching: Searching, left: Unserved, responder: Responder) -> Message:
    at = left.event[0]
    act = responder.at(at)
    if act is None:
        return say("does nothing then", "此时不响应")
    if not _admits(searching, left, responder):
        return say("not for this customer", "不面向这位客户")
    if not responder.answers(at, left.start, left.case.owed):
        return say("acts by {at}", "最晚 {at}才办到", at=when(responder.arrives(act), left.case.clock))
    if isinstance(responder.thing, TriggeredTouch):
        return _kept_back(searching, left, responder.thing)
    return say("in time", "及时")


def _admits(searching: Searching, left: Unserved, responder: Responder) -> bool:
    """Whether its audience takes in the customer, when it is read."""
    at = left.event[0]
    read = responder.read_at(at, responder.at(at) or at)
    return is_admitted(responder.audience, left.customer, read, searching.evaluation)


def _kept_back(searching: Searching, left: Unserved, step: TriggeredTouch) -> Message:
    """What keeps a triggered touch from coming although it would be in time: an event that stops it, or an earlier one."""
    stops = [name for at, name in left.customer.events if name in stopping(step) and at > left.event[0]]
    if stops:
        return say("stopped by '{event}'", "被“{event}”中止", event=stops[0])
    apart = trigger_of(step).again_after
    return say(
        "starts nothing again within {apart}",
        "在 {apart}内不再启动",
        apart=apart.message if apart is not None else say("the time since", "此前的时间"),
    )


def _help(searching: Searching, left: Unserved) -> Message:
    responders = [r for r in left.case.responders if not isinstance(r.thing, Send)]
    if not responders:
        return say(
            "add a service or a triggered campaign that does it after '{event}', or say in the rule for whom and in which hours it is owed",
            "增加一个在“{event}”之后这样做的服务或触发式活动，或在规则中写明对谁、在什么时段应做",
            event=left.event[1],
        )
    timely = [r for r in responders if r.answers(left.event[0], left.start, left.case.owed)]
    forestalled = [r for r in timely if _admits(searching, left, r)]
    if forestalled:
        return say(
            "shorten or leave out again_after or stops_on of {names}, or say per or unless in the rule",
            "缩短或去掉 {names} 的 again_after 或 stops_on，或在规则中写明 per 或 unless",
            names=sorted({r.name for r in forestalled}),
        )
    late = [r for r in responders if r not in timely and _admits(searching, left, r)]
    if late:
        return say(
            "let {names} act at that time too, or sooner; or allow more time, or say in the rule in which hours it is owed",
            "让 {names} 在该时段也能响应或更快响应；或放宽时间，或在规则中写明应做的时段",
            names=sorted({r.name for r in late}),
        )
    return say(
        "let {names} take in this customer, or add what answers them",
        "让 {names} 也面向这位客户，或另行安排回应",
        names=sorted({r.name for r in timely or responders}),
    )


def _witness(searching: Searching, left: Unserved) -> Witness:
    case, customer = left.case, left.customer
    touches = [case.because_of] if case.because_of is not None else []
    if left.event[1] and touches and case.only is None:
        touches = [searching.because(case, left.event)]
    conditions = [searching.rule.group, *(r.audience for r in case.responders), *(t.audience for t in touches)]
    conditions += on_that_clock(case.clock, searching.rule)
    instants = [*(t.at for t in touches), left.event[0]]
    instants += [
        act
        for r in case.responders
        if (act := r.at(left.event[0])) is not None and r.answers(left.event[0], left.start, case.owed)
    ]
    words = describe(customer, searching.plan.customers, conditions, instants, searching.plan.timezone)
    return Witness(customer, words, seen(touches), (left.start, left.deadline))


def touch_finding(searching: Searching, campaign: str, found: Sequence[Unserved]) -> Finding:
    """Stands at the touch that is replied to, or that makes the promise."""
    rule, waivers = searching.rule, searching.asking.waivers
    open_ones = [left for left in found if not waivers.cover([_party(left)])]
    left = (open_ones or found)[0]
    touch = _party(left)
    reply = searching.params.any_of == ANY_REPLY
    message = (_unanswered if reply else _unkept)(searching, left)
    place = touch.place.down("reply") if reply else touch.place.down("promises")
    what_kept = say(
        "add a touch that gives {what} in time, or promise less",
        "增加按时给出 {what} 的触达，或少作承诺",
        what=what(left.case.do),
    )
    return violated(
        rule,
        message,
        Spot(place, say("who answers", "由谁回应") if reply else say("promised here", "此处承诺")),
        campaign=campaign,
        related=[_within(searching, left), *_reactions(searching, left)],
        witness=_witness(searching, left),
        help=_help(searching, left) if reply else what_kept,
        stands_at=(_party(left) for left in open_ones or found),
        more=len(open_ones or found) - 1,
        assumptions=_assumptions(searching),
        covered_by=waivers.of_sets(([_party(left)], None) for left in found),
    )


def _party(left: Unserved) -> Send:
    """The touch that is replied to, or that promises, on the day on which what is owed begins to count."""
    touch = left.case.because_of
    assert touch is not None  # noqa: S101
    return touch


def _unanswered(searching: Searching, left: Unserved) -> Message:
    return say(
        "a customer who replies on {at} would not be answered by {service} within {within}",
        "客户于 {at}回复后，{service} 在 {within}内没有回应",
        at=when(left.event[0], left.case.clock),
        service=left.case.only,
        within=left.case.owed.within.message,
    )


def _unkept(searching: Searching, left: Unserved) -> Message:
    return say(
        "a customer who is promised it on {at} would not get {what} within {within}",
        "客户于 {at}得到承诺后，在 {within}内得不到 {what}",
        at=when(left.start, left.case.clock),
        what=what(left.case.do),
        within=left.case.owed.within.message,
    )


def date_finding(searching: Searching, found: Sequence[MissedAroundDate]) -> Finding:
    """Stands at the rule, like that of an event."""
    rule, evaluation, last = searching.rule, searching.evaluation, searching.last_day
    open_ones = [one for one in found if last is None or evaluation.day_of(one.window.end) > last]
    one = (open_ones or found)[0]
    do = rule.match_lists["do"][one.number]
    days = [evaluation.day_of(at) for at in (one.window.start, one.window.end)]
    weekday = WEEKDAYS[one.day.weekday()]
    message = say(
        "a customer whose {date} is {weekday} {day} would not get {what} between {first} and {last}",
        "{date} 为 {day}（{weekday}）的某位客户，在 {first} 至 {last} 之间得不到 {what}",
        date=(searching.params.date or "").replace("_", " "),
        day=one.day,
        weekday=weekday,
        what=what(do),
        first=days[0],
        last=days[1],
    )
    audiences = [c.audiences[i] for c in searching.plan.campaigns for i in range(len(c.model.touches))]
    words = describe(one.customer, searching.plan.customers, [rule.group], [one.window.start], searching.plan.timezone)
    if audiences and words.en == "anyone":
        words = say("{date} {day}", "{date} {day}", date=(searching.params.date or "").replace("_", " "), day=one.day)
    timed = "ahead" if searching.params.ahead is not None else "within"
    return violated(
        rule,
        message,
        Spot(rule.place.down("do"), say("what is owed", "应做之事")),
        group=rule.group_name,
        related=[Spot(rule.place.down(timed), say("when it is owed", "应做的时间")), *_sent(searching, one)],
        witness=Witness(one.customer, words, (), (one.window.start, one.window.end)),
        help=say(
            "add a touch in that time, or a campaign that hangs on the date, for this customer too",
            "在该时间内增加面向这位客户的触达，或按该日期触发的活动",
        ),
        more=len(open_ones or found) - 1,
        assumptions=[say("attributes that change keep one value in that time", "会变化的属性在这段时间内视为不变")],
        covered_by=() if open_ones else searching.asking.waivers.of_group(rule.group_name),
    )


def _sent(searching: Searching, one: MissedAroundDate) -> list[Spot]:
    """What campaigns that hang on the date send for it, and why that is not enough."""
    zone = searching.plan.timezone
    spots = []
    for sent in one.sent[:MAX_RELATED]:
        inside = one.window.holds(sent.at)
        why = say("sends on {at}, not to this customer", "{at}发送，不面向这位客户", at=when(sent.at, zone))
        late = say("sends on {at}", "{at}才发送", at=when(sent.at, zone))
        spots.append(Spot(sent.thing.place, why if inside else late))
    return spots
