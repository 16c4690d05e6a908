"""What a rule kind is made of, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..messages import Message
from ..places import Problem
from ..plan.conditions import Condition
from ..policy.linked import LinkedRule
from ..policy.matches import Fields
from ..policy.policies import Rule
from ..verdicts import Defect, Finding, Note
from .evaluation import Evaluation
from .room import Standing, Stretch
from .scope import PLAN, Scope

P = TypeVar("P", bound=Rule)
Words = Mapping[str, tuple[str, ...]]
"""The declared words of each field of a match that has some."""


@dataclass
class Outcome:
    """The findings and notes of one rule."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Why the rule cannot be asked at all."""
    defects: list[Defect] = field(default_factory=list)
    """Where the program itself failed."""
    partly_waived: list[int] = field(default_factory=list)
    """The waivers, by number, that cover some set of a finding, whether or not all."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[P]):
    """A rule kind: its parameters, its check, and what the rest of the program must know of it."""

    name: str
    params: type[P]
    summary: Message
    check: Callable[[LinkedRule[P], Evaluation], Outcome]
    measured: bool = False
    """Whether its findings have a measure, up to which a waiver can ``allow``."""
    more_can_help: bool = False
    """Whether something more in the plan can put a finding right: none is called violated while a part cannot be read."""
    each_alone: bool = False
    """Whether it looks at each document by itself: then a part that cannot be read changes nothing for the rest."""
    concerns: Callable[[LinkedRule[P], Fields], bool] = lambda rule, fields: any(
        match.holds(fields) for match in rule.every_match
    )
    """Whether a touch with these fields can matter to a rule."""
    windowed: bool = False
    """Whether each verdict is of one window of ``per``, by the day on which it ends: a touch matters to those that hold it."""
    moving: bool = False
    """Whether a touch at another time can put a finding right."""
    problems: Callable[[LinkedRule[P], Words], list[Problem]] | None = None
    """What is wrong with a rule as it is written, beyond its form and its words."""
    room: Callable[[LinkedRule[P], Evaluation, Condition], dict[str, list[Stretch]]] | None = None
    """How near the plan comes to the limit, moment by moment, for those in an audience; by what is counted apart."""
    standing: Callable[[LinkedRule[P], Evaluation, str], list[Standing]] | None = None
    """How near each touch of a campaign comes to the limit, also where it holds."""
    breaking: Callable[[LinkedRule[P], Evaluation, Set[str]], tuple[set[str], set[str]]] | None = None
    """Of many drafts those that break it, and those that must be asked by ``check``; without it all of them are."""
    scope: Callable[[LinkedRule[P]], Scope] = lambda rule: PLAN
    """How far a change of few campaigns carries, where the rule held before."""
