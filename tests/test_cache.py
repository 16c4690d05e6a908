"""The cache and the processes change nothing that is said: equal bytes with and without, whatever was edited in between."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tactful.checker import answering, spread
from tactful.checker import cache as caching
from tactful.checker.answering import Asked, Said, answer
from tactful.checker.cache import Cache
from tactful.checker.report import FORMATS
from tactful.checker.terminal import PLAIN, Style

from tests.running import ROOT, write
from tests.running import tactful_process as tactful
from tests.test_check import CAMPAIGN, CUSTOMERS, FILES, POLICY

LEDGER = """ledger: sent
until: 2026-02-28
log: log.csv
"""
LOG = "at,channel,purpose,customer\n2026-02-27 10:00,sms,promotion,{who}\n2026-02-28 10:00,sms,promotion,1\n"
BASELINE = '{{"version": 1, "findings": [{{"rule": "house/two-a-week", "campaign": "spring-sale", "measure": "{n}"}}]}}'
START = FILES | {"ledger.yaml": LEDGER, "log.csv": LOG.format(who=1)}


def asked(**parts: object) -> Asked:
    said = {"as_of": "2026-03-01", "language": None, "select": (), "ignore": (), "fail_on": "error"}
    return Asked(**(said | {"formats": ("text",), "style": PLAIN} | parts))  # type: ignore[arg-type]


def same_without(question: Asked, root: Path, cache: Cache, note: str = "") -> Said:
    """Asks twice with the cache (to fill it, and to be told from it) and once without."""
    plain = answer(question, root, None, 1, {})
    for _ in range(2):
        assert answer(question, root, cache, 1, {}) == plain, note
    return plain


def edits(rng: random.Random, root: Path) -> str:
    """Changes one thing in the repository."""
    number = rng.randrange(4)
    name = f"campaigns/c{number}.yaml"
    text = CAMPAIGN.replace("spring-sale", f"c{number}")
    choices = {
        "campaign": {name: text.replace("count: 3", f"count: {rng.randint(1, 4)}")},
        "title": {name: text.replace("Spring sale", rng.choice(["Sale", "促销", "&a *a", "x: y"]))},
        "misspelt": {name: text.replace("title:", rng.choice(["titel:", "title:"]))},
        "broken": {name: text.replace("purpose", rng.choice(["purpose", "[purpose", "\tpurpose"]))},
        "alias": {name: text + rng.choice(["", "details: {a: &a [1, 2], b: *a}\n"])},
        "waiver": {
            name: f"# tactful: allow house/two-a-week until 2026-0{rng.randint(2, 4)}-20 -- {rng.choice('ab')}\n{text}"
        },
        "policy": {"policies/house.yaml": POLICY.replace("at_most: 2", f"at_most: {rng.randint(1, 4)}")},
        "customers": {"customers.yaml": CUSTOMERS.replace("shanghai", rng.choice(["shanghai", "ningbo"]))},
        "settings": {
            "tactful.yaml": "tactful: 1\n"
            + rng.choice(["", "language: zh\n", "packs: [{use: friends-first}]\n", "places: [campaigns, policies]\n"])
        },
        "stray": {f"elsewhere/{number}.yaml": "a: 1\n"},
        "baseline": {"tactful-baseline.json": rng.choice([BASELINE.format(n=3), BASELINE.format(n=5), "{"])},
        "ledger": {"ledger.yaml": LEDGER, "log.csv": LOG.format(who=rng.randrange(3))},
        "log": {"log.csv": LOG.format(who=rng.randrange(3))},
        "baseline gone": None,
        "campaign gone": None,
        "ledger gone": None,
    }
    chosen = rng.choice(list(choices))
    files = choices[chosen]
    if files is None:
        gone = {"baseline gone": "tactful-baseline.json", "campaign gone": name, "ledger gone": "ledger.yaml"}[chosen]
        (root / gone).unlink(missing_ok=True)
    else:
        write(root, files)
    return chosen


def question(rng: random.Random) -> Asked:
    return asked(
        as_of=rng.choice(["2026-03-01", "2026-03-01", "2026-03-04", "2026-05-01"]),
        language=rng.choice([None, None, "zh"]),
        select=rng.choice([(), (), (), ("house",), ("hous",)]),
        fail_on=rng.choice(["error", "info"]),
        formats=tuple(rng.sample(FORMATS, rng.randint(1, 2))),
        style=rng.choice([PLAIN, Style(True, 60, "file:///x")]),
    )


@pytest.mark.parametrize("seed", range(12))
def test_cached_and_uncached_give_equal_bytes_over_random_edits(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    if seed > 1:  # what is proposed takes longest
        monkeypatch.setattr(answering, "WITHOUT_HELP", frozenset(FORMATS))
    root, cache = write(tmp_path / "repository", START), Cache(tmp_path / "cache")
    codes = set()
    done: list[str] = []
    for step in range(40):
        if step % 4 == 0:  # another question, of what it was: the cache may know it already
            shutil.rmtree(root)
            write(root, START)
            done, now = [], question(rng)
        codes.add(same_without(now, root, cache, ", ".join(done)).exit_code)
        done.append(edits(rng, root))
    assert len(codes) > 1


def test_what_is_known_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    first = answer(asked(), root, cache, 1, {})
    monkeypatch.setattr("tactful.checker.answering._make", None)
    assert answer(asked(), root, cache, 1, {}) == first


def test_another_version_of_the_code_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    answer(asked(), root, cache, 1, {})
    held = {path.name for path in cache.folder.iterdir()}
    monkeypatch.setattr(caching, "code", lambda: "other")
    answer(asked(), root, Cache(cache.folder.parent), 1, {})
    assert len({path.name for path in cache.folder.iterdir()} - held) == len(held)


def test_the_code_is_every_file_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = caching.code()
    assert caching.code() == before
    monkeypatch.setattr(caching, "LIBRARIES", caching.LIBRARIES[1:])
    assert caching.code() != before


def test_without_a_day_the_answer_is_todays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    today = iter(("2026-03-01", "2026-03-04", "2026-03-01", "2026-05-01"))
    codes = []
    for day in today:
        monkeypatch.setattr("tactful.checker.answering.day_option", _fixed(day))
        codes.append(same_without(asked(as_of=None), root, cache, day).exit_code)
    assert codes == [1, 1, 1, 3]


def _fixed(day: str):  # type: ignore[no-untyped-def]
    from tactful.checker.console import day_option

    return lambda stated, timezone: day_option(stated or day, timezone)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other", "folder"])
def test_a_damaged_cache_is_as_good_as_none(damage: str, tmp_path: Path) -> None:
    root, cache = write(tmp_path / "repository", FILES), Cache(tmp_path / "cache")
    same_without(asked(), root, cache)
    for path in list(cache.folder.iterdir()):
        data = path.read_bytes()
        if damage == "folder":
            path.unlink()
            path.mkdir()
            continue
        middle = len(data) * 3 // 4
        path.write_bytes(
            {
                "cut": data[:middle],
                "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
                "empty": b"",
                "other": next(p for p in cache.folder.iterdir() if p != path and p.is_file()).read_bytes(),
            }[damage]
        )
    same_without(asked(), root, cache)
    shutil.rmtree(cache.folder)
    same_without(asked(), root, cache)


def test_a_cache_that_cannot_be_written_is_no_harm(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    (tmp_path / "file").write_text("")
    same_without(asked(), root, Cache(tmp_path / "file" / "cache"))


def test_what_was_used_longest_ago_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    monkeypatch.setattr(caching, "MAX_ENTRIES", 3)
    cache.folder.mkdir()
    (cache.folder / "mine.txt").write_text("not of the cache")
    names = [str(number) * 64 for number in range(6)]
    for number in range(5):
        cache.put(names[number], number)
        os.utime(cache.folder / names[number], (number, number))
        cache.get(names[0])
    assert sorted(path.name[0] for path in cache.folder.iterdir()) == ["0", "3", "4", "m"]
    left = cache.folder / ".tactful-x.tmp"
    left.write_text("half")
    os.utime(left, (1, 1))
    cache.put(names[5], 5)
    assert not left.exists()


def test_a_cache_inside_the_repository_is_refused(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    ran = tactful("check", at=tmp_path, TACTFUL_CACHE_DIR=str(tmp_path / ".cache"))
    assert ran.code == 2
    assert "lies in the repository, where a pull request could write it" in ran.err
    ran = tactful("check", "--as-of", "2026-03-01", at=tmp_path, TACTFUL_CACHE_DIR="", HOME=str(tmp_path))
    assert ran.code == 1
    assert not (tmp_path / ".cache").exists()


def test_no_cache_leaves_none(tmp_path: Path) -> None:
    root = write(tmp_path / "repository", FILES)
    kept = tmp_path / "cache"
    tactful("check", "--no-cache", at=root, TACTFUL_CACHE_DIR=str(kept))
    assert not kept.exists()
    tactful("check", at=root, TACTFUL_CACHE_DIR=str(kept))
    assert len(list((kept / caching.OURS).iterdir())) >= 3
    assert (kept / caching.OURS).stat().st_mode & 0o077 == 0


def start(root: Path, kept: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tactful.checker", "check", "--as-of", "2026-03-01"]
    env = os.environ | {"TACTFUL_CACHE_DIR": str(kept)}
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)


def test_two_runs_at_once_on_one_cache(tmp_path: Path) -> None:
    kept = tmp_path / "cache"
    one = ROOT / "examples" / "retail" / "breaks"
    two = write(tmp_path / "two", FILES)
    expected = [tactful("check", "--as-of", "2026-03-01", "--no-cache", at=root).out for root in (one, two)]
    for _ in range(3):
        running = [start(root, kept) for root in (one, two, one, two)]
        said = [run.communicate(timeout=120)[0].decode() for run in running]
        assert said == expected * 2
        write(two, {"campaigns/other.yaml": f"# {time.time()}\n" + CAMPAIGN.replace("spring-sale", "other")})
        expected[1] = tactful("check", "--as-of", "2026-03-01", "--no-cache", at=two).out


def test_a_run_that_is_killed_leaves_no_harm(tmp_path: Path) -> None:
    kept, root = tmp_path / "cache", write(tmp_path / "repository", FILES)
    for moment in range(12):
        write(root, {"campaigns/other.yaml": f"# {moment}\n" + CAMPAIGN.replace("spring-sale", "other")})
        expected = tactful("check", "--as-of", "2026-03-01", "--no-cache", at=root).out
        run = start(root, kept)
        time.sleep(0.05 * moment)
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=60)
        for _ in range(2):
            assert tactful("check", "--as-of", "2026-03-01", at=root, TACTFUL_CACHE_DIR=str(kept)).out == expected


@pytest.mark.parametrize("folder", ["retail/breaks", "cafe/breaks", "hotel/breaks", "telco/breaks", "insurance/breaks"])
def test_processes_say_the_same(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    question = asked(formats=("text", "json", "sarif"))
    root = ROOT / "examples" / folder
    alone = answer(question, root, None, 1, {})
    monkeypatch.setattr(spread, "PATIENCE", -1)
    assert answer(question, root, None, 3, {}) == alone
    assert alone.exit_code == 1


def test_where_there_is_no_home_there_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("TACTFUL_CACHE_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", nobody)
    assert caching.cache_for(tmp_path) is None


def test_a_link_in_the_repository_is_no_way_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, victim = write(tmp_path / "repository", FILES), tmp_path / "victim"
    victim.mkdir()
    (root / ".cache").symlink_to(victim)
    monkeypatch.delenv("TACTFUL_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / ".cache"))
    assert caching.cache_for(root) is None
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(victim))
    assert caching.cache_for(root) is None, "in the work tree around it"


def test_a_file_that_vanishes_while_the_code_is_stamped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: str) -> list[str]:
        raise FileNotFoundError

    monkeypatch.setenv("TACTFUL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(caching, "_stamps", gone)
    assert caching.cache_for(tmp_path / "repository") is None
