"""The public way in: documents as any reader of YAML or JSON gives them, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .documents import as_texts, assembled, recognised
from .evaluate import BUDGET, evaluate
from .messages import Language, say
from .places import Place, Problem
from .plan.document import Document
from .plan.ledger import Ledger
from .plan.offers import OffersDocument
from .plan.plan import Plan
from .plan.settings import Settings
from .policy.linked import LinkedRule
from .policy.waivers import Waiver
from .verdicts import Answer


class InvalidDocuments(ValueError):
    """Documents that cannot be checked: everything that is wrong with them, each with its place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(self.lines()))

    def lines(self, language: Language = "en") -> list[str]:
        """One line for each fault, in ``en`` or ``zh``."""
        return [f"{problem.place}: {problem.message.render(language)}" for problem in self.problems]


@dataclass(frozen=True, slots=True)
class Engine:
    """A plan with the rules asked of it. It reads no file and knows no clock: what it answers hangs on its input alone."""

    plan: Plan
    rules: tuple[LinkedRule[Any], ...]
    waivers: tuple[Waiver, ...] = ()

    @classmethod
    def from_documents(cls, documents: Iterable[Mapping[str, object]]) -> Engine:
        """Takes campaigns, policies and all other documents in any order, as mappings of keys to values.

        Scalars may be texts, as people write them, or what YAML and JSON make of them. Raises InvalidDocuments, with all
        faults of all documents at once.
        """
        taken: list[Document] = []
        problems: list[Problem] = []
        for number, value in enumerate(documents, 1):
            found = recognised(f"document {number}", as_texts(value))
            problems += found.problems
            if found.document is not None:
                taken.append(found.document)
                problems += _unread(found.document)
        made = assembled(taken)
        problems += [problem for problem in made.problems if problem.severity == "error"]
        if problems:
            raise InvalidDocuments(tuple(problems))
        return cls(made.plan, tuple(made.rules), tuple(made.waivers))

    def check(self, as_of: date, budget: int = BUDGET) -> Answer:
        """Asks every rule over the whole plan; nothing before ``as_of`` is reported.

        ``budget`` bounds each search, in steps; a rule that would need more is ``unproven``. In the answer a finding whose
        ``covered_by`` is not empty is one that waivers cover; ``defects`` are rules at which the program itself failed.
        """
        return evaluate(self.plan, self.rules, as_of, self.waivers, budget)


def _unread(document: Document) -> list[Problem]:
    """What a document names is a file, which nobody has read: what it holds must not count as nothing."""
    model = document.model
    stated = {
        "log": isinstance(model, Ledger) and model.log is not None,
        "history": isinstance(model, OffersDocument) and model.history is not None,
        "packs": isinstance(model, Settings) and bool(model.packs),
    }
    help = say("check these documents with the command line", "请用命令行检查这些文档")
    message = "the engine reads no files: {key} cannot be named here", "引擎不读取文件：此处不能写 {key}"
    return [
        Problem("unread", say(*message, key=key), Place(document.name, (key,)), help)
        for key, named in stated.items()
        if named
    ]
