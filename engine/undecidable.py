"""What a question may end in that cannot be answered, whatever asks it: each such end says why in both languages."""

from __future__ import annotations

from .messages import Message, say


class Undecidable(Exception):
    """A question that has no answer within what is known, or looked at; ``why`` says it to people."""

    def __init__(self, why: Message) -> None:
        super().__init__(why.en)
        self.why = why


class BudgetExhausted(Undecidable):
    """The search did not finish within its budget."""

    def __init__(self) -> None:
        super().__init__(say("the search used up its budget", "搜索用完了预算，未能得出结论"))


class TooManyBoxes(Undecidable):
    """A condition with more alternatives than can be looked at."""

    def __init__(self) -> None:
        super().__init__(say("the audiences have too many alternatives to look at", "受众条件的组合过多，无法逐一核对"))


class TooManyTriggers(Undecidable):
    """More triggers fit into one window than are looked at."""

    def __init__(self) -> None:
        super().__init__(say("more triggers fit in than are looked at", "可容纳的触发次数过多"))


class UnknownYear(Undecidable):
    """The calendar has no announced data for this year."""

    def __init__(self, name: str, year: int) -> None:
        super().__init__(
            say(
                "the calendar {name} has no announced days for {year}",
                "日历 {name} 没有 {year} 年已公布的安排",
                name=name,
                year=year,
            )
        )
        self.name, self.year = name, year
