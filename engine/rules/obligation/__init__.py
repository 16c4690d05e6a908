"""``obligation``: whenever the event happens, or around a date of the customer, the act follows in time, for everyone."""

from __future__ import annotations

from itertools import islice

from ...messages import Message, say
from ...policy.linked import LinkedRule
from ...policy.policies import ANY_REPLY
from ...verdicts import Note
from ..common import STUCK, Kind, Outcome, Question, nothing_matches, stuck, unproven
from .dates import forgotten, windows
from .params import Obligation
from .search import Case, Left, Searching, channels_of, reactors_to, somebody
from .touches import broken_promises, unanswered_replies
from .words import SUMMARY, date_finding, event_finding, not_proven, touch_finding

MOST_SHOWN = 50
"""How many ways to be left out are counted."""


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks whether somebody is left without what is owed, at any time, by any channel."""
    searching = Searching(rule, question)
    outcome = Outcome()
    try:
        if searching.params.date is not None:
            _dates(searching, outcome)
        elif searching.params.any_of is not None:
            _touches(searching, outcome)
        else:
            _events(searching, outcome)
    except STUCK as why:
        searching.doubts.setdefault(None, stuck(why))
    found = {finding.campaign for finding in outcome.findings}
    for campaign, missing in searching.doubts.items():
        if campaign not in found and not (campaign is None and found):
            place = next((c.place for c in question.plan.campaigns if c.name == campaign), None)
            outcome.findings.append(unproven(rule, not_proven(), missing, place, campaign))
    return outcome


def _events(searching: Searching, outcome: Outcome) -> None:
    rule, question = searching.rule, searching.question
    found: list[Left] = []
    anybody = judged = False
    for clock, _ in question.clocks(rule):
        for name in searching.params.event:
            outcome.notes += _never_comes(rule, question, name)
            for channel in channels_of(name, question.plan, searching.params.channels):
                for number, do in enumerate(rule.match_lists["do"]):
                    reactors = reactors_to(name, channel, do, question)
                    case = Case(name, channel, searching.owed(clock, rule.match_lists["do"]), number, reactors, clock)
                    found += islice(searching.left(case), MOST_SHOWN)
                judged = judged or bool(searching.judged(case))
                anybody = anybody or bool(found) or somebody(searching, case)
    if found:
        outcome.findings.append(event_finding(searching, found))
    elif not judged and searching.falls_due():
        outcome.notes.append(_counts_nothing(rule))
    elif not judged:
        outcome.findings.append(unproven(rule, not_proven(), _no_time(searching)))
    elif not anybody and not searching.doubts:
        outcome.notes.append(_nobody(rule))


def _touches(searching: Searching, outcome: Outcome) -> None:
    """Each touch with a reply path or a promise stands for itself: a finding for each campaign."""
    rule, question = searching.rule, searching.question
    if not any(_speaks(searching, t) for t in (*question.matching(rule), *question.matching_steps(rule))):
        outcome.notes.append(nothing_matches(rule))
        return
    search = unanswered_replies if searching.params.any_of == ANY_REPLY else broken_promises
    by_campaign: dict[str, list[Left]] = {}
    for clock, _ in question.clocks(rule):
        for left in search(searching, clock):
            by_campaign.setdefault(_campaign(left), []).append(left)
    for name, judged in searching.after_period.items():
        if not judged:
            searching.doubts.setdefault(name, _no_time(searching))
    outcome.findings += [touch_finding(searching, name, found) for name, found in sorted(by_campaign.items())]


def _speaks(searching: Searching, thing: object) -> bool:
    model = thing.model  # type: ignore[attr-defined]
    return bool(model.reply if searching.params.any_of == ANY_REPLY else model.promises)


def _campaign(left: Left) -> str:
    assert left.case.because_of is not None  # noqa: S101
    return left.case.because_of.campaign


def _dates(searching: Searching, outcome: Outcome) -> None:
    found = list(islice(forgotten(searching), MOST_SHOWN))
    if found:
        outcome.findings.append(date_finding(searching, found))
    elif next(windows(searching), None) is None and next(windows(searching, in_force=False), None) is not None:
        outcome.notes.append(_counts_nothing(searching.rule))
    elif next(windows(searching), None) is None:
        outcome.findings.append(unproven(searching.rule, not_proven(), _no_time(searching)))


def _no_time(searching: Searching) -> Message:
    if searching.question.period is not None and searching.period[1] < searching.question.as_of:
        return say(
            "the plan ends on {last}, before {as_of}: state a period in tactful.yaml",
            "计划止于 {last}，早于 {as_of}：请在 tactful.yaml 中写明 period",
            last=searching.period[1],
            as_of=searching.question.as_of,
        )
    return say(
        "nothing falls due inside the period of the plan ({first} to {last}): state a longer period in tactful.yaml",
        "计划期（{first} 至 {last}）内没有到期的事项：请在 tactful.yaml 中写明更长的 period",
        first=searching.period[0],
        last=searching.period[1],
    )


def _never_comes(rule: LinkedRule, question: Question, event: str) -> list[Note]:
    """Services that react to an event on a channel by which it never comes."""
    channels = question.plan.customers.events[event].model.channels
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
        for service in question.plan.services
        if channels and event in service.model.event and service.model.channel not in channels
    ]


def _counts_nothing(rule: LinkedRule) -> Note:
    message = say(
        "the rule {rule} counts no event: its hours, its channels or its days leave none",
        "规则 {rule} 不计入任何事件：其时段、渠道或生效日期内没有事件",
        rule=rule.id,
    )
    at = "hours" if getattr(rule.params, "hours", None) is not None else "event"
    return Note(
        "matches-nothing",
        "warning",
        message,
        rule.place.down(at),
        say("check hours, channels and effective", "请检查 hours、channels 与 effective"),
    )


def _nobody(rule: LinkedRule) -> Note:
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


KIND = Kind("obligation", Obligation, SUMMARY, check, more_can_help=True)
