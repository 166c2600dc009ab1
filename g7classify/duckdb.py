"""Tags in SQL: functions of a DuckDB connection, which get and give Arrow columns.

::

    import duckdb
    from g7classify.duckdb import register

    connection = duckdb.connect()
    connection.sql("CREATE TABLE news AS SELECT 'La police enquête sur un attentat.' AS text")
    register(connection)
    connection.sql("SELECT text, g7_tags(text) AS tags FROM news")
    connection.sql("SELECT count(*) FROM news WHERE g7_has(text, 'threat')")
    labels = "SELECT unnest(g7_tags(text)) AS label FROM news"
    connection.sql(f"SELECT label, count(*) FROM ({labels}) GROUP BY label")

`g7_tags(text) -> VARCHAR[]`: the labels that a text, taken whole as one sentence, is tagged with, most probable first.
`g7_has(text, label) -> BOOLEAN`: whether it is tagged with one of them; a category counts as any label.
`g7_probability(text, label) -> FLOAT`: the label's probability in 0..1, tagged or not.
All are null where the text is, or the label. A label that is not in the codebook ends the query, with the likeliest.

DuckDB calls them with 2,048 rows at a time. This needs the extra `duckdb`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from g7classify import arrow, decision, default, extras
from g7classify.errors import InputTypeError, OptionError

if TYPE_CHECKING:
    from g7classify.tagger import Tagger


def register(connection: Any, *, tagger: Tagger | None = None, prefix: str = "g7_") -> None:
    """Make `g7_tags`, `g7_has` and `g7_probability` functions of a connection.

    Functions of an earlier call with this prefix are replaced. They belong to the connection, and are not stored.

    Args:
        connection: of duckdb.connect, or duckdb.default_connection().
        tagger: of the default model if not given.
        prefix: what their names start with, so that the functions of two taggers can be told apart.

    Raises:
        InputTypeError: `connection` is none of DuckDB's, or `tagger` no Tagger.
        OptionError: `prefix` is no name in SQL.
        MissingExtraError: duckdb or pyarrow is not installed.
    """
    with extras.needed("duckdb", by="tagging in DuckDB"):
        import duckdb
        import pyarrow  # noqa: F401  # that DuckDB gives and takes
    if not isinstance(connection, duckdb.DuckDBPyConnection):
        raise InputTypeError(
            f"connection: expected one of duckdb.connect(), got {type(connection).__module__}."
            f"{type(connection).__name__}"
        )
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", prefix):
        raise OptionError(f"prefix {prefix!r:.80}: expected ASCII letters, digits and _, as in g7_")
    functions = _Functions(default.chosen(tagger))
    made: list[tuple[str, Callable[..., Any], list[str], str]] = [
        ("tags", functions.tags, ["VARCHAR"], "VARCHAR[]"),
        ("has", functions.has, ["VARCHAR", "VARCHAR"], "BOOLEAN"),
        ("probability", functions.probability, ["VARCHAR", "VARCHAR"], "FLOAT"),
    ]
    for name, function, parameters, kind in made:
        with suppress(duckdb.InvalidInputException):  # there was none
            connection.remove_function(f"{prefix}{name}")
        connection.create_function(f"{prefix}{name}", function, parameters, kind, type="arrow")


class _Functions:
    """What DuckDB calls, with columns of strings without nulls: it keeps these to itself."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def tags(self, texts: Any) -> Any:
        labels, _ = arrow.parts(arrow.tag(self._tagger, texts))
        return labels

    def has(self, texts: Any, labels: Any) -> Any:
        tagger, columns = self._tagger, self._columns(labels)
        tags = decision.decide(arrow.probabilities(tagger, texts), tagger.thresholds, tagger.codebook)
        return arrow.module().array(tags[np.arange(len(columns)), columns])

    def probability(self, texts: Any, labels: Any) -> Any:
        columns = self._columns(labels)
        found = arrow.probabilities(self._tagger, texts)
        return arrow.module().array(found[np.arange(len(columns)), columns])

    def _columns(self, labels: Any) -> NDArray[np.intp]:
        """The column of each label; mostly all are the same one."""
        coded = labels.combine_chunks().dictionary_encode()
        index = self._tagger.codebook.index
        known = np.array([index(label) for label in coded.dictionary.to_pylist()], np.intp)
        columns: NDArray[np.intp] = known[coded.indices.to_numpy()]
        return columns
