"""Room is what one more send, put there as a draft, is told."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from tests import changing
from tests.rooms import compared
from tests.running import ROOT, write

CAPS = [rule for rule in changing.RULES if "frequency-cap" in rule]
DAY = date(2026, 3, 5)


def agreed(seed: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    monkeypatch.setattr(changing, "RULES", CAPS)
    rng = random.Random(seed)
    return compared(write(folder, changing.repository(rng, rng.randint(4, 16))), DAY, rng)


def test_room_is_what_drafts_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [agreed(seed, tmp_path / str(seed), monkeypatch) for seed in range(5)]
    certain, full, unsure = (sum(part) for part in zip(*said, strict=True))
    assert certain > unsure
    assert full > 15


@pytest.mark.parametrize("name", ["retail/breaks", "retail/keeps", "hotel/breaks"])
def test_room_of_the_examples_is_what_drafts_are_told(name: str) -> None:
    certain, full, _ = compared(ROOT / "examples" / name, DAY, random.Random(1), 14)
    assert certain
    assert full
