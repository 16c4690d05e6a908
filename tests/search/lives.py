"""Small customer models, the searches' view of them, and every customer of theirs as the reference evaluator sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

from hypothesis import strategies as st
from tactful.engine.clocks import TICK, day_of, instant
from tactful.engine.plan.conditions import Condition
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import UNKNOWN, Customer, Value, admits, impossible, opaque_key
from tactful.engine.search.happenings import conditions_of_events
from tactful.engine.search.model import EventAt, SearchContext
from tactful.engine.space.space import space_for
from tactful.engine.windows import Window

from tests.space.drawing import ZONE, Draw, Written, model_of, values_of, written_conditions, written_tests

FIRST = date(2026, 3, 28)
"""The day before the clocks change."""
REACH = 4
"""Days around the first one that tell all tests of dates apart."""
DURATIONS = ("0d", "1d", "2d")
PLENTY = 200_000


def on(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An instant so many days after the first."""
    return instant(datetime.combine(FIRST + timedelta(days=day), time(hour, minute)), ZONE)


def today(at: datetime) -> date:
    return day_of(at, ZONE)


# --- what is drawn ---------------------------------------------------------------------------------------------------


@st.composite
def written_models(draw: Draw, most_moving: int = 1) -> Written:
    """Two or three attributes, a few of which change."""
    names = draw(
        st.lists(
            st.sampled_from(["city", "member", "points", "seen", "due", "likes"]), min_size=2, max_size=3, unique=True
        )
    )
    moving = draw(st.integers(0, most_moving))
    attributes = {}
    for number, name in enumerate(names):
        made: Written = {
            "city": {"type": "choice", "values": ["a", "b"]},
            "member": {"type": "flag"},
            "points": {"type": "number", "whole": "true", "minimum": "0", "maximum": "3"},
            "seen": {"type": "date"},
            "due": {"type": "date", "known": "ahead"},
            "likes": {"type": "labels", "values": ["x", "y"]},
        }[name]
        ways = ["freely", *(["forward", "forward"] if made["type"] in ("date", "number") else [])]
        made["changes"] = draw(st.sampled_from(ways)) if number < moving else "never"
        if draw(st.booleans()):
            made["always_known"] = "true"
        if name == "city" and draw(st.booleans()):
            made["others"] = "true"
        attributes[name] = made
    return attributes


def written_leaves(attributes: Written, listed: bool = True) -> st.SearchStrategy[Any]:
    """Tests of any of the attributes, and of the opaque segment ``listed``."""

    def of(name: str) -> st.SearchStrategy[Any]:
        if name == "listed":
            return st.just({"segment": "listed"})
        return written_tests(attributes[name], FIRST, DURATIONS, 3).map(lambda test: {name: test})

    return st.sampled_from([*attributes, *(["listed"] if listed else [])]).flatmap(of)


@st.composite
def models(draw: Draw, number: int, most_moving: int = 1, most_facts: int = 2) -> tuple[CustomerModel, list[Condition]]:
    """A model, and so many conditions on its customers."""
    attributes = draw(written_models(most_moving))
    leaves = written_leaves(attributes)
    asked = {f"asked-{n}": draw(written_conditions(leaves, 1)) for n in range(number)}
    fact = st.fixed_dictionaries({"if": leaves, "then": leaves})
    facts = draw(st.lists(fact, max_size=most_facts))
    model = model_of(attributes, {"listed": {"opaque": "true"}, **asked}, facts)
    return model, [model.segments[name] for name in asked]


def context_of(
    model: CustomerModel,
    conditions: Iterable[Condition],
    instants: Sequence[datetime],
    events: Sequence[EventAt] = (),
    begins: datetime | None = None,
) -> SearchContext:
    """What a search is told of a model: all that is asked, on all days on which it is."""
    told = conditions_of_events(model, conditions, {(today(at), name) for at, name in events})
    asked = [*instants, *(at - tick for at, _ in events for tick in (TICK, timedelta())), *([begins] if begins else [])]
    space = space_for(model, told, {today(at) for at in asked}, ())
    return SearchContext(space, instants, ZONE, today, (), begins)


# --- every customer --------------------------------------------------------------------------------------------------


def possible_values(attribute: Attribute, at: datetime) -> list[Value]:
    """What an attribute that changes can be at an instant: a date that is not known ahead lies on its day or before."""
    values = values_of(attribute, FIRST, REACH)
    if attribute.known == "ahead":
        return values
    return [value for value in values if not isinstance(value, date) or value <= today(at)]


def goes_back(before: Value, after: Value) -> bool:
    """Whether a known value is followed by a lesser one, or by none."""
    if before is UNKNOWN or before is None or after is UNKNOWN:
        return False
    return after is None or after < before  # type: ignore[operator]


Asked = Sequence[tuple[datetime, Condition]]


def meetings(model: CustomerModel, instants: Sequence[datetime], asked: Asked, one: Window | None = None) -> set[int]:
    """For every customer there can be, which of the conditions they meet, each at its instant: bits of an integer.

    All customers are tried, those with equal futures once. In the window ``one`` nothing changes.
    """
    steady = {n: values_of(a, FIRST, REACH) for n, a in model.attributes.items() if a.changes == "never"}
    steady |= {opaque_key(name): [False, True] for name in model.opaque}
    moving = [name for name in model.attributes if name not in steady]
    found: set[int] = set()
    for values in product(*steady.values()):
        base = dict(zip(steady, values, strict=True))
        ways = {(0, (UNKNOWN,) * len(moving), None)}
        for at in instants:
            options = _now(model, base, moving, at, asked)
            ways = {
                (met | more, _least(model, moving, least, now), now if one and one.holds(at) else inside)
                for met, least, inside in ways
                for now, more in options
                if _follows(model, moving, least, now)
                and not (one and one.holds(at) and inside is not None and inside != now)
            }
        found |= {met for met, _, _ in ways}
    return found


Now = tuple[Value, ...]


def _now(
    model: CustomerModel, base: dict[str, Value], moving: list[str], at: datetime, asked: Asked
) -> list[tuple[Now, int]]:
    """What customers can be at an instant, by the facts, and which conditions they meet then."""
    options = []
    for now in product(*(possible_values(model.attributes[name], at) for name in moving)):
        customer = Customer({**base, **dict(zip(moving, now, strict=True))})
        if all(admits(fact, customer, at, model, ZONE) for fact in model.facts):
            met = [when == at and admits(condition, customer, at, model, ZONE) for when, condition in asked]
            options.append((now, sum(1 << i for i, holds in enumerate(met) if holds)))
    return options


def _follows(model: CustomerModel, moving: list[str], least: Now, now: Now) -> bool:
    forward = [model.attributes[name].changes == "forward" for name in moving]
    return not any(only and goes_back(a, b) for only, a, b in zip(forward, least, now, strict=True))


def _least(model: CustomerModel, moving: list[str], least: Now, now: Now) -> Now:
    """What binds later instants: the last known value of what only goes forward."""
    return tuple(
        (b if b is not UNKNOWN else a) if model.attributes[name].changes == "forward" else UNKNOWN
        for name, a, b in zip(moving, least, now, strict=True)
    )


# --- one customer ----------------------------------------------------------------------------------------------------


def assert_exists(customer: Customer, model: CustomerModel, instants: Iterable[datetime]) -> None:
    """The reference evaluator finds nothing wrong with the customer, their facts and their events at these instants."""
    assert impossible(customer, model, instants, ZONE) is None


def met_by(customer: Customer, model: CustomerModel, asked: Asked) -> int:
    """Which of the conditions a customer meets, as bits."""
    return sum(1 << i for i, (at, condition) in enumerate(asked) if admits(condition, customer, at, model, ZONE))
