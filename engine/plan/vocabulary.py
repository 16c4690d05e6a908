"""The vocabulary: the declared words, and the ones that ship."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field

from ..models import Choice, Day, Flag, Many, Model, Name, Positive, Rate, RawText, Whole

Way = Literal["push", "show", "answer"]
WAYS = get_args(Way)


class Channel(Model):
    """A channel; ``push`` disturbs, ``show`` does not, ``answer`` only follows the customer."""

    way: Choice[Way]


class Sender(Model):
    persona: Flag = False
    people: Positive = 1


class Give(Model):
    """Something the customer gets. ``kind`` is useful, warm, culture or a kind of one's own."""

    kind: Name
    price_cut: Flag = False


class Product(Model):
    equivalent_to: Many[Name] = ()


class Pool(Model):
    quota: Whole | None = None
    customers: Whole | None = None
    staff: Whole | None = None


class Vocabulary(Model):
    channels: dict[Name, Channel] = Field(default_factory=dict)
    senders: dict[Name, Sender] = Field(default_factory=dict)
    gives: dict[Name, Give] = Field(default_factory=dict)
    asks: Many[Name] = ()
    acts: Many[Name] = ()
    subjects: Many[Name] = ()
    products: dict[Name, Product] = Field(default_factory=dict)
    pools: dict[Name, Pool] = Field(default_factory=dict)
    figures: dict[Name, dict[Name, RawText]] = Field(default_factory=dict)


class VocabularyDocument(Model):
    """The words that campaigns and policies may use."""

    vocabulary: Vocabulary


class FigureValues(Model):
    """The figures of one sender as they stand on ``as_of``."""

    as_of: Day | None = None
    block_rate: Rate | None = None
    complaint_rate: Rate | None = None
    reply_rate: Rate | None = None
    opt_out_rate: Rate | None = None


SHIPPED_CHANNELS: dict[str, str] = {
    **dict.fromkeys(("email", "sms", "phone", "mail", "app.push", "whatsapp", "wecom.message"), "push"),
    **dict.fromkeys(("wecom.moments", "app.inbox", "web", "shop", "miniprogram"), "show"),
    **dict.fromkeys(("wecom.chat", "wecom.group", "wechat.kf", "live-chat"), "answer"),
}
SHIPPED_ASKS = ("purchase", "review", "share", "referral", "survey", "sign-up", "visit", "friend")
SHIPPED_ACTS = ("attract", "gather", "activate", "qualify", "convert", "cultivate", "develop", "befriend", "refer")
SHIPPED_EVENTS = ("reply", "opt-out")
SHIPPED_FIGURES = ("block_rate", "complaint_rate", "reply_rate", "opt_out_rate")
Purpose = Literal["promotion", "content", "service", "care", "research", "transactional"]
PURPOSES = get_args(Purpose)
Status = Literal["draft", "planned", "live", "ended", "cancelled"]
STATUSES = get_args(Status)


def shipped() -> dict[str, Any]:
    """What ships, in the shape of a vocabulary document, for the reference pages."""
    return {"channels": SHIPPED_CHANNELS, "asks": SHIPPED_ASKS, "acts": SHIPPED_ACTS, "events": SHIPPED_EVENTS}
