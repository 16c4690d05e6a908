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
from tests.worlds.solver import BUDGET, FIRST, VALUES, shared_out, solved

LAST = date(2026, 4, 30)
DESKS = ["shop", "web", "phone"]
PAYMENTS = ["card", "cash"]
UNKNOWN, OTHER = "unknown", "other"
SHOWN = ["front", "listed", "on-request"]
NEW = {"any": [{"bought": "absent"}, {"bought": {"within": "30d"}}]}

# --- price books -----------------------------------------------------------------------------------------------------


def attributes(rng: random.Random) -> Texts:
    """10 to 20 attributes, of which the date tells new from existing."""
    made: Texts = {
        "bought": {"type": "date", "changes": "forward"},
        "tier": {"type": "choice", "values": ["basic", "silver", "gold"], "changes": "freely"},
        "orders": {"type": "number", "whole": "true", "minimum": "0", "maximum": "60", "changes": "forward"},
        "age": {"type": "number", "whole": "true", "minimum": "0", "maximum": "110", "changes": "forward"},
        "student": {"type": "flag", "changes": "freely"},
        "desk": {"type": "choice", "values": [*DESKS, "kiosk"], "others": "true", "changes": "freely"},
    }
    if rng.random() < 0.5:
        made["likes"] = {"type": "labels", "values": VALUES, "changes": "freely"}
    for n in range(rng.randint(3, 9)):
        others = {"others": "true"} if rng.random() < 0.5 else {"always_known": "true"}
        made[f"choice-{n}"] = {"type": "choice", "values": VALUES, "changes": "never"} | others
    for n in range(rng.randint(1, 5)):
        made[f"flag-{n}"] = {"type": "flag", "changes": "freely"}
    return made


def facts(rng: random.Random, names: list[str]) -> list[Texts]:
    """What is true of everybody, some of these; the first three tie orders and tier to the date."""
    choices, flags = ([n for n in names if n.startswith(kind)] for kind in ("choice", "flag"))
    tied: list[Texts] = [
        {"if": {"bought": "absent"}, "then": {"orders": "0"}},
        {"if": {"orders": {"at_least": "10"}}, "then": {"tier": ["silver", "gold"]}},
        {"if": {"bought": {"over": "12mo"}}, "then": {"tier": {"not": "basic"}}},
        {"if": {"student": "true"}, "then": {"age": {"at_most": "30"}}},
        {"if": {rng.choice(choices): "a", rng.choice(flags): "true"}, "then": {rng.choice(choices): ["a", "b"]}},
        {"if": {rng.choice(flags): "false"}, "then": {rng.choice(choices): {"not": "c"}}},
    ]
    return [fact for fact in tied if rng.random() < 0.75]


def cut(rng: random.Random, name: str) -> Any:
    """A test that some meet; its complement is written with ``not``."""
    if name.startswith(("flag", "student")):
        return rng.choice(["true", "false"])
    if name == "bought":
        return rng.choice([{"over": "12mo"}, {"over": "90d"}, {"within": "60d"}, "absent"])
    if name in ("orders", "age"):
        return {rng.choice(["at_least", "below"]): str(rng.choice([5, 10, 18, 30, 31]))}
    if name == "likes":
        return {rng.choice(["any", "all", "none"]): rng.sample(VALUES, rng.choice([1, 2]))}
    if name == "tier":
        return rng.choice(["basic", "gold", ["silver", "gold"]])
    return rng.sample(DESKS if name == "desk" else VALUES, rng.choice([1, 2]))


def parts_of_all(rng: random.Random, names: list[str], number: int) -> list[Texts]:
    """Parts of everybody, split again and again by another attribute; some parts that facts may forbid are left out."""
    parts: list[Texts] = [{}]
    if rng.random() < 0.3:
        parts = [{"orders": {"not": {"at_least": "10"}}}, {"orders": {"at_least": "10"}, "tier": ["silver", "gold"]}]
    elif rng.random() < 0.3:
        parts = [{"student": {"not": "true"}}, {"student": "true", "age": {"at_most": "30"}}]
    return shared_out(rng, names, number, parts, cut)


def spoil(rng: random.Random, names: list[str], offer: Texts) -> None:
    """One thing that a counterpart lacks."""
    how = rng.choice(["part", "price", "steps", "shown", "channels", "payment", "until", "from"])
    if how == "part":
        name = rng.choice([n for n in names if n not in offer["eligible"]])
        offer["eligible"] |= {name: cut(rng, name)}
    elif how == "price":
        offer["price"] = "31 CNY"
    elif how in ("steps", "shown"):
        offer["claim"] = offer["claim"] | {"steps": "3", "shown": "on-request"}
    elif how == "channels":
        offer["channels"] = rng.sample(DESKS, 2)
    elif how == "payment":
        offer["payment"] = rng.sample(PAYMENTS, 1)
    else:
        offer[how] = str(FIRST + timedelta(days=rng.randint(20, 40)))


def items(rng: random.Random, names: list[str], product: str, twin: str | None, number: int) -> Iterable[Texts]:
    """One or two offers for the new, what existing customers have beside them, and the list price."""
    base: Texts = {"billed": rng.choice(["month", "once", "week"])}
    claim = {"steps": "2", "shown": "listed"}
    for n in range(rng.choice([1, 1, 2])):
        narrow = {
            name: cut(rng, name) for name in rng.sample([n for n in names if n != "bought"], rng.choice([0, 1, 1]))
        }
        who: Texts = {"segment": "new"} if rng.random() < 0.8 else {"orders": {"at_most": "2"}, "tier": {"not": "gold"}}
        sharp = base | {"product": product, "price": "30 CNY", "claim": claim, "eligible": who | narrow}
        if rng.random() < 0.5:
            sharp["channels"] = rng.sample(DESKS, rng.choice([1, 2, 3]))
        if rng.random() < 0.3:
            sharp["payment"] = rng.sample(PAYMENTS, rng.choice([1, 2]))
        if rng.random() < 0.3:
            sharp["until"] = str(FIRST + timedelta(days=rng.randint(10, 50)))
        yield sharp | {"offer": f"{product}-sharp-{n}"}
    rest: list[Texts] = []
    few = rng.sample(DESKS, 2) if rng.random() < 0.3 else []
    closed = rng.choice([0.3, 1])
    for n, part in enumerate(parts_of_all(rng, names, number)):
        price = rng.choice(["30 CNY", "29.5 CNY", "25 CNY"])
        own = {"product": twin if twin and rng.random() < 0.3 else product, "claim": claim, "price": price}
        eligible = part | ({"segment": "existing"} if rng.random() < closed else {})
        rest.append(base | own | {"offer": f"{product}-part-{n}", "eligible": eligible or {"segment": "existing"}})
        if few:
            rest[-1]["channels"] = few
    if rng.random() < 0.55:
        spoil(rng, names, rng.choice(rest))
    yield from rest
    listed = base | {"offer": f"{product}-list", "product": product, "price": "60 CNY", "eligible": "everyone"}
    yield listed | ({"channels": rng.sample(DESKS, 1)} if rng.random() < 0.5 else {})
    if rng.random() < 0.3:
        nobody = {"student": "true", "age": {"at_least": "31"}}
        yield listed | {"offer": f"{product}-student", "channels": rng.sample(DESKS, 1), "eligible": nobody}


def market(seed: int) -> list[Texts]:
    """The documents of one plan: each offer is in a book of its own, so that there is a finding for each."""
    rng = random.Random(seed)
    declared = attributes(rng)
    names = list(declared)
    products = [f"p{n}" for n in range(rng.randint(5, 12))]
    twins = {p: f"{p}-old" for p in products if rng.random() < 0.3}
    words: Texts = {p: {"equivalent_to": [twins[p]]} if p in twins else {} for p in products}
    parts = rng.choice([2, 4, 6]) if len(products) > 10 else rng.choice([4, 8, 14])
    offers = [offer for p in products for offer in items(rng, names, p, twins.get(p), parts)]
    rule: Texts = {
        "rule": "r",
        "kind": "offer-parity",
        "favoured": {"segment": "new"},
        "protected": {"segment": "existing"},
    }
    rule["compare_on"] = rng.choice([["price"], ["price", "claim"], ["price", "claim", "payment"]])
    if rng.random() < 0.5:
        rule["at_channel"] = "desk"
        rule |= {"fallback": [rng.choice(DESKS)]} if rng.random() < 0.7 else {}
    if rng.random() < 0.4:
        rule["for"] = {"desk": rng.sample(DESKS, 2)} if "at_channel" in rule else {"age": {"at_least": "18"}}
    if rng.random() < 0.2:
        rule["differ_in"] = rng.choice([["bought"], ["bought", "orders"], ["bought", "tier", "student"]])
    segments = {"new": NEW, "existing": rng.choice([{"bought": {"over": "30d"}}, {"not": {"segment": "new"}}])}
    return [
        {"tactful": "1", "timezone": "Asia/Shanghai", "period": {"from": str(FIRST), "until": str(LAST)}},
        {"customers": {"attributes": declared, "segments": segments, "facts": facts(rng, names)}},
        {"vocabulary": {"products": words | {old: {} for old in twins.values()}}},
        *({"offers": offer["offer"], "items": [offer]} for offer in offers),
        {"policy": "p", "rules": [rule]},
    ]


# --- the same, for CP-SAT --------------------------------------------------------------------------------------------


class Customer:
    """One customer as CP-SAT variables on one day; what he shares with another is the same variables."""

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
            return self.some([self.meets(one) for one in value])
        if key == "not":
            return self.meets(value).negated()
        if key == "segment":
            return self.meets(self.customers["segments"][value])
        if isinstance(value, list):
            return self.some([self.part(key, one) for one in value])
        if isinstance(value, dict) and "not" in value:
            return self.part(key, value["not"]).negated()
        here = self.values[key]
        if isinstance(value, dict) and set(value) & {"any", "all", "none"}:
            ((how, listed),) = value.items()
            has = [self.every([here["there"], here["has", label]]) for label in listed]
            return self.every(has) if how == "all" else self.some(has) if how == "any" else self.some(has).negated()
        if "is" not in here or value in ("absent", "present"):
            return here[value]
        low, high = self.bounds(value)
        at_least, at_most = (
            self.compare(here["is"] >= low, here["is"] < low),
            self.compare(here["is"] <= high, here["is"] > high),
        )
        return self.every([here["present" if "present" in here else "there"], at_least, at_most])

    def bounds(self, value: Any) -> tuple[int, int]:
        """The least and the greatest whole number, or day, that a test admits."""
        if isinstance(value, str):
            return int(value), int(value)
        ((how, text),) = value.items()
        if how in ("within", "over"):
            edge = civil_shift(self.day, parse_duration(text), -1).toordinal()
            return (0, edge - 1) if how == "over" else (edge, self.day.toordinal())
        return {"at_least": (int(text), 10**6), "at_most": (0, int(text)), "below": (0, int(text) - 1)}[how]

    def compare(self, holds: Any, fails: Any) -> Any:
        result = self.model.new_bool_var("")
        self.model.add(holds).only_enforce_if(result)
        self.model.add(fails).only_enforce_if(result.negated())
        return result

    def every(self, parts: list[Any]) -> Any:
        if len(parts) == 1:
            return parts[0]
        result = self.model.new_bool_var("")
        self.model.add_bool_and(parts).only_enforce_if(result)
        self.model.add_bool_or([*(p.negated() for p in parts), result])
        return result

    def some(self, parts: list[Any]) -> Any:
        return self.every([part.negated() for part in parts]).negated()


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
        """Each is compared on the channel that is his own, else on the fallback or on every one."""
        own = customer.values["desk"]
        fallback = self.rule.get("fallback")
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


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])
def test_whether_somebody_is_worse_off(seed: int) -> None:
    documents = market(seed)
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
    nobody = base | {
        "offer": "nobody",
        "channels": ["shop"],
        "eligible": {"student": "true", "age": {"at_least": "31"}},
    }
    documents: list[Texts] = [
        {"tactful": "1", "timezone": "Asia/Shanghai", "period": {"from": str(FIRST), "until": str(LAST)}},
        {
            "customers": {
                "attributes": {
                    "bought": {"type": "date"} | never,
                    "desk": {"type": "choice", "values": ["shop", "web"]} | never,
                    "student": {"type": "flag"} | never,
                    "age": {"type": "number", "whole": "true", "minimum": "0", "maximum": "99"} | never,
                },
                "facts": [{"if": {"student": "true"}, "then": {"age": {"at_most": "30"}}}],
            }
        },
        {"vocabulary": {"products": {"p": {}}}},
        {"offers": "new", "items": [base | {"offer": "new", "channels": ["web"], "eligible": {"bought": "absent"}}]},
        {"offers": "nobody", "items": [nobody]},
    ]
    rule: Texts = {
        "rule": "r",
        "kind": "offer-parity",
        "compare_on": ["price"],
        "at_channel": "desk",
        "fallback": ["web"],
    }
    rule |= {"favoured": {"bought": "absent"}, "protected": {"bought": "present"}, "for": {"desk": "shop"}}
    documents.append({"policy": "p", "rules": [rule]})
    made, rules = built(documents)
    asked = Market(documents)
    assert [o["offer"] for o in asked.offers if asked.worse_off(o, list(made.words.channels))] == ["new"]
    assert [f.group for f in evaluate(made, rules, FIRST).findings] == ["new"]
