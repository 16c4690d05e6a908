"""Everything that a plan's rules say of one campaign: what it breaks, what holds and how nearly, and where it could go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .changes import can_move
from .evaluate import evaluate
from .fits import speaks_of
from .kit.evaluation import Evaluation
from .kit.room import Standing
from .moves import Places, places
from .plan.plan import PlannedCampaign
from .policy.linked import LinkedRule
from .rules import KINDS
from .search.result import Undecided, decided
from .sends.timeline import Send
from .trials import Asked
from .verdicts import Finding


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that speaks of the campaign and holds for it, with how near each of its touches comes to the limit."""

    rule: LinkedRule[Any]
    near: tuple[Standing, ...] = ()
    elsewhere: bool = False
    """Whether it is broken or not proven elsewhere in the plan: here it only has no finding."""


@dataclass
class CampaignView:
    """What there is to say of one campaign."""

    campaign: PlannedCampaign
    sends: list[Send]
    judged: bool = True
    """Whether something of it is still to come: of what is past or cancelled nothing is said."""
    broken: list[Finding] = field(default_factory=list)
    waived: list[Finding] = field(default_factory=list)
    unproven: list[Finding] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    silent: list[LinkedRule[Any]] = field(default_factory=list)
    """Rules that speak of none of its touches."""
    places: list[Places] = field(default_factory=list)
    matters_to: dict[str, list[str]] = field(default_factory=dict)
    """Other campaigns in whose findings it takes part, each with the rules."""


def view_of(asked: Asked, campaign: PlannedCampaign) -> CampaignView:
    """What the rules say of a campaign, and where its touches could go, which takes longest. Raises TooManySends."""
    evaluation = asked.evaluation
    answer = evaluate(asked.plan, asked.rules, asked.as_of, asked.waivers, asked.budget)
    mine = [send for send in evaluation.timeline.sends if send.campaign == campaign.name]
    judged = campaign.model.trigger is not None or any(map(evaluation.reportable, mine))
    view = CampaignView(campaign, mine, judged and campaign.model.status != "cancelled")
    for finding in answer.findings:
        if finding.campaign == campaign.name:
            _sorted_in(finding, view)
        elif campaign.name in finding.among and finding.campaign is not None and not finding.covered_by:
            view.matters_to.setdefault(finding.campaign, []).append(finding.rule)
    stand = [finding for finding in answer.findings if not finding.covered_by]
    elsewhere = {finding.rule for finding in stand}
    told = {finding.rule for finding in (*view.broken, *view.waived, *view.unproven)}
    for rule in asked.rules:
        if not speaks_of(rule, campaign, asked.plan):
            view.silent.append(rule)
        elif rule.id not in told:
            view.held.append(Held(rule, _near(rule, evaluation, campaign.name), rule.id in elsewhere))
    days = _days(evaluation)
    for index in range(len(campaign.model.touches)):
        if can_move(campaign, index, asked.as_of):
            view.places.append(places(asked, stand, campaign, index, days))
    return view


def _sorted_in(finding: Finding, view: CampaignView) -> None:
    if finding.covered_by:
        view.waived.append(finding)
    elif finding.verdict == "unproven":
        view.unproven.append(finding)
    else:
        view.broken.append(finding)


def _near(rule: LinkedRule[Any], evaluation: Evaluation, name: str) -> tuple[Standing, ...]:
    """How near it comes; nothing where that is not decided."""
    standing = KINDS[rule.kind].standing
    if standing is None:
        return ()
    found = decided(lambda: standing(rule, evaluation, name))
    return () if isinstance(found, Undecided) else tuple(found)


def _days(evaluation: Evaluation) -> list[date]:
    """The days of the plan still to come."""
    first, last = evaluation.span
    first = max(first, evaluation.as_of)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
