"""From files to a plan and rules: documents are recognised, their form is checked, packs are added, all is linked."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from tactful.engine.forms import form_problems
from tactful.engine.messages import did_you_mean, say
from tactful.engine.models import Model
from tactful.engine.places import Place, Problem
from tactful.engine.plan.customers import CustomersDocument
from tactful.engine.plan.documents import KINDS as DOCUMENTS
from tactful.engine.plan.documents import Document, kind_of
from tactful.engine.plan.ledger import Ledger
from tactful.engine.plan.link import link
from tactful.engine.plan.offers import OffersDocument
from tactful.engine.plan.plan import Plan
from tactful.engine.plan.settings import Settings
from tactful.engine.policy.linked import LinkedRule, link_rules, words_of_matches
from tactful.engine.policy.policies import Policy
from tactful.engine.policy.waivers import Waiver, WaiversDocument
from tactful.engine.rules import KINDS

from .comments import read_comments
from .packs import pack_documents
from .reading.history import read_history
from .reading.log import read_log
from .reading.profile import Complaint, Parsed
from .reading.repository import NOTHING, SETTINGS, Repository, SourceFile, discover, read_file

PLANNED = ("campaign", "service", "offers")
"""Kinds of document whose faults are findings; faults in any other make the run unusable."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from: a file, its number in it, and the path to it inside (for cases)."""

    file: str
    number: int = 0
    prefix: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class RawDocument:
    name: str
    origin: Origin
    value: Any


@dataclass
class Loaded:
    """Everything that was read. ``slips`` are faults of YAML in a file, ``problems`` faults of what it says."""

    sources: dict[str, SourceFile]
    origins: dict[str, Origin] = field(default_factory=dict)
    slips: list[tuple[str, Complaint]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    """The kind of each document, as far as it can be told; also of those that are broken."""
    broken: list[str] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    plan: Plan | None = None
    rules: list[LinkedRule[Any]] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    waiver_places: list[Place] = field(default_factory=list)
    logs: set[str] = field(default_factory=set)
    """Ledgers and price books whose log or history was read."""
    tables: list[str] = field(default_factory=list)
    """The paths of these logs and histories."""
    unread: list[str] = field(default_factory=list)
    missing_places: list[str] = field(default_factory=list)

    @property
    def timezone(self) -> str:
        """The clock that tells today."""
        return self.plan.timezone if self.plan else "UTC"

    def file_of(self, document: str) -> str:
        origin = self.origins.get(document)
        return origin.file if origin else document


def raw_documents(file: SourceFile) -> list[RawDocument]:
    """The documents of a file that are whole; empty ones are passed over."""
    found = []
    for number, value in enumerate(file.parsed.documents):
        if number in file.parsed.broken or value is None or value == "":
            continue
        name = file.path if number == 0 else f"{file.path}#{number}"
        found.append(RawDocument(name, Origin(file.path, number), value))
    return found


def take(raw: RawDocument, loaded: Loaded, prefix: bool = False) -> None:
    """Recognises one document and checks its form; adds it, or what is wrong with it, to ``loaded``."""
    loaded.origins[raw.name] = raw.origin
    place = Place(raw.name)
    if not isinstance(raw.value, dict):
        help = (
            say("use half-width ':' and a space after each key", "键后请用半角冒号加空格")
            if isinstance(raw.value, str) and "：" in raw.value
            else None
        )
        loaded.problems.append(
            Problem("document", say("a document is made of keys with values", "文档应由键和值组成"), place, help)
        )
        loaded.broken.append(raw.name)
        return
    found = kind_of([key for key in raw.value if isinstance(key, str)])
    if len(found) != 1:
        loaded.problems.append(_no_kind(raw, found, place))
        loaded.broken.append(raw.name)
        return
    kind = found[0]
    loaded.kinds[raw.name] = kind
    model, problems = form_problems(DOCUMENTS[kind], raw.value, place)
    if kind == "policy":
        model, problems = _policy(raw.value, cast(Policy | None, model), problems, place)
    loaded.problems += problems
    if model is None or problems:
        loaded.broken.append(raw.name)
    if model is not None:
        loaded.documents.append(Document(raw.name, kind, model))
    elif kind in PLANNED and (rest := _rest(DOCUMENTS[kind], raw.value, problems)) is not None:
        loaded.documents.append(Document(raw.name, kind, rest, partial=True))


PLACEHOLDERS = {"campaign": "unnamed", "purpose": "service", "audience": "everyone"}
OFFER = {"offer": "unnamed", "price": "0 XXX", "billed": "once", "eligible": "everyone"}
"""What stands in for a part that is broken, so that the other words of a document can still be looked up."""


def _rest(model: type[Model], value: dict[str, Any], problems: list[Problem]) -> Model | None:
    """What is left of a document without its faults of form, so that its words can be looked up all the same."""
    rest = copy.deepcopy(value)
    for problem in sorted(problems, key=lambda p: [str(step) for step in p.place.path], reverse=True):
        here: Any = rest
        for step in problem.place.path[:-1]:
            here = (
                here.get(step)
                if isinstance(here, dict)
                else here[step]
                if isinstance(here, list) and isinstance(step, int) and step < len(here)
                else None
            )
        last = problem.place.path[-1] if problem.place.path else None
        if isinstance(here, dict):
            here.pop(last, None)
    for key in ("offers", "items"):
        if isinstance(rest.get(key), list):
            rest[key] = [OFFER | item if isinstance(item, dict) else item for item in rest[key]]
    made, _ = form_problems(model, PLACEHOLDERS | rest if "campaign" in value else rest, Place(""))
    return made


def _no_kind(raw: RawDocument, found: list[str], place: Place) -> Problem:
    if found:
        message = say(
            "a document has one document key, this one has {found}",
            "一个文档只能有一个文档键，这里有 {found}",
            found=found,
        )
        return Problem(
            "document", message, place.key(found[1]), say("separate them with a line ---", "请用一行 --- 分开")
        )
    keys = [str(key) for key in raw.value]
    message = say("no document key: what is this?", "没有文档键，无法识别这是什么文档")
    guess = next((help for key in keys if (help := did_you_mean(key, DOCUMENTS)) and "guess" in help.args), None)
    known = say("begin with one of {kinds}", "请以其中之一开头：{kinds}", kinds=list(DOCUMENTS))
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
        if not isinstance(kind, str) or kind not in KINDS:
            message = (
                say("'kind' is missing", "缺少“kind”")
                if kind is None
                else say("no rule kind '{kind}'", "没有规则类型“{kind}”", kind=str(kind))
            )
            problems.append(
                Problem(
                    "unknown-kind", message, at if kind is None else at.down("kind"), did_you_mean(str(kind), KINDS)
                )
            )
            continue
        params, wrong = form_problems(KINDS[kind].params, value, at)
        problems += wrong
        rules[-1] = params
    return (model.model_copy(update={"rules": tuple(rules)}) if model is not None else None), problems


def usable(path: str) -> bool:
    """Whether a broken file of this path is a finding (a campaign to mend) rather than the end of the run."""
    return path.split("/")[0] in ("campaigns", "services", "offers")


def load_files(root: Path, files: Sequence[str], instead: Mapping[str, bytes] = NOTHING) -> Loaded:
    """Each file alone, for its form."""
    sources = {path: read_file(root, path, instead.get(path)) for path in files}
    return _gather(sources, None)


def load(root: Path) -> Loaded:
    """Everything in a repository."""
    return load_from(discover(root, settings_of(root).places))


def load_from(repository: Repository) -> Loaded:
    """Everything in a repository whose files were read."""
    loaded = _gather(repository.files, repository)
    _read_tables(repository.root, loaded)
    finish(loaded)
    return loaded


def _read_tables(root: Path, loaded: Loaded) -> None:
    """Puts the rows of contact logs and of price histories beside the ledgers and the price books that name them."""
    books = [cast(CustomersDocument, d.model).customers for d in loaded.documents if d.kind == "customers"]
    attributes = {name: attribute for book in books for name, attribute in book.attributes.items()}
    for index, document in enumerate(loaded.documents):
        model = document.model
        read: tuple[tuple[Any, ...], list[Complaint], str]
        if isinstance(model, Ledger) and model.log is not None:
            path, read = model.log, read_log(root, model, attributes)
        elif isinstance(model, OffersDocument) and model.history is not None:
            path, read = model.history, read_history(root, model.history)
        else:
            continue
        rows, complaints, text = read
        loaded.tables.append(path)
        loaded.sources.setdefault(path, SourceFile(path, text, Parsed()))
        loaded.slips += [(path, complaint) for complaint in complaints]
        loaded.documents[index] = replace(document, rows=rows)
        loaded.logs.add(document.name)


def settings_of(root: Path, instead: bytes | None = None) -> Settings:
    """``tactful.yaml``, which says where the rest is; what is wrong with it is said later, with everything else."""
    if instead is None and not (root / SETTINGS).exists():
        return Settings()
    for raw in raw_documents(read_file(root, SETTINGS, instead)):
        if isinstance(raw.value, dict) and "tactful" in raw.value:
            model, _ = form_problems(Settings, raw.value, Place(raw.name))
            return cast(Settings, model) if model is not None else Settings()
    return Settings()


def _gather(sources: dict[str, SourceFile], repository: Repository | None) -> Loaded:
    loaded = Loaded(dict(sources))
    for path, file in sources.items():
        loaded.slips += [(path, complaint) for complaint in file.parsed.complaints]
        if file.parsed.broken:
            loaded.broken.append(path)
        for raw in raw_documents(file):
            take(raw, loaded)
    if repository is not None:
        loaded.unread, loaded.missing_places = repository.unread, repository.missing_places
    return loaded


def finish(loaded: Loaded) -> None:
    """Adds the packs, links the plan and the rules."""
    stated = [cast(Settings, d.model) for d in loaded.documents if d.kind == "tactful"]
    loaded.settings = stated[0] if stated else Settings()
    broken = {loaded.kinds.get(name) or name.removesuffix(".yaml") for name in loaded.broken}
    if broken & {"customers", "vocabulary", "tactful"}:
        return  # every word would seem undeclared
    for document in loaded.documents:
        if isinstance(document.model, Ledger) and document.model.log and document.name not in loaded.logs:
            message = say("a case reads no log", "用例不读取记录文件")
            help = say("say what was sent with bounds", "请用 bounds 写明已发送的内容")
            loaded.problems.append(Problem("ledger", message, Place(document.name, ("log",)), help))
        if isinstance(document.model, OffersDocument) and document.model.history and document.name not in loaded.logs:
            message = say("a case reads no price history", "用例不读取价格历史文件")
            help = say("say what it cost with earlier offers", "请用更早的优惠写明当时的价格")
            loaded.problems.append(Problem("history", message, Place(document.name, ("history",)), help))
    _add_packs(loaded)
    plan, problems = link(loaded.documents, tuple(loaded.broken))
    loaded.problems += problems
    loaded.plan = plan
    policies = [document for document in loaded.documents if document.kind == "policy"]
    rules, problems = link_rules(policies, plan)
    loaded.problems += [_of_pack(problem) for problem in problems]
    words = words_of_matches(plan, [s.model.service for s in plan.services])
    for rule in rules:
        if (wrong := KINDS[rule.kind].problems) is not None:
            loaded.problems += wrong(rule, words)
    loaded.rules = rules
    for document in loaded.documents:
        if document.kind == "waivers":
            for index, waiver in enumerate(cast(WaiversDocument, document.model).waivers):
                loaded.waivers.append(waiver)
                loaded.waiver_places.append(Place(document.name, ("waivers", index)))
    loaded.problems += _waiver_problems(loaded)
    read_comments(loaded, [rule.id for rule in rules])


def _of_pack(problem: Problem) -> Problem:
    """A pack that asks for a word which is not declared here: what can be done about it."""
    if not (problem.place.document.startswith("tactful:") and problem.code.startswith("undeclared")):
        return problem
    help = say(
        "the pack asks for it: declare it, give it your own name under 'where', or switch the rule off under 'off'",
        "规则包需要它：请声明它，或在 where 中写明您的名称，或在 off 中关闭该规则",
    )
    return replace(problem, help=help)


def _add_packs(loaded: Loaded) -> None:
    settings_document = next((d.name for d in loaded.documents if d.kind == "tactful"), "tactful.yaml")
    for index, use in enumerate(loaded.settings.packs):
        place = Place(settings_document, ("packs", index))
        files, problems = pack_documents(use, place)
        loaded.problems += problems
        for file, values in files:
            loaded.sources[file.path] = file
            for raw, value in zip(raw_documents(file), values, strict=True):
                take(RawDocument(raw.name, raw.origin, value), loaded)


def _waiver_problems(loaded: Loaded) -> list[Problem]:
    known = {rule.id: rule.kind for rule in loaded.rules}
    problems = []
    for waiver, place in zip(loaded.waivers, loaded.waiver_places, strict=True):
        kind = known.get(waiver.waive)
        if kind is None:
            message = say("the waived rule '{rule}' does not exist", "豁免的规则“{rule}”不存在", rule=waiver.waive)
            problems.append(Problem("waiver", message, place.down("waive"), did_you_mean(waiver.waive, known)))
        elif waiver.allow is not None and not KINDS[kind].measured:
            message = say("{kind} knows no measure to allow", "{kind} 没有可放宽的度量", kind=kind)
            help = say("leave allow out: the waiver covers the finding whole", "请去掉 allow：豁免会覆盖整个发现")
            problems.append(Problem("waiver", message, place.down("allow"), help))
        if (waiver.campaign is None) == (waiver.group is None):
            message = say("a waiver is for one of campaign and group", "豁免必须且只能写 campaign 或 group 之一")
            problems.append(Problem("waiver", message, place))
        elif waiver.campaign is not None and loaded.plan is not None:
            names = [campaign.name for campaign in loaded.plan.campaigns]
            if waiver.campaign not in names and not loaded.plan.broken:
                message = say("no campaign '{name}'", "没有活动“{name}”", name=waiver.campaign)
                problems.append(
                    Problem("waiver", message, place.down("campaign"), did_you_mean(waiver.campaign, names), "warning")
                )
    return problems
