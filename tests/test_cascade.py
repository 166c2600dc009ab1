from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import g7classify
from g7classify import cascade, reading, registry
from g7classify.calibration import calibrate
from g7classify.cascade import SPARE, Cascade, Fusion
from g7classify.codebook import CODEBOOK
from g7classify.deep import model as deep_model
from g7classify.errors import ModelFileError, OptionError, UnknownModelError
from g7classify.model import Model, ModelInfo
from g7classify.tagger import Tagger

K = len(CODEBOOK)
TEXTS = [f"The police of town {i} dismantled ring {i * 7 % 11}." for i in range(300)]


class Deep:
    """Scores that tell which sentences were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.codebook = CODEBOOK

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.full((len(texts), K), 2.0, dtype=np.float32)


def fusion_of(**changes: object) -> Fusion:
    made = Fusion(
        info=ModelInfo("a-cascade", "0.1.0"),
        codebook=CODEBOOK,
        table_sha256="0" * 64,
        deep_sha256="1" * 64,
        weight=0.5,
        slope=np.full(K, 1.5, dtype=np.float32),
        intercept=np.full(K, -1.0, dtype=np.float32),
        importance=np.ones(K, dtype=np.float32),
        budgets=np.array([0, 0.1, 1], dtype=np.float32),
        cutoffs=np.array([9, 3, 0], dtype=np.float32),
        thresholds=np.repeat(np.array([0.3, 0.5, 0.7], dtype=np.float32), 3 * K).reshape(3, 3, K),
        bands=np.full((3, 3), 0.5, dtype=np.float32),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def made_of(model: Model, deep: Deep, *, budget: float, **changes: object) -> Cascade:
    return Cascade(model, deep, fusion_of(**changes), budget)  # type: ignore[arg-type]


def test_a_budget_of_nothing_is_the_table(model: Model) -> None:
    deep = Deep()
    found = made_of(model, deep, budget=0).read(TEXTS)
    assert (found.probabilities == model.probabilities(TEXTS)).all()
    assert not found.escalated.any()
    assert not found.left.any()
    assert deep.asked == []


def test_a_budget_of_all_fuses_every_sentence(model: Model) -> None:
    deep = Deep()
    found = made_of(model, deep, budget=1).read(TEXTS)
    fused = np.float32(2) + np.float32(0.5) * model.scores(TEXTS)
    expected = CODEBOOK.raised(calibrate(fused, np.full(K, 1.5, dtype=np.float32), np.full(K, -1, dtype=np.float32)))
    assert found.probabilities == pytest.approx(expected, abs=1e-6)
    assert found.escalated.all()
    assert deep.asked == TEXTS


def test_those_of_most_gain_are_read_again_and_the_others_keep_the_table_s_probabilities() -> None:
    deep, (model, _) = Deep(), registry.read("g7-base")
    assert isinstance(model, Model)
    gains = cascade.gain(model.probabilities(TEXTS), model.deciding("balanced")[0], np.ones(K, dtype=np.float32))
    cutoff = float(np.sort(gains)[-10])
    found = made_of(model, deep, budget=0.1, cutoffs=np.array([cutoff, cutoff, 0], dtype=np.float32)).read(TEXTS)
    assert (found.escalated == (gains >= np.float32(cutoff))).all()
    assert deep.asked == [text for text, chosen in zip(TEXTS, found.escalated, strict=True) if chosen]
    rest = ~found.escalated
    assert (found.probabilities[rest] == model.probabilities(TEXTS)[rest]).all()


def test_a_sentence_s_gain_does_not_depend_on_its_neighbours() -> None:
    random = np.random.default_rng(0)
    probabilities, thresholds = random.random((500, K), np.float32), random.uniform(0.1, 0.9, K).astype(np.float32)
    importance = random.random(K, np.float32)
    together = cascade.gain(probabilities, thresholds, importance)
    for size in (1, 7, 64):
        parts = [probabilities[at : at + size] for at in range(0, 500, size)]
        assert (np.concatenate([cascade.gain(part, thresholds, importance) for part in parts]) == together).all()
    distance = np.abs(np.log(probabilities / (1 - probabilities)) - np.log(thresholds / (1 - thresholds)))
    assert together == pytest.approx(np.exp(-distance) @ importance, rel=1e-4)


@pytest.mark.parametrize("budget", [0.01, 0.1, 0.5])
def test_an_exhausted_budget_is_said(model: Model, budget: float) -> None:
    found = made_of(model, Deep(), budget=budget, cutoffs=np.zeros(3, dtype=np.float32)).read(TEXTS)
    assert found.escalated.sum() == int(budget * len(TEXTS)) + SPARE
    assert (found.left == ~found.escalated).all()
    assert (found.probabilities[found.left] == model.probabilities(TEXTS)[found.left]).all()


@pytest.mark.parametrize("budget", [0.01, 0.5])
def test_without_a_cap_all_that_reach_the_cutoff_are_escalated(model: Model, budget: float) -> None:
    made = replace(made_of(model, Deep(), budget=budget, cutoffs=np.zeros(3, dtype=np.float32)), capped=False)
    found = made.read(TEXTS)
    assert found.escalated.all()
    assert not found.left.any()


@given(st.floats(0, 1))
def test_an_uncertainty_chooses_as_a_budget_of_the_rest(share: float) -> None:
    assert cascade.asked_for(None, share) == (1 - share, False)
    assert cascade.asked_for(share, None) == (share, True)
    assert cascade.asked_for(None, None) == (0.1, True)
    with pytest.raises(OptionError, match="expected one of them"):
        cascade.asked_for(share, share)


def test_no_sentences_are_no_reading(model: Model) -> None:
    found = made_of(model, Deep(), budget=1).read([])
    assert found.probabilities.shape == (0, K)


@given(st.floats(0, 1))
def test_a_cutoff_falls_as_the_budget_rises(budget: float) -> None:
    fusion = fusion_of()
    assert fusion.cutoff(budget) >= fusion.cutoff(min(1.0, budget + 0.1))


def test_thresholds_lie_between_those_of_the_fitted_budgets(model: Model) -> None:
    thresholds = fusion_of().thresholds.copy()
    thresholds[:, 0], thresholds[:, 1] = 0.2, 0.4
    made = made_of(model, Deep(), budget=0.05, thresholds=thresholds)
    assert made.deciding("balanced")[0] == pytest.approx(np.full(K, 0.3), abs=1e-6)
    assert made.with_budget(0.1).deciding("balanced")[0] == pytest.approx(np.full(K, 0.4), abs=1e-6)


@pytest.mark.parametrize("budget", [-0.1, 1.1, float("nan"), True, "0.1", None])
def test_a_budget_out_of_its_range_is_refused(model: Model, budget: float) -> None:
    with pytest.raises(OptionError, match="budget: expected a share"):
        made_of(model, Deep(), budget=budget)


def test_a_file_reads_back_as_it_was(tmp_path: Path) -> None:
    fusion, path = fusion_of(), tmp_path / "c.safetensors"
    digest = cascade.write(fusion, path)
    found, again = cascade.load(path)
    assert again == digest == registry.sha256(path)
    for name in cascade.TENSORS:
        assert (getattr(found, name) == getattr(fusion, name)).all()
    assert (found.info, found.weight, found.deep_sha256) == (fusion.info, fusion.weight, fusion.deep_sha256)


@pytest.mark.parametrize(
    "changes",
    [
        {"budgets": np.array([0, 0, 1], dtype=np.float32)},
        {"budgets": np.array([0.1, 0.5, 1], dtype=np.float32)},
        {"cutoffs": np.array([0, 1, 2], dtype=np.float32)},
        {"cutoffs": np.array([np.inf, 1, 0], dtype=np.float32)},
        {"importance": np.full(K, -1, dtype=np.float32)},
        {"slope": np.zeros(K, dtype=np.float32)},
        {"thresholds": np.full((3, 3, K), 1.5, dtype=np.float32)},
        {"thresholds": np.repeat(np.array([0.7, 0.5, 0.3], dtype=np.float32), 3 * K).reshape(3, 3, K)},
        {"bands": np.full((3, 3), -1, dtype=np.float32)},
        {"weight": -1.0},
    ],
    ids=str,
)
def test_an_unsound_file_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    cascade.write(fusion_of(**changes), tmp_path / "c.safetensors")
    with pytest.raises(ModelFileError):
        cascade.load(tmp_path / "c.safetensors")


def test_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    cascade.write(fusion_of(), path)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError):
        cascade.load(path)


def test_a_cascade_is_no_model_and_a_model_no_cascade(tmp_path: Path, deep_path: Path) -> None:
    cascade.write(fusion_of(), tmp_path / "c.safetensors")
    with pytest.raises(ModelFileError, match="escalate="):
        reading.load(tmp_path / "c.safetensors")
    with pytest.raises(ModelFileError):
        cascade.load(deep_path)


@pytest.mark.parametrize("budget", [np.float32(0.5), np.float64(1), np.int64(0), 1])
def test_any_number_may_be_a_budget(model: Model, budget: float) -> None:
    assert made_of(model, Deep(), budget=budget).read(TEXTS[:2]).probabilities.shape == (2, K)


def test_a_manifest_names_no_pair_twice() -> None:
    values = json.loads((registry.root() / "manifest.json").read_text(encoding="utf-8"))
    values["cascades"] *= 2
    with pytest.raises(OptionError, match="expected one of any two of the models"):
        registry.Manifest.of(json.dumps(values))
    values["cascades"] = [values["cascades"][0] | {"deep": "g7-deeper@0.1.0"}]
    with pytest.raises(OptionError, match="expected one of any two of the models"):
        registry.Manifest.of(json.dumps(values))


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The shipped deep model runs a fake encoder, of the length of texts; how many texts each call had."""
    calls: list[int] = []

    class Lengths:
        def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
            calls.append(len(texts))
            return np.array([[len(text) % 7] for text in texts], dtype=np.float32) * np.ones(384, dtype=np.float32)

    monkeypatch.setattr(deep_model, "encoder_of", lambda _: Lengths())
    monkeypatch.setattr(deep_model, "check_installed", lambda: None)
    return calls


def test_many_texts_are_tagged_as_one_where_no_budget_left_them_out(shipped: list[int]) -> None:
    tagger = g7classify.load("g7-base", escalate="g7-deep", budget=0.5)
    texts: list[str] = json.loads((Path(__file__).parent / "data/golden_tags/sentences.json").read_text("utf-8")) * 4
    for document, text in zip(tagger.tag_many(texts), texts, strict=True):
        alone = tagger.tag(text)
        for sentence, other in zip(document.sentences, alone.sentences, strict=True):
            assert sentence.left or (sentence.labels, sentence.decided_by) == (other.labels, other.decided_by)
    assert shipped[0] > 32
    assert len(shipped) > 10


@pytest.fixture
def tagger(shipped: list[int]) -> Tagger:  # noqa: ARG001, it fakes the encoder
    """The shipped cascade, its deep model on a fake encoder."""
    return g7classify.load("g7-base", escalate="g7-deep", budget=0.2)


def test_each_sentence_says_who_decided(tagger: Tagger) -> None:
    text = "L'Italie assure la présidence du G7. Bonjour. Europol a démantelé un réseau de passeurs."
    document = tagger.tag(text)
    assert str(document.model) == "g7-cascade@0.1.0"
    assert {str(s.decided_by) for s in document.sentences} <= {"g7-base@0.3.0", "g7-deep@0.1.0"}
    every = g7classify.load("g7-base", escalate="g7-deep", budget=1).tag(text)
    assert {str(s.decided_by) for s in every.sentences} == {"g7-deep@0.1.0"}
    assert not any(sentence.left for sentence in document.sentences)
    assert g7classify.Document.from_json(document.to_json()) == document


def test_nothing_escalated_is_what_the_table_says(shipped: list[int]) -> None:
    texts = ["Europol dismantled a smuggling ring. The minister resigned.", "Nothing."]
    none = g7classify.load("g7-base", escalate="g7-deep", budget=0)
    table = g7classify.load("g7-base")
    assert (none.predict_proba(texts) == table.predict_proba(texts)).all()
    assert shipped == []
    assert [s.labels for d in none.tag_many(texts) for s in d.sentences] == [
        s.labels for d in table.tag_many(texts) for s in d.sentences
    ]


def test_a_pickled_cascade_is_the_same(tagger: Tagger) -> None:
    again = pickle.loads(pickle.dumps(tagger.at("recall")))
    assert (again.id, again.operating_point) == (tagger.id, "recall")
    assert (again.thresholds == tagger.at("recall").thresholds).all()
    unsure = g7classify.load("g7-base", escalate="g7-deep", uncertainty=0.9)
    assert repr(pickle.loads(pickle.dumps(unsure))) == repr(unsure)
    assert ", 0.1 escalated:" in repr(unsure)


def test_a_cascade_that_changed_since_it_was_pickled_is_refused(tagger: Tagger) -> None:
    call, (address,) = tagger.__reduce__()
    with pytest.raises(ModelFileError, match=r"the cascade of g7-base.* has changed since"):
        call(replace(address, sha256="0" * 64))


@pytest.mark.usefixtures("shipped")
def test_what_cannot_be_a_cascade_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownModelError, match=r"There is: g7-base@0.3.0 with g7-deep@0.1.0"):
        g7classify.load("g7-mini", escalate="g7-deep")
    with pytest.raises(UnknownModelError, match="did you mean 'g7-deep'"):
        g7classify.load("g7-base", escalate="g7-depe")
    with pytest.raises(OptionError, match="shipped models"):
        g7classify.load(tmp_path / "m.safetensors", escalate="g7-deep")
    with pytest.raises(OptionError, match="budget"):
        g7classify.load("g7-base", escalate="g7-deep", budget=2)
    for alone in ({"budget": 0.2}, {"uncertainty": 0.5}):
        with pytest.raises(OptionError, match="give escalate='g7-deep' too"):
            g7classify.load("g7-base", **alone)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="uncertainty: expected a share"):
        g7classify.load("g7-base", escalate="g7-deep", uncertainty=-1)
    with pytest.raises(OptionError, match="shipped models"):
        g7classify.load("g7-base", escalate="models/g7-deep-0.1.0.safetensors")
    with pytest.raises(OptionError, match="no table"):
        g7classify.load("g7-base", escalate="g7-deep").explain("Europol.")
