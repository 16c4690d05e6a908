"""Price histories: CSV files that a price book names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tactful.engine.messages import say
from tactful.engine.plan.offers import PastPrice
from tactful.engine.scalars import BadValue, parse_date, parse_money

from .profile import Complaint
from .table import BadRow, read_table

NEEDED = ("product", "price", "from", "until")
KNOWN = (*NEEDED, "channel")


def read_history(root: Path, path: str) -> tuple[tuple[PastPrice, ...], list[Complaint], str]:
    """The rows of a price history, what is wrong with it, and its text."""
    return read_table(root, path, NEEDED, KNOWN, _price)


def _price(cells: Mapping[str, str], line: int) -> PastPrice:
    try:
        price = parse_money(cells["price"])
        first, last = parse_date(cells["from"]), parse_date(cells["until"])
    except BadValue as bad:
        raise BadRow(bad.message, bad.help) from None
    if first > last:
        raise BadRow(say("from is after until", "from 晚于 until"))
    return PastPrice(cells["product"], cells.get("channel", ""), price, first, last, line)
