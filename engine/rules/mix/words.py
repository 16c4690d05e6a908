"""The words of a mix: its finding, the help, the customer replayed."""

from __future__ import annotations

from decimal import Decimal

from ...kit.asking import Asking
from ...kit.findings import unproven, violated, when
from ...kit.replay import can_be, clock_of, is_same_send, not_replayed, on_that_clock
from ...kit.witness import witness_of
from ...messages import Message, say
from ...reference import share, wrong_mix
from ...verdicts import Finding, Measure, Spot
from .params import Mix
from .received import received_in
from .search import MixViolation, touches_that_harm


def finding_of(asking: Asking[Mix], campaign: str, found: list[MixViolation]) -> Finding:
    rule, params, part = asking.rule, asking.params, asking.rule.matches["part"]

    def share_of(skewed: MixViolation) -> Decimal:
        return share(skewed.touches, part) or Decimal(0)

    standing = [one for one in found if not asking.waivers.cover(touches_that_harm(rule, one))]
    worst = (max if params.upper else min)(standing or found, key=share_of)
    if not _replayed(asking, worst):
        return unproven(rule, asking.not_proven, not_replayed(), worst.at.place, campaign)
    here, bound = share_of(worst) * 100, params.bound * 100
    message = say(
        "a customer could get {whole} touches {per}, {n} of them ({percent}) of the part; "
        + ("at most" if params.upper else "at least")
        + " {bound}% are asked",
        "某位客户{per}可能收到 {whole} 次触达，其中 {n} 次（{percent}）属于该部分；要求"
        + ("不超过" if params.upper else "不少于")
        + " {bound}%",
        whole=sum(t.weight for t in worst.touches),
        n=sum(t.weight for t in worst.touches if part.holds(t.fields)),
        per=params.per.message,
        percent=say("{n}%", "{n}%", n=round(here, 1)),
        bound=bound.normalize(),
    )
    related = [
        Spot(t.place, say("{at}, of the part", "{at}，属于该部分", at=t.local) if part.holds(t.fields) else when(t))
        for t in worst.touches[:20]
        if not is_same_send(t, worst.at)
    ]
    key = "at_most" if params.upper else "at_least"
    return violated(
        rule,
        message,
        Spot(worst.at.place, when(worst.at)),
        campaign=campaign,
        parties=(t.campaign for t in touches_that_harm(rule, worst)),
        measure=Measure(round(here, 2), bound),
        related=[*related, Spot(rule.place.down(key), say("the bound", "界限"))],
        witness=witness_of(
            asking.evaluation,
            rule,
            worst.customer,
            worst.touches,
            worst.inside,
            on_that_clock(worst.clock, rule),
        ),
        help=_help(params),
        stands_at=[worst.at, *(one.at for one in found)],
        among=(t.campaign for one in found for t in touches_that_harm(rule, one)),
        covered_by=asking.waivers.of_sets((touches_that_harm(rule, one), None) for one in found),
    )


def _help(params: Mix) -> Message:
    if params.upper:
        return say(
            "give these customers more of the rest, or leave some of the part out",
            "请为这些客户增加其他触达，或减少该部分",
        )
    return say(
        "give these customers more of the part, or leave some of the rest out", "请为这些客户增加该部分，或减少其他触达"
    )


def _replayed(asking: Asking[Mix], skewed: MixViolation) -> bool:
    """Over everything that the window holds, searched or not: what the customer gets is out of bounds."""
    rule, params, customer = asking.rule, asking.params, skewed.customer
    draft = skewed.at.campaign if skewed.at.status == "draft" else None
    mine = received_in(asking, customer, skewed.window, draft)
    return (
        can_be(customer, [t.at for t in mine], asking.evaluation)
        and clock_of(customer, rule, skewed.at.at) == skewed.clock
        and any(is_same_send(t, skewed.at) for t in mine)
        and wrong_mix(mine, rule.matches["part"], params.at_most, params.at_least, params.of_at_least)
    )
