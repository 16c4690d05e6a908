"""The one way in: plan, rules and waivers in; findings and notes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import localcontext

from .clocks import day_of
from .kit.evaluation import Evaluation as Question
from .kit.findings import unproven
from .kit.kind import Outcome
from .messages import Message, say
from .places import Problem
from .plan.plan import Plan
from .policy.linked import LinkedRule
from .policy.waivers import Waiver
from .rules import KINDS
from .timeline import MOST_SENDS, MOST_ZONED, Step, TooManySends, timeline
from .verdicts import Answer, Finding, Note

DIGITS = 100
"""Of amounts: enough for every sum that can be written, so that nothing is rounded."""
STEPS = 400_000
"""The budget of one search."""


Ask = Callable[[LinkedRule], Outcome]
Each = Callable[[Ask, Sequence[LinkedRule]], Iterable[Outcome]]


def evaluate(
    plan: Plan,
    rules: Sequence[LinkedRule],
    as_of: date,
    waivers: Sequence[Waiver] = (),
    steps: int = STEPS,
    each: Each = map,
) -> Answer:
    """Asks every rule over the whole plan. ``as_of`` decides only which findings are reported; nothing reads a clock.

    ``each`` asks the rules and gives the outcomes in their order: one knows nothing of another, so they can be shared out.
    """
    try:
        line = timeline(plan)
    except TooManySends as large:
        missing = say(
            "with this campaign the plan holds more than {n} sends, or {zoned} at the customer's hour counted for each zone",
            "加上该活动后，计划中的发送超过 {n} 次，或按客户时区逐一计算超过 {zoned} 次",
            n=MOST_SENDS,
            zoned=MOST_ZONED,
        )
        message = say("nothing is proven: the plan is too large", "未能证明：计划过大")
        found = tuple(unproven(rule, message, missing, large.place, large.campaign) for rule in rules)
        return Answer(found, (), len(rules), looked_at=1)
    return _asked(Question(plan, line, as_of, waivers, steps), rules, each)


def _asked(question: Question, rules: Sequence[LinkedRule], each: Each) -> Answer:
    plan, line = question.plan, question.line
    findings: list[Finding] = []
    notes: list[Note] = []
    proved: list[str] = []
    problems: list[Problem] = []

    def ask(rule: LinkedRule) -> Outcome:
        with localcontext() as exact:
            exact.prec = DIGITS
            return KINDS[rule.kind].check(rule, question)

    for rule, outcome in zip(rules, each(ask, rules), strict=True):
        held = [finding for finding in outcome.findings if _survives(finding, plan)]
        if plan.broken and not KINDS[rule.kind].each_alone:
            held = _incomplete(rule, held)
        findings += held
        notes += [note for note in outcome.notes if not (plan.broken and note.code == "matches-nothing")]
        problems += outcome.problems
        if not held and not outcome.problems:
            proved.append(rule.id)
    return Answer(
        tuple(sorted(findings, key=_order)),
        tuple(notes),
        len(rules),
        tuple(proved),
        line.horizon,
        _looked_at(question),
        tuple(problems),
    )


def _to_come(step: Step, as_of: date) -> bool:
    """Whether a triggered touch can still be sent on or after as-of."""
    return day_of(step.ends, step.campaign.timezone) >= as_of


def _survives(finding: Finding, plan: Plan) -> bool:
    """With a part of the plan unread, too little cannot be said: what is missing might have given it."""
    return not (plan.broken and KINDS[finding.kind].more_can_help and finding.verdict == "violated")


def _incomplete(rule: LinkedRule, held: list[Finding]) -> list[Finding]:
    """A rule that holds for what was read is not proven for what was not."""
    if any(finding.verdict == "violated" or finding.campaign is None for finding in held):
        return held
    message = say("{rule} is not proven: the plan is incomplete", "{rule} 未能证明：计划不完整", rule=rule.id)
    return [*held, unproven(rule, message, plan_incomplete())]


def plan_incomplete() -> Message:
    return say("plan incomplete: some files could not be read", "计划不完整：有文件无法读取")


def _order(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule, finding.campaign or finding.group or "", finding.verdict)


def _looked_at(question: Question) -> int:
    """Dated touches still to come, services, offers and triggered campaigns: nothing of these is nothing checked."""
    plan = question.plan
    offers = [o for o in plan.offers if o.model.until is None or o.model.until >= question.as_of]
    dated = sum(1 for touch in question.line.touches if question.late(touch))
    steps = sum(1 for step in question.line.steps if _to_come(step, question.as_of))
    return dated + len(plan.services) + len(offers) + steps
