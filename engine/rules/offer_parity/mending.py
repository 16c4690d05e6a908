"""The smallest change that mends a finding: tried, and proposed only if nobody is worse off after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...messages import Message, say
from ...plan.conditions import All, Condition, OneOf, Some
from ...plan.plan import PlannedOffer
from ...reference import admits
from ...reference.offers import Bundle, same_products
from ..common import STUCK
from ..parity import scene
from .market import Market, Span
from .search import Here, Searching, Worse

MOST_TRIED = 12
Change = tuple[PlannedOffer, Message]


def mend(searching: Searching, worse: Worse, span: Span) -> Message | None:
    """The first of the small changes after which nobody is worse off for that offer."""
    for tried, (changed, words) in enumerate(_changes(searching, worse)):
        if tried == MOST_TRIED:
            return None
        if _mended(searching, worse, changed, span):
            return words
    return None


def _mended(searching: Searching, worse: Worse, changed: PlannedOffer, span: Span) -> bool:
    offers = [changed if offer.name == changed.name else offer for offer in worse.market.offers]
    market = Market(searching.rule, searching.question, searching.groups, offers)
    preferred = next((b for b in market.bundles if b.name == worse.preferred.name), None)
    try:
        for day in market.days(span) if preferred is not None else ():
            assert preferred is not None  # noqa: S101
            stage = scene(searching.question, searching.groups, searching.conditions(market), day)
            if preferred.open_on(day) and Here(searching, market, stage, day).worse_off(preferred) is not None:
                return False
    except STUCK:
        return False
    return preferred is not None


def _changes(searching: Searching, worse: Worse) -> Iterator[Change]:
    """A counterpart that misses one thing; then the better offer itself, opened to the protected."""
    words = searching.plan.words
    near = [
        bundle.offers[0]
        for bundle in worse.market.bundles
        if len(bundle.offers) == 1
        and bundle.standing
        and same_products(bundle, worse.preferred, words)
        and not worse.market.shortfalls(bundle, worse.compared, worse.day)
        and bundle is not worse.preferred
    ]
    own = [offer for offer in worse.preferred.offers if not _takes(searching, worse, offer)]
    for offer in near:
        yield from _widened(searching, worse, offer)
    for offer in own if len(own) == 1 else ():
        yield from _admitting(searching, worse, offer)
    for offer in own if len(own) == 1 else ():
        yield _for_protected(searching, offer)


def _takes(searching: Searching, worse: Worse, offer: PlannedOffer) -> bool:
    plan = searching.plan
    return admits(offer.eligible, worse.pair.customer, worse.at, plan.customers, plan.timezone)


def _widened(searching: Searching, worse: Worse, offer: PlannedOffer) -> Iterator[Change]:
    """One change to a counterpart: its days, channels, ways to pay, or whom it admits, whichever alone is amiss."""
    model, bundle = offer.model, Bundle((offer,))
    eligible = _takes(searching, worse, offer)
    missed = [not bundle.open_on(worse.day), not bundle.sold(worse.channel, worse.payment), not eligible]
    if sum(missed) != 1:
        return
    if missed[0]:
        wanted = {"from_": worse.preferred.first, "until": worse.preferred.last}
        days = say("on the same days as {other}", "在与 {other} 相同的日期", other=worse.preferred.name)
        message = say("open {offer} {days}", "请让 {offer} {days}开放", offer=offer.name, days=days)
        yield replace(offer, model=model.model_copy(update=wanted), ended_on=None), message
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
            yield replace(offer, model=model.model_copy(update=wider)), message
        message = say("leave {key} out of {offer}", "请去掉 {offer} 的 {key}", key=key, offer=offer.name)
        yield replace(offer, model=model.model_copy(update={key: ()})), message
    else:
        yield from _admitting(searching, worse, offer)


def _admitting(searching: Searching, worse: Worse, offer: PlannedOffer) -> Iterator[Change]:
    """The one test of its eligibility that shuts the customer out, widened by his value or left out."""
    raw, parts = offer.model.eligible, _parts(offer)
    plan, at = searching.plan, worse.at
    shut = [
        i for i, part in enumerate(parts) if not admits(part, worse.pair.customer, at, plan.customers, plan.timezone)
    ]
    if len(shut) != 1:
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
        yield _with(offer, [*parts[: shut[0]], wider, *parts[shut[0] + 1 :]]), message
    if key == "segment":
        yield _for_protected(searching, offer, shut[0])
    elif len(parts) > 1:
        message = say(
            "leave {key} out of eligible of {offer}", "请从 {offer} 的 eligible 中去掉 {key}", key=key, offer=offer.name
        )
        yield _with(offer, [*parts[: shut[0]], *parts[shut[0] + 1 :]]), message


def _for_protected(searching: Searching, offer: PlannedOffer, part: int | None = None) -> Change:
    """The offer, open to those protected too."""
    protected = All(searching.groups.protected)
    raw: Any = searching.params.protected
    name = raw.get("segment") if isinstance(raw, dict) and len(raw) == 1 else None
    parts = _parts(offer)
    if part is None:
        changed = replace(offer, eligible=Some((offer.eligible, protected)))
    else:
        changed = _with(offer, [*parts[:part], Some((parts[part], protected)), *parts[part + 1 :]])
    if isinstance(name, str):
        return changed, say(
            "let {offer} admit the segment {name} too", "请让 {offer} 也接受客群 {name}", offer=offer.name, name=name
        )
    return changed, say(
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
