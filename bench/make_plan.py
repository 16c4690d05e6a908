"""Makes repositories of many campaigns of about 850 bytes, seeded, in several sizes: a plan that breaks no rule much.

Run as ``python -m bench.make_plan FOLDER NUMBER``.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

CITIES = [f"city-{n:02}" for n in range(40)]
STAGES = ["visitor", "prospect", "buyer", "loyal", "friend"]
LIKES = ["coffee", "tea", "family", "sport", "travel"]
FIRST = date(2026, 3, 2)

CAMPAIGN = """campaign: {name}
title: Campaign number {n} for {city}
owner: team-{team}
status: planned
purpose: {purpose}
act: convert
about: fibre
cause: the end of the school holidays in {city} and nearby
audience:
  city: {city}
  stage: [{stage}]
  likes: {{any: [{like}]}}
  sms_consent: true
  open_complaint: false
  {dated}
timezone: Asia/Shanghai
touches:
  - channel: sms
    sender: assistant
    at: {first} {hour}:30
    repeat: {{every: week, step: 3, count: 2}}
    gives: [tips]
    asks: [purchase]
    promises: [tips]
    reply: {{to: front-desk}}
    way_out: {{by: keyword, within: 2d}}
  - channel: wecom.moments
    sender: assistant
    at: {second} {hour}:00
    gives: [tips]
    asks: [purchase]
requires: []
stop_when: {{block_rate: {{above: 0.6%}}}}
estimated_size: {size}
details:
  budget: {size} CNY
  code: 0571
  brief: drafted, reviewed and signed by the team that owns it
"""

CUSTOMERS = """customers:
  attributes:
    first_purchase: {{type: date, changes: never}}
    city: {{type: choice, values: [{cities}], others: true, changes: never}}
    stage: {{type: choice, values: [{stages}], changes: freely}}
    likes: {{type: labels, values: [{likes}], changes: never}}
    sms_consent: {{type: flag, changes: freely}}
    open_complaint: {{type: flag, changes: freely}}
  segments:
    new: {{any: [{{first_purchase: absent}}, {{first_purchase: {{within: 30d}}}}]}}
    existing: {{first_purchase: {{over: 30d}}}}
"""

VOCABULARY = """vocabulary:
  senders: {assistant: {persona: true, people: 60}}
  gives: {tips: {kind: useful}}
  subjects: [fibre]
"""

SERVICE = """service: front-desk
event: reply
channel: wecom.chat
gives: [tips]
within: 10min
"""

POLICY = """policy: bench
rules:
  - {rule: cap, kind: frequency-cap, match: {way: push}, at_most: %d, per: 7d}
  - {rule: posts, kind: frequency-cap, match: {channel: wecom.moments}, at_most: %d, per: {calendar: day}}
  - {rule: hours, kind: sending-hours, match: {way: push}, hours: {mon-fri: 09:00-21:00, sat-sun: 09:00-20:00}}
  - {rule: consent, kind: audience-fit, match: {channel: sms}, must: {sms_consent: true}}
  - {rule: complaint, kind: audience-fit, must_not: {open_complaint: true}}
  - {rule: owner, kind: require, fields: [owner, cause]}
  - rule: floor
    kind: contact-floor
    for: {segment: existing, city: city-00, stage: buyer, likes: {all: [tea, coffee, family, sport, travel]}, sms_consent: true, open_complaint: false}
    at_least: 1
    per: 90d
"""


def campaign(n: int, rng: random.Random, days: int, cities: Sequence[str] = CITIES) -> str:
    first = FIRST + timedelta(days=rng.randrange(days))
    return CAMPAIGN.format(
        name=f"campaign-{n:05}",
        n=n,
        city=rng.choice(cities),
        team=n % 17,
        purpose=rng.choice(["promotion", "content"]),
        stage=rng.choice(STAGES),
        like=rng.choice(LIKES),
        dated=rng.choice(["segment: new", "segment: existing", "first_purchase: {over: 365d}"]),
        first=first,
        second=first + timedelta(days=1),
        hour=rng.choice([10, 11, 14, 16, 18]),
        size=rng.randrange(1000, 90000),
    )


def make(folder: Path, number: int, days: int = 330, cap: int = 30, cities: int = len(CITIES)) -> None:
    """Writes a repository with ``number`` campaigns over about a year."""
    rng = random.Random(number)
    named = [f"city-{n:02}" for n in range(cities)]
    for name in ("campaigns", "policies", "services"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for n in range(number):
        (folder / "campaigns" / f"campaign-{n:05}.yaml").write_text(campaign(n, rng, days, named), "utf-8")
    stages, likes = ", ".join(STAGES), ", ".join(LIKES)
    (folder / "customers.yaml").write_text(
        CUSTOMERS.format(cities=", ".join(named), stages=stages, likes=likes), "utf-8"
    )
    (folder / "vocabulary.yaml").write_text(VOCABULARY, "utf-8")
    (folder / "services" / "front-desk.yaml").write_text(SERVICE, "utf-8")
    (folder / "policies" / "bench.yaml").write_text(POLICY % (cap, cap), "utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
