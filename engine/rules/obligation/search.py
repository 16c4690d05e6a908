"""Who is left without what is owed after an event: in customer, time and channel together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from math import inf

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.receiving import ConditionsAt, somebody
from ...kit.replay import can_be, is_admitted, not_replayed, on_that_clock, replayed_sends
from ...messages import Message
from ...plan.conditions import EVERYONE, All, Condition
from ...plan.plan import Plan, PlannedCampaign, PlannedService
from ...policy.matches import TouchMatch
from ...reference import Customer, expand_trigger, stopped
from ...reference.obligations import Owed, reacts_to, services_of, touches_of, unanswered
from ...scalars import Duration
from ...search.model import EventAt, EventScript
from ...search.result import NOBODY, Found, Result, Undecided
from ...sends.services import acts_by, service_fields
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import sent_at
from .case import Case, Unserved, forestalled
from .params import Obligation
from .responders import SECOND, Responder, Segment, certain, dated_responder, service_responder, triggered_responder
from .scenarios import scenarios
from .time import Time

MAX_TRIES = 6
"""How many instants are tried for segments that are alike where the first could not be settled."""


class Searching:
    """One rule: the search for somebody left out in the time it speaks of."""

    def __init__(self, asking: Asking[Obligation]) -> None:
        self.asking, self.rule, self.params = asking, asking.rule, asking.params
        self.evaluation, self.plan = asking.evaluation, asking.plan
        self.last_day = asking.waivers.last_day(self.rule.group_name)
        self.time = Time(self.rule, self.evaluation, self.last_day)
        self.about: PlannedCampaign | None = None
        """The campaign that is being judged; None where the rule is."""
        self.after_period: dict[str | None, bool] = {}
        """Campaigns of which something falls due after the period, and whether anything else of them was judged."""

    def owed(self, clock: str, do: Sequence[TouchMatch]) -> Owed:
        within = self.params.within or Duration(0, "s")
        return Owed(tuple(do), within, self.params.per, clock, self.rule.calendar, frozenset(self.params.unless))

    @property
    def _name(self) -> str | None:
        return self.about.name if self.about is not None else None

    def later(self) -> None:
        """Something falls due only after the period of the plan."""
        self.after_period.setdefault(self._name, False)

    def falls_in(self) -> None:
        """Something falls due inside the period."""
        self.after_period[self._name] = True

    def doubt(self, why: Message) -> None:
        self.asking.doubt(why, self.about)

    def left(self, case: Case, since: datetime | None = None) -> Iterator[Unserved]:
        """Somebody for each stretch in which somebody is left out, those that answer the same once. Raises BudgetExhausted,

        TooManyBoxes, ``UnknownYear``.
        """
        tried: dict[object, int] = {}
        doubts: dict[object, Message] = {}
        points = self.time.turning_points(case)
        dated = self.time.days_matter(case)
        for segment in self.time.segments(case, since):
            key = (self._alike(case, segment, dated), bisect_left(points, segment.at))
            if tried.get(key, 0) >= (MAX_TRIES if key in doubts else 1):
                continue
            both = bool(points) or key in doubts
            for at in dict.fromkeys((segment.at, segment.end - SECOND)) if both else (segment.at,):
                tried[key] = tried.get(key, 0) + 1
                found = self._at(case, segment, at)
                if isinstance(found, Found):
                    doubts.pop(key, None)
                    tried[key] = MAX_TRIES
                    yield found.value
                    break
                if isinstance(found, Undecided):
                    doubts[key] = found.why
        for doubt in doubts.values():
            self.doubt(doubt)

    def _alike(self, case: Case, segment: Segment, dated: bool) -> object:
        """What decides who is left out: segments that agree in it are asked once."""
        at = segment.at
        day = self.evaluation.day_of(at)
        start = case.starts(at) or at
        acts = []
        for i in sorted(i for i in segment.timely if not isinstance(case.responders[i].thing, PlannedService)):
            responder = case.responders[i]
            act = responder.at(at) or at
            sure = certain(responder, at, case.owed, self.plan, case.promising)
            acts.append((i, sure, _sign(act, at), self.evaluation.day_of(act) if dated else None))
        covered = self.last_day is not None and day <= self.last_day
        others = tuple(_sign(when, at) for when, _ in case.asked)
        return (segment.timely, tuple(acts), others, (day, self.evaluation.day_of(start)) if dated else None, covered)

    def _at(self, case: Case, segment: Segment, at: datetime) -> Result[Unserved]:
        """Somebody who is left out at an instant of a stretch."""
        event = (at, case.event)
        timely = [case.responders[i] for i in sorted(segment.timely)]
        sure = [r for r in timely if certain(r, at, case.owed, self.plan, case.promising)]
        uncertain = [r for r in timely if r not in sure]
        if any(r.audience == EVERYONE for r in sure):
            return NOBODY
        answer = self.find(case, event, (), [self._serves(r, at) for r in sure])
        if not isinstance(answer, Found):
            return answer
        for events in scenarios(event, uncertain, case.owed, self.plan):
            if uncertain:
                others = [other for other in events if other != event]
                answer = self.find(case, event, others, self._serving(case, event, events))
            if isinstance(answer, Found) and self.replayed(case, event, answer.value):
                return Found(Unserved(answer.value, event, case))
        return Undecided(forestalled() if uncertain else not_replayed())

    def _serves(self, responder: Responder, at: datetime) -> ConditionsAt:
        act = responder.at(at) or at
        return responder.read_at(at, act), [responder.audience]

    def _serving(self, case: Case, event: EventAt, events: Sequence[EventAt]) -> list[ConditionsAt]:
        """Who is served by what, if exactly these events happen."""
        at = case.starts(event[0]) or event[0]
        found: list[ConditionsAt] = []
        things = [responder.thing for responder in case.responders]
        for service in (thing for thing in things if isinstance(thing, PlannedService)):
            for when, name in events:
                if name != case.event:
                    continue
                act = acts_by(service, when, self.plan)
                if act is not None and case.owed.in_time(when, act, at):
                    found.append((when, [service.audience]))
        touches = [t for t in things if isinstance(t, Send) and not stopped(t, events)]
        steps = sorted((t for t in things if isinstance(t, TriggeredTouch)), key=lambda s: (s.campaign.name, s.index))
        for _, mine in groupby(steps, key=lambda s: s.campaign.name):
            touches += expand_trigger(events, (), list(mine), self.plan)
        found += [(t.at, [t.audience]) for t in touches if case.owed.in_time(t.at, t.arrives, at)]
        return found

    def find(
        self, case: Case, event: EventAt, others: Iterable[EventAt], serving: Sequence[ConditionsAt]
    ) -> Result[Customer]:
        """Somebody of the group to whom the event happens and whom nothing of ``serving`` reaches."""
        conditions = [self.rule.group, *on_that_clock(case.clock, self.rule)]
        conditions += [case.promising.audience] if case.promising is not None else []
        asked: list[ConditionsAt] = [*case.asked, (case.starts(event[0]) or event[0], conditions)]
        script = EventScript().with_events([*case.before, *others, event])
        return somebody(self.evaluation, asked, script, [(inf, at, _all(listed)) for at, listed in serving])

    def replayed(self, case: Case, event: EventAt, customer: Customer) -> bool:
        """Whether the reference evaluator, too, finds that the act does not follow."""
        plan, at = self.plan, case.starts(event[0]) or event[0]
        if case.owed.released(at, customer.events):
            return False
        if not can_be(customer, [at, *(when for when, _ in case.asked)], self.evaluation):
            return False
        if event not in customer.events or not is_admitted(self.rule.group, customer, at, self.evaluation):
            return False
        if case.because_of is not None and not replayed_sends(customer, [self.because(case, event)], self.evaluation):
            return False
        if case.only is not None:
            acts = services_of(customer, plan, case.channel, case.only, case.event)
        else:
            acts = services_of(customer, plan, case.channel)
            acts += touches_of(customer, self.evaluation.timeline, plan, case.drafts)
        return case.number in unanswered(at, acts, case.owed)

    def because(self, case: Case, event: EventAt) -> Send:
        """The touch that is replied to, or the promise that the event set off."""
        touch = case.because_of
        assert touch is not None  # noqa: S101
        start = case.starts(event[0])
        if touch.trigger is None or case.only is not None or start is None:
            return touch
        return sent_at(self.evaluation.triggered_touch_of(touch), event[0], start, self.plan)


def responders_to(
    event: str, channel: str | None, do: TouchMatch, evaluation: Evaluation, drafts: frozenset[str] = frozenset()
) -> tuple[Responder, ...]:
    """Everything in the plan that may answer an event with such an act; drafts answer nothing but their own promises."""
    plan, line = evaluation.plan, evaluation.timeline
    found = [
        service_responder(service, plan)
        for service in plan.services
        if reacts_to(service, event, channel, plan) and do.holds(service_fields(service, plan))
    ]
    found += [
        triggered_responder(step, plan)
        for step in line.triggered
        if step.campaign.model.trigger is not None
        and step.campaign.model.trigger.event == event
        and (step.status != "draft" or step.name in drafts)
        and do.holds(step.fields)
    ]
    return (*found, *map(dated_responder, dated_acts(do, evaluation, drafts)))


def dated_acts(do: TouchMatch, evaluation: Evaluation, drafts: frozenset[str] = frozenset()) -> list[Send]:
    """The dated touches that are such an act; what a ledger only bounds may not have been sent."""
    return [
        touch
        for touch in evaluation.timeline.sends
        if (touch.status != "draft" or touch.campaign in drafts)
        and touch.campaign not in evaluation.bounded
        and do.holds(touch.fields)
    ]


def channels_of(event: str, plan: Plan, only: Sequence[str] = ()) -> list[str | None]:
    """The channels that an event can come by, of ``only`` if given; None where it comes by none in particular."""
    declared = list(plan.customers.events[event].model.channels)
    return [name for name in declared if not only or name in only] if declared else [None]


def _sign(a: datetime, b: datetime) -> int:
    return (a > b) - (a < b)


def anybody(searching: Searching, case: Case) -> bool:
    """Whether the event happens to anybody of the group at all, in the time that is judged."""
    points = searching.time.turning_points(case)
    dated = searching.time.days_matter(case)
    seen: set[object] = set()
    for segment in searching.time.segments(replace(case, responders=())):
        key = (searching.evaluation.day_of(segment.at) if dated else None, bisect_left(points, segment.at))
        if key in seen:
            continue
        seen.add(key)
        instants = (segment.at, segment.end - SECOND) if points else (segment.at,)
        if any(isinstance(searching.find(case, (at, case.event), (), []), Found) for at in instants):
            return True
    return False


def _all(conditions: Sequence[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else All(tuple(conditions))
