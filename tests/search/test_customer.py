"""One customer who meets all demands and facts, or the proof that there is none, against trying all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.plan.conditions import Condition
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import Customer
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.customer import find_customer
from tactful.engine.search.model import Demand, ReachConstraint, SearchContext
from tactful.engine.search.result import NOBODY, Found
from tactful.engine.windows import Window

from tests.space.drawing import Draw, law

from .lives import PLENTY, assert_exists, context_of, goes_back, meetings, met_by, models, on, today

INSTANTS = [on(0), on(1, 1), on(2)]

At = tuple[datetime, Condition]


@dataclass
class Question:
    """Conditions demanded each at its instant, and some of which only so much may be met."""

    model: CustomerModel
    demanded: list[At]
    reached_by: list[tuple[float, datetime, Condition]]
    at_most: float
    window: Window | None = None

    def __post_init__(self) -> None:
        conditions = [c for _, c in self.demanded] + [c for *_, c in self.reached_by]
        self.context: SearchContext = context_of(self.model, conditions, INSTANTS)
        self.asked = [*self.demanded, *((at, condition) for _, at, condition in self.reached_by)]

    def fits(self, met: int) -> bool:
        """Whether whoever meets these conditions is looked for."""
        number = len(self.demanded)
        weights = [weight for i, (weight, *_) in enumerate(self.reached_by, number) if met >> i & 1]
        return all(met >> i & 1 for i in range(number)) and sum(weights) <= self.at_most

    def answer(self, budget: int = PLENTY) -> object:
        space = self.context.space
        demands = [Demand(at, today(at), space.of(condition, today(at))) for at, condition in self.demanded]
        constraint = None
        if self.reached_by or self.window is not None:
            reached = [(weight, at, space.of(condition, today(at))) for weight, at, condition in self.reached_by]
            constraint = ReachConstraint(self.window, reached, self.at_most)
            if self.window is not None:
                demands += [Demand(at, today(at)) for at in INSTANTS]
        return find_customer(self.context, demands, SearchBudget(budget), constraint)


@st.composite
def demands(draw: Draw, most_reached: int = 0) -> Question:
    number, reached = draw(st.integers(1, 4)), draw(st.integers(min(1, most_reached), most_reached))
    model, conditions = draw(models(number + reached, most_moving=2))
    at = st.sampled_from(INSTANTS)
    weight = st.sampled_from([1.0, 1.0, 2.0, inf])
    demanded = [(draw(at), condition) for condition in conditions[:number]]
    reached_by = [(draw(weight), draw(at), condition) for condition in conditions[number:]]
    return Question(model, demanded, reached_by, draw(st.sampled_from([0, 1, 2])))


def agrees(question: Question) -> bool:
    """Whether somebody is found; who is found is right, and nobody is said only where there is nobody."""
    answer = question.answer()
    somebody = any(question.fits(met) for met in meetings(question.model, INSTANTS, question.asked, question.window))
    if not somebody:
        assert answer == NOBODY
        return False
    assert isinstance(answer, Found)
    customer = answer.value
    assert isinstance(customer, Customer)
    assert_exists(customer, question.model, INSTANTS)
    assert question.fits(met_by(customer, question.model, question.asked))
    for name, attribute in question.model.attributes.items():
        values = [customer.value(name, at) for at in INSTANTS]
        assert attribute.changes != "never" or len(set(values)) == 1
        assert attribute.changes != "forward" or not any(
            goes_back(a, b) for i, a in enumerate(values) for b in values[i:]
        )
        if question.window is not None:
            assert len({customer.value(name, at) for at in INSTANTS if question.window.holds(at)}) <= 1
    return True


@law
@given(demands())
def test_somebody_is_found_where_there_is_somebody(question: Question) -> None:
    agrees(question)


@law
@given(demands(most_reached=3))
def test_what_reaches_them_is_little_enough(question: Question) -> None:
    agrees(question)


@law
@given(demands(most_reached=2), st.sampled_from([0, 1]), st.sampled_from([1, 2]))
def test_nothing_changes_in_a_window(question: Question, first: int, last: int) -> None:
    window = Window(INSTANTS[first], True, max(INSTANTS[first], INSTANTS[last]))
    agrees(Question(question.model, question.demanded, question.reached_by, question.at_most, window))
