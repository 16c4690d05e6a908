"""``tactful`` and ``python -m tactful.checker``."""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point: whoever stops it while it is still being loaded sees no traceback either."""
    try:
        from .cli import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
