"""Links the vocabulary: the declared words beside the shipped ones, and the figures of senders."""

from __future__ import annotations

from typing import Any, cast

from ..forms import form_problems
from ..messages import did_you_mean, say
from ..places import Place, Problem
from .document import Document
from .merging import merged_words
from .plan import CustomerModel, Words
from .vocabulary import (
    SHIPPED_ACTS,
    SHIPPED_ASKS,
    SHIPPED_CHANNELS,
    Channel,
    FigureValues,
    Vocabulary,
    VocabularyDocument,
)

Problems = list[Problem]


def link_words(documents: list[Document], customers: CustomerModel, problems: Problems) -> Words:
    books = [(d.name, cast(VocabularyDocument, d.model).vocabulary) for d in documents]

    def gather(kind: str) -> dict[str, Any]:
        merged = merged_words([(n, ("vocabulary", kind), getattr(b, kind)) for n, b in books], kind, problems)
        return {word: value for word, (value, _) in merged.items()}

    def gather_list(kind: str, shipped: tuple[str, ...]) -> tuple[str, ...]:
        declared: dict[str, None] = {}
        for name, book in books:
            for index, word in enumerate(getattr(book, kind)):
                if word in declared:
                    message = say(
                        "'{word}' is declared twice among the {kind}",
                        "“{word}”在 {kind} 中声明了两次",
                        word=word,
                        kind=kind,
                    )
                    problems.append(Problem("declared-twice", message, Place(name, ("vocabulary", kind, index))))
                declared[word] = None
        return tuple(dict.fromkeys((*shipped, *declared)))

    figures = _figures(books, problems)
    products = gather("products")
    channels = {name: Channel(way=way) for name, way in SHIPPED_CHANNELS.items()} | gather("channels")
    words = Words(
        channels,
        gather("senders"),
        gather("gives"),
        gather_list("asks", SHIPPED_ASKS),
        gather_list("acts", SHIPPED_ACTS),
        gather_list("subjects", ()),
        products,
        gather("pools"),
        figures,
        tuple(customers.events),
    )
    for name, book in books:
        for product, declared in book.products.items():
            for index, other in enumerate(declared.equivalent_to):
                if other not in products:
                    place = Place(name, ("vocabulary", "products", product, "equivalent_to", index))
                    message = say("the product '{word}' is not declared", "产品“{word}”没有声明", word=other)
                    problems.append(Problem("undeclared-product", message, place, did_you_mean(other, products)))
        for sender in book.figures:
            if sender not in words.senders:
                place = Place(name, ("vocabulary", "figures", sender), at_key=True)
                message = say("the sender '{word}' is not declared", "发送方“{word}”没有声明", word=sender)
                problems.append(Problem("undeclared-sender", message, place, did_you_mean(sender, words.senders)))
    return words


def _figures(books: list[tuple[str, Vocabulary]], problems: Problems) -> dict[str, FigureValues]:
    figures: dict[str, FigureValues] = {}
    for name, book in books:
        for sender, values in book.figures.items():
            place = Place(name, ("vocabulary", "figures", sender))
            model, wrong = form_problems(FigureValues, values, place)
            problems += wrong
            if isinstance(model, FigureValues):
                figures[sender] = model
    return figures
