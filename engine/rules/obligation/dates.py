"""What is owed around a date of the customer: before it, or after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf

from ...clocks import TICK, civil_shift, midnight
from ...kit.evaluation import boxes_of
from ...kit.replay import can_be, is_admitted, not_replayed
from ...plan.conditions import DateBetween, tells_days_apart
from ...policy.matches import TouchMatch
from ...reference import Customer
from ...reference.obligations import moments_around, not_done, stands_throughout, touches_of
from ...search.customer import find_customer
from ...search.model import Demand, ReachConstraint
from ...search.result import NOBODY, Found, Nobody, Result, Undecided
from ...sends.set_off import hangs_on, trigger_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import send_at
from ...space.boxes import intersection
from ...windows import Window
from .case import forestalled
from .responders import stopping
from .search import Searching, dated_acts


@dataclass(frozen=True, slots=True)
class MissedAroundDate:
    """A customer whose date is ``day`` and who gets no act of ``do`` (by number) in the window around it."""

    customer: Customer
    day: date
    window: Window
    number: int
    sent: tuple[Sent, ...] = ()
    """What campaigns that hang on the date send for it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A touch that somebody with such a date gets, if its audience admits them; ``sure``: nothing else keeps it from them."""

    at: datetime
    arrives: datetime
    """The first and the last instant at which it can reach them."""
    thing: Send | TriggeredTouch
    sure: bool


def missed_around_date(searching: Searching) -> Iterator[MissedAroundDate]:
    """For each day that the date can be, somebody who is left out. Raises BudgetExhausted, TooManyBoxes, ``UnknownYear``."""
    acts = searching.rule.match_lists["do"]
    dated = [dated_acts(do, searching.evaluation) for do in acts]
    for day, window in windows(searching):
        for number, do in enumerate(acts):
            sent = [Sent(t.at, t.arrives, t, not stopping(t)) for t in dated[number]]
            hanging = list(_set_off(searching, do, day, window))
            sent = [s for s in (*sent, *hanging) if window.holds(s.at) and window.holds(s.arrives)]
            customer = _without(searching, day, window, sent)
            if customer is None:
                continue
            if replayed(searching, customer, day, window, number):
                yield MissedAroundDate(customer, day, window, number, tuple(hanging))
            else:
                searching.doubt(not_replayed())


def windows(searching: Searching, in_force: bool = True) -> Iterator[tuple[date, Window]]:
    """Every day that the date can be, with the time around it: wholly inside the period, and still to come."""
    params, zone = searching.params, searching.plan.timezone
    calendar = searching.rule.calendar
    first, last = searching.evaluation.span
    day = first
    while day <= last + timedelta(days=36600):
        if params.ahead is not None:
            begins = civil_shift(day, params.ahead.at_most, -1, calendar)
            ends = civil_shift(day, params.ahead.at_least, -1, calendar) if params.ahead.at_least else day
        else:
            assert params.within is not None  # noqa: S101
            begins, ends = day, civil_shift(day, params.within, +1, calendar)
        if begins > last:
            return
        if (
            first <= begins <= ends <= last
            and ends >= searching.evaluation.as_of
            and (not in_force or searching.rule.in_effect(day))
        ):
            yield day, Window(midnight(begins, zone), True, midnight(ends + timedelta(days=1), zone) - TICK)
        day += timedelta(days=1)


def _set_off(searching: Searching, do: TouchMatch, day: date, window: Window) -> Iterator[Sent]:
    """The sends of campaigns that hang on this date."""
    plan = searching.plan
    attribute = plan.customers.attributes[searching.params.date or ""]
    once = attribute.changes in (None, "never")
    for step in searching.evaluation.timeline.triggered:
        trigger = step.campaign.model.trigger
        if trigger is None or trigger.date != searching.params.date or step.status == "draft":
            continue
        if not do.holds(step.fields):
            continue
        for start in _trigger_days(step, day):
            at = midnight(start, step.campaign.timezone)
            in_its_course = start == day and trigger.date in plan.customers.set_by_events
            last = midnight(start + timedelta(days=1), step.campaign.timezone) - TICK
            when = send_at(step, last if in_its_course else at, plan)
            if when is not None:
                stops = stopping(step)
                alone = once or (window.holds(at) and trigger.again_after is None)
                alone = alone and not (in_its_course and tells_days_apart(step.audience))
                yield Sent(when, step.arrives(when), step, alone and not stops)


def _trigger_days(step: TriggeredTouch, day: date) -> list[date]:
    """The days on which a customer with this date sets the campaign off."""
    trigger = trigger_of(step)
    moved = trigger.before or trigger.after
    about = civil_shift(day, moved, -1 if trigger.before else +1) if moved is not None else day
    near = [about + timedelta(days=n) for n in range(-3, 4)]
    return [one for one in near if hangs_on(trigger, one) == day]


def _without(searching: Searching, day: date, window: Window, sent: Sequence[Sent]) -> Customer | None:
    """Somebody with this date, of the group throughout, whom nothing reaches."""
    answer = _unreached(searching, day, window, [s for s in sent if s.sure])
    if isinstance(answer, Found) and not all(s.sure for s in sent):
        answer = _unreached(searching, day, window, sent)
        answer = Undecided(forestalled()) if isinstance(answer, Nobody) else answer
    return searching.asking.taken(answer, searching.about)


def _unreached(searching: Searching, day: date, window: Window, serving: Sequence[Sent]) -> Result[Customer]:
    """The same, for what surely reaches them; attributes that change keep one value in the window."""
    evaluation, group = searching.evaluation, searching.rule.group
    asked = [group, DateBetween(searching.params.date or "", day, day)]
    days_differ = tells_days_apart(group) or bool(searching.plan.customers.facts)
    within = moments_around(day, searching.params.date or "", window, searching.plan)[: None if days_differ else 1]
    has_it = Window(within[0], True, window.end)
    days = {evaluation.day_of(at) for at in (*within, window.end, *(s.at for s in serving))}
    context = evaluation.context([*asked, *(s.thing.audience for s in serving)], days)
    boxes = boxes_of(context.space, asked, evaluation.day_of(window.end))
    for at in within if tells_days_apart(group) else ():
        boxes = intersection(boxes, context.space.of(group, evaluation.day_of(at)))
    if not boxes:
        return NOBODY
    demands = [Demand(within[0], evaluation.day_of(within[0]), boxes)]
    demands += [Demand(at, evaluation.day_of(at)) for at in within[1:]]
    demands += [Demand(s.at, evaluation.day_of(s.at)) for s in serving if s.at < within[0]]
    served = [(inf, s.at, context.space.of(s.thing.audience, evaluation.day_of(s.at))) for s in serving]
    return find_customer(context, demands, evaluation.fresh_budget(), ReachConstraint(has_it, served, 0))


def replayed(searching: Searching, customer: Customer, day: date, window: Window, number: int) -> bool:
    """Whether the reference evaluator, too, finds that nothing comes around the date."""
    plan, evaluation = searching.plan, searching.evaluation
    instants = moments_around(day, searching.params.date or "", window, plan)
    if not can_be(customer, instants, evaluation):
        return False
    if not stands_throughout(customer, searching.params.date or "", day, window, plan):
        return False
    if not all(is_admitted(searching.rule.group, customer, at, evaluation) for at in instants):
        return False
    return number in not_done(touches_of(customer, evaluation.timeline, plan), window, searching.rule.match_lists["do"])
