"""What ``offer-parity`` says: who pays what, beside whom, and where."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ...clocks import civil_shift
from ...kit.comparing import compared_by, differing, group_words, names_of
from ...kit.describing import describe, describe_names
from ...kit.findings import unproven, violated
from ...messages import Message, all_of, count, say
from ...plan.conditions import Condition, OneOf
from ...plan.plan import PlannedOffer
from ...reference import admits
from ...reference.comparing import Pair, Shortfall
from ...reference.offers import NONE, Bundle, cost
from ...scalars import Duration, Money
from ...verdicts import Finding, Measure, Spot, Witness
from .search import Doubted, Searching, Worse

PRIORITY = (
    "price", "gift", "commitment", "minimum_spend", "quota", "notice", "cancel_steps", "cancel_channels", "steps",
    "automatic", "shown",
)  # fmt: skip


def length(duration: Duration) -> Message:
    if (duration.amount, duration.unit) in ((12, "mo"), (1, "y")):
        return say("a year", "一年")
    return say("in {span}", "{span}内", span=duration.message)


def worse_finding(searching: Searching, worse: Worse, others: int, help: Message | None) -> Finding:
    offer = at_fault(searching, worse)
    message, measure = _headline(searching, worse)
    told = [compared_by(searching.groups)]
    if worse.compared is not worse.preferred:
        told.append(
            say("what is exempt of {name} is left out", "{name} 中豁免的部分不计入比较", name=worse.preferred.name)
        )
    if worse.not_exempt is not None:
        told.append(worse.not_exempt)
    if searching.params.at_channel is not None:
        told.append(
            say(
                "{channel} is where {attribute} has them compared",
                "按 {attribute} 在 {channel} 渠道比较",
                channel=worse.channel,
                attribute=searching.params.at_channel,
            )
        )
    return violated(
        searching.rule,
        message,
        Spot(offer.place.down("offer"), _label(searching, worse, worse.compared)),
        campaign=offer.campaign,
        group=offer.book,
        parties=(o.campaign for o in worse.preferred.offers if o.campaign),
        measure=measure,
        related=_related(searching, worse, offer.name),
        witness=_witness(searching, worse),
        help=help,
        assumptions=told,
        more=others,
        covered_by=(),  # asked of the whole finding, when all of it is there
    )


def at_fault(searching: Searching, worse: Worse) -> PlannedOffer:
    """The offer of a better bundle that shuts the customer out."""
    plan = searching.plan
    return next(
        o
        for o in worse.preferred.offers
        if not admits(o.eligible, worse.pair.customer, worse.at, plan.customers, plan.timezone)
    )


def doubted_finding(searching: Searching, doubted: Doubted) -> Finding:
    offer = next((o for o in doubted.preferred.offers if o.name in searching.judged), doubted.preferred.offers[0])
    message = say(
        "it is not proven that nobody is worse off beside '{name}'",
        "未能证明没有客户的待遇不如“{name}”",
        name=doubted.preferred.name,
    )
    place = offer.place.down("offer")
    finding = unproven(searching.rule, message, doubted.missing, place, offer.campaign, offer.book)
    return replace(finding, assumptions=(compared_by(searching.groups),))


def _headline(searching: Searching, worse: Worse) -> tuple[Message, Measure | None]:
    params = searching.params
    differing_attributes = differing(worse.pair, worse.at)
    own = {name for name in _told(worse) if name not in searching.groups.differing_attributes} - {
        params.at_channel or ""
    }
    who = group_words(params.protected, worse.pair.customer, searching.evaluation, worse.at, differing_attributes | own)
    other = group_words(params.favoured, worse.pair.twin, searching.evaluation, worse.at, differing_attributes)
    product = all_of([say("{p}", "{p}", p=base.model.product) for base in worse.compared.bases], " + ", " + ")
    named: dict[str, Any] = {"who": who, "other": other, "product": product}
    if worse.has is None:
        message = say(
            "{who} cannot get {product} {where}; {other} gets it for {pays}",
            "{where}，{who}买不到 {product}；{other}可以买到，{pays}",
            **named,
            where=_where(worse),
            pays=_label(searching, worse, worse.compared),
        )
        return message, None
    worst = min(worse.lacks, key=_priority)
    if worst.what == "price":
        return _price(searching, worse, worst, named)
    message = say(
        "{who} {mine} with {product}; {other} {theirs}",
        "{product}：{who}{mine}；{other}{theirs}",
        **named,
        mine=_clause(worst.what, worst.mine),
        theirs=_clause(worst.what, worst.other, other=True),
    )
    return message, None


def _priority(short: Shortfall) -> int:
    return PRIORITY.index(short.what)


def _price(searching: Searching, worse: Worse, short: Shortfall, named: dict[str, Any]) -> tuple[Message, Measure]:
    mine, limit = short.mine, short.other
    assert isinstance(mine, Money) and isinstance(limit, Money) and short.end is not None  # noqa: S101
    at_horizon = short.end == civil_shift(worse.day, searching.params.horizon, +1)
    leaving = say(" when they leave on {day}", "（{day} 退订时）", day=short.end)
    if at_horizon:
        leaving = say(" {span}", "{span}", span=length(searching.params.horizon)) if not _once(worse) else say("", "")
    gifts = say("", "")
    if short.of_gifts is not None and short.of_gifts.amount:
        gifts = say(
            " (with {value} for the gifts they lack)", "（含缺少的赠品价值 {value}）", value=short.of_gifts.message
        )
    message = say(
        "{who} pays {mine}{leaving} for {product}{gifts}; {other} pays {limit}{less}",
        "{who}为 {product} {leaving}付 {mine}{gifts}；{other}付 {limit}{less}",
        **named,
        mine=mine.message,
        limit=limit.message,
        leaving=leaving,
        less=_less(mine.amount, limit.amount),
        gifts=gifts,
    )
    return message, Measure(mine.amount, limit.amount)


def _less(mine: Decimal, limit: Decimal) -> Message:
    if mine <= 0:
        return say("", "")
    share = ((mine - limit) * 100 / mine).quantize(Decimal(1), ROUND_HALF_UP)
    return say(" ({n}% less)", "（低 {n}%）", n=share) if share >= 1 else say("", "")


def _clause(what: str, value: Any, other: bool = False) -> Message:
    """What a customer has of one thing: ``is bound for 24 months``; ``other`` is the one who is better off."""
    if what == "gift":
        gift = " ".join(part for part in value or () if part and part != "gift")
        if other:
            return say("does", "可以得到")
        return say("does not get the gift '{gift}'", "得不到赠品“{gift}”", gift=gift)
    if what == "automatic":
        return say("gets it by itself", "自动获得") if other else say("must claim it themselves", "需自行领取")
    if what == "shown":
        return SEEN[str(value)]
    if value is None or value == NONE:
        return FREE[what]
    if what in ("commitment", "notice"):
        return say(*BOUND[what], n=value.message)
    if what == "minimum_spend":
        return say("must spend at least {n}", "需至少消费 {n}", n=value.message)
    if what in ("steps", "cancel_steps"):
        en, zh = BUDGET[what]
        return say(en, zh, steps=count(value, "step", "steps", "步"))
    if what == "quota":
        return say("finds {n} to be had in all", "名额共 {n} 份", n=value)
    return say("can leave only by {n}", "只能通过 {n} 退订", n=value)


SEEN = {
    "front": say("finds it on the front page", "在首页就能看到"),
    "listed": say("finds it in the list", "在列表中可以看到"),
    "on-request": say("learns of it only when they ask", "要询问才能知道"),
}
FREE = {
    "commitment": say("is not bound", "没有合约期"),
    "notice": say("can leave without notice", "退订无需提前通知"),
    "minimum_spend": say("need not spend more", "没有最低消费"),
    "quota": say("finds no limit", "不限名额"),
    "cancel_channels": say("can leave by any channel", "可通过任何渠道退订"),
}
BOUND = {
    "commitment": ("is bound for {n}", "合约期为 {n}"),
    "notice": ("must give notice of {n}", "退订需提前 {n}通知"),
}
BUDGET = {
    "steps": ("needs {steps} to claim it", "领取需 {steps}"),
    "cancel_steps": ("needs {steps} to leave", "退订需 {steps}"),
}


def _once(worse: Worse) -> bool:
    """Whether everything in play is paid once, so that no span of time need be named."""
    return all(m.billed == "once" for b in (worse.preferred, worse.has) if b is not None for m in b.models)


def _where(worse: Worse) -> Message:
    """The day, and the channel and way to pay where they matter."""
    parts = [say("on {day}", "在 {day}", day=worse.day)]
    offers = list(worse.market.offers)
    if any(offer.model.channels for offer in offers):
        parts.append(say("on {channel}", "于 {channel}", channel=worse.channel))
    if worse.payment and any(offer.model.payment for offer in offers):
        parts.append(say("paying by {way}", "以 {way} 付款", way=worse.payment))
    return all_of(parts, ", ", "，")


def _year_cost(searching: Searching, bundle: Bundle, worse: Worse) -> Message:
    end = civil_shift(worse.day, searching.params.horizon, +1)
    paid = cost(bundle, worse.day, end)
    return all_of(
        [Money(amount, currency).message for currency, amount in sorted(paid.items()) if amount or len(paid) == 1],
        " + ",
        " + ",
    )


def _label(searching: Searching, worse: Worse, bundle: Bundle) -> Message:
    """``310 CNY a year``, for several that stack: ``together 310 CNY a year``."""
    named = {"pays": _year_cost(searching, bundle, worse), "span": length(searching.params.horizon)}
    once, alone = all(m.billed == "once" for m in bundle.models), len(bundle.offers) == 1
    if once:
        return named["pays"] if alone else say("{pays} together", "合计 {pays}", **named)
    return (
        say("{pays} {span}", "{span} {pays}", **named)
        if alone
        else say("{pays} {span} together", "{span}合计 {pays}", **named)
    )


def _related(searching: Searching, worse: Worse, at: str) -> list[Spot]:
    found = [
        Spot(offer.place.down("offer"), say("taken with it", "与之叠加"))
        for offer in worse.preferred.offers
        if offer.name != at
    ]
    if worse.has is not None:
        label = _label(searching, worse, worse.has)
        rest = [s for s in sorted(worse.lacks, key=_priority)[1:] if s.what != "price"]
        also = [say("and {clause}", "且{clause}", clause=_clause(s.what, s.mine)) for s in rest]
        label = all_of([label, *also])
        spots = [Spot(offer.place.down("offer"), say("taken with it", "与之叠加")) for offer in worse.has.offers]
        found += [replace(spots[0], label=label), *spots[1:]]
    found.append(Spot(searching.rule.place.down("protected"), say("who must not be worse off", "待遇不得更差的客户")))
    return found


def _told(worse: Worse) -> set[str]:
    """What the eligibility of the offers of that product asks about."""
    products = {base.model.product for base in worse.preferred.bases}
    conditions = [offer.eligible for offer in worse.market.offers if offer.model.product in products]
    return {name for condition in conditions for name in names_of(condition)}


def _witness(searching: Searching, worse: Worse) -> Witness:
    plan, pair = searching.plan, worse.pair
    conditions: list[Condition] = [*searching.groups.conditions, *(o.eligible for o in worse.market.offers)]
    if searching.params.at_channel:
        conditions.append(OneOf(searching.params.at_channel, frozenset()))
    words = describe(pair.customer, plan.customers, conditions, [worse.at], plan.timezone)
    twin = _twin_words(searching, pair, worse.at)
    said = say(
        "{words}; {where}; beside one with {twin}",
        "{words}；{where}；相比 {twin} 的客户",
        words=words,
        where=_where(worse),
        twin=twin,
    )
    return Witness(pair.customer, said, twin=pair.twin)


def _twin_words(searching: Searching, pair: Pair, at: datetime) -> Message:
    names = sorted(differing(pair, at))
    return describe_names(pair.twin, searching.plan.customers, names, at, searching.plan.timezone)
