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
from tactful.engine.clocks import midnight
from tactful.engine.evaluate import evaluate
from tactful.engine.messages import Message
from tactful.engine.plan.plan import PlannedOffer
from tactful.engine.reference import Customer, admits, impossible
from tactful.engine.reference.offers import Bundle, cost
from tactful.engine.verdicts import Answer, Finding

from tests.building import built
from tests.worlds.offers import DOUBT, WORSE, Maker, Person, World, after, offer_cost, on

WORLDS = int(os.environ.get("TACTFUL_OFFER_WORLDS", "3000"))
BATCHES = 30
OFFERS = 3000
ENOUGH = 50
"""So many that the share of each verdict says something."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        world = world_of(seed)
        answer = evaluate(world.plan, [world.rule], world.as_of)
        verdicts[agreed(seed, world, answer)] += 1
    if verdicts.total() >= ENOUGH:
        assert 0.2 <= verdicts["violated"] / verdicts.total() <= 0.8, verdicts
        assert 0.3 <= verdicts["satisfied"] / verdicts.total() <= 0.7, verdicts


def world_of(seed: int) -> World:
    rng = random.Random(seed)
    maker = Maker(rng)
    plan, rules = built(maker.documents())
    return World(plan, rules[0], maker.first + timedelta(days=rng.choice([0, 0, 0, 1, 2])))


def agreed(seed: int, world: World, answer: Answer) -> str:
    """The verdict of a world; fails where it is wrong."""
    days = {day for f in answer.findings if f.witness and (day := told(f.witness.words)[0])}
    cases = [*world.cases, *(c for day in sorted(days - set(world.days)) for c in world.cases_on(day))]
    if answer.problems:
        assert world.overlap or not world.looked_at, (seed, "the groups do not overlap")
        return "overlap"
    assert not world.overlap, (seed, "the groups overlap")
    violated = {f.campaign or f.group for f in answer.findings if f.verdict == "violated"}
    unproven = {f.campaign or f.group for f in answer.findings if f.verdict == "unproven"}
    if world.too_many and world.paired:
        assert unproven, (seed, "too many stack")
        return "unproven"
    worse = {
        had: {world.attribution_point(c) for c in cases if c.had is had and c.verdict == WORSE} for had in world.judged
    }
    doubt = {c.had for c in cases if c.verdict == DOUBT}
    assert violated <= set().union(*worse.values()), (seed, "false alarm", violated)
    assert unproven <= {world.document(n) for had in doubt for n in had.numbers}, (seed, "no doubt", unproven)
    for had, places in worse.items():
        assert not places or places & violated, (seed, "missed", places, violated)
        if had in doubt and not places:
            assert {world.document(n) for n in had.numbers} & (violated | unproven), (seed, "no word of doubt")
    for finding in answer.findings:
        if finding.verdict == "violated":
            shown(seed, world, finding)
    return "violated" if violated else "unproven" if unproven else "satisfied"


# --- what a finding shows --------------------------------------------------------------------------------------------


def shown(seed: int, world: World, finding: Finding) -> None:
    """The witness and his twin are a pair, he is worse off beside a bundle at the place of the finding, and pays so much."""
    assert finding.witness is not None
    twin = finding.witness.twin
    assert twin is not None
    day, channel, way = told(finding.witness.words)
    assert day is not None, seed
    unnamed = world.channels[-1]
    protected, favoured = person(world, finding.witness.customer, day), person(world, twin, day)
    assert are_pair(world, finding.witness.customer, twin, day), (seed, "no pair")
    cases = [c for c in world.cases_on(day) if c.verdict == WORSE and c.person == protected]
    cases = [c for c in cases if favoured.mask & c.had.mask == c.had.mask]
    cases = [
        c for c in cases if channel in (None, c.channel) or (channel not in world.channels and c.channel == unnamed)
    ]
    cases = [c for c in cases if way in (None, c.way) or way not in world.ways]
    cases = [c for c in cases if world.attribution_point(c) == (finding.campaign or finding.group)]
    assert cases, (seed, "not worse off", day, channel, way)
    if finding.measure is not None:
        measured = {money for c in cases for money in world.measures(c)}
        assert (finding.measure.is_, finding.measure.limit) in measured, (seed, finding.measure, measured)


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


def person(world: World, customer: Customer, day: date) -> Person:
    mask = sum(1 << n for n, offer in enumerate(world.offers) if meets(world, offer.eligible, customer, day))
    at = midnight(day, world.plan.timezone)
    home = world.params.at_channel
    return Person(mask, customer.value(home, at) if home is not None else None)


def meets(world: World, condition: Any, customer: Customer, day: date) -> bool:
    at = midnight(day, world.plan.timezone) + timedelta(hours=12)
    return admits(condition, customer, at, world.model, world.plan.timezone)


def are_pair(world: World, protected: Customer, favoured: Customer, day: date) -> bool:
    at = midnight(day, world.plan.timezone) + timedelta(hours=12)
    for customer in (protected, favoured):
        if impossible(customer, world.model, [at], world.plan.timezone) is not None:
            return False
    names = {*protected.steady, *favoured.steady} - world.apart
    same = all(protected.value(name, at) == favoured.value(name, at) for name in names)
    rule = world.rule
    mine = meets(world, rule.conditions["protected"], protected, day) and meets(world, rule.group, protected, day)
    return same and mine and meets(world, rule.conditions["favoured"], favoured, day)


# --- what is paid ----------------------------------------------------------------------------------------------------


def some_offers() -> Iterator[tuple[Maker, PlannedOffer]]:
    """Offers of many worlds, each with a plan of its own."""
    seed = 0
    while True:
        maker = Maker(random.Random(f"offers {seed}"))
        plan, _ = built(maker.documents())
        yield from ((maker, offer) for offer in plan.offers)
        seed += 1


def test_costs_are_those_of_plain_arithmetic() -> None:
    rng = random.Random(1)
    for (maker, offer), _ in zip(some_offers(), range(OFFERS), strict=False):
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
