"""``offer-parity``: no protected customer is worse off than a favoured one for the same product."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ...messages import Message, say
from ...policy.linked import LinkedRule
from ...policy.waivers import Waiver
from ...verdicts import Finding, Note
from ..common import STUCK, Kind, Outcome, Question, stuck, unproven
from ..parity import groups_stand, nothing_matches_offers, scene
from .market import Span, markets, span_of
from .mending import mend
from .page import SUMMARY
from .params import OfferParity
from .search import Doubted, Here, Searching, Worse
from .walk import walk
from .words import at_fault, doubted_finding, worse_finding


def check(rule: LinkedRule, question: Question) -> Outcome:
    """Asks over every offer, day, channel and way to pay whether somebody protected has nothing as good."""
    searching = Searching(rule, question)
    span = span_of(rule, question)
    outcome = Outcome()
    if not searching.judged:
        outcome.notes.append(nothing_matches_offers(rule))
    if span is None:
        return outcome
    try:
        if not groups_stand(rule, question, searching.groups, (span.first, span.last), outcome):
            return outcome
    except STUCK as why:
        outcome.findings.append(unproven(rule, _not_proven(), stuck(why)))
        return outcome
    found: list[Worse] = []
    doubted: list[Doubted] = []
    for market in markets(rule, question, searching.groups):
        if not any(offer.name in searching.judged for offer in market.offers):
            continue
        try:
            for answer in searching.worse_off(market, market.days(span)):
                (found if isinstance(answer, Worse) else doubted).append(answer)  # type: ignore[arg-type]
        except STUCK as why:
            missing = stuck(why)
            outcome.findings.append(unproven(rule, _not_proven(), missing, market.offers[0].place.down("offer")))
    outcome.findings += _findings(searching, span, found, doubted)
    if searching.exempted:
        outcome.notes.append(_exempt(rule, sorted(searching.exempted)))
    return outcome


def _findings(searching: Searching, span: Span, found: list[Worse], doubted: list[Doubted]) -> list[Finding]:
    """One for each campaign or price book: of the one where most is at stake."""
    held: dict[tuple[str | None, str | None], list[Worse]] = {}
    for worse in found:
        offer = at_fault(searching, worse)
        held.setdefault((offer.campaign, offer.book), []).append(worse)
    findings = []
    for _, listed in sorted(held.items(), key=str):
        worst = _worst_like(searching, max(listed, key=_stake))
        others = len({at_fault(searching, w).name for w in listed} - {at_fault(searching, worst).name})
        finding = worse_finding(searching, worst, others, mend(searching, worst, span))
        finding = replace(finding, table=walk(searching, worst))
        findings.append(replace(finding, covered_by=_covered(searching, span, listed, finding)))
    taken = {(finding.campaign, finding.group) for finding in findings if not finding.covered_by}
    for doubt in doubted:
        finding = doubted_finding(searching, doubt)
        if (finding.campaign, finding.group) not in taken:
            taken.add((finding.campaign, finding.group))
            findings.append(finding)
    return findings


def _worst_like(searching: Searching, worse: Worse) -> Worse:
    """Of those who are worse off beside the same offer, on the same day and channel, the one with most at stake."""
    market = worse.market
    try:
        stage = scene(searching.question, searching.groups, searching.conditions(market), worse.day)
        return max([worse, *Here(searching, market, stage, worse.day).others_like(worse)], key=_stake)
    except STUCK:
        return worse


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
    waivers = [(i, w) for i, w in searching.question.waivers_of(searching.rule) if (w.campaign or w.group) == name]
    for worse in listed:
        cover = next((i for i, waiver in waivers if _covers(searching, span, waiver, worse)), None)
        if cover is None:
            return ()
        used.append(cover)
    return tuple(dict.fromkeys(used))


def _covers(searching: Searching, span: Span, waiver: Waiver, worse: Worse) -> bool:
    after = waiver.until + timedelta(days=1)
    if waiver.until < worse.day or (after <= span.last and _somebody(searching, worse, Span(after, span.last))):
        return False
    allowing = Searching(searching.rule, searching.question, waiver.allow)
    until = Span(span.first, min(waiver.until, span.last))
    return waiver.allow is None or not _somebody(allowing, worse, until)


def _somebody(searching: Searching, worse: Worse, span: Span) -> bool:
    """Whether somebody is, or may be, worse off beside the same offer on these days."""
    try:
        answers = searching.worse_off(worse.market, worse.market.days(span))
        return any(answer.preferred.name == worse.preferred.name for answer in answers)
    except STUCK:
        return True


def _not_proven() -> Message:
    return say("it is not proven that nobody is worse off", "未能证明没有客户待遇更差")


def _exempt(rule: LinkedRule, names: list[str]) -> Note:
    message = say(
        "exempt under {rule}, whole or in part: {names}",
        "按 {rule} 全部或部分豁免：{names}",
        rule=rule.id,
        names=names,
    )
    return Note("exempt", "info", message, rule.place.down("exempt"))


KIND = Kind("offer-parity", OfferParity, SUMMARY, check, measured=True)
