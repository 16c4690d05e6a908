"""Small random worlds, and what is true in them, found by trying every customer with the reference evaluator."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, permutations, product
from typing import Any

from tactful.engine.clocks import day_of, midnight
from tactful.engine.hours import is_open
from tactful.engine.plan.conditions import attributes_of
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.plan import Plan
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import (
    OTHER,
    UNKNOWN,
    Customer,
    Value,
    admits,
    arm_key,
    asked_too_much,
    below_floor,
    days_within,
    fits,
    impossible,
    opaque_key,
    over_cap,
    received_dated,
    too_soon,
    wrong_mix,
)
from tactful.engine.sends.timeline import Send, timeline
from tactful.engine.windows import Window, window_ending, window_from

FIRST = date(2026, 3, 27)  # the last Sunday of March, when many clocks change, lies inside
ZONE = "Europe/Paris"
TICK = timedelta(microseconds=1)


# --- making worlds ---------------------------------------------------------------------------------------------------


def some_world(rng: random.Random) -> list[dict[str, Any]]:
    """Documents of a world with few attributes, few touches and a rule of every kind."""
    attributes = {name: _attribute(rng, kind) for name, kind in _chosen(rng)}
    segments = {"near": _condition(rng, attributes, 1), "far": _condition(rng, attributes, 1)}
    customers: dict[str, Any] = {"attributes": attributes, "segments": dict(segments)}
    if rng.random() < 0.25:
        customers["segments"]["listed"] = {"opaque": "true", **({"part_of": "near"} if rng.random() < 0.5 else {})}
    if rng.random() < 0.4:
        customers["facts"] = [{"if": _condition(rng, attributes, 0), "then": _condition(rng, attributes, 0)}]
    documents: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": ZONE, "period": _period(rng)},
        {"customers": customers},
        {"vocabulary": {"senders": {"ann": {}, "bob": {}}}},
    ]
    days = sorted(rng.sample(range(6), rng.choice([1, 2, 2, 3])))
    for number in range(rng.choice([2, 3, 3, 4])):
        documents.append(_campaign(rng, number, attributes, customers["segments"], days))
    documents.append(_policy(rng, attributes, customers["segments"]))
    return documents


def _period(rng: random.Random) -> dict[str, str]:
    return {"from": str(FIRST), "until": str(FIRST + timedelta(days=rng.choice([4, 5, 6])))}


def _chosen(rng: random.Random) -> list[tuple[str, str]]:
    kinds = ["choice", "flag", "date", "number", "labels"]
    chosen = rng.sample(kinds, rng.choice([1, 2, 2]))
    if rng.random() < 0.5 and "date" not in chosen:
        chosen[0] = "date"
    return [(f"{kind}_{n}", kind) for n, kind in enumerate(chosen)]


def _attribute(rng: random.Random, kind: str) -> dict[str, Any]:
    changes = rng.choice(["never", "never", "freely", "forward" if kind in ("date", "number") else "freely"])
    made: dict[str, Any] = {"type": kind, "changes": changes}
    if kind in ("choice", "labels"):
        made["values"] = ["a", "b"]
    if kind == "choice" and rng.random() < 0.3:
        made["others"] = "true"
    if kind == "number":
        made |= {"whole": "true", "minimum": "0", "maximum": "3"}
    if kind == "date" and rng.random() < 0.25:
        made["known"] = "ahead"
    if rng.random() < 0.4:
        made["always_known"] = "true"
    return made


def _condition(rng: random.Random, attributes: dict[str, Any], depth: int) -> Any:
    if depth and rng.random() < 0.35:
        parts = [_condition(rng, attributes, depth - 1) for _ in range(2)]
        return rng.choice([{"any": parts}, {"all": parts}, {"not": parts[0]}])
    names = rng.sample(list(attributes), 1 if rng.random() < 0.7 else min(2, len(attributes)))
    return {name: _test(rng, attributes[name]) for name in names}


def _test(rng: random.Random, attribute: dict[str, Any]) -> Any:
    kind = attribute["type"]
    if kind == "choice":
        return rng.choice(["a", "b", ["a", "b"], {"not": "a"}, {"not": ["a", "b"]}])
    if kind == "flag":
        return rng.choice(["true", "false", {"not": "true"}])
    if kind == "labels":
        return rng.choice(["a", {"all": ["a", "b"]}, {"none": ["a"]}, {"any": ["a", "b"]}, {"none": ["a", "b"]}])
    if kind == "number":
        return rng.choice(
            ["1", {"at_least": "1"}, {"above": "1"}, {"at_most": "2"}, {"at_least": "1", "below": "3"}, {"below": "2"}]
        )
    days = [{"within": "1d"}, {"within": "2d"}, {"over": "1d"}, {"over": "2d"}, "absent", "present"]
    days += [
        {"from": str(FIRST + timedelta(days=1))},
        {"until": str(FIRST + timedelta(days=2))},
        {"not": {"within": "1d"}},
    ]
    if attribute.get("known") == "ahead":
        days += [{"ahead": {"at_least": "1d"}}, {"ahead": {"at_most": "2d"}}]
    return rng.choice(days)


def _campaign(
    rng: random.Random, number: int, attributes: dict[str, Any], segments: dict[str, Any], days: Sequence[int]
) -> dict[str, Any]:
    audience: Any = rng.choice(
        [
            "everyone",
            {"segment": rng.choice(list(segments))},
            _condition(rng, attributes, 2),
            _condition(rng, attributes, 1),
        ]
    )
    touches = []
    for _ in range(rng.choice([1, 1, 2])):
        at = datetime.combine(FIRST, datetime.min.time()) + timedelta(
            days=rng.choice(days), hours=rng.choice([0, 2, 10, 23])
        )
        touch: dict[str, Any] = {"channel": rng.choice(["sms", "email"]), "at": at.strftime("%Y-%m-%d %H:%M")}
        if rng.random() < 0.5:
            touch["sender"] = rng.choice(["ann", "bob"])
        if rng.random() < 0.15:
            touch["audience"] = _condition(rng, attributes, 0)
        touches.append(touch)
    made: dict[str, Any] = {
        "campaign": f"c{number}",
        "purpose": rng.choice(["promotion", "care"]),
        "status": rng.choice(["planned", "planned", "planned", "live", "draft"]),
        "timezone": rng.choice([ZONE, "Asia/Shanghai"]),
        "audience": audience,
        "touches": touches,
    }
    if rng.random() < 0.2:
        made["split"] = {"test": "headline", "arm": rng.choice(["x", "y"])} | (
            {"arms": ["x", "y"]} if rng.random() < 0.5 else {}
        )
    return made


def _policy(rng: random.Random, attributes: dict[str, Any], segments: dict[str, Any]) -> dict[str, Any]:
    def group() -> Any:
        return rng.choice(["everyone", "everyone", {"segment": "near"}, _condition(rng, attributes, 1)])

    per = [
        "24h",
        "16h",
        "2d",
        "1d",
        "1w",
        {"days": "2"},
        {"calendar": "day"},
        {"calendar": "week"},
        {"calendar": "week", "starts": "sunday"},
    ]
    rules: list[dict[str, Any]] = []
    for n in range(2):
        cap: dict[str, Any] = {
            "rule": f"cap-{n}",
            "kind": "frequency-cap",
            "at_most": rng.choice(["0", "1", "1", "2"]),
            "for": group(),
        }
        if cap["at_most"] != "0":
            cap["per"] = rng.choice(per)
        if rng.random() < 0.3:
            cap["each"] = rng.choice(["channel", "purpose"])
        if rng.random() < 0.3:
            cap["match"] = {"channel": "sms"}
        if rng.random() < 0.2:
            cap["effective"] = {"from": str(FIRST + timedelta(days=2))}
        rules.append(cap)
    rules += _newer(rng, group, per)
    rules.append(
        {"rule": "hours", "kind": "sending-hours", "hours": rng.choice(["03:00-22:00", "22:00-03:00"]), "for": group()}
    )
    fit = rng.choice(["must", "must_not"])
    rules.append({"rule": "fit", "kind": "audience-fit", fit: _condition(rng, attributes, 1), "for": group()})
    for n in range(2):
        floor: dict[str, Any] = {
            "rule": f"floor-{n}",
            "kind": "contact-floor",
            "for": group(),
            "at_least": rng.choice(["1", "1", "2"]),
        }
        floor["per"] = rng.choice(["2d", "3d", "48h", {"days": "2"}, {"calendar": "day"}])
        if rng.random() < 0.3:
            floor["match"] = {"channel": "sms"}
        rules.append(floor)
    return {"policy": "p", "rules": rules}


def _newer(rng: random.Random, group: Any, per: list[Any]) -> list[dict[str, Any]]:
    """A cap that counts otherwise, a spacing and a mix."""
    cap: dict[str, Any] = {"rule": "other-cap", "kind": "frequency-cap", "for": group(), "per": rng.choice(per)}
    if rng.random() < 0.5:
        weights = [{"match": {"channel": "sms"}, "weight": rng.choice(["0.5", "2", "0"])}]
        cap |= {"weights": weights, "at_most": rng.choice(["1", "2"])}
    else:
        cap |= {"count": rng.choice(["campaigns", "senders"]), "at_most": "1"}
    spacing: dict[str, Any] = {"rule": "spacing", "kind": "spacing", "for": group()}
    spacing["at_least"] = rng.choice(["2h", "10h", "24h", "1d", "2d"])
    if rng.random() < 0.5:
        spacing |= {"after": {"channel": "sms"}, "before": {"purpose": "promotion"}}
    mix: dict[str, Any] = {"rule": "mix", "kind": "mix", "part": {"channel": "sms"}, "for": group()}
    mix |= {"per": rng.choice(per), "of_at_least": rng.choice(["1", "2", "2", "3"])}
    mix[rng.choice(["at_most", "at_least"])] = rng.choice(["0%", "33%", "50%", "60%", "100%"])
    return [cap, spacing, mix, _ask(rng, group, per)]


def _ask(rng: random.Random, group: Any, per: list[Any]) -> dict[str, Any]:
    """A touch by sms gives, a promotion asks: some do both."""
    ask: dict[str, Any] = {"rule": "ask", "kind": "give-and-ask", "for": group()}
    ask |= {
        "give": {"channel": "sms"},
        "ask": {"purpose": "promotion"},
        "gives_per_ask": rng.choice(["0.5", "1", "1", "2"]),
    }
    if rng.random() < 0.6:
        ask["per"] = rng.choice(per)
    if rng.random() < 0.5:
        ask["order"] = "before"
    return ask


# --- all customers of a world ----------------------------------------------------------------------------------------


def values_of(attribute: Attribute, days: Sequence[date]) -> list[Value]:
    """Enough values of an attribute to tell apart whatever a condition of these worlds can."""
    values: list[Value]
    if attribute.type == "choice":
        values = [*attribute.values, *([OTHER] if attribute.others else [])]
    elif attribute.type == "flag":
        values = [True, False]
    elif attribute.type == "number":
        values = [Decimal(n) for n in range(4)]
    elif attribute.type == "labels":
        values = [frozenset(c) for n in range(3) for c in combinations(attribute.values, n)]
    else:
        values = [None, *days]
    return values if attribute.always_known else [*values, UNKNOWN]


@dataclass
class World:
    """A plan with every customer that can exist in it, values given at each instant of the plan."""

    plan: Plan
    rules: list[LinkedRule]
    as_of: date

    def __post_init__(self) -> None:
        self.line = timeline(self.plan)
        self.ended: dict[str, list[Window]] = {}
        self.touches = list(self.line.sends)
        self.instants = sorted({touch.at for touch in self.touches})
        self.model = self.plan.customers
        span = {day_of(at, ZONE) for at in self.instants} | {FIRST, FIRST + timedelta(days=5)}
        first, last = min(span) - timedelta(days=4), max(span) + timedelta(days=3)
        self.days = [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def used(self) -> list[str]:
        mentioned = [a for c in self.plan.campaigns for a in c.audiences] + list(self.model.facts)
        mentioned += [c for rule in self.rules for c in (rule.group, *rule.conditions.values())]
        return sorted({name for condition in mentioned for name in attributes_of(condition)})

    def fixed(self) -> Iterator[dict[str, Value]]:
        """Every membership of opaque segments and arms of tests."""
        keys: list[tuple[str, list[Value]]] = [(opaque_key(name), [True, False]) for name in self.model.opaque]
        keys += [(arm_key(test), list(arms)) for test, arms in self.model.tests.items()]
        for combination in product(*(values for _, values in keys)):
            yield dict(zip((name for name, _ in keys), combination, strict=True))

    def size(self) -> int:
        """How many customers there are to try."""
        total = 1
        for name in self.used():
            attribute = self.model.attributes[name]
            number = len(values_of(attribute, self.days))
            total *= number ** (len(self.instants) if attribute.changes != "never" else 1)
        return total

    def others(self) -> dict[str, Value]:
        """Some value for the attributes that nothing asks about."""
        return {
            name: values_of(attribute, [])[0]
            for name, attribute in self.model.attributes.items()
            if name not in self.used()
        }

    def customers(self) -> Iterator[Customer]:
        """Every customer that can exist, with values at the instants of the plan."""
        names = self.used()
        steady = [n for n in names if self.model.attributes[n].changes == "never"]
        moving = [n for n in names if n not in steady]
        options = {n: values_of(self.model.attributes[n], self.days) for n in names}
        rest = self.others()
        for fixed in self.fixed():
            for values in product(*(options[n] for n in steady)):
                base = {**rest, **fixed, **dict(zip(steady, values, strict=True))}
                for paths in product(*(product(options[n], repeat=len(self.instants)) for n in moving)):
                    changing = tuple(
                        (at, {n: path[i] for n, path in zip(moving, paths, strict=True)})
                        for i, at in enumerate(self.instants)
                    )
                    customer = Customer(base, changing if moving else ())
                    if impossible(customer, self.model, self.instants, ZONE) is None:
                        yield customer

    def constant(self, window: Window) -> Iterator[Customer]:
        """Every customer whose values stay as they are within the window (facts of steady attributes only)."""
        names = self.used()
        first = day_of(window.start if window.closed else window.start + TICK, ZONE)
        options = []
        for name in names:
            attribute = self.model.attributes[name]
            values = values_of(attribute, self.days)
            if attribute.changes != "never" and attribute.known == "past":
                values = [v for v in values if not isinstance(v, date) or v <= first]
            options.append(values)
        rest = self.others()
        for fixed in self.fixed():
            for chosen in product(*options):
                customer = Customer({**rest, **fixed, **dict(zip(names, chosen, strict=True))})
                asked = [*self.instants, *days_within(window, ZONE)]
                if all(admits(f, customer, at, self.model, ZONE) for f in self.model.facts for at in asked):
                    yield customer

    def facts_are_steady(self) -> bool:
        return all(
            self.model.attributes[n].changes == "never" for f in self.model.facts for n in attributes_of(f)
        ) and not any(s.part_of for s in self.model.opaque.values())


# --- what is true, the plain way -------------------------------------------------------------------------------------


def truth(world: World) -> dict[str, dict[str, int]]:
    """For each rule, the campaigns (or group) that must have a finding, with the measure (0 where there is none)."""
    found: dict[str, dict[str, int]] = {rule.id: {} for rule in world.rules}
    simple = [rule for rule in world.rules if rule.kind != "contact-floor"]
    for customer in world.customers():
        received = received_dated(customer, world.touches, world.model, ZONE)
        for rule in simple:
            mine = [
                t
                for t in received
                if rule.match.holds(t.fields) and admits(rule.group, customer, t.at, world.model, ZONE)
            ]
            for campaign, measure in _broken_by(world, rule, customer, mine).items():
                found[rule.id][campaign] = max(found[rule.id].get(campaign, 0), measure)
    for rule in world.rules:
        if rule.kind == "contact-floor" and world.facts_are_steady():
            least = _least(world, rule)
            if least is not None:
                found[rule.id][rule.group_name] = least
    return found


def _late(world: World, touch: Send) -> bool:
    return touch.day >= world.as_of


def _broken_by(world: World, rule: LinkedRule, customer: Customer, mine: list[Send]) -> dict[str, int]:
    params: Any = rule.params
    if rule.kind == "frequency-cap":
        return _caps(world, rule, mine)
    if rule.kind == "spacing":
        return _spacings(world, rule, customer)
    if rule.kind == "mix":
        return _mixes(world, rule, mine)
    if rule.kind == "give-and-ask":
        return _asks(world, rule, mine)
    broken: dict[str, int] = {}
    for touch in mine:
        if not (_late(world, touch) and rule.in_effect(touch.day)):
            continue
        if rule.kind == "sending-hours":
            bad = not is_open(touch.at, params.hours, ZONE, None)
        else:
            bad = not fits(
                customer, touch.at, rule.conditions.get("must"), rule.conditions.get("must_not"), world.model, ZONE
            )
        if bad:
            broken[touch.campaign] = 0
    return broken


def _caps(world: World, rule: LinkedRule, mine: list[Send]) -> dict[str, int]:
    """Every set of too many in one window stands somewhere; a campaign's measure is its largest such set."""
    params: Any = rule.params
    broken: dict[str, int] = {}
    amount = _amount(rule)

    def put(touch: Send, available: list[Send]) -> None:
        broken[touch.campaign] = max(broken.get(touch.campaign, 0), amount(available))

    def over(counted: list[Send]) -> list[list[Send]]:
        return over_cap(counted, params.at_most, params.per, ZONE, params.each, amount=amount)

    counts = [t for t in mine if params.count != "touches" or amount([t])]
    base = [t for t in counts if t.status != "draft"]
    for together in over(base):
        for available, stands in _standing(world, together):
            if amount(available) > params.at_most and rule.in_effect(available[-1].day):
                put(stands, available)
    for draft in {t.campaign for t in counts if t.status == "draft"}:
        mixed = [t for t in counts if t.status != "draft" or t.campaign == draft]
        for together in over(mixed):
            for at in [t for t in together if t.campaign == draft and _late(world, t)]:
                available = [t for t in together if t.campaign != draft or t.order <= at.order]
                if amount(available) > params.at_most and rule.in_effect(available[-1].day):
                    put(at, available)
    return broken


def _amount(rule: LinkedRule) -> Any:
    """How much a list of touches counts by the words of the rule."""
    params: Any = rule.params
    if params.count == "campaigns":
        return lambda touches: len({t.campaign for t in touches})
    if params.count == "senders":
        return lambda touches: len({min(t.fields["sender"], default="") for t in touches})
    weights = [(match, w.weight) for w, match in zip(params.weights, rule.match_lists.get("weights", ()), strict=True)]

    def weight(touch: Send) -> Decimal:
        return next((w for match, w in weights if match.holds(touch.fields)), Decimal(1)) * touch.contacts

    return lambda touches: sum(map(weight, touches))


def _spacings(world: World, rule: LinkedRule, customer: Customer) -> dict[str, int]:
    params: Any = rule.params
    received = [t for t in received_dated(customer, world.touches, world.model, ZONE) if rule.match.holds(t.fields)]
    found: dict[str, int] = {}
    for a, b in permutations(received, 2):
        first, second = rule.matches.get("after"), rule.matches.get("before")
        if (first and not first.holds(a.fields)) or (second and not second.holds(b.fields)):
            continue
        if not too_soon(a.at, b.at, params.at_least, ZONE) or not rule.in_effect(b.day):
            continue
        if not admits(rule.group, customer, b.at, world.model, ZONE):
            continue
        for at in _pair_stands(world, a, b):
            found[at.campaign] = 0
    return found


def _pair_stands(world: World, a: Send, b: Send) -> list[Send]:
    """Drafts are judged alone with the rest; else the latest planned touch to come, else the last."""
    drafts = [t for t in (a, b) if t.status == "draft"]
    if len({t.campaign for t in drafts}) > 1:
        return []
    ordered = sorted((a, b), key=lambda t: t.order)
    if drafts:
        return [t for t in ordered if t in drafts and _late(world, t)][-1:]
    planned = [t for t in ordered if t.status == "planned" and _late(world, t)]
    last = (planned or ordered)[-1]
    return [last] if _late(world, last) else []


def _mixes(world: World, rule: LinkedRule, mine: list[Send]) -> dict[str, int]:
    params: Any = rule.params
    part = rule.matches["part"]
    found: dict[str, int] = {}
    drafts = sorted({t.campaign for t in mine if t.status == "draft"})
    for draft in (None, *drafts):
        among = [t for t in mine if t.status != "draft" or t.campaign == draft]
        for window in _ended(world, rule):
            inside = [t for t in among if window.holds(t.at)]
            if not wrong_mix(inside, part, params.at_most, params.at_least, params.of_at_least):
                continue
            harming = [t for t in inside if part.holds(t.fields) == (params.at_most is not None)]
            if draft is not None:
                harming = [t for t in harming if t.campaign == draft]
                standing = [t for t in harming if _late(world, t)]
            else:
                standing = [t for t in harming if t.status == "planned" and _late(world, t)] or harming
            last = max(standing, key=lambda t: t.order, default=None)
            if last is not None and _late(world, last):
                found[last.campaign] = 0
    return found


def _asks(world: World, rule: LinkedRule, mine: list[Send]) -> dict[str, int]:
    params: Any = rule.params
    kinds = (rule.matches["give"], rule.matches["ask"])
    found: dict[str, int] = {}
    for draft in (None, *sorted({t.campaign for t in mine if t.status == "draft"})):
        among = [t for t in mine if t.status != "draft" or t.campaign == draft]
        for last in among:
            if not kinds[1].holds(last.fields) or draft not in (None, last.campaign):
                continue
            bad = asked_too_much(last, among, kinds, params.gives_per_ask, params.per, ZONE, params.order == "before")
            if bad and _late(world, last) and rule.in_effect(last.day):
                found[last.campaign] = 0
    return found


def _ended(world: World, rule: LinkedRule) -> list[Window]:
    """Windows that end at every hour, and around every touch, those with equal content once."""
    params: Any = rule.params
    if rule.id in world.ended:
        return world.ended[rule.id]
    span = [min(world.instants) - timedelta(days=1), max(world.instants) + timedelta(days=8)]
    ends = {at + d for at in world.instants for d in (-TICK, timedelta(), TICK)}
    at = span[0].replace(minute=0, second=0, microsecond=0)
    while at <= span[1]:
        ends |= {at, at + TICK}
        at += timedelta(hours=1 if len(world.instants) < 4 else 2)
    windows: dict[Any, Window] = {}
    for end in sorted(ends):
        window = window_ending(end, params.per, ZONE)
        if rule.in_effect(day_of(end, ZONE)):
            windows.setdefault(tuple(a for a in world.instants if window.holds(a)), window)
    return world.ended.setdefault(rule.id, list(windows.values()))


def _standing(world: World, together: list[Send]) -> Iterator[tuple[list[Send], Send]]:
    """For each touch of a window, the largest set that stands at it: its latest planned touch still to come."""

    def eligible(touch: Send) -> bool:
        return touch.status == "planned" and _late(world, touch)

    for at in together:
        if eligible(at):
            yield [t for t in together if t.order <= at.order or not eligible(t)], at
        elif _late(world, at):
            yield [t for t in together if t.order <= at.order and not eligible(t)], at


def _least(world: World, rule: LinkedRule) -> int | None:
    """The fewest matching touches that a customer of the group can get in a window inside the period; None: enough."""
    params: Any = rule.params
    counted = [t for t in world.touches if rule.match.holds(t.fields) and t.status != "draft"]
    least: int | None = None
    for window in _all_windows(world, params.per):
        if day_of(window.end, ZONE) < world.as_of or not rule.in_effect(day_of(window.end, ZONE)):
            continue
        inside = [t for t in counted if window.holds(t.at)]
        for customer in world.constant(window):
            number = sum(admits(t.audience, customer, t.at, world.model, ZONE) for t in inside)
            if number >= params.at_least or (least is not None and number >= least):
                continue
            received = [t for t in inside if admits(t.audience, customer, t.at, world.model, ZONE)]
            if below_floor(customer, received, window, rule.group, params.at_least, world.model, ZONE):
                least = number
    return least


def _all_windows(world: World, per: Any) -> list[Window]:
    """Windows from every hour and around every touch: a grid that knows nothing of where the search looks."""
    assert world.plan.stated_period is not None
    first = midnight(world.plan.stated_period[0], ZONE)
    end = midnight(world.plan.stated_period[1] + timedelta(days=1), ZONE)
    starts = {at + d for at in world.instants for d in (-TICK, timedelta(), TICK)}
    at = first - TICK
    while at < end:
        starts.add(at)
        at += timedelta(hours=1)
    windows: dict[tuple[Any, ...], Window] = {}
    for start in sorted(starts):
        window = window_from(start, per, ZONE)
        begins = window.start if window.closed else window.start + TICK
        if begins >= first and window.end < end:
            inside = tuple(at for at in world.instants if window.holds(at))
            key = (inside, tuple(day_of(d, ZONE) for d in days_within(window, ZONE)))
            windows.setdefault(key, window)
    return list(windows.values())
