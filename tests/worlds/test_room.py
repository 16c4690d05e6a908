"""Room beside drafts, over more random plans than the short tests have time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_room import agreed


@pytest.mark.parametrize("seed", [*range(2000, 2012), 2028])
def test_room_is_what_drafts_are_told(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed(seed, tmp_path, monkeypatch)
