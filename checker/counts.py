"""What each rule kind counts: one table of the features of a plan by kind, as data beside the kinds and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tactful.engine.messages import Language, Message, say
from tactful.engine.rules import KINDS

from .beside import in_both, told_beside

FEATURES: dict[str, Message] = {
    "event-trigger": say("triggered by an event", "由事件触发"),
    "date-trigger": say("triggered by a date", "由日期触发"),
    "stops-dated": say("`stops_on` of a campaign with dates", "带日期的活动的 `stops_on`"),
    "stops-triggered": say("`stops_on` of a triggered campaign", "触发式活动的 `stops_on`"),
    "attempts": say("calls that are tried several times (`attempts`)", "多次尝试的呼叫（`attempts`）"),
    "lasts": say("sends that go on (`lasts`)", "持续发送（`lasts`）"),
    "split": say("arms of a test (`split`)", "测试分组（`split`）"),
    "clock-customer": say("the customer's clock", "客户所在时区的时钟"),
    "unknown-zone": say("customers whose zone is not known", "时区未知的客户"),
    "event-sets": say("what events set", "事件设置的属性（sets）"),
    "event-if": say("to whom events can happen (`if`)", "事件可发生在谁身上（`if`）"),
    "event-assume": say("how often events come (`assume`)", "事件的频率假设（`assume`）"),
    "event-hours": say("when events come (`hours`)", "事件的时段（`hours`）"),
    "facts": say("facts", "事实（facts）"),
    "opaque": say("opaque segments", "不透明客群（opaque）"),
    "unknown-values": say("attributes that may be unknown", "可能未知的属性"),
    "drafts": say("drafts", "草稿（draft）"),
    "live": say("live campaigns", "进行中的活动（live）"),
    "ended": say("ended campaigns", "已结束的活动（ended）"),
    "cancelled": say("cancelled campaigns", "已取消的活动（cancelled）"),
    "waivers": say("waivers", "豁免（waivers）"),
    "effective": say("`effective` of a rule", "规则的 `effective`"),
    "as-of": say("as-of", "检查日期（as-of）"),
    "ledger-log": say("contacts in the log of a ledger", "台账记录中的触达"),
    "ledger-bounds": say("bounds of a ledger", "台账的 bounds"),
    "unannounced": say("days whose holidays are not announced", "节假日尚未公布的日子"),
    "period": say("the ends of the period", "计划期的首尾"),
    "unreadable": say("files that cannot be read", "无法读取的文件"),
    "offers": say("offers of campaigns", "活动自带的优惠（offers）"),
}
"""The features of the language that a verdict may hang on."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a feature does to a kind: it counts, it makes the verdict unproven, or it does not matter; and why."""

    does: Literal["counts", "unproven", "no"]
    why: Message | None = None


@lru_cache(maxsize=32)
def counts_of(kind: str) -> dict[str, Cell]:
    """The column of a kind, from the file beside it: ``engine/rules/counts/NAME.yaml``."""
    return {feature: _cell(value) for feature, value in told_beside("counts", kind)["features"].items()}


def _cell(value: object) -> Cell:
    if value == "counts":
        return Cell("counts")
    if not isinstance(value, dict):
        raise TypeError(value)
    ((does, why),) = value.items()
    if does not in ("counts", "unproven", "no"):
        raise ValueError(does)
    return Cell(does, in_both(why))


_SAYS = {"counts": say("counts", "计入"), "unproven": say("unproven", "未能证明"), "no": say("no", "否")}
_HEAD = say(
    "# What each kind counts\n\nGenerated from the files beside the kinds; `make docs` writes this page again. *Counts*: the "
    "verdict may hang on it. *Unproven*: where it could matter, the verdict is `unproven`. *No*: it does not matter. A number "
    "leads to the reason.",
    "# 各规则类型计入什么\n\n由各类型旁的文件生成；`make docs` 会重新生成此页。*计入*：结论可能取决于它。*未能证明*：可能有影响时结论为 `unproven`。*否*：没有影响。数字指向理由。",
)


def counts_page(language: Language) -> str:
    """The table in Markdown: a part of the kinds at a time, then the reasons of each kind."""
    lines, kinds = [_HEAD.render(language), ""], list(KINDS)
    for first in range(0, len(kinds), 5):
        lines += [*_table(kinds[first : first + 5], language), ""]
    for kind in kinds:
        reasons = _reasons(kind, language)
        if reasons:
            lines += [f"## {kind}", "", *(f"{n}. {why}" for n, why in enumerate(reasons, 1)), ""]
    return "\n".join(lines)


def _reasons(kind: str, language: Language) -> list[str]:
    """The different reasons of a kind, in the order of the features."""
    reasons = (counts_of(kind)[feature].why for feature in FEATURES)
    return list(dict.fromkeys(why.render(language) for why in reasons if why is not None))


def _table(kinds: list[str], language: Language) -> list[str]:
    lines = [f"| | {' | '.join(f'`{kind}`' for kind in kinds)} |", "|---" * (len(kinds) + 1) + "|"]
    told = {kind: (counts_of(kind), _reasons(kind, language)) for kind in kinds}
    for feature, label in FEATURES.items():
        cells = []
        for kind, (counts, reasons) in told.items():
            cell = counts[feature]
            mark = f" [{reasons.index(cell.why.render(language)) + 1}](#{kind})" if cell.why is not None else ""
            cells.append(_SAYS[cell.does].render(language) + mark)
        lines.append(f"| {label.render(language)} | {' | '.join(cells)} |")
    return lines
