"""Where one more touch fits: at which moments it breaks no rule, and at which it breaks which.

It is put there as a draft: a draft is judged beside the whole plan, and drafts never meet, so that one evaluation answers for
many moments at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from .search.result import Undecided, decided
from .sends.fields import campaign_fields, touch_fields
from .sends.timeline import Timeline, timeline

BUDGET = 100_000
"""Of one search: less than for a verdict, for what is not settled is only not proposed."""
FEW = 14
"""So many drafts are asked about at once where all of them are too many for the budget."""
Broken = dict[datetime, tuple[str, ...]]
"""For each moment the rules that one more touch there breaks, or of which it is not proved that it does not."""


class Drafts:
    """One touch of a campaign at many moments, each a draft of its own beside a plan."""

    def __init__(
        self,
        plan: Plan,
        as_of: date,
        campaign: PlannedCampaign,
        index: int,
        moments: Sequence[datetime],
        waivers: Sequence[Waiver] = (),
        budget: int = BUDGET,
    ) -> None:
        self._names = {at: _named(number) for number, at in enumerate(moments)}
        drafts = [draft_of(campaign, index, at, name) for at, name in self._names.items()]
        touch = campaign.model.touches[index]
        self._fields = touch_fields(campaign_fields(campaign.model, campaign.timezone), touch, plan.words)
        whole = replace(plan, campaigns=tuple(sorted((*plan.campaigns, *drafts), key=lambda c: c.name)))
        self._evaluation = Evaluation(whole, self._as_itself(timeline(whole, as_of)), as_of, waivers, budget)

    def _as_itself(self, line: Timeline) -> Timeline:
        """Rules that match campaigns by name see the campaign that it is of."""
        names = set(self._names.values())
        sends = (replace(send, fields=self._fields) if send.campaign in names else send for send in line.sends)
        return replace(line, sends=tuple(sends))

    @property
    def timeline(self) -> Timeline:
        return self._evaluation.timeline

    def speaks(self, rule: LinkedRule[Any]) -> bool:
        """Whether the touch can matter to a rule."""
        return KINDS[rule.kind].concerns(rule, self._fields)

    def broken(self, rule: LinkedRule[Any], moments: Iterable[datetime]) -> set[datetime]:
        """Those of the moments at which the touch breaks a rule, or of which it is not proved that it does not."""
        asked = {self._names[at]: at for at in moments}
        others = set(self._names.values()) - set(asked)
        evaluation = self._evaluation.without(others) if others else self._evaluation
        return {asked[name] for name in _broken_by(rule, evaluation, set(asked))} if asked else set()


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
    drafts = Drafts(plan, as_of, campaign, index, moments, waivers, budget)
    broken: dict[datetime, list[str]] = {at: [] for at in moments}
    for rule in filter(drafts.speaks, rules):
        for at in drafts.broken(rule, moments):
            broken[at].append(rule.id)
    return {at: tuple(some) for at, some in broken.items()}


def speaks_of(rule: LinkedRule[Any], campaign: PlannedCampaign, plan: Plan) -> bool:
    """Whether a touch of the campaign can matter to the rule."""
    of_campaign = campaign_fields(campaign.model, campaign.timezone)
    concerns = KINDS[rule.kind].concerns
    return any(concerns(rule, touch_fields(of_campaign, touch, plan.words)) for touch in campaign.model.touches)


def _broken_by(rule: LinkedRule[Any], evaluation: Evaluation, drafts: set[str]) -> set[str]:
    kind = KINDS[rule.kind]
    asked, broken = drafts, set[str]()
    if kind.breaking is not None:
        breaking = kind.breaking
        found_so_far = decided(lambda: breaking(rule, evaluation, drafts))
        if not isinstance(found_so_far, Undecided):
            broken, asked = found_so_far
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
