"""Small random worlds in which things happen: events that ask and set, triggered campaigns, rules that count from an act.

An event can happen only in one minute of the day, so that its first and last second stand for all the instants of that day.
Every customer is tried with every choice of at most two events, in some worlds three. Before the plan they are as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from itertools import combinations
from typing import Any

from tactful.engine.reference import Customer

from tests.building import built
from tests.worlds.making import Draw, EventMaker, Texts
from tests.worlds.people import Events, EventWorld
from tests.worlds.truth import Judge

DAYS = 3
MINUTE = {"visit": "10:00", "done": "15:00"}
PER: tuple[Any, ...] = ("24h", "12h", "1d", "2d", {"calendar": "day"}, {"days": "2"})
MAX_CUSTOMERS = 1300


class HappeningMaker(EventMaker):
    def documents(self) -> list[Texts]:
        return [
            self.settings(DAYS),
            self.customers({name: {"hours": f"{at}-{at[:2]}:01"} for name, at in MINUTE.items()}),
            *(self.dated(f"d{n}", DAYS) for n in range(self.some(0, 1, 1, 2))),
            *(self.triggered(f"t{n}") for n in range(self.some(1, 1, 2))),
            {"policy": "p", "rules": self.rules()},
        ]

    def rules(self) -> list[Texts]:
        sms: Texts = {"channel": "sms"}
        per = (0.7, *PER)
        fit = {self.some("must", "must_not"): self.condition(1)}
        rules: list[Texts] = [
            {"rule": "cap", "kind": "frequency-cap", "at_most": self.some("1", "1", "2"), "per": self.some(*PER)},
            {"rule": "none", "kind": "frequency-cap", "at_most": "0", "match": sms},
            {"rule": "count", "kind": "frequency-cap", "at_most": "1", "per": self.some(*PER)}
            | self.some({"count": "campaigns"}, {"weights": [{"match": sms, "weight": "0.5"}]}),
            {"rule": "since", "kind": "frequency-cap", "at_most": self.some("1", "2"), "since": self.since()}
            | self.some_keys(per=(0.3, *PER)),
            {"rule": "after", "kind": "spacing", "at_least": self.some("24h", "6h", "1d", "2d")} | self.spaced(),
            {"rule": "ask", "kind": "give-and-ask", "give": sms, "ask": {"purpose": "promotion"}}
            | {"gives_per_ask": self.some("1", "0.5", "2")}
            | self.some_keys(per=per, order=(0.5, "before")),
            {"rule": "mix", "kind": "mix", "part": sms, "per": self.some(*PER), "of_at_least": self.some("1", "2")}
            | {self.some("at_most", "at_least"): self.some("50%", "0%", "33%", "60%", "100%")},
            {"rule": "hours", "kind": "sending-hours"}
            | {"hours": self.some("09:00-19:00", "08:00-21:00", "11:00-09:00")},
            {"rule": "fit", "kind": "audience-fit"} | fit,
        ]
        for rule in rules:
            rule["for"] = self.audience(0.4)
        return self.most_of(rules)

    def since(self) -> Texts:
        made: Texts = {"event": self.some("visit", "done", ["visit", "done"])}
        if self.maybe(0.7):
            made["lasting"] = self.some("24h", "1d", "48h", "10h")
            made |= self.some_keys(otherwise=(0.6, "0"))
        return made

    def spaced(self) -> Texts:
        between = {"after": {"channel": "sms"}, "before": {"purpose": "promotion"}}
        return self.some({}, between, *({"after": {"event": name}} for name in ("visit", "done", "visit")))


class HappeningWorld(EventWorld):
    @cached_property
    def judge(self) -> Judge:
        return Judge(self)

    @cached_property
    def histories(self) -> list[Events]:
        """What a customer can bring about: on the day before the plan only in the last second of a minute."""
        slots = sorted((at, name) for name in MINUTE for at in self.seconds(name, -1) if at > self.begins or at.second)
        return [events for n in range(self.most_events + 1) for events in combinations(slots, n)]

    def customers(self) -> Iterator[Customer]:
        for before in self.beginnings():
            for events in self.histories:
                customer = self.lives(before, events)
                if customer is not None:
                    yield customer

    def broken(self, customer: Customer) -> dict[str, set[str]]:
        """For each rule the campaigns at which one customer shows that it is broken."""
        return {rule.id: set(broken) for rule, broken in self.judge.broken(customer, self.rules)}


def some_world(draw: Draw) -> HappeningWorld | None:
    """A world with few enough customers, if this is one."""
    maker = HappeningMaker(draw)
    documents = maker.documents()
    as_of = maker.first + timedelta(days=maker.some(0, 0, 0, 1, DAYS - 1))
    world = HappeningWorld(documents, *built(documents), as_of, 3 if maker.maybe(0.3) else 2)
    return world if len(world.histories) * len(world.beginnings()) <= MAX_CUSTOMERS else None


def truth(world: HappeningWorld) -> dict[str, set[str]]:
    """For each rule the campaigns that must have a finding."""
    found: dict[str, set[str]] = {rule.id: set() for rule in world.rules}
    for customer in world.customers():
        for rule, broken in world.broken(customer).items():
            found[rule] |= broken
    return found
