"""``reference-price``: a "was" price is one at which the product was really to be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from pydantic import model_validator

from ..clocks import civil_shift, midnight
from ..kit.comparing import NO_GROUPS, comparison_on
from ..kit.date_edges import DateEdges, next_day
from ..kit.evaluation import Evaluation
from ..kit.findings import nothing_matches, unproven, violated
from ..kit.kind import Kind, Outcome
from ..kit.offers import matching
from ..kit.receiving import somebody
from ..kit.scope import OFFERS
from ..kit.telling_sends import instants_that_tell
from ..kit.waivers import Waivers
from ..messages import Message, count, say
from ..models import Duration, OfferMatch, refused
from ..plan.conditions import Condition
from ..plan.offers import PastPrice
from ..plan.plan import PlannedOffer
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference.offers import Bundle, bundles
from ..scalars import BadValue
from ..scalars import Money as Amount
from ..search.happenings import events_that_change
from ..search.result import Found, Undecided, decided, first_found
from ..undecidable import Undecidable
from ..verdicts import Finding, Measure, Spot

Holder = tuple[str | None, str | None]
"""The campaign or the price book of an offer."""


class ReferencePrice(Rule):
    """Parameters of ``reference-price``."""

    match: OfferMatch = None
    lowest_of: Duration

    @model_validator(mode="after")
    def _whole(self) -> ReferencePrice:
        if self.lowest_of.elapsed or self.lowest_of.unit == "workdays" or not self.lowest_of.amount:
            raise refused(BadValue(say("lowest_of is counted in days, weeks or months", "lowest_of 按天、周或月计算")))
        if self.lowest_of.amount > {"d": 3660, "w": 520, "mo": 120, "y": 10}.get(self.lowest_of.unit, 0):
            raise refused(BadValue(say("lowest_of is ten years at most", "lowest_of 不超过十年")))
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


def check(rule: LinkedRule[ReferencePrice], evaluation: Evaluation) -> Outcome:
    """Holds each "was" price against the lowest price of the days before the offer, channel by channel."""
    names = matching(rule, evaluation.plan.offers, evaluation.plan)
    if not names:
        return Outcome(notes=[nothing_matches(rule, say("offer", "优惠"))])
    outcome, shop = Outcome(), Shop(evaluation)
    broken: dict[Holder, list[Judged]] = {}
    doubts: dict[Holder, list[tuple[PlannedOffer, Message]]] = {}
    for offer in evaluation.plan.offers:
        if offer.name not in names or offer.model.was is None or not _reported(offer, rule, evaluation):
            continue
        answer = _answer(rule, shop, offer)
        if isinstance(answer, Judged):
            broken.setdefault((offer.campaign, offer.book), []).append(answer)
        elif answer is not None:
            doubts.setdefault((offer.campaign, offer.book), []).append((offer, answer))
    outcome.findings += [_finding(rule, evaluation, listed) for _, listed in sorted(broken.items(), key=str)]
    for _, unsure in sorted(doubts.items(), key=str):
        outcome.findings.append(replace(_unproven(rule, *unsure[0]), more=len(unsure) - 1))
    return outcome


def _answer(rule: LinkedRule[ReferencePrice], shop: Shop, offer: PlannedOffer) -> Judged | Message | None:
    """An offer that was never so dear, what is missing to know it, or nothing."""
    begins, was = offer.model.from_, offer.model.was
    if begins is None:
        return say("'{name}' does not say from when it is open", "“{name}”没有写开始日期（from）", name=offer.name)
    judged = decided(lambda: _judge(rule, shop, offer, begins))
    if isinstance(judged, Undecided):
        return judged.why
    if judged.lowest is not None and was is not None and was.price.amount > judged.lowest.price.amount:
        return judged
    return _gap(judged) if judged.gap is not None else None


def _reported(offer: PlannedOffer, rule: LinkedRule[ReferencePrice], evaluation: Evaluation) -> bool:
    """Whether it is open on a day on or after as-of on which the rule binds."""
    if offer.status == "cancelled" or (offer.last is not None and offer.last < evaluation.as_of):
        return False
    if offer.model.from_ is not None and offer.last is not None and offer.last < offer.model.from_:
        return False
    begins = max(offer.model.from_ or date.min, evaluation.as_of)
    return (rule.last is None or begins <= rule.last) and (rule.first is None or (offer.last or date.max) >= rule.first)


def _judge(rule: LinkedRule[ReferencePrice], shop: Shop, offer: PlannedOffer, begins: date) -> Judged:
    first, last = civil_shift(begins, rule.params.lowest_of, -1), begins - timedelta(days=1)
    prices = shop.prices(offer, first, last)
    lowest: Had | None = None
    gap: tuple[date, str] | None = None
    missing: set[date] = set()
    seen: set[object] = set()
    for channel in offer.model.channels or shop.evaluation.plan.words.channels:
        here = [price for price in prices if price.channels is None or channel in price.channels]
        key = tuple(map(id, here))
        if key in seen:
            continue
        seen.add(key)
        for day, until in _stretches(here, first, last):
            there = [p for p in here if p.first <= day <= p.last and (p.bundle is None or shop.open(p.bundle, day))]
            best = min(there, key=_amount, default=None)
            if best is None:
                gap = gap or (day, channel)
                missing |= {day + timedelta(days=n) for n in range((until - day).days + 1)}
            elif lowest is None or best.price.amount < lowest.price.amount:
                lowest = Had(best.price, day, channel, best.spot)
    return Judged(offer, lowest, gap, len(missing))


def _stretches(prices: list[Price], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Runs of days, both inclusive, in which the same prices hold; each day alone where dates decide who can take one."""
    firsts = {p.first for p in prices} | {next_day(p.last) for p in prices if p.last < last}
    starts = sorted({first} | {day for day in firsts if first < day <= last})
    for number, start in enumerate(starts):
        end = starts[number + 1] - timedelta(days=1) if number + 1 < len(starts) else last
        if any(p.dated and p.first <= start and p.last >= end for p in prices):
            yield from ((day, day) for n in range((end - start).days + 1) for day in [start + timedelta(days=n)])
        else:
            yield start, end


def _amount(price: Price) -> Decimal:
    return price.price.amount


@dataclass(frozen=True)
class Price:
    """A price and the days, both inclusive, and channels (None: all) on which it held; of a bundle, if it is one."""

    price: Amount
    first: date
    last: date
    channels: frozenset[str] | None
    spot: Spot
    bundle: Bundle | None = None
    dated: bool = False


class Shop:
    """What could be had for what, of the plan and of price histories; who can take what is found out once."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._bundles: dict[str, list[Bundle]] = {}
        self._open: dict[tuple[int, object], bool] = {}
        self._edges: dict[int, DateEdges] = {}
        self._rows: dict[str, list[PastPrice]] = {}
        for row in evaluation.plan.prices:
            self._rows.setdefault(row.product, []).append(row)

    def prices(self, offer: PlannedOffer, first: date, last: date) -> list[Price]:
        """Every price of the product in the currency of the offer, billed alike, that held between two days."""
        was = offer.model.was
        assert was is not None  # noqa: S101
        found = []
        for row in self._rows.get(offer.model.product, ()):
            if row.first <= last and row.last >= first and row.price.currency == was.price.currency:
                label = say("line {line}: {price}", "第 {line} 行：{price}", line=row.line, price=row.price.message)
                channels = frozenset({row.channel}) if row.channel else None
                found.append(Price(row.price, row.first, row.last, channels, Spot(row.place, label)))
        for bundle in self.bundles(offer.model.product):
            begins, ends = bundle.first or first, bundle.last or last
            prices = [model.price for model in bundle.models]
            alike = bundle.bases[0].model.billed == offer.model.billed and offer not in bundle.offers
            if alike and begins <= last and ends >= first and {p.currency for p in prices} == {was.price.currency}:
                price = Amount(sum((p.amount for p in prices), Decimal(0)), was.price.currency)
                spot = Spot(bundle.bases[0].place.down("price"), price.message)
                dated = self.edges(bundle).turn
                found.append(Price(price, begins, ends, bundle.channels, spot, bundle, dated))
        return found

    def bundles(self, product: str) -> list[Bundle]:
        """What was sold of a product, vouchers on top included. Raises TooMuch."""
        if product not in self._bundles:
            plan = self.evaluation.plan
            counted = [o for o in plan.offers if o.status not in ("draft", "cancelled")]
            mine = [o for o in counted if o.model.product == product or o.on_top]
            alone = [b for b in bundles(mine, plan.words) if len(b.bases) == 1]
            self._bundles[product] = [b for b in alone if b.bases[0].model.product == product]
        return self._bundles[product]

    def edges(self, bundle: Bundle) -> DateEdges:
        if id(bundle) not in self._edges:
            self._edges[id(bundle)] = DateEdges(self.evaluation, [offer.eligible for offer in bundle.offers])
        return self._edges[id(bundle)]

    def open(self, bundle: Bundle, day: date) -> bool:
        """Whether anybody at all can take it on a day. Raises Undecidable."""
        conditions = [offer.eligible for offer in bundle.offers]
        lived = bool(events_that_change(self.evaluation.plan.customers, conditions))
        edges = self.edges(bundle)
        key = (id(bundle), day if lived else edges.pattern(day) if edges.turn else None)
        if key not in self._open:
            if lived:
                self._open[key] = self._at_some_moment(conditions, day)
            else:
                stage = comparison_on(self.evaluation, NO_GROUPS, conditions, day)
                self._open[key] = stage.anybody(stage.of(conditions))
        return self._open[key]

    def _at_some_moment(self, conditions: list[Condition], day: date) -> bool:
        """The same, where events change who can take it."""
        begin, end = (midnight(day + timedelta(days=n), self.evaluation.plan.timezone) for n in (0, 1))
        moments = instants_that_tell(begin, end, conditions, self.evaluation)
        answer = first_found(somebody(self.evaluation, [(at, conditions)]) for at in moments)
        if isinstance(answer, Undecided):
            raise Undecidable(answer.why)
        return isinstance(answer, Found)


def _unproven(rule: LinkedRule[ReferencePrice], offer: PlannedOffer, missing: Message) -> Finding:
    message = say(
        "it is not proven that '{name}' cost what it says it was", "未能证明“{name}”的原价真实", name=offer.name
    )
    return unproven(rule, message, missing, offer.place.down("was"), offer.campaign, offer.book)


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


def _finding(rule: LinkedRule[ReferencePrice], evaluation: Evaluation, listed: list[Judged]) -> Finding:
    """One for each campaign or price book: of the offer that is furthest off."""
    worst = max(listed, key=_off)
    offer, lowest = worst.offer, worst.lowest
    was = offer.model.was
    assert lowest is not None and was is not None  # noqa: S101
    message = say(
        "'{name}' says it was {was}, but {product} was to be had for {lowest} on {channel} on {day}",
        "“{name}”写明原价 {was}，但 {product} 在 {day} 于 {channel} 渠道的售价为 {lowest}",
        name=offer.name,
        was=was.price.message,
        product=offer.model.product,
        lowest=lowest.price.message,
        channel=lowest.channel,
        day=lowest.day,
    )
    return violated(
        rule,
        message,
        Spot(offer.place.down("was", "price"), say("the price before", "原价")),
        campaign=offer.campaign,
        group=offer.book,
        measure=Measure(was.price.amount, lowest.price.amount),
        related=[lowest.spot, Spot(rule.place.down("lowest_of"), say("how far back", "回溯的天数"))],
        help=say("write {lowest}, or leave was out", "请写 {lowest}，或去掉 was", lowest=lowest.price.message),
        more=len(listed) - 1,
        covered_by=_covered(rule, evaluation, offer.campaign or offer.book, listed),
    )


def _off(judged: Judged) -> Decimal:
    assert judged.offer.model.was is not None and judged.lowest is not None  # noqa: S101
    return judged.offer.model.was.price.amount - judged.lowest.price.amount


def _covered(
    rule: LinkedRule[ReferencePrice], evaluation: Evaluation, name: str | None, listed: list[Judged]
) -> tuple[int, ...]:
    """Waivers that cover every one of the offers: up to its last day, and as much as it says it was."""
    waivers, used = Waivers(rule, evaluation), []
    for judged in listed:
        offer, was = judged.offer, judged.offer.model.was
        cover = waivers.of_offer(name, offer.last, was.price.amount if was is not None else None)
        if not cover:
            return ()
        used.append(cover[0])
    return tuple(dict.fromkeys(used))


KIND = Kind(
    "reference-price",
    ReferencePrice,
    say("a 'was' price is one at which the product was really to be had", "“原价”必须是产品真实有售过的价格"),
    check,
    measured=True,
    scope=lambda rule: OFFERS,
)
