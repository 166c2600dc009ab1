"""The JSON Schema: what jsonschema makes of it is what Document.from_json makes of the same JSON."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import g7classify
from g7classify import Document, Tagger
from g7classify.errors import DataError
from g7classify.results import ModelId, Source
from g7classify.schema import document_schema

ROOT = Path(__file__).parents[1]
COPY = ROOT / "docs" / "document.schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(document_schema())
    return Draft202012Validator(document_schema())


@pytest.fixture(scope="module")
def document(tagger: Tagger) -> Document:
    return tagger.tag("La police est là. 警察がいます。 Rien.", probabilities=True)


def test_the_copy_for_other_languages_is_the_schema() -> None:
    assert json.loads(COPY.read_text(encoding="utf-8")) == document_schema(), f"g7classify schema -o {COPY.name}"


def test_a_real_document_is_valid(validator: Draft202012Validator) -> None:
    (path,) = (ROOT / "seeds" / "documents").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    for document in (
        g7classify.tag(text),
        g7classify.tag(text, probabilities=True),
        replace(g7classify.tag(text), source=Source(str(path), row=3, pages=(0, 9))),
        g7classify.tag(""),
    ):
        validator.validate(json.loads(document.to_json()))


def test_whoever_decided_is_valid(validator: Draft202012Validator, document: Document) -> None:
    by = tuple(replace(s, decided_by=ModelId("g7-deep", "0.1.0", "0" * 64), left=True) for s in document.sentences)
    validator.validate(json.loads(replace(document, sentences=by).to_json()))


def put(*path: str | int) -> Callable[[Any, Any], None]:
    def change(values: Any, value: Any) -> None:
        for key in path[:-1]:
            values = values[key]
        values[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (put("text"), 1),
        (put("more"), "x"),
        (put("sentences", 0, "tags", 0, "probability"), 1.5),
        (put("sentences", 0, "tags", 0, "threshold"), -0.1),
        (put("sentences", 0, "tags", 0, "label"), None),
        (put("sentences", 0, "probabilities", "threat"), 2),
        (put("sentences", 0, "start"), -1),
        (put("sentences", 0, "end"), 3.5),
        (put("model", "sha256"), "0" * 63),
        (put("model"), None),
        (put("source"), {"file": "x", "row": 0}),
        (put("source"), {"file": "x", "pages": [-1]}),
        (put("sentences", 0, "left"), "perhaps"),
    ],
)
def test_what_from_json_refuses_the_schema_refuses(
    validator: Draft202012Validator, document: Document, change: Callable[[Any, Any], None], value: Any
) -> None:
    values = json.loads(document.to_json())
    validator.validate(values)
    changed = copy.deepcopy(values)
    change(changed, value)
    with pytest.raises(DataError):
        Document.from_json(json.dumps(changed))
    assert not validator.is_valid(changed)


def test_every_property_is_described() -> None:
    schema = document_schema()
    for one in (schema, *schema["$defs"].values()):
        for name, about in one["properties"].items():
            assert about["description"], name
        assert "Attributes" not in one["description"]


def test_asking_twice_gives_the_same() -> None:
    first = document_schema()
    first["$defs"].clear()
    assert document_schema()["$defs"]
