"""Have a teacher read: `python -m training.teacher.score --teacher DIR --texts FOLDER --data FILE --output OUT.npz`.

Scores sentences without labels, less those that are near-duplicates of a labelled row of the seeds, of `--data` or of
`--apart-from`. With several `--teacher` it writes what they say on average.
With `--rows` instead of `--texts` it scores the labelled rows that the teacher did not learn from, and says how well.
A run that was broken off goes on from its last shard when the same command is given again.

The output holds `scores` (n, k) as float16 log-odds, `labels` (k,) the labels' names and `teacher` the sha256 of its
tensors; and of texts `files` (n,) and `lines` (n,), `languages` (n,), `names` and `sha256` of the files; of rows `rows`
(n,), their numbers in the seeds and the files of `--data`, `ids` (n,), `truth` (n, k), `natural` (n,), `sha256`.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from g7classify.atomic import write_bytes
from g7classify.deep import base
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
from g7classify.registry import sha256
from g7classify.tune.rows import Rows, figures
from training import command_line
from training.arrays import write_array
from training.build import ROOT
from training.teacher import pool, rows
from training.teacher.teacher import Card, Ensemble, Teacher

SHARD = 8192
Report = Callable[[str], None]


def in_shards(
    teacher: Teacher | Ensemble, texts: Sequence[str], folder: Path, *, report: Report
) -> NDArray[np.float16]:
    """Scores (n, k) of n texts; each shard is kept in the folder as soon as it is read, and is not read again.

    Raises:
        OptionError: the folder holds shards of other texts or of another teacher.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = {"teacher": teacher.sha256, "texts": hashlib.sha256("\n".join(texts).encode()).hexdigest(), "size": SHARD}
    noted = folder / "plan.json"
    if noted.exists() and json.loads(noted.read_text(encoding="utf-8")) != plan:
        raise OptionError(f"{folder} holds scores of other texts or of another teacher; delete it to start again")
    write_bytes(noted, json.dumps(plan).encode())
    parts: list[NDArray[np.float16]] = []
    started, read = time.monotonic(), 0
    for start in range(0, len(texts), SHARD):
        path = folder / f"{start}.npy"
        if not path.exists():
            found = teacher.scores(texts[start : start + SHARD]).astype(np.float16)
            write_array(path, found)
            read += len(found)
            speed = read / (time.monotonic() - started)
            left = (len(texts) - start - len(found)) / speed / 60
            report(f"{start + len(found):,}/{len(texts):,} sentences  {speed:.0f}/s  {left:.1f} min left")
        parts.append(np.load(path))
    return np.concatenate([np.zeros((0, len(teacher.card.labels)), dtype=np.float16), *parts])


def of_texts(
    teacher: Teacher | Ensemble,
    files: Sequence[Path],
    known: Sequence[str],
    shards: Path,
    *,
    per_language: int | None,
    similarity: float,
    seed: int,
    report: Report,
) -> dict[str, Any]:
    """What is written of sentences without labels, those too like the known ones left out."""
    found = pool.read(files)
    apart = found.select(pool.unlike(found.texts, known, similarity=similarity))
    report(f"{len(found):,} sentences, {len(found) - len(apart):,} of them near-duplicates of known rows: left out")
    chosen = apart if per_language is None else apart.select(pool.balanced(apart, per_language=per_language, seed=seed))
    return {
        "scores": in_shards(teacher, chosen.texts, shards, report=report),
        "files": chosen.files,
        "lines": chosen.lines,
        "languages": chosen.languages,
        "names": np.array([path.name for path in files]),
        "sha256": np.array([sha256(path) for path in files]),
    }


def check_rows(data: Rows, card: Card) -> None:
    """Refuse rows that are not those a teacher was tuned with: of others the folds are others, and it may know them.

    The card also names what the teacher was taught by, so the number of rows tells whether a file is missing.

    Raises:
        OptionError: other files, or fewer of them.
    """
    learned = int((~data.held_out).sum())
    same = card.folds_sha256 in ("", data.folds_sha256)  # older teachers have none
    if learned != card.rows or not same or not data.sha256.items() <= card.data_sha256.items():
        raise OptionError(
            f"--rows needs the --data that every teacher was tuned with, {card.rows:,} rows beside the fold, got "
            f"{learned:,} or others: the folds differ"
        )


def of_rows(teacher: Teacher | Ensemble, data: Rows, shards: Path, *, report: Report) -> dict[str, Any]:
    """What is written of the labelled rows that are held out; of all rows where none is."""
    dataset = data.dataset
    index = np.flatnonzero(data.held_out) if data.held_out.any() else np.arange(len(dataset))
    judged = data.judged[index]
    truth = dataset.labels[index]
    scores = in_shards(teacher, [dataset.texts[i] for i in index], shards, report=report)
    if judged.any():
        report(figures(truth[judged], scores[judged].astype(np.float32), dataset.codebook).model_dump_json())
    return {
        "scores": scores,
        "rows": index,
        "ids": np.array([dataset.ids[i] for i in index]),
        "truth": truth,
        "natural": judged,
        "sha256": np.array([f"{digest}  {name}" for name, digest in data.sha256.items()]),
    }


@click.command()
@click.option(
    "--teacher", "folders", required=True, multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option(
    "--texts", multiple=True, type=click.Path(exists=True, path_type=Path), help=".txt.gz files, or folders of them."
)
@click.option("--rows", "labelled", is_flag=True, help="Score the labelled rows that the teacher did not learn from.")
@command_line.data
@click.option(
    "--apart-from",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Rows that are neither learned from nor read: those that a model will be measured on.",
)
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An .npz file.")
@click.option("--per-language", type=click.IntRange(1), help="Most sentences of a language; all by default.")
@click.option("--seed", default=0, show_default=True, help="Of the choice among them.")
@click.option(
    "--recipe",
    default=ROOT / "training" / "recipes" / "g7-base.toml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Says what a near-duplicate is, and the folds.",
)
def main(
    folders: tuple[Path, ...],
    texts: tuple[Path, ...],
    labelled: bool,
    data: tuple[Path, ...],
    apart_from: tuple[Path, ...],
    output: Path,
    per_language: int | None,
    seed: int,
    recipe: Path,
) -> None:
    """Write a teacher's scores of sentences."""
    if labelled == bool(texts):
        raise click.UsageError("give --texts or --rows")

    def report(line: str) -> None:
        click.echo(line, err=True)

    try:
        chosen = Recipe.read(recipe)
        weights = base.read(base.path())
        teacher = Ensemble(tuple(Teacher.read(folder, weights) for folder in folders))
        options = teacher.card.options
        known = rows.read(
            data, chosen.model_copy(update={"folds": options.folds}), fold=options.fold if labelled else None
        )
        if labelled:
            for one in teacher.teachers:
                check_rows(known, one.card)
        output.parent.mkdir(parents=True, exist_ok=True)
        shards = output.with_name(f"{output.name}.shards")
        if labelled:
            found = of_rows(teacher, known, shards, report=report)
        else:
            found = of_texts(
                teacher,
                pool.paths(texts),
                [*known.dataset.texts, *(text for path in apart_from for text in Dataset.read(path).texts)],
                shards,
                per_language=per_language,
                similarity=chosen.near_duplicate,
                seed=seed,
                report=report,
            )
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error
    buffer = io.BytesIO()
    unseen = -1 if options.fold is None else options.fold
    np.savez(
        buffer,
        labels=np.array(teacher.card.labels),
        teacher=np.array(teacher.sha256),
        unseen_fold=np.array(unseen),
        folds_sha256=np.array(teacher.card.folds_sha256),
        **found,
    )
    write_bytes(output, buffer.getvalue())
    shutil.rmtree(shards)
    click.echo(f"{output}  {len(found['scores']):,} sentences")


if __name__ == "__main__":
    sys.exit(main())
