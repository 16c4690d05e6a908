"""What a waiver covers. Nothing leaves a count by one: it covers a finding whose every set it covers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from ..policy.linked import LinkedRule
from ..policy.waivers import Waiver
from ..sends.timeline import Send, TriggeredTouch
from .evaluation import Evaluation

Measured = int | Decimal | None
Set = tuple[Sequence[Send | TriggeredTouch], Measured]
"""The touches of one violating set, and how far it goes."""


class Waivers:
    """The waivers of one rule, with their numbers."""

    def __init__(self, rule: LinkedRule[Any], evaluation: Evaluation) -> None:
        self.as_of = evaluation.as_of
        self.listed = [(i, w) for i, w in enumerate(evaluation.waivers) if w.waive == rule.id]
        self.used: set[int] = set()
        """Those that covered some set, whether or not another set of its finding stands."""

    def __bool__(self) -> bool:
        return bool(self.listed)

    def cover(self, touches: Sequence[Send | TriggeredTouch], measure: Measured = None) -> bool:
        """Whether one covers a set: it names a campaign of it, its touches come up to the last day, and it allows so much.

        Triggered touches have no day, so no waiver covers their campaign.
        """
        covering = [i for i, waiver in self.listed if _covers(waiver, touches, measure)]
        self.used.update(covering)
        return bool(covering)

    def of_sets(self, sets: Iterable[Set]) -> tuple[int, ...]:
        """The waivers, by number, that cover every set of a finding; none: some set stands."""
        if not self.listed:
            return ()
        used: set[int] = set()
        for touches, measure in sets:
            covering = [i for i, waiver in self.listed if _covers(waiver, touches, measure)]
            if not covering:
                return ()
            used.update(covering)
        return tuple(sorted(used))

    def of_parties(self, names: Iterable[str]) -> tuple[int, ...]:
        """Those of these campaigns, for a finding of which the search itself found no set that is not covered."""
        wanted = set(names)
        return tuple(i for i, w in self.listed if w.campaign in wanted)

    def last_days(self, measure: Measured = None) -> dict[str, date]:
        """For each campaign named by a waiver that allows so much, the last day up to which its touches are covered."""
        found: dict[str, date] = {}
        for _, waiver in self.listed:
            if waiver.campaign is not None and _allows(waiver, measure):
                found[waiver.campaign] = max(waiver.until, found.get(waiver.campaign, waiver.until))
        return found

    def of_document(self, name: str | None, measure: Measured = None) -> tuple[int, ...]:
        """Those in force for a finding about a document, a pool or a service: there is no touch to be dated."""
        return self._about(name, self.as_of, measure)

    def of_offer(self, name: str | None, last: date | None, measure: Measured = None) -> tuple[int, ...]:
        """Those for a campaign or price book that reach to the last day of an offer; one without an end is never covered."""
        return self._about(name, last, measure) if last is not None else ()

    def _about(self, name: str | None, last: date, measure: Measured) -> tuple[int, ...]:
        """Those that name what a finding is about, reach to a day and allow so much."""
        mine = [(i, w) for i, w in self.listed if (w.campaign or w.group) == name]
        return tuple(i for i, w in mine if w.until >= last and _allows(w, measure))

    def of_group(self, name: str, until: date | None = None, at_least: Measured = None) -> tuple[int, ...]:
        """Those for a group whose last day is not before ``until``; a floor is allowed to go down to their ``allow``."""
        return tuple(
            i
            for i, w in self.listed
            if w.group == name
            and (until is None or w.until >= until)
            and (w.allow is None or at_least is None or at_least >= w.allow)
        )

    def last_day(self, group: str) -> date | None:
        """Up to which day a group is covered; None: it is not."""
        return max((w.until for _, w in self.listed if w.group == group), default=None)


def _allows(waiver: Waiver, measure: Measured) -> bool:
    return waiver.allow is None or measure is None or measure <= waiver.allow


def _covers(waiver: Waiver, touches: Sequence[Send | TriggeredTouch], measure: Measured) -> bool:
    mine = [touch for touch in touches if touch.name == waiver.campaign]
    dated = all(isinstance(touch, Send) and touch.trigger is None and touch.day <= waiver.until for touch in mine)
    return bool(mine) and dated and _allows(waiver, measure)
