"""Triggered campaigns in a cap: what a customer can bring about beside what is dated.

Proved with an upper bound for each campaign, whoever its audience is on whatever day; shown with concrete triggers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...clocks import TICK
from ...kit.evaluation import Evaluation
from ...kit.findings import how_often
from ...kit.reaching import reaches_somebody
from ...kit.receiving import ConditionsAt, receipt
from ...messages import Message, say
from ...plan.conditions import attributes_of
from ...reference import expand_trigger, stopped
from ...search.compatibility import CompatibilityGraph
from ...search.model import Candidate, Demand
from ...search.result import Found, MaxWeightSet, Undecided, decided
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule, WindowBound
from ...space.boxes import intersection
from ...space.space import Space
from ...undecidable import TooManyTriggers
from ...windows import Window
from .asked import Violation, names_of
from .lasting import doubt_what_lasts
from .reached import one_too_many
from .relaxed import Relaxed
from .scripts import Script, Scripts, only_these_acts
from .search import Cap
from .windows import windows_of

MAX_WINDOWS = 4000
MAX_TRIES = 60
"""How many windows are tried with concrete triggers for one touch, the fullest first."""


class Triggered:
    """One cap with its triggered campaigns."""

    def __init__(self, cap: Cap, steps: Sequence[TriggeredTouch]) -> None:
        self.cap, self.asking, self.plan, self.evaluation = cap, cap.asking, cap.evaluation.plan, cap.evaluation
        by_name: dict[str, list[TriggeredTouch]] = {}
        for step in steps:
            if cap.counting.weight(step.fields) and reaches_somebody(
                step, cap.rule, cap.evaluation, cap.asked.on_clock
            ):
                by_name.setdefault(step.name, []).append(step)
        self.schedules = [
            TriggerSchedule(
                tuple(mine), tuple(cap.counting.weight(s.fields) * s.model.attempts for s in mine), self.plan
            )
            for _, mine in sorted(by_name.items())
        ]
        self.scripts = Scripts(cap, self.bound)
        self.relaxed = Relaxed(cap)

    def bound(self, schedule: TriggerSchedule, window: Window) -> WindowBound:
        since = self.cap.params.since
        acts = since is not None and schedule.trigger.event in since.event
        until = window.start if acts else None
        return self.evaluation.bound(schedule, window, until)

    def _wave_of(self, schedule: TriggerSchedule, window: Window, past: frozenset[str]) -> WindowBound:
        """The wave of a window; of a campaign in ``past`` what came before as-of."""
        if schedule.name not in past:
            return self.bound(schedule, window)
        before = replace(window, end=min(window.end, self.evaluation.today - TICK))
        return self.bound(schedule, before) if before.end > before.start else WindowBound((), 0)

    # --- the proof ---------------------------------------------------------------------------------------------------

    def violations(self) -> list[Violation]:
        """One for each dated touch at which a set with triggered touches stands, and for each triggered campaign."""
        if self.cap.params.per is None and self.cap.params.since is None:
            return [violation for schedule in self.schedules for violation in one_too_many(self.cap, schedule)]
        if not self.schedules:
            return []
        found: list[Violation] = []
        for_all = [schedule.steps[0] for schedule in self.schedules]
        answer = decided(lambda: self._over_windows(found))
        if isinstance(answer, Undecided):
            for step in for_all:
                self.asking.doubt(answer.why, step)
        doubt_what_lasts(self.cap, [step for schedule in self.schedules for step in schedule.steps])
        return found

    def _over_windows(self, found: list[Violation]) -> None:
        windows = windows_of(self.cap, self.schedules)
        if len(windows) > MAX_WINDOWS:
            raise TooManyTriggers
        self._add_violations(windows, found)

    def _add_violations(self, windows: list[Window], found: list[Violation]) -> None:
        """Adds what is found; what was found stands also where the budget ends."""
        base = [r for r in self.schedules if r.steps[0].status != "draft"]
        dated = self.cap.base
        suspects, alone = self._suspects(windows, dated, base)
        for i in dated:
            if i in suspects and self.evaluation.reportable(self.cap.touches[i]):
                found += self._standing_at(i, windows, base)
        for schedule in self.schedules:
            if schedule.steps[0].status != "draft" and not alone:
                continue
            with_it = [*base, schedule] if schedule not in base else base
            found += self._standing_at_campaign(schedule, windows, with_it)
        drafts = {t.campaign for t in self.cap.touches if t.status == "draft"}
        for name in sorted(drafts):
            among = [i for i, t in enumerate(self.cap.touches) if t.status != "draft" or t.campaign == name]
            for i in among:
                touch = self.cap.touches[i]
                if touch.campaign == name and self.evaluation.reportable(touch):
                    found += self._standing_at(i, windows, base, among)

    def _suspects(
        self, windows: list[Window], dated: Sequence[int], base: Sequence[TriggerSchedule]
    ) -> tuple[set[int], bool]:
        """The dated touches that may be too many together with triggered ones, and whether these alone may be."""
        limit = min([*self.cap.limits, self._limit_alone()])
        most = {r.name: max((self.bound(r, w).most for w in windows), default=0) for r in base}
        abstract = [(r, most[r.name]) for r in base if most[r.name]]
        if not abstract:
            return set(), False
        graph = self.relaxed.graph(dated, abstract, limit)
        extra = list(range(len(dated), len(dated) + len(abstract)))
        suspects: set[int] = set()
        rank = {i: n for n, i in enumerate(dated)}
        for i in dated:
            window = [rank[j] for j in self.cap.window(dated, i)]
            if i in suspects and all(dated[n] in suspects for n in window):
                continue
            if self.relaxed.may_exceed(graph, [*window, *extra], limit):
                suspects |= {dated[n] for n in window}
        touched = any(self.cap.touches[i].status == "planned" for i in suspects)
        alone = self.relaxed.may_exceed(
            graph, [*range(len(dated)), *extra] if not touched and suspects else extra, limit
        )
        others = any(not self.cap.eligible(i) for i in suspects)  # not planned, or past, and beside triggered ones
        return suspects, alone or others

    def _limit_alone(self) -> int:
        at_most = self.cap.asked.at_most
        return (28 if at_most == "days_in_month" else int(at_most)) * self.cap.counting.scale

    # --- concrete triggers -------------------------------------------------------------------------------------------

    def _fullest(
        self,
        windows: Iterable[Window],
        dated: Sequence[int],
        base: Sequence[TriggerSchedule],
        past: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[float, Window, list[int]]]:
        """The windows with a bound of what comes together in each, the fullest first."""
        at = [self.cap.touches[i].at for i in dated]
        listed = []
        for number, window in enumerate(windows):
            low = (bisect_left if window.closed else bisect_right)(at, window.start)
            inside = list(dated[low : bisect_right(at, window.end)])
            if self.cap.lasting:
                inside = self.cap.reaching(dated, window)
            bound = self.cap.graph.total(inside) + sum(
                (1 if self.cap.params.count != "touches" and bound.most else bound.most)
                for bound in (self._wave_of(r, window, past) for r in base)
            )
            listed.append((-bound, number, window, inside))
        for negative, _, window, inside in sorted(listed, key=lambda entry: entry[:2]):
            yield -negative, window, inside

    def _standing_at(
        self, i: int, windows: list[Window], base: Sequence[TriggerSchedule], among: Sequence[int] | None = None
    ) -> list[Violation]:
        """Sets whose latest planned dated touch is this one, with triggered touches before or after it."""
        cap, touch = self.cap, self.cap.touches[i]
        mine = touch.campaign if touch.status == "draft" else None
        if mine is None and not cap.eligible(i):
            return self._standing_at_last(i, windows, base)

        def kept(j: int) -> bool:
            if mine is not None:
                return j <= i or cap.touches[j].campaign != mine
            return not cap.eligible(j) or j <= i

        dated = [j for j in (cap.base if among is None else among) if kept(j)]
        holding = [window for window in windows if window.meets(touch.at, touch.arrives)]
        return self._best(touch, self._fullest(holding, dated, base), base, i, None)

    def _standing_at_last(self, i: int, windows: Sequence[Window], base: Sequence[TriggerSchedule]) -> list[Violation]:
        """A touch that is not planned is where a set stands only if all triggered ones came before as-of."""
        cap, touch = self.cap, self.cap.touches[i]
        past = self.evaluation.today - TICK
        inside = [j for j in cap.base if j <= i and not cap.eligible(j)]
        doubt: Message | None = None
        for window in [w for w in windows if w.meets(touch.at, touch.arrives) and w.start < past][:MAX_TRIES]:
            held = cap.reaching(inside, window)
            found = self._concrete(replace(window, end=past), held, base, i, None)
            if found is not None:
                return [replace(found, at=touch)]
            if doubt is None and self._relaxed_exceeds(window, held, base, frozenset(r.name for r in base)):
                doubt = self._why(base)
        if doubt is not None:
            self.asking.doubt(doubt, touch)
        return []

    def _standing_at_campaign(
        self, schedule: TriggerSchedule, windows: list[Window], base: Sequence[TriggerSchedule]
    ) -> list[Violation]:
        """Sets without a planned dated touch to come: they stand at the last planned triggered campaign by name."""
        cap, draft = self.cap, schedule.steps[0].status == "draft"
        past = frozenset(r.name for r in base if not draft and self._rank(r) > self._rank(schedule))
        dated = list(cap.base) if draft else [j for j in cap.base if not cap.eligible(j)]
        open_windows = [
            w
            for w in windows
            if self.evaluation.day_of(min(w.end, max(s.ends for s in schedule.steps))) >= self.evaluation.as_of
        ]
        return self._best(None, self._fullest(open_windows, dated, base, past), base, None, schedule, past)

    def _rank(self, schedule: TriggerSchedule) -> tuple[bool, str]:
        """Of two triggered campaigns with sends to come a set stands at the planned one, then at the last by name."""
        return (schedule.steps[0].status == "planned", schedule.name)

    def _best(
        self,
        at: Send | None,
        fullest: Iterator[tuple[float, Window, list[int]]],
        base: Sequence[TriggerSchedule],
        must: int | None,
        standing: TriggerSchedule | None,
        past: frozenset[str] = frozenset(),
    ) -> list[Violation]:
        best: Violation | None = None
        failed = None
        floor = self._limit_alone()
        for tries, (bound, window, inside) in enumerate(fullest):
            if bound <= max(floor, best.found.weight if best else 0):
                break
            if tries >= MAX_TRIES:
                failed = failed or window
                break
            found = self._concrete(window, inside, base, must, standing, past)
            if found is not None and (best is None or found.found.weight > best.found.weight):
                best = found
            elif found is None and best is None and self._relaxed_exceeds(window, inside, base, past):
                failed = failed or window
        if (
            best is None
            and failed is not None
            and standing is not None
            and floor == 0
            and self.cap.params.since is None
        ):
            return one_too_many(self.cap, standing)
        if best is None:
            if failed is not None:
                self.asking.doubt(self._why(base), at if at is not None else (standing or base[0]).steps[0])
            return []
        return [best if at is None else replace(best, at=at)]

    def _why(self, base: Sequence[TriggerSchedule]) -> Message:
        unlimited = [r for r in base if r.unlimited]
        if unlimited:
            return how_often(unlimited[0].trigger.event)
        return say(
            "triggers could bring too many together, and no customer was found for whom they do",
            "触发可能使次数过多，但未找到确切的客户",
        )

    def _relaxed_exceeds(
        self,
        window: Window,
        inside: Sequence[int],
        base: Sequence[TriggerSchedule],
        past: frozenset[str],
        floor: int | None = None,
    ) -> bool:
        abstract = [(r, most) for r in base if (most := self._wave_of(r, window, past).most)]
        limit = self.cap.limit_at(window.end) if floor is None else floor
        graph = self.relaxed.graph(inside, abstract, limit)
        return self.relaxed.may_exceed(graph, list(range(len(graph.candidates))), limit)

    def fullest(self, window: Window, inside: Sequence[int], least: int) -> Violation | None:
        """The heaviest set of more than ``least`` that was found in a window, with what customers bring about."""
        found: Violation | None = None
        if not any(self.bound(schedule, window).most for schedule in self.schedules):
            return None
        while self._relaxed_exceeds(window, inside, self.schedules, frozenset(), least):
            heavier = self._concrete(window, inside, self.schedules, None, None, floor=least)
            if heavier is None:
                break
            found, least = heavier, heavier.found.weight
        return found

    def _concrete(
        self,
        window: Window,
        inside: Sequence[int],
        base: Sequence[TriggerSchedule],
        must: int | None,
        standing: TriggerSchedule | None,
        past: frozenset[str] = frozenset(),
        floor: int | None = None,
    ) -> Violation | None:
        """Tries triggers that bring much into the window, each with the customer who gets most of it.

        Campaigns in ``past`` take part with what they sent before as-of. More than the cap is asked for, or than ``floor``.
        """
        limit = self.cap.limit_at(window.end) if floor is None else floor
        for script in self.scripts.of(window, base, past):
            sends = [
                touch
                for touch in self._sends(script, window, base)
                if touch.campaign not in past or not self.evaluation.reportable(touch)
            ]
            touches, graph = self._graph(inside, sends, script, window)
            chosen = (
                [touches.index(self.cap.touches[must])]
                if must is not None and self.cap.touches[must] in touches
                else []
            )
            if must is not None and not chosen:
                continue
            for musts in [chosen] if standing is None else self._last_of(touches, standing):
                found = self._heaviest(graph, musts, limit)
                if found is None:
                    continue
                members = tuple(touches[n] for n in found.members)
                if self.cap.rule.in_effect(members[-1].day):
                    at = touches[musts[-1]] if musts else members[-1]
                    return Violation(
                        at, members, found, limit, self.cap.asked.value, (members, found), names_of(members)
                    )
        return None

    def _heaviest(self, graph: CompatibilityGraph, musts: Sequence[int], limit: int) -> MaxWeightSet | None:
        among = range(len(graph.candidates))
        answer = self.relaxed.heaviest(graph, among, musts, limit)
        return answer.value if isinstance(answer, Found) else None

    def _last_of(self, touches: Sequence[Send], standing: TriggerSchedule) -> list[list[int]]:
        """For each step of the campaign its last send on or after as-of."""
        last: dict[int, int] = {}
        for n, touch in enumerate(touches):
            if touch.trigger is not None and touch.campaign == standing.name and self.evaluation.reportable(touch):
                last[touch.index] = n
        return [[n] for n in sorted(last.values(), reverse=True)]

    def _sends(self, script: Script, window: Window, base: Sequence[TriggerSchedule]) -> list[Send]:
        """What the script sets off in the window, whoever the audience is."""
        events, dates = script
        return [
            touch
            for schedule in base
            for touch in expand_trigger(events, dates.get(schedule.name, ()), schedule.steps, self.plan)
            if window.meets(touch.at, touch.arrives)
        ]

    def _graph(
        self, inside: Sequence[int], sends: Sequence[Send], script: Script, window: Window
    ) -> tuple[list[Send], CompatibilityGraph]:
        """The touches that the script leaves and sets off, those that can reach somebody, in order."""
        cap, evaluation = self.cap, self.evaluation
        dated = [t for t in (cap.touches[i] for i in inside) if not stopped(t, script[0])]
        listed = sorted([*dated, *sends], key=lambda touch: touch.order)
        receipts = {id(t): receipt(t, evaluation) for t in listed}
        also = {id(t): receipts[id(t)].also for t in listed}
        events = sorted({*script[0], *(event for needs in receipts.values() for event in needs.script.possible)})
        days = {t.day for t in listed} | {evaluation.day_of(t.trigger) for t in listed if t.trigger}
        tests = [test for asked in also.values() for _, tests in asked for test in tests]
        context = evaluation.context([*cap.asked.conditions, *(t.audience for t in listed), *tests], days, events)
        touches: list[Send] = []
        candidates: list[Candidate] = []
        for touch in listed:
            candidate = cap.asked.candidate(context.space, touch, cap.counting)
            candidate = candidate and _hung_on_dates(candidate, also[id(touch)], context.space, self.evaluation)
            if candidate is not None:
                touches.append(touch)
                candidates.append(candidate)
        scripts = only_these_acts(script, window, touches, cap.params.since) if cap.params.since else None
        return touches, CompatibilityGraph(context, candidates, cap.counting.keys(touches), scripts)


def _hung_on_dates(
    candidate: Candidate, also: Sequence[ConditionsAt], space: Space, evaluation: Evaluation
) -> Candidate | None:
    """The candidate with what the customer's date must be at its trigger; None if nobody's is."""
    for at, (test,) in also:
        day = evaluation.day_of(at)
        hung = space.of(test, day)
        boxes = candidate.boxes
        if all(space.changes(name) == "never" for name in attributes_of(test)):
            boxes = tuple(intersection(boxes, hung))
        if not boxes:
            return None
        candidate = replace(candidate, boxes=boxes, also=(*candidate.also, Demand(at, day, hung)))
    return candidate
