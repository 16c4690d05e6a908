"""The search of one cap: the touches that count, their windows, and where sets of too many stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, combinations, product

from ...clocks import TICK, shift
from ...hours import edges_of_day, last_open
from ...kit.attribution import attribution_point
from ...kit.replay import at_its_hour
from ...messages import Message, say
from ...plan.plan import PlannedEvent
from ...search.budget import SearchBudget
from ...search.compatibility import CompatibilityGraph
from ...search.happenings import events_that_change
from ...search.max_weight_set import max_weight_set, upper_bound
from ...search.model import Bar, Candidate, EventAt, EventScript
from ...search.result import NOBODY, MaxWeightSet, Result, Undecided
from ...sends.timeline import Send
from ...undecidable import BudgetExhausted
from ...windows import Window, window_ending
from .asked import Asked, Violation, names_of
from .params import Since, counting

WINDOWS = 10
"""The budget of one cap, in budgets of a single search: hard windows share it."""
LEAST = 5_000
"""The least budget that a search is given while any is left."""

MINUTE = timedelta(minutes=1)
MAX_DAYS = 31
"""On how many days before a touch the hours of events are looked at for an act."""


def whoever_comes_in() -> Message:
    return say(
        "whoever comes into the audience while the send goes on (lasts) gets it too, and more could come together then",
        "在持续发送（lasts）期间进入受众的客户也会收到，届时可能有更多次落在一起",
    )


class Cap:
    """The dated touches of one cap: the candidates, their windows and the search."""

    def __init__(self, asked: Asked, touches: Sequence[Send]) -> None:
        self.asked, self.asking, self.clock = asked, asked.asking, asked.clock
        self.rule, self.evaluation, self.params = asked.asking.rule, asked.asking.evaluation, asked.asking.params
        self.counting = counting(self.rule)
        self.acts = self._acts_before(touches)
        acts = sorted({happening for happenings in self.acts.values() for happening in happenings})
        conditions = [*asked.conditions, *(t.audience for t in touches)]
        self.context = self.evaluation.context(conditions, {t.day for t in touches}, acts)
        self.touches: list[Send] = []
        candidates: list[Candidate] = []
        for touch in touches:
            if not at_its_hour(touch, self.rule, self.clock):
                continue
            candidate = asked.candidate(self.context.space, touch, self.counting)
            if candidate is not None:
                self.touches.append(touch)
                candidates.append(candidate)
        keys = self.counting.keys(self.touches)
        self.graph = CompatibilityGraph(self.context, candidates, keys, self._scripts if self.params.since else None)
        self.limits = [self.counting.limit(asked.at_most, touch.at, self.clock) for touch in self.touches]
        self.longest = max((t.arrives - t.at for t in self.touches), default=timedelta())
        """Of all sends: what lasts counts in a window at any moment of it."""
        self.lasting = bool(self.longest) and self.params.since is None
        self._see(self._lows(timedelta()))
        self.base = [i for i, touch in enumerate(self.touches) if touch.status != "draft"]
        self.pool = self.reserve = self.evaluation.budget * WINDOWS // 2
        self.share = self.evaluation.budget
        """The budget of one search; where many touches are under suspicion, a fair share of what is left for all."""

    def _acts_before(self, touches: Sequence[Send]) -> dict[datetime, tuple[EventAt, ...]]:
        """For ``since``: before each touch, the latest instants at which the customer can have acted.

        Where other events can change who they are, also a little before, and around the hours of these.
        """
        since = self.params.since
        if since is None or since.lasting is None:
            return {}
        model = self.evaluation.plan.customers
        changing = events_that_change(model, [*self.asked.conditions, *(t.audience for t in touches), *model.facts])
        return {at: tuple(self._acts_up_to(at, changing, since)) for at in {touch.at for touch in touches}}

    def _acts_up_to(self, at: datetime, changing: Sequence[PlannedEvent], since: Since) -> list[EventAt]:
        plan, found = self.evaluation.plan, set[EventAt]()
        marks = {at}
        if changing and since.lasting is not None:
            marks.add(at - MINUTE)
            begin = shift(at, since.lasting, -1, self.clock)
            hours = [event.model.hours for event in changing if event.model.hours is not None]
            days = [self.evaluation.day_of(at) - timedelta(days=n) for n in range(min((at - begin).days, MAX_DAYS) + 1)]
            edges = {edge for day in days for one in hours for edge in edges_of_day(day, one, plan.timezone)}
            marks |= {mark for edge in edges for mark in (edge - MINUTE, edge, edge + MINUTE) if begin < mark < at}
        for name in since.event:
            for mark in marks:
                when = last_open(mark, plan.customers.events[name].model.hours, plan.timezone, plan.calendar)
                if when is not None:
                    found.add((when, name))
        return sorted(found, reverse=True)

    def _scripts(self, members: Sequence[int]) -> Iterator[EventScript]:
        """What happens to a customer so that these are counted together: they acted before the first, and not since."""
        since = self.params.since
        assert since is not None  # noqa: S101
        acts = frozenset(since.event)
        times = [self.touches[i].at for i in members]
        if since.lasting is None:
            yield EventScript((), (Bar(acts, min(times) + TICK),))
            return
        for act in self.acts[min(times)]:
            if max(times) < shift(act[0], since.lasting, +1, self.clock):
                yield EventScript((act,), (Bar(acts, act[0] + TICK),))

    # --- windows -----------------------------------------------------------------------------------------------------

    def _see(self, lows: list[int]) -> None:
        """Sets for each touch the first one in the window that ends at it, and the last one whose window holds it."""
        self.lows = lows
        self.least_after = lows[:]
        for i in range(len(lows) - 2, -1, -1):
            self.least_after[i] = min(lows[i], self.least_after[i + 1])

    def window(self, among: Sequence[int], end: int) -> Sequence[int]:
        """Those of ``among`` (in order) in the window that ends at ``end``."""
        inside = among[bisect_left(among, self.lows[end]) : bisect_right(among, end)]
        return [j for j in inside if self._shares_window(j, end)] if self.lasting else inside

    def _shares_window(self, j: int, end: int) -> bool:
        """Whether some moment of one touch lies in the window that ends at another."""
        if self.params.per is None or not self.lasting:
            return True
        touch = self.touches[j]
        return window_ending(self.touches[end].at, self.params.per, self.clock).meets(touch.at, touch.arrives)

    def reaching(self, among: Sequence[int], window: Window) -> list[int]:
        """Those of ``among`` of which some moment lies in a window."""
        return [j for j in among if window.meets(self.touches[j].at, self.touches[j].arrives)]

    def _later(self, among: Sequence[int], i: int) -> list[int]:
        """Those of ``among`` after ``i`` whose window holds it."""
        last = bisect_right(self.least_after, i) - 1
        later = among[bisect_right(among, i) : bisect_right(among, last)]
        return [j for j in later if self.lows[j] <= i and self._shares_window(i, j)]

    def _lows(self, slack: timedelta) -> list[int]:
        """For each touch, the first index in the window that ends at it."""
        at = [touch.at for touch in self.touches]
        since = self.params.since
        if self.params.per is None:
            lows = list(range(len(at))) if since is None else [0] * len(at)
        else:
            lows = []
            for i, touch in enumerate(self.touches):
                window = window_ending(touch.at, self.params.per, self.clock)
                start = window.start - slack
                low = (bisect_left if window.closed else bisect_right)(
                    at, start - (self.longest if self.lasting else timedelta())
                )
                while low < i and self.lasting and not window.meets(at[low], self.touches[low].arrives):
                    low += 1
                lows.append(min(low, i))
        if since is None or since.lasting is None:
            return lows
        until = [shift(acts[0][0], since.lasting, +1, self.clock) if (acts := self.acts[t]) else t for t in at]
        low = 0
        for i, when in enumerate(at):
            while low < i and until[low] + slack <= when:
                low += 1
            lows[i] = max(lows[i], low)
        return lows

    # --- the search --------------------------------------------------------------------------------------------------

    def max_weight_set(self, among: Sequence[int], must: Sequence[int], limit: int) -> Result[MaxWeightSet]:
        """The heaviest set over the limit, from the budget that all windows share."""
        if self.graph.total(among) <= limit:
            return NOBODY
        budget = SearchBudget(given := max(min(self.share, self.pool), 0))
        try:
            return max_weight_set(self.graph, among, must, limit, budget)
        except BudgetExhausted:
            bound = self.counting.shown(upper_bound(self.graph, among))
            return Undecided(
                say(
                    "the search used up its budget; at most {bound} were not ruled out",
                    "搜索用完了预算；尚不能排除最多 {bound} 次",
                    bound=bound,
                )
            )
        finally:
            self.pool -= given - max(budget.left, 0)

    def _over(self, among: Sequence[int], must: Sequence[int], limit: int) -> MaxWeightSet | None:
        """The same; that it could not be decided is a doubt about the last touch."""
        return self.asking.taken(self.max_weight_set(among, must, limit), self.touches[among[-1]] if among else None)

    def violations(self) -> list[Violation]:
        """One for each touch at which a set stands."""
        found: list[Violation] = []
        suspects = sorted(i for i in self._suspects(self.base) if self.evaluation.reportable(self.touches[i]))
        self.pool += self.reserve
        for number, i in enumerate(suspects):
            self.share_out(len(suspects) - number)
            found += self._standing_at(i, self.base)
        self.share = self.evaluation.budget
        drafts = {t.campaign for t in self.touches if t.status == "draft"}
        for name in sorted(drafts):
            among = sorted([*self.base, *(i for i, t in enumerate(self.touches) if t.campaign == name)])
            for i in among:
                if self.touches[i].campaign == name and self.evaluation.reportable(self.touches[i]):
                    found += self._standing_at_draft(i, among)
        return found

    def share_out(self, number: int) -> None:
        """So many searches are to come: each gets a fair share of what is left."""
        self.share = min(self.evaluation.budget, max(LEAST, self.pool // number))

    def limit_at(self, end: datetime) -> int:
        """The cap of a window that ends at an instant."""
        return self.counting.limit(self.asked.at_most, end, self.clock)

    def _suspects(self, among: Sequence[int]) -> set[int]:
        """The touches in a window that holds too many for some customer; the rest is proved here.

        Only windows that no later one contains need a proof, and counting may prove many of them at once.
        """
        ends: list[int] = []
        least = len(self.touches)
        for i in reversed(among):
            if self.lows[i] < least or self.lasting:
                least = self.lows[i]
                ends.append(i)
        suspects: set[int] = set()
        stack = [ends[::-1]] if ends else []
        while stack:
            some = stack.pop()
            together = among[bisect_left(among, min(self.lows[i] for i in some)) : bisect_right(among, some[-1])]
            if self.graph.counted_by_cells(together, min(self.limits[i] for i in some)):
                continue
            if len(some) > 1:
                stack += [some[: len(some) // 2], some[len(some) // 2 :]]
            elif self._over(inside := self.window(among, some[0]), (), self.limits[some[0]]) is not None:
                suspects |= set(inside)
        return suspects

    def last_over(self) -> tuple[list[Send], MaxWeightSet, int] | None:
        """The last window, whosever touches are in it, that holds too many for somebody: these, and how many are allowed."""
        for end in sorted(self._suspects(self.base), reverse=True):
            if self.rule.in_effect(self.touches[end].day):
                found = self._over(self.window(self.base, end), (end,), self.limits[end])
                if found is not None:
                    return [self.touches[i] for i in found.members], found, self.limits[end]
        return None

    def windows_with(self, i: int, base: Sequence[int] | None = None) -> list[tuple[Sequence[int], int]]:
        """The windows in which a touch stands beside those of ``base`` (all but drafts), each with its cap."""
        among = sorted([*(self.base if base is None else base), i])
        return [
            (self.window(among, end), self.limits[end])
            for end in [i, *self._later(among, i)]
            if self.rule.in_effect(self.touches[end].day)
        ]

    def eligible(self, i: int) -> bool:
        """Findings look for planned touches still to come."""
        return self.touches[i].status == "planned" and self.evaluation.reportable(self.touches[i])

    def _standing_at(self, i: int, among: Sequence[int]) -> list[Violation]:
        """The last of a set that stands at ``i`` is itself, or a later one that is not planned."""
        mine = self.eligible(i)
        ends = [i, *(j for j in self._later(among, i) if not self.eligible(j))] if mine else [i]
        windows = []
        for end in ends:
            kept = [j for j in self.window(among, end) if not self.eligible(j) or (mine and j <= i)]
            windows.append((end, kept))
        return self._best_of(i, windows)

    def _standing_at_draft(self, i: int, among: Sequence[int]) -> list[Violation]:
        mine = self.touches[i].campaign
        ends = [i, *(j for j in self._later(among, i) if self.touches[j].campaign != mine)]
        windows = []
        for end in ends:
            kept = [j for j in self.window(among, end) if j <= i or self.touches[j].campaign != mine]
            windows.append((end, kept))
        return self._best_of(i, windows)

    def _best_of(self, i: int, windows: list[tuple[int, list[int]]]) -> list[Violation]:
        best: MaxWeightSet | None = None
        best_limit = 0
        uncovered: tuple[tuple[Send, ...], MaxWeightSet] | None = None
        for end, window in windows:
            if not self.rule.in_effect(self.touches[end].day):
                continue
            found = self._over(window, sorted({i, end}), self.limits[end])
            if found is None:
                continue
            if best is None or found.weight > best.weight:
                best, best_limit = found, self.limits[end]
            open_set = self._uncovered(window, sorted({i, end}), found, self.limits[end])
            if open_set is not None and (uncovered is None or open_set.weight > uncovered[1].weight):
                uncovered = (tuple(self.touches[j] for j in open_set.members), open_set)
        if best is None:
            return []
        members = tuple(self.touches[j] for j in best.members)
        return [Violation(self.touches[i], members, best, best_limit, self.asked.value, uncovered, names_of(members))]

    def _uncovered(self, window: list[int], must: list[int], found: MaxWeightSet, limit: int) -> MaxWeightSet | None:
        """The heaviest set that no waiver covers, where ``found`` is the heaviest of all.

        A waiver covers a set if its campaign is in it, with touches up to its last day, and if it allows so much: lighter
        sets can be covered by more waivers, so what was found is asked again with those.
        """
        heaviest: MaxWeightSet | None = found
        until: dict[str, date] = {}
        while heaviest is not None:
            allowing = self.asking.waivers.last_days(self.counting.shown(heaviest.weight))
            if allowing == until:
                return heaviest
            until = allowing
            heaviest = max(self._open_sets(window, must, until, limit), key=lambda some: some.weight, default=None)
        return None

    def _open_sets(
        self, window: list[int], must: list[int], until: dict[str, date], limit: int
    ) -> Iterator[MaxWeightSet]:
        """Of the sets without early touches of the waived campaigns, or with a later one of them: the heaviest of each sort."""
        early = {
            j
            for j in window
            if (last := until.get(self.touches[j].campaign)) is not None and self.touches[j].day <= last
        }
        late = [j for j in window if self.touches[j].campaign in until and j not in early]
        names = sorted({self.touches[j].campaign for j in late})
        for chosen in chain.from_iterable(combinations(names, n) for n in range(min(len(names), 4) + 1)):
            kept = [j for j in window if j not in early or self.touches[j].campaign in chosen]
            for extra in product(*[[j for j in late if self.touches[j].campaign == name] for name in chosen]):
                with_must = sorted({*must, *extra})
                if set(with_must) <= set(kept):
                    open_set = self._over(kept, with_must, limit)
                    if open_set is not None:
                        yield open_set

    def doubt_what_lasts(self) -> None:
        """A send that lasts reaches whoever is of its audience at any moment of it; who can become so meanwhile is in doubt."""
        stays = self.evaluation.never_changes
        since = self.params.since is not None
        group_stays = stays(self.rule.group)
        open_ones = {
            i
            for i, touch in enumerate(self.touches)
            if touch.model.lasts is not None and (since or not (group_stays and stays(touch.audience)))
        }
        if not open_ones:
            return
        drafts = sorted({touch.campaign for touch in self.touches if touch.status == "draft"})
        for draft in (None, *drafts):
            among = [i for i, t in enumerate(self.touches) if t.status != "draft" or t.campaign == draft]
            for end in among:
                near = self._near(among, end)
                crowded = self.graph.total(near) > self.limits[end] and not open_ones.isdisjoint(near)
                at = attribution_point([self.touches[i] for i in near], self.evaluation) if crowded else None
                if at is not None:
                    self.asking.doubt(whoever_comes_in(), at)

    def _near(self, among: Sequence[int], end: int) -> Sequence[int]:
        """What can count together with a touch, whenever in its time it comes; with ``since`` whatever came before."""
        since = self.params.since
        if since is None:
            return self.window(among, end)
        at = self.touches[end].at
        first = shift(at, since.lasting, -1, self.clock) if since.lasting is not None else None
        return [j for j in among if j <= end and (first is None or self.touches[j].arrives > first)]
