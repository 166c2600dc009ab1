from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from click.testing import CliRunner

from g7classify import modelfile, registry
from g7classify.classifier import Classifier
from g7classify.cli import main
from g7classify.codebook import Codebook
from g7classify.deep import file
from g7classify.deep.model import DeepModel
from g7classify.errors import UnreadableFileError
from g7classify.learn.cards import card
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.fit import Trained, train
from g7classify.learn.judging.evaluating import Evaluation, evaluate
from g7classify.learn.recipe import Recipe
from g7classify.tagger import Tagger


class Head(NamedTuple):
    """As learn.deep.TrainedHead."""

    model: Classifier
    evaluation: Evaluation


@pytest.fixture
def path(trained: Trained, tmp_path: Path) -> Path:
    found = tmp_path / "toy.safetensors"
    modelfile.write(trained.model, found)
    return found


def rows_of(text: str, title: str) -> dict[str, list[str]]:
    """The table under a title, by its first column."""
    lines = next(block for block in text.split(title, 1)[1].split("\n\n") if block.startswith("|")).splitlines()
    return {cells[0]: cells[1:] for cells in ([c.strip() for c in line[1:-1].split(" | ")] for line in lines)}


def test_it_tells_rows_figures_and_recipe(trained: Trained, rows: Dataset, recipe: Recipe, path: Path) -> None:
    found = card.write(trained, rows, recipe, path)
    assert found == path.with_suffix(".md")
    text = found.read_text(encoding="utf-8")
    assert f"{path.stat().st_size:,} bytes, sha256 `{registry.sha256(path)}`" in text
    counts = rows_of(text, "by label and language")
    assert counts["label"] == ["all", "fr", "it"]
    assert counts["all sentences"] == ["240", "160", "80"]
    column = rows.labels[:, rows.codebook.index("crime.drugs")]
    assert counts["crime.drugs"] == [str(column.sum()), *(str(column[rows.languages == c].sum()) for c in ("fr", "it"))]
    overall = trained.evaluation.overall
    assert f"On {overall.rows:,} of these sentences, those of the sample natural, in 3 folds" in text
    assert rows_of(text, "## How well it does")["sub-type macro-F1"][0].startswith(
        f"{overall.subtype_macro_f1.value:.3f}".lstrip("0")
    )
    assert json.loads(text.split("```json\n")[1].split("```")[0]) == recipe.model_dump(mode="json")
    assert "licence | not told" in text
    assert "not read from files" in text
    assert card.write(trained, rows, recipe, path).read_text(encoding="utf-8") == text


def test_limits_are_those_of_the_rows(trained: Trained, rows: Dataset, recipe: Recipe, path: Path) -> None:
    text = card.write(trained, rows, recipe, path).read_text(encoding="utf-8")
    limits = text.split("## Known limits")[1]
    few = {one.label: one.labelled for one in trained.evaluation.labels if 0 < one.labelled < card.FEW_LABELLED}
    assert few
    assert all(f"{label} ({count})" in limits for label, count in few.items())
    assert "Languages of fewer than 200 rows, of which little is known: fr (160), it (80)." in limits
    assert "No row is said to be of the languages de, en, es, ja" in limits
    assert "No two rows say that they belong together" not in limits
    alone = replace(rows, groups=np.array(rows.ids), languages=np.full(len(rows), ""))
    limits = card.text(trained, alone, recipe, file="f", sha256="0" * 64, size_bytes=1).split("## Known limits")[1]
    assert "No two rows say that they belong together" in limits
    assert "240 rows do not tell their language." in limits
    assert "No row is said to be" not in limits


def test_rows_are_known_by_their_digest(rows: Dataset) -> None:
    found = {card.digest(rows.select(chosen)) for chosen in (np.arange(240), np.arange(239), np.arange(240)[::-1])}
    flipped = rows.labels.copy()
    flipped[0, 0] = ~flipped[0, 0]
    found |= {card.digest(replace(rows, labels=flipped)), card.digest(replace(rows, samples=rows.groups))}
    assert len(found) == 5
    assert card.digest(replace(rows, ids=rows.texts)) == card.digest(rows)


def test_what_is_no_card_is_not_lost(trained: Trained, rows: Dataset, recipe: Recipe, path: Path) -> None:
    beside = path.with_suffix(".md")
    beside.write_text("# My notes\n", encoding="utf-8")
    for use in (lambda: card.place(path), lambda: card.write(trained, rows, recipe, path)):
        with pytest.raises(UnreadableFileError, match="it is another file; move it"):
            use()
    assert beside.read_text(encoding="utf-8") == "# My notes\n"
    beside.unlink()
    beside.mkdir()
    with pytest.raises(UnreadableFileError, match="cannot write the card"):
        card.place(path)


def test_a_model_that_was_not_written_has_no_card(
    trained: Trained, rows: Dataset, recipe: Recipe, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFileError):
        card.write(trained, rows, recipe, tmp_path / "missing.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_names_from_outside_are_no_markup(recipe: Recipe) -> None:
    hostile = "a|b<script>`*x*`](http://x)"
    book = Codebook.from_dict({"name": hostile, "version": "1", "labels": [{"name": hostile}, {"name": "plain"}]})
    found = [
        Row(f"mot{i} {word} texte{i * 7919}", (label,), id=f"{word}{i}", lang="f|r")
        for i in range(20)
        for word, label in (("oui", hostile), ("non", "plain"))
    ]
    dataset = Dataset.from_rows(found, codebook=book)
    trained = train(dataset, recipe, n_jobs=1, data_sha256={"x|y\n---\n# z": "0" * 64})
    text = card.text(trained, dataset, recipe, file="a|b.safetensors", sha256="0" * 64, size_bytes=1)
    assert "<script>" not in re.sub(r"\\<script\\>", "", text)
    assert "\n# z" not in text
    assert "The codebook has one\nlevel" in text
    for block in text.split("\n\n"):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines() if line.startswith("|")}
        assert len(widths) <= 1, block


@pytest.mark.usefixtures("encoders")
def test_a_deep_model_s_transformer_is_not_passed_over(
    make_deep: Callable[..., DeepModel], recipe: Recipe, tmp_path: Path
) -> None:
    model, shipped = make_deep(), registry.find("g7-deep")
    model = replace(model, info=replace(model.info, data_sha256=shipped.data_sha256 | {"mine.jsonl": "0" * 64}))
    sentences = [Row(f"La police {i}.", ("actor.agency",), id=str(i), lang="fr", group=str(i // 2)) for i in range(20)]
    dataset = Dataset.from_rows(sentences, codebook=model.codebook)
    path = tmp_path / "deep.safetensors"
    file.write(model, path)
    head = Head(model, evaluate(Tagger(model), dataset, rounds=2))
    text = card.write(head, dataset, recipe, path).read_text(encoding="utf-8")
    assert f"Its transformer was tuned before, on other rows: those of {shipped.id}" in text
    assert "reads the first 64 tokens" in text
    assert "cross-validation says too much" in text
    assert "these labels, so nothing is known of them: measure, threat" in text


def test_training_on_the_command_line_writes_it(rows: Dataset, tmp_path: Path) -> None:
    lines = [{"text": text, "labels": ["actor.agency"] if i % 2 else []} for i, text in enumerate(rows.texts[:40])]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (tmp_path / "recipe.toml").write_text("folds = 2\nspec = { bits = 8 }\n", encoding="utf-8")
    output = tmp_path / "mine.safetensors"
    arguments = [str(tmp_path / "rows.jsonl"), "-o", str(output), "--recipe", str(tmp_path / "recipe.toml"), "-j", "1"]
    result = CliRunner().invoke(main, ["train", *arguments])
    assert result.exit_code == 0, result.stderr
    assert registry.sha256(output) in output.with_suffix(".md").read_text(encoding="utf-8")
    output.unlink()
    output.with_suffix(".md").write_text("notes", encoding="utf-8")
    result = CliRunner().invoke(main, ["train", *arguments])
    assert (result.exit_code, "it is another file" in result.stderr) == (1, True)
    assert not output.exists()
