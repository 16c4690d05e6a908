"""What touches bring about: replies that the named service answers, and promises that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

from ...kit.receiving import ConditionsAt, receipt, somebody, ways_to_stop
from ...kit.replay import can_be, is_admitted, on_that_clock, replayed_sends
from ...messages import say
from ...plan.conditions import tells_days_apart
from ...policy.matches import EVERY_TOUCH, FieldTest, TouchMatch
from ...reference import Customer, expand_trigger, stopped
from ...reference.obligations import touches_of, unanswered
from ...search.model import NO_EVENTS, EventScript
from ...search.result import Found, Result
from ...sends.sample_sends import edge_sends
from ...sends.services import service_fields
from ...sends.set_off import trigger_of
from ...sends.timeline import Send, TriggeredTouch
from ...sends.triggers import send_at
from .case import Case, Unserved, forestalled
from .responders import SECOND, dated_responder, edges, service_responder, triggered_responder
from .search import Searching, channels_of, dated_acts, responders_to

REPLY = "reply"
MAX_SENDS = 400
"""How many sends of a triggered touch are looked at for the replies to them."""


def unanswered_replies(searching: Searching, clock: str) -> Iterator[Unserved]:
    """For each touch that says who answers, somebody whose reply that service does not answer in time."""
    for touch in _with_reply(searching):
        reply = touch.model.reply
        assert reply is not None  # noqa: S101
        searching.about = searching.evaluation.campaigns.get(touch.campaign)
        plan, do = searching.plan, (searching.rule.match_lists["do"] or (EVERY_TOUCH,))[0]
        service = next((s for s in plan.services if s.model.service == reply.to), None)
        if service is None:
            searching.doubt(say("the service {name} could not be read", "服务 {name} 无法读取", name=reply.to))
            continue
        answers = do.holds(service_fields(service, plan))
        needs = receipt(touch, searching.evaluation)
        asked: list[ConditionsAt] = [(touch.at, [touch.audience]), *needs.also]
        cases = [
            Case(
                REPLY,
                None,
                searching.owed(clock, [do]),
                0,
                (service_responder(service, plan),) if answers else (),
                clock,
                tuple(asked),
                way.events,
                reply.to,
                touch,
            )
            for way in needs.script.ways()
        ]
        case = cases[0]
        if all(end <= touch.at for _, end in searching.time.judged(case)) and searching.rule.in_effect(touch.day):
            searching.later()
            continue
        searching.falls_in()
        yield from islice((left for one in cases for left in searching.left(one, touch.at)), 1)


def _with_reply(searching: Searching) -> Iterator[Send]:
    """The touches that say who answers: of each the first, or all where one day differs from another."""
    asking = searching.asking
    seen: set[tuple[str, int, str]] = set()
    for touch in asking.sends:
        if touch.model.reply is None:
            continue
        key = (touch.campaign, touch.index, touch.zone)
        if key not in seen or tells_days_apart(touch.audience):
            seen.add(key)
            yield touch
    start = searching.time.starting
    for step in asking.triggered:
        if step.model.reply is not None:
            dated = tells_days_apart(step.audience) or trigger_of(step).date is not None
            yield from islice(edge_sends(step, searching.plan, start), MAX_SENDS if dated else 1)


def broken_promises(searching: Searching, clock: str) -> Iterator[Unserved]:
    """For each touch that promises, somebody who gets the promise and not what was promised."""
    for touch in searching.asking.sends:
        searching.about = searching.evaluation.campaigns.get(touch.campaign)
        for word in touch.model.promises:
            left = _dated(searching, clock, touch, _gives(searching, word))
            if left is not None:
                yield left
    for step in searching.asking.triggered:
        searching.about = step.campaign
        for word in step.model.promises:
            yield from _triggered(searching, clock, step, _gives(searching, word))


def _gives(searching: Searching, word: str) -> TouchMatch:
    asked = searching.rule.match_lists["do"]
    return TouchMatch((FieldTest("gives", "any", (word,)), *(asked[0].tests if asked else ())))


def _triggered(searching: Searching, clock: str, step: TriggeredTouch, do: TouchMatch) -> Iterator[Unserved]:
    """The promise and what keeps it hang on the same event."""
    plan, trigger = searching.plan, trigger_of(step)
    name = trigger.event
    sample = next(edge_sends(step, plan, searching.time.starting), None)
    if sample is None:
        return
    if name is None:
        yield from islice(_on_dates(searching, clock, step, do), 1)
        return
    drafts = _own_draft(sample)
    for channel in channels_of(name, plan):
        responders = responders_to(name, channel, do, searching.evaluation, drafts)
        owed = searching.owed(clock, [do])
        first, last = step.first, min(step.last, searching.time.ending)
        case = Case(
            name,
            channel,
            owed,
            0,
            responders,
            clock,
            because_of=sample,
            starts=lambda at: send_at(step, at, plan),
            cuts=frozenset(edges(triggered_responder(step, plan), owed, first, last, plan)),
            drafts=drafts,
            promising=step,
        )
        searching.falls_in()
        yield from islice(searching.left(case), 1)


def _dated(searching: Searching, clock: str, touch: Send, do: TouchMatch) -> Unserved | None:
    """A dated promise is kept by dated touches: nothing else is sure to come."""
    keeping = dated_acts(do, searching.evaluation, _own_draft(touch))
    marks = {t.at + SECOND for t in keeping} | {touch.arrives}
    for at in (touch.at, *sorted(mark for mark in marks if touch.at < mark <= touch.arrives)):
        moved = touch if at == touch.at else searching.evaluation.at_moment(touch, at)
        left = _kept(searching, clock, moved, do, keeping)
        if left is not None:
            return left
    return None


def _on_dates(searching: Searching, clock: str, step: TriggeredTouch, do: TouchMatch) -> Iterator[Unserved]:
    """A promise of a campaign that hangs on a date, day by day: its other touches keep it, and dated ones."""
    for touch in islice(edge_sends(step, searching.plan, searching.time.starting), MAX_SENDS):
        if touch.trigger is None or touch.trigger >= searching.time.ending:
            return
        siblings = [
            s for s in searching.evaluation.timeline.triggered if s.campaign is step.campaign and do.holds(s.fields)
        ]
        keeping = expand_trigger((), [touch.trigger], siblings, searching.plan) if siblings else []
        keeping += dated_acts(do, searching.evaluation, _own_draft(touch))
        left = _kept(searching, clock, touch, do, keeping)
        if left is not None:
            yield left


def _own_draft(touch: Send) -> frozenset[str]:
    return frozenset({touch.campaign}) if touch.status == "draft" else frozenset()


def _kept(searching: Searching, clock: str, touch: Send, do: TouchMatch, keeping: Sequence[Send]) -> Unserved | None:
    """Somebody who gets a promise at this instant and nothing that keeps it; None: there is nobody, or it is in doubt."""
    owed = searching.owed(clock, [do])
    due = owed.deadline(touch.at)
    if not searching.rule.in_effect(touch.day) or searching.evaluation.day_of(due) < searching.evaluation.as_of:
        return None
    if due >= searching.time.ending:
        searching.later()
        return None
    searching.falls_in()
    in_time = [t for t in keeping if owed.in_time(t.at, t.arrives, touch.at)]
    responders = tuple(map(dated_responder, in_time))
    case = Case("", None, owed, 0, responders, clock, because_of=touch, drafts=_own_draft(touch))
    for sure in (True, False):
        serving = [t for t in in_time if not (sure and _stoppable(t, searching) and t is not touch)]
        answer = _unserved(searching, touch, clock, serving)
        if sure and not isinstance(answer, Found):
            searching.asking.taken(answer, searching.about)
            return None
        if isinstance(answer, Found) and _promise_broken(searching, case, touch, answer.value):
            return Unserved(answer.value, (touch.at, ""), case)
    for events in ways_to_stop((t for t in in_time if t is not touch), searching.evaluation):
        serving = [t for t in in_time if not stopped(t, events)]
        answer = _unserved(searching, touch, clock, serving, EventScript(events))
        if isinstance(answer, Found) and _promise_broken(searching, case, touch, answer.value):
            return Unserved(answer.value, (touch.at, ""), case)
    searching.doubt(forestalled())
    return None


def _stoppable(touch: Send, searching: Searching) -> bool:
    return bool(receipt(touch, searching.evaluation).script.bars)


def _unserved(
    searching: Searching, touch: Send, clock: str, serving: Sequence[Send], script: EventScript = NO_EVENTS
) -> Result[Customer]:
    """Somebody who gets a touch and none of the others."""
    conditions = [touch.audience, searching.rule.group, *on_that_clock(clock, searching.rule)]
    asked = [(touch.at, conditions), *receipt(touch, searching.evaluation).also]
    return somebody(
        searching.evaluation,
        asked,
        script.together(receipt(touch, searching.evaluation).script),
        [(inf, t.at, t.audience) for t in serving],
    )


def _promise_broken(searching: Searching, case: Case, touch: Send, customer: Customer) -> bool:
    plan, evaluation = searching.plan, searching.evaluation
    if not can_be(customer, [touch.at], evaluation) or not replayed_sends(customer, [touch], evaluation):
        return False
    if not is_admitted(searching.rule.group, customer, touch.at, evaluation):
        return False
    return bool(unanswered(touch.at, touches_of(customer, evaluation.timeline, plan, case.drafts), case.owed))
