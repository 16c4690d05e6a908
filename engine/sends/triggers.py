"""Triggered campaigns: when a trigger leads to a send, and how many sends a customer can bring into one window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import inf

from ..clocks import TICK, day_of, local, midnight, shift
from ..hours import last_open, next_open
from ..plan.campaigns import Trigger
from ..plan.conditions import EVERYONE, Condition, tells_days_apart
from ..plan.plan import Plan
from ..policy.matches import seconds_of
from ..scalars import Duration
from ..undecidable import TooManyTriggers
from ..windows import Window
from .set_off import event_of, setters_of, trigger_of, triggers_of_day
from .timeline import Send, TriggeredTouch

MAX_TRIGGERS = 4000
"""How many instants of one campaign are weighed against each other for one window."""


def due_at(step: TriggeredTouch, trigger: datetime) -> datetime:
    """When a step is due after its trigger, before it waits for ``send_in``."""
    after = step.model.after
    return shift(trigger, after, +1, step.campaign.timezone) if after is not None else trigger


def send_at(step: TriggeredTouch, trigger: datetime, plan: Plan) -> datetime | None:
    """When the step is sent: due, then at the next opening of ``send_in``; None outside the time of the campaign.

    Raises ``UnknownYear`` where ``send_in`` speaks of holidays that are not announced.
    """
    campaign = step.campaign
    at = next_open(due_at(step, trigger), campaign.model.send_in, campaign.timezone, plan.calendar)
    return at if at is not None and step.first <= trigger <= step.last and at <= step.ends else None


def sent_at(step: TriggeredTouch, trigger: datetime, at: datetime, plan: Plan) -> Send:
    """The touch of a step that is sent at this instant."""
    campaign = step.campaign
    return Send(
        campaign.name,
        step.index,
        at,
        local(at, campaign.timezone),
        day_of(at, plan.timezone),
        step.audience,
        step.fields,
        campaign.model.status,
        step.place,
        step.model,
        campaign.timezone,
        trigger=trigger,
    )


def day_matters(steps: Iterable[TriggeredTouch], conditions: Iterable[Condition], plan: Plan) -> bool:
    """Whether it can matter for these conditions on which day a campaign is set off."""
    listed = list(steps)
    events = [event_of(step, plan) for step in listed]
    asked = [*conditions, *(step.audience for step in listed)]
    return any(map(tells_days_apart, asked)) or any(
        event is None or event.sets or event.condition != EVERYONE for event in events
    )


@dataclass(frozen=True, slots=True)
class WindowBound:
    """Triggers that bring as much as possible of one campaign into a window, and an upper bound of that."""

    triggers: tuple[datetime, ...]
    most: float
    """``inf`` where nothing limits how often the trigger comes."""


@dataclass(frozen=True, eq=False)
class TriggerSchedule:
    """One triggered campaign as a rule sees it: the steps it speaks of, and how much each counts."""

    steps: tuple[TriggeredTouch, ...]
    weights: tuple[int, ...]
    plan: Plan

    @property
    def name(self) -> str:
        return self.steps[0].campaign.name

    @property
    def trigger(self) -> Trigger:
        return trigger_of(self.steps[0])

    @property
    def clock(self) -> str:
        """The zone in which triggers are parted: the campaign's for ``again_after``, the plan's for an assumption."""
        own = self.trigger.again_after is not None and self.apart == self.trigger.again_after
        return self.steps[0].campaign.timezone if own else self.plan.timezone

    @property
    def clock_of_days(self) -> str:
        """The zone by whose days a campaign that hangs on a date is set off."""
        return self.steps[0].campaign.timezone

    @cached_property
    def once(self) -> bool:
        """Whether it hangs on a date that is set at most once."""
        name = self.trigger.date
        return name is not None and self.plan.customers.attributes[name].changes in (None, "never")

    @cached_property
    def assumed(self) -> tuple[int, Duration] | None:
        """How often its event is assumed to come at most."""
        event = event_of(self.steps[0], self.plan)
        assume = event.model.assume if event else None
        return (assume.at_most, assume.per) if assume else None

    @property
    def unlimited(self) -> bool:
        """Whether nothing says how often the trigger can come."""
        return self.trigger.date is None and self.trigger.again_after is None and self.assumed is None

    def weight_in(self, trigger: datetime, window: Window) -> int:
        """How much of what one trigger leads to falls into the window."""
        sends = zip(self._led_to(trigger), self.weights, strict=True)
        return sum(weight for send, weight in sends if send is not None and window.meets(*send))

    def _led_to(self, trigger: datetime) -> list[tuple[datetime, datetime] | None]:
        """For each step what one trigger leads to: when it is sent, and when it has arrived; worked out once."""
        if trigger not in self._known:
            times = [(step, send_at(step, trigger, self.plan)) for step in self.steps]
            self._known[trigger] = [None if at is None else (at, step.arrives(at)) for step, at in times]
        return self._known[trigger]

    @cached_property
    def _known(self) -> dict[datetime, list[tuple[datetime, datetime] | None]]:
        return {}

    def bound(self, window: Window, until: datetime | None = None) -> WindowBound:
        """The best triggers for a window; none of them after ``until``.

        Raises TooManyTriggers, ``UnknownYear``.
        """
        if self.trigger.date is not None:
            return self._of_dates(window, until)
        chained = self._chained(window, until, self.apart)
        weight = sum(self.weight_in(at, window) for at in chained)
        if self.unlimited:
            return WindowBound(tuple(chained[-1:]), inf if weight else 0)
        if self.assumed is None:
            return WindowBound(tuple(chained), weight)
        times, apart = self.assumed
        by_assumption = self._chained(window, until, apart)
        most = times * sum(self.weight_in(at, window) for at in by_assumption)
        if self.trigger.again_after is None:
            return WindowBound(tuple(at for one in by_assumption for at in self.several(one, times, window)), most)
        return WindowBound(self._as_often(chained, times, apart), min(weight, most))

    def several(self, at: datetime, times: int, window: Window) -> list[datetime]:
        """So many triggers close together, a minute or a second apart, that each bring what one at ``at`` brings."""
        for apart in (timedelta(minutes=-1), timedelta(seconds=-1), timedelta(seconds=1)):
            found = [at + n * apart for n in range(times)]
            if all(
                self.opened(one) == one and self.weight_in(one, window) == self.weight_in(at, window) for one in found
            ):
                return sorted(found)
        return [at]

    @property
    def apart(self) -> Duration:
        """What parts two triggers, the longer one of two; where nothing does one is enough: a hundred years."""
        again, rare = self.trigger.again_after, self.assumed[1] if self.assumed and self.assumed[0] == 1 else None
        if again is not None:
            return rare if rare is not None and seconds_of(str(rare)) > seconds_of(str(again)) else again
        return self.assumed[1] if self.assumed else Duration(100, "y")

    def _as_often(self, chained: Sequence[datetime], times: int, apart: Duration) -> tuple[datetime, ...]:
        """Those of the triggers that the assumption allows, the latest first."""
        kept: list[datetime] = []
        for at in reversed(chained):
            if len(kept) < times or shift(at, apart, +1, self.plan.timezone) <= kept[-times]:
                kept.append(at)
        return tuple(reversed(kept))

    def _chained(self, window: Window, until: datetime | None, apart: Duration) -> list[datetime]:
        """The heaviest triggers that lie ``apart``, in order.

        Any choice of triggers can be pushed later, one after the other, until each is the last that a step allows or
        lies exactly ``apart`` before the next: only those instants are weighed.
        """
        waiting = [at for step in self.steps if (at := self._latest(step, window.end, until)) is not None]
        found: dict[datetime, int] = {}
        while waiting:
            at = waiting.pop()
            if at in found or at < self.steps[0].first or self._too_early(at, window):
                continue
            if len(found) >= MAX_TRIGGERS:
                raise TooManyTriggers
            found[at] = self.weight_in(at, window)
            before = self.opened(self._back(at, apart))
            if before is not None:
                waiting.append(before)
        return self._heaviest(found, apart)

    def _too_early(self, at: datetime, window: Window) -> bool:
        """Whether everything that this trigger leads to comes before the window."""
        sends = self._led_to(at)
        return all(s is not None and s[1] <= window.start and not window.meets(*s) for s in sends)

    def before(self, trigger: datetime) -> datetime:
        """The last instant at which another trigger can come before this one."""
        if self.trigger.again_after is None and self.trigger.date is not None:
            return midnight(day_of(trigger, self.clock_of_days), self.clock_of_days) - TICK
        if self.trigger.again_after is None and self.assumed is not None and self.assumed[0] > 1:
            return trigger
        return self._back(trigger, self.apart)

    def next_after(self, trigger: datetime) -> datetime:
        """The first instant at which another trigger can come after this one."""
        if self.before(trigger) == trigger:
            return trigger
        if self.trigger.again_after is None and self.trigger.date is not None:
            zone = self.clock_of_days
            return midnight(day_of(trigger, zone) + timedelta(days=1), zone)
        return shift(trigger, self.apart, +1, self.clock)

    def latest(
        self, step: TriggeredTouch, window: Window, until: datetime | None = None, whole: bool = True
    ) -> datetime | None:
        """The last trigger, on a whole minute where that is wanted and will do, that brings this step into the window."""
        if self.trigger.date is not None:
            bound = self._of_dates(window, until)
            return bound.triggers[-1] if bound.triggers else None
        at = self._latest(step, window.end, until)
        if at is None or at < step.first:
            return None
        minute = at.replace(second=0, microsecond=0)
        if whole and self.opened(minute) == minute and self.weight_in(minute, window):
            return minute
        return at if self.weight_in(at, window) else None

    def _latest(self, step: TriggeredTouch, end: datetime, until: datetime | None) -> datetime | None:
        """The last trigger whose send is at ``end`` or before."""
        at = self._due_by(step, min(end, step.ends))
        return None if at is None else self.opened(min([at, step.last, *([until] if until else [])]))

    def _due_by(self, step: TriggeredTouch, end: datetime) -> datetime | None:
        """The last instant at which a trigger brings the step by ``end``, whether it can come then or not."""
        campaign, after = step.campaign, step.model.after
        due = last_open(end, campaign.model.send_in, campaign.timezone, self.plan.calendar)
        if due is None:
            return None
        at = shift(due, after, -1, campaign.timezone) if after is not None else due
        while due_at(step, at) > due:
            at -= timedelta(minutes=15)
        return at

    def opened(self, at: datetime) -> datetime | None:
        """The last instant up to ``at`` at which the event happens."""
        event = event_of(self.steps[0], self.plan)
        return last_open(at, event.model.hours if event else None, self.plan.timezone, self.plan.calendar)

    def _back(self, at: datetime, apart: Duration) -> datetime:
        before = shift(at, apart, -1, self.clock)
        while shift(before, apart, +1, self.clock) > at:
            before -= timedelta(minutes=15)
        return before

    def _heaviest(self, found: dict[datetime, int], apart: Duration) -> list[datetime]:
        """The heaviest chain among weighed instants, by going through them in order."""
        order = sorted(found)
        best: list[tuple[int, int | None, int]] = []
        """Up to each instant: the weight, the last instant taken, and how many instants lie far enough before it."""
        for i, at in enumerate(order):
            before = bisect_right(order, self._back(at, apart))
            taken = found[at] + (best[before - 1][0] if before else 0)
            without = best[i - 1] if i else (0, None, 0)
            best.append((taken, i, before) if taken >= without[0] and found[at] else without)
        chain: list[datetime] = []
        i = len(best)
        while i:
            _, last, before = best[i - 1]
            if last is None:
                break
            chain.append(order[last])
            i = before
        return chain[::-1]

    def _of_dates(self, window: Window, until: datetime | None) -> WindowBound:
        """One trigger a day at most; of a date that never changes one in all."""
        found = self.days(window, until)
        if not found:
            return WindowBound((), 0)
        if self.once:
            at = max(found, key=lambda at: (found[at], at))
            return WindowBound((at,), found[at])
        if self.during_day:
            return self._one_a_day(found, window)
        chain = self._heaviest(found, self.trigger.again_after or Duration(1, "d"))
        return WindowBound(tuple(chain), sum(found[at] for at in chain))

    def days(self, window: Window, until: datetime | None = None) -> dict[datetime, int]:
        """For a campaign that hangs on a date: the days that bring something into the window, the last first, and how much."""
        first, zone = self.steps[0], self.clock_of_days
        end = min([window.end, first.last, *([until] if until else [])])
        found: dict[datetime, int] = {}
        day = day_of(end, zone)
        while (begin := midnight(day, zone)) >= first.first and not self._too_early(self._last_of(day), window):
            for at in sorted({begin, *self._set_on(day, window, end)}, reverse=True):
                if at <= end and (weight := self.weight_in(at, window)):
                    found[at] = weight
            day -= timedelta(days=1)
            if len(found) > MAX_TRIGGERS:
                raise TooManyTriggers
        return found

    @cached_property
    def during_day(self) -> bool:
        """Whether the date that it hangs on may come to be so only during the day: an event sets it, or the plan's day begins."""
        name, model = self.trigger.date, self.plan.customers
        later = name is not None and self.clock_of_days != self.plan.timezone
        return (name in model.set_by_events and not self.once) or later

    def _last_of(self, day: date) -> datetime:
        """The last instant of a day at which a date can set it off."""
        zone = self.clock_of_days
        return midnight(day + timedelta(days=1), zone) - TICK if self.during_day else midnight(day, zone)

    def _set_on(self, day: date, window: Window, end: datetime) -> Iterator[datetime]:
        """On a day, the first and last instants at which an event sets the date; and for each step the last that brings it."""
        if not self.during_day:
            return
        step, begin, last = self.steps[0], midnight(day, self.clock_of_days), self._last_of(day)
        yield from triggers_of_day(step, day, self.plan)
        for name in setters_of(step, day, self.plan):
            hours = self.plan.customers.events[name].model.hours
            for each in self.steps:
                latest = self._due_by(each, min(window.end, each.ends))
                at = latest and last_open(min(latest, last, end), hours, self.plan.timezone, self.plan.calendar)
                if at is not None and at > begin:
                    yield at

    def _one_a_day(self, found: dict[datetime, int], window: Window) -> WindowBound:
        """The best trigger of each day; the bound counts every step that some trigger of the day brings into the window."""
        zone = self.clock_of_days
        days: dict[date, list[datetime]] = {}
        for at in found:
            days.setdefault(day_of(at, zone), []).append(at)
        most = {
            day: sum(TriggerSchedule((s,), (w,), self.plan).weight_in_any(listed, window) for s, w in self._weighed)
            for day, listed in days.items()
        }
        if (apart := self.trigger.again_after) is not None:
            return WindowBound(tuple(self._heaviest(found, apart)), self._most_apart(most, apart))
        best = [max(listed, key=lambda at: (found[at], at)) for _, listed in sorted(days.items())]
        return WindowBound(tuple(best), sum(most.values()))

    @property
    def _weighed(self) -> Iterator[tuple[TriggeredTouch, int]]:
        return zip(self.steps, self.weights, strict=True)

    def weight_in_any(self, triggers: Iterable[datetime], window: Window) -> int:
        """The most that one of these triggers brings into the window."""
        return max(self.weight_in(at, window) for at in triggers)

    def _most_apart(self, most: dict[date, int], apart: Duration) -> int:
        """The most that days can add up to of which each can hold a trigger so far after one of the day before."""
        zone = self.clock_of_days
        best: dict[date, int] = {}
        for day in sorted(most):
            fits = [b for d, b in best.items() if shift(midnight(d, zone), apart, +1, zone) <= self._last_of(day)]
            best[day] = most[day] + max(fits, default=0)
        return max(best.values())
