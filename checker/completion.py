"""What a shell offers when Tab is pressed. A repository that cannot be read offers nothing, and says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from .report import FORMATS


def _beginning(words: Iterable[str], typed: str) -> list[str]:
    return sorted({word for word in words if word.startswith(typed)})


def one_of(*words: str) -> Callable[[str], list[str]]:
    """Offers these words."""
    return lambda incomplete: _beginning(words, incomplete)


languages, formats = one_of("en", "zh"), one_of(*FORMATS)


def severities(incomplete: str) -> list[str]:
    from tactful.engine.policy.policies import SEVERITIES

    return _beginning(SEVERITIES, incomplete)


def rules(incomplete: str) -> list[str]:
    """The rules of this folder, and the kinds there are."""
    from tactful.engine.rules import KINDS

    return _beginning({*KINDS, *_here()}, incomplete)


def rules_and_policies(incomplete: str) -> list[str]:
    """The same, and the policies."""
    return sorted({*rules(incomplete), *_beginning((name.split("/")[0] for name in _here()), incomplete)})


def _here() -> list[str]:
    from .loading import load
    from .root import root_of

    with suppress(Exception):
        return [rule.id for rule in load(root_of(Path())).rules]
    return []


def documents(incomplete: str) -> list[str]:
    """The kinds of document that have a schema."""
    from .schemas import all_schemas

    return _beginning((name.removesuffix(".schema.json") for name in all_schemas()), incomplete)
