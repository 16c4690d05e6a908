"""One touch at other times: which of them each rule refuses, asked once for all findings that it could mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from .changes import can_move, time_of, without
from .clocks import instant, local
from .fits import Drafts
from .outline import scope_of
from .plan.plan import PlannedCampaign
from .policy.linked import LinkedRule
from .sends.timeline import Timeline
from .trials import ORDER, Asked

DAYS = 14
"""So many days before and after are tried."""


def times_near(asked: Asked, name: str, index: int) -> list[datetime]:
    """The days to which a touch may be moved, at its hour, the nearest first; none where it must stay."""
    campaign = asked.campaigns.get(name)
    if campaign is None or not can_move(campaign, index, asked.as_of):
        return []
    at = time_of(campaign, index)
    move, stated = campaign.model.move_of(index), asked.plan.stated_period
    days = [day for day in nearest(at.date()) if day >= asked.as_of and move.allows(day)]
    return [datetime.combine(d, at.time()) for d in days if stated is None or stated[0] <= d <= stated[1]]


def nearest(at: date) -> Iterator[date]:
    """The days around it, the nearest first; of two the later one."""
    for n in range(1, DAYS + 1):
        yield at + timedelta(days=n)
        yield at - timedelta(days=n)


class Placing:
    """A touch of a campaign at other times of its clock. What rules say of them is kept."""

    def __init__(self, asked: Asked, campaign: PlannedCampaign, index: int, times: Sequence[datetime]) -> None:
        self.asked, self.campaign, self.index = asked, campaign, index
        zone = campaign.timezone
        self.moments = {at: instant(at, zone) for at in times if local(instant(at, zone), zone) == at}
        self._known: dict[str, tuple[set[datetime], set[datetime]]] = {}

    def refused(self, rule: LinkedRule[Any], times: Iterable[datetime]) -> set[datetime]:
        """The times at which a touch breaks a rule that looks at sets of touches: it is none of such a set elsewhere."""
        told, broken = self._known.setdefault(rule.id, (set(), set()))
        new = [at for at in times if at not in told]
        if new:
            by_moment = {self.moments[at]: at for at in new}
            broken.update(by_moment[moment] for moment in self._drafts.broken(rule, by_moment))
            told.update(new)
        return broken.intersection(times)

    def stays_refused(self, rule: LinkedRule[Any]) -> bool:
        """Whether the touch breaks a rule where it is now."""
        return bool(self._here.broken(rule, [self._now]))

    @cached_property
    def _now(self) -> datetime:
        return instant(time_of(self.campaign, self.index), self.campaign.timezone)

    @cached_property
    def _here(self) -> Drafts:
        return self._beside([self._now])

    @property
    def timeline(self) -> Timeline:
        """What is looked at to ask a rule."""
        return self._drafts.timeline

    @cached_property
    def rules(self) -> list[LinkedRule[Any]]:
        """The rules of such sets that speak of the touch, the cheapest first."""
        mine = [rule for rule in self.asked.rules if alone_or_near(rule) and self._drafts.speaks(rule)]
        return sorted(mine, key=lambda rule: ORDER.index(scope_of(rule).what))

    @cached_property
    def _drafts(self) -> Drafts:
        return self._beside(list(self.moments.values()))

    def _beside(self, moments: Sequence[datetime]) -> Drafts:
        """The touch at these moments beside the rest of the plan, or beside what of it can matter."""
        asked = self.asked
        room = max((scope_of(rule).days or 0 for rule in asked.rules if alone_or_near(rule)), default=0)
        days = [local(at, self.campaign.timezone).date() for at in moments]
        plan = asked.part(asked.near(days, room)) if asked.in_parts else asked.plan
        if self.campaign in plan.campaigns:
            plan = without(plan, self.campaign, self.index)
        return Drafts(plan, asked.as_of, self.campaign, self.index, moments, asked.waivers)


def alone_or_near(rule: LinkedRule[Any]) -> bool:
    """Whether it can only be broken by a set of touches that lie near each other, or by one alone."""
    scope = scope_of(rule)
    if getattr(rule.params, "count", None) == "campaigns":
        return False  # of two touches of one campaign a draft is none
    return scope.what == "each" or (scope.what == "near" and scope.days is not None)
