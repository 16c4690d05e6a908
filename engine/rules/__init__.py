"""The rule kinds, in the order in which they are listed to people. A kind is one file and one line here."""

from __future__ import annotations

from . import audience_fit, contact_floor, frequency_cap, later, require, sending_hours
from .common import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        frequency_cap.KIND,
        sending_hours.KIND,
        contact_floor.KIND,
        audience_fit.KIND,
        require.KIND,
        *later.KINDS,
    )
}
