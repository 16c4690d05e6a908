"""The parameters of ``give-and-ask``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ...messages import say
from ...models import Choice, Match, Number, Text, refused
from ...policy.policies import Rule
from ...scalars import BadValue
from ...windows import PerField


class GiveAndAsk(Rule):
    """Parameters of ``give-and-ask``. ``match`` holds for both sides; ``give`` and ``ask`` choose each of them."""

    give: Match
    ask: Match
    gives_per_ask: Number
    per: PerField | None = Field(
        default=None, description="the window that ends at an ask; all time before where left out"
    )
    order: Choice[Literal["before"]] | None = Field(default=None, description="before: only gives at earlier instants")
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _whole(self) -> GiveAndAsk:
        for wrong, message in (
            (self.gives_per_ask <= 0, say("'gives_per_ask' must be more than 0", "“gives_per_ask”必须大于 0")),
            (self.give is None, say("'give' is missing", "缺少“give”")),
            (self.ask is None, say("'ask' is missing", "缺少“ask”")),
        ):
            if wrong:
                raise refused(BadValue(message))
        return self
