"""One rule being asked: what it speaks of, and what could not be decided on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from ..messages import Message
from ..places import Place
from ..plan.conditions import Condition
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..search.result import Found, Result, Undecided
from ..sends.timeline import Send, TriggeredTouch
from ..undecidable import Undecidable
from ..verdicts import Finding, Note
from .evaluation import Evaluation
from .findings import unproven
from .kind import Outcome
from .waivers import Waivers

P = TypeVar("P", bound=Rule)
T = TypeVar("T")


class Named(Protocol):
    """A send, a touch of a triggered campaign, or a campaign."""

    @property
    def name(self) -> str: ...

    @property
    def place(self) -> Place: ...


class Asking(Generic[P]):
    """One rule being asked. What is in doubt is kept once for each campaign (None: for the rule), the first reason."""

    def __init__(self, rule: LinkedRule[P], evaluation: Evaluation, not_proven: Message) -> None:
        self.rule, self.evaluation, self.not_proven = rule, evaluation, not_proven
        self.params: P = rule.params
        self.plan = evaluation.plan
        self.doubts: dict[str | None, Finding] = {}

    @cached_property
    def sends(self) -> list[Send]:
        """The dated touches that the rule speaks of, in order."""
        return self.evaluation.matching(self.rule)

    @cached_property
    def triggered(self) -> list[TriggeredTouch]:
        """The triggered touches that the rule speaks of."""
        return self.evaluation.matching_triggered(self.rule)

    @property
    def things(self) -> list[Send | TriggeredTouch]:
        """Both."""
        return [*self.sends, *self.triggered]

    @cached_property
    def clocks(self) -> list[tuple[str, Condition]]:
        """The clocks that the rule is asked on, each with the condition of the customers whose clock it is."""
        return self.evaluation.clocks(self.rule)

    @cached_property
    def waivers(self) -> Waivers:
        """What waivers of this rule cover."""
        return Waivers(self.rule, self.evaluation)

    def judged(self, touch: Send) -> bool:
        """Whether a finding may stand at a touch: it is still to come, and on a day on which the rule binds."""
        return self.evaluation.reportable(touch) and self.rule.in_effect(touch.day)

    # --- what is in doubt --------------------------------------------------------------------------------------------

    def doubt(self, why: Message, thing: Named | None = None) -> None:
        """What could not be decided: of a touch, at its campaign; else of the rule."""
        name = thing.name if thing is not None else None
        if name not in self.doubts:
            place = thing.place if thing is not None else None
            self.doubts[name] = unproven(self.rule, self.not_proven, why, place, name)

    def taken(self, answer: Result[T], thing: Named | None = None) -> T | None:
        """What a search found; that it could not be decided is kept as a doubt."""
        if isinstance(answer, Undecided):
            self.doubt(answer.why, thing)
        return answer.value if isinstance(answer, Found) else None

    @contextmanager
    def guarded(self, thing: Named | None = None) -> Iterator[None]:
        """What cannot be decided in here is kept as a doubt, and what was asked in here ends."""
        try:
            yield
        except Undecidable as end:
            self.doubt(end.why, thing)

    def outcome(self, findings: Iterable[Finding], notes: Sequence[Note] = ()) -> Outcome:
        """The findings, and the doubts about all else: what is violated there, and not waived, is not also unproven."""
        found = list(findings)
        broken = {finding.campaign for finding in found if finding.verdict == "violated" and not finding.covered_by}
        kept = [doubt for name, doubt in self.doubts.items() if name not in broken]
        return Outcome([*found, *kept], list(notes), partly_waived=sorted(self.waivers.used))
