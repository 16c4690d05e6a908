"""What of a campaign others can meet: on which days it sends, whom it can reach, which rules speak of it. Plain data.

With the outlines of a plan that held, the campaigns that a change can matter to are found without reading the others again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from .kit.evaluation import Evaluation
from .kit.scope import Scope
from .plan.conditions import All, Condition, OneOf
from .plan.plan import CustomerModel, PlannedCampaign
from .plan.repeats import endless
from .policy.linked import LinkedRule
from .policy.matches import TouchMatch
from .rules import KINDS
from .sends.timeline import Send, arrival
from .sends.undated import ENDLESS_DAYS

MOST_SPANS = 60
"""Campaigns with more sends count as sending on all days from the first to the last."""
MARGIN = 2
"""Days by which the clocks of two campaigns can lie apart, and a part of a day."""
Admitted = dict[str, frozenset[str]]
"""Of attributes that never change, the values of those it can reach; an attribute that is not here may have any."""


class Outline(NamedTuple):
    """One campaign. ``days`` are the first and last ordinals of the days on which something of it can arrive."""

    admits: Admitted
    name: str
    days: Sequence[Sequence[int]] = ()
    anytime: bool = False
    """Whether it is set off by customers: no day of it is known."""
    lasts: bool = False
    """Whether something of it goes on for a while: who gets it with what else is only bounded."""
    sends: int = 0
    zoned: int = 0
    speaks: int = 0
    """A bit for each match of a rule that holds for one of its touches, as ``matches_of`` counts them."""
    offers: bool = False
    told: bool = False
    """Whether what is said of the plan as a whole may name it: it is past and still planned, or outside the period."""
    followed: int = 0
    """The last day to which a repeat without end was followed; 0: it has none."""
    instants: Sequence[int] = ()
    """When it sends (seconds), where facts tell the moments of customers apart."""

    def shares(self, admits: Admitted) -> bool:
        """Whether somebody who can be among the admitted may get something of it."""
        mine = self.admits
        return not any(name in mine and mine[name].isdisjoint(values) for name, values in admits.items())

    def near(self, other: Outline, days: int | None) -> bool:
        """Whether something of both can come within so many days."""
        if days is None or self.anytime or other.anytime:
            return True
        room = days + MARGIN
        return any(a <= d + room and c <= b + room for a, b in self.days for c, d in other.days)


def scope_of(rule: LinkedRule[Any]) -> Scope:
    return KINDS[rule.kind].scope(rule)


def matches_of(rules: Sequence[LinkedRule[Any]]) -> list[tuple[int, TouchMatch]]:
    """Every match of every rule with the number of its rule; the place in this list is its bit."""
    return [(number, match) for number, rule in enumerate(rules) for match in rule.every_match]


def facts_hang_on_moments(evaluation: Evaluation) -> bool:
    """Whether facts can shut out a customer for what they are at one instant of the plan."""
    return not all(map(evaluation.never_changes, evaluation.plan.customers.facts))


def outlines(evaluation: Evaluation, rules: Sequence[LinkedRule[Any]]) -> list[Outline]:
    """Of every campaign of the plan, in its order."""
    sends: dict[str, list[Send]] = {}
    for send in evaluation.timeline.sends:
        sends.setdefault(send.campaign, []).append(send)
    fields: dict[str, list[Any]] = {
        name: list({id(s.fields): s.fields for s in some}.values()) for name, some in sends.items()
    }
    for step in evaluation.timeline.triggered:
        fields.setdefault(step.name, []).append(step.fields)
    matches = [match for _, match in matches_of(rules)]
    moments = facts_hang_on_moments(evaluation)
    found = []
    for campaign in evaluation.plan.campaigns:
        mine = sends.get(campaign.name, [])
        own = fields.get(campaign.name, ())
        found.append(
            Outline(
                admitted_by(campaign.audiences, evaluation.plan.customers),
                campaign.name,
                _days(mine),
                campaign.model.trigger is not None,
                any(touch.lasts is not None for touch in campaign.model.touches),
                len(mine),
                sum(send.model.clock == "customer" for send in mine),
                sum(1 << bit for bit, match in enumerate(matches) if any(map(match.holds, own))),
                bool(campaign.model.offers),
                _told(campaign, mine, evaluation),
                _followed(campaign, evaluation),
                tuple(sorted({int(send.at.timestamp()) for send in mine})) if moments else (),
            )
        )
    return found


def _days(sends: Sequence[Send]) -> tuple[tuple[int, int], ...]:
    found = sorted({(s.day.toordinal(), arrival(s.at, s.model, s.zone).date().toordinal() + 1) for s in sends})
    if len(found) > MOST_SPANS:
        return ((found[0][0], max(last for _, last in found)),)
    return tuple(found)


def admitted_by(audiences: Sequence[Condition], customers: CustomerModel) -> Admitted:
    """The values of attributes that never change, of those in at least one of the audiences."""
    each = [_admitted(audience, customers) for audience in audiences]
    names = set(each[0]).intersection(*each[1:]) if each else set()
    return {name: frozenset().union(*(one[name] for one in each)) for name in sorted(names)}


def _admitted(audience: Condition, customers: CustomerModel) -> Admitted:
    found: Admitted = {}
    for part in _parts(audience):
        if isinstance(part, OneOf) and _stays(part.attribute, customers):
            found[part.attribute] = found.get(part.attribute, part.values) & part.values
    return found


def _stays(name: str, customers: CustomerModel) -> bool:
    return customers.attributes[name].changes in (None, "never") and name not in customers.set_by_events


def _parts(condition: Condition) -> list[Condition]:
    """What all has to hold."""
    if not isinstance(condition, All):
        return [condition]
    return [inner for part in condition.parts for inner in _parts(part)]


def _told(campaign: PlannedCampaign, sends: Sequence[Send], evaluation: Evaluation) -> bool:
    during = campaign.model.during
    days = [send.day for send in sends]
    days += [day for day in (during.from_, during.until) if day] if during is not None else []
    past = campaign.model.status == "planned" and any(day < evaluation.as_of for day in days)
    stated = evaluation.plan.stated_period
    return past or (stated is not None and any(not stated[0] <= day <= stated[1] for day in days))


def _followed(campaign: PlannedCampaign, evaluation: Evaluation) -> int:
    stated = evaluation.plan.stated_period
    ends: list[date] = [
        stated[1] if stated else touch.at.date() + timedelta(days=ENDLESS_DAYS)
        for touch in campaign.model.touches
        if touch.at is not None and endless(touch.repeat) and campaign.model.status != "cancelled"
    ]
    return max(ends).toordinal() if ends else 0
