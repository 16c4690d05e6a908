"""``tactful`` and ``python -m tactful.checker``."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """The entry point: whoever stops it, also while it is still being loaded, sees no traceback, and it ends at once."""
    signal.signal(signal.SIGINT, _stop)
    from .cli import run

    run()


def _stop(number: int, frame: FrameType | None) -> None:
    """Ends here and now: an exception could be dropped where we are, or be taken for a fault of a file.

    Files are written whole first (``console.write_all``); copies of this process see that it is gone.
    """
    if sys.stderr is not None and sys.stderr.isatty():
        os.write(2, b"\r\x1b[2K")
    os._exit(130)


if __name__ == "__main__":
    main()
