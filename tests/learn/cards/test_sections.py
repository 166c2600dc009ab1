from __future__ import annotations

import json
from typing import Any

import pytest

from g7classify.learn.cards import sections
from g7classify.learn.fit import Trained
from g7classify.model import ModelInfo


def values_of(front: str) -> dict[str, Any]:
    """The values of a front matter, whose lines are each a key and JSON."""
    first, *lines, last = front.splitlines()
    assert (first, last) == ("---", "---")
    return {key: json.loads(value) for key, value in (line.split(": ", 1) for line in lines)}


def test_front_matter_tells_what_is_known() -> None:
    info = ModelInfo("mine", "0.1.0", languages=("fr", "de"))
    found = values_of(sections.front_matter(info, {"macro": 0.5, "micro": None}, rows=1234, licence="mit"))
    assert (found["language"], found["license"], found["library_name"]) == (["fr", "de"], "mit", "g7classify")
    (measured,) = found["model-index"][0]["results"]
    assert measured["metrics"] == [{"type": "f1", "name": "macro", "value": 0.5}]
    assert "1,234" in measured["dataset"]["name"]
    assert "license" not in values_of(sections.front_matter(info, {}, rows=1, licence=None))


def test_no_language_breaks_out_of_the_front_matter() -> None:
    info = ModelInfo("mine", "0.1.0", languages=("fr", "\n---\nx: 1", '"]', ""))
    assert values_of(sections.front_matter(info, {}, rows=1, licence=None))["language"] == ["fr"]


def test_weakest_are_three_of_the_lowest_f1(trained: Trained) -> None:
    known = {one.label: one.f1.value for one in trained.evaluation.labels}
    told = [part.split(" (")[0] for part in sections.weakest(trained.evaluation).split(", ")]
    assert [known[label] for label in told] == sorted(value for value in known.values() if value is not None)[:3]


def test_no_card_is_made_of_what_is_no_model() -> None:
    with pytest.raises(TypeError, match="no card is made of a str"):
        sections.shape("model")  # type: ignore[arg-type]
