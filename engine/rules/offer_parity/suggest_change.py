"""The smallest change that mends a finding: tried, and proposed only if nobody is worse off after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from ...kit.comparing import comparison_on
from ...messages import Message, all_of, say
from ...plan.conditions import All, Condition, OneOf, Some
from ...plan.offers import Cancel
from ...plan.plan import PlannedOffer
from ...policy.linked import segment_of
from ...reference import admits
from ...reference.comparing import Shortfall
from ...reference.offers import NONE, Bundle, same_products
from ...scalars import Money
from ...search.result import decided
from .market import Market, Span
from .search import MarketOnDay, Searching, Worse

MAX_TRIED = 16
Change = tuple[tuple[PlannedOffer, ...], Message]
"""Offers as they would be, and the words for it."""


def mend(searching: Searching, worse: Worse, span: Span) -> Message | None:
    """The first of the small changes after which nobody is worse off for that offer."""
    for changed, words in islice(_changes(searching, worse), MAX_TRIED):
        if _mended(searching, worse, changed, span):
            return words
    return None


def _mended(searching: Searching, worse: Worse, changed: Sequence[PlannedOffer], span: Span) -> bool:
    new = {offer.name: offer for offer in changed}
    offers = [new.get(offer.name, offer) for offer in worse.market.offers]
    market = Market(searching.rule, searching.evaluation, searching.groups, offers)
    preferred = next((b for b in market.bundles if b.name == worse.preferred.name), None)
    if preferred is None:
        return False
    return decided(lambda: _nobody_worse(searching, market, preferred, span)) is True


def _nobody_worse(searching: Searching, market: Market, preferred: Bundle, span: Span) -> bool:
    """Whether nobody is, or may be, worse off beside an offer on any day. Raises whatever is undecidable."""
    for day in market.days(span):
        stage = comparison_on(searching.evaluation, searching.groups, searching.conditions(market), day)
        if preferred.open_on(day) and MarketOnDay(searching, market, stage, day).worse_off(preferred) is not None:
            return False
    return True


def _changes(searching: Searching, worse: Worse) -> Iterator[Change]:
    """A counterpart that misses one thing, the nearest first; then the better offer itself, opened to the protected."""
    words = searching.plan.words
    near: list[tuple[int, Bundle]] = []
    for bundle in worse.market.bundles:
        there = len(bundle.offers) == 1 and bundle.standing and bundle is not worse.preferred
        if there and same_products(bundle, worse.compared, words):
            short = worse.market.shortfalls(bundle, worse.compared, worse.day)
            if not short:
                near.append((_days_off(bundle, worse.day), bundle))
            elif (
                len(short) == 1
                and bundle.open_on(worse.day)
                and worse.market.sold(bundle, worse.channel, worse.payment)
            ):
                yield from _levelled(searching, worse, bundle.offers[0], short[0])
    for _, bundle in sorted(near, key=lambda entry: (entry[0], entry[1].name)):
        yield from _widened(searching, worse, bundle.offers[0])
    own = [offer for offer in worse.preferred.offers if not _takes(searching, worse, offer)]
    if len(own) == 1:
        yield from _admitting(searching, worse, own[0])
    opened = [_for_protected(searching, offer) for offer in own]
    yield tuple(o for changed, _ in opened for o in changed), all_of([m for _, m in opened], "; ", "；")


def _days_off(bundle: Bundle, day: date) -> int:
    """How many days it is from a day on which it is open."""
    if bundle.first is not None and day < bundle.first:
        return (bundle.first - day).days
    return (day - bundle.last).days if bundle.last is not None and day > bundle.last else 0


def _levelled(searching: Searching, worse: Worse, offer: PlannedOffer, short: Shortfall) -> Iterator[Change]:
    """A counterpart that they can take already, with the one term in which it is worse made as good."""
    if not _takes(searching, worse, offer) or short.what not in LEVELS:
        return
    model, value = offer.model, short.other
    key = LEVELS[short.what]
    if short.what in ("steps", "shown", "automatic"):
        part = {"automatic": True} if short.what == "automatic" else {short.what: value}
        changed = model.model_copy(update={"claim": model.claim.model_copy(update=part)})
    elif short.what in ("notice", "cancel_steps", "cancel_channels"):
        part = {short.what.removeprefix("cancel_"): tuple(value) if isinstance(value, list) else value or ()}
        part = {"notice": value} if short.what == "notice" else part
        changed = model.model_copy(update={"cancel": (model.cancel or Cancel()).model_copy(update=part)})
    else:
        changed = model.model_copy(update={short.what: value if value != NONE else None})
    if short.what == "automatic":
        value = "true"
    if value is None or value == NONE:
        message = say("leave {key} out of {offer}", "请去掉 {offer} 的 {key}", key=key, offer=offer.name)
    else:
        shown = value.message if isinstance(value, Money) else value
        message = say(
            "write {key}: {value} in {offer}",
            "请把 {offer} 的 {key} 改为 {value}",
            key=key,
            value=shown,
            offer=offer.name,
        )
    yield (replace(offer, model=changed),), message


LEVELS = {
    "commitment": "commitment",
    "minimum_spend": "minimum_spend",
    "quota": "quota",
    "notice": "cancel.notice",
    "cancel_steps": "cancel.steps",
    "cancel_channels": "cancel.channels",
    "steps": "claim.steps",
    "shown": "claim.shown",
    "automatic": "claim.automatic",
}
"""Where what can be levelled is written."""


def _takes(searching: Searching, worse: Worse, offer: PlannedOffer) -> bool:
    plan = searching.plan
    return admits(offer.eligible, worse.pair.customer, worse.at, plan.customers, plan.timezone)


def _widened(searching: Searching, worse: Worse, offer: PlannedOffer) -> Iterator[Change]:
    """One change to a counterpart: its days, channels, ways to pay, or whom it admits, whichever alone is amiss."""
    model, bundle = offer.model, Bundle((offer,))
    eligible = _takes(searching, worse, offer)
    missed = [not bundle.open_on(worse.day), not worse.market.sold(bundle, worse.channel, worse.payment), not eligible]
    if sum(missed) != 1:
        return
    if missed[0]:
        wanted = {"from_": worse.preferred.first, "until": worse.preferred.last}
        message = say(
            "open {offer} on the same days as {other}",
            "请让 {offer} 与 {other} 在相同日期开放",
            offer=offer.name,
            other=worse.preferred.name,
        )
        yield (replace(offer, model=model.model_copy(update=wanted), ended_on=None),), message
    elif missed[1]:
        channel = bundle.channels is not None and worse.channel not in bundle.channels
        key, value = ("channels", worse.channel) if channel else ("payment", worse.payment)
        if value:
            wider = {key: (*getattr(model, key), value)}
            message = say(
                "add {value} to {key} of {offer}",
                "请在 {offer} 的 {key} 中加上 {value}",
                value=value,
                key=key,
                offer=offer.name,
            )
            yield (replace(offer, model=model.model_copy(update=wider)),), message
        message = say("leave {key} out of {offer}", "请去掉 {offer} 的 {key}", key=key, offer=offer.name)
        yield (replace(offer, model=model.model_copy(update={key: ()})),), message
    else:
        yield from _admitting(searching, worse, offer)


def _admitting(searching: Searching, worse: Worse, offer: PlannedOffer) -> Iterator[Change]:
    """The one test of its eligibility that shuts the customer out, widened by their value or left out."""
    raw, parts = offer.model.eligible, _parts(offer)
    plan, at = searching.plan, worse.at
    shut = [
        i for i, part in enumerate(parts) if not admits(part, worse.pair.customer, at, plan.customers, plan.timezone)
    ]
    if len(shut) != 1 or not isinstance(raw, dict):
        return
    key = list(raw)[shut[0]]
    attribute = plan.customers.attributes.get(key)
    value = worse.pair.customer.value(key, at) if attribute is not None else None
    if attribute is not None and attribute.type == "choice" and value in attribute.values:
        wider = Some((parts[shut[0]], OneOf(key, frozenset({str(value)}))))
        message = say(
            "add {value} to {key} under eligible of {offer}",
            "请在 {offer} 的 eligible 的 {key} 中加上 {value}",
            value=str(value),
            key=key,
            offer=offer.name,
        )
        yield (_with(offer, [*parts[: shut[0]], wider, *parts[shut[0] + 1 :]]),), message
    if key == "segment":
        yield _for_protected(searching, offer, shut[0])
    elif len(parts) > 1:
        message = say(
            "leave {key} out of eligible of {offer}", "请从 {offer} 的 eligible 中去掉 {key}", key=key, offer=offer.name
        )
        yield (_with(offer, [*parts[: shut[0]], *parts[shut[0] + 1 :]]),), message


def _for_protected(searching: Searching, offer: PlannedOffer, part: int | None = None) -> Change:
    """The offer, open to those protected too."""
    protected = All(searching.groups.protected)
    name = segment_of(searching.params.protected)
    parts = _parts(offer)
    if part is None:
        changed = replace(offer, eligible=Some((offer.eligible, protected)))
    else:
        changed = _with(offer, [*parts[:part], Some((parts[part], protected)), *parts[part + 1 :]])
    if name is not None:
        return (changed,), say(
            "let {offer} admit the segment {name} too", "请让 {offer} 也接受客群 {name}", offer=offer.name, name=name
        )
    return (changed,), say(
        "let {offer} admit the protected customers too", "请让 {offer} 也接受受保护的客户", offer=offer.name
    )


def _parts(offer: PlannedOffer) -> Sequence[Condition]:
    """The condition of each key under ``eligible``; empty where they cannot be told apart."""
    raw, condition = offer.model.eligible, offer.eligible
    if not isinstance(raw, dict):
        return ()
    if len(raw) == 1:
        return (condition,)
    return condition.parts if isinstance(condition, All) and len(condition.parts) == len(raw) else ()


def _with(offer: PlannedOffer, parts: Sequence[Condition]) -> PlannedOffer:
    return replace(offer, eligible=parts[0] if len(parts) == 1 else All(tuple(parts)))
