from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g7classify.errors import DataError
from g7classify.explanation import Explanation, LabelExplanation, WordContribution
from g7classify.results import ModelId
from g7classify.tagger import Tagger

WORDS = (WordContribution("La", 0, 2, -0.25), WordContribution("police", 3, 9, 4.5))
AGENCY = LabelExplanation("actor.agency", True, 0.9, 0.4, None, 2.25, -2.0, WORDS)
ACTOR = replace(AGENCY, label="actor", raised_by="actor.agency", logit=2.0, bias=-2.25)
EXPLANATION = Explanation("La police.", (ACTOR, AGENCY), ModelId("m", "1.0.0", ""))


def test_json_round_trip() -> None:
    assert Explanation.from_json(EXPLANATION.to_json()) == EXPLANATION
    assert Explanation.from_dict(EXPLANATION.to_dict()) == EXPLANATION
    assert LabelExplanation.from_json(AGENCY.to_json()) == AGENCY


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=100))
def test_any_explanation_survives_json(text: str, tagger: Tagger) -> None:
    found = tagger.explain(text, labels=["actor", "threat.terrorism"])
    assert Explanation.from_json(found.to_json()) == found


def test_a_dict_is_plain() -> None:
    first = EXPLANATION.to_dict()["labels"][0]
    assert first["words"][1] == {"text": "police", "start": 3, "end": 9, "contribution": 4.5}
    assert {key: value for key, value in first.items() if key != "words"} == {
        "label": "actor",
        "tagged": True,
        "probability": 0.9,
        "threshold": 0.4,
        "raised_by": "actor.agency",
        "logit": 2.0,
        "bias": -2.25,
    }


@pytest.mark.parametrize("value", [WORDS[0], AGENCY, EXPLANATION])
def test_explanations_are_frozen_and_closed(value: WordContribution | LabelExplanation | Explanation) -> None:
    name = value.__match_args__[0]
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, getattr(value, name))
    with pytest.raises(DataError, match="more"):
        type(value).from_dict(value.to_dict() | {"more": 1})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logit": 2.26}, "logit of 'actor.agency': expected 2.25"),
        ({"bias": float("nan")}, "logit of 'actor.agency'"),
        ({"logit": float("inf"), "bias": float("inf")}, "logit of 'actor.agency'"),
        (
            {"words": tuple(replace(word, contribution=1e308) for word in WORDS), "bias": 1e308},
            "logit of 'actor.agency'",
        ),
        ({"words": (replace(WORDS[0], contribution=float("-inf")),), "bias": float("inf")}, "logit of 'actor.agency'"),
        ({"probability": 1.1}, "probability of 'actor.agency': expected 0 to 1"),
        ({"threshold": -0.1}, "threshold of 'actor.agency': expected 0 to 1"),
        ({"words": WORDS[::-1]}, "word 0..2 of 'actor.agency' does not lie in the text, in order"),
        ({"words": (replace(WORDS[0], text="Le"), WORDS[1])}, "word 0..2 of 'actor.agency' does not lie in the text"),
        ({"words": (WORDS[0], replace(WORDS[1], end=10))}, "word 3..10 of 'actor.agency' does not lie in the text"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], message: str) -> None:
    forged = replace(EXPLANATION, labels=(replace(AGENCY, **changes),))
    with pytest.raises(DataError, match=message):
        Explanation.from_dict(forged.to_dict())
