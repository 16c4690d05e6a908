"""``frequency-cap``: no customer gets more than N matching touches in any window."""

from __future__ import annotations

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches
from ...kit.kind import Kind, Outcome
from ...kit.scope import Scope, days_of
from ...messages import say
from ...plan.conditions import Condition
from ...policy.linked import LinkedRule
from ...reference import groups_among
from ...windows import Per
from .already_over import already_over
from .asked import Asked, Violation
from .boundary import boundary_note
from .fits import breaking
from .no_recent_event import no_recent_event_findings
from .params import FrequencyCap, caps_of_sender
from .room import room
from .search import Cap
from .standing import standing
from .triggered import Triggered
from .words import MAX_RANKED, could_exceed, finding_of, nothing_apart, without_touches


def check(rule: LinkedRule[FrequencyCap], evaluation: Evaluation) -> Outcome:
    """Asks for every clock and every value of ``each`` whether some customer gets too much."""
    asking = Asking(rule, evaluation, could_exceed(rule.params))
    if not asking.sends and not asking.triggered:
        return Outcome(notes=[nothing_matches(rule)])
    if rule.params.count == "senders" and (unclear := _unclear_sender(asking)):
        asking.doubt(say("{name} is several people and no persona", "{name} 由多人组成且不是统一身份", name=unclear))
        return asking.outcome(())
    violations: dict[str, list[Violation]] = {}
    for clock in asking.clocks:
        for value in groups_among(asking.things, rule.params.each):
            for violation in _of_value(asking, clock, value):
                mine = violations.setdefault(violation.at.campaign, [])
                mine.append(violation)
                if len(mine) > 2 * MAX_RANKED:
                    violations[violation.at.campaign] = without_touches(mine)
    findings = [finding_of(asking, campaign, found) for campaign, found in sorted(violations.items())]
    if rule.params.since is not None and rule.params.since.otherwise is not None:
        findings += no_recent_event_findings(asking)
    notes = [*nothing_apart(asking), *already_over(asking)]
    return asking.outcome(findings, notes if violations else [*notes, *boundary_note(asking)])


def _unclear_sender(asking: Asking[FrequencyCap]) -> str | None:
    """A sender that is neither one person nor one face."""
    names = {name for thing in asking.things for name in thing.fields["sender"]}
    senders = asking.plan.words.senders
    return next((n for n in sorted(names) if senders[n].people > 1 and not senders[n].persona), None)


def _of_value(asking: Asking[FrequencyCap], clock: tuple[str, Condition], value: str) -> list[Violation]:
    """The violations for one value of ``each``; where a figure is missing, the tighter cap is only a doubt."""
    params = asking.params
    sure: int | str = params.at_most
    might, missing = sure, None
    if params.tighten:
        sure, might, missing = caps_of_sender(params, value, asking.plan.words.figures.get(value))
    found = _violations(asking, Asked(asking, *clock, value, sure))
    if missing is not None and not found:
        apart = Asking(asking.rule, asking.evaluation, asking.not_proven)
        for violation in _violations(apart, Asked(apart, *clock, value, might)):
            asking.doubt(missing, violation.at)
    return found


def _violations(asking: Asking[FrequencyCap], asked: Asked) -> list[Violation]:
    found: list[Violation] = []
    with asking.guarded():
        cap = Cap(asked, asked.of(asking.sends))
        found += cap.violations()
        cap.doubt_what_lasts()
        if steps := asked.of(asking.triggered):
            found += Triggered(cap, steps).violations()
    return found


def scope(rule: LinkedRule[FrequencyCap]) -> Scope:
    """Of a cap without a window, what counts from an event can lie any time apart; where none is allowed, each is alone."""
    since = rule.params.since
    if rule.params.per is not None:
        return Scope("near", days_of(rule.params.per))
    if rule.params.at_most == 0:
        return Scope("near", 0)
    return Scope("near", days_of(Per(since.lasting)) if since is not None and since.lasting is not None else None)


KIND = Kind(
    "frequency-cap",
    FrequencyCap,
    say(
        "no customer gets more than N matching touches in any window",
        "任何客户在任一时间窗口内收到的匹配触达不超过 N 次",
    ),
    check,
    measured=True,
    moving=True,
    room=room,
    standing=standing,
    breaking=breaking,
    scope=scope,
)
