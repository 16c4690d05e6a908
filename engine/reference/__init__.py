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
from .getting import brought_about, got, set_off, stopped
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
    outside,
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
    "brought_about",
    "contacts",
    "counted_together",
    "days_within",
    "fits",
    "given",
    "got",
    "group_of",
    "impossible",
    "in_window_of",
    "meets",
    "opaque_key",
    "outside",
    "over_cap",
    "set_off",
    "set_value",
    "share",
    "stopped",
    "too_soon",
    "wrong_mix",
]
