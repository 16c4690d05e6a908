"""Room: how near a plan comes to a limit, moment by moment, and who comes nearest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from itertools import pairwise

from ..clocks import TICK, day_of, midnight
from ..reference import Customer
from ..sends.timeline import Send
from ..windows import Window


@dataclass(frozen=True, slots=True)
class Fullest:
    """The most that one customer gets in a window, of how much, and who gets it. ``certain``: nobody gets more.

    Without a customer it is nothing that anybody gets.
    """

    most: int | Decimal
    limit: int | Decimal
    touches: tuple[Send, ...] = ()
    customer: Customer | None = None
    certain: bool = True

    @property
    def over(self) -> bool:
        return self.most > self.limit

    @property
    def full(self) -> bool:
        """Whether one more is too many."""
        return self.most >= self.limit

    @property
    def room(self) -> tuple[bool, bool, int | Decimal, int | Decimal]:
        """How much is left, to compare two: the least where there is too much; what is not certain counts as full."""
        return (not self.over, self.certain, self.limit - self.most, -self.most)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``first`` on, up to but without ``until``: the fullest of the windows that hold a moment of it."""

    first: datetime
    until: datetime
    fullest: Fullest


@dataclass(frozen=True, slots=True)
class Standing:
    """What a touch of a campaign, by its number, comes to: the fullest window with it of one of its sends."""

    index: int
    fullest: Fullest


def standings(campaign: str, sets: Iterable[tuple[Fullest, Iterable[Send]]]) -> list[Standing]:
    """For each touch of a campaign the set with least room that one of its sends is in."""
    best: dict[int, Fullest] = {}
    for fullest, sends in sets:
        for index in {send.index for send in sends if send.campaign == campaign}:
            best[index] = fuller(best[index], fullest) if index in best else fullest
    return [Standing(index, best[index]) for index in sorted(best)]


def fuller(a: Fullest, b: Fullest) -> Fullest:
    """The one with less room."""
    return min(a, b, key=lambda one: one.room)


def stretches(windows: Iterable[tuple[Window, Fullest]], within: Window, empty: Fullest) -> list[Stretch]:
    """For every moment of ``within`` the fullest window that holds it; ``empty`` where none does."""
    spans = []
    for window, fullest in windows:
        first = max(window.start if window.closed else window.start + TICK, within.start)
        until = min(window.end, within.end) + TICK
        if first < until:
            spans.append((first, until, fullest))
    spans.sort(key=lambda span: span[0])
    edges = sorted({within.start, within.end + TICK, *(at for first, until, _ in spans for at in (first, until))})
    found: list[Stretch] = []
    active: list[tuple[tuple[bool, bool, int | Decimal, int | Decimal], int, datetime, Fullest]] = []
    number = 0
    for first, until in pairwise(edges):
        while number < len(spans) and spans[number][0] <= first:
            _, ends, fullest = spans[number]
            heappush(active, (fullest.room, number, ends, fullest))
            number += 1
        while active and active[0][2] <= first:
            heappop(active)
        here = fuller(active[0][3], empty) if active else empty
        if found and found[-1].fullest is here:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(Stretch(first, until, here))
    return found


def joined(parts: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    """Several at once, over the same time: the fullest at each moment."""
    edges = sorted({at for part in parts for stretch in part for at in (stretch.first, stretch.until)})
    found: list[Stretch] = []
    places = [0] * len(parts)
    for first, until in pairwise(edges):
        here: Fullest | None = None
        for n, part in enumerate(parts):
            while places[n] < len(part) and part[places[n]].until <= first:
                places[n] += 1
            if places[n] < len(part) and part[places[n]].first <= first:
                mine = part[places[n]].fullest
                here = mine if here is None else fuller(here, mine)
        if here is None:
            continue
        if found and found[-1].fullest is here and found[-1].until == first:
            found[-1] = replace(found[-1], until=until)
        else:
            found.append(Stretch(first, until, here))
    return found


def by_day(found: Sequence[Stretch], timezone: str) -> Iterator[tuple[date, Fullest]]:
    """Each day with the fullest of its moments."""
    days: dict[date, Fullest] = {}
    for stretch in found:
        day, last = day_of(stretch.first, timezone), day_of(stretch.until - TICK, timezone)
        while day <= last:
            days[day] = fuller(days[day], stretch.fullest) if day in days else stretch.fullest
            day += timedelta(days=1)
    yield from sorted(days.items())


def whole_days(first: date, last: date, timezone: str) -> Window:
    """All moments of these days."""
    return Window(midnight(first, timezone), True, midnight(last + timedelta(days=1), timezone) - TICK)
