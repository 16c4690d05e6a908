"""``offer-parity``: no protected customer is worse off than a favoured one for the same product."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ...kit.asking import Asking
from ...kit.comparing import comparison_on, groups_stand
from ...kit.evaluation import Evaluation
from ...kit.findings import nothing_matches, unproven
from ...kit.kind import Kind, Outcome
from ...kit.scope import OFFERS
from ...kit.waivers import Waivers
from ...messages import say
from ...policy.linked import LinkedRule
from ...policy.waivers import Waiver
from ...search.result import Undecided, decided
from ...verdicts import Finding, Note
from .market import Market, Span, markets, span_of
from .params import OfferParity
from .search import Doubted, MarketOnDay, Searching, Worse
from .suggest_change import mend
from .walk import walk
from .words import at_fault, doubted_finding, worse_finding


def check(rule: LinkedRule[OfferParity], evaluation: Evaluation) -> Outcome:
    """Asks over every offer, day, channel and way to pay whether somebody protected has nothing as good."""
    asking = Asking(rule, evaluation, say("it is not proven that nobody is worse off", "未能证明没有客户待遇更差"))
    searching = Searching(rule, evaluation)
    span = span_of(rule, evaluation)
    outcome = Outcome()
    if not searching.judged:
        outcome.notes.append(nothing_matches(rule, say("offer", "优惠")))
    if span is None:
        return outcome
    stand = False
    with asking.guarded():
        stand = groups_stand(rule, evaluation, searching.groups, (span.first, span.last), outcome)
    if not stand:
        outcome.findings += asking.doubts.values()
        return outcome
    answers: list[Worse | Doubted] = []
    for market in markets(rule, evaluation, searching.groups):
        if any(offer.name in searching.judged for offer in market.offers):
            found = _in_market(searching, market, span)
            if isinstance(found, Undecided):
                place = market.offers[0].place.down("offer")
                outcome.findings.append(unproven(rule, asking.not_proven, found.why, place))
            else:
                answers += found
    outcome.findings += _findings(searching, span, answers)
    if searching.exempted:
        outcome.notes.append(_exempt(rule, sorted(searching.exempted)))
    return outcome


def _in_market(searching: Searching, market: Market, span: Span) -> list[Worse | Doubted] | Undecided:
    return decided(lambda: list(searching.worse_off(market, market.days(span))))


def _findings(searching: Searching, span: Span, answers: list[Worse | Doubted]) -> list[Finding]:
    """One for each campaign or price book: of the one where most is at stake; and one of what is not known there."""
    held: dict[tuple[str | None, str | None], list[Worse]] = {}
    for worse in answers:
        if isinstance(worse, Worse):
            offer = at_fault(searching, worse)
            held.setdefault((offer.campaign, offer.book), []).append(worse)
    findings = []
    for _, listed in sorted(held.items(), key=str):
        worst = _worst_like(searching, max(listed, key=_stake))
        others = len({at_fault(searching, w).name for w in listed} - {at_fault(searching, worst).name})
        finding = worse_finding(searching, worst, others, mend(searching, worst, span))
        finding = replace(finding, table=walk(searching, worst))
        findings.append(replace(finding, covered_by=_covered(searching, span, listed, finding)))
    doubts: dict[tuple[str | None, str | None], Finding] = {}
    for doubt in answers:
        if isinstance(doubt, Doubted):
            finding = doubted_finding(searching, doubt)
            doubts.setdefault((finding.campaign, finding.group), finding)
    return [*findings, *doubts.values()]


def _worst_like(searching: Searching, worse: Worse) -> Worse:
    """Of those who are worse off beside the same offer, on the same day and channel, the one with most at stake."""
    stage = comparison_on(searching.evaluation, searching.groups, searching.conditions(worse.market), worse.day)
    here = MarketOnDay(searching, worse.market, stage, worse.day)
    like = decided(lambda: list(here.others_like(worse)))
    return worse if isinstance(like, Undecided) else max([worse, *like], key=_stake)


def _stake(worse: Worse) -> tuple[int, float]:
    """Who cannot get it at all comes first, then the largest share that is paid more, then harder terms."""
    if worse.has is None:
        return (2, 0.0)
    price = next((s for s in worse.lacks if s.what == "price"), None)
    if price is None:
        return (0, 0.0)
    mine, other = float(price.mine.amount), float(price.other.amount)  # type: ignore[attr-defined]
    return (1, (mine - other) / mine if mine > 0 else 1.0)


def _covered(searching: Searching, span: Span, listed: list[Worse], finding: Finding) -> tuple[int, ...]:
    """The waivers under which nothing of the finding is left: up to their last day nobody pays more than they allow, and
    after it nobody is worse off.
    """
    used: list[int] = []
    name = finding.campaign or finding.group
    waivers = Waivers(searching.rule, searching.evaluation).listed
    mine = [(i, w) for i, w in waivers if (w.campaign or w.group) == name]
    for worse in listed:
        cover = next((i for i, waiver in mine if _covers(searching, span, waiver, worse)), None)
        if cover is None:
            return ()
        used.append(cover)
    return tuple(dict.fromkeys(used))


def _covers(searching: Searching, span: Span, waiver: Waiver, worse: Worse) -> bool:
    after = waiver.until + timedelta(days=1)
    if waiver.until < worse.day or (after <= span.last and _somebody(searching, worse, Span(after, span.last))):
        return False
    allowing = Searching(searching.rule, searching.evaluation, waiver.allow)
    until = Span(span.first, min(waiver.until, span.last))
    return waiver.allow is None or not _somebody(allowing, worse, until)


def _somebody(searching: Searching, worse: Worse, span: Span) -> bool:
    """Whether somebody is, or may be, worse off beside the same offer on these days."""

    def anybody() -> bool:
        answers = searching.worse_off(worse.market, worse.market.days(span))
        return any(answer.preferred.name == worse.preferred.name for answer in answers)

    return decided(anybody) is not False


def _exempt(rule: LinkedRule[OfferParity], names: list[str]) -> Note:
    message = say(
        "exempt under {rule}, whole or in part: {names}",
        "按 {rule} 全部或部分豁免：{names}",
        rule=rule.id,
        names=names,
    )
    return Note("exempt", "info", message, rule.place.down("exempt"))


KIND = Kind(
    "offer-parity",
    OfferParity,
    say(
        "no protected customer is worse off than a favoured one for the same product",
        "同一产品，受保护客户的待遇不低于受优待客户",
    ),
    check,
    measured=True,
    more_can_help=True,
    scope=lambda rule: OFFERS,
)
