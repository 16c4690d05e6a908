"""What is proposed for more random plans, and for the large examples, made over the whole plan."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from tests.changing import repository
from tests.proposing import harm
from tests.running import ROOT, write

DAY = date(2026, 3, 1)


@pytest.mark.parametrize("seed", [*range(3000, 3008), 3022])
def test_they_mend_and_worsen_nothing(seed: int, tmp_path: Path) -> None:
    wrong, _, _ = harm(write(tmp_path, repository(random.Random(seed), 14)), DAY, most=10)
    assert wrong == []


@pytest.mark.parametrize(("name", "most"), [("cafe", 4), ("hotel", 20)])
def test_those_of_the_examples(name: str, most: int) -> None:
    wrong, _, _ = harm(ROOT / "examples" / name / "breaks", DAY, most)
    assert wrong == []
