"""What is owed around a date, and what promises on dates owe: brute force over small random worlds, without the search.

Every customer is tried: each day that the date can be, or none, in each city. Seeded.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from tactful.engine.clocks import day_of, local, shift
from tactful.engine.evaluate import evaluate
from tactful.engine.plan.plan import Plan
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.reference import Customer, admits, received_dated, received_triggered
from tactful.engine.sends.timeline import Send, Timeline, timeline

from tests.building import built

FIRST = date(2026, 3, 23)
DAYS = 12
ZONE = "Europe/Paris"
"""The clocks go forward on the seventh day."""


def some_world(rng: random.Random) -> list[dict[str, Any]]:
    last = FIRST + timedelta(days=DAYS - 1)
    attributes = {
        "ends": {"type": "date", "changes": "never", "known": "ahead"},
        "city": {"type": "choice", "values": ["a", "b"], "changes": "never", "always_known": "true"},
    }
    made: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": ZONE, "period": {"from": str(FIRST), "until": str(last)}},
        {"customers": {"attributes": attributes}},
        {"vocabulary": {"gives": {"tea": {"kind": "warm"}}}},
    ]
    made += [_dated(rng, n) for n in range(rng.choice([0, 1, 2]))]
    made += [_hanging(rng, n) for n in range(rng.choice([1, 1, 2]))]
    return [*made, {"policy": "p", "rules": _rules(rng)}]


def _audience(rng: random.Random) -> Any:
    ahead = {"ends": {"ahead": {"at_least": "1d", "at_most": "4d"}}}
    return rng.choice(["everyone", "everyone", {"city": "a"}, {"city": "b"}, ahead, {"ends": {"within": "3d"}}])


def _campaign(rng: random.Random, name: str, touches: list[dict[str, Any]]) -> dict[str, Any]:
    status = rng.choice(["planned", "planned", "live", "draft"])
    for touch in touches:
        if rng.random() < 0.6:
            touch["gives"] = "tea"
        elif rng.random() < 0.6:
            touch["promises"] = "tea"
        if rng.random() < 0.15:
            touch["lasts"] = rng.choice(["2h", "1d"])
    return {"campaign": name, "purpose": "care", "status": status, "audience": _audience(rng), "touches": touches}


def _dated(rng: random.Random, n: int) -> dict[str, Any]:
    at = FIRST + timedelta(days=rng.randrange(DAYS))
    touch: dict[str, Any] = {"channel": "email", "at": f"{at} {rng.choice(['00:00', '10:00', '23:59'])}"}
    if rng.random() < 0.7:
        touch["repeat"] = {"every": "day", "step": str(rng.choice([1, 2, 3])), "count": str(rng.choice([2, 4, 9]))}
    return _campaign(rng, f"d{n}", [touch])


def _hanging(rng: random.Random, n: int) -> dict[str, Any]:
    touches = [
        {"channel": "sms"} | ({"after": rng.choice(["1d", "30h", "3d"])} if k else {})
        for k in range(rng.choice([1, 2]))
    ]
    trigger: dict[str, Any] = {"date": "ends"}
    trigger |= rng.choice([{"before": "2d"}, {"before": "5d"}, {"after": "1d"}, {}])
    hours = rng.choice(["00:00-24:00", "09:00-18:00", {"mon-fri": "09:00-18:00"}])
    return _campaign(rng, f"t{n}", touches) | {"trigger": trigger, "send_in": hours}


def _rules(rng: random.Random) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for n in range(2):
        rule: dict[str, Any] = {"rule": f"r{n}", "kind": "obligation", "date": "ends", "do": {"gives": "tea"}}
        if rng.random() < 0.5:
            rule["within"] = rng.choice(["0d", "2d", "1w"])
        else:
            rule["ahead"] = rng.choice([{"at_most": "4d"}, {"at_least": "1d", "at_most": "3d"}, {"at_most": "1w"}])
        if rng.random() < 0.4:
            rule["for"] = rng.choice([{"city": "a"}, {"ends": {"ahead": {"at_most": "9d"}}}])
        rules.append(rule)
    return [
        *rules,
        {"rule": "kept", "kind": "obligation", "event": "any-promise", "within": rng.choice(["5h", "2d", "3d"])},
    ]


def customers() -> Iterator[Customer]:
    for city in ("a", "b"):
        yield Customer({"city": city, "ends": None})
        for n in range(-14, DAYS + 14):
            yield Customer({"city": city, "ends": FIRST + timedelta(days=n)})


def received(customer: Customer, plan: Plan, line: Timeline, draft: str | None) -> list[Send]:
    touches = [t for t in line.sends if t.status != "draft" or t.campaign == draft]
    steps = [s for s in line.triggered if s.campaign.model.status != "draft" or s.campaign.name == draft]
    return received_dated(customer, touches, plan.customers, ZONE) + received_triggered(customer, steps, plan)


def missed_around_date(customer: Customer, plan: Plan, line: Timeline, rule: LinkedRule, as_of: date) -> bool:
    """Whether his date has a time around it in the period, in which he is of the group and gets no tea."""
    day, params = customer.steady["ends"], rule.params
    if not isinstance(day, date):
        return False
    ahead: Any = params.ahead  # type: ignore[attr-defined]
    length = {"d": 1, "w": 7}
    if ahead is not None:
        first = day - timedelta(days=ahead.at_most.amount * length[ahead.at_most.unit])
        last = day - timedelta(days=ahead.at_least.amount if ahead.at_least else 0)
    else:
        within: Any = params.within  # type: ignore[attr-defined]
        first, last = day, day + timedelta(days=within.amount * length[within.unit])
    if first < FIRST or last > FIRST + timedelta(days=DAYS - 1) or last < as_of:
        return False
    noons = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    instants = [touch_time(noon) for noon in noons]
    if not all(admits(rule.group, customer, at, plan.customers, ZONE) for at in instants):
        return False
    mine = [t for t in received(customer, plan, line, None) if "tea" in t.model.gives]
    return not any(first <= day_of(t.at, ZONE) and day_of(ends(t), ZONE) <= last for t in mine)


def touch_time(day: date) -> Any:
    from tactful.engine.clocks import instant

    return instant(local(shift(instant_of(day), _hours(12), +1, ZONE), ZONE), ZONE)


def instant_of(day: date) -> Any:
    from tactful.engine.clocks import midnight

    return midnight(day, ZONE)


def _hours(n: int) -> Any:
    from tactful.engine.scalars import Duration

    return Duration(n, "h")


def ends(touch: Send) -> Any:
    return touch.at if touch.model.lasts is None else shift(touch.at, touch.model.lasts, +1, touch.zone)


def broken(customer: Customer, plan: Plan, line: Timeline, rule: LinkedRule, as_of: date) -> set[str]:
    """The campaigns whose promise he gets, and no tea in time after it."""
    found = set()
    promising = [*line.sends, *(t for t in received(customer, plan, line, None))]
    names = {t.campaign for t in promising} | {s.campaign.name for s in line.triggered}
    for name in names:
        draft = next((c.name for c in plan.campaigns if c.name == name and c.model.status == "draft"), None)
        mine = received(customer, plan, line, draft)
        for touch in (t for t in mine if t.campaign == name and t.model.promises):
            due = shift(touch.at, rule.params.within, +1, ZONE)  # type: ignore[attr-defined]
            if due >= instant_of(FIRST + timedelta(days=DAYS)) or day_of(due, ZONE) < as_of:
                continue
            if not any(touch.at <= t.at and ends(t) <= due and "tea" in t.model.gives for t in mine):
                found.add(name)
    return found


@pytest.mark.parametrize("batch", range(10))
def test_what_is_owed_around_dates_agrees_with_brute_force(batch: int) -> None:
    seen = {"violated": 0, "unproven": 0}
    for number in range(30):
        rng = random.Random(batch * 1000 + number)
        plan, rules = built(some_world(rng))
        as_of = FIRST + timedelta(days=rng.choice([0, 0, 5]))
        line = timeline(plan)
        answer = evaluate(plan, rules, as_of)
        for rule in rules:
            findings = [f for f in answer.findings if f.rule == rule.id]
            violated = {f.campaign or "" for f in findings if f.verdict == "violated"}
            unproven = {f.campaign or "" for f in findings if f.verdict == "unproven"}
            expected = set()
            for customer in customers():
                if rule.params.date is not None:  # type: ignore[attr-defined]
                    expected |= {""} if missed_around_date(customer, plan, line, rule, as_of) else set()
                else:
                    expected |= broken(customer, plan, line, rule, as_of)
            assert violated <= expected, (batch, number, rule.id, "false alarm", violated - expected)
            assert expected - violated <= unproven, (batch, number, rule.id, "missed", expected - violated)
            seen["violated"] += len(violated)
            seen["unproven"] += len(unproven & expected)
    assert seen["violated"] > 10
    assert seen["unproven"] <= seen["violated"] * 0.2, seen
