"""The time that an obligation speaks of, cut into stretches in which the same things answer in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property, partial

from ...clocks import midnight, shift, turns
from ...hours import edges_of_day, is_open
from ...kit.evaluation import Evaluation
from ...plan.conditions import Condition, tells_days_apart
from ...plan.plan import DAY
from ...policy.linked import LinkedRule
from ...reference.obligations import Owed
from ...scalars import Duration
from ...search.happenings import events_that_change
from ...sends.timeline import Send, TriggeredTouch
from .case import Case
from .params import Obligation
from .responders import SECOND, Responder, Segment, Stretch, days_between, edges, segments, stretches


class Time:
    """When events count, and which of what may answer is in time when. What keeps the same pace is found once."""

    def __init__(self, rule: LinkedRule[Obligation], evaluation: Evaluation, last_day: date | None) -> None:
        self.rule, self.evaluation, self.params, self.plan = rule, evaluation, rule.params, evaluation.plan
        self.last_day = last_day
        """Up to which a waiver covers the group, so that what comes after it is apart."""
        self.found: dict[object, list[Stretch]] = {}

    @cached_property
    def starting(self) -> datetime:
        return midnight(self.evaluation.span[0], self.plan.timezone)

    @cached_property
    def ending(self) -> datetime:
        """Just after the last day of the period."""
        return midnight(self.evaluation.span[1] + timedelta(days=1), self.plan.timezone)

    def judged(self, case: Case) -> list[Stretch]:
        """When events count: whose answer is due in the period and still to come, in their hours and the rule's.

        Raises ``UnknownYear``.
        """
        return self._once(("judged", case.schedule_key), partial(self._judged, case))

    def _judged(self, case: Case) -> list[Stretch]:
        owed, event = case.owed, self.plan.customers.events[case.event]
        first, end = self.starting, self.ending
        due = max(first, self.evaluation.today)
        hours, event_hours = self.params.hours, event.model.hours
        cuts = {*case.cuts, first, end, shift(end, owed.within, -1, owed.clock, owed.calendar)}
        cuts.add(shift(due, owed.within, -1, owed.clock, owed.calendar))
        for day in days_between(first, end, owed.clock):
            cuts |= edges_of_day(day, hours, owed.clock)
        for day in days_between(first, end, self.plan.timezone):
            cuts |= edges_of_day(day, event_hours, self.plan.timezone)

        def counts(at: datetime) -> bool:
            start = case.starts(at)
            return (
                start is not None
                and due <= owed.deadline(start) < end
                and self.rule.in_effect(self.evaluation.day_of(at))
                and (hours is None or is_open(at, hours, owed.clock, owed.calendar))
                and (event_hours is None or is_open(at, event_hours, self.plan.timezone, self.plan.calendar))
            )

        return stretches(counts, cuts, first, end)

    def falls_due(self) -> bool:
        """Whether any answer can fall due inside the period and on or after as-of, whatever the hours are."""
        owed = Owed((), self.params.within or Duration(0, "s"), None, self.plan.timezone, self.rule.calendar)
        due = max(self.starting, self.evaluation.today)
        return owed.deadline(self.starting) < self.ending and due < self.ending

    def days_matter(self, case: Case) -> bool:
        """Whether one day differs from another for who is meant or who is served."""
        event = self.plan.customers.events[case.event]
        return any(map(tells_days_apart, self._told(case))) or DAY in event.sets.values()

    def _told(self, case: Case) -> list[Condition]:
        """All that is asked about the customers of a case."""
        model = self.plan.customers
        told = [self.rule.group, model.events[case.event].condition, *(r.audience for r in case.responders)]
        told += [case.promising.audience] if case.promising is not None else []
        return [*told, *(c for _, conditions in case.asked for c in conditions), *model.facts]

    def turning_points(self, case: Case) -> list[datetime]:
        """Where an event that can change what is asked, and cannot come at any time, begins or ends to be possible."""
        first, end = self._span(case)
        found: set[datetime] = set()
        for event in events_that_change(self.plan.customers, self._told(case)):
            if event.model.hours is not None or event.model.assume is not None:
                for day in days_between(first, end, self.plan.timezone):
                    found |= edges_of_day(day, event.model.hours, self.plan.timezone)
        return sorted(found)

    def _span(self, case: Case) -> Stretch:
        """The first and the last instant that is judged."""
        within = self.judged(case)
        return (within[0][0], within[-1][1]) if within else (self.starting, self.starting)

    def segments(self, case: Case, since: datetime | None = None) -> list[Segment]:
        """The stretches in which the same things answer in time. Raises ``UnknownYear``."""
        within = self.judged(case)
        if not within:
            return []
        first, end = self._span(case)
        cuts = self._midnights(case, first, end) if self.days_matter(case) else set()
        cuts |= self._meetings(case, first, end)
        cuts |= {at + apart for at in self.turning_points(case) for apart in (timedelta(), SECOND)}
        turning = self._turning(case, first, end)
        timely = [
            self._once(
                (case.schedule_key, responder.schedule_key),
                partial(self._in_time, case, responder, turning, first, end),
            )
            for responder in case.responders
        ]
        if since is not None:
            within = [(max(start, since), end) for start, end in within if end > since]
        if self.last_day is not None:
            cuts.add(midnight(self.last_day + timedelta(days=1), self.plan.timezone))
        return list(segments(timely, within, cuts))

    def _once(self, key: object, find: Callable[[], list[Stretch]]) -> list[Stretch]:
        """What is found once for everything that keeps the same pace."""
        if key not in self.found:
            self.found[key] = find()
        return self.found[key]

    def _in_time(
        self, case: Case, responder: Responder, turning: set[datetime], first: datetime, end: datetime
    ) -> list[Stretch]:
        """When what happens is answered in time by one reactor, and by all that keep its pace."""
        own = edges(responder, case.owed, first, end, self.plan) | turning | case.cuts

        def in_time(at: datetime) -> bool:
            start = case.starts(at)
            return start is not None and responder.answers(at, start, case.owed)

        return stretches(in_time, own, first, end)

    def _turning(self, case: Case, first: datetime, end: datetime) -> set[datetime]:
        """Where a deadline, or what counts as once in so long, may jump."""
        owed = case.owed
        found = turns(owed.within, first, end, owed.clock, owed.calendar)
        if owed.per is not None:
            found |= turns(owed.per.duration or Duration(1, "d"), first, end, owed.clock)
        return found

    def _meetings(self, case: Case, first: datetime, end: datetime) -> set[datetime]:
        """Where an event meets another instant of its case, or a send stops waiting: before, at and after are apart."""
        instants = {at for at, _ in case.asked}
        instants |= {r.thing.at for r in case.responders if isinstance(r.thing, Send)}
        found = {at + apart for at in instants for apart in (timedelta(), SECOND)}
        for responder in case.responders:
            if isinstance(responder.thing, TriggeredTouch):
                found |= edges(responder, case.owed, first, end, self.plan)
        return found

    def _midnights(self, case: Case, first: datetime, end: datetime) -> set[datetime]:
        """Where a day begins, for the event and for the touches that it sets off."""
        days = [midnight(day, self.plan.timezone) for day in days_between(first, end, self.plan.timezone)]
        dated = [r.thing.at for r in case.responders if isinstance(r.thing, Send)]
        found = set(days)
        for responder in case.responders:
            if isinstance(responder.thing, TriggeredTouch) and (after := responder.thing.model.after) is not None:
                clock = responder.thing.campaign.timezone
                found |= {shift(at, after, -1, clock) for at in (*days, *dated)}
        return found
