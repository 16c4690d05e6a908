"""JSON Schemas of the documents, from the same models that validate them; the files in ``schemas/`` are generated."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from tactful.engine.documents import KINDS as DOCUMENTS
from tactful.engine.models import Model
from tactful.engine.rules import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _model_schema(model: type[Model]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, schema_generator=GenerateJsonSchema)
    return _tidied(schema)  # type: ignore[no-any-return]


def _tidied(node: Any) -> Any:
    """One value may stand where a list may; defaults that are objects of ours and generated titles are left out."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {
        key: value
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and key != "default"
    }
    if "properties" in node:
        node["properties"] = {key: _tidied(value) for key, value in node["properties"].items()}
    if "$defs" in node:
        node["$defs"] = {key: _tidied(value) for key, value in node["$defs"].items()}
    node = {key: value if key in ("properties", "$defs") else _tidied(value) for key, value in node.items()}
    if node.pop("x-one-or-many", False):
        extra = {key: node.pop(key) for key in ("description",) if key in node}
        return {**extra, "anyOf": [node.get("items", {}), node]}
    return node


def rule_schema() -> dict[str, Any]:
    """One rule: by its kind, the parameters of that kind."""
    definitions: dict[str, Any] = {}
    choices = []
    for name, kind in KINDS.items():
        made = _model_schema(kind.params)
        definitions.update(made.pop("$defs", {}))
        made["description"] = kind.summary.en
        made["properties"]["kind"] = {"const": name}
        definitions[f"rule-{name}"] = made
        choices.append(
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/rule-{name}"},
            }
        )
    rule = {
        "type": "object",
        "required": ["rule", "kind"],
        "properties": {"kind": {"enum": list(KINDS)}},
        "allOf": choices,
    }
    return {"rule": rule, "definitions": definitions}


def document_schema(kind: str) -> dict[str, Any]:
    """The schema of one kind of document."""
    made = _model_schema(DOCUMENTS[kind])
    if kind == "policy":
        rule = rule_schema()
        made.setdefault("$defs", {}).update(rule["definitions"])
        made["properties"]["rules"] = {"type": "array", "minItems": 1, "items": rule["rule"]}
    if kind not in made.get("required", []):
        made["required"] = [kind, *made.get("required", [])]
    return {"$schema": DIALECT, "title": f"Tactful {kind}", **made}


def any_document_schema() -> dict[str, Any]:
    """Any document, told apart by its document key: for editors, one schema for all files."""
    definitions: dict[str, Any] = {}
    choices = []
    for kind in DOCUMENTS:
        made = document_schema(kind)
        made.pop("$schema")
        definitions.update(made.pop("$defs", {}))
        definitions[f"document-{kind}"] = made
        condition: dict[str, Any] = {"required": [kind]}
        if kind == "offers":
            condition = {"required": [kind], "not": {"required": ["campaign"]}}
        choices.append({"if": condition, "then": {"$ref": f"#/$defs/document-{kind}"}})
    keys = [{"required": [kind]} for kind in DOCUMENTS]
    return {
        "$schema": DIALECT,
        "title": "Tactful document",
        "type": "object",
        "anyOf": keys,
        "allOf": choices,
        "$defs": definitions,
    }


def all_schemas() -> dict[str, str]:
    """Every generated file by its name."""
    made = {f"{kind}.schema.json": document_schema(kind) for kind in DOCUMENTS}
    made["document.schema.json"] = any_document_schema()
    made["report.schema.json"] = report_schema()
    return {name: json.dumps(schema, ensure_ascii=False, indent=2) + "\n" for name, schema in made.items()}


def report_schema() -> dict[str, Any]:
    """The JSON report, version 1."""
    text, maybe = {"type": "string"}, {"type": ["string", "null"]}
    whole = {"type": "integer", "minimum": 0}
    place = {name: {"type": "integer", "minimum": 1} for name in ("line", "column", "end_line", "end_column")} | {
        "path": text
    }
    location = _closed(place)
    touch = _closed({"campaign": text, "channel": text, "at": text, "local": text})
    witness = _closed(
        {
            "words": text,
            "customer": {"type": "object"},
            "beside": {"type": ["object", "null"]},
            "touches": {"type": "array", "items": touch},
            "events": {"type": "array", "items": _closed({"event": text, "at": text})},
            "window": {"type": ["array", "null"], "items": text},
        }
    )
    moved = _closed({"campaign": text, "touch": whole, "at": text})
    narrowed = _closed({"campaign": text, "touches": {"type": "array", "items": whole}, "words": text})
    measure = _closed({"is": {"type": "number"}, "limit": {"type": "number"}})
    finding = _closed(
        {
            "rule": text,
            "kind": {"enum": ["form", *KINDS]},
            "severity": {"enum": ["error", "warning", "info"]},
            "verdict": {"enum": ["violated", "unproven"]},
            "message": text,
            "campaign": maybe,
            "group": maybe,
            "parties": {"type": "array", "items": text},
            "among": {"type": "array", "items": text},
            "measure": {"anyOf": [measure, {"type": "null"}]},
            "location": location,
            "related": {"type": "array", "items": _closed({**place, "label": text})},
            "witness": {"anyOf": [witness, {"type": "null"}]},
            "because": maybe,
            "help": maybe,
            "proposals": {"type": "array", "items": {"anyOf": [moved, narrowed]}},
            "stands_at": {"type": "array", "items": _closed({"touch": whole, "local": text})},
            "missing": maybe,
            "assumptions": {"type": "array", "items": text},
            "more": whole,
            "table": {"type": "array", "items": {"type": "array", "items": text}},
        }
    )
    note = _closed(
        {
            "code": text,
            "severity": {"enum": ["error", "warning", "info"]},
            "message": text,
            "location": location,
            "help": maybe,
        }
    )
    counts = dict.fromkeys(
        (
            "files",
            "campaigns",
            "services",
            "offers",
            "rules",
            "errors",
            "warnings",
            "infos",
            "unproven",
            "waived",
            "known",
        ),
        whole,
    )
    summary = _closed(
        {
            "as_of": maybe,
            "language": {"enum": ["en", "zh"]},
            **counts,
            "proved": {"type": "array", "items": text},
            "horizon": maybe,
            "usage": maybe,
            "exit_code": {"enum": [0, 1, 2, 3]},
        }
    )
    lists = {"findings": finding, "waived": finding, "known": finding, "notes": note}
    body = {
        "version": {"const": 1},
        "summary": summary,
        **{name: {"type": "array", "items": item} for name, item in lists.items()},
    }
    return {"$schema": DIALECT, "title": "Tactful report, version 1", **_closed(body)}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}
