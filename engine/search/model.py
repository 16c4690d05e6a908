"""What a search is about: the space of customers, what is demanded of one at which instant, and what happens to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import chain, product

from ..clocks import TICK
from ..plan.conditions import Condition, Not, attributes_of, tells_days_apart
from ..space.boxes import EVERYWHERE, Box, Union
from ..space.dimensions import any_number
from ..space.space import Space
from ..windows import Window

EventAt = tuple[datetime, str]
ANY_DAY = date(2026, 1, 1)
"""For what is the same on every day."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def attribute_of(dimension: str) -> str:
    """The attribute that a dimension belongs to; a label has one of its own."""
    return dimension.split(" label ")[0]


@dataclass(frozen=True, slots=True)
class Demand:
    """The customer is in one of ``boxes`` at an instant; ``day`` is the date there on the plan's clock."""

    at: datetime
    day: date
    boxes: Union = (EVERYWHERE,)
    before_plan: bool = False
    """Whether facts say nothing of it yet."""


@dataclass
class SearchContext:
    """What customers of one plan are judged by: the space, the instants at which facts must hold, the plan's zone."""

    space: Space
    instants: Sequence[datetime]
    timezone: str
    day_of: Callable[[datetime], date]
    begins: datetime | None = None
    """Just before the plan: what customers are like then is free, from then on only events set what they set."""

    def __post_init__(self) -> None:
        model = self.space.model
        self.possible: dict[tuple[str, int], frozenset[str]] = {}
        """For a cell of a dimension the events that can happen from there; found once."""
        set_by_events = self.space.model.set_by_events
        self.lived = any(
            attribute_of(n) in set_by_events and d.changes != "never" for n, d in self.space.dimensions.items()
        )
        self.plain_facts = all(
            not tells_days_apart(fact) and all(self.space.changes(n) == "never" for n in self._dimensions_of(fact))
            for fact in model.facts
        )

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that something here asks about."""
        return frozenset(map(attribute_of, self.space.dimensions))

    def told(self, condition: Condition) -> bool:
        """Whether all that a condition asks is asked here at all, and on every day alike."""
        return not tells_days_apart(condition) and attributes_of(condition) <= self.attributes

    @cached_property
    def needed(self) -> dict[str, list[Box]]:
        """For events that ask of customers what never changes, the boxes of that alone."""
        asking = {n: e.condition for n, e in self.space.model.events.items() if self.told(e.condition)}
        boxes = {name: self.space.of(condition, ANY_DAY) for name, condition in asking.items()}
        return {
            n: [{d: m for d, m in b.items() if self.space.changes(d) == "never"} for b in bs] for n, bs in boxes.items()
        }

    @cached_property
    def inhabited(self) -> bool:
        """Whether there can be customers at all: a number that is always known has a value."""
        dims, attributes = self.space.dimensions, self.space.model.attributes
        numbers = {n: a for n, a in attributes.items() if a.type == "number" and a.always_known}
        return all(bool(dims[n].samples) if n in dims else any_number(a) is not None for n, a in numbers.items())

    def _dimensions_of(self, fact: Condition) -> list[str]:
        return [name for box in self.space.of(Not(fact), ANY_DAY) for name in box]


@dataclass(frozen=True, slots=True)
class ReachConstraint:
    """What may reach the customer, and a stretch of time in which attributes that change keep one value (None: none).

    ``reached_by`` holds, for each touch, how much it counts, its instant and its boxes; at most ``at_most`` may reach them.
    """

    window: Window | None
    reached_by: Sequence[tuple[float, datetime, Union]]
    at_most: float


@dataclass(frozen=True, slots=True)
class Bar:
    """Events that do not happen from ``since`` on (None: at all), up to ``until`` (None: for good), both included."""

    events: frozenset[str]
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, name: str, at: datetime) -> bool:
        """Whether it keeps an event from happening at an instant."""
        if name not in self.events:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)

    @property
    def before(self) -> datetime:
        """The last instant before it."""
        return self.since - TICK if self.since is not None else LONG_AGO


@dataclass(frozen=True, slots=True)
class EventScript:
    """What happens to the customer: ``events`` do, what ``bars`` name does not. Others may, where a change needs them.

    Of each of ``one_of`` one happens.
    """

    events: tuple[EventAt, ...] = ()
    bars: tuple[Bar, ...] = ()
    one_of: tuple[tuple[EventAt, ...], ...] = ()

    @property
    def possible(self) -> tuple[EventAt, ...]:
        """All that may be among what happens."""
        return (*self.events, *chain.from_iterable(self.one_of))

    def ways(self) -> Iterator[EventScript]:
        """The scripts without a choice that this one stands for."""
        if not self.one_of:
            yield self
            return
        for chosen in product(*(some for some in self.one_of if set(some).isdisjoint(self.events))):
            yield EventScript(tuple(sorted({*self.events, *chosen})), self.bars)

    def latest(self, name: str, at: datetime) -> datetime:
        """The last instant up to ``at`` at which an event may happen."""
        while (bar := next((bar for bar in self.bars if bar.holds(name, at)), None)) is not None and at > LONG_AGO:
            at = bar.before
        return at

    @property
    def contradicts(self) -> bool:
        """Whether something happens that must not."""
        return any(bar.holds(name, at) for bar in self.bars for at, name in self.events)

    def with_events(self, more: Sequence[EventAt], bars: Sequence[Bar] = ()) -> EventScript:
        """The same with more that happens, and more that does not."""
        events = tuple(sorted({*self.events, *more}))
        return replace(self, events=events, bars=tuple(dict.fromkeys((*self.bars, *bars))))

    def together(self, other: EventScript) -> EventScript:
        """What happens in both."""
        one_of = tuple(dict.fromkeys((*self.one_of, *other.one_of)))
        return replace(self.with_events(other.events, other.bars), one_of=one_of)


NO_EVENTS = EventScript()


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A touch as the search sees it: when, for whom (as boxes), and how much it counts."""

    at: datetime
    day: date
    boxes: tuple[Box, ...]
    weight: int = 1
    also: tuple[Demand, ...] = ()
    """What else must be so of the customer to get it."""
    script: EventScript = NO_EVENTS
    """What they bring about, and what does not happen."""
