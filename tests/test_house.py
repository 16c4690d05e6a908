"""The house: modules are short and import each other in no circle; one rule's failure is that rule's alone."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tactful.checker import spread
from tactful.engine import Engine, InvalidDocuments
from tactful.engine import rules as kinds

from tests.running import ROOT, tactful, write
from tests.test_check import FILES

MODULES = sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "checker").rglob("*.py")])
MAX_LINES = 400


def module_of(path: Path) -> str:
    parts = ("tactful", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path, known: set[str]) -> set[str]:
    """The modules of the project that a module imports when it is loaded, and not only for types or in a function."""
    package = module_of(path).split(".")[: None if path.stem == "__init__" else -1]
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found |= {full if (full := f"{name}.{one.name}") in known else name for one in node.names}
    return found & known


def test_no_module_is_long() -> None:
    long = {
        module_of(path): lines for path in MODULES if (lines := len(path.read_text("utf-8").splitlines())) > MAX_LINES
    }
    assert not long


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = {module_of(path) for path in MODULES}
    imported = {module_of(path): imports_of(path, known) - {module_of(path)} for path in MODULES}
    assert sum(map(len, imported.values())) > len(imported)
    while free := [name for name, needs in imported.items() if not needs & imported.keys()]:
        for name in free:
            del imported[name]
    assert not imported


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule kind that fails as programs do."""

    def check(*_: object) -> Any:
        return {}["nothing"]

    kind = kinds.KINDS["frequency-cap"]
    broken = type(kind)(kind.name, kind.params, kind.summary, check, kind.measured)
    monkeypatch.setitem(kinds.KINDS.known, "frequency-cap", broken)
    monkeypatch.setattr(spread, "PATIENCE", float("inf"))


@pytest.mark.usefixtures("failing")
def test_a_failure_in_one_rule_leaves_all_others_answered(tmp_path: Path) -> None:
    policy = FILES["policies/house.yaml"] + "  - {rule: owner, kind: require, fields: [owner]}\n"
    write(tmp_path, FILES | {"policies/house.yaml": policy})
    ran = tactful("check", "--as-of", "2026-03-01", "--no-cache", at=tmp_path)
    assert ran.code == 2
    assert "error[house/owner]" in ran.out
    assert "error[house/two-a-week]: unproven: " in ran.out
    assert "this is a defect of tactful" in ran.out + ran.err
    assert "Traceback" not in ran.out + ran.err


CAMPAIGN: dict[str, object] = {
    "campaign": "spring",
    "purpose": "promotion",
    "audience": "everyone",
    "touches": {"channel": "email", "at": "2026-03-02 10:00"},
}
SETTINGS: dict[str, object] = {"tactful": 1, "timezone": "Europe/Berlin"}
POLICY: dict[str, object] = {"policy": "p", "rules": [{"rule": "owner", "kind": "require", "fields": ["owner"]}]}


def test_the_public_way_in() -> None:
    answer = Engine.from_documents([CAMPAIGN, POLICY, SETTINGS]).check(date(2026, 3, 1))
    assert [(f.rule, f.campaign, f.verdict) for f in answer.findings] == [("p/owner", "spring", "violated")]
    assert Engine.from_documents([CAMPAIGN | {"owner": "ana"}, POLICY, SETTINGS]).check(date(2026, 3, 1)).proved == (
        "p/owner",
    )


def test_the_public_way_in_takes_dates_and_numbers_as_readers_of_yaml_give_them() -> None:
    touches = [{"channel": "email", "at": "2026-03-02 10:00", "repeat": {"every": "day", "count": 2}}]
    period = {"from": date(2026, 3, 1), "until": date(2026, 3, 31)}
    cap = {"policy": "p", "rules": [{"rule": "one", "kind": "frequency-cap", "at_most": 1, "per": "7d"}]}
    answer = Engine.from_documents([CAMPAIGN | {"touches": touches}, cap, SETTINGS | {"period": period}]).check(
        date(2026, 3, 1)
    )
    assert [finding.measure.is_ for finding in answer.findings if finding.measure] == [2]


def test_the_public_way_in_says_all_that_is_wrong_at_once() -> None:
    with pytest.raises(InvalidDocuments) as wrong:
        Engine.from_documents([CAMPAIGN | {"purpos": "x"}, POLICY | {"rulez": []}, SETTINGS, {"hello": 1}])
    said = "\n".join(wrong.value.lines())
    assert all(part in said for part in ("document 1/purpos", "document 2/rulez", "document 4/hello"))
    assert "未知的键" in "\n".join(wrong.value.lines("zh"))


@pytest.mark.parametrize(
    "document",
    [
        {"ledger": "crm", "until": "2026-02-28", "log": "log.csv"},
        {"offers": "shop", "history": "prices.csv", "items": []},
        {"tactful": 1, "timezone": "Europe/Berlin", "packs": [{"use": "friends-first"}]},
    ],
)
def test_the_public_way_in_refuses_what_it_would_have_to_read(document: dict[str, object]) -> None:
    with pytest.raises(InvalidDocuments, match="reads no files"):
        Engine.from_documents([CAMPAIGN, POLICY, document, *([] if "tactful" in document else [SETTINGS])])
