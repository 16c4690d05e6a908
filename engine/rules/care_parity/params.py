"""The parameters of ``care-parity``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from ...messages import say
from ...models import ApartName, Choice, Condition, Many, Text, refused
from ...policy.policies import Rule
from ...scalars import BadValue, Duration
from ...windows import Per, PerField

Compared = Literal["gives", "within", "hours", "by", "staff", "quotas", "budget"]
UNLESS_SAID: tuple[Compared, ...] = ("gives", "within", "hours", "by")
"""What is compared where the rule does not say: what needs no numbers beyond what every plan has."""


class CareParity(Rule):
    """Parameters of ``care-parity``."""

    favoured: Condition
    protected: Condition
    compare_on: Many[Choice[Compared]] = UNLESS_SAID
    per: PerField = Per(Duration(90, "d"))
    clock: Text | None = Field(default=None, description="a zone")
    differ_in: Many[ApartName] = ()

    @model_validator(mode="after")
    def _whole(self) -> CareParity:
        for wrong, message in (
            (self.favoured is None, say("'favoured' is missing", "缺少“favoured”")),
            (self.protected is None, say("'protected' is missing", "缺少“protected”")),
            (not self.compare_on, say("compare_on names nothing to compare", "compare_on 没有写要比较的内容")),
            (
                self.clock == "customer",
                say("two customers are compared on one clock", "两位客户须按同一时钟比较"),
            ),
        ):
            if wrong:
                raise refused(BadValue(message))
        return self
