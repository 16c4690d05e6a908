"""The engine: a plan and policies in, verdicts out. It reads no file, prints nothing and knows no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Engine as Engine
    from .api import InvalidDocuments as InvalidDocuments

__all__ = ["Engine", "InvalidDocuments"]


def __getattr__(name: str) -> Any:
    """The public names, loaded when they are asked for: the command line need not wait for them."""
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(name)
