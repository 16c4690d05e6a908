"""Right what is owed: over all customers of small worlds, ``obligation`` says what a walk through time says.

A finding that the search calls violated must be true; what is true must be violated or unproven, and few are unproven.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from tactful.engine.evaluate import evaluate
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import impossible
from tactful.engine.sends.services import acts_by
from tactful.engine.verdicts import Finding

from tests.building import built
from tests.worlds.services import RULE, Walk, World, broken_for, some_service, some_world, truth

WORLDS = int(os.environ.get("TACTFUL_SERVICE_WORLDS", "400"))
BATCHES = 20
MAX_CUSTOMERS = {False: 1200, True: 4000}
"""Where events happen in one minute of the day, and where one can happen at any time."""
ENOUGH = 20
"""So many that the share of what is not proven says something."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(WORLDS // BATCHES):
        seed = batch * 100_000 + number
        verdicts += compared(seed, world_of(seed))
    assert verdicts["violated"] > 0 or WORLDS < ENOUGH * BATCHES
    if verdicts["violated"] >= ENOUGH:
        assert verdicts["unproven"] <= verdicts["violated"] * 0.5, verdicts


def compared(seed: object, world: World) -> Counter[str]:
    """How often each verdict was given in a world; fails where one is wrong."""
    expected = truth(world)
    answer = evaluate(world.plan, world.rules, world.as_of)
    verdicts: Counter[str] = Counter()
    for rule in world.rules:
        mine = [f for f in answer.findings if f.rule == rule.id]
        violated = {f.campaign or RULE for f in mine if f.verdict == "violated"}
        unproven = any(f.verdict == "unproven" for f in mine)
        missed = expected[rule.id] - violated
        assert unproven or not missed, (seed, rule.id, "missed", missed)
        for finding in mine:
            if finding.verdict == "violated" and (finding.campaign or RULE) not in expected[rule.id]:
                assert shown(world, rule, finding), (seed, rule.id, "false alarm", finding.campaign)
        verdicts["violated"] += len(violated)
        nothing_due = not rule.params.any_of and not world.judged(rule)  # type: ignore[attr-defined]
        assert not (nothing_due and violated), (seed, rule.id, "nothing is due")
        verdicts["unproven"] += unproven and not nothing_due
    return verdicts


def world_of(seed: int) -> World:
    """The world of a seed; one with too many customers to try gives way to the next."""
    for attempt in range(100):
        rng = random.Random(seed * 1000 + attempt)
        plan, rules = built(some_world(rng))
        assert plan.stated_period is not None
        first, last = plan.stated_period
        as_of = rng.choice([*[first] * 5, first + timedelta(days=1), last])
        world = World(plan, rules, as_of, 3 if rng.random() < 0.3 else 2)
        most = MAX_CUSTOMERS[world.always()]
        if world.size(most) <= most:
            return world
    raise AssertionError("no world is small enough")


def shown(world: World, rule: LinkedRule, finding: Finding) -> bool:
    """Whether the witness, who may do more than was tried, really shows it."""
    assert finding.witness is not None
    customer = finding.witness.customer
    if impossible(customer, world.model, [touch.at for touch in world.line.sends], world.zone) is not None:
        return False
    return all((finding.campaign or RULE) in broken for _, broken in broken_for(world, customer, [rule]))


# --- worlds that were got wrong once ---------------------------------------------------------------------------------

SHARP: dict[str, str] = {
    "the answer can be stopped only where it waits": """
        event: {visit: {}, done: {hours: 21:30-21:31}}
        campaign: {audience: everyone, trigger: {event: visit, stops_on: done}, send_in: 00:00-20:00}
        touch: {channel: sms}
        rule: {within: 24h}
    """,
    "the answer comes on the day after where it is due late": """
        event: {visit: {}}
        campaign: {audience: {seen: {within: 0d}}, trigger: {event: visit}}
        touch: {channel: sms, after: 10h}
        rule: {within: 24h, for: {seen: {within: 0d}}}
    """,
    "the answer comes on the day after where it waits": """
        event: {visit: {}}
        campaign: {audience: {seen: {within: 0d}}, trigger: {event: visit}, send_in: 00:00-20:00}
        touch: {channel: sms}
        rule: {within: 24h, for: {seen: {within: 0d}}}
    """,
    "the earlier trigger starts nothing again, and its answer is stopped": """
        event: {visit: {hours: [10:00-10:01, 20:30-20:31]}, done: {hours: 21:30-21:31}}
        campaign:
          audience: everyone
          trigger: {event: visit, stops_on: done, again_after: 24h}
          send_in: 08:00-20:00
        touch: {channel: sms}
        rule: {within: 24h, per: 2d, hours: 10:00-19:00}
    """,
    "a day is longer than 24 hours when the clocks go back": """
        settings: {timezone: Europe/London, period: {from: 2026-10-22, until: 2026-10-28}}
        event: {visit: {}}
        service: {within: 1d}
        rule: {within: 24h}
    """,
    "a working day from Friday is longer than one from Saturday": """
        settings: {calendar: CN, period: {from: 2026-03-12, until: 2026-03-18}}
        event: {visit: {}}
        service: {within: 1workdays}
        rule: {within: 60h}
    """,
    "the event lets him get what comes just after it, and not what came just before": """
        event: {visit: {hours: 09:00-21:00, sets: {waiting: false}}}
        dated: {channel: sms, at: 2026-03-10 10:00, audience: {waiting: false}}
        rule: {within: 24h, per: 1d, effective: {from: 2026-03-10}}
    """,
    "whoever replies at once, and changes by it, got nothing to reply to": """
        event: {visit: {}, reply: {sets: {waiting: false}}}
        service: {within: 2h}
        dated: {channel: sms, at: 2026-03-10 10:00, audience: {waiting: true}, reply: {to: s}}
        rule: {event: any-reply, within: 1h}
    """,
}


@pytest.mark.parametrize("name", SHARP)
def test_verdicts_agree_in_sharp_worlds(name: str) -> None:
    plan, rules = built(sharp(yaml.load(SHARP[name], Loader=yaml.BaseLoader)))  # noqa: S506
    assert plan.stated_period is not None
    assert compared(name, World(plan, rules, plan.stated_period[0], 3))["violated"] == 1


def sharp(said: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of a world of which only the sharp points are said."""
    attributes = {
        "seen": {"type": "date", "changes": "never"},
        "waiting": {"type": "flag", "changes": "freely", "always_known": "true"},
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
    }
    period = {"from": "2026-03-09", "until": "2026-03-11"}
    settings = {"tactful": "1", "timezone": "Asia/Shanghai", "period": period} | said.get("settings", {})
    documents = [settings, {"customers": {"attributes": attributes, "events": said["event"]}}]
    if "service" in said:
        documents.append({"service": "s", "event": "visit", "channel": "sms", "gives": []} | said["service"])
    if "campaign" in said:
        documents.append({"campaign": "t", "purpose": "care", "touches": [said["touch"]]} | said["campaign"])
    if "dated" in said:
        documents.append({"campaign": "d", "purpose": "care", "audience": "everyone", "touches": [said["dated"]]})
    rule = {"rule": "r", "kind": "obligation", "event": "visit"} | said["rule"]
    if rule["event"] == "visit":
        rule["do"] = {"channel": "sms"}
    return [*documents, {"policy": "p", "rules": [rule]}]


# --- by when a service acts ------------------------------------------------------------------------------------------

YEAR = datetime(2026, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(100))
def test_a_service_acts_when_a_walk_through_its_hours_ends(seed: int) -> None:
    rng = random.Random(seed)
    zone = rng.choice(["Asia/Shanghai", "Asia/Shanghai", "Europe/London", "America/New_York"])
    documents: list[dict[str, Any]] = [{"tactful": "1", "timezone": zone, "calendar": "CN"}]
    plan, _ = built([*documents, some_service(rng, "desk", True)])
    service = plan.services[0]
    walk = Walk(service, plan)
    for at in some_instants(rng, walk):
        assert acts_by(service, at, plan) == walk.acts_by(at), (seed, at, service.model)


def some_instants(rng: random.Random, walk: Walk) -> list[datetime]:
    """Instants of 2026 at which a service is asked: any second, the edges of its hours, and around holidays."""
    days = [rng.randrange(280), rng.randrange(280), *rng.sample(range(32, 50), 1), *rng.sample(range(262, 274), 1)]
    found = []
    for day in days:
        start = YEAR + timedelta(days=day)
        found.append(start + timedelta(seconds=rng.randrange(86400)))
        for turn in walk.turns(start, start + timedelta(days=1)):
            found += [turn + timedelta(seconds=n) for n in (-1, 0, 1)]
    return found
