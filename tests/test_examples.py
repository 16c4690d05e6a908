"""The examples run as they are; what they say is kept whole."""

from __future__ import annotations

import re

import pytest

from tests.running import ROOT, same, tactful

KINDS = {"frequency-cap", "sending-hours", "contact-floor", "audience-fit", "require"}


@pytest.mark.parametrize("example", ["retail", "cafe", "hotel", "telco", "insurance"])
def test_a_plan_that_keeps_its_policy(example: str) -> None:
    ran = tactful("check", f"examples/{example}/keeps", "--as-of", "2026-03-01", at=ROOT)
    same(f"{example}-keeps.txt", ran.out)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("example", ["retail", "cafe", "hotel", "telco", "insurance"])
def test_a_plan_that_breaks_its_policy(example: str) -> None:
    ran = tactful("check", f"examples/{example}/breaks", "--as-of", "2026-03-01", at=ROOT)
    same(f"{example}-breaks.txt", ran.out)
    assert (ran.code, ran.err) == (1, "")


def test_the_same_in_the_other_language() -> None:
    same(
        "retail-breaks.zh.txt",
        tactful("check", "examples/retail/breaks", "--as-of", "2026-03-01", "--language", "zh", at=ROOT).out,
    )
    same(
        "cafe-breaks.en.txt",
        tactful("check", "examples/cafe/breaks", "--as-of", "2026-03-01", "--language", "en", at=ROOT).out,
    )
    same(
        "telco-breaks.en.txt",
        tactful("check", "examples/telco/breaks", "--as-of", "2026-03-01", "--language", "en", at=ROOT).out,
    )


def test_the_same_as_json() -> None:
    same(
        "retail-breaks.json",
        tactful("check", "examples/retail/breaks", "--as-of", "2026-03-01", "--format", "json", at=ROOT).out,
    )


HOTEL = ["obligation", "give-and-ask", "no-strings", "capacity", "require", "mix", "audience-fit"]


@pytest.mark.parametrize("kind", HOTEL)
def test_every_kind_of_the_pledge_is_broken_in_the_hotel(kind: str) -> None:
    ran = tactful("check", "examples/hotel/breaks", "--as-of", "2026-03-01", "--select", kind, at=ROOT)
    assert ran.code == 1


def test_the_pledge_does_not_fade_as_the_plan_goes_on() -> None:
    later = tactful("check", "examples/hotel/breaks", "--as-of", "2026-04-20", at=ROOT)
    assert "error[answers/every-reply]" in later.out


PARITY = ["offer-parity", "care-parity", "reference-price"]


@pytest.mark.parametrize("kind", PARITY)
def test_every_kind_of_equal_treatment_is_broken_by_the_operator(kind: str) -> None:
    ran = tactful("check", "examples/telco/breaks", "--as-of", "2026-03-01", "--select", kind, at=ROOT)
    assert ran.code == 1


def test_renewals_that_climb_are_shown_as_a_walk() -> None:
    ran = tactful("check", "examples/insurance/breaks", "--as-of", "2026-03-01", "--select", "renewal-price", at=ROOT)
    walk = re.findall(r" (home-renewal-\S+) +(\d+) GBP", ran.out)
    assert list(dict.fromkeys(walk)) == [
        ("home-renewal-first", "240"),
        ("home-renewal-second-third", "262"),
        ("home-renewal-long", "289"),
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_broken_in_retail(kind: str) -> None:
    ran = tactful("check", "examples/retail/breaks", "--as-of", "2026-03-01", "--select", kind, at=ROOT)
    assert ran.code == 1
