"""``tactful`` and ``python -m tactful.checker``."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """The entry point: whoever stops it, also while it is still being loaded, sees no traceback, and it ends at once."""
    try:
        signal.signal(signal.SIGINT, _stop)
        from .cli import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


def _stop(number: int, frame: FrameType | None) -> None:
    """The first time; that it is asked again while it ends changes nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
