"""Every format, whole, in both languages; what a stranger writes into a title or a reason stays text in each of them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from tests.running import ROOT, same, tactful, write

FORMATS = ("text", "concise", "json", "json-lines", "sarif", "junit", "github", "gitlab", "azure", "rdjson", "markdown")
EVIL = "\\e[31mred\\n::error file=x::owned\\r%0A::warning::w <script>alert(1)</script> ]]> @team | `code` [a](http://x.y) \\u202e \\uffff"
FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\nperiod: {from: 2026-03-01, until: 2026-03-31}\n",
    "customers.yaml": "customers:\n  attributes:\n    city: {type: choice, values: [hangzhou, shanghai], changes: never}\n",
    "policies/house.yaml": f"""policy: house
rules:
  - rule: one-a-week
    kind: frequency-cap
    match: {{purpose: promotion}}
    at_most: 1
    per: 7d
    because: "{EVIL}"
  - rule: small
    kind: reach-limit
    severity: warning
    at_most: 500
  - rule: never-silent
    kind: contact-floor
    severity: info
    for: everyone
    at_least: 1
    per: 90d
  - rule: kept
    kind: sending-hours
    hours: 09:00-21:00
""",
    "campaigns/spring.yaml": f"""campaign: spring
title: "{EVIL}"
purpose: promotion
audience: everyone
touches:
  - {{channel: sms, at: 2026-03-02 10:00}}
  - {{channel: sms, at: 2026-03-04 10:00}}   # <script>::error::]]>
""",
    "campaigns/summer.yaml": """campaign: summer
purpose: promotion
audience: {city: hangzhou}
estimated_size: 200
touches:
  - {channel: email, at: 2026-03-20 10:00, sendr: me}
  - {channel: email, at: 2026-03-21 10:00}
""",
    "campaigns/autumn.yaml": """campaign: autumn
purpose: promotion
audience: {city: shanghai}
estimated_size: 900
touches:
  - {channel: email, at: 2026-03-20 10:00}
""",
    "waivers.yaml": f"""waivers:
  - waive: house/small
    campaign: autumn
    reason: "{EVIL}"
    approved_by: head-of-crm
    until: 2026-03-31
""",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("format", FORMATS)
def test_the_whole_report(repository: Path, format: str, language: str) -> None:
    ran = tactful("check", "--as-of", "2026-03-01", "--format", format, "--language", language, at=repository)
    assert ran.code == 1
    same(f"format-{format}.{language}.txt", ran.out)


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_of_a_stranger_is_obeyed(repository: Path, format: str) -> None:
    out = tactful("check", "--as-of", "2026-03-01", "--format", format, at=repository).out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "\r" not in out
    assert not any(line.startswith(("::error file=x", "::warning::w")) for line in out.splitlines())
    if format == "markdown":
        assert "<script>" not in out
        assert "@team" not in out
        assert "http://" not in out


def test_json_is_of_its_schema(repository: Path) -> None:
    found = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "json", at=repository).out)
    jsonschema.validate(found, json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8")))


def test_sarif_is_of_its_schema(repository: Path) -> None:
    schema = ROOT.parent / "shared" / "data" / "schemas" / "sarif-schema-2.1.0.json"
    if not schema.exists():
        pytest.skip("the schema of SARIF is kept beside the project, and is not there")
    found = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "sarif", at=repository).out)
    jsonschema.validate(found, json.loads(schema.read_text("utf-8")))


def test_sarif_says_what_is_suppressed_and_where(repository: Path) -> None:
    run = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "sarif", at=repository).out)["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    results = run["results"]
    assert {"house/one-a-week", "house/small", "house/kept"} <= set(rules)
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in results)
    assert [r["ruleId"] for r in results if "suppressions" in r] == ["house/small"]
    assert len({r["partialFingerprints"]["tactful/v1"] for r in results}) == len(results)
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}
    assert "campaigns/spring.yaml" in uris


def test_azure_reads_commands_and_nothing_of_a_stranger(repository: Path) -> None:
    out = tactful("check", "--as-of", "2026-03-01", "--format", "azure", at=repository).out
    commands = [line for line in out.splitlines() if line.startswith("##vso[")]
    assert commands[0].startswith("##vso[task.logissue type=error;sourcepath=campaigns/")
    assert all(line.count("##vso[") == 1 and line.count("]") >= 1 for line in commands)
    write(
        repository,
        {"campaigns/spring.yaml": FILES["campaigns/spring.yaml"].replace(EVIL, "##vso[task.complete] ##[error]")},
    )
    out = tactful("check", "--as-of", "2026-03-01", "--format", "azure", at=repository).out
    assert "##vso[task.complete" not in out
    assert "##[" not in out


def test_columns_for_reviewdog_are_bytes(repository: Path) -> None:
    policy = "policy: house\nrules:\n  - {rule: owner, kind: require, fields: [owner]}\n"
    campaign = "{campaign: 春, title: 春天的促销, purpose: promotion, audience: everyone, touches: [{channel: sms, at: 2026-03-02 10:00, sendr: me}]}\n"
    write(repository, {"policies/house.yaml": policy, "campaigns/spring.yaml": campaign})
    out = tactful("check", "--as-of", "2026-03-01", "--format", "rdjson", at=repository).out
    found = [d for d in json.loads(out)["diagnostics"] if d["location"]["path"] == "campaigns/spring.yaml"]
    slip = next(d for d in found if "sendr" in d["message"])
    assert slip["location"]["range"]["start"]["column"] == len(campaign[: campaign.index("sendr")].encode()) + 1


def test_lines_of_json_are_the_json_report(repository: Path) -> None:
    def out(form: str) -> str:
        return tactful("check", "--as-of", "2026-03-01", "--format", form, at=repository).out

    whole, lines = json.loads(out("json")), [json.loads(line) for line in out("json-lines").splitlines()]
    assert [line for line in lines if line["type"] == "finding"] == [
        {"type": "finding", **f} for f in whole["findings"]
    ]
    assert lines[-1] == {"type": "summary", "version": 1, **whole["summary"]}


def test_a_fingerprint_outlives_the_line(repository: Path) -> None:
    def prints() -> set[str]:
        found = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "gitlab", at=repository).out)
        return {issue["fingerprint"] for issue in found}

    before = prints()
    write(repository, {"campaigns/spring.yaml": "# moved\n# down\n" + FILES["campaigns/spring.yaml"]})
    assert prints() == before


def test_junit_is_xml_and_counts(repository: Path) -> None:
    root = ElementTree.fromstring(  # noqa: S314
        tactful("check", "--as-of", "2026-03-01", "--format", "junit", at=repository).out
    )
    cases = root.findall("./testsuite/testcase")
    assert int(root.attrib["tests"]) == len(cases)
    assert int(root.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
    assert int(root.attrib["skipped"]) == sum(case.find("skipped") is not None for case in cases) == 1


def test_several_at_once(repository: Path) -> None:
    ran = tactful(
        *("check", "--as-of", "2026-03-01", "--format", "sarif", "--output", "out/a.sarif"),
        *("--format", "junit", "--output", "out/b.xml", "--format", "concise"),
        at=repository,
    )
    same("format-concise.en.txt", ran.out)
    assert json.loads((repository / "out/a.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert ElementTree.fromstring((repository / "out/b.xml").read_text("utf-8")).tag == "testsuites"  # noqa: S314
    assert sorted(path.name for path in (repository / "out").iterdir()) == ["a.sarif", "b.xml"]


def test_text_goes_to_the_terminal_beside_a_file(repository: Path) -> None:
    ran = tactful("check", "--as-of", "2026-03-01", "--format", "json", "--output", "a.json", at=repository)
    same("format-text.en.txt", ran.out)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "sarfi"), "did you mean sarif?"),
        (("--format", "xml"), "there are text, concise"),
        (("--output", "a.json"), "belongs to the --format before it"),
        (("--format", "json", "--format", "junit"), "one format at most goes without"),
        (("--format", "json", "--output", "policies"), "cannot be written"),
    ],
)
def test_wrong_use(repository: Path, options: tuple[str, ...], words: str) -> None:
    ran = tactful("check", *options, at=repository)
    assert ran.code == 2
    assert words in ran.err


def test_servers_get_the_worst_of_many_and_a_word_about_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, FILES)
    whole = json.loads(tactful("check", "--no-cache", "--as-of", "2026-03-01", "--format", "sarif", at=tmp_path).out)[
        "runs"
    ][0]
    levels = [result["level"] for result in whole["results"]]
    monkeypatch.setattr("tactful.checker.report.entries.MAX_RESULTS", len(levels) - 1)
    cut = json.loads(tactful("check", "--no-cache", "--as-of", "2026-03-01", "--format", "sarif", at=tmp_path).out)[
        "runs"
    ][0]
    kept = [result["level"] for result in cut["results"]]
    assert len(kept) == len(levels) - 1
    assert kept.count("error") == levels.count("error")
    said = cut["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert said.startswith("1 more findings are left out")
    issues = json.loads(tactful("check", "--no-cache", "--as-of", "2026-03-01", "--format", "gitlab", at=tmp_path).out)
    assert issues[-1]["check_name"] == "tactful/left-out"


def test_of_many_findings_of_a_rule_the_worst_are_shown_and_the_others_named(tmp_path: Path) -> None:
    size = "campaign: {name}\npurpose: promotion\naudience: everyone\nestimated_size: {size}\ntouches:\n  - {{channel: sms, at: 2026-03-02 10:00}}\n"
    campaigns = {f"campaigns/c{n:02}.yaml": size.format(name=f"c{n:02}", size=1000 + (n * 37) % 50) for n in range(50)}
    rule = "policy: house\nrules:\n  - {rule: small, kind: reach-limit, at_most: 500}\n"
    root = write(tmp_path, {"tactful.yaml": FILES["tactful.yaml"], "policies/house.yaml": rule, **campaigns})
    shown = tactful("check", "--as-of", "2026-03-01", at=root).out
    assert shown.count("error[house/small]: ") == 21
    assert all(f"{size} customers" in shown.replace(",", "") for size in range(1030, 1050))
    assert "error[house/small]: 30 more findings of this rule\n = campaigns: c00, " in shown
    assert " and 10 more\n = help: --format json tells all of them in full\n" in shown
    told = json.loads(tactful("check", "--as-of", "2026-03-01", "--format", "json", at=root).out)
    assert len(told["findings"]) == 50
