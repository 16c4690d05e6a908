"""Laws of verdicts, over random plans of the kinds that ask about customers: no second evaluator is needed."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tactful.engine.evaluate import evaluate
from tactful.engine.policy.waivers import Waiver
from tactful.engine.verdicts import Answer

from tests.building import built
from tests.worlds.comparing import Sort, said
from tests.worlds.laws import FEWER, FORMS, LAWS, MORE, LawWorld, in_two_forms, some_world

WORLDS = int(os.environ.get("TACTFUL_LAW_WORLDS", "20"))


def verdict(answer: Answer, rule: str) -> str:
    found = {finding.verdict for finding in answer.findings if finding.rule == rule}
    return "violated" if "violated" in found else "unproven" if found else "proved"


def wrong(world: LawWorld, verdicts: Counter[str]) -> list[str]:
    """Rules whose verdicts do not relate as the law says; what is unproven agrees with everything."""
    before = evaluate(world.plan, world.rules, world.as_of)
    after = evaluate(*built(world.changed), world.changed_as_of)
    found = []
    for one, other in world.pairs:
        a, b = verdict(before, one), verdict(after, other)
        verdicts[a] += 1
        lost, won = (a, b) == ("violated", "proved"), (a, b) == ("proved", "violated")
        if (lost and world.relation != FEWER) or (won and world.relation != MORE):
            found.append(f"{world.law}: {one} is {a}, then {other} {b}, as of {world.changed_as_of}")
    return [*found, said_of(world)] if found else []


def said_of(world: LawWorld) -> str:
    return said(
        LawWorld(world.changed, *built(world.changed), world.changed_as_of, "", [], world.as_of, "", []), ["changed:"]
    )


@pytest.mark.parametrize("law", LAWS)
def test_verdicts_keep_the_law(law: str) -> None:
    sort = Sort(lambda draw: some_world(draw, law), wrong)
    verdicts = sort.batch(list(LAWS).index(law), WORLDS)
    assert verdicts["violated"] > 0


@pytest.mark.parametrize("form", FORMS)
def test_one_question_in_two_forms(form: str) -> None:
    sort = Sort(lambda draw: in_two_forms(draw, form), wrong)
    verdicts = sort.batch(100 + list(FORMS).index(form), WORLDS * 3)
    assert verdicts["violated"] > 0


def with_waivers(world: LawWorld, waivers: Sequence[Waiver]) -> set[tuple[str, str | None]]:
    """What stands, by rule and campaign or group."""
    answer = evaluate(world.plan, world.rules, world.as_of, waivers)
    return {(found.rule, found.campaign or found.group) for found in answer.findings if not found.covered_by}


def test_a_waiver_less_loses_nothing() -> None:
    """Whatever stands with waivers stands with one of them less, and with none."""
    covered = 0
    for seed in range(WORLDS * 3):
        draw = random.Random(seed).randrange
        world = some_world(draw)
        if world is None:
            continue
        names = [campaign.name for campaign in world.plan.campaigns]
        until = world.as_of + timedelta(days=draw(6))
        waivers = [
            Waiver(waive=rule.id, campaign=name, reason="r", approved_by="m", until=until)
            for rule in world.rules
            for name in names[: 1 + draw(2)]
        ]
        everything, without = with_waivers(world, ()), with_waivers(world, waivers[1:])
        left = with_waivers(world, waivers)
        assert left <= without <= everything, said(world, [seed, left - without, without - everything])
        covered += left < everything
    assert covered > 0


test_verdicts_keep_the_laws_where_plans_shrink = Sort(some_world, wrong).shrinking()
