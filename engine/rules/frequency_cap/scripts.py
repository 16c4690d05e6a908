"""Scripts: concrete triggers that bring much into a window, to be tried on a customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ...clocks import TICK, civil_shift, local, shift
from ...hours import last_open
from ...search.model import Bar, EventAt, EventScript
from ...sends.set_off import hangs_on, triggers_of_day
from ...sends.timeline import Send
from ...sends.triggers import TriggerSchedule, WindowBound, day_matters
from ...windows import Window
from .params import Since
from .search import Cap
from .windows import MAX_CHAIN

MAX_VALUES = 60
"""How many values of a date that is set once are tried."""

Script = tuple[tuple[EventAt, ...], dict[str, tuple[datetime, ...]]]
"""Events that the customer brings about, and for campaigns that hang on a date the days that set them off."""


class Scripts:
    """The scripts of one cap."""

    def __init__(self, cap: Cap, bound: Callable[[TriggerSchedule, Window], WindowBound]) -> None:
        self.cap, self.plan, self.bound = cap, cap.evaluation.plan, bound

    def of(
        self, window: Window, base: Sequence[TriggerSchedule], past: frozenset[str] = frozenset()
    ) -> Iterator[Script]:
        """All campaigns at their fullest, then the triggers of each alone; with each value of a date that is set once.

        Triggers on whole minutes first, as people would name them; then the very last instants that will do.
        """
        listed = list(self._earlier(window, base, past))
        on_event = [r for r in base if r.trigger.event is not None]
        ways: list[list[TriggerSchedule]] = [on_event]
        if len({r.trigger.event for r in on_event}) < len(on_event):
            ways += [[r] for r in on_event]
        once = list(self._once(window, base))
        for bounds in listed:
            dates = {r.name: bounds[r.name] for r in base if r.trigger.date is not None and not r.once}
            for mine in ways:
                events = {(at, r.trigger.event or "") for r in mine for at in bounds[r.name]}
                for acted in self._acted(window):
                    yield from ((tuple(sorted({*events, *acted})), {**dates, **days}) for days in once)

    def _earlier(
        self, window: Window, base: Sequence[TriggerSchedule], past: frozenset[str]
    ) -> Iterator[dict[str, tuple[datetime, ...]]]:
        """The fullest triggers for the window, then for what of it ends a day earlier, two days, …: audiences may differ."""
        seen = []
        steps = [step for schedule in base for step in schedule.steps]
        for days in range(MAX_CHAIN if day_matters(steps, [self.cap.rule.group], self.plan) else 1):
            shorter = replace(window, end=window.end - timedelta(days=days))
            if shorter.end <= window.start and days:
                return
            until = self.cap.evaluation.today - TICK
            before = replace(shorter, end=max(min(shorter.end, until), shorter.start))
            exact = {r.name: self.bound(r, before if r.name in past else shorter).triggers for r in base}
            whole = {r.name: self._whole_minutes(r, exact[r.name], shorter) for r in base}
            for bounds in (whole, exact):
                if bounds not in seen:
                    seen.append(bounds)
                    yield bounds

    def _acted(self, window: Window) -> Iterator[tuple[EventAt, ...]]:
        """For ``since``: the last act by which the window can begin, if all of it still counts."""
        since = self.cap.params.since
        if since is None or since.lasting is None:
            yield ()
            return
        for name in since.event:
            hours = self.plan.customers.events[name].model.hours
            act = last_open(window.start, hours, self.plan.timezone, self.plan.calendar)
            if act is not None and window.end < shift(act, since.lasting, +1, self.cap.clock):
                yield ((act, name),)

    def _once(self, window: Window, base: Sequence[TriggerSchedule]) -> Iterator[dict[str, tuple[datetime, ...]]]:
        """For dates that are set once: each value that brings something, and what every campaign makes of it."""
        mine = [r for r in base if r.once]
        values = {
            (r.trigger.date, hangs_on(r.trigger, local(at, r.steps[0].campaign.timezone).date()))
            for r in mine
            for at in r.days(window)
        }
        if not values:
            yield {}
        for name, value in sorted(values, key=str)[:MAX_VALUES]:
            found: dict[str, tuple[datetime, ...]] = {}
            for r in mine:
                if r.trigger.date != name:
                    continue
                day = (
                    civil_shift(value, r.trigger.before, -1)
                    if r.trigger.before
                    else civil_shift(value, r.trigger.after, +1)
                    if r.trigger.after
                    else value
                )
                if hangs_on(r.trigger, day) == value:
                    ahead = self.plan.customers.attributes[name or ""].known == "ahead"
                    found[r.name] = (triggers_of_day(r.steps[0], day, self.plan)[0 if ahead else -1],)
            yield found

    def _whole_minutes(
        self, schedule: TriggerSchedule, triggers: Sequence[datetime], window: Window
    ) -> tuple[datetime, ...]:
        """Instants as people would name them, if they bring as much."""
        whole = tuple(at.replace(second=0, microsecond=0) for at in triggers)
        weight_in = sum(schedule.weight_in(at, window) for at in triggers)
        as_much = len(set(whole)) == len(triggers) and sum(schedule.weight_in(at, window) for at in whole) == weight_in
        return whole if as_much else tuple(triggers)


def only_these_acts(
    script: Script, window: Window, touches: Sequence[Send], since: Since
) -> Callable[[Sequence[int]], list[EventScript]]:
    """For ``since``: besides what is in the script the customer does not act."""
    acts = frozenset(since.event)
    act = tuple(event for event in script[0] if event[1] in acts and event[0] <= window.start)[-1:]
    if act:
        return lambda members: [EventScript(act, (Bar(acts, act[0][0] + TICK),))]
    return lambda members: [EventScript((), (Bar(acts, min(touches[i].at for i in members) + TICK),))]
