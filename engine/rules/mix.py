"""``mix``: of the touches a customer gets in a window, the share that match is within bounds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from math import ceil, inf
from typing import Any, ClassVar

from pydantic import Field, model_validator

from ..messages import Message, say
from ..models import Match, Positive, Rate, Text, refused
from ..plan.conditions import Condition
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, admits, wrong_mix
from ..scalars import BadValue
from ..search.customers import Demand, Still, find_customer
from ..search.steps import OutOfSteps, Steps
from ..search.too_much import Candidate, Crowd, tightened
from ..space.boxes import TooManyBoxes
from ..timeline import Step, Touch
from ..verdicts import Finding, Measure, Spot
from ..windows import PerField, Window, leaves_at, window_ending
from .common import (
    Kind,
    Outcome,
    Page,
    Question,
    at_its_hour,
    base_finding,
    boxes_of,
    can_be,
    clock_of,
    gets,
    not_replayed,
    nothing_matches,
    on_that_clock,
    too_many_alternatives,
    unproven,
    waived,
    witness_of,
)


class Mix(Rule):
    """Parameters of ``mix``."""

    MATCHES: ClassVar[tuple[str, ...]] = ("part",)

    part: Match
    at_most: Rate | None = None
    at_least: Rate | None = None
    of_at_least: Positive = Field(default=1, description="judged from so many touches on")
    per: PerField
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _bounds(self) -> Mix:
        bad = None
        if (self.at_most is None) == (self.at_least is None):
            bad = BadValue(say("a mix has one of at_most and at_least", "mix 必须且只能写 at_most 或 at_least 之一"))
        elif (self.at_most or self.at_least or Decimal(0)) > 1:
            bad = BadValue(say("a share is at most 100%", "占比不超过 100%"))
        if bad is not None:
            raise refused(bad)
        return self


@dataclass(frozen=True, slots=True)
class Skewed:
    """What one customer gets in one window, and the touch at which it stands."""

    at: Touch
    touches: tuple[Touch, ...]
    customer: Customer
    window: Window
    clock: str
    inside: tuple[Touch, ...] = ()
    """Everything that the window holds, his or not."""


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks for every window whether somebody gets a mix out of bounds."""
    matching = question.matching(rule)
    steps = question.matching_steps(rule)
    if not matching and not steps:
        return Outcome(notes=[nothing_matches(rule)])
    found: dict[str, list[Skewed]] = {}
    doubts: dict[str, Finding] = {}
    pool = Steps(question.steps * 10)
    for clock, on_clock in question.clocks(rule):
        try:
            mixing = _Mixing(rule, question, (clock, on_clock), matching, pool)
            for skewed in mixing.skewed():
                found.setdefault(skewed.at.campaign, []).append(skewed)
            doubts |= {name: d for name, d in mixing.doubts.items() if name not in doubts}
        except TooManyBoxes:
            doubts[""] = unproven(rule, _not_proven(), too_many_alternatives())
    outcome = Outcome([_finding(rule, question, name, mine) for name, mine in sorted(found.items())])
    outcome.findings += [doubt for name, doubt in sorted(doubts.items()) if name not in found]
    outcome.findings += _of_triggered(rule, steps)
    bounded = {ledger.name for ledger in question.plan.ledgers if ledger.bounded}
    if not found and any(touch.campaign in bounded for touch in matching):
        missing = say("bounds of a ledger do not say what was really sent", "台账的 bounds 未说明实际发送了什么")
        outcome.findings.append(unproven(rule, _not_proven(), missing))
    return outcome


def _not_proven() -> Message:
    return say("it is not proven that everyone's mix is within bounds", "未能证明每位客户收到的构成都在范围内")


def _of_triggered(rule: LinkedRule, steps: Sequence[Step]) -> list[Finding]:
    """Triggered touches that harm the mix come when the customer chooses; those that help it he may not bring about."""
    missing = say(
        "triggered touches that change the mix come in numbers that only the customer knows",
        "触发式触达会改变构成，而次数取决于客户",
    )
    harming = {step.campaign.name: step for step in steps if _harms(rule, step)}
    return [unproven(rule, _not_proven(), missing, step.place, name) for name, step in sorted(harming.items())]


def _harms(rule: LinkedRule, thing: Touch | Step) -> bool:
    """Whether a touch pushes the share towards its bound: the part for at_most, the rest for at_least."""
    params = rule.params
    assert isinstance(params, Mix)  # noqa: S101
    return rule.matches["part"].holds(thing.fields) == (params.at_most is not None)


class _Mixing:
    """One rule on one clock: the windows, and who gets too much of what harms and too little of the rest."""

    def __init__(
        self, rule: LinkedRule, question: Question, on: tuple[str, Condition], matching: Sequence[Touch], steps: Steps
    ) -> None:
        self.rule, self.question, self.clock, self.steps = rule, question, on[0], steps
        assert isinstance(rule.params, Mix)  # noqa: S101
        self.params = rule.params
        self.doubts: dict[str, Finding] = {}
        conditions = [rule.group, on[1]]
        self.world = question.world([*conditions, *(t.audience for t in matching)], {t.day for t in matching})
        space = self.world.space
        self.touches: list[Touch] = []
        self.boxes: list[Any] = []
        candidates: list[Candidate] = []
        for touch in matching:
            if not at_its_hour(touch, rule, self.clock):
                continue
            boxes = tightened(space, boxes_of(space, [touch.audience, *conditions], touch.day), touch.day)
            if boxes:
                self.touches.append(touch)
                self.boxes.append(boxes)
                candidates.append(Candidate(touch.at, touch.day, boxes, touch.contacts))
        self.crowd = Crowd(self.world, candidates)
        self.harm = [_harms(rule, touch) for touch in self.touches]
        limit = self.params.at_most if self.params.at_most is not None else 1 - (self.params.at_least or Decimal(0))
        self.limit: Decimal = limit
        """The share of what harms above which it is wrong."""

    def windows(self, among: Sequence[int]) -> Iterator[tuple[Window, list[int]]]:
        """Every set of touches that some window holds: windows that end at one, or just as one has fallen out."""
        at = [self.touches[i].at for i in among]
        ends = sorted({*at, *(leaves_at(when, self.params.per, self.clock) for when in set(at))})
        seen: set[tuple[int, ...]] = set()
        for end in ends:
            window = window_ending(end, self.params.per, self.clock)
            low = (bisect_left if window.closed else bisect_right)(at, window.start)
            inside = tuple(among[low : bisect_right(at, end)])
            if inside and inside not in seen and self.rule.binds(self.question.day_of(end)):
                seen.add(inside)
                yield window, list(inside)

    def skewed(self) -> Iterator[Skewed]:
        base = [i for i, t in enumerate(self.touches) if t.status != "draft"]
        yield from self._all(base, None)
        for name in sorted({t.campaign for t in self.touches if t.status == "draft"}):
            yield from self._all([i for i, t in enumerate(self.touches) if i in base or t.campaign == name], name)

    def _all(self, among: Sequence[int], draft: str | None) -> Iterator[Skewed]:
        """For each touch the first window in which a set stands at it."""
        stood: set[int] = set()
        for window, inside in self.windows(among):
            for i in inside:
                touch = self.touches[i]
                if i in stood or not self.harm[i] or not self.question.late(touch):
                    continue
                if draft is not None and touch.campaign != draft:
                    continue
                skewed = self._at(i, window, inside, draft)
                if skewed is not None:
                    stood.add(i)
                    yield skewed

    def _rank(self, i: int, draft: str | None) -> tuple[bool, int]:
        """The harming touch with the highest rank is the one at which a set stands."""
        touch = self.touches[i]
        first = touch.campaign == draft if draft is not None else touch.status == "planned"
        return (first and self.question.late(touch), i)

    def _at(self, i: int, window: Window, inside: Sequence[int], draft: str | None) -> Skewed | None:
        """A customer who gets ``i`` and nothing harming that ranks above it, in a mix out of bounds."""
        above = [j for j in inside if self.harm[j] and self._rank(j, draft) > self._rank(i, draft)]
        harming = [j for j in inside if self.harm[j] and j not in above and j != i]
        rest = [j for j in inside if not self.harm[j]]
        if self.params.of_at_least > self.crowd.total([i, *harming, *rest]):
            return None
        try:
            found = self._grow([i], [j for j in harming if self._share(i, j)], above, rest)
        except OutOfSteps:
            missing = say("the search ended within its budget", "搜索在预算内未能完成")
            touch = self.touches[i]
            self.doubts.setdefault(
                touch.campaign, unproven(self.rule, _not_proven(), missing, touch.place, touch.campaign)
            )
            return None
        if found is None:
            return None
        mine = gets(found, [self.touches[j] for j in inside], self.question)
        mine = [
            t
            for t in mine
            if admits(self.rule.group, found, t.at, self.question.plan.customers, self.question.plan.timezone)
        ]
        return Skewed(self.touches[i], tuple(mine), found, window, self.clock, tuple(self.touches[j] for j in inside))

    def _share(self, i: int, j: int) -> bool:
        return bool(self.crowd.row(self.crowd.class_of[i], 1 << self.crowd.class_of[j]))

    def _grow(self, chosen: list[int], more: list[int], above: Sequence[int], rest: Sequence[int]) -> Customer | None:
        """Those who get ``chosen`` and little enough of the rest; else with one more of what harms, and so on."""
        self.steps.take(20)
        possible = self.crowd.total([*chosen, *more])
        if self._most_rest(possible) + possible < self.params.of_at_least:
            return None
        for extra in self._needed(chosen, rest):
            customer = self._who(
                [*chosen, *extra], self.crowd.total(chosen), above, [j for j in rest if j not in extra], extra
            )
            if customer is not None:
                return customer
        for n, j in enumerate(more):
            wider = [k for k in more[n + 1 :] if self._share(j, k)]
            found = self._grow([*chosen, j], wider, above, rest)
            if found is not None:
                return found
        return None

    def _most_rest(self, harm: int) -> float:
        """How much of the rest may come beside so much harm for the share still to be too large."""
        if self.limit == 0:
            return inf
        return ceil(harm * (1 - self.limit) / self.limit) - 1

    def _needed(self, chosen: Sequence[int], rest: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """The least of the rest that is needed for the mix to be judged at all: none, or every smallest choice."""
        short = self.params.of_at_least - self.crowd.total(chosen)
        if short <= 0:
            yield ()
            return
        if short > self._most_rest(self.crowd.total(chosen)):
            return
        for n in range(1, min(len(rest), short) + 1):
            for extra in combinations(rest, n):
                self.steps.take()
                total = self.crowd.total(extra)
                if total >= short and all(total - self.crowd.total([j]) < short for j in extra):
                    yield extra

    def _who(
        self, get: Sequence[int], harm: int, above: Sequence[int], rest: Sequence[int], extra: Sequence[int]
    ) -> Customer | None:
        allowed = self._most_rest(harm) - self.crowd.total(extra)
        if allowed < 0:
            return None
        candidates = self.crowd.candidates
        serving: list[tuple[float, Any, Any]] = [(inf, candidates[j].at, self.boxes[j]) for j in above]
        serving += [(candidates[j].weight, candidates[j].at, self.boxes[j]) for j in rest]
        demands = [Demand(candidates[j].at, candidates[j].day, candidates[j].boxes) for j in get]
        return find_customer(self.world, demands, self.steps, Still(None, serving, min(allowed, 10**6)))


def _finding(rule: LinkedRule, question: Question, campaign: str, found: list[Skewed]) -> Finding:
    params = rule.params
    assert isinstance(params, Mix)  # noqa: S101
    part = rule.matches["part"]

    def share_of(skewed: Skewed) -> Decimal:
        whole = sum(t.contacts for t in skewed.touches)
        return Decimal(sum(t.contacts for t in skewed.touches if part.holds(t.fields))) / whole if whole else Decimal(0)

    open_sets = [s for s in found if not waived([t for t in s.touches if _harms(rule, t)], rule, question)]
    worst = (max if params.at_most is not None else min)(open_sets or found, key=share_of)
    here = share_of(worst)
    if not _replayed(rule, question, worst):
        return unproven(rule, _not_proven(), not_replayed(), worst.at.place, campaign)
    percent = say("{n}%", "{n}%", n=round(here * 100, 1))
    bound = params.at_most if params.at_most is not None else params.at_least or Decimal(0)
    message = say(
        "a customer could get {whole} touches {per}, {n} of them ({percent}) of the part; "
        + ("at most" if params.at_most is not None else "at least")
        + " {bound}% are asked",
        "某位客户{per}可能收到 {whole} 次触达，其中 {n} 次（{percent}）属于该部分；要求"
        + ("不超过" if params.at_most is not None else "不少于")
        + " {bound}%",
        whole=sum(t.contacts for t in worst.touches),
        n=sum(t.contacts for t in worst.touches if part.holds(t.fields)),
        per=params.per.message,
        percent=percent,
        bound=(bound * 100).normalize(),
    )
    related = [
        Spot(
            t.place,
            say("{at}, of the part", "{at}，属于该部分", at=t.local)
            if part.holds(t.fields)
            else say("{at}", "{at}", at=t.local),
        )
        for t in worst.touches[:20]
        if t is not worst.at
    ]
    covered = not open_sets and bool(question.waivers_of(rule))
    parties = tuple(sorted({t.campaign for t in worst.touches if _harms(rule, t)}))
    return replace(
        base_finding(rule, "violated", message, Spot(worst.at.place, say("{at}", "{at}", at=worst.at.local))),
        campaign=campaign,
        parties=parties,
        measure=Measure(round(here * 100, 2), bound * 100),
        related=(
            *related,
            Spot(rule.place.down("at_most" if params.at_most is not None else "at_least"), say("the bound", "界限")),
        ),
        witness=witness_of(
            question,
            rule,
            worst.customer,
            worst.touches,
            worst.inside,
            also=on_that_clock(worst.clock, rule),
        ),
        help=_help(params),
        more=len({(s.at.step, s.at.local) for s in found}) - 1,
        covered_by=tuple(i for i, w in question.waivers_of(rule) if w.campaign in parties) if covered else (),
    )


def _help(params: Mix) -> Message:
    if params.at_most is not None:
        return say(
            "give these customers more of the rest, or leave some of the part out",
            "请为这些客户增加其他触达，或减少该部分",
        )
    return say(
        "give these customers more of the part, or leave some of the rest out", "请为这些客户增加该部分，或减少其他触达"
    )


def _replayed(rule: LinkedRule, question: Question, skewed: Skewed) -> bool:
    params = rule.params
    assert isinstance(params, Mix)  # noqa: S101
    every = [t for t in question.matching(rule) if t.status != "draft" or t.campaign == skewed.at.campaign]
    plan, customer = question.plan, skewed.customer
    inside = [t for t in every if skewed.window.holds(t.at)]
    mine = [
        t for t in gets(customer, inside, question) if admits(rule.group, customer, t.at, plan.customers, plan.timezone)
    ]
    return (
        can_be(customer, [t.at for t in inside], question)
        and clock_of(customer, rule, skewed.at.at) == skewed.clock
        and skewed.at in mine
        and wrong_mix(mine, rule.matches["part"], params.at_most, params.at_least, params.of_at_least)
    )


SUMMARY = say(
    "the share of matching touches that a customer gets is within bounds", "客户收到的触达中，匹配部分的占比在范围内"
)
PAGE = Page(
    SUMMARY,
    say(
        "A friend who only ever sells is no friend. One campaign looks fine by itself; what one customer gets in a month may be nothing but price cuts.",
        "只会推销的朋友不是朋友。单看一个活动没有问题，但某位客户一个月里收到的可能全是降价。",
    ),
    say(
        "The share is the touches that match `part` by all that match `match`, as one customer gets them, in every window `(t − per, t]` that holds at least `of_at_least` of the whole. Getting and missing both count: an audience that leaves somebody out of the friendly touches can break the rule. The finding stands at a touch that harms: of the part for `at_most`, of the rest for `at_least`. Triggered touches that could harm make it unproven.",
        "占比为客户收到的、匹配 `part` 的触达除以匹配 `match` 的全部触达，对每个至少含 `of_at_least` 次触达的窗口 `(t − per, t]` 都判断。收到与没收到都算数：把某些人排除在关怀触达之外也可能违反规则。发现落在造成偏离的触达上：`at_most` 为该部分，`at_least` 为其余。可能造成偏离的触发式触达会使结论为“未能证明”。",
    ),
    """policy: house
rules:
  - rule: not-only-selling
    kind: mix
    part: {purpose: promotion}
    at_most: 50%
    of_at_least: 2
    per: 30d
""",
    """campaign: sale
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    repeat: {every: week, count: 3}
""",
    """campaign: sale
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
""",
)
KIND = Kind("mix", Mix, SUMMARY, PAGE, check)
