"""Right what is compared and what it was: ``care-parity`` and ``reference-price`` say what a walk through small worlds says."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import date, timedelta

import pytest
from tactful.engine.evaluate import evaluate

from tests.building import built
from tests.worlds.care import CareMaker, CareWorld, PriceMaker, PriceWorld, with_rows

WORLDS = int(os.environ.get("TACTFUL_CARE_WORLDS", "1500"))
BATCHES = 20
MAX_CUSTOMERS = 800
MAX_DAYS = 60
ENOUGH = 20
"""So many worlds in a batch that each verdict is among them."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_care_agrees_with_brute_force(batch: int) -> None:
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        wrong += care_compared(seed, verdicts)
    assert not wrong, "\n".join(wrong)
    assert WORLDS < ENOUGH * BATCHES or min(verdicts["violated"], verdicts["held"]) > 0, verdicts


def care_compared(seed: int, verdicts: Counter[str]) -> list[str]:
    """What is wrong in a world; counts the verdicts of each aspect."""
    world = care_world(seed)
    answer = evaluate(world.plan, [world.rule], world.as_of)
    if world.overlap or answer.problems:
        verdicts["overlap"] += 1
        return [] if world.overlap and answer.problems else [f"{seed}: groups overlap: {world.overlap}"]
    given = {finding.group or "": finding.verdict for finding in answer.findings}
    wrong = [] if len(given) == len(answer.findings) else [f"{seed}: more than one finding of an aspect"]
    if not given.keys() <= set(world.params.compare_on) or any(f.campaign for f in answer.findings):
        wrong.append(f"{seed}: findings where none belong: {given}")
    for aspect in world.params.compare_on:
        verdict = given.get(aspect, "held")
        verdicts[verdict] += 1
        verdicts[f"{aspect} {verdict}"] += 1
        if verdict not in (expected := world.truth(aspect)):
            wrong.append(f"{seed}: {aspect} is {verdict}, not {sorted(expected)}")
    return wrong


def care_world(seed: int) -> CareWorld:
    """The world of a seed; one with too much to try gives way to the next."""
    for attempt in range(100):
        rng = random.Random(seed * 1000 + attempt)
        plan, rules = built(CareMaker(rng).documents())
        first = CareWorld(plan, rules[0], date(2026, 1, 1)).period[0]
        world = CareWorld(plan, rules[0], first + timedelta(days=rng.choice([0, 0, 0, -30, 1, 2])))
        if len(world.people.days) <= MAX_DAYS and world.people.number <= MAX_CUSTOMERS:
            return world
    raise AssertionError("no world is small enough")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_former_prices_agree_with_brute_force(batch: int) -> None:
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        wrong += prices_compared(seed, verdicts)
    assert not wrong, "\n".join(wrong)
    assert WORLDS < ENOUGH * BATCHES or min(verdicts[v] for v in ("violated", "unproven", "held")) > 0, verdicts


def prices_compared(seed: int, verdicts: Counter[str]) -> list[str]:
    """What is wrong in a world; counts the verdicts of its price books and campaigns."""
    world = price_world(seed)
    answer = evaluate(world.plan, [world.rule], world.as_of)
    assert not answer.problems
    expected = world.truth()
    wrong = []
    worst = sorted(answer.findings, key=lambda finding: finding.verdict == "violated")
    given = {finding.campaign or finding.group or "": finding for finding in worst}
    if len(given) < len(answer.findings):
        wrong.append(f"{seed}: more than one finding of a document")
    for document in sorted({offer.campaign or offer.book or "" for offer in world.plan.offers} | set(given)):
        finding = given.get(document)
        verdict, measures = expected.get(document, ("held", set()))
        verdicts[finding.verdict if finding else "held"] += 1
        if (finding.verdict if finding else "held") != verdict:
            wrong.append(f"{seed}: {document} is {finding.verdict if finding else 'held'}, not {verdict}")
        elif finding is not None and verdict == "violated":
            measure = finding.measure
            if measure is None or (measure.is_, measure.limit) not in measures:
                wrong.append(f"{seed}: {document} measures {measure}, not {measures}")
    return wrong


def price_world(seed: int) -> PriceWorld:
    rng = random.Random(seed)
    maker = PriceMaker(rng)
    plan, rules = with_rows(maker.documents())
    return PriceWorld(plan, rules[0], maker.first + timedelta(days=rng.choice([-20, 0, 0, 1, 3])))
