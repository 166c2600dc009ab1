from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra `teacher` is not installed")
pytest.importorskip("tokenizers", reason="the extra `teacher` is not installed")

from g7classify.deep.base import Weights  # noqa: E402
from g7classify.deep.tokens import Tokeniser  # noqa: E402
from g7classify.errors import ModelFileError  # noqa: E402
from g7classify.learn.dataset import Dataset, Row  # noqa: E402
from g7classify.registry import sha256  # noqa: E402
from g7classify.tune import batches, loop, reading  # noqa: E402
from g7classify.tune.loop import Run  # noqa: E402
from g7classify.tune.options import Options  # noqa: E402
from g7classify.tune.rows import Rows  # noqa: E402
from training.deep.tuned import Tuned  # noqa: E402
from training.teacher import finetune  # noqa: E402
from training.teacher.teacher import Card, Teacher  # noqa: E402

OPTIONS = Options(epochs=4, batch=8, rate=3e-3, head_rate=2e-2, longest=24, frozen=1, bfloat16=False, fold=0)
ADAPTED = OPTIONS.model_copy(update={"rank": 4, "rate": 1e-2, "frozen": 0})


def some_rows() -> Rows:
    """Words of a few letters: those with a z are about terrorism, the rest about nothing; a quarter is held out."""
    random = np.random.default_rng(0)
    texts = ["".join(random.choice(list("abcz" if i % 2 else "abcd"), random.integers(4, 12))) for i in range(160)]
    labels = [("threat.terrorism",) if "z" in text else () for text in texts]
    dataset = Dataset.from_rows(
        Row(text, found, id=str(i)) for i, (text, found) in enumerate(zip(texts, labels, strict=True))
    )
    held_out = np.arange(len(texts)) % 4 == 0
    held_out |= np.arange(len(texts)) % 8 == 1
    return Rows(dataset, {"rows.jsonl": "0" * 64}, held_out, held_out, "5" * 64)


def run_of(tiny: Weights, data: Rows, options: Options) -> Run:
    return Run(tiny, data, loop.identify(tiny, data, options))


def go(run: Run, folder: Path) -> None:
    finetune.train(run, folder, report=lambda _: None, report_every=5)


def test_a_teacher_reads_as_it_did_when_it_was_trained(tiny: Weights, tmp_path: Path) -> None:
    data = some_rows()
    run = run_of(tiny, data, OPTIONS)
    go(run, tmp_path)
    read = Teacher.read(tmp_path, tiny)
    assert read.card == Card(**dict(run.identity), figures=run.figures)
    scores = read.scores(data.dataset.texts)
    truth = data.dataset.labels
    column = data.dataset.codebook.index("threat.terrorism")
    assert scores.shape == truth.shape
    assert ((scores[:, column] > 0) == truth[:, column]).mean() > 0.95
    assert sorted(path.name for path in tmp_path.iterdir()) == ["teacher.json", "teacher.safetensors"]


class Broken(Exception):
    pass


@pytest.mark.parametrize(
    ("options", "names"),
    [(OPTIONS, ("teacher.safetensors", "teacher.json")), (ADAPTED, ("adapters.safetensors",))],
)
def test_a_broken_run_goes_on_and_gives_the_same_files(
    tiny: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Options, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    whole, first, second = (run_of(tiny, some_rows(), options) for _ in range(3))
    go(whole, tmp_path / "whole")

    def stop(_line: str) -> None:
        if first.step >= 7:
            raise Broken

    with pytest.raises(Broken):
        finetune.train(first, tmp_path / "broken", report=stop, report_every=1)
    go(second, tmp_path / "broken")
    for folder in ("whole", "broken"):
        assert sorted(path.name for path in (tmp_path / folder).iterdir()) == sorted(names)
    for name in names:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "broken" / name).read_bytes(), name


def test_a_deep_model_reads_as_the_encoder_did_when_its_adapters_were_tuned(tiny: Weights, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")
    from g7classify.deep.encoder import Encoder

    data = some_rows()
    run = run_of(tiny, data, ADAPTED)
    go(run, tmp_path)
    found = Tuned.read(tmp_path / "adapters.safetensors")
    assert (found.card.fold, found.card.longest, found.card.options["rank"]) == (0, 24, 4)
    assert found.card.folds_sha256 == data.folds_sha256
    vectors = Encoder(tiny, found.adapters, longest=found.card.longest, threads=1).vectors(data.dataset.texts)
    tokens = Tokeniser(tiny.pieces)(data.dataset.texts, longest=24)
    with torch.inference_mode():
        theirs = run.model.eval().vectors(*batches.gather(tokens, np.arange(len(vectors)))).numpy()
    cosines = (vectors * theirs).sum(axis=1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(theirs, axis=1)
    assert cosines.min() > 0.99
    scores = vectors @ found.head.T + found.bias
    column = data.dataset.codebook.index("threat.terrorism")
    expected = reading.scores(run.model, tokens, bfloat16=False)
    assert np.corrcoef(scores[:, column], expected[:, column])[0, 1] > 0.98
    assert ((scores[:, column] > 0) == data.dataset.labels[:, column]).mean() > 0.95


def test_adapters_alone_are_no_teacher(tiny: Weights, tmp_path: Path) -> None:
    go(run_of(tiny, some_rows(), ADAPTED.model_copy(update={"epochs": 1})), tmp_path)
    with pytest.raises(ModelFileError, match="expected a teacher, got adapters"):
        Teacher.read(tmp_path, tiny)


@pytest.fixture
def command(tiny: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command on the tiny base and few rows, taught by three teachers that disagree on what has a y."""
    monkeypatch.setattr(finetune.base, "read", lambda _path: tiny)
    monkeypatch.setattr(finetune.base, "path", lambda: Path())
    monkeypatch.setattr(finetune.rows, "read", lambda *_arguments, **_options: some_rows())
    codebook = some_rows().dataset.codebook
    texts = tmp_path / "texts" / "a-fr.txt.gz"
    texts.parent.mkdir()
    texts.write_bytes(gzip.compress("\n".join(f"yy{letter}y" for letter in "abcdefghijkl" * 4).encode()))
    arguments = ["--texts", str(texts.parent), "--output", str(tmp_path / "out"), "--longest", "24", "--batch", "8"]
    for fold, said in enumerate((-2, 16, -2)):
        scores = np.full((48, len(codebook)), -5, np.float16)
        scores[:, codebook.index("threat.hybrid")] = said
        np.savez(
            path := tmp_path / f"{fold}.npz",
            scores=scores,
            labels=np.array(codebook.names),
            names=np.array([texts.name]),
            sha256=np.array([sha256(texts)]),
            files=np.zeros(48, np.int64),
            lines=np.arange(1, 49),
            unseen_fold=np.array(fold),
        )
        arguments += ["--soft", str(path)]
    return arguments


def test_with_nothing_held_out_adapters_learn_the_mean_of_all_teachers(
    tiny: Weights, tmp_path: Path, command: list[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")
    from g7classify.deep.encoder import Encoder

    options = ["--hold-out-fold", "none", "--rank", "4", "--epochs", "16"]
    result = CliRunner().invoke(finetune.main, [*command, *options])
    assert result.exit_code == 0, result.output
    found = Tuned.read(tmp_path / "out" / "adapters.safetensors")
    assert found.card.fold is None
    assert (found.card.options["rank"], found.card.options["rate"]) == (4, 2e-3)
    assert found.card.data_sha256.keys() == {"rows.jsonl", "a-fr.txt.gz", "0.npz", "1.npz", "2.npz"}
    vectors = Encoder(tiny, found.adapters, longest=24, threads=1).vectors(["yyay", "abca"])
    column = some_rows().dataset.codebook.index("threat.hybrid")
    said = vectors @ found.head[column] + found.bias[column]
    assert said[0] > 0 > said[1]  # the mean of -2, 16 and -2 is 4; two of three say no


def test_with_a_fold_held_out_teachers_of_other_folds_are_refused(tmp_path: Path, command: list[str]) -> None:
    result = CliRunner().invoke(finetune.main, [*command, "--hold-out-fold", "0"])
    assert result.exit_code == 1
    assert "held out the folds (0, 1, 2), and it is to hold out 0" in result.output
    assert not (tmp_path / "out").exists()
