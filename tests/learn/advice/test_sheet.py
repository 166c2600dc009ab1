from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from g7classify.errors import DataError, EncodingError, UnreadableFileError
from g7classify.learn.advice import sheet
from g7classify.learn.advice.auditing import Audit
from g7classify.learn.advice.mislabelled import Change, Suspect
from g7classify.learn.advice.repeats import Leak, Repeat
from g7classify.learn.dataset import Dataset, Row


@pytest.fixture
def dataset() -> Dataset:
    rows = [
        Row("=HYPERLINK(1)", ("threat.terrorism",), "=a", lang="fr", group="d1"),
        Row('Deux "guillemets";\net une ligne', (), "b", lang="it"),
        Row("La police enquête.", ("actor.agency",), "c"),
        Row("La police enquête.", (), "d"),
        Row("Nichts.", ("role",), "e", sample="natural", source="s"),
    ]
    return Dataset.from_rows(rows)


@pytest.fixture
def found() -> Audit:
    suspects = (
        Suspect(0, "=a", "=HYPERLINK(1)", ("threat.terrorism",), (), (Change("threat.terrorism", True, 0.001),), 0.001),
        Suspect(1, "b", "", (), ("actor.state",), (Change("actor.state", False, 0.99),), 0.01),
    )
    repeat = Repeat((2, 3), ("c", "d"), True, ("actor.agency",), ("actor.agency",))
    return Audit(5, 0.5, suspects, (repeat,), (Leak(2, "c", 7, "z", False),), (), (), ())


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def save(path: Path, changed: list[dict[str, str]], *, delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(changed[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(changed)


def test_a_sheet_holds_what_was_found_and_why(dataset: Dataset, found: Audit, tmp_path: Path) -> None:
    path = tmp_path / "fix.csv"
    assert sheet.write(found, dataset, path) == 4
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    first, second, third, fourth = rows(path)
    assert (first["id"], first["text"]) == ("'=a", "'=HYPERLINK(1)")
    assert (first["labels"], first["suggested"], first["lang"], first["group"]) == ("threat.terrorism", "", "fr", "d1")
    assert first["reason"] == "threat.terrorism given, probability 0.001"
    assert (second["labels"], second["suggested"], second["group"]) == ("", "actor.state", "")
    assert third["reason"] == "same text as d, labelled otherwise: actor.agency | a near-duplicate in other data: z"
    assert (fourth["labels"], fourth["suggested"]) == ("", "actor.agency")


def test_untouched_it_changes_nothing(dataset: Dataset, found: Audit, tmp_path: Path) -> None:
    sheet.write(found, dataset, tmp_path / "fix.csv")
    same = sheet.corrected(dataset, tmp_path / "fix.csv")
    assert same.texts == dataset.texts
    assert (same.labels == dataset.labels).all()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_corrections_come_back(dataset: Dataset, found: Audit, tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "fix.csv"
    sheet.write(found, dataset, path)
    changed = [row | {"labels": row["suggested"]} for row in rows(path)]
    changed[2]["keep"] = " No"
    save(path, changed, delimiter=delimiter)
    better = sheet.corrected(dataset, path)
    assert better.ids == ("=a", "b", "d", "e")
    assert (better.labels == dataset.codebook.indicator([[], ["actor.state"], ["actor.agency"], ["role"]])).all()
    assert better.texts[0] == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": "threat.terorism"}, "did you mean 'threat.terrorism'"),
        ({"keep": "maybe"}, "expected yes or no"),
        ({"row": "99"}, "not in the dataset"),
        ({"row": "9" * 5000}, "not in the dataset"),
        ({"row": "x"}, "not in the dataset"),
        ({"id": "other"}, "not in the dataset"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(
    dataset: Dataset, found: Audit, tmp_path: Path, change: dict[str, str], told: str
) -> None:
    path = tmp_path / "fix.csv"
    sheet.write(found, dataset, path)
    first, *rest = rows(path)
    save(path, [first | change, *rest])
    with pytest.raises(DataError, match=f":2: .*{told}"):
        sheet.corrected(dataset, path)


def test_what_is_no_sheet_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "fix.csv"
    path.write_text("text,labels\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column 'id'"):
        sheet.corrected(dataset, path)
    path.write_bytes(b"row,id,labels\n0,\xe9,\n")
    with pytest.raises(EncodingError, match=r"fix\.csv:2: no UTF-8; save the sheet"):
        sheet.corrected(dataset, path)
    path.write_text(f'row,id,labels\n0,a,"{"x" * 200_000}"\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"fix\.csv:2: no row of CSV"):
        sheet.corrected(dataset, path)
    path.write_text("row,id,labels\n0\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"fix\.csv:2: 1 cells; expected 3"):
        sheet.corrected(dataset, path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="no header"):
        sheet.corrected(dataset, path)
    with pytest.raises(UnreadableFileError):
        sheet.corrected(dataset, tmp_path / "none.csv")


def test_rows_are_written_as_they_are_read(dataset: Dataset, tmp_path: Path) -> None:
    sheet.write_rows(dataset, tmp_path / "rows.jsonl")
    same = Dataset.read(tmp_path / "rows.jsonl")
    for name in ("texts", "ids"):
        assert getattr(same, name) == getattr(dataset, name)
    for name in ("labels", "languages", "groups", "samples", "sources"):
        assert np.array_equal(getattr(same, name), getattr(dataset, name))
