"""Right what is owed: over all customers of small worlds, ``obligation`` says what a walk through time says.

A finding that the search calls violated must be true; what is true must be violated or unproven, and few are unproven.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from tactful.engine.evaluate import evaluate
from tactful.engine.sends.services import acts_by

from tests.building import built
from tests.worlds.comparing import Sort
from tests.worlds.making import Texts
from tests.worlds.services import ServiceMaker, ServiceWorld, Walk, some_world, truth

WORLDS = int(os.environ.get("TACTFUL_SERVICE_WORLDS", "400"))
BATCHES = 20
ENOUGH = 20
"""So many that the share of what is not proven says something."""


def wrong(world: ServiceWorld, verdicts: Counter[str]) -> list[str]:
    expected = truth(world)
    answer = evaluate(world.plan, world.rules, world.as_of)
    found = world.differences(expected, answer, verdicts, lambda customer: world.broken(customer, world.rules))
    for rule in world.rules:
        verdict = next((f.verdict for f in answer.findings if f.rule == rule.id), None)
        if verdict is not None and not rule.params.any_of and not world.judged(rule):
            found += [f"{rule.id} is violated, and nothing is due"] if verdict == "violated" else []
            verdicts[verdict] -= 1
    return found


SERVICES = Sort(some_world, wrong)
test_verdicts_agree_where_worlds_shrink = SERVICES.shrinking()


@pytest.mark.parametrize("batch", range(BATCHES))
def test_verdicts_agree_with_brute_force(batch: int) -> None:
    verdicts = SERVICES.batch(batch, WORLDS // BATCHES)
    assert verdicts["violated"] > 0 or WORLDS < ENOUGH * BATCHES
    if verdicts["violated"] >= ENOUGH:
        assert verdicts["unproven"] <= verdicts["violated"] * 0.5, verdicts


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
    "the event lets them get what comes just after it, and not what came just before": """
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
    documents = sharp(yaml.load(SHARP[name], Loader=yaml.BaseLoader))  # noqa: S506
    plan, rules = built(documents)
    assert plan.stated_period is not None
    verdicts: Counter[str] = Counter()
    assert not wrong(ServiceWorld(documents, plan, rules, plan.stated_period[0], 3), verdicts)
    assert verdicts["violated"] == 1


def sharp(said: Texts) -> list[Texts]:
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
    maker = ServiceMaker(rng.randrange, zone)
    maker.calendar = True
    plan, _ = built([{"tactful": "1", "timezone": zone, "calendar": "CN"}, maker.desk("desk")])
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
