"""What the engine answers: findings with their places and witnesses, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .changes import Change
from .messages import Message, say
from .places import Place, Problem
from .reference import Customer
from .sends.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Measure:
    """How far it went, and how far it may go: 4 of 3."""

    is_: int | Decimal
    limit: int | Decimal


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with a word about it."""

    place: Place
    label: Message


@dataclass(frozen=True, slots=True)
class Witnessed:
    """One touch of a witness: what the customer gets, and when (on the clock of the campaign)."""

    campaign: str
    channel: str
    at: datetime
    local: datetime
    index: int
    """The number of the touch in its campaign."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A customer in words and as values, and the touches that show it."""

    customer: Customer
    words: Message
    touches: tuple[Witnessed, ...] = ()
    window: tuple[datetime, datetime] | None = None
    twin: Customer | None = None
    """Whom the customer is compared with, where groups are compared."""


@dataclass(frozen=True, slots=True, order=True)
class Standpoint:
    """One send of the campaign of a finding at which it stands: the number of its touch, and when, on its clock."""

    index: int
    local: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One violated or unproven verdict at one place. Its identity is (rule, campaign or group)."""

    rule: str
    kind: str
    severity: str
    verdict: str
    message: Message
    spot: Spot
    campaign: str | None = None
    group: str | None = None
    parties: tuple[str, ...] = ()
    """The campaigns of the set that is shown, by which waivers go."""
    among: tuple[str, ...] = ()
    """The campaigns of all its sets."""
    stands_at: tuple[Standpoint, ...] = ()
    """All sends of the campaign at which it stands, the one that is shown first; empty where it stands at none."""
    measure: Measure | None = None
    related: tuple[Spot, ...] = ()
    witness: Witness | None = None
    because: Message | None = None
    help: Message | None = None
    changes: tuple[Change, ...] = ()
    """What could mend it, as its kind knows it, beside another day for its touches: not tried yet."""
    proposals: tuple[Change, ...] = ()
    """What mends it and worsens nothing under all rules: tried."""
    missing: Message | None = None
    assumptions: tuple[Message, ...] = ()
    more: int = 0
    table: tuple[tuple[Message, ...], ...] = ()
    """Rows of equal length that show the finding at a glance; the first is the head."""
    covered_by: tuple[int, ...] = ()
    """The waivers (by number) that together cover every set of the finding; empty: it stands."""
    before: Message | None = None
    """What was known of it before, where it is worse now."""

    @property
    def who(self) -> str:
        """The campaign or group it is about; empty: the rule as a whole."""
        return self.campaign or self.group or ""

    @property
    def about(self) -> tuple[str, str | None, str | None]:
        """What it is known by: the rule, and the campaign or group."""
        return (self.rule, self.campaign, self.group)


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know that is no verdict: a rule that matches nothing, an empty group, an unused waiver."""

    code: str
    severity: str
    message: Message
    place: Place
    help: Message | None = None


@dataclass(frozen=True, slots=True)
class Defect:
    """A failure of the program at one rule: the error, and where it came from (for those who mend it)."""

    rule: str
    error: str
    what: str
    trace: str

    @property
    def message(self) -> Message:
        """``this is a defect of tactful``, in a form that can be reported."""
        return say(
            "this is a defect of tactful, not of your files; please report it: {error}: {what}",
            "这是 tactful 自身的缺陷，不是您的文件有误，请反馈：{error}：{what}",
            error=self.error,
            what=self.what,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that one evaluation says. ``proved`` names the rules that hold for every customer."""

    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    rules: int
    proved: tuple[str, ...] = ()
    horizon: date | None = None
    looked_at: int = 0
    """Dated touches, triggered campaigns, services and offers on or after as-of."""
    problems: tuple[Problem, ...] = ()
    """Rules that cannot be asked as they are written."""
    defects: tuple[Defect, ...] = ()
    """Rules at which the program itself failed."""
    partly_waived: frozenset[int] = frozenset()
    """The waivers, by number, that cover some set of a finding, whether or not all."""
    timeline: Timeline | None = field(default=None, repr=False)
    """What was asked about; None where there was too much of it."""
