"""A component of spaCy pipelines that tags the sentences of a Doc.

::

    import spacy

    nlp = spacy.blank("fr")
    nlp.add_pipe("g7classify")
    doc = nlp("La police enquête. Il pleut.")
    for span in doc.spans["g7"]:                 # one a sentence and label
        print(span.text, span.label_, span._.g7[span.label_])

`doc.spans["g7"]` holds a span for each tag of each sentence, in the order of the text, most probable first; its
attribute `scores` are their probabilities, as spaCy's SpanCategorizer has them. `span._.g7` of any span is a dict from
label to probability: the tags of the sentences that it lies in or touches.

Sentences are spaCy's if the Doc has such boundaries (of a parser, senter or sentencizer that ran before), and ours
otherwise, by the rules of the pipeline's language. Where spaCy's tokens straddle our boundary, as in "fin.Ensuite",
both sentences have that token. Needs the extra `spacy`, whose entry point makes the name known without an import.
"""

# Annotations of the factory are looked at by spaCy, so they are not strings here.
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from g7classify import decision, extras, sentences
from g7classify.errors import ModelFileError, UnreadableFileError
from g7classify.languages import LANGUAGES
from g7classify.results import ModelId
from g7classify.tagger import Tagger

with extras.needed("spacy", by="this pipe"):
    from spacy.language import Language
    from spacy.tokens import Doc, Span, SpanGroup
    from spacy.util import minibatch

FILE = "model.json"


class SentenceTagger:
    """What `nlp.add_pipe("g7classify")` adds.

    Saved with a pipeline it is the name, version and sha256 of its model, not the model: where the pipeline is loaded,
    g7classify has a model of that name, or the file lies where the configuration says.

    Args:
        tagger: any.
        key: of `doc.spans` and of the extension attribute.
        language: ISO 639-1 code whose rules split a Doc without sentences; guessed if None.
    """

    def __init__(self, tagger: Tagger, *, key: str = "g7", language: str | None = None) -> None:
        self.tagger: Tagger = tagger
        self._key = key
        self._language = language
        if not Span.has_extension(key):
            Span.set_extension(key, getter=partial(tags, key=key))

    def __call__(self, doc: Doc) -> Doc:
        """Tag the sentences of a Doc."""
        self._tag([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Tag Docs, lazily and in order; the sentences of `batch_size` of them are scored in one call."""
        for batch in minibatch(stream, batch_size):
            docs = list(batch)
            self._tag(docs)
            yield from docs

    def _tag(self, docs: list[Doc]) -> None:
        split = [self._sentences(doc) for doc in docs]
        probabilities = self.tagger.predict_proba([text for own in split for _, text in own])
        decided = decision.decide(probabilities, self.tagger.thresholds, self.tagger.codebook)
        ranked = decision.ranked(probabilities, decided)
        first, columns, scores = (part.tolist() for part in ranked)
        labels = self.tagger.labels
        at = 0
        for doc, own in zip(docs, split, strict=True):
            found = [
                (Span(doc, span.start, span.end, label=labels[columns[i]]), scores[i])
                for number, (span, _) in enumerate(own, at)
                for i in range(first[number], first[number + 1])
            ]
            at += len(own)
            attributes = {"scores": [score for _, score in found]}
            doc.spans[self._key] = SpanGroup(doc, name=self._key, attrs=attributes, spans=[span for span, _ in found])

    def _sentences(self, doc: Doc) -> list[tuple[Span, str]]:
        """The sentences, as spans of tokens and as the texts that are tagged."""
        if doc.has_annotation("SENT_START"):
            return [(span, span.text) for span in doc.sents]
        text = doc.text
        spans = sentences.split(text, language=self._language)
        return [(doc.char_span(start, end, alignment_mode="expand"), text[start:end]) for start, end in spans]

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:  # noqa: ARG002  # there is one part
        """Which model it is, as JSON."""
        return self.tagger.id.to_json().encode()

    def from_bytes(self, content: bytes, *, exclude: Iterable[str] = ()) -> "SentenceTagger":  # noqa: ARG002
        """Take the model that `to_bytes` told: the one that is loaded, or else the one of this name and version.

        Raises:
            DataError: not what `to_bytes` gives.
            UnknownModelError: there is no such model here.
            ModelFileError: the model of this name is another one.
        """
        wanted = ModelId.from_json(content)
        if self.tagger.id == wanted:
            return self
        found = Tagger.load(str(wanted), operating_point=self.tagger.operating_point)
        if found.id.sha256 != wanted.sha256:
            raise ModelFileError(
                f"{wanted}: the pipeline was saved with the model of sha256 {wanted.sha256}, "
                f"but the one here has {found.id.sha256}; add that model, or add the component anew"
            )
        self.tagger = found
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write which model it is into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_bytes(self.to_bytes(exclude=exclude))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "SentenceTagger":
        """Take the model that `to_disk` told: see `from_bytes`.

        Raises:
            UnreadableFileError: it is not there.
            DataError, UnknownModelError, ModelFileError: as `from_bytes` does.
        """
        try:
            content = (Path(path) / FILE).read_bytes()
        except OSError as error:
            raise UnreadableFileError(f"{Path(path) / FILE}: cannot be read ({error.strerror})") from error
        return self.from_bytes(content, exclude=exclude)


@Language.factory(  # type: ignore[untyped-decorator]
    "g7classify",
    assigns=["doc.spans"],
    default_config={"model": None, "operating_point": "balanced", "key": "g7"},
)
def make(nlp: Language, name: str, model: str | None, operating_point: str, key: str) -> SentenceTagger:  # noqa: ARG001
    """The component of a pipeline.

    Args:
        nlp: the pipeline, whose language's rules split a Doc without sentences.
        name: of the component.
        model: name, name@version or path of a model; the default one if None.
        operating_point: balanced, precision or recall.
        key: of `doc.spans` and of the extension attribute, for a second model's say.

    Raises:
        Exception: what Tagger.load does.
    """
    tagger = Tagger.load(model, operating_point=operating_point)  # type: ignore[arg-type]  # checked there
    known = nlp.lang in {language.code for language in LANGUAGES}
    return SentenceTagger(tagger, key=key, language=nlp.lang if known else None)


def tags(span: Span, *, key: str) -> dict[str, float]:
    """The labels of the sentences that a span lies in or touches, and their probabilities, most probable first."""
    group: Any = span.doc.spans.get(key, ())
    found: dict[str, float] = {}
    # Sentences are in order: neither their starts nor their ends fall.
    for i in range(bisect_right(group, span.start, key=lambda one: one.end), len(group)):
        if group[i].start >= span.end:
            break
        found[group[i].label_] = max(found.get(group[i].label_, 0.0), group.attrs["scores"][i])
    return dict(sorted(found.items(), key=lambda item: -item[1]))
