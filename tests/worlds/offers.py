"""Small random worlds of offers, and who is worse off in them, found by trying every customer, day, channel and way to pay.

What is paid, what counts as as good and who is compared with whom is written here a second time, from the text alone.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Any

from tactful.engine.plan.offers import Incentive, Offer
from tactful.engine.plan.plan import Plan, PlannedOffer
from tactful.engine.reference import Value
from tactful.engine.scalars import Duration, Money

from tests.building import built
from tests.worlds.comparing import World
from tests.worlds.making import Draw, PairMaker, Shares, Texts
from tests.worlds.people import People, told_apart

CHANNELS = ("shop", "web", "phone")
WAYS = ("card", "cash", "points")
ASPECTS = ("price", "gifts", "terms", "claim", "payment")


# --- making worlds ---------------------------------------------------------------------------------------------------


class OfferMaker(PairMaker):
    """An offer or two for some, nearly the same for the others, and a rule."""

    starts = ("2026-05-10", "2026-01-29", "2026-02-26", "2026-03-29", "2026-08-29", "2024-02-27", "2027-02-26")
    """Around the ends of months, where what is counted in months is clipped."""
    spans = ("30d", "1mo", "2w")
    numbers = (2, 2, 3, 3, 4)

    def __init__(self, draw: Draw) -> None:
        super().__init__(draw)
        self.currencies = ["CNY", "USD"] if self.maybe(0.08) else ["CNY"]
        self.values = {item: self.some("5 CNY", "10.5 CNY", None) for item in ("cup", "bag")}
        self.exempt = self.maybe(0.2)
        self.offers: list[Texts] = []

    def some_attributes(self, *more: str) -> Texts:
        """In some worlds each customer is compared at home."""
        self.at_channel = self.maybe(0.2)
        return super().some_attributes(*more, *(["home"] if self.at_channel else []))

    def documents(self) -> list[Texts]:
        self.some_offers()
        products: Texts = {"p": {}, "q": {"equivalent_to": ["p"]}, "r": {"equivalent_to": ["q"]}, "o": {}}
        return [
            {"tactful": "1", "timezone": self.zone},
            self.customers(),
            {"vocabulary": {"products": products}},
            *self.places(),
            {"policy": "p", "rules": [self.rule()]},
        ]

    def narrower(self, condition: Any) -> Any:
        """The condition, or only some of those."""
        return {"all": [condition, self.aside()]} if self.maybe(0.2) else condition

    # --- what they are offered ---

    def some_offers(self) -> None:
        template = self.template()
        favoured = [self.narrower(self.favoured) for _ in range(self.some(1, 1, 2))]
        for number, eligible in enumerate(favoured):
            offer = self.nearly(template) if number else dict(template)
            if self.exempt and self.maybe(0.7):
                self.lure(offer)
            self.add(f"n{number}", offer, eligible)
        for number in range(self.some(0, 1, 1, 1, 2, 2, 3)):
            self.add(f"e{number}", self.nearly(template), self.counterpart_for())
        if self.maybe(0.3):
            self.vouchers(template)
        if self.maybe(0.12):
            self.second_product(template)
        if self.maybe(0.01):
            self.crowd()

    def add(self, name: str, offer: Texts, eligible: Any) -> None:
        self.offers.append({"offer": name, **offer, "eligible": eligible})

    def counterpart_for(self) -> Any:
        if self.maybe(0.2):
            return "everyone"
        if self.maybe(0.12):
            return {"any": [{"all": [self.protected, self.aside()]}, self.aside()]}
        return self.narrower(self.protected)

    def money(self, *amounts: str) -> str:
        return f"{self.some(*amounts)} {self.some(*self.currencies)}"

    def fields(self) -> Shares:
        """What an offer can say, with how often it does."""
        some, money = self.some, self.money
        commitments = ("12mo", "1mo", "2mo", "3mo", "30d", "31d", "2w", "1y", "11mo", "13mo", "14mo")
        fee = ({}, {"once": "true"}, {"once": "false"})
        return {
            "commitment": (0.35, *commitments),
            "fees": (0.2, lambda: [{"name": "f", "amount": money("12.5", "12.5", "12", "12.51")} | some(*fee)]),
            "exit_fee": (0.15, lambda: money("40", "40", "41", "39")),
            "minimum_spend": (0.15, lambda: money("20", "20", "21", "19")),
            "quota": (0.15, "500", "500", "499", "501"),
            "cancel": (0.15, self.cancel),
            "incentives": (0.35, self.incentives),
            "renewal_price": (0.25, lambda: money("35", "28", "30", "30.01", "29.99", "35.01")),
            "channels": (0.35, lambda: sorted(self.sample(CHANNELS, some(1, 2)))),
            "payment": (0.25, lambda: sorted(self.sample(WAYS, some(1, 2)))),
            "claim": (0.15, self.claim),
            "from": (0.25, lambda: self.day(some(0, 1, 2))),
            "until": (0.9, lambda: self.day(some(2, 3, 4))),
        }

    def template(self) -> Texts:
        made: Texts = {"product": "p", "price": self.money("30", "29.99", "0.1")}
        made["billed"] = self.some("month", "month", "month", "once", "once", "quarter", "week", "year", "day")
        return made | self.some_keys(**self.fields())

    def cancel(self) -> Texts:
        made = {"notice": self.some("30d", "29d", "31d", "1mo"), "steps": self.some("2", "1", "3")}
        ways = (["web", "shop"], ["web"], ["shop", "phone", "web"])
        return made | self.some_keys(channels=(0.5, *ways))

    def claim(self) -> Texts:
        made = {"steps": self.some("2", "1", "3"), "automatic": self.some("true", "false")}
        return made | {"shown": self.some("front", "listed", "on-request")}

    def incentives(self) -> list[Texts]:
        made = self.several(self.incentive, 1, 1, 2)
        return made if len({one.get("item") for one in made}) == len(made) else made[:1]

    def incentive(self) -> Texts:
        item = self.some("cup", "bag")
        made: Texts = {"kind": "gift", "item": item} | ({"value": self.values[item]} if self.values[item] else {})
        if self.maybe(0.5):
            made = {"kind": "cash", "value": self.money("6", "6.05")}
        earned = (0.5, "1mo", "0d", "30d", "3mo", "12mo")
        return made | self.some_keys(quantity=(0.4, "1", "2"), earned_after=earned)

    def nearly(self, template: Texts) -> Texts:
        """The same, or with one or two changes, for the better or the worse, of little."""
        (price, currency), incentives = template["price"].split(), template.get("incentives", ())
        less, more = Decimal("-0.01"), Decimal("0.01")
        turned = ({"quantity": "2"}, {"earned_after": "1mo"}, {"earned_after": "31d"}, {"quantity": "3"})
        fields: Shares = {
            "price": (1, lambda: f"{Decimal(price) + self.some(more, less, -5, 5)} {currency}"),
            "product": (1, "q", "q", "r", "o"),
            "billed": (1, "month", "once", "quarter"),
            **self.fields(),
        }
        if incentives and self.maybe(0.1):
            template = template | {"incentives": [one | self.some(*turned) for one in incentives]}
        return self.varied(template, fields, ("price", "price"), 0, 0, 0, 1, 1, 1, 1, 2)

    def lure(self, offer: Texts) -> None:
        """A first price that the rest of the contract makes up for, or one that is paid once."""
        price, currency = offer["price"].split()
        offer["renewal_price"] = f"{Decimal(price) + self.some(0, 0, 0, Decimal('-0.01'))} {currency}"
        offer["price"] = f"10 {currency}"
        shown = self.some({"shown": "listed"}, {"shown": "on-request"})
        offer |= self.some_keys(commitment=(0.3, "1mo", "2mo"), claim=(0.3, shown))

    def vouchers(self, template: Texts) -> None:
        """Something off, for who takes one of the offers too."""
        bases = list(self.offers)
        for number in range(self.some(1, 1, 2, 2)):
            kind = self.some("less", "cash", "gift")
            offer: Texts = {"product": self.some("p", "p", "p", "q"), "billed": self.some("once", template["billed"])}
            offer["price"] = self.money(*(("-5", "-5.01") if kind == "less" else ("0",)))
            if kind != "less":
                offer["incentives"] = [self.incentive()]
            for key in ("until", "channels", "payment"):
                if key in template and self.maybe(0.5):
                    offer[key] = template[key]
            if self.maybe(0.1):
                offer["renewal_price"] = self.money("0", "1")
            for base in bases:
                if self.maybe(0.75):
                    self.stack(offer, f"v{number}", base)
            eligible = self.some(self.favoured, self.favoured, "everyone", self.protected, self.counterpart_for())
            self.add(f"v{number}", offer, eligible)
            if self.maybe(0.3):
                bases.append(self.offers[-1])

    def stack(self, offer: Texts, name: str, other: Texts) -> None:
        """Both say so, or only one, which is enough."""
        said = self.some("both", "both", "one", "other")
        if said != "other":
            offer.setdefault("stacks_with", []).append(other["offer"])
        if said != "one":
            other["stacks_with"] = [*other.get("stacks_with", []), name]

    def second_product(self, template: Texts) -> None:
        """Another product that goes with an offer of the first, for some or for all."""
        for number in range(self.some(1, 2)):
            offer = self.nearly({k: v for k, v in template.items() if k not in ("cancel", "fees")})
            offer |= {"product": self.some("o", "o", "q")}
            for base in self.offers[:3]:
                if self.maybe(0.6):
                    self.stack(offer, f"s{number}", base)
            self.add(f"s{number}", offer, self.some(self.favoured, "everyone", self.counterpart_for()))

    def crowd(self) -> None:
        """More that goes together than is looked at."""
        names = [self.offers[0]["offer"], *(f"c{n}" for n in range(self.some(3, 4)))]
        for number, name in enumerate(names[1:], 1):
            offer = {"product": "p", "price": self.money("-1"), "billed": "once", "stacks_with": names[:number]}
            self.add(name, offer, self.some("everyone", self.favoured))

    # --- where it stands ---

    def places(self) -> list[Texts]:
        """The offers, over one price book or two, and campaigns."""
        kinds = ["book", "book", self.some("book", "planned"), self.some("planned", "draft", "triggered", "ended")]
        kinds += [self.some("planned", "draft", "triggered", "ended", "cancelled")] if self.maybe(0.5) else []
        number = self.some(1, 1, 2, 2, 3)
        chosen = self.sample(kinds, min(number, len(kinds)))
        held: list[list[Texts]] = [[] for _ in chosen]
        for offer in self.sample(self.offers, len(self.offers)):
            self.some(*held).append(offer)
        placed = enumerate(zip(chosen, held, strict=True))
        return [self.place(kind, n, offers) for n, (kind, offers) in placed if offers]

    def place(self, kind: str, number: int, offers: list[Texts]) -> Texts:
        if kind == "book":
            return {"offers": f"book{number}", "items": offers}
        return self.holder(f"camp{number}", kind, offers, 200)  # facts hold there too

    def rule(self) -> Texts:
        made: Texts = {"rule": "r", "kind": "offer-parity", "favoured": self.favoured, "protected": self.protected}
        tolerances = ["2%", "0.1%", *(["0.01 CNY", "5 CNY"] if len(self.currencies) == 1 else [])]
        made |= self.some_keys(
            **{
                "compare_on": (0.5, lambda: [a for a in ASPECTS if self.maybe(0.6)] or ["price"]),
                "for": (0.15, self.aside),
                "horizon": (0.6, "12mo", "6mo", "1mo", "3mo", "31d", "1y"),
                "tolerance": (0.25, *tolerances),
                "differ_in": (0.1, self.differ_in),
                "match": (0.15, self.some_match),
                "effective": (0.1, lambda: {self.some("from", "until", "until"): self.day(self.some(1, 1, -1))}),
            }
        )
        if any(offer["billed"] in ("day", "week") for offer in self.offers):
            made["horizon"] = self.some("1mo", "2w", "31d")
        if self.at_channel:
            made["at_channel"] = "home"
            made |= self.some_keys(fallback=(0.6, "shop", "web", "email"))
        if self.exempt:
            made["exempt"] = self.some({"first_transaction": "true"}, {"days": self.some("31", "30", "62")})
            made["exempt"] |= self.some_keys(disclosed=(0.3, "true"))
        return made

    def some_match(self) -> Texts:
        names = [offer["offer"] for offer in self.offers]
        one = self.some(*names)
        return self.some({"offer": one}, {"offer": {"not": one}}, {"product": ["p", "o"]}, {"product": "q"})


# --- what is paid ----------------------------------------------------------------------------------------------------

Sum = dict[str, Decimal]
"""An amount for each currency."""
MONTHS = {"mo": 1, "y": 12, "month": 1, "quarter": 3, "year": 12}
DAYS = {"d": 1, "w": 7, "day": 1, "week": 7}


def on(day: date, unit: str, amount: int) -> date:
    """So many units on; a month that is too short ends on its last day."""
    if unit in DAYS:
        return day + timedelta(days=amount * DAYS[unit])
    months = day.year * 12 + day.month - 1 + amount * MONTHS[unit]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def after(day: date, duration: Duration | None) -> date:
    return day if duration is None else on(day, duration.unit, duration.amount)


def plus(one: Sum, money: Money, times: int | Decimal = 1) -> None:
    one[money.currency] = one.get(money.currency, Decimal(0)) + money.amount * times


def due(offer: Offer, start: date, before: date) -> Iterator[tuple[date, Money]]:
    """The charges before a day, fees of every charge aside."""
    number = 0
    while (day := on(start, offer.billed, number) if number else start) < before:
        past = day >= after(start, offer.commitment) if offer.commitment is not None else number >= 1
        yield day, offer.renewal_price if offer.renewal_price is not None and past else offer.price
        if offer.billed == "once":
            return
        number += 1


def offer_cost(offer: Offer, start: date, end: date) -> Sum:
    """What is paid for an offer from its start up to a day."""
    total: Sum = {}
    for _, price in due(offer, start, end):
        plus(total, price)
        for fee in offer.fees:
            if not fee.once:
                plus(total, fee.amount)
    for fee in offer.fees:
        if fee.once:
            plus(total, fee.amount)
    if offer.exit_fee is not None and (offer.commitment is None or end < after(start, offer.commitment)):
        plus(total, offer.exit_fee)
    for incentive in offer.incentives:
        if incentive.kind == "cash" and earned(incentive, start, end):
            assert incentive.value is not None
            plus(total, incentive.value, -incentive.quantity)
    return total


def earned(incentive: Incentive, start: date, end: date) -> bool:
    return after(start, incentive.earned_after) <= end


def cost(offers: Iterable[Offer], start: date, end: date) -> Sum:
    total: Sum = {}
    for offer in offers:
        for currency, amount in offer_cost(offer, start, end).items():
            plus(total, Money(amount, currency))
    return {currency: amount for currency, amount in total.items() if amount}


Gift = tuple[str, str | None]
Lacking = tuple[dict[Gift, int], dict[Gift, Money]]
"""How many are lacking of each gift, and what one is worth where that is said."""


def given(offers: Iterable[Offer], start: date, end: date) -> tuple[Counter[Gift], dict[Gift, Money]]:
    """How many of each gift come by a day, and what one is worth."""
    number: Counter[Gift] = Counter()
    worth: dict[Gift, Money] = {}
    for offer in offers:
        for incentive in offer.incentives:
            if incentive.kind != "cash" and earned(incentive, start, end):
                number[incentive.kind, incentive.item] += incentive.quantity
                if incentive.value is not None:
                    worth[incentive.kind, incentive.item] = incentive.value
    return number, worth


# --- as good ---------------------------------------------------------------------------------------------------------

GOOD, DOUBT, WORSE = "good", "doubt", "worse"
SHOWN = ("front", "listed", "on-request")


@dataclass
class Compared:
    """How one bundle stands beside another: the verdict, and what was paid at each day looked at."""

    verdict: str
    paid: dict[date, tuple[Sum, Sum]] = field(default_factory=dict)
    dear: list[date] = field(default_factory=list)
    """The days by which too much was paid."""


def compared(mine: Sequence[Offer], other: Sequence[Offer], start: date, rule: Any) -> Compared:
    """Whether ``mine`` is as good as ``other`` for who starts on a day."""
    found = Compared(GOOD)
    marks = [*_by_money(mine, other, start, rule, found)]
    if "terms" in rule.compare_on:
        marks += _by_terms(mine, other, start)
    if "claim" in rule.compare_on:
        marks += _by_claim(mine, other)
    found.verdict = WORSE if WORSE in marks else DOUBT if DOUBT in marks else GOOD
    return found


def _looked_at(offers: Iterable[Offer], start: date, horizon: Duration) -> list[date]:
    last = after(start, horizon)
    found = {last}
    for offer in offers:
        if offer.commitment is not None:
            found.add(after(start, offer.commitment))
        number = 1
        while offer.billed != "once" and (day := on(start, offer.billed, number)) <= last:
            found.add(day)
            number += 1
    return sorted(found - {start})


def _by_money(mine: Sequence[Offer], other: Sequence[Offer], start: date, rule: Any, found: Compared) -> Iterator[str]:
    for day in _looked_at([*mine, *other], start, rule.horizon):
        lacking, worth = _lacking(mine, other, start, day) if "gifts" in rule.compare_on else ({}, {})
        if "price" not in rule.compare_on:
            if lacking:
                yield WORSE
            continue
        paid, limit = cost(mine, start, day), cost(other, start, day)
        for gift, number in lacking.items():
            if gift in worth:
                plus(paid, worth[gift], number)
        found.paid[day] = paid, limit
        currencies = {c for c, amount in [*paid.items(), *limit.items()] if amount}
        if len(currencies) > 1:
            yield DOUBT
            continue
        if sum(paid.values()) > allowed(sum(limit.values(), Decimal(0)), rule.tolerance):
            found.dear.append(day)
            yield WORSE
        elif any(gift not in worth for gift in lacking):
            yield DOUBT


def allowed(limit: Decimal, tolerance: Any) -> Decimal:
    if isinstance(tolerance, Money):
        return limit + tolerance.amount
    return limit + abs(limit) * tolerance if tolerance is not None else limit


def _lacking(mine: Iterable[Offer], other: Iterable[Offer], start: date, day: date) -> Lacking:
    have, _ = given(mine, start, day)
    theirs, worth = given(other, start, day)
    return {gift: number - have[gift] for gift, number in theirs.items() if number > have[gift]}, worth


def _by_terms(mine: Sequence[Offer], other: Sequence[Offer], start: date) -> Iterator[str]:
    def ties(offer: Offer) -> tuple[date, date, int]:
        leaving = offer.cancel
        return after(start, offer.commitment), after(start, leaving and leaving.notice), leaving.steps if leaving else 1

    worst = [[max(one) for one in zip(*map(ties, offers), strict=True)] for offers in (mine, other)]
    if any(a > b for a, b in zip(*worst, strict=True)):
        yield WORSE
    spends = [[offer.minimum_spend for offer in offers if offer.minimum_spend is not None] for offers in (mine, other)]
    if spends[0] and not spends[1]:
        yield WORSE
    elif spends[0] and len({spend.currency for side in spends for spend in side}) > 1:
        yield DOUBT
    elif spends[0] and max(s.amount for s in spends[0]) > max(s.amount for s in spends[1]):
        yield WORSE
    quotas = [[offer.quota for offer in offers if offer.quota is not None] for offers in (mine, other)]
    if quotas[0] and (not quotas[1] or min(quotas[0]) < min(quotas[1])):
        yield WORSE
    ways_out = [common(offer.cancel.channels if offer.cancel else () for offer in offers) for offers in (mine, other)]
    if ways_out[0] is not None and (ways_out[1] is None or not ways_out[1] <= ways_out[0]):
        yield WORSE


def _by_claim(mine: Sequence[Offer], other: Sequence[Offer]) -> Iterator[str]:
    claims = [[offer.claim for offer in offers] for offers in (mine, other)]
    steps, automatic, shown = (
        [sum(c.steps for c in side) for side in claims],
        [all(c.automatic for c in side) for side in claims],
        [max(SHOWN.index(c.shown) for c in side) for side in claims],
    )
    if steps[0] > steps[1] or automatic[0] < automatic[1] or shown[0] > shown[1]:
        yield WORSE


def common(listed: Iterable[Sequence[str]]) -> frozenset[str] | None:
    """What all lists have; an empty list has everything, and so has None."""
    found: frozenset[str] | None = None
    for items in listed:
        if items:
            found = frozenset(items) if found is None else found & frozenset(items)
    return found


# --- what can be had together ----------------------------------------------------------------------------------------

MAX_STACKED = 4


def is_free(offer: Offer) -> bool:
    return offer.price.amount <= 0 and (offer.renewal_price is None or offer.renewal_price.amount <= 0)


def stack(a: PlannedOffer, b: PlannedOffer) -> bool:
    """Whether two can be combined: one of them says so."""
    return b.name in a.model.stacks_with or a.name in b.model.stacks_with


def alike(a: str, b: str, plan: Plan) -> bool:
    products = plan.words.products
    return a == b or a in products[b].equivalent_to or b in products[a].equivalent_to


def on_top(offer: PlannedOffer, plan: Plan) -> bool:
    """Free, and to be combined with something of its product that is not: a voucher."""
    others = [o for o in plan.offers if o is not offer and stack(o, offer) and not is_free(o.model)]
    return is_free(offer.model) and any(alike(o.model.product, offer.model.product, plan) for o in others)


def spoken_of(offer: PlannedOffer, params: Any) -> bool:
    """Whether the ``match`` of a rule speaks of an offer."""
    fields = {"offer": {offer.name}, "product": {offer.model.product}, "channels": set(offer.model.channels)}
    fields["campaign"] = {offer.campaign} if offer.campaign else set()
    for key, value in (params.match or {}).items():
        wanted = value["not"] if isinstance(value, dict) else value
        met = bool(fields[key] & set(wanted if isinstance(wanted, list) else [wanted]))
        if met == isinstance(value, dict):
            return False
    return True


@dataclass(frozen=True)
class Had:
    """Offers that are had together, by their numbers in the plan."""

    numbers: tuple[int, ...]
    mask: int
    bases: tuple[str, ...]
    """The products of those that can be had alone."""
    channels: frozenset[str] | None
    payment: frozenset[str] | None
    first: date
    last: date
    own: frozenset[str]
    """The drafts and triggered campaigns of which something is in it."""

    def within(self, mask: int) -> bool:
        """Whether somebody who is eligible for these offers can take all of it."""
        return self.mask & mask == self.mask

    def open_on(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Person:
    """What matters of a customer on a day: what they are eligible for, and where they are compared."""

    mask: int
    home: Value


@dataclass
class Met:
    """What matters of all customers on a day."""

    pairs: set[tuple[Person, frozenset[int]]] = field(default_factory=set)
    """Each protected one, with what the favoured ones can take who are like them in all that pairs may not differ in."""
    takers: frozenset[int] = frozenset()
    """What any favoured one can take."""
    not_only: int = 0
    """What anybody else can take."""
    overlap: bool = False
    """Whether somebody is both."""


@dataclass(frozen=True)
class Left:
    """What is compared of a bundle: newcomers may have what is exempt to themselves."""

    had: Had
    offers: tuple[Offer, ...]
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A protected customer who cannot have a bundle that a favoured one can, beside what they can take at best."""

    left: Left
    person: Person
    day: date
    channel: str
    way: str

    @property
    def had(self) -> Had:
        return self.left.had


@dataclass(repr=False)
class OfferWorld(World):
    """A plan with one rule; who is worse off in it."""

    def __post_init__(self) -> None:
        self.rule, self.params = self.rules[0], self.rules[0].params
        self.offers = sorted((o for o in self.plan.offers if o.status != "cancelled"), key=lambda offer: offer.name)
        self.comparisons: dict[Any, tuple[Compared, tuple[Offer, ...]]] = {}
        """By identity of the offers compared with, which are kept so that they stay the same."""
        self.overlap = self.paired = self.looked_at = False
        self.channels = self._channels()
        self.ways = [*sorted({way for offer in self.offers for way in offer.model.payment}), "\0some other way"]
        if "payment" not in self.params.compare_on:
            self.ways = ["\0any way"]

    def _channels(self) -> list[str]:
        """Those that anything names, and one more of the declared ones."""
        named = {channel for offer in self.offers for channel in offer.model.channels} | set(self.params.fallback)
        if self.params.at_channel is not None:
            named |= set(self.model.attributes[self.params.at_channel].values) & set(self.plan.words.channels)
        return [*sorted(named), next(name for name in sorted(self.plan.words.channels) if name not in named)]

    # --- days ---

    @cached_property
    def days(self) -> list[date]:
        """Every day on which something is open; of what has no end, some days after everything else has turned."""
        firsts = [o.first for o in self.hads if o.first > date.min]
        lasts = [o.last for o in self.hads if o.last < date.max]
        stated = [d for d in (self.rule.first, self.rule.last) if d is not None]
        end = max([*firsts, *lasts, *stated, self.as_of]) + timedelta(days=2)
        found = [self.as_of + timedelta(days=n) for n in range((end - self.as_of).days + 1)]
        if any(had.last == date.max for had in self.hads):
            year = end.year + 1
            leap = next(y for y in range(year, year + 9) if monthrange(y, 2)[1] == 29)
            found += [date(year, 1, 30), date(year, 1, 31), date(year, 2, 28), date(year, 3, 31), date(leap, 2, 29)]
        return [day for day in found if self.rule.in_effect(day)]

    # --- bundles ---

    @cached_property
    def too_many(self) -> bool:
        numbers = range(len(self.offers))
        return any(self._all_stack(some) and self._at_once(some) for some in combinations(numbers, MAX_STACKED + 1))

    def _at_once(self, numbers: tuple[int, ...]) -> bool:
        """Whether there is a day, a channel and a way to pay on which all can be had together."""
        had = self._had(numbers)
        return had is not None and had.first <= had.last and had.channels != frozenset() != had.payment

    def _all_stack(self, numbers: Sequence[int]) -> bool:
        return all(stack(self.offers[a], self.offers[b]) for a, b in combinations(numbers, 2))

    @cached_property
    def hads(self) -> list[Had]:
        found = []
        for size in range(1, MAX_STACKED + 1):
            for numbers in combinations(range(len(self.offers)), size):
                if self._all_stack(numbers) and (had := self._had(numbers)) is not None:
                    found.append(had)
        return found

    def _had(self, numbers: tuple[int, ...]) -> Had | None:
        offers = [self.offers[n] for n in numbers]
        bases = tuple(o.model.product for o in offers if not on_top(o, self.plan))
        additions = [o.model.product for o in offers if on_top(o, self.plan)]
        if not bases or not all(any(alike(a, base, self.plan) for base in bases) for a in additions):
            return None
        own = frozenset(o.campaign for o in offers if o.campaign and (o.status == "draft" or o.triggered))
        if len(own) > 1:
            return None
        firsts = [o.model.from_ or date.min for o in offers]
        lasts = [o.model.until or date.max for o in offers]
        lasts += [o.ended_on for o in offers if o.status == "ended" and o.ended_on is not None]
        channels, payment = common(o.model.channels for o in offers), common(o.model.payment for o in offers)
        mask = sum(1 << n for n in numbers)
        return Had(numbers, mask, bases, channels, payment, max(firsts), min(lasts), own)

    def same_products(self, a: Sequence[str], b: Sequence[str]) -> bool:
        if len(a) != len(b):
            return False
        return any(all(alike(x, y, self.plan) for x, y in zip(a, order, strict=True)) for order in permutations(b))

    @cached_property
    def judged(self) -> list[Had]:
        return [had for had in self.hads if any(spoken_of(self.offers[n], self.params) for n in had.numbers)]

    # --- who there is on a day ---

    @cached_property
    def apart(self) -> frozenset[str]:
        """In what the two of a pair may differ."""
        return told_apart(self.rule, self.model)

    def customers(self, day: date) -> Met:
        """What matters of all customers there can be on a day."""
        group = (self.rule.conditions["favoured"], self.rule.conditions["protected"], self.rule.group)
        home = self.params.at_channel
        asks = [*group, *(offer.eligible for offer in self.offers)]
        people = People(self.model, self.zone, [day], asks, [home] if home is not None else [])
        shared = [name for name in people.names if name not in self.apart]
        favoured: dict[Any, set[int]] = defaultdict(set)
        protected: dict[Any, set[Person]] = defaultdict(set)
        met = Met()
        for values in filter(people.facts, people.each()):
            mask = sum(people.when(offer.eligible, values) << n for n, offer in enumerate(self.offers))
            one, other, spoken = (bool(people.when(condition, values)) for condition in group)
            common = tuple(values[name] for name in shared)
            met.overlap |= one and other and spoken
            if one:
                favoured[common].add(mask)
            else:
                met.not_only |= mask
            if other and spoken:
                protected[common].add(Person(mask, values[home] if home is not None else None))
        met.pairs = {(p, frozenset(favoured[g])) for g in protected if g in favoured for p in protected[g]}
        met.takers = frozenset().union(*favoured.values())
        return met

    # --- who is worse off ---

    @cached_property
    def cases(self) -> list[tuple[Case, str]]:
        """Where the rule does not hold or is in doubt."""
        return [case for day in self.days for case in self.cases_on(day)]

    def cases_on(self, day: date) -> list[tuple[Case, str]]:
        judged = [had for had in self.judged if had.open_on(day)]
        if not judged:
            return []
        self.looked_at = True
        met = self.customers(day)
        self.overlap |= met.overlap
        self.paired |= bool(met.pairs)
        found = []
        for left in filter(None, (self.left_of(had, day, met.not_only) for had in judged)):
            pairs = [(p, masks) for p, masks in met.pairs if not left.had.within(p.mask)]
            for person in {p for p, masks in pairs if any(map(left.had.within, masks))}:
                for channel, way in product(self.compared_on(left, person, day, met.takers), self.ways):
                    if self.sold(left.had, channel, way):
                        case = Case(left, person, day, channel, way)
                        found.append((case, self.best(case)))
        return [(case, verdict) for case, verdict in found if verdict != GOOD]

    def sold(self, had: Had, channel: str, way: str) -> bool:
        paying = "payment" not in self.params.compare_on or had.payment is None or way in had.payment
        return paying and (had.channels is None or channel in had.channels)

    def compared_on(self, left: Left, person: Person, day: date, takers: frozenset[int]) -> list[str]:
        had = left.had
        channels = [c for c in self.channels if had.channels is None or c in had.channels]
        if self.params.at_channel is None:
            return channels
        home, fallback = person.home, self.params.fallback
        if isinstance(home, str) and self.for_favoured(left, home, day, takers):
            return [c for c in channels if c == home]
        if fallback and self.for_favoured(left, fallback[0], day, takers):
            return [c for c in channels if c in fallback]
        return channels

    def for_favoured(self, left: Left, channel: str, day: date, takers: frozenset[int]) -> bool:
        """Whether somebody favoured can have the product on a channel."""
        if channel not in self.plan.words.channels:
            return False
        for other in self.hads:
            counts = other is left.had or not other.own
            sold = other.open_on(day) and (other.channels is None or channel in other.channels)
            taken = any(map(other.within, takers))
            if counts and sold and taken and self.same_products(other.bases, left.bases):
                return True
        return False

    def best(self, case: Case) -> str:
        """The best verdict that anything the customer can take gets beside what they cannot take."""
        verdicts = {self.beside(other, case.left.offers, case.day).verdict for other in self.takes(case)}
        return GOOD if GOOD in verdicts else DOUBT if DOUBT in verdicts else WORSE

    def takes(self, case: Case) -> Iterator[Had]:
        """What the customer can take in its place."""
        for other in self.hads:
            open_to = other.within(case.person.mask) and other.open_on(case.day) and other.own <= case.had.own
            sold = open_to and self.sold(other, case.channel, case.way)
            if sold and self.same_products(other.bases, case.left.bases):
                yield other

    def measures(self, case: Case) -> Iterator[tuple[Decimal, Decimal]]:
        """What is paid for the cheapest that they can take, and for what they cannot, up to the horizon or where it fails last."""
        day, offers, last = case.day, case.left.offers, after(case.day, self.params.horizon)
        taken = list(self.takes(case))
        beside = [(self.in_all(other, offers, day, last), self.beside(other, offers, day)) for other in taken]
        for paid, here in beside:
            if here.dear and paid == min(other for other, _ in beside):
                mine, limit = here.paid[last if last in here.dear else here.dear[-1]]
                yield sum(mine.values(), Decimal(0)), sum(limit.values(), Decimal(0))

    def in_all(self, had: Had, other: tuple[Offer, ...], start: date, end: date) -> Decimal:
        """What is paid up to an end, with the value of the gifts that are lacking where gifts are compared."""
        mine = [self.offers[n].model for n in had.numbers]
        paid = sum(cost(mine, start, end).values(), Decimal(0))
        if "gifts" in self.params.compare_on:
            lacks, worth = _lacking(mine, other, start, end)
            paid += sum((worth[gift].amount * number for gift, number in lacks.items() if gift in worth), Decimal(0))
        return paid

    def beside(self, mine: Had, other: tuple[Offer, ...], day: date) -> Compared:
        key = (mine.numbers, tuple(map(id, other)), day)
        if key not in self.comparisons:
            found = compared([self.offers[n].model for n in mine.numbers], other, day, self.params)
            self.comparisons[key] = found, other
        return self.comparisons[key][0]

    def left_of(self, had: Had, day: date, not_only: int) -> Left | None:
        left, bases = [], []
        for number in had.numbers:
            offer: Offer | None = self.offers[number].model
            if self.params.exempt is not None and not not_only >> number & 1:
                offer = beyond(self.offers[number].model, self.params.exempt, day)
            left += [offer] if offer is not None else []
            if offer is not None and not on_top(self.offers[number], self.plan):
                bases.append(offer.product)
        return Left(had, tuple(left), tuple(bases)) if bases else None

    def document(self, number: int) -> str:
        return self.offers[number].campaign or self.offers[number].book or ""

    def where(self, case: Case) -> str:
        """Where a finding for a case stands."""
        return next(self.document(n) for n in case.had.numbers if not case.person.mask >> n & 1)


def at_renewal_price(offer: Offer, start: date) -> date:
    """From when on the renewal price holds."""
    return on(start, offer.billed, 1) if offer.commitment is None else after(start, offer.commitment)


def beyond(offer: Offer, exempt: Any, start: date) -> Offer | None:
    """What is left of an offer that is for the favoured alone, where something of it is exempt."""
    if exempt.disclosed and offer.claim.shown == "on-request":
        return offer
    if offer.billed == "once":
        return None
    limits = [on(start, offer.billed, 1)] if exempt.first_transaction else []
    limits += [start + timedelta(days=exempt.days)] if exempt.days is not None else []
    limit = min(limits)
    changes: dict[str, Any] = {"incentives": tuple(i for i in offer.incentives if after(start, i.earned_after) > limit)}
    if offer.renewal_price is not None:
        number = 0
        while on(start, offer.billed, number) < at_renewal_price(offer, start):
            number += 1
        if on(start, offer.billed, number) <= limit:
            changes |= {"price": offer.renewal_price, "renewal_price": None}
    return offer.model_copy(update=changes)


def some_world(draw: Draw) -> OfferWorld:
    maker = OfferMaker(draw)
    documents = maker.documents()
    return OfferWorld(documents, *built(documents), maker.first + timedelta(days=maker.some(0, 0, 0, 1, 2)))
