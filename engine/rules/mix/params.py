"""The parameters of ``mix``."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from ...messages import say
from ...models import Match, Positive, Rate, Text, refused
from ...policy.policies import Rule
from ...scalars import BadValue
from ...windows import PerField


class Mix(Rule):
    """Parameters of ``mix``."""

    part: Match
    at_most: Rate | None = None
    at_least: Rate | None = None
    of_at_least: Positive = Field(default=1, description="judged from so many touches on")
    per: PerField
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _bounds(self) -> Mix:
        if (self.at_most is None) == (self.at_least is None):
            raise refused(
                BadValue(say("a mix has one of at_most and at_least", "mix 必须且只能写 at_most 或 at_least 之一"))
            )
        if self.bound > 1:
            raise refused(BadValue(say("a share is at most 100%", "占比不超过 100%")))
        return self

    @property
    def upper(self) -> bool:
        """Whether the part has an upper bound; else a lower one."""
        return self.at_most is not None

    @property
    def bound(self) -> Decimal:
        return self.at_most if self.at_most is not None else self.at_least or Decimal(0)
