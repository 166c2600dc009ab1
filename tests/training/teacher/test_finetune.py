from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the extra `teacher` is not installed")
pytest.importorskip("tokenizers", reason="the extra `teacher` is not installed")

from training.teacher.loop import Run  # noqa: E402
from training.teacher.options import Options  # noqa: E402

from g7classify.deep.base import Weights  # noqa: E402
from g7classify.deep.tokens import Tokeniser  # noqa: E402
from g7classify.errors import ModelFileError, OptionError  # noqa: E402
from g7classify.learn.dataset import Dataset, Row  # noqa: E402
from g7classify.learn.soft import Soft  # noqa: E402
from g7classify.registry import sha256  # noqa: E402
from training.deep.tuned import Tuned  # noqa: E402
from training.teacher import batches, finetune, loop, reading  # noqa: E402
from training.teacher.rows import Rows  # noqa: E402
from training.teacher.teacher import Teacher  # noqa: E402

OPTIONS = Options(epochs=4, batch=8, rate=3e-3, head_rate=2e-2, longest=24, frozen=1, bfloat16=False, fold=0)


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
    return Rows(dataset, {"rows.jsonl": "0" * 64}, held_out, held_out)


def go(run: Run, folder: Path, lines: list[str]) -> None:
    finetune.train(run, folder, report=lines.append, report_every=5, save_every=4)


def test_learns_reports_and_leaves_what_is_frozen(tiny: Weights, tmp_path: Path) -> None:
    lines: list[str] = []
    run = Run(tiny, some_rows(), OPTIONS)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    go(run, tmp_path, lines)
    after = run.model.state_dict()
    for name in ("word.weight", "position", "layers.0.attend.weight", "embedded_norm.bias"):
        assert torch.equal(before[name], after[name]), name
    assert not torch.equal(before["layers.1.attend.weight"], after["layers.1.attend.weight"])
    assert run.card.figures[-1].subtype_macro_f1 is not None
    assert run.card.figures[-1].subtype_macro_f1 > 0.95
    assert len(run.card.figures) == 4
    assert any("rows/s" in line and "loss" in line and "left" in line for line in lines)


def test_starts_by_saying_how_frequent_the_labels_are(tiny: Weights) -> None:
    data = some_rows()
    run = Run(tiny, data, OPTIONS)
    column = data.dataset.codebook.index("threat.terrorism")
    said = torch.sigmoid(run.model.head.bias)[column].item()
    assert said == pytest.approx(data.dataset.labels[~data.held_out, column].mean(), abs=0.01)


def test_a_teacher_reads_as_it_did_when_it_was_trained(tiny: Weights, tmp_path: Path) -> None:
    data = some_rows()
    run = Run(tiny, data, OPTIONS)
    go(run, tmp_path, [])
    read = Teacher.read(tmp_path, tiny)
    assert read.card == run.card
    scores = read.scores(data.dataset.texts)
    truth = data.dataset.labels
    column = data.dataset.codebook.index("threat.terrorism")
    assert scores.shape == truth.shape
    assert ((scores[:, column] > 0) == truth[:, column]).mean() > 0.95
    assert sorted(path.name for path in tmp_path.iterdir()) == ["teacher.json", "teacher.safetensors"]


class Broken(Exception):
    pass


@pytest.mark.parametrize("steps", [6, 17])
def test_a_broken_run_goes_on_and_gives_the_same_teacher(tiny: Weights, tmp_path: Path, steps: int) -> None:
    whole, first, second = (Run(tiny, some_rows(), OPTIONS) for _ in range(3))
    go(whole, tmp_path / "whole", [])

    def stop(_line: str) -> None:
        if first.step >= steps:
            raise Broken

    with pytest.raises(Broken):
        finetune.train(first, tmp_path / "broken", report=stop, report_every=1, save_every=4)
    go(second, tmp_path / "broken", lines := [])
    assert f"{steps - steps % 4} of them done" in lines[0]
    for name in ("teacher.safetensors", "teacher.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "broken" / name).read_bytes(), name


def test_learns_from_what_an_earlier_teacher_has_read(tiny: Weights, tmp_path: Path) -> None:
    data = some_rows()
    column = data.dataset.codebook.index("threat.hybrid")
    texts = tuple(f"yy{letter}y" for letter in "abcdefghijkl" * 4)  # no labelled row has a y
    scores = np.full((1, len(texts), len(data.dataset.codebook)), -5, np.float16)
    scores[:, :, column] = 4
    run = Run(tiny, data, OPTIONS, soft=Soft(texts, scores, (0,)), soft_sha256={"soft.npz": "1" * 64})
    go(run, tmp_path, [])
    said = Teacher.read(tmp_path, tiny).scores(["yyay", "abca"])
    assert said[0, column] > 0 > said[1, column]
    assert run.card.data_sha256 == {"rows.jsonl": "0" * 64, "soft.npz": "1" * 64}


def test_an_earlier_teacher_that_has_read_nothing_changes_nothing(tiny: Weights) -> None:
    nothing = Soft((), np.zeros((1, 0, len(some_rows().dataset.codebook)), np.float16), (0,))
    alone, taught = (Run(tiny, some_rows(), OPTIONS, soft=soft) for soft in (None, nothing))
    assert alone.advance() == taught.advance()


ADAPTED = OPTIONS.model_copy(update={"rank": 4, "rate": 1e-2, "frozen": 0})


def test_adapters_learn_and_leave_the_matrices(tiny: Weights, tmp_path: Path) -> None:
    data = some_rows()
    run = Run(tiny, data, ADAPTED)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    go(run, tmp_path, [])
    after = run.model.state_dict()
    for name in ("word.weight", "position", "layers.0.attend.weight", "layers.1.narrow.weight"):
        assert torch.equal(before[name], after[name]), name
    for name in ("layers.0.attend.up", "layers.1.narrow.down", "layers.0.norm.weight", "layers.2.widen.bias"):
        assert not torch.equal(before[name], after[name]), name
    assert run.card.figures[-1].subtype_macro_f1 is not None
    assert run.card.figures[-1].subtype_macro_f1 > 0.95
    assert [path.name for path in tmp_path.iterdir()] == ["adapters.safetensors"]


def test_a_deep_model_reads_as_the_encoder_did_when_its_adapters_were_tuned(tiny: Weights, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="the extra `deep` is not installed")
    from g7classify.deep.encoder import Encoder

    data = some_rows()
    run = Run(tiny, data, ADAPTED)
    go(run, tmp_path, [])
    found = Tuned.read(tmp_path / "adapters.safetensors")
    assert (found.card.fold, found.card.longest, found.card.options["rank"]) == (0, 24, 4)
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


def test_a_broken_run_of_adapters_goes_on_and_gives_the_same_file(tiny: Weights, tmp_path: Path) -> None:
    whole, first, second = (Run(tiny, some_rows(), ADAPTED) for _ in range(3))
    go(whole, tmp_path / "whole", [])
    (tmp_path / "broken").mkdir()
    for _ in range(7):
        first.advance()
    first.save(tmp_path / "broken" / "checkpoint.pt")
    go(second, tmp_path / "broken", [])
    name = "adapters.safetensors"
    assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "broken" / name).read_bytes()


def test_adapters_alone_are_no_teacher(tiny: Weights, tmp_path: Path) -> None:
    go(Run(tiny, some_rows(), ADAPTED.model_copy(update={"epochs": 1})), tmp_path, [])
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


def test_hides_a_share_of_the_tokens_but_not_the_prefix() -> None:
    torch.manual_seed(0)
    hidden = loop.hide(torch.full((400, 20), 7), 0.25, 3)
    assert (hidden[:, : loop.PREFIXED] == 7).all()
    assert (hidden[:, loop.PREFIXED :] == 3).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert (loop.hide(torch.full((4, 20), 7), 0.0, 3) == 7).all()


def test_does_not_go_on_with_another_run(tiny: Weights, tmp_path: Path) -> None:
    run = Run(tiny, some_rows(), OPTIONS)
    run.advance()
    run.save(tmp_path / "checkpoint.pt")
    other = Run(tiny, some_rows(), OPTIONS.model_copy(update={"seed": 1}))
    with pytest.raises(OptionError, match="other rows or options"):
        go(other, tmp_path, [])
    (tmp_path / "checkpoint.pt").write_bytes(b"no checkpoint")
    with pytest.raises(OptionError, match="damaged"):
        go(run, tmp_path, [])


def test_the_pace_rises_and_falls() -> None:
    paces = [loop.pace(step, 100, 0.1) for step in range(100)]
    assert max(paces) == 1.0
    assert paces[:10] == sorted(paces[:10])
    assert paces[10:] == sorted(paces[10:], reverse=True)
    assert 0 < min(paces) <= 0.1
