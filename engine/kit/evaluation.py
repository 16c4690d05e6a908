"""One evaluation: the plan, the day from which on findings are reported, the waivers, and what every rule asks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from ..clocks import TICK, day_of, local, midnight
from ..plan.conditions import EVERYONE, Condition, OnClock, attributes_of, tells_days_apart
from ..plan.moving import Move
from ..plan.plan import Plan, PlannedCampaign
from ..policy.linked import LinkedRule
from ..policy.waivers import Waiver
from ..search.budget import SearchBudget
from ..search.happenings import conditions_of_events
from ..search.model import EventAt, SearchContext
from ..sends.timeline import Send, Timeline, TriggeredTouch, customer_zones, plan_days
from ..sends.triggers import TriggerSchedule, WindowBound
from ..sends.undated import sample_days
from ..space.boxes import Box, intersection
from ..space.space import Space, space_for
from ..windows import Window

SEARCHES = 2
"""What the searches of a rule share, in budgets of a single one."""


@dataclass
class Evaluation:
    """One evaluation: the plan and what every rule asks of it."""

    plan: Plan
    timeline: Timeline
    as_of: date
    waivers: Sequence[Waiver]
    budget: int
    """The budget of one search."""

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """The zones in which a customer's clock can be; none where no attribute is a zone."""
        return customer_zones(self.plan)

    @cached_property
    def instants(self) -> list[datetime]:
        """The instants at which the plan sends something, in order, each once."""
        return sorted({touch.at for touch in self.timeline.sends})

    @cached_property
    def fact_instants(self) -> list[datetime]:
        """When facts are looked at: at every send, and at the beginning of every day of a stated period."""
        stated = self.plan.stated_period
        if stated is None or not self.plan.customers.facts:
            return self.instants
        days = (stated[0] + timedelta(days=n) for n in range((stated[1] - stated[0]).days + 1))
        return sorted({*self.instants, *(midnight(day, self.plan.timezone) for day in days)})

    @cached_property
    def fact_days(self) -> list[date]:
        """The days of these instants, in order."""
        return sorted({self.day_of(at) for at in self.fact_instants})

    @cached_property
    def period(self) -> tuple[date, date] | None:
        """First and last day that the plan speaks for; None where it plans nothing."""
        days = plan_days(self.plan, self.timeline)
        return (days[0], days[1]) if days else None

    @cached_property
    def span(self) -> tuple[date, date]:
        """The same; a plan that names no day is looked at from as-of on."""
        return self.period or sample_days(self.plan, self.as_of)

    @cached_property
    def begins(self) -> datetime | None:
        """Just before the first day of the plan."""
        days = [*(self.period or ()), *(touch.day for touch in self.timeline.sends[:1])]
        return midnight(min(days), self.plan.timezone) - TICK if days else None

    @cached_property
    def today(self) -> datetime:
        """The first instant of the day from which on findings are reported."""
        return midnight(self.as_of, self.plan.timezone)

    @cached_property
    def _bounds(self) -> dict[object, WindowBound]:
        return {}

    def bound(self, schedule: TriggerSchedule, window: Window, until: datetime | None = None) -> WindowBound:
        """What a triggered campaign brings into a window, found once. Raises TooManyTriggers, ``UnknownYear``."""
        key = (tuple(step.place for step in schedule.steps), schedule.weights, window, until)
        if key not in self._bounds:
            self._bounds[key] = schedule.bound(window, until)
        return self._bounds[key]

    @cached_property
    def day_of(self) -> Callable[[datetime], date]:
        """The day of an instant on the plan's clock."""
        timezone = self.plan.timezone

        @lru_cache(maxsize=200_000)
        def day(at: datetime) -> date:
            return day_of(at, timezone)

        return day

    def clocks(self, rule: LinkedRule[Any]) -> list[tuple[str, Condition]]:
        """The clocks of a rule, each with the condition on the customers whose clock it is."""
        if rule.clock != "customer":
            return [(rule.clock, EVERYONE)]
        return [(zone, OnClock(zone)) for zone in self.zones]

    def matching(self, rule: LinkedRule[Any]) -> list[Send]:
        """The dated touches that the rule speaks of, in order."""
        held: dict[int, bool] = {}
        found = []
        for touch in self.timeline.sends:
            key = id(touch.fields)
            if key not in held:
                held[key] = rule.match.holds(touch.fields)
            if held[key]:
                found.append(touch)
        return found

    def matching_triggered(self, rule: LinkedRule[Any]) -> list[TriggeredTouch]:
        """The touches of triggered campaigns that the rule speaks of."""
        return [step for step in self.timeline.triggered if rule.match.holds(step.fields)]

    def triggered_touch_of(self, touch: Send) -> TriggeredTouch:
        """The step that a triggered touch is a send of."""
        return self._steps[(touch.campaign, touch.index)]

    def never_changes(self, condition: Condition) -> bool:
        """Whether it asks only for what stays as it is for every customer, on whatever day."""
        if condition not in self._staying:
            attributes = self.plan.customers.attributes
            named = (attributes.get(name) for name in attributes_of(condition))
            stays = all(one is not None and one.changes in (None, "never") for one in named)
            self._staying[condition] = stays and not tells_days_apart(condition)
        return self._staying[condition]

    @cached_property
    def _staying(self) -> dict[Condition, bool]:
        return {}

    @cached_property
    def _steps(self) -> dict[tuple[str, int], TriggeredTouch]:
        return {(step.name, step.index): step for step in self.timeline.triggered}

    def context(
        self, conditions: Iterable[Condition], days: Iterable[date], events: Sequence[EventAt] = ()
    ) -> SearchContext:
        """The space of customers that these conditions, and those of the events, can tell apart on these days."""
        lived = {(self.day_of(at), name) for at, name in events}
        asked = {*days, *(self.day_of(at - tick) for at, _ in events for tick in (TICK, timedelta()))}
        if self.plan.customers.facts:
            asked |= {*self.fact_days}
        told = conditions_of_events(self.plan.customers, dict.fromkeys(conditions), lived)
        if self.begins is not None:
            asked.add(self.day_of(self.begins))
        space = space_for(self.plan.customers, told, asked, self.zones)
        return SearchContext(space, self.fact_instants, self.plan.timezone, self.day_of, self.begins)

    def without(self, names: Set[str]) -> Evaluation:
        """The same plan without some campaigns."""
        campaigns = tuple(campaign for campaign in self.plan.campaigns if campaign.name not in names)
        sends = tuple(send for send in self.timeline.sends if send.campaign not in names)
        plan, line = replace(self.plan, campaigns=campaigns), replace(self.timeline, sends=sends)
        return Evaluation(plan, line, self.as_of, self.waivers, self.budget)

    @cached_property
    def campaigns(self) -> dict[str, PlannedCampaign]:
        """The campaigns of the plan by name."""
        return {campaign.name: campaign for campaign in self.plan.campaigns}

    def move_of(self, touch: Send) -> Move:
        """To which days a touch may be moved; what a ledger holds to none."""
        campaign = self.campaigns.get(touch.campaign)
        return campaign.model.move_of(touch.index) if campaign is not None else Move(never=True)

    def at_moment(self, touch: Send, at: datetime) -> Send:
        """A send that lasts, as it reaches somebody at a moment of it."""
        return replace(touch, at=at, local=local(at, touch.zone), day=self.day_of(at))

    def fresh_budget(self) -> SearchBudget:
        """A whole budget, for one search."""
        return SearchBudget(self.budget)

    def budget_of_rule(self) -> SearchBudget:
        """One budget for all searches of a rule, where there can be any number of them."""
        return SearchBudget(self.budget * SEARCHES)

    def reportable(self, touch: Send) -> bool:
        """Whether the touch is still to come; what a ledger holds is not."""
        return touch.day >= self.as_of and touch.campaign not in self.ledgers

    @cached_property
    def ledgers(self) -> frozenset[str]:
        """The names of the ledgers: their touches carry them as campaign."""
        return frozenset(ledger.name for ledger in self.plan.ledgers)

    @cached_property
    def bounded(self) -> frozenset[str]:
        """The ledgers that only bound what was sent: of none of their touches it is sure."""
        return frozenset(ledger.name for ledger in self.plan.ledgers if ledger.bounded)


def boxes_of(space: Space, conditions: Sequence[Condition], day: date) -> list[Box]:
    """Everyone who meets all the conditions on a day. Raises TooManyBoxes."""
    boxes: list[Box] = [{}]
    for condition in conditions:
        if condition != EVERYONE:
            boxes = intersection(boxes, space.of(condition, day))
    return boxes
