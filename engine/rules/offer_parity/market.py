"""The market of one product: everything that can be had of it, by whom, on which days, and how it is compared."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from ...clocks import civil_shift
from ...kit.comparing import Groups
from ...kit.date_edges import MAX_DAYS, DateEdges, most_days, next_day, too_many_days
from ...kit.evaluation import Evaluation
from ...plan.conditions import Condition
from ...plan.offers import DAYS, MONTHS
from ...plan.plan import PlannedOffer
from ...policy.linked import LinkedRule
from ...reference.comparing import Shortfall, Terms, shortfalls, what_is_left
from ...reference.offers import Bundle, bundles
from ...scalars import Duration
from .params import OfferParity

YEAR = 366
"""Open offers of a plan without a stated period are followed for so many days."""
ELSEWHERE = ""
"""A way to pay that no offer names."""


@dataclass(frozen=True)
class Span:
    """Days, both inclusive, on which offers are compared."""

    first: date
    last: date


def span_of(rule: LinkedRule[OfferParity], evaluation: Evaluation) -> Span | None:
    """From as-of to the end of the plan or of its last offer, within what the rule binds."""
    stated = evaluation.plan.stated_period
    first = max([evaluation.as_of, *([rule.first] if rule.first else [])])
    ends = [stated[1] if stated else evaluation.as_of + timedelta(days=YEAR)]
    last = max([*ends, *(day for o in evaluation.plan.offers for day in (o.model.from_, o.last) if day is not None)])
    if rule.last is not None:
        last = min(last, rule.last)
    return Span(first, last) if first <= last else None


class Market:
    """Offers of one product and of what is equivalent to it or stacks with it."""

    def __init__(
        self, rule: LinkedRule[OfferParity], evaluation: Evaluation, groups: Groups, offers: Sequence[PlannedOffer]
    ) -> None:
        self.evaluation, self.plan, self.offers, self.groups = evaluation, evaluation.plan, offers, groups
        self.params = rule.params
        self.terms: Terms = rule.params.terms
        self._better: dict[tuple[int, int, tuple[int, ...]], list[Shortfall]] = {}
        self._kept: list[Bundle] = []
        self._left: dict[tuple[int, frozenset[str], tuple[int, ...]], Bundle | None] = {}
        self._lies: dict[date, tuple[int, ...]] = {}

    @cached_property
    def bundles(self) -> list[Bundle]:
        return bundles(self.offers, self.plan.words)

    @cached_property
    def conditions(self) -> list[Condition]:
        return [offer.eligible for offer in self.offers]

    @cached_property
    def channels(self) -> list[str]:
        """Every declared channel, those that offers name first."""
        named = dict.fromkeys(channel for offer in self.offers for channel in offer.model.channels)
        return [*named, *(channel for channel in self.plan.words.channels if channel not in named)]

    @cached_property
    def payments(self) -> list[str]:
        named = dict.fromkeys(way for offer in self.offers for way in offer.model.payment)
        return [*named, ELSEWHERE]

    @cached_property
    def lengths(self) -> list[Duration]:
        """Every length of time that a comparison counts from the start, where some are in days and others in months."""
        found: set[Duration] = {self.terms.horizon}
        if self.params.exempt is not None and self.params.exempt.days:
            found.add(Duration(self.params.exempt.days, "d"))
        for model in (offer.model for offer in self.offers):
            earned = [incentive.earned_after for incentive in model.incentives]
            found |= {
                d
                for d in (model.commitment, model.cancel.notice if model.cancel else None, *earned)
                if d is not None and d.amount
            }
        longest = max(most_days(duration) for duration in found)
        for billed in {offer.model.billed for offer in self.offers}:
            if billed in MONTHS:
                found |= {Duration(n, "mo") for n in range(MONTHS[billed], longest // 28 + 13, MONTHS[billed])}
            elif billed in DAYS:
                found |= {Duration(n, "d") for n in range(DAYS[billed], longest + 2, DAYS[billed])}
        units = {duration.unit in ("d", "w") for duration in found}
        return sorted(found, key=str) if len(units) > 1 else []

    def lie(self, day: date) -> tuple[int, ...]:
        """How the ends of all lengths lie to one another from a day on: on two such days the same is paid at each end."""
        if day not in self._lies:
            days, months = self._apart
            found = []
            for duration in months:
                n = (civil_shift(day, duration, +1) - day).days
                found.append(2 * bisect_left(days, n) + (n in self._fixed))
            self._lies[day] = tuple(found)
        return self._lies[day]

    @cached_property
    def _apart(self) -> tuple[list[int], list[Duration]]:
        """The lengths in days, in order, and those in months: only the latter change with the day."""
        days = sorted({d.amount * (7 if d.unit == "w" else 1) for d in self.lengths if d.unit in ("d", "w")})
        return days, [d for d in self.lengths if d.unit not in ("d", "w")]

    @cached_property
    def _fixed(self) -> frozenset[int]:
        return frozenset(self._apart[0])

    def sold(self, bundle: Bundle, channel: str, payment: str) -> bool:
        """Whether it can be had on a channel, and paid so where ways to pay are compared."""
        asked = "payment" in self.terms.compare_on
        return bundle.sold(channel, payment if asked else next(iter(bundle.payment or [ELSEWHERE])))

    def shortfalls(self, mine: Bundle, other: Bundle, day: date) -> list[Shortfall]:
        """In what one is not as good as the other for who takes it on a day; found once where the day is all the same."""
        key = (id(mine), id(other), self.lie(day))
        if key not in self._better:
            self._kept += [mine, other]
            self._better[key] = shortfalls(mine, other, day, self.terms)
        return self._better[key]

    def left_of(self, bundle: Bundle, exempt: frozenset[str], day: date) -> Bundle | None:
        """The bundle without what is exempt of it, found once."""
        key = (id(bundle), exempt, self.lie(day))
        if key not in self._left:
            assert self.params.exempted is not None  # noqa: S101
            self._left[key] = what_is_left(bundle, exempt, self.params.exempted, day)
        return self._left[key]

    def days(self, span: Span) -> list[date]:
        """One day for each stretch or kind of days that are alike: the same offers are open and all answers are the same."""
        firsts = {day for o in self.offers if (day := o.model.from_) is not None}
        after = {next_day(day) for o in self.offers if (day := o.last) is not None}
        starts = sorted({span.first} | {day for day in firsts | after if span.first <= day <= span.last})
        edges = DateEdges(self.evaluation, [*self.groups.conditions, *self.conditions])
        dated = edges.turn
        found: list[date] = []
        looked = 0
        for i, start in enumerate(starts):
            last = starts[i + 1] - timedelta(days=1) if i + 1 < len(starts) else span.last
            if not (dated or self.lengths):
                found.append(start)
                continue
            seen: set[object] = set()
            for n in range((min(last, edges.settled(start)) - start).days + 1):
                looked += 1
                if looked > MAX_DAYS:
                    raise too_many_days()
                day = start + timedelta(days=n)
                key = (edges.pattern(day) if dated else (), self.lie(day))
                if key not in seen:
                    seen.add(key)
                    found.append(day)
        return found


def markets(rule: LinkedRule[OfferParity], evaluation: Evaluation, groups: Groups) -> list[Market]:
    """The offers of the plan, apart where no product is equivalent and nothing stacks. Cancelled ones are none."""
    offers = [offer for offer in evaluation.plan.offers if offer.status != "cancelled"]
    products = evaluation.plan.words.products
    near: dict[str, set[str]] = {}
    for offer in offers:
        mine, product = f"offer {offer.name}", f"product {offer.model.product}"
        others = [f"offer {name}" for name in offer.model.stacks_with]
        others += [product, *(f"product {name}" for name in products[offer.model.product].equivalent_to)]
        for other in others:
            near.setdefault(mine, set()).add(other)
            near.setdefault(other, set()).add(mine)
    for name, declared in products.items():
        for equivalent in declared.equivalent_to:
            near.setdefault(f"product {name}", set()).add(f"product {equivalent}")
            near.setdefault(f"product {equivalent}", set()).add(f"product {name}")
    found: list[list[PlannedOffer]] = []
    seen: dict[str, int] = {}
    for offer in offers:
        if f"offer {offer.name}" not in seen:
            _mark(f"offer {offer.name}", near, seen, len(found))
            found.append([])
        found[seen[f"offer {offer.name}"]].append(offer)
    return [Market(rule, evaluation, groups, sorted(listed, key=lambda o: o.name)) for listed in found]


def _mark(start: str, near: Mapping[str, set[str]], seen: dict[str, int], number: int) -> None:
    """Gives everything that hangs together with ``start`` its number."""
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen[here] = number
            waiting += near[here]
