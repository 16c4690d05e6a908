"""What an offer is worth, and when one is as good as another: the meaning of equal treatment, in the plainest words.

A *bundle* is one offer, or several that stack: the best that a customer can get is looked for among bundles. All amounts
are decimals; days are counted on the plan's clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import combinations, permutations

from ..clocks import civil_shift
from ..messages import Message, say
from ..plan.conditions import Condition
from ..plan.offers import CASH, DAYS, MONTHS, Offer
from ..plan.plan import CustomerModel, PlannedOffer, Words
from ..scalars import Duration, Money
from .customers import CLOCK, Customer, admits, as_known, impossible

MOST_STACKED = 4
COMPARED = ("price", "gifts", "terms", "claim", "payment")
SHOWN = ("front", "listed", "on-request")
"""Where an offer is shown, the most prominent first."""
NONE = Duration(0, "d")
YEAR = Duration(12, "mo")
Prices = Mapping[str, Decimal]
"""Amounts by currency."""


# --- bundles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bundle:
    """Offers that a customer takes together; one alone is a bundle too."""

    offers: tuple[PlannedOffer, ...]

    @cached_property
    def models(self) -> tuple[Offer, ...]:
        return tuple(offer.model for offer in self.offers)

    @cached_property
    def name(self) -> str:
        return " + ".join(offer.name for offer in self.offers)

    @cached_property
    def bases(self) -> tuple[PlannedOffer, ...]:
        """What is bought; the rest goes on top of it."""
        return tuple(offer for offer in self.offers if not is_addition(offer))

    @cached_property
    def channels(self) -> frozenset[str] | None:
        """The channels on which all of it can be had; None: on all."""
        return _shared(model.channels for model in self.models)

    @cached_property
    def payment(self) -> frozenset[str] | None:
        return _shared(model.payment for model in self.models)

    @cached_property
    def first(self) -> date | None:
        return max((m.from_ for m in self.models if m.from_ is not None), default=None)

    @cached_property
    def last(self) -> date | None:
        return min((offer.last for offer in self.offers if offer.last is not None), default=None)

    @cached_property
    def standing(self) -> bool:
        """Whether others can count on it: nothing in it is a draft or waits for a trigger."""
        return all(offer.status != "draft" and not offer.triggered for offer in self.offers)

    @cached_property
    def holders(self) -> frozenset[str]:
        """The campaigns of what is a draft or triggered in it."""
        return frozenset(o.campaign or "" for o in self.offers if o.status == "draft" or o.triggered)

    def open_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def sold(self, channel: str, payment: str) -> bool:
        """Whether it can be had on a channel and paid so; an empty name is a way that no offer names."""
        return (self.channels is None or channel in self.channels) and (self.payment is None or payment in self.payment)


def _shared(listed: Iterable[tuple[str, ...]]) -> frozenset[str] | None:
    stated = [frozenset(names) for names in listed if names]
    return frozenset.intersection(*stated) if stated else None


def is_addition(offer: PlannedOffer) -> bool:
    """A voucher or a gift that costs nothing and goes on top of what it stacks with; it is not had alone."""
    model = offer.model
    free = model.price.amount <= 0 and (model.renewal_price is None or model.renewal_price.amount <= 0)
    return free and bool(model.stacks_with)


def stack(a: PlannedOffer, b: PlannedOffer) -> bool:
    """``stacks_with`` holds both ways."""
    return a.name in b.model.stacks_with or b.name in a.model.stacks_with


def alike(a: str, b: str, words: Words) -> bool:
    """Whether two products are the same or declared equivalents; what is equivalent to an equivalent is not."""
    return a == b or b in words.products[a].equivalent_to or a in words.products[b].equivalent_to


def bundles(offers: Sequence[PlannedOffer], words: Words) -> list[Bundle]:
    """Every offer alone and all that can be stacked, up to four; drafts and triggered offers with their own campaign only."""
    found = []
    for size in range(1, MOST_STACKED + 1):
        for taken in combinations(offers, size) if size == 1 else _cliques(offers, size):
            bundle = Bundle(tuple(taken))
            if _goes_together(bundle, words):
                found.append(bundle)
    return found


def too_many_stack(offers: Sequence[PlannedOffer]) -> tuple[PlannedOffer, ...] | None:
    """Five offers that can all be combined, if there are: more than is looked at."""
    return next(_cliques(offers, MOST_STACKED + 1), None)


def _cliques(offers: Sequence[PlannedOffer], size: int) -> Iterator[tuple[PlannedOffer, ...]]:
    """Sets of so many offers of which each two stack."""
    near = {o.name: [other for other in offers if other is not o and stack(o, other)] for o in offers}
    order = {offer.name: i for i, offer in enumerate(offers)}

    def grow(taken: tuple[PlannedOffer, ...], left: list[PlannedOffer]) -> Iterator[tuple[PlannedOffer, ...]]:
        if len(taken) == size:
            yield taken
            return
        for i, offer in enumerate(left):
            yield from grow((*taken, offer), [other for other in left[i + 1 :] if stack(offer, other)])

    for offer in offers:
        yield from grow((offer,), [o for o in near[offer.name] if order[o.name] > order[offer.name]])


def _goes_together(bundle: Bundle, words: Words) -> bool:
    products = [base.model.product for base in bundle.bases]
    on_top = [offer for offer in bundle.offers if is_addition(offer)]
    if not products or not all(any(alike(o.model.product, p, words) for p in products) for o in on_top):
        return False
    if bundle.channels == frozenset() or bundle.payment == frozenset() or len(bundle.holders) > 1:
        return False
    return bundle.first is None or bundle.last is None or bundle.first <= bundle.last


def same_products(a: Bundle, b: Bundle, words: Words) -> bool:
    """Whether what is bought is the same, one by one."""
    mine, theirs = [o.model.product for o in a.bases], [o.model.product for o in b.bases]
    return len(mine) == len(theirs) and any(
        all(alike(x, y, words) for x, y in zip(mine, order, strict=True)) for order in permutations(theirs)
    )


# --- money -----------------------------------------------------------------------------------------------------------


def cycle(billed: str, number: int, start: date) -> date:
    """The day on which cycle ``number`` (0 is the first) begins."""
    if billed in MONTHS:
        return civil_shift(start, Duration(number * MONTHS[billed], "mo"), +1)
    return start + timedelta(days=number * DAYS[billed])


@lru_cache(maxsize=200_000)
def _cycles(billed: str, start: date, before: date) -> tuple[date, ...]:
    """The first days of all cycles from the start to before a day; one charge for what is billed once."""
    if billed == "once":
        return (start,) if start < before else ()
    found: list[date] = []
    while (day := cycle(billed, len(found), start)) < before:
        found.append(day)
    return tuple(found)


def committed_until(offer: Offer, start: date) -> date:
    return civil_shift(start, offer.commitment or NONE, +1)


def cost(bundle: Bundle, start: date, end: date) -> Prices:
    """What a customer has paid who takes it at the start and leaves on ``end``: charges due in [start, end), the fee for
    leaving early, less the cash earned by then."""
    total: dict[str, Decimal] = {}
    for offer in bundle.models:
        for money in _paid(offer, start, end):
            total[money.currency] = total.get(money.currency, Decimal(0)) + money.amount
    return total


def _paid(offer: Offer, start: date, end: date) -> Iterator[Money]:
    charged = _cycles(offer.billed, start, end)
    full = _at_full_price(offer, start)
    first = bisect_left(charged, full) if full is not None else len(charged)
    yield Money(offer.price.amount * first, offer.price.currency)
    if offer.renewal_price is not None:
        yield Money(offer.renewal_price.amount * (len(charged) - first), offer.renewal_price.currency)
    for fee in offer.fees:
        times = min(len(charged), 1) if fee.once else len(charged)
        yield Money(fee.amount.amount * times, fee.amount.currency)
    if offer.exit_fee is not None and (offer.commitment is None or end < committed_until(offer, start)):
        yield offer.exit_fee
    for cash in offer.incentives:
        if cash.kind == CASH and cash.value is not None and _earned(cash.earned_after, start, end):
            yield Money(-cash.value.amount * cash.quantity, cash.value.currency)


def _at_full_price(offer: Offer, start: date) -> date | None:
    """The first day of charges at the renewal price: from the end of the commitment, else from the second cycle."""
    if offer.renewal_price is None or offer.billed == "once":
        return None
    return committed_until(offer, start) if offer.commitment is not None else cycle(offer.billed, 1, start)


def _earned(after: Duration | None, start: date, end: date) -> bool:
    return civil_shift(start, after or NONE, +1) <= end


def ends(a: Bundle, b: Bundle, start: date, horizon: Duration) -> list[date]:
    """The days on which leaving is compared: each billing cycle of both up to the horizon, both commitments, the horizon."""
    last = civil_shift(start, horizon, +1)
    found = {last}
    for offer in (*a.models, *b.models):
        if offer.billed != "once":
            found |= set(_cycles(offer.billed, start, last + timedelta(days=1))[1:])
        if offer.commitment is not None:
            found.add(committed_until(offer, start))
    return sorted(found - {start})


Gift = tuple[str, str]
"""Kind and item."""


def gifts(bundle: Bundle, start: date, end: date) -> Counter[Gift]:
    """How many of each gift have been earned by a day."""
    found: Counter[Gift] = Counter()
    for offer in bundle.models:
        for gift in offer.incentives:
            if gift.kind != CASH and _earned(gift.earned_after, start, end):
                found[(gift.kind, gift.item or "")] += gift.quantity
    return found


def gift_value(bundle: Bundle, gift: Gift) -> Money | None:
    """The stated value of one of these gifts; the highest where several are stated."""
    stated: list[Money] = []
    for given in (g for m in bundle.models for g in m.incentives if (g.kind, g.item or "") == gift):
        if given.value is None:
            return None
        stated.append(given.value)
    return max(stated, key=lambda value: value.amount) if len({value.currency for value in stated}) == 1 else None


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
        lacks, unpriced = _lacking(mine, other, start, end) if "gifts" in terms.compare_on else ([], [])
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
    horizon = civil_shift(start, terms.horizon, +1)
    if dearer:
        yield dearer.get(horizon) or dearer[max(dearer)]
    else:
        yield from doubts[-1:]


def _lacking(mine: Bundle, other: Bundle, start: date, end: date) -> tuple[list[Money], list[Gift]]:
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
    notice, theirs = (
        max(((civil_shift(start, m.cancel.notice or NONE, +1), m.cancel.notice) for m in b.models), key=_day)
        for b in (mine, other)
    )
    if notice[0] > theirs[0]:
        yield Shortfall("notice", notice[1] or NONE, theirs[1] or NONE)
    steps, fewer = (max(m.cancel.steps for m in b.models) for b in (mine, other))
    if steps > fewer:
        yield Shortfall("cancel_steps", steps, fewer)
    ways, wider = (_shared(m.cancel.channels for m in b.models) for b in (mine, other))
    if ways is not None and (wider is None or not wider <= ways):
        yield Shortfall("cancel_channels", sorted(ways), sorted(wider) if wider is not None else None)


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
    name = " ".join(part for part in gift if part)
    return say("the gift '{name}' has no stated value", "赠品“{name}”没有写明价值（value）", name=name)


# --- worse off -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A protected customer and a favoured one who differ only in what ``apart`` names."""

    customer: Customer
    twin: Customer
    apart: frozenset[str]


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
    names = {*one.steady, *other.steady} - pair.apart - {CLOCK}
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


def counterparts(preferred: Bundle, others: Collection[Bundle], words: Words) -> list[Bundle]:
    """What else there is of the same product; drafts and triggered offers only within their own campaign."""
    return [
        other
        for other in others
        if other is not preferred
        and (other.standing or (preferred.holders and other.holders == preferred.holders))
        and same_products(preferred, other, words)
    ]


# --- exempt ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exempt:
    """What newcomers may have for themselves: the first transaction, for so many days, where everybody can read of it."""

    first_transaction: bool = False
    days: int | None = None
    disclosed: bool = False


def is_exempt(offer: PlannedOffer, exempt: Exempt, start: date) -> bool:
    """Whether what is better in an offer ends as soon as the rule asks, and is shown where it asks."""
    model = offer.model
    if exempt.disclosed and model.claim.shown == "on-request":
        return False
    if model.billed == "once":
        return True
    full = _at_full_price(model, start)
    if full is None or (exempt.first_transaction and full > cycle(model.billed, 1, start)):
        return False
    return exempt.days is None or full <= start + timedelta(days=exempt.days)


def beyond(offer: PlannedOffer, start: date) -> PlannedOffer | None:
    """What is left of an exempt offer to compare: the price after the exempt time, and what is earned later; or nothing."""
    model = offer.model
    full = _at_full_price(model, start)
    if full is None:
        return None
    later = tuple(i for i in model.incentives if not _earned(i.earned_after, start, full))
    return replace(offer, model=model.model_copy(update={"price": model.renewal_price, "incentives": later}))


def what_is_left(bundle: Bundle, exempt: Collection[str], start: date) -> Bundle | None:
    """A bundle without what is exempt of it; None where nothing that is bought is left."""
    left = [beyond(o, start) if o.name in exempt else o for o in bundle.offers]
    kept = tuple(offer for offer in left if offer is not None)
    return Bundle(kept) if any(not is_addition(offer) for offer in kept) else None
