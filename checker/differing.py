"""What a change does: the findings of two runs beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tactful.engine.trials import is_worse
from tactful.engine.verdicts import Finding

How = Literal["new", "worse", "better", "mended", "same"]
ORDER: tuple[How, ...] = ("new", "worse", "better", "mended", "same")


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding, as it was and as it is now; at least one of the two."""

    how: How
    was: Finding | None
    now: Finding | None

    @property
    def finding(self) -> Finding:
        """As it is now, or as it was last."""
        found = self.now or self.was
        assert found is not None  # noqa: S101  # one of the two is there
        return found


def differences(before: Sequence[Finding], after: Sequence[Finding]) -> list[Difference]:
    """Every finding of both runs, what got worse first; each is known by its rule and what it is about."""
    found = list(_differences(before, after))
    return sorted(found, key=lambda one: (ORDER.index(one.how), one.finding.rule, one.finding.who))


def _differences(before: Sequence[Finding], after: Sequence[Finding]) -> Iterator[Difference]:
    was = {finding.about: finding for finding in before}
    now = {finding.about: finding for finding in after}
    for key, finding in now.items():
        old = was.get(key)
        if old is None:
            yield Difference("new", None, finding)
        elif is_worse(finding, old):
            yield Difference("worse", old, finding)
        else:
            yield Difference("better" if is_worse(old, finding) else "same", old, finding)
    for key, old in was.items():
        if key not in now:
            yield Difference("mended", old, None)
