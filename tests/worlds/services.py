"""Small random worlds in which customers are owed answers: services with hours, triggered campaigns, dated touches.

In most worlds an event can happen only in one minute of the day, or two, so that its first and last second stand for all the
instants of that day. In some it can happen at any time: then it is tried at each quarter of an hour, and around every
instant at which hours, or what is in time, can change. By when a service acts is found by going through its hours minute
by minute, not by the arithmetic of the engine.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import combinations, product
from typing import Any

from tactful.engine.calendars import is_workday
from tactful.engine.clocks import day_of, instant, local, midnight
from tactful.engine.hours import is_open
from tactful.engine.plan.conditions import attributes_of
from tactful.engine.plan.plan import Plan, PlannedService
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.policy.matches import EVERY_TOUCH, Fields, FieldTest, TouchMatch
from tactful.engine.reference import (
    UNKNOWN,
    Customer,
    Value,
    admits,
    impossible,
    received_dated,
    received_triggered,
    set_value,
)
from tactful.engine.scalars import Duration, Hours
from tactful.engine.sends.services import service_fields
from tactful.engine.sends.timeline import Send, timeline
from tactful.engine.windows import Window, window_ending

Events = tuple[tuple[datetime, str], ...]
BEGINNINGS = {
    "Asia/Shanghai": ["2026-03-09", "2026-03-06", "2026-03-05", "2026-04-03", "2026-02-13"],
    "Europe/London": ["2026-03-27", "2026-03-28", "2026-10-23", "2026-10-24"],
}
"""First days: in the week, before a weekend, before holidays, before a working Saturday, before the clocks change."""
MINUTES = ["08:59", "10:00", "12:00", "17:45", "20:30", "21:30", "23:59"]
SPANS: list[Any] = [
    "09:00-18:00",
    "09:00-21:00",
    "08:00-24:00",
    "00:00-24:00",
    "22:00-06:00",
    ["08:00-12:00", "13:30-20:00"],
    ["00:00-02:00", "10:00-22:00"],
]
WITHIN = ["5min", "30min", "2h", "8h", "12h", "12h", "20h", "24h", "24h", "1d", "1d", "2d", "60h"]
DO: list[dict[str, Any]] = [
    {"by": "human"},
    {"gives": "tea"},
    {"gives": ["tea", "tips"]},
    {"channel": "sms"},
    {"purpose": ["care", "service"]},
    {"channel": {"not": "email"}},
]
LONGEST = 60 * 24 * 60
"""The minutes after which a service is taken never to open."""


# --- a world, as it would be written ---------------------------------------------------------------------------------


def some_world(rng: random.Random) -> list[dict[str, Any]]:
    """The documents of a random world."""
    zone = rng.choice([*["Asia/Shanghai"] * 5, "Europe/London"])
    first = date.fromisoformat(rng.choice(BEGINNINGS[zone]))
    always = rng.random() < 0.3
    last = first + timedelta(days=rng.choice([1, 2, 2, 5] if always else [1, 2, 2]))
    settings: dict[str, Any] = {"tactful": "1", "timezone": zone, "period": {"from": str(first), "until": str(last)}}
    calendar = zone == "Asia/Shanghai" and rng.random() < 0.5
    if calendar:
        settings["calendar"] = "CN"
    customers = _customers(rng, always)
    names = list(customers["events"])
    documents = [settings, {"vocabulary": {"gives": {"tea": {"kind": "warm"}, "tips": {"kind": "useful"}}}}]
    documents.append({"customers": customers})
    services = [_service(rng, f"s{n}", names, calendar) for n in range(rng.choice([1, 1, 2, 2, 3]))]
    dated = [_dated(rng, f"d{n}", first, last, names, len(services)) for n in range(rng.choice([0, 1, 1, 2]))]
    triggered = [_triggered(rng, f"t{n}", names) for n in range(rng.choice([0, 0, 1, 1, 2]))]
    rules = _rules(rng, names, calendar, first, always)
    if rng.random() < 0.4:
        _as_one(rng, services, triggered, rules)
    if always:
        _fewer_conditions(rng, [*services, *dated, *triggered], rules)
    return [*documents, *services, *dated, *triggered, {"policy": "p", "rules": rules}]


def _as_one(
    rng: random.Random, services: list[dict[str, Any]], triggered: list[dict[str, Any]], rules: list[dict[str, Any]]
) -> None:
    """Makes everything do what is owed, so that all depends on when and for whom."""
    for service in services:
        service["gives"] = ["tea"]
        service["event"] = ["visit"]
    for campaign in triggered:
        campaign["trigger"]["event"] = "visit"
        for touch in campaign["touches"]:
            touch["gives"] = ["tea"]
    if triggered and rng.random() < 0.6:
        for service in services:
            service["gives"] = rng.choice([["tea"], ["tips"], ["tips"]])
    for rule in rules[:2]:
        rule |= {"do": {"gives": "tea"}, "event": "visit"}
        rule["within"] = rng.choice([rule["within"], "12h", "24h", "1d"])


def _fewer_conditions(rng: random.Random, plan: list[dict[str, Any]], rules: list[dict[str, Any]]) -> None:
    """Leaves two conditions, sometimes the same, so that few kinds of customers are to be tried at many instants."""
    places = [(made, "audience") for made in plan] + [(rule, "for") for rule in rules]
    kept = rng.sample(places, min(2, len(places)))
    same = _condition(rng)
    for made, key in places:
        made[key] = "everyone" if (made, key) not in kept else same if rng.random() < 0.5 else _condition(rng)


def _customers(rng: random.Random, always: bool) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "seen": {"type": "date", "changes": rng.choice(["forward", "freely"])},
        "waiting": {"type": "flag", "changes": "freely"},
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
    }
    for name in ("seen", "waiting"):
        if rng.random() < 0.6:
            attributes[name]["always_known"] = "true"
    events = _events(rng, always)
    if not any("seen" in event.get("sets", {}) for event in events.values()):
        attributes["seen"]["changes"] = "never"
    if not any("waiting" in event.get("sets", {}) for event in events.values()) and rng.random() < 0.3:
        attributes["waiting"]["changes"] = "never"
    return {"attributes": attributes, "events": events}


def _events(rng: random.Random, always: bool) -> dict[str, Any]:
    """One event, or two, each in its minute; ``always``: the first at any time."""
    names = ["visit", *rng.choice([[], ["done"], ["reply"], ["reply"]])]
    made: dict[str, Any] = {}
    for name in names:
        minutes = rng.sample(MINUTES, rng.choice([1, 1, 1, 2]))
        made[name] = {"hours": [_minute(at) for at in minutes]}
    if always:
        for name in rng.choice([[rng.choice(names)], names]):
            made[name] = rng.choice([{}, {}, {"hours": "09:00-21:00"}, {"hours": "10:00-23:00"}])
    visit, other = made["visit"], made[names[-1]]
    if rng.random() < 0.4:
        visit["sets"] = rng.choice([{"seen": "day"}, {"waiting": "true"}, {"seen": "day", "waiting": "true"}])
    if other is not visit and rng.random() < 0.3:
        other["sets"] = {"waiting": "false"}
    if other is not visit and rng.random() < 0.2:
        other["if"] = {"waiting": "true"}
    if rng.random() < 0.2:
        visit["if"] = rng.choice([{"city": "a"}, {"waiting": "true"}])
    if rng.random() < 0.4:
        visit["assume"] = {"at_most": rng.choice(["1", "2"]), "per": rng.choice(["1d", "24h", "2d"])}
    if rng.random() < 0.3:
        channels = rng.choice([["sms", "email"], ["sms"], ["sms", "phone"]])
        for event in rng.choice([[visit], [other], [visit, other]]):
            event["channels"] = channels
    return made


def _minute(at: str) -> str:
    """The hours that are one minute."""
    end = (datetime.strptime(at, "%H:%M") + timedelta(minutes=1)).strftime("%H:%M")
    return f"{at}-{'24:00' if end == '00:00' else end}"


def _condition(rng: random.Random) -> Any:
    return rng.choice(
        [
            *["everyone"] * 4,
            {"city": "a"},
            {"city": "b"},
            {"waiting": "false"},
            {"waiting": "true"},
            {"not": {"waiting": "true"}},
            {"seen": {"within": "1d"}},
            {"seen": {"over": "1d"}, "city": "b"},
            {"not": {"seen": {"within": "0d"}}},
            {"any": [{"seen": "absent"}, {"waiting": "false"}]},
        ]
    )


def some_hours(rng: random.Random, calendar: bool) -> Any:
    """Opening hours in one of their forms."""
    form = rng.random()
    if form < 0.5:
        return rng.choice(SPANS)
    if form < 0.6:
        return {"mon-fri": rng.choice(SPANS)}
    made = {"mon-thu": rng.choice(SPANS), "fri": rng.choice(SPANS), "sat": rng.choice([*SPANS, "none"])}
    made["sun"] = rng.choice(["none", "10:00-16:00"])
    if calendar and rng.random() < 0.6:
        made["holidays"] = rng.choice(["none", "10:00-12:00"])
    if calendar and rng.random() < 0.3:
        made["workdays"] = rng.choice(["09:00-18:00", "07:00-11:00"])
    return made


def some_service(rng: random.Random, name: str, calendar: bool) -> dict[str, Any]:
    """A service with hours and a time within which it acts."""
    civil = ["1d", "2d", *(["1workdays", "2workdays"] if calendar else [])]
    made: dict[str, Any] = {
        "service": name,
        "event": ["reply"],
        "channel": "sms",
        "gives": [],
        "within": rng.choice(civil)
        if rng.random() < 0.2
        else rng.choice(["0min", "10min", "10min", "30min", "2h", "5h", "12h"]),
    }
    if rng.random() < 0.8:
        made["hours"] = some_hours(rng, calendar)
    if rng.random() < 0.15:
        made["timezone"] = "Asia/Tokyo"
    return made


def _service(rng: random.Random, name: str, events: list[str], calendar: bool) -> dict[str, Any]:
    made = some_service(rng, name, calendar)
    made["event"] = rng.choice([["visit"], ["visit"], events, events[-1:]])
    made["channel"] = rng.choice(["sms", "email", "phone"])
    made["gives"] = rng.choice([["tea"], ["tea"], ["tea", "tips"], ["tips"], []])
    made["by"] = rng.choice(["human", "human", "automatic"])
    made["audience"] = _condition(rng) if rng.random() < 0.6 else "everyone"
    return made


def _status(rng: random.Random) -> str:
    return rng.choice(["planned", "planned", "planned", "live", "draft"])


def _dated(rng: random.Random, name: str, first: date, last: date, events: list[str], services: int) -> dict[str, Any]:
    touches = []
    for _ in range(rng.choice([1, 1, 2])):
        day = first + timedelta(days=rng.randrange((last - first).days + 1))
        at = f"{day} {rng.choice(['08:00', '10:00', '12:30', '20:00'])}"
        touch: dict[str, Any] = {"channel": rng.choice(["sms", "email"]), "at": at}
        touch["gives"] = rng.choice([["tea"], ["tips"], []])
        if rng.random() < 0.5:
            touch["reply"] = {"to": f"s{rng.randrange(services)}"}
        if rng.random() < 0.4:
            touch["promises"] = [rng.choice(["tea", "tips"])]
        if rng.random() < 0.3:
            touch["repeat"] = {"every": "day", "count": "2"}
        if rng.random() < 0.2:
            touch["audience"] = _condition(rng)
        touches.append(touch)
    made = {"campaign": name, "purpose": rng.choice(["promotion", "care"]), "status": _status(rng)}
    made |= {"audience": _condition(rng), "touches": touches}
    if rng.random() < 0.2:
        made["stops_on"] = rng.choice(events)
    return made


def _triggered(rng: random.Random, name: str, events: list[str]) -> dict[str, Any]:
    trigger: dict[str, Any] = {"event": rng.choice(["visit", *events])}
    if rng.random() < 0.6:
        trigger["again_after"] = rng.choice(["12h", "24h", "1d", "2d"])
    if rng.random() < 0.25:
        trigger["stops_on"] = rng.choice(events)
    touches: list[dict[str, Any]] = []
    for _ in range(rng.choice([1, 1, 2])):
        touch: dict[str, Any] = {"channel": rng.choice(["sms", "email"]), "gives": rng.choice([["tea"], ["tips"]])}
        touch["by"] = rng.choice(["human", "automatic"])
        if rng.random() < 0.5:
            touch["after"] = rng.choice(["20min", "2h", "10h", "1d"])
        if rng.random() < 0.15:
            touch["audience"] = _condition(rng)
        touches.append(touch)
    made: dict[str, Any] = {"campaign": name, "purpose": rng.choice(["promotion", "care"]), "status": _status(rng)}
    made |= {"audience": _condition(rng), "trigger": trigger, "touches": touches}
    if rng.random() < 0.4:
        made["send_in"] = rng.choice(["08:00-12:00", "00:00-20:00", "18:00-20:00", {"mon-sat": "08:00-20:00"}])
    return made


def _rules(rng: random.Random, events: list[str], calendar: bool, first: date, always: bool) -> list[dict[str, Any]]:
    within = [*WITHIN, *(["1workdays"] if calendar else [])]
    answer = {"rule": "answer", "event": "visit", "do": rng.choice(DO)}
    both = {"rule": "both", "event": events, "do": rng.sample(DO, rng.choice([1, 2]))}
    rules: list[dict[str, Any]] = [answer, both]
    for rule in rules:
        if rng.random() < 0.3:
            rule["per"] = rng.choice(["2h", "24h", "1d", "2d", {"calendar": "day"}, {"days": "2"}])
    if "reply" in events or always:
        rules.append({"rule": "replied", "event": "any-reply"})
    rules.append({"rule": "promised", "event": "any-promise"})
    for rule in rules:
        _when(rng, rule, calendar, first)
        rule |= {"kind": "obligation", "within": rng.choice(within)}
        if "do" not in rule and rng.random() < 0.3:
            rule["do"] = {"channel": "sms"}
        if "do" not in rule or rule["event"] in ("any-reply", "any-promise"):
            rule |= {"match": {"channel": "sms"}} if rng.random() < 0.2 else {}
    return rules


def _when(rng: random.Random, rule: dict[str, Any], calendar: bool, first: date) -> None:
    """For whom, in which hours, on which clock and from which day a rule speaks."""
    if rng.random() < 0.5:
        rule["for"] = _condition(rng)
    if rng.random() < 0.3 and rule["event"] != "any-promise":
        rule["hours"] = some_hours(rng, calendar)
    if rng.random() < 0.1:
        rule["clock"] = "Asia/Tokyo"
    if rng.random() < 0.15:
        day = str(first + timedelta(days=1))
        rule["effective"] = rng.choice([{"from": day}, {"until": day}])


# --- time, minute by minute ------------------------------------------------------------------------------------------


def later(at: datetime, length: Duration, clock: str, calendar: str | None, sign: int = +1) -> datetime:
    """An instant moved by a length of time: elapsed, or by days, or day by day over working days."""
    if length.elapsed:
        return at + sign * timedelta(seconds=length.seconds)
    here = local(at, clock)
    left = length.amount
    while left:
        here += sign * timedelta(days=1)
        if length.unit == "d" or is_workday(calendar or "", here.date()):
            left -= 1
    return instant(here, clock)


def _due(at: datetime, rule: LinkedRule) -> datetime:
    """The last instant for an answer: in working days the end of the last of them."""
    params: Any = rule.params
    due = later(at, params.within, rule.clock, rule.calendar)
    if params.within.unit != "workdays":
        return due
    day = local(due, rule.clock).date()
    while not is_workday(rule.calendar or "", day):
        day += timedelta(days=1)
    return midnight(day + timedelta(days=1), rule.clock) - timedelta(microseconds=1)


class Walk:
    """Goes through the hours of a service minute by minute."""

    def __init__(self, service: PlannedService, plan: Plan) -> None:
        model = service.model
        self.hours: Hours | None = model.hours
        self.within: Duration = model.within
        self.clock: str = model.timezone or plan.timezone
        self.calendar: str | None = model.calendar or plan.calendar
        self.minutes: dict[int, bool] = {}
        self.known: dict[datetime, datetime] = {}

    def open(self, minute: int) -> bool:
        """Whether it is open in a minute, counted from 1970: hours begin and end with whole minutes."""
        if self.hours is None:
            return True
        if minute not in self.minutes:
            at = datetime.fromtimestamp(minute * 60, UTC)
            self.minutes[minute] = is_open(at, self.hours, self.clock, self.calendar)
        return self.minutes[minute]

    def acts_by(self, at: datetime) -> datetime:
        """When the service has acted on what happens at an instant, at the latest."""
        if at not in self.known:
            here = self._opening(int(at.timestamp()))
            if self.within.elapsed:
                due = self._through(here, self.within.seconds)
            else:
                moved = later(datetime.fromtimestamp(here, UTC), self.within, self.clock, self.calendar)
                due = self._opening(int(moved.timestamp()))
            self.known[at] = datetime.fromtimestamp(due, UTC)
        return self.known[at]

    def _opening(self, second: int) -> int:
        """The next open second, this one if it is open."""
        for _ in range(LONGEST):
            if self.open(second // 60):
                return second
            second += 60 - second % 60
        raise AssertionError("it never opens")

    def _through(self, second: int, left: int) -> int:
        """Where so many open seconds from here are over."""
        while left:
            rest = 60 - second % 60
            if self.open(second // 60):
                rest = min(rest, left)
                left -= rest
            second += rest
        return second

    def turns(self, first: datetime, last: datetime) -> list[datetime]:
        """The minutes between two instants at which it opens or closes."""
        span = range(int(first.timestamp()) // 60, int(last.timestamp()) // 60)
        return [datetime.fromtimestamp(n * 60, UTC) for n in span if self.open(n) != self.open(n - 1)]


def _a_minute(hours: Hours) -> bool:
    """Whether hours are single minutes, the same on each day."""
    return all(end - start == 60 for spans in hours.days for start, end in spans)


# --- all customers ---------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A plan, and every customer with at most so many events."""

    plan: Plan
    rules: list[LinkedRule]
    as_of: date
    most_events: int = 2

    def __post_init__(self) -> None:
        assert self.plan.stated_period is not None
        self.line = timeline(self.plan)
        self.model, self.zone = self.plan.customers, self.plan.timezone
        first, last = self.plan.stated_period
        self.begins, self.ends = midnight(first, self.zone), midnight(last + timedelta(days=1), self.zone)
        self.first, self.days = first, (last - first).days + 1
        self.walks = {service.model.service: Walk(service, self.plan) for service in self.plan.services}
        self.serving = {s.model.service: service_fields(s, self.plan) for s in self.plan.services}
        self.channels = self._channels()
        self.turning_by_itself = self.flips()
        self.judging: dict[tuple[str, datetime], datetime | None] = {}

    @cached_property
    def tried(self) -> list[Events]:
        """What customers bring about."""
        return self.histories()

    def _channels(self) -> list[str | None]:
        listed = [channel for event in self.model.events.values() for channel in event.model.channels]
        return list(dict.fromkeys(listed)) or [None]

    def used(self) -> set[str]:
        """The attributes that something asks for."""
        asked = [a for campaign in self.plan.campaigns for a in campaign.audiences]
        asked += [service.audience for service in self.plan.services]
        asked += [event.condition for event in self.model.events.values()]
        asked += [rule.group for rule in self.rules]
        return {name for condition in asked for name in attributes_of(condition)}

    # --- what happens ---

    def slots(self, name: str) -> list[datetime]:
        """The first and last second of each minute in which an event happens; all marks if it is not bound to minutes."""
        hours: Hours | None = self.model.events[name].model.hours
        if hours is None or not _a_minute(hours):
            return [at for at in self.marks() if hours is None or is_open(at, hours, self.zone, self.model.calendar)]
        days = [datetime.combine(self.first + timedelta(days=n), time()) for n in range(self.days)]
        starts = [instant(day + timedelta(seconds=at), self.zone) for day in days for at, _ in hours.days[0]]
        return sorted(start + timedelta(seconds=n) for start in starts for n in (0, 59))

    def at_will(self, name: str) -> bool:
        """Whether an event is not bound to single minutes of the day."""
        hours: Hours | None = self.model.events[name].model.hours
        return hours is None or not _a_minute(hours)

    def always(self) -> bool:
        """Whether some event of this world is not bound to single minutes of the day."""
        return any(self.at_will(name) for name in self.asked())

    def asked(self) -> list[str]:
        """The events that something hangs on."""
        names = {name for rule in self.rules for name in rule.params.event}  # type: ignore[attr-defined]
        names |= {name for service in self.plan.services for name in service.model.event}
        for campaign in self.plan.campaigns:
            trigger = campaign.model.trigger
            names |= {*campaign.model.stops_on, *((trigger.event, *trigger.stops_on) if trigger else ())}
        names |= {name for name, event in self.model.events.items() if event.sets}
        return sorted(name for name in self.model.events if name in names or (name == "reply" and "any-reply" in names))

    def marks(self) -> list[datetime]:
        """Every quarter of an hour, and a minute and a second around whatever can change who is answered."""
        quarters = int((self.ends - self.begins) / timedelta(minutes=15))
        found = {self.begins + n * timedelta(minutes=15) for n in range(quarters)}
        for mark in self._turning():
            found |= {mark + timedelta(seconds=n) for n in (-60, -1, 0, 1, 60)}
        return sorted(at for at in found if self.begins <= at < self.ends)

    def _turning(self) -> set[datetime]:
        before, after = self.begins - timedelta(days=2), self.ends + timedelta(days=2)
        found = {midnight(self.as_of, self.zone), self.ends, *(touch.at for touch in self.line.sends)}
        for walk in self.walks.values():
            turns = walk.turns(before, after) if walk.hours is not None else []
            found |= set(turns) | {later(at, walk.within, walk.clock, walk.calendar, -1) for at in turns}
            found |= {later(at, walk.within, walk.clock, walk.calendar) for at in turns}
        for rule in self.rules:
            within = rule.params.within  # type: ignore[attr-defined]
            found |= {later(at, within, rule.clock, rule.calendar, -1) for at in found}
        return found

    def histories(self) -> list[Events]:
        """What a customer can bring about: nothing, one event, two and sometimes three; the fewest first."""
        names = self.asked()
        slots = sorted((at, name) for name in names for at in self.slots(name))
        if not self.always():
            return [events for n in range(self.most_events + 1) for events in combinations(slots, n)]
        rng = random.Random(len(slots))
        found: list[Events] = [(), *((one,) for one in slots)]
        for one in rng.sample(slots, min(40, len(slots))) if self.days < 4 else []:
            found += [tuple(sorted((one, other))) for other in self._company(one, rng)]
        return found

    def _company(self, one: tuple[datetime, str], rng: random.Random) -> Iterator[tuple[datetime, str]]:
        """Events shortly before and after another, where they can happen, and so long before that a trigger is taken."""
        seconds = [1, 60, 1800, 4 * 3600, -60, -3600, -12 * 3600 + 60, -24 * 3600 + 60]
        for name in self.asked():
            if not self.at_will(name):
                yield from ((at, name) for at in self.slots(name) if (at, name) != one)
            else:
                near = [one[0] + timedelta(seconds=n) for n in rng.sample(seconds, 4)]
                yield from ((at, name) for at in near if self.begins <= at < self.ends)

    # --- who there is ---

    def beginnings(self) -> list[tuple[Value, Value, str]]:
        """How a customer can be before the plan; what nothing asks for is one value."""
        before: dict[str, list[Value]] = {"seen": [None, *(self.first - timedelta(days=n) for n in (1, 2, 4))]}
        before["waiting"] = [True, False]
        if self.model.attributes["seen"].changes == "never":
            before["seen"] += [self.first + timedelta(days=n) for n in range(self.days + 1)]
        for name, values in before.items():
            if not self.model.attributes[name].always_known:
                values.append(UNKNOWN)
            if name not in self.used():
                before[name] = values[:1]
        cities = ["a", "b"] if "city" in self.used() else ["a"]
        return list(product(before["seen"], before["waiting"], cities))

    def flips(self) -> bool:
        """Whether the flag changes by itself."""
        free = self.model.attributes["waiting"].changes == "freely" and "waiting" not in self.model.set_by_events
        return free and "waiting" in self.used()

    def size(self, most: int) -> int:
        """How many customers are tried; of too many, how many at least."""
        each = len(self.beginnings()) * (5 if self.flips() else 1)
        least = 90 * self.days * each if self.always() else 0
        return least if least > most else len(self.tried) * each

    def customers(self) -> Iterator[Customer]:
        values = [True, False] if self.model.attributes["waiting"].always_known else [True, False, UNKNOWN]
        beginnings, flips = self.beginnings(), self.flips()
        for events in self.tried:
            for seen, waiting, city in beginnings:
                turning: list[tuple[datetime, Value]] = [(self.begins, waiting)]
                if flips:
                    turning += [(t, v) for t in self._moments(events) for v in values if v is not waiting]
                for turn in turning:
                    customer = self._lives({"seen": seen, "waiting": waiting}, city, events, turn)
                    if customer is not None:
                        yield customer

    def _moments(self, events: Events) -> set[datetime]:
        """When a flag that changes by itself does so: at an event, or just after it."""
        moments = {at + timedelta(seconds=n) for at, _ in events for n in (0, 1)}
        return moments or {touch.at for touch in self.line.sends}

    def _lives(self, now: dict[str, Value], city: str, events: Events, turn: tuple[datetime, Value]) -> Customer | None:
        """The customer whose attributes follow from what he brings about; None if he cannot."""
        steady = {n: v for n, v in now.items() if self.model.attributes[n].changes == "never"}
        changing: list[tuple[datetime, dict[str, Value]]] = [
            (self.begins - timedelta(days=2), {n: v for n, v in now.items() if n not in steady})
        ]
        for at, name in events:
            event = self.model.events[name]
            sets = {word: set_value(event, word, at, self.zone) for word in event.sets}
            if sets:
                changing.append((at, sets))
        if self.turning_by_itself:
            changing = sorted([*changing, (turn[0], {"waiting": turn[1]})], key=lambda entry: entry[0])
        customer = Customer({"city": city, **steady}, tuple(changing), events)
        return customer if impossible(customer, self.model, [], self.zone) is None else None

    # --- what is judged ---

    def judged(self, rule: LinkedRule) -> bool:
        """Whether anything that can happen is judged by a rule on events."""
        names = rule.params.event  # type: ignore[attr-defined]
        return any(self.deadline(rule, at) for name in names for at in self.slots(name))

    def deadline(self, rule: LinkedRule, at: datetime) -> datetime | None:
        """By when something is owed for what happens at an instant; None where the rule does not judge it."""
        if (rule.id, at) not in self.judging:
            self.judging[rule.id, at] = self._deadline(rule, at)
        return self.judging[rule.id, at]

    def _deadline(self, rule: LinkedRule, at: datetime) -> datetime | None:
        params: Any = rule.params
        due = _due(at, rule)
        judged = at >= self.begins and midnight(self.as_of, self.zone) <= due < self.ends
        judged = judged and rule.in_effect(day_of(at, self.zone))
        if judged and params.hours is not None:
            judged = is_open(at, params.hours, rule.clock, rule.calendar)
        return due if judged else None


# --- what must be found ----------------------------------------------------------------------------------------------

Act = tuple[datetime, datetime, Fields]
"""Between which instants something is done for a customer, and what."""
RULE = ""
"""Stands for the rule, where a finding stands at no campaign."""


def truth(world: World) -> dict[str, set[str]]:
    """For each rule the campaigns, or ``RULE``, that must have a finding."""
    found: dict[str, set[str]] = {rule.id: set() for rule in world.rules}
    for customer in world.customers():
        still = [rule for rule in world.rules if not found[rule.id] or rule.params.any_of]  # type: ignore[attr-defined]
        if all(found[rule.id] >= possible(world, rule) for rule in still):
            break
        for rule, broken in broken_for(world, customer, still):
            found[rule.id] |= broken
    return found


def possible(world: World, rule: LinkedRule) -> set[str]:
    """The campaigns at which a finding of a rule can stand, or ``RULE``."""
    any_of = rule.params.any_of  # type: ignore[attr-defined]
    if any_of is None:
        return {RULE}
    touches = [t for t in world.line.sends if (t.model.reply if any_of == "any-reply" else t.model.promises)]
    return {t.campaign for t in touches if rule.match.holds(t.fields)}


def broken_for(world: World, customer: Customer, rules: Iterable[LinkedRule]) -> Iterator[tuple[LinkedRule, set[str]]]:
    """Where one customer shows that a rule is broken: at campaigns, or at ``RULE``."""
    for rule in rules:
        any_of = rule.params.any_of  # type: ignore[attr-defined]
        if any_of == "any-reply":
            yield rule, _replies(world, rule, customer)
        elif any_of == "any-promise":
            yield rule, _promises(world, rule, customer)
        else:
            yield rule, {RULE} if any(_left(world, rule, customer, c) for c in world.channels) else set()


def _left(world: World, rule: LinkedRule, customer: Customer, channel: str | None) -> bool:
    """Whether something is owed to a customer, whose events come by a channel, and does not come."""
    params: Any = rule.params
    judged = [
        (at, due)
        for at, name in customer.events
        if _comes(world, rule, name, channel) and (due := world.deadline(rule, at))
    ]
    judged = [(at, due) for at, due in judged if admits(rule.group, customer, at, world.model, world.zone)]
    if not judged:
        return False
    acts = [*_services(world, customer, channel), *_touches(world, customer, None)]
    for at, due in judged:
        window = window_ending(at, params.per, rule.clock) if params.per is not None else Window(at, True, at)
        timely = [fields for begun, act, fields in acts if (at <= begun or window.holds(begun)) and act <= due]
        if not all(any(do.holds(fields) for fields in timely) for do in rule.match_lists["do"]):
            return True
    return False


def _comes(world: World, rule: LinkedRule, name: str, channel: str | None) -> bool:
    """Whether a rule speaks of an event that comes by a channel."""
    params: Any = rule.params
    channels = world.model.events[name].model.channels
    return name in params.event and (not channels or channel in channels)


def _services(world: World, customer: Customer, channel: str | None) -> list[Act]:
    """What services have done, and by when, for the events of a customer."""
    found = []
    for at, name in customer.events:
        for service in world.plan.services:
            by_channel = bool(world.model.events[name].model.channels)
            reacts = name in service.model.event and (not by_channel or service.model.channel == channel)
            if reacts and admits(service.audience, customer, at, world.model, world.zone):
                found.append(_act(world, service, at))
    return found


def _act(world: World, service: PlannedService, at: datetime) -> Act:
    return at, world.walks[service.model.service].acts_by(at), world.serving[service.model.service]


def _touches(world: World, customer: Customer, draft: str | None) -> list[Act]:
    """The touches that a customer gets; of drafts only that of one campaign."""
    touches = [t for t in world.line.sends if t.status != "draft" or t.campaign == draft]
    steps = [s for s in world.line.triggered if s.campaign.model.status != "draft" or s.campaign.name == draft]
    received = received_dated(customer, touches, world.model, world.zone) + received_triggered(
        customer, steps, world.plan
    )
    return [(touch.at, touch.at, touch.fields) for touch in received]


def _speaking(world: World, rule: LinkedRule, customer: Customer) -> list[Send]:
    """The dated touches that a rule speaks of and that a customer gets."""
    names = possible(world, rule)
    listed = [t for t in world.line.sends if t.campaign in names]
    return received_dated(customer, [t for t in listed if rule.match.holds(t.fields)], world.model, world.zone)


def _replies(world: World, rule: LinkedRule, customer: Customer) -> set[str]:
    """The campaigns whose touch a customer replies to without an answer in time."""
    replies = [at for at, name in customer.events if name == "reply"]
    judged = [(at, due) for at in replies if (due := world.deadline(rule, at))]
    judged = [(at, due) for at, due in judged if admits(rule.group, customer, at, world.model, world.zone)]
    broken = set()
    for touch in _speaking(world, rule, customer) if judged else []:
        if touch.model.reply is None:
            continue
        acts = _answers(world, rule, customer, touch.model.reply.to, replies)
        if any(at >= touch.at and not any(at <= act <= due for act in acts) for at, due in judged):
            broken.add(touch.campaign)
    return broken


def _answers(world: World, rule: LinkedRule, customer: Customer, name: str, replies: list[datetime]) -> list[datetime]:
    """When one service has answered the replies of a customer."""
    service = next(s for s in world.plan.services if s.model.service == name)
    if not all(do.holds(world.serving[name]) for do in rule.match_lists.get("do", ())):
        return []
    admitted = [at for at in replies if admits(service.audience, customer, at, world.model, world.zone)]
    return [_act(world, service, at)[1] for at in admitted]


def _promises(world: World, rule: LinkedRule, customer: Customer) -> set[str]:
    """The campaigns that promise a customer what does not come in time."""
    broken = set()
    for touch in _speaking(world, rule, customer):
        due = world.deadline(rule, touch.at)
        if due is None or not admits(rule.group, customer, touch.at, world.model, world.zone):
            continue
        acts = _touches(world, customer, touch.campaign if touch.status == "draft" else None)
        timely = [fields for at, _, fields in acts if touch.at <= at <= due]
        for word in touch.model.promises:
            do = (rule.match_lists.get("do") or (EVERY_TOUCH,))[0]
            asked = TouchMatch((FieldTest("gives", "any", (word,)), *do.tests))
            if not any(asked.holds(fields) for fields in timely):
                broken.add(touch.campaign)
    return broken
