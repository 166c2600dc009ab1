"""Golden predictions of all that is shipped: ``python -P training/golden.py`` compares them with those made here.

tests/data/golden_predictions/ holds one file for everything shipped, never to be changed; ``--write`` writes what is
missing, for a version that is new. What a table computes has to be the same to the last bit, on every processor, with
every NumPy, and so has everything that is decided by it. A deep model multiplies bytes that are rounded from floats,
whose last bits depend on the processor: see DEEP_TOLERANCE.

It needs g7classify's own dependencies alone, and takes g7classify from wherever it is installed, so that it can be run
with other releases of them: see benchmarks/settings.py.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

import g7classify
from g7classify import cascade, decision, features, kernel, registry, vectorfile
from g7classify.atomic import write_bytes
from g7classify.container import DEEP, TABLE
from g7classify.deep.model import check_installed
from g7classify.errors import MissingExtraError
from g7classify.manifest import ModelEntry
from g7classify.model import Model
from g7classify.tagger import Tagger

FOLDER: Final = Path(__file__).parents[1] / "tests" / "data" / "golden_predictions"
BUDGETS: Final = (0.01, 0.1, 0.5)
TELLS: Final = "g7-base@0.3.0"  # of whole texts
EXPLAINED: Final = 20  # sentences
BUCKETS: Final = 64  # of vectors, that are compared
DEEP_TOLERANCE: Final = 0.1
"""Of a probability. With inputs off by 3e-7, adapters and heads drawn at random gave probabilities off by .046 in one
of a hundred cases, and by .099 at most."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Compared:
    """How one thing that is shipped predicts here.

    Attributes:
        name: of the golden file.
        values: numbers, and lines of documents, that were compared.
        different: of these; of a deep model, those beyond the tolerance.
        largest: difference of a number.
    """

    name: str
    values: int
    different: int
    largest: float


def lines(name: str) -> list[str]:
    """A list of texts that lies beside the golden files."""
    found: list[str] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def table(entry: ModelEntry) -> Arrays:
    """What a table makes of the golden sentences, and decides at each operating point."""
    tagger, sentences = Tagger.load(str(entry.id)), lines("sentences")
    model = tagger.model
    assert isinstance(model, Model)
    probabilities = tagger.predict_proba(sentences)
    taggers = [tagger.at(point) for point in decision.OPERATING_POINTS]
    doubts = [decision.in_doubt(probabilities, one.thresholds, one.band) for one in taggers]
    return {
        "scores": model.scores(sentences),
        "probabilities": probabilities,
        "tags": np.packbits(np.stack([one.predict(sentences) for one in taggers])),
        "in_doubt": np.packbits(np.stack(doubts)),
    }


def deep(entry: ModelEntry) -> Arrays:
    """The probabilities of a deep model."""
    return {"probabilities": Tagger.load(str(entry.id)).predict_proba(lines("sentences"))}


def choice(file: str, of: str) -> Arrays:
    """What a cascade would have its deep model read, of what its table says: that takes no deep model."""
    fusion, _ = cascade.load(registry.root() / file)
    tagger = Tagger.load(of)
    gains = cascade.gain(tagger.predict_proba(lines("sentences")), tagger.thresholds, fusion.importance)
    return {"gains": gains, "escalated": np.stack([gains >= fusion.cutoff(budget) for budget in BUDGETS])}


def fused(of: str, by: str) -> Arrays:
    """The probabilities of a cascade that has half of the sentences read."""
    tagger = Tagger.load(of, escalate=by, uncertainty=0.5)
    return {"probabilities": tagger.predict_proba(lines("sentences"))}


def vectors(file: str) -> Arrays:
    """The vectors of the golden sentences' first n-grams."""
    read = vectorfile.read(registry.root() / file)
    found, _ = features.buckets(lines("sentences"), read.spec)
    chosen = np.unique(found)[:BUCKETS]  # kernels give them in no order
    return {"buckets": chosen, "rows": read.rows[chosen], "idf": read.idf[chosen]}


def documents() -> list[str]:
    """What a model says of the golden texts, and why of golden sentences, a line of JSON each."""
    tagger = Tagger.load(TELLS)
    found: list[Any] = []
    for point in decision.OPERATING_POINTS:
        for text in lines("texts"):
            sentences = tagger.at(point).tag(text).sentences
            found.append(
                [[s.start, s.end, [[t.label, t.probability] for t in s.tags], list(s.in_doubt)] for s in sentences]
            )
    for sentence in lines("sentences")[:EXPLAINED]:
        told = tagger.explain(sentence).labels
        found.append([[e.label, e.logit, e.bias, [[w.start, w.end, w.contribution] for w in e.words]] for e in told])
    return [json.dumps(one, ensure_ascii=False) for one in found]


def shipped() -> Iterator[tuple[str, Callable[[], Arrays], float]]:
    """The golden file of each thing that is shipped, what it holds, and how far that may be off."""
    manifest = registry.manifest(registry.root())
    for entry in manifest.models:
        if entry.kind == TABLE:
            yield stem(entry.file), partial(table, entry), 0.0
        elif entry.kind == DEEP:
            yield stem(entry.file), partial(deep, entry), DEEP_TOLERANCE
    for joint in manifest.cascades:
        yield stem(joint.file), partial(choice, joint.file, joint.table), 0.0
        yield f"{stem(joint.file)}-fused", partial(fused, joint.table, joint.deep), DEEP_TOLERANCE
    for one in manifest.vectors:
        yield stem(one.file), partial(vectors, one.file), 0.0


def stem(file: str) -> str:
    """The name and version of what a file holds."""
    return file.removesuffix(".safetensors")


def compare(*, with_deep: bool) -> Iterator[Compared]:
    """Compare what is predicted here with each golden file.

    Args:
        with_deep: whether deep models are run, which take an extra and a minute at their first use.
    """
    for name, predicted, tolerance in shipped():
        if tolerance and not with_deep:
            continue
        expected = load((FOLDER / f"{name}.safetensors").read_bytes())
        found = predicted()
        values = different = 0
        largest = 0.0
        for part, golden in expected.items():
            here = found[part]
            same_kind = here.shape == golden.shape and here.dtype == golden.dtype
            apart = np.abs(here.astype(np.float64) - golden) if same_kind else np.full(golden.shape, np.inf)
            unequal = apart > tolerance if tolerance else here.tobytes() != golden.tobytes() and apart != 0
            values += golden.size
            different += int(np.count_nonzero(unequal))
            largest = max(largest, float(apart.max(initial=0)))
        yield Compared(name, values, different, largest)
    golden_lines = (FOLDER / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    here_lines = documents()
    unlike = sum(one != other for one, other in zip(golden_lines, here_lines, strict=True))
    yield Compared("documents", len(golden_lines), unlike, 0.0)


def write() -> list[str]:
    """Write the golden files that are missing, and return their names."""
    made = []
    for name, predicted, _ in shipped():
        path = FOLDER / f"{name}.safetensors"
        if not path.exists():
            write_bytes(path, save({part: np.ascontiguousarray(array) for part, array in predicted().items()}))
            made.append(path.name)
    path = FOLDER / "documents.jsonl"
    if not path.exists():
        write_bytes(path, "".join(f"{line}\n" for line in documents()).encode())
        made.append(path.name)
    return made


def here() -> dict[str, Any]:
    """What predictions could depend on, and must not."""
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pydantic": version("pydantic"),
        "safetensors": version("safetensors"),
        "kernel": kernel.NAME,
        "simd": simd.get("found", []),
        "g7classify": g7classify.__version__,
    }


def main() -> None:
    """Compare, or write what is missing; status 1 if anything differs."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="write the golden files that are missing")
    parser.add_argument("--tables", action="store_true", help="leave out what takes the extra `deep`")
    options = parser.parse_args()
    if options.write:
        print(json.dumps(write()))
        return
    if not options.tables:
        try:
            check_installed()
        except MissingExtraError:
            options.tables = True
    found = [asdict(one) for one in compare(with_deep=not options.tables)]
    print(json.dumps(here() | {"compared": found}))
    sys.exit(any(one["different"] for one in found))


if __name__ == "__main__":
    main()
