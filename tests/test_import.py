"""``tactful import``: what a mapping can say, and every fault of a calendar at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import tactful, write

MAPPING = """import: 1
campaign: "{name}"
purpose: {column: kind, values: {sale: promotion, care: care}}
channel: {column: channel, values: {SMS: sms}, otherwise: email}
at: {column: when, format: "%d/%m/%Y %H:%M"}
timezone: Europe/London
details: {budget: "{cost} GBP"}
"""
CALENDAR = (
    "name,kind,channel,when,cost\nSpring sale!,sale,SMS,02/03/2026 10:00,500\nHello,care,letter,03/03/2026 09:30,0\n"
)


def test_a_calendar_becomes_campaigns_that_pass_the_form(tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING, "plan.csv": "\ufeff" + CALENDAR})
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "campaigns" / "Spring-sale.yaml").read_text("utf-8") == (
        "campaign: Spring-sale\npurpose: promotion\ntimezone: Europe/London\naudience: everyone\n"
        "touches:\n  - channel: sms\n    at: '2026-03-02 10:00:00'\ndetails:\n  budget: 500 GBP\n"
    )
    form = tactful("check", "--form", "campaigns/Spring-sale.yaml", "campaigns/Hello.yaml", at=tmp_path)
    assert (form.code, form.out) == (0, "read 2 files: nothing to report\n")


def test_all_faults_are_said_with_their_lines_and_nothing_is_written(tmp_path: Path) -> None:
    bad = (
        CALENDAR
        + "Third,gift,SMS,04/03/2026 10:00,1\nFourth,sale,SMS,2026-03-05,1\nHello,care,SMS,05/03/2026 10:00,1\n"
    )
    write(tmp_path, {"map.yaml": MAPPING, "plan.csv": bad})
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert ran.code == 1
    assert ran.err == (
        "line 4: 'gift' in column kind is not among the values of the mapping (known are: care, sale)\n"
        "line 5: '2026-03-05' is not a time in any of the formats\n"
        "line 6: the campaign 'Hello' comes twice\n"
        "nothing was written\n"
    )
    assert not (tmp_path / "campaigns").exists()


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING.replace("column: when", "column: wen"), "plan.csv": CALENDAR})
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert (ran.code, ran.err) == (2, "the calendar has no column 'wen' (did you mean when?)\n")


def test_a_mapping_with_a_wrong_key_is_shown_at_its_line(tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING + "tittle: x\n", "plan.csv": CALENDAR})
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert ran.code == 2
    assert "unknown key 'tittle'" in ran.err
    assert "map.yaml:8:1" in ran.err
    assert "did you mean title?" in ran.err


def test_a_calendar_in_another_encoding_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING})
    (tmp_path / "plan.csv").write_bytes(CALENDAR.replace("Hello", "春季").encode("gb18030"))
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert ran.code == 2
    assert "gb18030" in ran.err
    write(tmp_path, {"map.yaml": MAPPING + "encoding: gb18030\n"})
    assert tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path).code == 0
    assert (tmp_path / "campaigns" / "春季.yaml").exists()


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("where: {cost: {}}", "map.yaml:8:15"),
        ("where: {cost: {foo: 1}}", "map.yaml:8:15"),
        ("where: {cost: {at_least: x}}", "map.yaml:8:15"),
        ("where: {cost: []}", "map.yaml:8:15"),
        ("where: {cost: {not: {not: [{}]}}}", "map.yaml:8:15"),
        ("delimiter: ;;", "map.yaml:8:12"),
        ('delimiter: "\\r"', "map.yaml:8:12"),
        ("encoding: utf-99", "map.yaml:8:11"),
        ("encoding: undefined", "map.yaml:8:11"),
        ("encoding: punycode", "plan.csv is not in punycode"),
        ("encoding: hex", "map.yaml:8:11"),
    ],
)
def test_what_no_calendar_can_have_is_said_at_its_place(key: str, told: str, tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING + key + "\n", "plan.csv": CALENDAR.replace("Hello", "Grüße")})
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert ran.code == 2
    assert told in ran.err
    assert "defect" not in ran.err


@pytest.mark.parametrize("form", ["%d%d", "%Q", "100%"])
def test_no_format_of_a_time(form: str, tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING.replace("%d/%m/%Y %H:%M", form), "plan.csv": CALENDAR})
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert (ran.code, "is no format of a time" in ran.err) == (2, True)


def test_cells_are_chosen_by_where(tmp_path: Path) -> None:
    for where, names in {
        "{cost: {above: 0}}": {"Spring-sale"},
        "{cost: {not: {above: 0}}}": {"Hello"},
        "{kind: [care, gift]}": {"Hello"},
        "{kind: {not: [care, gift]}}": {"Spring-sale"},
        "{channel: SMS}": {"Spring-sale"},
        "{channel: present}": {"Spring-sale", "Hello"},
    }.items():
        write(tmp_path, {"map.yaml": f"{MAPPING}where: {where}\n", "plan.csv": CALENDAR})
        ran = tactful("import", "plan.csv", "--mapping", "map.yaml", "--to", f"to/{len(where)}", at=tmp_path)
        assert ran.code == 0
        assert {path.stem for path in (tmp_path / f"to/{len(where)}").iterdir()} == names


@pytest.mark.parametrize("there", [b"\xff\xfe", b"", None])
def test_what_is_there_is_not_overwritten(there: bytes | None, tmp_path: Path) -> None:
    write(tmp_path, {"map.yaml": MAPPING, "plan.csv": CALENDAR, "campaigns/other.yaml": ""})
    at = tmp_path / "campaigns" / "Hello.yaml"
    at.mkdir() if there is None else at.write_bytes(there)
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", at=tmp_path)
    assert (ran.code, "Hello.yaml is already there" in ran.err) == (1, True)
    assert not (tmp_path / "campaigns" / "Spring-sale.yaml").exists()


def test_all_files_are_written_or_none(tmp_path: Path) -> None:
    """The second file cannot be put in its place, for a folder is there."""
    write(tmp_path, {"map.yaml": MAPPING, "plan.csv": CALENDAR, "campaigns/Spring-sale.yaml": "mine\n"})
    (tmp_path / "campaigns" / "Hello.yaml").mkdir()
    ran = tactful("import", "plan.csv", "--mapping", "map.yaml", "--overwrite", at=tmp_path)
    assert (ran.code, "defect" in ran.err) == (2, False)
    assert (tmp_path / "campaigns" / "Spring-sale.yaml").read_text("utf-8") == "mine\n"
    assert sorted(path.name for path in (tmp_path / "campaigns").iterdir()) == ["Hello.yaml", "Spring-sale.yaml"]
