"""Work shared out to processes: the same answers, whoever is killed, and nobody left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tactful.checker import spread
from tactful.checker.spread import spread as shared

SLEEPERS = """
import os, sys, time
from pathlib import Path
from tactful.checker import spread
spread.PATIENCE = -1
def task(number):
    Path(sys.argv[1], str(os.getpid())).touch()
    time.sleep(60)
spread.spread(task, range(4), 2)
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "PATIENCE", -1)


def test_the_answers_come_in_order_and_each_is_told() -> None:
    told: list[tuple[int, int]] = []
    assert shared(lambda n: n * n, range(7), 3, lambda *done: told.append(done)) == [0, 1, 4, 9, 16, 25, 36]
    assert told == [(n, 7) for n in range(1, 8)]
    assert shared(lambda n: n, [], 3) == []


def test_one_process_asks_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_shared", None)
    assert shared(lambda n: n, range(3), 1) == [0, 1, 2]


def test_a_fault_of_a_task_is_a_fault() -> None:
    with pytest.raises(ZeroDivisionError):
        shared(lambda n: 1 // (n - 2), range(5), 2)


def test_a_process_that_is_killed_leaves_its_work_to_this_one() -> None:
    here = os.getpid()

    def task(number: int) -> int:
        if number == 2 and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert shared(task, range(6), 2) == list(range(6))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_is_left_when_the_run_is_killed(how: signal.Signals, tmp_path: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", SLEEPERS, str(tmp_path)], stdout=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while len(list(tmp_path.iterdir())) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    run.send_signal(how)
    assert run.communicate(timeout=10) == (b"", None)
    while any(_alive(int(path.name)) for path in tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _alive(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
