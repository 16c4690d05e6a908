"""``reference-price``: a "was" price is one at which the product was really to be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from pydantic import model_validator

from ..clocks import civil_shift
from ..messages import Message, count, say
from ..models import Duration, refused
from ..plan.plan import PlannedOffer
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference.offers import Bundle, bundles, is_addition
from ..scalars import BadValue
from ..scalars import Money as Amount
from ..verdicts import Finding, Measure, Spot
from .common import STUCK, Kind, Outcome, Page, Question, base_finding, fresh_steps, stuck, unproven
from .offer_parity.market import matching
from .offer_parity.params import OFFER_FIELDS
from .offer_parity.words import money
from .parity import Groups, nothing_matches_offers, scene

NOBODY = Groups((), (), frozenset())
Holder = tuple[str | None, str | None]
"""The campaign or the price book of an offer."""


class ReferencePrice(Rule):
    """Parameters of ``reference-price``."""

    OWN_MATCH: ClassVar[bool] = True
    OFFER_MATCH: ClassVar[tuple[str, ...]] = OFFER_FIELDS

    lowest_of: Duration

    @model_validator(mode="after")
    def _whole(self) -> ReferencePrice:
        if self.lowest_of.elapsed or self.lowest_of.unit == "workdays" or not self.lowest_of.amount:
            raise refused(BadValue(say("lowest_of is counted in days, weeks or months", "lowest_of 按天、周或月计算")))
        if self.for_ is not None:
            message = say(
                "reference-price asks about offers, not customers: remove for",
                "reference-price 只看优惠，不看客户：请删除 for",
            )
            raise refused(BadValue(message))
        return self


@dataclass(frozen=True, slots=True)
class Had:
    """What a product cost on a channel on a day, and where that is written."""

    price: Amount
    day: date
    channel: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Judged:
    """An offer with a "was" price, the lowest price before it, and the first day without any."""

    offer: PlannedOffer
    lowest: Had | None
    gap: tuple[date, str] | None
    gaps: int


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Holds each "was" price against the lowest price of the days before the offer, channel by channel."""
    names = matching(rule, question.plan.offers, question.plan)
    if not names:
        return Outcome(notes=[nothing_matches_offers(rule)])
    outcome = Outcome()
    broken: dict[Holder, list[Judged]] = {}
    doubts: dict[Holder, list[tuple[PlannedOffer, Message]]] = {}
    for offer in question.plan.offers:
        if offer.name not in names or offer.model.was is None or not _reported(offer, rule, question):
            continue
        answer = _answer(rule, question, offer)
        if isinstance(answer, Judged):
            broken.setdefault((offer.campaign, offer.book), []).append(answer)
        elif answer is not None:
            doubts.setdefault((offer.campaign, offer.book), []).append((offer, answer))
    outcome.findings += [_finding(rule, question, listed) for _, listed in sorted(broken.items(), key=str)]
    for holder, unsure in sorted(doubts.items(), key=str):
        if holder not in broken:
            outcome.findings.append(replace(_unproven(rule, *unsure[0]), more=len(unsure) - 1))
    return outcome


def _answer(rule: LinkedRule, question: Question, offer: PlannedOffer) -> Judged | Message | None:
    """An offer that was never so dear, what is missing to know it, or nothing."""
    if offer.model.from_ is None:
        return say("'{name}' does not say from when it is open", "“{name}”没有写开始日期（from）", name=offer.name)
    try:
        judged = _judge(rule, question, offer, offer.model.from_)
    except STUCK as why:
        return stuck(why)
    was = offer.model.was
    if judged.lowest is not None and was is not None and was.price.amount > judged.lowest.price.amount:
        return judged
    return _gap(judged) if judged.gap is not None else None


def _reported(offer: PlannedOffer, rule: LinkedRule, question: Question) -> bool:
    """Whether it is open on a day on or after as-of on which the rule binds."""
    if offer.status == "cancelled" or (offer.last is not None and offer.last < question.as_of):
        return False
    if offer.model.from_ is not None and offer.last is not None and offer.last < offer.model.from_:
        return False
    begins = max(offer.model.from_ or date.min, question.as_of)
    return (rule.last is None or begins <= rule.last) and (rule.first is None or (offer.last or date.max) >= rule.first)


def _judge(rule: LinkedRule, question: Question, offer: PlannedOffer, begins: date) -> Judged:
    assert isinstance(rule.params, ReferencePrice) and offer.model.was is not None  # noqa: S101
    first = civil_shift(begins, rule.params.lowest_of, -1)
    days = [first + timedelta(days=n) for n in range((begins - first).days)]
    lowest: Had | None = None
    gaps: list[tuple[date, str]] = []
    sold = _bundles(question, offer)
    for channel in _channels(question, offer):
        for day in days:
            had = min(_had(question, offer, sold, day, channel), key=_amount, default=None)
            if had is None:
                gaps.append((day, channel))
            elif lowest is None or had.price.amount < lowest.price.amount:
                lowest = had
    return Judged(offer, lowest, gaps[0] if gaps else None, len({day for day, _ in gaps}))


def _amount(had: Had) -> Decimal:
    return had.price.amount


def _bundles(question: Question, offer: PlannedOffer) -> list[Bundle]:
    """What was sold of the same product, vouchers on top included, that somebody could take."""
    others = [
        o
        for o in question.plan.offers
        if o is not offer
        and o.status not in ("draft", "cancelled")
        and (o.model.product == offer.model.product or is_addition(o))
    ]
    return [b for b in bundles(others, question.plan.words) if len(b.bases) == 1 and _same(b.bases[0], offer)]


def _same(base: PlannedOffer, offer: PlannedOffer) -> bool:
    return base.model.product == offer.model.product and base.model.billed == offer.model.billed


def _channels(question: Question, offer: PlannedOffer) -> list[str]:
    return list(offer.model.channels or question.plan.words.channels)


def _had(question: Question, offer: PlannedOffer, sold: list[Bundle], day: date, channel: str) -> Iterator[Had]:
    """Every price in the currency of the offer at which the product was to be had there."""
    was = offer.model.was
    assert was is not None  # noqa: S101
    for row in question.plan.prices:
        there = row.product == offer.model.product and row.channel in ("", channel) and row.first <= day <= row.last
        if there and row.price.currency == was.price.currency:
            label = say("line {line}: {price}", "第 {line} 行：{price}", line=row.line, price=money(row.price))
            yield Had(row.price, day, channel, Spot(row.place, label))
    for bundle in sold:
        if not (bundle.open_on(day) and (bundle.channels is None or channel in bundle.channels)):
            continue
        prices = [model.price for model in bundle.models]
        if {price.currency for price in prices} == {was.price.currency} and _open_to_somebody(question, bundle, day):
            price = Amount(sum((p.amount for p in prices), Decimal(0)), was.price.currency)
            place = bundle.bases[0].place.down("price")
            yield Had(
                price,
                day,
                channel,
                Spot(place, say("{price} on {day}", "{day} 为 {price}", price=money(price), day=day)),
            )


def _open_to_somebody(question: Question, bundle: Bundle, day: date) -> bool:
    conditions = [offer.eligible for offer in bundle.offers]
    stage = scene(question, NOBODY, conditions, day)
    return next(iter(stage.holes(stage.of(conditions), [], fresh_steps(question))), None) is not None


def _unproven(rule: LinkedRule, offer: PlannedOffer, missing: Message) -> Finding:
    message = say(
        "it is not proven that '{name}' cost what it says it was", "未能证明“{name}”的原价真实", name=offer.name
    )
    finding = unproven(rule, message, missing, offer.place.down("was"), offer.campaign)
    return replace(finding, group=None if offer.campaign else offer.book)


def _gap(judged: Judged) -> Message:
    assert judged.gap is not None  # noqa: S101
    return say(
        "no price of {product} is known on {channel} on {day} ({days} like it in all): add it to a price history",
        "没有 {product} 在 {channel} 渠道 {day} 的价格（共 {days}）：请补入价格历史文件",
        product=judged.offer.model.product,
        channel=judged.gap[1],
        day=judged.gap[0],
        days=count(judged.gaps, "day", "days", "天"),
    )


def _finding(rule: LinkedRule, question: Question, listed: list[Judged]) -> Finding:
    """One for each campaign or price book: of the offer that is furthest off."""
    worst = max(listed, key=_off)
    offer, lowest = worst.offer, worst.lowest
    was = offer.model.was
    assert lowest is not None and was is not None  # noqa: S101
    message = say(
        "'{name}' says it was {was}, but {product} was to be had for {lowest} on {channel} on {day}",
        "“{name}”写明原价 {was}，但 {product} 在 {day} 于 {channel} 渠道的售价为 {lowest}",
        name=offer.name,
        was=money(was.price),
        product=offer.model.product,
        lowest=money(lowest.price),
        channel=lowest.channel,
        day=lowest.day,
    )
    finding = base_finding(
        rule, "violated", message, Spot(offer.place.down("was", "price"), say("the price before", "原价"))
    )
    name = offer.campaign or offer.book
    days = say("how far back", "回溯的天数")
    return replace(
        finding,
        campaign=offer.campaign,
        group=None if offer.campaign else offer.book,
        parties=(offer.campaign,) if offer.campaign else (),
        measure=Measure(was.price.amount, lowest.price.amount),
        related=(lowest.spot, Spot(rule.place.down("lowest_of"), days)),
        help=say("write {lowest}, or leave was out", "请写 {lowest}，或去掉 was", lowest=money(lowest.price)),
        more=len(listed) - 1,
        covered_by=_covered(rule, question, name, listed),
    )


def _off(judged: Judged) -> Decimal:
    assert judged.offer.model.was is not None and judged.lowest is not None  # noqa: S101
    return judged.offer.model.was.price.amount - judged.lowest.price.amount


def _covered(rule: LinkedRule, question: Question, name: str | None, listed: list[Judged]) -> tuple[int, ...]:
    """Waivers that cover every one of the offers: up to its last day, and as much as it says it was."""
    used = []
    for judged in listed:
        offer = judged.offer
        cover = [
            i
            for i, w in question.waivers_of(rule)
            if (w.campaign or w.group) == name
            and offer.last is not None
            and w.until >= offer.last
            and (w.allow is None or (offer.model.was is not None and offer.model.was.price.amount <= w.allow))
        ]
        if not cover:
            return ()
        used.append(cover[0])
    return tuple(dict.fromkeys(used))


SUMMARY = say("a 'was' price is one at which the product was really to be had", "“原价”必须是产品真实有售过的价格")
PAGE = Page(
    SUMMARY,
    say(
        "A price that was raised for a day so that it can be crossed out is no favour. The law of many countries says so, and customers remember.",
        "为了划掉而临时抬高的价格，不是优惠。许多地方的法律都有规定，客户也记得。",
    ),
    say(
        "Each offer with `was` is looked at, on each of its channels. Its `was` price is at most the lowest price at which the product was open to anybody there on the days of `lowest_of` before its `from`: prices of other offers of the plan (with the vouchers that stack with them, in the same billing and currency) and of the price histories that price books name. A day without a known price makes it unproven, unless a lower price on another day settles it; so does an offer without `from`.",
        "检查每一项写了 `was` 的优惠，逐个渠道进行。`was` 的价格不得高于该产品在 `from` 之前 `lowest_of` 天内、在该渠道向任何人开放过的最低价：取自计划中的其他优惠（含可叠加的券，计费方式与币种相同）以及价目表所指的价格历史。某一天没有已知价格时为“未能证明”（除非另一天更低的价格已足以判断）；没有写 `from` 时也是如此。",
    ),
    """policy: house
rules:
  - rule: true-before-prices
    kind: reference-price
    lowest_of: 30d
""",
    """offers: price-book
items:
  - offer: list-price
    product: fibre-100m
    price: 60 CNY
    billed: month
    eligible: everyone
    from: 2026-01-01
    until: 2026-02-28
    channels: [web]
  - offer: spring-price
    product: fibre-100m
    price: 45 CNY
    billed: month
    eligible: everyone
    from: 2026-03-02
    until: 2026-03-31
    channels: [web]
    was: {price: 80 CNY}
""",
    """offers: price-book
items:
  - offer: list-price
    product: fibre-100m
    price: 60 CNY
    billed: month
    eligible: everyone
    from: 2026-01-01
    until: 2026-03-01
    channels: [web]
  - offer: spring-price
    product: fibre-100m
    price: 45 CNY
    billed: month
    eligible: everyone
    from: 2026-03-02
    until: 2026-03-31
    channels: [web]
    was: {price: 60 CNY}
""",
)
KIND = Kind("reference-price", ReferencePrice, SUMMARY, PAGE, check)
