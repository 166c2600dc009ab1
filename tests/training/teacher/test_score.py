from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `teacher` is not installed")
pytest.importorskip("tokenizers", reason="the extra `teacher` is not installed")


from g7classify.codebook import CODEBOOK
from g7classify.deep.base import Weights
from g7classify.errors import OptionError
from g7classify.learn.dataset import Dataset, Row
from g7classify.tune import encoder
from g7classify.tune.options import Options
from g7classify.tune.rows import Rows
from training.teacher import score
from training.teacher.teacher import Card, Ensemble, Teacher, write

TEXTS = [f"{'sentence ' * (i % 3)}{i}" for i in range(50)]


@pytest.fixture
def teacher(tiny: Weights, tmp_path: Path) -> Teacher:
    model = encoder.load(tiny, labels=len(CODEBOOK.names))
    model.head.weight.data.normal_()
    card = Card(
        options=Options(longest=32, bfloat16=False),
        labels=CODEBOOK.names,
        encoder_sha256=tiny.sha256,
        data_sha256={},
        rows=0,
    )
    write(tmp_path, model, card)
    return Teacher.read(tmp_path, tiny)


def test_shards_hold_what_the_teacher_says(teacher: Teacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "SHARD", 16)
    found = score.in_shards(teacher, TEXTS, tmp_path / "shards", report=lambda _: None)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, teacher.scores(TEXTS), atol=0.01)
    assert len(list((tmp_path / "shards").glob("*.npy"))) == 4


def test_what_was_read_is_not_read_again(teacher: Teacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "SHARD", 16)
    whole = score.in_shards(teacher, TEXTS, tmp_path / "shards", report=lambda _: None)
    (tmp_path / "shards" / "32.npy").unlink()
    lines: list[str] = []
    again = score.in_shards(teacher, TEXTS, tmp_path / "shards", report=lines.append)
    np.testing.assert_array_equal(again, whole)
    assert len(lines) == 1
    assert lines[0].startswith("48/50")


def test_shards_of_other_texts_are_refused(teacher: Teacher, tmp_path: Path) -> None:
    score.in_shards(teacher, TEXTS, tmp_path / "shards", report=lambda _: None)
    with pytest.raises(OptionError, match="other texts"):
        score.in_shards(teacher, TEXTS[:-1], tmp_path / "shards", report=lambda _: None)


def another(tiny: Weights, folder: Path, *, fold: int | None) -> Teacher:
    model = encoder.load(tiny, labels=len(CODEBOOK.names))
    model.head.bias.data += 2
    options = Options(longest=32, bfloat16=False, fold=fold)
    write(
        folder, model, Card(options=options, labels=CODEBOOK.names, encoder_sha256=tiny.sha256, data_sha256={}, rows=0)
    )
    return Teacher.read(folder, tiny)


def test_teachers_together_say_what_they_say_on_average(teacher: Teacher, tiny: Weights, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = another(tiny, tmp_path / "other", fold=None)
    both = Ensemble((teacher, other))
    np.testing.assert_allclose(both.scores(TEXTS), (teacher.scores(TEXTS) + 2) / 2, atol=1e-5)
    assert both.sha256 == f"{teacher.sha256}+{other.sha256}"


def test_teachers_that_held_out_other_folds_do_not_go_together(teacher: Teacher, tiny: Weights, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(OptionError, match="same fold"):
        Ensemble((teacher, another(tiny, tmp_path / "other", fold=1)))
    with pytest.raises(OptionError, match="one or more"):
        Ensemble(())


def test_labelled_rows_are_those_that_the_teacher_was_tuned_with(teacher: Teacher) -> None:
    dataset = Dataset.from_rows(Row(text, (), id=text) for text in TEXTS)
    held_out = np.arange(len(TEXTS)) < 10
    files = {"seeds.jsonl": "0" * 64, "more.jsonl": "1" * 64}
    tuned = teacher.card.model_copy(update={"rows": 40, "data_sha256": files | {"soft.npz": "2" * 64}})
    score.check_rows(Rows(dataset, files, held_out, held_out), tuned)
    fewer = dataset.select(np.arange(30))
    with pytest.raises(OptionError, match="40 rows beside the fold, got 20"):
        score.check_rows(Rows(fewer, {"seeds.jsonl": "0" * 64}, held_out[:30], held_out[:30]), tuned)
    with pytest.raises(OptionError, match="others"):
        score.check_rows(Rows(dataset, files | {"more.jsonl": "3" * 64}, held_out, held_out), tuned)


def test_labelled_rows_that_are_parted_in_another_way_are_refused(teacher: Teacher) -> None:
    dataset = Dataset.from_rows(Row(text, (), id=text) for text in TEXTS)
    held_out = np.arange(len(TEXTS)) < 10
    tuned = teacher.card.model_copy(update={"rows": 40, "folds_sha256": "3" * 64})
    score.check_rows(Rows(dataset, {}, held_out, held_out, "3" * 64), tuned)
    with pytest.raises(OptionError, match="the folds differ"):
        score.check_rows(Rows(dataset, {}, held_out, held_out, "4" * 64), tuned)
