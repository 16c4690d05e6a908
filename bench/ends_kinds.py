"""A plan for ``bench.ends`` with a rule of every kind, over the customers of the example of a department store."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bench.ends_plans import Document, Plan, at, campaign, every, rule

RETAIL = Path(__file__).parent.parent / "examples" / "retail" / "keeps"
PUSH: Document = {"way": "push"}
NEW: Document = {"segment": "new"}
EXISTING: Document = {"segment": "existing"}
GIVES = ["style-guide", "recipe", "afternoon-tea", "ten-percent"]
TEAMS = ["the-store", "the-app", "client-services"]
CONSENTS = {"email": "email_consent", "sms": "sms_consent", "app.push": "app_push"}
PRICE: Document = {"product": "kettle", "price": "40 GBP", "billed": "once", "channels": ["web"]}

RULES = [
    rule("cap", "frequency-cap", match=PUSH, at_most=12, per="7d"),
    rule("spacing", "spacing", match={"purpose": "promotion"}, after={"event": "complaint"}, at_least="14d"),
    rule("hours", "sending-hours", match=PUSH, hours={"mon-sun": "09:00-20:00"}, clock="Europe/Berlin"),
    rule("reach", "reach-limit", reach="sender", at_most=900000, per="7d"),
    rule("mix", "mix", match=PUSH, part={"purpose": "promotion"}, at_most="80%", of_at_least=8, per="30d"),
    rule("floor", "contact-floor", **{"for": EXISTING, "match": {"purpose": "care"}, "at_least": 1, "per": "45d"}),
    rule("balance", "give-and-ask", give={"gives": GIVES}, ask={"asks": "purchase"}, gives_per_ask=0.5, per="30d"),
    rule("answered", "obligation", event="complaint", do={"by": "human"}, within="4h", hours={"mon-fri": "10:00-16:00"}),
    rule("free", "no-strings", owed={"gives": "afternoon-tea"}),
    rule("capacity", "capacity", reply_rate="1%"),
    rule("complaint", "audience-fit", match={"purpose": "promotion"}, must_not={"open_complaint": True}),
    rule("consent", "audience-fit", match={"channel": "sms"}, must={"sms_consent": True}),
    rule("owner", "require", fields=["owner", "estimated_size"]),
    rule("same-deal", "offer-parity", favoured=NEW, protected=EXISTING),
    rule("same-care", "care-parity", favoured=NEW, protected=EXISTING, per="30d"),
    rule("was", "reference-price", lowest_of="30d"),
]  # fmt: skip


def read(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((RETAIL / f"{name}.yaml").read_text(encoding="utf-8"))[name]


def some_audience(rng: random.Random, channel: str) -> Document:
    """Those who said yes to the channel, and one or two tests more."""
    more: list[Document] = [
        NEW,
        EXISTING,
        {"segment": "lapsed"},
        {"tier": rng.sample(["standard", "silver", "gold"], 2)},
        {"likes": {"any": rng.sample(["fashion", "home", "garden", "food"], 2)}},
        {"any": [{"country": "gb"}, {"likes": {"all": ["home", "garden"]}}]},
        {"last_purchase": {"within": "90d"}},
    ]
    consent: Document = {CONSENTS[channel]: True} if channel in CONSENTS else {}
    return {**consent, "all": [*rng.sample(more, rng.choice([1, 2])), {"not": {"open_complaint": True}}]}


def some_campaign(rng: random.Random, number: int) -> Document:
    """One to three weekly series in the quarter; some of them are set off by a purchase."""
    channel, purpose = rng.choice([*CONSENTS, "mail"]), rng.choice(["promotion", "promotion", "care", "content"])
    more: Document = {"owner": f"team-{number % 5}", "estimated_size": rng.randrange(1000, 90000)}
    said: Document = {"sender": rng.choice(TEAMS), "gives": [rng.choice(GIVES[:3] if purpose == "care" else GIVES)]}
    if purpose == "promotion":
        said |= {"asks": ["purchase"], "reply": {"to": "desk"}}
    if number % 10 == 9:
        more["trigger"] = {"event": "purchase", "again_after": "30d", "stops_on": ["opt-out"]}
        touches = [{"channel": channel, "after": f"{n + 1}w", **said} for n in range(3)]
    else:
        hour = rng.choice(["10:00", "14:00", "18:30"])
        repeat = every("week", rng.choice([1, 2, 4]))
        touches = [at(rng.randrange(60), hour, channel, repeat=repeat, **said) for _ in range(rng.choice([1, 2, 3]))]
    return campaign(f"c-{number:03}", purpose, some_audience(rng, channel), touches, **more)


def others() -> dict[str, Document]:
    """A service and a price book."""
    desk: Document = {
        "service": "desk",
        "event": ["reply", "complaint"],
        "channel": "live-chat",
        "gives": [],
        "within": "2h",
    }
    desk |= {"hours": {"mon-fri": "09:00-18:00"}, "by": "human", "on_duty": 12, "each_handles": "20 per hour"}
    items: list[Document] = [
        {**PRICE, "offer": "kettle-list", "eligible": "everyone"},
        {**PRICE, "offer": "kettle-new", "price": "30 GBP", "eligible": NEW, "from": "2026-04-15", "was": {"price": "40 GBP"}},
        {**PRICE, "offer": "kettle-old", "price": "30 GBP", "eligible": EXISTING, "from": "2026-04-15"},
    ]  # fmt: skip
    return {"services/desk.json": desk, "offers/book.json": {"offers": "book", "items": items}}


def kinds(number: int) -> Plan:
    """So many campaigns beside a letter to everyone, a service and a price book."""
    rng = random.Random(f"kinds-{number}")
    letter = campaign("letter", "care", "everyone", [at(0, channel="mail", repeat=every("month", 4), gives=["recipe"])])
    found = [letter | {"owner": "crm", "estimated_size": 90000}, *(some_campaign(rng, n) for n in range(number))]
    vocabulary = read("vocabulary") | {"products": {"kettle": {}}}
    return Plan(read("customers"), RULES, found, 120, others(), vocabulary)
