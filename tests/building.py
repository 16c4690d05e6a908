"""Plans for tests, from documents as they would be written: every scalar is a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tactful.checker.loaded import Loaded, Origin, RawDocument
from tactful.checker.loading import finish, take
from tactful.engine.plan.plan import Plan
from tactful.engine.policy.linked import LinkedRule


def loaded(documents: Sequence[dict[str, Any]]) -> Loaded:
    """Documents, recognised and linked, as if each were a file of its own."""
    result = Loaded({})
    for number, value in enumerate(documents):
        name = f"document-{number}"
        take(RawDocument(name, Origin(name), value), result)
    finish(result)
    return result


def built(documents: Sequence[dict[str, Any]]) -> tuple[Plan, list[LinkedRule]]:
    """The plan and rules of documents that must have no fault."""
    result = loaded(documents)
    assert not result.problems, [(p.message.en, p.message.args, p.place) for p in result.problems]
    assert result.plan is not None
    return result.plan, result.rules
