"""``give-and-ask``: no customer is asked more than the gives before allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...messages import Message, count, say
from ...policy.linked import LinkedRule
from ...timeline import Touch
from ...verdicts import Finding, Measure, Spot
from ..common import (
    Kind,
    Outcome,
    Question,
    base_finding,
    covered_by,
    nothing_matches,
    on_that_clock,
    unproven,
    waived,
    witness_of,
)
from .params import GiveAndAsk
from .search import Asking, TooMuch


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks of every ask whether somebody who gets it was given too little before."""
    found: dict[str, list[TooMuch]] = {}
    doubts: dict[str, Finding] = {}
    speaks = False
    for clock, _ in question.clocks(rule):
        asking = Asking(rule, question, clock)
        speaks = speaks or any(map(asking.asks, asking.touches)) or any(map(asking.asks, asking.steps))
        for one in asking.found():
            found.setdefault(one.at.campaign, []).append(one)
        for name, (thing, missing) in asking.doubts.items():
            doubts.setdefault(name, unproven(rule, _not_proven(), missing, thing.place, name))
    if not speaks:
        return Outcome(notes=[nothing_matches(rule)])
    outcome = Outcome([_finding(rule, question, name, mine) for name, mine in sorted(found.items())])
    outcome.findings += [doubt for name, doubt in sorted(doubts.items()) if name not in found]
    return outcome


def _not_proven() -> Message:
    return say(
        "it is not proven that everyone is given enough before being asked",
        "未能证明每位客户在被请求之前得到了足够的赠予",
    )


def _finding(rule: LinkedRule, question: Question, campaign: str, found: Sequence[TooMuch]) -> Finding:
    params = rule.params
    assert isinstance(params, GiveAndAsk)  # noqa: S101
    open_ones = [one for one in found if not waived(one.asks, rule, question)]
    worst = max(open_ones or found, key=lambda one: params.gives_per_ask * _weight(one.asks) - _weight(one.gives))
    asks, gives = _weight(worst.asks), _weight(worst.gives)
    needed = params.gives_per_ask * asks
    message = say(
        "a customer could be asked {asks}{per} and be given {gives} before; {needed} needed",
        "某位客户{per}可能被请求 {asks}，此前得到 {gives}；需要 {needed}",
        asks=say("once", "1 次") if asks == 1 else count(asks, "time", "times", "次"),
        gives=count(gives, "give", "gives", "次赠予") if gives else say("nothing", "0 次赠予"),
        per=say(" {per}", "{per}", per=params.per.message) if params.per is not None else say("", ""),
        needed=count(needed, "give is", "gives are", "次赠予"),
    )
    touches = tuple(sorted({*worst.asks, *worst.gives}, key=lambda t: t.order))
    related = [Spot(t.place, _label(t, worst)) for t in touches[:20] if t is not worst.at]
    return replace(
        base_finding(
            rule, "violated", message, Spot(worst.at.place, say("asks, {at}", "请求，{at}", at=worst.at.local))
        ),
        campaign=campaign,
        parties=tuple(sorted({t.campaign for t in worst.asks})),
        measure=Measure(asks, gives / params.gives_per_ask if gives else 0),
        related=(*related, Spot(rule.place.down("gives_per_ask"), say("gives for each ask", "每次请求所需的赠予"))),
        witness=witness_of(
            question, rule, worst.customer, touches, (*touches, *worst.missed), on_that_clock(worst.clock, rule)
        ),
        help=say(
            "give these customers something before, or ask them later or not at all",
            "先为这些客户提供赠予，或推迟、取消该请求",
        ),
        more=len(found) - 1,
        covered_by=() if open_ones else covered_by(worst.asks, rule, question),
    )


def _weight(touches: Sequence[Touch]) -> int:
    return sum(t.weight for t in touches)


def _label(touch: Touch, worst: TooMuch) -> Message:
    if touch in worst.asks and touch in worst.gives:
        return say("gives and asks, {at}", "赠予并请求，{at}", at=touch.local)
    if touch in worst.asks:
        return say("asks, {at}", "请求，{at}", at=touch.local)
    return say("gives, {at}", "赠予，{at}", at=touch.local)


SUMMARY = say("no customer is asked more than the gives before allow", "对客户的请求不超过此前的赠予所允许的次数")
KIND = Kind("give-and-ask", GiveAndAsk, SUMMARY, check)
