"""What the page of documents holds, as plain lists and numbers for its script; templates/documents.js reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from g7classify.errors import DataError
from g7classify.pages.explaining import Explainers, weights
from g7classify.pages.interface import Interface
from g7classify.pages.legend import Legend
from g7classify.pages.paths import short
from g7classify.report import printable, told, visible
from g7classify.results import Document, ModelId, Sentence
from g7classify.tagger import Tagger

# Beyond it browsers take long to show a page.
MOST_SENTENCES: Final = 100_000

# As CSV has them: of thousandths, rounded once more, 3.4 % of the tags of the seeds show other hundredths than a table.
MILLION: Final = 1_000_000

SURE, DOUBTFUL, MISSED = 0, 1, 2  # a tag; one close to its threshold; a label that is as close, but below it


class Contents:
    """What a page holds of documents.

    Args:
        documents: with the names that they have if they do not tell their source.
        tagger: whose words are told; models by name if not given.
        interface: in which labels are named.
        unread: files that could not be read to the end, and why not.
        progress: called with the sentences done and their number, again and again.

    Attributes:
        sentences: of each [text, tags, file, place, language, model, left], as far as it is not 0 from there on. The
            place is a page or a row, from 1 on. A tag is [label, probability in millionths or -1, SURE, DOUBTFUL or
            MISSED] and, where its words are told, [..., label whose probability it is or -1, *weights]. Labels, files,
            languages and models are told by their index.
        labels, groups: as legend.Legend has them.
        files: of each its name, as much of its path as tells it apart, and what places in it are: "page", "row" or
            nothing.
        languages: ISO 639-1 codes.
        models: of each its name, sha256, thresholds and biases by label, and why it tells no words.
        unread: what is wrong with each file that could not be read to the end, which it names.
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
        unread: Sequence[tuple[str, str]] = (),
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
        models = dict.fromkeys(document.model for _, document in documents)
        at_hand = (found for model in models if (found := self._explainers.tagger(model)) is not None)
        codebook = next((found.codebook for found in at_hand), None)
        self._legend = Legend([document for _, document in documents], codebook, interface)
        self.labels: list[dict[str, Any]] = self._legend.labels
        self.groups: list[dict[str, Any]] = self._legend.groups
        sources = [document.source.file for _, document in documents if document.source is not None]
        self._short = short([*sources, *(file for file, _ in unread)])
        self.unread: list[str] = [self._wrong(file, why) for file, why in unread]
        self._files: dict[tuple[str, str], int] = {}  # each with its index
        self._languages: dict[str, int] = {}
        self.models: list[dict[str, Any]] = []
        self.sentences: list[list[Any]] = []
        self.counts: list[int] = [0] * len(self.labels)
        self._models: dict[ModelId, int] = {}
        for name, document in documents:
            self._add(name, document, count, progress)

    @property
    def files(self) -> list[tuple[str, str]]:
        """See Contents."""
        return [*self._files]

    @property
    def languages(self) -> list[str]:
        """See Contents."""
        return [*self._languages]

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

    def _add(self, name: str, document: Document, count: int, progress: Callable[[int, int], object]) -> None:
        source = document.source
        places = "" if source is None else "page" if source.pages else "row" if source.row else ""
        about = visible(name if source is None else self._short[source.file]), places
        file = self._files.setdefault(about, len(self._files))
        language = self._languages.setdefault(document.language, len(self._languages))
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

    def _wrong(self, file: str, why: str) -> str:
        named = self._short[file]
        return visible(why.replace(file, named) if file in why else f"{named}: {why}")

    def _model(self, who: ModelId, whole: ModelId) -> int:
        if who not in self._models:
            self._models[who] = len(self.models)
            thresholds: dict[int, int] = {}
            # Of one that is loaded by its name nobody knows at which operating point it decided.
            if self._given is not None and self._given.id == whole:
                for label, threshold in zip(self._given.labels, self._given.thresholds.tolist(), strict=True):
                    if label in self._legend.index:
                        thresholds[self._legend.index[label]] = round(1000 * threshold)
            silent = self._explainers.silent(who)
            about = {"name": visible(str(who)), "sha256": who.sha256, "thresholds": thresholds, "biases": {}}
            self.models.append(about | {"silent": silent})
        return self._models[who]

    def _tags(self, sentence: Sentence, who: ModelId, about: dict[str, Any]) -> list[list[int]]:
        tagged, missed = told(sentence)
        explained = self._explainers.explain(sentence.text, [*(tag.label for tag in tagged), *missed], who)
        rows: list[list[int]] = []
        for tag in tagged:
            about["thresholds"][self._legend.index[tag.label]] = round(1000 * tag.threshold)
            state = DOUBTFUL if tag.label in sentence.in_doubt else SURE
            rows.append([self._legend.index[tag.label], round(MILLION * tag.probability), state])
        for name in missed:
            known = explained[name].probability if name in explained else (sentence.probabilities or {}).get(name)
            rows.append([self._legend.index[name], -1 if known is None else round(MILLION * known), MISSED])
        for row in rows:
            found = explained.get(self._legend.names[row[0]])
            if found is not None:
                about["biases"][row[0]] = round(100 * found.bias)
                raised = -1 if found.raised_by is None else self._legend.index[found.raised_by]
                row += [raised, *weights(sentence.text, found)]
        for label in {label for tag in tagged for label in (tag.label, tag.category)}:
            self.counts[self._legend.index[label]] += 1
        return rows
