"""What the page of documents holds, as plain lists and numbers for its script; templates/documents.js reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from g7classify.codebook import Codebook
from g7classify.errors import DataError
from g7classify.pages.explaining import Explainers, weights
from g7classify.pages.interface import TEXTS, Interface, shown
from g7classify.report import printable, told, visible
from g7classify.results import Document, ModelId, Sentence
from g7classify.tagger import Tagger

# Beyond it browsers take long to show a page.
MOST_SENTENCES: Final = 100_000

SURE, DOUBTFUL, MISSED = 0, 1, 2  # a tag; one close to its threshold; a label that is as close, but below it


class Contents:
    """What a page holds of documents.

    Args:
        documents: with the names that they have if they do not tell their source.
        tagger: whose words are told; models by name if not given.
        interface: in which labels are named.
        progress: called with the sentences done and their number, again and again.

    Attributes:
        sentences: of each [text, tags, file, place, language, model, left], as far as it is not 0 from there on. The
            place is a page or a row, from 1 on. A tag is [label, probability in thousandths or -1, SURE, DOUBTFUL or
            MISSED] and, where its words are told, [..., label whose probability it is or -1, *weights]. Labels, files,
            languages and models are told by their index.
        labels: of each its name, as it is shown, and its group.
        groups: of each its name, the label of the category or -1, and the labels in it that occur.
        files: of each its name and what places in it are: "page", "row" or nothing.
        languages: ISO 639-1 codes.
        models: of each its name, sha256, thresholds and biases by label, and why it tells no words.
        counts: of each label the sentences that are tagged with it; of a category also those of its sub-types.

    Raises:
        DataError: more sentences than a browser can show.
    """

    def __init__(
        self,
        documents: Sequence[tuple[str, Document]],
        *,
        tagger: Tagger | None,
        interface: Interface,
        progress: Callable[[int, int], object] = lambda _done, _all: None,
    ) -> None:
        count = sum(len(document.sentences) for _, document in documents)
        if count > MOST_SENTENCES:
            raise DataError(
                f"{count} sentences: a page holds {MOST_SENTENCES} at most, as browsers take long to show more; "
                "make several pages, or write CSV or JSONL with `g7classify tag`"
            )
        self._given = tagger
        self._explainers = Explainers(tagger)
        self._codebook = self._any_codebook(documents)
        self._set_labels([document for _, document in documents], interface)
        self.files: list[list[str]] = []
        self.languages: list[str] = []
        self.models: list[dict[str, Any]] = []
        self.sentences: list[list[Any]] = []
        self.counts = [0] * len(self.labels)
        self._models: dict[ModelId, int] = {}
        for name, document in documents:
            self._add(name, document, count, progress)

    @property
    def tagged(self) -> int:
        """Sentences with a tag."""
        return sum(any(tag[2] != MISSED for tag in sentence[1]) for sentence in self.sentences)

    @property
    def tags(self) -> int:
        """Tags that are shown."""
        return sum(tag[2] != MISSED for sentence in self.sentences for tag in sentence[1])

    @property
    def in_doubt(self) -> int:
        """Sentences of which something is in doubt."""
        return sum(any(tag[2] != SURE for tag in sentence[1]) for sentence in self.sentences)

    def _any_codebook(self, documents: Iterable[tuple[str, Document]]) -> Codebook | None:
        for model in dict.fromkeys(document.model for _, document in documents):
            if (tagger := self._explainers.tagger(model)) is not None:
                return tagger.codebook
        return None

    def _set_labels(self, documents: Sequence[Document], interface: Interface) -> None:
        """Labels that occur and their families: in the order of the codebook, or else of the alphabet."""
        found: dict[str, str] = {}
        for document in documents:
            for sentence in document.sentences:
                found |= {tag.label: tag.category for tag in sentence.tags}
                for label in sentence.in_doubt:
                    found.setdefault(label, self._category(label))
        occurring = {*found}
        order: dict[str, int] = {}
        if self._codebook is not None:
            order = {name: i for i, name in enumerate(self._codebook.names)}
            families = {*found.values()}
            # Also a sub-type that nobody tagged may be what lends its category its probability.
            found |= {name: parent for name in order if (parent := self._category(name)) in families}
        names = sorted({*found, *found.values()}, key=lambda name: (order.get(name, len(order)), name))
        self._names, self._index = names, {name: i for i, name in enumerate(names)}
        categories = {name: found.get(name, name) for name in names}
        with_subtypes = {category for label, category in categories.items() if category != label}
        heads = [name for name in names if name in with_subtypes]
        flat = [name for name in names if categories[name] not in with_subtypes]

        self.groups: list[dict[str, Any]] = []
        self.labels: list[dict[str, Any]] = [{}] * len(names)
        for head in [*heads, *([None] if flat else [])]:
            members = flat if head is None else [name for name in names if name != head and categories[name] == head]
            group = {
                "name": TEXTS[interface]["labels"] if head is None else visible(shown(head, self._codebook, interface)),
                "head": -1 if head is None else self._index[head],
                "labels": [self._index[name] for name in members if name in occurring],
            }
            for name in [*members, *([] if head is None else [head])]:
                said = visible(shown(name, self._codebook, interface))
                self.labels[self._index[name]] = {"name": visible(name), "shown": said, "group": len(self.groups)}
            self.groups.append(group)

    def _category(self, label: str) -> str:
        known = self._codebook
        return (known.parent(label) or label) if known is not None and label in known.names else label

    def _add(self, name: str, document: Document, count: int, progress: Callable[[int, int], object]) -> None:
        source = document.source
        places = "" if source is None else "page" if source.pages else "row" if source.row else ""
        file = _placed([visible(name if source is None else source.file), places], self.files)
        language = _placed(document.language, self.languages)
        for sentence in document.sentences:
            who = sentence.decided_by or document.model
            model = self._model(who, document.model)
            tags = self._tags(sentence, who, self.models[model])
            place = (document.page(sentence) if source and source.pages else source and source.row) or 0
            row = [printable(sentence.text), tags, file, place, language, model, int(sentence.left)]
            while row[-1] == 0:
                row.pop()
            self.sentences.append(row)
            progress(len(self.sentences), count)

    def _model(self, who: ModelId, whole: ModelId) -> int:
        if who not in self._models:
            self._models[who] = len(self.models)
            thresholds: dict[int, int] = {}
            # Of one that is loaded by its name nobody knows at which operating point it decided.
            if self._given is not None and self._given.id == whole:
                for label, threshold in zip(self._given.labels, self._given.thresholds.tolist(), strict=True):
                    if label in self._index:
                        thresholds[self._index[label]] = round(1000 * threshold)
            silent = self._explainers.silent(who)
            about = {"name": visible(str(who)), "sha256": who.sha256, "thresholds": thresholds, "biases": {}}
            self.models.append(about | {"silent": silent})
        return self._models[who]

    def _tags(self, sentence: Sentence, who: ModelId, about: dict[str, Any]) -> list[list[int]]:
        tagged, missed = told(sentence)
        explained = self._explainers.explain(sentence.text, [*(tag.label for tag in tagged), *missed], who)
        rows: list[list[int]] = []
        for tag in tagged:
            about["thresholds"][self._index[tag.label]] = round(1000 * tag.threshold)
            state = DOUBTFUL if tag.label in sentence.in_doubt else SURE
            rows.append([self._index[tag.label], round(1000 * tag.probability), state])
        for name in missed:
            known = explained[name].probability if name in explained else (sentence.probabilities or {}).get(name)
            rows.append([self._index[name], -1 if known is None else round(1000 * known), MISSED])
        for row in rows:
            found = explained.get(self._names[row[0]])
            if found is not None:
                about["biases"][row[0]] = round(100 * found.bias)
                raised = -1 if found.raised_by is None else self._index[found.raised_by]
                row += [raised, *weights(sentence.text, found)]
        for label in {label for tag in tagged for label in (tag.label, tag.category)}:
            self.counts[self._index[label]] += 1
        return rows


def _placed(value: Any, values: list[Any]) -> int:
    """The index of a value in a list that it is added to if it is new; the last one is looked at first."""
    if values and values[-1] == value:
        return len(values) - 1
    if value not in values:
        values.append(value)
    return values.index(value)
