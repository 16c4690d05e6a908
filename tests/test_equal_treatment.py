"""What slipped through once, and must not again: vouchers, waivers, doubts, facts on other days, and plans without measure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.running import tactful, write

CUSTOMERS = """customers:
  attributes:
    first: {type: date, changes: never}
    group: {type: choice, values: [f, g], changes: never, always_known: true}
    member: {type: flag, changes: never, always_known: true}
    city: {type: choice, values: [a, b], changes: never, always_known: true}
"""
FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\nperiod: {from: 2026-03-01, until: 2026-12-31}\n",
    "customers.yaml": CUSTOMERS,
    "vocabulary.yaml": "vocabulary: {products: {p: {}, q: {}}, gives: {tips: {kind: useful}}}\n",
}
SAME = "{rule: r, kind: offer-parity, favoured: {first: absent}, protected: {first: present}}"
NEW, OLD = "{first: absent}", "{first: present}"


def offer(name: str, price: str, eligible: str = "everyone", product: str = "p", more: str = "") -> str:
    currency = "" if " " in price else " CNY"
    return f"  - {{offer: {name}, product: {product}, price: {price}{currency}, billed: month, eligible: {eligible}{more}}}\n"


def verdicts(root: Path, offers: list[str], rule: str = SAME, **files: str) -> list[str]:
    book = {"offers/book.yaml": "offers: book\nitems:\n" + "".join(offers)} if offers else {}
    more = {name.replace("__", "/") + ".yaml": text for name, text in files.items()}
    write(root, {**FILES, **book, "policies/house.yaml": f"policy: house\nrules:\n  - {rule}\n", **more})
    ran = tactful("check", "--as-of", "2026-03-01", "--format", "json", at=root)
    assert not ran.err, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["findings"]
    return sorted(f["verdict"] for f in found if not f["rule"].startswith("form/"))


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        ([offer("n", "30", NEW), offer("l", "60", more=", stacks_with: [v]"), offer("v", "-20")], ["violated"]),
        (
            [
                offer("n", "30", NEW),
                offer("l", "60", more=", stacks_with: [v]"),
                offer("v", "-30", more=", claim: {steps: 0}"),
            ],
            [],
        ),
        ([offer("l", "60", more=", stacks_with: [v]"), offer("v", "-20", NEW)], ["violated"]),
        (
            [offer("n", "0", NEW, more=", stacks_with: [x]"), offer("x", "5", product="q"), offer("l", "60")],
            ["violated"],
        ),
        ([offer("l", "60"), offer("v", "-20", NEW, "q", ", stacks_with: [l]")], ["violated"]),
        (
            [offer("n", "999999999999999999.000000000001", NEW), offer("l", "999999999999999999.000000000002", OLD)],
            ["violated"],
        ),
        ([offer("n", "30", NEW), offer("l", "30 USD")], ["unproven"]),
        ([offer("n", "30", NEW, more=", until: 2199-12-31"), offer("l", "30", more=", commitment: 30d")], ["violated"]),
        ([offer("n", "30", NEW, more=", until: 2199-12-31, commitment: 30d"), offer("l", "30")], []),
    ],
)
def test_offers(tmp_path: Path, offers: list[str], expected: list[str]) -> None:
    assert verdicts(tmp_path, offers) == expected


def clique(number: int) -> list[str]:
    names = [f"v{n}" for n in range(number)]
    others = [", stacks_with: [" + ", ".join(["l", *(o for o in names if o != n)]) + "]" for n in names]
    return [offer(n, "-1", more=more) for n, more in zip(names, others, strict=True)]


@pytest.mark.parametrize("number", [4, 20, 60])
def test_more_than_four_that_stack_are_not_followed(tmp_path: Path, number: int) -> None:
    assert verdicts(tmp_path, [offer("n", "30", NEW), offer("l", "60"), *clique(number)]) == ["unproven"]


def test_five_that_are_never_open_together_are_no_bundle(tmp_path: Path) -> None:
    names = [f"v{n}" for n in range(5)]
    apart = [
        offer(
            n,
            "-1",
            more=f", from: 2026-0{i + 3}-01, until: 2026-0{i + 3}-20, stacks_with: [l, {', '.join(o for o in names if o != n)}]",
        )
        for i, n in enumerate(names)
    ]
    assert verdicts(tmp_path, [offer("l", "60"), *apart]) == []


WAIVER = "waivers:\n  - {{waive: house/r, group: {}, reason: agreed, approved_by: head, until: 2027-12-31{}}}\n"
CITIES = [offer("n", "30", NEW), offer("la", "55", "{city: a}"), offer("lb", "90", "{city: b}")]


@pytest.mark.parametrize(("allow", "expected"), [("", []), (", allow: 1080", []), (", allow: 700", ["violated"])])
def test_a_waiver_allows_so_much_and_no_more(tmp_path: Path, allow: str, expected: list[str]) -> None:
    assert verdicts(tmp_path, CITIES, waivers=WAIVER.format("book", allow)) == expected


def test_a_waiver_hides_no_doubt(tmp_path: Path) -> None:
    doubtful = [offer("m", "30", NEW, "q"), offer("k", "30 USD", product="q")]
    assert verdicts(tmp_path, [*CITIES, *doubtful], waivers=WAIVER.format("book", "")) == ["unproven"]


def test_a_fact_holds_at_every_touch_of_the_plan(tmp_path: Path) -> None:
    """Who is over 90 days an old customer on the day of the touch is no member, so the offer is better only late in the year."""
    facts = "  facts:\n    - {if: {first: {over: 90d}}, then: {member: false}}\n"
    touch = "campaign: c\npurpose: care\naudience: everyone\ntouches:\n  - {channel: email, at: 2026-12-01 10:00}\n"
    rule = "{rule: r, kind: offer-parity, favoured: {group: f}, protected: {group: g, first: {over: 30d}}}"
    late = [offer("o", "30", "{group: f, member: true, first: {over: 30d}}")]
    files = {"customers": CUSTOMERS + facts, "campaigns__c": touch}
    assert verdicts(tmp_path, late, rule, **files) == ["violated"]


CARE = "{rule: r, kind: care-parity, favoured: {group: f}, protected: {group: g}, compare_on: [gives], per: 30d}"


def test_triggered_care_that_parts_the_groups_later_is_seen(tmp_path: Path) -> None:
    campaign = "campaign: c\npurpose: care\naudience: {group: f, first: {from: 2026-06-01}}\ntrigger: {event: reply}\ntouches:\n  - {channel: email, gives: [tips]}\n"
    assert verdicts(tmp_path, [], CARE, campaigns__c=campaign) == ["unproven"]


def test_a_waiver_of_care_has_no_measure(tmp_path: Path) -> None:
    campaign = "campaign: c\npurpose: care\naudience: {group: f}\ntouches:\n  - {channel: email, at: 2026-05-01 10:00, gives: [tips]}\n"
    assert verdicts(tmp_path, [], CARE, campaigns__c=campaign, waivers=WAIVER.format("gives", "")) == []
    write(tmp_path, {"waivers.yaml": WAIVER.format("gives", ", allow: 0")})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 2
    assert "care-parity knows no measure to allow" in ran.out


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("horizon: 10workdays", "counted in days"),
        ("exempt: {days: 3000000}", "ten years at most"),
        ("exempt: {days: 999999999999}", "ten years at most"),
    ],
)
def test_parameters_without_measure(tmp_path: Path, parameters: str, words: str) -> None:
    rule = f"{{rule: r, kind: offer-parity, favoured: {NEW}, protected: {OLD}, {parameters}}}"
    write(tmp_path, {**FILES, "policies/house.yaml": f"policy: house\nrules:\n  - {rule}\n"})
    ran = tactful("check", at=tmp_path)
    assert ran.code == 2
    assert words in ran.out


def test_more_cycles_than_can_be_followed(tmp_path: Path) -> None:
    rule = f"{{rule: r, kind: offer-parity, favoured: {NEW}, protected: {OLD}, horizon: 10y}}"
    daily = [text.replace("billed: month", "billed: day") for text in (offer("n", "1", NEW), offer("l", "1"))]
    assert verdicts(tmp_path, daily, rule) == ["unproven"]


def test_five_vouchers_keep_a_price_before_unproven(tmp_path: Path) -> None:
    rule = "{rule: r, kind: reference-price, lowest_of: 30d}"
    was = offer("w", "40", more=", from: 2026-04-10, was: {price: 45 CNY}")
    assert verdicts(tmp_path, [offer("l", "60", more=", until: 2026-04-09"), *clique(5), was], rule) == ["unproven"]
