"""Looking words up: each against the declared ones, with a guess where it is none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..messages import Message, declared_where, did_you_mean, say
from ..places import Place, Problem
from .plan import CustomerModel, Words
from .read_conditions import Names


def undeclared(word: str, kind: tuple[str, str], place: Place, help: Message | None) -> Problem:
    """A word that stands for nothing; ``kind`` is what it should be, in both languages."""
    message = say("the {kind} '{word}' is not declared", "{zh}“{word}”没有声明", kind=kind[0], zh=kind[1], word=word)
    return Problem(f"undeclared-{kind[0]}", message, place, help)


def undeclared_event(name: str, known: Iterable[str], place: Place) -> Problem:
    """The same of an event, with the place where events are declared."""
    where = say("declare it under customers: events", "请在 customers: events 中声明")
    return undeclared(name, ("event", "事件"), place, declared_where(name, known, where))


class Lookup:
    """Looks up the words of one document after the other against the same vocabulary."""

    def __init__(
        self, words: Words, customers: CustomerModel, timezone: str, problems: list[Problem], last_day: date | None
    ) -> None:
        self.words, self.customers, self.timezone, self.problems = words, customers, timezone, problems
        self.last_day = last_day
        self.partial = False
        self.names = Names(dict(customers.attributes), dict(customers.segments), problems)

    def wrong(self, code: str, message: Message, place: Place, help: Message | None = None) -> None:
        self.problems.append(Problem(code, message, place, help))

    def known(self, word: str | None, among: Iterable[str], kind: tuple[str, str], place: Place) -> None:
        known = list(among)
        if word is not None and word not in known:
            if kind[0] == "event":
                self.problems.append(undeclared_event(word, known, place))
            else:
                help = did_you_mean(word, known) or say("declare it in the vocabulary", "请在词汇表中声明")
                self.problems.append(undeclared(word, kind, place, help))

    def all_known(self, listed: Iterable[str], among: Iterable[str], kind: tuple[str, str], place: Place) -> None:
        among = list(among)
        for index, word in enumerate(listed):
            self.known(word, among, kind, place.down(index))
