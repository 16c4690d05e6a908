"""Where one more touch fits: at which moments it breaks no rule, and at which it breaks which.

It is put there as a draft: a draft is judged beside the whole plan, and drafts never meet, so that one evaluation answers for
many moments at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from .clocks import local
from .evaluate import outcome_of
from .kit.evaluation import Evaluation
from .plan.plan import Plan, PlannedCampaign
from .policy.linked import LinkedRule
from .policy.waivers import Waiver
from .rules import KINDS
from .sends.fields import campaign_fields, touch_fields
from .sends.timeline import timeline

BUDGET = 100_000
"""Of one search: less than for a verdict, for what is not settled is only not proposed."""
FEW = 14
"""So many drafts are asked about at once where all of them are too many for the budget."""
Broken = dict[datetime, tuple[str, ...]]
"""For each moment the rules that one more touch there breaks, or of which it is not proved that it does not."""


def fits(
    plan: Plan,
    rules: Sequence[LinkedRule[Any]],
    as_of: date,
    campaign: PlannedCampaign,
    index: int,
    moments: Sequence[datetime],
    waivers: Sequence[Waiver] = (),
    budget: int = BUDGET,
) -> Broken:
    """What one more touch like the one of a campaign, ``index``, would break at each of the moments.

    Rules that are owed to customers (floors, obligations, parity) are not filled by a draft, and not broken by one. A rule
    that is broken as a whole, with nothing of the touch in it, is not counted.
    """
    if not moments:
        return {}
    drafts = {_named(n): draft_of(campaign, index, at, _named(n)) for n, at in enumerate(moments)}
    whole = replace(plan, campaigns=tuple(sorted((*plan.campaigns, *drafts.values()), key=lambda c: c.name)))
    evaluation = Evaluation(whole, timeline(whole, as_of), as_of, waivers, budget)
    one_of_them = drafts[_named(0)]
    broken: dict[str, list[str]] = {name: [] for name in drafts}
    for rule in rules:
        if speaks_of(rule, one_of_them, plan):
            for name in _broken_by(rule, evaluation, set(drafts)):
                broken[name].append(rule.id)
    return {at: tuple(broken[_named(number)]) for number, at in enumerate(moments)}


def speaks_of(rule: LinkedRule[Any], campaign: PlannedCampaign, plan: Plan) -> bool:
    """Whether a match of the rule holds for a touch of the campaign."""
    of_campaign = campaign_fields(campaign.model, campaign.timezone)
    fields = [touch_fields(of_campaign, touch, plan.words) for touch in campaign.model.touches]
    return any(match.holds(one) for match in rule.every_match for one in fields)


def _broken_by(rule: LinkedRule[Any], evaluation: Evaluation, drafts: set[str]) -> set[str]:
    kind = KINDS[rule.kind]
    asked, broken = drafts, set[str]()
    if kind.breaking is not None:
        broken, asked = kind.breaking(rule, evaluation, drafts)
        if not asked:
            return broken
    found, all_told = _told(rule, evaluation, drafts, asked)
    if not all_told:
        names = sorted(asked - found)
        for first in range(0, len(names), FEW):
            some = set(names[first : first + FEW])
            mine, told = _told(rule, evaluation, drafts, some)
            found |= mine if told else some
    return broken | found


def _told(rule: LinkedRule[Any], evaluation: Evaluation, drafts: set[str], asked: set[str]) -> tuple[set[str], bool]:
    """Those that break it, and whether the rest is proved not to: all share its budget, which may end before."""
    outcome = outcome_of(rule, evaluation.without(drafts - asked))
    found = {finding.campaign for finding in outcome.findings if finding.campaign in asked}
    if not any(finding.campaign is None and finding.verdict == "unproven" for finding in outcome.findings):
        return found, True
    bare = outcome_of(rule, evaluation.without(drafts))
    return found, any(finding.campaign is None for finding in bare.findings)


def _named(number: int) -> str:
    """No campaign of a user has such a name."""
    return f"\0{number:06}"


def draft_of(campaign: PlannedCampaign, index: int, at: datetime, name: str) -> PlannedCampaign:
    """One touch of a campaign at another moment, alone, as a draft of another name."""
    touch = campaign.model.touches[index].model_copy(
        update={"at": local(at, campaign.timezone), "repeat": None, "after": None}
    )
    changes = {"campaign": name, "status": "draft", "touches": (touch,), "offers": (), "trigger": None}
    model = campaign.model.model_copy(update=changes | {"during": None, "send_in": None, "split": None})
    return PlannedCampaign(model, campaign.place, campaign.timezone, (campaign.audiences[index],))
