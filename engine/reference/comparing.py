"""When one offer is as good as another, and who is worse off: the meaning of equal treatment, in the plainest words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from ..messages import Message, say
from ..plan.conditions import Condition
from ..plan.offers import Cancel, Offer
from ..plan.plan import CustomerModel, PlannedOffer, Words
from ..scalars import Duration, Money
from .customers import CLOCK, Customer, admits, as_known, impossible
from .offers import (
    NONE,
    Bundle,
    Gift,
    after,
    committed_until,
    cost,
    cycle,
    earned,
    ends,
    full_price_from,
    gift_value,
    gifts,
    same_products,
    shared,
)

Compared = Literal["price", "gifts", "terms", "claim", "payment"]
COMPARED: tuple[Compared, ...] = get_args(Compared)
SHOWN = ("front", "listed", "on-request")
"""Where an offer is shown, the most prominent first."""
YEAR = Duration(12, "mo")


# --- as good ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule compares, how far ahead (the horizon), and by how much more may be paid."""

    compare_on: frozenset[str] = frozenset(COMPARED)
    horizon: Duration = YEAR
    more: Money | None = None
    more_share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """In what one bundle is not as good as another; ``doubt`` says what is missing to know."""

    what: str
    mine: object = None
    other: object = None
    end: date | None = None
    doubt: Message | None = None
    of_gifts: Money | None = None
    """How much of the price is the value of gifts that are lacking."""


def shortfalls(mine: Bundle, other: Bundle, start: date, terms: Terms) -> list[Shortfall]:
    """In what ``mine`` is not as good as ``other`` for who takes it at the start; nothing: it is as good."""
    found: list[Shortfall] = []
    if "price" in terms.compare_on:
        found += _dearer(mine, other, start, terms)
    elif "gifts" in terms.compare_on:
        found += _fewer_gifts(mine, other, start, terms)
    if "terms" in terms.compare_on:
        found += _harder_terms(mine, other, start)
    if "claim" in terms.compare_on:
        found += _harder_claim(mine, other)
    return found


def _dearer(mine: Bundle, other: Bundle, start: date, terms: Terms) -> Iterator[Shortfall]:
    """One shortfall, at the horizon or else the last end at which it costs more; else what is in doubt."""
    doubts: list[Shortfall] = []
    dearer: dict[date, Shortfall] = {}
    for end in ends(mine, other, start, terms.horizon):
        here, there = cost(mine, start, end), cost(other, start, end)
        lacks, unpriced = lacking(mine, other, start, end) if "gifts" in terms.compare_on else ([], [])
        currencies = {money.currency for money in lacks} | {c for price in (here, there) for c in price if price[c]}
        currencies |= {terms.more.currency} if terms.more is not None else set()
        if len(currencies) > 1:
            doubts.append(Shortfall("currency", end=end, doubt=_two_currencies(sorted(currencies))))
            continue
        currency = next(iter(currencies), "")
        pays, limit = here.get(currency, Decimal(0)), there.get(currency, Decimal(0))
        gifts_lacked = sum((money.amount for money in lacks), Decimal(0))
        pays += gifts_lacked
        allowed = limit + (terms.more.amount if terms.more else 0) + abs(limit) * terms.more_share
        if pays > allowed:
            of_gifts = Money(gifts_lacked, currency)
            dearer[end] = Shortfall("price", Money(pays, currency), Money(limit, currency), end, of_gifts=of_gifts)
        elif unpriced:
            doubts.append(Shortfall("gift", unpriced[0], end=end, doubt=_unpriced(unpriced[0])))
    horizon = after(start, terms.horizon)
    if dearer:
        yield dearer.get(horizon) or dearer[max(dearer)]
    else:
        yield from doubts[-1:]


def lacking(mine: Bundle, other: Bundle, start: date, end: date) -> tuple[list[Money], list[Gift]]:
    """The value of the gifts that ``mine`` lacks, and those without a stated value."""
    have, priced, unpriced = gifts(mine, start, end), [], []
    for gift, number in gifts(other, start, end).items():
        if number > have[gift]:
            value = gift_value(other, gift)
            if value is None:
                unpriced.append(gift)
            else:
                priced.append(Money(value.amount * (number - have[gift]), value.currency))
    return priced, unpriced


def _fewer_gifts(mine: Bundle, other: Bundle, start: date, terms: Terms) -> Iterator[Shortfall]:
    for end in ends(mine, other, start, terms.horizon):
        have = gifts(mine, start, end)
        for gift, number in gifts(other, start, end).items():
            if number > have[gift]:
                yield Shortfall("gift", gift, end=end)
                return


def _harder_terms(mine: Bundle, other: Bundle, start: date) -> Iterator[Shortfall]:
    bound, free = (max(((committed_until(m, start), m.commitment) for m in b.models), key=_day) for b in (mine, other))
    if bound[0] > free[0]:
        yield Shortfall("commitment", bound[1] or NONE, free[1] or NONE)
    yield from _higher_minimum(mine, other)
    quota, theirs = (min((m.quota for m in b.models if m.quota is not None), default=None) for b in (mine, other))
    if quota is not None and (theirs is None or quota < theirs):
        yield Shortfall("quota", quota, theirs)
    yield from _harder_to_leave(mine, other, start)


def _day(entry: tuple[date, object]) -> date:
    return entry[0]


def _higher_minimum(mine: Bundle, other: Bundle) -> Iterator[Shortfall]:
    """The highest minimum spend of a bundle is what must be spent."""
    asked = [m.minimum_spend for m in mine.models if m.minimum_spend is not None and m.minimum_spend.amount > 0]
    theirs = [m.minimum_spend for m in other.models if m.minimum_spend is not None]
    for money in asked:
        same = [t.amount for t in theirs if t.currency == money.currency]
        if any(t.currency != money.currency for t in theirs):
            currencies = sorted({money.currency, *(t.currency for t in theirs)})
            yield Shortfall("currency", doubt=_two_currencies(currencies))
        elif money.amount > max(same, default=Decimal(0)):
            yield Shortfall("minimum_spend", money, max(theirs, key=lambda t: t.amount, default=None))


def _harder_to_leave(mine: Bundle, other: Bundle, start: date) -> Iterator[Shortfall]:
    notice, theirs = (max(((after(start, c.notice), c.notice) for c in _leaving(b)), key=_day) for b in (mine, other))
    if notice[0] > theirs[0]:
        yield Shortfall("notice", notice[1] or NONE, theirs[1] or NONE)
    steps, fewer = (max(c.steps for c in _leaving(b)) for b in (mine, other))
    if steps > fewer:
        yield Shortfall("cancel_steps", steps, fewer)
    ways, wider = (shared(c.channels for c in _leaving(b)) for b in (mine, other))
    if ways is not None and (wider is None or not wider <= ways):
        yield Shortfall("cancel_channels", sorted(ways), sorted(wider) if wider is not None else None)


def _leaving(bundle: Bundle) -> list[Cancel]:
    """What it takes to leave each offer; where nothing is said: one step, at once, everywhere."""
    return [model.cancel or Cancel() for model in bundle.models]


def _harder_claim(mine: Bundle, other: Bundle) -> Iterator[Shortfall]:
    steps, fewer = (sum(m.claim.steps for m in b.models) for b in (mine, other))
    if steps > fewer:
        yield Shortfall("steps", steps, fewer)
    if all(m.claim.automatic for m in other.models) and not all(m.claim.automatic for m in mine.models):
        yield Shortfall("automatic")
    shown, better = (max(SHOWN.index(m.claim.shown) for m in b.models) for b in (mine, other))
    if shown > better:
        yield Shortfall("shown", SHOWN[shown], SHOWN[better])


def _two_currencies(currencies: Sequence[str]) -> Message:
    return say(
        "amounts in {currencies} cannot be compared",
        "无法比较不同币种的金额：{currencies}",
        currencies=list(currencies),
    )


def _unpriced(gift: Gift) -> Message:
    name = " ".join(part for part in gift if part and part != "gift") or "gift"
    return say("the gift '{name}' has no stated value", "赠品“{name}”没有写明价值（value）", name=name)


# --- worse off -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A protected customer and a favoured one who differ only in what ``apart`` names."""

    customer: Customer
    twin: Customer
    differing_attributes: frozenset[str]


def are_pair(
    pair: Pair,
    protected: Sequence[Condition],
    favoured: Sequence[Condition],
    at: datetime,
    model: CustomerModel,
    zone: str,
) -> bool:
    """Whether both can be at that instant, each is of its group, and they are alike outside ``apart``."""
    one, other = (as_known(c, model.attributes, at, zone) for c in (pair.customer, pair.twin))
    names = (pair.customer.names | pair.twin.names) - pair.differing_attributes - {CLOCK}
    return (
        impossible(pair.twin, model, [at], zone) is None
        and impossible(pair.customer, model, [at], zone) is None
        and all(one.value(name, at) == other.value(name, at) for name in names)
        and all(admits(condition, pair.customer, at, model, zone) for condition in protected)
        and all(admits(condition, pair.twin, at, model, zone) for condition in favoured)
    )


def takes(bundle: Bundle, customer: Customer, at: datetime, model: CustomerModel, zone: str) -> bool:
    """Whether a customer is eligible for all of a bundle."""
    return all(admits(offer.eligible, customer, at, model, zone) for offer in bundle.offers)


def counterparts(preferred: Bundle, compared: Bundle, others: Collection[Bundle], words: Words) -> list[Bundle]:
    """What else there is of the products compared; drafts and triggered offers only within their own campaign."""
    return [
        other
        for other in others
        if other is not preferred
        and (other.standing or (preferred.holders and other.holders == preferred.holders))
        and same_products(compared, other, words)
    ]


# --- exempt ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exempt:
    """What newcomers may have for themselves: the first transaction, for so many days, where everybody can read of it."""

    first_transaction: bool = False
    days: int | None = None
    disclosed: bool = False

    def until(self, offer: Offer, start: date) -> date:
        """The day by which what is better must be over: the second charge, or so many days on, whichever is first."""
        ends = [start + timedelta(days=self.days)] if self.days is not None else []
        if self.first_transaction:
            ends.append(start if offer.billed == "once" else cycle(offer.billed, 1, start))
        return min(ends)

    def why_not(self, offer: Offer, start: date) -> Message | None:
        """Why something of an offer is not exempt; None: all of what may be is."""
        if self.disclosed and offer.claim.shown == "on-request":
            return say("it is shown on request only", "仅在询问时告知")
        ends = _first_price_ends(offer, start)
        if ends is not None and ends > self.until(offer, start):
            return say("its first price lasts until {day}", "首期价格持续到 {day}", day=ends)
        return None


def _first_price_ends(offer: Offer, start: date) -> date | None:
    """The day of the first charge at the renewal price; None: there is none, or only one charge."""
    full = full_price_from(offer, start)
    if full is None or offer.billed == "once":
        return None
    number = 0
    while cycle(offer.billed, number, start) < full:
        number += 1
    return cycle(offer.billed, number, start)


def beyond(offer: PlannedOffer, exempt: Exempt, start: date) -> PlannedOffer | None:
    """What is left of an offer to compare: the price that comes after an exempt one, what is earned later; or nothing.

    What is billed once is exempt whole, what is shown on request only where all must read of it is not at all.
    """
    model = offer.model
    if exempt.disclosed and model.claim.shown == "on-request":
        return offer
    if model.billed == "once":
        return None
    last, ends = exempt.until(model, start), _first_price_ends(model, start)
    price = model.renewal_price if ends is not None and ends <= last else model.price
    later = tuple(i for i in model.incentives if not earned(i.earned_after, start, last))
    return replace(offer, model=model.model_copy(update={"price": price, "incentives": later}))


def what_is_left(bundle: Bundle, names: Collection[str], exempt: Exempt, start: date) -> Bundle | None:
    """A bundle without what is exempt of the offers named; None where nothing that is bought is left."""
    left = [beyond(o, exempt, start) if o.name in names else o for o in bundle.offers]
    kept = tuple(offer for offer in left if offer is not None)
    return Bundle(kept) if any(not offer.on_top for offer in kept) else None
