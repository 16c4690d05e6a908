"""Answers: nobody protected is answered later, in fewer hours, by a machine where there is a human, or by fewer people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from ...clocks import local, midnight
from ...hours import edges_of_day, is_open
from ...kit.comparing import GroupComparison, comparison_on, differing, names_of
from ...kit.couples import couple, item
from ...kit.date_edges import MAX_DAYS, DateEdges, days_alike
from ...kit.replay import not_replayed
from ...messages import Message, count, say
from ...plan.conditions import Condition, attributes_of
from ...plan.plan import DAY, PlannedService
from ...reference.care import answered_by, answering, one_is_open, open_at
from ...reference.comparing import Pair
from ...reference.obligations import reacts_to
from ...reference.offers import TooMuch
from ...search.happenings import set_condition
from ...search.model import ANY_DAY
from ...search.result import Found, Result, Undecided, first_found
from ...sends.services import acts_by, can_handle, edges, service_fields
from ...space.boxes import intersection
from ...verdicts import Finding, Measure, Spot
from .caring import Caring, Said, doubt, finding, who

SECOND = timedelta(seconds=1)
Team = tuple[str, str | None, tuple[PlannedService, ...]]
"""An event, the channel by which it comes (None: no matter), and the services that react."""


def teams(caring: Caring) -> list[Team]:
    """What may answer each event, channel by channel where the event comes by channels."""
    found: list[Team] = []
    services = [s for s in caring.plan.services if caring.rule.match.holds(service_fields(s, caring.plan))]
    for event in sorted({event for service in services for event in service.model.event}):
        for channel in caring.plan.customers.events[event].model.channels or (None,):
            reacting = tuple(s for s in services if reacts_to(s, event, channel, caring.plan))
            if reacting:
                found.append((event, channel, reacting))
    return found


def compare(caring: Caring, aspect: str) -> Iterator[Finding]:
    """One finding for an aspect: of the first event for which somebody is worse off."""
    ask = {"within": _later, "hours": _shut, "by": _no_human, "staff": _fewer, "quotas": _fewer}[aspect]
    found: list[tuple[Said, frozenset[str]]] = []
    doubts: list[Message] = []
    for team in teams(caring):
        told = frozenset(name for s in team[2] for name in names_of(s.audience))
        answer = ask(caring, aspect, team, told)
        if isinstance(answer, Said):
            found.append((answer, told))
        elif answer is not None:
            doubts.append(answer)
    if found:
        said, told = found[0]
        shown = finding(caring, replace(said, more=len(found) - 1), told)
        yield shown
        doubts = doubts if shown.covered_by else []
    if doubts:
        yield doubt(caring, aspect, doubts[0])


def _instants(caring: Caring, team: Team) -> Iterator[datetime]:
    """When what the services of a team do can change its course: there, and just before."""
    event = caring.plan.customers.events[team[0]].model
    first, end = caring.instants
    if (end - first).days > MAX_DAYS:
        raise TooMuch(say("the plan is too long for its services to be followed", "计划期过长，无法逐一推演服务"))
    cuts = {first, *(at for service in team[2] for at in edges(service, first, end, caring.plan))}
    assert caring.span is not None  # noqa: S101
    zone = caring.plan.timezone
    cuts |= {midnight(day, zone) for day in days_alike(caring.evaluation, _asked(caring, team), *caring.span)}
    for number in range((caring.span[1] - caring.span[0]).days + 2) if event.hours is not None else ():
        cuts |= edges_of_day(caring.span[0] + timedelta(days=number - 1), event.hours, zone)
    for at in sorted({second for cut in cuts for second in (cut, cut - SECOND) if first <= second < end}):
        if event.hours is None or is_open(at, event.hours, zone, caring.plan.customers.calendar):
            yield at


def _later(caring: Caring, aspect: str, team: Team, told: frozenset[str]) -> Said | Message | None:
    """Somebody who is answered later, or not at all, when they come at some instant."""
    services = team[2]
    dates = DateEdges(caring.evaluation, _asked(caring, team))
    doubted: Message | None = None
    seen: set[object] = set()
    for at in _instants(caring, team):
        by = [acts_by(service, at, caring.plan) for service in services]
        rank = {when: i for i, when in enumerate(sorted({when for when in by if when is not None}))}
        day = caring.evaluation.day_of(at)
        key = (dates.pattern(day), tuple(rank.get(when) if when else None for when in by))
        if key in seen:
            continue
        seen.add(key)
        stage = _stage(caring, team, at)
        known = [(service, when) for service, when in zip(services, by, strict=True) if when is not None]
        beside = [(service, [s for s, when in known if when <= mine]) for service, mine in known]
        answer = _first_worse(stage, beside, _happening(caring, team))
        doubted = doubted or (answer.why if isinstance(answer, Undecided) else None)
        if isinstance(answer, Found):
            pair, _ = answer.value
            theirs = answered_by(answering(pair.twin, services, at, caring.plan), at, caring.plan)
            own = answered_by(answering(pair.customer, services, at, caring.plan), at, caring.plan)
            if theirs is None or (own is not None and own <= theirs):
                return not_replayed()
            message = _said_later(caring, team, pair, at, own, theirs, told)
            return Said(aspect, pair, at, message, _places(services, pair, at, caring), help=_WIDEN)
    return doubted


def _said_later(
    caring: Caring, team: Team, pair: Pair, at: datetime, own: datetime | None, theirs: datetime, told: frozenset[str]
) -> Message:
    zone = caring.plan.timezone
    who_, other = _both(caring, pair, at, told)
    return say(
        "after {event} on {at} {who} {own}; {other} is answered by {theirs}",
        "{at} 发生 {event} 后，{who}{own}；{other}在 {theirs} 前得到回应",
        event=_event(team),
        at=local(at, zone),
        who=who_,
        other=other,
        own=say("is answered by {at}", "在 {at} 前得到回应", at=local(own, zone))
        if own is not None
        else say("is answered by nobody", "得不到回应"),
        theirs=local(theirs, zone),
    )


def _shut(caring: Caring, aspect: str, team: Team, told: frozenset[str]) -> Said | Message | None:
    """Somebody for whom nothing is open at an instant at which something is for one like them."""
    services = team[2]
    dates = DateEdges(caring.evaluation, _asked(caring, team))
    doubted: Message | None = None
    seen: set[object] = set()
    for at in _instants(caring, team):
        opened = [s for s in services if open_at(s, at, caring.plan)]
        key = (dates.pattern(caring.evaluation.day_of(at)), tuple(map(id, opened)))
        if not opened or key in seen:
            continue
        seen.add(key)
        stage = _stage(caring, team, at)
        answer = _first_worse(stage, [(service, opened) for service in opened], _happening(caring, team))
        doubted = doubted or (answer.why if isinstance(answer, Undecided) else None)
        if isinstance(answer, Found):
            pair, service = answer.value
            if one_is_open(answering(pair.customer, services, at, caring.plan), at, caring.plan):
                return not_replayed()
            who_, other = _both(caring, pair, at, told)
            message = say(
                "nothing that answers {event} is open on {at} for {who}; for {other} {service} is",
                "{at} 没有回应 {event} 的服务对{who}开放；对{other}则有 {service}",
                event=_event(team),
                at=local(at, caring.plan.timezone),
                who=who_,
                other=other,
                service=service.model.service,
            )
            return Said(aspect, pair, at, message, _places(services, pair, at, caring), help=_WIDEN)
    return doubted


def _no_human(caring: Caring, aspect: str, team: Team, told: frozenset[str]) -> Said | Message | None:
    """Somebody who is not answered by a human where one like them is."""
    services = team[2]
    humans = [service for service in services if service.model.by == "human"]
    doubted: Message | None = None
    assert caring.span is not None  # noqa: S101
    for day in days_alike(caring.evaluation, _asked(caring, team), *caring.span) if humans else ():
        at = midnight(day, caring.plan.timezone)
        stage = _stage(caring, team, at)
        answer = _first_worse(stage, [(service, humans) for service in humans], _happening(caring, team))
        doubted = doubted or (answer.why if isinstance(answer, Undecided) else None)
        if isinstance(answer, Found):
            pair, service = answer.value
            if any(s.model.by == "human" for s in answering(pair.customer, services, at, caring.plan)):
                return not_replayed()
            who_, other = _both(caring, pair, at, told)
            message = say(
                "after {event} no human answers {who}; {other} is answered by {service}",
                "发生 {event} 后，没有人工回应{who}；{other}由 {service} 人工回应",
                event=_event(team),
                who=who_,
                other=other,
                service=service.model.service,
            )
            return Said(aspect, pair, at, message, _places(services, pair, at, caring), help=_WIDEN)
    return doubted


_WIDEN = say("widen the audience of the better service to take them in", "请放宽较好那项服务的受众，把他们纳入")


def _asked(caring: Caring, team: Team) -> list[Condition]:
    return [*caring.groups.conditions, *(s.audience for s in team[2]), *_happening(caring, team)]


def _happening(caring: Caring, team: Team) -> list[Condition]:
    """What is so of whoever the event happens to, as it does: what it sets, and what it asks that it does not set."""
    model = caring.plan.customers
    event = model.events[team[0]]
    words = [word for word, value in event.sets.items() if value is not DAY]
    found = [set_condition(word, event, model, ANY_DAY) for word in words]
    return found if attributes_of(event.condition) & set(event.sets) else [*found, event.condition]


def _stage(caring: Caring, team: Team, at: datetime) -> GroupComparison:
    day = caring.evaluation.day_of(at)
    told = [*(s.audience for s in team[2]), *_happening(caring, team)]
    return comparison_on(caring.evaluation, caring.groups, told, day, at)


Worse = tuple[Pair, PlannedService]
"""A pair of which one is better off, and by which service."""


def _first_worse(
    stage: GroupComparison,
    beside: Iterable[tuple[PlannedService, Sequence[PlannedService]]],
    happening: Sequence[Condition],
) -> Result[Worse]:
    """Somebody protected whom none of the services beside one serves, though it serves a favoured one like them.

    ``happening`` is so of both.
    """
    return first_found(_worse(stage, service, others, happening) for service, others in beside)


def _worse(
    stage: GroupComparison, service: PlannedService, others: Sequence[PlannedService], happening: Sequence[Condition]
) -> Result[Worse]:
    both = stage.of(happening)
    served = intersection(intersection(stage.favoured, both), stage.of([service.audience]))
    start = intersection(intersection(stage.protected, both), stage.like(served))
    serving, budget = [stage.of([other.audience]) for other in others], stage.evaluation.fresh_budget()
    answer = stage.first_pair(start, serving, served, [service.audience, *happening], budget)
    return Found((answer.value, service)) if isinstance(answer, Found) else answer


def _places(services: Sequence[PlannedService], pair: Pair, at: datetime, caring: Caring) -> tuple[Spot, ...]:
    """The services of the favoured customer, and those of the protected one."""
    theirs, own = (answering(c, services, at, caring.plan) for c in (pair.twin, pair.customer))
    only = [s for s in theirs if s not in own]
    return (
        *(Spot(s.place.down("audience"), say("for the favoured", "服务受优待客户")) for s in only),
        *(Spot(s.place.down("audience"), say("for the protected", "服务受保护客户")) for s in own),
    )


# --- how many people -------------------------------------------------------------------------------------------------


def _fewer(caring: Caring, aspect: str, team: Team, told: frozenset[str]) -> Said | Message | None:
    """Somebody for whom fewer are on duty, or whom fewer cases can be handled for, than for one like them."""
    _, _, services = team
    weights = {s.model.service: _weight(caring, s, aspect) for s in services}
    differing_attributes = [s for s in services if names_of(s.audience) & caring.groups.differing_attributes]
    for service in differing_attributes:
        if weights[service.model.service] is None:
            needed = "on_duty" if aspect == "staff" else "on_duty, each_handles"
            name = service.model.service
            return say("{name} does not state {needed}", "{name} 没有写 {needed}", name=name, needed=needed)
    assert caring.span is not None  # noqa: S101
    for day in days_alike(caring.evaluation, _asked(caring, team), *caring.span) if differing_attributes else ():
        at = midnight(day, caring.plan.timezone)
        stage = _stage(caring, team, at)
        items = [item(stage, _units(weights[s.model.service]), s.audience, day) for s in differing_attributes]
        answer = couple(stage, stage.favoured, stage.protected, items, caring.evaluation.fresh_budget())
        if isinstance(answer, Found):
            return _said_fewer(caring, aspect, team, weights, answer.value, at, told)
        if isinstance(answer, Undecided):
            return answer.why
    return None


def _said_fewer(
    caring: Caring,
    aspect: str,
    team: Team,
    weights: dict[str, Decimal | None],
    pair: Pair,
    at: datetime,
    told: frozenset[str],
) -> Said | Message:
    services = team[2]
    own, theirs = (
        sum((weights[s.model.service] or Decimal(0) for s in answering(c, services, at, caring.plan)), Decimal(0))
        for c in (pair.customer, pair.twin)
    )
    if own >= theirs:
        return not_replayed()
    who_, other = _both(caring, pair, at, told)
    message = say(
        "for {event} {who} has {own}; {other} has {theirs}",
        "对 {event}，{who}{own}；{other}{theirs}",
        event=_event(team),
        who=who_,
        other=other,
        own=_amount(caring, own, aspect),
        theirs=_amount(caring, theirs, aspect),
    )
    help = say("put more people on duty for them, or widen an audience", "请为他们增加在岗人数，或放宽某项服务的受众")
    return Said(aspect, pair, at, message, _places(services, pair, at, caring), Measure(own, theirs), help)


def _amount(caring: Caring, value: Decimal, aspect: str) -> Message:
    if aspect == "staff":
        return say("{n}", "有 {zh}", n=count(value, "person on duty", "people on duty", "人在岗"), zh=f"{value} 人在岗")
    assert caring.span is not None  # noqa: S101
    first, last = caring.span
    return say(
        "room for {n} cases from {first} to {last}",
        "在 {first} 至 {last} 期间可处理 {n} 件",
        n=value,
        first=first,
        last=last,
    )


def _weight(caring: Caring, service: PlannedService, aspect: str) -> Decimal | None:
    if aspect == "staff":
        return Decimal(service.model.on_duty) if service.model.on_duty is not None else None
    return can_handle(service, *caring.instants, caring.plan)


def _units(weight: Decimal | None) -> int:
    """In millionths, so that shares of a case count too."""
    return int((weight or Decimal(0)) * 1_000_000)


# --- words -----------------------------------------------------------------------------------------------------------


def _event(team: Team) -> Message:
    """The event, and the channel by which it comes where that matters."""
    event, channel, _ = team
    if channel is None:
        return say("{event}", "{event}", event=event)
    return say("{event} by {channel}", "{event}（经 {channel}）", event=event, channel=channel)


def _both(caring: Caring, pair: Pair, at: datetime, told: frozenset[str]) -> tuple[Message, Message]:
    """The protected and the favoured customer, each by what parts the two and what audiences ask about."""
    differing_attributes = differing(pair, at)
    own = told - caring.groups.differing_attributes
    return who(caring, pair.customer, at, differing_attributes | own), who(
        caring, pair.twin, at, differing_attributes, favoured=True
    )
