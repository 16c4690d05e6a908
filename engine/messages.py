"""What is said to people: every text in English and Simplified Chinese, side by side, with the values to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

Language = Literal["en", "zh"]
MAX_TEXT = 300
MAX_LISTED = 40


@dataclass(frozen=True, slots=True)
class Message:
    """A text in both languages; ``{name}`` in either is filled from ``args`` when it is rendered."""

    en: str
    zh: str
    args: Mapping[str, object] = field(default_factory=dict)

    def render(self, language: Language) -> str:
        template = self.zh if language == "zh" else self.en
        return template.format(**{name: show(value, language) for name, value in self.args.items()})


def say(en: str, zh: str, /, **args: object) -> Message:
    return Message(en, zh, args)


def plain(text: str) -> Message:
    """A text that is the user's own and so the same in both languages."""
    return Message("{text}", "{text}", {"text": text})


def show(value: object, language: Language) -> str:
    """One value as people read it: dates in ISO form, lists joined, nested messages rendered."""
    if isinstance(value, Message):
        return value.render(language)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M" if value.second == 0 else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, (list, tuple, set, frozenset)):
        listed = list(value)
        if len(listed) > MAX_LISTED:
            value = [*listed[:MAX_LISTED], "…"]
        return ("、" if language == "zh" else ", ").join(show(item, language) for item in value)
    return shortened(str(value))


def shortened(text: str) -> str:
    """A text of the user's, cut where it is too long to read in a message."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def count(number: int | Decimal, one: str, many: str, zh: str) -> Message:
    """A number with its noun: ``3 promotions``, ``1 promotion``, ``3 次促销触达``."""
    return say("{n} " + (one if number == 1 else many), "{n} " + zh, n=number)


def all_of(parts: Iterable[Message], en: str = ", ", zh: str = "，") -> Message:
    listed = list(parts)
    names = {f"p{i}": part for i, part in enumerate(listed)}
    return Message(en.join(f"{{{n}}}" for n in names), zh.join(f"{{{n}}}" for n in names), names)


def either(parts: Iterable[Message]) -> Message:
    """``a, b or c``."""
    *some, last = parts
    if not some:
        return last
    return say("{some} or {last}", "{some} 或 {last}", some=all_of(some, ", ", "、"), last=last)


SYNONYMS = {
    **dict(
        zip(
            ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
            ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
            strict=True,
        )
    ),
    "促销": "promotion",
    "内容": "content",
    "服务": "service",
    "关怀": "care",
    "调研": "research",
    "交易": "transactional",
    "草稿": "draft",
    "计划": "planned",
    "进行中": "live",
    "结束": "ended",
    "取消": "cancelled",
    "短信": "sms",
    "邮件": "email",
    "电话": "phone",
    "朋友圈": "wecom.moments",
    "企微群": "wecom.group",
    "每天": "day",
    "每周": "week",
    "每月": "month",
    "每年": "year",
    "所有人": "everyone",
    "人工": "human",
    "自动": "automatic",
}
"""Words of the language as a Chinese writer may put them, for suggestions."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None."""
    candidates = sorted(set(known))
    if len(word) > 100:
        return None
    if word in SYNONYMS and SYNONYMS[word] in candidates:
        return SYNONYMS[word]
    found = get_close_matches(word, candidates, n=1, cutoff=0.6 if len(word) > 3 else 0.5) or get_close_matches(
        word.lower().replace("_", "-"), [c.lower().replace("_", "-") for c in candidates], n=1, cutoff=0.75
    )
    return (
        next((c for c in candidates if c == found[0] or c.lower().replace("_", "-") == found[0]), None)
        if found
        else None
    )


def declared_where(word: str, known: Iterable[str], where: Message) -> Message:
    """The help line of a word that nobody declared: the nearest known one, else where to declare it."""
    guess = nearest(word, known)
    return say("did you mean {guess}?", "您是不是想写 {guess}？", guess=guess) if guess is not None else where


def did_you_mean(word: str, known: Iterable[str]) -> Message | None:
    """The help line of an unknown word: the nearest known one, or what there is to choose from."""
    words = sorted(set(known))
    guess = nearest(word, words)
    if guess is not None:
        return say("did you mean {guess}?", "您是不是想写 {guess}？", guess=guess)
    if words and len(words) <= 12:
        return say("known are: {words}", "可用的有：{words}", words=words)
    return None
