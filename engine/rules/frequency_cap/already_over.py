"""The note where a log breaks the cap by itself: that is past, and no campaign is to blame for it."""

from __future__ import annotations

from dataclasses import replace

from ...kit.asking import Asking
from ...messages import Message, say
from ...plan.conditions import InArm, leaves
from ...plan.ledger import LINE, LOG
from ...reference import groups_among
from ...search.result import MaxWeightSet
from ...sends.timeline import Send
from ...verdicts import Note
from .asked import Asked
from .params import FrequencyCap, counting
from .search import Cap


def already_over(asking: Asking[FrequencyCap]) -> list[Note]:
    """One note for each rule: the last window of a log that holds too many for one customer."""
    evaluation, params = asking.evaluation, asking.params
    logged = [t for t in asking.sends if t.campaign in evaluation.ledgers and t.campaign not in evaluation.bounded]
    if not logged or params.since is not None or params.tighten:
        return []
    apart = Asking(asking.rule, replace(evaluation, waivers=()), asking.not_proven)
    for clock in asking.clocks:
        for value in groups_among(logged, params.each):
            asked = Asked(apart, *clock, value, params.at_most)
            with apart.guarded():
                cap = Cap(asked, asked.of(logged))
                over = cap.last_over()
                if over is not None:
                    return [_note(asking, *over)]
    return []


def _note(asking: Asking[FrequencyCap], touches: list[Send], found: MaxWeightSet, limit: int) -> Note:
    counts = counting(asking.rule)
    message = say(
        "the log '{log}' holds {n} for one customer by itself{who}, from {first} to {last}; the cap is {limit}",
        "台账“{log}”中，同一位客户已收到 {n} 次{who}（{first} 至 {last}）；上限为 {limit}",
        log=touches[-1].campaign,
        n=counts.shown(found.weight),
        who=_whose(touches[-1]),
        first=touches[0].local,
        last=touches[-1].local,
        limit=counts.shown(limit),
    )
    help = say(
        "nothing planned is to blame: look at what sends outside of the plan",
        "责任不在计划：请查看计划之外还有什么在发送",
    )
    return Note("log-over", "warning", message, touches[-1].place, help)


def _whose(touch: Send) -> Message:
    """The line of the log that stands for the customer."""
    for leaf in leaves(touch.audience):
        if isinstance(leaf, InArm) and leaf.test.startswith(LOG):
            line = leaf.arm.removeprefix(LINE)
            return say(" (line {line})", "（第 {line} 行）", line=line)
    return say("", "")
