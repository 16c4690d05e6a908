"""``frequency-cap``: no customer gets more than N matching touches in any window."""

from __future__ import annotations

from collections.abc import Sequence

from ...calendars import UnknownYear
from ...messages import say
from ...plan.conditions import Condition
from ...policy.linked import LinkedRule
from ...reference import group_of
from ...space.boxes import TooManyBoxes
from ...timeline import Step, Touch
from ...verdicts import Finding
from ..common import Kind, Outcome, Page, Question, no_year, nothing_matches, too_many_alternatives, unproven
from .boundary import boundary_note
from .mending import MOST_TRIED
from .outside import outside_findings
from .params import FrequencyCap, caps_of_sender
from .search import Asked, Cap, Violation, could_exceed
from .triggered import Triggered
from .words import finding_of


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks for every clock and every value of ``each`` whether some customer gets too much."""
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    touches = question.matching(rule)
    steps = question.matching_steps(rule)
    if not touches and not steps:
        return Outcome(notes=[nothing_matches(rule)])
    outcome = Outcome()
    if params.count == "senders" and (unclear := _unclear_senders(touches, steps, question)):
        missing = say("{name} is several people and no persona", "{name} 由多人组成且不是统一身份", name=unclear)
        return Outcome([unproven(rule, could_exceed(params), missing)])
    violations: dict[str, list[Violation]] = {}
    for clock, on_clock in question.clocks(rule):
        for name in sorted({_group(t, params) for t in touches} | {_group(s, params) for s in steps}):
            group = [touch for touch in touches if _group(touch, params) == name]
            mine = [step for step in steps if _group(step, params) == name]
            found, doubts = _ask_group(rule, question, (clock, on_clock), name, group, mine)
            outcome.findings += doubts
            for violation in found:
                violations.setdefault(violation.at.campaign, []).append(violation)
    for number, (campaign, found) in enumerate(sorted(violations.items())):
        outcome.findings.append(finding_of(rule, question, campaign, found, touches if number < MOST_TRIED else ()))
    if params.since is not None and params.since.otherwise is not None:
        outcome.findings += outside_findings(rule, question, touches, steps)
    if not violations:
        outcome.notes += boundary_note(rule, question, touches)
    return Outcome(_once(outcome.findings), outcome.notes)


def _group(thing: Touch | Step, params: FrequencyCap) -> str:
    return group_of(thing, params.each)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """A campaign with a violation is not also unproven."""
    broken = {f.campaign for f in findings if f.verdict == "violated"}
    kept: dict[object, Finding] = {}
    for finding in findings:
        if finding.verdict == "violated":
            kept[(finding.campaign, finding.message.en)] = finding
        elif finding.campaign is None or finding.campaign not in broken:
            kept.setdefault((finding.campaign, finding.missing and finding.missing.en), finding)
    return list(kept.values())


def _unclear_senders(touches: Sequence[Touch], steps: Sequence[Step], question: Question) -> str | None:
    """A sender that is neither one person nor one face."""
    things: list[Touch | Step] = [*touches, *steps]
    names = {name for thing in things for name in thing.fields["sender"]}
    senders = question.plan.words.senders
    return next((n for n in sorted(names) if senders[n].people > 1 and not senders[n].persona), None)


def _ask_group(
    rule: LinkedRule,
    question: Question,
    on: tuple[str, Condition],
    name: str,
    touches: Sequence[Touch],
    steps: Sequence[Step],
) -> tuple[list[Violation], list[Finding]]:
    """The violations for one value of ``each``; where a figure is missing, the tighter cap is only a doubt."""
    params = rule.params
    assert isinstance(params, FrequencyCap)  # noqa: S101
    sure: int | str = params.at_most
    might, missing = sure, None
    if params.tighten:
        sure, might, missing = caps_of_sender(params, name, question.plan.words.figures.get(name))
    found, doubts = _ask(Asked(rule, question, *on, sure), touches, steps)
    if missing is not None and not found:
        perhaps, _ = _ask(Asked(rule, question, *on, might), touches, steps)
        doubts += [
            unproven(rule, could_exceed(params), missing, violation.at.place, violation.at.campaign)
            for violation in perhaps
        ]
    return found, doubts


def _ask(asked: Asked, touches: Sequence[Touch], steps: Sequence[Step]) -> tuple[list[Violation], list[Finding]]:
    rule = asked.rule
    try:
        cap = Cap(asked, touches)
        found = cap.violations()
        doubts = cap.doubts()
        if steps:
            triggered = Triggered(cap, steps)
            found += triggered.violations()
            doubts += [
                unproven(rule, could_exceed(asked.params), missing, place, name)
                for place, name, missing in triggered.doubts
            ]
    except TooManyBoxes:
        return [], [unproven(rule, could_exceed(asked.params), too_many_alternatives())]
    except UnknownYear as unknown:
        return [], [unproven(rule, could_exceed(asked.params), no_year(unknown))]
    return found, doubts


# --- documentation

SUMMARY = say(
    "no customer gets more than N matching touches in any window", "任何客户在任一时间窗口内收到的匹配触达不超过 N 次"
)

PAGE = Page(
    SUMMARY,
    say(
        "Tolerance falls with every touch left unanswered. One campaign rarely blasts anybody; five teams do it together, and none of them sees it.",
        "客户的耐心随每一次未回应的触达而下降。单个活动很少造成打扰，往往是几个团队叠加造成，而谁也看不到全貌。",
    ),
    say(
        "Looks at every set of touches that one customer can get in one window, over the whole plan. A rolling window `per: 7d` is `(t − 7d, t]`; `per: {{calendar: week}}` lets 2N pass across a boundary and proves nothing about a rolling one. `each` counts every channel, sender, purpose or subject apart.",
        "在整个计划范围内，检查同一客户在一个窗口内可能收到的所有触达组合。滚动窗口 `per: 7d` 即 `(t − 7d, t]`；`per: {{calendar: week}}` 跨界时可能达到 2N，不能证明滚动窗口。`each` 按渠道、发送方、目的或主题分别计数。",
    ),
    """policy: house
rules:
  - rule: two-a-week
    kind: frequency-cap
    match: {purpose: promotion}
    at_most: 2
    per: 7d
""",
    """campaign: spring-sale
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    repeat: {every: day, count: 3}
""",
    """campaign: spring-sale
purpose: promotion
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    repeat: {every: week, count: 3}
""",
)

KIND = Kind("frequency-cap", FrequencyCap, SUMMARY, PAGE, check, allows=True)
