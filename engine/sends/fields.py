"""The fields of campaigns and touches that a match can ask of, all as texts."""

from __future__ import annotations

from functools import lru_cache

from ..plan.campaigns import Campaign, TouchSpec
from ..plan.plan import Words
from ..policy.matches import Fields

NOTHING: frozenset[str] = frozenset()


def one(value: object) -> frozenset[str]:
    return NOTHING if value is None else _of_text(str(value))


@lru_cache(maxsize=4096)
def _of_text(text: str) -> frozenset[str]:
    """One object for equal texts: most fields of most touches say the same."""
    return frozenset((text,))


def campaign_fields(campaign: Campaign, timezone: str) -> Fields:
    """The fields that a match can ask of a campaign, all as texts."""
    return {
        "campaign": one(campaign.campaign),
        "title": one(campaign.title or campaign.campaign),
        "owner": one(campaign.owner),
        "status": one(campaign.status),
        "purpose": one(campaign.purpose),
        "act": one(campaign.act),
        "about": one(campaign.about),
        "cause": one(campaign.cause),
        "triggered": one("true" if campaign.trigger else "false"),
        "event": one(campaign.trigger.event if campaign.trigger else None),
        "timezone": one(timezone),
        "estimated_size": one(campaign.estimated_size),
        "stop_when": frozenset(campaign.stop_when),
        "requires": frozenset(campaign.requires),
        **{f"details.{key}": texts(value) for key, value in campaign.details.items()},
    }


def touch_fields(of_campaign: Fields, touch: TouchSpec, words: Words) -> Fields:
    """The fields that a match can ask of a touch, all as texts; those of its campaign with them."""
    gives = [words.gives[name] for name in touch.gives]
    return {
        **of_campaign,
        "channel": one(touch.channel),
        "way": one(way_of(touch, words, set_off=bool(of_campaign["event"]))),
        "sender": one(touch.sender),
        "gives": frozenset(touch.gives),
        "kind": frozenset(give.kind for give in gives),
        "price_cut": frozenset("true" if give.price_cut else "false" for give in gives),
        "asks": frozenset(touch.asks),
        "promises": frozenset(touch.promises),
        "by": one(touch.by),
        "reply.to": one(touch.reply.to if touch.reply else None),
        "way_out.by": one(touch.way_out.by if touch.way_out else None),
        "way_out.within": one(touch.way_out.within if touch.way_out else None),
        "lasts": one(touch.lasts),
        "attempts": one(touch.attempts),
    }


def way_of(touch: TouchSpec, words: Words, *, set_off: bool) -> str:
    """How it comes. On a channel that only answers, what no event of the customer set off is no answer: it is pushed."""
    way: str = touch.way or words.channels[touch.channel].way
    return "push" if way == "answer" and touch.way is None and not set_off else way


def texts(value: object) -> frozenset[str]:
    """The texts of a free field: one, or those of a list."""
    if isinstance(value, (list, tuple)):
        return frozenset(str(item) for item in value if not isinstance(item, (dict, list)))
    return frozenset() if isinstance(value, dict) else frozenset({str(value)})
