"""Events in the life of a searched customer: what they ask of them before, what they set, and those a change needs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from ..clocks import TICK, midnight, shift
from ..hours import last_open
from ..plan.conditions import (
    All,
    Condition,
    DateBetween,
    DateIs,
    HasLabels,
    InRange,
    IsFlag,
    OneOf,
    attributes_of,
)
from ..plan.plan import DAY, CustomerModel, PlannedEvent
from ..reference import UNKNOWN, Value
from ..space.dimensions import Dimension
from .model import ANY_DAY, LONG_AGO, Demand, EventAt, EventScript, SearchContext, attribute_of


def set_condition(name: str, event: PlannedEvent, model: CustomerModel, day: date) -> Condition:
    """What holds of an attribute right after an event on this day set it."""
    attribute, value = model.attributes[name], event.sets[name]
    if attribute.type == "flag":
        return IsFlag(name, value)
    if attribute.type == "number":
        return InRange(name, value, True, value, True)
    if attribute.type == "date":
        if value is None:
            return DateIs(name, False)
        first = None if attribute.changes in (None, "never") else day
        return DateBetween(name, first, day) if value is DAY else DateBetween(name, value, value)
    if attribute.type == "labels":
        rest = frozenset(attribute.values) - value
        return All((HasLabels(name, "all", value), HasLabels(name, "none", rest)))
    return OneOf(name, frozenset({value}))


def conditions_of_events(
    model: CustomerModel, conditions: Iterable[Condition], events: Iterable[tuple[date, str]]
) -> list[Condition]:
    """What the events of a scenario, and those that can change what is asked about, ask and set themselves."""
    asked = list(conditions)
    for day, name in events:
        event = model.events[name]
        asked += [event.condition, *(set_condition(word, event, model, day) for word in event.sets)]
    changing = events_that_change(model, asked)
    asked += [event.condition for event in changing]
    used = {name for condition in asked for name in attributes_of(condition)}
    for event in changing:
        asked += [
            set_condition(word, event, model, ANY_DAY)
            for word, value in event.sets.items()
            if word in used and value is not DAY
        ]
    return asked


def events_that_change(model: CustomerModel, conditions: Iterable[Condition]) -> list[PlannedEvent]:
    """The events that set what these conditions ask about, or what such an event itself asks about."""
    used = {name for condition in conditions for name in attributes_of(condition)}
    found: dict[str, PlannedEvent] = {}
    while more := {n: e for n, e in model.events.items() if n not in found and used & set(e.sets)}:
        found |= more
        used |= {name for event in more.values() for name in attributes_of(event.condition)}
    return list(found.values())


def demands_of(context: SearchContext, events: Sequence[EventAt]) -> list[Demand]:
    """What must hold just before each event, and what it has set at its instant."""
    model, space = context.space.model, context.space
    demands = []
    for at, name in events:
        event = model.events[name]
        before, day = context.day_of(at - TICK), context.day_of(at)
        demands.append(Demand(at - TICK, before, space.of(event.condition, before)))
        sets = [set_condition(word, event, model, day) for word in event.sets if word in context.attributes]
        demands.append(Demand(at, day, space.of(All(tuple(sets)), day)))
    return demands


@dataclass(frozen=True, slots=True)
class Path:
    """A cell for each instant, days that events set in place of a cell's sample, and the events that change needs."""

    cells: list[int]
    days: list[date | None]
    events: list[EventAt]


class _Way(NamedTuple):
    """Where an attribute is at an instant, how many events it took, and the way up to the instant before."""

    cost: int
    cell: int
    day: date | None
    event: EventAt | None
    before: _Way | None


def path_by_events(
    context: SearchContext,
    dimension: Dimension,
    masks: Sequence[int],
    instants: Sequence[datetime],
    script: EventScript,
    first: Iterable[int],
    never: frozenset[str] = frozenset(),
) -> Path | None:
    """The path through ``masks`` that needs the fewest events besides the fixed ones; None: no events lead through.

    ``first`` gives the cells to begin with, those that read best before the others; ``never``: events that cannot happen.
    """
    attribute = attribute_of(dimension.name)
    ways = {cell: _Way(0, cell, None, None, None) for cell in first}
    for i in range(1, len(instants)):
        setter = _setter(context, attribute, instants[i], script.events)
        changes = _changes(context, dimension, instants[i - 1], instants[i], setter, script, never)
        changes = [change for change in changes if masks[i] >> change[0] & 1]
        ways = _one_further(context, dimension, ways, changes, masks[i] if setter is None else 0)
    if not ways:
        return None
    return _path(min(ways.values(), key=lambda way: way.cost))


def _one_further(
    context: SearchContext, dimension: Dimension, ways: dict[int, _Way], changes: Sequence[Move], stays: int
) -> dict[int, _Way]:
    """For each cell the cheapest way there: as it was, in the cells of ``stays``, or changed, from wherever that can happen."""
    following: dict[int, _Way] = {}
    cheapest: dict[frozenset[str], int] = {}
    for cell, way in ways.items():
        if stays >> cell & 1 and (cell not in following or way.cost < following[cell].cost):
            following[cell] = _Way(way.cost, cell, way.day, None, way)
        possible = _possible_from(context, dimension, cell) if changes else frozenset()
        if cheapest.get(possible, way.cost + 1) <= way.cost:
            continue  # the same changes were made from a way that cost no more
        cheapest[possible] = way.cost
        for new, day, event in changes:
            cost = way.cost + (event is not None)
            if (event is None or event[1] in possible) and (new not in following or cost < following[new].cost):
                following[new] = _Way(cost, new, day, event, way)
    return following


def _path(last: _Way) -> Path:
    found = [last]
    while (before := found[-1].before) is not None:
        found.append(before)
    found.reverse()
    return Path([w.cell for w in found], [w.day for w in found], [w.event for w in found if w.event is not None])


def _setter(context: SearchContext, attribute: str, at: datetime, fixed: Sequence[EventAt]) -> PlannedEvent | None:
    events = (context.space.model.events[name] for when, name in fixed if when == at)
    return next((event for event in events if attribute in event.sets), None)


Move = tuple[int, date | None, EventAt | None]


def _changes(
    context: SearchContext,
    dimension: Dimension,
    before: datetime,
    at: datetime,
    setter: PlannedEvent | None,
    script: EventScript,
    never: frozenset[str],
) -> list[Move]:
    """Where events can bring an attribute between two instants, from wherever they can happen: a fixed one, or another."""
    attribute = attribute_of(dimension.name)
    model = context.space.model
    if setter is not None:
        today = context.day_of(at)
        return [(new, days and days[1], None) for new, days in _cells_set(context, dimension, setter, today, today)]
    found: list[Move] = []
    if at - before <= TICK:
        return found
    for name, event in model.events.items():
        if attribute not in event.sets or name in never:
            continue
        last = script.latest(name, at)
        if last <= before:
            continue
        for new, days in _cells_set(context, dimension, event, context.day_of(before + TICK), context.day_of(last)):
            end = last
            if days is not None and event.sets[attribute] is DAY:
                end = min(last, midnight(days[1] + timedelta(days=1), context.timezone) - timedelta(seconds=1))
            when = _last_free(context, name, end, script)
            if when is None or when <= before:
                continue
            if days is None or event.sets[attribute] is not DAY:
                found.append((new, days and days[1], (when, name)))
            elif context.day_of(when) >= days[0]:
                found.append((new, context.day_of(when), (when, name)))
    return found


def _possible_from(context: SearchContext, dimension: Dimension, cell: int) -> frozenset[str]:
    """The events that can happen to somebody who is in a cell of a dimension, or comes out of it by events alone."""
    key = (dimension.name, cell)
    if key not in context.possible:
        asked = {name: _cells_asked(context, dimension, event) for name, event in context.space.model.events.items()}
        cells, found = 1 << cell, set[str]()
        while more := [name for name, mask in asked.items() if name not in found and mask & cells]:
            found.update(more)
            for name in more:
                cells |= _cells_after(context, dimension, name)
        context.possible[key] = frozenset(found)
    return context.possible[key]


def _cells_asked(context: SearchContext, dimension: Dimension, event: PlannedEvent) -> int:
    """The cells in which an event can find a customer; what hangs on the day, or on what nothing here asks, is left out."""
    if attribute_of(dimension.name) not in attributes_of(event.condition) or not context.told(event.condition):
        return dimension.full
    boxes = context.space.of(event.condition, ANY_DAY)
    cells = 0
    for box in boxes:
        cells |= box.get(dimension.name, dimension.full)
    return cells


def _cells_after(context: SearchContext, dimension: Dimension, name: str) -> int:
    """The cells into which an event can bring a customer."""
    event = context.space.model.events[name]
    if attribute_of(dimension.name) not in event.sets:
        return 0
    if dimension.cuts and context.space.model.attributes[attribute_of(dimension.name)].type == "date":
        return dimension.full
    return sum({1 << new for new, _ in _cells_set(context, dimension, event, date.min, date.min)})


def cells_set_by_events(context: SearchContext, dimension: Dimension) -> int:
    """The cells into which some event can bring a customer."""
    return reduce(or_, (_cells_after(context, dimension, name) for name in context.space.model.events), 0)


def _last_free(context: SearchContext, name: str, end: datetime, script: EventScript) -> datetime | None:
    """The last instant up to ``end`` within the hours of an event and outside of what keeps it from happening."""
    model = context.space.model
    while (when := last_open(end, model.events[name].model.hours, context.timezone, model.calendar)) is not None:
        end = min(script.latest(name, when), _assumed_latest(context, name, when, script))
        if end == when or end <= LONG_AGO:
            return when if end == when else None
    return None


def _assumed_latest(context: SearchContext, name: str, when: datetime, script: EventScript) -> datetime:
    """The last instant up to ``when`` that an event which comes once in so long leaves free beside those that are set."""
    assume = context.space.model.events[name].model.assume
    if assume is None or assume.at_most > 1:
        return when
    for at in sorted((at for at, other in script.events if other == name and at != when), reverse=True):
        first, later = min(at, when), max(at, when)
        if later < shift(first, assume.per, +1, context.timezone):
            when = min(when, shift(at, assume.per, -1, context.timezone))
    return when


Days = tuple[date, date]


def _cells_set(
    context: SearchContext, dimension: Dimension, event: PlannedEvent, first: date, last: date
) -> Iterator[tuple[int, Days | None]]:
    """The cells an event can set between two days; of dates with the first and last such day in each cell."""
    attribute = attribute_of(dimension.name)
    value: Any = event.sets[attribute]
    if " label " in dimension.name:
        label = dimension.name.split(" label ")[1]
        wanted: Value = (label in value) if label else True
        yield dimension.samples.index(wanted), None
        return
    if context.space.model.attributes[attribute].type == "date":
        if value is None:
            yield 0, None
        elif value is DAY:
            yield from _day_cells(dimension, first, last)
        else:
            yield from _day_cells(dimension, value, value)
        return
    yield from ((i, None) for i, sample in enumerate(dimension.samples) if sample is not UNKNOWN and sample == value)


def _day_cells(dimension: Dimension, first: date, last: date) -> Iterator[tuple[int, Days | None]]:
    """The cells of the days between two, each with its first and last: day ``d`` is in the cell after all cuts up to ``d``."""
    cuts = dimension.cuts
    for cell in range(bisect_right(cuts, first), bisect_right(cuts, last) + 1):
        low = max(first, cuts[cell - 1]) if cell else first
        high = min(last, cuts[cell] - timedelta(days=1)) if cell < len(cuts) else last
        if low <= high:
            yield cell + 1, (low, high)
