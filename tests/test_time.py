"""Time means what the documents and the outside sources say: every row of ``time_cases.yaml``, each a test of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tactful.engine.calendars import UnknownYear, is_holiday, is_workday
from tactful.engine.clocks import civil_shift, day_of, instant, local, shift
from tactful.engine.hours import is_open
from tactful.engine.places import Place
from tactful.engine.plan.campaigns import Repeat
from tactful.engine.plan.repeats import occurrences, repeat_problems
from tactful.engine.scalars import Duration, parse_duration, parse_hours
from tactful.engine.windows import calendar_start, leaves_at, parse_per, window_ending

Case = dict[str, Any]

TABLE: dict[str, list[Case]] = yaml.safe_load(Path(__file__).with_name("time_cases.yaml").read_text(encoding="utf-8"))
SOURCES = TABLE.pop("sources")
SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)


def every(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in TABLE[kind]])


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None, f"{text} has no offset"
    return at.astimezone(UTC)


def wall(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.tzinfo is None, f"{text} has an offset"
    return at


def signed(text: str) -> tuple[Duration, int]:
    """``-1mo``: the duration and the direction."""
    return parse_duration(text[1:]), {"+": 1, "-": -1}[text[0]]


def answer(ask: Callable[[], object]) -> object:
    """What is answered, or ``unknown`` where the calendar has no such year."""
    try:
        return ask()
    except UnknownYear:
        return "unknown"


def scalars(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield value


def test_the_table_is_sound() -> None:
    for kind, cases in TABLE.items():
        names = [case["name"] for case in cases]
        assert len(names) == len(set(names)), f"a name twice in {kind}"
        assert all(case["source"].strip() for case in cases)
        assert all(isinstance(value, str) for value in scalars(cases)), f"an unquoted scalar in {kind}"
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(TABLE) <= tested, "a kind that no test reads"


@every("instant")
def test_instant(case: Case) -> None:
    assert instant(wall(case["local"]), case["zone"]) == moment(case["expect"])


@every("world")
def test_world(case: Case) -> None:
    at = moment(case["at"])
    for zone, shown in case["shows"].items():
        assert local(at, zone) == wall(shown), zone
        assert day_of(at, zone) == wall(shown).date(), zone


@every("shift")
def test_shift(case: Case) -> None:
    duration, sign = signed(case["by"])
    assert shift(moment(case["at"]), duration, sign, case["zone"], case.get("calendar")) == moment(case["expect"])


@every("date")
def test_date(case: Case) -> None:
    day, (duration, sign) = date.fromisoformat(case["day"]), signed(case["by"])
    moved = answer(lambda: civil_shift(day, duration, sign, case.get("calendar")).isoformat())
    assert moved == case["expect"]


@every("window")
def test_window(case: Case) -> None:
    at, start, inside = moment(case["at"]), moment(case["start"]), case["edge"] == "inside"
    window = window_ending(at, parse_per(case["per"]), case["clock"])
    assert (window.start, window.closed, window.end) == (start, inside, at)
    assert window.holds(start) is inside
    assert not window.holds(start - SECOND)
    assert window.holds(at)
    assert not window.holds(at + SECOND)


@every("share")
def test_share(case: Case) -> None:
    earlier, later = map(moment, case["touches"])
    assert earlier < later
    window = window_ending(later, parse_per(case["per"]), case["clock"])
    assert window.holds(earlier) is (case["expect"] == "yes")


@every("leaves")
def test_leaves(case: Case) -> None:
    at, per, clock, expected = moment(case["at"]), parse_per(case["per"]), case["clock"], moment(case["expect"])
    assert not window_ending(expected, per, clock).holds(at)
    assert window_ending(expected - INSTANT, per, clock).holds(at)
    assert leaves_at(at, per, clock) == expected


@every("unit")
def test_unit(case: Case) -> None:
    start = calendar_start(date.fromisoformat(case["day"]), parse_per(case["per"]))
    assert start == date.fromisoformat(case["expect"])


@every("repeat")
def test_repeat(case: Case) -> None:
    at = wall(case["at"])
    horizon = date.fromisoformat(case["horizon"]) if "horizon" in case else at.date()
    repeat = Repeat.model_validate(case["repeat"]) if "repeat" in case else None
    found = list(occurrences(at, repeat, horizon))
    assert found == [datetime.combine(date.fromisoformat(day), at.time()) for day in case["dates"]]
    if "zone" in case:
        assert [instant(when, case["zone"]) for when in found] == [moment(text) for text in case["instants"]]


@every("refused")
def test_refused(case: Case) -> None:
    problems = repeat_problems(wall(case["at"]), Repeat.model_validate(case["repeat"]), Place("campaign.yaml"))
    assert problems
    if "next" in case:
        assert case["next"] in "".join(problem.help.render("en") for problem in problems if problem.help)


@every("hours")
def test_hours(case: Case) -> None:
    at, hours = moment(case["at"]), parse_hours(case["hours"])
    found = answer(lambda: "open" if is_open(at, hours, case["clock"], case.get("calendar")) else "closed")
    assert found == case["expect"]


@every("calendar")
def test_calendar(case: Case) -> None:
    name, day = case["calendar"], date.fromisoformat(case["day"])
    found = {
        "holiday": answer(lambda: "yes" if is_holiday(name, day) else "no"),
        "workday": answer(lambda: "yes" if is_workday(name, day) else "no"),
    }
    assert found == {"holiday": case["holiday"], "workday": case["workday"]}
