"""What cannot be decided becomes an answer that says why; everything else passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tactful.engine.messages import say
from tactful.engine.search.result import NOBODY, Found, Nobody, Undecided, decided
from tactful.engine.undecidable import BudgetExhausted, TooManyBoxes, TooManyTriggers, Undecidable, UnknownYear

ENDS = [
    BudgetExhausted(),
    TooManyBoxes(),
    TooManyTriggers(),
    UnknownYear("CN", 2031),
    Undecidable(say("nobody knows", "无人知晓")),
]


def raising(error: BaseException) -> Callable[[], Any]:
    def ask() -> Any:
        raise error

    return ask


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
def test_what_is_undecidable_is_undecided_for_its_own_reason(end: Undecidable) -> None:
    answer = decided(raising(end))
    assert answer == Undecided(end.why)
    others = [other for other in ENDS if other is not end]
    assert all(answer != Undecided(other.why) for other in others)


def test_every_kind_of_undecidable_is_tried() -> None:
    kinds, known = [Undecidable], set()
    while kinds:
        kind = kinds.pop()
        known.add(kind)
        kinds += kind.__subclasses__()
    assert {kind for kind in known if kind.__module__ == Undecidable.__module__} == {type(end) for end in ENDS}


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), AssertionError(), RecursionError(), KeyboardInterrupt()]
)
def test_any_other_end_passes(error: BaseException) -> None:
    with pytest.raises(type(error)) as end:
        decided(raising(error))
    assert end.value is error


@pytest.mark.parametrize("value", [None, 0, NOBODY, Found(3), Undecided(say("unsure", "不确定"))])
def test_an_answer_is_handed_on(value: Any) -> None:
    assert decided(lambda: value) is value


def test_answers_are_equal_by_what_they_say() -> None:
    assert Nobody() == NOBODY
    assert Found(1) == Found(1) != Found(2)
    assert decided(lambda: Found(None)) != decided(lambda: NOBODY)
