"""Small changes to a plan, as data: what is tried before it is proposed, and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from .messages import Message
from .plan.conditions import All, Condition
from .plan.plan import Plan, PlannedCampaign


@dataclass(frozen=True, slots=True)
class Moved:
    """One touch at another time, on the clock of its campaign."""

    campaign: str
    index: int
    to: datetime

    def applied(self, plan: Plan) -> Plan:
        return _with(plan, self.campaign, self._campaign)

    def _campaign(self, old: PlannedCampaign) -> PlannedCampaign:
        touches = tuple(
            touch.model_copy(update={"at": self.to}) if n == self.index else touch
            for n, touch in enumerate(old.model.touches)
        )
        return replace(old, model=old.model.model_copy(update={"touches": touches}))


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Some touches of a campaign for fewer customers: those who meet ``by`` as well."""

    campaign: str
    indices: tuple[int, ...]
    by: Condition
    words: Message

    def applied(self, plan: Plan) -> Plan:
        return _with(plan, self.campaign, self._campaign)

    def _campaign(self, old: PlannedCampaign) -> PlannedCampaign:
        audiences = tuple(
            All((audience, self.by)) if n in self.indices else audience for n, audience in enumerate(old.audiences)
        )
        return replace(old, audiences=audiences)


Change = Moved | Narrowed


def without(plan: Plan, campaign: PlannedCampaign, index: int) -> Plan:
    """The plan without one touch; a campaign without any is none."""
    touches = tuple(touch for n, touch in enumerate(campaign.model.touches) if n != index)
    audiences = tuple(audience for n, audience in enumerate(campaign.audiences) if n != index)
    less = replace(campaign, model=campaign.model.model_copy(update={"touches": touches}), audiences=audiences)
    return _with(plan, campaign.name, lambda _: less if touches else None)


def _with(plan: Plan, name: str, new: Callable[[PlannedCampaign], PlannedCampaign | None]) -> Plan:
    kept = (new(campaign) if campaign.name == name else campaign for campaign in plan.campaigns)
    return replace(plan, campaigns=tuple(campaign for campaign in kept if campaign is not None))


def flow(raw: object) -> str:
    """What was read from YAML, on one line as YAML has it."""
    if isinstance(raw, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in raw.items()) + "}"
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        return "[" + ", ".join(map(flow, raw)) + "]"
    return str(raw)


def time_of(campaign: PlannedCampaign, index: int) -> datetime:
    """When a touch that can be moved is sent, on the clock of its campaign."""
    at: datetime | None = campaign.model.touches[index].at
    assert at is not None  # noqa: S101  # what is set off has no time, and cannot be moved
    return at


def can_move(campaign: PlannedCampaign, index: int, as_of: date) -> bool:
    """Whether it is planned, still to come, at one time of the campaign's own clock."""
    touch = campaign.model.touches[index]
    planned = campaign.model.status in ("planned", "draft") and campaign.model.trigger is None
    once = touch.at is not None and touch.repeat is None and touch.clock is None and touch.at.date() >= as_of
    return planned and once and not campaign.model.move_of(index).never
