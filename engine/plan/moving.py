"""``move``: the days to which a touch may be moved: what a campaign is of no use before and after, or that it must stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema

from ..messages import did_you_mean, nearest, say
from ..models import lifted
from ..scalars import BadValue, parse_date, text_of


@dataclass(frozen=True, slots=True)
class Move:
    """From ``first`` to ``last``, both included, where they are stated; or not at all."""

    first: date | None = None
    last: date | None = None
    never: bool = False

    def allows(self, day: date) -> bool:
        if self.never:
            return False
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def parse_move(raw: object) -> Move:
    """Reads ``never`` or ``{from, until}``. Raises BadValue."""
    if not isinstance(raw, dict):
        if isinstance(raw, str) and text_of(raw) == "never":
            return Move(never=True)
        known = ("never",)
        near = did_you_mean(raw, known) if isinstance(raw, str) and nearest(raw, known) else None
        raise BadValue(
            say("expected never, or {{from: DAY, until: DAY}}", "应为 never，或 {{from: 日期, until: 日期}}"), near
        )
    for key in raw:
        if key not in ("from", "until"):
            raise BadValue(say("unknown key '{key}'", "未知的键“{key}”", key=key), did_you_mean(key, ("from", "until")))
    first, last = (parse_date(raw[key]) if key in raw else None for key in ("from", "until"))
    if first is None and last is None:
        raise BadValue(say("say from or until, or never", "请写 from 或 until，或写 never"))
    if first is not None and last is not None and first > last:
        raise BadValue(say("from is after until", "from 晚于 until"))
    return Move(first, last)


_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
MoveField = Annotated[
    InstanceOf[Move],
    BeforeValidator(lifted(parse_move)),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "never"},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "minProperties": 1,
                    "properties": {"from": _DAY, "until": _DAY},
                },
            ]
        }
    ),
]
