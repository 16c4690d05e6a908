"""What one customer really gets in a window of a mix."""

from __future__ import annotations

from ...kit.asking import Asking
from ...kit.replay import is_admitted
from ...reference import Customer, received_dated, received_triggered
from ...sends.timeline import Send
from ...windows import Window
from .params import Mix


def received_in(asking: Asking[Mix], customer: Customer, window: Window, draft: str | None) -> list[Send]:
    """Their touches in the window while they are of the group, dated and triggered, in order; of drafts only one's."""
    plan, evaluation = asking.plan, asking.evaluation
    inside = [t for t in asking.sends if window.holds(t.at) and (t.status != "draft" or t.campaign == draft)]
    steps = [step for step in asking.triggered if step.status != "draft" or step.name == draft]
    mine = received_dated(customer, inside, plan.customers, plan.timezone)
    mine += [t for t in received_triggered(customer, steps, plan) if window.holds(t.at)]
    found = [t for t in mine if is_admitted(asking.rule.group, customer, t.at, evaluation)]
    return sorted(found, key=lambda touch: touch.order)
