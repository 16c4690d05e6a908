"""Small random worlds of care and of prices, and what is true in them, found by trying every customer, day and instant.

What counts as care, who is compared with whom and what a product cost is written here a second time, from the text alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import combinations, product
from typing import Any

from tactful.checker.loaded import Loaded, Origin, RawDocument
from tactful.checker.loading import finish, take
from tactful.engine.clocks import TICK, civil_shift, day_of, instant, midnight, shift
from tactful.engine.hours import is_open
from tactful.engine.plan.conditions import (
    All,
    Condition,
    DateAge,
    DateBetween,
    InOpaque,
    Not,
    Some,
    attributes_of,
    leaves,
)
from tactful.engine.plan.offers import Offer, PastPrice
from tactful.engine.plan.plan import CustomerModel, Plan, PlannedOffer, PlannedService
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import OTHER, UNKNOWN, Customer, Value, admits, opaque_key
from tactful.engine.scalars import parse_money
from tactful.engine.sends.services import acts_by, service_fields
from tactful.engine.sends.timeline import Send, timeline
from tactful.engine.windows import Per, Window, window_ending

ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Europe/Paris")
STARTS = ("2026-03-02", "2026-03-25", "2026-01-27", "2026-10-21")
"""Around the ends of months, and where the clocks of Paris change."""
VIOLATED, UNPROVEN, HELD = "violated", "unproven", "held"

Texts = dict[str, Any]


class Maker:
    """Makes the documents of one world."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.zone = self.some(*ZONES)
        self.first = date.fromisoformat(self.some(*STARTS))
        self.segments: Texts = {}
        self.attributes = self.some_attributes()
        self.facts = self.some_facts()

    def some(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def day(self, number: int) -> str:
        return str(self.first + timedelta(days=number))

    def customers(self, **more: Any) -> Texts:
        made = {"attributes": self.attributes, "segments": self.segments, "facts": self.facts, **more}
        return {"customers": {key: value for key, value in made.items() if value}}

    # --- who there is ---

    def some_attributes(self) -> Texts:
        texts: dict[str, Texts] = {
            "bought": {"type": "date"},
            "city": {"type": "choice", "values": ["hz", "sh"]},
            "member": {"type": "flag"},
            "orders": {"type": "number", "whole": "true", "minimum": "0", "maximum": "2"},
        }
        chosen = self.rng.sample(list(texts), self.some(2, 2, 3))
        if "bought" not in chosen and self.maybe(0.6):
            chosen[0] = "bought"
        made = {name: dict(texts[name]) for name in chosen}
        for name, attribute in made.items():
            attribute["changes"] = self.some("never", "never", "never", "forward" if name == "bought" else "freely")
            if self.maybe(0.4):
                attribute["always_known"] = "true"
            if attribute["type"] == "choice" and self.maybe(0.2):
                attribute["others"] = "true"
        if self.maybe(0.2):
            self.segments["vip"] = {"opaque": "true", "changes": self.some("never", "never", "freely")}
        return made

    def some_facts(self) -> list[Texts]:
        wishes: list[tuple[set[str], Texts]] = [
            ({"bought", "orders"}, {"if": {"orders": {"above": "0"}}, "then": {"bought": "present"}}),
            ({"bought", "orders"}, {"if": {"bought": "absent"}, "then": {"orders": "0"}}),
            ({"city", "member"}, {"if": {"city": "hz"}, "then": {"member": "true"}}),
            ({"city", "orders"}, {"if": {"city": "sh"}, "then": {"orders": {"at_most": "1"}}}),
            ({"bought", "member"}, {"if": {"member": "true"}, "then": {"bought": {"over": "2d"}}}),
            ({"bought", "city"}, {"if": {"city": "hz"}, "then": {"bought": "present"}}),
        ]
        fitting = [fact for names, fact in wishes if names <= set(self.attributes)]
        if "vip" in self.segments and "member" in self.attributes:
            fitting.append({"if": {"segment": "vip"}, "then": {"member": "true"}})
        return [self.some(*fitting)] if fitting and self.maybe(0.3) else []

    def groups(self) -> tuple[Any, Any]:
        """Favoured and protected: mostly apart from each other."""
        options: list[tuple[Any, Any]] = []
        if "bought" in self.attributes:
            absent, span = {"bought": "absent"}, self.some("2d", "3d", "5d")
            within, over = {"bought": {"within": span}}, {"bought": {"over": span}}
            new = {"any": [absent, within]}
            options += [(absent, {"bought": "present"}), (absent, over), (within, over), (new, over), (new, over)]
            options += [(over, new), (new, {"not": new}), (absent, {"bought": {"until": self.day(2)}})]
        if "orders" in self.attributes:
            none, some = {"orders": "0"}, {"orders": {"above": "0"}}
            options += [(none, some), (none, {"orders": {"at_least": "2"}})]
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
            self.segments["new"] = favoured
            favoured = {"segment": "new"}
        return favoured, protected

    def aside(self) -> Any:
        """Something that may have nothing to do with the groups."""
        options: list[Any] = []
        if "city" in self.attributes:
            options += [{"city": "hz"}, {"city": "sh"}, {"city": {"not": "hz"}}]
        if "member" in self.attributes:
            options += [{"member": "true"}, {"member": "false"}, {"member": {"not": "true"}}]
        if "orders" in self.attributes:
            options += [{"orders": {"at_most": "1"}}, {"orders": {"above": "1"}}]
        if "bought" in self.attributes:
            options += [{"bought": {"over": "1d"}}, {"bought": {"until": self.day(1)}}, {"bought": {"within": "3d"}}]
        if "vip" in self.segments:
            options.append({"segment": "vip"})
        return self.some(*options)


# --- who meets what, on which days -----------------------------------------------------------------------------------


class People:
    """Every customer that the conditions of a world can tell apart; days are bits, in their order."""

    def __init__(self, model: CustomerModel, zone: str, days: Sequence[date], conditions: Iterable[Condition]) -> None:
        self.model, self.zone, self.days = model, zone, list(days)
        self.asked_of = [*conditions, *model.facts]
        self.names = sorted({name for condition in self.asked_of for name in asked(condition)})
        self.all = (1 << len(self.days)) - 1
        self.tests: dict[Any, int] = {}
        self.known: dict[Any, int] = {}
        self.needs: dict[int, tuple[str, ...]] = {}
        self.kept: list[Condition] = []

    def options(self, name: str) -> list[Value]:
        """Values enough to tell apart whatever a condition of these worlds can."""
        if name not in self.model.attributes:
            return [True, False]
        attribute = self.model.attributes[name]
        values: list[Value]
        if attribute.type == "choice":
            values = [*attribute.values, *([OTHER] if attribute.others else [])]
        elif attribute.type == "flag":
            values = [True, False]
        elif attribute.type == "number":
            values = [Decimal(n) for n in range(3)]
        else:
            tests: list[Any] = [leaf for c in self.asked_of for leaf in leaves(c) if name in asked(leaf)]
            marks = {edge for t in tests if isinstance(t, DateBetween) for edge in (t.first, t.last) if edge}
            back = max((t.duration.amount for t in tests if isinstance(t, DateAge)), default=0)
            marks |= {self.days[0] - timedelta(days=back + 1), self.days[-1]}
            first, last = min(marks) - timedelta(days=1), max(marks) + timedelta(days=1)
            values = [None, *(first + timedelta(days=n) for n in range((last - first).days + 1))]
        return values if attribute.always_known else [*values, UNKNOWN]

    @cached_property
    def choices(self) -> dict[str, list[Value]]:
        return {name: self.options(name) for name in self.names}

    @property
    def number(self) -> int:
        total = 1
        for values in self.choices.values():
            total *= len(values)
        return total

    def each(self) -> Iterator[dict[str, Value]]:
        for values in product(*self.choices.values()):
            yield dict(zip(self.names, values, strict=True))

    def when(self, condition: Condition, values: dict[str, Value]) -> int:
        """The days on which a condition admits whoever has these values."""
        names = self.needs.get(id(condition))
        if names is None:
            self.kept.append(condition)
            names = self.needs[id(condition)] = tuple(sorted(asked(condition)))
        key = (id(condition), *(values[name] for name in names))
        if key not in self.known:
            self.known[key] = self._when(condition, values)
        return self.known[key]

    def _when(self, condition: Condition, values: dict[str, Value]) -> int:
        if isinstance(condition, All):
            found = self.all
            for part in condition.parts:
                found &= self._when(part, values)
            return found
        if isinstance(condition, Some):
            found = 0
            for part in condition.parts:
                found |= self._when(part, values)
            return found
        if isinstance(condition, Not):
            return self.all & ~self._when(condition.part, values)
        (name,) = asked(condition)
        key = (condition, values[name])
        if key not in self.tests:
            customer = Customer({name: values[name]})
            days = self.days if isinstance(values[name], date) else self.days[:1]
            bits = [admits(condition, customer, self.noon(day), self.model, self.zone) for day in days]
            bits = bits if len(bits) == len(self.days) else bits * len(self.days)
            self.tests[key] = sum(1 << n for n, bit in enumerate(bits) if bit)
        return self.tests[key]

    def noon(self, day: date) -> datetime:
        return instant(datetime.combine(day, time(12)), self.zone)

    def facts(self, values: dict[str, Value]) -> int:
        """The days on which there can be such a customer."""
        found = self.all
        for fact in self.model.facts:
            found &= self.when(fact, values)
        return found

    def bits(self, first: date, last: date) -> int:
        return sum(1 << n for n, day in enumerate(self.days) if first <= day <= last)

    def bit(self, day: date) -> int:
        return 1 << (day - self.days[0]).days


def asked(condition: Condition) -> set[str]:
    """The attributes and opaque segments that a condition asks for."""
    return attributes_of(condition) | {opaque_key(t.segment) for t in leaves(condition) if isinstance(t, InOpaque)}


# --- worlds of care --------------------------------------------------------------------------------------------------

GROUPS = ("gives", "within", "hours", "by", "staff", "quotas", "budget")
HOURS = (
    "08:00-20:00",
    "09:15-17:45",
    ["08:00-12:00", "13:30-20:00"],
    {"mon-fri": "09:00-18:00", "sat": "10:00-16:00"},
    "22:00-06:00",
    {"mon-sun": ["09:00-12:00", "12:00-18:15"]},
    {"fri-sun": "00:00-24:00", "wed": "10:00-11:00"},
)
WITHIN = ("0min", "15min", "30min", "45min", "2h", "5h", "12h", "1d")


class CareMaker(Maker):
    """A few campaigns and services for one group, nearly the same ones for the other, and a rule."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.favoured, self.protected = self.groups()
        self.flavour = self.some("gives", "gives", "serves", "serves", "both")
        long = self.flavour == "gives"
        self.length = self.some(10, 12, 14, 20, 31, 40) if long else self.some(2, 3, 4, 5)
        self.number = 0

    def documents(self) -> list[Texts]:
        last = self.first + timedelta(days=self.length - 1)
        settings: Texts = {"tactful": "1", "timezone": self.zone}
        if self.maybe(0.9):
            settings["period"] = {"from": str(self.first), "until": str(last)}
        gives = {"tea": {"kind": "warm"}, "tips": {"kind": "useful"}}
        made = [settings, self.customers(events={"visit": self.event()}), {"vocabulary": {"gives": gives}}]
        if self.flavour != "serves" or self.maybe(0.2):
            made += self.campaigns()
        if self.flavour != "gives":
            made += self.services()
        return [*made, {"policy": "p", "rules": [self.rule()]}]

    def event(self) -> Texts:
        made: Texts = {}
        if self.maybe(0.4):
            made["hours"] = self.some("09:00-18:00", "20:00-02:00", {"sat-sun": "10:15-10:30"}, "11:45-12:15")
        if self.maybe(0.4):
            made["channels"] = self.some(["web"], ["web", "phone"])
        return made

    def audience(self, group: Any) -> Any:
        roll = self.rng.random()
        if roll < 0.55:
            return group
        if roll < 0.65:
            return "everyone"
        if roll < 0.85:
            return {"all": [group, self.aside()]}
        return self.some(self.aside(), {"any": [group, self.aside()]})

    # --- what comes ---

    def campaigns(self) -> list[Texts]:
        template = self.campaign()
        made = [self.named(template, self.audience(self.favoured))]
        for _ in range(self.some(0, 1, 1, 1, 2)):
            made.append(self.named(self.nearly(template), self.audience(self.protected)))
        for _ in range(self.some(0, 0, 1, 2)):
            made.append(self.named(self.campaign(), self.some("everyone", self.aside(), self.protected)))
        if self.maybe(0.2):
            made.append(self.triggered())
        return made

    def named(self, campaign: Texts, audience: Any) -> Texts:
        self.number += 1
        return {"campaign": f"c{self.number}", **campaign, "audience": audience}

    def campaign(self) -> Texts:
        made: Texts = {"purpose": self.some("care", "care", "care", "content", "service", "promotion")}
        made["status"] = self.some("planned", "planned", "planned", "live", "draft", "cancelled", "ended")
        if made["status"] == "ended":
            made["ended_on"] = self.day(self.rng.randrange(self.length))
        if self.maybe(0.15):
            made["timezone"] = self.some("Europe/London", "Asia/Tokyo")
        made["touches"] = [self.touch() for _ in range(self.some(1, 1, 2))]
        if self.maybe(0.85):
            made["details"] = {"budget": self.budget()}
        if self.maybe(0.9):
            made["estimated_size"] = self.some("10", "20", "30")
        return made

    def budget(self) -> str:
        return self.some("100 CNY", "200 CNY", "100.5 CNY", "300 CNY") if self.maybe(0.97) else "100 USD"

    def touch(self) -> Texts:
        at = f"{self.day(self.rng.randrange(self.length))} {self.some('00:00', '08:00', '10:00', '23:45')}"
        made: Texts = {"channel": self.some("sms", "email"), "at": at, "gives": self.some(["tea"], ["tips"], ["tea"])}
        if self.maybe(0.1):
            made["gives"] = []
        if self.maybe(0.15):
            made["asks"] = self.some(["purchase"], ["visit"], ["visit", "purchase"])
        if self.maybe(0.4):
            made["repeat"] = {"every": "day", "step": self.some("1", "2", "3", "7"), "count": self.some("2", "3", "5")}
        if self.maybe(0.1):
            made["audience"] = self.aside()
        return made

    def nearly(self, template: Texts) -> Texts:
        """The same campaign, or with one or two changes; sometimes a touch moves by a day or two."""
        made = dict(template) | {"touches": [dict(touch) for touch in template["touches"]]}
        for _ in range(self.some(0, 0, 1, 1, 2)):
            touch = self.some(*made["touches"])
            kind = self.rng.randrange(9)
            if kind == 0:
                made["details"] = {"budget": self.budget()}
            elif kind == 1:
                made["estimated_size"] = self.some("10", "20", "30")
            elif kind == 2 and made["status"] != "ended":
                made["status"] = self.some("planned", "draft", "live")
            elif kind == 3:
                touch["channel"] = self.some("sms", "email")
            elif kind == 4:
                touch["gives"] = self.some([], ["tips"], ["tea", "tips"])
            elif kind == 5 and "repeat" in touch:
                touch["repeat"] = touch["repeat"] | {"count": self.some("2", "3", "4", "6")}
            elif kind == 6:
                made["touches"].append(self.touch())
            else:
                moved = date.fromisoformat(touch["at"][:10]) + timedelta(days=self.some(-1, 0, 1, 2))
                touch["at"] = f"{moved} {self.some(touch['at'][11:], '00:00', '10:00')}"
        return made

    def triggered(self) -> Texts:
        made = self.campaign()
        made |= {"status": self.some("planned", "live", "draft"), "trigger": {"event": self.some("visit", "reply")}}
        made.pop("ended_on", None)
        made["touches"] = [{key: touch[key] for key in ("channel", "gives")} for touch in made["touches"]]
        return self.named(made, self.some(self.favoured, self.protected, "everyone", self.aside()))

    # --- who answers ---

    def services(self) -> list[Texts]:
        template = self.service()
        made = [{"service": "n0", **template, "audience": self.audience(self.favoured)}]
        for n in range(self.some(0, 1, 1, 1, 2)):
            made.append({"service": f"e{n}", **self.nearly_served(template), "audience": self.audience(self.protected)})
        if self.maybe(0.4):
            made.append({"service": "x", **self.service(), "audience": self.some("everyone", self.aside())})
        return made

    def service(self) -> Texts:
        made: Texts = {"event": self.some(["visit"], ["visit"], ["visit", "reply"], ["reply"])}
        made |= {"channel": self.some("web", "web", "phone", "sms"), "gives": self.some([], ["tea"])}
        made |= {"within": self.some(*WITHIN), "by": self.some("human", "automatic")}
        if self.maybe(0.75):
            made["hours"] = self.some(*HOURS)
        if self.maybe(0.1):
            made["timezone"] = self.some("Asia/Tokyo", "Europe/London")
        if self.maybe(0.9):
            made |= {"on_duty": self.some("1", "2", "4"), "each_handles": self.some("10 per hour", "0.5 per minute")}
        return made

    def nearly_served(self, template: Texts) -> Texts:
        made = dict(template)
        for _ in range(self.some(0, 0, 1, 1, 2)):
            kind = self.rng.randrange(8)
            if kind == 0:
                made["within"] = self.some(*WITHIN)
            elif kind == 1:
                made["hours"] = self.some(*HOURS)
            elif kind == 2:
                made.pop("hours", None)
            elif kind == 3:
                made["by"] = self.some("human", "automatic")
            elif kind == 4:
                made["on_duty"] = self.some("1", "2", "3", "4")
            elif kind == 5:
                made["each_handles"] = self.some("10 per hour", "240 per day", "0.25 per minute", "30 per hour")
            elif kind == 6:
                made["channel"] = self.some("web", "phone")
            else:
                made["event"] = self.some(["visit"], ["visit", "reply"])
        return made

    # --- what is asked ---

    def rule(self) -> Texts:
        made: Texts = {"rule": "r", "kind": "care-parity", "favoured": self.favoured, "protected": self.protected}
        if self.maybe(0.8):
            made["compare_on"] = self.rng.sample(GROUPS, self.some(3, 4, 5, 6, 7))
        if self.flavour == "gives" or self.maybe(0.7):
            week = {"calendar": "week", "starts": self.some("sunday", "monday", "wednesday")}
            made["per"] = self.some("3d", "5d", "1w", "36h", "72h", {"days": "4"}, {"calendar": "day"}, week, "1mo")
            if self.flavour != "gives" or self.maybe(0.2):
                made["per"] = self.some("1d", "2d", "24h", {"days": str(self.length)}, f"{self.length}d")
        if self.maybe(0.1):
            made["clock"] = self.some("Asia/Tokyo", "America/New_York")
        if self.maybe(0.15):
            made["for"] = self.aside()
        if self.maybe(0.1):
            names = [*self.attributes, *(name for name in self.segments if name == "vip")]
            made["differ_in"] = self.rng.sample(names, self.some(1, 2))
        if self.maybe(0.15):
            made["match"] = self.some({"channel": ["sms", "web"]}, {"gives": "tea"}, {"channel": {"not": "phone"}})
        if self.maybe(0.1):
            day = self.day(self.some(1, self.length // 2))
            made["effective"] = self.some({"from": day}, {"until": day})
        return made


# --- what is true of care --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sort:
    """Customers between whom nothing here can tell."""

    no_recent_event: tuple[Value, ...]
    """The values of what the two of a pair have in common."""
    favoured: int
    protected: int
    """The days on which they are of a group and can exist."""
    touches: int
    served: tuple[int, ...]
    """For each service the days on which it admits them."""
    arrives: date | None
    """When a value that may change would do so by itself, within its window: such a value is not kept."""
    always: bool
    """Whether the facts hold on all days, not only on some."""


Verdicts = frozenset[str]


class CareWorld:
    """A plan with one rule, and what each aspect of it must come to."""

    def __init__(self, plan: Plan, rule: LinkedRule, as_of: date) -> None:
        self.plan, self.rule, self.as_of = plan, rule, as_of
        self.params: Any = rule.params
        self.zone = plan.timezone
        self.reaches: dict[tuple[int, str], int] = {}
        self.line = timeline(plan)
        counted = [t for t in self.line.sends if t.status != "draft"]
        self.care = [t for t in counted if self.cares(t.fields)]
        self.expand_trigger = [
            step for step in self.line.triggered if step.campaign.model.status != "draft" and self.cares(step.fields)
        ]
        self.services = [s for s in plan.services if rule.match.holds(service_fields(s, plan))]
        days = list(plan.stated_period or [touch.day for touch in self.line.sends])
        self.dated = bool(days)
        self.period = (min(days), max(days)) if days else (date(2026, 1, 1), date(2026, 12, 31))
        spoken = [*self.period, *(touch.day for touch in self.line.sends)]
        whole = [min(spoken) + timedelta(days=n) for n in range((max(spoken) - min(spoken)).days + 1)]
        self.first = max(self.period[0], as_of if self.dated else date.min, rule.first or date.min)
        self.last = min(self.period[1], rule.last or date.max)
        groups = [rule.conditions["favoured"], rule.conditions["protected"], rule.group]
        audiences = [t.audience for t in self.care] + [s.audience for s in self.expand_trigger]
        audiences += [s.audience for s in self.services]
        self.people = People(plan.customers, self.zone, whole, [*groups, *audiences])

    def cares(self, fields: Any) -> bool:
        selling = "promotion" in fields["purpose"] or "purchase" in fields["asks"]
        return bool(fields["gives"]) and not selling and self.rule.match.holds(fields)

    @cached_property
    def apart(self) -> frozenset[str]:
        """In what the two of a pair may differ."""
        model = self.plan.customers
        if self.params.differ_in:
            return frozenset(opaque_key(n) if n in model.opaque else n for n in self.params.differ_in)
        found = asked(self.rule.conditions["favoured"]) | asked(self.rule.conditions["protected"])
        while True:
            tied = set().union(*(asked(fact) for fact in model.facts if asked(fact) & found))
            if tied <= found:
                return frozenset(found)
            found |= tied

    @cached_property
    def sorts(self) -> list[Sort]:
        found = set()
        no_recent_event = [name for name in self.people.names if name not in self.apart]
        when = self.people.when
        changing = [
            name
            for name, a in self.plan.customers.attributes.items()
            if name in self.people.names and a.type == "date" and a.changes != "never"
        ]
        days = [self.people.bit(touch.day) for touch in self.care]
        for values in self.people.each():
            exists = self.people.facts(values)
            favoured = when(self.rule.conditions["favoured"], values) & exists
            protected = when(self.rule.conditions["protected"], values) & when(self.rule.group, values) & exists
            if not favoured and not protected:
                continue
            touches = 0
            for n, touch in enumerate(self.care):
                touches |= bool(when(touch.audience, values) & days[n]) << n
            served = tuple(when(service.audience, values) for service in self.services)
            moved = [value for name in changing if isinstance(value := values[name], date)]
            arrives = moved[0] if moved and self.people.days[0] < moved[0] <= self.people.days[-1] else None
            common = tuple(values[name] for name in no_recent_event)
            always = exists == self.people.all
            found.add(Sort(common, favoured, protected, touches, served, arrives, always))
        return list(found)

    @cached_property
    def judged(self) -> int:
        return self.people.bits(self.first, self.last)

    @cached_property
    def overlap(self) -> bool:
        return any(sort.favoured & sort.protected & self.judged for sort in self.sorts)

    @cached_property
    def pairs(self) -> dict[int, set[tuple[int, int]]]:
        """For each day, the sets of services (as bits) that a favoured one and a protected one like him are served by."""
        found: dict[int, set[tuple[int, int]]] = {}
        for n in range(len(self.people.days)):
            if not self.judged >> n & 1:
                continue
            favoured, protected = defaultdict(set), defaultdict(set)
            for sort in self.sorts:
                served = sum((days >> n & 1) << i for i, days in enumerate(sort.served))
                if sort.favoured >> n & 1:
                    favoured[sort.no_recent_event].add(served)
                if sort.protected >> n & 1:
                    protected[sort.no_recent_event].add(served)
            both = favoured.keys() & protected.keys()
            found[n] = {pair for key in both for pair in product(favoured[key], protected[key])}
        return found

    @cached_property
    def paired(self) -> bool:
        return any(self.pairs.values())

    def differs(self, condition: Condition) -> bool:
        """Whether a condition mentions something in which the two of a pair may differ."""
        return bool(asked(condition) & self.apart)

    def truth(self, aspect: str) -> Verdicts:
        """What an aspect may come to; several verdicts where the text leaves it open."""
        if not self.paired:
            return frozenset({HELD} if self.first <= self.last else {HELD, UNPROVEN})
        if aspect == "gives":
            return self.gives()
        if aspect == "budget":
            return self.budget()
        verdicts = {self.served(aspect, among) for among in self.reacting()}
        return frozenset({next((v for v in (VIOLATED, UNPROVEN) if v in verdicts), HELD)})

    # --- gives ---

    def gives(self) -> Verdicts:
        windows = list(self.windows())
        if any(self.fewer(window, True) for window in windows):
            return frozenset({VIOLATED})
        if any(self.fewer(window, False) for window in windows):
            return frozenset({VIOLATED, HELD})  # it hangs on whether facts hold outside the window too
        if not windows and any(self.differs(touch.audience) for touch in self.care):
            sure = any(
                self.differs(t.audience) and self._bit(t) & self.judged & self.reached(t.audience, "favoured")
                for t in self.care
            )
            return frozenset({UNPROVEN} if sure else {UNPROVEN, HELD})
        unequal = [self.reached(s.audience, "favoured") for s in self.expand_trigger if self.differs(s.audience)]
        if any(days & self.judged for days in unequal):
            return frozenset({UNPROVEN})
        return frozenset({UNPROVEN, HELD} if any(unequal) else {HELD})

    def reached(self, audience: Condition, group: str) -> int:
        """The days on which an audience reaches somebody of a group."""
        key = (id(audience), group)
        if key not in self.reaches:
            self.reaches[key] = self._reached(audience, group)
        return self.reaches[key]

    def _reached(self, audience: Condition, group: str) -> int:
        found = 0
        rule, when = self.rule, self.people.when
        for values in self.people.each():
            there = self.people.facts(values) & when(audience, values)
            if group == "favoured":
                found |= there & when(rule.conditions["favoured"], values)
            else:
                found |= there & when(rule.conditions["protected"], values) & when(rule.group, values)
        return found

    def windows(self) -> Iterator[Window]:
        """Every window inside the judged days that may hold other touches or other days than the one before."""
        if self.first > self.last:
            return
        per, clock = self.params.per, self.rule.clock
        begin, end = midnight(self.first, self.zone), midnight(self.last + timedelta(days=1), self.zone)
        for window in self._windows(per, clock, begin, end):
            if (window.start if window.closed else window.start + TICK) >= begin and window.end < end:
                yield window

    def _windows(self, per: Per, clock: str, begin: datetime, end: datetime) -> Iterator[Window]:
        if per.duration is None:
            day = day_of(begin, clock)
            while midnight(day, clock) < end:
                yield whole_window(day, per, clock)
                day += timedelta(days=1)
            return
        number = (self.last - self.first).days
        marks = {midnight(self.first + timedelta(days=n), self.zone) for n in range(number + 2)}
        marks |= {touch.at for touch in self.care}
        ends = set()
        for mark in marks:
            for near in (mark - TICK, mark, mark + TICK):
                ends |= {near, shift(near, per.duration, +1, clock)}
        for at in sorted(ends):
            yield window_ending(at, per, clock)

    def fewer(self, window: Window, always: bool) -> bool:
        """Whether a protected one gets fewer care touches than a favoured one like him."""
        first = day_of(window.start if window.closed else window.start + TICK, self.zone)
        last = day_of(window.end, self.zone)
        days = self.people.bits(first, last)
        inside = sum(1 << n for n, touch in enumerate(self.care) if window.holds(touch.at))
        most: dict[Any, int] = {}
        least: dict[Any, int] = {}
        for sort in self.sorts:
            if (sort.arrives is not None and first < sort.arrives <= last) or (always and not sort.always):
                continue
            number = (sort.touches & inside).bit_count()
            if sort.favoured & days == days:
                most[sort.no_recent_event] = max(most.get(sort.no_recent_event, 0), number)
            if sort.protected & days == days:
                least[sort.no_recent_event] = min(least.get(sort.no_recent_event, number), number)
        return any(number > least[key] for key, number in most.items() if key in least)

    # --- services ---

    def reacting(self) -> Iterator[tuple[str, list[int]]]:
        """Each event, and channel by which it comes, with the services that react to it."""
        for name, event in self.plan.customers.events.items():
            named = [n for n, s in enumerate(self.services) if name in s.model.event]
            for channel in event.model.channels or (None,):
                among = [n for n in named if channel is None or self.services[n].model.channel == channel]
                if among:
                    yield name, among

    def served(self, aspect: str, reacting: tuple[str, list[int]]) -> str:
        event, among = reacting
        if aspect in ("staff", "quotas"):
            return self.enough(aspect, among)
        worse: Callable[[list[int], list[int], datetime], bool]
        if aspect == "by":
            instants = [self.people.noon(self.people.days[n]) for n in self.pairs]
            worse = self.no_human
        else:
            instants = self.raster
            worse = self.closed if aspect == "hours" else self.later
            hours = self.plan.customers.events[event].model.hours
            if hours is not None:
                instants = [at for at in instants if is_open(at, hours, self.zone, self.plan.customers.calendar)]
        wanted = {n: {self._among(pair, among) for pair in pairs} for n, pairs in self.pairs.items()}
        for at in instants:
            number = (day_of(at, self.zone) - self.people.days[0]).days
            if any(worse(list(n), list(e), at) for n, e in wanted[number]):
                return VIOLATED
        return HELD

    def _among(self, pair: tuple[int, int], among: list[int]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(n for n in among if served >> n & 1) for served in pair)

    @cached_property
    def raster(self) -> list[datetime]:
        """Each quarter of an hour and an instant within it: hours and times to act are whole quarters."""
        at, end = midnight(self.first, self.zone), midnight(self.last + timedelta(days=1), self.zone)
        found = []
        while at < end:
            found += [at, at + timedelta(minutes=7)]
            at += timedelta(minutes=15)
        return found

    @cached_property
    def acting(self) -> dict[tuple[int, datetime], datetime | None]:
        return {(n, at): acts_by(s, at, self.plan) for n, s in enumerate(self.services) for at in self.raster}

    def later(self, n: list[int], e: list[int], at: datetime) -> bool:
        theirs = [by for s in n if (by := self.acting[s, at]) is not None]
        mine = [by for s in e if (by := self.acting[s, at]) is not None]
        return bool(theirs) and (not mine or min(mine) > min(theirs))

    def closed(self, n: list[int], e: list[int], at: datetime) -> bool:
        return any(self.open(s, at) for s in n) and not any(self.open(s, at) for s in e)

    @cached_property
    def opened(self) -> dict[tuple[int, datetime], bool]:
        return {}

    def open(self, number: int, at: datetime) -> bool:
        service: PlannedService = self.services[number]
        if service.model.hours is None:
            return True
        if (number, at) not in self.opened:
            clock, calendar = service.model.timezone or self.zone, service.model.calendar or self.plan.calendar
            self.opened[number, at] = is_open(at, service.model.hours, clock, calendar)
        return self.opened[number, at]

    def no_human(self, n: list[int], e: list[int], at: datetime) -> bool:
        def human(services: list[int]) -> bool:
            return any(self.services[s].model.by == "human" for s in services)

        return human(n) and not human(e)

    def enough(self, aspect: str, among: list[int]) -> str:
        numbers: dict[int, Decimal] = {}
        for n in among:
            model = self.services[n].model
            numbers[n] = Decimal(model.on_duty or 0)
            missing = model.on_duty is None
            if aspect == "quotas":
                schedule_key = model.each_handles
                missing |= schedule_key is None
                if schedule_key is not None:
                    numbers[n] *= schedule_key.number * self.units(n, schedule_key.unit)
            if missing and self.differs(self.services[n].audience):
                return UNPROVEN
            if missing:
                numbers[n] = Decimal(0)
        for pairs in self.pairs.values():
            for pair in pairs:
                theirs, mine = (sum(numbers[n] for n in side) for side in self._among(pair, among))
                if mine < theirs:
                    return VIOLATED
        return HELD

    def units(self, number: int, unit: str) -> Decimal:
        """How many minutes, hours or days it is open on the judged days; hours are whole quarters."""
        quarters = [at for at in self.raster[::2] if self.open(number, at)]
        if unit == "day":
            zone = self.services[number].model.timezone or self.zone
            return Decimal(len({day_of(at, zone) for at in quarters}))
        return Decimal(len(quarters)) * 15 / (60 if unit == "hour" else 1)

    # --- money ---

    def budget(self) -> Verdicts:
        """By the days that are judged, and by all days still to come: the text does not say which."""
        to_come = self.people.bits(self.as_of, date.max)
        return frozenset({self.by_money(self.judged), self.by_money(to_come)})

    def by_money(self, days: int) -> str:
        sums = []
        for group in ("favoured", "protected"):
            reaching = {t.campaign for t in self.care if self._bit(t) & days & self.reached(t.audience, group)}
            reaching |= {s.campaign.name for s in self.expand_trigger if days & self.reached(s.audience, group)}
            sums.append([c.model for c in self.plan.campaigns if c.name in reaching])
        theirs, mine = sums
        budgets = [m.details.get("budget") for m in theirs + mine]
        if None in budgets or any(m.estimated_size is None for m in theirs + mine):
            return UNPROVEN
        if len({parse_money(text).currency for text in budgets}) > 1:
            return UNPROVEN
        if not theirs:
            return HELD
        if not mine:
            return VIOLATED
        each = [
            sum(parse_money(m.details["budget"]).amount for m in models) / sum(m.estimated_size for m in models)
            for models in sums
        ]
        return VIOLATED if each[1] < each[0] else HELD

    def _bit(self, touch: Send) -> int:
        return self.people.bit(touch.day)


def whole_window(day: date, per: Per, clock: str) -> Window:
    """The dates from a day on, or the calendar unit in which it falls, to its end."""
    if per.days is not None:
        first, after = day, day + timedelta(days=per.days)
    elif per.calendar == "week":
        first = day - timedelta(days=(day.weekday() - per.starts) % 7)
        after = first + timedelta(days=7)
    else:
        first, after = day, day + timedelta(days=1)
    return Window(midnight(first, clock), True, midnight(after, clock) - TICK)


# --- worlds of prices ------------------------------------------------------------------------------------------------

PRICES = ("10", "9.99", "10.01", "12", "8.5")


class PriceMaker(Maker):
    """Offers of which some say what they cost before, and what was asked before, in offers and in price histories."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.favoured, self.protected = self.groups()
        self.currencies = ["CNY", "CNY", "CNY", "USD"] if self.maybe(0.2) else ["CNY"]
        self.back = self.some("3d", "4d", "5d", "1w", "10d")
        self.length = {"1w": 7}.get(self.back) or int(self.back[:-1])
        self.billed = self.some("month", "month", "once")
        self.channels = self.some(["web"], ["web"], ["shop", "web"])

    def documents(self) -> list[Texts]:
        products: Texts = {"p": {"equivalent_to": ["q"]}, "q": {}}
        made = [{"tactful": "1", "timezone": self.zone}, self.customers(), {"vocabulary": {"products": products}}]
        said = [self.says(f"was{n}") for n in range(self.some(1, 1, 1, 2, 3))]
        before = self.before() if self.maybe(0.9) else []
        return [*made, *self.places(said, before), {"policy": "p", "rules": [self.rule()]}]

    def money(self, *amounts: str) -> str:
        return f"{self.some(*(amounts or PRICES))} {self.some(*self.currencies)}"

    def eligible(self) -> Any:
        nobody = {"all": [self.favoured, {"not": self.favoured}]}
        return self.some(
            "everyone", "everyone", self.favoured, self.aside(), {"all": [self.favoured, self.aside()]}, nobody
        )

    def says(self, name: str) -> Texts:
        """An offer that says what it cost before."""
        made: Texts = {"offer": name, "product": "p" if self.maybe(0.9) else "q", "price": self.money("7", "8", "10")}
        made |= {
            "billed": self.billed,
            "eligible": self.eligible(),
            "was": {"price": self.money("10", "10", "9.99", "12")},
        }
        if self.maybe(0.95):
            made["from"] = self.day(self.some(0, 0, 0, 1, 2))
        if self.maybe(0.7):
            made["until"] = self.day(self.some(2, 3, 9))
        if self.maybe(0.9):
            made["channels"] = self.channels
        return made

    def before(self) -> list[Texts]:
        """What was open before: one after the other, with a day between them missing or not, and other things."""
        made: list[Texts] = []
        start = -self.length - self.some(-1, 0, 0, 3)
        for number in range(self.some(1, 1, 2, 3)):
            end = -1 if self.maybe(0.5) else self.some(start + 1, start + 2, -2, 0)
            made.append(self.had(f"had{number}", start, max(start, end)))
            start = max(start, end) + self.some(0, 1, 1, 1, 2)
        if self.maybe(0.35):
            made += [self.voucher(f"off{n}", made) for n in range(self.some(1, 1, 2))]
        return made

    def had(self, name: str, first: int, last: int) -> Texts:
        made: Texts = {
            "offer": name,
            "product": "p" if self.maybe(0.93) else "q",
            "price": self.money("10", "10", *PRICES),
        }
        made |= {"billed": self.billed if self.maybe(0.93) else self.some("month", "once", "year")}
        made["eligible"] = self.eligible() if self.maybe(0.5) else "everyone"
        if self.maybe(0.9):
            made["from"] = self.day(first)
        if self.maybe(0.95):
            made["until"] = self.day(last)
        if self.maybe(0.5):
            made["channels"] = self.some(self.channels, self.channels, ["shop"], ["web", "phone"])
        if self.maybe(0.1):
            made["renewal_price"] = self.money()
        return made

    def voucher(self, name: str, before: list[Texts]) -> Texts:
        made: Texts = {
            "offer": name,
            "product": self.some("p", "p", "q"),
            "price": self.some("-1 CNY", "-0.01 CNY", "0 CNY"),
        }
        made |= {"billed": self.billed, "eligible": self.eligible()}
        made["stacks_with"] = [offer["offer"] for offer in before if self.maybe(0.7)] or [before[0]["offer"]]
        if self.maybe(0.6):
            made["from"] = self.day(-self.some(1, 2, 3))
            made["until"] = self.day(-1)
        if self.maybe(0.2):
            made["channels"] = ["shop"]
        if self.maybe(0.1):
            made["renewal_price"] = self.some("0 CNY", "1 CNY")
        return made

    def places(self, said: list[Texts], before: list[Texts]) -> list[Texts]:
        """Offers in one or two price books and in campaigns; histories stand under ``rows`` until they are read."""
        books: list[Texts] = [{"offers": "book0", "items": []}]
        if self.maybe(0.5):
            books.append({"offers": "book1", "items": []})
        campaigns: list[Texts] = []
        for offer in [*said, *before]:
            if self.maybe(0.7):
                self.some(*books)["items"].append(offer)
            elif campaigns and self.maybe(0.3):
                self.some(*campaigns)["offers"].append(offer)
            else:
                campaigns.append(self.campaign(len(campaigns), offer))
        for book in books:
            if self.maybe(0.4):
                book |= {"history": "prices.csv", "rows": [self.row() for _ in range(self.some(1, 1, 2, 3))]}
        return [*(book for book in books if book["items"] or "rows" in book), *campaigns]

    def campaign(self, number: int, offer: Texts) -> Texts:
        made: Texts = {"campaign": f"camp{number}", "purpose": "promotion", "audience": "everyone", "offers": [offer]}
        made["status"] = self.some("planned", "planned", "live", "draft", "cancelled", "ended")
        made["touches"] = [{"channel": "sms", "at": f"{self.day(0)} 10:00"}]
        if made["status"] == "ended":
            made["ended_on"] = self.day(self.some(-2, 0, 1))
        if self.maybe(0.1) and made["status"] != "ended":
            made |= {"trigger": {"event": "reply"}, "touches": [{"channel": "sms"}]}
        return made

    def row(self) -> Texts:
        first = -self.length - self.some(0, 0, 1, -1)
        last = self.some(-1, -1, 0, first + 1, first + 2)
        return {
            "product": "p" if self.maybe(0.9) else "q",
            "channel": self.some("", "", *self.channels, "phone"),
            "price": self.money("10", "10", *PRICES),
            "first": self.day(first),
            "last": self.day(max(first, last)),
        }

    def rule(self) -> Texts:
        made: Texts = {"rule": "r", "kind": "reference-price", "lowest_of": self.back}
        if self.maybe(0.15):
            made["match"] = self.some({"offer": "was0"}, {"offer": {"not": "was0"}}, {"product": "p"}, {"product": "q"})
        if self.maybe(0.15):
            made["effective"] = self.some({"from": self.day(3)}, {"until": self.day(1)}, {"until": self.day(-1)})
        return made


def with_rows(documents: Sequence[Texts]) -> tuple[Plan, list[LinkedRule]]:
    """The plan and rules of documents whose price books carry the rows of their histories."""
    result = Loaded({})
    for number, value in enumerate(documents):
        name = f"document-{number}"
        rows = tuple(_past(row, line) for line, row in enumerate(value.get("rows", ()), 2))
        take(RawDocument(name, Origin(name), {key: item for key, item in value.items() if key != "rows"}), result)
        if rows:
            result.documents[-1] = replace(result.documents[-1], rows=rows)
            result.logs.add(name)
    finish(result)
    assert not result.problems, [(p.message.en, p.message.args, p.place) for p in result.problems]
    assert result.plan is not None
    return result.plan, result.rules


def _past(row: Texts, line: int) -> PastPrice:
    days = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    return PastPrice(row["product"], row["channel"], parse_money(row["price"]), *days, line)


# --- what is true of prices ------------------------------------------------------------------------------------------

MAX_STACKED = 4


class PriceWorld:
    """A plan with one rule, and what each price book and campaign must come to."""

    def __init__(self, plan: Plan, rule: LinkedRule, as_of: date) -> None:
        self.plan, self.rule, self.as_of = plan, rule, as_of
        self.params: Any = rule.params
        self.offers = [offer for offer in plan.offers if offer.status != "cancelled"]
        self.had = [offer for offer in self.offers if offer.status != "draft"]
        begins = [offer.model.from_ for offer in self.offers if offer.model.from_]
        first = civil_shift(min(begins), self.params.lowest_of, -1) if begins else as_of
        number = (max(begins, default=as_of) - first).days + 1
        days = [first + timedelta(days=n) for n in range(number)]
        self.people = People(plan.customers, plan.timezone, days, [offer.eligible for offer in self.had])

    @cached_property
    def eligible(self) -> list[set[frozenset[str]]]:
        """For each day, all that some customer who can exist is eligible for."""
        found: list[set[frozenset[str]]] = [set() for _ in self.people.days]
        for values in self.people.each():
            exists = self.people.facts(values)
            admitted = [(offer.name, self.people.when(offer.eligible, values) & exists) for offer in self.had]
            for n, names in enumerate(found):
                if exists >> n & 1:
                    names.add(frozenset(name for name, days in admitted if days >> n & 1))
        return found

    def truth(self) -> dict[str, tuple[str, set[tuple[Decimal, Decimal]]]]:
        """For each document with a finding the verdict, and the measures that show it."""
        found: dict[str, tuple[str, set[tuple[Decimal, Decimal]]]] = {}
        for offer in self.offers:
            if not self.judged(offer):
                continue
            verdict, measure = self.verdict(offer)
            document = offer.campaign or offer.book or ""
            before = found.get(document, (HELD, set()))
            if verdict == VIOLATED:
                assert measure is not None
                found[document] = (VIOLATED, before[1] | {measure})
            elif verdict == UNPROVEN and before[0] != VIOLATED:
                found[document] = (UNPROVEN, set())
        return found

    def judged(self, offer: PlannedOffer) -> bool:
        if offer.model.was is None or not self.matches(offer):
            return False
        first = max(self.as_of, self.rule.first or date.min, offer.model.from_ or date.min)
        last = min(self.rule.last or date.max, self.last(offer))
        return first <= last

    def last(self, offer: PlannedOffer) -> date:
        ended = offer.ended_on if offer.status == "ended" else None
        return min(offer.model.until or date.max, ended or date.max)

    def matches(self, offer: PlannedOffer) -> bool:
        fields = {"offer": offer.name, "product": offer.model.product}
        for key, value in (self.params.match or {}).items():
            wanted = value["not"] if isinstance(value, dict) else value
            if (fields[key] == wanted) == isinstance(value, dict):
                return False
        return True

    def verdict(self, offer: PlannedOffer) -> tuple[str, tuple[Decimal, Decimal] | None]:
        if offer.model.from_ is None:
            return UNPROVEN, None
        assert offer.model.was is not None
        was = offer.model.was.price
        lowest: list[Decimal] = []
        known = True
        day = civil_shift(offer.model.from_, self.params.lowest_of, -1)
        while day < offer.model.from_:
            for channel in offer.model.channels or sorted(self.plan.words.channels):
                prices = [*self.rows(offer, day, channel), *self.prices(offer, day, channel)]
                known &= bool(prices)
                lowest += prices
            day += timedelta(days=1)
        if lowest and was.amount > min(lowest):
            return VIOLATED, (was.amount, min(lowest))
        return (HELD if known else UNPROVEN), None

    def rows(self, offer: PlannedOffer, day: date, channel: str) -> Iterator[Decimal]:
        assert offer.model.was is not None
        for row in self.plan.prices:
            there = row.first <= day <= row.last and row.channel in ("", channel)
            if there and row.product == offer.model.product and row.price.currency == offer.model.was.price.currency:
                yield row.price.amount

    def prices(self, offer: PlannedOffer, day: date, channel: str) -> Iterator[Decimal]:
        """What could be paid for the product there: an offer by itself, or with what is to be had on top of it."""
        assert offer.model.was is not None
        others = [o for o in self.had if o is not offer and self.open(o, day, channel)]
        wanted = offer.model.product, offer.model.billed
        bases = [o for o in others if not self.on_top(o) and (o.model.product, o.model.billed) == wanted]
        additions = [o for o in others if self.on_top(o)]
        for base in bases:
            for size in range(MAX_STACKED):
                for some in combinations(additions, size):
                    bundle = [base, *some]
                    if not all(self.stack(a, b) for a, b in combinations(bundle, 2)):
                        continue
                    if not all(self.alike(a.model.product, base.model.product) for a in some):
                        continue
                    if {o.model.price.currency for o in bundle} != {offer.model.was.price.currency}:
                        continue
                    names = {o.name for o in bundle}
                    if any(names <= admitted for admitted in self.eligible[(day - self.people.days[0]).days]):
                        yield sum((o.model.price.amount for o in bundle), Decimal(0))

    def open(self, offer: PlannedOffer, day: date, channel: str) -> bool:
        there = not offer.model.channels or channel in offer.model.channels
        return there and (offer.model.from_ or date.min) <= day <= self.last(offer)

    def on_top(self, offer: PlannedOffer) -> bool:
        """A voucher: free, and to be combined with something of its product that is not."""
        others = [o for o in self.plan.offers if o is not offer and self.stack(o, offer) and not is_free(o.model)]
        return is_free(offer.model) and any(self.alike(o.model.product, offer.model.product) for o in others)

    def stack(self, a: PlannedOffer, b: PlannedOffer) -> bool:
        return a.name in b.model.stacks_with or b.name in a.model.stacks_with

    def alike(self, a: str, b: str) -> bool:
        products = self.plan.words.products
        return a == b or a in products[b].equivalent_to or b in products[a].equivalent_to


def is_free(offer: Offer) -> bool:
    return offer.price.amount <= 0 and (offer.renewal_price is None or offer.renewal_price.amount <= 0)
