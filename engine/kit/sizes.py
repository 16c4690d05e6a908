"""Sizes of sends at the customer's own hour: one size for all zones together, and none where nobody is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..search.result import Nobody
from ..sends.timeline import Send
from .evaluation import Evaluation
from .receiving import somebody


def reaching_somebody(sends: Sequence[Send], evaluation: Evaluation) -> list[Send]:
    """The sends without those at the hour of a zone in which nobody of the audience can be."""
    known: dict[tuple[int, str], bool] = {}
    found = []
    for send in sends:
        if send.model.clock == "customer":
            key = (id(send.fields), send.zone)
            if key not in known:
                known[key] = not isinstance(somebody(evaluation, [(send.at, [send.audience])]), Nobody)
            if not known[key]:
                continue
        found.append(send)
    return found


def each_once(sends: Iterable[Send]) -> list[Send]:
    """One of the sends that are one touch in several zones: a customer is in one of them."""
    return list({(send.campaign, send.index, send.local): send for send in sends}.values())
