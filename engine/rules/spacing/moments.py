"""At which moments of two sends, or after which event, something comes too soon: what lasts reaches people at any of its moments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from ...kit.evaluation import Evaluation
from ...kit.telling_sends import SECOND, moments_of
from ...plan.conditions import Condition
from ...reference import too_soon
from ...scalars import Duration
from ...search.model import EventAt
from ...sends.timeline import Send
from ...undecidable import TooManyTriggers

MOST = 4000
"""How many pairs of stretches of two sends are looked at."""
Stretch = tuple[datetime, datetime]
"""The first and the last moment of a stretch in which the same customers can be reached."""
Moments = tuple[datetime, datetime]
"""When the first reaches the customer, or happens to them, and when the second does."""


def moments(
    first: Send | EventAt,
    second: Send,
    group: Sequence[Condition],
    at_least: Duration,
    clock: str,
    evaluation: Evaluation,
) -> Iterator[Moments]:
    """For each stretch of both the moments nearest to one another, if they are too near. Raises TooManyTriggers."""
    before = _stretches(first, group, evaluation) if isinstance(first, Send) else [(first[0], first[0])]
    after = _stretches(second, group, evaluation)
    if len(before) * len(after) > MOST:
        raise TooManyTriggers
    for early, late in before:
        for begins, ends in after:
            one = max(early, min(late, ends))
            other = max(begins, one)
            if other <= ends and too_soon((one, one), (other, other), at_least, clock):
                yield one, other


def last_moment(touch: Send) -> datetime:
    """The last moment at which a send reaches people."""
    return touch.at if touch.model.lasts is None else max(touch.at, touch.arrives - SECOND)


def _stretches(touch: Send, group: Sequence[Condition], evaluation: Evaluation) -> list[Stretch]:
    if touch.model.lasts is None:
        return [(touch.at, touch.at)]
    last = last_moment(touch)
    if all(map(evaluation.never_changes, (touch.audience, *group))) and not evaluation.plan.customers.facts:
        return [(touch.at, last)]
    marks = moments_of(touch, evaluation, group)
    ends = [after - SECOND if after - SECOND >= at else at for at, after in pairwise(marks)]
    return list(zip(marks, [*ends, last], strict=True))
