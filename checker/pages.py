"""The page of a rule kind, generated from the rule: what it does, why, how it is read, a breach and its mending."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tactful.engine.kit.kind import Kind
from tactful.engine.messages import Language, Message, say
from tactful.engine.policy.policies import Rule
from tactful.engine.rules import KINDS

from .beside import in_both, told_beside
from .counts import counts_page
from .schemas import rule_schema

_HEAD = {
    "why": ("Why", "为什么"),
    "meaning": ("How it is read", "如何判断"),
    "parameters": ("Parameters", "参数"),
    "avoid": ("Avoid", "避免"),
    "prefer": ("Prefer", "推荐"),
    "policy": ("A policy", "政策示例"),
    "required": ("required", "必填"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a kind says, and the same policy broken and kept, as cases that are run."""

    why: Message
    meaning: Message
    policy: str
    breaks: str
    keeps: str


@lru_cache(maxsize=32)
def page_of(name: str) -> Page:
    """The page beside the rule kind: ``engine/rules/pages/NAME.yaml``."""
    told = told_beside("pages", name)
    return Page(in_both(told["why"]), in_both(told["meaning"]), told["policy"], told["breaks"], told["keeps"])


def kind_page(name: str, language: Language) -> str:
    """The page in Markdown."""
    kind = KINDS[name]
    lines = [f"# {name}", "", _sentence(kind.summary.render(language)) + ("." if language == "en" else "。"), ""]
    lines += _explained(page_of(name), language)
    lines += [f"## {_word('parameters', language)}", "", *_parameters(kind, language), ""]
    return "\n".join(lines)


def _explained(page: Page, language: Language) -> list[str]:
    return [
        f"## {_word('why', language)}",
        "",
        page.why.render(language),
        "",
        f"## {_word('meaning', language)}",
        "",
        page.meaning.render(language),
        "",
        f"## {_word('policy', language)}",
        "",
        "```yaml",
        page.policy.rstrip(),
        "```",
        "",
        f"## {_word('avoid', language)}",
        "",
        "```yaml",
        page.breaks.rstrip(),
        "```",
        "",
        f"## {_word('prefer', language)}",
        "",
        "```yaml",
        page.keeps.rstrip(),
        "```",
        "",
    ]


def _word(key: str, language: Language) -> str:
    return _HEAD[key][1 if language == "zh" else 0]


def _parameters(kind: Kind[Any], language: Language) -> list[str]:
    """A list of the keys that this kind adds to those of every rule."""
    shared = {info.alias or name for name, info in Rule.model_fields.items()}
    schema = rule_schema()["definitions"][f"rule-{kind.name}"]
    required = set(schema.get("required", []))
    own = [key for key in schema["properties"] if key not in shared or (key in ("for",) and key in required)]
    must = f" ({_word('required', language)})"
    return [f"- `{key}`{must if key in required else ''}{_values(schema['properties'][key])}" for key in own]


def _values(schema: Any) -> str:
    found = schema.get("enum") or next((part["enum"] for part in schema.get("anyOf", []) if "enum" in part), None)
    if found is None and "anyOf" in schema:
        items: Any = next((part.get("items", {}) for part in schema["anyOf"] if part.get("type") == "array"), {})
        found = items.get("enum")
    if found is not None:
        found = [*found, *(name for part in schema.get("anyOf", []) for name in part.get("examples", []))]
    return f": {', '.join(f'`{value}`' for value in found)}" if found else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


_INDEX = say(
    "# Rule kinds\n\nGenerated from the rules; `make docs` writes these pages again.",
    "# 规则类型\n\n由规则生成；`make docs` 会重新生成这些页面。",
)


def index(language: Language) -> str:
    """The page that lists the kinds."""
    end, other = (".zh.md", "[English](README.md)") if language == "zh" else (".md", "[中文](README.zh.md)")
    lines = [f"- [{name}]({name}{end}): {kind.summary.render(language)}" for name, kind in KINDS.items()]
    more = say("- [What each kind counts]({page})", "- [各规则类型计入什么]({page})", page=f"counts{end}")
    return "\n".join([f"{_INDEX.render(language)} {other}", "", *lines, "", more.render(language), ""])


def all_pages() -> dict[str, str]:
    """Every generated page by its file name, in both languages."""
    pages = {"README.md": index("en"), "README.zh.md": index("zh")}
    pages |= {"counts.md": counts_page("en"), "counts.zh.md": counts_page("zh")}
    for name in KINDS:
        pages[f"{name}.md"] = kind_page(name, "en")
        pages[f"{name}.zh.md"] = kind_page(name, "zh")
    return pages


if __name__ == "__main__":
    import sys
    from pathlib import Path

    for file, text in all_pages().items():
        path = Path(sys.argv[1]) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
