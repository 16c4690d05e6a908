"""Every text stands in both languages, with the same values to fill in."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from tactful.checker.pages import kind_page
from tactful.engine.messages import did_you_mean, nearest, say
from tactful.engine.rules import KINDS

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


CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROSE = re.compile(r"[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}")
NOT_SAID = {
    "checker/reading/profile.py": "the parser's own complaints, which are looked up here",
    "checker/usage.py": "patterns of the library's own complaints",
    "checker/report/junit.py": "the head of an XML file",
    "checker/schemas.py": "titles of schemas",
    "checker/report/entries.py": "how a message is known again",
    "engine/models.py": "descriptions in schemas",
    "engine/reference/customers.py": "why a customer cannot be: the searches ask only whether",
    "engine/clocks.py": "a fault of ours",
    "engine/plan/ledger.py": "a name that no input can have",
    "engine/rules/care_parity/services.py": "keys",
}
"""Files with texts of several words that stand in one language, and why nobody is told them."""


def _texts_alone(tree: ast.AST, above: tuple[ast.AST, ...] = ()) -> Iterator[ast.Constant]:
    """Texts of several words with no Chinese beside them: in the same call, pair, table or choice."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and PROSE.search(node.value):
            around = [up for up in (*above, tree) if isinstance(up, (ast.Call, ast.Tuple, ast.Dict, ast.List))][-3:]
            documents = isinstance(tree, ast.Expr) or (isinstance(tree, ast.keyword) and tree.arg == "description")
            beside = any(CHINESE.search(ast.unparse(up)) for up in (*around, node))
            if not documents and not beside:
                yield node
        yield from _texts_alone(node, (*above, tree))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_stands_in_one_language(path: Path) -> None:
    alone = [f"{node.lineno}: {node.value!r}" for node in _texts_alone(ast.parse(path.read_text("utf-8")))]
    excused = str(path.relative_to(ROOT)) in NOT_SAID
    assert bool(alone) == excused, alone or "nothing is left to excuse here"


def test_the_search_for_lone_texts_finds_one() -> None:
    tree = ast.parse('say("two words", "两个词")\nout("only in English")\ndef f():\n    """A docstring here."""\n')
    assert [node.value for node in _texts_alone(tree)] == ["only in English"]


@pytest.mark.parametrize("name", KINDS)
def test_a_rule_page_says_the_same_in_both_languages(name: str) -> None:
    english, chinese = kind_page(name, "en"), kind_page(name, "zh")
    assert english.count("\n## ") == chinese.count("\n## ") == 6
    said = [line for line in re.sub(r"(?s)```.*?```", "", chinese).split("\n")[1:] if PROSE.search(line)]
    lone = [line for line in said if not CHINESE.search(line) and not line.startswith("- `")]
    assert not lone
    assert not CHINESE.search(re.sub(r"(?s)```.*?```", "", english))


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
