"""Words of several documents become one book; a word declared twice is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..messages import say
from ..places import Path, Place, Problem


def merged_words(
    documents: Iterable[tuple[str, Path, Mapping[str, Any]]], kind: str, problems: list[Problem]
) -> dict[str, tuple[Any, Place]]:
    merged: dict[str, tuple[Any, Place]] = {}
    for document, path, words in documents:
        for word, value in words.items():
            place = Place(document, (*path, word), at_key=True)
            if word in merged:
                message = say(
                    "'{word}' is declared twice among the {kind}",
                    "“{word}”在 {kind} 中声明了两次",
                    word=word,
                    kind=kind,
                )
                help = say("the other is in {where}", "另一处在 {where}", where=merged[word][1].document)
                problems.append(Problem("declared-twice", message, place, help))
            else:
                merged[word] = (value, place)
    return merged
