"""``obligation``: whenever the event happens, or around a date of the customer, the act follows in time, for everyone."""

from __future__ import annotations

from itertools import islice

from ...kit.asking import Asking
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches
from ...kit.kind import Kind, Outcome
from ...messages import Message, say
from ...policy.linked import LinkedRule
from ...policy.matches import Fields
from ...policy.policies import ANY_REPLY
from ...sends.timeline import Send, TriggeredTouch
from ...verdicts import Note
from .case import Case, Unserved
from .dates import missed_around_date, windows
from .params import Obligation
from .search import Searching, anybody, channels_of, responders_to
from .touches import broken_promises, unanswered_replies
from .words import date_finding, event_finding, touch_finding

MAX_SHOWN = 50
"""How many ways to be left out are counted."""


def check(rule: LinkedRule[Obligation], evaluation: Evaluation) -> Outcome:
    """Asks whether somebody is left without what is owed, at any time, by any channel."""
    not_proven = say("it is not proven that everyone gets what is owed", "未能证明每位客户都得到应有的回应")
    asking = Asking(rule, evaluation, not_proven)
    searching = Searching(asking)
    outcome = Outcome()
    with asking.guarded():
        if searching.params.date is not None:
            _dates(searching, outcome)
        elif searching.params.any_of is not None:
            _touches(searching, outcome)
        else:
            _events(searching, outcome)
    return asking.outcome(outcome.findings, outcome.notes)


def _events(searching: Searching, outcome: Outcome) -> None:
    rule, evaluation = searching.rule, searching.evaluation
    found: list[Unserved] = []
    met = judged = False
    for clock, _ in searching.asking.clocks:
        for name in searching.params.event:
            outcome.notes += _never_comes(rule, evaluation, name)
            for channel in channels_of(name, evaluation.plan, searching.params.channels):
                for number, do in enumerate(rule.match_lists["do"]):
                    responders = responders_to(name, channel, do, evaluation)
                    case = Case(name, channel, searching.owed(clock, rule.match_lists["do"]), number, responders, clock)
                    found += islice(searching.left(case), MAX_SHOWN)
                judged = judged or bool(searching.time.judged(case))
                met = met or bool(found) or anybody(searching, case)
    if found:
        outcome.findings.append(event_finding(searching, found))
    elif not judged and searching.time.falls_due():
        outcome.notes.append(_counts_nothing(rule))
    elif not judged:
        searching.doubt(_no_time(searching))
    elif not met and not searching.asking.doubts:
        outcome.notes.append(_nobody(rule))


def _touches(searching: Searching, outcome: Outcome) -> None:
    """Each touch with a reply path or a promise stands for itself: a finding for each campaign."""
    if not any(_speaks(searching, t) for t in searching.asking.things):
        outcome.notes.append(nothing_matches(searching.rule))
        return
    search = unanswered_replies if searching.params.any_of == ANY_REPLY else broken_promises
    by_campaign: dict[str, list[Unserved]] = {}
    for clock, _ in searching.asking.clocks:
        for left in search(searching, clock):
            by_campaign.setdefault(_campaign(left), []).append(left)
    for name, judged in searching.after_period.items():
        if not judged:
            searching.asking.doubt(
                _no_time(searching), searching.evaluation.campaigns[name] if name is not None else None
            )
    outcome.findings += [touch_finding(searching, name, found) for name, found in sorted(by_campaign.items())]


def _speaks(searching: Searching, thing: Send | TriggeredTouch) -> bool:
    return bool(thing.model.reply if searching.params.any_of == ANY_REPLY else thing.model.promises)


def _campaign(left: Unserved) -> str:
    assert left.case.because_of is not None  # noqa: S101
    return left.case.because_of.campaign


def _dates(searching: Searching, outcome: Outcome) -> None:
    found = list(islice(missed_around_date(searching), MAX_SHOWN))
    if found:
        outcome.findings.append(date_finding(searching, found))
    elif next(windows(searching), None) is None and next(windows(searching, in_force=False), None) is not None:
        outcome.notes.append(_counts_nothing(searching.rule))
    elif next(windows(searching), None) is None:
        searching.doubt(_no_time(searching))


def _no_time(searching: Searching) -> Message:
    if searching.evaluation.span[1] < searching.evaluation.as_of:
        return say(
            "the plan ends on {last}, before {as_of}: state a period in tactful.yaml",
            "计划止于 {last}，早于 {as_of}：请在 tactful.yaml 中写明 period",
            last=searching.evaluation.span[1],
            as_of=searching.evaluation.as_of,
        )
    return say(
        "nothing falls due inside the period of the plan ({first} to {last}): state a longer period in tactful.yaml",
        "计划期（{first} 至 {last}）内没有到期的事项：请在 tactful.yaml 中写明更长的 period",
        first=searching.evaluation.span[0],
        last=searching.evaluation.span[1],
    )


def _never_comes(rule: LinkedRule[Obligation], evaluation: Evaluation, event: str) -> list[Note]:
    """Services that react to an event on a channel by which it never comes."""
    channels = evaluation.plan.customers.events[event].model.channels
    return [
        Note(
            "never-comes",
            "warning",
            say(
                "'{service}' reacts to '{event}' on {channel}, by which it never comes",
                "“{service}”在 {channel} 上响应“{event}”，但该事件不经此渠道发生",
                service=service.model.service,
                event=event,
                channel=service.model.channel,
            ),
            service.place.down("channel"),
            say("'{event}' comes by {channels}", "“{event}”经由 {channels} 发生", event=event, channels=list(channels)),
        )
        for service in evaluation.plan.services
        if channels and event in service.model.event and service.model.channel not in channels
    ]


def _counts_nothing(rule: LinkedRule[Obligation]) -> Note:
    message = say(
        "the rule {rule} counts no event: its hours, its channels or its days leave none",
        "规则 {rule} 不计入任何事件：其时段、渠道或生效日期内没有事件",
        rule=rule.id,
    )
    at = "hours" if rule.params.hours is not None else "event"
    return Note(
        "matches-nothing",
        "warning",
        message,
        rule.place.down(at),
        say("check hours, channels and effective", "请检查 hours、channels 与 effective"),
    )


def _nobody(rule: LinkedRule[Obligation]) -> Note:
    return Note(
        "empty-group",
        "warning",
        say(
            "the rule {rule} speaks of nobody: the event never happens to its group",
            "规则 {rule} 不涉及任何客户：该事件不会发生在其群体上",
            rule=rule.id,
        ),
        rule.place.down("for" if rule.params.for_ is not None else "event"),
        say("check the conditions of for and of the event", "请检查 for 与事件的条件"),
    )


def _concerns(rule: LinkedRule[Obligation], fields: Fields) -> bool:
    """What may keep to it, and what is replied to or promises."""
    owed = any(do.holds(fields) for do in rule.match_lists["do"])
    if rule.params.any_of is None:
        return owed
    brings = fields["reply.to" if rule.params.any_of == ANY_REPLY else "promises"]
    return owed or (bool(brings) and rule.match.holds(fields))


KIND = Kind(
    "obligation",
    Obligation,
    say(
        "whenever the event happens, or around a date of the customer, the act follows in time, for everyone",
        "每当事件发生，或在客户的某个日期前后，应做之事都按时兑现，对所有客户如此",
    ),
    check,
    concerns=_concerns,
    more_can_help=True,
)
