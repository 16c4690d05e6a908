"""The words of a cap: its finding, the help, the customer replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ...changes import Narrowed
from ...kit.asking import Asking
from ...kit.findings import numbered, unproven, violated
from ...kit.replay import can_be, clock_of, counted, not_replayed, on_that_clock
from ...kit.witness import witness_of
from ...messages import Message, count, did_you_mean, say
from ...places import Place
from ...plan.conditions import EVERYONE, Not, Some
from ...reference import UNSAID, Customer, Since, counted_together, groups_of
from ...search.result import MaxWeightSet
from ...sends.timeline import Send
from ...verdicts import Finding, Measure, Note, Spot
from .asked import Violation
from .params import Counting, FrequencyCap, counting

MAX_LISTED = 20
"""How many touches of a set are listed one by one."""
MAX_RANKED = 40
"""How many sets of a campaign are replayed until one holds."""


def could_exceed(params: FrequencyCap) -> Message:
    return say(
        "it is not proven that no customer gets more than {limit}{within}",
        "不能保证每位客户{within}最多收到 {limit} 次",
        limit=say("one for each day of the month", "当月天数") if params.at_most == "days_in_month" else params.at_most,
        within=_within(params),
    )


def nothing_apart(asking: Asking[FrequencyCap]) -> list[Note]:
    """Where no touch says the field by which a cap counts apart, or where what was sent does not say it."""
    each = asking.params.each or ""
    if asking.things and not any(thing.fields.get(each) for thing in asking.things) and each.startswith("details."):
        known = {field for thing in asking.things for field in thing.fields if field.startswith("details.")} - {each}
        message = say(
            "no touch that the rule {rule} matches says {each}: all count together",
            "规则 {rule} 匹配的触达都没有写 {each}：全部合并计数",
            rule=asking.rule.id,
            each=each,
        )
        help = did_you_mean(each, sorted(known)) or say(
            "write {each} in the campaigns, as one value or a list, or remove each",
            "请在活动中以单个值或列表写明 {each}，或删除 each",
            each=each,
        )
        return [Note("each-unsaid", "warning", message, asking.rule.place.down("each"), help)]
    sent = [touch for touch in asking.sends if touch.campaign in asking.evaluation.ledgers]
    if each and sent and not all(touch.fields.get(each) for touch in sent):
        message = say(
            "the rule {rule} counts each {each} apart, and contacts of a ledger do not say it: they count with none that is planned",
            "规则 {rule} 按 {each} 分别计数，而台账中的触达未写明：它们不与计划中的触达合并计数",
            rule=asking.rule.id,
            each=each,
        )
        help = say("state it in the ledger, or remove each", "请在台账中写明，或删除 each")
        return [Note("each-unsaid", "warning", message, asking.rule.place.down("each"), help)]
    return []


def _within(params: FrequencyCap, customer: Customer | None = None) -> Message:
    """In which time; for somebody who has not done what the cap counts from, that they have not."""
    acted = customer is None or any(
        params.since is not None and name in params.since.event for _, name in customer.events
    )
    if params.since is not None and params.since.lasting is not None:
        return say(
            " within {lasting} of their last {event}",
            "在其上一次 {event} 之后 {lasting}内",
            lasting=params.since.lasting.message,
            event=list(params.since.event),
        )
    if params.since is not None:
        event = list(params.since.event)
        if not acted:
            return say(" without any {event} before", "在从未 {event} 的情况下", event=event)
        return say(" since their last {event}", "自上一次 {event} 以来", event=event)
    return say(" {per}", "{per}", per=params.per.message) if params.per else say("", "")


def ranked(violations: Sequence[Violation]) -> list[Violation]:
    """The heaviest first; those that no waiver covers before the others."""
    return sorted(violations, key=lambda v: (v.open_set is None, -v.found.weight, v.at.at))


def without_touches(violations: Sequence[Violation]) -> list[Violation]:
    """All of a campaign, and only the heaviest with their sets: no more are shown or replayed, and there can be thousands."""
    ordered = ranked(violations)
    return [*ordered[:MAX_RANKED], *(v.light for v in ordered[MAX_RANKED:])]


def finding_of(asking: Asking[FrequencyCap], campaign: str, violations: list[Violation]) -> Finding:
    """One finding for a campaign: at the touch where most come together, and how many more there are."""
    rule, evaluation, params, counts = asking.rule, asking.evaluation, asking.params, counting(asking.rule)
    standing = [v for v in violations if v.open_set is not None]
    covered = not standing and bool(asking.waivers)
    heaviest = ranked(standing or violations)[:MAX_RANKED]
    worst = next((v for v in heaviest if _replayed(asking, v, counts)), None)
    if worst is None:
        return unproven(rule, asking.not_proven, not_replayed(), heaviest[0].at.place, campaign)
    touches, found = worst.shown
    failed = heaviest[: heaviest.index(worst)]
    most = counts.shown(max(v.found.weight for v in violations if v not in failed))
    limit = counts.shown(worst.limit)
    message = say(
        "a customer could get {counted}{within}; {allowed}",
        "某位客户{within}可能收到 {counted}；{allowed}",
        counted=_counted(counts.shown(found.weight), touches, worst.value, found.complete, params),
        within=_within(params, found.customer),
        allowed=_allowed(limit),
    )
    position = {id(touch): n for n, touch in enumerate(touches, 1)}
    listed = touches[:MAX_LISTED]
    related = [Spot(t.place, _when(position[id(t)], t)) for t in listed if t is not worst.at]
    on_clock = on_that_clock(clock_of(found.customer, rule, touches[0].at), rule)
    parties = {campaign, *(t.campaign for t in touches)}
    return violated(
        rule,
        message,
        Spot(worst.at.place, _when(position.get(id(worst.at), 1), worst.at)),
        campaign=campaign,
        parties=parties,
        measure=Measure(most, limit),
        related=[*related, Spot(_limit_place(asking, worst.limit, counts), say("the cap", "上限"))],
        witness=witness_of(evaluation, rule, found.customer, listed, also=on_clock),
        help=_help(worst, touches, asking),
        changes=_sparing(worst, touches, asking),
        stands_at=[worst.at, *(v.at for v in violations)],
        among=(name for v in violations for name in v.names),
        covered_by=asking.waivers.of_parties(parties) if covered else (),
        assumptions=_assumptions(found, len(touches)),
    )


def _assumptions(found: MaxWeightSet, number: int) -> tuple[Message, ...]:
    said = []
    if not found.complete:
        said.append(say("the search used up its budget: there may be more", "搜索用完了预算：实际可能更多"))
    if number > MAX_LISTED:
        said.append(
            say(
                "{n} touches in all, the first {most} are listed",
                "共 {n} 次触达，仅列出前 {most} 次",
                n=number,
                most=MAX_LISTED,
            )
        )
    return tuple(said)


def _replayed(asking: Asking[FrequencyCap], worst: Violation, counts: Counting) -> bool:
    """The reference evaluator has the last word: this customer can exist, gets these touches, and they are too many."""
    touches, found = worst.shown
    rule, params, customer = asking.rule, counts.params, found.customer
    if not can_be(customer, [t.at for t in touches], asking.evaluation):
        return False
    mine = counted(customer, touches, rule, asking.evaluation)
    if len(mine) != len(touches) or not all(worst.value in groups_of(touch, params.each) for touch in mine):
        return False
    since = None
    if params.since is not None:
        acts = [at for at, name in customer.events if name in params.since.event]
        since = Since(acts, params.since.lasting)
    clock = clock_of(customer, rule, touches[0].at)
    together = counted_together(mine[-1], mine, params.per, clock, since)
    return len(together) == len(touches) and counts.total(together) > worst.limit


def _limit_place(asking: Asking[FrequencyCap], limit: int, counts: Counting) -> Place:
    """The line that set the cap: a tighter one where figures made it so."""
    for index, tighter in enumerate(counts.params.tighten):
        if tighter.at_most * counts.scale == limit and counts.params.at_most != tighter.at_most:
            return asking.rule.place.down("tighten", index, "at_most")
    return asking.rule.place.down("at_most")


def _when(n: int, touch: Send) -> Message:
    return say("{nth}, {at}", "{nth}，{at}", nth=numbered(n), at=touch.local)


NOUNS = {
    "promotion": ("promotion", "promotions", "次促销触达"),
    "content": ("content touch", "content touches", "次内容触达"),
    "service": ("service touch", "service touches", "次服务触达"),
    "care": ("care touch", "care touches", "次关怀触达"),
    "research": ("research touch", "research touches", "次调研触达"),
    "transactional": ("transactional touch", "transactional touches", "次交易通知"),
}
ANY_NOUN = ("touch", "touches", "次触达")


def _counted(
    number: int | Decimal, touches: Sequence[Send], group: str, complete: bool, params: FrequencyCap
) -> Message:
    """How much of what, and where a cap counts apart, of which value."""
    purposes = {purpose for touch in touches for purpose in touch.fields["purpose"]}
    channels = {touch.model.channel for touch in touches}
    if params.count != "touches":
        noun = ("campaign", "campaigns", "个活动") if params.count == "campaigns" else ("sender", "senders", "个发送方")
        counted = say("touches of {n}", "{n}的触达", n=count(number, *noun))
    elif params.weights:
        counted = say("touches that count {n}", "合计 {n} 的触达", n=number)
    else:
        counted = count(number, *(NOUNS[next(iter(purposes))] if len(purposes) == 1 else ANY_NOUN))
        if not complete:
            counted = say("at least {counted}", "至少 {counted}", counted=counted)
        if params.each is None and len(channels) == 1:
            return say("{counted} on {channel}", "{counted}（{channel}）", counted=counted, channel=channels.pop())
        if params.each == "purpose":
            return counted
    return counted if params.each is None else _of_value(counted, params.each, group)


def _of_value(counted: Message, each: str, group: str) -> Message:
    if group == UNSAID:
        return say("{counted} without {each}", "{counted}（未写 {each}）", counted=counted, each=each)
    words = {
        "channel": ("on", "渠道"),
        "sender": ("from", "发送方"),
        "purpose": ("of purpose", "目的"),
        "about": ("about", "主题"),
        "campaign": ("of the campaign", "活动"),
    }.get(each, ("with {each}", "{each}"))
    return say(
        "{counted} " + words[0] + " {value}",
        "{counted}（" + words[1] + " {value}）",
        counted=counted,
        value=group,
        each=each,
    )


def _allowed(limit: int | Decimal) -> Message:
    if limit == 0:
        return say("none is allowed", "不允许触达")
    return say("{n} " + ("is" if limit == 1 else "are") + " allowed", "最多允许 {n} 次", n=limit)


def _help(worst: Violation, touches: Sequence[Send], asking: Asking[FrequencyCap]) -> Message:
    """What could be done, beside the times that are tried."""
    at, params = worst.at, asking.params
    if params.since is not None:
        return shield(asking)
    if params.per is None:
        return say("leave these customers out of the audience", "请把这些客户排除在受众之外")
    if at.trigger is None:
        return say("send it to fewer customers, or take out another touch", "请缩小受众，或减少其他触达")
    if all(touch.campaign == at.campaign and touch.trigger == at.trigger for touch in touches):
        return say(
            "take a touch out of this campaign, or let more time lie between them",
            "请减少该活动的触达，或拉开它们之间的时间",
        )
    return say("let the trigger come less often (again_after)", "降低触发频率（again_after）")


def _sparing(worst: Violation, touches: Sequence[Send], asking: Asking[FrequencyCap]) -> Iterator[Narrowed]:
    """The touch without the customers of one other campaign, where that leaves no more than is allowed."""
    at, counts = worst.at, counting(asking.rule)
    by_campaign: Counter[str] = Counter()
    for touch in touches:
        by_campaign[touch.campaign] += counts.of(touch)
    if asking.params.since is not None or len(touches) > MAX_LISTED:
        return
    least = by_campaign.total() - worst.limit
    others = by_campaign.keys() - {at.campaign, *asking.evaluation.ledgers}
    for name in sorted(name for name in others if by_campaign[name] >= least):
        if _can_be_left_out(name, touches, asking):
            theirs = dict.fromkeys(touch.audience for touch in touches if touch.campaign == name)
            words = say("leave out customers of {other}", "在受众中排除会收到 {other} 的客户", other=name)
            yield Narrowed(at.campaign, (at.index,), Not(Some(tuple(theirs))), words)


def _can_be_left_out(name: str, touches: Sequence[Send], asking: Asking[FrequencyCap]) -> bool:
    """Whether an audience can keep out who gets a campaign: not where that is everyone, or where they were in it only then."""
    audiences = [touch.audience for touch in touches if touch.campaign == name]
    return all(audience != EVERYONE and asking.evaluation.never_changes(audience) for audience in audiences)


def shield(asking: Asking[FrequencyCap]) -> Message:
    """How an audience can shield a touch: by an attribute that the event sets, if there is one."""
    since = asking.params.since
    assert since is not None  # noqa: S101
    for name in since.event:
        if sets := asking.plan.customers.events[name].sets:
            return say(
                "ask in the audience for {attribute}, which {event} sets",
                "请在受众条件中使用 {event} 所设置的 {attribute}",
                attribute=next(iter(sets)),
                event=name,
            )
    return say(
        "no audience can tell who acted lately: let {event} set a date (sets: {{last_{event}: day}})",
        "受众条件无法区分客户最近是否有过行为：请让 {event} 设置一个日期（sets: {{last_{event}: day}}）",
        event=since.event[0],
    )
