"""Generated files are up to date, and the schemas accept what the checker accepts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from tactful.checker import VERSION
from tactful.checker.pages import all_pages
from tactful.checker.schemas import all_schemas

from tests.running import ROOT, tactful

FILES = sorted(
    path
    for folder in ("examples", "policies", "checker/starter")
    for path in (ROOT / folder).rglob("*.yaml")
    if "cases" not in path.name and "cases" not in path.parts and "pre-commit" not in path.name
)


@pytest.mark.parametrize("name", sorted(all_schemas()))
def test_schemas_are_up_to_date(name: str) -> None:
    assert (ROOT / "schemas" / name).read_text("utf-8") == all_schemas()[name], "run `make schemas`"


@pytest.mark.parametrize("name", sorted(all_pages()))
def test_pages_are_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / "rules" / name).read_text("utf-8") == all_pages()[name], "run `make docs`"


def read(path: Path) -> list[Any]:
    """The documents as an editor sees them, with YAML's own types."""
    text = path.read_text("utf-8")
    for n in range(100):
        text = (
            text.replace(f"DAY_{n} ", "2026-03-02 ")
            .replace(f"DAY_{n},", "2026-03-02,")
            .replace(f"DAY_{n}}}", "2026-06-30}")
        )
    loaded = YAML(typ="safe", pure=True).load_all(text)
    return [json.loads(json.dumps(document, default=str)) for document in loaded]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_editor_schema_accepts_what_ships(path: Path) -> None:
    schema = json.loads(all_schemas()["document.schema.json"])
    validator = jsonschema.Draft202012Validator(schema)
    for document in read(path):
        assert [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(document)] == []


@pytest.mark.parametrize(
    "document",
    [
        {"campaign": "a", "purpose": "promotion", "audience": "everyone", "touches": [{"chanel": "sms"}]},
        {"campaign": "a", "purpose": "promo", "audience": "everyone", "touches": [{"channel": "sms"}]},
        {"policy": "p", "rules": [{"rule": "r", "kind": "frequency-cap", "at_most": 1, "per": "7"}]},
        {"policy": "p", "rules": [{"rule": "r", "kind": "frequency-caps"}]},
        {"nothing": 1},
    ],
)
def test_the_editor_schema_refuses_slips(document: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(all_schemas()["document.schema.json"]))
    assert not validator.is_valid(document)


def test_there_is_one_version() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert stated == VERSION


@pytest.mark.parametrize("name", [f"{a}/{b}" for a in ("retail", "cafe") for b in ("keeps", "breaks")])
def test_the_report_keeps_its_schema(name: str) -> None:
    schema = json.loads(all_schemas()["report.schema.json"])
    ran = tactful("check", ROOT / "examples" / name, "--as-of", "2026-03-01", "--format", "json", at=ROOT)
    jsonschema.Draft202012Validator(schema).validate(json.loads(ran.out))
