"""The words of a cap: its finding, the help, the customer replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from ...clocks import local
from ...messages import Message, count, say
from ...places import Place
from ...plan.conditions import EVERYONE
from ...policy.linked import LinkedRule
from ...reference import Customer, Since, admits, counted_together
from ...search.distinct import Heaviest
from ...timeline import Touch
from ...verdicts import Finding, Measure, Spot
from ...windows import leaves_at
from ..common import (
    Question,
    base_finding,
    can_be,
    clock_of,
    gets,
    not_replayed,
    numbered,
    on_that_clock,
    unproven,
    witness_of,
)
from .mending import can_try, free_day
from .params import Counting, FrequencyCap, counting
from .search import Violation, could_exceed, within


def finding_of(
    rule: LinkedRule, question: Question, campaign: str, violations: list[Violation], among: Sequence[Touch]
) -> Finding:
    """One finding for a campaign: at the touch where most come together, and how many more there are.

    ``among`` are the touches that the rule speaks of, to try a proposal among them; none: it is not tried.
    """
    waivers = question.waivers_of(rule)
    covered = all(v.open_set is None for v in violations) and bool(waivers)
    standing = [v for v in violations if v.open_set is not None] or violations
    worst = max(standing, key=lambda v: (v.found.weight, -v.at.at.timestamp()))
    touches, found = (worst.touches, worst.found) if covered or worst.open_set is None else worst.open_set
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    counts = counting(rule)
    most = counts.shown(max(v.found.weight for v in violations))
    limit = counts.shown(worst.limit)
    message = say(
        "a customer could get {counted}{within}; {allowed}",
        "某位客户{within}可能收到 {counted}；{allowed}",
        counted=_counted(most, touches, params, complete=found.complete),
        within=within(params),
        allowed=_allowed(limit),
    )
    if not _replayed(rule, question, worst, touches, found, counts):
        return unproven(rule, could_exceed(params), not_replayed(), worst.at.place, campaign)
    position = {id(touch): n for n, touch in enumerate(touches, 1)}
    listed = touches[:MOST_LISTED]
    related = [Spot(t.place, _when(position[id(t)], t)) for t in listed if t is not worst.at]
    related.append(Spot(_limit_place(rule, worst.limit, counts), say("the cap", "上限")))
    names = {t.campaign for t in touches}
    parties = tuple(sorted(names | {campaign}))
    finding = base_finding(
        rule, "violated", message, Spot(worst.at.place, _when(position.get(id(worst.at), 1), worst.at))
    )
    return replace(
        finding,
        campaign=campaign,
        parties=parties,
        measure=Measure(most, limit),
        related=tuple(related),
        witness=witness_of(
            question,
            rule,
            found.customer,
            listed,
            also=on_that_clock(clock_of(found.customer, rule, touches[0].at), rule),
        ),
        help=_help(worst, touches, params, rule, question, among),
        more=len({(v.at.step, v.at.local) for v in violations}) - 1,
        covered_by=tuple(i for i, w in waivers if w.campaign in parties) if covered else (),
        assumptions=_assumptions(found, len(touches)),
    )


MOST_LISTED = 20
"""How many touches of a set are listed one by one."""


def _assumptions(found: Heaviest, number: int) -> tuple[Message, ...]:
    said = []
    if not found.complete:
        said.append(say("the search ended within its budget: there may be more", "搜索在预算内结束：实际可能更多"))
    if number > MOST_LISTED:
        said.append(
            say(
                "{n} touches in all, the first {most} are listed",
                "共 {n} 次触达，仅列出前 {most} 次",
                n=number,
                most=MOST_LISTED,
            )
        )
    return tuple(said)


def _replayed(
    rule: LinkedRule,
    question: Question,
    worst: Violation,
    touches: Sequence[Touch],
    found: Heaviest,
    counts: Counting,
) -> bool:
    """The reference evaluator has the last word: this customer can exist, gets these touches, and they are too many."""
    plan, params, customer = question.plan, counts.params, found.customer
    model, timezone = plan.customers, plan.timezone
    if not can_be(customer, [t.at for t in touches], question):
        return False
    mine = [
        t
        for t in gets(customer, touches, question)
        if rule.group == EVERYONE or admits(rule.group, customer, t.at, model, timezone)
    ]
    clock = clock_of(customer, rule, touches[0].at)
    if len(mine) != len(touches):
        return False
    since = None
    if params.since is not None:
        acts = [at for at, name in customer.events if name in params.since.event]
        since = Since(acts, params.since.lasting)
    together = counted_together(mine[-1], mine, params.per, clock, params.each, since)
    return len(together) == len(touches) and counts.total(together) > worst.limit


def _limit_place(rule: LinkedRule, limit: int, counts: Counting) -> Place:
    """The line that set the cap: a tighter one where figures made it so."""
    for index, tighter in enumerate(counts.params.tighten):
        if tighter.at_most * counts.scale == limit and counts.params.at_most != tighter.at_most:
            return rule.place.down("tighten", index, "at_most")
    return rule.place.down("at_most")


def _when(n: int, touch: Touch) -> Message:
    return say("{nth}, {at}", "{nth}，{at}", nth=numbered(n), at=touch.local)


NOUNS = {
    "promotion": ("promotion", "promotions", "次促销触达"),
    "content": ("content touch", "content touches", "次内容触达"),
    "service": ("service touch", "service touches", "次服务触达"),
    "care": ("care touch", "care touches", "次关怀触达"),
    "research": ("research touch", "research touches", "次调研触达"),
    "transactional": ("transactional touch", "transactional touches", "次交易通知"),
}


def _counted(number: int | Decimal, touches: Sequence[Touch], params: FrequencyCap, complete: bool) -> Message:
    if params.count != "touches":
        noun = ("campaign", "campaigns", "个活动") if params.count == "campaigns" else ("sender", "senders", "个发送方")
        return say("touches of {n}", "{n}的触达", n=count(number, *noun))
    if params.weights:
        return say("touches that count {n}", "合计 {n} 的触达", n=number)
    purposes = {purpose for touch in touches for purpose in touch.fields["purpose"]}
    noun = NOUNS[purposes.pop()] if len(purposes) == 1 else ("touch", "touches", "次触达")
    counted = count(number, *noun)
    if not complete:
        counted = say("at least {counted}", "至少 {counted}", counted=counted)
    if params.each is None:
        channels = {touch.model.channel for touch in touches}
        if len(channels) == 1:
            counted = say("{counted} on {channel}", "{counted}（{channel}）", counted=counted, channel=channels.pop())
        return counted
    values = sorted(touches[0].fields.get(params.each, frozenset()))
    if not values:
        return say("{counted} without {each}", "未写 {each} 的 {counted}", counted=counted, each=params.each)
    words = {
        "channel": ("on", "渠道"),
        "sender": ("from", "发送方"),
        "purpose": ("of purpose", "目的"),
        "about": ("about", "主题"),
    }[params.each]
    return say(
        "{counted} " + words[0] + " {value}", "{counted}（" + words[1] + " {value}）", counted=counted, value=values[0]
    )


def _allowed(limit: int | Decimal) -> Message:
    if limit == 0:
        return say("none is allowed", "不允许触达")
    return say("{n} " + ("is" if limit == 1 else "are") + " allowed", "最多允许 {n} 次", n=limit)


def _help(
    worst: Violation,
    touches: Sequence[Touch],
    params: FrequencyCap,
    rule: LinkedRule,
    question: Question,
    among: Sequence[Touch],
) -> Message | None:
    """A move that takes the touch out of every window with enough of the others, or a campaign whose customers to spare."""
    at, counts = worst.at, counting(rule)
    if params.since is not None:
        return _help_since(params, question)
    if params.per is None:
        return say("leave these customers out of the audience", "请把这些客户排除在受众之外")
    by_campaign: Counter[str] = Counter()
    for touch in touches:
        by_campaign[touch.campaign] += counts.of(touch)
    weight = by_campaign.total()
    ledgers = {ledger.name for ledger in question.plan.ledgers}
    spared = [
        n for n in sorted(by_campaign) if n not in (at.campaign, *ledgers) and weight - by_campaign[n] <= worst.limit
    ]
    leave_out = (
        say("leave out customers of {other}", "在受众中排除会收到 {other} 的客户", other=spared[0]) if spared else None
    )
    if at.trigger is not None:
        rarer = say("let the trigger come less often (again_after)", "降低触发频率（again_after）")
        both = say("{rarer}, or {leave}", "{rarer}，或{leave}", rarer=rarer, leave=leave_out)
        return both if leave_out else rarer
    free = _left_behind(worst, touches, weight, params, rule)
    if among and can_try(at, rule, question):
        day = free_day(worst, free or at.local + timedelta(days=1), among, rule, question)
        move = say("move this touch to {day}", "请把这次触达移到 {day}", day=day) if day is not None else None
    elif free is not None:
        when = free.date() if free.time() == time() else free
        move = say(
            "for this customer, move this touch to {free} or later",
            "若只看这位客户，可把这次触达移到 {free} 或之后",
            free=when,
        )
    else:
        move = None
    if move is None or leave_out is None:
        return move or (say("{leave}", "请{leave}", leave=leave_out) if leave_out else _fewer())
    return say("{move}, or {leave}", "{move}，或{leave}", move=move, leave=leave_out)


def _left_behind(
    worst: Violation, touches: Sequence[Touch], weight: int, params: FrequencyCap, rule: LinkedRule
) -> datetime | None:
    """When enough of the touches before it have left every window with it, on its clock; None where that is not all of them."""
    at, counts = worst.at, counting(rule)
    earlier = [t for t in touches if t is not at and t.at <= at.at and t.trigger is None]
    gone, passed = 0, None
    for touch in earlier:
        if gone < weight - worst.limit:
            gone, passed = gone + counts.of(touch), touch
    plain = params.count == "touches" and gone >= weight - worst.limit and len(earlier) == len(touches) - 1
    if passed is None or not plain or params.per is None:
        return None
    return local(leaves_at(passed.at, params.per, at.zone if rule.clock == "customer" else rule.clock), at.zone)


def _fewer() -> Message:
    """Where no day is known to be free and no single campaign can be spared."""
    return say("send it to fewer customers, or take out another touch", "请缩小受众，或减少其他触达")


def _help_since(params: FrequencyCap, question: Question) -> Message:
    """How an audience can shield a touch: by an attribute that the event sets, if there is one."""
    assert params.since is not None  # noqa: S101
    for name in params.since.event:
        if sets := question.plan.customers.events[name].sets:
            return say(
                "ask in the audience for {attribute}, which {event} sets",
                "请在受众条件中使用 {event} 所设置的 {attribute}",
                attribute=next(iter(sets)),
                event=name,
            )
    return say(
        "no audience can tell who acted lately: let {event} set a date (sets: {{last_{event}: day}})",
        "受众条件无法区分客户最近是否有过行为：请让 {event} 设置一个日期（sets: {{last_{event}: day}}）",
        event=params.since.event[0],
    )


def _sooner() -> Message:
    return say("send it sooner, or let send_in open in time", "请更早发送，或让 send_in 及时开放")


def outside_finding(
    rule: LinkedRule, question: Question, campaign: str, found: Sequence[tuple[Touch, Customer]]
) -> Finding:
    """A touch that reaches somebody who has not acted within ``lasting``."""
    params = rule.params
    assert isinstance(params, FrequencyCap) and params.since is not None and params.since.lasting is not None  # noqa: S101
    touch, customer = found[0]
    message = say(
        "a customer could get this without {event} in the {lasting} before",
        "某位客户可能在此前 {lasting}内没有 {event} 就收到",
        event=list(params.since.event),
        lasting=params.since.lasting.message,
    )
    return replace(
        base_finding(rule, "violated", message, Spot(touch.place, say("{at}", "{at}", at=touch.local))),
        campaign=campaign,
        parties=(campaign,),
        measure=Measure(1, 0),
        related=(Spot(rule.place.down("since", "otherwise"), say("outside none is allowed", "此外不允许")),),
        witness=witness_of(question, rule, customer, [touch]),
        help=_help_since(params, question) if touch.trigger is None else _sooner(),
        more=len({(t.step, t.local) for t, _ in found}) - 1,
    )
