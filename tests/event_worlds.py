"""Small random worlds in which things happen: events that ask and set, triggered campaigns, rules that count from an act.

An event can happen only in one minute of the day, so that its first and last second stand for all the instants of that day.
Every customer is tried with every choice of at most two events, in some worlds three. Before the plan he is as he is.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, product
from typing import Any

from tactful.engine.clocks import instant
from tactful.engine.hours import is_open
from tactful.engine.plan.conditions import EVERYONE, attributes_of
from tactful.engine.plan.plan import Plan
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import (
    UNKNOWN,
    Customer,
    Since,
    Value,
    admits,
    asked_too_much,
    fits,
    impossible,
    no_recent_event,
    over_cap,
    received_dated,
    received_triggered,
    set_value,
    too_soon,
)
from tactful.engine.sends.timeline import Send, timeline

FIRST = date(2026, 3, 9)
DAYS = 3
ZONE = "Asia/Shanghai"
MINUTE = {"visit": "10:00", "done": "15:00"}


def some_world(rng: random.Random) -> list[dict[str, Any]]:
    attributes: dict[str, Any] = {
        "seen": {"type": "date", "changes": rng.choice(["forward", "freely"])},
        "waiting": {"type": "flag", "changes": "freely"},
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
    }
    for name in ("seen", "waiting"):
        if rng.random() < 0.5:
            attributes[name]["always_known"] = "true"
    customers = {"attributes": attributes, "events": _events(rng)}
    moved = {word for event in customers["events"].values() for word in event.get("sets", {})}
    for name in {"seen", "waiting"} - moved:
        attributes[name]["changes"] = "never"
    last = FIRST + timedelta(days=DAYS - 1)
    documents: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": ZONE, "period": {"from": str(FIRST), "until": str(last)}},
        {"customers": customers},
    ]
    for n in range(rng.choice([0, 1, 1, 2])):
        documents.append(_dated(rng, f"d{n}"))
    for n in range(rng.choice([1, 1, 2])):
        documents.append(_triggered(rng, f"t{n}"))
    documents.append({"policy": "p", "rules": _rules(rng)})
    return documents


def _events(rng: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, at in MINUTE.items():
        hours = f"{at}-{at[:2]}:01"
        made[name] = {"hours": hours}
    if rng.random() < 0.6:
        made["visit"]["sets"] = rng.choice([{"seen": "day"}, {"waiting": "true"}, {"seen": "day", "waiting": "true"}])
    if rng.random() < 0.5:
        made["done"]["sets"] = {"waiting": "false"}
    if rng.random() < 0.3:
        made["done"]["if"] = {"waiting": "true"}
    if rng.random() < 0.2:
        made["visit"]["if"] = {"city": "a"}
    if rng.random() < 0.4:
        made["visit"]["assume"] = {"at_most": rng.choice(["1", "2"]), "per": rng.choice(["1d", "24h", "2d"])}
    return made


def _condition(rng: random.Random) -> Any:
    return rng.choice(
        [
            "everyone",
            "everyone",
            {"city": "a"},
            {"waiting": "false"},
            {"waiting": "true"},
            {"seen": {"within": "1d"}},
            {"seen": {"over": "1d"}},
            {"seen": {"over": "2d"}, "city": "b"},
            {"not": {"seen": {"within": "0d"}}},
            {"any": [{"seen": "absent"}, {"waiting": "false"}]},
        ]
    )


def _status(rng: random.Random) -> str:
    return rng.choice(["planned", "planned", "planned", "live", "draft"])


def _dated(rng: random.Random, name: str) -> dict[str, Any]:
    at = datetime.combine(FIRST, datetime.min.time()) + timedelta(
        days=rng.randrange(DAYS), hours=rng.choice([8, 10, 20])
    )
    touch: dict[str, Any] = {"channel": rng.choice(["sms", "email"]), "at": at.strftime("%Y-%m-%d %H:%M")}
    if rng.random() < 0.4:
        touch["repeat"] = {"every": "day", "count": "2"}
    made = {
        "campaign": name,
        "purpose": rng.choice(["promotion", "care"]),
        "status": _status(rng),
        "audience": _condition(rng),
        "touches": [touch],
    }
    if rng.random() < 0.25:
        made["stops_on"] = rng.choice(["visit", "done"])
    return made


def _triggered(rng: random.Random, name: str) -> dict[str, Any]:
    trigger: dict[str, Any] = {"event": rng.choice(["visit", "visit", "done"])}
    if rng.random() < 0.85:
        trigger["again_after"] = rng.choice(["12h", "24h", "1d", "2d"])
    if rng.random() < 0.2:
        trigger["stops_on"] = "done" if trigger["event"] == "visit" else "visit"
    touches: list[dict[str, Any]] = []
    for _ in range(rng.choice([1, 1, 2])):
        touch: dict[str, Any] = {"channel": rng.choice(["sms", "email"])}
        if rng.random() < 0.6:
            touch["after"] = rng.choice(["5h", "10h", "1d", "24h"])
        if rng.random() < 0.15:
            touch["audience"] = _condition(rng)
        touches.append(touch)
    made: dict[str, Any] = {
        "campaign": name,
        "purpose": rng.choice(["promotion", "care"]),
        "status": _status(rng),
        "audience": _condition(rng),
        "trigger": trigger,
        "touches": touches,
    }
    if rng.random() < 0.4:
        made["send_in"] = rng.choice(["08:00-12:00", "18:00-20:00", {"mon": "08:00-12:00", "wed": "08:00-20:00"}])
    if rng.random() < 0.2:
        made["during"] = {"from": str(FIRST + timedelta(days=1))}
    return made


def _rules(rng: random.Random) -> list[dict[str, Any]]:
    def group() -> Any:
        return rng.choice(["everyone", "everyone", _condition(rng)])

    per: list[Any] = ["24h", "12h", "1d", "2d", {"calendar": "day"}, {"days": "2"}]
    cap = {"rule": "cap", "kind": "frequency-cap", "at_most": rng.choice(["1", "1", "2"]), "per": rng.choice(per)}
    none = {"rule": "none", "kind": "frequency-cap", "at_most": "0", "match": {"channel": "sms"}, "for": group()}
    count: dict[str, Any] = {"rule": "count", "kind": "frequency-cap", "at_most": "1", "per": rng.choice(per)}
    count |= (
        {"count": "campaigns"} if rng.random() < 0.5 else {"weights": [{"match": {"channel": "sms"}, "weight": "0.5"}]}
    )
    since: dict[str, Any] = {"rule": "since", "kind": "frequency-cap", "at_most": rng.choice(["1", "2"])}
    since["since"] = {"event": rng.choice(["visit", "done", ["visit", "done"]])}
    if rng.random() < 0.7:
        since["since"]["lasting"] = rng.choice(["24h", "1d", "48h", "10h"])
        if rng.random() < 0.6:
            since["since"]["otherwise"] = "0"
    after: dict[str, Any] = {"rule": "after", "kind": "spacing", "at_least": rng.choice(["6h", "24h", "1d", "2d"])}
    if rng.random() < 0.6:
        after["after"] = {"event": rng.choice(["visit", "done"])}
    else:
        after |= rng.choice([{}, {"after": {"channel": "sms"}, "before": {"purpose": "promotion"}}])
    hours = {
        "rule": "hours",
        "kind": "sending-hours",
        "hours": rng.choice(["09:00-19:00", "08:00-21:00", "11:00-09:00"]),
    }
    fit = {"rule": "fit", "kind": "audience-fit", rng.choice(["must", "must_not"]): _fit(rng)}
    ask: dict[str, Any] = {"rule": "ask", "kind": "give-and-ask", "gives_per_ask": rng.choice(["0.5", "1", "2"])}
    ask |= {"give": {"channel": "sms"}, "ask": {"purpose": "promotion"}}
    if rng.random() < 0.7:
        ask["per"] = rng.choice(per)
    if rng.random() < 0.5:
        ask["order"] = "before"
    rules = [
        ask | {"for": group()},
        cap | {"for": group()},
        none,
        count,
        since | {"for": group()},
        after | {"for": group()},
    ]
    return [*rules, hours | {"for": group()}, fit]


def _fit(rng: random.Random) -> Any:
    while (made := _condition(rng)) == "everyone":
        pass
    return made


# --- all customers ---------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A plan, and every customer with at most so many events."""

    plan: Plan
    rules: list[LinkedRule]
    as_of: date
    most_events: int = 2

    def __post_init__(self) -> None:
        self.line = timeline(self.plan)
        self.model = self.plan.customers

    def used(self) -> set[str]:
        """The attributes that something asks for."""
        asked = [a for campaign in self.plan.campaigns for a in campaign.audiences]
        asked += [event.condition for event in self.model.events.values()]
        asked += [c for rule in self.rules for c in (rule.group, *rule.conditions.values())]
        return {name for condition in asked for name in attributes_of(condition)}

    def slots(self) -> list[tuple[datetime, str]]:
        found = []
        for n in range(-1, DAYS):
            for name, at in MINUTE.items():
                start = instant(
                    datetime.combine(FIRST + timedelta(days=n), datetime.strptime(at, "%H:%M").time()), ZONE
                )
                found += [(start + timedelta(seconds=59), name), *([(start, name)] if n >= 0 else [])]
        return sorted(found)

    def histories(self) -> list[tuple[tuple[datetime, str], ...]]:
        return [events for n in range(self.most_events + 1) for events in combinations(self.slots(), n)]

    def beginnings(self) -> list[tuple[Value, Value, str]]:
        """How a customer can be before the plan; what nothing asks for is one value."""
        before: dict[str, list[Value]] = {"seen": [None, *(FIRST - timedelta(days=n) for n in (1, 2, 4))]}
        before["waiting"] = [True, False]
        if self.model.attributes["seen"].changes == "never":
            before["seen"] += [FIRST + timedelta(days=n) for n in range(DAYS + 1)]
        for name, values in before.items():
            if not self.model.attributes[name].always_known:
                values.append(UNKNOWN)
            if name not in self.used():
                before[name] = values[:1]
        cities = ["a", "b"] if "city" in self.used() else ["a"]
        return list(product(before["seen"], before["waiting"], cities))

    def size(self) -> int:
        return len(self.histories()) * len(self.beginnings())

    def customers(self) -> Iterator[Customer]:
        histories = self.histories()
        for seen, waiting, city in self.beginnings():
            for events in histories:
                customer = self._lives({"seen": seen, "waiting": waiting}, city, events)
                if customer is not None:
                    yield customer

    def _lives(self, now: dict[str, Value], city: str, events: tuple[tuple[datetime, str], ...]) -> Customer | None:
        """The customer whose attributes follow from what he brings about; None if he cannot."""
        start = instant(datetime.combine(FIRST - timedelta(days=2), datetime.min.time()), ZONE)
        changing = [(start, dict(now))]
        for at, name in events:
            event = self.model.events[name]
            sets = {word: set_value(event, word, at, ZONE) for word in event.sets}
            if sets:
                changing.append((at, sets))
        steady = {n: v for n, v in now.items() if self.model.attributes[n].changes == "never"}
        changing[0] = (start, {n: v for n, v in now.items() if n not in steady})
        customer = Customer({"city": city, **steady}, tuple(changing), events)
        return customer if impossible(customer, self.model, [], ZONE) is None else None


def truth(world: World) -> dict[str, set[str]]:
    """For each rule the campaigns that must have a finding."""
    found: dict[str, set[str]] = {rule.id: set() for rule in world.rules}
    for customer in world.customers():
        for rule, broken in broken_for(world, customer, world.rules):
            found[rule.id] |= broken
    return found


def broken_for(world: World, customer: Customer, rules: Iterable[LinkedRule]) -> Iterator[tuple[LinkedRule, set[str]]]:
    """The campaigns at which one customer shows that a rule is broken."""
    received = received_dated(customer, world.line.sends, world.model, ZONE)
    received += received_triggered(customer, world.line.triggered, world.plan)
    for rule in rules:
        matching = [t for t in received if rule.match.holds(t.fields)]
        everyone = rule.group == EVERYONE
        grouped = [t for t in matching if everyone or admits(rule.group, customer, t.at, world.model, ZONE)]
        yield rule, _broken(world, rule, customer, matching, grouped)


def _late(world: World, touch: Send) -> bool:
    return touch.day >= world.as_of


def _broken(
    world: World, rule: LinkedRule, customer: Customer, matching: list[Send], grouped: list[Send]
) -> set[str]:
    params: Any = rule.params
    if rule.kind == "spacing":
        return _spaced(world, rule, customer, matching, grouped)
    if rule.kind == "frequency-cap":
        return _capped(world, rule, customer, grouped)
    if rule.kind == "give-and-ask":
        return _asked(world, rule, grouped)
    broken = set()
    for touch in grouped:
        if not (_late(world, touch) and rule.in_effect(touch.day)):
            continue
        must, must_not = rule.conditions.get("must"), rule.conditions.get("must_not")
        if rule.kind == "sending-hours":
            bad = not is_open(touch.at, params.hours, ZONE, None)
        else:
            bad = not fits(customer, touch.at, must, must_not, world.model, ZONE)
        if bad:
            broken.add(touch.campaign)
    return broken


def _asked(world: World, rule: LinkedRule, grouped: list[Send]) -> set[str]:
    params: Any = rule.params
    kinds = (rule.matches["give"], rule.matches["ask"])
    found = set()
    for draft in (None, *sorted({t.campaign for t in grouped if t.status == "draft"})):
        among = [t for t in grouped if t.status != "draft" or t.campaign == draft]
        for last in among:
            if (
                kinds[1].holds(last.fields)
                and draft in (None, last.campaign)
                and _late(world, last)
                and rule.in_effect(last.day)
            ):
                before = params.order == "before"
                if asked_too_much(last, among, kinds, params.gives_per_ask, params.per, ZONE, before):
                    found.add(last.campaign)
    return found


def _spaced(
    world: World, rule: LinkedRule, customer: Customer, matching: list[Send], grouped: list[Send]
) -> set[str]:
    params: Any = rule.params
    broken = set()
    first, second = rule.matches.get("after"), rule.matches.get("before")
    for b in grouped:
        if second and not second.holds(b.fields):
            continue
        if params.events:
            if _late(world, b) and any(
                n in params.events and too_soon(at, b.at, params.at_least, ZONE) for at, n in customer.events
            ):
                broken.add(b.campaign)
            continue
        for a in matching:
            drafts = {t.campaign for t in (a, b) if t.status == "draft"}
            if a is b or len(drafts) > 1 or (first is not None and not first.holds(a.fields)):
                continue
            stands = standing(world, [a, b], min(drafts, default=None))
            if stands and too_soon(a.at, b.at, params.at_least, ZONE):
                broken.add(stands)
    return broken


def standing(world: World, touches: list[Send], draft: str | None) -> str | None:
    """The campaign at which a set stands: the draft; the latest planned dated touch to come; the last planned

    triggered campaign by name; else, of those that are not planned, the last triggered one by name, or the last touch.
    """
    late = [t for t in touches if _late(world, t)]
    if draft is not None:
        return draft if any(t.campaign == draft for t in late) else None
    dated = [t for t in late if t.status == "planned" and t.trigger is None]
    if dated:
        return max(dated, key=lambda t: t.order).campaign
    triggered = [t.campaign for t in late if t.status == "planned"] or [
        t.campaign for t in late if t.trigger is not None
    ]
    if triggered:
        return max(triggered)
    last = max(touches, key=lambda t: t.order)
    return last.campaign if _late(world, last) else None


def _capped(world: World, rule: LinkedRule, customer: Customer, grouped: list[Send]) -> set[str]:
    params: Any = rule.params
    broken: set[str] = set()
    since = None
    if params.since is not None:
        since = Since([at for at, name in customer.events if name in params.since.event], params.since.lasting)
        if params.since.otherwise is not None:
            broken |= {t.campaign for t in grouped if _late(world, t) and no_recent_event(t, since, ZONE)}
    amount = _amount(rule)
    for draft in (None, *sorted({t.campaign for t in grouped if t.status == "draft"})):
        among = [t for t in grouped if t.status != "draft" or t.campaign == draft]
        for together in over_cap(among, params.at_most, params.per, ZONE, params.each, since, amount):
            broken |= _subsets(world, together, params.at_most, amount, draft)
    return broken


def _subsets(world: World, together: list[Send], limit: int, amount: Any, draft: str | None) -> set[str]:
    """Every set of too many stands somewhere: leave touches out, and see where the rest stands."""
    found = set()
    for n in range(1, len(together) + 1):
        for chosen in combinations(together, n):
            if amount(chosen) > limit and (stands := standing(world, list(chosen), draft)):
                found.add(stands)
    return found


def _amount(rule: LinkedRule) -> Any:
    params: Any = rule.params
    if params.count == "campaigns":
        return lambda touches: len({t.campaign for t in touches})
    if params.weights:
        return lambda touches: sum(0.5 if t.model.channel == "sms" else 1 for t in touches)
    return len
