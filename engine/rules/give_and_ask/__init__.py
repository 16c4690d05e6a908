"""``give-and-ask``: no customer is asked more than the gives before allow."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches, violated
from ...kit.kind import Kind, Outcome
from ...kit.replay import on_that_clock
from ...kit.witness import witness_of
from ...messages import Message, count, say
from ...policy.linked import LinkedRule
from ...policy.matches import Fields
from ...sends.timeline import Send
from ...verdicts import Finding, Measure, Spot
from .params import GiveAndAsk
from .search import Weighing
from .sides import AskedTooMuch


def check(rule: LinkedRule[GiveAndAsk], evaluation: Evaluation) -> Outcome:
    """Asks of every ask whether somebody who gets it was given too little before."""
    not_proven = say(
        "it is not proven that everyone is given enough before being asked",
        "未能证明每位客户在被请求之前得到了足够的赠予",
    )
    asking = Asking(rule, evaluation, not_proven)
    found: dict[str, list[AskedTooMuch]] = {}
    speaks = False
    for clock, _ in asking.clocks:
        weighing = Weighing(asking, clock)
        speaks = speaks or any(map(weighing.asks, weighing.things))
        for one in weighing.found():
            found.setdefault(one.at.campaign, []).append(one)
    if not speaks:
        return Outcome(notes=[nothing_matches(rule)])
    return asking.outcome(_finding(asking, name, mine) for name, mine in sorted(found.items()))


def _finding(asking: Asking[GiveAndAsk], campaign: str, found: Sequence[AskedTooMuch]) -> Finding:
    rule, params = asking.rule, asking.params
    standing = [one for one in found if not asking.waivers.cover(one.asks)]
    worst = max(standing or found, key=lambda one: params.gives_per_ask * _weight(one.asks) - _weight(one.gives))
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
    witness = witness_of(
        asking.evaluation,
        rule,
        worst.customer,
        touches,
        (*touches, *worst.missed),
        on_that_clock(worst.clock, rule),
    )
    return violated(
        rule,
        message,
        Spot(worst.at.place, say("asks, {at}", "请求，{at}", at=worst.at.local)),
        campaign=campaign,
        parties=(t.campaign for t in worst.asks),
        measure=Measure(asks, gives / params.gives_per_ask if gives else 0),
        related=[*related, Spot(rule.place.down("gives_per_ask"), say("gives for each ask", "每次请求所需的赠予"))],
        witness=witness,
        help=say(
            "give these customers something before, or ask them later or not at all",
            "先为这些客户提供赠予，或推迟、取消该请求",
        ),
        stands_at=[worst.at, *(one.at for one in found)],
        among=(t.campaign for one in found for t in one.asks),
        covered_by=asking.waivers.of_sets((one.asks, None) for one in found),
    )


def _weight(touches: Sequence[Send]) -> int:
    return sum(t.weight for t in touches)


def _label(touch: Send, worst: AskedTooMuch) -> Message:
    if touch in worst.asks and touch in worst.gives:
        return say("gives and asks, {at}", "赠予并请求，{at}", at=touch.local)
    if touch in worst.asks:
        return say("asks, {at}", "请求，{at}", at=touch.local)
    return say("gives, {at}", "赠予，{at}", at=touch.local)


def _concerns(rule: LinkedRule[GiveAndAsk], fields: Fields) -> bool:
    return rule.match.holds(fields) and any(rule.matches[side].holds(fields) for side in ("give", "ask"))


KIND = Kind(
    "give-and-ask",
    GiveAndAsk,
    say("no customer is asked more than the gives before allow", "对客户的请求不超过此前的赠予所允许的次数"),
    check,
    concerns=_concerns,
    windowed=True,
    moving=True,
    more_can_help=True,
)
