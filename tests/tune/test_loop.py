from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `tune` is not installed")
pytest.importorskip("tokenizers", reason="the extra `tune` is not installed")

from g7classify.deep.base import Weights  # noqa: E402
from g7classify.errors import OptionError  # noqa: E402
from g7classify.learn import split  # noqa: E402
from g7classify.learn.dataset import Dataset, Row  # noqa: E402
from g7classify.learn.soft import Soft  # noqa: E402
from g7classify.tune import adapters, checkpoint, loop, reading  # noqa: E402
from g7classify.tune.loop import Run, finish, identify  # noqa: E402
from g7classify.tune.options import Options  # noqa: E402
from g7classify.tune.rows import Rows  # noqa: E402
from g7classify.tune.start import Start  # noqa: E402

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
    return Rows(dataset, {"rows.jsonl": "0" * 64}, held_out, held_out, split.digest(dataset, held_out.astype(int)))


def run_of(tiny: Weights, options: Options = OPTIONS, *, soft: Soft | None = None, start: Start | None = None) -> Run:
    data = some_rows()
    return Run(
        tiny, data, identify(tiny, data, options, start=start.adapters if start else None), soft=soft, start=start
    )


def go(run: Run, folder: Path, lines: list[str] | None = None) -> None:
    finish(run, folder, report=(lines if lines is not None else []).append, report_every=5)


def column(run: Run) -> int:
    return run.identity.labels.index("threat.terrorism")


def said(run: Run) -> np.ndarray:
    """Scores of all rows."""
    return reading.scores(run.model, run._tokens, bfloat16=False)[:, column(run)]


def test_learns_reports_and_leaves_what_is_frozen(tiny: Weights, tmp_path: Path) -> None:
    lines: list[str] = []
    run = run_of(tiny)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    go(run, tmp_path, lines)
    after = run.model.state_dict()
    for name in ("word.weight", "position", "layers.0.attend.weight", "embedded_norm.bias"):
        assert torch.equal(before[name], after[name]), name
    assert not torch.equal(before["layers.1.attend.weight"], after["layers.1.attend.weight"])
    assert run.figures[-1].subtype_macro_f1 is not None
    assert run.figures[-1].subtype_macro_f1 > 0.95
    assert len(run.figures) == 4
    assert any("rows/s" in line and "loss" in line and "left" in line for line in lines)


class Broken(Exception):
    pass


@pytest.mark.parametrize("options", [OPTIONS, ADAPTED])
@pytest.mark.parametrize("steps", [0, 6, 17])
def test_a_broken_run_goes_on_to_the_same_end(
    tiny: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int, options: Options
) -> None:
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    whole, first, second = (run_of(tiny, options) for _ in range(3))
    go(whole, tmp_path / "whole")

    def stop(_line: str) -> None:
        if first.step >= steps:
            raise Broken

    with pytest.raises(Broken):
        finish(first, tmp_path / "broken", report=stop, report_every=1)
    go(second, tmp_path / "broken", lines := [])
    assert f"{steps} of them done" in lines[0]
    assert second.figures == whole.figures
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


def test_a_run_that_is_done_goes_on_with_nothing(tiny: Weights, tmp_path: Path) -> None:
    first, second = run_of(tiny, ADAPTED), run_of(tiny, ADAPTED)
    go(first, tmp_path)
    go(second, tmp_path, lines := [])
    assert len(lines) == 1
    np.testing.assert_array_equal(said(first), said(second))


def test_learns_from_what_an_earlier_teacher_has_read(tiny: Weights, tmp_path: Path) -> None:
    codebook = some_rows().dataset.codebook
    texts = tuple(f"yy{letter}y" for letter in "abcdefghijkl" * 4)  # no labelled row has a y
    scores = np.full((1, len(texts), len(codebook)), -5, np.float16)
    scores[:, :, codebook.index("threat.hybrid")] = 4
    run = run_of(tiny, soft=Soft(texts, scores, (0,)))
    go(run, tmp_path)
    tokens = loop.Tokeniser(tiny.pieces)(["yyay", "abca"], longest=24)
    found = reading.scores(run.model, tokens, bfloat16=False)[:, codebook.index("threat.hybrid")]
    assert found[0] > 0 > found[1]


def test_an_earlier_teacher_that_has_read_nothing_changes_nothing(tiny: Weights) -> None:
    nothing = Soft((), np.zeros((1, 0, len(some_rows().dataset.codebook)), np.float16), (0,))
    alone, taught = (run_of(tiny, soft=soft) for soft in (None, nothing))
    assert alone.advance() == taught.advance()


def test_adapters_learn_and_leave_the_matrices(tiny: Weights, tmp_path: Path) -> None:
    run = run_of(tiny, ADAPTED)
    before = {name: value.clone() for name, value in run.model.state_dict().items()}
    go(run, tmp_path)
    after = run.model.state_dict()
    for name in ("word.weight", "position", "layers.0.attend.weight", "layers.1.narrow.weight"):
        assert torch.equal(before[name], after[name]), name
    for name in ("layers.0.attend.up", "layers.1.narrow.down", "layers.0.norm.weight", "layers.2.widen.bias"):
        assert not torch.equal(before[name], after[name]), name
    assert run.figures[-1].subtype_macro_f1 is not None
    assert run.figures[-1].subtype_macro_f1 > 0.95


@pytest.mark.parametrize("bfloat16", [False, True])
def test_goes_on_from_where_adapters_were(tiny: Weights, tmp_path: Path, bfloat16: bool) -> None:
    options = ADAPTED.model_copy(update={"bfloat16": bfloat16})
    first = run_of(tiny, options)
    go(first, tmp_path / "first")
    start = Start(
        adapters.tuned(first.model, tiny),
        adapters.array(first.model.head.weight),
        adapters.array(first.model.head.bias),
    )
    second = run_of(tiny, options, start=start)
    tokens = second._tokens
    before, after = (reading.scores(run.model, tokens, bfloat16=bfloat16) for run in (first, second))
    np.testing.assert_allclose(after, before, atol=0.13 if bfloat16 else 0.05)  # adapters are kept in float16
    again = adapters.tuned(second.model, tiny)
    for name, kept in start.adapters.tensors().items():
        np.testing.assert_allclose(again.tensors()[name], kept, atol=1e-3, err_msg=name)
    with pytest.raises(OptionError, match="start_sha256"):  # it is another run than one that starts from nothing
        checkpoint.begin(tmp_path / "first", second.identity)


def test_hides_a_share_of_the_tokens_but_not_the_prefix() -> None:
    torch.manual_seed(0)
    hidden = loop.hide(torch.full((400, 20), 7), 0.25, 3)
    assert (hidden[:, : loop.PREFIXED] == 7).all()
    assert (hidden[:, loop.PREFIXED :] == 3).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert (loop.hide(torch.full((4, 20), 7), 0.0, 3) == 7).all()


def test_does_not_go_on_with_another_run(tiny: Weights, tmp_path: Path) -> None:
    run = run_of(tiny)
    run.advance()
    run.save(tmp_path / checkpoint.STATE)
    other = run_of(tiny, OPTIONS.model_copy(update={"seed": 1}))
    with pytest.raises(OptionError, match="seed 0 then, 1 now"):
        other.resume(tmp_path / checkpoint.STATE)
    (tmp_path / checkpoint.STATE).write_bytes(b"no checkpoint")
    with pytest.raises(OptionError, match="damaged"):
        run.resume(tmp_path / checkpoint.STATE)


def test_the_rate_rises_and_falls() -> None:
    paces = [loop.pace(step, 100, 0.1) for step in range(100)]
    assert max(paces) == 1.0
    assert paces[:10] == sorted(paces[:10])
    assert paces[10:] == sorted(paces[10:], reverse=True)
    assert 0 < min(paces) <= 0.1
