"""A plan may be anything: whatever is written, a command ends in time, in words and with one of its exit codes.

TACTFUL_FUZZ says how many inputs are run. ``python -m tests.test_fuzz FIRST NUMBER`` runs those of other seeds, and
writes a line of JSON for each that fails; ``python -m tests.test_fuzz SEED FOLDER`` writes the files of one.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pytest

from tests.fuzzing import Input, corpus, made
from tests.running import ROOT, tactful

SECONDS = 5
MEGABYTES = 500
NUMBER = int(os.environ.get("TACTFUL_FUZZ", "300"))
PARTS = 2
FIRST_SEED = 1


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_written_a_command_ends_in_words(part: int) -> None:
    first, end = (FIRST_SEED + NUMBER * p // PARTS for p in (part, part + 1))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.test_fuzz", str(first), str(end - first)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    failed = [json.loads(line) for line in ran.stdout.splitlines()]
    assert not failed, "\n\n".join(f"seed {one['seed']}:\n{one['fault'][-3000:]}" for one in failed)


def put(files: dict[str, bytes], root: Path) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def fault(input: Input) -> str | None:
    """What is wrong with how the command ends on this input; None: nothing."""
    folder = Path(tempfile.mkdtemp(prefix="tactful-fuzz-"))
    try:
        root = put(input.files, folder / "root")
        child = os.fork()
        if child == 0:
            _run(input.command, root, folder)
        ends = time.monotonic() + SECONDS + 5
        while not os.waitpid(child, os.WNOHANG)[0]:
            time.sleep(0.002)
            if time.monotonic() > ends:
                os.killpg(child, signal.SIGKILL)
                ends = float("inf")
        told = (folder / "told").read_text("utf-8") if (folder / "told").exists() else ""
        return (
            None
            if told == "fine"
            else f"{told}\n{(folder / 'stack').read_text('utf-8', 'replace')}".strip() or "killed"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], root: Path, folder: Path) -> None:
    """In the child: runs the command within its limits, and tells how it ended. Never returns."""
    try:
        os.setsid()
        stack = os.open(folder / "stack", os.O_CREAT | os.O_WRONLY)
        faulthandler.enable(stack)
        faulthandler.dump_traceback_later(SECONDS, exit=True, file=stack)
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEGABYTES * 1_000_000,) * 2)
        try:
            ran = tactful(*command, at=root, TACTFUL_DEBUG="1")  # so that the place of a defect is told
            said = ran.out + ran.err
            wrong = (
                ran.code not in (0, 1, 2, 3)
                or "Traceback" in said
                or "defect of tactful" in said
                or "自身的缺陷" in said
            )
            told = f"exit code {ran.code}\n{ran.out[-500:]}\n{ran.err}" if wrong else "fine"
            if not wrong and "json" in command and command[0] == "check" and ran.out:
                json.loads(ran.out)
        except BaseException:
            told = traceback.format_exc()
        (folder / "told").write_text(told, "utf-8", "replace")
    finally:
        os._exit(0)


def warm() -> None:
    """Loads what the commands load, so that each input need not."""
    for one in corpus()[0][:: len(corpus()[0]) // 12]:
        if len(one.files) < 8 and one.command[0] == "check":
            with tempfile.TemporaryDirectory() as folder:
                tactful("check", "--no-cache", at=put(one.files, Path(folder)))
    gc.freeze()


def main(first: int, number: str) -> None:
    if not number.isdigit():
        print(put(made(first).files, Path(number)), *made(first).command)
        return
    warm()
    for seed in range(first, first + int(number)):
        if fault(made(seed)) is not None and (again := fault(made(seed))) is not None:  # not the machine's
            print(json.dumps({"seed": seed, "fault": again}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
