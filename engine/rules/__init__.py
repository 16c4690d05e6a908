"""The rule kinds, in the order in which they are listed to people. A kind is a file or a folder, and its name here."""

from __future__ import annotations

from typing import Any

from ..kit.kind import Kind
from . import (
    audience_fit,
    capacity,
    care_parity,
    contact_floor,
    frequency_cap,
    give_and_ask,
    mix,
    no_strings,
    obligation,
    offer_parity,
    reach_limit,
    reference_price,
    require,
    sending_hours,
    spacing,
)

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        frequency_cap.KIND,
        spacing.KIND,
        sending_hours.KIND,
        reach_limit.KIND,
        mix.KIND,
        contact_floor.KIND,
        give_and_ask.KIND,
        obligation.KIND,
        no_strings.KIND,
        capacity.KIND,
        audience_fit.KIND,
        require.KIND,
        offer_parity.KIND,
        care_parity.KIND,
        reference_price.KIND,
    )
}
