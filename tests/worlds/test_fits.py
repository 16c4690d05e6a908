"""Where one more touch fits, over more random plans than the short tests have time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_fits import agreed


@pytest.mark.parametrize("seed", range(3000, 3040))
def test_many_moments_are_answered_as_each_alone(seed: int, tmp_path: Path) -> None:
    agreed(seed, tmp_path)
