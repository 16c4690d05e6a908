"""How near the touches of one campaign come to a cap, also where it holds."""

from __future__ import annotations

from collections.abc import Iterator

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.room import Fullest, Standing, standings
from ...policy.linked import LinkedRule
from ...reference import groups_among
from ...search.result import Found, Nobody
from ...sends.timeline import Send
from .asked import Asked
from .params import FrequencyCap
from .room import least_limit
from .search import Cap
from .words import could_exceed


def standing(rule: LinkedRule[FrequencyCap], evaluation: Evaluation, campaign: str) -> list[Standing]:
    """For each dated touch still to come the most that somebody gets in a window with it.

    What customers bring about beside it is not counted: where a triggered campaign could come in, it may be more.
    """
    asking = Asking(rule, evaluation, could_exceed(rule.params))
    mine = [touch for touch in asking.sends if touch.campaign == campaign and evaluation.reportable(touch)]
    if not mine or rule.params.per is None:
        return []
    kept = [t for t in asking.sends if t.status != "draft" or t.campaign == campaign]
    found: list[tuple[Fullest, list[Send]]] = []
    for value in groups_among(mine, rule.params.each):
        for clock, on_clock in asking.clocks:
            asked = Asked(asking, clock, on_clock, value, least_limit(asking, value))
            cap = Cap(asked, asked.of(kept))
            found += _of(cap, campaign, bool(asking.triggered))
    return standings(campaign, found)


def _of(cap: Cap, campaign: str, triggers: bool) -> Iterator[tuple[Fullest, list[Send]]]:
    shown = cap.counting.shown
    own = [i for i, touch in enumerate(cap.touches) if touch.campaign == campaign]
    base = sorted({*cap.base, *own})
    for i in own:
        touch = cap.touches[i]
        if not cap.evaluation.reportable(touch):
            continue
        for window, limit in cap.windows_with(i, [j for j in base if j != i]):
            answer = cap.max_weight_set(window, (i,), 0)
            if isinstance(answer, Found):
                found = answer.value
                members = tuple(cap.touches[j] for j in found.members)
                certain = found.complete and not triggers
                most = Fullest(shown(found.weight), shown(limit), members, found.customer, certain)
            else:
                most = Fullest(0, shown(limit), certain=isinstance(answer, Nobody))
            yield most, [touch]
