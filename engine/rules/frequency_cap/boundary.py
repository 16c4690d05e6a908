"""The note where a calendar cap lets more pass, across a boundary, than a rolling one of its number would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...kit.asking import Asking
from ...messages import say
from ...plan.conditions import EVERYONE
from ...policy.linked import LinkedRule
from ...reference import groups_among
from ...scalars import Duration
from ...sends.timeline import Send
from ...verdicts import Note
from ...windows import Per
from .asked import Asked
from .params import FrequencyCap
from .search import Cap

ROLLING = {"day": (1, "d"), "week": (7, "d"), "month": (30, "d"), "quarter": (3, "mo"), "year": (1, "y")}


def boundary_note(asking: Asking[FrequencyCap]) -> list[Note]:
    """Only where the plan really does it, and where the rule names no source that counts by the calendar."""
    rule, params = asking.rule, asking.params
    calendar = params.per.calendar if params.per is not None else None
    if calendar == "day" and params.at_most == 1:
        return []  # one a day: nobody means anything else
    if calendar is None or params.source is not None or params.at_most == "days_in_month" or rule.clock == "customer":
        return []
    amount, unit = ROLLING[calendar]
    per = Per(Duration(amount, unit))
    rolling = replace(rule, params=params.model_copy(update={"per": per}))
    apart = Asking(rolling, replace(asking.evaluation, waivers=()), asking.not_proven)
    for value in groups_among(asking.sends, params.each):
        asked = Asked(apart, rule.clock, EVERYONE, value, params.at_most)
        with apart.guarded():
            found = Cap(asked, asked.of(asking.sends)).violations()
            if found:
                worst = max(found, key=lambda violation: violation.found.weight)
                return [_note(rule, per, worst.touches, worst.found.weight)]
    return []


def _note(rule: LinkedRule[FrequencyCap], per: Per, touches: Sequence[Send], number: int) -> Note:
    message = say(
        "this cap holds, and a customer could still get {n} {per}, from {first} to {last}: a calendar cap lets more pass across a boundary",
        "该上限成立，但客户仍可能{per}收到 {n} 次（{first} 至 {last}）：自然周期的上限在跨期时会放过更多",
        n=number,
        per=per.message,
        first=touches[0].local,
        last=touches[-1].local,
    )
    help = say(
        "if any {length} are meant, write per: {per}; if the calendar is meant, say whose rule it is under source",
        "若指任意 {length}，请写 per: {per}；若确指自然周期，请在 source 中写明依据",
        length=per.duration.message if per.duration else "",
        per=str(per.duration),
    )
    return Note("calendar-cap", "warning", message, rule.place.down("per"), help)
