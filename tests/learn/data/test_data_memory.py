from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from g7classify.errors import DataError, InputTypeError, MissingExtraError
from g7classify.learn.dataset import Dataset

ROWS: list[dict[str, Any]] = [
    {"text": "La loi.", "labels": ["law"], "id": "a", "lang": "fr", "group": "g", "sample": "natural", "source": "s"},
    {
        "text": "L'impôt.",
        "labels": ["law", "tax"],
        "id": None,
        "lang": None,
        "group": None,
        "sample": None,
        "source": None,
    },
]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}


def check(data: Dataset) -> None:
    assert data.texts == ("La loi.", "L'impôt.")
    assert data.codebook.names == ("law", "tax")
    assert data.labels.tolist() == [[True, False], [True, True]]
    assert data.ids == ("a", "rows:2")
    assert data.languages.tolist() == ["fr", ""]
    assert data.groups.tolist() == ["g", "row 1"]
    assert data.samples.tolist() == ["natural", ""]
    assert data.sources.tolist() == ["s", ""]


class Streamed:
    """What offers an Arrow stream and nothing else, as a relation of DuckDB does."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def arrow() -> Any:
    return pytest.importorskip("pyarrow").table(COLUMNS)


def streamed() -> Any:
    return Streamed(arrow())


def pandas() -> Any:
    return pytest.importorskip("pandas").DataFrame(ROWS)


def pandas_of_arrays() -> Any:
    return pytest.importorskip("pandas").DataFrame({**COLUMNS, "labels": [np.array(x) for x in COLUMNS["labels"]]})


def polars() -> Any:
    return pytest.importorskip("polars").DataFrame(ROWS)


def narwhals() -> Any:
    return pytest.importorskip("narwhals").from_native(polars())


def hugging_face() -> Any:
    return pytest.importorskip("datasets").Dataset.from_list(ROWS)


def hugging_face_stream() -> Any:
    return hugging_face().to_iterable_dataset()


def generated() -> Iterator[dict[str, Any]]:
    yield from ROWS


@pytest.mark.parametrize(
    "make",
    [
        lambda: ROWS, lambda: tuple(ROWS), generated, lambda: COLUMNS, arrow, streamed, pandas, pandas_of_arrays,
        polars, narwhals, hugging_face, hugging_face_stream,
    ],
    ids=[
        "list", "tuple", "generator", "columns", "arrow", "stream", "pandas", "pandas-arrays", "polars", "narwhals",
        "hugging-face", "hugging-face-stream",
    ],
)  # fmt: skip
def test_rows_of_every_kind(make: Callable[[], Any]) -> None:
    check(Dataset.of(make(), codebook=None))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_as_a_spreadsheet_would_be(library: str) -> None:
    frame = pytest.importorskip(library).DataFrame(
        {"Phrase": ["La loi.", "Rien."], "Étiquettes": ["law; tax", None], "id": [7.0, None]}
    )
    data = Dataset.of(frame, codebook=None)
    assert data.labels.tolist() == [[True, True], [False, False]]
    assert data.ids == ("7", "rows:2")
    flags = pytest.importorskip(library).DataFrame(
        {"text": ["La loi.", "Rien."], "law": [1.0, None], "tax": [True, False]}
    )
    assert Dataset.of(flags, codebook=None).labels.tolist() == [[True, True], [False, False]]


def test_numbers_of_classes_get_their_names() -> None:
    datasets = pytest.importorskip("datasets")
    names = datasets.ClassLabel(names=["law", "tax"])
    one = datasets.Features({"text": datasets.Value("string"), "label": names})
    data = datasets.Dataset.from_dict({"text": ["Un.", "Deux.", "Trois."], "label": [1, 0, -1]}, features=one)
    assert Dataset.of(data, codebook=None).labels.tolist() == [[False, True], [True, False], [False, False]]
    several = datasets.Features({"text": datasets.Value("string"), "labels": datasets.Sequence(names)})
    data = datasets.Dataset.from_dict({"text": ["Un.", "Deux."], "labels": [[0, 1], []]}, features=several)
    assert Dataset.of(data, codebook=None).labels.tolist() == [[True, True], [False, False]]
    with pytest.raises(InputTypeError, match="a dataset with the splits train, test: expected one; pass data"):
        Dataset.of(datasets.DatasetDict({"train": data, "test": data}))


class Lazy:
    def collect(self) -> None: ...


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (7, "7: expected rows, as a list of dicts or a data frame$"),
        ("rows.csv", "read files with Dataset.read$"),
        (Lazy(), "collect\\(\\) it first$"),
        ({"text": "Un.", "labels": ["law"]}, "column 'text' is 'Un.': expected a list; pass \\[row\\] for one row"),
    ],
)
def test_what_holds_no_rows(data: object, message: str) -> None:
    with pytest.raises(InputTypeError, match=message):
        Dataset.of(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no labelled row in rows"),
        ({"text": ["Un."], "labels": []}, "columns of unequal lengths: {'labels': 0, 'text': 1}"),
        ([{"text": "Un.", "labels": ["role"]}, "Deux."], "rows:2: expected a mapping of fields, got str"),
        ([{"text": "Un.", "labels": ["lawn"]}], "rows:1: label 'lawn' is not in codebook"),
        ([{"text": float("nan"), "labels": []}], "rows:1: `text` is None"),
        ([{"a": "Un.", "labels": []}], "rows: cannot tell which column holds the text; there is 'a', 'labels'"),
        ([{"text": "Un.", "labels": [1]}], "rows:1: label 1: expected a list of labels, each a str"),
        ([{"text": b"Un.", "labels": []}], "rows:1: `text` is b'Un.'; expected a sentence"),
    ],
)
def test_bad_rows_are_named(data: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Dataset.of(data)


def test_a_stream_without_pyarrow_names_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'g7classify\[parquet\]'"):
        Dataset.of(Streamed(None))


def test_no_library_is_imported_for_rows_in_memory() -> None:
    import subprocess

    code = (
        "import sys; from g7classify.learn.dataset import Dataset; "
        "Dataset.of([{'text': 'Un.', 'labels': ['law']}], codebook=None); "
        "print({'pandas', 'polars', 'pyarrow', 'datasets', 'narwhals', 'sklearn', 'scipy'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
