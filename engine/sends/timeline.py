"""The timeline: every dated touch of the plan at its instant, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from ..clocks import TICK, day_of, instant, midnight, shift
from ..hours import next_open
from ..places import Place
from ..plan.campaigns import TouchSpec
from ..plan.conditions import Condition, OnClock, both
from ..plan.ledger import PlannedLedger, Sent
from ..plan.plan import Plan, PlannedCampaign
from ..plan.repeats import endless, occurrences
from ..policy.matches import Fields
from ..scalars import Hours, zone, zone_names
from ..undecidable import UnknownYear
from .fields import campaign_fields, one, touch_fields
from .undated import ENDLESS_DAYS, calendars_asked, year_from

MAX_WAIT = timedelta(days=40)
"""How long a send waits for an opening at most."""
NEVER = datetime.max.replace(tzinfo=UTC)
MAX_SENDS = 100_000
"""How many sends of a whole plan are looked at."""


MAX_ZONED = 10_000
"""How many of them may be at the customer's own hour, counted once for each zone."""


class TooManySends(Exception):
    """The plan holds more sends than are looked at; the place is the touch that passes the limit."""

    def __init__(self, campaign: str, place: Place) -> None:
        super().__init__(campaign)
        self.campaign, self.place = campaign, place


@dataclass(frozen=True, slots=True, eq=False)
class Send:
    """One send, at one instant, of one touch of a campaign.

    ``audience`` says who gets it; where the touch is at the customer's own hour there is one for each zone, and the
    audience says which. ``day`` is the date on the plan's clock.
    """

    campaign: str
    index: int
    at: datetime
    local: datetime
    day: date
    audience: Condition
    fields: Fields
    status: str
    place: Place
    model: TouchSpec
    zone: str
    """The zone of the clock that ``local`` was read from."""
    stops_on: frozenset[str] = frozenset()
    """The events that end the sequence for a customer, if they happen after ``begins``."""
    begins: datetime | None = None
    """The first touch of the campaign; None where nothing ends it."""
    trigger: datetime | None = None
    """When the customer brought it about; None for a dated touch."""
    weight: int = 1
    """How many contacts it stands for: more than one only in a ledger."""

    @property
    def name(self) -> str:
        """The name of its campaign, or of the ledger that holds it."""
        return self.campaign

    @property
    def is_triggered(self) -> bool:
        return self.trigger is not None

    @property
    def contacts(self) -> int:
        """How often the customer is contacted by it: attempts count."""
        return self.weight * self.model.attempts

    @property
    def arrives(self) -> datetime:
        """When it has reached the customer at the latest."""
        return arrival(self.at, self.model, self.zone)

    @property
    def order(self) -> tuple[datetime, str, int]:
        """Time, then campaign name: the order in which findings look for the latest touch."""
        return (self.at, self.campaign, self.index)


def arrival(at: datetime, model: TouchSpec, clock: str) -> datetime:
    """The last instant at which a touch that is sent at ``at`` reaches the customer: any of ``lasts`` is possible."""
    return at if model.lasts is None else shift(at, model.lasts, +1, clock)


@dataclass(frozen=True, slots=True)
class TriggeredTouch:
    """A touch of a triggered campaign, which has no instant of its own."""

    campaign: PlannedCampaign
    index: int
    audience: Condition
    fields: Fields
    place: Place
    first: datetime
    last: datetime
    """The first and last instant at which the campaign takes a trigger."""
    ends: datetime
    """The last instant at which it sends."""

    @property
    def model(self) -> TouchSpec:
        model: TouchSpec = self.campaign.model.touches[self.index]
        return model

    @property
    def name(self) -> str:
        """The name of its campaign."""
        return self.campaign.name

    @property
    def status(self) -> str:
        status: str = self.campaign.model.status
        return status

    @property
    def is_triggered(self) -> bool:
        return True

    @property
    def stops_on(self) -> frozenset[str]:
        """The events that end its sequence, after its trigger and before it."""
        trigger = self.campaign.model.trigger
        return frozenset((*(trigger.stops_on if trigger else ()), *self.campaign.model.stops_on))

    def arrives(self, at: datetime) -> datetime:
        """When a send at this instant has reached the customer at the latest."""
        return arrival(at, self.model, self.campaign.timezone)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All dated touches in order, the steps of triggered campaigns, and how far endless repeats were followed."""

    sends: tuple[Send, ...]
    triggered: tuple[TriggeredTouch, ...]
    horizon: date | None
    """Last day to which repeats without end were expanded; None where there are none."""


def customer_zones(plan: Plan) -> tuple[str, ...]:
    """The zones in which a customer's clock can be."""
    name = plan.customers.zone_attribute
    if name is None:
        return ()
    attribute = plan.customers.attributes[name]
    values: tuple[str, ...] = attribute.values
    if not attribute.others:
        return values
    return (*values, *_other_zones(frozenset(values), _years(plan)))


def _years(plan: Plan) -> tuple[int, int]:
    days = [touch.at.date() for c in plan.campaigns for touch in c.model.touches if touch.at] + list(
        plan.stated_period or ()
    )
    return (min(days).year - 1, max(days).year + 2) if days else (2026, 2027)


@lru_cache(maxsize=8)
def _other_zones(declared: frozenset[str], years: tuple[int, int]) -> tuple[str, ...]:
    """The zones of the world besides the declared ones; of those whose clocks show the same in these years, one."""
    first = datetime(years[0], 1, 1, tzinfo=UTC)
    samples = [first + timedelta(days=n) for n in range((years[1] - years[0] + 1) * 366)]
    found: dict[tuple[object, ...], str] = {}
    for name in sorted(zone_names() - declared):
        here = zone(name)
        found.setdefault(tuple(here.utcoffset(at.replace(tzinfo=here)) for at in samples), name)
    return tuple(found.values())


def timeline(plan: Plan, as_of: date) -> Timeline:
    """Expands every campaign that was not cancelled; of an ended one, the sends up to its last day.

    Campaigns without any date are followed from ``as_of`` on.
    """
    sends: list[Send] = []
    triggered: list[TriggeredTouch] = []
    horizons: list[date] = []
    zones = customer_zones(plan)
    zoned = 0
    for campaign in plan.campaigns:
        if campaign.model.status == "cancelled":
            continue
        of_campaign = campaign_fields(campaign.model, campaign.timezone)
        begins = _begins(campaign, zones)
        for index, model in enumerate(campaign.model.touches):
            fields = touch_fields(of_campaign, model, plan.words)
            place = campaign.place.down("touches", index)
            if model.at is None:
                triggered.append(
                    TriggeredTouch(campaign, index, campaign.audiences[index], fields, place, NEVER, NEVER, NEVER)
                )
                continue
            horizon = plan.stated_period[1] if plan.stated_period else model.at.date() + timedelta(days=ENDLESS_DAYS)
            if endless(model.repeat):
                horizons.append(horizon)
            before = len(sends)
            sends += _sends(plan, campaign, index, fields, horizon, begins)
            zoned += (len(sends) - before) * (model.clock == "customer")
            if len(sends) > MAX_SENDS or zoned > MAX_ZONED:
                raise TooManySends(campaign.name, place)
    sends = [touch for touch in sends if not any(touch.day <= ledger.until for ledger in plan.ledgers)]
    for ledger in plan.ledgers:
        sends += [_already(sent, ledger, plan) for sent in ledger.sent]
    sends.sort(key=lambda touch: touch.order)
    line = Timeline(tuple(sends), tuple(triggered), max(horizons, default=None))
    if not triggered:
        return line
    calendars = calendars_asked(plan)
    days = plan_days(plan, line) or list(year_from(as_of, calendars))
    return replace(line, triggered=tuple(_bounded(step, plan, days, as_of, calendars) for step in triggered))


def _bounded(
    step: TriggeredTouch, plan: Plan, days: Sequence[date], as_of: date, calendars: Set[str]
) -> TriggeredTouch:
    """The step with the time in which its campaign runs: ``during``, else the period of the plan."""
    model, zone_name = step.campaign.model, step.campaign.timezone
    during = model.during
    first = during.from_ if during and during.from_ else days[0]
    last = during.until if during and during.until else None
    if last is None:
        last = days[1] if plan.stated_period else year_from(max(first, days[0], as_of), calendars)[1]
    after, ended = model.touches[step.index].after, model.ended_on
    taken = _end_of(min(last, ended) if ended else last, zone_name)
    name = model.trigger.date if model.trigger else None
    once = name is not None and plan.customers.attributes[name].changes in (None, "never")
    latest = midnight(day_of(taken, zone_name), zone_name) if once and zone_name == plan.timezone else taken
    ends = shift(latest, after, +1, zone_name) if after is not None else latest
    if model.send_in is not None:
        ends = _opening(ends, model.send_in, zone_name, plan.calendar)
    if ended:
        ends = min(ends, _end_of(ended, zone_name))
    return replace(step, first=midnight(first, zone_name), last=taken, ends=ends)


def _opening(at: datetime, hours: Hours, zone_name: str, calendar: str | None) -> datetime:
    """The first opening from an instant on; where that is not known, as late as a send waits at most."""
    try:
        return min(next_open(at, hours, zone_name, calendar) or at + MAX_WAIT, at + MAX_WAIT)
    except UnknownYear:
        return at + MAX_WAIT


def _end_of(day: date, zone_name: str) -> datetime:
    """The last instant of a day."""
    return midnight(day + timedelta(days=1), zone_name) - TICK


def _sends(
    plan: Plan, campaign: PlannedCampaign, index: int, fields: Fields, horizon: date, begins: Mapping[str, datetime]
) -> Iterator[Send]:
    """The sends of a dated touch; ``begins``: for each zone of customers, when the campaign begins for them."""
    model = campaign.model.touches[index]
    audience, place = campaign.audiences[index], campaign.place.down("touches", index)
    assert model.at is not None  # noqa: S101  # triggered touches were set aside
    ended = campaign.model.ended_on
    stops = frozenset(campaign.model.stops_on)
    own = model.clock == "customer"
    apart = own or (stops and len(set(begins.values())) > 1)
    clocks = (
        [(name, name if own else campaign.timezone, both(audience, OnClock(name))) for name in begins]
        if apart
        else [(next(iter(begins)), campaign.timezone, audience)]
    )
    for when in occurrences(model.at, model.repeat, horizon, campaign.timezone):
        if ended is not None and when.date() > ended:
            return
        for customers, zone_name, reached in clocks:
            at = instant(when, zone_name)
            day = day_of(at, plan.timezone)
            yield Send(
                campaign.name,
                index,
                at,
                when,
                day,
                reached,
                fields,
                campaign.model.status,
                place,
                model,
                zone_name,
                stops,
                begins[customers],
            )


def _begins(campaign: PlannedCampaign, zones: Sequence[str]) -> dict[str, datetime]:
    """When the first dated touch of a campaign comes, for customers of each zone; without zones, on the campaign's own clock."""
    own = [touch.at for touch in campaign.model.touches if touch.at and touch.clock != "customer"]
    theirs = [touch.at for touch in campaign.model.touches if touch.at and touch.clock == "customer"]
    fixed = [instant(min(own), campaign.timezone)] if own else []
    if not fixed and not theirs:
        return {}
    return {
        name: min([*fixed, *([instant(min(theirs), name)] if theirs else [])]) for name in zones or (campaign.timezone,)
    }


def _already(sent: Sent, ledger: PlannedLedger, plan: Plan) -> Send:
    """What a ledger says was sent, as a touch that is past."""
    model = TouchSpec(channel=sent.fields["channel"], sender=sent.fields["sender"], at=sent.at)
    fields = {name: one(value) for name, value in sent.fields.items()}
    channel = plan.words.channels.get(sent.fields["channel"])
    fields |= {"campaign": one(ledger.name), "status": one("ended"), "way": one(channel.way if channel else None)}
    at = instant(sent.at, plan.timezone)
    day = sent.at.date()
    audience = sent.audience
    return Send(
        ledger.name,
        0,
        at,
        sent.at,
        day,
        audience,
        fields,
        "ended",
        sent.place,
        model,
        plan.timezone,
        weight=sent.number,
    )


def plan_days(plan: Plan, line: Timeline) -> list[date]:
    """First and last day of the stated period, or of dated touches, offers and ``during``; empty where there is none."""
    if plan.stated_period:
        return list(plan.stated_period)
    days = [touch.day for touch in line.sends]
    for offer in plan.offers:
        days += [day for day in (offer.model.from_, offer.model.until) if day]
    for campaign in plan.campaigns:
        if campaign.model.during:
            days += [day for day in (campaign.model.during.from_, campaign.model.during.until) if day]
    return [min(days), max(days)] if days else []
