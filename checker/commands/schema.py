"""``tactful schema``."""

from __future__ import annotations

from pathlib import Path

from tactful.engine.messages import did_you_mean, say

from ..console import Refused, language_of, out, write_all
from ..schemas import all_schemas


def run(document: str | None, output: Path | None) -> int:
    """Prints one schema, lists them, or writes them all to a folder."""
    schemas = all_schemas()
    names = {name.removesuffix(".schema.json"): text for name, text in schemas.items()}
    if output is not None:
        write_all({output / name: text for name, text in schemas.items()})
        out(
            say(
                "wrote {n} schemas to {folder}", "已把 {n} 个 schema 写入 {folder}", n=len(schemas), folder=str(output)
            ).render(language_of(None))
            + "\n"
        )
        return 0
    if document is None:
        out("\n".join(names) + "\n")
        return 0
    if document not in names:
        help = did_you_mean(document, names)
        raise Refused(
            say("no schema '{name}'; {help}", "没有 schema“{name}”；{help}", name=document, help=help or list(names))
        )
    out(names[document])
    return 0
