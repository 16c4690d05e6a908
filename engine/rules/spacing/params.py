"""The parameters of ``spacing``."""

from __future__ import annotations

from pydantic import Field, model_validator

from ...messages import say
from ...models import Duration, Match, MatchOrEvent, Text, refused
from ...policy.policies import Rule
from ...scalars import BadValue


class Spacing(Rule):
    """Parameters of ``spacing``. ``match`` holds for both sides; ``after`` and ``before`` narrow each of them."""

    after: MatchOrEvent = None
    before: Match = None
    at_least: Duration
    clock: Text | None = Field(default=None, description="a zone, or customer")

    @model_validator(mode="after")
    def _whole(self) -> Spacing:
        if isinstance(self.after, dict) and "event" in self.after and len(self.after) > 1:
            raise refused(BadValue(say("an event stands alone in after", "after 中写了 event 就不能再写其他键")))
        if self.at_least.unit == "workdays":
            raise refused(BadValue(say("spacing is not counted in working days", "间隔不能按工作日计算")))
        return self

    @property
    def events(self) -> tuple[str, ...]:
        named = self.after.get("event") if isinstance(self.after, dict) else None
        return (named,) if isinstance(named, str) else tuple(named or ())
