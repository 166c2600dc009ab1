"""Exports as the tools write them (tests/data/exports): the same four sentences in each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from g7classify.errors import DataError
from g7classify.learn.data.problems import validate
from g7classify.learn.dataset import Dataset

EXPORTS = Path(__file__).parents[2] / "data" / "exports"
SENTENCES = {
    "La police a arrêté deux passeurs près de Calais.": {"measure.police", "threat.smuggling"},
    "Les ministres se retrouveront à Rome en juin.": {"role.meeting"},
    "Le musée rouvre après des travaux.": set(),
    "Three banks had their assets frozen.": {"measure.finance"},
}
CATEGORIES = {"measure", "role", "threat"}
# How many records each holds that nobody has labelled, and how many that are part of an earlier row.
UNLABELLED = {
    "label-studio-choices.json": 2, "label-studio-taxonomy.json": 2, "argilla-2.json": 1, "argilla-2-flat.jsonl": 2,
    "argilla-1-feedback.json": 1, "argilla-1-hub.jsonl": 1, "argilla-1-classic.jsonl": 2, "prodigy-choice.jsonl": 2,
    "prodigy-binary.jsonl": 1,
}  # fmt: skip
JOINED = {"prodigy-binary.jsonl": 2}
DISAGREE = {
    "label-studio-choices.json", "label-studio-taxonomy.json", "argilla-2.json", "argilla-2-flat.jsonl",
    "argilla-1-feedback.json", "argilla-1-hub.jsonl",
}  # fmt: skip


def choices(*labels: Any) -> dict[str, Any]:
    """An annotation of Label Studio."""
    return {"result": [{"type": "choices", "from_name": "c", "value": {"choices": [*labels]}}]}


def held(data: Dataset) -> list[set[str]]:
    return [{data.codebook.names[i] for i in np.flatnonzero(row)} - CATEGORIES for row in data.labels]


def written(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("path", sorted(EXPORTS.iterdir()), ids=lambda path: path.name)
def test_every_export_says_the_same(path: Path) -> None:
    data = Dataset.read(path, codebook=None)
    assert dict(zip(data.texts, held(data), strict=True)) == SENTENCES
    assert set(data.codebook.categories) == CATEGORIES
    if path.name != "fasttext.txt":  # which has no room for it
        assert data.languages.tolist() == ["fr", "fr", "fr", "en"]
    report = validate(path, codebook=None)
    assert report.errors == ()
    assert report.codebook == data.codebook
    assert [row.text for row in report.rows] == [*SENTENCES]
    assert len(report.rejected) == UNLABELLED.get(path.name, 0)
    assert report.joined == JOINED.get(path.name, 0)
    assert report.read == len(report.rows) + len(report.rejected) + report.joined
    assert {r.kind for rejected in report.rejected for r in rejected.reasons} <= {"unlabelled"}
    notes = [problem for problem in report.problems if problem.kind == "disagreement"]
    assert [note.line for note in notes] == ([1] if path.name in DISAGREE else [])


def test_the_codebook_that_is_given_holds_for_exports_too() -> None:
    with pytest.raises(DataError, match=r"prodigy-choice.jsonl:1: label 'measure.police' is not in codebook 'g7'"):
        Dataset.read(EXPORTS / "prodigy-choice.jsonl")


def task(*choices: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    """A task of Label Studio: each argument is an annotation, its controls and what was chosen."""
    annotations = [
        {"result": [{"type": "choices", "from_name": c, "value": {"choices": v}} for c, v in one.items()]}
        for one in choices
    ]
    return {"id": 1, "data": {"text": "Un texte."}, "annotations": annotations, **more}


class TestLabelStudio:
    def test_one_of_several_controls_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.jsonl", task({"tone": ["sober"], "subject": ["law"]}))
        with pytest.raises(DataError, match="labels among the controls; there is 'tone', 'subject'; give labels=NAME"):
            Dataset.read(path, codebook=None)
        assert held(Dataset.read(path, codebook=None, labels="subject")) == [{"law"}]

    def test_two_who_disagree_keep_what_both_gave(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.jsonl", task({"s": ["law", "tax"]}, {"s": ["law"]}), task({"s": ["tax"]}))
        assert held(Dataset.read(path, codebook=None)) == [{"law"}, {"tax"}]
        (note,) = [p for p in validate(path, codebook=None).problems if p.kind == "disagreement"]
        assert note.message.startswith("2 people disagree: 'tax' 1 of 2;")

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"annotations": 3}, "`annotations` is 3"),
            ({"annotations": [{"result": None}]}, "no `result`"),
            ({"data": []}, "`data` is \\[\\]"),
            ({"annotations": [{"result": [{"type": "choices", "value": []}]}]}, "a result is \\[\\]"),
            (
                {"annotations": [{"result": [{"type": "choices", "value": {"start": 1, "choices": ["law"]}}]}]},
                "a part of the text",
            ),
            (
                {"annotations": [{"result": [{"type": "taxonomy", "value": {"taxonomy": ["law"]}}]}]},
                "a taxonomy holds 'law'",
            ),
        ],
    )
    def test_damaged_tasks(self, tmp_path: Path, more: dict[str, Any], message: str) -> None:
        path = written(tmp_path / "a.jsonl", task({"None": ["law"]}), task({"None": ["law"]}, **more))
        with pytest.raises(DataError, match=f"a.jsonl:2: .*{message}"):
            Dataset.read(path, codebook=None)


class TestProdigy:
    def line(self, **more: Any) -> dict[str, Any]:
        return {"text": "Un texte.", "answer": "accept", **more}

    def test_answers_that_cancel_each_other_out(self, tmp_path: Path) -> None:
        path = written(
            tmp_path / "a.jsonl",
            self.line(label="law"), self.line(label="law", answer="reject"), self.line(label="tax"),
        )  # fmt: skip
        report = validate(path, codebook=None)
        assert [row.labels for row in report.rows] == [("tax",)]
        assert report.joined == 2
        assert report.problems[0].message == "accepted as often as rejected: 'law'"
        assert [p.kind for p in report.problems[1:]] == ["spelling"]  # of the one row of `tax`

    def test_options_with_numbers_are_told_by_their_text(self, tmp_path: Path) -> None:
        options = [{"id": 1, "text": "law"}, {"id": 2, "text": "tax"}]
        path = written(tmp_path / "a.jsonl", self.line(options=options, accept=[2]))
        assert held(Dataset.read(path, codebook=None)) == [{"tax"}]

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"answer": "perhaps"}, "`answer` is 'perhaps'"),
            ({"label": 3}, "`label` is 3"),
            ({"accept": None}, "`accept` is None"),
            ({"label": "law", "text": None}, "`accept` is None"),
        ],
    )
    def test_damaged_lines(self, tmp_path: Path, more: dict[str, Any], message: str) -> None:
        path = written(tmp_path / "a.jsonl", self.line(accept=["law"]), self.line(**more))
        with pytest.raises(DataError, match=f"a.jsonl:2: .*{message}"):
            Dataset.read(path, codebook=None)


def test_a_tool_that_is_named_tells_the_column(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", {"text": "Un texte.", "cats": {"law": 1.0}, "label": ["tax"]})
    with pytest.raises(DataError, match="it may be 'cats' or 'label'"):
        Dataset.read(path, codebook=None)
    assert held(Dataset.read(path, codebook=None, format="spacy")) == [{"law"}]
    assert held(Dataset.read(path, codebook=None, format="doccano")) == [{"tax"}]


class TestArgilla:
    def test_one_of_several_questions_is_named(self, tmp_path: Path) -> None:
        responses = {"tone": [{"value": "sober"}], "subject": [{"value": "law"}]}
        path = written(tmp_path / "a.jsonl", {"id": "1", "fields": {"text": "Un texte."}, "responses": responses})
        with pytest.raises(DataError, match="there is 'tone', 'subject'; give labels=NAME"):
            Dataset.read(path, codebook=None)
        data = Dataset.read(path, codebook=None, labels="subject")
        assert held(data) == [{"law"}]
        assert data.ids == ("1",)

    def test_columns_of_who_said_what(self, tmp_path: Path) -> None:
        """As the parquet files of Argilla 1 hold them."""
        said = {"user_id": ["u", "v"], "value": [["law"], ["tax"]], "status": ["submitted", "discarded"]}
        path = written(tmp_path / "a.jsonl", {"text": "Un texte.", "subject": said})
        assert held(Dataset.read(path, codebook=None)) == [{"law"}]

    def test_a_text_among_inputs(self, tmp_path: Path) -> None:
        row = {"text": None, "inputs": {"body": "Un texte."}, "annotation": "law", "status": "Validated"}
        data = Dataset.read(written(tmp_path / "a.jsonl", row), codebook=None)
        assert (data.texts, held(data)) == (("Un texte.",), [{"law"}])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"text": "Un.", "accept": [1], "answer": "accept", "options": [{"id": [], "text": "law"}]},
            "label 1: expected",
        ),
        ({"text": "Un.", "accept": [1], "answer": "accept", "options": 5}, "label 1: expected"),
        ({"data": {"text": "Un."}, "annotations": [choices([])]}, r"label \[\]: expected a list of labels, each a str"),
        ({"data": {"text": "Un."}, "annotations": [choices({"a": 1})]}, r"label \{'a': 1\}: expected"),
        ({"fields": {"text": "Un."}, "responses": {"q": [{"value": [7]}]}}, "label 7: expected"),
    ],
)
def test_labels_that_are_no_names(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Dataset.read(written(tmp_path / "a.jsonl", row), codebook=None)
