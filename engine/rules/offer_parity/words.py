"""What ``offer-parity`` says: who pays what, beside whom, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ...clocks import civil_shift
from ...messages import Message, all_of, say
from ...plan.conditions import Condition, OneOf
from ...reference.comparing import Pair, Shortfall
from ...reference.offers import NONE, Bundle
from ...scalars import Duration, Money
from ...verdicts import Finding, Measure, Spot, Witness
from ..common import base_finding, unproven
from ..parity import compared_by, group_words, names_of
from ..witness import describe, describe_names
from .search import Doubted, Searching, Worse

PRIORITY = (
    "price", "gift", "commitment", "minimum_spend", "quota", "notice", "cancel_steps", "cancel_channels", "steps",
    "automatic", "shown",
)  # fmt: skip


def money(amount: Money) -> Message:
    """With cents where there are any: ``310 CNY``, ``29.90 CNY``."""
    value = amount.amount
    shown = (
        f"{value:.0f}" if value == value.to_integral_value() else f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP)}"
    )
    if value != value.quantize(Decimal("0.01")):
        shown = format(value.normalize(), "f")
    return say("{amount} {currency}", "{amount} {currency}", amount=shown, currency=amount.currency)


def length(duration: Duration) -> Message:
    if (duration.amount, duration.unit) in ((12, "mo"), (1, "y")):
        return say("a year", "一年")
    return say("in {span}", "{span}内", span=duration.message)


def worse_finding(searching: Searching, worse: Worse, others: int, help: Message | None) -> Finding:
    rule, params = searching.rule, searching.params
    offer = at_fault(searching, worse)
    message, measure = _headline(searching, worse)
    spot = Spot(offer.place.down("offer"), _label(searching, worse, worse.compared))
    finding = replace(
        base_finding(rule, "violated", message, spot),
        campaign=offer.campaign,
        group=None if offer.campaign else offer.book,
        parties=tuple(sorted({o.campaign for o in worse.preferred.offers if o.campaign})),
        measure=measure,
        related=tuple(_related(searching, worse, offer.name)),
        witness=_witness(searching, worse),
        help=help,
        assumptions=(compared_by(searching.groups),),
        more=others,
    )
    if params.exempt is not None and worse.compared is not worse.preferred:
        exempt = say("what is exempt of {name} is left out", "{name} 中豁免的部分不计入比较", name=worse.preferred.name)
        finding = replace(finding, assumptions=(*finding.assumptions, exempt))
    return finding


def at_fault(searching: Searching, worse: Worse) -> Any:
    """The offer of a better bundle that shuts the customer out."""
    from ...reference import admits

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
    finding = unproven(searching.rule, message, doubted.missing, offer.place.down("offer"), offer.campaign)
    return replace(finding, group=None if offer.campaign else offer.book, assumptions=(compared_by(searching.groups),))


def _headline(searching: Searching, worse: Worse) -> tuple[Message, Measure | None]:
    params, apart = searching.params, searching.groups.apart
    told = frozenset(apart | _told(worse)) - {params.at_channel or ""}
    who = group_words(params.protected, worse.pair.customer, searching.question, worse.at, told)
    other = group_words(params.favoured, worse.pair.twin, searching.question, worse.at, apart)
    product = all_of([say("{p}", "{p}", p=base.model.product) for base in worse.preferred.bases], " + ", " + ")
    named: dict[str, Any] = {"who": who, "other": other, "product": product}
    if worse.has is None:
        pays = _year_cost(searching, worse.compared, worse)
        message = say(
            "{who} cannot get {product} {where}; {other} gets it for {pays} {span}",
            "{who}{where}买不到 {product}；{other}{span}只需付 {pays}",
            **named,
            where=_where(worse),
            pays=pays,
            span=length(params.horizon),
        )
        return message, None
    worst = min(worse.lacks, key=lambda s: PRIORITY.index(s.what))
    said: tuple[Message, Measure | None] = _SAID[worst.what](searching, worse, worst, named)
    return said


def _price(searching: Searching, worse: Worse, short: Shortfall, named: dict[str, Any]) -> tuple[Message, Measure]:
    mine, limit = short.mine, short.other
    assert isinstance(mine, Money) and isinstance(limit, Money) and short.end is not None  # noqa: S101
    horizon = searching.params.horizon
    span = length(horizon)
    if short.end != civil_shift(worse.day, horizon, +1):
        span = say("up to {day}", "至 {day}", day=short.end)
    less = _less(mine.amount, limit.amount)
    message = say(
        "{who} pays {mine} {span} for {product}{gifts}; {other} pays {limit}{less}",
        "{who}{span}为 {product} 付 {mine}{gifts}；{other}付 {limit}{less}",
        **named,
        mine=money(mine),
        limit=money(limit),
        span=span,
        less=less,
        gifts=say(" (with {value} for gifts he lacks)", "（含缺少的赠品价值 {value}）", value=money(short.of_gifts))
        if short.of_gifts is not None and short.of_gifts.amount
        else say("", ""),
    )
    return message, Measure(mine.amount, limit.amount)


def _less(mine: Decimal, limit: Decimal) -> Message:
    if mine <= 0:
        return say("", "")
    share = ((mine - limit) * 100 / mine).quantize(Decimal(1), ROUND_HALF_UP)
    return say(" ({n}% less)", "（低 {n}%）", n=share) if share >= 1 else say("", "")


def _plain(en: str, zh: str, read: Callable[[object], object] = str) -> Any:
    """Words for a shortfall that is no price: ``{mine}`` beside ``{theirs}``."""

    def said(searching: Searching, worse: Worse, short: Shortfall, named: dict[str, Any]) -> tuple[Message, None]:
        mine = read(short.mine) if short.mine is not None else NOTHING
        theirs = read(short.other) if short.other is not None else NOTHING
        return say("{who} " + en, "{who}" + zh, **named, mine=mine, theirs=theirs), None

    return said


NOTHING = say("none", "无")
WORDS = {"front": say("front", "首页"), "listed": say("listed", "列表"), "on-request": say("on request", "需询问")}


def _duration(value: object) -> object:
    assert isinstance(value, Duration)  # noqa: S101
    return value.message if value != NONE else NOTHING


def _money(value: object) -> object:
    assert isinstance(value, Money)  # noqa: S101
    return money(value)


def _gift(value: object) -> object:
    assert isinstance(value, tuple)  # noqa: S101
    return " ".join(part for part in value if part)


def _shown(value: object) -> object:
    return WORDS[str(value)]


_SAID: dict[str, Any] = {
    "price": _price,
    "gift": _plain(
        "does not get the gift '{mine}' with {product}; {other} does", "买 {product} 得不到赠品“{mine}”；{other}可以得到", _gift
    ),
    "commitment": _plain(
        "is bound for {mine} with {product}; {other} for {theirs}", "的 {product} 合约期为 {mine}；{other}为 {theirs}", _duration
    ),
    "minimum_spend": _plain(
        "must spend at least {mine} to get {product}; {other}: {theirs}", "购买 {product} 需至少消费 {mine}；{other}：{theirs}", _money
    ),
    "quota": _plain(
        "can get only one of {mine} of {product}; for {other} there are: {theirs}",
        "只能争取 {mine} 份 {product}；{other}的名额：{theirs}",
    ),
    "notice": _plain(
        "must give notice of {mine} to leave {product}; {other}: {theirs}", "退订 {product} 需提前 {mine} 通知；{other}：{theirs}", _duration
    ),
    "cancel_steps": _plain(
        "needs {mine} steps to leave {product}; {other} {theirs}", "退订 {product} 需 {mine} 步；{other}为 {theirs} 步"
    ),
    "cancel_channels": _plain(
        "can leave {product} only by {mine}; {other} by {theirs}", "只能通过 {mine} 退订 {product}；{other}可通过 {theirs}",
        lambda value: value,
    ),
    "steps": _plain(
        "needs {mine} steps to claim {product}; {other} {theirs}", "领取 {product} 需 {mine} 步；{other}为 {theirs} 步"
    ),
    "automatic": _plain(
        "gets {product} only when he claims it; {other} gets it by itself", "需自行领取 {product}；{other}自动获得"
    ),
    "shown": _plain(
        "finds {product} only {mine}; {other}: {theirs}", "只能在“{mine}”处见到 {product}；{other}：{theirs}", _shown
    ),
}  # fmt: skip


def _where(worse: Worse) -> Message:
    """The day, and the channel and way to pay where they matter."""
    parts = [say("on {day}", "在 {day}", day=worse.day)]
    offers = list(worse.market.offers)
    if any(offer.model.channels for offer in offers):
        parts.append(say("on {channel}", "于 {channel}", channel=worse.channel))
    if worse.payment and any(offer.model.payment for offer in offers):
        parts.append(say("paying by {way}", "以 {way} 付款", way=worse.payment))
    return all_of(parts, ", ", "、")


def _year_cost(searching: Searching, bundle: Bundle, worse: Worse) -> Message:
    from ...reference.offers import cost

    end = civil_shift(worse.day, searching.params.horizon, +1)
    paid = cost(bundle, worse.day, end)
    return all_of(
        [money(Money(amount, currency)) for currency, amount in sorted(paid.items()) if amount or len(paid) == 1],
        " + ",
        " + ",
    )


def _label(searching: Searching, worse: Worse, bundle: Bundle) -> Message:
    return say(
        "{pays} {span}",
        "{span} {pays}",
        pays=_year_cost(searching, bundle, worse),
        span=length(searching.params.horizon),
    )


def _related(searching: Searching, worse: Worse, at: str) -> list[Spot]:
    found = [
        Spot(offer.place.down("offer"), say("on top of it, or below it", "与之叠加"))
        for offer in worse.preferred.offers
        if offer.name != at
    ]
    if worse.has is not None:
        label = _label(searching, worse, worse.has)
        found += [Spot(offer.place.down("offer"), label) for offer in worse.has.offers]
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
    return describe_names(pair.twin, searching.plan.customers, sorted(pair.apart), at, searching.plan.timezone)
