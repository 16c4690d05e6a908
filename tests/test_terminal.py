"""What is drawn on a terminal: underlines below what they mean, also below wide characters; colour, width and links by convention."""

from __future__ import annotations

import io
import os
import pty
import random
import re
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from tactful.checker import terminal
from tactful.checker.console import clean
from tactful.checker.reading.profile import Span
from tactful.checker.report.page import fitted, folded, width
from tactful.checker.terminal import Style, progress, style_for
from tactful.engine.messages import say

from tests.running import PLAIN, ROOT, UNSET, write
from tests.running import tactful_process as tactful
from tests.test_check import CAMPAIGN, FILES

ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;.*?\x1b\\|\r\x1b\[2K(?:[^\r\n]*%(?=\r))?")
LETTERS = "ab -:,中文，。（）活动🎁é\u0301ｱ\t\x1b\u202e"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


def style(tty: bool, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Style:
    for name in (*UNSET, "NO_COLOR", "CLICOLOR", "COLUMNS", "CI", "VTE_VERSION", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    for name in terminal.LINKED_SIGNS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return style_for(Terminal() if tty else io.StringIO(), Path("/plans"))


@pytest.mark.parametrize(
    ("tty", "environment", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"CLICOLOR": "0"}, False),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_by_the_conventions(
    tty: bool, environment: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert style(tty, environment, monkeypatch).colour is colour


@pytest.mark.parametrize(
    ("tty", "environment", "links"),
    [
        (True, {}, False),
        (True, {"TERM_PROGRAM": "vscode"}, True),
        (True, {"VTE_VERSION": "6003"}, True),
        (True, {"VTE_VERSION": "4205"}, False),
        (True, {"WT_SESSION": "x", "CI": "true"}, False),
        (False, {"TERM_PROGRAM": "vscode"}, False),
        (False, {"FORCE_HYPERLINK": "1"}, True),
        (True, {"TERM_PROGRAM": "vscode", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_links_where_they_are_understood(
    tty: bool, environment: dict[str, str], links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (style(tty, environment, monkeypatch).links is not None) is links


def test_only_a_terminal_has_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    assert style(True, {"COLUMNS": "72"}, monkeypatch).width == 72
    assert style(True, {"COLUMNS": "3"}, monkeypatch).width == terminal.NARROWEST
    assert style(True, {}, monkeypatch).width is None
    assert style(False, {"COLUMNS": "72"}, monkeypatch).width is None


def test_a_link_cannot_be_broken_out_of() -> None:
    shown = Style(links="file:///plans").link("x", "campaigns/a b\x1b\\\x07中.yaml")
    assert shown == "\x1b]8;;file:///plans/campaigns/a%20b%1B%5C%07%E4%B8%AD.yaml\x1b\\x\x1b]8;;\x1b\\"


@pytest.mark.parametrize("seed", range(300))
def test_the_underline_is_below_what_it_means(seed: int) -> None:
    rng = random.Random(seed)
    line = "".join(rng.choices(LETTERS, k=rng.choice([5, 40, 150, 400, 9000])))
    first = rng.randrange(len(line))
    last = min(first + rng.choice([1, 3, 30, 300]), len(line))
    room = rng.choice([40, 77, 200])
    shown, before, under = fitted(line, Span(1, first + 1, 1, last + 1), room)
    assert width(shown) <= room + 1
    meant = clean(line[first:last]).lstrip("\u0301")
    left, column = "", 0
    for character in shown:
        if column >= before:
            break
        column += width(character)
        left += character
    assert width(left) == before
    below = shown[len(left) :].lstrip("\u0301").removesuffix("…")
    assert below.startswith(meant) or meant.startswith(below)
    assert under == max(min(width(meant), width(below)), 1)


@pytest.mark.parametrize("seed", range(100))
def test_folding_loses_nothing_and_keeps_to_its_room(seed: int) -> None:
    rng = random.Random(seed)
    words = ["".join(["c", *rng.choices("abc中文，。）客户", k=rng.randint(1, 12))]) for _ in range(rng.randint(1, 30))]
    text = " ".join(words)
    room = rng.choice([30, 40, 60])
    lines = folded(text, room)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("，", "。", "）")) for line in lines)
    assert all(width(re.sub("[，。）]+$", "", line)) <= room for line in lines if len(line) > 1)
    plain = folded(re.sub("[^abc ]", "", text), room)
    assert all(width(line) <= room for line in plain)


def on_a_terminal(*arguments: str, at: Path, columns: int = 60, **environment: str) -> str:
    """What the real command writes on a real pseudo-terminal."""
    here, there = pty.openpty()
    import fcntl
    import termios

    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    dropped = (*UNSET, "NO_COLOR", "COLUMNS", "CI")
    env = {name: value for name, value in os.environ.items() if name not in dropped} | PLAIN
    env |= {"TERM": "xterm-256color"} | environment
    command = [sys.executable, "-m", "tactful.checker", *arguments]
    run = subprocess.Popen(command, cwd=at, stdin=there, stdout=there, stderr=there, env=env)
    os.close(there)
    out = b""
    while True:
        try:
            data = os.read(here, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    os.close(here)
    run.wait(timeout=120)
    return out.decode("utf-8").replace("\r\n", "\n")


@pytest.mark.parametrize("folder", ["retail/breaks", "telco/breaks"])
def test_a_terminal_sees_the_same_in_colour(folder: str) -> None:
    root = ROOT / "examples" / folder
    arguments = ("check", "--as-of", "2026-03-01")
    shown = on_a_terminal(*arguments, at=root, columns=10000, TERM_PROGRAM="vscode")
    assert "\x1b[1;31m" in shown
    assert "\x1b]8;;file://" in shown
    assert ESCAPES.sub("", shown) == tactful(*arguments, at=root).out


def test_a_narrow_terminal(tmp_path: Path) -> None:
    long = "春天来了，请看这一行在窄的终端里会不会折断 " * 4
    text = CAMPAIGN.replace("title: Spring sale", f"titel: {long}").replace("city: hangzhou", "city: 杭州, stage: 老")
    write(tmp_path, FILES | {"campaigns/other.yaml": text.replace("spring-sale", "other")})
    for language in ("en", "zh"):
        shown = ESCAPES.sub("", on_a_terminal("check", "--as-of", "2026-03-01", "--language", language, at=tmp_path))
        lines = shown.split("\n")
        framed = [line for line in lines if re.match(r"\s*\d+ \|", line)]
        assert framed
        assert all(width(line) <= 60 for line in framed)
        assert any(line.endswith("…") for line in framed)
        assert all(width(line) <= 60 for line in lines if re.match(r" +(= |    )", line))
        under = next(after for line, after in pairwise(lines) if "audience: {city: 杭州" in line)
        assert under == " " * under.index("|") + "|" + " " * 18 + "^^^^"


def test_no_colour_on_a_terminal_that_asks_for_none(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert "\x1b" not in on_a_terminal("check", "--as-of", "2026-03-01", at=tmp_path, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("check", "--as-of", "2026-03-01", at=tmp_path, TERM="dumb")


def test_progress_is_shown_after_a_while_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress(say("reading", "读取"), "en") is None
    said: list[str] = []
    clock = iter([0.0, 0.5, 2.0, 3.0])
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(terminal, "err", said.append)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    tell = progress(say("reading", "读取"), "zh")
    assert tell is not None
    for done in (1, 2, 3):
        tell(done, 3)
    assert said == ["\r\x1b[2K读取 66%", "\r\x1b[2K"]
