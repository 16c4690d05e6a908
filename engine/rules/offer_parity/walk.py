"""The walk by tenure: what the same customer would pay at each step of a number that the groups differ in."""

from __future__ import annotations

from decimal import Decimal

from ...clocks import civil_shift
from ...messages import Message, say
from ...reference import Customer, impossible
from ...reference.comparing import takes
from ...reference.offers import Bundle, cost, same_products
from ...scalars import Money
from ...space.dimensions import Dimension
from ..parity import scene
from .search import Searching, Worse
from .words import length, money

MOST_ROWS = 12


def walk(searching: Searching, worse: Worse) -> tuple[tuple[Message, ...], ...]:
    """A row for each stretch of the number, the first is the head; nothing where the groups differ in no number."""
    plan = searching.plan
    numbers = sorted(
        n
        for n in searching.groups.apart
        if n in plan.customers.attributes and plan.customers.attributes[n].type == "number"
    )
    if not numbers:
        return ()
    name = numbers[0]
    stage = scene(searching.question, searching.groups, searching.conditions(worse.market), worse.day)
    dimension = stage.space.dimensions.get(name)
    if dimension is None:
        return ()
    head = (
        say("{name}", "{name}", name=name.replace("_", " ")),
        say("the best there is", "可得的最优"),
        say("{span}", "{span}", span=length(searching.params.horizon)),
    )
    rows: list[tuple[Message, ...]] = []
    for label, value in _steps(dimension, plan.customers.attributes[name].whole):
        customer = _at(worse, name, value)
        if impossible(customer, plan.customers, [worse.at], plan.timezone) is not None:
            continue
        best = _best(searching, worse, customer)
        if best is None:
            rows.append((label, say("none", "无"), say("–", "–")))
        else:
            rows.append((label, say("{name}", "{name}", name=best[0].name), money(best[1])))
    return (head, *rows[:MOST_ROWS]) if len(rows) > 1 else ()


def _steps(dimension: Dimension, whole: bool) -> list[tuple[Message, Decimal]]:
    """A label and a value for each cell of a number."""
    found = []
    for sample, (low, high) in zip(dimension.samples, dimension.cuts, strict=False):
        if low is not None and low == high:
            label = say("{n}", "{n}", n=low)
        elif high is None:
            label = say(
                "{n} or more" if whole else "above {n}",
                "{n} 及以上" if whole else "大于 {n}",
                n=low + 1 if whole else low,
            )
        elif low is None:
            label = say("below {n}", "小于 {n}", n=high)
        elif whole and low + 1 == high - 1:
            label = say("{n}", "{n}", n=low + 1)
        else:
            label = say(
                "{a} to {b}" if whole else "between {a} and {b}",
                "{a} 至 {b}" if whole else "{a} 与 {b} 之间",
                a=low + 1 if whole else low,
                b=high - 1 if whole else high,
            )
        found.append((label, sample))
    return sorted(found, key=lambda entry: entry[1])


def _at(worse: Worse, name: str, value: Decimal) -> Customer:
    """The customer as he stands, with another number."""
    customer = worse.pair.customer
    names = {*customer.steady} | {n for _, values in customer.changing for n in values}
    return Customer({**{n: customer.value(n, worse.at) for n in names}, name: value})


def _best(searching: Searching, worse: Worse, customer: Customer) -> tuple[Bundle, Money] | None:
    plan = searching.plan
    end = civil_shift(worse.day, searching.params.horizon, +1)
    found: list[tuple[Decimal, Bundle, str]] = []
    for bundle in worse.market.bundles:
        there = bundle.open_on(worse.day) and bundle.sold(worse.channel, worse.payment)
        if (
            there
            and (bundle.standing or bundle is worse.preferred)
            and same_products(bundle, worse.preferred, plan.words)
        ):
            paid = cost(bundle, worse.day, end)
            if len(paid) == 1 and takes(bundle, customer, worse.at, plan.customers, plan.timezone):
                currency, amount = next(iter(paid.items()))
                found.append((amount, bundle, currency))
    if not found:
        return None
    amount, bundle, currency = min(found, key=lambda entry: (entry[0], entry[1].name))
    return bundle, Money(amount, currency)
