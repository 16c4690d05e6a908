"""What is carried over from a plan that held is what a run over everything says, byte by byte."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
from tactful.checker import answering
from tactful.checker.answering import answer
from tactful.checker.cache import Cache
from tactful.checker.reading import index
from tactful.checker.report import FORMATS

from tests.changing import changed, repository, settled
from tests.running import write
from tests.test_cache import asked
from tests.test_check import FILES


def follow(seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch, steps: int = 12) -> tuple[int, int]:
    """How many changes of a repository were answered from what was known, and after how many something was found."""
    rng = random.Random(seed)
    cache, carried, found = Cache(folder / "cache"), 0, 0
    make = answering._carried

    def counting(*args: object) -> object:
        nonlocal carried
        made = make(*args)  # type: ignore[arg-type]
        carried += made is not None
        return made

    monkeypatch.setattr(answering, "_carried", counting)
    monkeypatch.setattr(
        answering, "WITHOUT_HELP", frozenset(FORMATS)
    )  # a plan in which something is found is not carried
    monkeypatch.setattr(index, "JUST_NOW", 0)
    root = folder / "repository"
    files = repository(rng, rng.randint(6, 22))
    for _ in range(3):
        first = answer(asked(formats=("json",)), write(root, files), None, 1, {})
        files = settled(files, json.loads(first.texts[0])["findings"])
    held = files
    for step in range(steps):
        if root.exists():
            shutil.rmtree(root)
        write(root, files)
        now = asked(as_of=rng.choice(["2026-03-01"] * 5 + ["2026-03-12"]), formats=("json",))
        plain = answer(now, root, None, 1, {})
        assert answer(now, root, cache, 1, {}) == plain, (seed, step)
        found += plain.exit_code != 0
        if plain.exit_code == 0:
            held = files
        files = changed(held, rng)
    monkeypatch.setattr(answering, "_carried", make)
    return carried, found


def test_few_changes_are_answered_as_a_run_over_everything_answers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [follow(seed, tmp_path / str(seed), monkeypatch) for seed in (1, 2)]
    assert sum(carried for carried, _ in counted) > 0
    assert sum(found for _, found in counted) > 0


def test_a_file_that_was_changed_without_a_trace_in_its_size_and_time_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "JUST_NOW", 0)
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    campaign = next((root / "campaigns").iterdir())
    before, times = answer(asked(), root, cache, 1, {}), campaign.stat()
    campaign.write_text(campaign.read_text().replace("purpose", "purposE"))
    os.utime(campaign, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert answer(asked(), root, cache, 1, {}) == answer(asked(), root, None, 1, {}) != before


def test_what_was_changed_just_before_it_was_read_is_read_again(tmp_path: Path) -> None:
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    answer(asked(), root, cache, 1, {})
    campaign = f"campaigns/{next((root / 'campaigns').iterdir()).name}"
    assert index.Index(cache, root).digest_of(campaign) is None


def test_a_file_that_changes_during_the_run_is_read_as_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "JUST_NOW", 0)
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    answer(asked(), root, cache, 1, {})
    campaign = next((root / "campaigns").iterdir())
    (root / "policies/house.yaml").write_text(FILES["policies/house.yaml"] + "# anew\n")
    discover = answering.discover

    def late(*args: object) -> object:
        found = discover(*args)  # type: ignore[arg-type]
        if campaign.read_text() == FILES[f"campaigns/{campaign.name}"]:
            campaign.write_text("campaign: [\n")
        return found

    monkeypatch.setattr(answering, "discover", late)
    for entry in cache.folder.iterdir():  # all but the index: what was parsed is not known
        if entry.name != index.Index(cache, root).key:
            entry.unlink()
    assert answer(asked(), root, cache, 1, {}).exit_code == 1


def test_a_change_that_makes_the_plan_too_large_is_told_as_ever(tmp_path: Path) -> None:
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    policy = "policy: house\nrules:\n  - {rule: many, kind: frequency-cap, at_most: 900000, per: 7d}\n"
    write(root, {"policies/house.yaml": policy})
    assert answer(asked(), root, cache, 1, {}).exit_code == 0
    touch = "  - {channel: sms, at: 2026-03-02 10:00, repeat: {every: day, count: 3000}}\n"
    large = "campaign: large\npurpose: content\naudience: everyone\ntimezone: Asia/Shanghai\ntouches:\n" + touch * 40
    write(root, {"campaigns/large.yaml": large})
    assert answer(asked(), root, cache, 1, {}) == answer(asked(), root, None, 1, {})
