"""Pools of customers, for the kinds that add up what is stated of them."""

from __future__ import annotations

from typing import Any

from ..kit.asking import Asking
from ..kit.findings import unproven, violated
from ..messages import Message, say
from ..verdicts import Finding, Measure, Spot


class Pools:
    """The findings of one rule about pools: they stand at the rule, and are named by their pool."""

    def __init__(self, asking: Asking[Any]) -> None:
        self.asking, self.rule = asking, asking.rule

    def not_stated(self, name: str, what: object) -> Finding:
        """What a pool does not state, so that nothing can be added up."""
        missing = say("the pool {name} states no {what}", "客户池 {name} 没有写 {what}", name=name, what=what)
        message = say("{label} is not proven", "{label} 未能证明", label=_label(name))
        return unproven(self.rule, message, missing, group=name)

    def too_many(self, name: str, message: Message, key: str, measure: Measure) -> Finding:
        """The finding of a pool in which something is more than it may be."""
        spot = Spot(self.rule.place.down(key), _label(name))
        covered = self.asking.waivers.of_document(name, measure.is_)
        return violated(self.rule, message, spot, group=name, measure=measure, covered_by=covered)


def _label(name: str) -> Message:
    return say("pool {name}", "客户池 {name}", name=name)
