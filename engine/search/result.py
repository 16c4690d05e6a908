"""What a search answers: somebody, nobody, or that it could not be decided, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..messages import Message
from ..reference import Customer
from ..undecidable import Undecidable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """There is one, and here it is."""

    value: T


@dataclass(frozen=True, slots=True)
class Nobody:
    """Proved: there is none."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither found nor ruled out; ``why`` is the true reason."""

    why: Message


@dataclass(frozen=True, slots=True)
class MaxWeightSet:
    """The heaviest set found, its weight and a customer who gets it. ``complete``: no heavier one exists."""

    members: tuple[int, ...]
    weight: int
    customer: Customer
    complete: bool


MAX_DEPTH = 400
"""How many touches of a set are taken one below the other."""
NOBODY = Nobody()
Result = Found[T] | Nobody | Undecided


def first_found(answers: Iterable[Result[T]]) -> Result[T]:
    """The first that is found; else the first that could not be decided; else nobody."""
    unsure: Result[T] = NOBODY
    for answer in answers:
        if isinstance(answer, Found):
            return answer
        unsure = answer if isinstance(unsure, Nobody) else unsure
    return unsure


def decided(ask: Callable[[], T]) -> T | Undecided:
    """What is asked, or why it cannot be decided: nothing that is undecidable passes here."""
    try:
        return ask()
    except Undecidable as end:
        return Undecided(end.why)
