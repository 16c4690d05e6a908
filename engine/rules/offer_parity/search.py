"""Is there a protected customer who is worse off? Subtracts all who have something as good, until somebody remains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from ...clocks import civil_shift
from ...kit.comparing import GroupComparison, Groups, comparison_on, groups_of
from ...kit.evaluation import Evaluation
from ...kit.offers import matching
from ...kit.replay import not_replayed
from ...messages import Message, say
from ...plan.conditions import EVERYONE, Condition, Not, OneOf, Some
from ...plan.plan import PlannedOffer
from ...policy.linked import LinkedRule
from ...reference.comparing import Pair, Shortfall, counterparts, lacking, shortfalls, takes
from ...reference.offers import Bundle, cost, same_products
from ...scalars import Money
from ...search.result import Found, Undecided, decided
from ...space.boxes import Box, Union, intersection
from .market import ELSEWHERE, Market
from .params import OfferParity

MAX_LIKE = 12
"""How many holes are looked at for the customer of whom a finding tells."""


@dataclass(frozen=True)
class Worse:
    """Somebody who is worse off on a day: the better offer, where it can be had, and what is left to them."""

    market: Market
    preferred: Bundle
    compared: Bundle
    """What of the better offer is compared: all of it, or what is left beyond an exemption."""
    pair: Pair
    at: datetime
    day: date
    channel: str
    payment: str
    has: Bundle | None
    """The best that they can get there, if anything."""
    lacks: tuple[Shortfall, ...]
    not_exempt: Message | None = None


@dataclass(frozen=True)
class Doubted:
    """A better offer for which it is not known whether somebody is worse off."""

    preferred: Bundle
    missing: Message


class Searching:
    """One rule over the offers of a plan."""

    def __init__(self, rule: LinkedRule[OfferParity], evaluation: Evaluation, allow: Decimal | None = None) -> None:
        self.allow = allow
        """Up to what a waiver lets somebody pay more."""
        self.rule, self.evaluation, self.params = rule, evaluation, rule.params
        self.plan = evaluation.plan
        self.groups: Groups = groups_of(rule, evaluation.plan)
        self.judged = matching(rule, evaluation.plan.offers, evaluation.plan)
        self.exempted: set[str] = set()

    def worse_off(self, market: Market, days: Sequence[date]) -> Iterator[Worse | Doubted]:
        """For each better offer the first somebody who is worse off, or what is not known; nothing: it is proved.

        Raises BudgetExhausted, TooManyBoxes.
        """
        settled: set[int] = set()
        doubts: dict[int, Doubted] = {}
        for day in days:
            here = MarketOnDay(
                self, market, comparison_on(self.evaluation, self.groups, self.conditions(market), day), day
            )
            for preferred in market.bundles:
                number = id(preferred)
                if number in settled or not self._is_judged(preferred) or not preferred.open_on(day):
                    continue
                found = here.worse_off(preferred)
                if isinstance(found, Worse):
                    settled.add(number)
                    yield found
                elif found is not None:
                    doubts.setdefault(number, found)
        yield from (doubt for number, doubt in doubts.items() if number not in settled)

    def conditions(self, market: Market) -> list[Condition]:
        """What a scene of the market must tell apart."""
        name = self.params.at_channel
        return [*market.conditions, *([OneOf(name, frozenset(self.own_channels()))] if name else [])]

    def forgiven(self, short: Shortfall) -> bool:
        return (
            self.allow is not None
            and isinstance(short.mine, Money)
            and short.what == "price"
            and short.mine.amount <= self.allow
        )

    def _is_judged(self, bundle: Bundle) -> bool:
        return any(offer.name in self.judged for offer in bundle.offers)

    def own_channels(self) -> list[str]:
        """The channels that a customer's own may be, where each is compared on their own."""
        name = self.params.at_channel
        return sorted(self.plan.customers.attributes[name].values) if name else []

    def whose(self, channel: str, gone: frozenset[str]) -> Condition | None:
        """Whose channel it is, where a rule compares each customer on their own; None: everybody's."""
        name, fallback = self.params.at_channel, self.params.fallback
        if name is None:
            return None
        declared = frozenset(self.own_channels())
        mine: list[Condition] = [OneOf(name, frozenset({channel}))] if channel in declared else []
        if not fallback or channel in fallback or fallback[0] in gone:
            there = OneOf(name, declared - gone)
            mine.append(Not(there) if there.values else EVERYONE)
        return Some(tuple(mine))


class MarketOnDay:
    """One market on one day."""

    def __init__(self, searching: Searching, market: Market, stage: GroupComparison, day: date) -> None:
        self.searching, self.market, self.stage, self.day = searching, market, stage, day
        self.open = [bundle for bundle in market.bundles if bundle.open_on(day)]
        self._eligible: dict[int, Union] = {}
        self._taken: dict[int, bool] = {}

    def eligible(self, bundle: Bundle) -> Union:
        if id(bundle) not in self._eligible:
            self._eligible[id(bundle)] = self.stage.of([offer.eligible for offer in bundle.offers])
        return self._eligible[id(bundle)]

    def taking(self, bundle: Bundle) -> Union:
        """The favoured who can take it."""
        return intersection(self.stage.favoured, self.eligible(bundle))

    def worse_off(self, preferred: Bundle) -> Worse | Doubted | None:
        answer = decided(lambda: self._worse_off(preferred))
        return Doubted(preferred, answer.why) if isinstance(answer, Undecided) else answer

    def _worse_off(self, preferred: Bundle) -> Worse | Doubted | None:
        own = self.eligible(preferred)
        start = intersection(self.stage.protected, self.stage.like(self.taking(preferred)))
        if not self.stage.anybody(start, [own]):
            return None
        compared = self._compared(preferred)
        if compared is None:
            return None
        good, maybe = self._as_good(preferred, compared)
        found = self._without(preferred, compared, start, [*good, *maybe])
        if found is not None or not maybe:
            return found
        if self._without(preferred, compared, start, good) is None:
            return None
        return Doubted(preferred, next(s.doubt for k in maybe for s in self._lacks(k, compared) if s.doubt is not None))

    def _without(
        self, preferred: Bundle, compared: Bundle, start: Union, serving: Sequence[Bundle]
    ) -> Worse | Doubted | None:
        """Somebody who has none of what serves on some channel, paying in some way."""
        reached: set[object] = set()
        own, taking = self.eligible(preferred), self.taking(preferred)
        gone = self._gone(preferred, compared)
        doubted = None
        for channel, payment in self._ways(preferred):
            whose = self.searching.whose(channel, gone)
            there = [k for k in serving if self.market.sold(k, channel, payment)]
            key = (frozenset(map(id, there)), whose)
            if key in reached:
                continue
            reached.add(key)
            mine = start if whose is None else intersection(start, self.stage.space.of(whose, self.day))
            unions = [own, *(self.eligible(k) for k in there)]
            found = self._somebody(preferred, compared, mine, unions, taking, (channel, payment))
            if isinstance(found, Worse):
                return found
            doubted = doubted or found
        return doubted

    def _ways(self, preferred: Bundle) -> Iterator[tuple[str, str]]:
        """Every channel and way to pay on which it can be had, those that offers name first."""
        channels = [c for c in self.market.channels if preferred.channels is None or c in preferred.channels]
        ways = [p for p in self.market.payments if preferred.payment is None or p in preferred.payment]
        for payment in ways if "payment" in self.searching.params.compare_on else [ELSEWHERE]:
            yield from ((channel, payment) for channel in channels)

    def _gone(self, preferred: Bundle, compared: Bundle) -> frozenset[str]:
        """The channels of customers on which nobody favoured can have the product."""
        words = self.searching.plan.words
        there = [
            b
            for b in self.open
            if (b is preferred or b.standing) and same_products(b, compared, words) and self._is_taken(b)
        ]
        return frozenset(
            channel
            for channel in (*self.searching.own_channels(), *self.searching.params.fallback)
            if channel not in words.channels or not any(b.channels is None or channel in b.channels for b in there)
        )

    def _is_taken(self, bundle: Bundle) -> bool:
        """Whether somebody favoured can take it, by all that the facts say."""
        if id(bundle) not in self._taken:
            self._taken[id(bundle)] = self.stage.anybody(self.taking(bundle))
        return self._taken[id(bundle)]

    def _compared(self, preferred: Bundle) -> Bundle | None:
        """The better offer without what is exempt of it; None: all of it is."""
        if self.searching.params.exempted is None:
            return preferred
        names = frozenset(offer.name for offer in preferred.offers if self._only_favoured(offer))
        left = self.market.left_of(preferred, names, self.day)
        if left is not None and left.models == preferred.models:
            return preferred
        self.searching.exempted |= {o.name for o in preferred.offers if left is None or o.model not in left.models}
        return left

    def _not_exempt(self, preferred: Bundle) -> Message | None:
        """Why the better offer, or a part of it, is not exempt, where newcomers may have something for themselves."""
        exempt = self.searching.params.exempted
        if exempt is None:
            return None
        for offer in preferred.offers:
            if not self._only_favoured(offer):
                why: Message | None = say("it admits others than the favoured", "它也接受受优待群体之外的客户")
            else:
                why = exempt.why_not(offer.model, self.day)
            if why is not None:
                return say("{name} is not exempt: {why}", "{name} 不予豁免：{why}", name=offer.name, why=why)
        return None

    def _only_favoured(self, offer: PlannedOffer) -> bool:
        favoured = self.stage.of(self.stage.groups.favoured)
        return not self.stage.anybody(self.stage.of([offer.eligible]), [favoured])

    def _others(self, preferred: Bundle, compared: Bundle) -> list[Bundle]:
        return counterparts(preferred, compared, self.open, self.searching.plan.words)

    def _lacks(self, bundle: Bundle, compared: Bundle) -> list[Shortfall]:
        found = self.market.shortfalls(bundle, compared, self.day)
        return [short for short in found if not self.searching.forgiven(short)]

    def _as_good(self, preferred: Bundle, compared: Bundle) -> tuple[list[Bundle], list[Bundle]]:
        """What is as good, and what may be."""
        lacks = [(other, self._lacks(other, compared)) for other in self._others(preferred, compared)]
        good = [other for other, listed in lacks if not listed]
        return good, [other for other, listed in lacks if listed and all(s.doubt is not None for s in listed)]

    def _somebody(
        self,
        preferred: Bundle,
        compared: Bundle,
        start: Union,
        serving: Sequence[Union],
        taking: Union,
        way: tuple[str, str],
    ) -> Worse | Doubted | None:
        """The first customer who can be and has nothing of what serves; a doubt if it is not known whether there is one."""
        conditions = [offer.eligible for offer in preferred.offers]
        answer = self.stage.first_pair(start, serving, taking, conditions, self.searching.evaluation.fresh_budget())
        if isinstance(answer, Found):
            return self._replayed(preferred, compared, answer.value, way)
        return Doubted(preferred, answer.why) if isinstance(answer, Undecided) else None

    def others_like(self, worse: Worse) -> Iterator[Worse]:
        """More customers who are worse off in the same way: some of each hole, at each step of a number they differ in."""
        budget = self.searching.evaluation.fresh_budget()
        preferred, way = next(b for b in self.open if b.name == worse.preferred.name), (worse.channel, worse.payment)
        taking, serving = self.taking(preferred), [self.eligible(preferred)]
        start = intersection(self.stage.protected, self.stage.like(taking))
        serving += [self.eligible(k) for k in self._as_good(preferred, worse.compared)[0] if self.market.sold(k, *way)]
        whose = self.searching.whose(worse.channel, self._gone(preferred, worse.compared))
        start = start if whose is None else intersection(start, self.stage.space.of(whose, self.day))
        conditions = [offer.eligible for offer in preferred.offers]
        numbers = [n for n in sorted(self.stage.groups.differing_attributes) if self._is_number(n)][:1]
        for hole in islice(self.stage.holes(start, serving, budget), MAX_LIKE):
            for part in self._parted(hole, numbers):
                answer = self.stage.pair(part, taking, conditions, budget)
                if isinstance(answer, Found):
                    found = self._replayed(preferred, worse.compared, answer.value, way)
                    if isinstance(found, Worse):
                        yield found

    def _is_number(self, name: str) -> bool:
        attribute = self.searching.plan.customers.attributes.get(name)
        return attribute is not None and attribute.type == "number" and name in self.stage.space.dimensions

    def _parted(self, hole: Box, numbers: Sequence[str]) -> Iterator[Box]:
        """The hole, for each cell of a number apart."""
        if not numbers:
            yield hole
            return
        dimension = self.stage.space.dimensions[numbers[0]]
        mask = hole.get(numbers[0], dimension.full)
        yield from ({**hole, numbers[0]: 1 << cell} for cell in range(mask.bit_length()) if mask >> cell & 1)

    def _replayed(self, preferred: Bundle, compared: Bundle, pair: Pair, way: tuple[str, str]) -> Worse | Doubted:
        """What is left to the customer there, judged anew by the reference."""
        plan, at = self.searching.plan, self.stage.at

        def can_take(bundle: Bundle) -> bool:
            return takes(bundle, pair.customer, at, plan.customers, plan.timezone)

        if can_take(preferred) or not takes(preferred, pair.twin, at, plan.customers, plan.timezone):
            return Doubted(preferred, not_replayed())
        mine = [k for k in self._others(preferred, compared) if self.market.sold(k, *way) and can_take(k)]
        forgiven = self.searching.forgiven
        lacks = [
            (k, [s for s in shortfalls(k, compared, self.day, self.market.terms) if not forgiven(s)]) for k in mine
        ]
        if any(not listed for _, listed in lacks):
            return Doubted(preferred, not_replayed())
        horizon = civil_shift(self.day, self.searching.params.horizon, +1)
        has, short = min(lacks, key=lambda entry: self._paid(entry[0], compared, horizon), default=(None, []))
        sure = tuple(s for s in short if s.doubt is None)
        return Worse(self.market, preferred, compared, pair, at, self.day, *way, has, sure, self._not_exempt(preferred))

    def _paid(self, bundle: Bundle, compared: Bundle, end: date) -> Decimal:
        """For choosing the cheapest: what is paid by then, with the value of gifts that are lacking."""
        gifts = lacking(bundle, compared, self.day, end)[0] if "gifts" in self.market.terms.compare_on else []
        return sum([*cost(bundle, self.day, end).values(), *(gift.amount for gift in gifts)], Decimal(0))
