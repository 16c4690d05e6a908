"""Where one more touch fits, over more random plans than the short tests have time for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.running import ROOT
from tests.test_fits import agreed, compared


@pytest.mark.parametrize("seed", range(3000, 3008))
def test_many_moments_are_answered_as_each_alone(seed: int, tmp_path: Path) -> None:
    agreed(seed, tmp_path)


@pytest.mark.parametrize("name", ["hotel/keeps"])
def test_many_moments_of_the_examples_are_answered_as_each_alone(name: str) -> None:
    assert sum(compared(ROOT / "examples" / name, random.Random(3), 4)) > 2
