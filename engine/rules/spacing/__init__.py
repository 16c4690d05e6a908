"""``spacing``: between two touches, or an event and a touch, lies enough time."""

from __future__ import annotations

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches
from ...kit.kind import Kind, Outcome
from ...kit.scope import Scope, days_of
from ...messages import say
from ...policy.linked import LinkedRule
from ...windows import Per
from .params import Spacing
from .search import Pair, Sides, SpacingSearch
from .words import finding_of


def check(rule: LinkedRule[Spacing], evaluation: Evaluation) -> Outcome:
    """Asks of every touch that must wait whether somebody who gets it had the other too short a time before."""
    asking = Asking(rule, evaluation, say("it is not proven that enough time lies between", "未能证明间隔足够"))
    sides = Sides(asking)
    if not sides.second and not sides.second_steps:
        return Outcome(notes=[nothing_matches(rule)])
    nothing_before = not rule.params.events and not sides.first and not sides.first_steps
    found: dict[str, list[Pair]] = {}
    for clock, on_clock in asking.clocks:
        for pair in SpacingSearch(asking, sides, clock, on_clock).pairs():
            found.setdefault(pair.at.campaign, []).append(pair)
    findings = [finding_of(asking, name, pairs) for name, pairs in sorted(found.items())]
    return asking.outcome(findings, [nothing_matches(rule)] if nothing_before else ())


def scope(rule: LinkedRule[Spacing]) -> Scope:
    return Scope("near", days_of(Per(rule.params.at_least)))


KIND = Kind(
    "spacing",
    Spacing,
    say("none of B within D after a different A, or after an event", "在另一次 A 或某事件之后 D 时间内没有 B"),
    check,
    moving=True,
    scope=scope,
)
