from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.fit import Trained
from g7classify.learn.judging import evaluating, figures
from g7classify.learn.judging.comparison import compare
from g7classify.learn.judging.evaluation import Evaluation
from g7classify.tagger import Tagger


@pytest.fixture(scope="module")
def evaluation(trained: Trained, rows: Dataset) -> Evaluation:
    return evaluating.evaluate(Tagger(trained.model), rows, by="sample", rounds=50)


def written(evaluation: Evaluation) -> str:
    stream = io.StringIO()
    figures.write(evaluation, stream)
    return stream.getvalue()


def cells(text: str, name: str) -> list[list[str]]:
    """The rows of all tables that start with a name, as cells."""
    return [line.split() for line in text.splitlines() if line.split()[:1] == [name]]


def test_tables_hold_the_figures(evaluation: Evaluation) -> None:
    text = written(evaluation)
    of_subtypes, of_categories = cells(text, "all")
    for found, macro, samples in (
        (of_subtypes, evaluation.overall.subtype_macro_f1, evaluation.overall.subtype_samples_f1),
        (of_categories, evaluation.overall.category_macro_f1, evaluation.overall.category_samples_f1),
    ):
        assert found[1:4] == ["240", f"{macro.value:.3f}", f"{macro.low:.3f}..{macro.high:.3f}"]
        assert found[6] == f"{samples.value:.3f}"
    label = next(label for label in evaluation.labels if label.label == "crime.drugs")
    assert cells(text, "crime.drugs")[0] == [
        "crime.drugs", str(label.labelled), str(label.tagged), f"{label.precision:.3f}", f"{label.recall:.3f}",
        f"{label.f1.value:.3f}", f"{label.f1.low:.3f}..{label.f1.high:.3f}", f"{label.best_f1:.3f}",
        f"{label.calibration_error:.3f}",
    ]  # fmt: skip
    assert evaluation.calibration is not None
    assert cells(text, "categories")[0][1] == f"{evaluation.calibration.categories.calibration_error:.3f}"


def test_parts_are_of_the_column_asked_for(evaluation: Evaluation, trained: Trained) -> None:
    text = written(evaluation)
    assert len(cells(text, "natural")) == len(cells(text, "targeted")) == 2
    assert cells(text, "fr") == []
    assert len(cells(written(trained.evaluation), "fr")) == 2


def test_tables_fit_a_terminal(evaluation: Evaluation) -> None:
    tables = [line for line in written(evaluation).splitlines() if "─" in line]
    assert max(map(len, tables)) <= 80


def test_mistakes_are_told_with_their_words(evaluation: Evaluation) -> None:
    text = written(evaluation)
    assert evaluation.mistakes
    for mistake in evaluation.mistakes:
        assert f"  {mistake.text}\n" in text
        assert f"{mistake.words[0].text} {mistake.words[0].contribution:+.2f}" in text
    assert "without the words" not in text
    mute = evaluation.model_copy(update={"unexplained": "it is no table"})
    assert "the surest mistakes, without the words that decided: it is no table" in written(mute)


def test_what_is_unknown_is_a_dash_and_said(trained: Trained, rows: Dataset, book: Codebook) -> None:
    none = rows.labels[:, book.index("crime.fraud")]
    text = written(evaluating.evaluate(Tagger(trained.model), rows.select(~none), rounds=5))
    assert "no row has these labels, so their recall and F1 are unknown: crime.fraud" in text
    row = cells(text, "crime.fraud")[0]
    assert row[1] == "0"
    assert row[4:8] == ["-", "-", "-", "-"]
    assert " nan" not in text


def test_an_evaluation_of_before_is_written_too(evaluation: Evaluation) -> None:
    """Without anything that older files lack."""
    old = evaluation.model_dump(mode="json")
    for key in ("model", "parts", "calibration", "curves", "mistakes", "unexplained"):
        del old[key]
    for summary in (old["overall"], *old["languages"].values()):
        del summary["category_samples_f1"], summary["subtype_samples_f1"]
    for label in old["labels"]:
        for key in ("precision_interval", "recall_interval", "brier", "log_loss"):
            del label[key]
    text = written(Evaluation.model_validate(old))
    assert cells(text, "all")[0][6] == "-"
    assert "the surest mistakes" not in text


def test_hostile_names_and_texts_do_not_steer_the_terminal(trained: Trained, book: Codebook) -> None:
    bad = "\x1b[2J\u202e\x00 [bold]police[/]\n" + "drogue " * 200
    data = Dataset.from_rows([Row(bad, (), id=bad, lang=bad, source=bad)], codebook=book)
    found = evaluating.evaluate(Tagger(trained.model), data, by="source", rounds=5)
    assert found.mistakes
    text = written(found)
    assert not set(text) & set("\x1b\u202e\x00")
    assert "[bold]police[/]" in text
    assert max(map(len, text.splitlines())) <= figures.LONGEST_TEXT + 10


def test_flat_codebooks_are_told_of_once() -> None:
    flat = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "rain"}, {"name": "sun"}]})
    data = Dataset.from_rows([Row("a", ("rain",), id="1"), Row("b", ("sun",), id="2")], codebook=flat)
    found = evaluating.compare(data, data.labels.astype("float32"), {"balanced": data.labels}, ~data.labels, rounds=5)
    text = written(found)
    assert len(cells(text, "all")) == 1
    assert "sub-type" not in text


def test_comparison(tagger: Tagger, make_model: Callable[..., object]) -> None:
    other = Tagger(make_model(name="other", seed=5))  # type: ignore[arg-type]
    data = Dataset.from_rows([Row(f"police {i}", ("actor.agency",), id=str(i)) for i in range(4)])
    stream = io.StringIO()
    found = compare(tagger, other, data, rounds=5, exchanges=5)
    figures.write_comparison(found.model_copy(update={"left_out": {"rain": "the first model's alone"}}), stream)
    text = stream.getvalue()
    assert text.startswith("A: hand-made@0.1.0\nB: other@0.1.0\n4 rows in 4 groups\n")
    assert cells(text, "actor.agency")[0][1:7] == ["4", "1.000", "1.000", "+0.000", "+0.000..+0.000", "1.0000"]
    assert cells(text, "role.support")[0][1:] == ["0", "-", "-", "-", "-", "-", "0", ":", "0"]
    assert "left out: rain, the first model's alone" in text
    assert "of labels by Holm's correction for their number" in text
    assert " nan" not in text


def test_comparison_tells_the_sentences(tagger: Tagger) -> None:
    data = Dataset.from_rows([Row("police \x1b[2J", ("actor.agency",), id="r1"), Row("rien", (), id="r2")])
    stream = io.StringIO()
    figures.write_comparison(compare(tagger, tagger.at("precision"), data, rounds=5, exchanges=5), stream)
    assert "\x1b" not in stream.getvalue()
