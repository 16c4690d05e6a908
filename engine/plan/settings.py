"""``tactful.yaml``: where things are, the time the plan speaks for, the packs in use."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..models import Choice, Day, Many, Model, Name, Text, Whole, Zone


class Period(Model):
    """First and last day (inclusive) that the plan speaks for."""

    from_: Day = Field(alias="from")
    until: Day


class UsePack(Model):
    """A shipped policy in use. ``where`` gives its attributes your names; ``with`` sets parameters; ``off`` drops rules."""

    use: Name
    where: dict[Name, Name] = Field(default_factory=dict)
    with_: dict[Name, Any] = Field(default_factory=dict, alias="with")
    off: Many[Name] = ()


class Settings(Model):
    """The configuration of a repository; every key has a default."""

    tactful: Whole = 1
    places: Many[Text] = ()
    period: Period | None = None
    timezone: Zone | None = None
    language: Choice[Literal["en", "zh"]] | None = None
    calendar: Text | None = None
    packs: Many[UsePack] = ()
