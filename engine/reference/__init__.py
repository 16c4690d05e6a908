"""The reference evaluator: what the language means for one concrete customer, in the plainest words.

``customers`` says who can exist and what he meets, ``getting`` what he gets, ``rules`` whether a rule is broken for him.
It knows no boxes, no cells and no search. Every witness that a search finds is replayed here before it is shown, and the
searches are tested against it over all customers of small worlds.
"""

from .customers import (
    CLOCK,
    OTHER,
    UNKNOWN,
    Customer,
    Value,
    admits,
    arm_key,
    as_known,
    impossible,
    meets,
    opaque_key,
    set_value,
)
from .getting import expand_trigger, received_dated, received_triggered, stopped
from .rules import (
    Since,
    asked_too_much,
    asks_and_gives,
    below_floor,
    contacts,
    counted_together,
    days_within,
    fits,
    given,
    group_of,
    in_window_of,
    no_recent_event,
    over_cap,
    share,
    too_soon,
    wrong_mix,
)

__all__ = [
    "CLOCK",
    "OTHER",
    "UNKNOWN",
    "Customer",
    "Since",
    "Value",
    "admits",
    "arm_key",
    "as_known",
    "asked_too_much",
    "asks_and_gives",
    "below_floor",
    "contacts",
    "counted_together",
    "days_within",
    "expand_trigger",
    "fits",
    "given",
    "group_of",
    "impossible",
    "in_window_of",
    "meets",
    "no_recent_event",
    "opaque_key",
    "over_cap",
    "received_dated",
    "received_triggered",
    "set_value",
    "share",
    "stopped",
    "too_soon",
    "wrong_mix",
]
