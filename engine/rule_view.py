"""What one rule speaks of in a plan, what it finds, and how much room it leaves through the season."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from .evaluate import evaluate
from .kit.evaluation import Evaluation
from .kit.room import Fullest, by_day, fuller, joined
from .kit.witness import witness_of
from .messages import Message
from .plan.conditions import EVERYONE
from .policy.linked import LinkedRule
from .rules import KINDS
from .search.result import Undecided, decided
from .trials import Asked
from .verdicts import Finding


@dataclass(frozen=True, slots=True)
class Season:
    """For each day of the plan still to come, while the rule is in force, the fullest window that holds a moment of it."""

    days: tuple[tuple[date, Fullest], ...]
    fullest: Fullest
    customer: Message | None
    """Who gets most, in words; None where nobody gets anything."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """What there is to say of a rule beside a plan. ``channels``: how many dated sends it speaks of on each."""

    sends: int
    all_sends: int
    campaigns: int
    all_campaigns: int
    channels: tuple[tuple[str, int], ...]
    triggered: int
    found: tuple[Finding, ...]
    waived: int
    """Findings that waivers cover."""
    season: Season | None


def rule_view(asked: Asked, rule: LinkedRule[Any]) -> RuleView:
    """Asks the rule, and for a cap how near every day comes to it. Raises TooManySends."""
    evaluation = asked.evaluation
    matched, steps = evaluation.matching(rule), evaluation.matching_triggered(rule)
    names = {send.campaign for send in matched} | {step.name for step in steps}
    own = {campaign.name for campaign in asked.plan.campaigns}
    channels = Counter(send.model.channel for send in matched)
    answer = evaluate(asked.plan, [rule], asked.as_of, asked.waivers, asked.budget)
    return RuleView(
        len(matched),
        len(evaluation.timeline.sends),
        len(names & own),
        len(own),
        tuple(channels.most_common()),
        len(steps),
        tuple(finding for finding in answer.findings if not finding.covered_by),
        sum(bool(finding.covered_by) for finding in answer.findings),
        _season(rule, evaluation),
    )


def _season(rule: LinkedRule[Any], evaluation: Evaluation) -> Season | None:
    """None for a kind that knows no room, where that is not decided, and where there is no day."""
    room = KINDS[rule.kind].room
    found = decided(lambda: room(rule, evaluation, EVERYONE)) if room is not None else {}
    if isinstance(found, Undecided) or not found:
        return None
    days = tuple(by_day(joined(list(found.values())), evaluation.plan.timezone))
    if not days:
        return None
    fullest = days[0][1]
    for _, one in days:
        fullest = fuller(fullest, one)
    who = fullest.customer
    words = witness_of(evaluation, rule, who, fullest.touches).words if who is not None else None
    return Season(days, fullest, words)
