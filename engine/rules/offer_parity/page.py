"""The documentation of ``offer-parity``."""

from __future__ import annotations

from ...messages import say

SUMMARY = say(
    "no protected customer is worse off than a favoured one for the same product",
    "同一产品，受保护客户的待遇不低于受优待客户",
)
