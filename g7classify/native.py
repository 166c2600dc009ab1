"""Arrow tables as frames of the library that somebody works with: pandas, polars, pyarrow or another of narwhals'.

Lists stay Arrow's in pandas too (pandas.ArrowDtype): as Python objects they would take minutes for ten million rows,
and an element is a list, or pandas.NA, all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from g7classify import extras
from g7classify.errors import MissingExtraError, OptionError

if TYPE_CHECKING:
    import pyarrow as pa


def narwhals() -> Any:
    """The module narwhals.

    Raises:
        MissingExtraError: it or pyarrow is not installed.
    """
    with extras.needed("frames", by="a frame"):
        import narwhals
        import pyarrow  # noqa: F401  # carries every column
    return narwhals


def frame(table: pa.Table, backend: Any) -> Any:
    """An Arrow table as a frame.

    Args:
        table: any.
        backend: "pandas", "polars", "pyarrow" or what else narwhals takes for one (modin, cudf), or that module.

    Raises:
        OptionError: narwhals knows no such library whose frames hold their rows.
        MissingExtraError: narwhals, pyarrow or that library is not installed.
    """
    nw = narwhals()
    try:
        implementation = nw.Implementation.from_backend(backend)
        if implementation.is_pandas():
            return _pandas(table)
        return nw.to_native(nw.from_arrow(table, backend=implementation))
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"{error.name} is not installed: pip install {error.name}") from error
    except (TypeError, ValueError, AssertionError) as error:
        raise OptionError(f"backend {backend!r:.80}: expected pandas, polars or pyarrow") from error


def _pandas(table: pa.Table) -> Any:
    import pandas as pd
    import pyarrow as pa

    def kind(arrow: Any) -> Any:
        if pa.types.is_list(arrow):
            return pd.ArrowDtype(arrow)
        return pd.BooleanDtype() if pa.types.is_boolean(arrow) else None

    return table.to_pandas(types_mapper=kind)


def sentences(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of Document.rows as an Arrow table.

    Raises:
        MissingExtraError: narwhals or pyarrow is not installed.
    """
    narwhals()
    import pyarrow as pa

    strings, share = pa.list_(pa.string()), pa.float32()
    types = {"start": pa.int32(), "end": pa.int32(), "text": pa.string(), "labels": strings}
    types |= {"probabilities": pa.list_(share), "in_doubt": strings, "decided_by": pa.string(), "left": pa.bool_()}
    types |= {name: share for row in rows[:1] for name in row if name not in types}
    return pa.Table.from_pylist(list(rows), schema=pa.schema(types))
