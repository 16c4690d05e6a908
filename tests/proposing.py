"""What is proposed, made over the whole plan: each change alone, and every rule asked again."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from tactful.checker.loading import load
from tactful.engine.proposals import proposed
from tactful.engine.trials import Asked, worse
from tactful.engine.verdicts import Finding


def harm(root: Path, as_of: date, most: int = 1_000) -> tuple[list[str], Counter[str], Counter[str]]:
    """What proposals do that they should not; how many findings of each kind there are, and how many have a proposal."""
    loaded = load(root)
    assert loaded.plan is not None
    asked = Asked(loaded.plan, loaded.rules, as_of, loaded.waivers)
    stand = asked.standing()
    told = proposed(asked, stand, stand)
    wrong: list[str] = []
    for finding in told:
        for change in finding.proposals:
            if most <= 0:
                break
            most -= 1
            after = asked.standing(change.applied(loaded.plan))
            wrong += [f"{change} for {finding.rule} worsens {one.about}" for one in worse(stand, after)]
            wrong += [] if mended(finding, after) else [f"{change} does not mend {finding.about}"]
    return wrong, Counter(f.kind for f in told), Counter(f.kind for f in told if f.proposals)


def mended(finding: Finding, after: list[Finding]) -> bool:
    """Gone, or not any more at the send at which it is shown."""
    still = next((one for one in after if one.about == finding.about), None)
    return still is None or finding.stands_at[0] not in still.stands_at
