"""What becomes of the findings when a touch is moved: a change is clean if nothing is new, and nothing worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .clocks import instant, local
from .evaluate import BUDGET, evaluate
from .fits import fits, speaks_of
from .plan.plan import Plan, PlannedCampaign
from .policy.linked import LinkedRule
from .policy.waivers import Waiver
from .verdicts import Finding, Measure

MOST_TRIED = 3
"""So many days are offered."""
Findings = Sequence[Finding]


def is_worse(now: Finding, was: Finding) -> bool:
    """Whether a finding is further from what is allowed, at more sends, or no longer in doubt."""
    if now.verdict != was.verdict:
        return now.verdict == "violated"
    if now.measure is None or was.measure is None:
        return now.more > was.more
    far, before = _beyond(now.measure), _beyond(was.measure)
    return far > before or (far == before and now.more > was.more)


def _beyond(measure: Measure) -> Decimal:
    """How far it is from what is allowed, on whichever side."""
    return abs(Decimal(measure.is_) - Decimal(measure.limit))


def worse(before: Findings, after: Findings) -> list[Finding]:
    """What stands after a change and did not before, or not as badly."""
    known = {finding.about: finding for finding in before}
    return [one for one in after if (was := known.get(one.about)) is None or is_worse(one, was)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan with the rules that are asked of it."""

    plan: Plan
    rules: Sequence[LinkedRule[Any]]
    as_of: date
    waivers: Sequence[Waiver] = ()
    budget: int = BUDGET

    def standing(self, plan: Plan | None = None) -> list[Finding]:
        """The findings that no waiver covers, of this plan or another with the same rules."""
        answer = evaluate(plan or self.plan, self.rules, self.as_of, self.waivers, self.budget)
        return [finding for finding in answer.findings if not finding.covered_by]

    def about(self, campaign: PlannedCampaign) -> Asked:
        """With the rules that can tell where a touch of it is; where no period is stated the days of the plan hang on all."""
        if self.plan.stated_period is None:
            return self
        return replace(self, rules=[rule for rule in self.rules if speaks_of(rule, campaign, self.plan)])


def without(plan: Plan, campaign: PlannedCampaign, index: int) -> Plan:
    """The plan without one touch; a campaign without any is none."""
    touches = tuple(touch for n, touch in enumerate(campaign.model.touches) if n != index)
    audiences = tuple(audience for n, audience in enumerate(campaign.audiences) if n != index)
    less = replace(campaign, model=campaign.model.model_copy(update={"touches": touches}), audiences=audiences)
    return _with(plan, campaign, less if touches else None)


def moved(plan: Plan, campaign: PlannedCampaign, index: int, to: datetime) -> Plan:
    """The plan with one touch at another time, on the clock of its campaign."""
    touches = tuple(
        touch.model_copy(update={"at": to}) if n == index else touch for n, touch in enumerate(campaign.model.touches)
    )
    return _with(plan, campaign, replace(campaign, model=campaign.model.model_copy(update={"touches": touches})))


def _with(plan: Plan, old: PlannedCampaign, new: PlannedCampaign | None) -> Plan:
    kept = (new if campaign is old else campaign for campaign in plan.campaigns)
    return replace(plan, campaigns=tuple(campaign for campaign in kept if campaign is not None))


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


def can_move(campaign: PlannedCampaign, index: int, as_of: date) -> bool:
    """Whether it is planned, still to come, at one time of the campaign's own clock."""
    touch = campaign.model.touches[index]
    planned = campaign.model.status in ("planned", "draft") and campaign.model.trigger is None
    if campaign.model.move_of(index).never:
        return False
    return (
        planned and touch.at is not None and touch.repeat is None and touch.clock is None and touch.at.date() >= as_of
    )


def places(asked: Asked, stand: Findings, campaign: PlannedCampaign, index: int, days: Sequence[date]) -> Places:
    """The days on which a touch fits under all rules at its own hour; the nearest of them are tried over the whole plan.

    ``stand`` are the findings of the plan as it is.
    """
    at: datetime = campaign.model.touches[index].at  # type: ignore[assignment]
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
    touched = asked.about(campaign)
    found: list[date] = []
    for to in near:
        if len(found) == MOST_TRIED:
            break
        if not worse(stand, touched.standing(moved(asked.plan, campaign, index, to))):
            found.append(to.date())
    return tuple(sorted(found))
