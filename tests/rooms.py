"""Room beside its plain meaning: one more send is put there as a draft, and the engine is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tactful.checker.loading import load
from tactful.engine.evaluate import BUDGET, evaluate
from tactful.engine.kit.evaluation import Evaluation
from tactful.engine.kit.room import Fullest, Stretch
from tactful.engine.places import Place
from tactful.engine.plan.campaigns import Campaign
from tactful.engine.plan.conditions import EVERYONE, Condition
from tactful.engine.plan.plan import Plan, PlannedCampaign
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.rules import KINDS
from tactful.engine.rules.frequency_cap.params import counting
from tactful.engine.sends.fields import campaign_fields, touch_fields
from tactful.engine.sends.timeline import timeline


def draft(at: datetime, number: int, audience: Condition, plan: Plan) -> PlannedCampaign:
    local = at.replace(tzinfo=None).isoformat(" ")
    value = {
        "campaign": f"draft-{number}", "purpose": "content", "status": "draft", "audience": "everyone", "timezone": "UTC",
        "touches": [{**touch_of(plan), "at": local}],
    }  # fmt: skip
    return PlannedCampaign(Campaign.model_validate(value), Place(f"draft-{number}"), "UTC", (audience,))


def touch_of(plan: Plan) -> dict[str, str]:
    """A text of the first sender, where there are such."""
    channel = "sms" if "sms" in plan.words.channels else next(iter(plan.words.channels))
    return {"channel": channel, "sender": next(iter(plan.words.senders), "company")}


def said_of_drafts(
    plan: Plan, rule: LinkedRule[Any], instants: Sequence[datetime], as_of: date, audience: Condition = EVERYONE
) -> list[str]:
    """What is said of one more send at each instant: violated, unproven, or nothing."""
    drafts = [draft(at, n, audience, plan) for n, at in enumerate(instants)]
    answer = evaluate(replace(plan, campaigns=(*plan.campaigns, *drafts)), [rule], as_of)
    said = {finding.campaign: finding.verdict for finding in answer.findings}
    return [said.get(one.name, "") for one in drafts]


def at(stretches: Sequence[Stretch], moment: datetime) -> Fullest | None:
    return next((s.fullest for s in stretches if s.first <= moment < s.until), None)


def compared(root: Path, as_of: date, rng: random.Random, number: int = 12) -> tuple[int, int, int]:
    """Of how many moments room agrees with drafts, how many are full, and of how many it is not certain."""
    loaded = load(root)
    plan = loaded.plan
    assert plan is not None
    evaluation = Evaluation(plan, timeline(plan, as_of), as_of, (), BUDGET)
    agreed = full = unsure = 0
    for rule in loaded.rules:
        kind = KINDS[rule.kind]
        if kind.room is None:
            continue
        rooms = kind.room(rule, evaluation, EVERYONE)
        first, last = evaluation.span
        days = (last - first).days + 1
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        moments = [start + timedelta(minutes=15 * rng.randrange(96 * days)) for _ in range(number)]
        moments += [
            send.at + timedelta(seconds=rng.choice([-1, 0, 1]))
            for send in rng.sample(evaluation.timeline.sends, min(4, len(evaluation.timeline.sends)))
        ]
        moments = [moment for moment in moments if as_of <= evaluation.day_of(moment)]
        broken = said_of_drafts(plan, rule, moments, as_of)
        one = draft(moments[0], 0, EVERYONE, plan)
        fields = touch_fields(campaign_fields(one.model, "UTC"), one.model.touches[0], plan.words)
        if not rule.match.holds(fields):
            continue
        counts = counting(rule)
        weight = counts.shown(counts.weight(fields)) if rule.params.count == "touches" else 1
        value = next(iter(fields.get(rule.params.each, frozenset())), "") if rule.params.each else next(iter(rooms))
        stretches = rooms.get(value)
        if stretches is None:  # the draft alone has this value
            continue
        for moment, too_much in zip(moments, broken, strict=True):
            here = at(stretches, moment)
            if here is None or not here.certain or too_much == "unproven":
                unsure += 1
                continue
            assert (here.most + weight > here.limit) == bool(too_much), (
                root,
                rule.id,
                moment,
                here.most,
                here.limit,
                too_much,
            )
            agreed += 1
            full += bool(too_much)
    return agreed, full, unsure
