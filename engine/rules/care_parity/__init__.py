"""``care-parity``: gives, answers, people and money for one group are no worse than for another."""

from __future__ import annotations

from ...kit.asking import Asking
from ...kit.comparing import groups_stand
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches
from ...kit.kind import Kind, Outcome
from ...messages import say
from ...policy.linked import LinkedRule
from ...reference.care import is_care
from ...search.result import Undecided, decided
from ...verdicts import Finding
from .caring import Caring, doubt
from .params import CareParity, Compared
from .services import compare, teams
from .touches import compare_budget, compare_gives


def check(rule: LinkedRule[CareParity], evaluation: Evaluation) -> Outcome:
    """Asks of each thing that is compared whether somebody protected gets less of it than a favoured one like them."""
    asking = Asking(
        rule, evaluation, say("it is not proven that nobody gets less care", "未能证明没有客户得到更少的照顾")
    )
    caring = Caring(rule, evaluation)
    outcome = Outcome()
    if caring.span is None:
        return outcome
    stand = False
    with asking.guarded():
        stand = groups_stand(rule, evaluation, caring.groups, caring.span, outcome)
    if not stand:
        outcome.findings += asking.doubts.values()
        return outcome
    if not teams(caring) and not any(is_care(thing.fields) for thing in asking.things):
        outcome.notes.append(nothing_matches(rule))
        return outcome
    for aspect in caring.params.compare_on:
        outcome.findings += _compared(caring, aspect)
    return outcome


def _compared(caring: Caring, aspect: Compared) -> list[Finding]:
    def found() -> list[Finding]:
        if aspect == "gives":
            return list(compare_gives(caring))
        return list(compare_budget(caring) if aspect == "budget" else compare(caring, aspect))

    answer = decided(found)
    return [doubt(caring, aspect, answer.why)] if isinstance(answer, Undecided) else answer


KIND = Kind(
    "care-parity",
    CareParity,
    say(
        "gives, answer times, people and money for one group are no worse than for another",
        "一个群体得到的赠予、响应时间、人手与投入不低于另一个群体",
    ),
    check,
    more_can_help=True,
)
