"""A customer in words: only the attributes that matter, with their values, and how they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from ..clocks import local
from ..messages import Message, all_of, count, say
from ..plan.conditions import Condition, InArm, InOpaque, OnClock, attributes_of, leaves
from ..plan.ledger import LINE, LOG
from ..plan.plan import CustomerModel
from ..reference import CLOCK, OTHER, UNKNOWN, Customer, Value, arm_key, opaque_key

MAX_EVENTS = 4
MAX_CHANGES = 4


def describe(
    customer: Customer,
    model: CustomerModel,
    conditions: Iterable[Condition],
    instants: Sequence[datetime],
    timezone: str,
) -> Message:
    """``city hangzhou, first purchase 2026-02-20``; a value that changes is given with the days it holds from."""
    listed = list(conditions)
    names = sorted({name for condition in listed for name in attributes_of(condition)})
    parts = [_attribute(name, customer, model, instants, timezone) for name in names]
    for leaf in sorted({leaf for c in listed for leaf in leaves(c) if isinstance(leaf, (InOpaque, InArm))}, key=str):
        parts += _membership(leaf, customer, instants)
    zone = customer.value(CLOCK, _first(instants))
    if any(isinstance(leaf, OnClock) for c in listed for leaf in leaves(c)) and zone is not None:
        name = model.zone_attribute
        if name is not None and (name not in names or customer.value(name, _first(instants)) is UNKNOWN):
            parts.append(say("whose clock is in {zone}", "所在时区为 {zone}", zone=str(zone)))
    for at, event in customer.events[:MAX_EVENTS]:
        when = local(at, timezone)
        parts.append(say("{event} at {at}", "{at} 发生 {event}", event=event, at=when))
    if len(customer.events) > MAX_EVENTS:
        more = count(len(customer.events) - MAX_EVENTS, "event more", "events more", "个事件")
        parts.append(say("and {more}", "另有 {more}", more=more))
    return all_of(parts) if parts else say("anyone", "任何客户")


def describe_names(
    customer: Customer, model: CustomerModel, names: Iterable[str], at: datetime, timezone: str
) -> Message:
    """What the customer is at an instant in some attributes, opaque segments and tests, as their values are named."""
    parts = []
    for name in names:
        if name in model.attributes:
            parts.append(_attribute(name, customer, model, [at], timezone))
        elif name.startswith("segment "):
            parts += _membership(InOpaque(name.removeprefix("segment ")), customer, [at])
        elif name.startswith("test "):
            arm = customer.value(name, at)
            parts += _membership(InArm(name.removeprefix("test "), str(arm)), customer, [at])
    return all_of(parts) if parts else say("anyone", "任何客户")


def _first(instants: Sequence[datetime]) -> datetime:
    return min(instants, default=datetime.min.replace(tzinfo=UTC))


def _membership(leaf: InOpaque | InArm, customer: Customer, instants: Sequence[datetime]) -> list[Message]:
    at = _first(instants)
    if isinstance(leaf, InArm):
        arm = customer.value(arm_key(leaf.test), at)
        if leaf.test.startswith(LOG):
            line, ledger = str(arm).removeprefix(LINE), leaf.test.removeprefix(LOG)
            who = say(
                "the customer of line {line} in the log of {ledger}",
                "台账 {ledger} 的记录中第 {line} 行的客户",
                line=line,
                ledger=ledger,
            )
            return [who] if arm == leaf.arm else []
        return (
            [say("in arm {arm} of test {test}", "在测试 {test} 的 {arm} 组", arm=str(arm), test=leaf.test)]
            if arm == leaf.arm
            else []
        )
    if customer.value(opaque_key(leaf.segment), at) is True:
        return [
            say(
                "in segment {name} (its overlap with others is not declared)",
                "属于客群 {name}（与其他客群的重叠未声明）",
                name=leaf.segment,
            )
        ]
    return [say("not in segment {name}", "不属于客群 {name}", name=leaf.segment)]


def _attribute(
    name: str, customer: Customer, model: CustomerModel, instants: Sequence[datetime], timezone: str
) -> Message:
    readable = name.replace("_", " ")
    values: list[tuple[datetime, Value]] = []
    for at in sorted(set(instants)) or [_first(())]:
        value = customer.value(name, at)
        if not values or values[-1][1] != value:
            values.append((at, value))
    first = say("{name} {value}", "{raw} {value}", name=readable, raw=name, value=_value(values[0][1]))
    if len(values) == 1:
        return first
    later = [
        say("{value} from {at}", "{at} 起为 {value}", value=_value(value), at=local(at, timezone))
        for at, value in values[1:]
    ]
    if len(later) > MAX_CHANGES:
        more = count(len(later) - MAX_CHANGES, "change more", "changes more", "次变化")
        later = [*later[:MAX_CHANGES], say("and {more}", "另有 {more}", more=more)]
    return say("{first}, then {later}", "{first}，随后 {later}", first=first, later=later)


def _value(value: Value) -> Message:
    if value is UNKNOWN:
        return say("not known", "未知")
    if value == OTHER:
        return say("some other", "其他")
    if value is None:
        return say("none yet", "尚无")
    if isinstance(value, bool):
        return say("yes", "是") if value else say("no", "否")
    if isinstance(value, frozenset):
        return say("{all}", "{all}", all=sorted(value)) if value else say("none", "无")
    if isinstance(value, (date, Decimal)):
        return say("{value}", "{value}", value=value)
    return say("{value}", "{value}", value=str(value))
