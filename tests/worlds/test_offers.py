"""Right what is offered: over all customers of small worlds, ``offer-parity`` says what a walk over all of them says.

A finding stands where somebody is worse off, its witness is a pair that shows it, and its money is right to the cent.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.messages import Message
from tactful.engine.plan.plan import PlannedOffer
from tactful.engine.reference import Customer, admits, impossible
from tactful.engine.reference.offers import Bundle, cost
from tactful.engine.verdicts import Answer, Finding

from tests.building import built
from tests.worlds.comparing import Sort
from tests.worlds.offers import DOUBT, WORSE, Had, OfferMaker, OfferWorld, Person, after, offer_cost, on, some_world
from tests.worlds.people import noon

WORLDS = int(os.environ.get("TACTFUL_OFFER_WORLDS", "3000"))
BATCHES = 30
COSTED = 3000
"""How many offers' costs are added up."""
ENOUGH = 50
"""So many that the share of each verdict says something."""


def wrong(world: OfferWorld, verdicts: Counter[str]) -> list[object]:
    """What is wrong in a world; counts its verdict."""
    answer = evaluate(world.plan, world.rules, world.as_of)
    found: list[object] = []
    verdicts[judged(world, answer, found)] += 1
    return found


def judged(world: OfferWorld, answer: Answer, wrong: list[object]) -> str:
    """The verdict of a world."""
    days = {day for f in answer.findings if f.witness and (day := told(f.witness.words)[0])}
    cases = [*world.cases, *(c for day in sorted(days - set(world.days)) for c in world.cases_on(day))]
    if world.overlap or answer.problems:
        wrong += [] if answer.problems else ["the groups overlap"]
        wrong += [] if world.overlap or not world.looked_at else ["the groups do not overlap"]
        return "overlap"
    violated = {f.campaign or f.group for f in answer.findings if f.verdict == "violated"}
    unproven = {f.campaign or f.group for f in answer.findings if f.verdict == "unproven"}
    if world.too_many and (world.paired or unproven):
        wrong += [] if unproven else ["too many stack"]
        return "unproven"
    worse: dict[Had, set[str]] = {had: set() for had in world.judged}
    for case, verdict in cases:
        if verdict == WORSE:
            worse[case.had].add(world.where(case))
    documents = {had: {world.document(n) for n in had.numbers} for had in world.judged}
    doubt = {c.had for c, verdict in cases if verdict == DOUBT}
    wrong += [f"false alarm in {place}" for place in violated - set().union(*worse.values())]
    wrong += [f"no doubt in {place}" for place in unproven - set().union(*(documents[had] for had in doubt))]
    wrong += [f"missed in {places}" for places in worse.values() if places and not places & violated]
    for had in doubt:
        if not worse[had] and not documents[had] & (violated | unproven):
            wrong.append(f"no word of doubt in {documents[had]}")
    wrong += [why for f in answer.findings if f.verdict == "violated" and (why := not_shown(world, f))]
    return "violated" if violated else "unproven" if unproven else "satisfied"


OFFERS = Sort(some_world, wrong)
test_verdicts_agree_where_worlds_shrink = OFFERS.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts = OFFERS.batch(batch, WORLDS // BATCHES)
    if verdicts.total() >= ENOUGH:
        assert 0.2 <= verdicts["violated"] / verdicts.total() <= 0.8, verdicts
        assert 0.3 <= verdicts["satisfied"] / verdicts.total() <= 0.7, verdicts


# --- what a finding shows --------------------------------------------------------------------------------------------


def not_shown(world: OfferWorld, finding: Finding) -> str | None:
    """What is missing: the witness and their twin are a pair, worse off beside a bundle at the finding, and pay so much."""
    assert finding.witness is not None
    twin = finding.witness.twin
    assert twin is not None
    day, channel, way = told(finding.witness.words)
    if day is None:
        return "no day"
    unnamed = world.channels[-1]
    protected, favoured = person(world, finding.witness.customer, day), person(world, twin, day)
    if not are_pair(world, finding.witness.customer, twin, day):
        return f"no pair on {day}"
    cases = [c for c, verdict in world.cases_on(day) if verdict == WORSE and c.person == protected]
    cases = [c for c in cases if c.had.within(favoured.mask)]
    channels = (None, channel if channel in world.channels else unnamed)
    cases = [c for c in cases if channel is None or c.channel in channels]
    cases = [c for c in cases if way in (None, c.way) or way not in world.ways]
    cases = [c for c in cases if world.where(c) == (finding.campaign or finding.group)]
    if not cases:
        return f"not worse off on {day}, {channel}, {way}"
    measured = {money for c in cases for money in world.measures(c)}
    if finding.measure is not None and (finding.measure.is_, finding.measure.limit) not in measured:
        return f"measured is {finding.measure}, not {measured}"
    return None


def told(words: Message) -> tuple[date | None, str | None, str | None]:
    """The day, channel and way to pay of a witness."""
    parts = {part.en: part.args for part in within(words)}
    day = next((a["day"] for a in parts.values() if isinstance(a.get("day"), date)), None)
    channel = next((a["channel"] for a in parts.values() if "channel" in a), None)
    return day, channel, next((a["way"] for a in parts.values() if "way" in a), None)


def within(message: Message) -> Iterator[Message]:
    yield message
    for value in message.args.values():
        if isinstance(value, Message):
            yield from within(value)


def person(world: OfferWorld, customer: Customer, day: date) -> Person:
    mask = sum(1 << n for n, offer in enumerate(world.offers) if meets(world, offer.eligible, customer, day))
    at = noon(day, world.zone)
    home = world.params.at_channel
    return Person(mask, customer.value(home, at) if home is not None else None)


def meets(world: OfferWorld, condition: Any, customer: Customer, day: date) -> bool:
    return admits(condition, customer, noon(day, world.zone), world.model, world.zone)


def are_pair(world: OfferWorld, protected: Customer, favoured: Customer, day: date) -> bool:
    at = noon(day, world.zone)
    for customer in (protected, favoured):
        if impossible(customer, world.model, [at], world.zone) is not None:
            return False
    names = {*protected.steady, *favoured.steady} - world.apart
    same = all(protected.value(name, at) == favoured.value(name, at) for name in names)
    rule = world.rule
    mine = meets(world, rule.conditions["protected"], protected, day) and meets(world, rule.group, protected, day)
    return same and mine and meets(world, rule.conditions["favoured"], favoured, day)


# --- what is paid ----------------------------------------------------------------------------------------------------


def some_offers() -> Iterator[tuple[OfferMaker, PlannedOffer]]:
    """Offers of many worlds, each with a plan of its own."""
    seed = 0
    while True:
        maker = OfferMaker(random.Random(f"offers {seed}").randrange)
        plan, _ = built(maker.documents())
        yield from ((maker, offer) for offer in plan.offers)
        seed += 1


def test_costs_are_those_of_plain_arithmetic() -> None:
    rng = random.Random(1)
    for (maker, offer), _ in zip(some_offers(), range(COSTED), strict=False):
        for start in (maker.first + timedelta(days=rng.randrange(7)), date(2024, 2, 29)):
            for end in ends(rng, offer, start):
                paid = {c: amount for c, amount in cost(Bundle((offer,)), start, end).items() if amount}
                mine = {c: amount for c, amount in offer_cost(offer.model, start, end).items() if amount}
                assert paid == mine, (offer.model, start, end)


def ends(rng: random.Random, offer: PlannedOffer, start: date) -> list[date]:
    """Days by which it is asked what was paid: around each turn, and some others."""
    model = offer.model
    turns = {after(start, model.commitment), *(after(start, i.earned_after) for i in model.incentives)}
    turns |= {on(start, model.billed, n) for n in (1, 2, 13) if model.billed != "once"}
    found = {turn + timedelta(days=n) for turn in turns for n in (-1, 0, 1)}
    found.add(start + timedelta(days=rng.randrange(1, 500)))
    return sorted(end for end in found if end > start)
