"""Small random worlds of dated touches; customers are tried with every value of every attribute at each instant.

The last Sunday of March, when many clocks change, lies inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from typing import Any

from tactful.engine.clocks import TICK, day_of, midnight
from tactful.engine.plan.conditions import attributes_of
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import (
    Customer,
    Value,
    admits,
    arm_key,
    below_floor,
    days_within,
    impossible,
    opaque_key,
)
from tactful.engine.windows import Per, Window, window_from

from tests.building import built
from tests.worlds.comparing import World
from tests.worlds.making import Draw, Maker, Texts
from tests.worlds.people import values_of
from tests.worlds.truth import Broken, Judge

MAX_CUSTOMERS = 1500
PER: tuple[Any, ...] = (
    *("24h", "16h", "2d", "1d", "1w", {"days": "2"}, {"calendar": "day"}),
    *({"calendar": "week"}, {"calendar": "week", "starts": "sunday"}),
)


class PlainMaker(Maker):
    """Few attributes of any type, few touches and rules of the kinds that read nothing but touches and audiences."""

    zone = "Europe/Paris"
    first = date(2026, 3, 27)

    def documents(self) -> list[Texts]:
        kinds = self.sample(["choice", "flag", "date", "number", "labels"], self.some(1, 2, 2))
        if "date" not in kinds and self.maybe(0.5):
            kinds[0] = "date"
        self.attributes = {f"{kind}_{n}": self.attribute(kind) for n, kind in enumerate(kinds)}
        self.segments = {"near": self.condition(1), "far": self.condition(1)}
        if self.maybe(0.25):
            self.segments["listed"] = {"opaque": "true"} | ({"part_of": "near"} if self.maybe(0.5) else {})
        customers: Texts = {"attributes": self.attributes, "segments": self.segments}
        if self.maybe(0.4):
            customers["facts"] = [{"if": self.condition(), "then": self.condition()}]
        days = self.sample(range(6), self.some(1, 2, 2, 3))
        settings = self.settings(self.some(5, 6, 7))
        if self._facts_move(customers):
            del settings["period"]
        return [
            settings,
            {"customers": customers},
            {"vocabulary": {"senders": {"ann": {}, "bob": {}}}},
            *(self.some_campaign(f"c{n}", days) for n in range(self.some(1, 2, 3, 3, 4))),
            {"policy": "p", "rules": self.rules()},
        ]

    def _facts_move(self, customers: Texts) -> bool:
        """Whether facts speak of what changes: between touches too many lives would be possible to try them all."""
        told = str(customers.get("facts", "")) + str(self.segments if "part_of" in str(self.segments) else "")
        told += str(self.segments) if "segment" in told else ""
        return any(name in told for name, made in self.attributes.items() if made["changes"] != "never")

    def attribute(self, kind: str) -> Texts:
        forward = "forward" if kind in ("date", "number") else "freely"
        made: Texts = {"type": kind, "changes": self.some("never", "never", "freely", forward)}
        if kind in ("choice", "labels"):
            made["values"] = ["a", "b"]
        if kind == "number":
            made |= {"whole": "true", "minimum": "0", "maximum": "3"}
        if kind == "choice" and self.maybe(0.3):
            made["others"] = "true"
        if kind == "date" and self.maybe(0.25):
            made["known"] = "ahead"
        return made | self.some_keys(always_known=(0.4, "true"))

    def some_campaign(self, name: str, days: list[int]) -> Texts:
        def touch() -> Texts:
            at = f"{self.day(self.some(*days))} {self.some('10:00', '00:00', '02:00', '23:00')}"
            made: Texts = {"channel": self.some("sms", "email"), "at": at}
            return made | self.some_keys(sender=(0.5, "ann", "bob"), audience=(0.15, self.condition))

        made = self.campaign(name, self.several(touch, 1, 1, 2), timezone=self.some(self.zone, "Asia/Shanghai"))
        if self.maybe(0.25):
            made["audience"] = {"segment": self.some(*self.segments)}
        if self.maybe(0.2):
            made["split"] = {"test": "headline", "arm": self.some("x", "y")}
            made["split"] |= {"arms": ["x", "y"]} if self.maybe(0.5) else {}
        return made | self.some_keys(details=(0.6, *({"squad": squad} for squad in ("red", "blue", ["red", "blue"]))))

    def rules(self) -> list[Texts]:
        channel = (0.3, {"channel": "sms"})
        fit = {self.some("must", "must_not"): self.condition(1)}
        rules: list[Texts] = [
            *(self.cap() | {"rule": f"cap-{n}"} for n in range(2)),
            self.other_cap(),
            {"rule": "spacing", "kind": "spacing", "at_least": self.some("24h", "2h", "10h", "1d", "2d")},
            {"rule": "mix", "kind": "mix", "part": {"channel": "sms"}, "per": self.some(*PER)},
            self.ask(),
            {"rule": "hours", "kind": "sending-hours", "hours": self.some("03:00-22:00", "22:00-03:00")},
            {"rule": "fit", "kind": "audience-fit"} | fit,
            *({"rule": f"floor-{n}", "kind": "contact-floor"} | self.some_keys(match=channel) for n in range(2)),
        ]
        for rule in rules:
            rule["for"] = self.some("everyone", "everyone", {"segment": "near"}, self.condition(1))
            if rule["kind"] == "spacing" and self.maybe(0.5):
                rule |= {"after": {"channel": "sms"}, "before": {"purpose": "promotion"}}
            if rule["kind"] == "mix":
                rule["of_at_least"] = self.some("1", "2", "2", "3")
                rule[self.some("at_most", "at_least")] = self.some("0%", "33%", "50%", "60%", "100%")
            if rule["kind"] == "contact-floor":
                rule["at_least"] = self.some("1", "1", "2")
                rule["per"] = self.some("2d", "3d", "48h", {"days": "2"}, {"calendar": "day"})
        return self.most_of(rules)

    def cap(self) -> Texts:
        made: Texts = {"kind": "frequency-cap", "at_most": self.some("1", "1", "0", "2")}
        if made["at_most"] != "0":
            made["per"] = self.some(*PER)
        return made | self.some_keys(
            each=(0.45, "channel", "purpose", "campaign", "details.squad", "details.squad"),
            match=(0.3, {"channel": "sms"}),
            effective=(0.2, lambda: {"from": self.day(2)}),
        )

    def other_cap(self) -> Texts:
        """A cap that counts otherwise."""
        made: Texts = {"rule": "other-cap", "kind": "frequency-cap", "at_most": "1", "per": self.some(*PER)}
        if self.maybe(0.5):
            return made | {"count": self.some("campaigns", "senders")}
        weights = [{"match": {"channel": "sms"}, "weight": self.some("0.5", "2", "0")}]
        return made | {"at_most": self.some("1", "2"), "weights": weights}

    def ask(self) -> Texts:
        """A touch by sms gives, a promotion asks: some do both."""
        made: Texts = {"rule": "ask", "kind": "give-and-ask", "gives_per_ask": self.some("1", "1", "0.5", "2")}
        made |= {"give": {"channel": "sms"}, "ask": {"purpose": "promotion"}}
        return made | self.some_keys(per=(0.6, *PER), order=(0.5, "before"))


class PlainWorld(World):
    """A plan with every customer that can exist in it, values given at each instant of the plan."""

    @cached_property
    def days(self) -> list[date]:
        """The days that a date is tried on."""
        first, last = self.line.sends[0].day, self.line.sends[-1].day
        first = min(self.plan.stated_period[0], first) if self.plan.stated_period else first
        first, last = first - timedelta(days=4), max(first + timedelta(days=5), last) + timedelta(days=5)
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    @cached_property
    def instants(self) -> list[Any]:
        return sorted({touch.at for touch in self.line.sends})

    @cached_property
    def options(self) -> dict[str, list[Value]]:
        """The values of each attribute; one of those that nothing asks about."""
        found = {name: values_of(attribute, self.days) for name, attribute in self.model.attributes.items()}
        return {name: values if name in self.used else values[:1] for name, values in found.items()}

    def fixed(self) -> Iterator[dict[str, Value]]:
        """Every membership of opaque segments and arms of tests."""
        keys: dict[str, list[Value]] = {opaque_key(name): [True, False] for name in self.model.opaque}
        keys |= {arm_key(test): list(arms) for test, arms in self.model.tests.items()}
        for values in product(*keys.values()):
            yield dict(zip(keys, values, strict=True))

    def steady(self, name: str) -> bool:
        return self.model.attributes[name].changes == "never"

    @property
    def size(self) -> int:
        """How many customers there are to try, memberships and arms aside."""
        total = 1
        for name, values in self.options.items():
            total *= len(values) ** (1 if self.steady(name) else len(self.instants))
        return total

    def customers(self) -> Iterator[Customer]:
        """Every customer that can exist, with values at the instants of the plan."""
        still = [name for name in self.options if self.steady(name)]
        moving = [name for name in self.options if not self.steady(name)]
        for fixed in self.fixed():
            for values in product(*(self.options[n] for n in still)):
                base = fixed | dict(zip(still, values, strict=True))
                for paths in product(*(product(self.options[n], repeat=len(self.instants)) for n in moving)):
                    steps = [dict(zip(moving, step, strict=True)) for step in zip(*paths, strict=True)]
                    changing = tuple(zip(self.instants, steps, strict=True)) if moving else ()
                    customer = Customer(base, changing)
                    if impossible(customer, self.model, self.fact_instants, self.zone) is None:
                        yield customer

    # --- floors ---

    @cached_property
    def facts_are_steady(self) -> bool:
        """Whether facts hold of a customer always or never, so that values that stay in a window can be tried alone."""
        names = {name for fact in self.model.facts for name in attributes_of(fact)}
        return all(map(self.steady, names)) and not any(s.part_of for s in self.model.opaque.values())

    def constant(self, window: Window) -> Iterator[Customer]:
        """Every customer whose values stay as they are within the window (facts of steady attributes only)."""
        first = day_of(begins(window), self.zone)
        options = dict(self.options)
        for name, values in options.items():
            if not self.steady(name) and self.model.attributes[name].known == "past":
                options[name] = [v for v in values if not isinstance(v, date) or v <= first]
        instants = [*self.fact_instants, *days_within(window, self.zone)]
        for fixed in self.fixed():
            for chosen in product(*options.values()):
                customer = Customer(fixed | dict(zip(options, chosen, strict=True)))
                if all(admits(f, customer, at, self.model, self.zone) for f in self.model.facts for at in instants):
                    yield customer

    def least(self, rule: LinkedRule[Any]) -> int | None:
        """The fewest touches that a customer of the group can get in a window inside the period; None: enough."""
        params, least = rule.params, None
        counted = [t for t in self.line.sends if rule.match.holds(t.fields) and t.status != "draft"]
        for window in self.windows(params.per):
            if day_of(window.end, self.zone) < self.as_of or not rule.in_effect(day_of(window.end, self.zone)):
                continue
            inside = [t for t in counted if window.holds(t.at)]
            for customer in self.constant(window):
                got = [t for t in inside if admits(t.audience, customer, t.at, self.model, self.zone)]
                if len(got) >= params.at_least or (least is not None and len(got) >= least):
                    continue
                if below_floor(customer, got, window, rule.group, params.at_least, self.model, self.zone):
                    least = len(got)
        return least

    def windows(self, per: Per) -> list[Window]:
        """Windows from every hour and around every touch: a grid that knows nothing of where the search looks."""
        first, last = self.plan.stated_period or (self.line.sends[0].day, self.line.sends[-1].day)
        at, end = midnight(first, self.zone), midnight(last + timedelta(days=1), self.zone)
        starts = {at + timedelta(hours=n) - TICK for n in range((end - at) // timedelta(hours=1))}
        starts |= {at + d for at in self.instants for d in (-TICK, timedelta(), TICK)}
        found: dict[object, Window] = {}
        for window in (window_from(start, per, self.zone) for start in sorted(starts)):
            if begins(window) >= at and window.end < end:
                inside = tuple(at for at in self.instants if window.holds(at))
                days = tuple(day_of(d, self.zone) for d in days_within(window, self.zone))
                found.setdefault((inside, days), window)
        return list(found.values())


def begins(window: Window) -> Any:
    """The first instant of a window."""
    return window.start if window.closed else window.start + TICK


def some_world(draw: Draw) -> PlainWorld | None:
    """A world with few enough customers, if this is one."""
    maker = PlainMaker(draw)
    documents = maker.documents()
    world = PlainWorld(documents, *built(documents), maker.first + timedelta(days=maker.some(0, 0, 1, 3)))
    return world if world.size <= MAX_CUSTOMERS else None


def truth(world: PlainWorld) -> dict[str, Broken]:
    """For each rule, the campaigns (or group) that must have a finding, with the measure (0 where there is none)."""
    found: dict[str, Broken] = {rule.id: {} for rule in world.rules}
    judge = Judge(world, timedelta(hours=1))
    simple = [rule for rule in world.rules if rule.kind != "contact-floor"]
    for customer in world.customers():
        for rule, broken in judge.broken(customer, simple):
            for campaign, measure in broken.items():
                found[rule.id][campaign] = max(found[rule.id].get(campaign, measure), measure)
    for rule in world.rules:
        if rule.kind == "contact-floor" and world.facts_are_steady and (least := world.least(rule)) is not None:
            found[rule.id][rule.group_name] = least
    return found
