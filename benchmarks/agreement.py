"""Compare what is compiled with its readable twins, on as many distinct real sentences as there are.

``make agreement TEXTS="folder ..." DATA=rows.jsonl RECORD=1``; without folders and rows on the corpus of this project,
in a quarter of a minute. Documents of folders are read as `g7classify.read` does, and ``.txt.gz`` as text.

Texts are split by both splitters, and from Arrow buffers: every field has to be the same. Each distinct sentence then
goes through both kernels: the hashed keys of its features bit for bit, for words that count once and as often as they
occur; and, of each shipped table, the scores, in units in the last place (ULP), and the probabilities that both make of
them. From Arrow buffers they have to be the same as from strings. Whatever differs ends the command with status 1.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import click
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks import records
from benchmarks.samples import SEEDS
from g7classify import _fallback, _kernel, _sentences, _splitter, arrow, inputs, registry
from g7classify.batching import batches
from g7classify.documents.files import SUFFIXES
from g7classify.documents.reader import Reader
from g7classify.errors import G7ClassifyError
from g7classify.languages import LANGUAGES
from g7classify.learn.dataset import Dataset
from g7classify.model import Model
from g7classify.tagger import Tagger

BLOCK: Final = 1 << 14  # code points, at least, of a text that is split, where its document has as many
SPLIT: Final = 1 << 18  # code points of texts that are split in one call
BATCH: Final = 4096  # sentences
TOLD: Final = 50_000  # sentences between two lines of progress
ENGINES: Final = (_fallback, _kernel)

Keys: TypeAlias = tuple[NDArray[np.uint64], NDArray[np.int64]]


@dataclass(slots=True)
class Counts:
    """What was compared, and what differed.

    Attributes:
        sentences: distinct ones.
        texts: that were split.
        split_differently: of these, by a splitter or from Arrow buffers.
        keys: of features, in all.
        keys_different: or in another sentence; of sentences with another number of keys, all.
        scores: of all tables.
        scores_different: between the kernels.
        largest_difference_ulp: between two such scores.
        probabilities_different: likewise.
        arrow_different: probabilities from Arrow buffers that are not those of strings.
        languages: how many of the sentences are of texts that were taken to be in each language.
    """

    sentences: int = 0
    texts: int = 0
    split_differently: int = 0
    keys: int = 0
    keys_different: int = 0
    scores: int = 0
    scores_different: int = 0
    largest_difference_ulp: int = 0
    probabilities_different: int = 0
    arrow_different: int = 0
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def different(self) -> int:
        """Whatever differed, counted together."""
        kernels = self.keys_different + self.scores_different + self.probabilities_different
        return self.split_differently + kernels + self.arrow_different


def documents(folder: Path) -> Iterator[str]:
    """The texts of a folder's documents, with those of folders in it, in the order of paths; failures are told."""
    with Reader() as reader:
        for path in sorted(folder.rglob("*")):
            try:
                if path.name.endswith(".txt.gz"):
                    yield gzip.decompress(path.read_bytes()).decode()
                elif path.suffix in SUFFIXES and path.is_file():
                    yield reader.read(path).text
            except (G7ClassifyError, OSError, UnicodeDecodeError) as error:
                click.echo(f"left out: {error}", err=True)


def blocks(text: str) -> Iterator[str]:
    """Whole lines of a text together, of BLOCK code points or a little more."""
    found: list[str] = []
    size = 0
    for line in text.splitlines(keepends=True):
        found.append(line)
        size += len(line)
        if size >= BLOCK:
            yield "".join(found)
            found, size = [], 0
    if found:
        yield "".join(found)


def column(texts: Sequence[str]) -> tuple[Any, Any]:
    """Data and offsets of an Arrow column of n texts."""
    _, offsets, data = pa.array(texts, pa.large_string()).buffers()
    return data, np.frombuffer(offsets, np.int64, len(texts) + 1)


def split(texts: Sequence[str], counts: Counts) -> Iterator[tuple[str, str]]:
    """The sentences of texts, each with the language of its text, once the splitters have been compared on them."""
    made = _splitter.split_texts(texts, -1)
    others = (_sentences.split_texts(texts, -1), _splitter.split_utf8(*column(texts), -1))
    counts.texts += len(texts)
    for i, text in enumerate(texts):
        language, spans, in_bytes = of_text(made, i)
        for other in others:
            if not all(map(np.array_equal, (language, spans, in_bytes), of_text(other, i))):
                counts.split_differently += 1
                break
        for start, end in spans.tolist():
            yield text[start:end], LANGUAGES[int(language)].code


def of_text(made: Sequence[NDArray[Any]], i: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Language, spans and spans in bytes of text i, of what a splitter made."""
    places, first, spans, in_bytes = made
    rows = slice(int(first[i]), int(first[i + 1]))
    return places[i], spans[rows], in_bytes[rows]


def compare(sentences: Sequence[str], models: Sequence[Model], counts: Counts) -> None:
    """Put distinct sentences through both kernels."""
    counts.sentences += len(sentences)
    for options in {(m.spec.pairs, m.spec.characters, m.spec.unspaced): features(m) for m in models}.values():
        for repeats in (False, True):
            both = [ordered(*one.keys(sentences, **options | {"repeats": repeats})) for one in ENGINES]
            counts.keys += len(both[0][0])
            counts.keys_different += different_keys(*both)
    for model in models:
        readable, compiled = (table(one, model).scores(sentences) for one in ENGINES)
        apart = ulps(readable, compiled)
        counts.scores += apart.size
        counts.scores_different += int(np.count_nonzero(apart))
        counts.largest_difference_ulp = max(counts.largest_difference_ulp, int(apart.max(initial=0)))
        for engine, scores in zip(ENGINES, (readable, compiled), strict=True):
            engine.calibrate(scores, model.slope, model.intercept, model.codebook.parents)  # in place
        counts.probabilities_different += int(np.count_nonzero(ulps(readable, compiled)))
        of_buffers = arrow.probabilities(Tagger(model), pa.array(sentences))
        counts.arrow_different += int(np.count_nonzero(ulps(of_buffers, compiled)))


def features(model: Model) -> dict[str, Any]:
    """Which features, as kernels are told it."""
    spec = model.spec
    return {"pairs": spec.pairs, "characters": spec.characters, "unspaced": spec.unspaced, "repeats": spec.repeats}


def table(engine: Any, model: Model) -> _fallback.Table:
    """A model's table in one of the kernels."""
    made: _fallback.Table = engine.Table(model.table, model.scale, model.bias, pivot=model.pivot, **features(model))
    return made


def ordered(keys: NDArray[np.uint64], offsets: NDArray[np.int64]) -> Keys:
    """The keys of each sentence in rising order, as kernels give them in none; and the offsets."""
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return keys[np.lexsort((keys, owner))], offsets


def different_keys(one: Keys, other: Keys) -> int:
    """How many keys differ; all, where the kernels do not even agree on how many each sentence has."""
    if not np.array_equal(one[1], other[1]):
        return max(len(one[0]), len(other[0]))
    return int(np.count_nonzero(one[0] != other[0]))


def ulps(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.int64]:
    """How many 32-bit floats lie between two, of each pair; none between 0 and -0."""

    def place(values: NDArray[np.float32]) -> NDArray[np.int64]:
        bits = values.view(np.int32).astype(np.int64)
        return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)

    apart: NDArray[np.int64] = np.abs(place(one) - place(other))
    return apart


def run(texts: Iterable[str], most: int) -> Counts:
    """Compare everything on the distinct sentences of texts, of which there are so many at most."""
    counts, seen, fresh = Counts(), set[str](), list[str]()
    models = [model for entry in registry.models() if isinstance(model := registry.read(str(entry.id))[0], Model)]
    for batch in batches(texts, size=SPLIT, weight=lambda text: len(text) + 1):
        for sentence, language in split(batch, counts):
            if sentence in seen or len(seen) == most:
                continue
            seen.add(sentence)
            fresh.append(sentence)
            counts.languages[language] += 1
            if len(fresh) == BATCH:
                compare(fresh, models, counts)
                fresh = []
                if counts.sentences % TOLD < BATCH:
                    click.echo(f"{counts.sentences:,} sentences, {counts.different} differences", err=True)
        if len(seen) == most:
            break
    compare(fresh, models, counts)
    return counts


def sources(folders: Sequence[Path], rows: Sequence[Path]) -> Iterator[str]:
    """The texts of folders and JSONL rows; of the project's corpus if none are named."""
    for folder in folders:
        for document in documents(folder):
            yield from blocks(document)
    for row in inputs.texts(rows, input_format="jsonl", text_field="text", advance=lambda _: None):
        yield row.text
    if not folders and not rows:
        yield from Dataset.read(SEEDS).texts


@click.command()
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path), multiple=True)
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True, help="JSONL rows.")
@click.option(
    "--sentences", type=click.IntRange(1), default=2_000_000, show_default=True, help="Distinct ones, at most."
)
@click.option(
    "--what", default="the project's own corpus", show_default=True, help="What the texts are, for the record."
)
@click.option("--record", is_flag=True, help="Write the figures to benchmarks/results/agreement.json.")
def main(texts: tuple[Path, ...], data: tuple[Path, ...], sentences: int, what: str, record: bool) -> None:
    """Compare the compiled kernel and splitter with their readable twins."""
    start = time.perf_counter()
    counts = run(sources(texts, data), sentences)
    figures = asdict(counts) | {"seconds": round(time.perf_counter() - start), "of": what}
    figures["languages"] = dict(counts.languages.most_common())
    if record:
        records.write("agreement", figures)
    click.echo(
        f"agreement: {counts.sentences:,} distinct sentences of {counts.texts:,} texts, {counts.keys:,} keys, "
        f"{counts.scores:,} scores, {counts.different} differences, {figures['seconds']} s"
    )
    sys.exit(counts.different > 0)


if __name__ == "__main__":
    main()
