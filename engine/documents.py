"""From values to documents, and from documents to a plan with its rules: everything that is wrong is said, not the first.

The kinds of document stand here; each document has exactly one document key.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from .forms import form_problems
from .messages import did_you_mean, say
from .models import Model
from .places import Place, Problem, value_at
from .plan.campaigns import Campaign, Service
from .plan.customers import CustomersDocument
from .plan.document import Document
from .plan.ledger import Ledger
from .plan.link import link
from .plan.offers import OffersDocument
from .plan.plan import Plan
from .plan.settings import Settings
from .plan.vocabulary import VocabularyDocument
from .policy.linked import LinkedRule, link_rules, words_of_matches
from .policy.policies import Policy
from .policy.waivers import Waiver, WaiversDocument
from .rules import KINDS as RULES

KINDS: dict[str, type[Model]] = {
    "customers": CustomersDocument,
    "vocabulary": VocabularyDocument,
    "campaign": Campaign,
    "service": Service,
    "offers": OffersDocument,
    "policy": Policy,
    "waivers": WaiversDocument,
    "ledger": Ledger,
    "tactful": Settings,
}
PLANNED = ("campaign", "service", "offers")
"""Kinds of document whose faults are findings; faults in any other make all verdicts worthless."""


def kind_of(keys: Sequence[str]) -> list[str]:
    """The document keys among ``keys``; a campaign may carry ``offers`` of its own."""
    found = [key for key in keys if key in KINDS]
    return [key for key in found if key != "offers"] if "campaign" in found else found


def as_texts(value: object) -> Any:
    """A value as it comes from JSON or any reader of YAML, with every scalar as the text that people write.

    The type of a field decides how a text is read, never its look; what is null is not stated.
    """
    if isinstance(value, Mapping):
        return {str(key): as_texts(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [as_texts(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        return format(Decimal(str(value)), "f")
    return str(value)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a value is: its kind (None: it cannot be told), the document, and what is wrong with its form.

    Of a document of the plan with faults ``document`` is what is left of it; of any other it is None.
    """

    kind: str | None
    document: Document | None
    problems: tuple[Problem, ...] = ()

    @property
    def broken(self) -> bool:
        return bool(self.problems)


def recognised(name: str, value: Any) -> Recognised:
    """Recognises one document and checks its form; every scalar of the value is a text."""
    place = Place(name)
    if not isinstance(value, dict):
        full_width = isinstance(value, str) and "：" in value
        help = say("use half-width ':' and a space after each key", "键后请用半角冒号加空格") if full_width else None
        message = say("a document is made of keys with values", "文档应由键和值组成")
        return Recognised(None, None, (Problem("document", message, place, help),))
    found = kind_of([key for key in value if isinstance(key, str)])
    if len(found) != 1:
        return Recognised(None, None, (_no_kind(value, found, place),))
    kind = found[0]
    model, problems = form_problems(KINDS[kind], value, place)
    if kind == "policy":
        model, problems = _policy(value, cast(Policy | None, model), problems, place)
    partial = model is None and kind in PLANNED
    if partial:
        model = _rest(KINDS[kind], value, problems)
    return Recognised(kind, Document(name, kind, model, partial) if model is not None else None, tuple(problems))


PLACEHOLDERS = {"campaign": "unnamed", "purpose": "service", "audience": "everyone"}
OFFER = {"offer": "unnamed", "price": "0 XXX", "billed": "once", "eligible": "everyone"}
"""What stands in for a part that is broken, so that the other words of a document can still be looked up."""


def _rest(model: type[Model], value: dict[str, Any], problems: list[Problem]) -> Model | None:
    """What is left of a document without its faults of form, so that its words can be looked up all the same."""
    rest = copy.deepcopy(value)
    for problem in sorted(problems, key=lambda p: [str(step) for step in p.place.path], reverse=True):
        *above, last = problem.place.path or (None,)
        here = value_at(rest, tuple(step for step in above if step is not None))
        if isinstance(here, dict):
            here.pop(last, None)
    for key in ("offers", "items"):
        if isinstance(rest.get(key), list):
            rest[key] = [OFFER | item if isinstance(item, dict) else item for item in rest[key]]
    made, _ = form_problems(model, PLACEHOLDERS | rest if "campaign" in value else rest, Place(""))
    return made


def _no_kind(value: dict[Any, Any], found: list[str], place: Place) -> Problem:
    if found:
        message = say(
            "a document has one document key, this one has {found}",
            "一个文档只能有一个文档键，这里有 {found}",
            found=found,
        )
        return Problem(
            "document", message, place.key(found[1]), say("separate them with a line ---", "请用一行 --- 分开")
        )
    keys = [str(key) for key in value]
    message = say("no document key: what is this?", "没有文档键，无法识别这是什么文档")
    guess = next((help for key in keys if (help := did_you_mean(key, KINDS)) and "guess" in help.args), None)
    known = say("begin with one of {kinds}", "请以其中之一开头：{kinds}", kinds=list(KINDS))
    return Problem("document", message, place.key(keys[0]) if keys else place, guess or known)


def _policy(
    raw: dict[str, Any], model: Policy | None, problems: list[Problem], place: Place
) -> tuple[Policy | None, list[Problem]]:
    """The rules of a policy, each with the parameters of its kind; None stands for one that is off or broken."""
    rules: list[Any] = []
    problems = list(problems)
    listed = raw.get("rules")
    for index, value in enumerate(listed if isinstance(listed, list) else [listed] if isinstance(listed, dict) else []):
        at = place.down("rules", index)
        rules.append(None)
        if value is None:
            continue
        if not isinstance(value, dict):
            problems.append(Problem("form", say("a rule is a group of keys", "规则应为一组键"), at))
            continue
        kind = value.get("kind")
        if not isinstance(kind, str) or kind not in RULES:
            message = (
                say("'kind' is missing", "缺少“kind”")
                if kind is None
                else say("no rule kind '{kind}'", "没有规则类型“{kind}”", kind=str(kind))
            )
            problems.append(
                Problem(
                    "unknown-kind", message, at if kind is None else at.down("kind"), did_you_mean(str(kind), RULES)
                )
            )
            continue
        params, wrong = form_problems(RULES[kind].params, value, at)
        problems += wrong
        rules[-1] = params
    return (model.model_copy(update={"rules": tuple(rules)}) if model is not None else None), problems


@dataclass(frozen=True, slots=True)
class Assembled:
    """A plan with the rules that are asked of it, the exceptions that were agreed, and what is wrong with all of them."""

    plan: Plan
    rules: list[LinkedRule[Any]] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    waiver_places: list[Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def assembled(documents: Sequence[Document], broken: Sequence[str] = ()) -> Assembled:
    """Links documents; ``broken`` names those that could not be read, which a plan must know of."""
    plan, problems = link(documents, tuple(broken))
    words = words_of_matches(plan)
    rules, more = link_rules([document for document in documents if document.kind == "policy"], plan, words)
    problems += more
    for rule in rules:
        if (wrong := RULES[rule.kind].problems) is not None:
            problems += wrong(rule, words)
    result = Assembled(plan, rules, problems=problems)
    for document in documents:
        if document.kind == "waivers":
            for index, waiver in enumerate(cast(WaiversDocument, document.model).waivers):
                result.waivers.append(waiver)
                result.waiver_places.append(Place(document.name, ("waivers", index)))
    result.problems.extend(_wrong_waivers(result))
    return result


def _wrong_waivers(made: Assembled) -> list[Problem]:
    known = {rule.id: rule.kind for rule in made.rules}
    problems = []
    for waiver, place in zip(made.waivers, made.waiver_places, strict=True):
        kind = known.get(waiver.waive)
        if kind is None:
            message = say("the waived rule '{rule}' does not exist", "豁免的规则“{rule}”不存在", rule=waiver.waive)
            problems.append(Problem("waiver", message, place.down("waive"), did_you_mean(waiver.waive, known)))
        elif waiver.allow is not None and not RULES[kind].measured:
            message = say("{kind} knows no measure to allow", "{kind} 没有可放宽的度量", kind=kind)
            help = say("leave allow out: the waiver covers the finding whole", "请去掉 allow：豁免会覆盖整个发现")
            problems.append(Problem("waiver", message, place.down("allow"), help))
        if (waiver.campaign is None) == (waiver.group is None):
            message = say("a waiver is for one of campaign and group", "豁免必须且只能写 campaign 或 group 之一")
            problems.append(Problem("waiver", message, place))
        elif waiver.campaign is not None:
            names = [campaign.name for campaign in made.plan.campaigns]
            if waiver.campaign not in names and not made.plan.broken:
                message = say("no campaign '{name}'", "没有活动“{name}”", name=waiver.campaign)
                problems.append(
                    Problem("waiver", message, place.down("campaign"), did_you_mean(waiver.campaign, names), "warning")
                )
    return problems
