"""``care-parity``: gives, answers, people and money for one group are no worse than for another."""

from __future__ import annotations

from ...messages import say
from ...policy.linked import LinkedRule
from ...reference.care import is_care
from ..common import STUCK, Kind, Outcome, Question, nothing_matches, stuck, unproven
from ..parity import groups_stand
from .caring import Caring
from .params import CareParity
from .services import compare, teams
from .touches import compare_budget, compare_gives


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks of each thing that is compared whether somebody protected gets less of it than a favoured one like him."""
    caring = Caring(rule, question)
    outcome = Outcome()
    if caring.span is None:
        return outcome
    missing = say("it is not proven that nobody gets less care", "未能证明没有客户得到更少的照顾")
    try:
        if not groups_stand(rule, question, caring.groups, caring.span, outcome):
            return outcome
    except STUCK as why:
        outcome.findings.append(unproven(rule, missing, stuck(why)))
        return outcome
    fields = [t.fields for t in question.matching(rule)] + [s.fields for s in question.matching_steps(rule)]
    if not teams(caring) and not any(map(is_care, fields)):
        outcome.notes.append(nothing_matches(rule))
        return outcome
    for aspect in caring.params.compare_on:
        try:
            if aspect == "gives":
                outcome.findings += compare_gives(caring)
            elif aspect == "budget":
                outcome.findings += compare_budget(caring)
            else:
                outcome.findings += compare(caring, aspect)
        except STUCK as why:
            outcome.findings.append(unproven(rule, missing, stuck(why)))
    return outcome


SUMMARY = say(
    "gives, answer times, people and money for one group are no worse than for another",
    "一个群体得到的赠予、响应时间、人手与投入不低于另一个群体",
)
KIND = Kind("care-parity", CareParity, SUMMARY, check)
