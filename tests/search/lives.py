"""Small customer models, the searches' view of them, and every customer of theirs as the reference evaluator sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import permutations, product
from typing import Any

from hypothesis import strategies as st
from tactful.engine.clocks import TICK, day_of, instant
from tactful.engine.plan.conditions import Condition, attributes_of
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import UNKNOWN, Customer, Value, admits, impossible, opaque_key
from tactful.engine.search.happenings import conditions_of_events
from tactful.engine.search.model import EventAt, SearchContext
from tactful.engine.space.space import space_for
from tactful.engine.windows import Window

from tests.space.drawing import ZONE, Draw, Scale, Written, model_of, values_of, written_conditions, written_tests

FIRST = date(2026, 3, 28)
"""The day before the clocks change."""
SCALE = Scale(FIRST, tuple(range(-3, 4)), ("0d", "1d", "2d"))
REACH = 5
"""Days around the first one that tell all tests on this scale apart."""
PLENTY = 200_000


def on(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An instant so many days after the first."""
    return instant(datetime.combine(FIRST + timedelta(days=day), time(hour, minute)), ZONE)


def today(at: datetime) -> date:
    return day_of(at, ZONE)


KINDS: Written = {
    "city": {"type": "choice", "values": ["a", "b"]},
    "town": {"type": "choice", "values": ["a", "b"], "others": "true"},
    "member": {"type": "flag"},
    "points": {"type": "number", "whole": "true", "minimum": "0", "maximum": "3"},
    "seen": {"type": "date"},
    "due": {"type": "date", "known": "ahead"},
    "likes": {"type": "labels", "values": ["x", "y"]},
}
CHOICES = [*permutations(KINDS, 2), *permutations(KINDS, 3)]


# --- what is drawn ---------------------------------------------------------------------------------------------------


@st.composite
def written_models(draw: Draw, most_moving: int = 1) -> Written:
    """Two or three attributes, a few of which change."""
    attributes = {}
    moving = draw(st.integers(0, most_moving))
    for number, name in enumerate(draw(st.sampled_from(CHOICES))):
        grows = KINDS[name]["type"] in ("date", "number")
        ways = ["never"] if number >= moving else ["freely", "forward", "forward"] if grows else ["freely"]
        known = draw(st.sampled_from([{}, {"always_known": "true"}]))
        attributes[name] = KINDS[name] | {"changes": draw(st.sampled_from(ways))} | known
    return attributes


@st.composite
def written_leaves(draw: Draw, attributes: Written, listed: bool = True) -> Any:
    """A test of any of the attributes, or of the opaque segment ``listed``."""
    name = draw(st.sampled_from([*attributes, *(["listed"] if listed else [])]))
    return {"segment": name} if name == "listed" else {name: draw(written_tests(attributes[name], SCALE))}


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
    zones: tuple[str, ...] = (),
) -> SearchContext:
    """What a search is told of a model: all that is asked, on all days on which it is."""
    told = conditions_of_events(model, conditions, {(today(at), name) for at, name in events})
    asked = [*instants, *(at - tick for at, _ in events for tick in (TICK, timedelta())), *([begins] if begins else [])]
    space = space_for(model, told, {today(at) for at in asked}, zones)
    return SearchContext(space, instants, ZONE, today, begins)


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
Now = tuple[Value, ...]
Test = Callable[[dict[str, Value]], bool]


def meetings(model: CustomerModel, instants: Sequence[datetime], asked: Asked, one: Window | None = None) -> set[int]:
    """For every customer there can be, which of the conditions they meet, each at its instant: bits of an integer.

    All customers are tried, those with equal futures once. In the window ``one`` nothing changes.
    """
    steady = {n: values_of(a, FIRST, REACH) for n, a in model.attributes.items() if a.changes == "never"}
    steady |= {opaque_key(name): [False, True] for name in model.opaque}
    moving = [name for name in model.attributes if name not in steady]
    facts = {at: [_test(model, at, fact) for fact in model.facts] for at in instants}
    tests = {at: [(1 << i, _test(model, at, c)) for i, (when, c) in enumerate(asked) if when == at] for at in instants}
    nothing: Now = (UNKNOWN,) * len(moving)
    found: set[int] = set()
    for values in product(*steady.values()):
        base = dict(zip(steady, values, strict=True))
        ways: set[tuple[int, Now, Now | None]] = {(0, nothing, None)}
        for at in instants:
            options: set[tuple[int, Now, Now | None]] = set()
            for now in product(*(possible_values(model.attributes[name], at) for name in moving)):
                customer = {**base, **dict(zip(moving, now, strict=True))}
                if all(holds(customer) for holds in facts[at]):
                    met = sum(bit for bit, holds in tests[at] if holds(customer))
                    options.add((met, _binding(model, moving, now), now if one and one.holds(at) else None))
            ways = {
                (
                    met | more,
                    tuple(b if b is not UNKNOWN else a for a, b in zip(least, new, strict=True)),
                    held or inside,
                )
                for met, least, inside in ways
                for more, new, held in options
                if not any(map(goes_back, least, new)) and (inside is None or held in (None, inside))
            }
        found |= {met for met, _, _ in ways}
    return found


def _binding(model: CustomerModel, moving: list[str], now: Now) -> Now:
    """What binds later instants: the known values of what only goes forward."""
    forward = [model.attributes[name].changes == "forward" for name in moving]
    return tuple(value if only else UNKNOWN for only, value in zip(forward, now, strict=True))


def _test(model: CustomerModel, at: datetime, condition: Condition) -> Test:
    """Whether a condition admits somebody at an instant, asked once for all who are alike in what it asks about."""
    names = [*sorted(attributes_of(condition)), *map(opaque_key, model.opaque)]
    known: dict[Now, bool] = {}

    def holds(values: dict[str, Value]) -> bool:
        mine = tuple(values[name] for name in names)
        if mine not in known:
            known[mine] = admits(condition, Customer(values), at, model, ZONE)
        return known[mine]

    return holds


# --- one customer ----------------------------------------------------------------------------------------------------


def assert_exists(customer: Customer, model: CustomerModel, instants: Iterable[datetime]) -> None:
    """The reference evaluator finds nothing wrong with the customer, their facts and their events at these instants."""
    assert impossible(customer, model, instants, ZONE) is None


def met_by(customer: Customer, model: CustomerModel, asked: Asked) -> int:
    """Which of the conditions a customer meets, as bits."""
    return sum(1 << i for i, (at, condition) in enumerate(asked) if admits(condition, customer, at, model, ZONE))
