"""A budget of steps, not of seconds: the same answer on every machine."""

from __future__ import annotations

from dataclasses import dataclass

from ..undecidable import BudgetExhausted


@dataclass
class SearchBudget:
    """What is left of the budget of one search."""

    left: int

    def spend(self, number: int = 1) -> None:
        """Raises BudgetExhausted where less is left."""
        self.left -= number
        if self.left < 0:
            raise BudgetExhausted
