"""The search "too much" beside OR-tools CP-SAT, on a quarter of 300 campaigns, in one run.

Asked of both: the most touches that one customer can get in a window of 7 days, for each window that no other one
contains, and over all of them. CP-SAT's models are written from the conditions as they stand in the documents; they share
nothing with Tactful's boxes. Each side runs in a process of its own; that both say the same is asserted.

Two sorts of plans: local ones, whose campaigns all name some cities and stages (and ask more), and wide ones, whose
campaigns ask anything of anybody, so that most audiences overlap; of these only some windows are asked.

Run as ``python -m bench.too_much`` (``--seed``, ``--workers`` for CP-SAT, ``--every`` and ``--wide-every`` to ask fewer
windows).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any

FIRST = date(2026, 3, 2)
DAYS, CAMPAIGNS = 90, 300
WINDOW = timedelta(days=7)
ZONE = "Asia/Shanghai"
CHOICES = {"city": 30, "tier": 4, "stage": 5, "region": 8, "product": 6, "store": 25, "source": 7, "plan": 3}
FLAGS = ["sms_consent", "app_user", "member", "parent"]
DATES = {"first_purchase": "never", "birthday_gift": "never", "last_purchase": "forward"}
NUMBERS = ["orders", "points"]
LABELS = {"likes": 6, "owns": 5, "asked_for": 4}
FREELY = ("stage", "sms_consent")


# --- the quarter -----------------------------------------------------------------------------------------------------


def attributes() -> dict[str, dict[str, Any]]:
    """Twenty attributes, as they are written in customers.yaml."""
    made: dict[str, dict[str, Any]] = {}
    for name, size in CHOICES.items():
        made[name] = {"type": "choice", "values": words(name, size)}
    made |= {name: {"type": "flag"} for name in FLAGS}
    made |= {name: {"type": "date"} for name in DATES}
    made |= {name: {"type": "number", "whole": "true", "minimum": "0", "maximum": "100"} for name in NUMBERS}
    made |= {name: {"type": "labels", "values": words(name, size)} for name, size in LABELS.items()}
    for name, attribute in made.items():
        attribute["changes"] = "freely" if name in FREELY else DATES.get(name, "never")
    return made


def words(name: str, size: int) -> list[str]:
    return [f"{name}-{n}" for n in range(size)]


def some_test(rng: random.Random, dated: bool, wide: bool) -> tuple[str, Any]:
    """An attribute and what is asked of it."""
    kinds = ["choice"] * 6 + ["flag"] * 2 + ["number", "labels", "labels"] + (["date"] * 5 if dated else [])
    kind = rng.choice(kinds)
    if kind == "choice":
        name = rng.choice([*CHOICES])
        most = CHOICES[name] // rng.choice([2, 3, 4]) if wide else rng.choice([1, 1, 2, 3])
        return name, sorted(rng.sample(words(name, CHOICES[name]), max(1, most)))
    if kind == "flag":
        return rng.choice(FLAGS), rng.choice(["true", "true", "false"])
    if kind == "number":
        at = rng.randrange(5, 95, 5)
        return rng.choice(NUMBERS), rng.choice([{"at_least": str(at)}, {"below": str(at)}])
    if kind == "labels":
        name = rng.choice([*LABELS])
        how = rng.choice(["all", "none", "any"] if dated else ["all", "none"])
        return name, {how: sorted(rng.sample(words(name, LABELS[name]), 2))}
    return rng.choice([*DATES]), rng.choice([{"within": "30d"}, {"over": "30d"}])


def some_condition(rng: random.Random, dated: bool, wide: bool) -> dict[str, Any]:
    """Some tests that all hold; with ``dated`` also dates and unions."""
    condition = dict(some_test(rng, dated, wide) for _ in range(rng.choice([2, 3, 3, 4] if wide else [1, 2, 2])))
    if not wide:
        for name, most in (("city", 3), ("stage", 2)):
            condition[name] = sorted(rng.sample(words(name, CHOICES[name]), rng.randint(1, most)))
    if dated and rng.random() < 0.4:
        condition["any"] = [dict([some_test(rng, dated, wide)]) for _ in range(rng.choice([2, 2, 3]))]
    return condition


def quarter(seed: int, dated: bool, wide: bool) -> list[dict[str, Any]]:
    """The documents of a plan of 300 campaigns with about 1,500 touches over 90 days; every scalar is a text."""
    rng = random.Random(f"{seed}-{dated}-{wide}")
    documents: list[dict[str, Any]] = [
        {"tactful": "1", "timezone": ZONE},
        {"customers": {"attributes": attributes()}},
        {"vocabulary": {"senders": {"assistant": {}}, "gives": {"tips": {"kind": "useful"}}, "subjects": ["fibre"]}},
    ]
    for number in range(CAMPAIGNS):
        length = rng.randrange(7, 36)
        start = rng.randrange(DAYS - length)
        touches = []
        for _ in range(rng.choice([3, 4, 5, 5, 6, 7])):
            day = FIRST + timedelta(days=start + rng.randrange(length))
            at = f"{day} {rng.choice(['10:00', '14:00', '18:30'])}"
            touches.append({"channel": "sms", "sender": "assistant", "at": at, "gives": ["tips"]})
        documents.append(
            {
                "campaign": f"campaign-{number:03}",
                "owner": "crm",
                "status": "planned",
                "purpose": "promotion",
                "act": "convert",
                "about": "fibre",
                "audience": some_condition(rng, dated, wide),
                "touches": touches,
            }
        )
    return documents


def policy(at_most: int) -> dict[str, Any]:
    return {
        "policy": "bench",
        "rules": [{"rule": "cap", "kind": "frequency-cap", "at_most": str(at_most), "per": "7d"}],
    }


@dataclass(frozen=True)
class Send:
    """A touch as it stands in the documents."""

    campaign: str
    step: int
    at: datetime
    audience: dict[str, Any] = field(hash=False)


def sends_of(documents: Sequence[dict[str, Any]]) -> list[Send]:
    found = [
        Send(d["campaign"], i, datetime.fromisoformat(touch["at"]), d["audience"])
        for d in documents
        if "campaign" in d
        for i, touch in enumerate(d["touches"])
    ]
    return sorted(found, key=lambda send: (send.at, send.campaign, send.step))


def windows_of(sends: Sequence[Send]) -> list[list[Send]]:
    """The touches of each window of 7 days (its start outside) that no other window contains."""
    ends = sorted({send.at for send in sends})
    inside = [[send for send in sends if end - WINDOW < send.at <= end] for end in ends]
    found = []
    for i, members in enumerate(inside):
        if i + 1 == len(inside) or inside[i + 1][0] != members[0]:
            found.append(members)
    return found


# --- Tactful's side --------------------------------------------------------------------------------------------------


def by_tactful(documents: list[dict[str, Any]], every: int) -> dict[str, Any]:
    """The maximum of each window, the greatest of all, and the rule as ``tactful check`` asks it."""
    from tactful.engine.evaluate import BUDGET, evaluate
    from tactful.engine.kit.asking import Asking
    from tactful.engine.kit.evaluation import Evaluation
    from tactful.engine.messages import say
    from tactful.engine.rules.frequency_cap.asked import Asked
    from tactful.engine.rules.frequency_cap.search import Cap
    from tactful.engine.search.budget import SearchBudget
    from tactful.engine.search.max_weight_set import max_weight_set
    from tactful.engine.search.result import Found, Undecided
    from tactful.engine.sends.timeline import timeline

    from tests.building import built

    plan, rules = built([*documents, policy(1)])
    start = time.perf_counter()
    asking = Asking(rules[0], Evaluation(plan, timeline(plan, FIRST), FIRST, (), BUDGET), say("not proven", "未能证明"))
    asked = Asked(asking, *asking.clocks[0], "", 1)
    cap = Cap(asked, asked.of(asking.sends))
    made = time.perf_counter() - start
    numbers = {(touch.campaign, touch.index): i for i, touch in enumerate(cap.touches)}
    windows = [
        sorted(i for send in window if (i := numbers.get((send.campaign, send.step))) is not None)
        for window in windows_of(sends_of(documents))[::every]
    ]

    maxima, times, steps = [], [], []
    whole = []
    for window in windows:
        start, left = time.perf_counter(), SearchBudget(BUDGET)
        found = max_weight_set(cap.graph, window, (), 0, left)
        maxima.append(found.value.weight if isinstance(found, Found) else 0)
        whole.append(not isinstance(found, Undecided) and (not isinstance(found, Found) or found.value.complete))
        times.append(time.perf_counter() - start)
        steps.append(BUDGET - left.left)
    answer = {"maxima": maxima, "whole": whole, "times": times, "made": made, "steps": steps}
    if not all(whole):
        return answer

    cap = Cap(asked, asked.of(asking.sends))
    start, greatest = time.perf_counter(), 0
    for window in windows:
        if not cap.graph.counted_by_cells(window, greatest):
            found = max_weight_set(cap.graph, window, (), greatest, SearchBudget(10**9))
            greatest = found.value.weight if isinstance(found, Found) else greatest
    over_all = time.perf_counter() - start

    checked = {}
    for limit in (greatest, greatest - 1):
        plan, rules = built([*documents, policy(limit)])
        start = time.perf_counter()
        said = evaluate(plan, rules, FIRST)
        checked[limit] = (sorted({finding.verdict for finding in said.findings}), time.perf_counter() - start)
    if every == 1:
        assert checked[greatest][0] == [], checked
        assert "violated" in checked[greatest - 1][0], checked
    return answer | {
        "greatest": greatest,
        "over_all": over_all,
        "rule": {"proved": checked[greatest][1], "found": checked[greatest - 1][1]},
    }


# --- CP-SAT's side ---------------------------------------------------------------------------------------------------


class Model:
    """One window as a CP-SAT model: a customer's values as variables, and a Bool for each touch that he gets."""

    def __init__(self, window: Sequence[Send]) -> None:
        from ortools.sat.python import cp_model

        self.model = cp_model.CpModel()
        self.instants = sorted({send.at for send in window})
        self.values: dict[tuple[str, str, datetime | None], Any] = {}
        self.literals: dict[tuple[str, Any], Any] = {}
        self.gets = [self.model.new_bool_var("") for _ in window]
        for gets, send in zip(self.gets, window, strict=True):
            for name, wanted in send.audience.items():
                self.model.add_implication(gets, self.literal(name, wanted, send.at))
        self.model.maximize(sum(self.gets))

    def literal(self, name: str, wanted: Any, at: datetime) -> Any:
        """A Bool that can be true only if the customer meets the test at that instant."""
        key = (f"{name} {json.dumps(wanted)}", at)
        if key not in self.literals:
            self.literals[key] = self.model.new_bool_var("")
            self.test(self.literals[key], name, wanted, at)
        return self.literals[key]

    def test(self, met: Any, name: str, wanted: Any, at: datetime) -> None:
        model = self.model
        if name == "any":
            options = [self.literal(key, value, at) for part in wanted for key, value in part.items()]
            model.add_bool_or([*options, ~met])
        elif name in CHOICES:
            one_hot = self.one_hot(name, tuple(words(name, CHOICES[name])), at)
            model.add_bool_or([*(one_hot[value] for value in wanted), ~met])
        elif name in FLAGS:
            model.add_implication(met, self.one_hot(name, ("true", "false"), at)[wanted])
        elif name in LABELS:
            has = [
                self.value(name, value, None, lambda: model.new_bool_var("")) for value in next(iter(wanted.values()))
            ]
            if "any" in wanted:
                model.add_bool_or([*has, ~met])
            else:
                for label in has:
                    model.add_implication(met, label if "all" in wanted else ~label)
        elif name in NUMBERS:
            number = self.value(name, "", None, lambda: model.new_int_var(0, 100, ""))
            if "at_least" in wanted:
                model.add(number >= int(wanted["at_least"])).only_enforce_if(met)
            else:
                model.add(number < int(wanted["below"])).only_enforce_if(met)
        else:
            self.date_test(met, name, wanted, at)

    def date_test(self, met: Any, name: str, wanted: dict[str, str], at: datetime) -> None:
        """``within 30d``: from 30 days before the day asked to that day; ``over 30d``: earlier than that, not absent."""
        day, moved = self.date_of(name, at), at.date().toordinal()
        edge = moved - int(next(iter(wanted.values())).removesuffix("d"))
        if "within" in wanted:
            self.model.add(day >= edge).only_enforce_if(met)
            self.model.add(day <= moved).only_enforce_if(met)
        else:
            self.model.add(day >= 1).only_enforce_if(met)
            self.model.add(day < edge).only_enforce_if(met)

    def date_of(self, name: str, at: datetime) -> Any:
        """The day as a number, 0 is absent. One that changes forward has a value at each instant, never going back."""
        last = (FIRST + timedelta(days=DAYS)).toordinal()
        if DATES[name] == "never":
            return self.value(name, "", None, lambda: self.model.new_int_var(0, last, ""))
        if (name, "", at) not in self.values:
            before = None
            for instant in self.instants:
                here = self.model.new_int_var(0, instant.date().toordinal(), "")
                if before is not None:
                    self.model.add(before <= here)
                self.values[name, "", instant] = before = here
        return self.values[name, "", at]

    def one_hot(self, name: str, values: tuple[str, ...], at: datetime) -> dict[str, Any]:
        """A Bool for each value, none true is not known; one set for each instant if the attribute changes freely."""

        def made() -> dict[str, Any]:
            one = {value: self.model.new_bool_var("") for value in values}
            self.model.add_at_most_one(one.values())
            return one

        found: dict[str, Any] = self.value(name, "", at if name in FREELY else None, made)
        return found

    def value(self, name: str, part: str, at: datetime | None, make: Callable[[], Any]) -> Any:
        if (name, part, at) not in self.values:
            self.values[name, part, at] = make()
        return self.values[name, part, at]

    def solve(self, workers: int, floor: int | None = None) -> int | None:
        """The maximum; with a floor, the maximum above it or None where there is none."""
        from ortools.sat.python import cp_model

        if floor is not None:
            self.model.add(sum(self.gets) >= floor + 1)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return None
        assert status == cp_model.OPTIMAL, solver.status_name(status)
        return round(solver.objective_value)


def by_cp_sat(documents: list[dict[str, Any]], every: int, workers: int) -> dict[str, Any]:
    """The maximum of each window, and the greatest of all with each window asked only for more than the best so far."""
    import ortools.sat.python.cp_model  # noqa: F401  # once, before any time is taken

    windows = windows_of(sends_of(documents))[::every]
    maxima, times, made = [], [], 0.0
    for window in windows:
        start = time.perf_counter()
        model = Model(window)
        made += time.perf_counter() - start
        maxima.append(model.solve(workers))
        times.append(time.perf_counter() - start)
    start, greatest = time.perf_counter(), 0
    for window in windows:
        greatest = Model(window).solve(workers, greatest) or greatest
    over_all = time.perf_counter() - start
    return {"maxima": maxima, "times": times, "made": made, "greatest": greatest, "over_all": over_all}


# --- both ------------------------------------------------------------------------------------------------------------


def one_side(side: str, given: argparse.Namespace, dated: bool, wide: bool) -> dict[str, Any]:
    """One side in a process of its own, so that its memory is its own."""
    every = given.wide_every if wide else given.every
    command = [sys.executable, "-m", "bench.too_much", "--side", side, "--seed", str(given.seed), "--every", str(every)]
    command += ["--workers", str(given.workers), *(["--dated"] if dated else []), *(["--wide"] if wide else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def compare(given: argparse.Namespace, dated: bool, wide: bool) -> str:
    """Both sides on the same quarter, that they agree, and a table."""
    ours, theirs = (one_side(side, given, dated, wide) for side in ("tactful", "cp-sat"))
    for ours_is, theirs_is, sure in zip(ours["maxima"], theirs["maxima"], ours["whole"], strict=True):
        assert ours_is == theirs_is if sure else ours_is <= theirs_is, (ours_is, theirs_is, sure)
    every = given.wide_every if wide else given.every
    sends = sends_of(quarter(given.seed, dated, wide))
    sizes = [len(window) for window in windows_of(sends)[::every]]
    worst = theirs["maxima"].index(theirs["greatest"])
    times, their_times = ours["times"], theirs["times"]
    sure = sum(ours["whole"])
    rows = [
        ("the maximum of each window: sum, boxes and models included", ours["made"] + sum(times), sum(their_times)),
        ("the maximum of each window: median", statistics.median(times), statistics.median(their_times)),
        ("the maximum of each window: slowest of each side", max(times), max(their_times)),
        ("the worst window (the greatest maximum)", times[worst], their_times[worst]),
    ]
    lines = [
        f"### {'Wide' if wide else 'Local'} audiences, ({'b) with' if dated else 'a) without'} dates and unions, "
        f"seed {given.seed}",
        "",
        f"{CAMPAIGNS} campaigns, {len(sends)} touches, 20 attributes; {len(sizes)} windows of {min(sizes)} to {max(sizes)} "
        f"touches (median {statistics.median(sizes):.0f}), maxima {min(theirs['maxima'])} to {theirs['greatest']}.",
    ]
    if sure == len(sizes):
        assert ours["greatest"] == theirs["greatest"]
        rows.append(
            (
                "the greatest over all windows, proved, boxes included",
                ours["made"] + ours["over_all"],
                theirs["over_all"],
            )
        )
        lines.append("Both sides give the same maximum for every window.")
    else:
        lines.append(
            f"**Tactful's budget of 400,000 steps ended in {len(sizes) - sure} of {len(sizes)} windows** (its seconds are "
            f"those until then; its best is below the maximum or not proved); in the other {sure} both sides agree."
        )
    lines += [
        "",
        f"| seconds | Tactful | CP-SAT ({given.workers} worker{'s' if given.workers > 1 else ''}) | CP-SAT / Tactful |",
        "|---|---|---|---|",
        *(f"| {name} | {a:.4f} | {b:.3f} | {b / a:.1f} |" for name, a, b in rows),
        f"| peak memory, MB | {ours['memory']:.0f} | {theirs['memory']:.0f} | {theirs['memory'] / ours['memory']:.1f} |",
        "",
        f"Tactful makes its boxes once, in {ours['made']:.2f} s (in the sums only); making CP-SAT's models takes "
        f"{theirs['made']:.2f} s (in all its seconds). Steps: {sum(ours['steps'])} in all, {max(ours['steps'])} in the hardest window.",
    ]
    if "rule" in ours and every == 1:
        lines.append(
            f"The rule as `tactful check` asks it, with timeline and boxes: at_most {ours['greatest']} proved in "
            f"{ours['rule']['proved']:.2f} s, at_most {ours['greatest'] - 1} refuted with its findings in "
            f"{ours['rule']['found']:.2f} s."
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="threads of CP-SAT")
    parser.add_argument("--every", type=int, default=1, help="ask only every so manieth window of local plans")
    parser.add_argument("--wide-every", type=int, default=40, help="the same of wide plans; 0 leaves them out")
    parser.add_argument("--side", choices=["tactful", "cp-sat"], help=argparse.SUPPRESS)
    parser.add_argument("--dated", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--wide", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side is None:
        print(
            f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, tactful {version('tactful')}, "
            f"OR-tools {version('ortools')}; load {os.getloadavg()[0]:.1f}"
        )
        for wide in (False, True) if given.wide_every else (False,):
            for dated in (False, True):
                print(f"\n{compare(given, dated, wide)}", flush=True)
        return
    documents = quarter(given.seed, given.dated, given.wide)
    if given.side == "tactful":
        answer = by_tactful(documents, given.every)
    else:
        answer = by_cp_sat(documents, given.every, given.workers)
    answer["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
