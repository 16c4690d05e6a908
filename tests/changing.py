"""Random repositories whose plans mostly hold, and random changes of few campaigns in them."""

from __future__ import annotations

import random
import re
from typing import Any

CITIES = ["beijing", "shanghai", "ningbo", "xiamen"]
CUSTOMERS = """customers:
  attributes:
    city: {{type: choice, values: [{cities}], others: true, changes: never}}
    stage: {{type: choice, values: [new, buyer, friend], changes: {changes}}}
    home: {{type: zone, values: [Asia/Shanghai, Europe/Berlin]}}
    bought: {{type: date, changes: forward}}
    consent: {{type: flag, changes: {consent}}}
  segments:
    friends: {{stage: friend, consent: true}}
  events:
    purchase: {{sets: {{bought: day}}}}
{facts}"""
VOCABULARY = """vocabulary:
  senders:
    shop: {people: 1}
    desk: {people: 3, persona: true}
  gives:
    tips: {kind: useful}
  asks: [purchase, review]
  products:
    fibre: {}
"""
SERVICE = """service: front-desk
event: purchase
audience: everyone
channel: sms
gives: [tips]
within: 1d
hours: {mon-sun: 00:00-24:00}
on_duty: 20
each_handles: 30 per hour
"""
RULES = [
    "{rule: cap, kind: frequency-cap, match: {way: push}, at_most: %d, per: 7d}",
    "{rule: daily, kind: frequency-cap, at_most: %d, per: {calendar: day}, clock: customer}",
    "{rule: weighed, kind: frequency-cap, at_most: %d, per: {days: 5}, weights: [{match: {channel: sms}, weight: 2}]}",
    "{rule: each-sender, kind: frequency-cap, each: sender, at_most: %d, per: 3d}",
    "{rule: senders, kind: frequency-cap, count: campaigns, at_most: %d, per: 5d}",
    "{rule: since, kind: frequency-cap, since: {event: purchase, lasting: 9d}, at_most: %d}",
    "{rule: breath, kind: spacing, match: {channel: sms}, at_least: %dh}",
    "{rule: after-mail, kind: spacing, after: {channel: email}, before: {channel: sms}, at_least: %dh}",
    "{rule: hours, kind: sending-hours, hours: {mon-sun: 08:00-23:%d0}, clock: customer}",
    "{rule: consent, kind: audience-fit, match: {channel: sms}, must: {consent: true}, severity: %s}",
    "{rule: owner, kind: require, fields: [purpose], severity: %s}",
    "{rule: floor, kind: contact-floor, for: {city: beijing, stage: friend, consent: true}, at_least: 1, per: %dd}",
    "{rule: reach, kind: reach-limit, reach: sender, at_most: %d0000, per: 7d}",
    "{rule: size, kind: reach-limit, reach: send, at_most: 9000, severity: %s}",
    "{rule: desk, kind: capacity, reply_rate: %d%%}",
    "{rule: strings, kind: no-strings, owed: {gives: tips, asks: {not: purchase}}, severity: %s}",
    "{rule: was, kind: reference-price, lowest_of: 30d, severity: %s}",
]


def customers(rng: random.Random) -> str:
    facts = rng.choice(["", "", "  facts:\n    - {if: {city: beijing}, then: {home: Asia/Shanghai}}\n",
                        "  facts:\n    - {if: {stage: friend}, then: {bought: present}}\n"])  # fmt: skip
    changes, consent = rng.choice(["never", "freely"]), rng.choice(["never", "freely"])
    return CUSTOMERS.format(cities=", ".join(CITIES), changes=changes, consent=consent, facts=facts)


def policy(rng: random.Random) -> str:
    """Rules with limits that a plan of some dozen campaigns nearly reaches."""
    chosen = rng.sample(RULES, rng.randint(2, 6))
    return "policy: house\nrules:\n" + "".join(f"  - {_filled(rule, rng)}\n" for rule in chosen)


def _filled(rule: str, rng: random.Random) -> str:
    if "%s" in rule:
        return rule % rng.choice(["error", "warning", "info"])
    if "%" not in rule.replace("%%", ""):
        return rule
    if "floor" in rule:
        return rule % rng.choice([20, 40])
    if "reach" in rule:
        return rule % rng.choice([2, 4, 8])
    if "breath" in rule or "after-mail" in rule or "desk" in rule or "hours" in rule:
        return rule % rng.choice([1, 2, 3])
    return rule % rng.choice([3, 4, 6])


def campaign(name: str, rng: random.Random) -> str:
    audience = rng.choice(
        [
            f"{{city: {rng.choice(CITIES)}, consent: true}}",
            f"{{city: {rng.choice(CITIES)}, stage: {rng.choice(['new', 'buyer', 'friend'])}, consent: true}}",
            f"{{city: [{', '.join(rng.sample(CITIES, 2))}], consent: true}}",
            f"{{city: {rng.choice(CITIES)}, consent: true, bought: {{within: 30d}}}}",
            "{segment: friends}",
        ]
    )
    lines = [
        f"campaign: {name}",
        f"title: {rng.choice(['Sale', 'Spring', '促销'])}",
        f"purpose: {rng.choice(['promotion', 'content'])}",
        f"status: {rng.choice(['planned'] * 8 + ['live', 'draft', 'cancelled'])}",
        f"audience: {audience}",
        "timezone: Asia/Shanghai",
        f"estimated_size: {rng.randrange(1, 9)}000",
    ]
    if rng.random() < 0.06:
        lines += [f"trigger: {{event: purchase, again_after: {rng.randint(20, 60)}d}}", "touches:"]
        lines += ["  - {channel: email, sender: shop, after: 1d, gives: [tips]}"]
        return "\n".join(lines) + "\n"
    if rng.random() < 0.05:
        lines += ["offers:", f"  - {{offer: o-{name}, product: fibre, price: 5 CNY, billed: once, eligible: everyone}}"]
    lines.append("touches:")
    for _ in range(rng.randint(1, 2)):
        day = f"2026-{rng.choice(['03', '03', '04'])}-{rng.randint(1, 28):02}"
        parts = [f"channel: {rng.choice(['sms', 'email'])}", f"sender: {rng.choice(['shop', 'desk'])}"]
        parts.append(f"at: {day} {rng.randint(9, 20):02}:{rng.choice(['00', '30'])}")
        if rng.random() < 0.2:
            parts.append(f"repeat: {{every: {rng.choice(['day', 'week'])}, count: {rng.randint(2, 3)}}}")
        if rng.random() < 0.1:
            parts.append("clock: customer")
        if rng.random() < 0.1:
            parts.append("lasts: 2d")
        if rng.random() < 0.2:
            parts.append("reply: {to: front-desk}")
        if rng.random() < 0.3:
            parts.append("gives: [tips]")
        lines.append(f"  - {{{', '.join(parts)}}}")
    return "\n".join(lines) + "\n"


def repository(rng: random.Random, campaigns: int) -> dict[str, str]:
    files = {f"campaigns/c{n}.yaml": campaign(f"c{n}", rng) for n in range(campaigns)}
    settings = "tactful: 1\ntimezone: Asia/Shanghai\n" + rng.choice(
        ["", "", "period: {from: 2026-03-01, until: 2026-05-10}\n"]
    )
    beside = {"customers.yaml": customers(rng), "vocabulary.yaml": VOCABULARY, "services/front-desk.yaml": SERVICE}
    return files | beside | {"tactful.yaml": settings, "policies/house.yaml": policy(rng)}


def changed(files: dict[str, str], rng: random.Random) -> dict[str, str]:
    """One or two campaigns other, gone or new; seldom something else."""
    now = dict(files)
    for _ in range(rng.choice([1, 1, 2])):
        name = f"c{rng.randrange(40)}"
        path, how = f"campaigns/{name}.yaml", rng.random()
        if how < 0.15:
            now.pop(path, None)
        elif how < 0.4 and path in now:
            now[path] = now[path].replace(rng.choice(["Sale", "Spring", "promotion", ":30"]), "content")
        elif how < 0.47:
            other = f"c{rng.randrange(40)}"
            now[path] = campaign(name, rng) + "---\n" + campaign(f"{other}-more", rng)
        elif how < 0.5:
            now[path] = campaign(f"c{rng.randrange(40)}", rng)
        elif how < 0.53:
            now["policies/house.yaml"] = policy(rng)
        elif how < 0.56:
            now["customers.yaml"] = customers(rng)
        else:
            now[path] = campaign(name, rng)
    return now


def settled(files: dict[str, str], findings: list[dict[str, Any]]) -> dict[str, str]:
    """With limits at which nothing is found: a cap becomes what somebody gets, any other rule goes."""
    kept = []
    for line in files["policies/house.yaml"].splitlines(keepends=True):
        found = [f for f in findings if f["rule"].startswith("house/") and f"rule: {f['rule'][6:]}," in line]
        if any(f["kind"] != "frequency-cap" or f["measure"] is None for f in found):
            continue
        most = max((f["measure"]["is"] for f in found), default=None)
        kept.append(line if most is None else re.sub(r"at_most: \d+", f"at_most: {most}", line))
    return files | {"policies/house.yaml": "".join(kept)}
