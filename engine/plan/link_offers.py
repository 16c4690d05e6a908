"""Links offers: their words, their names, what they stack with; and the price histories beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from ..messages import did_you_mean, say
from ..places import Place, Problem
from ..scalars import Duration
from .campaigns import Campaign
from .document import Document
from .lookup import Lookup
from .offers import Offer, OffersDocument, PastPrice
from .plan import PlannedOffer, Words, alike
from .read_conditions import read_condition

MAX_YEARS = 10
MAX_ROWS = 100

Problems = list[Problem]


def campaign_offers(document: Document, lookup: Lookup) -> list[PlannedOffer]:
    """The offers that a campaign carries; they share its status."""
    model = cast(Campaign, document.model)
    return [
        link_offer(
            offer,
            Place(document.name, ("offers", i)),
            lookup,
            campaign=model.campaign,
            status=model.status,
            triggered=model.trigger is not None,
            ended_on=model.ended_on,
        )
        for i, offer in enumerate(model.offers)
    ]


def book_offers(document: Document, lookup: Lookup) -> list[PlannedOffer]:
    """The standing offers of a price book."""
    model = cast(OffersDocument, document.model)
    return [
        link_offer(offer, Place(document.name, ("items", i)), lookup, book=model.offers)
        for i, offer in enumerate(model.items)
    ]


def link_offer(model: Offer, place: Place, lookup: Lookup, **about: object) -> PlannedOffer:
    lookup.known(model.product, lookup.words.products, ("product", "产品"), place.down("product"))
    lookup.all_known(model.channels, lookup.words.channels, ("channel", "渠道"), place.down("channels"))
    if model.cancel is not None:
        at_cancel = place.down("cancel", "channels")
        lookup.all_known(model.cancel.channels, lookup.words.channels, ("channel", "渠道"), at_cancel)
        _in_days(model.cancel.notice, place.down("cancel", "notice"), lookup)
    if model.from_ and model.until and model.from_ > model.until:
        lookup.wrong("offer", say("from is after until", "from 晚于 until"), place.down("until"))
    _in_days(model.commitment, place.down("commitment"), lookup)
    for i, incentive in enumerate(model.incentives):
        _in_days(incentive.earned_after, place.down("incentives", i, "earned_after"), lookup)
    eligible = read_condition(model.eligible, place.down("eligible"), lookup.names)
    return PlannedOffer(model, place, lookup.names.same.setdefault(eligible, eligible), **about)  # type: ignore[arg-type]


def _in_days(duration: Duration | None, place: Place, lookup: Lookup) -> None:
    """Contracts are counted in days, weeks, months or years, and for ten years at most."""
    if duration is None:
        return
    help = say("write it like 12mo, 30d or 2w", "请写成 12mo、30d 或 2w 这样")
    if duration.elapsed or duration.unit == "workdays":
        message = say("this is counted in days, weeks, months or years", "此处按天、周、月或年计算")
        lookup.wrong("offer", message, place, help)
    elif duration.amount > MAX_YEARS * {"d": 366, "w": 53, "mo": 12, "y": 1}[duration.unit]:
        message = say("more than {n} years are not looked at", "不处理超过 {n} 年的期限", n=MAX_YEARS)
        lookup.wrong("offer", message, place, help)


def stacked(offers: Sequence[PlannedOffer], words: Words) -> list[PlannedOffer]:
    """The offers with what they stack with, both ways, and what is a voucher among them."""
    near: dict[str, set[str]] = {offer.name: set() for offer in offers}
    for offer in offers:
        for name in offer.model.stacks_with:
            if name in near and name != offer.name:
                near[offer.name].add(name)
                near[name].add(offer.name)
    paid = {offer.name: offer.model.product for offer in offers if not _is_free(offer.model)}
    found = []
    for offer in offers:
        below = (paid[name] for name in near[offer.name] if name in paid)
        voucher = _is_free(offer.model) and any(alike(offer.model.product, product, words) for product in below)
        found.append(replace(offer, stacks=frozenset(near[offer.name]), on_top=voucher))
    return found


def _is_free(model: Offer) -> bool:
    return model.price.amount <= 0 and (model.renewal_price is None or model.renewal_price.amount <= 0)


def names_of_offers(offers: Sequence[PlannedOffer], whole: bool, problems: Problems) -> None:
    """Each offer has a name of its own, and what it stacks with is there (as far as all could be read)."""
    seen: dict[str, PlannedOffer] = {}
    for offer in offers:
        other = seen.setdefault(offer.name, offer)
        if other is not offer:
            message = say("the offer '{name}' is declared twice", "优惠“{name}”声明了两次", name=offer.name)
            help = say("the other is in {where}", "另一处在 {where}", where=other.place.document)
            problems.append(Problem("declared-twice", message, offer.place.down("offer"), help))
    for offer in offers:
        for i, name in enumerate(offer.model.stacks_with):
            if name not in seen and whole:
                message = say("there is no offer '{name}'", "没有名为“{name}”的优惠", name=name)
                place = offer.place.down("stacks_with", i)
                problems.append(Problem("undeclared-offer", message, place, did_you_mean(name, seen)))
            elif name == offer.name:
                message = say("an offer does not stack with itself", "优惠不能与自身叠加")
                problems.append(Problem("offer", message, offer.place.down("stacks_with", i)))


def link_history(documents: Iterable[Document], words: Words, problems: Problems) -> tuple[PastPrice, ...]:
    """The rows of all price histories, their words looked up."""
    found: list[PastPrice] = []
    for document in documents:
        place = Place(document.name, ("history",))
        name = cast(OffersDocument, document.model).history or ""
        wrong = 0
        for row in cast(Sequence[PastPrice], document.rows):
            faults = [
                (
                    say("the {kind} '{word}' is not declared", "{zh}“{word}”没有声明", kind=kind, zh=zh, word=word),
                    word,
                    known,
                )
                for kind, zh, word, known in (
                    ("product", "产品", row.product, list(words.products)),
                    ("channel", "渠道", row.channel, list(words.channels)),
                )
                if word and word not in known
            ]
            wrong += len(faults)
            for message, word, known in faults if wrong <= MAX_ROWS else ():
                said = say(
                    "{name}:{line}: {message}", "{name}:{line}：{message}", name=name, line=row.line, message=message
                )
                problems.append(Problem("history", said, place, did_you_mean(word, known)))
            if not faults:
                found.append(replace(row, place=place))
    return tuple(found)
