"""The plan: what was written, with every word looked up and every condition read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..places import Place
from .campaigns import Campaign, Service
from .conditions import EVERYONE, Condition
from .customers import Attribute, Event, Segment
from .ledger import PlannedLedger
from .offers import Offer, PastPrice
from .vocabulary import Channel, FigureValues, Give, Pool, Product, Sender


@dataclass(frozen=True, slots=True)
class Words:
    """The declared words, the shipped ones among them."""

    channels: Mapping[str, Channel]
    senders: Mapping[str, Sender]
    gives: Mapping[str, Give]
    asks: tuple[str, ...]
    acts: tuple[str, ...]
    subjects: tuple[str, ...]
    products: Mapping[str, Product]
    pools: Mapping[str, Pool]
    figures: Mapping[str, FigureValues]
    events: tuple[str, ...]


def alike(a: str, b: str, words: Words) -> bool:
    """Whether two products are the same or declared equivalents; what is equivalent to an equivalent is not."""
    declared = words.products
    return (
        a == b
        or (a in declared and b in declared[a].equivalent_to)
        or (b in declared and a in declared[b].equivalent_to)
    )


class _Day:
    def __repr__(self) -> str:
        return "day"


DAY = _Day()
"""What an event may set a date to: the day it happens. No text of a user is it."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event with its condition read, and the values it sets (``DAY`` for a date: the day it happens)."""

    model: Event = field(default_factory=Event)
    condition: Condition = EVERYONE
    sets: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days_set(self) -> list[str]:
        """The dates that it sets to its own day."""
        return [name for name, value in self.sets.items() if value is DAY]


@dataclass(frozen=True, slots=True)
class CustomerModel:
    """Who there can be. ``facts`` are conditions that every customer meets at every instant."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    segments: Mapping[str, Condition] = field(default_factory=dict)
    opaque: Mapping[str, Segment] = field(default_factory=dict)
    events: Mapping[str, PlannedEvent] = field(default_factory=dict)
    facts: tuple[Condition, ...] = ()
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The arms of each test; an empty arm name stands for the rest outside all arms."""
    calendar: str | None = None
    """For the hours of events."""

    @property
    def zone_attribute(self) -> str | None:
        return next((name for name, a in self.attributes.items() if a.type == "zone"), None)

    @property
    def set_by_events(self) -> frozenset[str]:
        return frozenset(name for event in self.events.values() for name in event.sets)


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """A campaign with its conditions read: ``audiences`` has one condition for each of its touches, arm included."""

    model: Campaign
    place: Place
    timezone: str
    audiences: tuple[Condition, ...]

    @property
    def name(self) -> str:
        return self.model.campaign


@dataclass(frozen=True, slots=True)
class PlannedService:
    model: Service
    place: Place
    audience: Condition


@dataclass(frozen=True, slots=True)
class PlannedOffer:
    """An offer of a campaign, whose status it shares, or a standing one of a price book."""

    model: Offer
    place: Place
    eligible: Condition
    campaign: str | None = None
    book: str | None = None
    status: str = "live"
    triggered: bool = False
    ended_on: date | None = None
    stacks: frozenset[str] = frozenset()
    """What it can be combined with, whichever of the two says so."""
    on_top: bool = False
    """A voucher: free, and had only on top of something of its product that is not."""

    @property
    def name(self) -> str:
        return self.model.offer

    @property
    def last(self) -> date | None:
        """The last day on which it is open, as far as it is stated."""
        return min((day for day in (self.model.until, self.ended_on) if day), default=None)


@dataclass(frozen=True, slots=True)
class Plan:
    """All campaigns, services and offers together, with the words and customers they speak of."""

    words: Words
    customers: CustomerModel
    timezone: str
    calendar: str | None
    stated_period: tuple[date, date] | None
    campaigns: tuple[PlannedCampaign, ...] = ()
    services: tuple[PlannedService, ...] = ()
    offers: tuple[PlannedOffer, ...] = ()
    ledgers: tuple[PlannedLedger, ...] = ()
    prices: tuple[PastPrice, ...] = ()
    """What products cost before the plan, from price histories."""
    broken: tuple[str, ...] = ()
    """Names of documents or files that could not be read: the plan is incomplete."""
