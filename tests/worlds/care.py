"""Small random worlds of care, and what is true in them, found by trying every customer, day and instant.

What counts as care, who is compared with whom and how much they get is written here a second time, from the text alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import Any

from tactful.engine.clocks import TICK, day_of, midnight, shift
from tactful.engine.hours import is_open
from tactful.engine.plan.conditions import Condition
from tactful.engine.plan.plan import PlannedService
from tactful.engine.reference import Value
from tactful.engine.scalars import parse_money
from tactful.engine.sends.services import acts_by, service_fields
from tactful.engine.sends.timeline import Send
from tactful.engine.windows import Per, Window, window_ending

from tests.building import built
from tests.worlds.comparing import World
from tests.worlds.making import Draw, PairMaker, Shares, Texts
from tests.worlds.people import People, asked, noon, told_apart

STARTS = ("2026-03-02", "2026-03-25", "2026-01-27", "2026-10-21")
"""Around the ends of months, and where the clocks of Paris change."""
VIOLATED, UNPROVEN, HELD = "violated", "unproven", "held"
MAX_CUSTOMERS = 800
MAX_DAYS = 60

# --- worlds of care --------------------------------------------------------------------------------------------------

GROUPS = ("gives", "within", "hours", "by", "staff", "quotas", "budget")
HOURS = (
    *("08:00-20:00", "09:15-17:45", ["08:00-12:00", "13:30-20:00"], {"mon-fri": "09:00-18:00", "sat": "10:00-16:00"}),
    *("22:00-06:00", {"mon-sun": ["09:00-12:00", "12:00-18:15"]}, {"fri-sun": "00:00-24:00", "wed": "10:00-11:00"}),
)
WITHIN = ("0min", "15min", "30min", "45min", "2h", "5h", "12h", "1d")


class CareMaker(PairMaker):
    """A few campaigns and services for one group, nearly the same ones for the other, and a rule."""

    starts = STARTS
    moving = 0.25

    def __init__(self, draw: Draw) -> None:
        super().__init__(draw)
        self.zone = self.some("Asia/Shanghai", "Asia/Shanghai", "Europe/Paris")
        self.flavour = self.some("gives", "gives", "serves", "serves", "both")
        long = self.flavour == "gives"
        self.length = self.some(10, 12, 14, 20, 31, 40) if long else self.some(2, 3, 4, 5)
        self.number = 0

    def documents(self) -> list[Texts]:
        last = self.first + timedelta(days=self.length - 1)
        settings: Texts = {"tactful": "1", "timezone": self.zone}
        if self.maybe(0.9):
            settings["period"] = {"from": str(self.first), "until": str(last)}
        gives = {"tea": {"kind": "warm"}, "tips": {"kind": "useful"}}
        made = [settings, self.customers(events={"visit": self.event()}), {"vocabulary": {"gives": gives}}]
        if self.flavour != "serves" or self.maybe(0.2):
            made += self.campaigns()
        if self.flavour != "gives":
            made += self.services()
        return [*made, {"policy": "p", "rules": [self.rule()]}]

    def event(self) -> Texts:
        hours = ("09:00-18:00", "20:00-02:00", {"sat-sun": "10:15-10:30"}, "11:45-12:15")
        channels = (["web"], ["web", "phone"])
        return self.some_keys(hours=(0.4, *hours), channels=(0.4, *channels))

    def reaching(self, group: Any) -> Any:
        aside = self.aside()
        narrower = {"all": [group, aside]}
        return self.some(*[group] * 7, "everyone", narrower, narrower, narrower, aside, {"any": [group, aside]})

    # --- what comes ---

    def campaigns(self) -> list[Texts]:
        template = self.some_campaign()
        made = [self.named(template, self.reaching(self.favoured))]
        for _ in range(self.some(0, 1, 1, 1, 2)):
            made.append(self.named(self.nearly(template), self.reaching(self.protected)))
        for _ in range(self.some(0, 0, 1, 2)):
            made.append(self.named(self.some_campaign(), self.some("everyone", self.aside(), self.protected)))
        if self.maybe(0.2):
            made.append(self.triggered())
        return made

    def named(self, campaign: Texts, audience: Any) -> Texts:
        self.number += 1
        return {"campaign": f"c{self.number}", **campaign, "audience": audience}

    def told(self) -> Shares:
        """What a campaign can say besides its touches."""
        budgets = [*["100 CNY", "200 CNY", "100.5 CNY", "300 CNY"] * 8, "100 USD"]
        statuses = ("planned", "planned", "planned", "live", "draft", "cancelled", "ended")
        return {
            "purpose": (1, "care", "care", "care", "content", "service", "promotion"),
            "status": (1, *statuses),
            "timezone": (0.15, "Europe/London", "Asia/Tokyo"),
            "details": (0.85, lambda: {"budget": self.some(*budgets)}),
            "estimated_size": (0.9, "10", "20", "30"),
        }

    def sent(self) -> Shares:
        """What a touch can say."""
        at = f"{self.day(self.draw(self.length))} {self.some('10:00', '00:00', '08:00', '23:45')}"
        steps, counts = ("1", "2", "3", "7"), ("2", "3", "4", "5", "6")
        return {
            "channel": (1, "sms", "email"),
            "at": (1, at),
            "gives": (1, ["tea"], ["tea"], ["tea"], ["tips"], ["tea", "tips"], []),
            "asks": (0.15, ["purchase"], ["visit"], ["visit", "purchase"]),
            "repeat": (0.4, lambda: {"every": "day", "step": self.some(*steps), "count": self.some(*counts)}),
            "audience": (0.1, self.aside),
        }

    def some_campaign(self) -> Texts:
        touches = [self.some_keys(**self.sent()) for _ in range(self.some(1, 1, 2))]
        return self.ended(self.some_keys(**self.told()) | {"touches": touches})

    def ended(self, made: Texts) -> Texts:
        made.pop("ended_on", None)
        return made | ({"ended_on": self.day(self.draw(self.length))} if made["status"] == "ended" else {})

    def nearly(self, template: Texts) -> Texts:
        """The same campaign, or with one or two changes; sometimes a touch moves by a day or two."""
        touches = [self.varied(touch, self.sent(), ("channel", "gives"), 0, 0, 1) for touch in template["touches"]]
        for touch in touches:
            if self.maybe(0.25):
                moved = date.fromisoformat(touch["at"][:10]) + timedelta(days=self.some(-1, 0, 1, 2))
                touch["at"] = f"{moved} {self.some(touch['at'][11:], '00:00', '10:00')}"
        if self.maybe(0.1):
            touches.append(self.some_keys(**self.sent()))
        return self.ended(self.varied(template, self.told(), ("estimated_size",), 0, 0, 0, 1) | {"touches": touches})

    def triggered(self) -> Texts:
        made = self.some_campaign()
        made |= {"status": self.some("planned", "live", "draft"), "trigger": {"event": self.some("visit", "reply")}}
        made.pop("ended_on", None)
        made["touches"] = [{key: touch[key] for key in ("channel", "gives")} for touch in made["touches"]]
        return self.named(made, self.some(self.favoured, self.protected, "everyone", self.aside()))

    # --- who answers ---

    def services(self) -> list[Texts]:
        template = self.some_keys(**self.served())
        made = [{"service": "n0", **template, "audience": self.reaching(self.favoured)}]
        for n in range(self.some(0, 1, 1, 1, 2)):
            nearly = self.varied(template, self.served(), ("within", "hours", "hours"), 0, 0, 1, 1, 2)
            made.append({"service": f"e{n}", **nearly, "audience": self.reaching(self.protected)})
        if self.maybe(0.4):
            other = self.some_keys(**self.served())
            made.append({"service": "x", **other, "audience": self.some("everyone", self.aside())})
        return made

    def served(self) -> Shares:
        """What a service can say."""
        paces = ("10 per hour", "0.5 per minute", "240 per day", "0.25 per minute", "30 per hour")
        return {
            "event": (1, ["visit"], ["visit"], ["visit", "reply"], ["reply"]),
            "channel": (1, "web", "web", "phone", "sms"),
            "gives": (1, [], ["tea"]),
            "within": (1, *WITHIN),
            "by": (1, "human", "automatic"),
            "hours": (0.75, *HOURS),
            "timezone": (0.1, "Asia/Tokyo", "Europe/London"),
            "on_duty": (0.95, "1", "2", "3", "4"),
            "each_handles": (0.95, *paces),
        }

    # --- what is asked ---

    def rule(self) -> Texts:
        made: Texts = {"rule": "r", "kind": "care-parity", "favoured": self.favoured, "protected": self.protected}
        channels = ({"channel": ["sms", "web"]}, {"gives": "tea"}, {"channel": {"not": "phone"}})
        return made | self.some_keys(
            **{
                "compare_on": (0.8, lambda: self.sample(GROUPS, self.some(3, 4, 5, 6, 7))),
                "per": (1.0 if self.flavour == "gives" else 0.7, self.per),
                "clock": (0.1, "Asia/Tokyo", "America/New_York"),
                "for": (0.15, self.aside),
                "differ_in": (0.1, self.differ_in),
                "match": (0.15, *channels),
                "effective": (0.1, lambda: {self.some("from", "until"): self.day(self.some(1, self.length // 2))}),
            }
        )

    def per(self) -> Any:
        if self.flavour != "gives" or self.maybe(0.2):
            return self.some("1d", "2d", "24h", {"days": str(self.length)}, f"{self.length}d")
        week = {"calendar": "week", "starts": self.some("sunday", "monday", "wednesday")}
        return self.some("3d", "5d", "1w", "36h", "72h", {"days": "4"}, {"calendar": "day"}, week, "1mo")


# --- what is true of care --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alike:
    """Customers between whom nothing here can tell."""

    common: tuple[Value, ...]
    """The values of what the two of a pair have in common."""
    favoured: int
    protected: int
    """The days on which they are of a group and can exist."""
    touches: int
    served: tuple[int, ...]
    """For each service the days on which it admits them."""
    arrives: date | None
    """When a value that may change would do so by itself, within its window: such a value is not kept."""
    always: bool
    """Whether the facts hold on all days, not only on some."""


Verdicts = frozenset[str]


@dataclass(repr=False)
class CareWorld(World):
    """A plan with one rule, and what each aspect of it must come to."""

    def __post_init__(self) -> None:
        rule, plan = self.rules[0], self.plan
        self.rule, self.params = rule, rule.params
        self.reaches: dict[tuple[int, str], int] = {}
        counted = [t for t in self.line.sends if t.status != "draft"]
        self.care = [t for t in counted if self.cares(t.fields)]
        self.triggered = [s for s in self.line.triggered if s.status != "draft" and self.cares(s.fields)]
        self.services = [s for s in plan.services if rule.match.holds(service_fields(s, plan))]
        days = list(plan.stated_period or [touch.day for touch in self.line.sends])
        self.dated = bool(days)
        self.period = (min(days), max(days)) if days else (self.as_of, self.as_of + timedelta(days=366))
        spoken = [*self.period, *(touch.day for touch in self.line.sends)]
        whole = [min(spoken) + timedelta(days=n) for n in range((max(spoken) - min(spoken)).days + 1)]
        self.begin = max(self.period[0], rule.first or date.min)
        self.first = max(self.begin, self.as_of)
        self.last = min(self.period[1], rule.last or date.max)
        groups = [rule.conditions["favoured"], rule.conditions["protected"], rule.group]
        audiences = [t.audience for t in self.care] + [s.audience for s in self.triggered]
        audiences += [s.audience for s in self.services]
        self.people = People(plan.customers, self.zone, whole, [*groups, *audiences])

    def cares(self, fields: Any) -> bool:
        selling = "promotion" in fields["purpose"] or "purchase" in fields["asks"]
        return bool(fields["gives"]) and not selling and self.rule.match.holds(fields)

    @cached_property
    def apart(self) -> frozenset[str]:
        """In what the two of a pair may differ."""
        return told_apart(self.rule, self.model)

    @cached_property
    def grouped(self) -> list[tuple[dict[str, Value], int, int]]:
        """Everyone of a group, with the days on which they are favoured, and protected, and can exist."""
        found, when, rule = [], self.people.when, self.rule
        for values in self.people.each():
            exists = self.people.facts(values)
            favoured = when(rule.conditions["favoured"], values) & exists
            protected = when(rule.conditions["protected"], values) & when(rule.group, values) & exists
            if favoured or protected:
                found.append((values, favoured, protected))
        return found

    @cached_property
    def sorts(self) -> set[Alike]:
        found, people = set(), self.people
        shared = [name for name in people.names if name not in self.apart]
        dates = [n for n, a in self.model.attributes.items() if a.type == "date" and a.changes != "never"]
        for values, favoured, protected in self.grouped:
            care = [people.when(t.audience, values) & self._bit(t) for t in self.care]
            touches = sum(1 << n for n, got in enumerate(care) if got)
            served = tuple(people.when(service.audience, values) for service in self.services)
            moved = [day for name in dates if isinstance(day := values.get(name), date)]
            arrives = next((day for day in moved if people.days[0] < day <= people.days[-1]), None)
            common = tuple(values[name] for name in shared)
            always = people.facts(values) == people.all
            found.add(Alike(common, favoured, protected, touches, served, arrives, always))
        return found

    @cached_property
    def judged(self) -> int:
        return self.people.bits(self.first, self.last)

    @cached_property
    def overlap(self) -> bool:
        return any(sort.favoured & sort.protected & self.judged for sort in self.sorts)

    @cached_property
    def pairs(self) -> dict[int, set[tuple[int, int]]]:
        """For each day, the sets of services (as bits) that a favoured one and a protected one like them are served by."""
        found: dict[int, set[tuple[int, int]]] = {}
        for n in range(len(self.people.days)):
            if not self.judged >> n & 1:
                continue
            favoured, protected = defaultdict(set), defaultdict(set)
            for sort in self.sorts:
                served = sum((days >> n & 1) << i for i, days in enumerate(sort.served))
                if sort.favoured >> n & 1:
                    favoured[sort.common].add(served)
                if sort.protected >> n & 1:
                    protected[sort.common].add(served)
            both = favoured.keys() & protected.keys()
            found[n] = {pair for key in both for pair in product(favoured[key], protected[key])}
        return found

    @cached_property
    def paired(self) -> bool:
        return any(self.pairs.values())

    def differs(self, condition: Condition) -> bool:
        """Whether a condition mentions something in which the two of a pair may differ."""
        return bool(asked(condition) & self.apart)

    def truth(self, aspect: str) -> Verdicts:
        """What an aspect may come to; several verdicts where the text leaves it open."""
        if not self.paired:
            return frozenset({HELD} if self.first <= self.last else {HELD, UNPROVEN})
        if aspect == "gives":
            return self.gives()
        if aspect == "budget":
            return self.budget()
        verdicts = {self.served(aspect, among) for among in self.reacting()}
        return frozenset({next((v for v in (VIOLATED, UNPROVEN) if v in verdicts), HELD)})

    # --- gives ---

    def gives(self) -> Verdicts:
        windows = list(self.windows())
        if any(self.fewer(window, True) for window in windows):
            return frozenset({VIOLATED})
        if any(self.fewer(window, False) for window in windows):
            return frozenset({VIOLATED, HELD})  # it hangs on whether facts hold outside the window too
        if not windows and any(self.differs(touch.audience) for touch in self.care):
            apart = [t for t in self.care if self.differs(t.audience)]
            sure = any(self._bit(t) & self.judged & self.reached(t.audience, 0) for t in apart)
            return frozenset({UNPROVEN} if sure else {UNPROVEN, HELD})
        unequal = [self.reached(s.audience, 0) for s in self.triggered if self.differs(s.audience)]
        if any(days & self.judged for days in unequal):
            return frozenset({UNPROVEN})
        return frozenset({UNPROVEN, HELD} if any(unequal) else {HELD})

    def reached(self, audience: Condition, group: int) -> int:
        """The days on which an audience reaches somebody of a group: the favoured (0) or the protected."""
        key = (id(audience), group)
        if key not in self.reaches:
            self.reaches[key] = 0
            for values, *days in self.grouped:
                self.reaches[key] |= days[group] & self.people.when(audience, values)
        return self.reaches[key]

    def windows(self) -> Iterator[Window]:
        """Every window inside the judged days that may hold other touches or other days than the one before."""
        if self.first > self.last:
            return
        per, clock = self.params.per, self.rule.clock
        begin, end = midnight(self.begin, self.zone), midnight(self.last + timedelta(days=1), self.zone)
        for window in self._windows(per, clock, begin, end):
            inside = (window.start if window.closed else window.start + TICK) >= begin and window.end < end
            if inside and day_of(window.end, self.zone) >= self.first:
                yield window

    def _windows(self, per: Per, clock: str, begin: datetime, end: datetime) -> Iterator[Window]:
        if per.duration is None:
            day = day_of(begin, clock)
            while midnight(day, clock) < end:
                yield whole_window(day, per, clock)
                day += timedelta(days=1)
            return
        number = (self.last - self.begin).days
        marks = {midnight(self.begin + timedelta(days=n), self.zone) for n in range(number + 2)}
        marks |= {touch.at for touch in self.care}
        ends = set()
        for mark in marks:
            for near in (mark - TICK, mark, mark + TICK):
                ends |= {near, shift(near, per.duration, +1, clock)}
        for at in sorted(ends):
            yield window_ending(at, per, clock)

    def fewer(self, window: Window, always: bool) -> bool:
        """Whether a protected one gets fewer care touches than a favoured one like them."""
        first = day_of(window.start if window.closed else window.start + TICK, self.zone)
        last = day_of(window.end, self.zone)
        days = self.people.bits(first, last)
        inside = sum(1 << n for n, touch in enumerate(self.care) if window.holds(touch.at))
        most: dict[Any, int] = {}
        least: dict[Any, int] = {}
        for sort in self.sorts:
            if (sort.arrives is not None and first < sort.arrives <= last) or (always and not sort.always):
                continue
            number = (sort.touches & inside).bit_count()
            if sort.favoured & days == days:
                most[sort.common] = max(most.get(sort.common, 0), number)
            if sort.protected & days == days:
                least[sort.common] = min(least.get(sort.common, number), number)
        return any(number > least[key] for key, number in most.items() if key in least)

    # --- services ---

    def reacting(self) -> Iterator[tuple[str, list[int]]]:
        """Each event, and channel by which it comes, with the services that react to it."""
        for name, event in self.plan.customers.events.items():
            named = [n for n, s in enumerate(self.services) if name in s.model.event]
            for channel in event.model.channels or (None,):
                among = [n for n in named if channel is None or self.services[n].model.channel == channel]
                if among:
                    yield name, among

    def served(self, aspect: str, reacting: tuple[str, list[int]]) -> str:
        event, among = reacting
        if aspect in ("staff", "quotas"):
            return self.enough(aspect, among)
        worse: Callable[[list[int], list[int], datetime], bool]
        if aspect == "by":
            instants = [noon(self.people.days[n], self.zone) for n in self.pairs]
            worse = self.no_human
        else:
            instants = self.raster
            worse = self.closed if aspect == "hours" else self.later
            hours = self.plan.customers.events[event].model.hours
            if hours is not None:
                instants = [at for at in instants if is_open(at, hours, self.zone, self.plan.customers.calendar)]
        wanted = {n: {self._among(pair, among) for pair in pairs} for n, pairs in self.pairs.items()}
        for at in instants:
            number = (day_of(at, self.zone) - self.people.days[0]).days
            if any(worse(list(n), list(e), at) for n, e in wanted[number]):
                return VIOLATED
        return HELD

    def _among(self, pair: tuple[int, int], among: list[int]) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(n for n in among if served >> n & 1) for served in pair)

    @cached_property
    def raster(self) -> list[datetime]:
        """Each quarter of an hour and an instant within it: hours and times to act are whole quarters."""
        at, end = midnight(self.first, self.zone), midnight(self.last + timedelta(days=1), self.zone)
        steps = range(max(0, (end - at) // timedelta(minutes=15)))
        return [at + timedelta(minutes=15 * n + more) for n in steps for more in (0, 7)]

    @cached_property
    def acting(self) -> dict[tuple[int, datetime], datetime | None]:
        return {(n, at): acts_by(s, at, self.plan) for n, s in enumerate(self.services) for at in self.raster}

    def later(self, n: list[int], e: list[int], at: datetime) -> bool:
        theirs = [by for s in n if (by := self.acting[s, at]) is not None]
        mine = [by for s in e if (by := self.acting[s, at]) is not None]
        return bool(theirs) and (not mine or min(mine) > min(theirs))

    def closed(self, n: list[int], e: list[int], at: datetime) -> bool:
        return any(self.open(s, at) for s in n) and not any(self.open(s, at) for s in e)

    @cached_property
    def opened(self) -> dict[tuple[int, datetime], bool]:
        return {}

    def open(self, number: int, at: datetime) -> bool:
        service: PlannedService = self.services[number]
        if service.model.hours is None:
            return True
        if (number, at) not in self.opened:
            clock, calendar = service.model.timezone or self.zone, service.model.calendar or self.plan.calendar
            self.opened[number, at] = is_open(at, service.model.hours, clock, calendar)
        return self.opened[number, at]

    def no_human(self, n: list[int], e: list[int], at: datetime) -> bool:
        human = [{self.services[s].model.by for s in side} & {"human"} for side in (n, e)]
        return bool(human[0]) and not human[1]

    def enough(self, aspect: str, among: list[int]) -> str:
        numbers = {n: self.capacity(n, aspect) for n in among}
        if any(numbers[n] is None and self.differs(self.services[n].audience) for n in among):
            return UNPROVEN
        for pairs in self.pairs.values():
            for pair in pairs:
                theirs, mine = (sum(numbers[n] or 0 for n in side) for side in self._among(pair, among))
                if mine < theirs:
                    return VIOLATED
        return HELD

    def capacity(self, number: int, aspect: str) -> Decimal | None:
        """How many people there are, or how many cases they can handle; None: it is not stated."""
        model = self.services[number].model
        pace = model.each_handles
        if model.on_duty is None or (aspect == "quotas" and pace is None):
            return None
        return Decimal(model.on_duty) * (pace.number * self.units(number, pace.unit) if aspect == "quotas" else 1)

    def units(self, number: int, unit: str) -> Decimal:
        """How many minutes, hours or days it is open on the judged days; hours are whole quarters."""
        quarters = [at for at in self.raster[::2] if self.open(number, at)]
        if unit == "day":
            zone = self.services[number].model.timezone or self.zone
            return Decimal(len({day_of(at, zone) for at in quarters}))
        return Decimal(len(quarters)) * 15 / (60 if unit == "hour" else 1)

    # --- money ---

    def budget(self) -> Verdicts:
        """By the days that are judged, and by all days still to come: the text does not say which."""
        to_come = self.people.bits(self.as_of, date.max)
        return frozenset({self.by_money(self.judged), self.by_money(to_come)})

    def by_money(self, days: int) -> str:
        sums = []
        for group in (0, 1):
            reaching = {t.campaign for t in self.care if self._bit(t) & days & self.reached(t.audience, group)}
            reaching |= {s.campaign.name for s in self.triggered if days & self.reached(s.audience, group)}
            sums.append([c.model for c in self.plan.campaigns if c.name in reaching])
        theirs, mine = sums
        budgets = [m.details.get("budget") for m in theirs + mine]
        if None in budgets or any(m.estimated_size is None for m in theirs + mine):
            return UNPROVEN
        if len({parse_money(text).currency for text in budgets}) > 1:
            return UNPROVEN
        if not theirs:
            return HELD
        if not mine:
            return VIOLATED
        each = [
            sum(parse_money(m.details["budget"]).amount for m in models) / sum(m.estimated_size for m in models)
            for models in sums
        ]
        return VIOLATED if each[1] < each[0] else HELD

    def _bit(self, touch: Send) -> int:
        return self.people.bits(touch.day, touch.day)


def whole_window(day: date, per: Per, clock: str) -> Window:
    """The dates from a day on, or the calendar unit in which it falls, to its end."""
    if per.days is not None:
        first, after = day, day + timedelta(days=per.days)
    elif per.calendar == "week":
        first = day - timedelta(days=(day.weekday() - per.starts) % 7)
        after = first + timedelta(days=7)
    else:
        first, after = day, day + timedelta(days=1)
    return Window(midnight(first, clock), True, midnight(after, clock) - TICK)


def some_world(draw: Draw) -> CareWorld | None:
    """A world with little enough to try, if this is one."""
    maker = CareMaker(draw)
    documents = maker.documents()
    plan, rules = built(documents)
    first = CareWorld(documents, plan, rules, date(2026, 1, 1)).period[0]
    world = CareWorld(documents, plan, rules, first + timedelta(days=maker.some(0, 0, 0, -30, 1, 2)))
    return world if len(world.people.days) <= MAX_DAYS and world.people.number <= MAX_CUSTOMERS else None
