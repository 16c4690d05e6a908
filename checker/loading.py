"""From files to a plan and rules: documents are recognised, their form is checked, packs are added, all is linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tactful.engine.documents import assembled, recognised
from tactful.engine.forms import form_problems
from tactful.engine.messages import say
from tactful.engine.places import Place, Problem
from tactful.engine.plan.customers import CustomersDocument
from tactful.engine.plan.ledger import Ledger
from tactful.engine.plan.offers import OffersDocument
from tactful.engine.plan.settings import Settings

from .comments import read_comments
from .loaded import Loaded, RawDocument, raw_documents
from .packs import pack_documents
from .reading.history import read_history
from .reading.log import read_log
from .reading.profile import Complaint, Parsed
from .reading.repository import NOTHING, SETTINGS, Repository, SourceFile, discover, read_file


def take(raw: RawDocument, loaded: Loaded) -> None:
    """Recognises one document and checks its form; adds it, or what is wrong with it, to ``loaded``."""
    loaded.origins[raw.name] = raw.origin
    found = recognised(raw.name, raw.value)
    if found.kind is not None:
        loaded.kinds[raw.name] = found.kind
    loaded.problems += found.problems
    if found.broken:
        loaded.broken.append(raw.name)
    if found.document is not None:
        loaded.documents.append(found.document)


def usable(path: str) -> bool:
    """Whether a broken file of this path is a finding (a campaign to mend) rather than the end of the run."""
    return not {"campaigns", "services", "offers"}.isdisjoint(path.split("/")[:-1])


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
        loaded.misnamed = repository.misnamed
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
    made = assembled(loaded.documents, loaded.broken)
    loaded.plan, loaded.rules = made.plan, made.rules
    loaded.waivers, loaded.waiver_places = made.waivers, made.waiver_places
    loaded.problems += [_of_pack(problem) for problem in made.problems]
    read_comments(loaded, [rule.id for rule in made.rules])


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
