"""What ``require`` looks at: campaigns, touches, services, offers or senders, with their fields and their whole content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

from ...kit.attribution import is_reportable
from ...kit.evaluation import Evaluation
from ...messages import show
from ...places import Place, Problem
from ...plan.campaigns import Service
from ...plan.offers import Offer
from ...plan.vocabulary import FigureValues, Sender
from ...policy.linked import LinkedRule
from ...policy.matches import FIELDS, Fields, read_match
from ...scalars import WEEKDAYS, Hours, Money
from ...sends.fields import campaign_fields, texts, touch_fields, way_of


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing a rule may speak of: its fields as texts, and where it stands."""

    name: str
    campaign: str | None
    fields: Fields
    place: Place
    content: Mapping[str, Any] = field(default_factory=dict)
    """What expressions and schemas see, by the name of what it is: plain texts, numbers, lists and maps."""
    to_come: bool = True
    """False for what has ended, was cancelled or lies before as-of: past mending."""


def looks_inside(rule: LinkedRule[Any]) -> bool:
    """Whether the rule asks for the content as a whole, by an expression or a schema."""
    params: Any = rule.params
    return bool(params.that or params.schema_)


@lru_cache(maxsize=8)
def field_names(on: str) -> tuple[str, ...]:
    """The fields that a thing of this sort can have, besides ``details.NAME``."""
    if on in ("campaign", "touch"):
        return FIELDS
    if on == "sender":
        return ("sender", *(name for model in (Sender, FigureValues) for name in model.model_fields))
    return tuple(_names(Service if on == "service" else Offer))


def _names(model: type[BaseModel]) -> Iterator[str]:
    """The names of a model, those of a part within it with a dot: ``closes.by``."""
    for name, info in model.model_fields.items():
        written = info.alias or name
        if written == "details":
            continue
        yield written
        for part in get_args(info.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from (f"{written}.{inner}" for inner in _names(part))


def matches(rule: LinkedRule[Any], thing: Thing) -> bool:
    params: Any = rule.params
    found: list[Problem] = []
    return read_match(params.match, Place(""), {}, found, field_names(params.on)).holds(thing.fields)


def things_of(rule: LinkedRule[Any], evaluation: Evaluation) -> Iterator[Thing]:
    params: Any = rule.params
    plan = evaluation.plan
    if params.on in ("campaign", "touch"):
        yield from _campaign_things(params.on, rule, evaluation)
    elif params.on == "service":
        for service in plan.services:
            content = {"service": as_written(service.model)} if looks_inside(rule) else {}
            yield Thing(service.model.service, None, _dumped(service.model), service.place, content)
    elif params.on == "offer":
        for offer in plan.offers:
            content = {"offer": as_written(offer.model)} if looks_inside(rule) else {}
            yield Thing(offer.model.offer, offer.campaign, _dumped(offer.model), offer.place, content)
    else:
        for name, sender in plan.words.senders.items():
            fields = {**_dumped(sender), "sender": frozenset({name})}
            if name in plan.words.figures:
                fields |= _dumped(plan.words.figures[name])
            content = {"sender": {"sender": name, **as_written(sender)}}
            if name in plan.words.figures:
                content["sender"] |= as_written(plan.words.figures[name])
            yield Thing(name, None, fields, rule.place.down("rule"), content)


def _campaign_things(on: str, rule: LinkedRule[Any], evaluation: Evaluation) -> Iterator[Thing]:
    coming = _still_to_come(rule, evaluation)
    for campaign in evaluation.plan.campaigns:
        model = campaign.model
        open_still = model.status not in ("ended", "cancelled")
        to_come = coming.get(campaign.name, set()) if open_still else set()
        whole = as_written(model) if looks_inside(rule) else {}
        for inner, touch in zip(whole.get("touches", ()), model.touches, strict=False):
            inner["way"] = way_of(
                touch, evaluation.plan.words, set_off=model.trigger is not None and bool(model.trigger.event)
            )
        of_campaign = campaign_fields(model, campaign.timezone)
        each = [touch_fields(of_campaign, touch, evaluation.plan.words) for touch in model.touches]
        if on == "touch":
            for index, fields in enumerate(each):
                place = campaign.place.down("touches", index)
                both = {"touch": whole["touches"][index], "campaign": whole} if whole else {}
                yield Thing(campaign.name, campaign.name, fields, place, both, index in to_come)
            continue
        joined: dict[str, frozenset[str]] = {}
        for fields in each:
            for name, values in fields.items():
                joined[name] = joined.get(name, frozenset()) | values
        if model.title is None:
            joined["title"] = frozenset()
        yield Thing(campaign.name, campaign.name, joined, campaign.place, {"campaign": whole}, bool(to_come))


def _still_to_come(rule: LinkedRule[Any], evaluation: Evaluation) -> dict[str, set[int]]:
    """For each campaign the touches of which something is still to come while the rule is in effect."""
    in_force = rule.last is None or rule.last >= evaluation.as_of
    coming: dict[str, set[int]] = {}
    for touch in evaluation.timeline.sends:
        if evaluation.reportable(touch) and rule.in_effect(touch.day):
            coming.setdefault(touch.campaign, set()).add(touch.index)
    for send in evaluation.timeline.triggered:
        if in_force and is_reportable(send, evaluation):
            coming.setdefault(send.name, set()).add(send.index)
    return coming


def _dumped(model: Any) -> dict[str, frozenset[str]]:
    """The fields of a model as texts, under the names they are written with."""
    found: dict[str, frozenset[str]] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None or value == () or value == {}:
            continue
        if isinstance(value, BaseModel):
            found.update({f"{info.alias or name}.{inner}": texts for inner, texts in _dumped(value).items()})
            found[info.alias or name] = frozenset({"present"})
        elif isinstance(value, Decimal) and isinstance(model, FigureValues):
            found[name] = frozenset({f"{show(value * 100, 'en')}%"})
        elif name == "details":
            found.update({f"details.{key}": texts(item) for key, item in value.items()})
        elif isinstance(value, Money):
            found[info.alias or name] = frozenset({f"{value.amount} {value.currency}"})
        elif isinstance(value, (tuple, list)):
            found[info.alias or name] = frozenset(str(item) for item in value)
        elif isinstance(value, bool):
            found[info.alias or name] = frozenset({"true" if value else "false"})
        else:
            found[info.alias or name] = frozenset({str(value)})
    return found


def as_written(model: BaseModel) -> dict[str, Any]:
    """The content of a document as plain values under the names it is written with; what is not stated is left out."""
    found: dict[str, Any] = {}
    for name, info in type(model).model_fields.items():
        value = getattr(model, name)
        if value is not None:
            found[info.alias or name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """Numbers stay numbers; money is a map of amount and currency; dates and durations are texts."""
    if isinstance(value, BaseModel):
        return as_written(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Money):
        return {"amount": _plain(value.amount), "currency": value.currency}
    if isinstance(value, (date, datetime)):
        return show(value, "en")
    if isinstance(value, Hours):
        return {day: [_span(span) for span in spans] for day, spans in zip(WEEKDAYS, value.days, strict=True)}
    if isinstance(value, (bool, int, str)):
        return value
    return str(value)


def _span(span: tuple[int, int]) -> str:
    """``09:00-21:00``; across midnight the end is past 24:00, as in ``22:00-30:00``."""
    return "-".join(f"{edge // 3600:02}:{edge % 3600 // 60:02}" for edge in span)
