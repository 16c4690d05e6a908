"""Holds what the engine says of many worlds against what is true: fast by seeds, and by Hypothesis, where a world shrinks."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Generic, TypeVar

import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tactful.engine.clocks import midnight
from tactful.engine.plan.conditions import Condition, attributes_of
from tactful.engine.plan.plan import CustomerModel, Plan
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.sends.timeline import Send, Timeline, timeline

from tests.worlds.making import Draw, Texts

EXAMPLES = int(os.environ.get("TACTFUL_EXAMPLES", "25"))
"""How many worlds of a sort Hypothesis makes: with more of them, what only few seeds show is found again, and shrinks."""


@dataclass
class World:
    """A plan with its rules, and the documents that it was built from."""

    documents: list[Texts]
    plan: Plan
    rules: list[LinkedRule[Any]]
    as_of: date

    @cached_property
    def line(self) -> Timeline:
        return timeline(self.plan, self.as_of)

    @cached_property
    def fact_instants(self) -> list[datetime]:
        """When facts hold: at every send, and as each day of a stated period begins."""
        found = {touch.at for touch in self.line.sends}
        if self.plan.stated_period:
            first, last = self.plan.stated_period
            found |= {midnight(first + timedelta(days=n), self.zone) for n in range((last - first).days + 1)}
        return sorted(found)

    @property
    def zone(self) -> str:
        return self.plan.timezone

    @property
    def model(self) -> CustomerModel:
        return self.plan.customers

    @cached_property
    def conditions(self) -> list[Condition]:
        """Everything that is asked about customers."""
        found = [a for campaign in self.plan.campaigns for a in campaign.audiences]
        found += [service.audience for service in self.plan.services]
        found += [event.condition for event in self.model.events.values()]
        found += [c for rule in self.rules for c in (rule.group, *rule.conditions.values())]
        return [*found, *self.model.facts]

    @cached_property
    def used(self) -> list[str]:
        """The attributes that something asks about."""
        return sorted({name for condition in self.conditions for name in attributes_of(condition)})

    def late(self, touch: Send) -> bool:
        return touch.day >= self.as_of

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis shows of it: its documents stand in the message."""
        printer.text("…")


class _Plain(yaml.SafeDumper):
    """Writes each text as it is, and nothing twice by reference."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def ignore_aliases(self, data: Any) -> bool:
        return True


def said(world: World, wrong: Sequence[object]) -> str:
    """What is wrong in a world, with its documents as they can be tried by hand."""
    written = yaml.dump_all(world.documents, Dumper=_Plain, sort_keys=False, width=120, default_flow_style=None)
    return "\n".join([*map(str, wrong), f"--as-of {world.as_of}", written])


W = TypeVar("W", bound=World)


@dataclass(frozen=True)
class Sort(Generic[W]):
    """A sort of world: how one is made (None: it is too large to try), and what is wrong in it; verdicts are counted."""

    make: Callable[[Draw], W | None]
    wrong: Callable[[W, Counter[str]], Sequence[object]]

    def of(self, seed: int) -> W:
        """The world of a seed; one that is too large gives way to the next."""
        for attempt in range(200):
            world = self.make(random.Random(seed * 1000 + attempt).randrange)
            if world is not None:
                return world
        raise AssertionError("no world is small enough")

    def batch(self, number: int, worlds: int) -> Counter[str]:
        """Tries so many worlds, and counts the verdicts."""
        verdicts: Counter[str] = Counter()
        for seed in range(number * 100_000, number * 100_000 + worlds):
            self.check(self.of(seed), verdicts, f"seed {seed}")
        return verdicts

    def check(self, world: W, verdicts: Counter[str], *told: str) -> None:
        """Fails where something is wrong, and shows the world; also where the engine ends in an error."""
        try:
            wrong = self.wrong(world, verdicts)
        except Exception as error:
            error.add_note(said(world, told))
            raise
        assert not wrong, said(world, [*told, *wrong])

    def shrinking(self) -> Callable[[], None]:
        """A test in which a world that fails is made as small as can be; the same worlds each time."""

        @st.composite
        def worlds(draw: Any) -> W:
            world = self.make(lambda number: draw(st.integers(0, number - 1)))
            assume(world is not None)
            assert world is not None
            return world

        @settings(
            max_examples=EXAMPLES,
            phases=(Phase.generate, Phase.shrink),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(worlds())
        def test(world: W) -> None:
            self.check(world, Counter())

        return test
