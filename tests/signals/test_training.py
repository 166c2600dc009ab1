"""Training that is signalled: the model of before stays, and threads that still compute hold nothing up."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="the extra `train` is not installed")
if sys.platform == "win32":
    pytest.skip("signals", allow_module_level=True)

from g7classify import Tagger, modelfile
from g7classify.model import Model

WORDS = {"police": "actor.agency", "ministre": "actor.official", "sanctions": "measure.financial", "pluie": ""}
RECIPE = 'name = "mine"\nfolds = 2\nvectors = "none"\n[spec]\nbits = {bits}\n'

Run = Callable[..., Any]


@pytest.fixture
def given(tmp_path: Path) -> list[object]:
    """Rows, and the options of both commands."""
    rows = [
        {"text": f"Voici {word} numéro {i * 7919} à {place}.", "labels": [label] if label else []}
        for i in range(30)
        for place in [("Lyon", "Nice", "Brest", "Metz", "Lille")[i % 5]]
        for word, label in WORDS.items()
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE.format(bits=16))
    return [tmp_path / "rows.jsonl", "--recipe", tmp_path / "recipe.toml", "-j", 2]


@pytest.mark.parametrize(
    ("command", "what", "at", "when", "by", "status"),
    [
        ("train", "g7classify.learn.split:folds", 1, "before", "SIGINT", 130),
        ("train", "g7classify.learn.fit:fit", 2, "before", "SIGINT", 130),  # in a thread
        ("train", "g7classify.atomic:replace", 1, "before", "SIGTERM", 143),
        ("train", "g7classify.atomic:replace", 1, "after", "SIGINT", 130),
        ("update", "g7classify.learn.updating:Lesson.score", 1, "before", "SIGTERM", 143),
    ],
)
def test_the_model_of_before_stays_or_the_new_one_is_whole(
    run: Run,
    given: list[object],
    model_path: Path,
    tmp_path: Path,
    command: str,
    what: str,
    at: int,
    when: str,
    by: str,
    status: int,
) -> None:
    output = tmp_path / "mine.safetensors"
    output.write_bytes(b"old")
    before = {path.name for path in tmp_path.iterdir()}
    first = ["train"] if command == "train" else ["update", model_path]
    ended = run(what, *first, *given, "-o", output, at=at, when=when, by=by)
    assert ended.status == status, ended.stderr
    assert ended.stderr.splitlines()[-1:] == [{130: "error: interrupted", 143: "error: terminated"}[status]], (
        ended.stderr
    )
    assert "Traceback" not in ended.stderr
    assert {path.name for path in tmp_path.iterdir()} == before
    if when == "after" and what.endswith(":replace"):
        assert isinstance(modelfile.load(output)[0], Model)
        assert Tagger.load(output).labels
    else:
        assert output.read_bytes() == b"old"


def test_learn_train_raises_where_it_was_called(run: Run, given: list[object]) -> None:
    code = f"""
from pathlib import Path
from g7classify.learn import fit
from g7classify.learn.dataset import Dataset
from g7classify.learn.recipe import Recipe
try:
    fit.train(Dataset.read(Path({str(given[0])!r})), Recipe.read(Path({str(given[2])!r})), n_jobs=2)
except KeyboardInterrupt:
    print("raised")
"""
    ended = run("g7classify.learn.fit:fit", "-c", code, at=1)
    assert (ended.status, ended.stdout.strip(), ended.stderr) == (0, "raised", "")
