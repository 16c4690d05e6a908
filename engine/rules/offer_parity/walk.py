"""The walk by tenure: what the same customer would pay at each step of a number that the groups differ in."""

from __future__ import annotations

from decimal import Decimal

from ...clocks import civil_shift
from ...kit.comparing import comparison_on, still
from ...messages import Message, say
from ...reference import Customer, impossible
from ...reference.comparing import lacking, takes
from ...reference.offers import Bundle, cost, same_products
from ...scalars import Money
from ...space.dimensions import Dimension
from .search import Searching, Worse
from .words import length

MAX_ROWS = 12


def walk(searching: Searching, worse: Worse) -> tuple[tuple[Message, ...], ...]:
    """A row for each stretch of the number, the first is the head; nothing where the groups differ in no number."""
    plan = searching.plan
    numbers = sorted(
        n
        for n in searching.groups.differing_attributes
        if n in plan.customers.attributes and plan.customers.attributes[n].type == "number"
    )
    if not numbers:
        return ()
    name = numbers[0]
    stage = comparison_on(searching.evaluation, searching.groups, searching.conditions(worse.market), worse.day)
    dimension = stage.space.dimensions.get(name)
    if dimension is None:
        return ()
    head = (
        say("{name}", "{name}", name=name.replace("_", " ")),
        say("the best there is", "可得的最优"),
        say("{span}", "{span}", span=length(searching.params.horizon)),
    )
    rows: list[tuple[Decimal | None, Decimal | None, tuple[Message, ...]]] = []
    for low, high, value in _cells(dimension, plan.customers.attributes[name].whole):
        customer = _at(worse, name, value)
        if impossible(customer, plan.customers, [worse.at], plan.timezone) is not None:
            continue
        best = _best(searching, worse, customer)
        said = (
            (say("none", "无"), say("–", "–")) if best is None else (say("{n}", "{n}", n=best[0].name), best[1].message)
        )
        if rows and rows[-1][2] == said and rows[-1][1] is not None and low is not None:
            rows[-1] = (rows[-1][0], high, said)
        else:
            rows.append((low, high, said))
    if len(rows) < 2:
        return ()
    return (head, *((_range(low, high), *said) for low, high, said in rows[:MAX_ROWS]))


def _cells(dimension: Dimension, whole: bool) -> list[tuple[Decimal | None, Decimal | None, Decimal]]:
    """The least and the greatest number of each cell (None: open), and one that stands for it."""
    found = []
    for sample, (low, high) in zip(dimension.samples, dimension.cuts, strict=False):
        point = low is not None and low == high
        least = low if low is None or point or not whole else low + 1
        most = high if high is None or point or not whole else high - 1
        found.append((least, most, sample))
    return sorted(found, key=lambda entry: entry[2])


def _range(low: Decimal | None, high: Decimal | None) -> Message:
    if low is not None and low == high:
        return say("{n}", "{n}", n=low)
    if high is None:
        return say("{n} or more", "{n} 及以上", n=low) if low is not None else say("any", "任意")
    return say("up to {n}", "至 {n}", n=high) if low is None else say("{a} to {b}", "{a} 至 {b}", a=low, b=high)


def _at(worse: Worse, name: str, value: Decimal) -> Customer:
    """The customer as they stand, with another number."""
    return Customer({**still(worse.pair.customer, worse.at).steady, name: value})


def _best(searching: Searching, worse: Worse, customer: Customer) -> tuple[Bundle, Money] | None:
    plan = searching.plan
    end = civil_shift(worse.day, searching.params.horizon, +1)
    found: list[tuple[Decimal, Bundle, str]] = []
    for bundle in worse.market.bundles:
        there = bundle.open_on(worse.day) and worse.market.sold(bundle, worse.channel, worse.payment)
        if (
            there
            and (bundle.standing or bundle is worse.preferred)
            and same_products(bundle, worse.compared, plan.words)
        ):
            paid = cost(bundle, worse.day, end)
            if len(paid) == 1 and takes(bundle, customer, worse.at, plan.customers, plan.timezone):
                currency, amount = next(iter(paid.items()))
                compared = "gifts" in worse.market.terms.compare_on
                gifts = lacking(bundle, worse.compared, worse.day, end)[0] if compared else []
                amount += sum((gift.amount for gift in gifts if gift.currency == currency), Decimal(0))
                found.append((amount, bundle, currency))
    if not found:
        return None
    amount, bundle, currency = min(found, key=lambda entry: (entry[0], entry[1] is not worse.preferred, entry[1].name))
    return bundle, Money(amount, currency)
