"""Tags as columns of a data frame: of pandas, polars, pyarrow or another library that narwhals knows.

::

    import pandas as pd
    from g7classify import frames

    frame = pd.DataFrame({"text": ["La police enquête sur un attentat.", "Il pleut.", None]})
    frames.tag(frame, "text")                       # with the columns labels and probabilities
    frames.tag(frame, "text", layout="tags")        # with a column of true and false a label
    frames.tag_sentences(frame, "text")             # a row a sentence

Texts go through Arrow (arrow.py); no Python object is made of them, nor of their tags. This needs the extra `frames`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args

import numpy as np

from g7classify import arrow, decision, default, native
from g7classify.errors import DataError, InputTypeError, OptionError, TextError

if TYPE_CHECKING:
    import pyarrow as pa

    from g7classify.tagger import Tagger

Layout = Literal["lists", "tags", "probabilities"]
Frame = TypeVar("Frame")

# Whose frames are only a plan to be run elsewhere, and what does so.
_ELSEWHERE: Final = {
    "duckdb": "g7classify.duckdb.register(connection), then SELECT g7_tags(text) FROM ...",
    "ibis": "its DuckDB connection and g7classify.duckdb.register",
    "pyspark": "g7classify.spark.tag",
    "pyspark[connect]": "g7classify.spark.tag",
    "dask": "its map_partitions(frames.tag, column)",
}


def tag(
    frame: Frame, column: str, *, tagger: Tagger | None = None, layout: Layout = "lists", prefix: str | None = None
) -> Frame:
    """The frame with columns more: the tags of the texts of one of its columns, each taken whole as one sentence.

    Args:
        frame: of pandas, polars (lazy too: it stays so), pyarrow, or another library that narwhals knows. It is left
            as it is; order, index and the other columns stay.
        column: which holds the texts: strings, or a categorical of them; of any type where it has no value.
        tagger: of the default model if not given.
        layout: which columns, in this order.
            `lists`: `labels`, lists of strings, most probable first, and `probabilities`, lists of 32-bit floats, of
            these labels; both are null where the text is.
            `tags`: one a label, named as it is, in the order of the codebook: whether the text has it; null where the
            text is.
            `probabilities`: one a label, `p:` and its name: the probability in 0..1, a 32-bit float, tagged or not;
            null (in pandas: NaN) where the text is.
        prefix: before the names of these columns, for a second tagger's say; `p:` of `probabilities` if not given.

    Raises:
        InputTypeError: `frame` is no frame that narwhals knows or none that holds its rows; the column holds no text;
            `tagger` is no Tagger.
        DataError: there is no such column, or one of the new ones is there already.
        OptionError: there is no such layout.
        TextError: a text is not UTF-8, or holds a lone surrogate.
        MissingExtraError: narwhals or pyarrow is not installed.
    """
    if layout not in get_args(Layout):
        raise OptionError(f"layout {layout!r:.80}: expected {', '.join(get_args(Layout))}")
    known = _known(frame)
    chosen = default.chosen(tagger)
    if prefix is None:
        prefix = "p:" if layout == "probabilities" else ""
    names = ("labels", "probabilities") if layout == "lists" else chosen.labels
    _check(known, column, new=[f"{prefix}{name}" for name in names])

    def columns(texts: Any) -> pa.Table:
        made = _lists(chosen, texts) if layout == "lists" else _wide(chosen, texts, layout)
        return made.rename_columns([f"{prefix}{name}" for name in made.column_names])

    made: Frame = _with(known, column, columns)
    return made


def tag_sentences(frame: Frame, column: str, *, tagger: Tagger | None = None, language: str | None = None) -> Frame:
    """A frame of the same library with a row for each sentence of the texts of a column, in order.

    Args:
        frame: as in `tag`, but not lazy.
        column: which holds the texts; null and white space have no sentence.
        tagger: of the default model if not given.
        language: ISO 639-1 code whose rules split all texts; guessed for each text if not given.

    Returns:
        Columns `row` (of the text, from 0 on, in the order of the frame), `start` and `end` (half-open, in characters
        of the text), `text` (the sentence), `labels` (list, most probable first), `probabilities` (list, of these
        labels) and `in_doubt` (list: the labels, tagged or not, that are close to their threshold).

    Raises:
        InputTypeError, DataError, TextError, MissingExtraError: as `tag` does.
        OptionError: a language without rules.
    """
    known = _known(frame)
    _check(known, column, new=[])
    if not hasattr(known, "get_column"):
        raise InputTypeError(f"{type(frame).__name__}: rows are numbered in a frame that is not lazy; collect it first")
    found = arrow.tag_sentences(default.chosen(tagger), _texts(known, column), language=language)
    made: Frame = native.frame(found, known.implementation)
    return made


def _known(frame: object) -> Any:
    """The frame as narwhals sees it: a DataFrame or a LazyFrame of polars."""
    nw = native.narwhals()
    try:
        known = nw.from_native(frame)
    except TypeError:
        raise InputTypeError(
            f"frame: expected one of pandas, polars, pyarrow or another library that narwhals knows, "
            f"got {type(frame).__module__}.{type(frame).__name__}"
        ) from None
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"frame: {' '.join(str(error).split())}; rename some") from error
    if isinstance(known, nw.LazyFrame) and not known.implementation.is_polars():
        library = str(known.implementation.value)
        raise InputTypeError(
            f"a frame of {library} is a plan that {library} runs; tag it there: {_ELSEWHERE.get(library, 'not here')}"
        )
    return known


def _check(known: Any, column: str, *, new: list[str]) -> None:
    schema = known.collect_schema()
    if column not in schema:
        raise DataError(f"column {column!r:.200} is not in the frame; it has {', '.join(map(repr, schema))}"[:500])
    if not _may_hold_text(known, column) and not _is_void(known, column):
        raise InputTypeError(f"column {column!r}: expected text, got {schema[column]}")
    if there := [name for name in new if name in schema]:
        raise DataError(f"column {there[0]!r} is in the frame already; choose a prefix, or drop it first")


def _may_hold_text(known: Any, column: str) -> bool:
    nw = native.narwhals()
    kind = known.collect_schema()[column]
    return isinstance(kind, nw.String | nw.Categorical | nw.Enum | nw.Object | nw.Unknown)


def _is_void(known: Any, column: str) -> bool:
    """Whether a column is known to hold no value: of a lazy frame that shows only when it is collected.

    It has then whichever type its library makes up, pandas' DataFrame({"text": [None, nan]}) floats; all of it stays
    null.
    """
    if not hasattr(known, "get_column"):
        return False
    return len(known) == 0 or bool(not _may_hold_text(known, column) and known.get_column(column).is_null().all())


def _with(known: Any, column: str, columns: Callable[[Any], pa.Table]) -> Any:
    """The frame as its library's, with what `columns` makes of the texts."""
    nw = native.narwhals()
    if isinstance(known, nw.LazyFrame):
        return _lazily(known, column, columns)
    made = native.frame(columns(_texts(known, column)), known.implementation)
    # pandas too takes these in the order of rows, whatever their index.
    return nw.to_native(known.with_columns(*nw.from_native(made).iter_columns()))


def _lazily(known: Any, column: str, columns: Callable[[Any], pa.Table]) -> Any:
    """A LazyFrame of polars to which each part of its rows adds the columns when it is collected."""
    import polars as pl
    import pyarrow as pa

    nw = native.narwhals()
    plan = nw.to_native(known)
    none = pl.from_arrow(columns(pa.array([], pa.string())))

    def added(part: Any) -> Any:
        return _with(nw.from_native(part), column, columns)

    # Whatever polars pushed below us, a filter of the new columns say, would miss what it needs; rows it may part.
    return plan.map_batches(
        added,
        schema=plan.collect_schema() | none.schema,
        predicate_pushdown=False,
        projection_pushdown=False,
        streamable=True,
    )


def _texts(known: Any, column: str) -> Any:
    """A column as Arrow's strings.

    Raises:
        InputTypeError: it holds something else: a column of Python objects is only then looked at.
        TextError: a text holds a lone surrogate.
    """
    import pyarrow as pa

    if _is_void(known, column):
        return pa.nulls(len(known), pa.string())
    try:
        texts = known.get_column(column).to_arrow()
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise InputTypeError(f"column {column!r}: expected text ({error})") from error
    except UnicodeEncodeError as error:
        raise TextError(f"column {column!r}: a text holds a lone surrogate; drop it, or decode it anew") from error
    return texts


def _lists(tagger: Tagger, texts: Any) -> pa.Table:
    import pyarrow as pa

    return pa.table(dict(zip(("labels", "probabilities"), arrow.parts(arrow.tag(tagger, texts)), strict=True)))


def _wide(tagger: Tagger, texts: Any, layout: Layout) -> pa.Table:
    import pyarrow as pa

    found = arrow.probabilities(tagger, texts)
    null = np.isnan(found[:, 0])
    values = decision.decide(found, tagger.thresholds, tagger.codebook) if layout == "tags" else found
    columns = [pa.array(np.ascontiguousarray(values[:, i]), mask=null) for i in range(len(tagger.labels))]
    return pa.table(columns, names=list(tagger.labels))
