"""Every text stands in both languages, with the same values to fill in."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from tactful.engine.messages import did_you_mean, nearest, say

from tests.running import ROOT

APART = {"n", "english", "chinese", "name", "raw", "unit", "zh", "kind", "zh_kind"}
"""Values that stand in one language only: a number that the other needs not, and words that differ by language."""

SOURCES = sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "checker").rglob("*.py")])


def texts(path: Path) -> Iterator[tuple[int, str, str]]:
    """The two texts of each ``say``, as far as they are written out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("say", "Message", "wrong")
        ):
            written = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if len(written) == 2 and len(node.args) >= 2:
                yield node.lineno, written[0], written[1]


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_both_languages_say_the_same(path: Path) -> None:
    for line, english, chinese in texts(path):
        where = f"{path.name}:{line}"
        differ = names(english) ^ names(chinese)
        assert differ <= APART, (where, differ)
        if re.search(r"[a-z]{3}", re.sub(r"\{.*?\}", "", english)):
            assert re.search(r"[\u4e00-\u9fff]|\{", chinese), f"{where}: no Chinese: {chinese!r}"
        assert not re.search(r"[\u4e00-\u9fff]", english), f"{where}: Chinese in the English text"
        assert not english.endswith((". ", "；")), where


def test_a_message_is_filled_in_both() -> None:
    message = say("{n} of {what}", "{what} 的 {n}", n=3, what=say("cups", "杯"))
    assert (message.render("en"), message.render("zh")) == ("3 of cups", "杯 的 3")


@pytest.mark.parametrize(
    ("word", "known", "guess"),
    [
        ("chanel", ["channel", "sender"], "channel"),
        ("frequency_cap", ["frequency-cap"], "frequency-cap"),
        ("关怀", ["care", "service"], "care"),
        ("周三", ["wed", "mon"], "wed"),
        ("口未", ["口味", "城市"], "口味"),
        ("xyz", ["channel"], None),
    ],
)
def test_the_nearest_word(word: str, known: list[str], guess: str | None) -> None:
    assert nearest(word, known) == guess
    help = did_you_mean(word, known)
    assert help is not None
