"""Links ledgers: looks up the words of bounds and rows, and puts equal customers of a log together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, cast

from ..messages import did_you_mean, say
from ..places import Place, Problem
from .conditions import Condition, InArm, both
from .document import Document
from .ledger import LINE, LOG, Bound, Contact, Ledger, PlannedLedger, Sent
from .plan import CustomerModel, Words
from .read_conditions import Names, read_condition

MAX_CUSTOMERS = 2000
"""How many different histories of customers a log may hold, equal ones counted once."""
MAX_ROWS = 200

Problems = list[Problem]
History = tuple[tuple[datetime, str, str, str | None, str | None, tuple[tuple[str, str], ...]], ...]


def test_of(ledger: str) -> str:
    """The name under which the customers of a log are told apart: each is in one arm, all others in none."""
    return f"{LOG}{ledger}"


def arm_of(contacts: Sequence[Contact]) -> str:
    """How the customer of these contacts is named: by a line of the log, never by what identifies them."""
    return f"{LINE}{min(contact.line for contact in contacts)}"


def histories(document: Document) -> dict[History, list[Contact]]:
    """The contacts of a log by what a customer got and was: customers alike in both stand for each other."""
    mine: dict[str, list[Contact]] = {}
    for contact in cast(Sequence[Contact], document.rows):
        mine.setdefault(contact.customer, []).append(contact)
    found: dict[History, list[Contact]] = {}
    for contacts in mine.values():
        key = tuple(
            sorted(
                ((c.at, c.channel, c.purpose, c.sender, c.about, tuple(sorted(c.values.items()))) for c in contacts),
                key=str,
            )
        )
        found.setdefault(key, contacts)
    return found


def arms_of_logs(documents: Iterable[Document]) -> dict[str, tuple[str, ...]]:
    """Each log as a test whose arms are its customers, with a rest of all others."""
    return {
        test_of(cast(Ledger, d.model).ledger): (*(arm_of(contacts) for contacts in histories(d).values()), "")
        for d in documents
        if d.rows
    }


def link_ledgers(
    documents: Sequence[Document], words: Words, customers: CustomerModel, problems: Problems
) -> tuple[PlannedLedger, ...]:
    names = Names(dict(customers.attributes), dict(customers.segments), problems)
    return tuple(_ledger(document, words, names, problems) for document in documents)


def _ledger(document: Document, words: Words, names: Names, problems: Problems) -> PlannedLedger:
    model, place = cast(Ledger, document.model), Place(document.name)
    if model.log is None and not model.bounds:
        help = say("give a log, or bounds", "请写 log 或 bounds")
        problems.append(Problem("ledger", say("the ledger says nothing", "台账没有内容"), place, help))
    sent = [
        _bound(bound, place.down("bounds", i), model, words, names, problems) for i, bound in enumerate(model.bounds)
    ]
    known = histories(document)
    if len(known) > MAX_CUSTOMERS:
        message = say(
            "the log holds {n} customers with different histories; at most {most} can be looked at",
            "记录中有 {n} 种不同的客户历史；最多可处理 {most} 种",
            n=len(known),
            most=MAX_CUSTOMERS,
        )
        help = say("keep only the last days, or give bounds for groups", "请只保留最近几天，或按群体写 bounds")
        problems.append(Problem("ledger", message, place.down("log"), help))
        known = {}
    for contacts in known.values():
        _never_changed(contacts, model, place.down("log"), names, problems)
        for contact in contacts:
            sent.append(_contact(contact, arm_of(contacts), model, place, words, names, problems))
    return PlannedLedger(model.ledger, model.until, place, tuple(sent), bool(model.bounds))


def _never_changed(contacts: Sequence[Contact], model: Ledger, at: Place, names: Names, problems: Problems) -> None:
    """An attribute that never changes has one value in all rows of a customer."""
    first: dict[str, Contact] = {}
    for contact in contacts:
        for name, text in contact.values.items():
            before = first.setdefault(name, contact)
            if before.values[name] != text and names.attributes[name].changes in (None, "never"):
                message = say(
                    "{log}:{line}: '{name}' never changes, and line {other} says {value} for this customer",
                    "{log}:{line}：“{name}”不会变化，而第 {other} 行对该客户写的是 {value}",
                    log=model.log,
                    line=contact.line,
                    name=name,
                    other=before.line,
                    value=before.values[name],
                )
                problems.append(Problem("ledger", message, at))


def _bound(bound: Bound, place: Place, model: Ledger, words: Words, names: Names, problems: Problems) -> Sent:
    for key, value, known in (
        ("channel", bound.channel, words.channels),
        ("sender", bound.sender, words.senders),
        ("about", bound.about, words.subjects),
    ):
        if value is not None and value not in known:
            message = say("the {key} '{word}' is not declared", "{key}“{word}”没有声明", key=key, word=value)
            problems.append(Problem(f"undeclared-{key}", message, place.down(key), did_you_mean(value, known)))
    if bound.from_ > bound.until:
        problems.append(Problem("ledger", say("from is after until", "from 晚于 until"), place.down("until")))
    if bound.until > model.until:
        message = say("the ledger ends on {day}", "台账截止 {day}", day=model.until)
        problems.append(Problem("ledger", message, place.down("until")))
    audience = read_condition(bound.audience, place.down("audience"), names)
    last = datetime.combine(bound.until, time()) + timedelta(days=1, seconds=-1)
    fields = {"channel": bound.channel, "purpose": bound.purpose, "sender": bound.sender, "about": bound.about}
    return Sent(last, audience, fields, bound.at_most, place)


def _contact(
    contact: Contact, arm: str, model: Ledger, place: Place, words: Words, names: Names, problems: Problems
) -> Sent:
    at = place.down("log")

    def wrong(code: str, message: object, help: object = None) -> None:
        said = say(
            "{log}:{line}: {message}", "{log}:{line}：{message}", log=model.log, line=contact.line, message=message
        )
        if sum(1 for p in problems if p.place == at) < MAX_ROWS:
            problems.append(Problem(code, said, at, help))  # type: ignore[arg-type]

    for key, value, known in (
        ("channel", contact.channel, words.channels),
        ("sender", contact.sender, words.senders),
        ("about", contact.about, words.subjects),
    ):
        if value is not None and value not in known:
            message = say("the {key} '{word}' is not declared", "{key}“{word}”没有声明", key=key, word=value)
            wrong(f"undeclared-{key}", message, did_you_mean(value, known))
    if contact.at.date() > model.until:
        wrong("ledger", say("this is after {day}, the end of the ledger", "晚于台账截止日 {day}", day=model.until))
    quiet = replace(names, problems=[])
    tests: list[Condition] = [InArm(test_of(model.ledger), arm)]
    for name, text in contact.values.items():
        attribute = names.attributes[name]
        raw: Any = (
            {"from": text, "until": text} if attribute.type == "date" and text not in ("absent", "present") else text
        )
        if attribute.type == "labels":
            raw = {"all": [item.strip() for item in text.split(";")]}
        tests.append(read_condition({name: raw}, at, quiet))
    for problem in quiet.problems:
        wrong(problem.code, problem.message, problem.help)
    fields = {"channel": contact.channel, "purpose": contact.purpose, "sender": contact.sender, "about": contact.about}
    return Sent(contact.at, both(*tests), fields, 1, at)
