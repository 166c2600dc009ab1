from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from g7classify.deep.model import DeepModel
from g7classify.explanation import LabelExplanation
from g7classify.model import Model
from g7classify.pages.explaining import ABSENT, MOST_WORDS, NO_TABLE, Explainers, weights
from g7classify.report import printable
from g7classify.results import ModelId
from g7classify.tagger import Tagger


@given(
    st.lists(
        st.sampled_from(["police", "ministre", "sanctions", "rien", "\u202e", "\x00", "½", "😀", "警察"]), max_size=12
    )
)
def test_places_are_those_of_the_text_as_it_is_shown(tagger: Tagger, words: list[str]) -> None:
    text = " ".join(words)
    shown = printable(text)
    for label in tagger.explain(text, labels=["actor.agency"]).labels:
        logit, *rest = weights(text, label)
        assert logit == round(100 * label.logit)
        assert len(rest) % 3 == 0
        assert len(rest) <= 3 * MOST_WORDS
        known = {(printable(word.text), round(100 * word.contribution)) for word in label.words}
        for start, length, contribution in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            assert (shown[start : start + length], contribution) in known


def test_the_strongest_word_comes_first(tagger: Tagger) -> None:
    (label,) = tagger.explain("Hier encore la police dormait.", labels=["actor.agency"]).labels
    _, start, length, contribution, *_ = weights("Hier encore la police dormait.", label)
    assert (start, length) == (15, 6)
    assert contribution > 0


def test_who_explains(tagger: Tagger) -> None:
    explainers = Explainers(tagger)
    assert explainers.silent(tagger.id) == ""
    found = explainers.explain("La police.", ["actor.agency", "actor"], tagger.id)
    assert list(found) == ["actor.agency", "actor"]
    assert all(isinstance(label, LabelExplanation) for label in found.values())
    assert explainers.explain("La police.", [], tagger.id) == {}


def test_a_shipped_model_is_loaded_by_its_name() -> None:
    shipped = Tagger.load("g7-seeds")
    explainers = Explainers(None)
    assert explainers.silent(shipped.id) == ""
    assert explainers.explain("La police.", ["actor"], shipped.id)["actor"].label == "actor"


@pytest.mark.parametrize(
    "model",
    [ModelId("nowhere", "0.1.0", ""), ModelId("g7-seeds", "0.3.0", "0" * 64), ModelId("no", "such.safetensors", "")],
)
def test_a_model_that_is_not_at_hand_is_silent(model: ModelId) -> None:
    explainers = Explainers(None)
    assert explainers.silent(model) == ABSENT
    assert explainers.explain("La police.", ["actor"], model) == {}


def test_a_deep_model_has_no_words_to_tell(make_deep: Callable[..., DeepModel], encoders: list[object]) -> None:
    deep = Tagger(make_deep())
    explainers = Explainers(deep)
    assert explainers.silent(deep.id) == NO_TABLE
    assert explainers.explain("La police.", ["actor"], deep.id) == {}
    assert encoders == []


def test_a_model_of_another_file_is_not_taken_for_it(make_model: Callable[..., Model], model_path: Path) -> None:
    assert Explainers(Tagger(make_model(version="0.2.0"))).silent(Tagger.load(model_path).id) == ABSENT


def test_a_document_cannot_make_us_read_a_file(model_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = model_path.with_name("a@b.safetensors")
    at.write_bytes(model_path.read_bytes())
    known = Tagger.load(at).id
    monkeypatch.setattr(Tagger, "load", lambda _: pytest.fail("a file was read"))
    assert Explainers(None).silent(ModelId(str(at.with_name("a")), "b.safetensors", known.sha256)) == ABSENT


def test_scores_that_are_no_sums_over_words_are_not_explained(model: Model) -> None:
    class Half:
        def probabilities(self, texts: Sequence[str], /) -> NDArray[np.float32]:
            return model.probabilities(texts) / 2

    scored = Tagger(model, scorer=Half())
    assert Explainers(scored).silent(scored.id) == NO_TABLE
    assert Explainers(scored).explain("La police.", ["actor"], scored.id) == {}
