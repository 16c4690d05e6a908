"""``tactful check`` as people meet it: exit codes, options, mistakes and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import same, tactful, write

CAMPAIGN = """campaign: spring-sale
title: Spring sale
purpose: promotion
audience: {city: hangzhou}
timezone: Asia/Shanghai
touches:
  - channel: sms
    at: 2026-03-02 10:00
    repeat: {every: day, count: 3}
"""
CUSTOMERS = """customers:
  attributes:
    city: {type: choice, values: [hangzhou, shanghai], others: true, changes: never}
    sms_consent: {type: flag, changes: freely}
"""
POLICY = """policy: house
rules:
  - rule: two-a-week
    kind: frequency-cap
    match: {purpose: promotion}
    at_most: 2
    per: 7d
    because: {en: A friend does not call every day., zh: 朋友不会天天打电话。}
"""
FILES = {"campaigns/spring-sale.yaml": CAMPAIGN, "customers.yaml": CUSTOMERS, "policies/house.yaml": POLICY}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


def check(at: Path, *options: str) -> tuple[int, str]:
    ran = tactful("check", "--as-of", "2026-03-01", *options, at=at)
    return ran.code, ran.out + ran.err


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_finding_as_it_looks(repository: Path, language: str) -> None:
    code, text = check(repository, "--language", language)
    same(f"finding.{language}.txt", text)
    assert code == 1


def test_the_plan_passes_when_it_is_mended(repository: Path) -> None:
    write(repository, {"campaigns/spring-sale.yaml": CAMPAIGN.replace("count: 3", "count: 2")})
    assert check(repository) == (0, "checked 1 campaign, 1 rule: nothing to report\n")


def test_nothing_planned_is_exit_3(repository: Path) -> None:
    ran = tactful("check", "--as-of", "2026-04-01", at=repository)
    told = "info[past-sends]: still planned, and before 2026-04-01, where nothing is judged: spring-sale (all of it)\n"
    assert ran.code == 3
    assert ran.out.startswith(told)
    assert ran.out.endswith(
        "checked 1 campaign, 1 rule: nothing is planned on or after 2026-04-01, so nothing was checked, 1 note\n"
    )


def test_no_campaign_at_all_is_exit_3(tmp_path: Path) -> None:
    write(tmp_path, {"policies/house.yaml": POLICY})
    assert check(tmp_path)[0] == 3


def test_a_slip_in_a_campaign_is_a_finding_and_the_rest_is_still_checked(repository: Path) -> None:
    write(
        repository,
        {"campaigns/other.yaml": CAMPAIGN.replace("spring-sale", "other").replace("channel: sms", "chanel: sms")},
    )
    code, text = check(repository)
    same("slip-in-campaign.txt", text)
    assert code == 1


def test_all_slips_of_a_file_at_once(repository: Path) -> None:
    wrong = """campaign: many slips
titel: x
purpose: promo
audience: {citty: hangzhou}
timezone: Asia/Shangai
touches:
  - channel: smss
    at: 2026-02-30 10:00
    lasts: 2m
    gives: []
"""
    write(repository, {"campaigns/wrong.yaml": wrong})
    code, text = check(repository)
    same("many-slips.txt", text)
    assert code == 1


def test_words_that_are_not_declared(repository: Path) -> None:
    wrong = (
        CAMPAIGN.replace("spring-sale", "words")
        .replace("city: hangzhou", "city: hangzou, sms_consnt: true")
        .replace("channel: sms", "channel: wecom.moment\n    sender: nobody")
    )
    write(repository, {"campaigns/words.yaml": wrong})
    code, text = check(repository)
    same("undeclared-words.txt", text)
    assert code == 1


def test_a_slip_in_a_policy_is_exit_2(repository: Path) -> None:
    write(
        repository,
        {"policies/house.yaml": POLICY.replace("frequency-cap", "frequency-caps").replace("promotion", "promotions")},
    )
    code, text = check(repository)
    same("slip-in-policy.txt", text)
    assert code == 2


def test_a_slip_in_the_vocabulary_is_exit_2_without_false_followers(repository: Path) -> None:
    write(repository, {"vocabulary.yaml": "vocabulary:\n  senders:\n    shop: {persona: maybe}\n"})
    code, text = check(repository)
    same("slip-in-vocabulary.txt", text)
    assert code == 2


def test_a_rule_that_matches_nothing_is_said(repository: Path) -> None:
    write(
        repository,
        {"policies/more.yaml": POLICY.replace("house", "more").replace("purpose: promotion", "channel: phone")},
    )
    code, text = check(repository, "--select", "more")
    assert code == 0
    assert "warning[matches-nothing]: the rule more/two-a-week matches no touch of the plan" in text
    assert "1 note" in text


def test_a_file_in_no_place_is_said(repository: Path) -> None:
    write(repository, {"drafts/idea.yaml": CAMPAIGN})
    assert "YAML files that stand in no place that is read: drafts/idea.yaml" in check(repository)[1]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--select", "house"], 1, "1 error"),
        (["--select", "frequency-cap"], 1, "1 error"),
        (["--ignore", "two-a-week"], 0, "0 rules"),
        (["--ignore", "house/two-a-weak"], 2, "did you mean house/two-a-week?"),
        (["--format", "xml"], 2, "no format 'xml'"),
        (["--fail-on", "fatal"], 2, "no severity 'fatal'"),
        (["--language", "fr"], 2, "no language 'fr'"),
        (["--as-of", "yesterday"], 2, "'yesterday' is not a date"),
    ],
)
def test_options(repository: Path, options: list[str], code: int, words: str) -> None:
    found, text = check(repository, *options)
    assert found == code
    assert words in text


def test_the_severity_that_fails(repository: Path) -> None:
    write(repository, {"policies/house.yaml": POLICY.replace("per: 7d", "per: 7d\n    severity: warning")})
    assert check(repository)[0] == 0
    assert check(repository, "--fail-on", "warning")[0] == 1


@pytest.mark.parametrize(
    ("locale", "word"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "错误"),
        ({"LANG": "C"}, "error"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "error"),
    ],
)
def test_the_locale_chooses_the_language(repository: Path, locale: dict[str, str], word: str) -> None:
    assert tactful("check", "--as-of", "2026-03-01", at=repository, **locale).out.startswith(word)


UNPROVEN = {
    "a size that is not stated": "  - {rule: r, kind: reach-limit, at_most: 500}",
    "a year without announced holidays": "  - {rule: r, kind: sending-hours, hours: {mon-sun: 09:00-21:00, holidays: none}, calendar: CN}",
    "a floor whose window does not fit": "  - {rule: r, kind: contact-floor, for: everyone, at_least: 1, per: 90d}",
}


@pytest.mark.parametrize("name", sorted(UNPROVEN))
def test_what_cannot_be_decided_is_unproven_and_fails(tmp_path: Path, name: str) -> None:
    campaign = CAMPAIGN.replace("2026-03-02", "2090-03-06")
    write(
        tmp_path,
        {
            **FILES,
            "campaigns/spring-sale.yaml": campaign,
            "policies/house.yaml": f"policy: p\nrules:\n{UNPROVEN[name]}\n",
        },
    )
    code, text = check(tmp_path, "--format", "json")
    findings = json.loads(text)["findings"]
    assert code == 1
    assert [(f["rule"], f["verdict"]) for f in findings] == [("p/r", "unproven")]
    assert findings[0]["missing"]


def test_a_trigger_that_nothing_limits_makes_a_cap_unproven(repository: Path) -> None:
    triggered = "campaign: welcome\npurpose: promotion\naudience: everyone\ntimezone: Asia/Shanghai\ntrigger: {event: reply}\ntouches:\n  - {channel: sms, after: 1h}\n"
    write(
        repository,
        {"campaigns/spring-sale.yaml": CAMPAIGN.replace("count: 3", "count: 1"), "campaigns/welcome.yaml": triggered},
    )
    code, text = check(repository)
    assert code == 1
    assert "unproven: it is not proven that no customer gets more than 2 within 7 days" in text


def test_rules_and_explain(repository: Path) -> None:
    same("rules.txt", tactful("rules", at=repository).out)
    same("explain-rule.txt", tactful("explain", "two-a-week", "--as-of", "2026-03-01", at=repository).out)
    same("explain-kind.zh.txt", tactful("explain", "contact-floor", "--language", "zh", at=repository).out)
    ran = tactful("explain", "frequncy-cap", at=repository)
    assert (ran.code, ran.err) == (2, "no rule or kind 'frequncy-cap'; did you mean frequency-cap?\n")


WAIVER = """waivers:
  - waive: house/two-a-week
    campaign: spring-sale
    allow: {allow}
    reason: agreed with the service desk
    approved_by: head-of-crm
    until: {until}
"""


@pytest.mark.parametrize(
    "rule",
    [
        "kind: audience-fit, must: {sms_consent: true}",
        "kind: require, fields: [owner]",
        "kind: mix, part: {channel: sms}, at_most: 50%, per: 7d",
    ],
)
def test_a_waiver_allows_only_where_there_is_a_measure(repository: Path, rule: str) -> None:
    waiver = "{waive: house/r, campaign: spring-sale, reason: agreed, approved_by: ana, until: 2026-03-09, allow: 1}"
    policy = f"policy: house\nrules:\n  - {{rule: r, {rule}}}\n"
    write(repository, {"waivers.yaml": f"waivers:\n  - {waiver}\n", "policies/house.yaml": policy})
    code, text = check(repository)
    assert code == 2
    assert "knows no measure to allow" in text
    assert " --> waivers.yaml:2:105" in text


@pytest.mark.parametrize(
    ("allow", "until", "code", "words"),
    [
        (3, "2026-03-04", 0, "1 waived (1 ends in 3 days)"),
        (2, "2026-03-04", 1, "this waiver of house/two-a-week allows 2, but the finding is 3"),
        (3, "2026-03-03", 1, "covers up to 2026-03-03, and not all of the finding"),
    ],
)
def test_a_waiver_covers_up_to_its_measure_and_its_last_day(
    repository: Path, allow: int, until: str, code: int, words: str
) -> None:
    write(repository, {"waivers.yaml": WAIVER.format(allow=allow, until=until)})
    found, text = check(repository)
    assert found == code
    assert words in text


def test_a_waiver_takes_nothing_out_of_a_count(repository: Path) -> None:
    """Another campaign that takes part in a set of its own is not covered."""
    other = CAMPAIGN.replace("spring-sale", "other").replace("2026-03-02 10:00", "2026-03-03 11:00")
    write(repository, {"waivers.yaml": WAIVER.format(allow=9, until="2026-03-04"), "campaigns/other.yaml": other})
    code, text = check(repository, "--format", "json")
    report = json.loads(text)
    assert code == 1
    assert [(f["campaign"], f["measure"]["is"]) for f in report["findings"]] == [("other", 6)]
    assert [f["campaign"] for f in report["waived"]] == ["spring-sale"]


def test_an_ended_waiver_is_said_and_still_covers_its_touches(repository: Path) -> None:
    write(repository, {"waivers.yaml": WAIVER.format(allow=3, until="2026-03-04").replace("2026-03-04", "2026-02-20")})
    code, text = check(repository)
    assert code == 1
    assert "ended on 2026-02-20" in text


def test_a_waiver_of_no_rule_is_exit_2(repository: Path) -> None:
    write(repository, {"waivers.yaml": WAIVER.format(allow=3, until="2026-03-04").replace("two-a-week", "two-a-wek")})
    code, text = check(repository)
    assert code == 2
    assert "did you mean house/two-a-week?" in text


def test_every_zone_of_the_customer_is_tried(tmp_path: Path) -> None:
    customers = (
        "customers:\n  attributes:\n    zone: {type: zone, values: [Asia/Shanghai, Europe/Paris], always_known: true}\n"
    )
    policy = "policy: p\nrules:\n  - {rule: nights, kind: sending-hours, hours: 09:00-21:00, clock: customer}\n"
    campaign = CAMPAIGN.replace("audience: {city: hangzhou}", "audience: everyone").replace("10:00", "18:00")
    write(tmp_path, {"customers.yaml": customers, "policies/p.yaml": policy, "campaigns/spring-sale.yaml": campaign})
    assert check(tmp_path) == (0, "checked 1 campaign, 1 rule: nothing to report\n")
    write(tmp_path, {"campaigns/spring-sale.yaml": campaign.replace("18:00", "14:00")})
    code, text = check(tmp_path)
    assert code == 1
    assert "2026-03-02 07:00 (Europe/Paris), outside the hours" in text
    write(tmp_path, {"campaigns/spring-sale.yaml": campaign.replace("18:00", "14:00\n    clock: customer")})
    assert check(tmp_path)[0] == 0


def test_a_customer_judged_on_their_clock_has_a_zone(tmp_path: Path) -> None:
    """In words and as a value, whatever the kind of the rule."""
    rules = (
        "{rule: cap, kind: frequency-cap, at_most: 1, per: {calendar: day}, clock: customer}",
        "{rule: hours, kind: sending-hours, hours: 09:00-20:00, clock: customer}",
        "{rule: space, kind: spacing, at_least: 1d, clock: customer}",
        "{rule: mix, kind: mix, part: {channel: sms}, at_most: 10%, per: {calendar: day}, of_at_least: 2, clock: customer}",
        "{rule: floor, kind: contact-floor, for: everyone, at_least: 1, per: {calendar: day}, clock: customer}",
        "{rule: ask, kind: give-and-ask, give: {purpose: care}, ask: {channel: sms}, gives_per_ask: 1, per: {days: 2}, clock: customer}",
        "{rule: owed, kind: obligation, event: reply, do: {purpose: care}, within: 1d, clock: customer}",
    )
    at = "at: 2026-03-10 18:00, repeat: {every: day, count: 2}"
    files = {
        "tactful.yaml": "tactful: 1\ntimezone: Europe/London\nperiod: {from: 2026-03-01, until: 2026-03-31}\n",
        "customers.yaml": "customers:\n  attributes: {zone: {type: zone, values: [Asia/Tokyo, Europe/London]}}\n",
        "campaigns/a.yaml": f"campaign: a\npurpose: promotion\naudience: everyone\ntouches: [{{channel: sms, {at}}}, {{channel: sms, {at}}}]\n",
        "policies/p.yaml": "policy: p\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules),
    }
    write(tmp_path, files)
    said = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "json", at=tmp_path).out)
    assert {found["rule"] for found in said["findings"]} == {f"p/{rule[7 : rule.index(',')]}" for rule in rules}
    for found in said["findings"]:
        assert "whose clock is in " in found["witness"]["words"], found["rule"]
