"""Events of searched customers: what they ask and set, and the fewest that lead an attribute where it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tactful.engine.clocks import TICK
from tactful.engine.plan.conditions import (
    EVERYONE,
    All,
    Condition,
    DateBetween,
    DateIs,
    HasLabels,
    InRange,
    IsFlag,
    OneOf,
)
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.search.happenings import (
    Path,
    conditions_of_events,
    demands_of,
    path_by_events,
    set_condition,
)
from tactful.engine.search.model import NO_EVENTS, Bar, EventAt, EventScript, SearchContext

from tests.space.drawing import Draw, Written, in_some, law, model_of

from .lives import FIRST, context_of, on, today

# --- what events ask and set -----------------------------------------------------------------------------------------

ATTRIBUTES: Written = {
    "waiting": {"type": "flag", "changes": "freely"},
    "mood": {"type": "choice", "values": ["good", "bad"], "changes": "freely"},
    "points": {"type": "number", "changes": "freely"},
    "seen": {"type": "date", "changes": "freely"},
    "first": {"type": "date", "changes": "never"},
    "likes": {"type": "labels", "values": ["x", "y"], "changes": "freely"},
    "city": {"type": "choice", "values": ["a", "b"], "changes": "never"},
}
EVENTS: Written = {
    "visit": {"sets": {"waiting": "true", "seen": "day", "first": "day"}},
    "done": {"if": {"waiting": "true"}, "sets": {"waiting": "false", "points": "3"}},
    "joke": {"if": {"city": "a"}, "sets": {"mood": "good", "seen": "absent", "likes": ["x"]}},
    "move": {"if": {"points": {"at_least": "2"}}, "sets": {"mood": "bad", "seen": "2026-01-01", "likes": ["x", "y"]}},
}


WAITING, GOOD = IsFlag("waiting", True), OneOf("mood", frozenset({"good"}))
RICH, THREE = InRange("points", Decimal(2), True, None, False), InRange("points", Decimal(3), True, Decimal(3), True)
IN_A = OneOf("city", frozenset({"a"}))


def example() -> CustomerModel:
    return model_of(ATTRIBUTES, {}, events=EVENTS)


@pytest.mark.parametrize(
    ("event", "name", "condition"),
    [
        ("visit", "waiting", IsFlag("waiting", True)),
        ("visit", "seen", DateBetween("seen", FIRST, FIRST)),
        ("visit", "first", DateBetween("first", None, FIRST)),
        ("done", "points", THREE),
        ("joke", "mood", OneOf("mood", frozenset({"good"}))),
        ("joke", "seen", DateIs("seen", False)),
        (
            "joke",
            "likes",
            All((HasLabels("likes", "all", frozenset("x")), HasLabels("likes", "none", frozenset("y")))),
        ),
        ("move", "seen", DateBetween("seen", date(2026, 1, 1), date(2026, 1, 1))),
    ],
)
def test_what_holds_after_an_event(event: str, name: str, condition: Condition) -> None:
    model = example()
    assert set_condition(name, model.events[event], model, FIRST) == condition


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([], set()),
        ([IN_A], {IN_A}),
        ([WAITING], {WAITING, IsFlag("waiting", True), IsFlag("waiting", False)}),
        ([RICH], {RICH, THREE, WAITING, IsFlag("waiting", False)}),
        (
            [GOOD],
            {
                *(GOOD, OneOf("mood", frozenset({"bad"})), IN_A, RICH, WAITING),
                *(THREE, IsFlag("waiting", False)),
            },
        ),
    ],
)
def test_what_can_change_what_is_asked_is_asked_too(asked: list[Condition], expected: set[Condition]) -> None:
    told = conditions_of_events(example(), asked, [])
    assert told[: len(asked)] == asked
    assert set(told) - {EVERYONE} == expected


def test_what_happens_is_asked_with_all_that_it_sets() -> None:
    told = set(conditions_of_events(example(), [], [(FIRST, "visit"), (FIRST + timedelta(days=1), "joke")]))
    visit = {WAITING, DateBetween("seen", FIRST, FIRST), DateBetween("first", None, FIRST)}
    joke = {IN_A, GOOD, DateIs("seen", False), HasLabels("likes", "all", frozenset("x"))}
    assert visit <= told
    assert joke - told == {HasLabels("likes", "all", frozenset("x"))}
    assert any(isinstance(condition, All) and len(condition.parts) == 2 for condition in told)


def test_an_event_demands_what_it_asks_before_and_what_it_sets_at_its_instant() -> None:
    model = example()
    happens: list[EventAt] = [(on(1), "done")]
    context = context_of(model, [WAITING, RICH], [on(0), on(2)], happens)
    before, after = demands_of(context, happens)
    assert (before.at, before.day, after.at, after.day) == (on(1) - TICK, today(on(1)), on(1), today(on(1)))
    assert before.boxes == context.space.of(WAITING, today(on(1)))
    set_now = All((IsFlag("waiting", False), THREE))
    assert after.boxes == context.space.of(set_now, today(on(1)))


def test_an_event_demands_nothing_of_what_nobody_asks() -> None:
    model = example()
    context = context_of(model, [IN_A], [on(0)])
    before, after = demands_of(context, [(on(0), "visit")])
    assert before.boxes == after.boxes == [{}]


def test_at_midnight_what_an_event_asks_is_asked_the_day_before() -> None:
    model = model_of(ATTRIBUTES, {}, events={"visit": {"if": {"seen": {"within": "0d"}}, "sets": {"seen": "day"}}})
    context = context_of(model, [], [on(1)], [(on(1, 0), "visit")])
    before, after = demands_of(context, [(on(1, 0), "visit")])
    assert (before.day, after.day) == (FIRST, FIRST + timedelta(days=1))
    dimension = context.space.dimensions["seen"]
    at = {value: i for i, value in enumerate(dimension.samples)}
    assert in_some(before.boxes, {"seen": at[FIRST]})
    assert not in_some(before.boxes, {"seen": at[FIRST + timedelta(days=1)]})
    assert in_some(after.boxes, {"seen": at[FIRST + timedelta(days=1)]})
    assert not in_some(after.boxes, {"seen": at[FIRST]})


# --- the way that takes the fewest events ----------------------------------------------------------------------------

SPAN = [on(0, 8), on(1, 8), on(1, 9), on(3, 12)]
HALF_HOUR = timedelta(minutes=30)


@dataclass
class Road:
    """Cells that one attribute must be in at each instant, and the events that can set it."""

    model: CustomerModel
    name: str
    cells: list[set[int]]
    """Cells for each instant, counted round and round."""
    script: EventScript

    def __post_init__(self) -> None:
        asked: list[Condition] = [OneOf("mood", frozenset("a"))]
        if self.name == "seen":
            asked = [DateBetween("seen", today(at), today(at)) for at in SPAN]
        self.context: SearchContext = context_of(self.model, asked, SPAN)
        self.dimension = self.context.space.dimensions[self.name]
        number = len(self.dimension.samples)
        self.masks = [sum({1 << cell % number for cell in cells}) for cells in self.cells]

    def path(self) -> Path | None:
        first = [cell for cell in range(len(self.dimension.samples)) if self.masks[0] >> cell & 1]
        return path_by_events(self.context, self.dimension, self.masks, SPAN, self.script, first)

    def sets(self, event: str, at: datetime) -> int:
        """The cell that an event sets."""
        if self.name == "mood":
            return "abc".index(str(self.model.events[event].sets["mood"]))
        return 1 + len([cut for cut in self.dimension.cuts if cut <= today(at)])

    def setters(self, before: datetime, until: datetime) -> set[int]:
        """The cells that some event can set after one instant and up to another, every half hour tried."""
        found = set()
        for event, planned in self.model.events.items():
            at = until
            while at > before and self.name in planned.sets:
                shut = planned.model.hours is not None and (at.hour, at.minute) not in TEN
                if not shut and not any(bar.holds(event, at) for bar in self.script.bars):
                    found.add(self.sets(event, at))
                at -= HALF_HOUR
        return found

    def fewest(self) -> int | None:
        """The fewest events that lead through all masks; None: none do."""
        fixed = {at: self.sets(name, at) for at, name in self.script.events}
        costs = {cell: 0 for cell in range(len(self.dimension.samples)) if self.masks[0] >> cell & 1}
        for before, at, mask in zip(SPAN, SPAN[1:], self.masks[1:], strict=False):
            reached: dict[int, int] = {}
            for cell, cost in costs.items():
                ways = [(cell, cost), *((new, cost + 1) for new in self.setters(before, at))]
                for new, total in [(fixed[at], cost)] if at in fixed else ways:
                    if mask >> new & 1:
                        reached[new] = min(total, reached.get(new, total))
            costs = reached
        return min(costs.values(), default=None)


TEN = {(9, 0), (8, 0)}
"""Ten o'clock in UTC, before and after the clocks change."""


@st.composite
def roads(draw: Draw) -> Road:
    name, timed = draw(st.sampled_from(["mood", "seen"])), draw(st.booleans())
    hours = {"hours": "10:00-10:01"} if timed else {}
    if name == "mood":
        values = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
        events = {f"e{n}": {"sets": {"mood": value}} | hours for n, value in enumerate(values)}
    else:
        events = {"e0": {"sets": {"seen": "day"}} | hours}
    known = {"always_known": "true"} if draw(st.booleans()) else {}
    attributes: Written = {
        "mood": {"type": "choice", "values": ["a", "b", "c"], "changes": "freely"} | known,
        "seen": {"type": "date", "changes": "forward"} | known,
    }
    some = st.sets(st.integers(0, 11), min_size=1, max_size=5)
    cells = draw(st.lists(some, min_size=len(SPAN), max_size=len(SPAN)))
    fixed = draw(st.sets(st.tuples(st.sampled_from(SPAN[1:]), st.sampled_from([*events])), max_size=1))
    bars = draw(st.lists(some_bars([*events]), max_size=3))
    return Road(model_of(attributes, {}, events=events), name, cells, EventScript(tuple(fixed), tuple(bars)))


@st.composite
def some_bars(draw: Draw, events: Sequence[str]) -> Bar:
    edges = [None, *(on(day, hour) for day in range(4) for hour in (0, 9, 12, 18))]
    since, until = draw(st.sampled_from(edges)), draw(st.sampled_from(edges))
    return Bar(frozenset(draw(st.sets(st.sampled_from(events), min_size=1))), since, until)


@settings(law, max_examples=200)
@given(roads())
def test_the_way_takes_the_fewest_events(road: Road) -> None:
    path, fewest = road.path(), road.fewest()
    assert (path is None) == (fewest is None)
    if path is None:
        return
    assert len(path.events) == fewest
    assert len(path.cells) == len(path.days) == len(SPAN)
    assert all(mask >> cell & 1 for mask, cell in zip(road.masks, path.cells, strict=True))
    here, day = path.cells[0], path.days[0]
    assert day is None
    happen = sorted([*path.events, *road.script.events])
    assert len(set(happen)) == len(happen)
    for i in range(1, len(SPAN)):
        for at, event in happen:
            if SPAN[i - 1] < at <= SPAN[i]:
                assert (at, event) in road.script.events or not any(bar.holds(event, at) for bar in road.script.bars)
                here, day = road.sets(event, at), today(at) if road.name == "seen" else None
        assert (path.cells[i], path.days[i]) == (here, day)


# --- examples --------------------------------------------------------------------------------------------------------


MOODS: Written = {"mood": {"type": "choice", "values": ["a", "b", "c"], "changes": "freely", "always_known": "true"}}
DATES: Written = {"seen": {"type": "date", "changes": "forward", "always_known": "true"}}


def road_of(attributes: Written, event: Written, cells: list[set[int]], script: EventScript = NO_EVENTS) -> Road:
    (name,) = attributes
    return Road(model_of({**MOODS, **DATES} | attributes, {}, events={"visit": event}), name, cells, script)


TO_B: Written = {"sets": {"mood": "b"}}


@pytest.mark.parametrize(
    ("event", "script", "expected"),
    [
        (TO_B, NO_EVENTS, on(3, 12)),
        (TO_B | {"hours": "10:00-10:01"}, NO_EVENTS, on(3) + timedelta(seconds=59)),
        (TO_B | {"hours": "20:00-21:00"}, NO_EVENTS, on(2, 21) - timedelta(seconds=1)),
        (TO_B, EventScript((), (Bar(frozenset({"visit"}), on(3, 9), None),)), on(3, 9) - TICK),
        (TO_B, EventScript((), (Bar(frozenset({"other"}), on(3, 9), None),)), on(3, 12)),
    ],
)
def test_what_a_change_needs_happens_as_late_as_it_can(event: Written, script: EventScript, expected: datetime) -> None:
    path = road_of(MOODS, event, [{0}, {0}, {0}, {1}], script).path()
    assert path is not None
    assert path.events == [(expected, "visit")]
    assert path.cells == [0, 0, 0, 1]


def test_a_day_is_set_at_its_end() -> None:
    road = road_of(DATES, {"sets": {"seen": "day"}}, [{0}, {0}, {0}, {4}])
    path = road.path()
    assert path is not None
    assert path.events == [(on(3, 0) - timedelta(seconds=1), "visit")]
    assert path.days == [None, None, None, today(on(2))]


def test_a_day_is_not_set_before_its_hour_comes() -> None:
    event = {"sets": {"seen": "day"}, "hours": "10:00-10:01"}
    assert road_of(DATES, event, [{0}, {3}, {3}, {3}]).path() is None
    path = road_of(DATES, event, [{0}, {0, 2}, {0, 2}, {3}]).path()
    assert path is not None
    assert path.events == [(on(1) + timedelta(seconds=59), "visit")]


def test_between_two_instants_only_what_comes_between_them_can_change_anything() -> None:
    event = TO_B | {"hours": "10:00-10:01"}
    assert road_of(MOODS, event, [{0}, {0}, {1}, {1}]).path() is None
    for cells in ([{0}, {1}, {1}, {1}], [{0}, {0}, {0}, {1}]):
        path = road_of(MOODS, event, cells).path()
        assert path is not None
        assert len(path.events) == 1


def test_the_first_of_equally_good_ways_is_taken() -> None:
    road = road_of(MOODS, TO_B, [{0, 1, 2}] * 4)
    for first in ([2, 1, 0], [1, 0, 2]):
        path = path_by_events(road.context, road.dimension, road.masks, SPAN, road.script, first)
        assert path == Path([first[0]] * 4, [None] * 4, [])
    road = road_of(MOODS, TO_B, [{0, 2}, {1}, {1}, {1}])
    for first in ([2, 0], [0, 2]):
        path = path_by_events(road.context, road.dimension, road.masks, SPAN, road.script, first)
        assert path == Path([first[0], 1, 1, 1], [None] * 4, [(SPAN[1], "visit")])


def test_nothing_happens_within_a_tick() -> None:
    road = road_of(MOODS, TO_B, [{0}, {1}, {1}, {1}])
    for apart, there_is in ((TICK, False), (2 * TICK, True)):
        instants = [on(0), on(0) + apart]
        path = path_by_events(road.context, road.dimension, road.masks[:2], instants, NO_EVENTS, [0])
        assert (path is not None) == there_is


def test_what_happens_anyway_costs_nothing_and_cannot_be_passed_by() -> None:
    script = EventScript(((SPAN[1], "visit"),))
    there = road_of(MOODS, TO_B, [{0}, {1}, {1}, {1}], script).path()
    assert there == Path([0, 1, 1, 1], [None] * 4, [])
    assert road_of(MOODS, TO_B, [{0}, {0}, {1}, {1}], script).path() is None
