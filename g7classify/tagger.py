"""The tagger: text in, documents of tagged sentences out."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, modelfile, registry, sentences
from g7classify.batching import batches, in_order
from g7classify.codebook import Codebook
from g7classify.errors import InputTypeError, ModelFileError, OptionError
from g7classify.model import Model, ModelInfo
from g7classify.results import Document, ModelId, Sentence
from g7classify.text import check_text

# Texts of so many code points make a batch, however few they are: it bounds the memory of tag_many.
BATCH_CHARACTERS = 1 << 20


class Scorer(Protocol):
    """Whatever turns sentences into probabilities; safe to share between threads."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, k) in 0..1 of n sentences; refuses what is no str and lone surrogates."""


class _Split(NamedTuple):
    text: str
    language: str
    spans: list[tuple[int, int]]


class Tagger:
    """Tags sentences with the k labels of its codebook; immutable, and safe to share between threads.

    Copies are the tagger itself. A pickle of a tagger that was loaded names its file, which is read once in each
    process that unpickles it; one that was not loaded is pickled whole.

    Args:
        model: labels, thresholds and provenance.
        sha256: of the file that the model was read from; empty if there is none.
        scorer: what scores the sentences; the model itself if not given.
    """

    def __init__(self, model: Model, *, sha256: str = "", scorer: Scorer | None = None) -> None:
        self._model = model
        self._scorer: Scorer = model if scorer is None else scorer
        self._path: Path | None = None
        self._id = ModelId(name=model.info.name, version=model.info.version, sha256=sha256)

    @classmethod
    def load(cls, name: str | os.PathLike[str] | None = None) -> Self:
        """Load a shipped model by name, or a model file by its path.

        Args:
            name: `name` (newest version) or `name@version` of a shipped model; or the path of a model file, which is
                a PathLike or ends in .safetensors; or nothing for the default model.

        Raises:
            UnknownModelError: no shipped model has this name.
            UnreadableFileError: the file is missing or may not be read.
            ModelFileError: the file is damaged, or no model file.
            InputTypeError: `name` is neither str nor PathLike.
        """
        if isinstance(name, os.PathLike) or (isinstance(name, str) and name.endswith(".safetensors")):
            path = Path(name).absolute()
            sha256 = registry.sha256(path)
            model = modelfile.read(path)
        else:
            model, found = registry.read(name)
            path, sha256 = registry.path(registry.find(name)), found.sha256
        tagger = cls(model, sha256=sha256)
        tagger._path = path
        return tagger

    @property
    def id(self) -> ModelId:
        """Name, version and sha256 of the model, as results tell them."""
        return self._id

    @property
    def labels(self) -> tuple[str, ...]:
        """The k labels, in column order."""
        return self._model.codebook.names

    @property
    def codebook(self) -> Codebook:
        """What the labels mean."""
        return self._model.codebook

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """(k,) in 0..1, on probability: a label is tagged from its threshold on. A copy."""
        return self._model.thresholds.copy()

    @property
    def band(self) -> float:
        """Half-width of the band of doubt around the thresholds, in logits."""
        return self._model.band

    @property
    def info(self) -> ModelInfo:
        """What the model is, what it was trained on and how well it does."""
        return self._model.info

    def predict_proba(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, k) in 0..1 of n sentences, each taken whole.

        Raises:
            InputTypeError: `sentences` is not a sequence of str.
            TextError: a sentence holds a lone surrogate.
        """
        if isinstance(sentences, str | bytes | bytearray) or not isinstance(sentences, Iterable):
            raise InputTypeError(f"sentences: expected a sequence of str, got {type(sentences).__name__}; use [text]")
        return self._scorer.probabilities(list(sentences))

    def predict(self, sentences: Sequence[str]) -> NDArray[np.bool_]:
        """Tags (n, k) of n sentences, each taken whole; a tagged sub-type brings its category.

        Raises:
            InputTypeError: `sentences` is not a sequence of str.
            TextError: a sentence holds a lone surrogate.
        """
        return decision.decide(self.predict_proba(sentences), self._model.thresholds, self._model.codebook.parents)

    def tag(self, text: str, *, language: str | None = None, probabilities: bool = False) -> Document:
        """Split a text into sentences and tag each.

        Args:
            text: any length; white space alone, or nothing, gives a document without sentences.
            language: ISO 639-1 code whose rules split the text; guessed if not given.
            probabilities: whether each sentence also tells the probabilities of all k labels.

        Raises:
            InputTypeError: the text is not a str.
            TextError: it holds a lone surrogate.
            OptionError: a language without rules.
        """
        split = _split(text, language=language, name="text")
        return self._documents([split], probabilities=probabilities)[0]

    def tag_sentence(self, text: str, *, probabilities: bool = False) -> Sentence:
        """Tag a text as one sentence, without splitting it.

        Raises:
            InputTypeError: the text is not a str.
            TextError: the text holds a lone surrogate.
        """
        check_text(text)
        return Sentence.model_validate(self._sentences([text], [(0, len(text))], probabilities=probabilities)[0])

    def tag_many(
        self,
        texts: Iterable[str],
        *,
        batch_size: int = 256,
        n_jobs: int = 1,
        language: str | None = None,
        probabilities: bool = False,
    ) -> Iterator[Document]:
        """Tag many texts, lazily and in order: the same documents as `tag` gives, sooner.

        Reads no further ahead than n_jobs + 1 batches. A text that cannot be tagged raises when its turn comes, after
        all documents before it; so does an error of `texts` itself.

        Args:
            texts: any iterable of texts, endless ones too.
            batch_size: sentences, or texts, that are scored in one call; at least 1. Smaller answers sooner.
            n_jobs: threads that score; at least 1.
            language, probabilities: as in `tag`, for all texts.

        Raises:
            InputTypeError: `texts` is one str or no iterable, or a text in it is not a str; names its index.
            TextError: a text holds a lone surrogate; names its index.
            OptionError: an option outside its range, or a language without rules.
        """
        if isinstance(texts, str | bytes | bytearray) or not isinstance(texts, Iterable):
            raise InputTypeError(f"texts: expected an iterable of str, got one {type(texts).__name__}; use tag for one")
        for name, value in (("batch_size", batch_size), ("n_jobs", n_jobs)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise OptionError(f"{name}: expected a whole number from 1 on, got {value!r}")
        if language is not None:
            sentences.split("", language=language)
        return self._tag_many(texts, batch_size, n_jobs, language, probabilities=probabilities)

    def _tag_many(
        self, texts: Iterable[str], batch_size: int, n_jobs: int, language: str | None, *, probabilities: bool
    ) -> Iterator[Document]:
        split = (_split(text, language=language, name=f"texts[{i}]") for i, text in enumerate(texts))

        def weight(split: _Split) -> int:
            return max(1, len(split.spans), len(split.text) * batch_size // BATCH_CHARACTERS)

        groups = batches(split, size=batch_size, weight=weight)
        documents = partial(self._documents, probabilities=probabilities)
        for group in in_order(documents, groups, n_jobs=n_jobs):
            yield from group

    def _documents(self, batch: Sequence[_Split], *, probabilities: bool) -> list[Document]:
        pieces = [split.text[start:end] for split in batch for start, end in split.spans]
        spans = [span for split in batch for span in split.spans]
        found = self._sentences(pieces, spans, probabilities=probabilities)
        documents = []
        done = 0
        for text, language, own in batch:
            values = {"text": text, "language": language, "model": self.id, "sentences": found[done : done + len(own)]}
            documents.append(Document.model_validate(values))
            done += len(own)
        return documents

    def _sentences(
        self, texts: Sequence[str], spans: Sequence[tuple[int, int]], *, probabilities: bool
    ) -> list[dict[str, Any]]:
        """What Sentence holds, as dicts: pydantic makes a whole document of them a third faster than one by one."""
        model, names, parents = self._model, self.labels, self._model.codebook.parents
        scored = self._scorer.probabilities(texts)
        tagged = decision.decide(scored, model.thresholds, parents)
        doubted = decision.in_doubt(scored, model.thresholds, model.band)
        rounded = np.round(scored.astype(np.float64), 6)
        thresholds = np.round(model.thresholds.astype(np.float64), 6).tolist()
        categories = [names[column if parent < 0 else parent] for column, parent in enumerate(parents)]
        found: list[dict[str, Any]] = [
            {
                "text": text,
                "start": start,
                "end": end,
                "tags": [],
                "in_doubt": [],
                "probabilities": dict(zip(names, row.tolist(), strict=True)) if probabilities else None,
            }
            for text, (start, end), row in zip(texts, spans, rounded, strict=True)
        ]
        # The tags of the whole batch at once: a NumPy call a sentence costs more than all that is done with the result.
        rows, columns = np.nonzero(tagged)
        order = np.lexsort((columns, -rounded[rows, columns], rows))
        rows, columns = rows[order], columns[order]
        for i, c, p in zip(rows.tolist(), columns.tolist(), rounded[rows, columns].tolist(), strict=True):
            tag = {"label": names[c], "category": categories[c], "probability": p, "threshold": thresholds[c]}
            found[i]["tags"].append(tag)
        for i, c in np.argwhere(doubted).tolist():
            found[i]["in_doubt"].append(names[c])
        return found

    def __repr__(self) -> str:
        return f"<Tagger {self.id}: {len(self.labels)} labels, {', '.join(self.info.languages) or 'any language'}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if self._path is not None:
            return _unpickle, (self._path, self.id.sha256)
        return _assemble, (self._model, self.id.sha256, None if self._scorer is self._model else self._scorer)


def _assemble(model: Model, sha256: str, scorer: Scorer | None) -> Tagger:
    return Tagger(model, sha256=sha256, scorer=scorer)


@lru_cache(maxsize=8)
def _unpickle(path: Path, sha256: str) -> Tagger:
    tagger = Tagger.load(path)
    if tagger.id.sha256 != sha256:
        raise ModelFileError(f"{path} has changed since the tagger was pickled; load the tagger anew")
    return tagger


def _split(text: str, *, language: str | None, name: str) -> _Split:
    check_text(text, name=name)
    language = sentences.guess_language(text) if language is None else language
    return _Split(text, language, sentences.split(text, language=language))


_default_lock = threading.Lock()


@lru_cache(maxsize=1)
def _load_default() -> Tagger:
    return Tagger.load()


def load(name: str | os.PathLike[str] | None = None) -> Tagger:
    """Load a tagger: see Tagger.load."""
    return Tagger.load(name)


def tag(text: str, *, language: str | None = None, probabilities: bool = False) -> Document:
    """Tag a text with the default model, which is loaded at the first call: see Tagger.tag."""
    with _default_lock:
        tagger = _load_default()
    return tagger.tag(text, language=language, probabilities=probabilities)
