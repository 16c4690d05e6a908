"""Waivers as comments: above a campaign, a service or a price book; everywhere else, and misspelt, they are findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import tactful, write

COMMENT = "# tactful: allow house/one-a-week until 2026-03-31 -- agreed with the desk"
CAMPAIGN = """campaign: spring
purpose: promotion
audience: everyone
touches:
  - {channel: sms, at: 2026-03-02 10:00}
  - {channel: sms, at: 2026-03-04 10:00}
"""
FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\n",
    "policies/house.yaml": "policy: house\nrules:\n  - {rule: one-a-week, kind: frequency-cap, at_most: 1, per: 7d}\n",
}


def check(root: Path, campaign: str, *options: str) -> tuple[int, str]:
    write(root, {**FILES, "campaigns/spring.yaml": campaign})
    ran = tactful("check", "--as-of", "2026-03-01", *options, at=root)
    assert "Traceback" not in ran.out + ran.err
    return ran.code, ran.out


@pytest.mark.parametrize(
    "campaign",
    [
        f"{COMMENT}\n{CAMPAIGN}",
        f"# for the spring\n{COMMENT}\n# and more\n{CAMPAIGN}",
        CAMPAIGN.replace("campaign: spring", f"campaign: spring  {COMMENT}"),
        f"{CAMPAIGN.replace('spring', 'other').replace('03-0', '05-0').replace('05-04', '05-24')}---\n{COMMENT}\n{CAMPAIGN}",
        f"---\n{COMMENT}\n{CAMPAIGN}",
    ],
)
def test_a_comment_waives(tmp_path: Path, campaign: str) -> None:
    code, out = check(tmp_path, campaign)
    assert code == 0, out
    assert (
        "waived: house/one-a-week for spring until 2026-03-31 (agreed with the desk; approved by campaigns/spring"
        in out
    )
    assert "1 waived" in out


@pytest.mark.parametrize(
    ("campaign", "words"),
    [
        (f"# tactful: allow house/one-a-week\n{CAMPAIGN}", "no waiver that can be read"),
        (f"# tactful: allow house/one-a-week until 2026-03-31\n{CAMPAIGN}", "no waiver that can be read"),
        (f"# tactful: allow house/one-a-week until 2026-03-31 --\n{CAMPAIGN}", "no waiver that can be read"),
        (f"#tactful:ignore\n{CAMPAIGN}", "no waiver that can be read"),
        (f"{COMMENT.replace('03-31', '02-30')}\n{CAMPAIGN}", "not a day of the calendar"),
        (f"{COMMENT.replace('one-a', 'two-a')}\n{CAMPAIGN}", "did you mean house/one-a-week?"),
        (f"{CAMPAIGN}{COMMENT}\n", "above the first line"),
        (CAMPAIGN.replace("touches:", f"touches:  {COMMENT}"), "above the first line"),
    ],
)
def test_a_comment_that_is_wrong_is_a_finding_at_its_place(tmp_path: Path, campaign: str, words: str) -> None:
    for language in ("en", "zh"):
        code, out = check(tmp_path, campaign, "--language", language)
        assert code == 1
        assert "form/waiver-comment" in out
        assert "house/one-a-week]" in out, "the rule is still asked"
        assert language == "zh" or words in out, out


def test_a_comment_outside_the_plan_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "policies/house.yaml": f"{COMMENT}\n" + FILES["policies/house.yaml"]})
    write(tmp_path, {"campaigns/spring.yaml": CAMPAIGN})
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 2
    assert "form/waiver-comment" in ran.out


@pytest.mark.parametrize(
    "campaign",
    [
        CAMPAIGN.replace("purpose:", f'title: "news {COMMENT}"\npurpose:'),
        CAMPAIGN.replace("purpose:", f"cause: |\n  news\n  {COMMENT}\npurpose:"),
        CAMPAIGN.replace("purpose:", f"cause: >-\n  news\n  {COMMENT} y\npurpose:"),
    ],
)
def test_text_is_no_comment(tmp_path: Path, campaign: str) -> None:
    code, out = check(tmp_path, campaign)
    assert code == 1
    assert "waiver-comment" not in out, out
    assert "house/one-a-week]" in out


def test_a_comment_that_has_ended_or_covers_nothing_is_said(tmp_path: Path) -> None:
    _, out = check(tmp_path, f"{COMMENT.replace('03-31', '02-27')}\n{CAMPAIGN}")
    assert "ended on 2026-02-27" in out
    quiet = CAMPAIGN.replace("  - {channel: sms, at: 2026-03-04 10:00}\n", "")
    _, out = check(tmp_path, f"{COMMENT}\n{quiet}")
    assert "covers nothing" in out


def test_a_price_book_and_a_service_too(tmp_path: Path) -> None:
    rule = "  - {rule: same-deal, kind: offer-parity, favoured: {first: absent}, protected: {first: present}}\n"
    rule += "  - {rule: staffed, kind: require, on: service, fields: [on_duty]}\n"
    comment = "# tactful: allow house/{} until 2026-12-31 -- until the summer\n"
    book = "offers: book\nitems:\n  - {offer: a, product: tea, price: 1 CNY, billed: once, until: 2026-04-01, eligible: {first: absent}}\n"
    service = "service: desk\nevent: reply\nchannel: email\ngives: []\nwithin: 1h\n"
    files = {
        **FILES,
        "policies/house.yaml": f"policy: house\nrules:\n{rule}",
        "customers.yaml": "customers: {attributes: {first: {type: date, changes: never}}}\n",
        "vocabulary.yaml": "vocabulary: {products: {tea: {}}}\n",
        "offers/book.yaml": comment.format("same-deal") + book,
        "services/desk.yaml": comment.format("staffed") + service,
    }
    write(tmp_path, files)
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path)
    assert ran.code == 0, ran.out
    assert "2 waived" in ran.out
