"""``python -m tactful.checker``."""

from .cli import main

main()
