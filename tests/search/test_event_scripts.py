"""Customers to whom something happens: what does, what must not, and what a change needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tactful.engine.clocks import TICK
from tactful.engine.plan.conditions import All, Condition
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import UNKNOWN, Customer, Value, impossible, set_value
from tactful.engine.search import customer as module
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.customer import find_customer
from tactful.engine.search.model import LONG_AGO, NO_EVENTS, Bar, Demand, EventAt, EventScript, SearchContext
from tactful.engine.search.result import NOBODY, Found, Undecided

from tests.space.drawing import ZONE, Draw, Written, law, model_of, written_conditions

from .lives import FIRST, PLENTY, assert_exists, context_of, goes_back, met_by, on, today, written_leaves

NIGHT = on(0, 0)
HOURS = (8, 12, 20)
INSTANTS = [on(day, hour) for day in range(3) for hour in HOURS]
SLOTS: list[EventAt] = sorted((on(day, hour), name) for day in range(3) for name, hour in (("visit", 10), ("done", 15)))
"""When something can happen to those who are tried."""
BEGINS = NIGHT - TICK


@pytest.fixture(autouse=True, scope="module")
def few_repairs() -> Iterator[None]:
    """A search that cannot end ends soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_REPAIRS", 30)
        yield


@st.composite
def written_events(draw: Draw) -> Written:
    """Two events that may ask and set something, and may each come in one minute of the day only."""
    timed = draw(st.booleans())
    visit: Written = {"hours": "10:00-10:01"} if timed else {}
    done: Written = {"hours": "15:00-15:01"} if timed else {}
    sets = draw(st.sampled_from([{}, {"waiting": "true"}, {"seen": "day"}, {"seen": "day", "waiting": "true"}]))
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

    def context(self) -> SearchContext:
        return context_of(self.model, [c for _, c in self.demanded], INSTANTS, self.script.events, BEGINS)

    def answer(self) -> Any:
        context = self.context()
        demands = [Demand(at, today(at), context.space.of(c, today(at))) for at, c in self.demanded]
        return find_customer(context, demands, SearchBudget(PLENTY), script=self.script)

    def fits(self, customer: Customer) -> bool:
        """Whether the customer meets all demands, and what must happen does."""
        happens = set(self.script.events) <= set(customer.events)
        return happens and met_by(customer, self.model, self.demanded) == (1 << len(self.demanded)) - 1

    def bars_one(self, events: Sequence[EventAt]) -> bool:
        """Whether one of these must not happen."""
        return any(bar.holds(name, at) for bar in self.script.bars for at, name in events)

    def customers(self) -> Iterator[Customer]:
        """Those to whom at most two things happen besides what must."""
        slots = [slot for slot in SLOTS if slot[1] in self.model.events and not self.bars_one([slot])]
        others = [slot for slot in slots if slot not in self.script.events]
        beginnings = self.beginnings()
        for number in range(3):
            for more in combinations(others, number):
                events = tuple(sorted({*self.script.events, *more}))
                for beginning in beginnings:
                    yield self.lived(beginning, events)

    def beginnings(self) -> list[dict[str, Value]]:
        options: dict[str, list[Value]] = {}
        for name, attribute in self.model.attributes.items():
            values: list[Value] = [*attribute.values]
            if attribute.type == "flag":
                values = [False, True]
            elif attribute.type == "date":
                later = range(4) if attribute.changes == "never" else ()
                values = [None, *(FIRST + timedelta(days=n) for n in (-4, -2, -1, *later))]
            options[name] = values if attribute.always_known else [*values, UNKNOWN]
        return [dict(zip(options, values, strict=True)) for values in product(*options.values())]

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
def stories(draw: Draw) -> Story:
    known = [{"always_known": "true"} if draw(st.booleans()) else {} for _ in range(2)]
    attributes: Written = {
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
        "seen": {"type": "date", "changes": draw(st.sampled_from(["forward", "freely", "never"]))} | known[0],
        "waiting": {"type": "flag", "changes": "freely"} | known[1],
    }
    events = draw(written_events())
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
        assert not story.bars_one(customer.events)
        values = [customer.value("seen", at) for at in sorted({*INSTANTS, *(at for at, _ in customer.events)})]
        if story.model.attributes["seen"].changes == "forward":
            assert not any(goes_back(a, b) for a, b in combinations(values, 2))
        return customer
    if answer == NOBODY and not story.bars_one(story.script.events):
        for customer in filter(story.fits, story.customers()):
            assert impossible(customer, story.model, [BEGINS, *INSTANTS], ZONE) is not None, customer
    return None


@settings(law, max_examples=120)
@given(stories())
def test_who_is_found_has_lived_so_and_what_is_barred_did_not_happen(story: Story) -> None:
    found(story)


# --- scripts by themselves -------------------------------------------------------------------------------------------

TICKS = [on(1) + n * TICK for n in range(10)]
"""So few instants that all can be tried; the first lies before all bars."""
edges = st.none() | st.sampled_from(TICKS[1:])
short_bars = st.builds(Bar, st.sets(st.sampled_from(["visit", "done"]), min_size=1).map(frozenset), edges, edges)


@settings(law, max_examples=200)
@given(st.lists(short_bars, max_size=4), st.sampled_from(["visit", "done"]), st.sampled_from(TICKS))
def test_the_latest_instant_is_the_last_one_that_no_bar_holds(bars: list[Bar], name: str, at: datetime) -> None:
    script = EventScript((), tuple(bars))
    free = [t for t in TICKS if t <= at and not any(bar.holds(name, t) for bar in bars)]
    assert script.latest(name, at) == max(free, default=LONG_AGO)
    assert EventScript(((at, name),), tuple(bars)).contradicts == (at not in free)
    assert not EventScript(((at, "other"),), tuple(bars)).contradicts
    assert script.latest("other", at) == at


@pytest.mark.parametrize(
    ("bar", "first", "last"),
    [
        (Bar(frozenset({"visit"}), TICKS[2], TICKS[4]), 2, 4),
        (Bar(frozenset({"visit"}), None, TICKS[4]), 0, 4),
        (Bar(frozenset({"visit"}), TICKS[2], None), 2, 9),
        (Bar(frozenset({"visit"})), 0, 9),
    ],
)
def test_a_bar_holds_both_its_ends(bar: Bar, first: int, last: int) -> None:
    assert [n for n, at in enumerate(TICKS) if bar.holds("visit", at)] == [*range(first, last + 1)]
    assert not any(bar.holds("done", at) for at in TICKS)


def test_more_events_come_in_order_and_once() -> None:
    bar, other = Bar(frozenset({"done"}), on(1)), Bar(frozenset({"visit"}), on(2))
    script = EventScript(((on(1), "visit"),), (bar,))
    more = script.with_events([(on(1), "visit"), (on(0), "done")], [other, bar])
    assert more == EventScript(((on(0), "done"), (on(1), "visit")), (bar, other))
    assert NO_EVENTS.with_events([]) == NO_EVENTS


def test_a_script_that_contradicts_itself_happens_to_nobody_at_no_cost() -> None:
    story = example({"waiting": "true"}, {}, on(0), EventScript(((on(1), "visit"),), (Bar(frozenset({"visit"})),)))
    assert find_customer(story.context(), [], SearchBudget(0), script=story.script) == NOBODY


# --- examples --------------------------------------------------------------------------------------------------------


def example(condition: Any, visit: Written, at: datetime, script: EventScript = NO_EVENTS, **change: Any) -> Story:
    """Customers of whom one thing is demanded, and who wait no longer once they visited."""
    attributes: Written = {
        "waiting": {"type": "flag", "changes": "freely", "always_known": "true"},
        "seen": {"type": "date", "changes": "forward", "always_known": "true"},
        "joined": {"type": "date", "changes": "never", "always_known": "true"},
    }
    segments = {"asked": condition, "before": {"waiting": "true", "seen": "absent"}}
    model = model_of(
        attributes, segments, events={"visit": {"sets": {"waiting": "false", "seen": "day"}} | visit}, **change
    )
    return Story(model, [(on(0, 8), model.segments["before"]), (at, model.segments["asked"])], script)


def happens(story: Story) -> tuple[EventAt, ...] | None:
    """What happens to whom is found; None: nobody is."""
    customer = found(story)
    return None if customer is None else customer.events


def test_a_change_is_brought_about_by_an_event() -> None:
    assert happens(example({"waiting": "true"}, {}, on(2))) == ()
    assert happens(example({"waiting": "false"}, {}, on(2))) == ((on(2), "visit"),)
    assert happens(example({"waiting": "false"}, {"hours": "10:00-10:01"}, on(2, 8))) == (
        (on(1) + timedelta(seconds=59), "visit"),
    )


def test_without_the_event_there_is_no_change() -> None:
    for bar in (Bar(frozenset({"visit"})), Bar(frozenset({"visit"}), None, on(2)), Bar(frozenset({"visit"}), on(0, 7))):
        assert example({"waiting": "false"}, {}, on(2), EventScript((), (bar,))).answer() == NOBODY
    early = example({"waiting": "false"}, {}, on(2), EventScript((), (Bar(frozenset({"visit"}), on(1)),)))
    assert happens(early) == ((on(1) - TICK, "visit"),)


def test_what_happens_changes_what_it_sets() -> None:
    script = EventScript(((on(1), "visit"),))
    assert happens(example({"waiting": "false", "seen": {"within": "1d"}}, {}, on(2), script)) == script.events
    assert example({"waiting": "true"}, {}, on(2), script).answer() == NOBODY
    only_then = EventScript(script.events, (Bar(frozenset({"visit"}), None, on(1) - TICK),))
    assert example({"seen": {"within": "0d"}}, {}, on(1, 9), only_then).answer() == NOBODY


def test_what_an_event_asks_holds_just_before_it() -> None:
    script = EventScript(((on(1), "visit"),))
    assert happens(example({"waiting": "false"}, {"if": {"waiting": "true"}}, on(2), script)) == script.events
    newcomer = {"waiting": "false", "joined": "absent"}
    assert example(newcomer, {"if": {"joined": "present"}}, on(2), script).answer() == NOBODY
    assert isinstance(example(newcomer, {"if": {"joined": "absent"}}, on(2), script).answer(), Found)


def test_an_event_that_must_come_before_itself_is_a_doubt() -> None:
    assert isinstance(example({"waiting": "false"}, {"if": {"seen": "present"}}, on(2)).answer(), Undecided)


def test_a_day_of_the_plan_is_set_by_an_event_and_one_before_is_free() -> None:
    for day, events in (("2026-03-27", ()), ("2026-03-28", ((on(1, 0) - timedelta(seconds=1), "visit"),))):
        story = example({"seen": {"from": day, "until": day}}, {}, on(1))
        assert happens(Story(story.model, story.demanded[1:], NO_EVENTS)) == events


def test_a_day_that_an_event_sets_is_its_own_among_many_alike() -> None:
    story = example({"seen": {"from": "2026-03-29"}}, {}, on(3))
    context = context_of(story.model, [c for _, c in story.demanded], [on(0), on(3)], begins=BEGINS)
    demands = [Demand(at, today(at), context.space.of(c, today(at))) for at, c in story.demanded]
    answer = find_customer(context, demands, SearchBudget(PLENTY))
    assert isinstance(answer, Found)
    assert answer.value.events == ((on(3), "visit"),)
    assert answer.value.value("seen", on(3)) == today(on(3))


@pytest.mark.parametrize("known", [{}, {"always_known": "true"}])
def test_what_an_event_sets_is_set_where_nothing_asks_about_it(known: Written) -> None:
    names = {"first": "never", "seen": "forward", "waiting": "freely"}
    attributes = {name: {"type": "date", "changes": changes} | known for name, changes in names.items()}
    model = model_of(attributes, {}, events={"visit": {"sets": {"first": "day", "seen": "day", "waiting": "absent"}}})
    story = Story(model, [(on(0), All())], EventScript(((on(1), "visit"), (on(2), "visit"))))
    customer = found(story)
    assert customer is not None
    assert customer.value("first", on(0)) == customer.value("seen", on(1)) == today(on(1))
    assert customer.value("seen", on(2)) == today(on(2))


def test_what_an_event_that_a_change_needs_sets_besides_is_set_too() -> None:
    sets = {"waiting": "false", "seen": "day", "joined": "day"}
    customer = found(example({"waiting": "false"}, {"sets": sets}, on(2)))
    assert customer is not None
    assert customer.events == ((on(2), "visit"),)
    assert customer.value("joined", on(0)) == customer.value("seen", on(2)) == today(on(2))


def test_where_the_latest_event_does_not_do_and_an_earlier_one_might_there_is_a_doubt() -> None:
    attributes: Written = {
        "waiting": {"type": "flag", "changes": "freely", "always_known": "true"},
        "seen": {"type": "date", "changes": "forward", "always_known": "true"},
    }
    events: Written = {
        "visit": {"if": {"waiting": "true"}, "sets": {"seen": "day"}},
        "done": {"sets": {"waiting": "false"}},
    }
    asked: Written = {
        "new": {"seen": "absent", "waiting": "true"},
        "over": {"waiting": "false"},
        "old": {"seen": "present"},
    }
    model = model_of(attributes, asked, events=events)
    demanded = [(at, model.segments[name]) for at, name in ((on(0, 8), "new"), (on(1), "over"), (on(2), "old"))]
    assert isinstance(Story(model, demanded, NO_EVENTS).answer(), Undecided)
    assert happens(Story(model, demanded, EventScript(((on(0), "visit"),)))) == ((on(0), "visit"), (on(1), "done"))


def test_too_many_events_for_what_is_assumed_are_a_doubt() -> None:
    script = EventScript(((on(1), "visit"), (on(1, 12), "visit")))
    assumed = {"assume": {"at_most": "1", "per": "1d"}}
    assert isinstance(example({"waiting": "false"}, {}, on(2), script).answer(), Found)
    assert isinstance(example({"waiting": "false"}, assumed, on(2), script).answer(), Undecided)


def test_an_event_with_hours_does_not_happen_within_a_bar() -> None:
    for bar, events in (
        (Bar(frozenset({"visit"}), on(1, 9), on(1, 11)), ((on(0) + timedelta(seconds=59), "visit"),)),
        (Bar(frozenset({"visit"}), None, on(1, 11)), None),
    ):
        story = example({"waiting": "false"}, {"hours": "10:00-10:01"}, on(2, 8), EventScript((), (bar,)))
        assert happens(story) == events


def test_an_event_that_sets_its_day_does_not_happen_within_a_bar() -> None:
    bar = Bar(frozenset({"visit"}), on(1, 12), on(2, 0))
    story = example({"seen": {"from": "2026-03-29", "until": "2026-03-29"}}, {}, on(2, 8), EventScript((), (bar,)))
    assert happens(story) == ((on(1, 12) - TICK, "visit"),)


# --- faults that are known -------------------------------------------------------------------------------------------


def test_facts_hold_from_the_beginning_of_the_plan_on() -> None:
    fact = {"if": {"waiting": "true"}, "then": {"joined": "present"}}
    story = example({"joined": {"within": "1d"}}, {}, on(1), facts=[fact])
    assert happens(story) == ()
