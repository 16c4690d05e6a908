"""What is wrong with rules of reciprocity is said at its place; expressions and schemas of a stranger do no harm."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tactful.engine.places import Place
from tactful.engine.rules.require.expressions import expression_problems

from tests.running import tactful, write

CUSTOMERS = """customers:
  attributes:
    arrival: {type: date, changes: never, known: ahead}
    first: {type: date, changes: never}
  events:
    inquiry: {channels: [phone, live-chat]}
    opt-out: {}
"""
FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Europe/London\nperiod: {from: 2026-03-02, until: 2026-03-31}\n",
    "customers.yaml": CUSTOMERS,
    "vocabulary.yaml": "vocabulary: {gives: {tea: {kind: warm}}}\n",
    "services/desk.yaml": "service: desk\nevent: inquiry\nchannel: phone\ngives: [tea]\nwithin: 10min\n",
    "campaigns/news.yaml": """campaign: news
purpose: content
audience: everyone
touches:
  - {channel: email, at: 2026-03-03 10:00, gives: [tea], reply: {to: desk}}
""",
}
ANSWERED = "{rule: r, kind: obligation, event: inquiry, do: {by: human}, within: 2h}"

MISTAKES = [
    ("{rule: r, kind: obligation, do: {by: human}, within: 2h}", "hangs on one of event or date"),
    ("{rule: r, kind: obligation, event: inquiry, do: {by: human}}", "'within' is missing"),
    ("{rule: r, kind: obligation, event: inquiry, within: 2h}", "'do' is missing"),
    ("{rule: r, kind: obligation, event: inquirry, do: {by: human}, within: 2h}", "did you mean inquiry?"),
    ("{rule: r, kind: obligation, event: any-repply, within: 2h}", "did you mean any-reply?"),
    ("{rule: r, kind: obligation, event: [any-reply, inquiry], within: 2h}", "stand alone"),
    ("{rule: r, kind: obligation, event: inquiry, do: {by: robot}, within: 2h}", "'robot' is not a declared by"),
    ("{rule: r, kind: obligation, event: inquiry, do: {bye: human}, within: 2h}", "did you mean by?"),
    ("{rule: r, kind: obligation, event: inquiry, do: {by: human}, within: 2workdays}", "working days need a calendar"),
    ("{rule: r, kind: obligation, event: inquiry, do: {by: human}, within: 2h, match: {way: push}}", "match chooses"),
    (
        "{rule: r, kind: obligation, event: inquiry, do: {by: human}, within: 2h, unless: [optout]}",
        "did you mean opt-out?",
    ),
    (
        "{rule: r, kind: obligation, event: inquiry, do: {by: human}, within: 2h, channels: [fone]}",
        "did you mean phone?",
    ),
    ("{rule: r, kind: obligation, date: arival, within: 2d, do: {by: human}}", "did you mean arrival?"),
    ("{rule: r, kind: obligation, date: first, ahead: {at_most: 2d}, do: {by: human}}", "not known ahead"),
    ("{rule: r, kind: obligation, date: arrival, ahead: {at_least: 7d, at_most: 1d}, do: {by: human}}", "is more than"),
    ("{rule: r, kind: obligation, date: arrival, within: 2h, do: {by: human}}", "write it in days"),
    ("{rule: r, kind: give-and-ask, give: {gives: tea}, ask: {asks: review}, gives_per_ask: 0}", "must be more than 0"),
    ("{rule: r, kind: give-and-ask, ask: {asks: review}, gives_per_ask: 1}", "'give' is missing"),
    ("{rule: r, kind: give-and-ask, give: {gives: te}, ask: {asks: revew}, gives_per_ask: 1}", "did you mean review?"),
    ("{rule: r, kind: no-strings, owed: {gives: tea}, acts: [revew]}", "did you mean review?"),
    ("{rule: r, kind: no-strings}", "'owed' is missing"),
    ("{rule: r, kind: capacity, clock: customer}", "on one clock"),
    ("{rule: r, kind: require, that: 'campaign.owner =='}", "column 18 of the expression"),
    ("{rule: r, kind: require, that: '1 + 1'}", "not true or false"),
    ("{rule: r, kind: require, that: 'touch.at != service.at'}", "undeclared reference to 'touch.at'"),
    ("{rule: r, kind: require, schema: {requird: [owner]}}", "did you mean required?"),
    ("{rule: r, kind: require, schema: {type: obect}}", "not a schema"),
    ("{rule: r, kind: require, schema: {properties: {title: {pattern: '(a+)+$'}}}}", "can run without end"),
    ("{rule: r, kind: require, schema: {$ref: 'https://example.org/s.json'}}", "refers to nothing outside"),
    ("{rule: r, kind: require, on: sender, fields: {block_rat: {below: 1%}}}", "did you mean block_rate?"),
    ("{rule: r, kind: require, on: service, match: {chanel: phone}, fields: [owner]}", "did you mean channel?"),
]


def policy(rule: str) -> dict[str, str]:
    return {**FILES, "policies/house.yaml": f"policy: house\nrules:\n  - {rule}\n"}


@pytest.mark.parametrize(("rule", "words"), MISTAKES, ids=[rule[9:70] for rule, _ in MISTAKES])
def test_a_rule_that_cannot_be_used(tmp_path: Path, rule: str, words: str) -> None:
    write(tmp_path, policy(rule))
    ran = tactful("check", "--as-of", "2026-03-02", at=tmp_path)
    assert ran.code == 2, ran.out
    assert words in ran.out
    assert "policies/house.yaml:3:" in ran.out


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("customers.yaml", "[phone,", "[phonee,", "did you mean phone?"),
        ("services/desk.yaml", "within: 10min", "within: 2workdays", "working days need a calendar"),
        (
            "services/desk.yaml",
            "within: 10min",
            "within: 10min\non_duty: 2\neach_handles: 20/h",
            "write it like 20 per hour",
        ),
    ],
)
def test_a_plan_that_cannot_be_used(tmp_path: Path, file: str, old: str, new: str, words: str) -> None:
    write(tmp_path, policy(ANSWERED))
    assert tactful("check", "--as-of", "2026-03-02", at=tmp_path).code == 1
    write(tmp_path, {file: FILES[file].replace(old, new)})
    ran = tactful("check", "--as-of", "2026-03-02", at=tmp_path)
    assert words in ran.out


HUNDRED = "[" + ", ".join(str(n) for n in range(100)) + "]"
HOSTILE = {
    "loops in loops": f"{HUNDRED}.all(a, {HUNDRED}.all(b, {HUNDRED}.all(c, {HUNDRED}.all(d, a + b + c + d >= 0))))",
    "a pattern that backtracks": "campaign.title.matches('(a+)+$')",
    "brackets": "(" * 5000 + "true" + ")" * 5000,
    "length": " || ".join(["campaign.purpose == 'x'"] * 5000),
    "texts that grow": "[" + "campaign.title, " * 60 + "''].map(x, x + x + x + x).size() > 0",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_an_expression_of_a_stranger_ends(tmp_path: Path, name: str) -> None:
    title = "a" * 20_000 + "b"
    news = FILES["campaigns/news.yaml"].replace("purpose", f"title: {title}\npurpose", 1)
    rule = f'{{rule: r, kind: require, that: "{HOSTILE[name]}"}}'
    write(tmp_path, {**policy(rule), "campaigns/news.yaml": news})
    ran = tactful("check", "--as-of", "2026-03-02", at=tmp_path)
    assert ran.code in (0, 1, 2)
    assert "Traceback" not in ran.out + ran.err
    assert "defect" not in ran.out + ran.err


def test_a_schema_that_refers_to_itself_ends(tmp_path: Path) -> None:
    write(tmp_path, policy("{rule: r, kind: require, schema: {$ref: '#'}}"))
    ran = tactful("check", "--as-of", "2026-03-02", at=tmp_path)
    assert ran.code == 1
    assert "refers to itself" in ran.out


def test_without_cel_the_rule_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    place = Place("policies/house.yaml", ("rules", 0, "that"))
    (problem,) = expression_problems("has(campaign.only_asked_in_this_test)", place, "campaign")
    assert problem.place == place
    assert problem.help is not None
    assert "pip install 'tactful[cel]'" in problem.help.en


def test_a_service_on_a_channel_by_which_the_event_never_comes(tmp_path: Path) -> None:
    write(tmp_path, {**policy(ANSWERED), "services/desk.yaml": FILES["services/desk.yaml"].replace("phone", "sms")})
    ran = tactful("check", "--as-of", "2026-03-02", at=tmp_path)
    assert "'desk' reacts to 'inquiry' on sms, by which it never comes" in ran.out


def test_what_an_unread_file_might_have_given_is_not_called_missing(tmp_path: Path) -> None:
    rule = "{rule: r, kind: obligation, event: inquiry, channels: [live-chat], do: {gives: tea}, within: 2h}"
    write(tmp_path, policy(rule))
    assert "error[house/r]: after 'inquiry' by live-chat" in tactful("check", "--as-of", "2026-03-02", at=tmp_path).out
    write(tmp_path, {"services/broken.yaml": "service: chat\nevent: [inquiry\n"})
    ran = tactful("check", "--as-of", "2026-03-02", "--format", "json", at=tmp_path)
    found = {f["rule"]: f["verdict"] for f in json.loads(ran.out)["findings"]}
    assert found["house/r"] == "unproven"
