"""Conditions as boxes: who meets them is for the reference evaluator to say."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tactful.engine.clocks import instant
from tactful.engine.plan.conditions import All, Condition, InArm, Not, OnClock, Some
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import (
    CLOCK,
    OTHER,
    UNKNOWN,
    Customer,
    Value,
    admits,
    arm_key,
    impossible,
    opaque_key,
)
from tactful.engine.space.dimensions import Dimension, label_key
from tactful.engine.space.space import Space, space_for

from .drawing import (
    ARMS,
    ELSEWHERE,
    LABELS,
    VALUES,
    ZONE,
    ZONES,
    Draw,
    Scale,
    Written,
    in_some,
    law,
    model_of,
    values_of,
    written_conditions,
    written_tests,
)

DURATIONS = ("0d", "1d", "2d", "1w", "1mo", "2mo")
OFFSETS = (-40, -30, -7, -2, -1, 0, 1, 2, 30, 31)
REACH = 70
"""Days around the first one: more than the longest duration."""
DAYS = [date(2026, 3, 29), date(2026, 3, 31), date(2024, 2, 29), date(2026, 12, 31), date(2026, 5, 30)]
"""Days on which clocks change, months end or years do."""
NAMES = ("city", "member", "points", "joined", "due", "likes", "home", "listed", "arm", "clock")
"""What conditions can be about: attributes, an opaque segment, an arm and the zone of the clock."""

ALWAYS, OTHERS = {"always_known": "true"}, {"others": "true"}
ENDS: list[Written] = [
    {},
    {"whole": "true"},
    {"minimum": "0.5", "maximum": "2.5"},
    {"minimum": "-2", "maximum": "2", "whole": "true"},
    {"minimum": "0", "whole": "true"},
    {"maximum": "4"},
]

Values = Mapping[str, Value]


# --- what is drawn ---------------------------------------------------------------------------------------------------


@st.composite
def written_attributes(draw: Draw) -> Written:
    """An attribute of each type, of any kind that it can be."""

    def of_type(kind: str, **more: Any) -> Written:
        ways = ["never", "freely", *(["forward"] if kind in ("date", "number") else [])]
        known, others = draw(st.sampled_from([({}, {}), (ALWAYS, {}), ({}, OTHERS), (ALWAYS, OTHERS)]))
        return (
            {"type": kind, "changes": draw(st.sampled_from(ways))} | known | more | (others if "values" in more else {})
        )

    return {
        "city": of_type("choice", values=[*VALUES]),
        "member": of_type("flag"),
        "points": of_type("number") | draw(st.sampled_from(ENDS)),
        "joined": of_type("date"),
        "due": of_type("date", known="ahead"),
        "likes": {key: value for key, value in of_type("labels", values=[*LABELS]).items() if key != "others"},
        "home": of_type("zone", values=[*ZONES]),
    }


@dataclass
class Question:
    """A condition, the model it is about, the days on which it is asked and its space."""

    model: CustomerModel
    condition: Condition
    days: list[date]

    def __post_init__(self) -> None:
        self.zones = (*ZONES, ELSEWHERE) if self.model.attributes["home"].others else ZONES
        self.space: Space = space_for(self.model, [self.condition], self.days, self.zones)

    def options(self) -> dict[str, list[Values]]:
        """For each thing that conditions can be about, all that it can be."""
        found: dict[str, list[Values]] = {
            name: [{name: value} for value in values_of(attribute, self.days[0], REACH)]
            for name, attribute in self.model.attributes.items()
            if name != "home"
        }
        found["listed"] = [{opaque_key("listed"): value} for value in (False, True)]
        found["arm"] = [{arm_key("headline"): arm} for arm in ARMS]
        found["home"] = [*zone_values(self.model.attributes["home"], self.zones)]
        return found

    def customers(self, seed: int, number: int) -> Iterator[Values]:
        """Some customers, with a value for everything."""
        rng, options = random.Random(seed), self.options()
        for _ in range(number):
            yield {name: value for each in options.values() for name, value in rng.choice(each).items()}

    def customers_by(self, name: str) -> Iterator[Values]:
        """Every customer who differs from the first one in one thing only."""
        options = self.options()
        first = {name: value for each in options.values() for name, value in each[0].items()}
        for values in options["home" if name == "clock" else name]:
            yield {**first, **values}


def zone_values(attribute: Attribute, zones: tuple[str, ...]) -> Iterator[Values]:
    """The zone that is shown and that of the clock: the same where it is known and declared."""
    for zone in zones:
        yield {"home": zone if zone in attribute.values else OTHER, CLOCK: zone}
        if not attribute.always_known:
            yield {"home": UNKNOWN, CLOCK: zone}


def written_of(name: str, attributes: Written, first: date) -> st.SearchStrategy[Any]:
    """Tests as they would be written, of what can be written."""
    if name == "listed":
        return st.just({"segment": "listed"})
    return written_tests(attributes[name], Scale(first, OFFSETS, DURATIONS)).map(lambda test: {name: test})


@st.composite
def leaf_questions(draw: Draw, name: str) -> Question:
    """One test of one thing."""
    attributes, days = draw(written_attributes()), draw(asked_days())
    condition: Condition
    if name in ("arm", "clock"):
        model = model_of(attributes, {"listed": {"opaque": "true"}})
        condition = draw(unwritten(model, name))
    else:
        written = draw(written_of(name, attributes, days[0]))
        model = model_of(attributes, {"listed": {"opaque": "true"}, "asked": written})
        condition = model.segments["asked"]
    return Question(model, condition, days)


@st.composite
def questions(draw: Draw) -> Question:
    """A condition of tests of anything, written or put together."""
    attributes, days = draw(written_attributes()), draw(asked_days())
    leaves = st.sampled_from(NAMES[:8]).flatmap(lambda name: written_of(name, attributes, days[0]))
    written = draw(st.lists(written_conditions(leaves, 2), min_size=1, max_size=2))
    segments = {f"asked-{number}": condition for number, condition in enumerate(written)}
    model = model_of(attributes, {"listed": {"opaque": "true"}, **segments})
    parts = [model.segments[name] for name in segments]
    more = draw(st.lists(st.sampled_from(NAMES[8:]).flatmap(lambda name: unwritten(model, name)), max_size=2))
    return Question(model, draw(st.sampled_from([All, Some]))((*parts, *more)), days)


@st.composite
def unwritten(draw: Draw, model: CustomerModel, name: str) -> Condition:
    """What campaigns and rules add to conditions themselves: an arm, or a clock."""
    zones = (*ZONES, ELSEWHERE) if model.attributes["home"].others else ZONES
    leaf: Condition = InArm("headline", draw(st.sampled_from(ARMS)))
    if name == "clock":
        leaf = OnClock(draw(st.sampled_from(zones)))
    return Not(leaf) if draw(st.booleans()) else leaf


@st.composite
def asked_days(draw: Draw) -> list[date]:
    """One day or more, some of them a month apart."""
    first = draw(st.sampled_from(DAYS))
    return [first, *(first + timedelta(days=n) for n in draw(st.sets(st.sampled_from([1, 2, 30]), max_size=2)))]


# --- which cell a value is in ----------------------------------------------------------------------------------------


def holds(dimension: Dimension, cell: int, value: Any) -> bool:
    """Whether a cell stands for a value, by what dimensions say of themselves."""
    sample = dimension.samples[cell]
    if value is UNKNOWN or dimension.unknown >> cell & 1:
        return value is UNKNOWN and bool(dimension.unknown >> cell & 1)
    if isinstance(value, date):
        cuts = dimension.cuts
        after = cell == 1 or (cell > 1 and cuts[cell - 2] <= value)
        return after and (cell > len(cuts) or value < cuts[cell - 1])
    if sample is None or value is None:
        return sample is value
    if dimension.cuts:
        low, high = dimension.cuts[cell]
        return bool(
            value == low if low == high is not None else (low is None or low < value) and (high is None or value < high)
        )
    return type(sample) is type(value) and bool(sample == value)


def cell_of(dimension: Dimension, value: Any) -> int:
    """The one cell of a value."""
    (cell,) = [cell for cell in range(len(dimension.samples)) if holds(dimension, cell, value)]
    return cell


def point_of(space: Space, customer: Values, free: int = 0) -> dict[str, int]:
    """The cells of a customer; ``free`` is the cell of labels that are not known."""
    point = {}
    for name, dimension in space.dimensions.items():
        attribute, is_label, label = name.partition(" label ")
        if is_label:
            has = customer[attribute]
            if not isinstance(has, frozenset):
                point[name] = free if label else cell_of(dimension, UNKNOWN)
            else:
                point[name] = cell_of(dimension, label in has if label else True)
        elif attribute == "home":
            point[name] = dimension.samples.index((customer["home"], customer[CLOCK]))
        else:
            point[name] = cell_of(dimension, customer[name])
    return point


def just_after_midnight(day: date) -> datetime:
    """Still the day before in UTC."""
    return instant(datetime.combine(day, time(0, 30)), ZONE)


def assert_boxes_hold(question: Question, values: Values) -> None:
    """The boxes of the condition hold a customer exactly if it admits them, those against it exactly if not."""
    for day in question.days:
        admitted = admits(question.condition, Customer(values), just_after_midnight(day), question.model, ZONE)
        for free in (0, 1):
            point = point_of(question.space, values, free)
            assert in_some(question.space.of(question.condition, day), point) == admitted, (day, values)
            assert in_some(question.space.against(question.condition, day), point) != admitted, (day, values)


# --- laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@settings(law, max_examples=25)
@given(data=st.data())
def test_a_test_holds_whom_it_admits(name: str, data: st.DataObject) -> None:
    question = data.draw(leaf_questions(name))
    for values in question.customers_by(name):
        assert_boxes_hold(question, values)


@law
@given(questions(), st.integers(0, 10**6))
def test_a_condition_holds_whom_it_admits(question: Question, seed: int) -> None:
    for values in question.customers(seed, 25):
        assert_boxes_hold(question, values)


@law
@given(questions(), st.integers(0, 10**6))
def test_every_point_is_in_a_condition_or_against_it(question: Question, seed: int) -> None:
    rng, space = random.Random(seed), question.space
    for _ in range(100):
        point = {name: rng.randrange(len(dimension.samples)) for name, dimension in space.dimensions.items()}
        for day in question.days:
            inside = in_some(space.of(question.condition, day), point)
            assert in_some(space.against(question.condition, day), point) != inside


@law
@given(questions())
def test_each_value_has_one_cell_and_each_sample_its_own(question: Question) -> None:
    options = question.options()
    for name, dimension in question.space.dimensions.items():
        attribute, is_label, _ = name.partition(" label ")
        if attribute == "home":
            pairs = {(values["home"], values[CLOCK]) for values in options["home"]}
            assert len(pairs) == len(dimension.samples)
            assert pairs == set(dimension.samples)
            continue
        for cell, sample in enumerate(dimension.samples):
            assert cell_of(dimension, sample) == cell, (name, sample)
        if not is_label:
            for values in options[{opaque_key("listed"): "listed", arm_key("headline"): "arm"}.get(name, name)]:
                cell_of(dimension, values[name])


@law
@given(questions())
def test_a_sample_is_what_somebody_can_be(question: Question) -> None:
    options = question.options()
    first = {name: value for each in options.values() for name, value in each[0].items()}
    for name, dimension in question.space.dimensions.items():
        if " label " in name:
            continue
        for sample in dimension.samples:
            values = {**first, **({"home": sample[0], CLOCK: sample[1]} if name == "home" else {name: sample})}
            assert impossible(Customer(values), question.model, [just_after_midnight(question.days[0])], ZONE) is None


@pytest.mark.parametrize("name", ["joined", "due"])
@settings(law, max_examples=25)
@given(data=st.data())
def test_a_date_that_changes_and_is_known_of_the_past_is_never_later_than_its_day(
    name: str, data: st.DataObject
) -> None:
    question = data.draw(leaf_questions(name))
    dimension, attribute = question.space.dimensions[name], question.model.attributes[name]
    for day in question.days:
        possible = question.space.possible_on(name, day)
        for value in values_of(attribute, question.days[0], REACH):
            late = isinstance(value, date) and value > day
            ruled_out = late and name == "joined" and attribute.changes != "never"
            assert bool(possible >> cell_of(dimension, value) & 1) != ruled_out


# --- examples --------------------------------------------------------------------------------------------------------


def simple(condition: Any, **attribute: Any) -> tuple[Space, Condition]:
    """A space of one attribute ``it`` and one condition, asked on the first of March."""
    model = model_of({"it": {"changes": "never", **attribute}}, {"asked": {"it": condition}})
    asked = model.segments["asked"]
    return space_for(model, [asked], [date(2026, 3, 1)], ()), asked


@pytest.mark.parametrize(
    ("attribute", "condition", "samples"),
    [
        ({"type": "flag", "always_known": "true"}, "true", [False, True]),
        ({"type": "choice", "values": ["a", "b"], "others": "true"}, "a", ["a", "b", OTHER, UNKNOWN]),
        (
            {"type": "number", "whole": "true", "minimum": "0", "maximum": "9", "always_known": "true"},
            {"at_least": "9"},
            [0, 9],
        ),
        (
            {"type": "number", "whole": "true", "minimum": "0", "always_known": "true"},
            {"above": "2", "at_most": "3"},
            [0, 2, 3, 4],
        ),
        ({"type": "number"}, {"below": "0.5"}, [0, 0.5, 1, UNKNOWN]),
        (
            {"type": "date", "always_known": "true"},
            {"within": "1d"},
            [None, date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 2)],
        ),
    ],
)
def test_cells_are_what_a_condition_tells_apart(attribute: Written, condition: Any, samples: list[Any]) -> None:
    space, _ = simple(condition, **attribute)
    assert list(space.dimensions["it"].samples) == samples


@pytest.mark.parametrize(
    ("condition", "number"),
    [
        ({"any": ["x", "y"]}, 2),
        ({"all": ["x", "y"]}, 1),
        ({"none": ["x", "y"]}, 2),
        ({"not": {"all": ["x", "y"]}}, 3),
    ],
)
def test_labels_take_few_boxes(condition: Any, number: int) -> None:
    space, asked = simple(condition, type="labels", values=["x", "y"])
    assert set(space.dimensions) == {label_key("it", label) for label in ("", "x", "y")}
    assert len(space.of(asked, date(2026, 3, 1))) == number


def test_a_condition_that_tells_no_days_apart_is_made_once() -> None:
    space, asked = simple("true", type="flag")
    assert space.of(asked, date(2026, 3, 1)) is space.of(asked, date(2030, 1, 1))


def test_everyone_is_everywhere_and_nobody_is_nowhere() -> None:
    space, _ = simple("true", type="flag")
    today = date(2026, 3, 1)
    assert space.of(All(), today) == [{}]
    assert space.against(All(), today) == []
    assert space.of(Some(()), today) == []
    assert space.against(Some(()), today) == [{}]
