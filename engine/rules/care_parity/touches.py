"""Gives and money: in every window a protected customer gets as much care as a favoured one; as much is spent on him."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from ...clocks import TICK, local, midnight
from ...messages import Message, count, say
from ...plan.conditions import Condition
from ...plan.plan import PlannedCampaign
from ...reference import Customer, admits, days_within
from ...reference.care import care_touches, is_care
from ...reference.comparing import Pair
from ...scalars import BadValue, Money, parse_money
from ...space.boxes import Union, intersection
from ...timeline import Touch, touch_fields
from ...verdicts import Finding, Measure, Spot
from ...windows import Window, window_ending, window_from
from ..common import base_finding, fresh_steps, not_replayed
from ..offer_parity.words import money
from ..parity import Groups, Scene, names_of, scene, still, tells_days_apart
from .caring import Caring, Said, doubt, finding, waivers, who
from .couples import getting_more, item


def care_of(caring: Caring) -> list[Touch]:
    """The dated care of the plan, drafts left out."""
    return [t for t in caring.question.matching(caring.rule) if t.status != "draft" and is_care(t.fields)]


def compare_gives(caring: Caring) -> Iterator[Finding]:
    """The first window in which somebody gets less care than one like him."""
    apart = caring.groups.apart
    unsure = _triggered(caring)
    touches = [t for t in care_of(caring) if names_of(t.audience) & apart]
    told = frozenset(name for t in touches for name in names_of(t.audience))
    looked = False
    for window in _windows(caring, touches):
        looked = True
        answer = _less(caring, touches, window, told)
        if isinstance(answer, Said):
            yield finding(caring, answer, told)
            return
        unsure = unsure or answer
    if touches and not looked:
        unsure = unsure or say("no window of this length fits into the plan", "计划期内放不下一个这样长的窗口")
    if unsure is not None:
        yield doubt(caring, "gives", unsure)


def _triggered(caring: Caring) -> Message | None:
    """Care that is triggered is not counted; where its audience parts the groups, that is said."""
    for step in caring.question.matching_steps(caring.rule):
        if not is_care(step.fields) or not names_of(step.audience) & caring.groups.apart or caring.span is None:
            continue
        stage = scene(caring.question, caring.groups, [step.audience], caring.span[0])
        served = intersection(stage.of(caring.groups.favoured), stage.of([step.audience]))
        if served:
            return say(
                "{name} is triggered and not for everyone alike: what it gives is not compared",
                "{name} 为触发式且并非对所有人相同：其赠予未作比较",
                name=step.campaign.name,
            )
    return None


def _windows(caring: Caring, touches: Sequence[Touch]) -> Iterator[Window]:
    """Every window inside the judged days that holds other touches than the one before, or that its days tell apart."""
    if caring.span is None:
        return
    per, clock = caring.params.per, caring.rule.clock
    first, end = caring.instants
    conditions = [*caring.groups.conditions, *caring.plan.customers.facts]
    days = range((caring.span[1] - caring.span[0]).days + 1)
    starts = {first - TICK} | {at for t in touches for at in (t.at, t.at - TICK)}
    if per.duration is None or tells_days_apart(conditions):
        starts |= {midnight(caring.span[0] + timedelta(days=n), clock) - TICK for n in days}
    found = [window_from(start if per.duration else start + TICK, per, clock) for start in sorted(starts)]
    found += [window_ending(at, per, clock) for t in touches for at in (t.at, t.at - TICK)]
    seen: set[object] = set()
    for window in sorted(found, key=lambda w: (w.end, w.start)):
        begins = window.start if window.closed else window.start + TICK
        inside = tuple(n for n, t in enumerate(touches) if window.holds(t.at))
        if not inside or begins < first or window.end >= end:
            continue
        key = (inside, caring.question.day_of(begins) if tells_days_apart(conditions) else None)
        if key not in seen:
            seen.add(key)
            yield window


def _less(caring: Caring, touches: Sequence[Touch], window: Window, told: frozenset[str]) -> Said | Message | None:
    """Somebody who gets less in the window than one like him, both of their group at every instant of it."""
    inside = [t for t in touches if window.holds(t.at)]
    begins = window.start if window.closed else window.start + TICK
    day = caring.question.day_of(begins)
    days = sorted({caring.question.day_of(at) for at in (begins, *days_within(window, caring.plan.timezone))})
    stage = _stage(caring, inside, [*days, *(t.day for t in inside)], day)
    favoured, protected = (_throughout(stage, group, days) for group in (stage.groups.favoured, stage.groups.protected))
    items = [item(stage, 1, touch.audience, touch.day) for touch in inside]
    steps = fresh_steps(caring.question)
    for mine, theirs in getting_more(stage, favoured, protected, items, steps):
        pair = stage.pair(mine, [theirs], [], steps)
        if pair is None:
            return steps.doubts[0] if steps.doubts else not_replayed()
        return _said(caring, inside, window, Pair(still(pair.customer, stage.at), pair.twin, pair.apart), told)
    return None


def _stage(caring: Caring, touches: Sequence[Touch], days: Sequence[date], day: date) -> Scene:
    question = caring.question
    conditions = [*caring.groups.conditions, *(t.audience for t in touches)]
    world = question.world(conditions, set(days))
    return Scene(question, caring.groups, world, midnight(day, caring.plan.timezone), day)


def _throughout(stage: Scene, group: Sequence[Condition], days: Sequence[date]) -> Union:
    """Everyone who is of a group on each of the days."""
    boxes: Union = [{}]
    for day in days:
        for condition in group:
            boxes = intersection(boxes, stage.space.of(condition, day))
    return boxes


def _said(caring: Caring, touches: Sequence[Touch], window: Window, pair: Pair, told: frozenset[str]) -> Said | Message:
    plan, zone = caring.plan, caring.plan.timezone
    instants = [window.start + TICK, *days_within(window, zone), window.end]
    if not (
        _stays(pair.customer, caring.groups.protected, instants, caring)
        and _stays(pair.twin, caring.groups.favoured, instants, caring)
    ):
        return not_replayed()
    his, theirs = (care_touches(customer, touches, plan) for customer in (pair.customer, pair.twin))
    if len(his) >= len(theirs):
        return not_replayed()
    at = window.start + TICK
    noun = ("touch that gives", "touches that give", "次照顾")
    first, last = (local(edge, caring.rule.clock).date() for edge in (at, window.end))
    message = say(
        "from {first} to {last} {who} gets {his}; {other} gets {theirs}",
        "{first} 至 {last}，{who}得到 {his}；{other}得到 {theirs}",
        first=first,
        last=last,
        who=who(caring, pair.customer, at, caring.groups.apart | told),
        other=who(caring, pair.twin, at, caring.groups.apart, favoured=True),
        his=count(len(his), *noun) if his else say("no touch that gives", "0 次照顾"),
        theirs=len(theirs),
    )
    related = tuple(Spot(t.place, say("{at}", "{at}", at=t.local)) for t in theirs if t not in his)
    help = say(
        "take these customers into one of the audiences, or plan a touch that gives for them",
        "请把这些客户纳入其中一个受众，或为他们安排一次照顾",
    )
    return Said("gives", pair, at, message, related, Measure(len(his), len(theirs)), help)


def _stays(customer: Customer, conditions: Sequence[Condition], instants: Sequence[datetime], caring: Caring) -> bool:
    plan = caring.plan
    return all(
        admits(condition, customer, at, plan.customers, plan.timezone) for at in instants for condition in conditions
    )


# --- money -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent:
    """What the care campaigns that reach somebody of a group spend, and on how many."""

    budget: Money | None
    size: int
    campaigns: tuple[PlannedCampaign, ...]


def compare_budget(caring: Caring) -> Iterator[Finding]:
    """Arithmetic, and said to be: the money for each head of the campaigns that reach each group."""
    spent = [_spent(caring, group) for group in (caring.groups.protected, caring.groups.favoured)]
    missing = next((answer for answer in spent if isinstance(answer, Message)), None)
    if missing is not None:
        yield doubt(caring, "budget", missing)
        return
    mine, theirs = spent
    assert isinstance(mine, Spent) and isinstance(theirs, Spent)  # noqa: S101
    if theirs.budget is None or not theirs.size:
        return
    if mine.budget is not None and mine.budget.currency != theirs.budget.currency:
        yield doubt(caring, "budget", say("the budgets are in different currencies", "预算币种不同"))
        return
    his = mine.budget.amount / mine.size if mine.budget is not None and mine.size else Decimal(0)
    other = theirs.budget.amount / theirs.size
    if (mine.budget.amount if mine.budget else 0) * theirs.size < theirs.budget.amount * max(mine.size, 1):
        yield _budget_finding(caring, his, other, theirs, mine)


def _spent(caring: Caring, group: Sequence[Condition]) -> Spent | Message:
    """The campaigns of care that can reach somebody of the group."""
    reached = [c for c in _care_campaigns(caring) if _reaches(caring, c, group)]
    amounts: list[Money] = []
    for campaign in reached:
        raw = campaign.model.details.get("budget")
        if raw is None or campaign.model.estimated_size is None:
            return say(
                "{name} does not state details.budget and estimated_size",
                "{name} 没有写 details.budget 与 estimated_size",
                name=campaign.name,
            )
        try:
            amounts.append(parse_money(raw))
        except BadValue as bad:
            return say(
                "{name}: details.budget: {why}", "{name}：details.budget：{why}", name=campaign.name, why=bad.message
            )
    if len({money.currency for money in amounts}) > 1:
        return say("the budgets are in different currencies", "预算币种不同")
    total = Money(sum((m.amount for m in amounts), Decimal(0)), amounts[0].currency) if amounts else None
    return Spent(total, sum(c.model.estimated_size or 0 for c in reached), tuple(reached))


def _care_campaigns(caring: Caring) -> list[PlannedCampaign]:
    """Campaigns with a touch that is care and matches; drafts and cancelled ones are none."""
    dated = {t.campaign for t in care_of(caring) if caring.question.late(t)}
    steps = {s.campaign.name for s in caring.question.matching_steps(caring.rule) if is_care(s.fields)}
    return [
        c for c in caring.plan.campaigns if c.model.status not in ("draft", "cancelled") and c.name in dated | steps
    ]


def _reaches(caring: Caring, campaign: PlannedCampaign, group: Sequence[Condition]) -> bool:
    """Whether one of its care touches can reach somebody of the group on the first day that is judged."""
    assert caring.span is not None  # noqa: S101
    model = campaign.model
    for touch, audience in zip(model.touches, campaign.audiences, strict=True):
        if not is_care(touch_fields(model, touch, campaign.timezone, caring.plan.words)):
            continue
        nobody = Groups((), (), frozenset())
        day = next((t.day for t in caring.question.line.touches if t.campaign == campaign.name), caring.span[0])
        stage = scene(caring.question, nobody, [audience, *group], day)
        boxes = stage.of([audience, *group])
        if next(iter(stage.holes(boxes, [], fresh_steps(caring.question))), None) is not None:
            return True
    return False


def _budget_finding(caring: Caring, his: Decimal, other: Decimal, theirs: Spent, mine: Spent) -> Finding:
    assert theirs.budget is not None  # noqa: S101
    currency = theirs.budget.currency
    message = say(
        "{his} a head is spent on those protected, {other} on those favoured (estimated)",
        "受保护客户人均投入 {his}，受优待客户人均 {other}（估算）",
        his=money(Money(his.quantize(Decimal("0.01")), currency)),
        other=money(Money(other.quantize(Decimal("0.01")), currency)),
    )
    spot = Spot(caring.rule.place.down("protected"), say("who must not get less", "所得不得更少的客户"))
    related = tuple(
        Spot(c.place.down("details", "budget"), say("for the favoured", "用于受优待客户"))
        for c in theirs.campaigns
        if c not in mine.campaigns
    )
    measure = Measure(his, other)
    return replace(
        base_finding(caring.rule, "violated", message, spot),
        group="budget",
        measure=measure,
        related=related,
        covered_by=waivers(caring, "budget", measure),
    )
