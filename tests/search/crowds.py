"""Small sets of touches, as the search for too much sees them, and which of them each customer gets."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from tactful.engine.clocks import TICK
from tactful.engine.plan.conditions import Condition
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import Customer
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.compatibility import CompatibilityGraph, tightened
from tactful.engine.search.max_weight_set import max_weight_set
from tactful.engine.search.model import Bar, Candidate, EventScript
from tactful.engine.space.boxes import EVERYWHERE
from tactful.engine.undecidable import BudgetExhausted

from tests.space.drawing import Draw, law, model_of

from .lives import assert_exists, context_of, meetings, met_by, models, on, today

INSTANTS = [on(0), on(1, 1), on(2)]
crowded = settings(law, max_examples=40)


@dataclass
class Crowd:
    """Touches at instants, each for whoever meets a condition, and how much each counts."""

    model: CustomerModel
    touches: list[tuple[datetime, Condition]]
    weights: list[int]
    keys: list[str] | None = None

    def __post_init__(self) -> None:
        context = context_of(self.model, [condition for _, condition in self.touches], INSTANTS)
        space, candidates = context.space, []
        for (at, condition), weight in zip(self.touches, self.weights, strict=True):
            boxes = tightened(space, space.of(condition, today(at)), today(at))
            candidates.append(Candidate(at, today(at), boxes, weight))
        self.graph = CompatibilityGraph(context, candidates, self.keys)

    @property
    def number(self) -> int:
        return len(self.touches)

    def received(self) -> list[set[int]]:
        """What each customer gets, every customer tried; those who get the same stand for each other."""
        return [set(self.of_bits(met)) for met in meetings(self.model, INSTANTS, self.touches)]

    def of_bits(self, met: int) -> list[int]:
        return [i for i in range(self.number) if met >> i & 1]

    def count(self, members: Iterable[int]) -> int:
        """How much these count together."""
        if self.keys is not None:
            return len({self.keys[i] for i in members})
        return sum(self.weights[i] for i in members)

    def most(self, among: set[int], must: set[int]) -> int:
        """The most that one customer gets of these with all that must be there; −1: nobody gets what must be."""
        return max((self.count(got & among) for got in self.received() if must <= got), default=-1)

    def assert_gets(self, customer: Customer, members: Iterable[int]) -> None:
        """The customer can exist and really gets these."""
        assert_exists(customer, self.model, INSTANTS)
        assert set(members) <= set(self.of_bits(met_by(customer, self.model, self.touches)))


@st.composite
def crowds(draw: Draw, keyed: bool = False) -> Crowd:
    """Two to six touches; with ``keyed``, of up to three campaigns."""
    number = draw(st.integers(2, 6))
    model, conditions = draw(models(number, most_facts=1))
    again = draw(st.lists(st.sampled_from(conditions), min_size=number, max_size=number))
    few = conditions if draw(st.booleans()) else again
    touches = [(draw(st.sampled_from(INSTANTS)), condition) for condition in few]
    weights = draw(st.lists(st.integers(1, 3), min_size=number, max_size=number))
    keys = draw(st.lists(st.sampled_from("kmn"), min_size=number, max_size=number)) if keyed else None
    return Crowd(model, touches, weights, keys)


@st.composite
def parts(draw: Draw, crowd: Crowd) -> tuple[set[int], set[int]]:
    """Some touches of a crowd, and up to two of them that must be there."""
    among = draw(st.sets(st.sampled_from(range(crowd.number)), min_size=1))
    among = among | set(range(crowd.number)) if draw(st.booleans()) else among
    return among, draw(st.sets(st.sampled_from(sorted(among)), max_size=2))


def assert_found_little_by_little(crowd: Crowd) -> None:
    """With more and more budget: nothing, then less than the most, which is not said to be complete, then the most: 2."""
    answers: list[Any] = []
    budget = 0
    while not answers or not answers[-1].value.complete:
        budget += 1
        with suppress(BudgetExhausted):
            answers.append(max_weight_set(crowd.graph, range(crowd.number), [], 0, SearchBudget(budget)))
    assert budget > len(answers)
    assert answers[0].value.weight == 1
    assert answers[-1].value.weight == 2 == crowd.most(set(range(crowd.number)), set())


def crowd_with_a_dead_end(keys: list[str] | None = None) -> Crowd:
    """Two touches in a city that shut each other out, and two in another that do not: whoever begins with the first gets one."""
    attributes = {
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never"},
        "member": {"type": "flag", "changes": "never"},
    }
    asked = [{"city": "a", "member": "true"}, {"city": "a", "member": "false"}, {"city": "b"}, {"city": "b"}]
    model = model_of(attributes, {f"asked-{n}": condition for n, condition in enumerate(asked)})
    return Crowd(model, [(on(0), condition) for condition in model.segments.values()], [1] * 4, keys)


def crowd_with_a_stop(keys: list[str] | None = None) -> CompatibilityGraph:
    """A touch for who has just visited, one that a visit stops, and one for everybody: no customer gets the first two."""
    seen = {"type": "date", "changes": "forward", "always_known": "true"}
    model = model_of(
        {"seen": seen}, {"visitors": {"seen": {"within": "1d"}}}, events={"visit": {"sets": {"seen": "day"}}}
    )
    visitors, instants = model.segments["visitors"], [on(2, 9), on(2, 10), on(3, 11)]
    context = context_of(model, [visitors], instants, begins=on(0, 0) - TICK)
    unseen = EventScript((), (Bar(frozenset({"visit"}), on(0, 0), instants[1]),))
    candidates = [
        Candidate(instants[0], today(instants[0]), tuple(context.space.of(visitors, today(instants[0])))),
        Candidate(instants[1], today(instants[1]), (EVERYWHERE,), script=unseen),
        Candidate(instants[2], today(instants[2]), (EVERYWHERE,)),
    ]
    return CompatibilityGraph(context, candidates, keys)
