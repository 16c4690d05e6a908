"""TRANSITION: old names over the kit, for kinds that have not moved yet. Goes away."""
from __future__ import annotations
from dataclasses import replace
from ..undecidable import Undecidable, OutOfSteps, TooManyBoxes, TooManyTriggers, UnknownYear
from ..reference.offers import TooMuch
from ..kit.kind import Kind, Outcome
from ..kit.evaluation import Evaluation as Question, boxes_of
from ..kit.replay import *
from ..kit.replay import at_its_hour, can_be, clock_of, gets, not_replayed, on_that_clock
from ..kit.findings import *
from ..kit.findings import how_often, numbered, nothing_matches, unproven
from ..kit.witness import witness_of
from ..kit.attribution import stands_at
from ..kit.receiving import who_gets as _who
from ..search.result import Found, Undecided, Nobody
from ..search.model import QUIET, Life
from ..search import customers as _c
from ..search.steps import Steps as _Steps
from ..messages import say
from ..verdicts import Finding, Spot, Witnessed
from ..kit.waivers import Waivers

STUCK = (Undecidable,)
def stuck(why): return why.why
def no_year(why): return why.why
def too_many_alternatives(): return TooManyBoxes().why
class Steps(_Steps):
    def __init__(self, left): super().__init__(left); self.doubts=[]
def fresh_steps(q): return Steps(q.steps)
def find_customer(world, demands, steps, still=None, life=QUIET):
    a=_c.find_customer(world, demands, steps, still, life)
    if isinstance(a, Undecided):
        if a.why not in steps.doubts: steps.doubts.append(a.why)
    return a.value if isinstance(a, Found) else None
def base_finding(rule, verdict, message, spot):
    return Finding(rule.id, rule.kind, rule.params.severity, verdict, message, spot, because=rule.because)
def step_of(touch, q): return q.step_of(touch)
def who_gets(touch, rule, question, conditions, life=QUIET):
    a=_who(touch, rule, question, conditions, life)
    return (a.value if isinstance(a, Found) else None, [a.why] if isinstance(a, Undecided) else [])
def seen(t): return Witnessed(t.campaign, t.model.channel, t.at, t.local)
def waived(touches, rule, question): return Waivers(rule, question).cover(touches)
def covered_by(touches, rule, question):
    w=Waivers(rule, question)
    if not all(w.cover([t]) for t in touches): return ()
    return tuple(i for i,x in w.listed if any(t.campaign==x.campaign for t in touches))
def _waivers_of(self, rule): return Waivers(rule, self).listed
Question.waivers_of=_waivers_of
