"""Holidays and make-up days, from the ``holidays`` library. A year without announced data is not known."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from .undecidable import UnknownYear


@lru_cache(maxsize=1)
def known_calendars() -> frozenset[str]:
    """Country codes (``CN``) and country-region codes (``DE-BY``)."""
    import holidays

    found = set()
    for country, regions in holidays.list_supported_countries(include_aliases=False).items():
        found.add(country)
        found.update(f"{country}-{region}" for region in regions)
    return frozenset(found)


@lru_cache(maxsize=400)
def _year(name: str, year: int) -> Any:
    """The days of one year. Estimated days, a warning of the library, or (China) no make-up days: not announced."""
    import holidays

    country, _, region = name.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            data = holidays.country_holidays(country, subdiv=region or None, years=year)
        except Warning:
            raise UnknownYear(name, year) from None
    if not data or any("(estimated" in str(label) for label in data.values()):
        raise UnknownYear(name, year)
    if country == "CN" and not any(day.year == year for day in data.weekend_workdays):
        raise UnknownYear(name, year)
    return data


def is_announced(name: str, year: int) -> bool:
    """Whether the holidays of a year are known."""
    try:
        _year(name, year)
    except UnknownYear:
        return False
    return True


def is_holiday(name: str, day: date) -> bool:
    """Whether ``day`` is a public holiday. Raises UnknownYear.

    China announces whole breaks; the library lists the days that were moved, so a weekend beside them is of the break.
    """
    data = _year(name, day.year)
    return day in data or (name.startswith("CN") and any(_leads_to_holiday(name, day, step) for step in (-1, 1)))


def _leads_to_holiday(name: str, day: date, step: int) -> bool:
    while day.weekday() >= 5:
        if day in _year(name, day.year).weekend_workdays:
            return False
        day += timedelta(days=step)
        try:
            if day in _year(name, day.year):
                return True
        except UnknownYear:
            return False
    return False


def is_workday(name: str, day: date) -> bool:
    """Monday to Friday less the holidays plus the make-up days. Raises UnknownYear."""
    data = _year(name, day.year)
    if day in data.weekend_workdays:
        return True
    return day.weekday() < 5 and day not in data
