"""Arrow columns have the tags that texts have one by one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify import _fallback, arrow, kernel
from g7classify import model as model_module
from g7classify.deep.model import DeepModel
from g7classify.errors import InputTypeError, MissingExtraError, OptionError, TextError
from g7classify.model import Model
from g7classify.tagger import Tagger

WORDS = ("police", "ministre", "sanctions", "terrorisme", "ransomware", "présidence", "警察", "mot", "😀", "M.", "Fin.")
texts = st.lists(st.sampled_from([*WORDS, " ", "\n\n", "。", ". ", "\u200b", "\0"]), max_size=8).map(
    " ".join
) | st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
columns = st.lists(texts | st.none(), max_size=12)
SENTENCES = ["La police. Le ministre!", None, "", "  ", "警察。sanctions", "rien", "terrorisme\n\nransomware 😀. Fin."]
KINDS: dict[str, Callable[[list[str | None]], Any]] = {
    "string": lambda values: pa.array(values, pa.string()),
    "large_string": lambda values: pa.array(values, pa.large_string()),
    "string_view": lambda values: pa.array(values, pa.string_view()),
    "dictionary": lambda values: pa.array(values, pa.string()).dictionary_encode(),
    "sliced": lambda values: pa.array(["police", None, *values, "ministre"], pa.string())[2:-1],
    "chunked": lambda values: pa.chunked_array([values[:2], [], values[2:]], pa.string()),
    "chunked dictionaries": lambda values: pa.chunked_array([values, []], pa.string()).dictionary_encode(),
}


@pytest.fixture(scope="session", params=["kernel", "fallback"])
def either(request: pytest.FixtureRequest, model: Model) -> Tagger:
    """A tagger with the kernel in use, and one with the readable twin."""
    if request.param == "kernel":
        return Tagger(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_module, "kernel", _fallback)
        return Tagger(Model(**{name: getattr(model, name) for name in model.__dataclass_fields__ if name != "_kernel"}))


def expected_tags(tagger: Tagger, values: list[str | None]) -> list[list[tuple[str, Any]] | None]:
    found = [None if value is None else tagger.tag_sentence(value).tags for value in values]
    return [None if tags is None else [(tag.label, np.float32(tag.probability)) for tag in tags] for tags in found]


def told_tags(array: Any) -> list[list[tuple[str, Any]] | None]:
    return [
        None if tags is None else [(tag["label"], np.float32(tag["probability"])) for tag in tags]
        for tags in array.to_pylist()
    ]


def expected_rows(tagger: Tagger, values: list[str | None], **options: Any) -> list[dict[str, Any]]:
    return [
        {
            "row": row,
            "start": sentence.start,
            "end": sentence.end,
            "text": sentence.text,
            "labels": list(sentence.labels),
            "probabilities": [float(np.float32(tag.probability)) for tag in sentence.tags],
            "in_doubt": list(sentence.in_doubt),
        }
        for row, value in enumerate(values)
        for sentence in (() if value is None else tagger.tag(value, **options).sentences)
    ]


@given(columns, st.sampled_from(list(KINDS)))
def test_the_tags_of_a_column_are_those_of_its_texts(either: Tagger, values: list[str | None], kind: str) -> None:
    found = arrow.tag(either, KINDS[kind](values))
    assert found.type == pa.list_(pa.struct({"label": pa.string(), "probability": pa.float32()}))
    found.validate(full=True)
    assert told_tags(found) == expected_tags(either, values)


@given(columns, st.sampled_from(list(KINDS)))
def test_probabilities_and_parts_are_those_of_the_texts(either: Tagger, values: list[str | None], kind: str) -> None:
    found = arrow.probabilities(either, KINDS[kind](values))
    assert found.shape == (len(values), len(either.labels))
    told = [value for value in values if value is not None]
    valid = np.array([value is not None for value in values], dtype=np.bool_)
    assert np.array_equal(found[valid], either.predict_proba(told))
    assert np.isnan(found[~valid]).all()
    tags = arrow.tag(either, KINDS[kind](values))
    for name, part in zip(("label", "probability"), arrow.parts(tags), strict=True):
        part.validate(full=True)
        assert part.to_pylist() == [None if row is None else [tag[name] for tag in row] for row in tags.to_pylist()]


@given(columns, st.sampled_from(list(KINDS)))
def test_the_sentences_of_a_column_are_those_of_its_texts(either: Tagger, values: list[str | None], kind: str) -> None:
    found = arrow.tag_sentences(either, KINDS[kind](values))
    found.validate(full=True)
    assert found.to_pylist() == expected_rows(either, values)


@given(columns, st.sampled_from(list(KINDS)))
def test_texts_can_be_taken_whole(tagger: Tagger, values: list[str | None], kind: str) -> None:
    found = arrow.tag_sentences(tagger, KINDS[kind](values), whole=True).to_pylist()
    told = {row: tagger.tag_sentence(text) for row, text in enumerate(values) if text is not None}
    assert [row["row"] for row in found] == list(told)
    for row in found:
        sentence = told[row["row"]]
        assert (row["start"], row["end"], row["text"]) == (0, len(sentence.text), sentence.text)
        assert (row["labels"], row["in_doubt"]) == (list(sentence.labels), list(sentence.in_doubt))


def test_batches_join(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "BATCH_ROWS", 3)
    monkeypatch.setattr(arrow, "BATCH_BYTES", 40)
    values = SENTENCES * 4
    assert told_tags(arrow.tag(tagger, pa.array(values))) == expected_tags(tagger, values)
    assert arrow.tag_sentences(tagger, pa.array(values)).to_pylist() == expected_rows(tagger, values)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.null()])
def test_a_column_without_texts(tagger: Tagger, kind: Any) -> None:
    for column in (pa.array([], kind), pa.array([None, None], kind), pa.chunked_array([], kind)):
        assert arrow.tag(tagger, column).to_pylist() == [None] * len(column)
        assert arrow.tag_sentences(tagger, column).num_rows == 0
        assert arrow.tag_sentences(tagger, column).schema == arrow.tag_sentences(tagger, pa.array(["police"])).schema


@pytest.mark.parametrize("operating_point", ["recall", "precision"])
def test_the_operating_point_counts(tagger: Tagger, operating_point: Any) -> None:
    other = tagger.at(operating_point)
    assert told_tags(arrow.tag(other, pa.array(SENTENCES))) == expected_tags(other, SENTENCES)
    assert arrow.tag_sentences(other, pa.array(SENTENCES)).to_pylist() == expected_rows(other, SENTENCES)


def test_the_language_counts(tagger: Tagger) -> None:
    values: list[str | None] = ["Art. 5 gilt. Die police kam am 3. Mai."]
    german = arrow.tag_sentences(tagger, pa.array(values), language="de").to_pylist()
    assert german == expected_rows(tagger, values, language="de")
    with pytest.raises(OptionError, match="language 'xx'"):
        arrow.tag_sentences(tagger, pa.array([], pa.string()), language="xx")


def test_other_models_read_strings(
    make_deep: Callable[..., DeepModel], encoders: list[Any], model: Model, tagger: Tagger
) -> None:
    """A deep model, and a tagger whose scorer is not its model."""
    for other in (Tagger(make_deep()), Tagger(model, scorer=make_deep())):
        assert told_tags(arrow.tag(other, pa.array(SENTENCES))) == expected_tags(other, SENTENCES)
        assert arrow.tag_sentences(other, pa.array(SENTENCES)).to_pylist() == expected_rows(other, SENTENCES)
    assert encoders
    assert told_tags(arrow.tag(other, pa.array(["police"]))) != told_tags(arrow.tag(tagger, pa.array(["police"])))


@pytest.mark.parametrize("function", [arrow.tag, arrow.tag_sentences])
def test_what_is_no_text_is_refused(tagger: Tagger, function: Callable[..., Any]) -> None:
    for wrong, message in (
        (["police"], "got list; use pyarrow.array"),
        ("police", "got str"),
        (pa.array([1]), "expected strings, got int64"),
        (pa.array([b"police"]), "expected strings, got binary"),
        (pa.array([1]).dictionary_encode(), "expected strings, got dictionary"),
    ):
        with pytest.raises(InputTypeError, match=message):
            function(tagger, wrong)


@pytest.mark.parametrize("function", [arrow.tag, arrow.tag_sentences])
def test_what_is_not_utf8_is_refused(tagger: Tagger, function: Callable[..., Any]) -> None:
    damaged = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(np.int32([0, 2, 4])), pa.py_buffer(b"ab\xff\xfe")]
    )
    with pytest.raises(TextError, match="from row 3 on"):
        function(tagger, pa.chunked_array([["a", "b", "c"], damaged]))


def test_a_text_that_is_too_long_to_split_is_refused(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "MOST_BYTES", 5)
    with pytest.raises(TextError, match="from row 0 on, one is longer than 5 bytes"):
        arrow.tag_sentences(tagger, pa.array(["short", "longer"]))


def test_pyarrow_is_asked_for_where_it_is_missing(tagger: Tagger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'g7classify\[parquet\]'"):
        arrow.tag(tagger, ["police"])


def test_the_import_does_not_bring_pyarrow() -> None:
    code = "import sys, g7classify.arrow; sys.exit('pyarrow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_kernel_in_use_is_tested_with_its_twin(either: Tagger) -> None:
    assert type(either.model._kernel) in (kernel.Table, _fallback.Table)  # type: ignore[attr-defined]


def test_parts_of_some_rows_are_those_of_all(tagger: Tagger) -> None:
    tags = arrow.tag(tagger, pa.array(["La police arrive.", None, "rien", None, "terrorisme"]))
    for whole, part in zip(arrow.parts(tags), arrow.parts(tags.slice(1, 4)), strict=True):
        part.validate(full=True)
        assert part.to_pylist() == whole.to_pylist()[1:]
