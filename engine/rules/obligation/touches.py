"""What touches bring about: replies that the named service answers, and promises that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

from ...messages import say
from ...plan.conditions import Condition, tells_days_apart
from ...policy.matches import EVERY_TOUCH, FieldTest, TouchMatch
from ...reference import Customer, admits
from ...reference.obligations import touches_of, unanswered
from ...search.customers import Demand, Still, find_customer
from ...search.happenings import Happening
from ...services import service_fields
from ...timeline import Step, Touch
from ...triggers import brings_about, edge_sends, send_at, trigger_of
from ..common import boxes_of, can_be, fresh_steps, gets, step_of
from .reactors import edges, service_reactor, step_reactor
from .search import Asked, Case, Left, Searching, channels_of, dated_reactors, forestalled, reactors_to

REPLY = "reply"
MOST_SENDS = 400
"""How many sends of a triggered touch are looked at for the replies to them."""


def unanswered_replies(searching: Searching, clock: str) -> Iterator[Left]:
    """For each touch that says who answers, somebody whose reply that service does not answer in time."""
    for touch in _with_reply(searching):
        reply = touch.model.reply
        assert reply is not None  # noqa: S101
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
        yield from islice(searching.left(case, touch.at), 1)


def _with_reply(searching: Searching) -> Iterator[Touch]:
    """The touches that say who answers: of each the first still to come, or all where one day differs from another."""
    question, rule = searching.question, searching.rule
    seen: set[tuple[str, int, str]] = set()
    for touch in question.matching(rule):
        if touch.model.reply is None or not question.late(touch):
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
        for word in touch.model.promises if searching.question.late(touch) else ():
            left = _dated(searching, clock, touch, _gives(searching, word))
            if left is not None:
                yield left
    for step in searching.question.matching_steps(searching.rule):
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
        searching.doubts.append(
            say("a promise of a campaign that hangs on a date is not followed", "按日期触发的活动所作的承诺无法跟踪")
        )
        return
    drafts = frozenset({step.campaign.name}) if step.campaign.model.status == "draft" else frozenset()
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
        yield from islice(searching.left(case), 1)


def _dated(searching: Searching, clock: str, touch: Touch, do: TouchMatch) -> Left | None:
    """A dated promise is kept by dated touches: nothing else is sure to come."""
    question = searching.question
    owed = searching.owed(clock, [do])
    if owed.deadline(touch.at) >= searching.ending or not searching.rule.binds(touch.day):
        return None
    drafts = frozenset({touch.campaign}) if touch.status == "draft" else frozenset()
    keeping = [r for r in dated_reactors(do, question, drafts) if owed.in_time(r.at(touch.at) or touch.at, touch.at)]
    case = Case("", None, owed, 0, tuple(keeping), clock, because_of=touch, drafts=drafts)
    conditions = [touch.audience, searching.rule.group, *searching.clock_condition(clock)]
    touches = [r.thing for r in keeping if isinstance(r.thing, Touch)]
    for sure in (True, False):
        serving = [t for t in touches if not (sure and t.stops_on)]
        customer = _unserved(searching, touch, conditions, serving)
        if customer is None and sure:
            return None
        if customer is not None and _promise_broken(searching, case, touch, customer):
            return Left(customer, (touch.at, ""), case)
    searching.doubts.append(forestalled())
    return None


def _unserved(
    searching: Searching, touch: Touch, conditions: Sequence[Condition], serving: Sequence[Touch]
) -> Customer | None:
    """Somebody who gets a dated touch and none of the others."""
    question = searching.question
    world = question.world([*conditions, *(t.audience for t in serving)], {touch.day, *(t.day for t in serving)})
    demand = Demand(touch.at, touch.day, boxes_of(world.space, conditions, touch.day))
    if not demand.boxes:
        return None
    still = Still(None, [(inf, t.at, world.space.of(t.audience, t.day)) for t in serving], 0)
    steps = fresh_steps(question)
    customer = find_customer(world, [demand], steps, still)
    searching.doubts += steps.doubts if customer is None else []
    return customer


def _promise_broken(searching: Searching, case: Case, touch: Touch, customer: Customer) -> bool:
    plan, question = searching.plan, searching.question
    if not can_be(customer, [touch.at], question) or not gets(customer, [touch], question):
        return False
    if not admits(searching.rule.group, customer, touch.at, plan.customers, plan.timezone):
        return False
    return bool(unanswered(touch.at, touches_of(customer, question.line, plan, case.drafts), case.owed))
