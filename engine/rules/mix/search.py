"""``mix``: of the touches a customer gets in a window, the share that match is within bounds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import ceil, inf

from ...clocks import TICK, midnight
from ...kit.asking import Asking
from ...kit.attribution import stands_first
from ...kit.drafts import with_each_draft
from ...kit.evaluation import boxes_of
from ...kit.receiving import may_be_stopped, receipt, somebody, ways_to_stop
from ...kit.replay import at_its_hour, counted, on_that_clock
from ...plan.conditions import All, Condition
from ...policy.linked import LinkedRule
from ...reference import Customer, stopped
from ...search.budget import SearchBudget
from ...search.compatibility import CompatibilityGraph, tightened
from ...search.customer import find_customer
from ...search.model import Candidate, Demand, EventAt, EventScript, ReachConstraint
from ...search.result import NOBODY, Found, Nobody, Result, Undecided, first_found
from ...sends.timeline import Send, TriggeredTouch
from ...windows import Window, leaves_at, window_ending
from .by_cells import Sides, skewed_by_cells
from .params import Mix


@dataclass(frozen=True, slots=True)
class MixViolation:
    """What one customer gets in one window, and the touch at which it stands."""

    at: Send
    touches: tuple[Send, ...]
    customer: Customer
    window: Window
    clock: str
    inside: tuple[Send, ...] = ()
    """Everything that the window holds, theirs or not."""


def harms(rule: LinkedRule[Mix], thing: Send | TriggeredTouch) -> bool:
    """Whether a touch pushes the share towards its bound: the part for at_most, the rest for at_least."""
    return rule.matches["part"].holds(thing.fields) == rule.params.upper


class MixSearch:
    """One rule on one clock: the windows, and who gets too much of what harms and too little of the rest."""

    def __init__(
        self, asking: Asking[Mix], clock: str, on_clock: Condition, budget: SearchBudget, helped: bool = False
    ) -> None:
        """``helped``: touches that help come in any number besides, so that few are enough to be judged; or what lasts

        comes at any moment.
        """
        self.helped = helped
        self.asking, self.rule, self.params, self.clock, self.budget = asking, asking.rule, asking.params, clock, budget
        self.evaluation, self.plan = asking.evaluation, asking.plan
        conditions = [self.rule.group, on_clock]
        audiences = [t.audience for t in asking.sends]
        self.context = self.evaluation.context([*conditions, *audiences], {t.day for t in asking.sends})
        space = self.context.space
        self.touches: list[Send] = []
        candidates: list[Candidate] = []
        for touch in asking.sends:
            if not at_its_hour(touch, self.rule, clock):
                continue
            boxes = tightened(space, boxes_of(space, [touch.audience, *conditions], touch.day), touch.day)
            if boxes:
                self.touches.append(touch)
                script = receipt(touch, self.evaluation).script
                candidates.append(Candidate(touch.at, touch.day, boxes, touch.weight, script=script))
        self.graph = CompatibilityGraph(self.context, candidates)
        self.harm = [harms(self.rule, touch) for touch in self.touches]
        self.limit = self.params.bound if self.params.upper else 1 - self.params.bound
        """The share of what harms above which it is wrong."""

    def windows(self, among: Sequence[int]) -> Iterator[tuple[Window, list[int]]]:
        """Every set of touches that some window holds: windows that end at one, or just as one has fallen out.

        A calendar unit is looked at as a whole, when it is over.
        """
        at = [self.touches[i].at for i in among]
        falls = {self.touches[i].arrives for i in among if self.touches[i].model.lasts} if self.helped else set()
        leaves = {leaves_at(at, self.params.per, self.clock) for at in {*at, *falls}}
        marks = [midnight(day, self.plan.timezone) for day in (self.rule.first, self.rule.last) if day is not None]
        over = {at - TICK for at in leaves}
        ends = sorted(over if self.params.per.calendar else {*at, *leaves, *over, *marks} if marks else {*at, *leaves})
        seen: set[tuple[int, ...]] = set()
        for end in ends:
            window = window_ending(end, self.params.per, self.clock)
            low = (bisect_left if window.closed else bisect_right)(at, window.start)
            inside = tuple(among[low : bisect_right(at, end)])
            if self.helped:
                inside = tuple(j for j in among if self._may_be_in(self.touches[j], window, self.harm[j]))
            if inside and inside not in seen and self.rule.in_effect(self.evaluation.day_of(end)):
                seen.add(inside)
                yield window, list(inside)

    @staticmethod
    def _may_be_in(touch: Send, window: Window, harm: bool) -> bool:
        """Where the share may be helped: what harms in all windows that it meets, the rest where it surely comes in them."""
        surely = window.holds(touch.at) and window.holds(touch.arrives)
        return window.meets(touch.at, touch.arrives) if harm else surely

    def skewed(self) -> Iterator[MixViolation]:
        """For each touch the first window in which a set stands at it, else in which one that no waiver covers does."""
        index = {id(touch): i for i, touch in enumerate(self.touches)}
        for draft, touches in with_each_draft(self.touches):
            stood: set[int] = set()
            for window, inside in self.windows([index[id(touch)] for touch in touches]):
                if draft is not None and all(self.touches[i].campaign != draft for i in inside):
                    continue
                if not self._may_be_skewed(inside):
                    continue
                for i in inside:
                    touch = self.touches[i]
                    if i in stood or not self.harm[i] or not self.evaluation.reportable(touch):
                        continue
                    if draft is not None and touch.campaign != draft:
                        continue
                    for skewed in self._at(i, window, inside, draft):
                        yield skewed
                        if not self.asking.waivers.cover(touches_that_harm(self.rule, skewed)):
                            stood.add(i)

    def _at(self, i: int, window: Window, inside: Sequence[int], draft: str | None) -> Iterator[MixViolation]:
        """Customers who get ``i`` and nothing harming that ranks above it, in a mix out of bounds.

        The first there is; and where waivers cover its set, one whose set none covers.
        """
        ranks = {j: (stands_first(self.touches[j], self.evaluation, draft), j) for j in inside}
        above = [j for j in inside if self.harm[j] and ranks[j] > ranks[i]]
        harming = [j for j in inside if self.harm[j] and j not in above and j != i]
        rest = [j for j in inside if not self.harm[j]]
        if self.params.of_at_least > self.graph.total([i, *harming, *rest]) and not self.helped:
            return
        first = self._shown(i, [i], harming, above, rest, window, inside)
        if first is None:
            return
        yield first
        if not self.asking.waivers.cover(touches_that_harm(self.rule, first)):
            return
        until = self.asking.waivers.last_days()
        early = [j for j in (i, *harming) if self.touches[j].day <= until.get(self.touches[j].campaign, date.min)]
        late = [j for j in harming if self.touches[j].campaign in until and j not in early]
        for chosen in [[], *([j] for j in late)]:
            names = {self.touches[j].campaign for j in chosen}
            gone = [j for j in early if self.touches[j].campaign not in names]
            if i in gone:
                continue
            left = [j for j in harming if j not in gone and j not in chosen]
            found = self._shown(i, [i, *chosen], left, [*above, *gone], rest, window, inside)
            if found is not None:
                yield found
                return

    def _shown(
        self,
        i: int,
        chosen: list[int],
        harming: Sequence[int],
        above: Sequence[int],
        rest: Sequence[int],
        window: Window,
        inside: Sequence[int],
    ) -> MixViolation | None:
        touch = self.touches[i]
        customer = None
        with self.asking.guarded(touch):
            more = [j for j in harming if all(self.graph.share(k, j) for k in chosen)]
            customer = self.asking.taken(self._somebody(chosen, more, above, rest), touch)
        if customer is None:
            return None
        everything = tuple(self.touches[j] for j in inside)
        mine = counted(customer, everything, self.rule, self.evaluation)
        return MixViolation(touch, tuple(mine), customer, window, self.clock, everything)

    # --- the search --------------------------------------------------------------------------------------------------

    def _somebody(
        self, chosen: list[int], more: list[int], above: Sequence[int], rest: Sequence[int]
    ) -> Result[Customer]:
        """Somebody who gets ``chosen``, none of ``above`` and too much of what harms; where cells do not tell, the plain way."""
        answer = self._by_cells(chosen, more, above, rest)
        return answer if answer is not None else self._grow(chosen, more, above, rest)

    def _by_cells(
        self, chosen: Sequence[int], more: Sequence[int], above: Sequence[int], rest: Sequence[int]
    ) -> Result[Customer] | None:
        def who(harm: Sequence[int], some: Sequence[int]) -> Result[Customer]:
            others = [j for j in rest if j not in some]
            return self.who([*harm, *some], self.graph.total(harm), above, others, some)

        def enough(harm: int, some: int) -> bool:
            beside = self.most_rest(harm) if self.helped else min(self.most_rest(harm), some)
            return harm + beside >= self.params.of_at_least

        share = self.limit.as_integer_ratio()
        return skewed_by_cells(self.graph, Sides(chosen, more, above, rest), share, enough, self.budget, who)

    def _may_be_skewed(self, inside: Sequence[int]) -> bool:
        """Whether it is not proved of a whole window that nobody gets too much of what harms."""
        harm, rest = ([j for j in inside if self.harm[j] == harms] for harms in (True, False))
        return not isinstance(self._by_cells([], harm, [], rest), Nobody)

    def _grow(self, chosen: list[int], more: list[int], above: Sequence[int], rest: Sequence[int]) -> Result[Customer]:
        """Those who get ``chosen`` and little enough of the rest; else with one more of what harms, and so on."""
        self.budget.spend(20)
        possible = self.graph.total([*chosen, *more])
        if self.most_rest(possible) + possible < self.params.of_at_least:
            return NOBODY
        return first_found(self._ways(chosen, more, above, rest))

    def _ways(
        self, chosen: list[int], more: list[int], above: Sequence[int], rest: Sequence[int]
    ) -> Iterator[Result[Customer]]:
        for extra in self._needed(chosen, rest):
            others = [j for j in rest if j not in extra]
            yield self.who([*chosen, *extra], self.graph.total(chosen), above, others, extra)
        for n, j in enumerate(more):
            wider = [k for k in more[n + 1 :] if self.graph.share(j, k)]
            yield self._grow([*chosen, j], wider, above, rest)

    def most_rest(self, harm: int) -> float:
        """How much of the rest may come beside so much harm for the share still to be too large."""
        if self.limit == 0:
            return inf
        return ceil(harm * (1 - self.limit) / self.limit) - 1

    def _needed(self, chosen: Sequence[int], rest: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """The least of the rest that is needed for the mix to be judged at all: none, or every smallest choice."""
        short = self.params.of_at_least - self.graph.total(chosen)
        if short > self.most_rest(self.graph.total(chosen)):
            return
        if short <= 0 or self.helped:
            yield ()
            return
        for n in range(1, min(len(rest), short) + 1):
            for extra in combinations(rest, n):
                self.budget.spend()
                total = self.graph.total(extra)
                if total >= short and all(total - self.graph.total([j]) < short for j in extra):
                    yield extra

    def who(
        self, get: Sequence[int], harm: int, above: Sequence[int], rest: Sequence[int], extra: Sequence[int]
    ) -> Result[Customer]:
        """Somebody who gets these and at most so much of the rest, whatever stops on the way what can be stopped."""
        allowed = self.most_rest(harm) - self.graph.total(extra)
        if allowed < 0:
            return NOBODY
        scripts = list(self._scripts([*above, *rest]))
        answer = first_found(self._find(get, above, rest, min(allowed, 10**6), events) for events in scripts)
        if len(scripts) == 1 or not isinstance(answer, Nobody):
            return answer
        sure = [[j for j in some if not self.graph.candidates[j].script.bars] for some in (above, rest)]
        anybody = self._find(get, sure[0], sure[1], min(allowed, 10**6))
        return Undecided(may_be_stopped()) if isinstance(anybody, Found) else anybody

    def _scripts(self, others: Sequence[int]) -> Iterator[tuple[EventAt, ...]]:
        """Nothing in particular; then each event that stops a sequence as soon as it can; then all of these."""
        yield ()
        yield from ways_to_stop((self.touches[j] for j in others), self.evaluation)

    def _find(
        self,
        get: Sequence[int],
        above: Sequence[int],
        rest: Sequence[int],
        allowed: float,
        events: tuple[EventAt, ...] = (),
    ) -> Result[Customer]:
        """Somebody to whom these events happen, who gets these, none of ``above`` and at most so much of the rest."""
        bars = [bar for j in get for bar in self.graph.candidates[j].script.bars]
        script = EventScript(events).with_events((), bars)
        serving = [(inf, j) for j in above] + [(float(self.graph.candidates[j].weight), j) for j in rest]
        if not events:
            of = self.graph.candidates
            still = ReachConstraint(None, [(weight, of[j].at, of[j].boxes) for weight, j in serving], allowed)
            return find_customer(
                self.context, [Demand(of[j].at, of[j].day, of[j].boxes) for j in get], self.budget, still, script
            )
        group = [self.rule.group, *on_that_clock(self.clock, self.rule)]
        asked = [(self.touches[j].at, [self.touches[j].audience, *group]) for j in get]
        left = [(w, self.touches[j]) for w, j in serving if not stopped(self.touches[j], events)]
        reached = [(weight, touch.at, All((touch.audience, *group))) for weight, touch in left]
        return somebody(self.evaluation, asked, script, reached, allowed, budget=self.budget)


def touches_that_harm(rule: LinkedRule[Mix], skewed: MixViolation) -> list[Send]:
    return [touch for touch in skewed.touches if harms(rule, touch)]
