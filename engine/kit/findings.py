"""What a finding is made of, and the notes and words that all kinds share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..changes import Change
from ..messages import Message, say
from ..places import Place
from ..policy.linked import LinkedRule
from ..sends.timeline import Send, TriggeredTouch
from ..verdicts import Finding, Measure, Note, Spot, Standpoint, Witness


def violated(
    rule: LinkedRule[Any],
    message: Message,
    spot: Spot,
    *,
    campaign: str | None = None,
    group: str | None = None,
    parties: Iterable[str] | None = None,
    measure: Measure | None = None,
    related: Iterable[Spot] = (),
    witness: Witness | None = None,
    help: Message | None = None,
    changes: Iterable[Change] = (),
    stands_at: Iterable[Send] = (),
    among: Iterable[str] = (),
    more: int | None = None,
    covered_by: tuple[int, ...],
    assumptions: Iterable[Message] = (),
) -> Finding:
    """A violated verdict at one place; the campaign at which it stands is a party unless others are named.

    ``stands_at`` are all sends of the campaign at which it stands, the one that is shown first, ``among`` the campaigns of all its sets. ``more`` is how many more there
    are than the one shown; without it as many as there are other sends.
    ``covered_by`` has no default, so that no kind forgets to ask which waivers cover its finding.
    """
    own = () if campaign is None else (campaign,)
    points = [Standpoint(touch.index, touch.local) for touch in stands_at]
    places = (*points[:1], *sorted({*points[1:]} - {*points[:1]}))
    shown = own if parties is None else tuple(sorted(set(parties)))
    return Finding(
        rule.id,
        rule.kind,
        rule.params.severity,
        "violated",
        message,
        spot,
        campaign=campaign,
        group=group,
        parties=shown,
        among=tuple(sorted({*shown, *among})),
        stands_at=places,
        measure=measure,
        related=tuple(related),
        witness=witness,
        because=rule.because,
        help=help,
        changes=tuple(changes),
        more=max(len(places) - 1, 0) if more is None else more,
        covered_by=covered_by,
        assumptions=tuple(assumptions),
    )


def unproven(
    rule: LinkedRule[Any],
    message: Message,
    missing: Message,
    place: Place | None = None,
    campaign: str | None = None,
    group: str | None = None,
) -> Finding:
    """A verdict that could not be reached, with what is missing; it stands at the rule unless a place is given."""
    spot = Spot(place or rule.place.down("rule"), say("not proven", "未能证明"))
    found = violated(rule, message, spot, campaign=campaign, group=group, covered_by=())
    whose = group if group is not None or campaign is not None else rule.group_name
    return replace(found, verdict="unproven", missing=missing, group=whose)


def nothing_matches(rule: LinkedRule[Any], what: Message | None = None) -> Note:
    """Nothing of the plan is what the rule speaks of: touches, unless said otherwise."""
    of = what if what is not None else say("touch", "触达")
    return Note(
        "matches-nothing",
        "warning",
        say(
            "the rule {rule} matches no {of} of the plan", "规则 {rule} 没有匹配到计划中的任何{of}", rule=rule.id, of=of
        ),
        rule.place.down("match") if rule.params.match is not None else rule.place.down("rule"),
        say("check the words of match, or remove the rule", "请检查 match 中的用词，或删除该规则"),
    )


def when(thing: Send | TriggeredTouch) -> Message:
    """The time of a send as a label; a triggered touch has none of its own."""
    return say("triggered", "触发发送") if isinstance(thing, TriggeredTouch) else say("{at}", "{at}", at=thing.local)


def numbered(n: int) -> Message:
    """``4th``, ``第 4 次``."""
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return say("{n}" + ending, "第 {n} 次", n=n)


def how_often(event: str | None) -> Message:
    return say(
        "nothing says how often {event} can come: add again_after to the trigger, or assume to the event",
        "没有写明 {event} 多久会发生一次；请在 trigger 中写 again_after，或在该事件中写 assume",
        event=event,
    )
