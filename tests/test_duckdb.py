"""The functions in SQL say what the tagger says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from g7classify import duckdb as functions
from g7classify.duckdb import register
from g7classify.errors import InputTypeError, MissingExtraError, OptionError
from g7classify.tagger import Tagger

TEXTS = ["La police et le ministre.", None, "", "terrorisme. ransomware", "rien", "警察がいます。", 'it\'s "quoted"']


@pytest.fixture
def connection(tagger: Tagger) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        register(opened, tagger=tagger)
        fill(opened, TEXTS)
        yield opened


def fill(connection: duckdb.DuckDBPyConnection, texts: list[str | None]) -> None:
    rows = pa.table({"n": np.arange(len(texts)), "text": pa.array(texts, pa.string())})
    connection.register("rows", rows)
    connection.execute("CREATE OR REPLACE TABLE t AS SELECT * FROM rows")


def ask(connection: duckdb.DuckDBPyConnection, what: str) -> list[Any]:
    return [value for (value,) in connection.execute(f"SELECT {what} FROM t ORDER BY n").fetchall()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8"), max_size=9), max_size=9))
def test_tags_are_those_of_the_tagger(
    connection: duckdb.DuckDBPyConnection, tagger: Tagger, texts: list[str | None]
) -> None:
    fill(connection, texts)
    found = [None if text is None else tagger.tag_sentence(text) for text in texts]
    assert ask(connection, "g7_tags(text)") == [None if one is None else list(one.labels) for one in found]
    has = [None if one is None else "actor.agency" in one.labels for one in found]
    assert ask(connection, "g7_has(text, 'actor.agency')") == has


def test_probabilities_are_those_of_the_tagger(connection: duckdb.DuckDBPyConnection, tagger: Tagger) -> None:
    column = tagger.labels.index("threat")
    for text, found in zip(TEXTS, ask(connection, "g7_probability(text, 'threat')"), strict=True):
        assert found == (None if text is None else tagger.predict_proba([text])[0, column])


def test_a_category_and_a_label_of_each_row(connection: duckdb.DuckDBPyConnection) -> None:
    assert ask(connection, "g7_has(text, 'threat')") == [False, None, False, True, False, False, False]
    label = "CASE WHEN n < 3 THEN 'actor' WHEN n < 5 THEN 'threat.cybercrime' WHEN n = 5 THEN NULL ELSE 'role' END"
    assert ask(connection, f"g7_has(text, {label})") == [True, None, False, True, False, None, False]
    for row, found in enumerate(ask(connection, f"g7_probability(text, {label})")):
        assert (found is None) == (row in (1, 5))


def test_many_rows_in_several_threads(connection: duckdb.DuckDBPyConnection) -> None:
    fill(connection, ["La police", "mot", "ransomware"] * 50_000)  # more than one row group
    connection.execute("SET threads = 4")
    labels = "SELECT unnest(g7_tags(text)) AS label FROM t"
    counted = connection.execute(f"SELECT label, count(*) FROM ({labels}) GROUP BY label").fetchall()
    assert dict(counted) == dict.fromkeys(("actor", "actor.agency", "threat", "threat.cybercrime"), 50_000)
    where = connection.execute("SELECT count(*), min(text) FROM t WHERE g7_has(text, 'threat')").fetchone()
    assert where == (50_000, "ransomware")


def test_tagged_where_no_column_is(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.sql("SELECT g7_tags('police')").fetchall() == [(["actor", "actor.agency"],)]
    assert connection.sql("SELECT g7_tags(text) FROM t WHERE false").fetchall() == []


def test_a_label_that_is_not_there_ends_the_query(connection: duckdb.DuckDBPyConnection) -> None:
    for function in ("g7_has", "g7_probability"):
        with pytest.raises(duckdb.InvalidInputException, match=r"UnknownLabelError: .*did you mean 'threat'"):
            ask(connection, f"{function}(text, 'thret')")
    with pytest.raises(duckdb.BinderException, match="g7_tags"):
        ask(connection, "g7_tags(n)")


def test_registering_again_replaces(connection: duckdb.DuckDBPyConnection, tagger: Tagger) -> None:
    before = ask(connection, "g7_probability(text, 'actor') > 0.4 AND NOT g7_has(text, 'actor')")
    register(connection, tagger=tagger.at("recall"))
    register(connection, tagger=tagger.at("precision"), prefix="sure_")
    assert ask(connection, "g7_tags(text)") == [
        None if text is None else list(tagger.at("recall").tag_sentence(text).labels) for text in TEXTS
    ]
    assert ask(connection, "sure_tags(text)") == [
        None if text is None else list(tagger.at("precision").tag_sentence(text).labels) for text in TEXTS
    ]
    assert before.count(None) == 1


def test_what_cannot_be_registered_is_said(connection: duckdb.DuckDBPyConnection, tagger: Tagger) -> None:
    with pytest.raises(InputTypeError, match=r"got builtins\.str"):
        register("x.db", tagger=tagger)
    for prefix in ("", "g7-", "1", "a b"):
        with pytest.raises(OptionError, match="expected ASCII letters"):
            register(connection, tagger=tagger, prefix=prefix)


@pytest.mark.parametrize("missing", ["duckdb", "pyarrow"])
def test_what_is_missing_is_asked_for(tagger: Tagger, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=rf"{missing}, which is not installed: .*g7classify\[duckdb\]"):
        register(None, tagger=tagger)


def test_the_import_is_of_our_module_and_brings_no_library() -> None:
    code = "import sys, g7classify.duckdb; sys.exit(len({'duckdb', 'pyarrow'} & {*sys.modules}))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert functions.__name__ == "g7classify.duckdb"
    assert duckdb.__name__ == "duckdb"


def test_the_example_runs(example: Callable[[ModuleType], dict[str, Any]]) -> None:
    connection = example(functions)["connection"]
    (tags,) = connection.execute("SELECT g7_tags(text) FROM news").fetchone()
    assert {"actor.agency", "threat.terrorism"} <= set(tags)


def test_the_name_of_a_model_is_no_tagger() -> None:
    with duckdb.connect() as opened, pytest.raises(InputTypeError, match="expected a Tagger, got str"):
        register(opened, tagger="g7-base")  # type: ignore[arg-type]
