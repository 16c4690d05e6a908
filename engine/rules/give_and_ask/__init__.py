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
    Page,
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
PAGE = Page(
    SUMMARY,
    say(
        "Open arms first: the first touch gives and asks nothing. Whoever falls between two friendly campaigns may get only the requests.",
        "先张开双臂：第一次接触只给予，不索取。落在两个友好活动之间的客户，可能只收到请求。",
    ),
    say(
        "For every ask that a customer gets, the window `per` that ends there (all time before, where it is left out) is looked at: the asks in it, times `gives_per_ask`, must not outweigh its gives. A touch that gives and asks counts as both, its give first; with `order: before` only gives at earlier instants count. Getting and missing both count: who is left out of the gives is found. A triggered give counts only for an ask that the same event brings. The finding stands at the ask that goes too far; a draft is judged at its own asks.",
        "客户收到的每一次请求，都看以它结束的 `per` 窗口（省略时为此前全部时间）：其中请求次数乘以 `gives_per_ask`，不得超过赠予次数。既赠予又请求的触达两者都算，赠予在先；写 `order: before` 时只算更早时刻的赠予。收到与没收到都算数：被排除在赠予之外的客户会被找出。触发式赠予只对同一事件带来的请求算数。发现落在越界的那次请求上；草稿只在自己的请求处判断。",
    ),
    """policy: house
rules:
  - rule: give-first
    kind: give-and-ask
    give: {gives: [tips, tea]}
    ask: {asks: [purchase, survey]}
    gives_per_ask: 1
    per: 30d
    order: before
""",
    """campaign: survey
purpose: research
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    gives: [tips]
    asks: [survey]
""",
    """campaign: survey
purpose: research
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    gives: [tips]
  - channel: sms
    at: 2026-03-09 10:00
    asks: [survey]
""",
)
KIND = Kind("give-and-ask", GiveAndAsk, SUMMARY, PAGE, check)
