"""A witness whose values stay as they are, where there is one: what changes needlessly reads like a trick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..policy.linked import LinkedRule
from ..reference import CLOCK, Customer
from ..sends.timeline import Send
from .evaluation import Evaluation
from .replay import can_be, is_admitted, replayed_sends


def steadied(customer: Customer, told: Sequence[Send], rule: LinkedRule[Any], evaluation: Evaluation) -> Customer:
    """The same customer, with each value that changes as it is at the last of the touches, where all comes out the same.

    They get the same of the touches, are in the same groups of the rule at each of them, and there can be such a customer.
    Somebody to whom events happen stays as they are: what events set, and what they need, hangs together.
    """
    if not customer.changing or customer.events or not told:
        return customer
    instants = sorted({touch.at for touch in told})

    def seen(one: Customer) -> tuple[list[int], list[bool]]:
        got = [id(touch) for touch in replayed_sends(one, told, evaluation)]
        conditions = (rule.group, *rule.conditions.values())
        return got, [is_admitted(condition, one, at, evaluation) for condition in conditions for at in instants]

    as_it_is = seen(customer)
    for name in sorted({name for _, values in customer.changing for name in values} - {CLOCK}):
        values = {at: customer.value(name, at) for at, _ in customer.changing}
        if len(set(map(repr, values.values()))) < 2:
            continue
        kept = tuple((at, {n: v for n, v in all_of.items() if n != name}) for at, all_of in customer.changing)
        calm = Customer({**customer.steady, name: customer.value(name, instants[-1])}, kept)
        if can_be(calm, instants, evaluation) and seen(calm) == as_it_is:
            customer = calm
    return customer
