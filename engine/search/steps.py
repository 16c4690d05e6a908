"""A budget of steps, not of seconds: the same answer on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..messages import Message


class OutOfSteps(Exception):
    """The search did not finish within its budget."""


@dataclass
class Steps:
    """Steps left, and what stood in the way of an answer although there were steps."""

    left: int
    doubts: list[Message] = field(default_factory=list)

    def take(self, number: int = 1) -> None:
        self.left -= number
        if self.left < 0:
            raise OutOfSteps

    def doubt(self, message: Message) -> None:
        if message not in self.doubts:
            self.doubts.append(message)
