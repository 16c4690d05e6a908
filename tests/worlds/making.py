"""What all small worlds are made with: how choices are drawn, conditions of every sort, and the documents around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

Texts = dict[str, Any]
"""A document, or a part of one, as it would be written: every scalar is a text."""
Draw = Callable[[int], int]
"""Draws a number: at least 0, and less than the one it is given. 0 is the plainest choice."""
Share = tuple[Any, ...]
"""How often a key of a document is there, and its values, or what makes one."""
Shares = dict[str, Share]
T = TypeVar("T")

TESTS: dict[str, list[Any]] = {
    "choice": ["a", "b", ["a", "b"], {"not": "a"}, {"not": ["a", "b"]}],
    "flag": ["true", "false", {"not": "true"}],
    "labels": ["a", {"all": ["a", "b"]}, {"none": ["a"]}, {"any": ["a", "b"]}, {"none": ["a", "b"]}],
    "number": [
        *("1", {"at_least": "1"}, {"above": "1"}, {"at_most": "2"}, {"at_least": "1", "below": "3"}, {"below": "2"}),
    ],
}
"""What can be asked of an attribute of each type but dates; its values are ``a`` and ``b``, or 0 to 3."""


class Maker:
    """Makes the documents of one world. Of each choice the first option is the plainest: what fails shrinks towards it."""

    zone = "Asia/Shanghai"
    first = date(2026, 3, 9)

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.attributes: Texts = {}
        self.segments: Texts = {}

    # --- choices ---

    def some(self, *options: T) -> T:
        return options[self.draw(len(options))]

    def maybe(self, share: float) -> bool:
        return self.draw(100) >= 100 - round(100 * share)

    def sample(self, options: Sequence[T], number: int) -> list[T]:
        """So many different ones of the options."""
        left = list(options)
        return [left.pop(self.draw(len(left))) for _ in range(number)]

    def several(self, make: Callable[[], T], *numbers: int) -> list[T]:
        """One of these numbers of things."""
        return [make() for _ in range(self.some(*numbers))]

    def some_keys(self, **shares: Share) -> Texts:
        """Those keys of a document that are there, each with its share."""
        return {key: self.value(*options) for key, (share, *options) in shares.items() if self.maybe(share)}

    def value(self, *options: Any) -> Any:
        """One of the options, made if it is to be made."""
        option = self.some(*options)
        return option() if callable(option) else option

    def varied(self, made: Texts, fields: Shares, often: Sequence[str], *numbers: int) -> Texts:
        """The same, but for so many of these fields, some of them often: said anew, or left out if they can be."""
        varied = dict(made)
        for _ in range(self.some(*numbers)):
            key = self.some(*fields, *often)
            share, *options = fields[key]
            if share < 1 and self.maybe(0.25):
                varied.pop(key, None)
            else:
                varied[key] = self.value(*options)
        return varied

    def most_of(self, options: Sequence[T]) -> list[T]:
        """Nearly all of the options, in their order, but at least one."""
        return [one for one in options if self.maybe(0.95)] or list(options[:1])

    # --- time ---

    def day(self, number: int) -> str:
        return str(self.first + timedelta(days=number))

    def settings(self, days: int, **more: Any) -> Texts:
        """``tactful.yaml`` with a period of so many days."""
        period = {"from": self.day(0), "until": self.day(days - 1)}
        return {"tactful": "1", "timezone": self.zone, "period": period, **more}

    # --- conditions ---

    def condition(self, depth: int = 0) -> Any:
        if depth and self.maybe(0.35):
            parts = [self.condition(depth - 1) for _ in range(2)]
            return self.some({"any": parts}, {"all": parts}, {"not": parts[0]})
        names = self.sample(list(self.attributes), min(len(self.attributes), self.some(1, 1, 2)))
        return {name: self.test(self.attributes[name]) for name in names}

    def test(self, attribute: Texts) -> Any:
        if attribute["type"] != "date":
            return self.some(*TESTS[attribute["type"]])
        days: list[Any] = [{"within": "1d"}, {"within": "2d"}, {"over": "1d"}, {"over": "2d"}, "absent", "present"]
        days += [{"from": self.day(1)}, {"until": self.day(2)}, {"not": {"within": "1d"}}, {"within": "0d"}]
        if attribute.get("known") == "ahead":
            days += [{"ahead": {"at_least": "1d"}}, {"ahead": {"at_most": "2d"}}]
            days += [{"ahead": {"at_least": "1d", "at_most": "3d"}}, {"within": "3d"}]
        return self.some(*days)

    def audience(self, narrow: float = 0.65) -> Any:
        """Everyone, or with this share only some."""
        return self.condition(1) if self.maybe(narrow) else "everyone"

    # --- campaigns ---

    def status(self) -> str:
        return self.some("planned", "planned", "planned", "live", "draft")

    def campaign(self, name: str, touches: list[Texts], **more: Any) -> Texts:
        made: Texts = {"campaign": name, "purpose": self.some("promotion", "care"), "status": self.status()}
        return made | {"audience": self.audience(), "touches": touches} | more


class EventMaker(Maker):
    """Makes customers who were seen some day, may be waiting and live in a city, and to whom things happen that set this."""

    turns_by_itself = False
    """Whether the flag may change without an event."""
    after = ("5h", "10h", "1d", "24h")
    again = 0.85
    """How often a trigger has an ``again_after``."""

    def customers(self, events: Texts) -> Texts:
        """The document of these events, which it gives something to ask and to set."""
        self.events = list(events)
        attributes: Texts = {
            "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
            "waiting": {"type": "flag", "changes": "freely"},
            "seen": {"type": "date", "changes": self.some("forward", "freely")},
        }
        for name in ("seen", "waiting"):
            if self.maybe(0.5):
                attributes[name]["always_known"] = "true"
        self._happening(events["visit"], events[self.events[-1]])
        moved = {word for event in events.values() for word in event.get("sets", {})}
        if "seen" not in moved:
            attributes["seen"]["changes"] = "never"
        if "waiting" not in moved and not (self.turns_by_itself and self.maybe(0.7)):
            attributes["waiting"]["changes"] = "never"
        self.attributes = {name: attributes[name] for name in self.sample(list(attributes), self.some(1, 2))}
        return {"customers": {"attributes": attributes, "events": events}}

    def _happening(self, visit: Texts, other: Texts) -> None:
        if self.maybe(0.5):
            visit["sets"] = self.some({"seen": "day"}, {"waiting": "true"}, {"seen": "day", "waiting": "true"})
        if other is not visit and self.maybe(0.4):
            other["sets"] = {"waiting": "false"}
        if other is not visit and self.maybe(0.25):
            other["if"] = {"waiting": "true"}
        if self.maybe(0.2):
            visit["if"] = self.some({"city": "a"}, {"waiting": "true"})
        if self.maybe(0.4):
            visit["assume"] = {"at_most": self.some("1", "2"), "per": self.some("1d", "24h", "2d")}

    def extras(self, dated: bool) -> Texts:
        """What else a touch says."""
        return {}

    def touch(self, dated: bool) -> Texts:
        made = {"channel": self.some("sms", "email")} | self.extras(dated)
        return made | self.some_keys(audience=(0.15, lambda: self.condition(1)))

    def dated(self, name: str, days: int) -> Texts:
        """A campaign on one of so many days."""

        def touch() -> Texts:
            at = f"{self.day(self.draw(days))} {self.some('10:00', '08:00', '12:30', '20:00')}"
            repeat = self.some_keys(repeat=(0.3, {"every": "day", "count": "2"}))
            return self.touch(dated=True) | {"at": at} | repeat

        made = self.campaign(name, self.several(touch, 1, 1, 2))
        return made | self.some_keys(stops_on=(0.25, *self.events))

    def triggered(self, name: str) -> Texts:
        """A campaign that an event sets off."""

        def touch() -> Texts:
            after = self.some_keys(after=(0.55, *self.after))
            return self.touch(dated=False) | after

        trigger = {"event": self.some("visit", *self.events)}
        trigger |= self.some_keys(again_after=(self.again, "12h", "24h", "1d", "2d"), stops_on=(0.2, *self.events))
        opening = ("08:00-12:00", "18:00-20:00", "00:00-20:00", {"mon-sat": "08:00-20:00"}, {"mon": "08:00-12:00"})
        made = self.campaign(name, self.several(touch, 1, 1, 2), trigger=trigger)
        return made | self.some_keys(send_in=(0.4, *opening), during=(0.1, lambda: {"from": self.day(1)}))


class PairMaker(Maker):
    """Makes customers in two groups, mostly apart from each other, and what may have nothing to do with them."""

    starts: tuple[str, ...]
    spans = ("2d", "3d", "5d")
    """How long somebody is new."""
    numbers = (2, 2, 3)
    """How many attributes there are."""
    moving = 0.0
    """How often an attribute changes."""

    def __init__(self, draw: Draw) -> None:
        super().__init__(draw)
        self.first = date.fromisoformat(self.some(*self.starts))
        self.attributes = self.some_attributes()
        if self.maybe(0.2):
            self.segments["vip"] = {"opaque": "true", "changes": "freely" if self.maybe(self.moving) else "never"}
        self.facts = self.some_facts()
        self.favoured, self.protected = self.groups()

    def customers(self, **more: Any) -> Texts:
        made = {"attributes": self.attributes, "segments": self.segments, "facts": self.facts, **more}
        return {"customers": {key: value for key, value in made.items() if value}}

    def some_attributes(self, *more: str) -> Texts:
        texts: dict[str, Texts] = {
            "bought": {"type": "date"},
            "city": {"type": "choice", "values": ["hz", "sh"]},
            "member": {"type": "flag"},
            "orders": {"type": "number", "whole": "true", "minimum": "0"},
            "home": {"type": "choice", "values": self.some(["shop", "web"], ["shop", "web", "else"])},
        }
        chosen = self.sample(["bought", "city", "member", "orders"], self.some(*self.numbers))
        if "bought" not in chosen and self.maybe(0.6):
            chosen[0] = "bought"
        made = {name: texts[name] for name in (*chosen, *more)}
        for name, attribute in made.items():
            moves = name != "home" and self.maybe(self.moving)
            attribute["changes"] = ("forward" if name == "bought" else "freely") if moves else "never"
            if self.maybe(0.4):
                attribute["always_known"] = "true"
            if attribute["type"] == "choice" and self.maybe(0.2):
                attribute["others"] = "true"
        return made

    def some_facts(self) -> list[Texts]:
        wishes: list[tuple[set[str], Texts]] = [
            ({"bought", "orders"}, {"if": {"orders": {"above": "0"}}, "then": {"bought": "present"}}),
            ({"bought", "orders"}, {"if": {"bought": "absent"}, "then": {"orders": "0"}}),
            ({"city", "member"}, {"if": {"city": "hz"}, "then": {"member": "true"}}),
            ({"city", "orders"}, {"if": {"city": "sh"}, "then": {"orders": {"at_most": "1"}}}),
            ({"bought", "member"}, {"if": {"member": "true"}, "then": {"bought": {"over": self.spans[0]}}}),
            ({"bought", "city"}, {"if": {"city": "hz"}, "then": {"bought": "present"}}),
            ({"home", "city"}, {"if": {"home": "shop"}, "then": {"city": "hz"}}),
            ({"vip", "member"}, {"if": {"segment": "vip"}, "then": {"member": "true"}}),
        ]
        fitting = [fact for names, fact in wishes if names <= {*self.attributes, *self.segments}]
        return [self.some(*fitting)] if fitting and self.maybe(0.3) else []

    def groups(self) -> tuple[Any, Any]:
        """Favoured and protected."""
        options: list[tuple[Any, Any]] = []
        if "bought" in self.attributes:
            absent, span = {"bought": "absent"}, self.some(*self.spans)
            within, over = {"bought": {"within": span}}, {"bought": {"over": span}}
            new = {"any": [absent, within]}
            options += [(absent, {"bought": "present"}), (absent, over), (within, over), (new, over), (new, over)]
            options += [(over, new), (new, {"not": new}), (absent, {"bought": {"until": self.day(2)}})]
            options += [(within, {"any": [absent, over]})]
        if "orders" in self.attributes:
            none, more = {"orders": "0"}, {"orders": {"above": "0"}}
            options += [(none, more), (more, none), (none, {"orders": {"at_least": "2"}}), (none, {"not": none})]
        if "city" in self.attributes:
            options += [({"city": "hz"}, {"city": "sh"}), ({"city": "hz"}, {"city": {"not": "hz"}})]
        if "member" in self.attributes:
            options += [({"member": "false"}, {"member": "true"}), ({"member": "true"}, {"not": {"member": "true"}})]
        if "vip" in self.segments:
            options += [({"segment": "vip"}, {"not": {"segment": "vip"}})] * 2
        favoured, protected = self.some(*options)
        if self.maybe(0.05):
            protected = self.some("everyone", self.some(*options)[1])
        if self.maybe(0.3):
            self.segments["new"], favoured = favoured, {"segment": "new"}
        if self.maybe(0.1):
            self.segments["old"], protected = protected, {"segment": "old"}
        return favoured, protected

    def aside(self) -> Any:
        """Something that may have nothing to do with the groups."""
        options: dict[str, list[Any]] = {
            "city": ["hz", "sh", {"not": "hz"}],
            "member": ["true", "false", {"not": "true"}],
            "orders": [{"at_most": "1"}, {"above": "1"}],
            "bought": [{"over": self.spans[0]}, {"until": self.day(1)}, {"within": self.spans[-1]}],
            "home": ["shop"],
        }
        listed = [{name: test} for name in self.attributes for test in options[name]]
        return self.some(*listed, *([{"segment": "vip"}] if "vip" in self.segments else []))

    def holder(self, name: str, status: str, offers: list[Texts], day: int) -> Texts:
        """A campaign that holds offers, and sends something on a day."""
        made: Texts = {"campaign": name, "purpose": "promotion", "audience": "everyone", "offers": offers}
        if status == "triggered":
            triggered = {"trigger": {"event": "reply"}, "touches": [{"channel": "sms"}]}
            return made | triggered | {"status": self.some("planned", "live")}
        ended = {"ended_on": self.day(self.some(1, 0, 2, -1, -2))} if status == "ended" else {}
        return made | {"status": status, "touches": [{"channel": "sms", "at": f"{self.day(day)} 10:00"}]} | ended

    def differ_in(self) -> list[str]:
        names = [*self.attributes, *(name for name in self.segments if name == "vip")]
        return self.sample(names, min(len(names), self.some(1, 2)))
