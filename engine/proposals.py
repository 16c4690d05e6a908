"""What to do about a finding: small changes, each tried over the whole plan before it is proposed.

A change is proposed if the finding does not stand any more where it is shown, and no rule has anything new or worse. The
nearest times are tried first, earlier and later ones in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from .changes import Change, Moved
from .messages import Message, all_of, either, say
from .outline import scope_of
from .placing import Placing, times_near
from .policy.linked import LinkedRule
from .policy.policies import SEVERITIES
from .rules import KINDS
from .sends.timeline import TooManySends
from .trials import Asked, Purse, Spent, Trial
from .verdicts import Finding

MOST = 3
"""So many times are offered."""
FEW = 8
"""So many times are tried first."""
MOST_TRIED = 4
"""Of the times that no set of touches refuses so many are tried over the whole plan."""
MOST_FINDINGS = 40
"""For so many findings: nobody reads hundreds."""
PURSE = 16_000
"""What may be asked for one finding, in prices (``trials.PRICES``); of a large plan as much as half an evaluation costs."""
SHARED, EVALUATIONS = 100_000, 6
"""What may be asked for all together: so much, and as much as so many evaluations of the plan cost."""
ELSEWHERE = 3
Placings = dict[tuple[str, int, tuple[datetime, ...]], Placing]
Group = list[Finding]
Each = Callable[[Callable[[Group], Group], Sequence[Group]], Iterable[Group]]


def proposed(asked: Asked, findings: Sequence[Finding], stand: Sequence[Finding], each: Each = map) -> list[Finding]:
    """The findings, with what was tried for them; the gravest ones first, and no more than are read. ``stand`` are all that
    no waiver covers: none of them may become worse.

    With a part of the plan unread nothing is tried: what is missing might refuse it. ``each`` shares the work out: those of
    one campaign are tried together.
    """
    if asked.plan.broken:
        return list(findings)
    rules = {rule.id: rule for rule in asked.rules}
    mendable = [f for f in findings if f.verdict == "violated" and f.rule in rules and _can_try(f)]
    chosen = sorted(mendable, key=lambda f: SEVERITIES.index(f.severity))[:MOST_FINDINGS]
    if not chosen:
        return list(findings)
    before = {finding.about: finding for finding in stand}
    groups: dict[str | None, Group] = {}
    for finding in chosen:
        groups.setdefault(finding.campaign, []).append(finding)
    has = min(max(PURSE, asked.price / 2), (SHARED + EVALUATIONS * asked.price) / len(chosen))

    def tried(group: Group) -> Group:
        placings: Placings = {}
        return [_Mending(asked, before, f, rules[f.rule], placings, Purse(has)).told() for f in group]

    new = {finding.about: finding for told in each(tried, list(groups.values())) for finding in told}
    return [new.get(finding.about, finding) for finding in findings]


def _can_try(finding: Finding) -> bool:
    return bool(finding.changes) or (KINDS[finding.kind].moving and finding.campaign is not None)


@dataclass
class _Mending:
    """One finding, and what is tried for it."""

    asked: Asked
    before: Mapping[tuple[str, str | None, str | None], Finding]
    finding: Finding
    rule: LinkedRule[Any]
    placings: Placings
    purse: Purse

    def told(self) -> Finding:
        """The finding with what helps, or with what stands in the way."""
        try:
            found, why = self._found()
        except Spent:
            return replace(self.finding, help=self._untried())
        except TooManySends:
            return self.finding
        if found:
            return replace(self.finding, help=_words(found, self.finding, self.asked), proposals=tuple(found))
        return replace(self.finding, help=_beside(why, self.finding.help)) if why is not None else self.finding

    def _found(self) -> tuple[list[Change], Message | None]:
        """The first of these that mend it: its own touch at other times and what its kind knows; else another of its set."""
        mine = self._own()
        found, why = self._moved(mine) if mine is not None else ([], self._must_stay())
        found += self._clean((c for c in self.finding.changes if not isinstance(c, Moved)), 1)
        return found or self._elsewhere(), why

    def _elsewhere(self) -> list[Change]:
        """Another touch of its set at another time, if that mends it; it is not looked for as long."""
        self.purse.left /= ELSEWHERE
        try:
            return next((some for placing in self._others() if (some := self._moved(placing)[0])), [])
        except Spent:
            return []

    def _untried(self) -> Message | None:
        """Where trying takes longer than a check may: who asks for one campaign has it tried to the end."""
        help, campaign = self.finding.help, self.finding.campaign
        if help is None or campaign is None or not self._moving:
            return help
        return say(
            "{help}; tactful why {campaign} tries other days",
            "{help}；tactful why {campaign} 会逐日尝试",
            help=help,
            campaign=campaign,
        )

    def _clean(self, changes: Iterable[Change], most: int, settled: Set[str] = frozenset()) -> list[Change]:
        """The first of them that mend the finding and worsen nothing; what is settled is not asked again."""
        found: list[Change] = []
        for change in changes:
            if len(found) == most or (found and self.purse.left < self.purse.half):
                break
            trial = Trial(self.asked, self.before, change, self.purse)
            try:
                mends = self.rule.id in settled or (
                    trial.mends(self.finding, self.rule) and not trial.refused_by(self.rule)
                )
                if mends and not any(trial.refused_by(r) for r in trial.rules() if r.id not in settled):
                    found.append(change)
            except Spent:
                if found:
                    break
                raise
        return found

    # --- other times -------------------------------------------------------------------------------------------------

    def _own(self) -> Placing | None:
        """The touch at which it is shown: at the times that its kind knows, else on other days at its hour."""
        finding = self.finding
        if not self._moving or finding.campaign is None or not finding.stands_at:
            return None
        index = finding.stands_at[0].index
        known = [change.to for change in finding.changes if isinstance(change, Moved)]
        return self._placing(finding.campaign, index, tuple(known or times_near(self.asked, finding.campaign, index)))

    def _others(self) -> Iterator[Placing]:
        """The other touches of its set, the latest first."""
        measure = self.finding.measure
        far = measure is not None and abs(Decimal(measure.is_) - Decimal(measure.limit)) > 1
        if not self._moving or self.finding.witness is None or far:
            return
        own = (self.finding.campaign, self.finding.stands_at[0].index) if self.finding.stands_at else None
        touches = {(t.campaign, t.index): t.at for t in self.finding.witness.touches}
        for campaign, index in sorted(touches, key=lambda one: touches[one], reverse=True):
            placing = self._placing(campaign, index, tuple(times_near(self.asked, campaign, index)))
            if (campaign, index) != own and placing is not None:
                yield placing

    @property
    def _moving(self) -> bool:
        return KINDS[self.rule.kind].moving

    def _placing(self, name: str, index: int, times: tuple[datetime, ...]) -> Placing | None:
        """One for all findings that ask of the same times."""
        key = (name, index, times)
        if times and key not in self.placings:
            self.placings[key] = Placing(self.asked, self.asked.campaigns[name], index, times)
        return self.placings.get(key)

    def _moved(self, placing: Placing) -> tuple[list[Change], Message | None]:
        """The first few times at which the touch breaks nothing; where there is none, what is in the way."""
        times, refusing = list(placing.moments), list[LinkedRule[Any]]()
        own, found, mends = self._is_own(placing), list[Change](), True
        for some in (times[:FEW], times[FEW:]):
            if found and self.purse.left < self.purse.half:
                break
            free, settled = self._free(placing, some, refusing)
            if free and not own and not found:
                mends = self._trial(placing, free[0]).mends(self.finding, self.rule)
            if not mends:
                return [], None
            moves = (Moved(placing.campaign.name, placing.index, at) for at in free[:MOST_TRIED])
            found += self._clean(moves, MOST - len(found), settled)
        return found, self._in_the_way(placing, refusing) if not found else None

    def _free(
        self, placing: Placing, times: Sequence[datetime], refusing: list[LinkedRule[Any]]
    ) -> tuple[list[datetime], set[str]]:
        """The times that no rule refuses, and the rules that need not be asked again; those that refuse one are added.

        A rule that the touch breaks where it is, and at every time, does not count here: it must only not become worse.
        """
        left, settled = list(times), set[str]()
        for rule in sorted(placing.rules, key=lambda rule: rule.id != self.rule.id):
            if not left:
                break
            self.purse.spend(rule, placing.timeline)
            bad = placing.refused(rule, left)
            if bad.issuperset(left) and rule.id != self.rule.id and placing.stays_refused(rule):
                refusing += [] if rule in refusing else [rule]
                continue
            if scope_of(rule).what == "near" and not self.asked.has_drafts:
                settled.add(rule.id)
            if bad:
                left = [at for at in left if at not in bad]
                refusing += [] if rule in refusing else [rule]
        return left, settled

    def _trial(self, placing: Placing, at: datetime) -> Trial:
        return Trial(self.asked, self.before, Moved(placing.campaign.name, placing.index, at), self.purse)

    def _is_own(self, placing: Placing) -> bool:
        """Whether the finding stands at the touch."""
        return placing.campaign.name == self.finding.campaign and self._stands_at(self.finding, placing.index)

    @staticmethod
    def _stands_at(finding: Finding, index: int) -> bool:
        return any(one.index == index for one in finding.stands_at)

    # --- what is in the way ------------------------------------------------------------------------------------------

    def _in_the_way(self, placing: Placing, refusing: Sequence[LinkedRule[Any]]) -> Message | None:
        """The fewest rules that together refuse every time: none of them can be left out. None: they do not."""
        times = list(placing.moments)

        def refuse(some: Sequence[LinkedRule[Any]]) -> bool:
            return set().union(*(placing.refused(one, times) for one in some)).issuperset(times)

        if not refuse(refusing):
            return None
        rules = list(refusing)
        for rule in refusing:
            fewer = [one for one in rules if one is not rule]
            if refuse(fewer):
                rules = fewer
        first, last = min(times).date(), max(times).date()
        if [rule.id for rule in rules] == [self.rule.id]:
            return say(
                "no other day from {first} to {last} keeps to this rule",
                "{first} 至 {last} 的其他日子都不符合本规则",
                first=first,
                last=last,
            )
        several = len(rules) > 1
        return say(
            "no other day from {first} to {last} keeps to " + ("all of {rules}" if several else "{rules}"),
            "{first} 至 {last} 的其他日子都" + ("无法同时符合 {rules}" if several else "不符合 {rules}"),
            first=first,
            last=last,
            rules=[rule.id for rule in rules],
        )

    def _must_stay(self) -> Message | None:
        """Where the touch may be moved to no day, by its own word."""
        campaign = self.asked.campaigns.get(self.finding.campaign or "")
        if campaign is None or not self.finding.stands_at or not self._moving:
            return None
        if campaign.model.move_of(self.finding.stands_at[0].index).never:
            return say("it may not be moved (move: never)", "不允许移动（move: never）")
        return None


def _beside(why: Message, help: Message | None) -> Message:
    return why if help is None else say("{why}; {help}", "{why}；{help}", why=why, help=help)


# --- in words --------------------------------------------------------------------------------------------------------


def _words(found: Sequence[Change], finding: Finding, asked: Asked) -> Message:
    moves: dict[tuple[str, int], list[datetime]] = {}
    for change in found:
        if isinstance(change, Moved):
            moves.setdefault((change.campaign, change.index), []).append(change.to)
    parts = [_moved(name, index, sorted(times), finding, asked) for (name, index), times in moves.items()]
    parts += [change.words for change in found if not isinstance(change, Moved)]
    return all_of(parts, ", or ", "，或")


def _moved(name: str, index: int, times: Sequence[datetime], finding: Finding, asked: Asked) -> Message:
    to = either([say("{at}", "{at}", at=at) for at in times])
    if finding.stands_at and (name, index) == (finding.campaign, finding.stands_at[0].index):
        return say("move this touch to {to}", "请把这次触达移到 {to}", to=to)
    return say(
        "move the touch of {campaign} at {at} to {to}",
        "请把 {campaign} 在 {at} 的触达移到 {to}",
        campaign=name,
        at=asked.campaigns[name].model.touches[index].at,
        to=to,
    )
