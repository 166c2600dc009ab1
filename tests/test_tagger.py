from __future__ import annotations

import copy
import itertools
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from g7classify import decision, modelfile, registry
from g7classify.codebook import CODEBOOK
from g7classify.decision import OperatingPoint
from g7classify.deep.model import DeepModel
from g7classify.default import load
from g7classify.errors import (
    InputTypeError,
    ModelFileError,
    OptionError,
    TextError,
    UnknownLabelError,
    UnknownModelError,
    UnreadableFileError,
)
from g7classify.model import Model
from g7classify.opening import Address
from g7classify.results import Document
from g7classify.tagger import BATCH_CHARACTERS, Tagger

FRENCH = "La police a saisi des armes. Le ministre de la ville est venu. Il fait beau."
TEXTS = [FRENCH, "", "The ransomware gang fled. No police came.", " \n\t", "警察が動いた。雨が降る。", "sanctions"] * 5
anything = st.text(alphabet=st.characters(codec="utf-8"), max_size=120)


class Counting:
    """A scorer that notes the size of each call."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.calls: list[int] = []

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(len(texts))
        return self.model.probabilities(texts)


class TestTag:
    def test_tags_each_sentence(self, tagger: Tagger) -> None:
        document = tagger.tag(FRENCH)
        assert [s.text for s in document.sentences] == [
            "La police a saisi des armes.",
            "Le ministre de la ville est venu.",
            "Il fait beau.",
        ]
        assert [set(s.labels) for s in document.sentences] == [
            {"actor", "actor.agency"},
            {"actor", "actor.official"},
            set(),
        ]
        assert document.language == "fr"
        assert document.model == tagger.id
        assert document.labels == ("actor", "actor.agency", "actor.official")

    def test_a_tag_tells_category_probability_and_threshold(self, tagger: Tagger) -> None:
        tags = {tag.label: tag for tag in tagger.tag_sentence("La police est là.").tags}
        assert tags["actor.agency"].category == "actor"
        assert tags["actor"].category == "actor"
        probabilities = tagger.predict_proba(["La police est là."])[0]
        expected = float(probabilities[CODEBOOK.index("actor.agency")])
        assert tags["actor.agency"].probability == pytest.approx(expected, abs=1e-6)
        assert tags["actor.agency"].threshold == 0.5

    @given(text=anything)
    def test_spans_lie_in_the_text(self, tagger: Tagger, text: str) -> None:
        document = tagger.tag(text)
        assert document.text == text
        for sentence in document.sentences:
            assert text[sentence.start : sentence.end] == sentence.text

    @given(
        texts=st.lists(
            st.sampled_from(["police", "ministre", "sanctions", "et", "terrorisme", "la", "警察"]), max_size=9
        )
    )
    def test_agrees_with_predict_and_sorts_by_probability(self, tagger: Tagger, texts: list[str]) -> None:
        sentence = tagger.tag_sentence(" ".join(texts), probabilities=True)
        row = tagger.predict([sentence.text])[0]
        assert {tag.label for tag in sentence.tags} == {tagger.labels[i] for i in np.flatnonzero(row)}
        order = [(-tag.probability, CODEBOOK.index(tag.label)) for tag in sentence.tags]
        assert order == sorted(order)
        assert sentence.probabilities is not None
        assert list(sentence.probabilities) == list(tagger.labels)
        for tag in sentence.tags:
            assert sentence.probabilities[tag.label] == tag.probability

    def test_doubt(self, model: Model) -> None:
        names = CODEBOOK.names

        class Fixed:
            def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
                row = np.full(len(names), 0.01, dtype=np.float32)
                row[[names.index("actor.state"), names.index("actor")]] = 0.99, 0.99
                row[names.index("measure")] = 0.55
                row[names.index("threat")] = 0.45
                return np.tile(row, (len(texts), 1))

        sentence = Tagger(model, scorer=Fixed()).tag_sentence("x")
        assert sentence.labels == ("actor", "actor.state", "measure")
        assert sentence.in_doubt == ("measure", "threat")

    @pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u3000\u00a0"])
    def test_nothing_but_white_space_has_no_sentences(self, tagger: Tagger, text: str) -> None:
        document = tagger.tag(text)
        assert document.sentences == ()
        assert document.text == text

    def test_controls_separate_words_and_harm_nothing(self, tagger: Tagger) -> None:
        assert tagger.tag("\0\x1f\n").labels == ()
        assert "actor.agency" in tagger.tag("La\0police\x07est là.").labels

    def test_probabilities_only_on_request(self, tagger: Tagger) -> None:
        assert tagger.tag(FRENCH).sentences[0].probabilities is None
        told = tagger.tag(FRENCH, probabilities=True).sentences[0].probabilities
        assert told is not None
        assert list(told) == list(tagger.labels)

    def test_the_language_may_be_given(self, tagger: Tagger) -> None:
        assert tagger.tag("Ça va. Bien.", language="de").language == "de"
        for language in ("xx", "", "FR"):
            with pytest.raises(OptionError):
                tagger.tag("Ça va.", language=language)

    def test_five_megabytes_without_a_stop_are_one_sentence(self, tagger: Tagger) -> None:
        text = "la police " * 500_000
        (sentence,) = tagger.tag(text, language="fr").sentences
        assert (sentence.start, sentence.end) == (0, len(text) - 1)
        assert "actor.agency" in sentence.labels


class TestTagSentence:
    def test_takes_the_text_whole(self, tagger: Tagger) -> None:
        sentence = tagger.tag_sentence(f"  {FRENCH}\n")
        assert (sentence.start, sentence.end, sentence.text) == (0, len(FRENCH) + 3, f"  {FRENCH}\n")
        assert {"actor.agency", "actor.official"} <= set(sentence.labels)

    def test_nothing_is_a_sentence_too(self, tagger: Tagger) -> None:
        assert tagger.tag_sentence("").end == 0


class TestTagMany:
    @pytest.mark.parametrize("n_jobs", [1, 2, 4])
    @pytest.mark.parametrize("batch_size", [1, 2, 7, 1000])
    def test_gives_what_tag_gives(self, tagger: Tagger, n_jobs: int, batch_size: int) -> None:
        found = list(tagger.tag_many(iter(TEXTS), batch_size=batch_size, n_jobs=n_jobs, probabilities=True))
        assert found == [tagger.tag(text, probabilities=True) for text in TEXTS]

    @settings(max_examples=30)
    @given(texts=st.lists(anything, max_size=12), batch_size=st.integers(1, 9))
    def test_whatever_the_texts(self, tagger: Tagger, texts: list[str], batch_size: int) -> None:
        assert list(tagger.tag_many(texts, batch_size=batch_size)) == [tagger.tag(text) for text in texts]

    @pytest.mark.parametrize("n_jobs", [1, 2, 3])
    @pytest.mark.parametrize("text", [FRENCH, "", "Un mot."])
    def test_reads_an_endless_stream_only_a_few_batches_ahead(self, tagger: Tagger, n_jobs: int, text: str) -> None:
        read = 0

        def endless() -> Iterator[str]:
            nonlocal read
            for _ in itertools.count():
                read += 1
                yield text

        documents = tagger.tag_many(endless(), batch_size=6, n_jobs=n_jobs)
        assert read == 0
        for done in range(1, 50):
            assert next(documents).text == text
            assert read - done <= 6 * (n_jobs + 1)

    def test_long_texts_make_smaller_batches(self, model: Model) -> None:
        scorer = Counting(model)
        texts = ["mot " * (BATCH_CHARACTERS // 8)] * 6
        list(Tagger(model, scorer=scorer).tag_many(texts, batch_size=1000))
        assert len(scorer.calls) == 3

    def test_scores_the_sentences_of_several_texts_at_once(self, model: Model) -> None:
        scorer = Counting(model)
        list(Tagger(model, scorer=scorer).tag_many([FRENCH] * 8, batch_size=4))
        assert scorer.calls == [12, 12]

    @pytest.mark.parametrize("n_jobs", [1, 3])
    @pytest.mark.parametrize("at", [0, 1, 5, 11])
    @pytest.mark.parametrize(
        ("bad", "error"), [("a\ud800", TextError), (b"bytes", InputTypeError), (None, InputTypeError)]
    )
    def test_a_bad_text_raises_in_its_turn_and_is_named(
        self, tagger: Tagger, n_jobs: int, at: int, bad: Any, error: type[Exception]
    ) -> None:
        texts: list[Any] = ["Un mot."] * 12
        texts[at] = bad
        found: list[Document] = []
        with pytest.raises(error, match=rf"texts\[{at}\]"):
            found.extend(tagger.tag_many(texts, batch_size=4, n_jobs=n_jobs))
        assert len(found) == at

    def test_an_error_of_the_texts_comes_after_what_they_gave(self, tagger: Tagger) -> None:
        def failing() -> Iterator[str]:
            yield from ["Un.", "Deux."]
            raise ConnectionError("gone")

        found: list[Document] = []
        with pytest.raises(ConnectionError, match="gone"):
            found.extend(tagger.tag_many(failing()))
        assert len(found) == 2

    @pytest.mark.parametrize("texts", ["one text", b"bytes", 1, None])
    def test_refuses_what_is_no_iterable_of_texts(self, tagger: Tagger, texts: Any) -> None:
        with pytest.raises(InputTypeError, match="texts"):
            tagger.tag_many(texts)

    @pytest.mark.parametrize("option", ["batch_size", "n_jobs"])
    @pytest.mark.parametrize("value", [0, -1, 1.5, "2", None, True])
    def test_refuses_options_at_once(self, tagger: Tagger, option: str, value: Any) -> None:
        with pytest.raises(OptionError, match=option):
            tagger.tag_many([], **{option: value})

    def test_refuses_a_language_at_once(self, tagger: Tagger) -> None:
        with pytest.raises(OptionError, match="xx"):
            tagger.tag_many([], language="xx")

    def test_can_be_left_early(self, tagger: Tagger) -> None:
        threads = threading.active_count()
        documents = tagger.tag_many(itertools.repeat("Un mot."), n_jobs=2, batch_size=2)
        next(documents)
        documents.close()  # type: ignore[attr-defined]
        assert threading.active_count() == threads


class TestExplain:
    def test_explains_the_tags_of_the_sentence(self, tagger: Tagger) -> None:
        sentence = tagger.tag_sentence(FRENCH)
        found = tagger.explain(FRENCH)
        assert (found.text, found.model) == (FRENCH, tagger.id)
        assert [(x.label, x.probability, x.threshold) for x in found.labels] == [
            (tag.label, tag.probability, tag.threshold) for tag in sentence.tags
        ]
        assert all(label.tagged for label in found.labels)
        for label in found.labels:
            assert [FRENCH[word.start : word.end] for word in label.words] == [word.text for word in label.words]

    def test_explains_the_labels_asked_for_once_and_in_that_order(self, tagger: Tagger) -> None:
        found = tagger.explain(FRENCH, labels=iter(["threat", "actor.agency", "threat"]))
        assert [(label.label, label.tagged) for label in found.labels] == [("threat", False), ("actor.agency", True)]

    def test_explains_the_tags_of_the_operating_point(self, tagger: Tagger) -> None:
        for point in ("recall", "balanced", "precision"):
            found = tagger.at(point).explain(FRENCH, labels=["actor.agency"]).labels[0]
            column = tagger.codebook.index("actor.agency")
            assert found.threshold == pytest.approx(tagger.at(point).thresholds[column])
            assert found.tagged == (found.probability >= found.threshold)

    def test_a_sentence_without_tags_or_words(self, tagger: Tagger) -> None:
        assert tagger.explain("Il fait beau.").labels == ()
        (label,) = tagger.explain(" …", labels=["threat"]).labels
        assert (label.words, label.logit) == ((), label.bias)

    def test_refuses_labels_outside_the_codebook(self, tagger: Tagger) -> None:
        with pytest.raises(UnknownLabelError, match=r"did you mean 'threat\.terrorism'"):
            tagger.explain(FRENCH, labels=["threat.terorism"])

    @pytest.mark.parametrize("labels", ["threat", b"threat", [1]])
    def test_refuses_what_is_no_several_labels(self, tagger: Tagger, labels: Any) -> None:
        with pytest.raises(InputTypeError):
            tagger.explain(FRENCH, labels=labels)

    def test_refuses_to_explain_a_scorer_that_it_does_not_know(self, model: Model) -> None:
        with pytest.raises(OptionError, match="Counting"):
            Tagger(model, scorer=Counting(model)).explain(FRENCH)


class TestPredict:
    def test_shapes_and_types(self, tagger: Tagger) -> None:
        k = len(tagger.labels)
        for n in (0, 1, 5):
            probabilities, tags = tagger.predict_proba(["La police."] * n), tagger.predict(["La police."] * n)
            assert probabilities.shape == tags.shape == (n, k)
            assert probabilities.dtype == np.float32
            assert tags.dtype == np.bool_

    def test_predict_is_decide(self, tagger: Tagger) -> None:
        probabilities = tagger.predict_proba(TEXTS)
        expected = decision.decide(probabilities, tagger.thresholds, CODEBOOK)
        assert np.array_equal(tagger.predict(TEXTS), expected)

    def test_tuples_and_arrays_will_do(self, tagger: Tagger) -> None:
        expected = tagger.predict_proba(TEXTS)
        assert np.array_equal(tagger.predict_proba(tuple(TEXTS)), expected)
        assert np.array_equal(tagger.predict_proba(np.array(TEXTS, dtype=object)), expected)  # type: ignore[arg-type]
        assert np.array_equal(tagger.predict_proba(text for text in TEXTS), expected)  # type: ignore[arg-type]

    @pytest.mark.parametrize("sentences", ["one", b"one", 1, None, [b"bytes"], ["ok", 2], [["nested"]]])
    def test_refuses_what_is_no_sequence_of_str(self, tagger: Tagger, sentences: Any) -> None:
        for function in (tagger.predict_proba, tagger.predict):
            with pytest.raises(InputTypeError):
                function(sentences)


@pytest.mark.parametrize("text", [b"bytes", bytearray(b"x"), None, 1, ["a"]])
def test_a_text_is_a_str(tagger: Tagger, text: Any) -> None:
    for function in (tagger.tag, tagger.tag_sentence, tagger.explain, partial(tagger.explain, labels=["threat"])):
        with pytest.raises(InputTypeError, match="expected str"):
            function(text)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ude00\ud83d"])
def test_a_text_has_no_lone_surrogate(tagger: Tagger, text: str) -> None:
    explain = partial(tagger.explain, labels=["threat"])
    for function in (tagger.tag, tagger.tag_sentence, tagger.explain, explain, lambda t: tagger.predict([t])):
        with pytest.raises(TextError, match="surrogate"):
            function(text)


def test_what_a_tagger_tells_of_itself(tagger: Tagger, model: Model) -> None:
    assert tagger.labels == CODEBOOK.names
    assert tagger.codebook is model.codebook
    assert tagger.info is model.info
    assert tagger.operating_point == "balanced"
    assert tagger.band == 1.0
    assert (tagger.thresholds == 0.5).all()
    tagger.thresholds[:] = 0
    assert (model.thresholds[1] == 0.5).all()
    assert repr(tagger) == "<Tagger hand-made@0.1.0, balanced: 38 labels, fr, en, ja>"


class TestOperatingPoints:
    # Of a category and a sub-type, between the thresholds .2, .5, .8 and beyond them.
    ROWS = (0.1, 0.3, 0.6, 0.9)

    @pytest.fixture
    def graded(self, model: Model) -> Tagger:
        """Sentences `0` to `3` have the probabilities of ROWS."""

        class Fixed:
            def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
                rows = np.full((len(texts), len(CODEBOOK)), 0.01, dtype=np.float32)
                for column in (CODEBOOK.index("threat"), CODEBOOK.index("threat.hybrid")):
                    rows[:, column] = [TestOperatingPoints.ROWS[int(text)] for text in texts]
                return rows

        return Tagger(model, scorer=Fixed())

    @pytest.mark.parametrize(
        ("point", "first", "threshold"), [("recall", 1, 0.2), ("balanced", 2, 0.5), ("precision", 3, 0.8)]
    )
    def test_every_way_to_tag_keeps_to_it(
        self, graded: Tagger, point: OperatingPoint, first: int, threshold: float
    ) -> None:
        tagger = graded.at(point)
        texts = ["0", "1", "2", "3"]
        expected = [i >= first for i in range(4)]
        assert tagger.operating_point == point
        assert tagger.thresholds == pytest.approx(np.full(len(CODEBOOK), threshold))
        assert np.array_equal(tagger.predict_proba(texts), graded.predict_proba(texts))
        assert tagger.predict(texts)[:, CODEBOOK.index("threat.hybrid")].tolist() == expected
        for tags in (
            [tagger.tag_sentence(text).tags for text in texts],
            [tagger.tag(text).sentences[0].tags for text in texts],
            [document.sentences[0].tags for document in tagger.tag_many(texts, n_jobs=2, batch_size=2)],
        ):
            assert [bool(found) for found in tags] == expected
            assert {tag.threshold for found in tags for tag in found} == {threshold}

    def test_doubt_is_about_its_own_thresholds_and_band(self, graded: Tagger, model: Model) -> None:
        for point, doubtful in (("recall", ["0", "1"]), ("balanced", ["1", "2"]), ("precision", ["2", "3"])):
            tagger = graded.at(point)  # type: ignore[arg-type]
            assert [text for text in "0123" if tagger.tag_sentence(text).in_doubt] == doubtful
        assert [graded.at(point).band for point in decision.OPERATING_POINTS] == list(model.bands)

    def test_shares_the_model_and_the_scorer(self, graded: Tagger, tagger: Tagger) -> None:
        assert graded.at("recall").at("balanced").tag("2") == graded.tag("2")
        assert graded.at("balanced") is graded
        assert tagger.at("precision").info is tagger.info
        assert tagger.at("precision").codebook is tagger.codebook
        assert tagger.at("precision").id == tagger.id

    def test_survives_pickling(self, graded: Tagger, model_path: Path) -> None:
        loaded = load(model_path, operating_point="precision")
        assert loaded.operating_point == "precision"
        again = pickle.loads(pickle.dumps(loaded))
        assert again.operating_point == "precision"
        assert again.tag(FRENCH) == loaded.tag(FRENCH)
        assert pickle.loads(pickle.dumps(load(model_path))).operating_point == "balanced"
        assert pickle.loads(pickle.dumps(Tagger(graded._model).at("recall"))).operating_point == "recall"

    @pytest.mark.parametrize("name", ["Precision", "", "f1", None, 1, ["recall"], "x" * 10_000])
    def test_an_unknown_one_is_refused(self, tagger: Tagger, name: Any) -> None:
        for refuse in (
            tagger.at,
            lambda n: load("no-such-file.safetensors", operating_point=n),
            lambda n: Tagger(tagger._model, operating_point=n),
        ):
            with pytest.raises(OptionError, match="expected one of recall, balanced, precision") as caught:
                refuse(name)
            assert len(str(caught.value)) < 300


def test_load_from_a_path(tagger: Tagger, model_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model_path.parent)
    for path in (model_path, str(model_path), model_path.name):
        loaded = load(path)
        assert loaded.tag(FRENCH).sentences == tagger.tag(FRENCH).sentences
        assert len(loaded.id.sha256) == 64


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("no-such-model", UnknownModelError),
        ("no-such-file.safetensors", UnreadableFileError),
        (Path("no-such-file"), UnreadableFileError),
        (Path(), UnreadableFileError),
        ("nul\0byte.safetensors", UnreadableFileError),
        (b"bytes.safetensors", InputTypeError),
        (1, InputTypeError),
    ],
)
def test_load_refuses(name: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        load(name)


class TestCopies:
    def test_a_copy_is_the_tagger_itself(self, tagger: Tagger) -> None:
        assert copy.copy(tagger) is tagger
        assert copy.deepcopy({"t": tagger})["t"] is tagger

    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_a_tagger_made_from_a_model_is_pickled_whole(self, tagger: Tagger, protocol: int) -> None:
        again = pickle.loads(pickle.dumps(tagger, protocol=protocol))
        assert again.id == tagger.id
        assert again.tag(FRENCH) == tagger.tag(FRENCH)

    def test_its_scorer_too(self, model: Model) -> None:
        again = pickle.loads(pickle.dumps(Tagger(model, scorer=Counting(model))))
        assert again.tag(FRENCH).labels == Tagger(model).tag(FRENCH).labels

    def test_a_loaded_tagger_is_pickled_by_name_and_read_once(self, model_path: Path) -> None:
        tagger = load(model_path)
        pickled = pickle.dumps(tagger)
        assert len(pickled) < 1000
        first, second = pickle.loads(pickled), pickle.loads(pickled)
        assert first is second
        assert first.id == tagger.id
        assert first.tag(FRENCH) == tagger.tag(FRENCH)

    def test_a_shipped_one_is_pickled_as_its_name_and_sha256(self) -> None:
        tagger = load("g7-mini", operating_point="recall")
        pickled = pickle.dumps(tagger)
        assert len(pickled) < 500
        assert tagger.id.sha256.encode() in pickled
        assert str(registry.root()).encode() not in pickled
        assert tagger.address == Address("g7-mini@0.1.0", tagger.id.sha256)
        again = pickle.loads(pickled)
        assert (again.id, again.operating_point, again.address) == (tagger.id, "recall", tagger.address)
        assert again.model is pickle.loads(pickle.dumps(tagger.at("precision"))).model

    def test_another_shipped_model_of_that_name_is_refused(self) -> None:
        call, (address,) = load("g7-mini").__reduce__()
        with pytest.raises(ModelFileError, match=r"g7-mini@0\.1\.0 has changed .* expected the sha256 0000"):
            call(replace(address, sha256="0" * 64))
        with pytest.raises(UnknownModelError, match=r"no model is called 'g7-mini@9\.9\.9'"):
            call(replace(address, model="g7-mini@9.9.9"))

    def test_addresses_of_files_are_absolute(self, tagger: Tagger, model_path: Path, monkeypatch: Any) -> None:
        monkeypatch.chdir(model_path.parent)
        address = load(model_path.name).address
        assert address == Address(str(model_path), load(model_path).id.sha256)
        assert address.is_path
        assert load("g7-mini").address == replace(address, model="g7-mini@0.1.0", sha256=load("g7-mini").id.sha256)
        assert tagger.address is None

    def test_a_file_that_changed_meanwhile_is_refused(self, make_model: Callable[..., Model], tmp_path: Path) -> None:
        path = tmp_path / "model.safetensors"
        modelfile.write(make_model(bits=8), path)
        pickled = pickle.dumps(load(path))
        modelfile.write(make_model(bits=8, seed=1), path)
        with pytest.raises(ModelFileError, match="changed"):
            pickle.loads(pickled)


class TestDeep:
    """A deep model answers through the same tagger."""

    @pytest.fixture
    def deep(self, deep_path: Path, encoders: list[Any]) -> Tagger:
        assert encoders == []
        return load(deep_path)

    def test_tags_as_a_table_does(self, deep: Tagger, tagger: Tagger) -> None:
        assert [s.labels for s in deep.tag(FRENCH).sentences] == [s.labels for s in tagger.tag(FRENCH).sentences]
        assert list(deep.tag_many(TEXTS, n_jobs=2, batch_size=4)) == [deep.tag(text) for text in TEXTS]
        assert deep.predict_proba(TEXTS).shape == (len(TEXTS), len(CODEBOOK))
        assert deep.tag(FRENCH).model == deep.id
        assert deep.tag("").sentences == ()

    def test_tells_of_itself(self, deep: Tagger) -> None:
        assert repr(deep) == "<Tagger hand-made-deep@0.1.0, balanced: 38 labels, fr, en, ja>"
        assert (deep.info.metrics, deep.band, len(deep.id.sha256)) == ({"macro_f1": 0.75}, 1.0, 64)

    def test_operating_points_and_copies_share_one_encoder(self, deep: Tagger, encoders: list[Any]) -> None:
        for other in (deep, deep.at("recall"), deep.at("precision"), copy.copy(deep), copy.deepcopy(deep)):
            assert other.tag(FRENCH).sentences
        assert (deep.at("recall").thresholds == np.float32(0.2)).all()
        assert len(encoders) == 1

    def test_is_pickled_by_its_path_or_whole(self, deep: Tagger, make_deep: Callable[..., DeepModel]) -> None:
        for point in decision.OPERATING_POINTS:
            pickled = pickle.dumps(deep.at(point))
            assert len(pickled) < 1000
            assert pickle.loads(pickled).tag(FRENCH) == deep.at(point).tag(FRENCH)
        whole = Tagger(make_deep(), sha256=deep.id.sha256)
        assert pickle.loads(pickle.dumps(whole)).tag(FRENCH) == deep.tag(FRENCH)

    def test_refuses_to_explain(self, deep: Tagger) -> None:
        with pytest.raises(OptionError, match=r"hand-made-deep@0\.1\.0 is no table"):
            deep.explain(FRENCH)

    @pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
    def test_refuses_what_a_table_refuses(self, deep: Tagger, text: str) -> None:
        for function in (deep.tag, deep.tag_sentence, lambda t: deep.predict([t])):
            with pytest.raises(TextError, match="surrogate"):
                function(text)


def test_threads_may_share_a_tagger(tagger: Tagger) -> None:
    expected = [tagger.tag(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            assert list(pool.map(tagger.tag, TEXTS)) == expected
