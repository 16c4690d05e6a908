"""Small random worlds in which customers are owed answers: services with hours, triggered campaigns, dated touches.

In most worlds an event can happen only in one minute of the day, or two, so that its first and last second stand for all the
instants of that day. In some it can happen at any time: then it is tried at each quarter of an hour, and around every
instant at which hours, or what is in time, can change. By when a service acts is found by going through its hours minute
by minute, not by the arithmetic of the engine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import combinations
from typing import Any

from tactful.engine.calendars import is_workday
from tactful.engine.clocks import TICK, day_of, instant, local, midnight
from tactful.engine.hours import is_open
from tactful.engine.plan.plan import Plan, PlannedService
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.policy.matches import EVERY_TOUCH, Fields, FieldTest, TouchMatch
from tactful.engine.reference import Customer
from tactful.engine.scalars import Duration, Hours
from tactful.engine.sends.services import service_fields
from tactful.engine.sends.timeline import Send
from tactful.engine.windows import Window, window_ending

from tests.building import built
from tests.worlds.making import Draw, EventMaker, Texts
from tests.worlds.people import Events, EventWorld, values_of
from tests.worlds.truth import meets, of_draft, received

BEGINNINGS = {
    "Asia/Shanghai": ["2026-03-09", "2026-03-06", "2026-03-05", "2026-04-03", "2026-02-13"],
    "Europe/London": ["2026-03-27", "2026-03-28", "2026-10-23", "2026-10-24"],
}
"""First days: in the week, before a weekend, before holidays, before a working Saturday, before the clocks change."""
MINUTES = ["10:00", "08:59", "12:00", "17:45", "20:30", "21:30", "23:59"]
SPANS: list[Any] = [
    *("00:00-24:00", "09:00-18:00", "09:00-21:00", "08:00-24:00", "22:00-06:00"),
    *(["08:00-12:00", "13:30-20:00"], ["00:00-02:00", "10:00-22:00"]),
]
WITHIN = ["24h", "24h", "5min", "30min", "2h", "8h", "12h", "12h", "20h", "1d", "1d", "2d", "60h"]
DO: list[Texts] = [
    *({"channel": "sms"}, {"by": "human"}, {"gives": "tea"}, {"gives": ["tea", "tips"]}),
    *({"purpose": ["care", "service"]}, {"channel": {"not": "email"}}),
]
LONGEST = 60 * 24 * 60
"""The minutes after which a service is taken never to open."""
MAX_CUSTOMERS = {False: 1200, True: 4000}
"""Where events happen in one minute of the day, and where one can happen at any time."""


# --- a world, as it would be written ---------------------------------------------------------------------------------


class ServiceMaker(EventMaker):
    turns_by_itself = True
    after = ("20min", "2h", "10h", "1d")
    again = 0.6

    def __init__(self, draw: Draw, zone: str | None = None) -> None:
        super().__init__(draw)
        self.zone = zone or self.some(*["Asia/Shanghai"] * 5, "Europe/London")
        self.calendar = self.zone == "Asia/Shanghai" and self.maybe(0.5)

    def documents(self) -> list[Texts]:
        self.first = date.fromisoformat(self.some(*BEGINNINGS[self.zone]))
        always = self.maybe(0.3)
        days = self.some(2, 3, 3, 6) if always else self.some(2, 3, 3)
        customers = self.customers(self.some_events(always))
        names = [f"s{n}" for n in range(self.some(1, 1, 2, 2, 3))]
        services = [self.service(name) for name in names]
        self.answering = names
        dated = [self.dated(f"d{n}", days) for n in range(self.some(0, 1, 1, 2))]
        triggered = [self.triggered(f"t{n}") for n in range(self.some(0, 0, 1, 1, 2))]
        rules = self.rules(always)
        if self.maybe(0.4):
            self.as_one(services, triggered, rules)
        if always:
            self.fewer_conditions([*services, *dated, *triggered], rules)
        return [
            self.settings(days, **({"calendar": "CN"} if self.calendar else {})),
            {"vocabulary": {"gives": {"tea": {"kind": "warm"}, "tips": {"kind": "useful"}}}},
            customers,
            *services,
            *dated,
            *triggered,
            {"policy": "p", "rules": self.most_of(rules)},
        ]

    def as_one(self, services: list[Texts], triggered: list[Texts], rules: list[Texts]) -> None:
        """Makes everything do what is owed, so that all depends on when and for whom."""
        others = self.maybe(0.6)
        for service in services:
            tips = triggered and others and self.maybe(0.65)
            service |= {"gives": ["tips"] if tips else ["tea"], "event": ["visit"]}
        for campaign in triggered:
            campaign["trigger"]["event"] = "visit"
            for touch in campaign["touches"]:
                touch["gives"] = ["tea"]
        for rule in rules[:2]:
            rule |= {"do": {"gives": "tea"}, "event": "visit", "within": self.some(rule["within"], "12h", "24h", "1d")}

    def fewer_conditions(self, plan: list[Texts], rules: list[Texts]) -> None:
        """Leaves two conditions, sometimes the same, so that few kinds of customers are to be tried at many instants."""
        places = [(made, "audience") for made in plan] + [(rule, "for") for rule in rules]
        kept = self.sample(places, min(2, len(places)))
        same = self.condition(1)
        for made, key in places:
            made[key] = "everyone" if (made, key) not in kept else same if self.maybe(0.5) else self.audience()

    def some_events(self, always: bool) -> Texts:
        """One event, or two, each in its minute; ``always``: the first at any time."""
        names = ["visit", *self.some([], ["done"], ["reply"], ["reply"])]
        made: Texts = {
            name: {"hours": [a_minute(at) for at in self.sample(MINUTES, self.some(1, 1, 1, 2))]} for name in names
        }
        if always:
            for name in self.some([self.some(*names)], names):
                made[name] = self.some({}, {}, {"hours": "09:00-21:00"}, {"hours": "10:00-23:00"})
        if self.maybe(0.3):
            channels = self.some(["sms"], ["sms", "email"], ["sms", "phone"])
            for name in self.some(["visit"], names[-1:], names):
                made[name]["channels"] = channels
        return made

    def hours(self) -> Any:
        """Opening hours in one of their forms."""
        if not self.maybe(0.5):
            return self.some(*SPANS)
        if not self.maybe(0.8):
            return {"mon-fri": self.some(*SPANS)}
        made = {"mon-thu": self.some(*SPANS), "fri": self.some(*SPANS), "sat": self.some(*SPANS, "none")}
        made["sun"] = self.some("none", "10:00-16:00")
        if self.calendar:
            made |= self.some_keys(holidays=(0.6, "none", "10:00-12:00"), workdays=(0.3, "09:00-18:00", "07:00-11:00"))
        return made

    def desk(self, name: str) -> Texts:
        """A service with hours and a time within which it acts."""
        civil = self.some("1d", "2d", *(["1workdays", "2workdays"] if self.calendar else []))
        within = self.some("10min", "10min", "0min", "30min", "2h", "5h", "12h")
        made: Texts = {"service": name, "event": ["reply"], "channel": "sms", "gives": []}
        made["within"] = civil if self.maybe(0.2) else within
        return made | self.some_keys(hours=(0.8, self.hours), timezone=(0.15, "Asia/Tokyo"))

    def service(self, name: str) -> Texts:
        return self.desk(name) | {
            "event": self.some(["visit"], ["visit"], self.events, self.events[-1:]),
            "channel": self.some("sms", "email", "phone"),
            "gives": self.some(["tea"], ["tea"], ["tea", "tips"], ["tips"], []),
            "by": self.some("human", "human", "automatic"),
            "audience": self.audience(0.4),
        }

    def extras(self, dated: bool) -> Texts:
        if not dated:
            return {"gives": self.some(["tea"], ["tips"]), "by": self.some("human", "automatic")}
        return {"gives": self.some([], ["tea"], ["tips"])} | self.some_keys(
            reply=(0.5, lambda: {"to": self.some(*self.answering)}), promises=(0.4, lambda: [self.some("tea", "tips")])
        )

    def rules(self, always: bool) -> list[Texts]:
        rules: list[Texts] = [
            {"rule": "answer", "event": "visit", "do": self.some(*DO)},
            {"rule": "both", "event": self.events, "do": self.sample(DO, self.some(1, 2))},
        ]
        for rule in rules:
            per = self.some("24h", "2h", "1d", "2d", {"calendar": "day"}, {"days": "2"})
            rule |= {"per": per} if self.maybe(0.3) else {}
        if "reply" in self.events or always:
            rules.append({"rule": "replied", "event": "any-reply"})
        rules.append({"rule": "promised", "event": "any-promise"})
        for rule in rules:
            self.when(rule)
            rule |= {"kind": "obligation", "within": self.some(*WITHIN, *(["1workdays"] if self.calendar else []))}
            if rule["event"] in ("any-reply", "any-promise"):
                rule |= {"do": {"channel": "sms"}} if self.maybe(0.3) else {}
                rule |= {"match": {"channel": "sms"}} if self.maybe(0.2) else {}
        return rules

    def when(self, rule: Texts) -> None:
        """For whom, in which hours, on which clock and from which day a rule speaks."""
        effective = ({"from": self.day(1)}, {"until": self.day(1)})
        rule |= self.some_keys(clock=(0.1, "Asia/Tokyo"), effective=(0.15, *effective))
        if self.maybe(0.35):
            rule["for"] = self.condition(1)
        if self.maybe(0.3) and rule["event"] != "any-promise":
            rule["hours"] = self.hours()


def a_minute(at: str) -> str:
    """The hours that are one minute."""
    end = (datetime.strptime(at, "%H:%M") + timedelta(minutes=1)).strftime("%H:%M")
    return f"{at}-{'24:00' if end == '00:00' else end}"


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
    return midnight(day + timedelta(days=1), rule.clock) - TICK


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


def of_minutes(hours: Hours) -> bool:
    """Whether hours are single minutes, the same on each day."""
    return all(end - start == 60 for spans in hours.days for start, end in spans)


# --- all customers ---------------------------------------------------------------------------------------------------


@dataclass(repr=False)
class ServiceWorld(EventWorld):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.walks = {service.model.service: Walk(service, self.plan) for service in self.plan.services}
        self.serving = {s.model.service: service_fields(s, self.plan) for s in self.plan.services}
        listed = [channel for event in self.model.events.values() for channel in event.model.channels]
        self.channels: list[str | None] = list(dict.fromkeys(listed)) or [None]
        self.judging: dict[tuple[str, datetime], datetime | None] = {}

    # --- what happens ---

    def at_will(self, name: str) -> bool:
        """Whether an event is not bound to single minutes of the day."""
        hours: Hours | None = self.model.events[name].model.hours
        return hours is None or not of_minutes(hours)

    @cached_property
    def always(self) -> bool:
        """Whether some event of this world is not bound to single minutes of the day."""
        return any(map(self.at_will, self.asked))

    def slots(self, name: str) -> list[datetime]:
        """The first and last second of each minute in which an event happens; all marks if it is not bound to minutes."""
        if not self.at_will(name):
            return self.seconds(name)
        hours: Hours | None = self.model.events[name].model.hours
        return [at for at in self.marks if hours is None or is_open(at, hours, self.zone, self.model.calendar)]

    @cached_property
    def asked(self) -> list[str]:
        """The events that something hangs on."""
        names = {name for rule in self.rules for name in rule.params.event}
        names |= {name for service in self.plan.services for name in service.model.event}
        for campaign in self.plan.campaigns:
            trigger = campaign.model.trigger
            names |= {*campaign.model.stops_on, *((trigger.event, *trigger.stops_on) if trigger else ())}
        names |= {name for name, event in self.model.events.items() if event.sets}
        return sorted(name for name in self.model.events if name in names or (name == "reply" and "any-reply" in names))

    @cached_property
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
            found |= set(turns)
            found |= {later(at, walk.within, walk.clock, walk.calendar, sign) for at in turns for sign in (-1, 1)}
        for rule in self.rules:
            found |= {later(at, rule.params.within, rule.clock, rule.calendar, -1) for at in found}
        return found

    @cached_property
    def histories(self) -> list[Events]:
        """What a customer can bring about: nothing, one event, two and sometimes three; the fewest first."""
        slots = sorted((at, name) for name in self.asked for at in self.slots(name))
        if not self.always:
            return [events for n in range(self.most_events + 1) for events in combinations(slots, n)]
        rng = random.Random(len(slots))
        found: list[Events] = [(), *((one,) for one in slots)]
        for one in rng.sample(slots, min(40, len(slots))) if self.days < 4 else []:
            found += [tuple(sorted((one, other))) for other in self._company(one, rng)]
        return found

    def _company(self, one: tuple[datetime, str], rng: random.Random) -> Iterator[tuple[datetime, str]]:
        """Events shortly before and after another, where they can happen, and so long before that a trigger is taken."""
        seconds = [1, 60, 1800, 4 * 3600, -60, -3600, -12 * 3600 + 60, -24 * 3600 + 60]
        for name in self.asked:
            if not self.at_will(name):
                yield from ((at, name) for at in self.slots(name) if (at, name) != one)
            else:
                near = [one[0] + timedelta(seconds=n) for n in rng.sample(seconds, 4)]
                yield from ((at, name) for at in near if self.begins <= at < self.ends)

    # --- who there is ---

    @cached_property
    def flips(self) -> bool:
        """Whether the flag changes by itself."""
        free = self.model.attributes["waiting"].changes == "freely" and "waiting" not in self.model.set_by_events
        return free and "waiting" in self.used

    def size(self, most: int) -> int:
        """How many customers are tried; of too many, how many at least."""
        each = len(self.beginnings()) * (5 if self.flips else 1)
        least = 90 * self.days * each if self.always else 0
        return least if least > most else len(self.histories) * each

    def customers(self) -> Iterator[Customer]:
        values = values_of(self.model.attributes["waiting"], ())
        beginnings = self.beginnings()
        for events in self.histories:
            moments = self._moments(events) if self.flips else ()
            for before in beginnings:
                turns = [(at, {"waiting": v}) for at in moments for v in values if v is not before["waiting"]]
                for turn in [(), *((turn,) for turn in turns)]:
                    customer = self.lives(before, events, *turn)
                    if customer is not None:
                        yield customer

    def _moments(self, events: Events) -> set[datetime]:
        """When a flag that changes by itself does so: at an event, or just after it."""
        moments = {at + timedelta(seconds=n) for at, _ in events for n in (0, 1)}
        return moments or {touch.at for touch in self.line.sends}

    # --- what is judged ---

    def judged(self, rule: LinkedRule[Any]) -> bool:
        """Whether anything that can happen is judged by a rule on events."""
        return any(self.deadline(rule, at) for name in rule.params.event for at in self.slots(name))

    def deadline(self, rule: LinkedRule[Any], at: datetime) -> datetime | None:
        """By when something is owed for what happens at an instant; None where the rule does not judge it."""
        if (rule.id, at) not in self.judging:
            self.judging[rule.id, at] = self._deadline(rule, at)
        return self.judging[rule.id, at]

    def _deadline(self, rule: LinkedRule[Any], at: datetime) -> datetime | None:
        due = _due(at, rule)
        judged = at >= self.begins and midnight(self.as_of, self.zone) <= due < self.ends
        judged = judged and rule.in_effect(day_of(at, self.zone))
        if judged and rule.params.hours is not None:
            judged = is_open(at, rule.params.hours, rule.clock, rule.calendar)
        return due if judged else None

    def due(self, rule: LinkedRule[Any], customer: Customer, instants: Sequence[datetime]) -> dict[datetime, datetime]:
        """By when something is owed to a customer for what happens at these instants, as far as the rule speaks of it."""
        found = {at: due for at in instants if (due := self.deadline(rule, at))}
        return {at: due for at, due in found.items() if meets(self, rule.group, customer, at)}

    def broken(self, customer: Customer, rules: Sequence[LinkedRule[Any]]) -> dict[str, set[str]]:
        """Where one customer shows that a rule is broken: at campaigns, or at ``RULE``."""
        kinds = {"any-reply": _replies, "any-promise": _promises, None: _left}
        return {rule.id: kinds[rule.params.any_of](self, rule, customer) for rule in rules}


# --- what must be found ----------------------------------------------------------------------------------------------

Act = tuple[datetime, datetime, Fields]
"""Between which instants something is done for a customer, and what."""
RULE = ""
"""Stands for the rule, where a finding stands at no campaign."""


def some_world(draw: Draw) -> ServiceWorld | None:
    """A world with few enough customers, if this is one."""
    maker = ServiceMaker(draw)
    documents = maker.documents()
    plan, rules = built(documents)
    assert plan.stated_period is not None
    first, last = plan.stated_period
    as_of = maker.some(*[first] * 5, first + timedelta(days=1), last)
    world = ServiceWorld(documents, plan, rules, as_of, 3 if maker.maybe(0.3) else 2)
    most = MAX_CUSTOMERS[world.always]
    return world if world.size(most) <= most else None


def truth(world: ServiceWorld) -> dict[str, set[str]]:
    """For each rule the campaigns, or ``RULE``, that must have a finding."""
    found: dict[str, set[str]] = {rule.id: set() for rule in world.rules}
    for customer in world.customers():
        still = [rule for rule in world.rules if not found[rule.id] >= possible(world, rule)]
        if not still:
            break
        for rule, broken in world.broken(customer, still).items():
            found[rule] |= broken
    return found


def possible(world: ServiceWorld, rule: LinkedRule[Any]) -> set[str]:
    """The campaigns at which a finding of a rule can stand, or ``RULE``."""
    any_of = rule.params.any_of
    if any_of is None:
        return {RULE}
    touches = [t for t in world.line.sends if (t.model.reply if any_of == "any-reply" else t.model.promises)]
    return {t.campaign for t in touches if rule.match.holds(t.fields)}


def _left(world: ServiceWorld, rule: LinkedRule[Any], customer: Customer) -> set[str]:
    """Whether something is owed to a customer, whose events come by some channel, and does not come."""
    return {RULE} if any(_left_on(world, rule, customer, channel) for channel in world.channels) else set()


def _left_on(world: ServiceWorld, rule: LinkedRule[Any], customer: Customer, channel: str | None) -> bool:
    asked = [at for at, name in customer.events if _comes(world, rule, name, channel)]
    judged = world.due(rule, customer, asked)
    if not judged:
        return False
    acts = [*_services(world, customer, channel), *_touches(world, customer, None)]
    for at, due in judged.items():
        per = rule.params.per
        window = window_ending(at, per, rule.clock) if per is not None else Window(at, True, at)
        timely = [fields for begun, act, fields in acts if (at <= begun or window.holds(begun)) and act <= due]
        if not all(any(do.holds(fields) for fields in timely) for do in rule.match_lists["do"]):
            return True
    return False


def _comes(world: ServiceWorld, rule: LinkedRule[Any], name: str, channel: str | None) -> bool:
    """Whether a rule speaks of an event that comes by a channel."""
    channels = world.model.events[name].model.channels
    return name in rule.params.event and (not channels or channel in channels)


def _services(world: ServiceWorld, customer: Customer, channel: str | None) -> list[Act]:
    """What services have done, and by when, for the events of a customer."""
    found = []
    for at, name in customer.events:
        for service in world.plan.services:
            by_channel = bool(world.model.events[name].model.channels)
            reacts = name in service.model.event and (not by_channel or service.model.channel == channel)
            if reacts and meets(world, service.audience, customer, at):
                found.append(_act(world, service, at))
    return found


def _act(world: ServiceWorld, service: PlannedService, at: datetime) -> Act:
    return at, world.walks[service.model.service].acts_by(at), world.serving[service.model.service]


def _touches(world: ServiceWorld, customer: Customer, draft: str | None) -> list[Act]:
    """The touches that a customer gets; of drafts only that of one campaign."""
    return [(touch.at, touch.at, touch.fields) for touch in of_draft(received(world, customer), draft)]


def _speaking(world: ServiceWorld, rule: LinkedRule[Any], customer: Customer) -> list[Send]:
    """The dated touches that a rule speaks of and that a customer gets."""
    names = possible(world, rule)
    dated = [t for t in received(world, customer) if t.trigger is None]
    return [t for t in dated if t.campaign in names and rule.match.holds(t.fields)]


def _replies(world: ServiceWorld, rule: LinkedRule[Any], customer: Customer) -> set[str]:
    """The campaigns whose touch a customer replies to without an answer in time."""
    replies = [at for at, name in customer.events if name == "reply"]
    judged = world.due(rule, customer, replies)
    broken = set()
    for touch in _speaking(world, rule, customer) if judged else []:
        if touch.model.reply is None:
            continue
        acts = _answers(world, rule, customer, touch.model.reply.to, replies)
        if any(at >= touch.at and not any(at <= act <= due for act in acts) for at, due in judged.items()):
            broken.add(touch.campaign)
    return broken


def _answers(
    world: ServiceWorld, rule: LinkedRule[Any], customer: Customer, name: str, replies: list[datetime]
) -> list[datetime]:
    """When one service has answered the replies of a customer."""
    service = next(s for s in world.plan.services if s.model.service == name)
    if not all(do.holds(world.serving[name]) for do in rule.match_lists.get("do", ())):
        return []
    return [_act(world, service, at)[1] for at in replies if meets(world, service.audience, customer, at)]


def _promises(world: ServiceWorld, rule: LinkedRule[Any], customer: Customer) -> set[str]:
    """The campaigns that promise a customer what does not come in time."""
    broken = set()
    for touch in _speaking(world, rule, customer):
        for at, due in world.due(rule, customer, [touch.at]).items():
            acts = _touches(world, customer, touch.campaign)
            timely = [fields for act, _, fields in acts if at <= act <= due]
            for word in touch.model.promises:
                do = (rule.match_lists.get("do") or (EVERY_TOUCH,))[0]
                asked = TouchMatch((FieldTest("gives", "any", (word,)), *do.tests))
                if not any(asked.holds(fields) for fields in timely):
                    broken.add(touch.campaign)
    return broken
