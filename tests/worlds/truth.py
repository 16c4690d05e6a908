"""What rules of touches mean for one customer, the plain way: where what they get breaks a rule, and how far it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations, permutations
from typing import Any

from tactful.engine.clocks import TICK, day_of, midnight, shift
from tactful.engine.hours import is_open
from tactful.engine.plan.conditions import EVERYONE, Condition
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import (
    Customer,
    Since,
    admits,
    asked_too_much,
    fits,
    no_recent_event,
    over_cap,
    received_dated,
    received_triggered,
    too_soon,
    wrong_mix,
)
from tactful.engine.sends.timeline import Send
from tactful.engine.windows import Per, Window, window_ending

from tests.worlds.comparing import World

Broken = dict[str, Decimal]
"""The campaigns at which a rule is broken, with the measure (0 where there is none)."""
Amount = Callable[[Sequence[Send]], Decimal]


def received(world: World, customer: Customer) -> list[Send]:
    """What the customer gets, drafts included."""
    dated = received_dated(customer, world.line.sends, world.model, world.zone)
    return dated + received_triggered(customer, world.line.triggered, world.plan)


def meets(world: World, condition: Condition, customer: Customer, at: datetime) -> bool:
    return condition == EVERYONE or admits(condition, customer, at, world.model, world.zone)


def of_draft(touches: Sequence[Send], draft: str | None) -> list[Send]:
    """What counts where a draft is judged, or (None) where none is."""
    return [t for t in touches if t.status != "draft" or t.campaign == draft]


def with_each_draft(touches: Sequence[Send]) -> Iterator[tuple[str | None, list[Send]]]:
    for draft in (None, *sorted({t.campaign for t in touches if t.status == "draft"})):
        yield draft, of_draft(touches, draft)


def standing(world: World, touches: Sequence[Send], draft: str | None) -> str | None:
    """The campaign at which a set stands: the draft; the latest planned dated touch to come; the last planned triggered

    campaign by name; else, of those that are not planned, the last triggered one by name, or the last touch.
    """
    late = [t for t in touches if world.late(t)]
    if draft is not None:
        return draft if any(t.campaign == draft for t in late) else None
    planned = [t for t in late if t.status == "planned"]
    if dated := [t for t in planned if t.trigger is None]:
        return max(dated, key=lambda t: t.order).campaign
    if triggered := [t.campaign for t in planned or late if t.trigger is not None]:
        return max(triggered)
    last = max(touches, key=lambda t: t.order)
    return last.campaign if world.late(last) else None


class Judge:
    """Says of each customer where rules are broken; of those who get the same, once."""

    def __init__(self, world: World, raster: timedelta | None = None) -> None:
        self.world = world
        self.raster = raster
        """How often a mix is asked for besides: where the instants at which it can change are not trusted."""
        self.known: dict[object, Broken] = {}
        self.windows: dict[object, list[Window]] = {}

    def broken(self, customer: Customer, rules: Sequence[LinkedRule[Any]]) -> Iterator[tuple[LinkedRule[Any], Broken]]:
        world = self.world
        touches = received(world, customer)
        for rule in rules:
            matching = [t for t in touches if rule.match.holds(t.fields)]
            mine = [t for t in matching if meets(world, rule.group, customer, t.at)]
            if rule.kind in ("spacing", "audience-fit") or getattr(rule.params, "since", None) is not None:
                yield rule, self._broken(rule, customer, matching, mine)
                continue
            key = (rule.id, *((t.campaign, t.index, t.at) for t in mine))
            if key not in self.known:
                self.known[key] = self._broken(rule, customer, matching, mine)
            yield rule, self.known[key]

    def _broken(self, rule: LinkedRule[Any], customer: Customer, matching: list[Send], mine: list[Send]) -> Broken:
        if rule.kind == "frequency-cap":
            return self._caps(rule, customer, mine)
        if rule.kind == "spacing":
            return dict.fromkeys(self._spacings(rule, customer, matching, mine), Decimal(0))
        if rule.kind == "mix":
            return dict.fromkeys(self._mixes(rule, mine), Decimal(0))
        if rule.kind == "give-and-ask":
            return dict.fromkeys(self._asks(rule, mine), Decimal(0))
        judged = [t for t in mine if self.world.late(t) and rule.in_effect(t.day)]
        return {t.campaign: Decimal(0) for t in judged if not self._right(rule, customer, t)}

    def _right(self, rule: LinkedRule[Any], customer: Customer, touch: Send) -> bool:
        if rule.kind == "sending-hours":
            return is_open(touch.at, rule.params.hours, self.world.zone, None)
        must, must_not = rule.conditions.get("must"), rule.conditions.get("must_not")
        return fits(customer, touch.at, must, must_not, self.world.model, self.world.zone)

    def _caps(self, rule: LinkedRule[Any], customer: Customer, mine: list[Send]) -> Broken:
        """Every set of too many in one window stands somewhere; a campaign's measure is its largest such set."""
        params, zone = rule.params, self.world.zone
        broken: Broken = {}
        since = None
        if params.since is not None:
            since = Since([at for at, name in customer.events if name in params.since.event], params.since.lasting)
            if params.since.otherwise is not None:
                late = [t for t in mine if self.world.late(t)]
                broken |= {t.campaign: Decimal(0) for t in late if no_recent_event(t, since, zone)}
        amount = amount_of(rule)
        counted = [t for t in mine if amount([t])]
        for draft, among in with_each_draft(counted):
            for together in over_cap(among, params.at_most, params.per, zone, params.each, since, amount):
                for some in self._too_many(rule, together, amount):
                    if at := standing(self.world, some, draft):
                        broken[at] = max(broken.get(at, Decimal(0)), amount(some))
        return broken

    def _too_many(self, rule: LinkedRule[Any], together: list[Send], amount: Amount) -> Iterator[Sequence[Send]]:
        for n in range(1, len(together) + 1):
            for some in combinations(together, n):
                if amount(some) > rule.params.at_most and rule.in_effect(some[-1].day):
                    yield some

    def _spacings(
        self, rule: LinkedRule[Any], customer: Customer, matching: list[Send], mine: list[Send]
    ) -> Iterator[str]:
        """Of two touches, or an event and a touch, the second comes too soon; the group is read at the second."""
        params, world = rule.params, self.world
        first, second = rule.matches.get("after"), rule.matches.get("before")
        waiting = [b for b in mine if (not second or second.holds(b.fields)) and rule.in_effect(b.day)]
        if params.events:
            acts = [at for at, name in customer.events if name in params.events]
            for b in waiting:
                reach = (b.at, b.arrives)
                if world.late(b) and any(too_soon((at, at), reach, params.at_least, world.zone) for at in acts):
                    yield b.campaign
            return
        for draft, among in with_each_draft(matching):
            for a, b in permutations(among, 2):
                if b not in waiting or (first and not first.holds(a.fields)):
                    continue
                if too_soon((a.at, a.arrives), (b.at, b.arrives), params.at_least, world.zone):
                    at = standing(world, [a, b], draft)
                    yield from [at] if at else []

    def _mixes(self, rule: LinkedRule[Any], mine: list[Send]) -> Iterator[str]:
        """Triggered touches count as they come."""
        params, part = rule.params, rule.matches["part"]

        def harms(touch: Send) -> bool:
            return part.holds(touch.fields) == (params.at_most is not None)

        for draft, among in with_each_draft(mine):
            for window in self._windows(rule, among):
                inside = [t for t in among if window.holds(t.at)]
                if not wrong_mix(inside, part, params.at_most, params.at_least, params.of_at_least):
                    continue
                harming = [t for t in inside if harms(t)]
                at = standing(self.world, harming, draft) if harming else None
                yield from [at] if at else []

    def _asks(self, rule: LinkedRule[Any], mine: list[Send]) -> Iterator[str]:
        params, kinds = rule.params, (rule.matches["give"], rule.matches["ask"])
        before = params.order == "before"
        for draft, among in with_each_draft(mine):
            for last in among:
                judged = kinds[1].holds(last.fields) and self.world.late(last) and rule.in_effect(last.day)
                if not judged or draft not in (None, last.campaign):
                    continue
                if asked_too_much(last, among, kinds, params.gives_per_ask, params.per, self.world.zone, before):
                    yield last.campaign

    def _windows(self, rule: LinkedRule[Any], among: list[Send]) -> list[Window]:
        """Those that end where a touch comes or leaves, and at each step of the raster; of those with equal content one."""
        instants = tuple(sorted({t.at for t in (self.world.line.sends if self.raster else among)}))
        if not instants:
            return []
        if (rule.id, instants) not in self.windows:
            found: dict[object, Window] = {}
            for end in sorted(self._ends(rule, instants)):
                window = window_ending(end, rule.params.per, self.world.zone)
                goes_on = window_ending(end + TICK, rule.params.per, self.world.zone).holds(end)
                if rule.params.per.calendar and goes_on:
                    continue  # a calendar unit is judged when it is over
                if rule.in_effect(day_of(end, self.world.zone)):
                    found.setdefault(tuple(at for at in instants if window.holds(at)), window)
            self.windows[rule.id, instants] = list(found.values())
        return self.windows[rule.id, instants]

    def _ends(self, rule: LinkedRule[Any], instants: Sequence[datetime]) -> set[datetime]:
        if self.raster is not None:
            at, last = instants[0] - timedelta(days=1), instants[-1] + timedelta(days=8)
            at = at.replace(minute=0, second=0, microsecond=0)
            steps = {at + n * self.raster for n in range((last - at) // self.raster)}
        else:
            steps = leaving(rule.params.per, instants, self.world.zone)
        return {at + d for at in (*instants, *steps) for d in (-TICK, timedelta(), TICK)}


def leaving(per: Per, instants: Sequence[datetime], zone: str) -> set[datetime]:
    """Where touches leave a window: so long after they came, or at a midnight."""
    if per.duration is not None:
        return {shift(at, per.duration, +1, zone) for at in instants}
    first, last = day_of(instants[0], zone), day_of(instants[-1], zone)
    return {midnight(first + timedelta(days=n), zone) for n in range((last - first).days + (per.days or 7) + 1)}


def amount_of(rule: LinkedRule[Any]) -> Amount:
    """How much a list of touches counts by the words of the rule."""
    params = rule.params
    if params.count == "campaigns":
        return lambda touches: Decimal(len({t.campaign for t in touches}))
    if params.count == "senders":
        return lambda touches: Decimal(len({min(t.fields["sender"], default="") for t in touches}))
    matches = rule.match_lists.get("weights", ())
    weights = [(match, w.weight) for w, match in zip(params.weights, matches, strict=True)]

    def weight(touch: Send) -> Decimal:
        return next((w for match, w in weights if match.holds(touch.fields)), Decimal(1)) * touch.contacts

    return lambda touches: sum(map(weight, touches), Decimal(0))
