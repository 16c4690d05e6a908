"""Contact logs: CSV files that a ledger names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tactful.engine.messages import did_you_mean, say
from tactful.engine.plan.customers import Attribute
from tactful.engine.plan.ledger import Contact, Ledger
from tactful.engine.plan.vocabulary import PURPOSES
from tactful.engine.scalars import BadValue, parse_local

from .profile import Complaint
from .table import BadRow, read_table

NEEDED = ("customer", "channel", "at")
KNOWN = (*NEEDED, "purpose", "sender", "about")


def read_log(
    root: Path, ledger: Ledger, attributes: Mapping[str, Attribute]
) -> tuple[tuple[Contact, ...], list[Complaint], str]:
    """The rows of a log, what is wrong with it, and its text."""
    return read_table(
        root, ledger.log or "", NEEDED, [*KNOWN, *attributes], lambda cells, line: _contact(cells, line, ledger)
    )


def _contact(cells: Mapping[str, str], line: int, ledger: Ledger) -> Contact:
    purpose = cells.get("purpose") or ledger.purpose
    if purpose is None:
        help = say("add a column purpose, or purpose: to the ledger", "请增加 purpose 列，或在台账中写 purpose")
        raise BadRow(say("the purpose of this contact is not stated", "没有写明这次触达的目的"), help)
    if purpose not in PURPOSES:
        message = say("'{word}' is no purpose", "“{word}”不是目的", word=purpose)
        raise BadRow(message, did_you_mean(purpose, PURPOSES))
    try:
        at: datetime = parse_local(cells["at"])
    except BadValue as bad:
        raise BadRow(bad.message, bad.help) from None
    values = {name: cell for name, cell in cells.items() if name not in KNOWN and cell}
    return Contact(
        cells["customer"],
        cells["channel"],
        at,
        purpose,
        cells.get("sender") or None,
        cells.get("about") or None,
        values,
        line,
    )
