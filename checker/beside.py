"""The files that lie beside the rule kinds in the package: their pages, and what they count."""

from __future__ import annotations

from importlib import resources
from typing import Any

from tactful.engine.messages import Message

from .reading.profile import parse


def told_beside(folder: str, kind: str) -> dict[str, Any]:
    """The one document of ``engine/rules/FOLDER/KIND.yaml``."""
    text = resources.files("tactful.engine.rules").joinpath(folder, f"{kind}.yaml").read_text("utf-8")
    (told,) = parse(text).documents
    document: dict[str, Any] = told
    return document


def in_both(value: dict[str, str]) -> Message:
    """A text that stands in both languages; braces in it stand for themselves."""
    en, zh = (value[language].replace("{", "{{").replace("}", "}}") for language in ("en", "zh"))
    return Message(en, zh)
