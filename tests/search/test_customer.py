"""One customer who meets all demands and facts, or the proof that there is none, against trying all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.plan.conditions import All, Condition, InArm, Not, OnClock, OneOf
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.reference import CLOCK, OTHER, UNKNOWN, Customer, Value, arm_key
from tactful.engine.search import customer as module
from tactful.engine.search.budget import SearchBudget
from tactful.engine.search.customer import find_customer
from tactful.engine.search.model import Demand, ReachConstraint, SearchContext
from tactful.engine.search.result import NOBODY, Found, Undecided
from tactful.engine.undecidable import BudgetExhausted
from tactful.engine.windows import Window

from tests.space.drawing import ARMS, ELSEWHERE, ZONES, Draw, Written, law, model_of

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

    def answer(self, budget: SearchBudget | None = None) -> Any:
        space = self.context.space
        demands = [Demand(at, today(at), space.of(condition, today(at))) for at, condition in self.demanded]
        constraint = None
        if self.reached_by or self.window is not None:
            reached = [(weight, at, space.of(condition, today(at))) for weight, at, condition in self.reached_by]
            constraint = ReachConstraint(self.window, reached, self.at_most)
            if self.window is not None:
                demands += [Demand(at, today(at)) for at in INSTANTS]
        return find_customer(self.context, demands, budget or SearchBudget(PLENTY), constraint)


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


@law
@given(demands(most_reached=2))
def test_it_takes_the_steps_that_it_takes_and_no_fewer(question: Question) -> None:
    whole = SearchBudget(PLENTY)
    answer = question.answer(whole)
    steps = PLENTY - whole.left
    assert question.answer(SearchBudget(steps)) == answer
    with pytest.raises(BudgetExhausted):
        question.answer(SearchBudget(steps - 1))


# --- examples --------------------------------------------------------------------------------------------------------

EVERYTHING: Written = {
    "city": {"type": "choice", "values": ["a", "b"]},
    "member": {"type": "flag"},
    "points": {"type": "number", "whole": "true", "minimum": "2.5", "maximum": "3.5"},
    "joined": {"type": "date"},
    "likes": {"type": "labels", "values": ["x", "y"]},
    "home": {"type": "zone", "values": [*ZONES]},
}


def found_in(model: CustomerModel, conditions: list[Condition], at: datetime, zones: tuple[str, ...] = ZONES) -> Any:
    """Somebody who meets all the conditions at an instant."""
    context = context_of(model, conditions, [at], zones=zones)
    boxes = context.space.of(All(tuple(conditions)), today(at))
    return find_customer(context, [Demand(at, today(at), boxes)], SearchBudget(PLENTY))


@pytest.mark.parametrize("known", [{}, {"always_known": "true"}])
@pytest.mark.parametrize("changes", ["never", "freely"])
def test_what_nothing_asks_about_has_some_value(known: Written, changes: str) -> None:
    model = model_of({name: {"changes": changes} | one | known for name, one in EVERYTHING.items()}, {})
    answer = found_in(model, [], on(0))
    assert isinstance(answer, Found)
    assert set(answer.value.steady) - {CLOCK} == set(EVERYTHING)
    assert_exists(answer.value, model, INSTANTS)


@pytest.mark.parametrize("arm", ARMS)
def test_everybody_is_in_one_arm(arm: str) -> None:
    model = model_of({}, {})
    answer = found_in(model, [InArm("headline", arm)], on(0))
    assert isinstance(answer, Found)
    assert answer.value.steady[arm_key("headline")] == arm
    assert found_in(model, [InArm("headline", arm), Not(InArm("headline", arm))], on(0)) == NOBODY
    assert found_in(model, [Not(InArm("headline", other)) for other in ARMS], on(0)) == NOBODY


@pytest.mark.parametrize("clock", [*ZONES, ELSEWHERE])
@pytest.mark.parametrize("shown", [*ZONES, OTHER, UNKNOWN])
@pytest.mark.parametrize("known", [True, False])
def test_a_zone_that_is_shown_is_that_of_the_clock(clock: str, shown: Value, known: bool) -> None:
    always = {"always_known": "true"} if known else {}
    model = model_of({"home": EVERYTHING["home"] | {"others": "true"} | always}, {})
    is_shown: Condition = OneOf("home", frozenset({shown})) if isinstance(shown, str) and shown != OTHER else All()
    if shown in (OTHER, UNKNOWN):
        is_shown = Not(OneOf("home", frozenset(ZONES)))
    answer = found_in(model, [OnClock(clock), is_shown], on(0), (*ZONES, ELSEWHERE))
    there_is = clock == shown or (shown in (OTHER, UNKNOWN) and (clock == ELSEWHERE or not known))
    assert isinstance(answer, Found) == there_is
    if there_is:
        assert answer.value.value(CLOCK, on(0)) == clock
        assert_exists(answer.value, model, [on(0)])
        assert met_by(answer.value, model, [(on(0), is_shown)])


def forward_only(**more: Any) -> CustomerModel:
    """Customers whose points only grow."""
    points = {"type": "number", "whole": "true", "minimum": "0", "changes": "forward"} | more
    return model_of({"points": points}, {"few": {"points": {"below": "2"}}, "many": {"points": {"at_least": "2"}}})


@pytest.mark.parametrize("known", [{}, {"always_known": "true"}])
def test_what_only_goes_forward_never_goes_back(known: Written) -> None:
    model = forward_only(**known)
    few, many = model.segments["few"], model.segments["many"]
    up, down = [(on(0), few), (on(2), many)], [(on(0), many), (on(2), few)]
    assert agrees(Question(model, up, [], 0))
    assert not agrees(Question(model, down, [], 0))
    assert agrees(Question(model, [(on(0), many), (on(2), Not(many))], [], 0)) == (not known)
    assert agrees(Question(model, [(on(0), Not(few)), (on(2), few)], [], 0)) == (not known)


@pytest.mark.parametrize("changes", ["freely", "forward"])
def test_a_date_that_keeps_its_value_in_a_window_does_not_come_to_be_known_in_it(changes: str) -> None:
    model = model_of({"seen": {"type": "date", "changes": changes}}, {"late": {"seen": {"from": str(today(on(1)))}}})
    story = [(on(0), Not(model.segments["late"])), (on(2), model.segments["late"])]
    assert agrees(Question(model, story, [], 0))
    assert agrees(Question(model, story, [], 0, Window(on(1), True, on(3))))
    assert not agrees(Question(model, story, [], 0, Window(on(0), True, on(3))))


def test_facts_that_cannot_be_settled_are_a_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [{"if": {"city": "a"}, "then": {"joined": {"over": "1d"}}}]
    model = model_of({name: EVERYTHING[name] | {"changes": "never"} for name in ("city", "joined")}, {}, facts)
    question = Question(model, [(on(2), OneOf("city", frozenset("a")))], [], 0)
    assert agrees(question)
    monkeypatch.setattr(module, "MAX_REPAIRS", 1)
    answer = question.answer()
    assert isinstance(answer, Undecided)
    assert answer.why.en == "the facts could not be settled over the whole plan"


def test_where_an_attribute_can_have_no_value_there_is_nobody() -> None:
    none = {"whole": "true", "minimum": "1.2", "maximum": "1.8", "always_known": "true", "changes": "never"}
    assert found_in(model_of({"points": {"type": "number"} | none}, {}), [], on(0)) == NOBODY
