"""How long rules take: said while one takes long, and listed where it is asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tactful.engine.evaluate import Ask
from tactful.engine.kit.kind import Outcome
from tactful.engine.messages import Language, say
from tactful.engine.policy.linked import LinkedRule

from .console import clean, err
from .spread import Tell

LONG = 10.0
"""Seconds after which a rule that is still asked is named."""
Rules = Sequence[LinkedRule[Any]]
Each = Callable[[Any, Rules, int, Tell], Iterable[Any]]
"""What is asked of each rule, the rules, by how many processes at most, and whom to tell how many are done."""


class Timing:
    """The seconds that each rule took, and a word about one that takes long."""

    def __init__(self, language: Language, tell: Tell | None) -> None:
        """``tell`` is told too how many rules are done."""
        self.language, self.tell = language, tell
        self.seconds: dict[str, float] = {}

    def asked(self, ask: Ask, rules: Rules, each: Each, jobs: int) -> Iterator[Outcome]:
        """The outcomes in their order, by at most ``jobs`` processes."""

        def one(rule: LinkedRule[Any]) -> tuple[Outcome, float]:
            began = time.process_time()
            return ask(rule), time.process_time() - began

        watch = _Watch(rules, self.language)

        def tell(done: int, number: int) -> None:
            watch.tell(done, number)
            if self.tell is not None:
                self.tell(done, number)

        try:
            for rule, (outcome, seconds) in zip(rules, each(one, rules, jobs, tell), strict=True):
                self.seconds[rule.id] = seconds
                yield outcome
        finally:
            watch.stop()

    def listed(self) -> str:
        """A line for each rule, the slowest first."""
        ordered = sorted(self.seconds.items(), key=lambda entry: -entry[1])
        return "".join(f"{seconds:8.2f} s  {clean(rule)}\n" for rule, seconds in ordered)


class _Watch:
    """Names the rule that the run waits for, once, when nothing has been done for long."""

    def __init__(self, rules: Rules, language: Language) -> None:
        self.rules, self.language, self.done = rules, language, 0
        self.timer: threading.Timer | None = None
        self._wait()

    def tell(self, done: int, number: int) -> None:
        self.stop()
        self.done = done
        if done < number:
            self._wait()

    def stop(self) -> None:
        if self.timer is not None:
            self.timer.cancel()

    def _wait(self) -> None:
        self.timer = threading.Timer(LONG, self._say)
        self.timer.daemon = True
        self.timer.start()

    def _say(self) -> None:
        said = say(
            "{rule} takes long: {done} of {number} rules are done",
            "{rule} 耗时较长：{number} 条规则已完成 {done} 条",
            rule=self.rules[self.done].id,
            done=self.done,
            number=len(self.rules),
        )
        err(clean(said.render(self.language)) + "\n")
