"""Where a touch could go: the days on which it breaks no rule, the nearest of them tried over the whole plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .changes import Moved, time_of, without
from .clocks import instant, local
from .fits import fits
from .plan.plan import PlannedCampaign
from .trials import Asked, Findings, Purse, Trial

MOST_TRIED = 3
"""So many days are offered."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a touch could go at its hour: the days on which it breaks nothing, of so many; those that were tried stand first.

    ``tried`` are days at which the whole plan, with the touch there, was asked: nothing is new, and nothing worse. ``always``
    are the rules that it breaks on every day: days are free under all others.
    """

    index: int
    hour: datetime
    free: tuple[date, ...]
    days: int
    tried: tuple[date, ...] = ()
    always: tuple[str, ...] = ()


def places(asked: Asked, stand: Findings, campaign: PlannedCampaign, index: int, days: Sequence[date]) -> Places:
    """The days on which a touch fits under all rules at its own hour; the nearest of them are tried over the whole plan.

    ``stand`` are the findings of the plan as it is.
    """
    at = time_of(campaign, index)
    move = campaign.model.move_of(index)
    days = [day for day in days if move.allows(day)]
    moments = {day: instant(datetime.combine(day, at.time()), campaign.timezone) for day in days}
    bare = without(asked.plan, campaign, index)
    broken = fits(bare, asked.rules, asked.as_of, campaign, index, list(moments.values()), asked.waivers)
    always = set.intersection(*map(set, broken.values())) if broken else set()
    free = [
        day
        for day, moment in moments.items()
        if always.issuperset(broken[moment]) and local(moment, campaign.timezone).time() == at.time()
    ]
    near = sorted((day for day in free if day != at.date()), key=lambda day: (abs(day - at.date()), day))
    tried = (
        _tried(asked, stand, campaign, index, [datetime.combine(day, at.time()) for day in near])
        if at.date() not in free
        else ()
    )
    return Places(index, at, tuple(free), len(days), tried, tuple(sorted(always)))


def _tried(
    asked: Asked, stand: Findings, campaign: PlannedCampaign, index: int, near: Sequence[datetime]
) -> tuple[date, ...]:
    """Of these times, the nearest first, the first few at which the touch leaves nothing new and nothing worse."""
    before = {finding.about: finding for finding in stand}
    found: list[date] = []
    for to in near:
        if len(found) == MOST_TRIED:
            break
        trial = Trial(asked, before, Moved(campaign.name, index, to), Purse())
        if not any(map(trial.refused_by, trial.rules())):
            found.append(to.date())
    return tuple(sorted(found))
