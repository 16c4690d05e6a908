"""Which offers a rule speaks of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..plan.plan import Plan, PlannedOffer
from ..policy.linked import LinkedRule


def offer_fields(offer: PlannedOffer, plan: Plan) -> dict[str, frozenset[str]]:
    """What a match can ask of an offer."""
    return {
        "offer": frozenset({offer.name}),
        "product": frozenset({offer.model.product}),
        "channels": frozenset(offer.model.channels or plan.words.channels),
        "campaign": frozenset({offer.campaign} if offer.campaign else ()),
    }


def matching(rule: LinkedRule[Any], offers: Iterable[PlannedOffer], plan: Plan) -> frozenset[str]:
    """The names of the offers that the rule speaks of."""
    return frozenset(o.name for o in offers if rule.match.holds(offer_fields(o, plan)))
