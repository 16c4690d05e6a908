"""The proof of a cap with triggered campaigns: each as one touch that counts the most it can, on whatever day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import inf

from ...clocks import day_of
from ...kit.evaluation import boxes_of
from ...plan.conditions import EVERYONE, Condition, DateBetween, tells_days_apart
from ...search.budget import SearchBudget
from ...search.compatibility import CompatibilityGraph
from ...search.max_weight_set import max_weight_set
from ...search.model import Candidate
from ...search.result import MaxWeightSet, Nobody, Result, decided
from ...sends.set_off import event_of, hangs_on
from ...sends.timeline import TriggeredTouch
from ...sends.triggers import TriggerSchedule
from ...space.boxes import Box, intersection, union
from .search import Cap

GRAPH = 10
"""What a touch costs in steps for being laid out anew."""


class Relaxed:
    """One cap, whose triggered campaigns are bounded."""

    def __init__(self, cap: Cap) -> None:
        self.cap = cap
        self.pool = cap.evaluation.budget_of_rule()

    def may_exceed(self, graph: CompatibilityGraph, among: list[int], limit: int) -> bool:
        """Whether it is not proved that nobody gets more than ``limit`` of these."""
        if graph.counted_by_cells(among, limit):
            return False
        return not isinstance(self.heaviest(graph, among, (), limit), Nobody)

    def heaviest(
        self, graph: CompatibilityGraph, among: Sequence[int], must: Sequence[int], limit: int
    ) -> Result[MaxWeightSet]:
        """The heaviest set over the limit, from what is left of the budget of all. Raises BudgetExhausted: nothing is."""
        given = SearchBudget(most := min(self.cap.evaluation.budget // 4, self.pool.left))
        answer = decided(lambda: max_weight_set(graph, among, must, limit, given))
        self.pool.spend(GRAPH * len(among) + most - max(given.left, 0))
        return answer

    def graph(
        self, dated: Sequence[int], abstract: Sequence[tuple[TriggerSchedule, float]], limit: int
    ) -> CompatibilityGraph:
        """Dated touches, and each triggered campaign as one touch that counts the most it can, on whatever day."""
        cap = self.cap
        touches = [cap.touches[i] for i in dated]
        steps = [step for schedule, _ in abstract for step in schedule.steps]
        days = {t.day for t in touches} | {day for step in steps for day in self._days(step)}
        days |= {self.cap.evaluation.day_of(step.ends) for step in steps}
        hung = {step.place: self._hung(schedule, step) for schedule, _ in abstract for step in schedule.steps}
        conditions = [*cap.asked.conditions, *(t.audience for t in touches), *(step.audience for step in steps)]
        conditions += hung.values()
        able = {step.place: self._able(step) for step in steps}
        conditions += able.values()
        context = self.cap.evaluation.context(conditions, days, [])
        candidates = [cap.asked.candidate(context.space, touch, cap.counting) for touch in touches]
        made = [c if c is not None else Candidate(t.at, t.day, (), 0) for c, t in zip(candidates, touches, strict=True)]
        for schedule, most in abstract:
            boxes: list[Box] = []
            for step in schedule.steps:
                hanging = context.space.of(hung[step.place], max(days))
                for day in self._days(step):
                    admitted = boxes_of(context.space, [step.audience, able[step.place], *cap.asked.conditions], day)
                    boxes = union(
                        [
                            *boxes,
                            *(
                                {n: m for n, m in b.items() if context.space.changes(n) == "never"}
                                for b in intersection(admitted, hanging)
                            ),
                        ]
                    )
            weight = limit + 1 if most == inf else int(most)
            first = schedule.steps[0].first
            made.append(Candidate(first, self.cap.evaluation.day_of(first), tuple(boxes), weight))
        keys = cap.counting.keys([*touches, *(schedule.steps[0] for schedule, _ in abstract)])
        return CompatibilityGraph(context, made, keys)

    def _able(self, step: TriggeredTouch) -> Condition:
        """To whom the event can happen that sets a campaign off, as far as that stays the same."""
        own = event_of(step, self.cap.evaluation.plan)
        stays = own is not None and self.cap.evaluation.never_changes(own.condition)
        return own.condition if own is not None and stays else EVERYONE

    @staticmethod
    def _hung(schedule: TriggerSchedule, step: TriggeredTouch) -> Condition:
        """Between which days a date that never changes must lie to set a campaign off."""
        trigger = schedule.trigger
        if trigger.date is None or not schedule.once:
            return EVERYONE
        days = (day_of(at, step.campaign.timezone) for at in (step.first, step.last))
        first, last = (hangs_on(trigger, day) for day in days)
        return DateBetween(trigger.date, first, last)

    def _days(self, step: TriggeredTouch) -> list[date]:
        """The days on which the audience of a step may be asked; one is enough where it does not tell days apart."""
        first, last = self.cap.evaluation.day_of(step.first), self.cap.evaluation.day_of(step.ends)
        if not any(tells_days_apart(c) for c in (step.audience, self.cap.rule.group)):
            return [first]
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]
