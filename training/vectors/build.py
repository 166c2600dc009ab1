"""Make the vectors of n-grams: `python -m training.vectors.build --texts FOLDER --data FILE --apart-from FILE`.

The transformer of the deep tier, without adapters, reads sentences of the folder that are no near-duplicates of
labelled ones, which takes an hour on two cores; what it has read is kept, and not read again. With --ship the vectors,
their card and their entry in the manifest are written.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray

from g7classify import vectorfile
from g7classify.atomic import write_bytes
from g7classify.deep import adapters, base
from g7classify.deep.encoder import Encoder
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.features import FeatureSpec
from g7classify.learn import linear
from g7classify.learn.dataset import Dataset
from g7classify.manifest import VectorsEntry
from g7classify.model import ModelInfo
from g7classify.registry import sha256
from g7classify.vectorfile import Vectors
from training import command_line
from training.arrays import write_array
from training.build import ROOT, SEEDS
from training.card import of_vectors
from training.publish import MODELS, read_manifest, write_manifest
from training.teacher import pool
from training.teacher.pool import Pool
from training.vectors.distil import Distilled, distil

NAME: Final = "g7-vectors"
VERSION: Final = "0.1.0"
LENGTHS: Final = (20, 400)  # characters of a sentence: shorter ones say little, longer ones cost the most to read
SIMILARITY: Final = 0.7
IDF_POWER: Final = 2.0
BLOCK: Final = 2048
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How vectors are made; the card states them.

    Attributes:
        per_language: sentences that are read, at most.
        width: of the vectors.
        rare: see distil.
        ridge: see distil.
        steps: see distil.
        seed: of the draw.
    """

    per_language: int = 30_000
    width: int = 64
    rare: int = 20
    ridge: float = 0.2
    steps: int = 15
    seed: int = 0


def chosen(folder: Path, labelled: Sequence[str], settings: Settings, report: Report) -> tuple[Pool, list[Path]]:
    """The sentences to read, and the files that they stand in."""
    files = pool.paths([folder])
    found = pool.read(files)
    fitting = np.array([LENGTHS[0] <= len(text) <= LENGTHS[1] for text in found.texts])
    found = found.select(fitting)
    found = found.select(pool.balanced(found, per_language=settings.per_language, seed=settings.seed))
    report(f"{len(found):,} sentences drawn; leaving out near-duplicates of {len(labelled):,} labelled ones")
    return found.select(pool.unlike(found.texts, labelled, similarity=SIMILARITY)), files


def read(texts: Sequence[str], folder: Path, report: Report) -> NDArray[np.float32]:
    """Vectors (n, m) of length 1; each block of texts is kept in the folder as soon as it is read."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder, parts = None, []
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        path = folder / f"{hashlib.sha256(chr(0).join(block).encode()).hexdigest()[:16]}.npy"
        if not path.exists():
            encoder = encoder or plain()
            write_array(path, encoder.vectors(list(block)).astype(np.float16))
            report(f"read {start + len(block):,} of {len(texts):,} sentences")
        parts.append(np.load(path).astype(np.float32))
    found = np.concatenate(parts)
    unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def plain() -> Encoder:
    """The transformer as its authors left it."""
    weights = base.read(base.path())
    return Encoder(weights, adapters.none(weights.shape), longest=weights.shape.positions)


def make(
    texts: Sequence[str], vectors: NDArray[np.float32], settings: Settings, info: ModelInfo, report: Report
) -> tuple[Vectors, Distilled]:
    """Vectors of n-grams from sentences and what the transformer made of them (n, m)."""
    spec = FeatureSpec()
    counts = linear.count_features(texts, spec)
    idf, step = linear.fit_idf(counts, power=IDF_POWER)
    # As the file keeps them; a bucket that no sentence has is as rare as the rarest.
    idf = np.where(idf > 0, idf, idf.max()).astype(np.float16).astype(np.float64)
    _, weighed = linear.pivoted(counts, idf, step)
    found = distil(
        weighed,
        vectors,
        width=settings.width,
        rare=settings.rare,
        ridge=settings.ridge,
        steps=settings.steps,
        report=report,
    )
    return Vectors(info=info, spec=spec, idf=idf, norm_step=step, rows=found.rows), found


def ship(vectors: Vectors, found: Distilled, settings: Settings, kept: Path) -> VectorsEntry:
    """Write file, card and the manifest's entry; in `kept` first, as what was shipped is not to be changed.

    Raises:
        OptionError: there are others of this version already, or no model.
    """
    manifest = read_manifest()
    if manifest is None:
        raise OptionError("no model is shipped: ship one first")
    candidate = kept / f"{NAME}-{VERSION}.safetensors"
    digest, size = vectorfile.write(vectors, candidate), candidate.stat().st_size
    if any((one.name, one.version) == (NAME, VERSION) and one.sha256 != digest for one in manifest.vectors):
        raise OptionError(f"{NAME}@{VERSION} is shipped already, and these are others; give them a new VERSION")
    path = MODELS / candidate.name
    write_bytes(path, candidate.read_bytes())
    card = of_vectors(vectors, asdict(settings), found.overall, sha256=digest, size_bytes=size)
    write_bytes(path.with_suffix(".md"), card.encode())
    entry = VectorsEntry(
        name=NAME,
        version=VERSION,
        file=path.name,
        sha256=digest,
        bytes=size,
        card=path.with_suffix(".md").name,
    )
    others = tuple(one for one in manifest.vectors if (one.name, one.version) != (NAME, VERSION))
    write_manifest(replace(manifest, vectors=(*others, entry)))
    return entry


@click.command()
@click.option("--texts", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@command_line.data
@click.option("--apart-from", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kept", type=click.Path(path_type=Path), default=ROOT / "build" / "vectors", show_default=True)
@click.option("--ship", "shipped", is_flag=True)
def main(texts: Path, data: tuple[Path, ...], apart_from: tuple[Path, ...], kept: Path, shipped: bool) -> None:
    """Read, distil, and ship if asked to."""
    settings = Settings()

    def report(what: str) -> None:
        click.echo(what, err=True)

    try:
        labelled = Dataset.read([SEEDS, *data, *apart_from]).texts
        chosen_pool, files = chosen(texts, labelled, settings, report)
        info = ModelInfo(
            name=NAME,
            version=VERSION,
            description=f"Vectors of hashed words, word pairs and character n-grams, distilled from what "
            f"multilingual-e5-small (of {base.PACKAGE} {base.VERSION}) makes of "
            f"{len(chosen_pool):,} unlabelled sentences.",
            languages=tuple(str(language) for language in np.unique(chosen_pool.languages)),
            data_sha256={path.name: sha256(path) for path in files},
            rows=len(chosen_pool),
        )
        read_before = read(chosen_pool.texts, kept, report)
        vectors, found = make(chosen_pool.texts, read_before, settings, info, report)
        click.echo(f"R squared {found.overall:.4f} on held-out sentences")
        if shipped:
            click.echo(ship(vectors, found, settings, kept).id)
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
