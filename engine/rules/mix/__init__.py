"""``mix``: the share of matching touches that a customer gets is within bounds."""

from __future__ import annotations

from collections.abc import Container

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches
from ...kit.kind import Kind, Outcome
from ...kit.reaching import reaches_somebody
from ...kit.receiving import comes_when
from ...messages import Message, say
from ...policy.linked import LinkedRule
from .params import Mix
from .search import MixSearch, MixViolation, touches_that_harm
from .triggered import TriggeredMix, each_draft
from .words import finding_of


def check(rule: LinkedRule[Mix], evaluation: Evaluation) -> Outcome:
    """Asks for every window whether somebody gets a mix out of bounds."""
    not_proven = say("it is not proven that everyone's mix is within bounds", "未能证明每位客户收到的构成都在范围内")
    asking = Asking(rule, evaluation, not_proven)
    if not asking.sends and not asking.triggered:
        return Outcome(notes=[nothing_matches(rule)])
    found: dict[str, list[MixViolation]] = {}
    pool = evaluation.budget_of_rule()
    for clock, on_clock in asking.clocks:
        with asking.guarded():
            search = MixSearch(asking, clock, on_clock, pool)
            for skewed in search.skewed():
                found.setdefault(skewed.at.campaign, []).append(skewed)
            for triggered in each_draft(search, on_clock):
                _with_triggers(asking, triggered, found)
    _doubt_number(asking, found)
    if not found and any(touch.campaign in evaluation.bounded for touch in asking.sends):
        asking.doubt(say("bounds of a ledger do not say what was really sent", "台账的 bounds 未说明实际发送了什么"))
    return asking.outcome(finding_of(asking, name, mine) for name, mine in sorted(found.items()))


def _with_triggers(asking: Asking[Mix], mix: TriggeredMix, found: dict[str, list[MixViolation]]) -> None:
    """Adds what triggered touches that harm bring about; where nothing is found and nothing proved, there is doubt."""
    if not mix.schedules and not mix.helpers:
        return
    with asking.guarded((mix.schedules or mix.helpers)[0].steps[0]):
        for skewed in mix.skewed(list(found)):
            found.setdefault(skewed.at.campaign, []).append(skewed)
        if not mix.schedules or mix.proved():
            return
        if mix.draft is not None:
            asking.doubt(in_numbers(), mix.of_the_draft())
            return
        unsure = [s for s in mix.schedules if s.name not in found and not mix.proved(alone=True)]
        for schedule in unsure if found else mix.schedules:
            asking.doubt(in_numbers(), schedule.steps[0])


def in_numbers() -> Message:
    return say(
        "triggered touches that change the mix come in numbers that only the customer knows",
        "触发式触达会改变构成，而次数取决于客户",
    )


def _doubt_number(asking: Asking[Mix], found: Container[str]) -> None:
    """With triggered touches that help there can be enough to judge; what lasts comes at any moment."""
    goes_on = any(t.model.lasts is not None for t in asking.sends)
    helps = asking.params.of_at_least > 1 and any(
        step.status != "draft" and reaches_somebody(step, asking.rule, asking.evaluation, on_clock)
        for step in asking.triggered
        for _, on_clock in asking.clocks
    )
    if not goes_on and not helps:
        return
    pool = asking.evaluation.budget_of_rule()
    for clock, on_clock in asking.clocks:
        with asking.guarded():
            for skewed in MixSearch(asking, clock, on_clock, pool, helped=True).skewed():
                if skewed.at.campaign not in found and not asking.waivers.cover(touches_that_harm(asking.rule, skewed)):
                    asking.doubt(comes_when() if goes_on else in_numbers(), skewed.at)


KIND = Kind(
    "mix",
    Mix,
    say(
        "the share of matching touches that a customer gets is within bounds",
        "客户收到的触达中，匹配部分的占比在范围内",
    ),
    check,
    windowed=True,
    moving=True,
    more_can_help=True,
)
