"""Customers to whom something happens: what does, what must not, and what a change needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.clocks import TICK
from tactful.engine.plan.conditions import Condition
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import UNKNOWN, Customer, Value, impossible, set_value
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.customer import find_customer
from tactful.engine.search.model import Bar, Demand, EventAt, EventScript
from tactful.engine.search.result import NOBODY, Found

from tests.space.drawing import ZONE, Draw, Written, law, model_of, written_conditions

from .lives import FIRST, PLENTY, assert_exists, context_of, goes_back, met_by, on, today, written_leaves

NIGHT = on(0, 0)
HOURS = (8, 12, 20)
INSTANTS = [on(day, hour) for day in range(3) for hour in HOURS]
SLOTS: list[EventAt] = sorted(
    (on(day, hour) + timedelta(seconds=second), name)
    for day in range(3)
    for name, hour in (("visit", 10), ("done", 15))
    for second in (0, 59)
)
BEGINS = NIGHT - TICK


@st.composite
def written_events(draw: Draw, timed: bool, dated: bool) -> Written:
    """Two events that may ask and set something; ``timed``: each in one minute of the day; ``dated``: one sets its day."""
    visit: Written = {"hours": "10:00-10:01"} if timed else {}
    done: Written = {"hours": "15:00-15:01"} if timed else {}
    ways = [{}, {"waiting": "true"}, *([{"seen": "day"}, {"seen": "day", "waiting": "true"}] if dated else [])]
    sets = draw(st.sampled_from(ways))
    visit |= {"sets": sets} if sets else {}
    visit |= draw(st.sampled_from([{}, {}, {"if": {"city": "a"}}]))
    done |= draw(st.sampled_from([{}, {"sets": {"waiting": "false"}}]))
    done |= draw(st.sampled_from([{}, {}, {"if": {"waiting": "true"}}]))
    return {"visit": visit, "done": done}


@dataclass
class Story:
    """Conditions demanded each at its instant, of customers with events."""

    model: CustomerModel
    demanded: list[tuple[datetime, Condition]]
    script: EventScript

    def answer(self) -> Any:
        context = context_of(self.model, [c for _, c in self.demanded], INSTANTS, self.script.events, BEGINS)
        demands = [Demand(at, today(at), context.space.of(c, today(at))) for at, c in self.demanded]
        return find_customer(context, demands, SearchBudget(PLENTY), script=self.script)

    def fits(self, customer: Customer) -> bool:
        """Whether the customer meets all demands, and what must happen does."""
        happens = set(self.script.events) <= set(customer.events)
        return happens and met_by(customer, self.model, self.demanded) == (1 << len(self.demanded)) - 1

    def barred(self, customer: Customer) -> bool:
        """Whether something happens to the customer that must not."""
        return any(bar.holds(name, at) for bar in self.script.bars for at, name in customer.events)

    def customers(self) -> Iterator[Customer]:
        """Those to whom at most two things happen besides what must."""
        others = [slot for slot in SLOTS if slot not in self.script.events]
        for number in range(3):
            for more in combinations(others, number):
                events = tuple(sorted({*self.script.events, *more}))
                for beginning in self.beginnings():
                    yield self.lived(beginning, events)

    def beginnings(self) -> list[dict[str, Value]]:
        before: dict[str, list[Value]] = {"seen": [None, *(FIRST - timedelta(days=n) for n in (1, 2, 4))]}
        if self.model.attributes["seen"].changes == "never":
            before["seen"] += [FIRST + timedelta(days=n) for n in range(4)]
        before |= {"waiting": [False, True], "city": ["a", "b"]}
        for name, values in before.items():
            values += [] if self.model.attributes[name].always_known else [UNKNOWN]
        return [dict(zip(before, values, strict=True)) for values in product(*before.values())]

    def lived(self, beginning: dict[str, Value], events: tuple[EventAt, ...]) -> Customer:
        """The customer whose attributes follow from their events."""
        steady = {name: v for name, v in beginning.items() if self.model.attributes[name].changes == "never"}
        changing = [(NIGHT - timedelta(days=1), {n: v for n, v in beginning.items() if n not in steady})]
        for at, name in events:
            event = self.model.events[name]
            if sets := {word: set_value(event, word, at, ZONE) for word in event.sets if word not in steady}:
                changing.append((at, sets))
        return Customer(steady, tuple(changing), events)


@st.composite
def stories(draw: Draw, timed: bool, dated: bool) -> Story:
    known = [{"always_known": "true"} if draw(st.booleans()) else {} for _ in range(2)]
    attributes: Written = {
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
        "seen": {"type": "date", "changes": draw(st.sampled_from(["forward", "freely", "never"]))} | known[0],
        "waiting": {"type": "flag", "changes": "freely"} | known[1],
    }
    events = draw(written_events(timed, dated))
    number = draw(st.integers(1, 3))
    leaves = written_leaves(attributes, listed=False)
    asked = {f"asked-{n}": draw(written_conditions(leaves, 1)) for n in range(number)}
    facts = draw(st.lists(st.fixed_dictionaries({"if": leaves, "then": leaves}), max_size=1))
    model = model_of(attributes, asked, facts, events=events)
    demanded = [(draw(st.sampled_from(INSTANTS)), model.segments[name]) for name in asked]
    happen = draw(st.lists(st.sampled_from(SLOTS), max_size=2, unique=True))
    bars = draw(st.lists(some_bars(), max_size=2))
    return Story(model, demanded, EventScript(tuple(sorted(happen)), tuple(bars)))


@st.composite
def some_bars(draw: Draw) -> Bar:
    """A bar of whole parts of days, open on any side."""
    edges = [None, *(on(day, hour) for day in range(3) for hour in (0, 9, 12, 18))]
    names = draw(st.sets(st.sampled_from(["visit", "done"]), min_size=1))
    since, until = draw(st.sampled_from(edges)), draw(st.sampled_from(edges))
    if since is not None and until is not None and until < since:
        since, until = until, since
    return Bar(frozenset(names), since, until)


def found(story: Story) -> Customer | None:
    """Who is found has lived so; nobody is said only where no short life is so."""
    answer = story.answer()
    if isinstance(answer, Found):
        customer: Customer = answer.value
        assert_exists(customer, story.model, INSTANTS)
        assert story.fits(customer)
        values = [customer.value("seen", at) for at in sorted({*INSTANTS, *(at for at, _ in customer.events)})]
        if story.model.attributes["seen"].changes == "forward":
            assert not any(goes_back(a, b) for a, b in combinations(values, 2))
        return customer
    for customer in story.customers() if answer == NOBODY else ():
        if story.fits(customer) and not story.barred(customer):
            assert impossible(customer, story.model, [BEGINS, *INSTANTS], ZONE) is not None, customer
    return None


@law
@given(stories(timed=True, dated=True))
def test_what_is_found_has_lived_so(story: Story) -> None:
    found(story)


@law
@given(stories(timed=False, dated=False))
def test_what_is_barred_does_not_happen(story: Story) -> None:
    customer = found(story)
    assert customer is None or not story.barred(customer)
