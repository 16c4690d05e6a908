"""Gives and money: in every window a protected customer gets as much care as a favoured one; as much is spent on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from ...clocks import TICK, local, midnight
from ...kit.comparing import NO_GROUPS, GroupComparison, comparison_on, differing, names_of, segment_words, still
from ...kit.couples import couple, item
from ...kit.date_edges import days_alike
from ...kit.findings import violated
from ...kit.receiving import comes_when, may_be_stopped, receipt
from ...kit.replay import not_replayed
from ...messages import Message, count, say
from ...plan.conditions import Condition, tells_days_apart
from ...plan.plan import PlannedCampaign
from ...reference import Customer, admits, days_within
from ...reference.care import care_touches, is_care
from ...reference.comparing import Pair
from ...scalars import BadValue, Money, parse_money
from ...search.result import Found, Undecided
from ...sends.set_off import trigger_of
from ...sends.timeline import Send
from ...space.boxes import Union, intersection
from ...verdicts import Finding, Measure, Spot
from ...windows import Window, calendar_start, window_ending, window_from
from .caring import Caring, Said, doubt, finding, waivers, who


def care_of(caring: Caring) -> list[Send]:
    """The dated care of the plan, drafts left out."""
    return [t for t in caring.evaluation.matching(caring.rule) if t.status != "draft" and is_care(t.fields)]


def compare_gives(caring: Caring) -> Iterator[Finding]:
    """The first window in which somebody gets less care than one like them."""
    differing_attributes = caring.groups.differing_attributes
    touches = [t for t in care_of(caring) if names_of(t.audience) & differing_attributes]
    told = frozenset(name for t in touches for name in names_of(t.audience))
    windows = _windows(caring, touches)
    unsure = _triggered(caring)
    if touches and not windows:
        unsure = unsure or say("no window of this length fits into the plan", "计划期内放不下一个这样长的窗口")
    seen: set[object] = set()
    for window in windows:
        inside = tuple(n for n, t in enumerate(touches) if window.holds(t.at))
        meets = tuple(n for n, t in enumerate(touches) if window.meets(t.at, t.arrives))
        key = (inside, meets, caring.evaluation.day_of(window.end) if _dated(caring) else None)
        if not meets or key in seen:
            continue
        seen.add(key)
        answer = _less(caring, [touches[n] for n in inside], window, told) if inside else None
        if isinstance(answer, Said):
            yield finding(caring, answer, told)
            return
        unsure = unsure or answer or _may_miss(caring, [touches[n] for n in meets], window, told)
    if unsure is not None:
        yield doubt(caring, "gives", unsure)


def _may_miss(caring: Caring, touches: Sequence[Send], window: Window, told: frozenset[str]) -> Message | None:
    """Why somebody may get less: what an event can stop, or what lasts, may not come to them in the window."""
    lost = [t for t in touches if receipt(t, caring.evaluation).script.bars or not window.holds(t.arrives)]
    lost += [t for t in touches if t.model.lasts is not None and not window.holds(t.at)]
    if not lost or _less(caring, touches, window, told, lost) is None:
        return None
    return may_be_stopped() if any(receipt(t, caring.evaluation).script.bars for t in lost) else comes_when()


def _dated(caring: Caring) -> bool:
    """Whether the day of a window decides who is of the groups."""
    return any(tells_days_apart(c) for c in (*caring.groups.conditions, *caring.plan.customers.facts))


def _triggered(caring: Caring) -> Message | None:
    """Care that is triggered is not counted; where its audience parts the groups, that is said."""
    for step in caring.evaluation.matching_triggered(caring.rule):
        parts = is_care(step.fields) and step.status != "draft"
        events = caring.plan.customers.events
        own = trigger_of(step).event
        told = [step.audience, *(events[name].condition for name in (*([own] if own else []), *step.stops_on))]
        apart = any(names_of(one) & caring.groups.differing_attributes for one in told)
        if not parts or not apart or caring.span is None:
            continue
        asked = (*caring.groups.favoured, step.audience, *([events[own].condition] if own else []))
        if any(_somebody(caring, asked, day) for day in days_alike(caring.evaluation, asked, *caring.span)):
            return say(
                "{name} is triggered and not for everyone alike: what it gives is not compared",
                "{name} 为触发式且并非对所有人相同：其赠予未作比较",
                name=step.name,
            )
    return None


def _somebody(caring: Caring, conditions: Sequence[Condition], day: date) -> bool:
    """Whether anybody meets all the conditions on a day."""
    stage = comparison_on(caring.evaluation, NO_GROUPS, conditions, day)
    return stage.anybody(stage.of(conditions))


def _windows(caring: Caring, touches: Sequence[Send]) -> list[Window]:
    """Every window wholly inside the judged days that matters: at touches, and where days begin and end."""
    if caring.span is None:
        return []
    per, clock, zone = caring.params.per, caring.rule.clock, caring.plan.timezone
    begins, end = max(caring.evaluation.span[0], caring.rule.first or date.min), caring.instants[1]
    first = midnight(begins, zone)
    days = [begins + timedelta(days=n) for n in range((caring.span[1] - begins).days + 2)]
    if per.duration is None:
        firsts = [day for day in days if per.calendar is None or calendar_start(day, per) == day]
        found = [window_from(midnight(day, clock), per, clock) for day in firsts]
    else:
        edges = {at for t in touches for at in (t.at, t.at - TICK)} | {midnight(day, zone) - TICK for day in days}
        found = [window_from(at, per, clock) for at in edges] + [window_ending(at, per, clock) for at in edges]
    inside = [w for w in found if (w.start if w.closed else w.start + TICK) >= first and w.end < end]
    inside = [w for w in inside if caring.evaluation.day_of(w.end) >= caring.span[0]]
    return sorted(set(inside), key=lambda w: (w.end, w.start))


def _less(
    caring: Caring, inside: Sequence[Send], window: Window, told: frozenset[str], lost: Sequence[Send] = ()
) -> Said | Message | None:
    """Somebody who gets less in the window than one like them, both of their group at every instant of it.

    ``lost``: what does not come to the protected one.
    """
    begins = window.start if window.closed else window.start + TICK
    day = caring.evaluation.day_of(begins)
    days = sorted({caring.evaluation.day_of(at) for at in (begins, *days_within(window, caring.plan.timezone))})
    stage = _stage(caring, inside, [*days, *(t.day for t in inside)], day)
    favoured, protected = (_throughout(stage, group, days) for group in (stage.groups.favoured, stage.groups.protected))
    items = [item(stage, 1, touch.audience, touch.day) for touch in inside]
    items = [replace(i, gets=[]) if t in lost else i for i, t in zip(items, inside, strict=True)]
    asked = {*days, *caring.evaluation.fact_days}
    answer = couple(stage, favoured, protected, items, caring.evaluation.fresh_budget(), asked)
    if not isinstance(answer, Found):
        return answer.why if isinstance(answer, Undecided) else None
    pair = answer.value
    return _said(
        caring, inside, window, Pair(still(pair.customer, stage.at), pair.twin, pair.differing_attributes), told
    )


def _stage(caring: Caring, touches: Sequence[Send], days: Sequence[date], day: date) -> GroupComparison:
    evaluation = caring.evaluation
    conditions = [*caring.groups.conditions, *(t.audience for t in touches)]
    context = evaluation.context(conditions, set(days))
    return GroupComparison(evaluation, caring.groups, context, midnight(day, caring.plan.timezone), day)


def _throughout(stage: GroupComparison, group: Sequence[Condition], days: Sequence[date]) -> Union:
    """Everyone who is of a group on each of the days."""
    boxes: Union = [{}]
    for day in days:
        for condition in group:
            boxes = intersection(boxes, stage.space.of(condition, day))
    return boxes


def _said(caring: Caring, touches: Sequence[Send], window: Window, pair: Pair, told: frozenset[str]) -> Said | Message:
    plan, zone = caring.plan, caring.plan.timezone
    instants = [window.start + TICK, *days_within(window, zone), window.end]
    if not (
        _stays(pair.customer, caring.groups.protected, instants, caring)
        and _stays(pair.twin, caring.groups.favoured, instants, caring)
    ):
        return not_replayed()
    own, theirs = (care_touches(customer, touches, plan) for customer in (pair.customer, pair.twin))
    if len(own) >= len(theirs):
        return not_replayed()
    at = window.start + TICK
    noun = ("touch that gives", "touches that give", "次照顾")
    first, last = (local(edge, caring.rule.clock).date() for edge in (at, window.end))
    message = say(
        "from {first} to {last} {who} gets {own}; {other} gets {theirs}",
        "{first} 至 {last}，{who}得到 {own}；{other}得到 {theirs}",
        first=first,
        last=last,
        who=who(caring, pair.customer, at, differing(pair, at) | (told - caring.groups.differing_attributes)),
        other=who(caring, pair.twin, at, differing(pair, at), favoured=True),
        own=count(len(own), *noun) if own else say("no touch that gives", "0 次照顾"),
        theirs=count(len(theirs), *noun),
    )
    related = tuple(Spot(t.place, say("{at}", "{at}", at=t.local)) for t in theirs if t not in own)
    help = say(
        "take these customers into one of the audiences, or plan a touch that gives for them",
        "请把这些客户纳入其中一个受众，或为他们安排一次照顾",
    )
    return Said("gives", pair, at, message, related, Measure(len(own), len(theirs)), help)


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
    own = mine.budget.amount / mine.size if mine.budget is not None and mine.size else Decimal(0)
    other = theirs.budget.amount / theirs.size
    if (mine.budget.amount if mine.budget else 0) * theirs.size < theirs.budget.amount * max(mine.size, 1):
        yield _budget_finding(caring, own, other, theirs, mine)


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
    dated = {t.campaign for t in care_of(caring) if caring.evaluation.reportable(t)}
    steps = {s.name for s in caring.evaluation.matching_triggered(caring.rule) if is_care(s.fields)}
    return [
        c for c in caring.plan.campaigns if c.model.status not in ("draft", "cancelled") and c.name in dated | steps
    ]


def _reaches(caring: Caring, campaign: PlannedCampaign, group: Sequence[Condition]) -> bool:
    """Whether one of its care touches, as they are sent, can reach somebody of the group."""
    assert caring.span is not None  # noqa: S101
    late = caring.evaluation.reportable
    sent = {(t.day, t.audience) for t in care_of(caring) if t.campaign == campaign.name and late(t)}
    steps = [s for s in caring.evaluation.matching_triggered(caring.rule) if s.name == campaign.name]
    for audience in (s.audience for s in steps if is_care(s.fields)):
        sent |= {(day, audience) for day in days_alike(caring.evaluation, (audience, *group), *caring.span)}
    return any(_somebody(caring, (audience, *group), day) for day, audience in sorted(sent, key=str))


def _budget_finding(caring: Caring, own: Decimal, other: Decimal, theirs: Spent, mine: Spent) -> Finding:
    assert theirs.budget is not None  # noqa: S101
    currency = theirs.budget.currency
    message = say(
        "{own} a head is spent on {mine}, {other} on {theirs} (estimated)",
        "{mine}人均投入 {own}，{theirs}人均 {other}（估算）",
        mine=segment_words(caring.params.protected, say("those protected", "受保护客户")),
        theirs=segment_words(caring.params.favoured, say("those favoured", "受优待客户")),
        own=Money(own.quantize(Decimal("0.01")), currency).message,
        other=Money(other.quantize(Decimal("0.01")), currency).message,
    )
    spot = Spot(caring.rule.place.down("protected"), say("who must not get less", "所得不得更少的客户"))
    related = tuple(
        Spot(
            c.place.down("details", "budget"),
            say("for {size} customers", "用于 {size} 位客户", size=c.model.estimated_size),
        )
        for c in (*theirs.campaigns, *(c for c in mine.campaigns if c not in theirs.campaigns))
    )
    return violated(
        caring.rule,
        message,
        spot,
        group="budget",
        measure=Measure(own, other),
        related=related,
        help=say("spend more on the care of those protected", "请增加对受保护客户的照顾投入"),
        covered_by=waivers(caring, "budget"),
    )
