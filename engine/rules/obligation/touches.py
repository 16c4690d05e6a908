"""What touches bring about: replies that the named service answers, and promises that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

from ...plan.conditions import tells_days_apart
from ...policy.matches import EVERY_TOUCH, FieldTest, TouchMatch
from ...reference import Customer, admits, set_off
from ...reference.obligations import touches_of, unanswered
from ...search.model import Demand, Happening, Still
from ...services import service_fields
from ...timeline import Step, Touch
from ...triggers import brings_about, edge_sends, send_at, trigger_of
from ..common import boxes_of, can_be, find_customer, fresh_steps, gets, step_of
from .reactors import dated_reactor, edges, service_reactor, step_reactor, stopping
from .search import Asked, Case, Left, Searching, channels_of, dated_acts, forestalled, reactors_to

REPLY = "reply"
MOST_SENDS = 400
"""How many sends of a triggered touch are looked at for the replies to them."""


def unanswered_replies(searching: Searching, clock: str) -> Iterator[Left]:
    """For each touch that says who answers, somebody whose reply that service does not answer in time."""
    for touch in _with_reply(searching):
        reply = touch.model.reply
        assert reply is not None  # noqa: S101
        searching.about = touch.campaign
        plan, do = searching.plan, (searching.rule.match_lists["do"] or (EVERY_TOUCH,))[0]
        service = next(s for s in plan.services if s.model.service == reply.to)
        answers = do.holds(service_fields(service, plan))
        asked: list[Asked] = [(touch.at, [touch.audience])]
        before: tuple[Happening, ...] = ()
        if touch.trigger is not None:
            before, test = brings_about(touch, step_of(touch, searching.question), plan)
            asked.append((touch.trigger, [test]))
        case = Case(
            REPLY,
            None,
            searching.owed(clock, [do]),
            0,
            (service_reactor(service, plan),) if answers else (),
            clock,
            tuple(asked),
            before,
            reply.to,
            touch,
        )
        if all(end <= touch.at for _, end in searching.judged(case)) and searching.rule.binds(touch.day):
            searching.later()
            continue
        searching.after_period[touch.campaign] = True
        yield from islice(searching.left(case, touch.at), 1)


def _with_reply(searching: Searching) -> Iterator[Touch]:
    """The touches that say who answers: of each the first, or all where one day differs from another."""
    question, rule = searching.question, searching.rule
    seen: set[tuple[str, int, str]] = set()
    for touch in question.matching(rule):
        if touch.model.reply is None:
            continue
        key = (touch.campaign, touch.step, touch.zone)
        if key not in seen or tells_days_apart(touch.audience):
            seen.add(key)
            yield touch
    start = searching.starting
    for step in question.matching_steps(rule):
        if step.model.reply is not None:
            dated = tells_days_apart(step.audience)
            yield from islice(edge_sends(step, searching.plan, start), MOST_SENDS if dated else 1)


def broken_promises(searching: Searching, clock: str) -> Iterator[Left]:
    """For each touch that promises, somebody who gets the promise and not what was promised."""
    for touch in searching.question.matching(searching.rule):
        searching.about = touch.campaign
        for word in touch.model.promises:
            left = _dated(searching, clock, touch, _gives(searching, word))
            if left is not None:
                yield left
    for step in searching.question.matching_steps(searching.rule):
        searching.about = step.campaign.name
        for word in step.model.promises:
            yield from _triggered(searching, clock, step, _gives(searching, word))


def _gives(searching: Searching, word: str) -> TouchMatch:
    asked = searching.rule.match_lists["do"]
    return TouchMatch((FieldTest("gives", "any", (word,)), *(asked[0].tests if asked else ())))


def _triggered(searching: Searching, clock: str, step: Step, do: TouchMatch) -> Iterator[Left]:
    """The promise and what keeps it hang on the same event."""
    question, plan, trigger = searching.question, searching.plan, trigger_of(step)
    name = trigger.event
    sample = next(edge_sends(step, plan, searching.starting), None)
    if sample is None:
        return
    if name is None:
        yield from islice(_on_dates(searching, clock, step, do), 1)
        return
    drafts = _own_draft(sample)
    for channel in channels_of(name, plan):
        reactors = reactors_to(name, channel, do, question, drafts)
        owed = searching.owed(clock, [do])
        first, last = step.first, min(step.last, searching.ending)
        case = Case(
            name,
            channel,
            owed,
            0,
            reactors,
            clock,
            because_of=sample,
            starts=lambda at: send_at(step, at, plan),
            cuts=frozenset(edges(step_reactor(step, plan), owed, first, last, plan)),
            drafts=drafts,
            promising=step,
        )
        searching.after_period[step.campaign.name] = True
        yield from islice(searching.left(case), 1)


def _dated(searching: Searching, clock: str, touch: Touch, do: TouchMatch) -> Left | None:
    """A dated promise is kept by dated touches: nothing else is sure to come."""
    keeping = dated_acts(do, searching.question, _own_draft(touch))
    return _kept(searching, clock, touch, do, keeping)


def _on_dates(searching: Searching, clock: str, step: Step, do: TouchMatch) -> Iterator[Left]:
    """A promise of a campaign that hangs on a date, day by day: its other touches keep it, and dated ones."""
    for touch in islice(edge_sends(step, searching.plan, searching.starting), MOST_SENDS):
        if touch.trigger is None or touch.trigger >= searching.ending:
            return
        siblings = [s for s in searching.question.line.steps if s.campaign is step.campaign and do.holds(s.fields)]
        keeping = set_off((), [touch.trigger], siblings, searching.plan) if siblings else []
        keeping += dated_acts(do, searching.question, _own_draft(touch))
        left = _kept(searching, clock, touch, do, keeping)
        if left is not None:
            yield left


def _own_draft(touch: Touch) -> frozenset[str]:
    return frozenset({touch.campaign}) if touch.status == "draft" else frozenset()


def _kept(searching: Searching, clock: str, touch: Touch, do: TouchMatch, keeping: Sequence[Touch]) -> Left | None:
    """Somebody who gets a promise at this instant and nothing that keeps it; None: there is nobody, or it is in doubt."""
    owed = searching.owed(clock, [do])
    due = owed.deadline(touch.at)
    if not searching.rule.binds(touch.day) or searching.question.day_of(due) < searching.as_of:
        return None
    if due >= searching.ending:
        searching.later()
        return None
    searching.after_period[touch.campaign] = True
    in_time = [t for t in keeping if owed.in_time(t.at, t.arrives, touch.at)]
    reactors = tuple(map(dated_reactor, in_time))
    case = Case("", None, owed, 0, reactors, clock, because_of=touch, drafts=_own_draft(touch))
    for sure in (True, False):
        serving = [t for t in in_time if not (sure and _stoppable(t, searching) and t is not touch)]
        customer = _unserved(searching, touch, clock, serving)
        if customer is None and sure:
            return None
        if customer is not None and _promise_broken(searching, case, touch, customer):
            return Left(customer, (touch.at, ""), case)
    searching.doubt(forestalled())
    return None


def _stoppable(touch: Touch, searching: Searching) -> bool:
    if touch.trigger is None:
        return bool(stopping(touch))
    return bool(stopping(step_of(touch, searching.question))) and touch.at > touch.trigger


def _unserved(searching: Searching, touch: Touch, clock: str, serving: Sequence[Touch]) -> Customer | None:
    """Somebody who gets a touch and none of the others."""
    question = searching.question
    conditions = [touch.audience, searching.rule.group, *searching.clock_condition(clock)]
    asked = [(touch.at, touch.day, conditions)]
    if touch.trigger is not None:
        _, test = brings_about(touch, step_of(touch, question), searching.plan)
        asked.append((touch.trigger, question.day_of(touch.trigger), [test]))
    told = [condition for *_, listed in asked for condition in listed] + [t.audience for t in serving]
    world = question.world(told, {day for _, day, _ in asked} | {t.day for t in serving})
    demands = [Demand(at, day, boxes_of(world.space, listed, day)) for at, day, listed in asked]
    if not all(demand.boxes for demand in demands):
        return None
    still = Still(None, [(inf, t.at, world.space.of(t.audience, t.day)) for t in serving], 0)
    steps = fresh_steps(question)
    customer = find_customer(world, demands, steps, still)
    for doubt in steps.doubts if customer is None else []:
        searching.doubt(doubt)
    return customer


def _promise_broken(searching: Searching, case: Case, touch: Touch, customer: Customer) -> bool:
    plan, question = searching.plan, searching.question
    if not can_be(customer, [touch.at], question) or not gets(customer, [touch], question):
        return False
    if not admits(searching.rule.group, customer, touch.at, plan.customers, plan.timezone):
        return False
    return bool(unanswered(touch.at, touches_of(customer, question.line, plan, case.drafts), case.owed))
