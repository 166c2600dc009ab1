"""The tagger: text in, documents of tagged sentences out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from g7classify import decision, opening, sentences
from g7classify.batching import batches, in_order
from g7classify.codebook import Codebook
from g7classify.decision import OperatingPoint
from g7classify.documents import Text
from g7classify.errors import InputTypeError, ModelFileError, OptionError
from g7classify.findings import Decider, Findings, documents
from g7classify.labels import several
from g7classify.model import Model, ModelInfo
from g7classify.opening import Address
from g7classify.results import Document, ModelId, Sentence, Source
from g7classify.text import check_text

if TYPE_CHECKING:
    from g7classify.cascade import Cascade
    from g7classify.classifier import Classifier, Scorer
    from g7classify.explanation import Explanation

# Texts of so many code points make a batch, however few they are: it bounds the memory of tag_many.
BATCH_CHARACTERS = 1 << 20


class Tagger:
    """Tags sentences with the k labels of its codebook; immutable, and safe to share between threads.

    Copies are the tagger itself. A pickle of a tagger that was loaded is its address, of less than a kilobyte: the
    model is opened once in each process that unpickles it, on whichever machine, and has to be the same. One that was
    not loaded is pickled whole.

    Args:
        model: labels, thresholds and provenance.
        sha256: of the file that the model was read from; empty if there is none.
        scorer: of the sentences; the model itself if not given.
        operating_point: see `at`.

    Raises:
        OptionError: there is no such operating point.
    """

    def __init__(
        self,
        model: Classifier,
        *,
        sha256: str = "",
        scorer: Scorer | None = None,
        operating_point: OperatingPoint = "balanced",
    ) -> None:
        if not hasattr(model, "deciding"):
            raise InputTypeError(f"model: expected one that was read, got {type(model).__name__}; see Tagger.load")
        self._model = model
        self._operating_point: OperatingPoint = operating_point
        self._scorer: Scorer = model if scorer is None else scorer
        self._address: Address | None = None
        self._cascade: tuple[Cascade, ModelId, ModelId] | None = None  # and who decides in it
        self._id = ModelId(model.info.name, model.info.version, sha256)
        self._decider = Decider(model.codebook, *model.deciding(operating_point))

    @classmethod
    def load(
        cls,
        name: str | os.PathLike[str] | None = None,
        *,
        operating_point: OperatingPoint = "balanced",
        escalate: str | None = None,
        budget: float | None = None,
        uncertainty: float | None = None,
    ) -> Self:
        """Load a model by name, or a model file by its path.

        Args:
            name: `name` (newest version) or `name@version` of a shipped model or of one that was added with
                registry.add; or the path of a model file, which is a PathLike, holds a separator or ends in
                .safetensors; or nothing for the default model.
            operating_point: see `at`.
            escalate: the shipped deep model that reads again the sentences of which most is to be gained; `name` is
                then a shipped table. Each sentence says which model decided, and whether the budget left it out.
            budget: 0..1. A sentence is escalated if as much is to be gained of it as of this share of the natural
                sentences that the cascade was fitted on; of those in one call, or one batch of tag_many, at most this
                share and 32 more are. A tenth if neither this nor `uncertainty` is given.
            uncertainty: 0..1, instead of a budget. Every sentence is escalated of which the table is less certain than
                of this share of the natural sentences, however many there are: .9 chooses as a budget of .1 does, and
                leaves none.

        Raises:
            OptionError: there is no such operating point; a budget or an uncertainty out of its range, or both.
            UnknownModelError: no model has this name, or no cascade of the two is shipped.
            UnreadableFileError: the file is missing or may not be read.
            ModelFileError: the file is damaged, or no model file.
            MissingExtraError: the model is a deep one, and what runs it is not installed.
            InputTypeError: `name` is neither str nor PathLike.
        """
        decision.row(operating_point)  # refused before a file is read
        if escalate is not None:
            found = opening.two(name, escalate, budget=budget, uncertainty=uncertainty)
        elif budget is not None or uncertainty is not None:
            raise OptionError("budget, uncertainty: of what is escalated, and nothing is; give escalate='g7-deep' too")
        else:
            found = opening.one(name)
        tagger = cls(found.model, sha256=found.address.sha256, operating_point=operating_point)
        tagger._address, tagger._cascade = found.address, found.cascade
        return tagger

    def at(self, operating_point: OperatingPoint) -> Self:
        """A tagger at another operating point, which shares this one's model.

        Args:
            operating_point: `balanced` serves F1; `precision` weighs precision twice as much as recall (F-beta of 1/2),
                `recall` the other way round (of 2). What is tagged at `precision` is so at `balanced`, and that at
                `recall`; probabilities are the same.

        Raises:
            OptionError: there is no such operating point.
        """
        if operating_point == self._operating_point:
            return self
        other = type(self)(self._model, sha256=self.id.sha256, scorer=self._scorer, operating_point=operating_point)
        other._address, other._cascade = self._address, self._cascade
        return other

    @property
    def id(self) -> ModelId:
        """Name, version and sha256 of the model, as results tell them."""
        return self._id

    @property
    def address(self) -> Address | None:
        """Where another process or machine finds the model, and how it knows it; None if it was not loaded."""
        return self._address

    @property
    def model(self) -> Classifier:
        """What decides: a Model (a table), a DeepModel or a Cascade."""
        return self._model

    @property
    def scorer(self) -> Scorer:
        """What tells the probabilities of sentences: the model, unless the tagger was given another."""
        return self._scorer

    @property
    def labels(self) -> tuple[str, ...]:
        """The k labels, in column order."""
        return self._model.codebook.names

    @property
    def codebook(self) -> Codebook:
        """What the labels mean."""
        return self._model.codebook

    @property
    def operating_point(self) -> OperatingPoint:
        """Which thresholds are in use: see `at`."""
        return self._operating_point

    @property
    def thresholds(self) -> NDArray[np.float32]:
        """(k,) in 0..1, on probability: a label is tagged from its threshold on. A copy."""
        return self._decider.thresholds.copy()

    @property
    def band(self) -> float:
        """Half-width of the band of doubt around the thresholds, in logits."""
        return self._decider.band

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
        return decision.decide(self.predict_proba(sentences), self._decider.thresholds, self.codebook)

    def tag(self, text: str | Text, *, language: str | None = None, probabilities: bool = False) -> Document:
        """Split a text into sentences and tag each.

        Args:
            text: any length; white space alone, or nothing, gives a document without sentences. What `read` gives
                tells the document its source.
            language: ISO 639-1 code whose rules split the text; guessed if not given.
            probabilities: whether each sentence also tells the probabilities of all k labels.

        Raises:
            InputTypeError: the text is neither a str nor a Text.
            TextError: it holds a lone surrogate.
            OptionError: a language without rules.
        """
        return self._documents([_checked(text)], language=language, probabilities=probabilities)[0]

    def tag_sentence(self, text: str, *, probabilities: bool = False) -> Sentence:
        """Tag a text as one sentence, without splitting it.

        Raises:
            InputTypeError: the text is not a str.
            TextError: the text holds a lone surrogate.
        """
        return self._findings([check_text(text)], [(0, len(text))], probabilities=probabilities).sentences(0, 1)[0]

    def explain(self, text: str, *, labels: Iterable[str] | None = None) -> Explanation:
        """Tell which words of a text, taken as one sentence, speak for its tags and against them.

        The score of a table is a sum over words, so contributions are exact: with the bias they add up to the logit of
        each label. What a word contributes depends on its sentence all the same. The sum is divided by a norm of the
        whole sentence, so that a word weighs less in a long one; and as words count once in a sentence, a repeated one
        shares its contribution equally among its occurrences.

        A word is given what it and its character n-grams contribute. A pair of neighbouring words is half and half
        theirs. Where words are not spaced, as in Japanese, an n-gram is shared equally by its characters.

        Args:
            text: of a sentence; a code point takes about 1 kB of memory with 38 labels.
            labels: which to explain, tagged or not; the tags if not given.

        Raises:
            InputTypeError: the text is not a str, or `labels` is one str instead of several.
            TextError: the text holds a lone surrogate.
            UnknownLabelError: a label is not in the codebook; names the likeliest ones.
            OptionError: the model is no table, or the tagger has a scorer of its own; these need not add up.
        """
        from g7classify.attribution import explain
        from g7classify.explanation import Explanation

        if labels is not None:
            several(labels, name="labels")
        if self._scorer is not self._model:
            raise OptionError(f"{self._scorer!r} scores in this tagger; only one without a scorer can explain")
        if not isinstance(self._model, Model):
            raise OptionError(
                f"{self.id} is no table, and only a table's scores are sums over words; load 'g7-base', say"
            )
        names = self.tag_sentence(text).labels if labels is None else labels
        columns = dict.fromkeys(self.codebook.index(name) for name in names)
        return Explanation(text, explain(self._model, check_text(text), list(columns), self.thresholds), self.id)

    def tag_many(
        self,
        texts: Iterable[str | Text],
        *,
        batch_size: int = 256,
        n_jobs: int = 1,
        language: str | None = None,
        probabilities: bool = False,
    ) -> Iterator[Document]:
        """Tag many texts, lazily and in order: the same documents as `tag` gives, sooner.

        A tagger that escalates has a budget for every batch; what a spent budget left to the table (`Sentence.left`)
        may differ from what `tag` says.

        Reads no further ahead than n_jobs + 1 batches. A text that cannot be tagged raises when its turn comes, after
        all documents before it; so does an error of `texts` itself.

        Args:
            texts: any iterable of texts, str or Text, endless ones too.
            batch_size: texts that are split and scored in one call; at least 1. Smaller answers sooner.
            n_jobs: threads that do so; at least 1.
            language, probabilities: as in `tag`, for all texts.

        Raises:
            InputTypeError: `texts` is one str or no iterable, or a text in it is neither a str nor a Text; names its
                index.
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
        self, texts: Iterable[str | Text], batch_size: int, n_jobs: int, language: str | None, *, probabilities: bool
    ) -> Iterator[Document]:
        checked = (_checked(text, name=f"texts[{i}]") for i, text in enumerate(texts))
        groups = batches(checked, size=batch_size, weight=lambda it: 1 + len(it[0]) * batch_size // BATCH_CHARACTERS)
        tagged = partial(self._documents, language=language, probabilities=probabilities)
        for group in in_order(tagged, groups, n_jobs=n_jobs):
            yield from group

    def _documents(
        self, checked: Sequence[tuple[str, Source | None]], *, language: str | None, probabilities: bool
    ) -> list[Document]:
        found = partial(self._findings, probabilities=probabilities)
        texts, sources = zip(*checked, strict=True)
        return documents(texts, sources, found, self._id, language=language)

    def _findings(self, texts: Sequence[str], spans: Sequence[Sequence[int]], *, probabilities: bool) -> Findings:
        if self._cascade is None:
            return Findings(self._decider, texts, spans, self._scorer.probabilities(texts), tell=probabilities)
        cascade, table, deep = self._cascade
        found = cascade.read(texts)
        who = [deep if escalated else table for escalated in found.escalated.tolist()]
        return Findings(
            self._decider,
            texts,
            spans,
            found.probabilities,
            tell=probabilities,
            decided_by=who,
            left=found.left.tolist(),
        )

    def __repr__(self) -> str:
        languages = ", ".join(self.info.languages) or "any language"
        escalates = "" if self._cascade is None else f", {self._cascade[0].budget:.3g} escalated"
        return f"<Tagger {self.id}, {self._operating_point}{escalates}: {len(self.labels)} labels, {languages}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        if self._operating_point != "balanced":
            return Tagger.at, (self.at("balanced"), self._operating_point)
        if self._address is not None:
            return reopened, (self._address,)
        return partial(Tagger, sha256=self.id.sha256, scorer=self._scorer), (self._model,)


def _checked(text: str | Text, *, name: str = "text") -> tuple[str, Source | None]:
    if isinstance(text, Text):
        return check_text(text.text, name=name), text.source
    return check_text(text, name=name), None


@lru_cache(maxsize=8)
def reopened(address: Address) -> Tagger:
    """The tagger at an address, at the operating point `balanced`: opened and verified once in each process.

    Raises:
        ModelFileError: another model is found there.
        Exception: what Tagger.load does.
    """
    tagger = Tagger.load(
        address.model, escalate=address.escalate, budget=address.budget, uncertainty=address.uncertainty
    )
    if tagger.id.sha256 != address.sha256:
        what = address.model if address.escalate is None else f"the cascade of {address.model} and {address.escalate}"
        raise ModelFileError(
            f"{what} has changed since the tagger was pickled, or is another on this machine: expected the sha256 "
            f"{address.sha256}, found {tagger.id.sha256}; load the tagger anew, and use the same model everywhere"
        )
    return tagger


def checked(tagger: Any) -> Tagger:
    """A tagger, and nothing else. Raises InputTypeError of something else, such as the name of a model."""
    if not isinstance(tagger, Tagger):
        raise InputTypeError(f"tagger: expected a Tagger, got {type(tagger).__name__}; use g7classify.load(name)")
    return tagger
