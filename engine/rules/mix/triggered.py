"""Triggered touches in a mix: what customers can bring about that harms it, beside what comes anyway.

Shown with concrete triggers; proved with the most that can be brought about, whoever its audience is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime
from functools import cached_property
from itertools import chain, combinations, groupby, islice
from math import inf

from ...clocks import TICK
from ...kit.attribution import attribution_point, stands_first
from ...kit.drafts import with_each_draft
from ...kit.reaching import reaches_somebody
from ...kit.receiving import ConditionsAt, Served, receipt, somebody
from ...kit.replay import on_that_clock
from ...plan.conditions import All, Condition
from ...reference import Customer, expand_trigger, stopped, wrong_mix
from ...search.model import NO_EVENTS, EventAt, EventScript
from ...search.result import NOBODY, Nobody, Result, first_found
from ...sends.sample_sends import edge_sends
from ...sends.set_off import event_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import TriggerSchedule
from ...undecidable import TooManyTriggers
from ...windows import Window, leaves_at, window_ending
from .received import received_in
from .search import MixSearch, MixViolation, harms

MAX_WINDOWS = 2000
MAX_EDGES = 200
"""How many sends of a triggered touch windows are looked at around."""
MAX_OFTEN = 40
"""How often a trigger is repeated that nothing limits."""
MAX_OTHERS = 4
"""How many touches that may be got besides are tried one by one."""
MAX_TRIES = 300
"""How many customers are looked for."""
Triggers = tuple[datetime, ...]
MAX_MADE_UP = 6
"""Of how many touches that help the number is made up from which a mix is judged."""


class TriggeredMix:
    """One mix on one clock with its triggered campaigns, those of one draft at most."""

    def __init__(self, search: MixSearch, draft: str | None, steps: Sequence[TriggeredTouch]) -> None:
        self.search, self.draft, self.tries = search, draft, 0
        self.rule, self.params, self.plan = search.rule, search.params, search.plan
        self.evaluation = search.evaluation
        self.group: list[Condition] = [self.rule.group, *on_that_clock(search.clock, self.rule)]
        self.touches = [t for t in search.touches if t.status != "draft" or t.campaign == draft]
        self.campaigns = [list(mine) for _, mine in groupby(steps, key=lambda step: step.name)]
        self.schedules = [
            TriggerSchedule(tuple(mine), tuple(int(harms(self.rule, s)) for s in mine), self.plan)
            for mine in self.campaigns
            if any(harms(self.rule, step) for step in mine)
        ]
        self.helpers = [
            TriggerSchedule(tuple(mine), (1,) * len(mine), self.plan)
            for mine in self.campaigns
            if not any(harms(self.rule, step) for step in mine)
        ]
        """Campaigns that only help: they can make up the number from which a mix is judged."""
        self.helps = any(not harms(self.rule, step) for step in steps)

    # --- windows -----------------------------------------------------------------------------------------------------

    @cached_property
    def windows(self) -> list[Window]:
        """Those that end at a touch, just before one comes or falls out, and at the edges of what triggers bring."""
        per, clock = self.params.per, self.search.clock
        edges = {touch.at for touch in self.touches}
        for schedule in (*self.schedules, *self.helpers):
            for step in schedule.steps:
                sends = islice(edge_sends(step, self.plan, step.first), MAX_EDGES)
                edges |= {step.first, step.ends, *(send.at for send in sends)}
        leaves = {leaves_at(at, per, clock) for at in edges}
        ends = {at - TICK for at in leaves}
        if not per.calendar:
            ends |= {*edges, *leaves, *(at - TICK for at in edges)}
        found = {window_ending(end, per, clock): None for end in sorted(ends)}
        if len(found) > MAX_WINDOWS:
            raise TooManyTriggers
        return [window for window in found if self.rule.in_effect(self.evaluation.day_of(window.end))]

    # --- concrete triggers -------------------------------------------------------------------------------------------

    def skewed(self, known: Iterable[str]) -> Iterator[MixViolation]:
        """For each campaign at which a set with triggered touches stands, but for those ``known``, the first that does."""
        stood = set(known)
        seen: set[object] = set()
        for window in self.windows:
            inside = [t for t in self.touches if window.holds(t.at)]
            for script in self._scripts(window, inside):
                sends, events = self._brought(script, window)
                key = (tuple(map(id, inside)), events, tuple((s.campaign, s.index, s.at) for s in sends))
                if key in seen:
                    continue
                seen.add(key)
                for skewed in self._with(window, inside, sends, events, stood):
                    if skewed.at.campaign not in stood:
                        stood.add(skewed.at.campaign)
                        yield skewed

    def _scripts(self, window: Window, inside: Sequence[Send]) -> Iterator[dict[TriggerSchedule, Triggers]]:
        """Of each campaign the fullest triggers of a window, and the last of them alone; then those of all together."""
        fullest: dict[TriggerSchedule, Triggers] = {}
        for schedule in self.schedules:
            bound = self.evaluation.bound(schedule, window)
            if bound.most:
                often = schedule.unlimited
                triggers = self._often(schedule, window, bound.triggers[-1], len(inside)) if often else bound.triggers
                fullest[schedule] = triggers
                yield from ({schedule: chosen} for chosen in dict.fromkeys((triggers, triggers[-1:])))
        if len(fullest) > 1:
            yield fullest
        for helper in self.helpers if inside and self.params.of_at_least > 1 else ():
            bound = self.evaluation.bound(helper, window)
            if bound.most:
                few = self.params.of_at_least - 1
                times = helper.several(bound.triggers[-1], few, window) if helper.unlimited else bound.triggers[-few:]
                yield from ({helper: chosen} for chosen in dict.fromkeys((bound.triggers[-1:], tuple(times))))

    def _brought(
        self, script: dict[TriggerSchedule, Triggers], window: Window
    ) -> tuple[list[Send], tuple[EventAt, ...]]:
        """What these triggers bring into the window, of whatever campaign they set off, and the events among them."""
        named = [(schedule.trigger.event, triggers) for schedule, triggers in script.items()]
        events = tuple(sorted({(at, name) for name, triggers in named if name is not None for at in triggers}))
        dates = {schedule.name: triggers for schedule, triggers in script.items() if schedule.trigger.date is not None}
        sends: list[Send] = []
        for steps in self.campaigns:
            sends += expand_trigger(events, dates.get(steps[0].name, ()), steps, self.plan)
        return [send for send in sends if window.holds(send.at)], events

    def _often(self, schedule: TriggerSchedule, window: Window, last: datetime, rest: int) -> tuple[datetime, ...]:
        """A trigger that nothing limits, as often as it takes to outweigh whatever else comes."""
        most = next((n for n in range(1, MAX_OFTEN) if self.search.most_rest(n) >= rest), MAX_OFTEN)
        return tuple(schedule.several(last, max(most, self.params.of_at_least), window))

    def _with(
        self,
        window: Window,
        inside: Sequence[Send],
        sends: Sequence[Send],
        events: tuple[EventAt, ...],
        stood: Set[str],
    ) -> Iterator[MixViolation]:
        """Customers who get what they bring about of what harms, beside dated touches, and little of the rest."""
        rest = [t for t in (*inside, *sends) if not harms(self.rule, t) and not stopped(t, events)]
        for get, above, others in self._targets(inside, sends, events):
            if get[0].campaign in stood:
                continue
            more = [[], *([others] if len(others) > 1 else []), *([t] for t in others[:MAX_OTHERS])]
            answer = first_found(self._who([*get, *some], above, rest, events) for some in more)
            customer = self.search.asking.taken(answer, get[0])
            if customer is None:
                continue
            found = received_in(self.search.asking, customer, window, self.draft)
            harming = [t for t in found if harms(self.rule, t) and (self.draft in (None, t.campaign))]
            at = attribution_point(harming, self.evaluation) if harming else None
            if at is not None and self._is_wrong(found):
                yield MixViolation(at, tuple(found), customer, window, self.search.clock, (*inside, *sends))

    def _is_wrong(self, found: Sequence[Send]) -> bool:
        params = self.params
        return wrong_mix(found, self.rule.matches["part"], params.at_most, params.at_least, params.of_at_least)

    def _targets(
        self, inside: Sequence[Send], sends: Sequence[Send], events: tuple[EventAt, ...]
    ) -> Iterator[tuple[list[Send], list[Send], list[Send]]]:
        """For each touch or campaign at which a set could stand: what must be got, what must not, and what may be."""
        harming = [t for t in inside if harms(self.rule, t) and not stopped(t, events)]
        brought = [s for s in sends if harms(self.rule, s)]
        planned = [t for t in harming if stands_first(t, self.evaluation, self.draft)]
        for last in planned:
            above = [t for t in planned if t.order > last.order]
            yield [last], above, [*brought, *(t for t in harming if t not in above and t is not last)]
        for name in sorted({s.campaign for s in brought}):
            mine = [s for s in brought if s.campaign == name]
            above = [s for s in brought if self._rank(s) > self._rank(mine[0])]
            others = [s for s in brought if s not in above and s not in mine] + [t for t in harming if t not in planned]
            yield mine, [*planned, *above], others
            yield from (([one], [*planned, *above], others) for one in mine if len(mine) > 1)

    @staticmethod
    def _rank(send: Send) -> tuple[bool, str]:
        """Of triggered campaigns a set stands at the planned one, then at the last by name."""
        return (send.status == "planned", send.campaign)

    def _who(
        self, chosen: Sequence[Send], above: Sequence[Send], rest: Sequence[Send], events: tuple[EventAt, ...]
    ) -> Result[Customer]:
        short = max(self.params.of_at_least - len(chosen), 0)
        made_up = combinations(rest[:MAX_MADE_UP], short)
        return first_found(self._gets([*chosen, *more], above, rest, len(chosen), events) for more in made_up)

    def _gets(
        self,
        get: Sequence[Send],
        above: Sequence[Send],
        rest: Sequence[Send],
        harm: int,
        events: tuple[EventAt, ...],
    ) -> Result[Customer]:
        allowed = self.search.most_rest(harm) - (len(get) - harm)
        if allowed < 0:
            return NOBODY
        self.tries += 1
        if self.tries > MAX_TRIES:
            raise TooManyTriggers
        others = [t for t in rest if t not in get]
        asked: list[ConditionsAt] = [(t.at, [t.audience, *self.group]) for t in get]
        script = EventScript(events)
        for touch in get:
            needs = receipt(touch, self.evaluation)
            asked += needs.also
            script = script.together(needs.script)
        served = self._served(above, others)
        return somebody(self.evaluation, asked, script, served, min(allowed, 10**6), budget=self.search.budget)

    def _served(self, never: Sequence[Send], counted: Sequence[Send]) -> list[Served]:
        """Touches that must not be got at all, and those of which only so many may be."""
        weighed = [*((inf, t) for t in never), *((1, t) for t in counted)]
        return [(weight, t.at, All((t.audience, *self.group))) for weight, t in weighed]

    # --- the proof ---------------------------------------------------------------------------------------------------

    def proved(self, alone: bool = False) -> bool:
        """Whether nobody gets a mix out of bounds, whatever they bring about: in each window with all that could harm.

        ``alone``: only of those who get no dated touch at which it would stand.
        """
        if self.search.limit >= 1:
            return True
        most = max((sum(self.evaluation.bound(s, w).most for s in self.schedules) for w in self.windows), default=0)
        if not most:
            return True
        if most == inf:
            return False
        harming = [step for schedule in self.schedules for step in schedule.steps if harms(self.rule, step)]
        seen: set[tuple[int, ...]] = set()
        for window in self.windows:
            inside = [t for t in self.touches if window.holds(t.at)]
            key = tuple(map(id, inside))
            if key in seen:
                continue
            seen.add(key)
            dated = [t for t in inside if harms(self.rule, t)]
            rest = [t for t in inside if not harms(self.rule, t)]
            first = [t for t in dated if alone and self._stands_first(t)]
            harm = int(most) + len(dated) - len(first)
            others = self.search.most_rest(harm) if self.helps else min(self.search.most_rest(harm), len(rest))
            if harm + others < self.params.of_at_least:
                continue
            sure = [t for t in rest if not receipt(t, self.evaluation).script.bars]
            if not all(isinstance(self._bound_by(step, harm, first, sure), Nobody) for step in harming):
                return False
        return True

    def _bound_by(
        self, step: TriggeredTouch, harm: int, above: Sequence[Send], rest: Sequence[Send]
    ) -> Result[Customer]:
        """Somebody who can get a triggered touch, as far as that never changes, and of the rest little enough for so much harm."""
        allowed = min(self.search.most_rest(harm), 10**6)
        if allowed < 0:
            return NOBODY
        own = event_of(step, self.plan)
        conditions = [step.audience, *self.group, *([own.condition] if own is not None else [])]
        whom = [condition for condition in conditions if self.evaluation.never_changes(condition)]
        served = self._served(above, rest)
        return somebody(self.evaluation, [(step.first, whom)], NO_EVENTS, served, allowed, budget=self.search.budget)

    def of_the_draft(self) -> Send | TriggeredTouch:
        """A touch of the draft that is judged."""
        things: list[Send | TriggeredTouch] = [*self.touches, *chain.from_iterable(self.campaigns)]
        return next(thing for thing in things if thing.name == self.draft)

    def _stands_first(self, touch: Send) -> bool:
        return stands_first(touch, self.evaluation, self.draft)


def each_draft(search: MixSearch, on_clock: Condition) -> Iterator[TriggeredMix]:
    """Without drafts, then with each of them."""
    rule, evaluation = search.rule, search.evaluation
    steps = [step for step in search.asking.triggered if reaches_somebody(step, rule, evaluation, on_clock)]
    every: list[Send | TriggeredTouch] = [*search.touches, *steps]
    for draft, things in with_each_draft(every):
        yield TriggeredMix(search, draft, [thing for thing in things if isinstance(thing, TriggeredTouch)])
