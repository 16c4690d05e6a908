"""``frequency-cap``: no customer gets more than N matching touches in any window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from itertools import chain, combinations
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from ..clocks import local
from ..messages import Message, count, say
from ..models import Duration, Match, Model, Name, Number, Text, Whole, choice, lifted, many, raw
from ..places import Place
from ..plan.conditions import EVERYONE, Condition, OnClock
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import CLOCK, admits, got, group_of, impossible, in_window_of
from ..scalars import BadValue, parse_whole
from ..search.steps import OutOfSteps, Steps
from ..search.too_much import Candidate, Crowd, Heaviest, tightened, upper_bound
from ..space.boxes import TooManyBoxes
from ..timeline import Touch
from ..verdicts import Finding, Measure, Spot
from ..windows import PerField, leaves_at, window_ending
from .common import (
    Kind,
    Outcome,
    Page,
    Question,
    base_finding,
    boxes_of,
    nothing_matches,
    numbered,
    unproven,
    witness_of,
)

# --- parameters ------------------------------------------------------------------------------------------------------


def _at_most(raw: object) -> int | str:
    return "days_in_month" if raw == "days_in_month" else parse_whole(raw)


AtMost = Annotated[
    Any,
    BeforeValidator(lifted(_at_most)),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "days_in_month"}]}),
]


class Since(Model):
    """Counts from the customer's latest such event, up to ``lasting``."""

    event: many(Name)  # type: ignore[valid-type]
    lasting: Duration | None = None
    otherwise: Whole | None = None


class Weight(Model):
    match: Match
    weight: Number


class FrequencyCap(Rule):
    """Parameters of ``frequency-cap``."""

    at_most: AtMost
    per: PerField | None = None
    since: Since | None = None
    each: choice("channel", "sender", "purpose", "about") | None = None  # type: ignore[valid-type]
    count: choice("touches", "campaigns", "senders") = "touches"  # type: ignore[valid-type]
    weights: many(Weight) = ()  # type: ignore[valid-type]
    tighten: many(dict[Name, raw()]) = ()  # type: ignore[valid-type]
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _whole(self) -> FrequencyCap:
        if self.at_most == 0 and self.per is not None:
            raise _wrong(
                BadValue(
                    say("per has no meaning with at_most: 0", "at_most: 0 时 per 没有意义"),
                    say("remove per", "请删除 per"),
                )
            )
        if self.per is None and self.at_most != 0 and self.since is None:
            raise _wrong(
                BadValue(
                    say("'per' is missing", "缺少“per”"),
                    say("say in what time, like per: 7d", "请写明时间范围，例如 per: 7d"),
                )
            )
        if self.at_most == "days_in_month" and (self.per is None or self.per.calendar != "month"):
            raise _wrong(
                BadValue(
                    say("days_in_month needs per: {{calendar: month}}", "days_in_month 需要 per: {{calendar: month}}")
                )
            )
        if self.tighten and self.each != "sender":
            raise _wrong(BadValue(say("tighten needs each: sender", "tighten 需要 each: sender")))
        return self


def _wrong(bad: BadValue) -> PydanticCustomError:
    return PydanticCustomError("tactful", "{en}", {"en": str(bad), "bad": bad})


WINDOWS = 10
"""The budget of one cap, in budgets of a single search: hard windows share it."""

NOT_YET = ("since", "weights", "tighten")


def _missing(params: FrequencyCap) -> Message | None:
    """What of the parameters this version reads but does not evaluate."""
    used = [name for name in NOT_YET if getattr(params, name)]
    if params.count != "touches":
        used.append("count")
    if params.at_most == "days_in_month":
        used.append("at_most: days_in_month")
    return say("this version does not evaluate {used} yet", "当前版本尚不支持 {used}", used=used) if used else None


# --- the check -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Violation:
    """The heaviest set that stands at one touch, and whether some set there is covered by no waiver."""

    at: Touch
    touches: tuple[Touch, ...]
    found: Heaviest
    open_set: tuple[tuple[Touch, ...], Heaviest] | None


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks for every clock and every value of ``each`` whether some customer gets too much."""
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    missing = _missing(params)
    if missing is not None:
        return Outcome([unproven(rule, say("{rule} is not proven", "{rule} 未能证明", rule=rule.id), missing)])
    touches = question.matching(rule)
    steps = [step for step in question.line.steps if rule.match.holds(step.fields)]
    if not touches and not steps:
        return Outcome(notes=[nothing_matches(rule)])
    outcome = Outcome()
    violations: dict[str, list[Violation]] = {}
    for clock, on_clock in question.clocks(rule):
        for name in sorted({group_of(touch, params.each) for touch in touches}):
            group = [touch for touch in touches if group_of(touch, params.each) == name]
            try:
                cap = _Cap(rule, question, clock, on_clock, group)
                for violation in cap.violations():
                    violations.setdefault(violation.at.campaign, []).append(violation)
                outcome.findings += cap.doubts()
            except TooManyBoxes:
                missing = say("the audiences have too many alternatives to look at", "受众条件的组合过多，无法逐一核对")
                outcome.findings.append(unproven(rule, _could_exceed(params), missing))
    outcome.findings += [_finding(rule, question, campaign, found) for campaign, found in sorted(violations.items())]
    for name in sorted({step.campaign.name for step in steps}):
        missing = say(
            "triggered campaigns are read but not yet counted in caps", "触发式活动已读取，但当前版本尚未计入频次上限"
        )
        place = next(step.place for step in steps if step.campaign.name == name)
        outcome.findings.append(unproven(rule, _could_exceed(params), missing, place, name))
    return outcome


def _could_exceed(params: FrequencyCap) -> Message:
    return say(
        "it is not proven that no customer gets more than {limit}{within}",
        "未能证明没有客户{within}收到超过 {limit} 次",
        limit=params.at_most,
        within=_within(params),
    )


def _within(params: FrequencyCap) -> Message:
    return say(" {per}", "{per}", per=params.per.message) if params.per else say("", "")


class _Cap:
    """One cap on one clock for one value of ``each``: the candidates, their windows and the search."""

    def __init__(
        self, rule: LinkedRule, question: Question, clock: str, on_clock: Condition, touches: Sequence[Touch]
    ) -> None:
        self.rule, self.question, self.clock = rule, question, clock
        assert isinstance(rule.params, FrequencyCap)  # noqa: S101
        self.params = rule.params
        self.limit: int = rule.params.at_most
        conditions = [rule.group, on_clock]
        self.world = question.world([*conditions, *(t.audience for t in touches)], {t.day for t in touches})
        space = self.world.space
        self.touches: list[Touch] = []
        candidates: list[Candidate] = []
        for touch in touches:
            if rule.clock == "customer" and touch.model.clock == "customer" and touch.zone != clock:
                continue  # it is at this hour for customers of another zone
            boxes = tightened(space, boxes_of(space, [touch.audience, *conditions], touch.day), touch.day)
            if boxes:
                self.touches.append(touch)
                candidates.append(Candidate(touch.at, touch.day, boxes, touch.model.attempts))
        self.crowd = Crowd(self.world, candidates)
        self._see(self._lows(timedelta()))
        self.base = [i for i, touch in enumerate(self.touches) if touch.status != "draft"]
        self.unsure: list[tuple[Touch, Message]] = []
        self.pool = question.steps * WINDOWS

    def _see(self, lows: list[int]) -> None:
        """Sets for each touch the first one in the window that ends at it, and the last one whose window holds it."""
        self.lows = lows
        self.least_after = lows[:]
        for i in range(len(lows) - 2, -1, -1):
            self.least_after[i] = min(lows[i], self.least_after[i + 1])

    def _window(self, among: Sequence[int], end: int) -> Sequence[int]:
        """Those of ``among`` (in order) in the window that ends at ``end``."""
        return among[bisect_left(among, self.lows[end]) : bisect_right(among, end)]

    def _later(self, among: Sequence[int], i: int) -> list[int]:
        """Those of ``among`` after ``i`` whose window holds it."""
        last = bisect_right(self.least_after, i) - 1
        return [j for j in among[bisect_right(among, i) : bisect_right(among, last)] if self.lows[j] <= i]

    def _lows(self, slack: timedelta) -> list[int]:
        """For each touch, the first index in the window that ends at it."""
        at = [touch.at for touch in self.touches]
        if self.params.per is None:
            return list(range(len(at)))
        lows = []
        for i, touch in enumerate(self.touches):
            window = window_ending(touch.at, self.params.per, self.clock)
            start = window.start - slack
            low = bisect_left(at, start) if window.closed else bisect_right(at, start)
            lows.append(min(low, i))
        return lows

    def _heaviest(self, among: Sequence[int], must: Sequence[int]) -> Heaviest | None:
        """The heaviest set over the limit, or None; where the budget ends, a doubt is kept and None answered."""
        if sum(self.crowd.candidates[i].weight for i in among) <= self.limit:
            return None
        given = max(min(self.question.steps, self.pool), 0)
        steps = Steps(given)
        try:
            found = self.crowd.heaviest(among, must, self.limit, steps)
        except OutOfSteps:
            bound = upper_bound(self.crowd, among)
            missing = say(
                "the search ended within its budget; at most {bound} were not ruled out",
                "搜索在预算内未能完成；尚不能排除最多 {bound} 次",
                bound=bound,
            )
            self.unsure.append((self.touches[among[-1]], missing))
            return None
        finally:
            self.pool -= given - max(steps.left, 0)
        if found is None:
            self.unsure += [(self.touches[among[-1]], doubt) for doubt in steps.doubts]
        return found

    def violations(self) -> list[Violation]:
        """One for each touch at which a set stands."""
        found: list[Violation] = []
        suspects = self._suspects(self.base)
        for i in self.base:
            if i in suspects and self.question.late(self.touches[i]):
                found += self._standing_at(i, self.base)
        drafts = {t.campaign for t in self.touches if t.status == "draft"}
        for name in sorted(drafts):
            among = sorted([*self.base, *(i for i, t in enumerate(self.touches) if t.campaign == name)])
            for i in among:
                if self.touches[i].campaign == name and self.question.late(self.touches[i]):
                    found += self._standing_at_draft(i, among)
        return found

    def _suspects(self, among: Sequence[int]) -> set[int]:
        """The touches in a window that holds too many for some customer; the rest is proved here.

        Only windows that no later one contains need a proof, and counting may prove many of them at once.
        """
        ends: list[int] = []
        least = len(self.touches)
        for i in reversed(among):
            if self.lows[i] < least:
                least = self.lows[i]
                ends.append(i)
        suspects: set[int] = set()
        stack = [ends[::-1]] if ends else []
        while stack:
            some = stack.pop()
            together = among[bisect_left(among, min(self.lows[i] for i in some)) : bisect_right(among, some[-1])]
            if self.crowd.counted_by_cells(together, self.limit):
                continue
            if len(some) > 1:
                stack += [some[: len(some) // 2], some[len(some) // 2 :]]
            elif self._heaviest(together, ()) is not None:
                suspects |= set(together)
        return suspects

    def _eligible(self, i: int) -> bool:
        """Findings look for planned touches still to come."""
        return self.touches[i].status == "planned" and self.question.late(self.touches[i])

    def _ends(self, i: int, among: Sequence[int]) -> list[int]:
        """The touches that may be the last of a set that stands at ``i``: itself, or a later one that is not planned."""
        if not self._eligible(i):
            return [i]
        return [i, *(j for j in self._later(among, i) if not self._eligible(j))]

    def _standing_at(self, i: int, among: Sequence[int]) -> list[Violation]:
        mine = self._eligible(i)
        windows = []
        for end in self._ends(i, among):
            kept = [j for j in self._window(among, end) if not self._eligible(j) or (mine and j <= i)]
            windows.append((end, kept))
        return self._best_of(i, windows)

    def _standing_at_draft(self, i: int, among: Sequence[int]) -> list[Violation]:
        mine = self.touches[i].campaign
        ends = [i, *(j for j in self._later(among, i) if self.touches[j].campaign != mine)]
        windows = []
        for end in ends:
            kept = [j for j in self._window(among, end) if j <= i or self.touches[j].campaign != mine]
            windows.append((end, kept))
        return self._best_of(i, windows)

    def _best_of(self, i: int, windows: list[tuple[int, list[int]]]) -> list[Violation]:
        best: Heaviest | None = None
        uncovered: tuple[tuple[Touch, ...], Heaviest] | None = None
        for end, window in windows:
            if not self.rule.binds(self.touches[end].day):
                continue
            found = self._heaviest(window, sorted({i, end}))
            if found is None:
                continue
            if best is None or found.weight > best.weight:
                best = found
            open_set = self._uncovered(window, sorted({i, end}), found)
            if open_set is not None and (uncovered is None or open_set.weight > uncovered[1].weight):
                uncovered = (tuple(self.touches[j] for j in open_set.members), open_set)
        if best is None:
            return []
        members = tuple(self.touches[j] for j in best.members)
        return [Violation(self.touches[i], members, best, uncovered)]

    def _uncovered(self, window: list[int], must: list[int], found: Heaviest) -> Heaviest | None:
        """A set that no waiver covers. A waiver covers a set if its campaign is in it, with touches up to its last day."""
        waivers = [
            w
            for _, w in self.question.waivers_of(self.rule)
            if w.campaign and (w.allow is None or found.weight <= w.allow)
        ]
        if not waivers:
            return found
        until = {w.campaign: max(x.until for x in waivers if x.campaign == w.campaign) for w in waivers}
        early = {
            j
            for j in window
            if (last := until.get(self.touches[j].campaign)) is not None and self.touches[j].day <= last
        }
        late = [j for j in window if self.touches[j].campaign in until and j not in early]
        names = sorted({self.touches[j].campaign for j in late})
        for chosen in chain.from_iterable(combinations(names, n) for n in range(min(len(names), 4) + 1)):
            kept = [j for j in window if j not in early or self.touches[j].campaign in chosen]
            for extra in _one_of_each([[j for j in late if self.touches[j].campaign == name] for name in chosen]):
                with_must = sorted({*must, *extra})
                if set(with_must) <= set(kept):
                    open_set = self._heaviest(kept, with_must)
                    if open_set is not None:
                        return open_set
        return None

    def doubts(self) -> list[Finding]:
        """What could not be settled, once for each reason; and whether ``lasts`` could bring too many together."""
        seen: dict[str, Finding] = {}
        for touch, missing in self.unsure:
            finding = unproven(self.rule, _could_exceed(self.params), missing, touch.place, touch.campaign)
            seen.setdefault(f"{touch.campaign} {missing.en}", finding)
        return [*seen.values(), *self._lasting()]

    def _lasting(self) -> list[Finding]:
        """Sends that last can fall closer together than their beginnings: proved with the widest windows, or unproven."""
        lasting = [t for t in self.touches if t.model.lasts is not None and t.model.lasts.elapsed]
        slack = max((timedelta(seconds=t.model.lasts.seconds) for t in lasting if t.model.lasts), default=timedelta())
        civil = [t for t in self.touches if t.model.lasts is not None and not t.model.lasts.elapsed]
        if not slack and not civil:
            return []
        usual = self.lows
        self._see(self._lows(slack + timedelta(days=400 if civil else 0)))
        suspects = {self.touches[i].campaign for i in self._suspects(self.base)}
        self._see(usual)
        known = {self.touches[i].campaign for i in self._suspects(self.base)}
        missing = say(
            "sends that last (lasts) are followed from their beginning only; over their whole length more could come together",
            "持续发送（lasts）目前只按开始时刻推演；在整个持续时间内可能有更多次落在一起",
        )
        names = sorted({t.campaign for t in [*lasting, *civil]} & (suspects - known))
        places = {t.campaign: t.place for t in [*lasting, *civil]}
        return [unproven(self.rule, _could_exceed(self.params), missing, places[n], n) for n in names]


def _one_of_each(groups: list[list[int]]) -> list[tuple[int, ...]]:
    ways: list[tuple[int, ...]] = [()]
    for group in groups:
        ways = [(*way, j) for way in ways for j in group]
    return ways


# --- words -----------------------------------------------------------------------------------------------------------


def _finding(rule: LinkedRule, question: Question, campaign: str, violations: list[Violation]) -> Finding:
    """One finding for a campaign: at the touch where most come together, and how many more there are."""
    waivers = question.waivers_of(rule)
    covered = all(v.open_set is None for v in violations) and bool(waivers)
    standing = [v for v in violations if v.open_set is not None] or violations
    worst = max(standing, key=lambda v: (v.found.weight, -v.at.at.timestamp()))
    touches, found = (worst.touches, worst.found) if covered or worst.open_set is None else worst.open_set
    params: Any = rule.params
    most = max(v.found.weight for v in violations)
    message = say(
        "a customer could get {counted}{within}; {allowed}",
        "某位客户{within}可能收到 {counted}；{allowed}",
        counted=_counted(most, touches, params, complete=found.complete),
        within=_within(params),
        allowed=_allowed(params.at_most),
    )
    if not _replayed(rule, question, worst, touches, found):
        return unproven(
            rule,
            _could_exceed(params),
            say("a customer was found but did not hold when replayed", "找到的客户在复核时不成立"),
            worst.at.place,
            campaign,
        )
    position = {id(touch): n for n, touch in enumerate(touches, 1)}
    listed = touches[:MOST_LISTED]
    related = [Spot(t.place, _when(position[id(t)], t)) for t in listed if t is not worst.at]
    related.append(Spot(_limit_place(rule), say("the cap", "上限")))
    names = {t.campaign for t in touches}
    parties = tuple(sorted(names | {campaign}))
    finding = base_finding(
        rule, "violated", message, Spot(worst.at.place, _when(position.get(id(worst.at), 1), worst.at))
    )
    return replace(
        finding,
        campaign=campaign,
        parties=parties,
        measure=Measure(most, params.at_most),
        related=tuple(related),
        witness=witness_of(question, rule, found.customer, listed, also=[OnClock(z) for z in _zone_of(rule, found)]),
        help=_help(worst.at, touches, params, rule),
        more=len({(v.at.step, v.at.local) for v in violations}) - 1,
        covered_by=tuple(i for i, w in waivers if w.campaign in parties) if covered else (),
        assumptions=_assumptions(found, len(touches)),
    )


MOST_LISTED = 20
"""How many touches of a set are listed one by one."""


def _assumptions(found: Heaviest, number: int) -> tuple[Message, ...]:
    said = []
    if not found.complete:
        said.append(say("the search ended within its budget: there may be more", "搜索在预算内结束：实际可能更多"))
    if number > MOST_LISTED:
        said.append(
            say(
                "{n} touches in all, the first {most} are listed",
                "共 {n} 次触达，仅列出前 {most} 次",
                n=number,
                most=MOST_LISTED,
            )
        )
    return tuple(said)


def _replayed(
    rule: LinkedRule, question: Question, worst: Violation, touches: Sequence[Touch], found: Heaviest
) -> bool:
    """The reference evaluator has the last word: this customer can exist, gets these touches, and they are too many."""
    plan, params = question.plan, rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    model, timezone = plan.customers, plan.timezone
    instants = question.instants if model.facts else sorted({t.at for t in touches})
    if impossible(found.customer, model, instants, timezone) is not None:
        return False
    mine = [
        t
        for t in got(found.customer, touches, model, timezone)
        if rule.group == EVERYONE or admits(rule.group, found.customer, t.at, model, timezone)
    ]
    clock = question.plan.timezone if rule.clock == "customer" else rule.clock
    if rule.clock == "customer":
        clock = str(found.customer.value(CLOCK, touches[0].at))
    if len(mine) != len(touches):
        return False
    together = in_window_of(mine[-1], mine, params.per, clock, params.each)
    return len(together) == len(touches) and sum(t.model.attempts for t in together) > params.at_most


def _limit_place(rule: LinkedRule) -> Place:
    return rule.place.down("at_most")


def _when(n: int, touch: Touch) -> Message:
    return say("{nth}, {at}", "{nth}，{at}", nth=numbered(n), at=touch.local)


NOUNS = {
    "promotion": ("promotion", "promotions", "次促销触达"),
    "content": ("content touch", "content touches", "次内容触达"),
    "service": ("service touch", "service touches", "次服务触达"),
    "care": ("care touch", "care touches", "次关怀触达"),
    "research": ("research touch", "research touches", "次调研触达"),
    "transactional": ("transactional touch", "transactional touches", "次交易通知"),
}


def _counted(number: int, touches: Sequence[Touch], params: FrequencyCap, complete: bool) -> Message:
    purposes = {purpose for touch in touches for purpose in touch.fields["purpose"]}
    noun = NOUNS[purposes.pop()] if len(purposes) == 1 else ("touch", "touches", "次触达")
    counted = count(number, *noun)
    if not complete:
        counted = say("at least {counted}", "至少 {counted}", counted=counted)
    if params.each is None:
        channels = {touch.model.channel for touch in touches}
        if len(channels) == 1:
            counted = say("{counted} on {channel}", "{counted}（{channel}）", counted=counted, channel=channels.pop())
        return counted
    values = sorted(touches[0].fields.get(params.each, frozenset()))
    if not values:
        return say("{counted} without {each}", "未写 {each} 的 {counted}", counted=counted, each=params.each)
    words = {
        "channel": ("on", "渠道"),
        "sender": ("from", "发送方"),
        "purpose": ("of purpose", "目的"),
        "about": ("about", "主题"),
    }[params.each]
    return say(
        "{counted} " + words[0] + " {value}", "{counted}（" + words[1] + " {value}）", counted=counted, value=values[0]
    )


def _allowed(limit: int) -> Message:
    if limit == 0:
        return say("none is allowed", "不允许触达")
    return say("{n} " + ("is" if limit == 1 else "are") + " allowed", "最多允许 {n} 次", n=limit)


def _zone_of(rule: LinkedRule, found: Heaviest) -> list[str]:
    """The zone of the customer's clock, where the rule counts on it."""
    return [str(found.customer.steady.get(CLOCK))] if rule.clock == "customer" else []


def _help(at: Touch, touches: Sequence[Touch], params: FrequencyCap, rule: LinkedRule) -> Message | None:
    """A move that takes the touch out of every window with enough of the others, or a campaign whose customers to spare."""
    if params.per is None:
        return say("leave these customers out of the audience", "请把这些客户排除在受众之外")
    counts: Counter[str] = Counter()
    for touch in touches:
        counts[touch.campaign] += touch.model.attempts
    weight = counts.total()
    spared = [name for name in sorted(counts) if name != at.campaign and weight - counts[name] <= params.at_most]
    leave_out = say("leave out customers of {other}", "排除 {other} 的客户", other=spared[0]) if spared else None
    earlier = [t for t in touches if t is not at and t.at <= at.at]
    excess = weight - params.at_most
    if len(earlier) < excess or len(earlier) < len(touches) - 1:
        return say("{leave}", "请{leave}", leave=leave_out) if leave_out else None
    clock = at.zone if rule.clock == "customer" else rule.clock
    free = local(leaves_at(earlier[excess - 1].at, params.per, clock), at.zone)
    when = free.date() if free.time() == time() else free
    if leave_out is None:
        return say("move this touch to {free} or later", "请把这次触达移到 {free} 或之后", free=when)
    return say(
        "move this touch to {free} or later, or {leave}",
        "请把这次触达移到 {free} 或之后，或{leave}",
        free=when,
        leave=leave_out,
    )


# --- documentation ---------------------------------------------------------------------------------------------------

SUMMARY = say(
    "no customer gets more than N matching touches in any window", "任何客户在任一时间窗口内收到的匹配触达不超过 N 次"
)

PAGE = Page(
    SUMMARY,
    say(
        "Tolerance falls with every touch left unanswered. One campaign rarely blasts anybody; five teams do it together, and none of them sees it.",
        "客户的耐心随每一次未回应的触达而下降。单个活动很少造成打扰，往往是几个团队叠加造成，而谁也看不到全貌。",
    ),
    say(
        "Looks at every set of touches that one customer can get in one window, over the whole plan. A rolling window `per: 7d` is `(t − 7d, t]`; `per: {{calendar: week}}` lets 2N pass across a boundary and proves nothing about a rolling one. `each` counts every channel, sender, purpose or subject apart.",
        "在整个计划范围内，检查同一客户在一个窗口内可能收到的所有触达组合。滚动窗口 `per: 7d` 即 `(t − 7d, t]`；`per: {{calendar: week}}` 跨界时可能达到 2N，不能证明滚动窗口。`each` 按渠道、发送方、目的或主题分别计数。",
    ),
    """policy: house
rules:
  - rule: two-a-week
    kind: frequency-cap
    match: {purpose: promotion}
    at_most: 2
    per: 7d
""",
    """campaign: spring-sale
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    repeat: {every: day, count: 3}
""",
    """campaign: spring-sale
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    repeat: {every: week, count: 3}
""",
)

KIND = Kind("frequency-cap", FrequencyCap, SUMMARY, PAGE, check)
