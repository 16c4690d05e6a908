"""Small random worlds of "was" prices, and what is true of them, found by trying every customer, day, channel and bundle.

What a product cost is written here a second time, from the text alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import Any

from tactful.checker.loaded import Loaded, Origin, RawDocument
from tactful.checker.loading import finish, take
from tactful.engine.clocks import civil_shift
from tactful.engine.plan.offers import PastPrice
from tactful.engine.plan.plan import Plan, PlannedOffer
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.scalars import parse_money

from tests.worlds.care import HELD, STARTS, UNPROVEN, VIOLATED
from tests.worlds.comparing import World
from tests.worlds.making import Draw, PairMaker, Shares, Texts
from tests.worlds.offers import MAX_STACKED, alike, on_top, spoken_of, stack
from tests.worlds.people import People

STATUSES = ("planned", "planned", "live", "draft", "cancelled", "ended", "triggered")
PRICES = ("10", "9.99", "10.01", "12", "8.5")
MAX_CUSTOMERS = 800
Measured = tuple[Decimal, Decimal]
"""What is said, and what it was."""


class PriceMaker(PairMaker):
    """Offers of which some say what they cost before, and what was asked before, in offers and in price histories."""

    starts = STARTS
    moving = 0.25

    def __init__(self, draw: Draw) -> None:
        super().__init__(draw)
        self.currencies = ["CNY", "CNY", "CNY", "USD"] if self.maybe(0.2) else ["CNY"]
        self.back = self.some("3d", "4d", "5d", "1w", "10d")
        self.length = {"1w": 7}.get(self.back) or int(self.back[:-1])
        self.billed = self.some("month", "month", "once")
        self.channels = self.some(["web"], ["web"], ["shop", "web"])

    def documents(self) -> list[Texts]:
        products: Texts = {"p": {"equivalent_to": ["q"]}, "q": {}}
        settings = {"tactful": "1", "timezone": self.some("Asia/Shanghai", "Asia/Shanghai", "Europe/Paris")}
        made = [settings, self.customers(), {"vocabulary": {"products": products}}]
        said = [self.says(f"was{n}") for n in range(self.some(1, 1, 1, 2, 3))]
        before = self.before() if self.maybe(0.9) else []
        return [*made, *self.places(said, before), {"policy": "p", "rules": [self.rule()]}]

    def money(self, *amounts: str) -> str:
        return f"{self.some(*(amounts or PRICES))} {self.some(*self.currencies)}"

    def eligible(self) -> Any:
        nobody, aside = {"all": [self.favoured, {"not": self.favoured}]}, self.aside()
        return self.some("everyone", "everyone", self.favoured, aside, {"all": [self.favoured, aside]}, nobody)

    def offer(self, name: str, price: str, fields: Shares) -> Texts:
        made: Texts = {"offer": name, "product": "q" if self.maybe(0.08) else "p", "price": price}
        return made | {"billed": self.billed, "eligible": "everyone"} | self.some_keys(**fields)

    def says(self, name: str) -> Texts:
        """An offer that says what it cost before."""
        fields: Shares = {
            "was": (1, lambda: {"price": self.money("10", "10", "9.99", "12")}),
            "eligible": (0.7, self.eligible),
            "from": (0.95, lambda: self.day(self.some(0, 0, 0, 1, 2))),
            "until": (0.7, lambda: self.day(self.some(2, 3, 9))),
            "channels": (0.9, self.channels),
        }
        return self.offer(name, self.money("7", "8", "10"), fields)

    def before(self) -> list[Texts]:
        """What was open before: one after the other, with a day between them missing or not, and other things."""
        made: list[Texts] = []
        start = -self.length - self.some(-1, 0, 0, 3)
        for number in range(self.some(1, 1, 2, 3)):
            end = -1 if self.maybe(0.5) else self.some(start + 1, start + 2, -2, 0)
            made.append(self.had(f"had{number}", start, max(start, end)))
            start = max(start, end) + self.some(0, 1, 1, 1, 2)
        if self.maybe(0.35):
            made += [self.voucher(f"off{n}", made) for n in range(self.some(1, 1, 2))]
        return made

    def had(self, name: str, first: int, last: int) -> Texts:
        fields: Shares = {
            "billed": (0.05, "month", "once", "year"),
            "eligible": (0.4, self.eligible),
            "from": (0.9, lambda: self.day(first)),
            "until": (0.95, lambda: self.day(last)),
            "channels": (0.5, self.channels, self.channels, ["shop"], ["web", "phone"]),
            "renewal_price": (0.1, self.money),
        }
        return self.offer(name, self.money("10", "10", *PRICES), fields)

    def voucher(self, name: str, before: list[Texts]) -> Texts:
        fields: Shares = {
            "eligible": (0.7, self.eligible),
            "from": (0.6, lambda: self.day(-self.some(1, 2, 3))),
            "until": (0.6, lambda: self.day(-1)),
            "channels": (0.2, ["shop"]),
            "renewal_price": (0.1, "0 CNY", "1 CNY"),
        }
        stacks = [offer["offer"] for offer in before if self.maybe(0.7)] or [before[0]["offer"]]
        made = self.offer(name, self.some("-1 CNY", "-0.01 CNY", "0 CNY"), fields) | {"stacks_with": stacks}
        return made | ({"product": "q"} if self.maybe(0.25) else {})

    def places(self, said: list[Texts], before: list[Texts]) -> list[Texts]:
        """Offers in one or two price books and in campaigns; histories stand under ``rows`` until they are read."""
        books: list[Texts] = [{"offers": "book0", "items": []}]
        if self.maybe(0.5):
            books.append({"offers": "book1", "items": []})
        campaigns: list[Texts] = []
        for offer in [*said, *before]:
            if self.maybe(0.7):
                self.some(*books)["items"].append(offer)
            elif campaigns and self.maybe(0.3):
                self.some(*campaigns)["offers"].append(offer)
            else:
                campaigns.append(self.holder(f"camp{len(campaigns)}", self.some(*STATUSES), [offer], 0))
        for book in books:
            if self.maybe(0.4):
                book |= {"history": "prices.csv", "rows": [self.row() for _ in range(self.some(1, 1, 2, 3))]}
        return [*(book for book in books if book["items"] or "rows" in book), *campaigns]

    def row(self) -> Texts:
        first = -self.length - self.some(0, 0, 1, -1)
        last = self.some(-1, -1, 0, first + 1, first + 2)
        return {
            "product": "p" if self.maybe(0.9) else "q",
            "channel": self.some("", "", *self.channels, "phone"),
            "price": self.money("10", "10", *PRICES),
            "first": self.day(first),
            "last": self.day(max(first, last)),
        }

    def rule(self) -> Texts:
        matches = ({"offer": "was0"}, {"offer": {"not": "was0"}}, {"product": "p"}, {"product": "q"})
        effective = ({"from": self.day(3)}, {"until": self.day(1)}, {"until": self.day(-1)})
        shares: Shares = {
            "match": (0.15, *matches),
            "effective": (0.15, *effective),
        }
        return {"rule": "r", "kind": "reference-price", "lowest_of": self.back} | self.some_keys(**shares)


def with_rows(documents: Sequence[Texts]) -> tuple[Plan, list[LinkedRule[Any]]]:
    """The plan and rules of documents whose price books carry the rows of their histories."""
    result = Loaded({})
    for number, value in enumerate(documents):
        name = f"document-{number}"
        rows = tuple(_past(row, line) for line, row in enumerate(value.get("rows", ()), 2))
        take(RawDocument(name, Origin(name), {key: item for key, item in value.items() if key != "rows"}), result)
        if rows:
            result.documents[-1] = replace(result.documents[-1], rows=rows)
            result.logs.add(name)
    finish(result)
    assert not result.problems, [(p.message.en, p.message.args, p.place) for p in result.problems]
    assert result.plan is not None
    return result.plan, result.rules


def _past(row: Texts, line: int) -> PastPrice:
    days = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    return PastPrice(row["product"], row["channel"], parse_money(row["price"]), *days, line)


# --- what is true of prices ------------------------------------------------------------------------------------------


@dataclass(repr=False)
class PriceWorld(World):
    """A plan with one rule, and what each price book and campaign must come to."""

    def __post_init__(self) -> None:
        plan, as_of = self.plan, self.as_of
        self.rule, self.params = self.rules[0], self.rules[0].params
        self.offers = [offer for offer in plan.offers if offer.status != "cancelled"]
        self.had = [offer for offer in self.offers if offer.status != "draft"]
        begins = [offer.model.from_ for offer in self.offers if offer.model.from_]
        first = civil_shift(min(begins), self.params.lowest_of, -1) if begins else as_of
        number = (max(begins, default=as_of) - first).days + 1
        days = [first + timedelta(days=n) for n in range(number)]
        self.people = People(plan.customers, plan.timezone, days, [offer.eligible for offer in self.had])

    @cached_property
    def eligible(self) -> list[set[frozenset[str]]]:
        """For each day, all that some customer who can exist is eligible for."""
        found: list[set[frozenset[str]]] = [set() for _ in self.people.days]
        for values in self.people.each():
            exists = self.people.facts(values)
            admitted = [(offer.name, self.people.when(offer.eligible, values) & exists) for offer in self.had]
            for n, names in enumerate(found):
                if exists >> n & 1:
                    names.add(frozenset(name for name, days in admitted if days >> n & 1))
        return found

    def truth(self) -> dict[str, dict[str, set[Measured]]]:
        """For each document, what is true of some offer in it, with the measures that show it."""
        found: dict[str, dict[str, set[Measured]]] = defaultdict(lambda: defaultdict(set))
        for offer in filter(self.judged, self.offers):
            verdict, measure = self.verdict(offer)
            found[offer.campaign or offer.book or ""][verdict] |= {measure} if measure else set()
        return found

    def judged(self, offer: PlannedOffer) -> bool:
        if offer.model.was is None or not spoken_of(offer, self.params):
            return False
        first = max(self.as_of, self.rule.first or date.min, offer.model.from_ or date.min)
        last = min(self.rule.last or date.max, self.last(offer))
        return first <= last

    def last(self, offer: PlannedOffer) -> date:
        ended = offer.ended_on if offer.status == "ended" else None
        return min(offer.model.until or date.max, ended or date.max)

    def verdict(self, offer: PlannedOffer) -> tuple[str, Measured | None]:
        if offer.model.from_ is None:
            return UNPROVEN, None
        assert offer.model.was is not None
        was = offer.model.was.price
        lowest: list[Decimal] = []
        known = True
        day = civil_shift(offer.model.from_, self.params.lowest_of, -1)
        while day < offer.model.from_:
            for channel in offer.model.channels or sorted(self.plan.words.channels):
                prices = [*self.rows(offer, day, channel), *self.prices(offer, day, channel)]
                known &= bool(prices)
                lowest += prices
            day += timedelta(days=1)
        if lowest and was.amount > min(lowest):
            return VIOLATED, (was.amount, min(lowest))
        return (HELD if known else UNPROVEN), None

    def rows(self, offer: PlannedOffer, day: date, channel: str) -> Iterator[Decimal]:
        assert offer.model.was is not None
        for row in self.plan.prices:
            there = row.first <= day <= row.last and row.channel in ("", channel)
            if there and row.product == offer.model.product and row.price.currency == offer.model.was.price.currency:
                yield row.price.amount

    def prices(self, offer: PlannedOffer, day: date, channel: str) -> Iterator[Decimal]:
        """What could be paid for the product there: an offer by itself, or with what is to be had on top of it."""
        assert offer.model.was is not None
        others = [o for o in self.had if o is not offer and self.open(o, day, channel)]
        wanted = offer.model.product, offer.model.billed
        bases = [o for o in others if not on_top(o, self.plan) and (o.model.product, o.model.billed) == wanted]
        additions = [o for o in others if on_top(o, self.plan)]
        for base in bases:
            for size in range(MAX_STACKED):
                for some in combinations(additions, size):
                    bundle = [base, *some]
                    if not all(stack(a, b) for a, b in combinations(bundle, 2)):
                        continue
                    if not all(alike(a.model.product, base.model.product, self.plan) for a in some):
                        continue
                    if {o.model.price.currency for o in bundle} != {offer.model.was.price.currency}:
                        continue
                    names = {o.name for o in bundle}
                    if any(names <= admitted for admitted in self.eligible[(day - self.people.days[0]).days]):
                        yield sum((o.model.price.amount for o in bundle), Decimal(0))

    def open(self, offer: PlannedOffer, day: date, channel: str) -> bool:
        there = not offer.model.channels or channel in offer.model.channels
        return there and (offer.model.from_ or date.min) <= day <= self.last(offer)


def some_world(draw: Draw) -> PriceWorld | None:
    """A world with few enough customers, if this is one."""
    maker = PriceMaker(draw)
    documents = maker.documents()
    as_of = maker.first + timedelta(days=maker.some(0, 0, 1, 3, -20))
    world = PriceWorld(documents, *with_rows(documents), as_of)
    return world if world.people.number <= MAX_CUSTOMERS else None
