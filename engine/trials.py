"""What becomes of the findings when a small change is made: it is clean if nothing is new, and nothing worse.

Each rule is asked of as much of the changed plan as the change can matter to (``Kind.scope``), the cheapest first, and no
further than to the first that refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Any

from .changes import Change, Moved, time_of
from .evaluate import BUDGET, evaluate, outcome_of
from .fits import BUDGET as TRIED_BUDGET
from .fits import speaks_of
from .kit.evaluation import Evaluation
from .kit.scope import days_of
from .outline import MARGIN, facts_hang_on_moments, scope_of
from .plan.plan import Plan, PlannedCampaign
from .policy.linked import LinkedRule
from .policy.waivers import Waiver
from .rules import KINDS
from .sends.timeline import Timeline, timeline
from .verdicts import Finding, Measure, Standpoint

Findings = Sequence[Finding]
ORDER = ("each", "near", "filled", "offers", "plan")
"""The cheapest to ask first."""


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


@dataclass(frozen=True)
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

    @cached_property
    def evaluation(self) -> Evaluation:
        """The plan as every rule asks of it. Raises TooManySends."""
        return Evaluation(self.plan, timeline(self.plan, self.as_of), self.as_of, self.waivers, self.budget)

    @cached_property
    def campaigns(self) -> dict[str, PlannedCampaign]:
        return self.evaluation.campaigns

    @cached_property
    def days(self) -> dict[str, list[int]]:
        """The days on which each campaign sends; a triggered one, or what lasts, has none that can be told."""
        found: dict[str, list[int]] = {}
        for send in self.evaluation.timeline.sends:
            found.setdefault(send.campaign, []).append(send.day.toordinal())
        return found

    def near(self, days: Iterable[date], room: int) -> frozenset[str]:
        """The campaigns that can send something within so many days of one of them."""
        spots, room = [day.toordinal() for day in days], room + MARGIN
        found = set()
        for name, campaign in self.campaigns.items():
            untold = campaign.model.trigger is not None or any(t.lasts is not None for t in campaign.model.touches)
            if untold or any(abs(day - spot) <= room for day in self.days.get(name, ()) for spot in spots):
                found.add(name)
        return frozenset(found)

    def part(self, names: frozenset[str]) -> Plan:
        """The plan with only these campaigns."""
        return replace(self.plan, campaigns=tuple(c for c in self.plan.campaigns if c.name in names))

    @property
    def price(self) -> int:
        """What one evaluation costs."""
        return sum(price(rule, self.evaluation.timeline) for rule in self.rules)

    @cached_property
    def has_drafts(self) -> bool:
        """Whether there are drafts: each is judged beside what is planned, and no other draft sees it."""
        return any(campaign.model.status == "draft" for campaign in self.plan.campaigns)

    @cached_property
    def in_parts(self) -> bool:
        """Whether a part of the plan answers for what lies in it: days and moments must not hang on the rest."""
        return self.plan.stated_period is not None and not facts_hang_on_moments(self.evaluation)


PRICES = {"each": 1, "near": 10, "filled": 5, "offers": 5, "plan": 20}
"""What an ask costs, by how far it looks, for each send that it looks at."""


def price(rule: LinkedRule[Any], line: Timeline) -> int:
    return (1 + len(line.sends)) * PRICES[scope_of(rule).what]


class Spent(Exception):
    """What may be asked for one finding is used up."""


@dataclass
class Purse:
    """How much may still be asked, in sends looked at."""

    left: float = inf

    def __post_init__(self) -> None:
        self.half = self.left / 2

    def spend(self, rule: LinkedRule[Any], asked_of: Timeline) -> None:
        """Raises Spent."""
        cost = price(rule, asked_of)
        if self.left < cost:
            raise Spent
        self.left -= cost


@dataclass
class Trial:
    """One change beside the findings as they are."""

    asked: Asked
    before: Mapping[tuple[str, str | None, str | None], Finding]
    change: Change
    purse: Purse
    parts: dict[frozenset[str] | None, Evaluation] = field(default_factory=dict)
    answers: dict[str, tuple[bool, list[Finding]]] = field(default_factory=dict)

    def refused_by(self, rule: LinkedRule[Any]) -> bool:
        """Whether something of a rule is new or worse with the change. Raises Spent."""
        return self._asked(rule)[0]

    def mends(self, finding: Finding, rule: LinkedRule[Any]) -> bool:
        """Whether the finding is gone, or does not stand any more at the send that is shown. Raises Spent."""
        after = next((f for f in self._asked(rule)[1] if f.about == finding.about), None)
        if after is None:
            return True
        if not finding.stands_at or after.verdict != "violated":
            return False
        return self._as_before(finding, finding.stands_at[0]) not in {
            self._as_before(after, s) for s in after.stands_at
        }

    def rules(self) -> list[LinkedRule[Any]]:
        """The rules that a change can matter to, the cheapest first."""
        campaign, plan = self.asked.campaigns[self.change.campaign], self.asked.plan
        mine = [rule for rule in self.asked.rules if speaks_of(rule, campaign, plan)]
        return sorted(mine, key=lambda rule: ORDER.index(scope_of(rule).what))

    def _asked(self, rule: LinkedRule[Any]) -> tuple[bool, list[Finding]]:
        if rule.id not in self.answers:
            evaluation = self._part(self._reached(rule))
            self.purse.spend(rule, evaluation.timeline)
            outcome = outcome_of(self._where_it_matters(rule), evaluation)
            found = [finding for finding in outcome.findings if not finding.covered_by]
            self.answers[rule.id] = (any(map(self._is_worse, found)), found)
        return self.answers[rule.id]

    def _where_it_matters(self, rule: LinkedRule[Any]) -> LinkedRule[Any]:
        """The rule as if it bound only on the days on which a window with the touch ends, before or after it is moved."""
        change = self.change
        if not KINDS[rule.kind].windowed or not isinstance(change, Moved) or not self.asked.in_parts:
            return rule
        first, last = sorted((change.to.date(), self._old(change).date()))
        per = rule.params.per
        ends = last + timedelta(days=days_of(per) + MARGIN) if per is not None else date.max
        begins = first - timedelta(days=MARGIN)
        return replace(rule, first=max(rule.first or begins, begins), last=min(rule.last or ends, ends))

    def _old(self, change: Moved) -> datetime:
        return time_of(self.asked.campaigns[change.campaign], change.index)

    def _is_worse(self, now: Finding) -> bool:
        was = self.before.get(now.about)
        if was is None or is_worse(now, was):
            return True
        before = {self._as_before(was, one) for one in was.stands_at}
        return bool(before) and not before.issuperset(self._as_before(now, one) for one in now.stands_at)

    def _as_before(self, finding: Finding, one: Standpoint) -> Standpoint | int:
        """A send by where it was: the touch that was moved is the same touch."""
        change = self.change
        moved = isinstance(change, Moved) and (finding.campaign, one.index) == (change.campaign, change.index)
        return one.index if moved else one

    def _reached(self, rule: LinkedRule[Any]) -> frozenset[str] | None:
        """The campaigns that a rule must be asked of; None: all."""
        scope, change = scope_of(rule), self.change
        if not self.asked.in_parts:
            return None
        if scope.what == "each":
            return frozenset((change.campaign,))
        if scope.what == "near" and scope.days is not None and isinstance(change, Moved):
            return self.asked.near((change.to.date(), self._old(change).date()), scope.days) | {change.campaign}
        return None

    def _part(self, names: frozenset[str] | None) -> Evaluation:
        if names not in self.parts:
            asked = self.asked
            plan = self.change.applied(asked.plan if names is None else asked.part(names))
            line = timeline(plan, asked.as_of)
            self.parts[names] = Evaluation(plan, line, asked.as_of, asked.waivers, min(asked.budget, TRIED_BUDGET))
        return self.parts[names]
