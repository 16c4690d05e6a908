"""Laws that need no second evaluator: a plan changed so that its verdicts must stay, or can only change one way.

The plans are larger than those that are tried against every customer: campaigns set off by events and dates, sends that last
or are tried several times, facts, drafts, ended campaigns, all kinds that ask about customers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.building import built
from tests.worlds.comparing import World
from tests.worlds.making import Draw, EventMaker, Texts

DAYS = 5
PER: tuple[Any, ...] = ("24h", "12h", "1d", "2d", "7d", {"calendar": "day"}, {"days": "2"})
SAME, FEWER, MORE = "same", "fewer", "more"
"""How the verdicts of the changed plan relate: the same; violated only where it was; violated wherever it was."""


class LawMaker(EventMaker):
    zone = "UTC"

    def documents(self) -> list[Texts]:
        events: Texts = {"visit": {"hours": self.some("10:00-10:01", "09:00-18:00")}, "done": {"hours": "15:00-15:01"}}
        customers = self.customers(events)
        if self.maybe(0.3):
            customers["customers"]["facts"] = [{"if": self.condition(), "then": self.condition()}]
        if "seen" in self.attributes and self.maybe(0.4):
            self.dates = True
        names = range(self.some(1, 1, 2, 3))
        return [
            self.settings(DAYS),
            customers,
            *(self.dated(f"d{n}", DAYS) for n in names),
            *(self.triggered(f"t{n}") for n in range(self.some(0, 1, 1, 2))),
            {"policy": "p", "rules": self.rules()},
        ]

    def extras(self, dated: bool) -> Texts:
        made: Texts = self.some_keys(attempts=(0.1, "2", "3"))
        return made | (self.some_keys(lasts=(0.12, "2h", "1d")) if dated else {})

    def triggered(self, name: str) -> Texts:
        made = super().triggered(name)
        if self.maybe(0.25):
            made["trigger"] = {"date": "seen"} | self.some_keys(again_after=(0.5, "1d", "2d"))
            made.setdefault("send_in", "08:00-20:00")
        return made

    def rules(self) -> list[Texts]:
        sms: Texts = {"channel": "sms"}
        rules: list[Texts] = [
            {"rule": "cap", "kind": "frequency-cap", "at_most": self.some("1", "2", "3"), "per": self.some(*PER)},
            {"rule": "none", "kind": "frequency-cap", "at_most": "0", "match": sms},
            {"rule": "since", "kind": "frequency-cap", "at_most": "1", "since": {"event": "visit", "lasting": "1d"}},
            {"rule": "apart", "kind": "spacing", "at_least": self.some("24h", "6h", "2d")},
            {"rule": "after", "kind": "spacing", "at_least": self.some("24h", "6h"), "after": {"event": "done"}},
            {"rule": "hours", "kind": "sending-hours", "hours": self.some("09:00-19:00", "08:00-21:00")},
            {"rule": "fit", "kind": "audience-fit", self.some("must", "must_not"): self.condition(1)},
            {"rule": "floor", "kind": "contact-floor", "at_least": self.some("1", "2"), "per": self.some("2d", "48h")},
            {"rule": "mix", "kind": "mix", "part": sms, "per": self.some(*PER), "of_at_least": self.some("1", "2")}
            | {self.some("at_most", "at_least"): self.some("50%", "0%", "33%")},
            {"rule": "ask", "kind": "give-and-ask", "give": sms, "ask": {"purpose": "promotion"}, "gives_per_ask": "1"}
            | self.some_keys(per=(0.7, *PER)),
        ]
        for rule in rules:
            rule["for"] = self.audience(0.3)
        return self.sample(rules, self.some(1, 2, 3))


@dataclass
class LawWorld(World):
    """A plan, the law, and the plan changed by it; ``pairs``: which rule of it answers which of the first."""

    law: str
    changed: list[Texts]
    changed_as_of: date
    relation: str
    pairs: list[tuple[str, str]]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("…")


Change = tuple[list[Texts], date, str]
Law = Callable[[LawMaker, list[Texts], date], Change | None]


def campaigns(documents: Sequence[Texts]) -> list[Texts]:
    return [document for document in documents if "campaign" in document]


def rules_of(documents: Sequence[Texts]) -> list[Texts]:
    return [rule for document in documents if "policy" in document for rule in document["rules"]]


# --- what changes nothing --------------------------------------------------------------------------------------------


def another_order(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """The order of documents, attributes, events and values says nothing."""
    made = [documents[0], *maker.sample(documents[1:], len(documents) - 1)]
    for document in made:
        if "customers" in document:
            for key in ("attributes", "events"):
                told = document["customers"][key]
                document["customers"][key] = {name: told[name] for name in maker.sample(list(told), len(told))}
            for attribute in document["customers"]["attributes"].values():
                if "values" in attribute:
                    attribute["values"] = attribute["values"][::-1]
        if "rules" in document:
            document["rules"] = document["rules"][::-1]
    return made, as_of, SAME


def other_names(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """Campaigns of other names are the same campaigns."""
    for n, made in enumerate(campaigns(documents)):
        made["campaign"] = f"{'zyxwv'[n % 5]}{n}"
    return documents, as_of, SAME


def another_campaign(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """A cancelled campaign, an attribute that nobody asks for and an event that nothing waits for change nothing."""
    other: Texts = {"campaign": "other", "purpose": "care", "status": "cancelled", "audience": "everyone"}
    other["touches"] = [{"channel": "sms", "at": f"{maker.day(1)} 11:00"}]
    for document in documents:
        if "customers" in document:
            document["customers"]["attributes"]["unused"] = {"type": "flag", "changes": "freely"}
            document["customers"]["events"]["unheard"] = {"sets": {"unused": "true"}}
    return [*documents, other], as_of, SAME


def one_send_each(maker: LawMaker, documents: list[Texts], as_of: date) -> Change | None:
    """A campaign of many touches is as many campaigns of one; what stops it, or counts campaigns, aside."""
    found: list[Texts] = []
    for document in documents:
        if (
            "campaign" not in document
            or "trigger" in document
            or "stops_on" in document
            or len(document["touches"]) < 2
        ):
            found.append(document)
            continue
        found += [
            document | {"campaign": f"{document['campaign']}{n}", "touches": [touch]}
            for n, touch in enumerate(document["touches"])
        ]
    drafts = any(made["status"] == "draft" for made in campaigns(documents))
    return None if drafts or len(found) == len(documents) else (found, as_of, SAME)


def audience_on_the_touch(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """An audience of the campaign may stand at each touch, and it may be said twice over."""
    for made in campaigns(documents):
        asked = made["audience"]
        if asked == "everyone":
            continue
        for touch in made["touches"]:
            if "audience" in touch:
                touch["audience"] = {"all": [asked, touch["audience"], asked]}
            else:
                touch["audience"] = asked
        made["audience"] = "everyone"
    return documents, as_of, SAME


def weeks_later(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """A plan moved by whole weeks in UTC has the same verdicts."""
    moved = timedelta(weeks=4)
    texts = {str(maker.first + timedelta(days=n)): str(maker.first + timedelta(days=n) + moved) for n in range(-40, 40)}
    return _replaced(documents, texts), as_of + moved, SAME


def _replaced(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, texts) for item in value]
    if isinstance(value, str) and value[:10] in texts:
        return texts[value[:10]] + value[10:]
    return value


def hours_for_days(maker: LawMaker, documents: list[Texts], as_of: date) -> Change | None:
    """In UTC so many days are so many times 24 hours."""
    lengths = {f"{n}d": f"{24 * n}h" for n in range(1, 15)}
    changed = False
    for rule in rules_of(documents):
        for key in ("per", "at_least"):
            if rule["kind"] != "contact-floor" and str(rule.get(key)) in lengths:
                rule[key], changed = lengths[rule[key]], True
    return (documents, as_of, SAME) if changed else None


def split_in_parts(maker: LawMaker, documents: list[Texts], as_of: date) -> Change | None:
    """A campaign for everyone is two, for those in a list and for all others."""
    found: list[Texts] = []
    for document in documents:
        if "customers" in document:
            document["customers"]["segments"] = {"listed": {"opaque": "true", "changes": "never"}}
        if (
            "campaign" in document
            and document["audience"] == "everyone"
            and not any("audience" in t for t in document["touches"])
        ):
            inside, outside = {"segment": "listed"}, {"not": {"segment": "listed"}}
            found += [document | {"campaign": f"{document['campaign']}a", "audience": inside}]
            found += [document | {"campaign": f"{document['campaign']}b", "audience": outside}]
        else:
            found.append(document)
    drafts = any(made["status"] == "draft" for made in campaigns(documents))
    floors = any(rule["kind"] == "give-and-ask" for rule in rules_of(documents))
    return None if drafts or floors or len(found) == len(documents) else (found, as_of, SAME)


def assumed_for_again_after(maker: LawMaker, documents: list[Texts], as_of: date) -> Change | None:
    """Of an event that changes nothing, and sets one campaign off: that it comes once in so long, or that more start nothing."""
    mine = [made for made in campaigns(documents) if made.get("trigger", {}).get("event") == "visit"]
    told = next(document["customers"]["events"] for document in documents if "customers" in document)
    stops = [name for made in campaigns(documents) for name in _listed(made.get("stops_on"))]
    stops += [name for made in campaigns(documents) for name in _listed(made.get("trigger", {}).get("stops_on"))]
    speaks = any("since" in rule or "event" in str(rule.get("after")) for rule in rules_of(documents))
    if len(mine) != 1 or told["visit"].get("sets") or "visit" in stops or speaks:
        return None
    apart = maker.some("12h", "24h", "1d", "2d")
    told["visit"].pop("assume", None)
    mine[0]["trigger"]["again_after"] = apart
    changed = copy.deepcopy(documents)
    next(document["customers"]["events"] for document in changed if "customers" in document)["visit"]["assume"] = {
        "at_most": "1",
        "per": apart,
    }
    next(made for made in campaigns(changed) if made["campaign"] == mine[0]["campaign"])["trigger"].pop("again_after")
    return changed, as_of, SAME


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def set_off_at_its_time(maker: LawMaker, documents: list[Texts], as_of: date) -> Change | None:
    """A touch on a date, and one that is set off in the night before and waits for that very minute.

    Nobody has to set it off: what is owed, given or helps is left aside.
    """
    if any(rule["kind"] in ("contact-floor", "give-and-ask", "mix") for rule in rules_of(documents)):
        return None
    told = next(document["customers"]["events"] for document in documents if "customers" in document)
    for made in campaigns(documents):
        touches = made["touches"]
        if "trigger" in made or "stops_on" in made or len(touches) > 1 or {"repeat", "lasts"} & set(touches[0]):
            continue
        day, at = touches[0].pop("at").split(" ")
        if at == "20:00":
            return None
        told["wish"] = {"hours": "03:00-05:00"}
        made["trigger"] = {"event": "wish", "again_after": "30d"}
        made["during"] = {"from": day, "until": day}
        made["send_in"] = f"{at}-{at[:4]}1"
        return documents, as_of, SAME
    return None


# --- what can only take away, or only add ----------------------------------------------------------------------------


def later_as_of(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """A later as-of knows no set of touches that an earlier one does not."""
    return documents, as_of + timedelta(days=maker.some(1, 2, 3)), FEWER


def one_more_fact(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """A fact only takes customers away."""
    for document in documents:
        if "customers" in document:
            document["customers"].setdefault("facts", []).append({"if": maker.condition(), "then": maker.condition()})
    return documents, as_of, FEWER


def stricter(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """A stricter number loses no violation."""
    for rule in rules_of(documents):
        if rule["kind"] == "frequency-cap" and int(rule["at_most"]) > 1:
            rule["at_most"] = str(int(rule["at_most"]) - 1)
        elif rule["kind"] == "spacing":
            rule["at_least"] = {"6h": "8h", "24h": "30h", "2d": "3d"}[rule["at_least"]]
        elif rule["kind"] == "contact-floor":
            rule["at_least"] = str(int(rule["at_least"]) + 1)
        elif rule["kind"] == "give-and-ask":
            rule["gives_per_ask"] = "2"
        elif rule["kind"] == "sending-hours":
            rule["hours"] = {"09:00-19:00": "09:30-18:00", "08:00-21:00": "08:30-12:00"}[rule["hours"]]
        elif rule["kind"] == "mix":
            rule["of_at_least"] = "1"
    return documents, as_of, MORE


def wider_hours_of_events(maker: LawMaker, documents: list[Texts], as_of: date) -> Change:
    """What can happen at more times loses no violation."""
    for document in documents:
        if "customers" in document:
            document["customers"]["events"]["visit"].pop("assume", None)
            document["customers"]["events"]["done"]["hours"] = "12:00-16:00"
    return documents, as_of, MORE


LAWS: dict[str, Law] = {
    law.__name__: law
    for law in (
        another_order,
        other_names,
        another_campaign,
        one_send_each,
        audience_on_the_touch,
        weeks_later,
        hours_for_days,
        split_in_parts,
        assumed_for_again_after,
        set_off_at_its_time,
        later_as_of,
        one_more_fact,
        stricter,
        wider_hours_of_events,
    )
}


# --- one question in two forms ---------------------------------------------------------------------------------------

Form = Callable[[LawMaker], tuple[Texts, Texts]]
"""Two rules that ask the same."""
SMS: Texts = {"channel": "sms"}
NONE: list[Texts] = [
    {"kind": "frequency-cap", "at_most": "0", "match": SMS},
    {"kind": "sending-hours", "hours": {"mon-sun": "none"}, "match": SMS},
    {"kind": "audience-fit", "must": {"all": [{"city": "a"}, {"city": "b"}]}, "match": SMS},
    {"kind": "give-and-ask", "ask": SMS, "give": {"channel": "phone"}, "gives_per_ask": "1"},
]


def none_of_it(maker: LawMaker) -> tuple[Texts, Texts]:
    """A cap of none, hours none, a fit that nobody meets and an ask without a give."""
    group = {"for": maker.audience(0.5)}
    one, other = maker.sample(NONE, 2)
    return one | group, other | group


def one_apart(maker: LawMaker) -> tuple[Texts, Texts]:
    """Spacing, and a cap of one."""
    length = maker.some("6h", "24h", "1d", "2d")
    return {"kind": "spacing", "at_least": length}, {"kind": "frequency-cap", "at_most": "1", "per": length}


def mix_turned_round(maker: LawMaker) -> tuple[Texts, Texts]:
    """At most a share of texts, and at least the rest of mails."""
    same: Texts = {"kind": "mix", "per": maker.some(*PER), "of_at_least": maker.some("1", "2")}
    share, rest = maker.some(("50%", "50%"), ("33%", "67%"), ("0%", "100%"), ("20%", "80%"))
    return same | {"part": SMS, "at_most": share}, same | {"part": {"channel": "email"}, "at_least": rest}


FORMS: dict[str, Form] = {form.__name__: form for form in (none_of_it, one_apart, mix_turned_round)}


def in_two_forms(draw: Draw, form: str) -> LawWorld | None:
    """A plan with one rule, and the same plan with the rule in its other form."""
    maker = LawMaker(draw)
    documents = maker.documents()
    for made in campaigns(documents):
        for touch in made["touches"]:
            touch.pop("attempts", None)
    rules = FORMS[form](maker)
    one, other = ([*documents[:-1], {"policy": "p", "rules": [rule | {"rule": "x"}]}] for rule in rules)
    plan, linked = built(one)
    return LawWorld(one, plan, linked, maker.first, form, other, maker.first, SAME, [("p/x", "p/x")])


def some_world(draw: Draw, *laws: str) -> LawWorld | None:
    """A plan and one changed by a law; None where the law does not speak of it."""
    maker = LawMaker(draw)
    documents = maker.documents()
    law = maker.some(*(laws or LAWS))
    as_of = maker.first + timedelta(days=maker.some(0, 0, 1))
    change = LAWS[law](maker, copy.deepcopy(documents), as_of)
    if change is None:
        return None
    names = [f"p/{rule['rule']}" for rule in rules_of(documents)]
    plan, rules = built(documents)
    return LawWorld(documents, plan, rules, as_of, law, *change, [(name, name) for name in names])
