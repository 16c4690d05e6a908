"""``since`` with ``otherwise: 0``: nothing reaches a customer who has not acted lately."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from ...clocks import TICK, shift
from ...kit.asking import Asking
from ...kit.each_send import each_send
from ...kit.findings import violated, when
from ...kit.receiving import who_gets
from ...kit.replay import is_admitted, not_replayed
from ...kit.telling_sends import telling_sends
from ...kit.witness import witness_of
from ...messages import Message, say
from ...plan.conditions import Condition, DateBetween, Not
from ...reference import Customer, Since, no_recent_event
from ...scalars import Duration
from ...search.model import Bar, EventScript
from ...search.result import Found, Result, Undecided
from ...sends.sample_sends import edge_sends
from ...sends.set_off import trigger_of
from ...sends.timeline import MAX_WAIT, Send, TriggeredTouch
from ...verdicts import Finding, Measure, Spot
from .params import FrequencyCap
from .words import shield

MAX_TRIED = 6000
"""How many sends of one triggered touch are tried."""
Reached = tuple[Send, Customer]


@dataclass(frozen=True, slots=True)
class Lately:
    """What it means here to have acted lately."""

    asking: Asking[FrequencyCap]
    events: tuple[str, ...]
    lasting: Duration

    def began(self, at: datetime, clock: str) -> datetime:
        """Acts at this instant or before are too old for a touch at ``at``."""
        return shift(at, self.lasting, -1, clock)


def no_recent_event_findings(asking: Asking[FrequencyCap]) -> list[Finding]:
    """One finding for each campaign with a touch that can reach somebody who has not acted within ``lasting``."""
    since = asking.params.since
    assert since is not None and since.lasting is not None  # noqa: S101
    lately = Lately(asking, since.event, since.lasting)

    def ask(touch: Send, clock: str, on_clock: Condition) -> Result[Reached]:
        return _who(lately, touch, clock, on_clock)

    found = each_send(asking, ask, lambda step, clock: _late_sends(lately, step, clock), MAX_TRIED)
    return [_finding(asking, name, entries) for name, entries in sorted(found.items())]


def _late_sends(lately: Lately, step: TriggeredTouch, clock: str) -> Iterator[Send]:
    """Triggered sends that can come outside: of another event at any time, of this one when it waits for too long."""
    own, evaluation = trigger_of(step).event, lately.asking.evaluation
    group = [lately.asking.rule.group]
    sends = edge_sends(step, evaluation.plan, evaluation.today - MAX_WAIT)
    for touch in chain(sends, telling_sends(step, evaluation, group, evaluation.today)):
        if touch.trigger is None or touch.at < evaluation.today:
            continue
        if own not in lately.events or touch.at >= shift(touch.trigger, lately.lasting, +1, clock):
            yield touch


def _acted(lately: Lately, touch: Send, clock: str) -> list[Condition]:
    """What attributes that the events set to their day say of somebody who acted within ``lasting``."""
    evaluation = lately.asking.evaluation
    first: date = evaluation.day_of(lately.began(touch.at, clock)) + timedelta(days=1)
    events = evaluation.plan.customers.events
    names = {name for event in lately.events for name in events[event].days_set}
    names -= {name for other, event in events.items() if other not in lately.events for name in event.sets}
    return [DateBetween(name, first, touch.day) for name in sorted(names)] if first <= touch.day else []


def _who(lately: Lately, touch: Send, clock: str, on_clock: Condition) -> Result[Reached]:
    """Somebody who gets the touch and has not acted."""
    asking = lately.asking
    conditions = [on_clock, *(Not(test) for test in _acted(lately, touch, clock))]
    script = EventScript((), (Bar(frozenset(lately.events), lately.began(touch.at, clock) + TICK),))
    answer = who_gets(touch, asking.rule, asking.evaluation, conditions, script)
    if not isinstance(answer, Found):
        return answer
    customer = answer.value
    acts = [at for at, name in customer.events if name in lately.events]
    since = Since(acts, lately.lasting)
    meant = is_admitted(asking.rule.group, customer, touch.at, asking.evaluation) and no_recent_event(
        touch, since, clock
    )
    return Found((touch, customer)) if meant else Undecided(not_replayed())


def _finding(asking: Asking[FrequencyCap], campaign: str, found: Sequence[Reached]) -> Finding:
    """A touch that reaches somebody who has not acted within ``lasting``."""
    rule, since = asking.rule, asking.params.since
    assert since is not None and since.lasting is not None  # noqa: S101
    touch, customer = found[0]
    message = say(
        "a customer could get this without {event} in the {lasting} before",
        "某位客户可能在此前 {lasting}内没有 {event} 就收到",
        event=list(since.event),
        lasting=since.lasting.message,
    )
    return violated(
        rule,
        message,
        Spot(touch.place, when(touch)),
        campaign=campaign,
        measure=Measure(1, 0),
        related=[Spot(rule.place.down("since", "otherwise"), say("outside none is allowed", "此外不允许"))],
        witness=witness_of(asking.evaluation, rule, customer, [touch]),
        help=shield(asking) if touch.trigger is None else _sooner(),
        stands_at=(t for t, _ in found),
        covered_by=asking.waivers.of_sets(([t], 1) for t, _ in found),
    )


def _sooner() -> Message:
    return say("send it sooner, or let send_in open in time", "请更早发送，或让 send_in 及时开放")
