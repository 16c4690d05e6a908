"""The plans of ``bench.ends``: each case a few seeded variants of one shape, with a size.

The same size gives the same plan, always. What a rule is set to is chosen so that a variant named *holds* is within it by
an argument about customers, not because too little is sent, and one named *breaks* is not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

AS_OF = "2026-03-01"
FIRST = date(2026, 3, 2)
ZONE = "Asia/Shanghai"
Document = dict[str, Any]

VOCABULARY: Document = {
    "senders": {f"team-{n}": {} for n in range(8)},
    "gives": {"tips": {"kind": "useful"}, "tea": {"kind": "warm"}},
    "subjects": ["fibre"],
}
PURCHASE: Document = {"purchase": {"sets": {"last_purchase": "day"}}}
LAST: Document = {"last_purchase": {"type": "date", "changes": "forward"}}
STAGES = ["visitor", "prospect", "buyer", "loyal"]


@dataclass
class Plan:
    """A repository: its customers, its rules, and its campaigns (with other documents that stand beside them)."""

    customers: Document
    rules: list[Document]
    campaigns: list[Document]
    days: int = 366
    others: dict[str, Document] = field(default_factory=dict)
    vocabulary: Document = field(default_factory=lambda: VOCABULARY)

    def files(self) -> dict[str, Document]:
        """Its documents by their paths."""
        period = {"from": AS_OF, "until": str(date.fromisoformat(AS_OF) + timedelta(days=self.days))}
        found: dict[str, Document] = {
            "tactful.yaml": {"tactful": 1, "timezone": ZONE, "language": "en", "period": period},
            "customers.yaml": {"customers": self.customers},
            "vocabulary.yaml": {"vocabulary": self.vocabulary},
            "policies/bench.json": {"policy": "bench", "rules": self.rules},
        }
        found |= {f"campaigns/{one['campaign']}.json": one for one in self.campaigns}
        return found | self.others


def campaign(name: str, purpose: str, audience: object, touches: Sequence[Document], **more: object) -> Document:
    return {"campaign": name, "purpose": purpose, "audience": audience, "touches": [*touches], **more}


def at(day: int, hour: str = "10:00", channel: str = "sms", **more: object) -> Document:
    """A touch so many days after the first Monday."""
    return {"channel": channel, "at": f"{FIRST + timedelta(days=day)} {hour}", **more}


def every(unit: str, count: int) -> Document:
    return {"every": unit, "count": count}


def rule(name: str, kind: str, **more: object) -> Document:
    return {"rule": name, "kind": kind, **more}


def cap(at_most: int, per: str, **more: object) -> Document:
    return rule(f"cap-{per}", "frequency-cap", at_most=at_most, per=per, **more)


def within(days: int) -> Document:
    return {"last_purchase": {"within": f"{days}d"}}


def over(days: int) -> Document:
    return {"last_purchase": {"over": f"{days}d"}}


# --- a: a mix, and an event that sets what the audiences ask about ------------------------------------------------------

RICH: Document = {
    "attributes": {
        "first_purchase": {"type": "date", "changes": "never"},
        "orders": {"type": "number", "whole": True, "minimum": 0, "changes": "forward"},
        "likes": {"type": "labels", "values": ["coffee", "tea", "sport"], "changes": "freely"},
        "city": {"type": "choice", "values": [f"city-{n}" for n in range(6)], "others": True, "changes": "never"},
        "open_complaint": {"type": "flag", "changes": "freely"},
        **LAST,
    },
    "events": {**PURCHASE, "complaint": {"if": {"first_purchase": "present"}, "sets": {"open_complaint": True}}},
    "facts": [
        {"if": {"first_purchase": "absent"}, "then": {"last_purchase": "absent"}},
        {"if": {"orders": {"at_least": 1}}, "then": {"first_purchase": "present"}},
    ],
}


def mix_event(posts: int, rich: bool, holds: bool) -> Plan:
    """Weekly posts, and two texts at the times of two of them, to fewer: whoever gets a text gets that post."""
    customers = RICH if rich else {"attributes": LAST, "events": PURCHASE}
    more: Document = {"likes": ["coffee", "tea"], "open_complaint": {"not": True}} if rich else {}
    less: Document = {"first_purchase": {"over": "90d"}, "orders": {"at_least": 2}, "city": ["city-0", "city-1"]}
    mail = campaign("post", "care", within(60) | more, [at(0, channel="mail", repeat=every("week", posts))])
    middle = posts // 2 * 7
    texts = [at(middle, "10:00"), at(middle + 7, "10:00")]
    text = campaign("text", "promotion", within(30) | more | (less if rich else {}), texts)
    share = {"at_most": "50%", "of_at_least": 3} if holds else {"at_most": "40%", "of_at_least": 4}
    return Plan(customers, [rule("mix", "mix", part={"channel": "sms"}, per="1y", **share)], [mail, text])


# --- audiences of many sorts ------------------------------------------------------------------------------------------

MANY: Document = {
    "attributes": {
        **{name: {"type": "choice", "values": [f"{name}-{n}" for n in range(size)], "changes": "never"}
           for name, size in {"city": 12, "tier": 4, "plan": 5}.items()},
        "stage": {"type": "choice", "values": STAGES, "changes": "freely"},
        "likes": {"type": "labels", "values": [f"likes-{n}" for n in range(6)], "changes": "freely"},
        "orders": {"type": "number", "whole": True, "minimum": 0, "maximum": 100, "changes": "forward"},
        "first_purchase": {"type": "date", "changes": "never"},
        **LAST,
    },
    "facts": [{"if": {"first_purchase": "absent"}, "then": {"last_purchase": "absent"}}],
}  # fmt: skip


def some_test(rng: random.Random) -> Document:
    """A wide test of one of eight attributes."""
    name = rng.choice(["city", "tier", "plan", "stage", "likes", "orders", "first_purchase", "last_purchase"])
    about = MANY["attributes"][name]
    if "values" in about:
        values = about["values"]
        return {name: sorted(rng.sample(values, rng.randint(max(2, len(values) // 3), len(values) * 2 // 3)))}
    if name == "orders":
        return {name: rng.choice([{"at_least": rng.randint(1, 20)}, {"below": rng.randint(30, 90)}])}
    return {name: rng.choice([{"within": "60d"}, {"over": "30d"}, "absent", {"within": "180d"}])}


def some_audience(rng: random.Random) -> Document:
    """Two tests, of which one may be an ``any`` of two."""
    first, second = some_test(rng), some_test(rng)
    if rng.random() < 0.4:
        return {**first, "any": [second, some_test(rng)]}
    return {"all": [first, second]}


def some_campaigns(rng: random.Random, number: int) -> list[Document]:
    """So many campaigns of three texts each, anywhere in a quarter, from eight senders."""
    found = []
    for n in range(number):
        start, sender = rng.randrange(70), f"team-{rng.randrange(8)}"
        days = sorted(rng.sample(range(start, start + 20), 3))
        touches = [at(day, rng.choice(["10:00", "14:00", "18:30"]), sender=sender) for day in days]
        found.append(campaign(f"c-{n:04}", rng.choice(["promotion", "care"]), some_audience(rng), touches))
    return found


def narrowed_by(number: int, attributes: list[str]) -> Plan:
    """A full quarter, of which all campaigns but one in 50 ask for a city too; asked is whether they ask for it."""
    rng = random.Random(f"narrowed-{number}")
    campaigns = some_campaigns(rng, number)
    for n, one in enumerate(campaigns):
        if n % 50:
            one["audience"] = {
                "all": [one["audience"], {"city": sorted(rng.sample([f"city-{i}" for i in range(12)], 4))}]
            }
    return Plan(MANY, [rule("narrowed", "audience-fit", narrowed_by=attributes)], campaigns, 120)


def wide(number: int, asked: Callable[[int], Document]) -> Plan:
    """A quarter of wide audiences; what is asked of it hangs on how many campaigns there are."""
    return Plan(MANY, [asked(number)], some_campaigns(random.Random(f"wide-{number}"), number), 120)


# --- c: a long series set off by a date ---------------------------------------------------------------------------------


def drip(texts: int, moving: bool, asked: Callable[[int], Document]) -> Plan:
    """So many weekly texts from the last purchase on, which comes again (after 30 days at least) or never does."""
    about = LAST if moving else {"last_purchase": {"type": "date", "changes": "never"}}
    customers: Document = {"attributes": about, "events": PURCHASE if moving else {}}
    trigger: Document = {"date": "last_purchase"} | ({"again_after": "30d"} if moving else {})
    touches = [{"channel": "sms", "after": f"{n + 1}w"} for n in range(texts)]
    more: Document = {"send_in": {"mon-sun": "09:00-20:00"}, "trigger": trigger}
    more["during"] = {"from": AS_OF, "until": "2026-12-31"}
    return Plan(customers, [asked(texts)], [campaign("drip", "care", "everyone", touches, **more)], 900)


DRIP: dict[str, Callable[[int], Plan]] = {
    "fixed date, 5 per 30d (holds)": partial(drip, moving=False, asked=lambda n: cap(5, "30d")),
    "fixed date, 4 per 30d (breaks)": partial(drip, moving=False, asked=lambda n: cap(4, "30d")),
    "fixed date, 1 per 7d (holds)": partial(drip, moving=False, asked=lambda n: cap(1, "7d")),
    "fixed date, spacing 6d (holds)": partial(drip, moving=False, asked=lambda n: rule("gap", "spacing", at_least="6d")),
    "moving date, N per 30d (holds)": partial(drip, moving=True, asked=lambda n: cap(n, "30d")),
    "moving date, 1 per 7d (breaks)": partial(drip, moving=True, asked=lambda n: cap(1, "7d")),
    "moving date, spacing 6d (breaks)": partial(drip, moving=True, asked=lambda n: rule("gap", "spacing", at_least="6d")),
}  # fmt: skip


# --- d, e: very many sends ----------------------------------------------------------------------------------------------


def daily(sends: int) -> list[int]:
    """So many sends as series of a year, daily: the length of each."""
    return [365] * (sends // 365) + [sends % 365]


def everyone(sends: int, holds: bool) -> Plan:
    """Daily texts to everyone; 7 days hold 7 of each series."""
    series = [n for n in daily(sends) if n]
    found = [campaign(f"c-{n:03}", "care", "everyone", [at(0, f"{8 + n % 12:02}:{n // 12:02}", repeat=every("day", count))])
             for n, count in enumerate(series)]  # fmt: skip
    return Plan({"attributes": LAST}, [cap(7 * len(series) if holds else 3, "7d")], found)


def give_and_ask(sends: int, drafts: bool) -> Plan:
    """Each morning's gives to some cities, each afternoon as many asks to some stages there."""
    found = []
    for n, count in enumerate(n for n in daily(sends // 2) if n):
        audience: Document = {"city": [f"city-{(n + i) % 12}" for i in range(8)]}
        morning, afternoon = f"08:{n % 60:02}", f"15:{n % 60:02}"
        give = at(0, morning, repeat=every("day", count), gives=["tips"])
        ask = at(0, afternoon, repeat=every("day", count), asks=["survey"])
        status = "draft" if drafts and n % 2 else "planned"
        found.append(campaign(f"give-{n:03}", "care", audience, [give], status=status))
        found.append(campaign(f"ask-{n:03}", "research", audience | {"stage": STAGES[n % 3 :]}, [ask]))
    balance: Document = {"give": {"gives": "tips"}, "ask": {"asks": "survey"}, "gives_per_ask": 1, "order": "before"}
    return Plan(MANY, [rule("balance", "give-and-ask", per="30d", **balance)], found)


# --- f: long conditions -------------------------------------------------------------------------------------------------


def clauses(rng: random.Random, number: int, join: str) -> list[Document]:
    """So many clauses, each of three flags or choices out of forty."""
    found = []
    for _ in range(number):
        tests: list[Document] = []
        for n in rng.sample(range(40), 3):
            tests.append({f"a-{n}": rng.random() < 0.5} if n < 30 else {f"a-{n}": rng.sample(["x", "y", "z"], 2)})
        found.append({join: tests})
    return found


def fit(number: int, audience: str, must: str) -> Plan:
    """One send: its audience and what is asked of it as many clauses; the names of both say how they are joined."""
    rng = random.Random(f"fit-{number}-{must}")
    flags: Document = {f"a-{n}": {"type": "flag", "changes": "never"} for n in range(30)}
    choice = {"type": "choice", "values": ["x", "y", "z"], "changes": "never"}
    attributes = flags | {f"a-{n}": choice for n in range(30, 40)} | {"consent": {"type": "flag", "changes": "never"}}
    alternatives = clauses(rng, number, "all")
    said: dict[str, Document] = {
        "one of many": {"any": [{"all": [*one["all"], {"consent": True}]} for one in alternatives]},
        "one test": {"a-0": True},
        "consent": {"must": {"consent": True}},
        "must any": {"must": {"any": clauses(rng, number, "all")}},
        "must all": {"must": {"all": clauses(rng, number, "any")}},
        "must one of the same": {"must": {"any": alternatives}},
        "must not any": {"must_not": {"any": clauses(rng, number, "all")}},
        "must not all": {"must_not": {"all": clauses(rng, number, "any")}},
    }
    send = campaign("send", "promotion", said[audience], [at(0)])
    return Plan({"attributes": attributes}, [rule("fit", "audience-fit", **said[must])], [send])


# --- g, h, j: long series -----------------------------------------------------------------------------------------------


def mix_daily(sends: int, changes: str, holds: bool) -> Plan:
    """A daily text that sells and a daily one that does not, at the same time, to the same stages or not quite."""
    stage = {"stage": {"type": "choice", "values": STAGES, "changes": changes}}
    sells, cares = STAGES[:2], STAGES[:2] if holds else STAGES[1:3]
    series = every("day", sends // 2)
    found = [
        campaign("sells", "promotion", {"stage": sells}, [at(0, repeat=series)]),
        campaign("cares", "care", {"stage": cares}, [at(0, repeat=series)]),
    ]
    asked = rule("mix", "mix", part={"purpose": "promotion"}, at_most="50%", of_at_least=10, per="30d")
    return Plan({"attributes": stage}, [asked], found, 400)


def floor_event(years: float, holds: bool) -> Plan:
    """Weekly letters; owed is one in 30 days to whoever has not bought for a month, or has bought in the last quarter."""
    weeks = int(years * 52)
    audience, group = (over(7), over(30)) if holds else (within(45), within(90))
    letter = campaign("letter", "care", audience, [at(0, channel="email", repeat=every("week", weeks))])
    floor = rule("floor", "contact-floor", **{"for": group, "at_least": 1, "per": "30d"})
    return Plan({"attributes": LAST, "events": PURCHASE}, [floor], [letter], weeks * 7)


def facts(years: int, asked: Document) -> Plan:
    """Monthly sends to some by when they bought last; facts tie that date to another one and to a flag."""
    attributes: Document = {
        "first_purchase": {"type": "date", "changes": "never"},
        "active": {"type": "flag", "changes": "freely"},
        **LAST,
    }
    tied = [
        {"if": {"first_purchase": "absent"}, "then": {"last_purchase": "absent"}},
        {"if": within(90), "then": {"active": True}},
        {"if": over(365), "then": {"active": False}},
    ]
    audiences = [
        within(30),
        {"active": True, **over(60)},
        over(400),
        {"first_purchase": {"within": "90d"}, **within(60)},
    ]
    found = [campaign(f"c-{n}", "care", audience, [at(n * 3, repeat=every("month", years * 12))])
             for n, audience in enumerate(audiences)]  # fmt: skip
    return Plan({"attributes": attributes, "facts": tied}, [asked], found, years * 366)
