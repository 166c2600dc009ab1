"""Tuned adapters beside a head alone, by the number of rows: `python -m benchmarks.tuning --rows 500 --rows 2000`.

Both start from g7-deep and learn labels that it was not trained for: the genre of the seeds' sentences (press, law,
speech ...), which stands in their files, or those of your own rows with `--data FILE --codebook FILE`. A fifth of the
rows is held out by groups; of the rest, as many as are asked for are learned from. Both are decided alike, in parts of
the held-out rows by what was fitted on the others. Needs the extra `tune`; it runs on a GPU where there is one.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from g7classify import registry
from g7classify.codebook import Codebook
from g7classify.deep import base as deep_base
from g7classify.deep.model import DeepModel
from g7classify.errors import G7ClassifyError, OptionError
from g7classify.learn import deep as heads
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, Row, files
from g7classify.learn.fit import decide
from g7classify.learn.judging.evaluating import Evaluation
from g7classify.learn.recipe import Recipe
from training.build import SEEDS

FREQUENT: Final = 150  # sentences of a genre that is asked for
HELD_OUT: Final = 0  # the fold


def genres() -> Dataset:
    """The seeds' sentences of frequent genres, with the genre as the label."""
    rows = [json.loads(line) for path in files(SEEDS) for line in path.read_text(encoding="utf-8").splitlines()]
    count = Counter(row["genre"] for row in rows if "genre" in row)
    names = sorted(name for name, found in count.items() if found >= FREQUENT and name not in ("noise", "parallel"))
    book = Codebook.from_dict({"name": "genre", "version": "1", "labels": [{"name": name} for name in names]})
    return Dataset.from_rows(
        [
            Row(row["text"], (row["genre"],), id=row["id"], group=row.get("group", ""))
            for row in rows
            if row.get("genre") in names
        ],
        codebook=book,
    )


def compare(
    dataset: Dataset, base: DeepModel, *, rows: int, judged: int, seed: int, say: Callable[[str], None], **options: Any
) -> dict[str, Any]:
    """Figures of a head and of tuned adapters that learned from some rows, on others.

    Args:
        dataset: labelled sentences.
        base: what both start from.
        rows: to learn from.
        judged: most of the held-out rows, drawn at random.
        seed: of both draws and of the run.
        say: is told the progress.
        options: of the run, instead of those that suit the number of rows.
    """
    from g7classify.tune import adapters, loop, reading
    from g7classify.tune.options import continuing
    from g7classify.tune.rows import Rows
    from g7classify.tune.start import Start
    from g7classify.tune.tuning import scores

    recipe = Recipe(seed=seed)
    folds = split.folds(dataset, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=0)
    random = np.random.default_rng(seed)
    learned = random.permutation(np.flatnonzero(folds != HELD_OUT))[:rows]
    if len(learned) < rows:
        raise OptionError(f"--rows {rows}: there are {len(learned)} beside those that are held out")
    test = dataset.select(np.sort(random.permutation(np.flatnonzero(folds == HELD_OUT))[:judged]))
    parts = split.folds(test, count=recipe.folds, near_duplicate=recipe.near_duplicate, seed=0)
    train = dataset.select(learned)
    started = time.monotonic()
    head = heads.train(train, recipe, base, ngrams=False, progress=lambda _, __, what: say(what))
    seconds = {"head": time.monotonic() - started}
    chosen = continuing(base, rows=rows, bfloat16=reading.quick_bfloat16()).model_copy(update={"seed": seed, **options})
    weights = deep_base.read(deep_base.path(), sha256=base.base.sha256)
    nothing = np.zeros(len(train), dtype=bool)
    data = Rows(train, {}, nothing, nothing)
    identity = loop.identify(weights, data, chosen, start=base.adapters)
    run = loop.Run(weights, data, identity, start=Start(base.adapters, head.model.head, head.model.bias))
    started = time.monotonic()
    while run.step < run.steps:
        run.advance()
        if run.step % 20 == 0:
            say(f"step {run.step} of {run.steps}, {time.monotonic() - started:.0f} s")
    seconds["tuned"] = time.monotonic() - started
    tuned = replace(
        head.model,
        adapters=adapters.tuned(run.model, weights),
        head=adapters.array(run.model.head.weight),
        bias=adapters.array(run.model.head.bias),
    )
    found: dict[str, Any] = {"rows": rows, "judged": len(test), "seed": seed, "options": chosen.model_dump(mode="json")}
    for name, model in (("head", head.model), ("tuned", tuned)):
        evaluation = decide(scores(model, test), parts, test, recipe)[1]
        found[name] = {**chief(evaluation), "seconds": round(seconds[name], 1)}
    return found


def chief(evaluation: Evaluation) -> dict[str, float | None]:
    """Its macro- and micro-F1 at fitted thresholds, and the macro-F1 at the best."""
    overall = evaluation.overall
    return {
        "macro_f1": overall.subtype_macro_f1.value,
        "micro_f1": overall.subtype_micro_f1.value,
        "best_macro_f1": overall.best_subtype_macro_f1,
    }


@click.command()
@click.option("--data", multiple=True, type=click.Path(exists=True, path_type=Path), help="Rows instead of the seeds.")
@click.option("--codebook", type=click.Path(exists=True, path_type=Path), help="Of the rows.")
@click.option(
    "--rows", multiple=True, type=click.IntRange(20), default=(500,), show_default=True, help="To learn from."
)
@click.option("--judged", type=click.IntRange(20), default=2000, show_default=True, help="Most rows to judge by.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of those that suit the number of rows.")
@click.option("--rate", type=float, help="Instead of the default.")
@click.option("--frozen", type=click.IntRange(0), help="Lowest layers that are left as they are.")
@click.option("--seed", type=int, default=0, show_default=True)
def main(
    data: tuple[Path, ...],
    codebook: Path | None,
    rows: tuple[int, ...],
    judged: int,
    epochs: int | None,
    rate: float | None,
    frozen: int | None,
    seed: int,
) -> None:
    """Print a line of JSON for each number of rows."""
    given = {"epochs": epochs, "rate": rate, "head_rate": rate, "frozen": frozen}
    options = {name: value for name, value in given.items() if value is not None}
    try:
        dataset = Dataset.read(data, codebook=Codebook.read(codebook)) if data and codebook else genres()
        base, _ = registry.read("g7-deep")
        if not isinstance(base, DeepModel):
            raise OptionError("g7-deep as shipped is no deep model")
        for count in rows:
            found = compare(
                dataset,
                base,
                rows=count,
                judged=judged,
                seed=seed,
                say=lambda line: click.echo(line, err=True),
                **options,
            )
            click.echo(json.dumps(found))
    except G7ClassifyError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
