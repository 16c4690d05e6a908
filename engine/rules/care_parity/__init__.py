"""``care-parity``: gives, answers, people and money for one group are no worse than for another."""

from __future__ import annotations

from ...messages import say
from ...policy.linked import LinkedRule
from ...reference.care import is_care
from ..common import STUCK, Kind, Outcome, Page, Question, nothing_matches, stuck, unproven
from ..parity import groups_stand
from .caring import Caring
from .params import CareParity
from .services import compare, teams
from .touches import compare_budget, compare_gives


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks of each thing that is compared whether somebody protected gets less of it than a favoured one like him."""
    caring = Caring(rule, question)
    outcome = Outcome()
    if caring.span is None:
        return outcome
    missing = say("it is not proven that nobody gets less care", "未能证明没有客户得到更少的照顾")
    try:
        if not groups_stand(rule, question, caring.groups, caring.span, outcome):
            return outcome
    except STUCK as why:
        outcome.findings.append(unproven(rule, missing, stuck(why)))
        return outcome
    fields = [t.fields for t in question.matching(rule)] + [s.fields for s in question.matching_steps(rule)]
    if not teams(caring) and not any(map(is_care, fields)):
        outcome.notes.append(nothing_matches(rule))
        return outcome
    for aspect in caring.params.compare_on:
        try:
            if aspect == "gives":
                outcome.findings += compare_gives(caring)
            elif aspect == "budget":
                outcome.findings += compare_budget(caring)
            else:
                outcome.findings += compare(caring, aspect)
        except STUCK as why:
            outcome.findings.append(unproven(rule, missing, stuck(why)))
    return outcome


SUMMARY = say(
    "gives, answer times, people and money for one group are no worse than for another",
    "一个群体得到的赠予、响应时间、人手与投入不低于另一个群体",
)
PAGE = Page(
    SUMMARY,
    say(
        "The newcomer gets the welcome gift, the quick answer and the human; the old customer gets the sale. Whoever has paid is cared for no less than whoever has not yet.",
        "新客收到欢迎礼、快速回应和人工服务，老客收到的只有推销。已经付过钱的人，得到的照顾不应少于还没付钱的人。",
    ),
    say(
        "Compared are customers who differ only in what `favoured` and `protected` ask about, and in what a fact ties to it (`differ_in` says otherwise). Care is a touch that gives something, is no promotion and asks for no purchase; services are care. `gives`: in each window of `per` (90 days) wholly inside the plan, a protected customer gets at least as many care touches as a favoured one like him, both of their group throughout. `within`: whenever an event comes, he is answered no later. `hours`: whenever the event can come and something is open for the other, something is for him. `by`: where a human answers the other, one answers him. `staff` and `quotas`: as many `on_duty`, and room for as many cases (`on_duty` times `each_handles` in the open time of the plan), counted together over the services of an event, on its channel where it has some. `budget`: arithmetic, labelled estimated: `details.budget` over `estimated_size` of the care campaigns that reach each group. Unless stated, `gives`, `within`, `hours` and `by` are compared. Drafts count for nobody; triggered care that is not for both alike makes `gives` unproven.",
        "比较的是仅在 `favoured` 与 `protected` 所涉及的内容（以及由 facts 与之关联的内容）上不同的客户；`differ_in` 可另行指定。“照顾”指有所赠予、既不是促销也不请求购买的触达；服务也是照顾。`gives`：在完全落在计划期内的每个 `per`（90 天）窗口中，受保护客户得到的照顾次数不少于与他相同的受优待客户（两人在整个窗口内都属于各自群体）。`within`：每当事件发生，他得到回应的时间不更晚。`hours`：事件可能发生时，只要有服务对另一位开放，也有服务对他开放。`by`：另一位由人工回应时，他也有人工回应。`staff` 与 `quotas`：同一事件（有渠道的按渠道）的各项服务合计，`on_duty` 人数不更少，计划期开放时间内可处理件数（`on_duty` 乘以 `each_handles`）不更少。`budget`：算术估计，即触达各群体的照顾类活动的 `details.budget` 除以 `estimated_size`。省略时比较 `gives`、`within`、`hours` 与 `by`。草稿不计入任何一方；触发式照顾若并非对双方相同，则 `gives` 为“未能证明”。",
    ),
    """policy: house
rules:
  - rule: same-care
    kind: care-parity
    favoured: {first_purchase: absent}
    protected: {first_purchase: {over: 30d}}
    compare_on: [gives]
    per: 30d
""",
    """campaign: welcome-tips
purpose: care
audience: {first_purchase: absent}
timezone: Asia/Shanghai
touches:
  - channel: email
    at: 2026-03-02 10:00
    repeat: {every: week, until: 2026-05-04}
    gives: [tips]
""",
    """campaign: tips-for-all
purpose: care
audience: everyone
timezone: Asia/Shanghai
touches:
  - channel: email
    at: 2026-03-02 10:00
    repeat: {every: week, until: 2026-05-04}
    gives: [tips]
""",
)
KIND = Kind("care-parity", CareParity, SUMMARY, PAGE, check)
