"""What lasts in a cap with ``since``, beside what triggers bring: at which moment it comes is not known."""

from __future__ import annotations

from collections.abc import Sequence

from ...kit.attribution import attribution_point
from ...sends.timeline import Send, TriggeredTouch
from .search import Cap, whoever_comes_in


def doubt_what_lasts(cap: Cap, steps: Sequence[TriggeredTouch]) -> None:
    """A send that lasts is counted at its beginning; what triggers bring may fall into the rest of it."""
    if cap.params.since is None:
        return
    brought = [step for step in steps if step.status != "draft"]
    for draft in (None, *sorted({t.campaign for t in cap.touches if t.status == "draft"})):
        dated = [t for t in cap.touches if t.status != "draft" or t.campaign == draft]
        things: list[Send | TriggeredTouch] = [*dated, *brought]
        lasting = [thing for thing in things if thing.model.lasts is not None]
        if not lasting or not brought or len(things) < 2:
            continue
        at = attribution_point([*lasting, *brought], cap.evaluation)
        if at is not None:
            cap.asking.doubt(whoever_comes_in(), at)
