"""What is wrong with offers, price histories and rules of equal treatment is said at its place, in plain words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import tactful, write

CUSTOMERS = """customers:
  attributes:
    first_purchase: {type: date, changes: never}
    first_channel: {type: choice, values: [web, shop], others: true, changes: never}
    city: {type: choice, values: [hangzhou, shanghai], changes: never}
    renewals: {type: number, whole: true, minimum: 0, changes: freely}
  segments:
    new: {any: [{first_purchase: absent}, {first_purchase: {within: 30d}}]}
    existing: {first_purchase: {over: 30d}}
"""
ITEM = "  - {{offer: {name}, product: fibre, price: 30 CNY, billed: month, eligible: everyone{more}}}\n"


def item(name: str = "list", more: str = "") -> str:
    return ITEM.format(name=name, more=f", {more}" if more else "")


def book(*items: str, head: str = "") -> str:
    return f"offers: price-book\n{head}items:\n{''.join(items)}"


FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\nlanguage: en\nperiod: {from: 2026-03-01, until: 2026-03-31}\n",
    "customers.yaml": CUSTOMERS,
    "vocabulary.yaml": "vocabulary: {products: {fibre: {}, line: {}}, gives: {tips: {kind: useful}}}\n",
    "offers/book.yaml": book(item()),
}
SAME = "kind: offer-parity, favoured: {segment: new}, protected: {segment: existing}"

RULES = [
    ("kind: offer-parity, protected: {segment: existing}", "'favoured' is missing"),
    ("kind: offer-parity, favoured: {segment: new}", "'protected' is missing"),
    (f"{SAME}, compare_on: [prise]", "did you mean price?"),
    (f"{SAME}, compare_on: []", "names nothing to compare"),
    (f"{SAME}, horizon: 2h", "counted in days, weeks, months or years"),
    (f"{SAME}, horizon: 0d", "between one day and ten years"),
    (f"{SAME}, horizon: 11y", "between one day and ten years"),
    (f"{SAME}, tolerance: 5", "with its currency"),
    (f"{SAME}, tolerance: -5 CNY", "not negative"),
    (f"{SAME}, fallback: web", "fallback goes with at_channel"),
    (f"{SAME}, at_channel: first_chanel", "did you mean first_channel?"),
    (f"{SAME}, at_channel: city", "no value of 'city' is a channel"),
    (f"{SAME}, at_channel: first_channel, fallback: wib", "the channel 'wib' is not declared"),
    (f"{SAME}, exempt: {{disclosed: true}}", "needs first_transaction or days"),
    (f"{SAME}, exempt: {{day: 30}}", "did you mean days?"),
    (f"{SAME}, differ_in: [first_purchas]", "did you mean first_purchase?"),
    (f"{SAME}, match: {{prodct: fibre}}", "did you mean product?"),
    (f"{SAME}, match: {{product: fiber}}", "did you mean fibre?"),
    (f"{SAME}, match: {{offer: lst}}", "did you mean list?"),
    (f"{SAME}, match: {{channel: web}}", "did you mean channels?"),
    ("kind: care-parity, favoured: {segment: new}, protected: {segment: existing}, clock: customer", "on one clock"),
    ("kind: care-parity, favoured: {segment: new}, protected: {segment: existing}, compare_on: money", "is not one of"),
    ("kind: reference-price", "'lowest_of' is missing"),
    ("kind: reference-price, lowest_of: 3h", "counted in days, weeks or months"),
    ("kind: reference-price, lowest_of: 30d, for: everyone", "remove for"),
]


@pytest.mark.parametrize(("rule", "words"), RULES)
def test_a_rule_that_is_wrong(tmp_path: Path, rule: str, words: str) -> None:
    write(tmp_path, {**FILES, "policies/house.yaml": f"policy: house\nrules:\n  - {{rule: r, {rule}}}\n"})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 2, ran.out
    assert "policies/house.yaml:3:" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert words in ran.out, ran.out


OFFERS = [
    (book(item(more="from: 2026-03-02, until: 2026-03-01")), "from is after until"),
    (book(item(more="commitment: 2h")), "counted in days, weeks, months or years"),
    (book(item(more="commitment: 130mo")), "more than 10 years"),
    (book(item(more="incentives: [{kind: cash}]")), "cash needs a value"),
    (book(item(more="incentives: [{kind: gift, item: cup, value: 3}]")), "with its currency"),
    (book(item(more="stacks_with: [vouchr]"), item("voucher")), "did you mean voucher?"),
    (book(item(more="stacks_with: [list]")), "does not stack with itself"),
    (book(item(), item()), "declared twice"),
    (book(item(more="cancel: {notice: 2workdays}")), "counted in days, weeks, months or years"),
    (book(item(more="cancel: {channels: [wib]}")), "the channel 'wib' is not declared"),
    (book(item(more="cancel: {day: 3}")), "day"),
    (book(item(more="claim: {shown: frnt}")), "did you mean front?"),
    (book(item(more="was: {price: 40}")), "with its currency"),
    (book(item(more="billed_: day")), "billed_"),
    (book(item(), head="history: ../prices.csv\n"), "outside"),
    (book(item(), head="history: prices.csv\n"), "prices.csv"),
]


@pytest.mark.parametrize(("text", "words"), OFFERS)
def test_an_offer_that_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    rule = f"policy: house\nrules:\n  - {{rule: r, {SAME}}}\n"
    write(tmp_path, {**FILES, "offers/book.yaml": text, "policies/house.yaml": rule})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code in (1, 2), ran.out
    assert words in ran.out, ran.out
    assert "Traceback" not in ran.out + ran.err


WAS = book(
    item("spring", "from: 2026-03-10, until: 2026-03-20, channels: [web], was: {price: 50 CNY}"),
    head="history: prices.csv\n",
)
LOWEST = "policy: house\nrules:\n  - {rule: r, kind: reference-price, lowest_of: 3d}\n"
HISTORIES = [
    ("product,channel,price,from,until\nfibre,,50 CNY,2026-03-01,2026-03-09\n", 0, "0 errors"),
    ("product,price,from,until\nfibre,50 CNY,2026-03-01,2026-03-09\n", 0, "0 errors"),
    (
        "product,channel,price,from,until\nfibre,web,49.99 CNY,2026-03-01,2026-03-09\n",
        1,
        "to be had for 49.99 CNY on web",
    ),
    (
        "product,channel,price,from,until\nfibre,shop,49 CNY,2026-03-01,2026-03-09\n",
        1,
        "no price of fibre is known on web",
    ),
    (
        "product,channel,price,from,until\nfibre,web,50 CNY,2026-03-08,2026-03-09\n",
        1,
        "on 2026-03-07 (1 day like it in all)",
    ),
    ("product,channel,price,from,until\nfibre,web,50 USD,2026-03-01,2026-03-09\n", 1, "no price of fibre is known"),
    ("product,chanel,price,from,until\n", 2, "did you mean channel?"),
    ("product,price,from\n", 2, "the column 'until' is missing"),
    ("product,price,from,until\nfibre,50,2026-03-01,2026-03-09\n", 2, "with its currency"),
    ("product,price,from,until\nfibre,50 CNY,2026-03-09,2026-03-01\n", 2, "from is after until"),
    ("product,price,from,until\nfibre,50 CNY,2026-02-30,2026-03-01\n", 2, "day of the calendar"),
    ("product,price,from,until\nfibre,50 CNY,2026-03-01\n", 2, "another number of cells"),
    ("product,price,from,until\nfiber,50 CNY,2026-03-01,2026-03-09\n", 1, "did you mean fibre?"),
    ("product,channel,price,from,until\nfiber,wob,50 CNY,2026-03-01,2026-03-09\n", 1, "did you mean web?"),
    ("product,price,from,until\n,50 CNY,2026-03-01,2026-03-09\n", 2, "'product' is empty"),
    ('product,price,from,until\n"fibre,50 CNY,2026-03-01,2026-03-09\n', 2, "not readable as CSV"),
]


@pytest.mark.parametrize(("text", "code", "words"), HISTORIES)
def test_a_price_history(tmp_path: Path, text: str, code: int, words: str) -> None:
    write(tmp_path, {**FILES, "offers/book.yaml": WAS, "policies/house.yaml": LOWEST, "prices.csv": text})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert words in ran.out or (code == 0 and "nothing to report" in ran.out), ran.out
    assert ran.code == code, ran.out


def test_groups_that_overlap_cannot_be_compared(tmp_path: Path) -> None:
    rule = (
        "{rule: r, kind: offer-parity, favoured: {first_purchase: {within: 30d}}, protected: {first_purchase: present}}"
    )
    write(tmp_path, {**FILES, "policies/house.yaml": f"policy: house\nrules:\n  - {rule}\n"})
    ran = tactful("check", "--as-of", "2026-03-01", "--format", "json", at=tmp_path)
    found = json.loads(ran.out)
    assert ran.code == 2
    assert [f["rule"] for f in found["findings"]] == ["form/groups-overlap"]


NOTES = [
    ("{segment: new}", "{city: hangzhou, not: {city: hangzhou}}", "nobody can be in the group under protected"),
    ("{segment: new}", "{first_purchase: {over: 30d}}", "customers in neither group"),
    ("{city: hangzhou}", "{city: shanghai}", "customers in neither group"),
]


@pytest.mark.parametrize(("favoured", "protected", "words"), NOTES)
def test_groups_that_leave_somebody_out_are_noted(tmp_path: Path, favoured: str, protected: str, words: str) -> None:
    for kind in ("offer-parity", "care-parity"):
        rule = f"{{rule: r, kind: {kind}, favoured: {favoured}, protected: {protected}}}"
        service = "service: desk\nevent: reply\nchannel: email\ngives: [tips]\nwithin: 2h\n"
        policy = f"policy: house\nrules:\n  - {rule}\n"
        write(tmp_path, {**FILES, "services/desk.yaml": service, "policies/house.yaml": policy})
        ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
        assert ran.code == 0, ran.out
        assert words in ran.out


def test_a_rule_of_offers_that_matches_none_is_noted(tmp_path: Path) -> None:
    rules = "  - {rule: a, kind: offer-parity, favoured: {segment: new}, protected: {segment: existing}, match: {product: line}}\n"
    rules += "  - {rule: b, kind: reference-price, lowest_of: 30d, match: {product: line}}\n"
    write(tmp_path, {**FILES, "policies/house.yaml": f"policy: house\nrules:\n{rules}"})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.out.count("matches no offer of the plan") == 2, ran.out
