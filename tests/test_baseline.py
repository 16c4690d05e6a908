"""The baseline: what was there does not fail, what is new or worse does, and nothing ever enters it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import tactful, write

FILE = "tactful-baseline.json"
FILES = {
    "tactful.yaml": "tactful: 1\ntimezone: Asia/Shanghai\n",
    "policies/house.yaml": """policy: house
rules:
  - {rule: one-a-week, kind: frequency-cap, match: {purpose: promotion}, at_most: 1, per: 7d}
  - {rule: small, kind: reach-limit, at_most: 500}
""",
}


def campaign(name: str, sends: int, size: str = "estimated_size: 100") -> str:
    days = "".join(f"  - {{channel: sms, at: 2026-03-0{n + 1} 10:00}}\n" for n in range(sends))
    return f"campaign: {name}\npurpose: promotion\naudience: everyone\n{size}\ntouches:\n{days}"


def check(root: Path, *options: str) -> tuple[int, str]:
    ran = tactful("check", "--as-of", "2026-03-01", *options, at=root)
    assert "Traceback" not in ran.out + ran.err
    return ran.code, ran.out


def baseline(root: Path) -> tuple[int, str]:
    ran = tactful("baseline", "--as-of", "2026-03-01", at=root)
    return ran.code, ran.out + ran.err


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, {**FILES, "campaigns/spring.yaml": campaign("spring", 3, "")})
    assert baseline(tmp_path) == (0, f"{FILE}: 2 findings written\n")
    return tmp_path


def kept(root: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((root / FILE).read_text("utf-8"))["findings"]
    return found


def test_what_was_there_does_not_fail(repository: Path) -> None:
    assert kept(repository) == [
        {"rule": "house/one-a-week", "campaign": "spring", "measure": "3", "times": 2},
        {"rule": "house/small", "campaign": "spring", "verdict": "unproven"},
    ]
    assert check(repository) == (0, "checked 1 campaign, 2 rules: 0 errors, 2 known\n")
    code, out = check(repository, "--language", "zh")
    assert (code, out) == (0, "检查了 1 个活动、2 条规则：0 个错误、2 项已在基线中\n")


def test_what_is_worse_fails(repository: Path) -> None:
    write(repository, {"campaigns/spring.yaml": campaign("spring", 4, "")})
    code, out = check(repository)
    assert code == 1
    assert "error[house/one-a-week]: a customer could get 4 promotions" in out
    assert "1 known" in out


def test_what_is_new_fails(repository: Path) -> None:
    write(
        repository,
        {
            "campaigns/autumn.yaml": campaign("autumn", 1).replace("03-0", "09-0")
            + "  - {channel: sms, at: 2026-09-02 10:00}\n"
        },
    )
    code, out = check(repository)
    assert code == 1
    assert "campaigns/autumn.yaml" in out


def test_an_unproven_one_that_turns_out_broken_fails(repository: Path) -> None:
    write(repository, {"campaigns/spring.yaml": campaign("spring", 3, "estimated_size: 900")})
    code, out = check(repository)
    assert code == 1
    assert "error[house/small]" in out


def test_it_only_shrinks(repository: Path) -> None:
    write(
        repository,
        {
            "campaigns/spring.yaml": campaign("spring", 2),
            "campaigns/summer.yaml": campaign("summer", 4).replace("03-0", "07-0"),
        },
    )
    assert baseline(repository) == (0, f"{FILE}: 1 finding kept, 1 gone; 1 outside it\n")
    assert kept(repository) == [{"rule": "house/one-a-week", "campaign": "spring", "measure": "2"}]
    write(repository, {"campaigns/spring.yaml": campaign("spring", 3)})
    assert baseline(repository)[0] == 0
    assert kept(repository) == [{"rule": "house/one-a-week", "campaign": "spring", "measure": "2"}], (
        "worse does not enter"
    )
    assert check(repository)[0] == 1


def test_it_is_written_the_same_every_time(repository: Path) -> None:
    before = (repository / FILE).read_bytes()
    baseline(repository)
    assert (repository / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"version": 2, "findings": []}',
        '{"version": 1, "findings": [{"rule": "r", "measure": 3}]}',
        '{"version": 1, "findings": [{"rule": "r", "measure": "x"}]}',
        *(
            f'{{"version": 1, "findings": [{{"rule": "r", "measure": {measure}}}]}}'
            for measure in ('"NaN"', '"sNaN"', '"Infinity"', '"1E+999999"', '""', '"-"', "NaN", "Infinity")
        ),
        '{"version": 1, "findings": [{"rule": "r", "because": "no"}]}',
        "[" * 100_000,
        "\x00\ud83d",
    ],
)
def test_one_that_cannot_be_read_is_said(repository: Path, text: str) -> None:
    (repository / FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    code, out = check(repository)
    assert code == 2
    assert "this is no baseline that can be read" in out
    assert baseline(repository)[0] == 2


def test_one_outside_is_not_read(repository: Path) -> None:
    (repository / FILE).unlink()
    (repository / FILE).symlink_to("/etc/passwd")
    code, out = check(repository)
    assert code == 2
    assert "outside" in out


def test_nothing_is_written_for_a_plan_that_cannot_be_checked(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "policies/house.yaml": "policy: house\nrules: [{rule: a, kind: nothing}]\n"})
    code, out = baseline(tmp_path)
    assert code == 2
    assert "nothing was checked" in out
    assert not (tmp_path / FILE).exists()


def test_formats_say_that_it_is_known(repository: Path) -> None:
    found = json.loads(check(repository, "--format", "json")[1])
    assert found["findings"] == []
    assert [f["rule"] for f in found["known"]] == ["house/one-a-week", "house/small"]
    results = json.loads(check(repository, "--format", "sarif")[1])["runs"][0]["results"]
    assert all("suppressions" in result for result in results)
    assert len(results) == 2
    assert "form/" not in check(repository, "--format", "gitlab")[1]
    assert json.loads(check(repository, "--format", "gitlab")[1]) == []


NIGHTS = """policy: house
rules:
  - {rule: no-nights, kind: sending-hours, hours: {mon-sun: 09:00-21:00}}
"""
NIGHT = "campaign: n\npurpose: service\naudience: everyone\ntimezone: UTC\ntouches:\n  - {channel: email, at: 2026-03-02 22:00}\n"


def test_another_offence_of_a_rule_without_a_number_fails(tmp_path: Path) -> None:
    write(tmp_path, {"policies/house.yaml": NIGHTS, "campaigns/n.yaml": NIGHT})
    assert baseline(tmp_path)[0] == 0
    assert check(tmp_path)[0] == 0
    write(tmp_path, {"campaigns/n.yaml": NIGHT + "  - {channel: email, at: 2026-03-05 03:00}\n"})
    code, out = check(tmp_path)
    assert code == 1
    assert "in the baseline it was 1 time" in out


def test_what_is_worse_says_what_it_was(repository: Path) -> None:
    write(repository, {"campaigns/spring.yaml": campaign("spring", 4, "")})
    assert "= note: in the baseline it was 3, 2 times" in check(repository)[1]
    assert "= 说明: 基线中为 3、2 处" in check(repository, "--language", "zh")[1]


def test_what_is_mended_is_said_until_the_baseline_shrinks(repository: Path) -> None:
    write(repository, {"campaigns/spring.yaml": campaign("spring", 1, "estimated_size: 10")})
    code, out = check(repository)
    assert code == 0
    assert "info[baseline-shrinks]: 2 of the baseline are no longer found" in out
    assert baseline(repository) == (0, f"{FILE}: 0 findings kept, 2 gone; 0 outside it\n")
    assert "baseline" not in check(repository)[1]


def test_a_dangling_link_is_no_baseline_whatever_the_cache_holds(repository: Path) -> None:
    (repository / FILE).unlink()
    assert check(repository)[0] == 1
    (repository / FILE).symlink_to("nothing")
    assert check(repository)[0] == 2
