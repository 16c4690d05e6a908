"""What an offer is worth, and when one is as good as another: the meaning of equal treatment, in the plainest words.

A *bundle* is one offer, or several that stack: the best that a customer can get is looked for among bundles. All amounts
are decimals; days are counted on the plan's clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import permutations

from ..clocks import civil_shift
from ..messages import say
from ..plan.offers import CASH, DAYS, MONTHS, Offer
from ..plan.plan import PlannedOffer, Words, alike
from ..scalars import Duration, Money
from ..undecidable import Undecidable

MAX_STACKED = 4
MAX_BUNDLES = 3000
MAX_ENDS = 1000
NONE = Duration(0, "d")
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
        return tuple(offer for offer in self.offers if not offer.on_top)

    @cached_property
    def channels(self) -> frozenset[str] | None:
        """The channels on which all of it can be had; None: on all."""
        return shared(model.channels for model in self.models)

    @cached_property
    def payment(self) -> frozenset[str] | None:
        return shared(model.payment for model in self.models)

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


def shared(listed: Iterable[tuple[str, ...]]) -> frozenset[str] | None:
    stated = [frozenset(names) for names in listed if names]
    return frozenset.intersection(*stated) if stated else None


def stack(a: PlannedOffer, b: PlannedOffer) -> bool:
    """Whether two offers can be combined."""
    return b.name in a.stacks


class TooMuch(Undecidable):
    """More to look at than is looked at."""


def bundles(offers: Sequence[PlannedOffer], words: Words) -> list[Bundle]:
    """Every offer alone and all that can be stacked, up to four; drafts and triggered offers with their own campaign only.

    Raises TooMuch where five can be combined, or where there are too many.
    """
    found = []
    for taken in _cliques(offers, MAX_STACKED + 1):
        bundle = Bundle(taken)
        if not goes_together(bundle, words):
            continue
        if len(taken) > MAX_STACKED:
            raise TooMuch(
                say(
                    "more than four offers can be combined, and only four are looked at: {names}",
                    "可同时叠加的优惠超过四项，只核对四项：{names}",
                    names=[offer.name for offer in taken],
                )
            )
        found.append(bundle)
    return found


def _cliques(offers: Sequence[PlannedOffer], most: int) -> Iterator[tuple[PlannedOffer, ...]]:
    """Every offer, then sets of up to so many of which each two stack. Raises TooMuch."""
    waiting: deque[tuple[tuple[PlannedOffer, ...], list[PlannedOffer]]] = deque()
    order = {offer.name: i for i, offer in enumerate(offers)}
    for offer in offers:
        near = [
            offers[i] for i in sorted(order[name] for name in offer.stacks if name in order) if i > order[offer.name]
        ]
        waiting.append(((offer,), near))
    number = 0
    while waiting:
        taken, left = waiting.popleft()
        number += 1
        if number > MAX_BUNDLES + len(offers):
            raise TooMuch(say("too many offers can be combined", "可叠加的优惠组合过多"))
        yield taken
        if len(taken) < most:
            for i, offer in enumerate(left):
                waiting.append(((*taken, offer), [other for other in left[i + 1 :] if stack(offer, other)]))


def goes_together(bundle: Bundle, words: Words) -> bool:
    products = [base.model.product for base in bundle.bases]
    on_top = [offer for offer in bundle.offers if offer.on_top]
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
        return after(start, Duration(number * MONTHS[billed], "mo"))
    return start + timedelta(days=number * DAYS[billed])


@lru_cache(maxsize=50_000)
def _cycles(billed: str, start: date, before: date) -> tuple[date, ...]:
    """The first days of all cycles from the start to before a day; one charge for what is billed once."""
    if billed == "once":
        return (start,) if start < before else ()
    found: list[date] = []
    while (day := cycle(billed, len(found), start)) < before:
        found.append(day)
    return tuple(found)


@lru_cache(maxsize=100_000)
def after(start: date, duration: Duration | None) -> date:
    """The day that comes so long after the start; the start itself without a duration."""
    return civil_shift(start, duration or NONE, +1)


def committed_until(offer: Offer, start: date) -> date:
    return after(start, offer.commitment)


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
    full = full_price_from(offer, start)
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
        if cash.kind == CASH and cash.value is not None and earned(cash.earned_after, start, end):
            yield Money(-cash.value.amount * cash.quantity, cash.value.currency)


def full_price_from(offer: Offer, start: date) -> date | None:
    """The first day of charges at the renewal price: from the end of the commitment, else from the second cycle."""
    if offer.renewal_price is None:
        return None
    if offer.commitment is not None:
        return committed_until(offer, start)
    return cycle(offer.billed, 1, start) if offer.billed != "once" else None


def earned(later: Duration | None, start: date, end: date) -> bool:
    return after(start, later) <= end


def ends(a: Bundle, b: Bundle, start: date, horizon: Duration) -> list[date]:
    """The days on which leaving is compared: each billing cycle of both up to the horizon, both commitments, the horizon.

    Raises TooMuch.
    """
    last = after(start, horizon)
    found = {last}
    for offer in (*a.models, *b.models):
        if offer.billed != "once":
            found |= set(_cycles(offer.billed, start, last + timedelta(days=1))[1:])
        if offer.commitment is not None:
            found.add(committed_until(offer, start))
    if len(found) > MAX_ENDS:
        raise TooMuch(say("there are too many billing cycles up to the horizon", "horizon 之内的计费周期过多"))
    return sorted(found - {start})


Gift = tuple[str, str]
"""Kind and item."""


def gifts(bundle: Bundle, start: date, end: date) -> Counter[Gift]:
    """How many of each gift have been earned by a day."""
    found: Counter[Gift] = Counter()
    for offer in bundle.models:
        for gift in offer.incentives:
            if gift.kind != CASH and earned(gift.earned_after, start, end):
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
