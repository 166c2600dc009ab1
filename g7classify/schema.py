"""The JSON Schema of a document, for programs in other languages.

It is what pydantic checks when Document.from_json reads one, plus what the classes check themselves where a schema can
say it: that probabilities lie in 0..1, that offsets are not negative, what a sha256 looks like. That sentences lie in
the text, in order, is for a program to check.
"""

from __future__ import annotations

import re
from inspect import getdoc
from typing import Any, Final

from g7classify import foreign, results
from g7classify.results import Document

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SHARE: Final = {"minimum": 0, "maximum": 1}
_OFFSET: Final = {"minimum": 0}
_RULES: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("Tag", "probability"): _SHARE,
    ("Tag", "threshold"): _SHARE,
    ("Sentence", "start"): _OFFSET,
    ("Sentence", "end"): _OFFSET,
    ("ModelId", "sha256"): {"pattern": "^([0-9a-f]{64})?$"},
}


def document_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what Document.to_json gives and Document.from_json takes."""
    schema = foreign.schema(Document)
    classes = {"Document": schema, **schema["$defs"]}
    for name, own in classes.items():
        # Not what pydantic makes of it, as only its newest releases tell the docstring of a dataclass.
        own["description"], told = _described(getdoc(getattr(results, name)) or "")
        for key, value in own["properties"].items():
            value.pop("title", None)  # the name once more
            value.update({"description": told[key]} if key in told else {})
            value.update(_RULES.get((name, key), {}))
    sentence, source = (classes[name]["properties"] for name in ("Sentence", "Source"))
    sentence["probabilities"]["anyOf"][0]["additionalProperties"].update(_SHARE)
    source["row"]["anyOf"][0].update({"minimum": 1})
    source["pages"]["items"].update(_OFFSET)
    return {"$schema": DIALECT, **schema}


def _described(docstring: str) -> tuple[str, dict[str, str]]:
    """What a class is, and what each of its attributes is."""
    about, _, attributes = docstring.partition("\n\nAttributes:\n")
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", attributes, flags=re.MULTILINE)
    return " ".join(about.split()), {name: " ".join(text.split()) for name, text in entries}
