"""Who is worse off, on large price books: the answers are those of OR-tools CP-SAT.

The model reads the documents as they are written: two customers who share what the groups do not differ in, one-hot variables
for choices and flags, a number or a day else. It knows nothing of cells, boxes and shadows. As good is simple here (the price,
or the price and how it is claimed), so that the question is whether many narrow offers together cover everybody. Seeded.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from ortools.sat.python import cp_model
from tactful.engine.clocks import civil_shift
from tactful.engine.evaluate import evaluate
from tactful.engine.scalars import parse_duration

from tests.building import built
from tests.worlds.making import Texts
from tests.worlds.solver import BUDGET, FIRST, VALUES, LargeMaker, Literals, solved

LAST = date(2026, 4, 30)
DESKS = ["shop", "web", "phone"]
PAYMENTS = ["card", "cash"]
UNKNOWN, OTHER = "unknown", "other"
SHOWN = ["front", "listed", "on-request"]
NEW = {"any": [{"bought": "absent"}, {"bought": {"within": "30d"}}]}

# --- price books -----------------------------------------------------------------------------------------------------


class MarketMaker(LargeMaker):
    """Makes a plan in which each offer is in a book of its own, so that there is a finding for each."""

    def documents(self) -> list[Texts]:
        self.attributes = self.some_attributes()
        self.names = list(self.attributes)
        products = [f"p{n}" for n in range(5 + self.draw(8))]
        twins = {p: f"{p}-old" for p in products if self.maybe(0.3)}
        words: Texts = {p: {"equivalent_to": [twins[p]]} if p in twins else {} for p in products}
        parts = self.some(2, 4, 6) if len(products) > 10 else self.some(4, 8, 14)
        offers = [offer for p in products for offer in self.items(p, twins.get(p), parts)]
        segments = {"new": NEW, "existing": self.some({"bought": {"over": "30d"}}, {"not": {"segment": "new"}})}
        customers = {"attributes": self.attributes, "segments": segments, "facts": self.facts()}
        return [
            self.settings((LAST - FIRST).days + 1),
            {"customers": customers},
            {"vocabulary": {"products": words | {old: {} for old in twins.values()}}},
            *({"offers": offer["offer"], "items": [offer]} for offer in offers),
            {"policy": "p", "rules": [self.rule()]},
        ]

    def some_attributes(self) -> Texts:
        """10 to 20 attributes, of which the date tells new from existing."""
        number = {"type": "number", "whole": "true", "minimum": "0", "changes": "forward"}
        made: Texts = {
            "bought": {"type": "date", "changes": "forward"},
            "tier": {"type": "choice", "values": ["basic", "silver", "gold"], "changes": "freely"},
            "orders": number | {"maximum": "60"},
            "age": number | {"maximum": "110"},
            "student": {"type": "flag", "changes": "freely"},
            "desk": {"type": "choice", "values": [*DESKS, "kiosk"], "others": "true", "changes": "freely"},
        }
        made |= self.some_keys(likes=(0.5, {"type": "labels", "values": VALUES, "changes": "freely"}))
        for n in range(3 + self.draw(7)):
            others = self.some({"others": "true"}, {"always_known": "true"})
            made[f"choice-{n}"] = {"type": "choice", "values": VALUES, "changes": "never"} | others
        return made | {f"flag-{n}": {"type": "flag", "changes": "freely"} for n in range(1 + self.draw(5))}

    def facts(self) -> list[Texts]:
        """What is true of everybody, some of these; the first three tie orders and tier to the date."""
        choices, flags = ([n for n in self.attributes if n.startswith(kind)] for kind in ("choice", "flag"))
        one, other, third = (self.some(*choices) for _ in range(3))
        tied: list[Texts] = [
            {"if": {"bought": "absent"}, "then": {"orders": "0"}},
            {"if": {"orders": {"at_least": "10"}}, "then": {"tier": ["silver", "gold"]}},
            {"if": {"bought": {"over": "12mo"}}, "then": {"tier": {"not": "basic"}}},
            {"if": {"student": "true"}, "then": {"age": {"at_most": "30"}}},
            {"if": {one: "a", self.some(*flags): "true"}, "then": {other: ["a", "b"]}},
            {"if": {self.some(*flags): "false"}, "then": {third: {"not": "c"}}},
        ]
        return [fact for fact in tied if self.maybe(0.75)]

    def cut(self, name: str) -> Any:
        if name.startswith(("flag", "student")):
            return self.some("true", "false")
        if name == "bought":
            return self.some({"over": "12mo"}, {"over": "90d"}, {"within": "60d"}, "absent")
        if name in ("orders", "age"):
            return {self.some("at_least", "below"): self.some("5", "10", "18", "30", "31")}
        if name == "likes":
            return {self.some("any", "all", "none"): self.sample(VALUES, self.some(1, 2))}
        if name == "tier":
            return self.some("basic", "gold", ["silver", "gold"])
        return self.sample(DESKS if name == "desk" else VALUES, self.some(1, 2))

    def parts_of_all(self, number: int) -> list[Texts]:
        """Parts of everybody, split again and again by another attribute; some parts that facts may forbid are left out."""
        loyal = [{"orders": {"not": {"at_least": "10"}}}, {"orders": {"at_least": "10"}, "tier": ["silver", "gold"]}]
        young = [{"student": {"not": "true"}}, {"student": "true", "age": {"at_most": "30"}}]
        return self.shared_out(number, self.some([{}], [{}], loyal, young))

    def spoil(self, offer: Texts) -> Texts:
        """The offer, less one thing that a counterpart has."""
        name = self.some(*(name for name in self.attributes if name not in offer["eligible"]))
        part = {"eligible": offer["eligible"] | {name: self.cut(name)}}
        claim = {"claim": offer["claim"] | {"steps": "3", "shown": "on-request"}}
        ways = ({"channels": self.sample(DESKS, 2)}, {"payment": self.sample(PAYMENTS, 1)})
        return offer | self.some(
            part, claim, claim, {"price": "31 CNY"}, *ways, {self.some("until", "from"): self.far()}
        )

    def far(self) -> str:
        return self.day(20 + self.draw(21))

    def items(self, product: str, twin: str | None, number: int) -> Iterable[Texts]:
        """One or two offers for the new, what existing customers have beside them, and the list price."""
        base: Texts = {"billed": self.some("month", "once", "week"), "product": product}
        claim = {"claim": {"steps": "2", "shown": "listed"}}
        for n in range(self.some(1, 1, 2)):
            names = self.sample([name for name in self.attributes if name != "bought"], self.some(0, 1, 1))
            few = {"orders": {"at_most": "2"}, "tier": {"not": "gold"}} if self.maybe(0.2) else {"segment": "new"}
            eligible = few | {name: self.cut(name) for name in names}
            yield (
                base
                | claim
                | {"offer": f"{product}-sharp-{n}", "price": "30 CNY", "eligible": eligible}
                | self.some_keys(
                    channels=(0.5, lambda: self.sample(DESKS, self.some(1, 2, 3))),
                    payment=(0.3, lambda: self.sample(PAYMENTS, self.some(1, 2))),
                    until=(0.3, self.far),
                )
            )
        rest: list[Texts] = []
        channels = self.some_keys(channels=(0.3, lambda: self.sample(DESKS, 2)))
        closed = self.some(0.3, 1)
        for n, part in enumerate(self.parts_of_all(number)):
            own: Texts = {"product": twin} if twin and self.maybe(0.3) else {}
            own |= {"offer": f"{product}-part-{n}", "price": self.some("30 CNY", "29.5 CNY", "25 CNY")}
            existing = {"segment": "existing"} if self.maybe(closed) else {}
            rest.append(base | claim | own | channels | {"eligible": part | existing or {"segment": "existing"}})
        spoilt = self.draw(len(rest)) if self.maybe(0.55) else None
        yield from (self.spoil(offer) if n == spoilt else offer for n, offer in enumerate(rest))
        listed = base | {"offer": f"{product}-list", "price": "60 CNY", "eligible": "everyone"}
        yield listed | self.some_keys(channels=(0.5, lambda: self.sample(DESKS, 1)))
        if self.maybe(0.3):
            nobody = {"student": "true", "age": {"at_least": "31"}}
            yield listed | {"offer": f"{product}-student", "channels": self.sample(DESKS, 1), "eligible": nobody}

    def rule(self) -> Texts:
        made: Texts = {"rule": "r", "kind": "offer-parity", "favoured": {"segment": "new"}}
        made |= {"protected": {"segment": "existing"}}
        made["compare_on"] = self.some(["price"], ["price", "claim"], ["price", "claim", "payment"])
        if self.maybe(0.5):
            made |= {"at_channel": "desk"} | self.some_keys(fallback=(0.7, lambda: [self.some(*DESKS)]))
        if self.maybe(0.4):
            made["for"] = {"desk": self.sample(DESKS, 2)} if "at_channel" in made else {"age": {"at_least": "18"}}
        return made | self.some_keys(differ_in=(0.2, ["bought"], ["bought", "orders"], ["bought", "tier", "student"]))


# --- the same, for CP-SAT --------------------------------------------------------------------------------------------


class Customer(Literals):
    """One customer as CP-SAT variables on one day; what they share with another is the same variables."""

    def __init__(self, model: cp_model.CpModel, customers: Texts, day: date, shared: dict[str, Any]) -> None:
        self.model, self.customers, self.day = model, customers, day
        declared = customers["attributes"]
        self.values = {n: shared[n] if n in shared else self._free(declared[n]) for n in declared}
        for fact in customers.get("facts", ()):
            model.add_bool_or(self.meets(fact["if"]).negated(), self.meets(fact["then"]))

    def _free(self, attribute: Texts) -> dict[Any, Any]:
        kind = attribute["type"]
        states = {"choice": attribute.get("values", []), "flag": ["true", "false"], "date": ["absent", "present"]}
        names = [*states.get(kind, ["there"])]
        names += [OTHER] if attribute.get("others") else []
        names += [] if attribute.get("always_known") else [UNKNOWN]
        found: dict[Any, Any] = {name: self.model.new_bool_var(name) for name in names}
        self.model.add_exactly_one(found.values())
        if kind == "labels":
            found |= {("has", value): self.model.new_bool_var(value) for value in attribute["values"]}
        elif kind == "number":
            found["is"] = self.model.new_int_var(int(attribute["minimum"]), int(attribute["maximum"]), "is")
        elif kind == "date":
            found["is"] = self.model.new_int_var(self.day.toordinal() - 3000, self.day.toordinal(), "is")
        return found

    def meets(self, raw: Any) -> Any:
        """A literal that is true exactly when the condition, as it is written, holds."""
        if raw == "everyone":
            return self.every([])
        return self.every([self.part(key, value) for key, value in raw.items()])

    def part(self, key: str, value: Any) -> Any:
        if key == "any":
            return self.either([self.meets(one) for one in value])
        if key == "not":
            return self.meets(value).negated()
        if key == "segment":
            return self.meets(self.customers["segments"][value])
        if isinstance(value, list):
            return self.either([self.part(key, one) for one in value])
        if isinstance(value, dict) and "not" in value:
            return self.part(key, value["not"]).negated()
        here = self.values[key]
        if isinstance(value, dict) and set(value) & {"any", "all", "none"}:
            ((how, listed),) = value.items()
            has = [self.every([here["there"], here["has", label]]) for label in listed]
            return self.every(has) if how == "all" else self.either(has) if how == "any" else self.either(has).negated()
        if "is" not in here or value in ("absent", "present"):
            return here[value]
        there = here["present" if "present" in here else "there"]
        return self.every([there, self.between(here["is"], *self.bounds(value))])

    def bounds(self, value: Any) -> tuple[int, int]:
        """The least and the greatest whole number, or day, that a test admits."""
        if isinstance(value, str):
            return int(value), int(value)
        ((how, text),) = value.items()
        if how in ("within", "over"):
            edge = civil_shift(self.day, parse_duration(text), -1).toordinal()
            return (0, edge - 1) if how == "over" else (edge, self.day.toordinal())
        return {"at_least": (int(text), 10**6), "at_most": (0, int(text)), "below": (0, int(text) - 1)}[how]


def mentioned(raw: Any, customers: Texts) -> set[str]:
    """The attributes that a condition asks about, through segments."""
    if isinstance(raw, list):
        return {name for one in raw for name in mentioned(one, customers)}
    found: set[str] = set()
    for key, value in raw.items() if isinstance(raw, dict) else ():
        if key == "segment":
            found |= mentioned(customers["segments"][value], customers)
        else:
            found |= mentioned(value, customers) if key in ("any", "not") else {key}
    return found


class Market:
    """What is asked of CP-SAT about the documents of one plan."""

    def __init__(self, documents: list[Texts]) -> None:
        self.customers: Texts = documents[1]["customers"]
        self.products: Texts = documents[2]["vocabulary"]["products"]
        self.offers: list[Texts] = [item for d in documents for item in d.get("items", ())]
        self.rule: Texts = documents[-1]["rules"][0]
        self.paying = "payment" in self.rule["compare_on"]
        stated = self.rule.get("differ_in")
        self.apart = set(stated) if stated else self._told_apart()

    def _told_apart(self) -> set[str]:
        found = mentioned([self.rule["favoured"], self.rule["protected"]], self.customers)
        tied = [mentioned(list(fact.values()), self.customers) for fact in self.customers["facts"]]
        while more := [names for names in tied if names & found and not names <= found]:
            found = found.union(*more)
        return found

    def days(self) -> list[date]:
        """A day of each stretch on which the same offers are open: its last, as it happens."""
        ends = {date.fromisoformat(o["from"]) - timedelta(days=1) for o in self.offers if "from" in o}
        return sorted({LAST} | ends | {date.fromisoformat(o["until"]) for o in self.offers if "until" in o})

    def open(self, day: date) -> list[Texts]:
        return [o for o in self.offers if o.get("from", "") <= str(day) <= o.get("until", "9")]

    def alike(self, a: Texts, b: Texts) -> bool:
        x, y = a["product"], b["product"]
        return x == y or any(p in self.products[q].get("equivalent_to", ()) for p, q in ((x, y), (y, x)))

    def as_good(self, offer: Texts, other: Texts) -> bool:
        price, limit = (float(o["price"].split()[0]) for o in (offer, other))
        mine, theirs = ({"steps": "1", "shown": "front"} | o.get("claim", {}) for o in (offer, other))
        easy = int(mine["steps"]) <= int(theirs["steps"]) and SHOWN.index(mine["shown"]) <= SHOWN.index(theirs["shown"])
        return price <= limit and (easy or "claim" not in self.rule["compare_on"])

    def worse_off(self, offer: Texts, channels: list[str]) -> bool:
        """Whether there is a pair on some day and channel of whom the one has nothing as good as the other."""
        return any(self._worse_off(offer, day, channels) for day in self.days() if offer in self.open(day))

    def _worse_off(self, offer: Texts, day: date, channels: list[str]) -> bool:
        model = cp_model.CpModel()
        twin = Customer(model, self.customers, day, {})
        shared = {n: v for n, v in twin.values.items() if n not in self.apart}
        customer = Customer(model, self.customers, day, shared)
        model.add_bool_and(twin.meets(self.rule["favoured"]), twin.meets(offer["eligible"]))
        model.add_bool_and(customer.meets(self.rule["protected"]), customer.meets(offer["eligible"]).negated())
        model.add_bool_and(customer.meets(self.rule.get("for", "everyone")))
        others = [o for o in self.open(day) if self.alike(o, offer) and self.as_good(o, offer)]
        where = {c: model.new_bool_var(c) for c in offer.get("channels", channels)}
        paid = {p: model.new_bool_var(p) for p in offer.get("payment", [*PAYMENTS, "elsewhere"])}
        model.add_exactly_one(where.values())
        model.add_exactly_one(paid.values())
        for other in others:
            shut = customer.meets(other["eligible"]).negated()
            for literal in (where[c] for c in where if c in other.get("channels", channels)):
                ways = [paid[p] for p in paid if p in other.get("payment", paid)] if self.paying else paid.values()
                for way in ways:
                    model.add_bool_or(literal.negated(), way.negated(), shut)
        if self.rule.get("at_channel"):
            self._at_own(model, customer, where, self.live(offer, day))
        return solved(model)

    def _at_own(self, model: cp_model.CpModel, customer: Customer, where: dict[str, Any], live: set[str]) -> None:
        """Each is compared on the channel that is their own, else on the fallback, or where that is not live on every one."""
        own = customer.values["desk"]
        fallback = live.intersection(self.rule.get("fallback", ()))
        elsewhere = [literal for value, literal in own.items() if value not in live]
        for channel, literal in where.items():
            mine = [own[channel]] if channel in own and channel in live else []
            strays = elsewhere if not fallback or channel in fallback else []
            model.add_bool_or([*mine, *strays, literal.negated()])

    def live(self, offer: Texts, day: date) -> set[str]:
        """The channels on which somebody favoured can have the product."""
        found: set[str] = set()
        for other in self.open(day):
            if self.alike(other, offer) and not found >= set(other.get("channels", DESKS)):
                model = cp_model.CpModel()
                taker = Customer(model, self.customers, day, {})
                model.add_bool_and(taker.meets(self.rule["favoured"]), taker.meets(other["eligible"]))
                found |= set(other.get("channels", DESKS)) if solved(model) else set()
        return found


@pytest.mark.parametrize("seed", [*range(7), *range(8, 16)])
def test_whether_somebody_is_worse_off(seed: int) -> None:
    documents = MarketMaker(random.Random(seed).randrange).documents()
    made, rules = built(documents)
    asked = Market(documents)
    expected = {o["offer"] for o in asked.offers if asked.worse_off(o, list(made.words.channels))}
    answer = evaluate(made, rules, FIRST, budget=BUDGET)
    assert not answer.problems
    assert {f.verdict for f in answer.findings} <= {"violated"}
    assert {f.group for f in answer.findings} == expected, seed
    sharp = {o["offer"] for o in asked.offers if "-sharp-" in o["offer"]}
    assert sharp & expected
    assert sharp - expected


def test_what_nobody_can_take_opens_no_channel() -> None:
    """Who is at home in the shop is compared on the web: no student is over 30, so the shop has nothing for the new."""
    never: Texts = {"changes": "never"}
    base: Texts = {"product": "p", "billed": "month", "price": "30 CNY"}
    new = base | {"offer": "new", "channels": ["web"], "eligible": {"bought": "absent"}}
    nobody = base | {
        "offer": "nobody",
        "channels": ["shop"],
        "eligible": {"student": "true", "age": {"at_least": "31"}},
    }
    attributes: Texts = {
        "bought": {"type": "date"} | never,
        "desk": {"type": "choice", "values": ["shop", "web"]} | never,
        "student": {"type": "flag"} | never,
        "age": {"type": "number", "whole": "true", "minimum": "0", "maximum": "99"} | never,
    }
    facts = [{"if": {"student": "true"}, "then": {"age": {"at_most": "30"}}}]
    rule: Texts = {"rule": "r", "kind": "offer-parity", "compare_on": ["price"]}
    rule |= {"at_channel": "desk", "fallback": ["web"]}
    rule |= {"favoured": {"bought": "absent"}, "protected": {"bought": "present"}, "for": {"desk": "shop"}}
    documents: list[Texts] = [
        {"tactful": "1", "timezone": "Asia/Shanghai", "period": {"from": str(FIRST), "until": str(LAST)}},
        {"customers": {"attributes": attributes, "facts": facts}},
        {"vocabulary": {"products": {"p": {}}}},
        *({"offers": offer["offer"], "items": [offer]} for offer in (new, nobody)),
        {"policy": "p", "rules": [rule]},
    ]
    made, rules = built(documents)
    asked = Market(documents)
    assert [o["offer"] for o in asked.offers if asked.worse_off(o, list(made.words.channels))] == ["new"]
    assert [f.group for f in evaluate(made, rules, FIRST).findings] == ["new"]
