"""What a change of few campaigns can reach: which others must be asked with them, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tactful.engine.outline import Outline, admitted_by, matches_of, scope_of
from tactful.engine.plan.plan import CustomerModel
from tactful.engine.policy.linked import LinkedRule
from tactful.engine.sends.timeline import MAX_SENDS, MAX_ZONED

MOST_TOLD = 200
"""So many campaigns are taken along for what is said of the whole plan, and for their offers."""


@dataclass
class Change:
    """The files of campaigns that are other or new now; what their campaigns were and are, and those that stay, by file."""

    files: set[str]
    olds: list[Outline]
    stay: dict[str, list[Outline]]
    news: list[Outline] = field(default_factory=list)


@dataclass
class Reached:
    """The files that must be read with the changed ones, and the rules that still hold whatever these say."""

    files: set[str] = field(default_factory=set)
    holding: set[str] = field(default_factory=set)


def reached(
    change: Change, rules: Sequence[LinkedRule[Any]], customers: CustomerModel, moments: bool
) -> Reached | None:
    """None where all has to be asked. ``moments``: whether facts tell the moments of customers apart."""
    stay = [(path, row) for path, rows in change.stay.items() for row in rows]
    every = [row for _, row in stay]
    if _name_twice(change.news, every) or _too_many([*every, *change.news]):
        return None
    if moments and not _instants_stay(change, every):
        return None
    found = Reached()
    told = [path for path, row in stay if row.told or row.offers]
    if len(told) > MOST_TOLD:
        return None
    found.files.update(told, _ends(stay))
    bits = bits_of(rules)
    for rule, mine in zip(rules, bits, strict=True):
        if not _of_rule(rule, mine, change, stay, customers, found):
            return None
    found.files |= _standing_for([bit for mine in bits for bit in mine], stay, found.files)
    return found


def bits_of(rules: Sequence[LinkedRule[Any]]) -> list[list[int]]:
    """The bits of the matches of each rule."""
    found: list[list[int]] = [[] for _ in rules]
    for bit, (number, _) in enumerate(matches_of(rules)):
        found[number].append(1 << bit)
    return found


def _of_rule(
    rule: LinkedRule[Any],
    bits: Sequence[int],
    change: Change,
    stay: Sequence[tuple[str, Outline]],
    customers: CustomerModel,
    found: Reached,
) -> bool:
    """Adds what one rule needs; False where it must be asked of the whole plan."""
    scope, mask = scope_of(rule), sum(bits)
    if scope.what == "plan":
        return False
    if scope.what == "near":
        theirs = [(path, row) for path, row in stay if row.speaks & mask]
        news = [new for new in change.news if new.speaks & mask]
        bounded = any(row.anytime or row.lasts for row in (*news, *(row for _, row in theirs)))
        for new in news:
            admits = new.admits if scope.one_customer and not bounded else {}
            found.files.update(path for path, row in theirs if row.shares(admits) and row.near(new, scope.days))
    if scope.what == "filled":
        who = admitted_by([rule.group], customers)
        if any(old.speaks & mask and old.shares(who) for old in change.olds):
            found.files.update(path for path, row in stay if row.speaks & mask and row.shares(who))
        else:
            found.holding.add(rule.id)
    return True


def _name_twice(news: Sequence[Outline], stay: Sequence[Outline]) -> bool:
    names = [row.name for row in news]
    return len(set(names)) < len(names) or any(row.name in names for row in stay)


def _too_many(rows: Sequence[Outline]) -> bool:
    """Whether the plan could be too large to be looked at."""
    return 10 * sum(row.sends for row in rows) > 9 * MAX_SENDS or 10 * sum(row.zoned for row in rows) > 9 * MAX_ZONED


def _instants_stay(change: Change, stay: Sequence[Outline]) -> bool:
    """Whether something is still sent whenever the changed campaigns sent: there too nobody breaks a fact."""
    gone = {at for old in change.olds for at in old.instants}
    return gone.issubset(at for row in (*stay, *change.news) for at in row.instants)


def _ends(stay: Sequence[tuple[str, Outline]]) -> Iterable[str]:
    """The campaigns that begin first and last, and that end last: the smaller plan lies in the same days."""
    dated = [(path, row.days) for path, row in stay if row.days]
    if not dated:
        return ()
    first = min(dated, key=lambda one: one[1][0][0])
    latest = max(dated, key=lambda one: one[1][0][0])
    last = max(dated, key=lambda one: max(end for _, end in one[1]))
    return (first[0], latest[0], last[0])


def _standing_for(bits: Sequence[int], stay: Sequence[tuple[str, Outline]], known: set[str]) -> set[str]:
    """One campaign that stays for each match: a rule that matches something there matches it here."""
    left, found = sum(bits), set()
    for taken in (True, False):
        for path, row in stay:
            if left & row.speaks and (path in known) == taken:
                left &= ~row.speaks
                found.add(path)
    return found
