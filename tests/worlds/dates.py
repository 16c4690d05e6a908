"""Small random worlds of what is owed around a date, and of what promises on dates owe: brute force without the search.

Every customer is tried: each day that the date can be, or none, or one that is not known, in each city. The clocks of Paris
go forward on the seventh day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tactful.engine.clocks import day_of, midnight, shift
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import UNKNOWN, Customer, admits
from tactful.engine.sends.timeline import Send

from tests.building import built
from tests.worlds.comparing import World
from tests.worlds.making import Draw, Maker, Texts
from tests.worlds.people import noon
from tests.worlds.truth import of_draft, received

DAYS = 12
LENGTH = {"d": 1, "w": 7}


class DateMaker(Maker):
    zone = "Europe/Paris"
    first = date(2026, 3, 23)

    def documents(self) -> list[Texts]:
        self.attributes = {
            "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
            "ends": {"type": "date", "changes": "never", "known": "ahead"},
        }
        return [
            self.settings(DAYS),
            {"customers": {"attributes": self.attributes}},
            {"vocabulary": {"gives": {"tea": {"kind": "warm"}}}},
            *(self.dated(f"d{n}") for n in range(self.some(0, 1, 2))),
            *(self.hanging(f"t{n}") for n in range(self.some(1, 1, 2))),
            {"policy": "p", "rules": self.most_of([self.around("r0"), self.around("r1"), self.kept()])},
        ]

    def touch(self, **more: str) -> Texts:
        made: Texts = {"channel": self.some("sms", "email"), **more}
        made |= self.some({"gives": "tea"}, {"gives": "tea"}, {"promises": "tea"}, {"promises": "tea"}, {})
        return made | self.some_keys(lasts=(0.15, "2h", "1d"))

    def dated(self, name: str) -> Texts:
        touch = self.touch(at=f"{self.day(self.draw(DAYS))} {self.some('10:00', '00:00', '23:59')}")
        if self.maybe(0.7):
            touch["repeat"] = {"every": "day", "step": self.some("1", "2", "3"), "count": self.some("2", "4", "9")}
        return self.campaign(name, [touch], audience=self.audience(0.6))

    def hanging(self, name: str) -> Texts:
        """A campaign that the date sets off."""
        touches = [self.touch(), *([self.touch(after=self.some("1d", "30h", "3d"))] if self.maybe(0.5) else [])]
        trigger = {"date": "ends"} | self.some({}, {"before": "2d"}, {"before": "5d"}, {"after": "1d"})
        hours = self.some("00:00-24:00", "09:00-18:00", {"mon-fri": "09:00-18:00"})
        return self.campaign(name, touches, audience=self.audience(0.6), trigger=trigger, send_in=hours)

    def around(self, name: str) -> Texts:
        made: Texts = {"rule": name, "kind": "obligation", "date": "ends", "do": {"gives": "tea"}}
        if self.maybe(0.5):
            made["within"] = self.some("0d", "2d", "1w")
        else:
            made["ahead"] = self.some({"at_most": "4d"}, {"at_least": "1d", "at_most": "3d"}, {"at_most": "1w"})
        groups = ({"city": "a"}, {"ends": {"ahead": {"at_most": "9d"}}}, self.condition(1))
        return made | ({"for": self.some(*groups)} if self.maybe(0.4) else {})

    def kept(self) -> Texts:
        within = self.some("5h", "2d", "3d")
        return {"rule": "kept", "kind": "obligation", "event": "any-promise", "within": within}


class DateWorld(World):
    def customers(self) -> Iterator[Customer]:
        first = DateMaker.first
        for city in ("a", "b"):
            for ends in (None, UNKNOWN, *(first + timedelta(days=n) for n in range(-14, DAYS + 14))):
                yield Customer({"city": city, "ends": ends})

    def broken(self, customer: Customer, rule: LinkedRule[Any]) -> set[str]:
        """Where a rule is broken for a customer: at campaigns, or ("") at the rule."""
        if rule.params.date is None:
            return set(self.promised(customer, rule))
        return {""} if self.missed(customer, rule) else set()

    def missed(self, customer: Customer, rule: LinkedRule[Any]) -> bool:
        """Whether their date has a time around it in the period, in which they are of the group and get no tea."""
        day, ahead, within = customer.steady["ends"], rule.params.ahead, rule.params.within
        if not isinstance(day, date):
            return False
        first, last = day, day
        if ahead is not None:
            first -= timedelta(days=ahead.at_most.amount * LENGTH[ahead.at_most.unit])
            last -= timedelta(days=ahead.at_least.amount if ahead.at_least else 0)
        else:
            last += timedelta(days=within.amount * LENGTH[within.unit])
        begins = DateMaker.first
        if first < begins or last > begins + timedelta(days=DAYS - 1) or last < self.as_of:
            return False
        noons = [noon(first + timedelta(days=n), self.zone) for n in range((last - first).days + 1)]
        if not all(admits(rule.group, customer, at, self.model, self.zone) for at in noons):
            return False
        tea = [t for t in of_draft(received(self, customer), None) if "tea" in t.model.gives]
        return not any(first <= t.day and day_of(ended(t), self.zone) <= last for t in tea)

    def promised(self, customer: Customer, rule: LinkedRule[Any]) -> Iterator[str]:
        """The campaigns whose promise they get, and no tea in time after it."""
        over = midnight(DateMaker.first + timedelta(days=DAYS), self.zone)
        for touch in received(self, customer):
            due = shift(touch.at, rule.params.within, +1, self.zone)
            if not touch.model.promises or due >= over or day_of(due, self.zone) < self.as_of:
                continue
            mine = of_draft(received(self, customer), touch.campaign)
            if not any(touch.at <= t.at and ended(t) <= due and "tea" in t.model.gives for t in mine):
                yield touch.campaign


def ended(touch: Send) -> datetime:
    """When a touch is over."""
    return touch.at if touch.model.lasts is None else shift(touch.at, touch.model.lasts, +1, touch.zone)


def some_world(draw: Draw) -> DateWorld:
    maker = DateMaker(draw)
    documents = maker.documents()
    return DateWorld(documents, *built(documents), maker.first + timedelta(days=maker.some(0, 0, 5)))
