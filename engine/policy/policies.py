"""Policies and what every rule carries, whatever its kind."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field

from ..models import Because, Choice, Condition, Day, Many, Match, Model, Name, Text

Severity = Literal["error", "warning", "info"]
SEVERITIES = get_args(Severity)
ANY_REPLY = "any-reply"
ANY_PROMISE = "any-promise"
"""What an obligation may hang on besides declared events: what touches bring about."""


class Effective(Model):
    """First and last day on which a rule binds; either may be open."""

    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None


class Source(Model):
    """Where a rule comes from and how sure that is: P primary text read, S secondary, M from memory."""

    url: Text | None = None
    citation: Text | None = None
    evidence: Choice[Literal["P", "S", "M", "ours", "practice"]] | None = None
    verified_on: Day | None = None
    scope: Text | None = None


class Rule(Model):
    """The keys that every rule may carry."""

    rule: Name
    kind: Name
    severity: Choice[Severity] = "error"
    match: Match = None
    for_: Condition = Field(default=None, alias="for")
    because: Because | None = None
    source: Source | None = None
    effective: Effective | None = None


class Policy(Model):
    """A document of rules."""

    policy: Name
    title: Because | None = None
    because: Because | None = None
    owner: Text | None = None
    source: Source | None = None
    effective: Effective | None = None
    rules: Many[Any]
