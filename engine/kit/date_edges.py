"""The days on which what conditions say of dates can change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from ..clocks import civil_shift
from ..messages import say
from ..plan.conditions import (
    Condition,
    DateAge,
    DateAhead,
    DateBetween,
    DateIs,
    leaves,
)
from ..reference.offers import TooMuch
from ..scalars import Duration
from .evaluation import Evaluation

DateTest = DateIs | DateAge | DateAhead | DateBetween


MAX_DAYS = 4000


class DateEdges:
    """Where all date tests of some conditions have their edges, day by day.

    Facts hold at every instant of the plan, so the edges of theirs on its days are there as well, and stay where they are.
    """

    def __init__(self, evaluation: Evaluation, conditions: Iterable[Condition]) -> None:
        facts = evaluation.plan.customers.facts
        self.tests: dict[str, list[DateTest]] = {}
        self.fixed: dict[str, set[date]] = {}
        for test in sorted({test for condition in (*conditions, *facts) for test in date_tests(condition)}, key=str):
            self.tests.setdefault(test.attribute, []).append(test)
        for fact in facts:
            for test in date_tests(fact):
                for day in days_of_fact(fact, evaluation.fact_days):
                    self.fixed.setdefault(test.attribute, set()).update([*_edges(test, day), next_day(day)])
        listed = [test for tests in self.tests.values() for test in tests]
        ages: dict[str, set[Duration]] = {}
        for test in listed:
            if isinstance(test, DateAge):
                ages.setdefault(test.attribute, set()).add(test.duration)
        mixed = any(len(found) > 1 and {d.unit for d in found} - {"d", "w"} for found in ages.values())
        self.turn = mixed or bool(self.fixed) or any(isinstance(test, (DateBetween, DateAhead)) for test in listed)
        """Whether the edges can lie in another way on another day."""
        absolute = [edge for test in listed if isinstance(test, DateBetween) for edge in _edges(test, date.min)]
        self.latest = max([*absolute, *(day for days in self.fixed.values() for day in days)], default=None)
        self.longest = max((most_days(d) for found in ages.values() for d in found), default=0)

    def settled(self, start: date) -> date:
        """A day after which, from a start on, nothing turns any more that did not before: months repeat in four years."""
        last = max(start, self.latest or start).toordinal() + self.longest + 5 * 366
        return date.fromordinal(min(last, date.max.toordinal()))

    def pattern(self, day: date) -> tuple[object, ...]:
        """How the edges lie to one another on a day: on two days with one pattern all answers are alike."""
        found: list[object] = []
        for name, listed in self.tests.items():
            fixed = sorted(self.fixed.get(name, ()))
            edges = [*(edge for test in listed for edge in _edges(test, day)), next_day(day), *fixed]
            rank = {edge: i for i, edge in enumerate(sorted(set(edges)))}
            found.append(tuple(rank[edge] for edge in edges))
        return tuple(found)


def date_tests(condition: Condition) -> list[DateTest]:
    """The tests of dates in a condition."""
    return [leaf for leaf in leaves(condition) if isinstance(leaf, (DateIs, DateAge, DateAhead, DateBetween))]


def days_of_fact(fact: Condition, days: Sequence[date]) -> Sequence[date]:
    """The days of the plan that matter to a fact for what never changes: of one date that only comes to be so, the ends."""
    tests = date_tests(fact)
    if not tests or not days:
        return ()
    once = len(tests) == 1 and (isinstance(tests[0], DateIs) or (isinstance(tests[0], DateAge) and tests[0].over))
    return sorted({days[0], days[-1]}) if once else days


def most_days(duration: Duration) -> int:
    """The longest that a duration can be."""
    return duration.amount * {"d": 1, "w": 7, "mo": 31, "y": 366}[duration.unit]


def _edges(test: DateTest, day: date) -> list[date]:
    """The first days of the stretches of dates that a test can tell apart, in a fixed order."""
    if isinstance(test, DateAge):
        return [civil_shift(day, test.duration, -1)]
    if isinstance(test, DateBetween):
        return [edge for edge in (test.first, test.last and next_day(test.last)) if edge is not None]
    if isinstance(test, DateAhead):
        first = civil_shift(day, test.at_least, +1) if test.at_least else day
        return [first, *([next_day(civil_shift(day, test.at_most, +1))] if test.at_most else [])]
    return []


def next_day(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def days_alike(evaluation: Evaluation, conditions: Sequence[Condition], first: date, last: date) -> list[date]:
    """One day for each way in which the edges of the date tests, those of facts among them, lie between two days."""
    edges = DateEdges(evaluation, conditions)
    if not edges.turn:
        return [first]
    days = range(first.toordinal(), min(last, edges.settled(first)).toordinal() + 1)
    if len(days) > MAX_DAYS:
        raise too_many_days()
    return sorted({edges.pattern(date.fromordinal(n)): date.fromordinal(n) for n in reversed(days)}.values())


def too_many_days() -> TooMuch:
    return TooMuch(say("there are too many different days to look at", "需要逐一核对的日期过多"))
