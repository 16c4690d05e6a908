"""What the tests of space and search draw: attributes, conditions and customers, as they would be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import OTHER, UNKNOWN, Value
from tactful.engine.space.boxes import Box

from tests.building import built

ZONE = "Europe/Paris"
VALUES = ("a", "b", "c")
LABELS = ("x", "y")
ZONES = ("Europe/Paris", "Asia/Shanghai")
ELSEWHERE = "America/New_York"
"""A zone that no attribute declares."""
ARMS = ("p", "q", "")
NUMBERS = ("-1", "0", "0.5", "1", "2", "3")

Written = dict[str, Any]
Draw = st.DrawFn

law = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def model_of(attributes: Written, segments: Written, facts: Sequence[Written] = (), **more: Any) -> CustomerModel:
    """The customers of a plan with these documents, and with a test ``headline`` that has the arms p and q and a rest."""
    documents: list[Written] = [
        {"tactful": "1", "timezone": ZONE},
        {"customers": {"attributes": attributes, "segments": segments, "facts": list(facts), **more}},
    ]
    for arm in ("p", "q"):
        touches = [{"channel": "sms", "at": "2026-03-02 10:00"}]
        split = {"test": "headline", "arm": arm}
        documents.append(
            {"campaign": arm, "purpose": "care", "audience": "everyone", "split": split, "touches": touches}
        )
    return built(documents)[0].customers


# --- conditions, as they would be written ----------------------------------------------------------------------------


@st.composite
def written_tests(draw: Draw, attribute: Written, first: date, durations: Sequence[str], reach: int) -> Any:
    """A test of an attribute; days that it names lie within ``reach`` days of ``first``."""
    kind = attribute["type"]
    test: Any
    if kind == "flag":
        test = draw(st.sampled_from(["true", "false"]))
    elif kind == "number":
        test = draw(written_bounds())
    elif kind == "date":
        test = draw(written_days(attribute, first, durations, reach))
    else:
        test = draw(st.lists(st.sampled_from(attribute["values"]), min_size=1, max_size=2, unique=True))
        if kind == "labels":
            test = {draw(st.sampled_from(["any", "all", "none"])): test}
    return {"not": test} if draw(st.integers(0, 7)) == 7 else test


@st.composite
def written_bounds(draw: Draw) -> Any:
    """A number, or bounds on one side or on both."""
    low, high = sorted(draw(st.lists(st.sampled_from(range(len(NUMBERS))), min_size=2, max_size=2, unique=True)))
    above = {draw(st.sampled_from(["at_least", "above"])): NUMBERS[low]}
    below = {draw(st.sampled_from(["at_most", "below"])): NUMBERS[high]}
    return draw(st.sampled_from([NUMBERS[low], above, below, above | below]))


@st.composite
def written_days(draw: Draw, attribute: Written, first: date, durations: Sequence[str], reach: int) -> Any:
    """A test of a date, in any of its forms."""
    length = st.sampled_from(durations)
    near = st.integers(-reach, reach)
    early, late = sorted((draw(near), draw(near)))
    begins, ends = {"from": str(first + timedelta(days=early))}, {"until": str(first + timedelta(days=late))}
    forms = [
        st.sampled_from(["absent", "present"]),
        st.fixed_dictionaries({"within": length}),
        st.fixed_dictionaries({"over": length}),
        st.fixed_dictionaries({"over": length, "within": length}),
        st.sampled_from([begins, ends, begins | ends]),
    ]
    if attribute.get("known") == "ahead":
        bounds = st.fixed_dictionaries({}, optional={"at_least": length, "at_most": length})
        forms.append(st.fixed_dictionaries({"ahead": bounds.filter(bool)}))
    return draw(st.one_of(forms))


def written_conditions(leaves: st.SearchStrategy[Any], depth: int) -> st.SearchStrategy[Any]:
    """Conditions of ``all``, ``any`` and ``not`` over leaves, so many above each other."""
    if depth == 0:
        return leaves
    parts = written_conditions(leaves, depth - 1)
    few = st.lists(parts, min_size=1, max_size=2)
    joint = st.sampled_from(["all", "any"])
    return parts | st.builds(lambda how, listed: {how: listed}, joint, few) | parts.map(lambda part: {"not": part})


# --- values ----------------------------------------------------------------------------------------------------------


def allowed_numbers(attribute: Attribute) -> list[Value]:
    """Numbers around all of ``NUMBERS`` that the attribute can have."""
    grid = [Decimal(n) / 4 for n in range(-9, 18)]
    return [
        n
        for n in grid
        if (not attribute.whole or n == int(n))
        and (attribute.minimum is None or attribute.minimum <= n)
        and (attribute.maximum is None or n <= attribute.maximum)
    ]


def values_of(attribute: Attribute, first: date, reach: int) -> list[Value]:
    """Values of an attribute, for dates all days within ``reach`` of ``first``; zones are not among them."""
    values: list[Value]
    if attribute.type == "choice":
        values = [*attribute.values, *([OTHER] if attribute.others else [])]
    elif attribute.type == "flag":
        values = [False, True]
    elif attribute.type == "labels":
        values = [frozenset(few) for n in range(len(attribute.values) + 1) for few in combinations(attribute.values, n)]
    elif attribute.type == "number":
        values = allowed_numbers(attribute)
    else:
        values = [None, *(first + timedelta(days=n) for n in range(-reach, reach + 1))]
    return values if attribute.always_known else [*values, UNKNOWN]


# --- boxes as sets of points -----------------------------------------------------------------------------------------


def in_box(box: Box, point: Mapping[str, int]) -> bool:
    """Whether a point, a cell for each dimension, lies in a box."""
    return all(mask >> point[name] & 1 for name, mask in box.items())


def in_some(boxes: Sequence[Box], point: Mapping[str, int]) -> bool:
    return any(in_box(box, point) for box in boxes)
