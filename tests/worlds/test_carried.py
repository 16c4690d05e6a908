"""Few changes in a plan that held, over more random plans than the short tests have time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_carried import follow


@pytest.mark.parametrize("seed", range(1000, 1005))
def test_few_changes_are_answered_as_a_run_over_everything(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(seed, tmp_path, monkeypatch)
