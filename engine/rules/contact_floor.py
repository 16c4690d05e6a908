"""``contact-floor``: no customer of a group gets fewer than N matching touches in any window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import inf

from pydantic import Field

from ..clocks import TICK, local, midnight, shift
from ..kit.asking import Asking
from ..kit.evaluation import Evaluation, boxes_of
from ..kit.findings import nothing_matches, numbered, unproven, violated
from ..kit.kind import Kind, Outcome
from ..kit.receiving import receipt
from ..kit.replay import can_be, not_replayed
from ..kit.scope import FILLED
from ..kit.witness import witness_of
from ..messages import Message, count, say
from ..models import Condition, Positive, Text
from ..plan.conditions import Condition as Tree
from ..plan.conditions import attributes_of, tells_days_apart
from ..policy.linked import LinkedRule
from ..policy.policies import Rule
from ..reference import Customer, below_floor, days_within, received_dated
from ..search.customer import find_customer
from ..search.model import Demand, ReachConstraint
from ..sends.timeline import Send
from ..space.boxes import Box, intersection
from ..verdicts import Finding, Measure, Note, Spot
from ..windows import Per, PerField, Window, calendar_start, window_from


class ContactFloor(Rule):
    """Parameters of ``contact-floor``."""

    for_: Condition = Field(alias="for")
    at_least: Positive
    per: PerField
    clock: Text | None = Field(default=None, description="a zone, or customer")


@dataclass(frozen=True, slots=True)
class Gap:
    """A window in which somebody of the group gets only ``number``."""

    window: Window
    clock: str
    customer: Customer
    covered: bool
    """Whether it ends on a day up to which a waiver covers the group."""


def check(rule: LinkedRule[ContactFloor], evaluation: Evaluation) -> Outcome:
    """Asks for every window inside the period whether somebody of the group gets too few."""
    asking = Asking(rule, evaluation, _not_proven(rule))
    notes = [] if asking.sends else [nothing_matches(rule)]
    found: list[Finding] = []
    with asking.guarded():
        touches = [touch for touch in asking.sends if _counts(touch, evaluation)]
        floors = [_Floor(asking, clock, on_clock, touches) for clock, on_clock in asking.clocks]
        if not any(floor.windows for floor in floors):
            if not any(floor.past for floor in floors):
                asking.doubt(_no_window(evaluation))
        elif not any(floor.somebody() for floor in floors):
            notes.append(_empty_group(rule))
        else:
            gap = _widest(floors, asking)
            found = [] if gap is None else [_finding(asking, touches, gap)]
    return asking.outcome(found, notes)


def _counts(touch: Send, evaluation: Evaluation) -> bool:
    """Drafts fill no floor, nor does what a ledger only bounds, nor what an event may have stopped."""
    return (
        touch.status != "draft" and touch.name not in evaluation.bounded and not receipt(touch, evaluation).script.bars
    )


def _widest(floors: Sequence[_Floor], asking: Asking[ContactFloor]) -> Gap | None:
    """The gap with the fewest touches, preferring one that no waiver covers."""
    at_least, last_day = asking.params.at_least, asking.waivers.last_day(asking.rule.group_name)
    for covered in (False, True) if last_day is not None else (False,):
        if not any(floor.gap(at_least - 1, last_day, covered) for floor in floors):
            continue
        for number in range(at_least):
            for floor in floors:
                gap = floor.gap(number, last_day, covered)
                if gap is not None:
                    return gap
    return None


class _Floor:
    """One floor on one clock: the windows inside the period and who is left with too few in them."""

    def __init__(self, asking: Asking[ContactFloor], clock: str, on_clock: Tree, touches: Sequence[Send]) -> None:
        self.asking, self.rule, self.evaluation, self.clock = asking, asking.rule, asking.evaluation, clock
        self.params = asking.params
        self.conditions = [self.rule.group, on_clock]
        self.dated = tells_days_apart(self.rule.group)
        period = self.evaluation.period
        days = {period[0] + timedelta(days=n) for n in range((period[1] - period[0]).days + 2)} if period else set()
        asked = [*self.conditions, *(touch.audience for touch in touches)]
        self.context = self.evaluation.context(asked, days | {touch.day for touch in touches})
        self._serve(touches)
        self.past = False
        self.windows = list(self._windows())

    def _serve(self, touches: Sequence[Send]) -> None:
        """Keeps the touches that can reach somebody of the group, with their boxes and a number for equal boxes."""
        space = self.context.space
        numbers: dict[object, int] = {}
        kept: list[Send] = []
        self.boxes: list[list[Box]] = []
        self.classes: list[int] = []
        for touch in touches:
            boxes = space.of(touch.audience, touch.day)
            if not intersection(boxes, boxes_of(space, self.conditions, touch.day)):
                continue
            key = tuple(sorted(tuple(sorted(box.items())) for box in boxes))
            kept.append(touch)
            self.boxes.append(boxes)
            self.classes.append(numbers.setdefault(key, len(numbers)))
        self.touches = kept
        self.at = [touch.at for touch in kept]

    def _inside(self, window: Window) -> list[int]:
        """The touches that fall wholly into a window."""
        low = (bisect_left if window.closed else bisect_right)(self.at, window.start)
        return [i for i in range(low, bisect_right(self.at, window.end)) if _wholly_in(self.touches[i], window)]

    def _windows(self) -> Iterator[Window]:
        """Every window that matters: those that begin just after a touch or with a day, wholly inside the period."""
        period = self.evaluation.period
        if period is None:
            return
        timezone = self.evaluation.plan.timezone
        first, end = midnight(period[0], timezone), midnight(period[1] + timedelta(days=1), timezone)
        starts = self._starts(period, first)
        per: Per = self.params.per
        seen: set[object] = set()
        for start in sorted(starts):
            window = window_from(start, per, self.clock)
            begins = window.start if window.closed else window.start + TICK
            if begins < first or window.end >= end:
                continue
            ends = self.evaluation.day_of(window.end)
            if not self.rule.in_effect(ends) or ends < self.evaluation.as_of:
                self.past = True
                continue
            inside = tuple(self._inside(window))
            dated = self._days_matter() or any(tells_days_apart(self.touches[i].audience) for i in inside)
            key = (inside, ends if self.evaluation.waivers else None, self.evaluation.day_of(begins) if dated else None)
            if key not in seen:
                seen.add(key)
                yield window

    def _starts(self, period: tuple[date, date], first: datetime) -> set[datetime]:
        """Where windows that matter begin. Any other one slides back to one of these and holds no more.

        Sliding back stops at a touch (which stays outside), at a day of the plan (which ``for`` may tell apart), and where
        the window would end before the first day that is reported.
        """
        per: Per = self.params.per
        timezone = self.evaluation.plan.timezone
        days = [period[0] + timedelta(days=n) for n in range(-1, (period[1] - period[0]).days + 2)]
        if per.duration is None:
            return {
                midnight(day, self.clock) for day in days if per.calendar is None or calendar_start(day, per) == day
            }
        starts = (
            {midnight(day, timezone) - TICK for day in days} | {touch.at for touch in self.touches} | {first - TICK}
        )
        ends = [midnight(day, timezone) for day in (self.evaluation.as_of, self.rule.first) if day is not None]
        return starts | {shift(end, per.duration, -1, self.clock) for end in ends}

    def _days_matter(self) -> bool:
        return self.dated or any(tells_days_apart(fact) for fact in self.evaluation.plan.customers.facts)

    def _group(self, window: Window) -> list[Box]:
        """Everyone who is of the group at every instant of the window."""
        boxes: list[Box] = boxes_of(self.context.space, self.conditions, self.evaluation.day_of(window.end))
        if self.dated:
            for at in days_within(window, self.evaluation.plan.timezone):
                boxes = intersection(boxes, self.context.space.of(self.rule.group, self.evaluation.day_of(at)))
        return boxes

    def somebody(self) -> bool:
        """Whether anybody at all is of the group throughout a window."""
        return any(self._find(window, inf) is not None for window in self.windows)

    def gap(self, number: int, last_day: date | None, covered: bool) -> Gap | None:
        """The first window in which somebody gets at most ``number``, among those that waivers cover, or do not."""
        for window in self.windows:
            under = last_day is not None and self.evaluation.day_of(window.end) <= last_day
            if under != covered:
                continue
            customer = self._find(window, number)
            if customer is not None:
                return Gap(window, self.clock, customer, covered)
        return None

    def _find(self, window: Window, allowed: float) -> Customer | None:
        inside = self._inside(window) if allowed != inf else []
        weights = Counter(self.classes[i] for i in inside)
        first = {self.classes[i]: i for i in reversed(inside)}
        serving = [(float(weights[number]), self.at[i], self.boxes[i]) for number, i in first.items()]
        begins = window.start if window.closed else window.start + TICK
        demands = [Demand(begins, self.evaluation.day_of(begins), self._group(window))]
        if self._days_matter() and self.evaluation.plan.customers.facts:
            within = days_within(window, self.evaluation.plan.timezone)[1:]
            demands += [Demand(at, self.evaluation.day_of(at)) for at in within]
        still = ReachConstraint(window, serving, allowed if serving else 0)
        return self.asking.taken(find_customer(self.context, demands, self.evaluation.fresh_budget(), still))


def _wholly_in(touch: Send, window: Window) -> bool:
    """A send that lasts fills a floor only if all of it falls inside."""
    if not window.holds(touch.at):
        return False
    return touch.model.lasts is None or window.holds(touch.arrives - TICK)


def _no_window(evaluation: Evaluation) -> Message:
    if evaluation.period is None:
        return say("the plan has no dated touch and states no period", "计划中没有带日期的触达，也没有写 period")
    return say(
        "no window fits into the period {first} to {last}; state a longer period in tactful.yaml",
        "计划期 {first} 至 {last} 内放不下一个完整窗口；请在 tactful.yaml 中写更长的 period",
        first=evaluation.period[0],
        last=evaluation.period[1],
    )


def _not_proven(rule: LinkedRule[ContactFloor]) -> Message:
    return say(
        "it is not proven that everyone in {group} gets at least {n} {per}",
        "未能证明 {group} 的每位客户{per}至少收到 {n} 次",
        group=rule.group_name,
        n=rule.params.at_least,
        per=rule.params.per.message,
    )


def _empty_group(rule: LinkedRule[ContactFloor]) -> Note:
    return Note(
        "empty-group",
        "warning",
        say(
            "no customer can be in the group of {rule} throughout a window",
            "没有客户能在整个窗口内属于规则 {rule} 的群体",
            rule=rule.id,
        ),
        rule.place.down("for"),
    )


def _finding(asking: Asking[ContactFloor], touches: Sequence[Send], gap: Gap) -> Finding:
    rule, params, plan = asking.rule, asking.params, asking.plan
    inside = [touch for touch in touches if _wholly_in(touch, gap.window)]
    reached = received_dated(gap.customer, inside, plan.customers, plan.timezone)
    begins = gap.window.start if gap.window.closed else gap.window.start + TICK
    instants = [*(touch.at for touch in inside), *days_within(gap.window, plan.timezone)]
    below = below_floor(gap.customer, reached, gap.window, rule.group, params.at_least, plan.customers, plan.timezone)
    if not (can_be(gap.customer, instants, asking.evaluation) and below):
        return unproven(rule, asking.not_proven, not_replayed())
    first, last = _shown(begins, gap.clock), _shown(gap.window.end, gap.clock)
    noun = ("touch", "touches", "次触达")
    message = say(
        "a customer{group} could get {counted} {per}; at least {n} "
        + ("is" if params.at_least == 1 else "are")
        + " owed",
        "{group}有客户{per}可能只收到 {counted}；至少应有 {n} 次",
        group=_of_group(rule),
        counted=count(len(reached), *noun) if reached else say("no touch", "0 次触达"),
        per=params.per.message,
        n=params.at_least,
    )
    spot = Spot(rule.place.down("at_least"), say("from {first} to {last}", "{first} 至 {last}", first=first, last=last))
    witness = witness_of(asking.evaluation, rule, gap.customer, reached, [*reached, *_nearest(inside)], since=begins)
    return violated(
        rule,
        message,
        spot,
        group=rule.group_name,
        measure=Measure(len(reached), params.at_least),
        related=[
            Spot(t.place, say("{nth}, {at}", "{nth}，{at}", nth=numbered(n), at=t.local))
            for n, t in enumerate(reached, 1)
        ],
        witness=replace(witness, window=(begins, gap.window.end)),
        help=say(
            "plan a touch for these customers between {first} and {last}, or widen an audience to take them in",
            "请在 {first} 至 {last} 之间为这些客户安排触达，或扩大某个活动的受众",
            first=first,
            last=last,
        ),
        covered_by=asking.waivers.of_group(rule.group_name, at_least=len(reached)) if gap.covered else (),
        assumptions=_assumptions(asking, inside),
    )


def _of_group(rule: LinkedRule[ContactFloor]) -> Message:
    if rule.group_name == "everyone":
        return say("", "")
    return say(" in {group}", "{group} 中", group=rule.group_name)


def _shown(at: datetime, clock: str) -> object:
    """A day, or a time where the window does not begin or end with one."""
    here = local(at, clock)
    whole = here.time() == time() or (here + TICK).time() == time()
    return here.date() if whole else here.replace(microsecond=0)


def _nearest(inside: Sequence[Send]) -> list[Send]:
    """The touches that could have reached them, one for each campaign: what they ask of them says why they do not."""
    return list({touch.campaign: touch for touch in inside}.values())[:8]


def _assumptions(asking: Asking[ContactFloor], touches: Sequence[Send]) -> list[Message]:
    names = attributes_of(asking.rule.group).union(*(attributes_of(touch.audience) for touch in touches))
    changing = sorted(n for n in names if asking.plan.customers.attributes[n].changes not in (None, "never"))
    if not changing:
        return []
    return [say("within the window {names} keep one value", "窗口期内 {names} 保持不变", names=changing)]


KIND = Kind(
    "contact-floor",
    ContactFloor,
    say(
        "no customer of a group gets fewer than N matching touches in any window",
        "某群体中任何客户在任一窗口内收到的匹配触达不少于 N 次",
    ),
    check,
    measured=True,
    more_can_help=True,
    windowed=True,
    scope=lambda rule: FILLED,
)
