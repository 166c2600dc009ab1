"""Which labels a page tells of, and in which groups: those that occur in its documents, and their families."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.pages.interface import TEXTS, Interface, shown
from g7classify.report import visible
from g7classify.results import Document


class Legend:
    """The labels of documents, in the order of their codebook, or else of the alphabet.

    Args:
        documents: whose labels are told.
        codebook: of their model; the shipped one if not given, where it has all labels.
        interface: in which labels are named.

    Attributes:
        names: of the labels; other attributes tell labels by their index in it.
        index: of each name its index.
        labels: of each its name and how it is shown, both fit to be shown, and its group.
        groups: a category each, and at the end one for labels that are in none: its name, the label of the category or
            -1, and the other labels in it that occur.
    """

    def __init__(self, documents: Sequence[Document], codebook: Codebook | None, interface: Interface) -> None:
        tags = [tag for document in documents for sentence in document.sentences for tag in sentence.tags]
        told = {tag.label: tag.category for tag in tags}
        in_doubt = {label for document in documents for sentence in document.sentences for label in sentence.in_doubt}
        occurring = told.keys() | in_doubt
        if codebook is None and occurring <= {*CODEBOOK.names}:
            codebook = CODEBOOK
        parents = {} if codebook is None else {label.name: label.parent or label.name for label in codebook.labels}
        categories = {label: parents.get(label, label) for label in in_doubt} | told
        families = {*categories.values()} | {tag.category for tag in tags}
        # Also a sub-type that nobody tagged may be what lends its category its probability.
        categories |= {name: parent for name, parent in parents.items() if parent in families}
        order = {name: i for i, name in enumerate(parents)}
        self.names: list[str] = sorted(
            categories.keys() | families, key=lambda name: (order.get(name, len(order)), name)
        )
        self.index: dict[str, int] = {name: i for i, name in enumerate(self.names)}
        self.labels: list[dict[str, Any]] = [{} for _ in self.names]
        self.groups: list[dict[str, Any]] = []
        for head, members in _families(self.names, categories):
            for name in [*members, *([] if head is None else [head])]:
                said = visible(shown(name, codebook, interface))
                self.labels[self.index[name]] = {"name": visible(name), "shown": said, "group": len(self.groups)}
            self.groups.append(
                {
                    "name": TEXTS[interface]["labels"] if head is None else self.labels[self.index[head]]["shown"],
                    "head": -1 if head is None else self.index[head],
                    "labels": [self.index[name] for name in members if name in occurring],
                }
            )


def _families(names: Sequence[str], categories: dict[str, str]) -> Iterator[tuple[str | None, list[str]]]:
    """Each category that has sub-types, and these; then None and the labels that are in no such family."""
    heads = {category for label, category in categories.items() if category != label}
    for head in names:
        if head in heads:
            yield head, [name for name in names if name != head and categories.get(name) == head]
    alone = [name for name in names if name not in heads and categories.get(name, name) not in heads]
    if alone:
        yield None, alone
