"""Rows in memory to records: lists of dicts, columns, data frames, Arrow tables, Hugging Face datasets.

None of their libraries is imported: they are known by what they can do. Only an object that offers nothing but an Arrow
stream needs pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from g7classify import extras
from g7classify.errors import DataError, InputTypeError
from g7classify.labels import short
from g7classify.learn.data.records import Record, Source

NAME: Final = "rows"
"""What messages call rows that stand in no file, as in `rows:3`."""


def source_of(data: Any) -> Source:
    """The records of rows in memory.

    Raises:
        InputTypeError: nothing that rows could be taken from.
        DataError: columns of unequal lengths.
        MissingExtraError: an Arrow stream, and pyarrow is not installed.
    """
    names = _class_names(data)
    records = []
    for number, row in enumerate(_rows(data), 1):
        if isinstance(row, Mapping):
            plain = {str(key): _named(_plain(value), names.get(key)) for key, value in row.items()}
            records.append(Record(number, plain))
        else:
            records.append(Record(number, row, f"expected a mapping of fields, got {type(row).__name__}"))
    return Source(NAME, records, tabular=True)


def _rows(data: Any) -> Iterable[Any]:
    if isinstance(data, Mapping):
        return _of_columns(data)
    for method in ("to_dicts", "to_pylist"):  # polars; pyarrow
        if hasattr(data, method):
            return _iterable(getattr(data, method)(), data)
    if hasattr(data, "to_dict") and hasattr(data, "iloc"):  # pandas
        return _iterable(data.to_dict("records"), data)
    if hasattr(data, "to_native"):  # narwhals
        return _rows(data.to_native())
    if not hasattr(data, "__iter__") and hasattr(data, "__arrow_c_stream__"):
        with extras.needed("parquet", by="an Arrow stream"):
            import pyarrow
        return _iterable(pyarrow.RecordBatchReader.from_stream(data).read_all().to_pylist(), data)
    return _iterable(data, data)


def _iterable(rows: Any, data: Any) -> Iterable[Any]:
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        hint = "; collect() it first" if hasattr(data, "collect") else ""
        hint = (
            "; read files with Dataset.read" if isinstance(data, str | bytes) or hasattr(data, "__fspath__") else hint
        )
        raise InputTypeError(f"{short(data)}: expected rows, as a list of dicts or a data frame{hint}")
    return rows


def _of_columns(data: Mapping[Any, Any]) -> Iterable[Mapping[str, Any]]:
    """The rows of columns, or of the splits of a Hugging Face dataset if there is but one."""
    if data and all(hasattr(split, "features") for split in data.values()):
        raise InputTypeError(f"a dataset with the splits {', '.join(map(str, data))}: expected one; pass data['train']")
    columns = {str(name): _plain(column) for name, column in data.items()}
    for name, column in columns.items():
        if not isinstance(column, list | tuple):
            raise InputTypeError(f"column {short(name)} is {short(column)}: expected a list; pass [row] for one row")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"columns of unequal lengths: {short(lengths)}; give each row a value in every column")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    """A value without NumPy and pandas in it; what is missing is None."""
    if hasattr(value, "tolist") and not isinstance(value, str | bytes):
        value = value.tolist()
    if value != value or type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value


def _class_names(data: Any) -> dict[Any, list[str]]:
    """The names of the numbers in columns of ClassLabel, of a Hugging Face dataset."""
    features = getattr(data, "features", None)
    found: dict[Any, list[str]] = {}
    for column, feature in features.items() if isinstance(features, Mapping) else ():
        inner = feature[0] if isinstance(feature, list) and feature else getattr(feature, "feature", feature)
        if isinstance(names := getattr(inner, "names", None), list):
            found[column] = names
    return found


def _named(value: Any, names: list[str] | None) -> Any:
    """A value with numbers of classes replaced by their names; -1 is how Hugging Face writes that there is none."""
    if names is None:
        return value
    if isinstance(value, list):
        return [_named(one, names) for one in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else None if value == -1 else value
    return value
