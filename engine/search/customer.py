"""Is there one customer who meets all demands, each at its instant, and every fact? Shows them, or says there is none."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import inf

from ..clocks import TICK
from ..messages import Message, say
from ..reference import CLOCK, OTHER, UNKNOWN, Customer, Value, admits, impossible, set_value
from ..space.boxes import Box
from ..space.dimensions import Dimension, any_number, label_key
from ..windows import Window
from .budget import SearchBudget
from .happenings import demands_of, path_by_events
from .model import NO_EVENTS, Bar, Demand, EventAt, EventScript, ReachConstraint, SearchContext, attribute_of
from .result import NOBODY, Found, Result, Undecided, first_found
from .seldom_reached import by_cells
from .subtract_boxes import Key, Serving, TimedBox, joined, subtract_boxes

MAX_CHAIN = 16
"""How many events are added to a life for each one that happens in it, so that it can."""
COSTS = 4
"""So many values of a customer, or events beside them, are looked at for one step of the budget."""
MAX_REPAIRS = 400
"""How often a customer is looked for anew because a fact failed at another instant of the plan."""


def find_customer(
    context: SearchContext,
    demands: Sequence[Demand],
    budget: SearchBudget,
    constraint: ReachConstraint | None = None,
    script: EventScript = NO_EVENTS,
) -> Result[Customer]:
    """A customer who meets all demands and, at every instant of the plan, the facts; or that there is none.

    Raises BudgetExhausted, TooManyBoxes.
    """

    def ask(asked: Sequence[Demand]) -> Result[Customer]:
        return first_found(_in_one_way(context, asked, budget, constraint, way) for way in script.ways())

    told = by_cells(context, demands, constraint, budget, ask) if constraint is not None else None
    return told if told is not None else ask(demands)


def _in_one_way(
    context: SearchContext,
    demands: Sequence[Demand],
    budget: SearchBudget,
    constraint: ReachConstraint | None,
    script: EventScript,
) -> Result[Customer]:
    """The same, without a choice between events. Where one that a change needs leads nowhere, another may do as well."""
    tried: set[str] = set()
    answer = _settled(context, demands, budget, constraint, script, tried)
    if isinstance(answer, Undecided):
        for name in sorted(tried - {name for _, name in script.events}):
            without = script.with_events((), [Bar(frozenset({name}))])
            other = _settled(context, demands, budget, constraint, without, set())
            if isinstance(other, Found):
                return other
    return answer


def _settled(
    context: SearchContext,
    demands: Sequence[Demand],
    budget: SearchBudget,
    constraint: ReachConstraint | None,
    script: EventScript,
    tried: set[str],
) -> Result[Customer]:
    """The same, with the first events that do for each change; their names are added to ``tried``."""
    if script.contradicts or not context.inhabited:
        return NOBODY
    lived = script
    asked = _by_time([*demands, *demands_of(context, script.events)])
    if context.lived and context.begins is not None and asked and context.begins < asked[0].at:
        asked.insert(0, Demand(context.begins, context.day_of(context.begins), before_plan=True))
    if constraint is not None and constraint.window is None:
        asked = _by_time(
            [*asked, *(Demand(at, context.day_of(at)) for at in {at for _, at, _ in constraint.reached_by})]
        )
    for _ in range(MAX_REPAIRS):
        customer = _at_demands(context, asked, budget, constraint, lived)
        if customer is None:
            return NOBODY if lived == script else Undecided(_unsettled())
        more = tuple(event for event in customer.events if event not in lived.events)
        if more:
            tried.update(name for _, name in more)
            lived = replace(lived, events=tuple(sorted([*lived.events, *more])))
            if len(lived.events) > MAX_CHAIN * (1 + len(script.events)):
                return Undecided(_unsettled())
            asked = _by_time([*asked, *demands_of(context, more)])
            continue
        broken = None if context.plain_facts else _broken_fact(context, asked, customer)
        if broken is None:
            if customer.events and impossible(customer, context.space.model, [d.at for d in asked], context.timezone):
                return Undecided(_unsettled())
            return Found(customer)
        asked = _by_time([*asked, Demand(broken, context.day_of(broken))])
    return Undecided(
        say("the facts could not be settled over the whole plan", "无法在整个计划期内确认事实（facts）是否成立")
    )


def _by_time(demands: Iterable[Demand]) -> list[Demand]:
    return sorted(demands, key=lambda demand: demand.at)


def _unsettled() -> Message:
    return say(
        "a customer would need a chain of events that could not be settled", "客户需经历一连串事件，其可能性未能确认"
    )


def _broken_fact(context: SearchContext, asked: Sequence[Demand], customer: Customer) -> datetime | None:
    """An instant of the plan at which a fact fails for the customer; instants alike in day and values are tried once."""
    times = [demand.at for demand in asked]
    seen: set[tuple[date, int]] = set()
    for at in (*context.instants[-1:], *context.instants):
        key = (context.day_of(at), bisect_right(times, at))
        if key in seen:
            continue
        seen.add(key)
        if not all(
            admits(fact, customer, at, context.space.model, context.timezone) for fact in context.space.model.facts
        ):
            return at
    return None


def _at_demands(
    context: SearchContext,
    demands: Sequence[Demand],
    budget: SearchBudget,
    constraint: ReachConstraint | None,
    script: EventScript,
) -> Customer | None:
    expansion = TimeExpansion(context, demands, constraint.window if constraint else None)
    avoid = list(expansion.forbidden(demands))
    if constraint is not None:
        avoid += [(weight, [expansion.box(box, at) for box in boxes]) for weight, at, boxes in constraint.reached_by]
    for joint in _joints(expansion, demands, budget):
        for free in subtract_boxes(joint, avoid, constraint.at_most if constraint else 0, expansion.default, budget):
            budget.spend(len(demands) * (len(context.space.dimensions) + len(script.events)) // COSTS)
            customer = _assign(context, demands, free, expansion, script)
            if customer is not None:
                return customer
    return None


def _joints(expansion: TimeExpansion, demands: Sequence[Demand], budget: SearchBudget) -> Iterator[TimedBox]:
    """Every way to take one box of each demand, joined."""
    waiting: list[tuple[int, TimedBox]] = [(0, {})]
    while waiting:
        budget.spend()
        i, joint = waiting.pop()
        if i == len(demands):
            yield joint
            continue
        ways = [expansion.join(joint, box, demands[i]) for box in demands[i].boxes]
        waiting += [(i + 1, one) for one in reversed(ways) if one is not None]


class TimeExpansion:
    """Takes boxes at an instant to boxes over all instants: steady dimensions are shared, others are apart."""

    def __init__(self, context: SearchContext, demands: Sequence[Demand], constraint: Window | None) -> None:
        self.space, self.constraint = context.space, constraint
        self._defaults: dict[Key, int] = {}
        self.days = {demand.at: demand.day for demand in demands}
        if constraint is not None:
            within = [demand.day for demand in demands if constraint.holds(demand.at)]
            self.days[constraint.end] = min(within, default=context.day_of(constraint.end))

    def key(self, name: str, at: datetime) -> Key:
        """The dimension of an attribute at an instant: one for all instants where it never changes, or keeps still."""
        if self.space.changes(name) == "never":
            return (name, None)
        return (name, self.constraint.end if self.constraint is not None and self.constraint.holds(at) else at)

    def default(self, key: Key) -> int:
        """All cells that a dimension can be in there: a changing date is never later than its day."""
        found = self._defaults.get(key)
        if found is None:
            name, at = key
            full = self.space.dimensions[name].full
            found = self._defaults[key] = full if at is None else self.space.possible_on(name, self.days[at])
        return found

    def box(self, box: Box, at: datetime) -> TimedBox:
        """A box at an instant, over the dimensions of all instants."""
        return {self.key(name, at): mask for name, mask in box.items()}

    def join(self, joint: TimedBox, box: Box, demand: Demand) -> TimedBox | None:
        """A box over all instants that also meets a box of a demand; None if they shut each other out."""
        return joined(joint, self.box(box, demand.at), self.default)

    def forbidden(self, demands: Sequence[Demand]) -> Iterator[Serving]:
        """What no customer is, by the facts, at the instants of the demands."""
        seen: set[object] = set()
        for fact in self.space.model.facts:
            for demand in demands:
                if demand.before_plan:
                    continue
                boxes = tuple(self.box(box, demand.at) for box in self.space.against(fact, demand.day))
                key = tuple(tuple(sorted(box.items(), key=lambda item: str(item[0]))) for box in boxes)
                if boxes and key not in seen:
                    seen.add(key)
                    yield inf, boxes


# --- from cells to values --------------------------------------------------------------------------------------------


def _assign(
    context: SearchContext, demands: Sequence[Demand], joint: TimedBox, expansion: TimeExpansion, script: EventScript
) -> Customer | None:
    """Values for all dimensions at all instants of the demands, as steady as they can be; None if none lead through."""
    instants = sorted({demand.at for demand in demands})
    steady: dict[str, int] = {}
    moving: dict[datetime, dict[str, int]] = {at: {} for at in instants}
    days: list[tuple[datetime, str, date]] = []
    events = set(script.events)
    never = _never_happen(context, joint, expansion)
    for name, dimension in context.space.dimensions.items():
        if dimension.changes == "never":
            steady[name] = _pick(dimension, joint.get((name, None), expansion.default((name, None))))
            continue
        if not instants:
            continue  # nobody is asked how they change
        keys = list(dict.fromkeys(expansion.key(name, at) for at in instants))
        masks = [joint.get(key, expansion.default(key)) for key in keys]
        if attribute_of(name) in context.space.model.set_by_events:
            times = [at for _, at in keys if at is not None]
            path = path_by_events(context, dimension, masks, times, script, _best(dimension, masks[0]), never)
            if path is None:
                return None
            cells = path.cells
            set_on = dict(zip(keys, path.days, strict=True))
            days += [(at, name, day) for at in instants if (day := set_on[expansion.key(name, at)]) is not None]
            events |= set(path.events)
        else:
            free = _path(dimension, masks)
            if free is None:
                return None
            cells = free
        for at in instants:
            moving[at][name] = cells[keys.index(expansion.key(name, at))]
    values = _values(context, steady, context.space.dimensions)
    values |= _unmentioned(context)
    changing = [(at, _values(context, cells, context.space.dimensions)) for at, cells in moving.items() if cells]
    for at, name, day in days:
        next(found for when, found in changing if when == at)[name] = day
    return _with_events(context, values, changing, tuple(sorted(events)))


def _never_happen(context: SearchContext, joint: TimedBox, expansion: TimeExpansion) -> frozenset[str]:
    """The events that cannot happen to anybody here, by what they ask that never changes."""

    def fits(box: Box) -> bool:
        return all(mask & joint.get((d, None), expansion.default((d, None))) for d, mask in box.items())

    return frozenset(name for name, boxes in context.needed.items() if not any(map(fits, boxes)))


def _best(dimension: Dimension, mask: int) -> list[int]:
    """The cells of a mask, the one that reads best first."""
    first = _pick(dimension, mask)
    return [first, *(cell for cell in range(mask.bit_length()) if mask >> cell & 1 and cell != first)]


def _with_events(
    context: SearchContext,
    values: dict[str, Value],
    changing: list[tuple[datetime, dict[str, Value]]],
    events: tuple[EventAt, ...],
) -> Customer:
    """The customer with what their events set of attributes that nothing asks about."""
    model = context.space.model
    for name in sorted({word for _, event in events for word in model.events[event].sets} & set(values)):
        value = values[name]
        setters = [(at, model.events[event]) for at, event in events if name in model.events[event].sets]
        if model.attributes[name].changes in (None, "never"):
            first = set_value(setters[0][1], name, setters[0][0], context.timezone)
            values[name] = value if isinstance(value, date) and isinstance(first, date) and value <= first else first
            continue
        del values[name]
        for at, event in setters:
            changing.append((at - TICK, {name: value}))
            value = set_value(event, name, at, context.timezone)
            changing.append((at, {name: value}))
    told = sorted(changing, key=lambda entry: entry[0])
    if len(told) > 1 and told[0][0] == context.begins:
        later = told[1][1]
        told[0] = (told[0][0], {n: v for n, v in told[0][1].items() if n not in later or later[n] != v})
    return Customer(values, tuple((at, entry) for at, entry in told if entry), events)


def _pick(dimension: Dimension, mask: int) -> int:
    """The first known cell, else unknown; for dates absent if it can be, else the latest, which reads best."""
    known = mask & ~dimension.unknown or mask
    if dimension.cuts and dimension.samples[0] is None and not known & 1:
        return known.bit_length() - 1
    return (known & -known).bit_length() - 1


def _path(dimension: Dimension, masks: list[int]) -> list[int] | None:
    """A cell for each instant in order: one for all where there is one; never backwards if it changes forward."""
    common = -1
    for mask in masks:
        common &= mask
    if common:
        return [_pick(dimension, common)] * len(masks)
    if dimension.changes != "forward":
        cells = [_pick(dimension, masks[0])]
        for mask in masks[1:]:
            cells.append(cells[-1] if mask >> cells[-1] & 1 else _pick(dimension, mask))
        return cells
    return _forward(dimension, masks, known_first=True) or _forward(dimension, masks, known_first=False)


def _forward(dimension: Dimension, masks: list[int], known_first: bool) -> list[int] | None:
    """The earliest cells that never go back; a cell of not known binds nothing before or after it."""
    cells, least = [], 0
    for mask in masks:
        later = mask & ~dimension.unknown & ~((1 << least) - 1)
        unknown = mask & dimension.unknown
        if later and (known_first or not unknown):
            least = (later & -later).bit_length() - 1
            cells.append(least)
        elif unknown:
            cells.append(unknown.bit_length() - 1)
        else:
            return None
    return cells


def _values(context: SearchContext, cells: dict[str, int], dims: dict[str, Dimension]) -> dict[str, Value]:
    """From cells to what the reference evaluator reads: labels become one set, a zone also sets the clock."""
    values: dict[str, Value] = {}
    labels: dict[str, set[str]] = {}
    for name, cell in cells.items():
        sample = dims[name].samples[cell]
        attribute, is_label, label = name.partition(" label ")
        if is_label:
            labels.setdefault(attribute, set())
            if label and sample is True:
                labels[attribute].add(label)
            elif not label and sample is UNKNOWN:
                values[attribute] = UNKNOWN
        elif isinstance(sample, tuple):
            values[name], values[CLOCK] = sample
        else:
            values[name] = sample
    for attribute, has in labels.items():
        values.setdefault(attribute, frozenset(has))
    return values


def _unmentioned(context: SearchContext) -> dict[str, Value]:
    """A value for every attribute that no condition speaks of."""
    model = context.space.model
    values: dict[str, Value] = {}
    for name, attribute in model.attributes.items():
        if name in context.space.dimensions or label_key(name, "") in context.space.dimensions:
            continue
        if attribute.type == "labels":
            values[name] = frozenset()
        elif not attribute.always_known:
            values[name] = UNKNOWN
        elif attribute.type == "choice":
            values[name] = next(iter(attribute.values), OTHER)
        elif attribute.type == "flag":
            values[name] = False
        elif attribute.type == "date":
            values[name] = None
        elif attribute.type == "number":
            values[name] = any_number(attribute)
        else:
            values[name], values[CLOCK] = attribute.values[0], attribute.values[0]
    return values
