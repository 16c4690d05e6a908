"""What the tests of space and search draw: attributes, conditions and customers, as they would be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product
from typing import Any

from hypothesis import HealthCheck, Phase, settings
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
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
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


@dataclass(frozen=True)
class Scale:
    """The days that conditions name, counted from the first one, and the durations they use."""

    first: date
    offsets: tuple[int, ...]
    durations: tuple[str, ...]


def written_tests(attribute: Written, scale: Scale) -> st.SearchStrategy[Any]:
    """Any test of an attribute."""
    known_ahead = attribute.get("known") == "ahead"
    return st.sampled_from(_tests(attribute["type"], tuple(attribute.get("values", ())), known_ahead, scale))


@lru_cache(maxsize=1000)
def _tests(kind: str, values: tuple[str, ...], known_ahead: bool, scale: Scale) -> list[Any]:
    tests: list[Any]
    few = [list(some) for number in (1, 2) for some in combinations(values, number)]
    if kind == "flag":
        tests = ["true", "false"]
    elif kind == "number":
        tests = [*_bounds()]
    elif kind == "labels":
        tests = [*values, *({how: some} for how in ("any", "all", "none") for some in few)]
    elif kind == "date":
        tests = [*_dates(scale), *(_ahead(scale) if known_ahead else [])]
    else:
        tests = [*values, *few]
    return tests + [{"not": test} for test in tests[:: 1 if len(tests) < 12 else 5]]


def _bounds() -> Iterator[Any]:
    """A number, or bounds on one side or on both."""
    lows = [(n, {how: low}) for how in ("at_least", "above") for n, low in enumerate(NUMBERS)]
    highs = [(n, {how: high}) for how in ("at_most", "below") for n, high in enumerate(NUMBERS)]
    yield from (*NUMBERS, *(low for _, low in lows), *(high for _, high in highs))
    yield from (low | high for (n, low), (m, high) in product(lows, highs) if n < m)


def _dates(scale: Scale) -> Iterator[Any]:
    yield from ("absent", "present")
    lengths = scale.durations
    yield from ({how: length} for how in ("within", "over") for length in lengths)
    yield from ({"over": short, "within": long} for short, long in combinations(lengths, 2))
    days = [str(scale.first + timedelta(days=n)) for n in scale.offsets]
    yield from ({"from": day} for day in days)
    yield from ({"until": day} for day in days)
    yield from ({"from": early, "until": late} for early, late in combinations(days, 2))


def _ahead(scale: Scale) -> Iterator[Any]:
    """Again and again, so that dates that are known ahead are often tested so."""
    lengths = scale.durations
    for _ in range(3):
        yield from ({"ahead": {how: length}} for how in ("at_least", "at_most") for length in lengths)
        yield from ({"ahead": {"at_least": early, "at_most": late}} for early, late in combinations(lengths, 2))


def written_conditions(leaves: st.SearchStrategy[Any], depth: int) -> st.SearchStrategy[Any]:
    """Conditions of ``all``, ``any`` and ``not`` over leaves, so many above each other."""
    if depth == 0:
        return leaves
    parts = written_conditions(leaves, depth - 1)

    @st.composite
    def combined(draw: Draw) -> Any:
        how = draw(st.sampled_from(["", "", "not", "all", "any"]))
        part = draw(parts)
        if how in ("all", "any"):
            return {how: [part, draw(parts)]}
        return {"not": part} if how else part

    return combined()


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
