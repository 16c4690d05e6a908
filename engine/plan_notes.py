"""What a plan holds that nobody gets, that never comes or that is not judged: said, so that it is not taken for a pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from .clocks import local
from .kit.attribution import is_reportable
from .kit.evaluation import Evaluation, boxes_of
from .kit.receiving import ConditionsAt, receipt, somebody
from .kit.telling_sends import telling_sends
from .messages import all_of, say
from .plan.conditions import EVERYONE, Condition, attributes_of, tells_days_apart
from .plan.plan import PlannedCampaign
from .policy.linked import LinkedRule
from .search.budget import SearchBudget
from .search.result import Nobody, decided
from .sends.timeline import Send, TriggeredTouch
from .verdicts import Note

BUDGET = 20_000
"""Of one search for somebody whom a campaign reaches."""
MOST = 400
"""So many sends of a touch are tried; where nobody is found for that many, nothing is said."""
SHOWN = 5
Touch = tuple[str, int]
"""Campaign and number of the touch."""


def plan_notes(evaluation: Evaluation, rules: Sequence[LinkedRule[Any]]) -> list[Note]:
    """What is to be said of the plan, whatever the rules find."""
    by_touch: dict[Touch, list[Send]] = {}
    for send in evaluation.timeline.sends:
        if send.campaign not in evaluation.ledgers:
            by_touch.setdefault((send.campaign, send.index), []).append(send)
    return [
        *_past(evaluation, by_touch),
        *_outside(evaluation, by_touch),
        *_gaps(by_touch),
        *_unknown_zone(evaluation, by_touch, rules),
        *_reaching_nobody(evaluation, by_touch),
    ]


# --- what is not judged ----------------------------------------------------------------------------------------------


def _past(evaluation: Evaluation, by_touch: dict[Touch, list[Send]]) -> Iterator[Note]:
    """Planned campaigns of which something, or all, lies before the day from which on findings are reported."""
    days = _days_of(evaluation, by_touch)
    past = [
        campaign
        for campaign in evaluation.plan.campaigns
        if campaign.model.status == "planned" and min(days.get(campaign.name, [evaluation.as_of])) < evaluation.as_of
    ]
    over = [campaign for campaign in past if max(days[campaign.name]) < evaluation.as_of]
    begun = [campaign for campaign in past if campaign not in over]
    told = [
        *([say("{names}{more} (all of it)", "{names}{more}（全部）", **_some(over))] if over else []),
        *([say("{names}{more} (in part)", "{names}{more}（部分）", **_some(begun))] if begun else []),
    ]
    if told:
        message = say(
            "still planned, and before {day}, where nothing is judged: {told}",
            "状态仍为计划中，却早于 {day}，该处未作判断：{told}",
            day=evaluation.as_of,
            told=all_of(told, "; ", "；"),
        )
        help = say(
            "if it has gone out, say status: live or ended; if not, look at the year",
            "若已发送，请写 status: live 或 ended；若未发送，请检查年份",
        )
        yield Note("past-sends", "info", message, (over or begun)[0].place, help)


def _outside(evaluation: Evaluation, by_touch: dict[Touch, list[Send]]) -> Iterator[Note]:
    """Campaigns still to come that send on days which the stated period leaves out."""
    stated = evaluation.plan.stated_period
    if stated is None:
        return
    days = _days_of(evaluation, by_touch)
    beyond = [
        campaign
        for campaign in evaluation.plan.campaigns
        if campaign.model.status not in ("ended", "cancelled")
        and any(day >= evaluation.as_of and not stated[0] <= day <= stated[1] for day in days.get(campaign.name, ()))
    ]
    if beyond:
        message = say(
            "outside of the period of the plan, {first} to {last}: {names}{more}",
            "超出计划期间 {first} 至 {last}：{names}{more}",
            first=stated[0],
            last=stated[1],
            **_some(beyond),
        )
        help = say(
            "what is owed or compared is looked at within it: look at the dates, or state a longer period in tactful.yaml",
            "应得与比较只在期间内判断：请检查日期，或在 tactful.yaml 中写更长的 period",
        )
        yield Note("outside-period", "warning", message, beyond[0].place, help)


def _days_of(evaluation: Evaluation, by_touch: dict[Touch, list[Send]]) -> dict[str, list[date]]:
    """First and last days of each dated touch and of the time in which a triggered campaign runs, where it is stated."""
    found: dict[str, list[date]] = {}
    for (name, _), sends in by_touch.items():
        found.setdefault(name, []).extend((sends[0].day, sends[-1].day))
    for campaign in evaluation.plan.campaigns:
        during = campaign.model.during
        if campaign.model.trigger is not None and during is not None and during.until is not None:
            found.setdefault(campaign.name, []).extend((during.from_ or during.until, during.until))
    return found


def _some(campaigns: Sequence[PlannedCampaign]) -> dict[str, object]:
    more = say(" and {n} more", " 等另外 {n} 个", n=len(campaigns) - SHOWN) if len(campaigns) > SHOWN else say("", "")
    return {"names": [campaign.name for campaign in campaigns[:SHOWN]], "more": more}


# --- what comes at another hour, or to some only ---------------------------------------------------------------------


def _gaps(by_touch: dict[Touch, list[Send]]) -> Iterator[Note]:
    """Times that no clock shows, as clocks go forward: the first of each touch."""
    for sends in by_touch.values():
        for send in sends:
            shown = local(send.at, send.zone)
            if shown != send.local:
                message = say(
                    "the clocks of {zone} never show {at}: they go forward, and it goes out at {shown}",
                    "{zone} 的时钟不会显示 {at}：当时调快，实际在 {shown} 发送",
                    zone=send.zone,
                    at=send.local,
                    shown=shown,
                )
                help = say("say another time", "请改写时间")
                yield Note("no-such-time", "warning", message, send.place.down("at"), help)
                break


def _unknown_zone(
    evaluation: Evaluation, by_touch: dict[Touch, list[Send]], rules: Sequence[LinkedRule[Any]]
) -> Iterator[Note]:
    """The first touch, else the first rule that is no pack's, on the customer's clock, where that may not be known."""
    name = evaluation.plan.customers.zone_attribute
    if name is None or evaluation.plan.customers.attributes[name].always_known:
        return
    places = [sends[0].place for sends in by_touch.values() if sends[0].model.clock == "customer"]
    places += [
        rule.place for rule in rules if rule.clock == "customer" and not rule.place.document.startswith("tactful:")
    ]
    if places:
        message = say(
            "this goes by the customer's clock, and '{zone}' may not be known: such a customer is looked at in every zone",
            "此处按客户当地时间，而“{zone}”可能未知：此类客户按所有时区逐一核对",
            zone=name,
        )
        help = say(
            "if it is known of every customer, say so: always_known: true",
            "若每位客户的时区都已知，请写 always_known: true",
        )
        yield Note("unknown-zone", "info", message, places[0].down("clock"), help)


# --- what reaches nobody ---------------------------------------------------------------------------------------------


def _reaching_nobody(evaluation: Evaluation, by_touch: dict[Touch, list[Send]]) -> Iterator[Note]:
    """Campaigns and touches still to come that no customer can get."""
    steps = {(step.name, step.index): step for step in evaluation.timeline.triggered}
    audiences = Audiences(evaluation, by_touch)
    for campaign in evaluation.plan.campaigns:
        if campaign.model.status in ("ended", "cancelled"):
            continue
        nobody: list[int] = []
        for index in range(len(campaign.model.touches)):
            step = steps.get((campaign.name, index))
            if step is not None:
                reaches = _set_off(step, evaluation, step.audience)
                if not reaches and not _set_off(step, evaluation, EVERYONE):
                    yield _never(campaign)
                    nobody = []
                    break
            else:
                sends = by_touch.get((campaign.name, index), [])
                coming = [send for send in sends if evaluation.reportable(send)]
                reaches = not coming or audiences.admit_somebody(campaign.audiences[index], coming)
            if not reaches:
                nobody.append(index)
        yield from _nobody(campaign, nobody)


class Audiences:
    """Whether somebody can be in an audience on a day; asked once for all campaigns with the same one."""

    def __init__(self, evaluation: Evaluation, by_touch: dict[Touch, list[Send]]) -> None:
        self.evaluation, self.customers = evaluation, evaluation.plan.customers
        self.known: dict[tuple[Condition, date], bool] = {}
        whose = [audience for campaign in evaluation.plan.campaigns for audience in campaign.audiences]
        days = {send.day for sends in by_touch.values() for send in sends if evaluation.reportable(send)}
        self.space = evaluation.context(dict.fromkeys(whose), days).space

    def admit_somebody(self, audience: Condition, sends: Sequence[Send]) -> bool:
        """Of one of the sends; true where that is not settled."""
        if audience == EVERYONE:
            return True
        dated = any(map(tells_days_apart, (audience, *self.customers.facts)))
        days = {send.day: send for send in sends} if dated else {sends[0].day: sends[0]}
        return any(self._admits(audience, send) for send in islice(days.values(), MOST)) or len(days) > MOST

    def _admits(self, audience: Condition, send: Send) -> bool:
        key = (audience, send.day)
        if key not in self.known:
            there = decided(lambda: bool(boxes_of(self.space, [audience], send.day))) is not False
            self.known[key] = there and (self._stands_alone(audience) or self._asked(audience, send))
        return self.known[key]

    def _stands_alone(self, audience: Condition) -> bool:
        """Whether nothing else is asked of those in it: no fact, and no event that sets what they are."""
        return not self.customers.facts and self.customers.set_by_events.isdisjoint(attributes_of(audience))

    def _asked(self, audience: Condition, send: Send) -> bool:
        answer = somebody(self.evaluation, [(send.at, [audience])], budget=SearchBudget(BUDGET))
        return not isinstance(answer, Nobody)


def _set_off(step: TriggeredTouch, evaluation: Evaluation, audience: Condition) -> bool:
    """Whether somebody of the audience can set it off and get it; true where that is not settled."""
    if not is_reportable(step, evaluation):
        return True
    return decided(lambda: any(_gets(step, evaluation, audience))) is not False


def _gets(step: TriggeredTouch, evaluation: Evaluation, audience: Condition) -> Iterator[bool]:
    """For each send that can tell: whether somebody gets it, or that is not settled."""
    budget = SearchBudget(BUDGET)
    for tried, send in enumerate(telling_sends(step, evaluation, [], evaluation.today)):
        needs = receipt(send, evaluation)
        asked: list[ConditionsAt] = [(send.at, [audience]), *needs.also]
        yield tried == MOST or not isinstance(somebody(evaluation, asked, needs.script, budget=budget), Nobody)


def _never(campaign: PlannedCampaign) -> Note:
    trigger = campaign.model.trigger
    assert trigger is not None  # noqa: S101  # only triggered campaigns are asked
    message = say(
        "nothing can set off '{name}' in the time in which it runs: '{what}' does not come",
        "在活动“{name}”运行期间，没有什么能触发它：“{what}”不会发生",
        name=campaign.name,
        what=trigger.event or trigger.date,
    )
    help = say(
        "look at the hours and the if of the event, the facts, during and send_in",
        "请检查该事件的 hours 与 if、facts、during 和 send_in",
    )
    return Note("never-comes", "warning", message, campaign.place.down("trigger"), help)


def _nobody(campaign: PlannedCampaign, touches: Sequence[int]) -> Iterator[Note]:
    """One note for a campaign that reaches nobody, else one for each touch that does not."""
    help = say("look at the audience and the facts", "请检查受众条件与 facts")
    if len(touches) == len(campaign.model.touches):
        message = say("nobody can get '{name}'", "没有客户会收到活动“{name}”", name=campaign.name)
        yield Note("reaches-nobody", "warning", message, campaign.place.down("audience"), help)
        return
    for index in touches:
        message = say(
            "nobody can get touch {n} of '{name}'",
            "没有客户会收到活动“{name}”的第 {n} 次触达",
            n=index + 1,
            name=campaign.name,
        )
        yield Note("reaches-nobody", "warning", message, campaign.place.down("touches", index), help)
