"""Holidays and make-up days, from the ``holidays`` library. A year without announced data is not known."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any


class UnknownYear(Exception):
    """The calendar has no data for this year."""

    def __init__(self, name: str, year: int) -> None:
        super().__init__(f"{name} {year}")
        self.name, self.year = name, year


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
    import holidays

    country, _, region = name.partition("-")
    data = holidays.country_holidays(country, subdiv=region or None, years=year)
    if not data:
        raise UnknownYear(name, year)
    if country == "CN" and not any(day.year == year for day in getattr(data, "weekend_workdays", ())):
        raise UnknownYear(name, year)
    return data


def is_holiday(name: str, day: date) -> bool:
    """Whether ``day`` is a public holiday. Raises UnknownYear."""
    return day in _year(name, day.year)


def is_workday(name: str, day: date) -> bool:
    """Monday to Friday less the holidays plus the make-up days. Raises UnknownYear."""
    data = _year(name, day.year)
    if day in getattr(data, "weekend_workdays", ()):
        return True
    return day.weekday() < 5 and day not in data
