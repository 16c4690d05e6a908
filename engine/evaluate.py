"""The one way in: plan, rules and waivers in; findings and notes out."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import localcontext
from typing import Any

from .kit.attribution import is_reportable
from .kit.evaluation import Evaluation
from .kit.findings import unproven
from .kit.kind import Outcome
from .messages import Message, say
from .places import Problem
from .plan.plan import Plan
from .plan_notes import plan_notes
from .policy.linked import LinkedRule
from .policy.waivers import Waiver
from .rules import KINDS
from .search.result import Undecided, decided
from .sends.timeline import MAX_SENDS, MAX_ZONED, TooManySends, timeline
from .verdicts import Answer, Defect, Finding, Note

DIGITS = 100
"""Of amounts: enough for every sum that can be written, so that nothing is rounded."""
BUDGET = 400_000
"""The budget of one search."""


Ask = Callable[[LinkedRule[Any]], Outcome]
Each = Callable[[Ask, Sequence[LinkedRule[Any]]], Iterable[Outcome]]


def evaluate(
    plan: Plan,
    rules: Sequence[LinkedRule[Any]],
    as_of: date,
    waivers: Sequence[Waiver] = (),
    budget: int = BUDGET,
    each: Each = map,
) -> Answer:
    """Asks every rule over the whole plan. ``as_of`` decides only which findings are reported; nothing reads a clock.

    ``each`` asks the rules and gives the outcomes in their order: one knows nothing of another, so they can be shared out.
    One rule's trouble is its own: whatever ends it, all others are answered.
    """
    try:
        line = timeline(plan, as_of)
    except TooManySends as large:
        missing = say(
            "with this campaign the plan holds more than {n} sends, or {zoned} at the customer's hour counted for each zone",
            "加上该活动后，计划中的发送超过 {n} 次，或按客户时区逐一计算超过 {zoned} 次",
            n=MAX_SENDS,
            zoned=MAX_ZONED,
        )
        message = say("nothing is proven: the plan is too large", "未能证明：计划过大")
        found = tuple(unproven(rule, message, missing, large.place, large.campaign) for rule in rules)
        return Answer(found, (), len(rules), looked_at=1)
    evaluation = Evaluation(plan, line, as_of, waivers, budget)
    return _answer(evaluation, rules, each(lambda rule: outcome_of(rule, evaluation), rules))


def outcome_of(rule: LinkedRule[Any], evaluation: Evaluation) -> Outcome:
    """What one rule answers: it is unproven where it cannot be decided, and where the program itself fails.

    A search deeper than can be followed, or larger than the memory, is a failure of the program like any other.
    """
    message = say("{rule} is not proven", "{rule} 未能证明", rule=rule.id)
    with localcontext() as exact:
        exact.prec = DIGITS
        try:
            answer = decided(lambda: KINDS[rule.kind].check(rule, evaluation))
        except Exception as error:
            defect = defect_of(rule.id, error)
            return Outcome([unproven(rule, message, defect.message)], defects=[defect])
    return Outcome([unproven(rule, message, answer.why)]) if isinstance(answer, Undecided) else answer


def _of_the_plan(evaluation: Evaluation, rules: Sequence[LinkedRule[Any]], defects: list[Defect]) -> list[Note]:
    """The notes on the plan itself; a failure of the program at them leaves the rules answered."""
    try:
        notes = decided(lambda: plan_notes(evaluation, rules))
        return [] if isinstance(notes, Undecided) else notes
    except Exception as error:
        defects.append(defect_of("plan", error))
        return []


def defect_of(rule: str, error: Exception) -> Defect:
    """A failure of the program at a rule, or at what else is named."""
    return Defect(rule, type(error).__name__, str(error)[:300], traceback.format_exc())


def _answer(evaluation: Evaluation, rules: Sequence[LinkedRule[Any]], outcomes: Iterable[Outcome]) -> Answer:
    plan = evaluation.plan
    findings: list[Finding] = []
    proved: list[str] = []
    problems: list[Problem] = []
    defects: list[Defect] = []
    notes = _of_the_plan(evaluation, rules, defects)
    partly_waived: set[int] = set()
    for rule, outcome in zip(rules, outcomes, strict=True):
        held = [finding for finding in outcome.findings if _survives(finding, plan)]
        if plan.broken and not KINDS[rule.kind].each_alone:
            held = _incomplete(rule, held)
        findings += held
        notes += [note for note in outcome.notes if not (plan.broken and note.code == "matches-nothing")]
        problems += outcome.problems
        defects += outcome.defects
        partly_waived.update(outcome.partly_waived)
        if not held and not outcome.problems:
            proved.append(rule.id)
    return Answer(
        tuple(sorted(findings, key=_order)),
        tuple(notes),
        len(rules),
        tuple(proved),
        evaluation.timeline.horizon,
        _looked_at(evaluation),
        tuple(problems),
        tuple(defects),
        frozenset(partly_waived),
        evaluation.timeline,
    )


def _survives(finding: Finding, plan: Plan) -> bool:
    """With a part of the plan unread, too little cannot be said: what is missing might have given it."""
    return not (plan.broken and KINDS[finding.kind].more_can_help and finding.verdict == "violated")


def _incomplete(rule: LinkedRule[Any], held: list[Finding]) -> list[Finding]:
    """A rule that holds for what was read is not proven for what was not."""
    if any(finding.verdict == "violated" or finding.campaign is None for finding in held):
        return held
    message = say("{rule} is not proven: the plan is incomplete", "{rule} 未能证明：计划不完整", rule=rule.id)
    return [*held, unproven(rule, message, plan_incomplete())]


def plan_incomplete() -> Message:
    return say("plan incomplete: some files could not be read", "计划不完整：有文件无法读取")


def _order(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule, finding.who, finding.verdict)


def _looked_at(evaluation: Evaluation) -> int:
    """Dated touches still to come, services, offers and triggered campaigns: nothing of these is nothing checked."""
    plan, line = evaluation.plan, evaluation.timeline
    offers = [o for o in plan.offers if o.model.until is None or o.model.until >= evaluation.as_of]
    sends = sum(is_reportable(send, evaluation) for send in line.sends)
    triggered = sum(is_reportable(touch, evaluation) for touch in line.triggered)
    return sends + triggered + len(plan.services) + len(offers)
