"""The command line itself: unsaved files of an editor, what Tab offers, what is said of a slip in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import PLAIN, ROOT, UNSET, Ran, write
from tests.running import tactful_process as tactful
from tests.test_check import CAMPAIGN, FILES

MISSPELT = CAMPAIGN.replace("title", "titel")
WORSE = CAMPAIGN.replace("count: 3", "count: 4")


def fed(text: bytes, *arguments: str, at: Path) -> Ran:
    """The command with a text on its standard input."""
    env = {name: value for name, value in os.environ.items() if name not in UNSET} | PLAIN
    command = [sys.executable, "-m", "tactful.checker", "check", "--as-of", "2026-03-01", *arguments]
    done = subprocess.run(command, cwd=at, input=text, capture_output=True, env=env, timeout=120)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_an_unsaved_file_is_checked_in_its_place(tmp_path: Path) -> None:
    root = write(tmp_path / "plans", FILES)
    ran = fed(WORSE.encode(), "--stdin-filename", "campaigns/spring-sale.yaml", "--format", "concise", at=root)
    assert ran.out.startswith("campaigns/spring-sale.yaml:7:5: error[house/two-a-week] a customer could get 4 promo")
    again = fed(WORSE.encode(), "plans", "--stdin-filename", "plans/campaigns/spring-sale.yaml", at=tmp_path)
    assert again.code == 1
    assert "4 promotions" in again.out
    assert "3 promotions" in tactful("check", "--as-of", "2026-03-01", at=root).out
    assert fed(b"", "--stdin-filename", "campaigns/spring-sale.yaml", at=root).code == 3


def test_a_new_file_that_was_never_saved(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    other = MISSPELT.replace("spring-sale", "other").encode()
    for arguments in ([], ["--form"]):
        ran = fed(other, *arguments, "--stdin-filename", "campaigns/other.yaml", at=tmp_path)
        assert "campaigns/other.yaml:2:1" in ran.out
        assert "did you mean title?" in ran.out
    assert not (tmp_path / "campaigns" / "other.yaml").exists()


def test_an_unsaved_configuration_is_followed(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    ran = fed(b"tactful: 1\nlanguage: zh\n", "--stdin-filename", "tactful.yaml", at=tmp_path)
    assert "某位客户" in ran.out
    ran = fed(b"tactful: 1\nplaces: [nowhere]\n", "--stdin-filename", "tactful.yaml", at=tmp_path)
    assert "the place 'nowhere' of tactful.yaml does not exist" in ran.out


def test_an_unsaved_file_is_read_as_carefully_as_a_saved_one(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert "not UTF-8 here" in fed(b"a: \xff", "--stdin-filename", "campaigns/x.yaml", at=tmp_path).out
    assert "at most 2 MB are read" in fed(b"#" * 2_100_000, "--stdin-filename", "campaigns/x.yaml", at=tmp_path).out


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../x.yaml", "'../x.yaml' is outside this repository"),
        ("notes/x.yaml", "'notes/x.yaml' stands in no place that is read"),
        ("campaigns/x.txt", "'campaigns/x.txt' stands in no place that is read"),
    ],
)
def test_an_unsaved_file_in_the_wrong_place(path: str, said: str, tmp_path: Path) -> None:
    ran = fed(CAMPAIGN.encode(), "--stdin-filename", path, at=write(tmp_path, FILES))
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("tactful ch", "check"),
        ("tactful check --format s", "sarif"),
        ("tactful check --select ho", "house\nhouse/two-a-week"),
        ("tactful explain reach", "reach-limit"),
        ("tactful schema cam", "campaign"),
        ("tactful check --fail-on w", "warning"),
        ("tactful check --language z", "zh"),
    ],
)
def test_what_tab_offers(typed: str, offered: str, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    asked = {"_TACTFUL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    ran = tactful(at=tmp_path, **asked)
    assert (ran.out.strip(), ran.err) == (offered, "")


def test_tab_in_a_broken_repository_offers_the_kinds(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"policies/house.yaml": "a: [\n", "tactful.yaml": "\x00"})
    typed = "tactful check --select re"
    asked = {"_TACTFUL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": "3"}
    ran = tactful(at=tmp_path, **asked)
    assert ran.out.split() == ["reach-limit", "reference-price", "require"]
    assert ran.err == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_for_each_shell(shell: str, tmp_path: Path) -> None:
    ran = tactful(at=tmp_path, _TACTFUL_COMPLETE=f"source_{shell}")
    assert ran.code == 0
    assert "_TACTFUL_COMPLETE" in ran.out
    assert f"complete_{shell}" in ran.out


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["chek"], "No such command 'chek'. Did you mean", "没有命令“chek”"),
        (["check", "--formt", "x"], "No such option: --formt", "没有选项 --formt；可用的有：--form"),
        (["explain"], "Missing argument 'RULE-OR-KIND'", "缺少参数 RULE-OR-KIND"),
        (["check", "--jobs", "x"], "Invalid value for '--jobs'", "--jobs 的值无效"),
        (["check", "--jobs"], "Option '--jobs' requires an argument", "选项 --jobs 缺少值"),
        (["schema", "a", "b\x1b[1m"], "Got unexpected extra argument(s) (b", "多余的参数：b\\x1b[1m"),
        (["check", "--jobs", "0"], "--jobs is at least 1", "--jobs 至少为 1"),
        (["check", "--language", "fr"], "no language 'fr'", "没有语言“fr”"),
    ],
)
def test_a_slip_on_the_command_line(arguments: list[str], english: str, chinese: str, tmp_path: Path) -> None:
    for locale, said in (("C", english), ("zh_CN.UTF-8", chinese)):
        ran = tactful(*arguments, at=tmp_path, LANG=locale)
        assert ran.code == 2
        assert ran.out == ""
        assert said in ran.err
        assert "\x1b" not in ran.err
        assert "Traceback" not in ran.err


def test_help_in_the_language_of_the_locale(tmp_path: Path) -> None:
    assert "只报告这一天及之后的触达" in tactful("check", "--help", at=tmp_path, LC_ALL="zh_CN.UTF-8").out
    assert "Report touches on or after this day" in tactful("check", "--help", at=tmp_path).out
    assert tactful(at=tmp_path).code == 2


@pytest.mark.parametrize(
    ("places", "path", "read"),
    [
        ("[.]", "campaigns/new.yaml", True),
        ("[./campaigns/, policies]", "campaigns/new.yaml", True),
        ("[campaigns/new.yaml, policies]", "campaigns/new.yaml", True),
        ("[campaigns, policies]", "campaigns/.new.yaml", False),
        ("[campaigns, policies]", "campaigns/.old/new.yaml", False),
        ("[policies]", "campaigns/new.yaml", False),
    ],
)
def test_an_unsaved_file_is_read_where_a_saved_one_would_be(places: str, path: str, read: bool, tmp_path: Path) -> None:
    write(tmp_path, FILES | {"tactful.yaml": f"tactful: 1\nplaces: {places}\n"})
    text = WORSE.replace("spring-sale", "new")
    unsaved = fed(text.encode(), "--stdin-filename", path, at=tmp_path)
    assert ("stands in no place that is read" in unsaved.err) is not read
    if read:
        write(tmp_path, {path: text})
        assert tactful("check", "--as-of", "2026-03-01", at=tmp_path).out == unsaved.out


def test_an_unsaved_file_in_a_repository_that_is_a_link(tmp_path: Path) -> None:
    root = write(tmp_path / "plans", FILES)
    (tmp_path / "link").symlink_to(root)
    for at, path in ((tmp_path / "link", root), (tmp_path, tmp_path / "link")):
        where = [] if at.name == "link" else ["link"]
        ran = fed(WORSE.encode(), *where, "--stdin-filename", str(path / "campaigns" / "spring-sale.yaml"), at=at)
        assert "4 promotions" in ran.out, ran.err


def test_the_form_of_an_unsaved_file_is_looked_at_once(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"campaigns/bad.yaml": MISSPELT})
    ran = fed(
        CAMPAIGN.encode(), "--form", "./campaigns/bad.yaml", "--stdin-filename", "campaigns/bad.yaml", at=tmp_path
    )
    assert ran.out == "read 1 file: nothing to report\n"


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&-", ">&- 2>&-"])
def test_a_stream_that_is_closed(closed: str, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    command = f"{sys.executable} -m tactful.checker check --as-of 2026-03-01 --no-cache {closed}"
    env = os.environ | PLAIN
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, env=env, timeout=60)
    assert done.returncode == 1
    assert b"defect" not in done.stdout + done.stderr
    assert b"Traceback" not in done.stdout + done.stderr


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tactful.checker check --as-of 2026-03-01 --no-cache > /dev/full"
    done = subprocess.run(["bash", "-c", command], cwd=write(tmp_path, FILES), capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"the output cannot be written: No space left on device" in done.stderr


def test_what_goes_into_a_file_is_plain(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    arguments = ("check", "--as-of", "2026-03-01", "--format", "text", "--output", "report.txt")
    ran = tactful(*arguments, at=tmp_path, FORCE_COLOR="1", FORCE_HYPERLINK="1")
    assert "\x1b" in ran.out
    assert "\x1b" not in (tmp_path / "report.txt").read_text("utf-8")


def test_the_language_of_what_is_wrong_with_a_command_line(tmp_path: Path) -> None:
    assert "不是文件夹" in tactful("check", "nowhere", "--language", "zh", at=tmp_path).err
    assert "不是文件夹" in tactful("check", "--language=zh", "nowhere", at=tmp_path).err


def test_the_form_of_a_file_in_the_language_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, FILES | {"tactful.yaml": "tactful: 1\nlanguage: zh\n", "campaigns/bad.yaml": MISSPELT})
    assert "未知的键“titel”" in tactful("check", "--form", "campaigns/bad.yaml", at=tmp_path).out


def test_the_policies_of_the_cases_must_be_readable(tmp_path: Path) -> None:
    policy = FILES["policies/house.yaml"].replace("at_most: 2", "at_most: two")
    case = "case: c\nas_of: 2026-03-01\nrules: [house/two-a-week]\nplan: []\nfind: []\n"
    ran = tactful("test", at=write(tmp_path, FILES | {"policies/house.yaml": policy, "cases/c.yaml": case}))
    assert ran.code == 2
    assert "policies/house.yaml:6:14" in ran.out
    assert ran.out.endswith("no case was run\n")


def test_timings_list_every_rule(tmp_path: Path) -> None:
    cases = ROOT / "examples/cafe/keeps"
    ran = tactful("check", str(cases), "--as-of", "2026-03-01", "--timings", "--select", "require", at=tmp_path)
    lines = ran.err.strip().splitlines()
    assert lines
    assert all(re.fullmatch(r" *\d+\.\d\d s  \S+/\S+", line) for line in lines)
