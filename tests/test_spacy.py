"""The component of spaCy pipelines, in real ones."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from g7classify import modelfile, registry
from g7classify import spacy as component
from g7classify.errors import (
    DataError,
    MissingExtraError,
    ModelFileError,
    OptionError,
    UnknownModelError,
    UnreadableFileError,
)
from g7classify.folders import MODELS
from g7classify.model import Model
from g7classify.tagger import Tagger

TEXTS = [
    "La police et le ministre sont là. Il pleut. Un ransomware!",
    "",
    "  ",
    "rien",
    "terrorisme",
    "police ; présidence",
]


def pipeline(model: object = None, *, language: str = "fr", sentencizer: bool = False, **config: Any) -> Language:
    nlp = spacy.blank(language)
    if sentencizer:
        nlp.add_pipe("sentencizer", config={"punct_chars": [";", ".", "!"]})
    nlp.add_pipe("g7classify", config={"model": None if model is None else str(model), **config})
    return nlp


def found(doc: Doc, key: str = "g7") -> list[tuple[str, str, float]]:
    group = doc.spans[key]
    return [(span.text, span.label_, score) for span, score in zip(group, group.attrs["scores"], strict=True)]


def expected(tagger: Tagger, text: str, language: str | None = "fr") -> list[tuple[str, str, float]]:
    sentences = tagger.tag(text, language=language).sentences
    return [(s.text, tag.label, tag.probability) for s in sentences for tag in s.tags]


def test_spans_are_the_tags_of_our_sentences(model_path: Path, tagger: Tagger) -> None:
    nlp = pipeline(model_path)
    for text in TEXTS:
        assert found(nlp(text)) == expected(tagger, text)
    assert len(found(nlp(TEXTS[0]))) == 5


def test_an_attribute_of_any_span(model_path: Path) -> None:
    doc = pipeline(model_path)(TEXTS[0])
    for span in doc.spans["g7"]:
        assert span.label_ in span._.g7
    ministre, rain = doc[4:5], doc[8:10]
    assert (ministre.text, rain.text) == ("ministre", "Il pleut")
    assert set(ministre._.g7) == {"actor", "actor.agency", "actor.official"}
    assert rain._.g7 == {}
    assert set(doc[:]._.g7) == {span.label_ for span in doc.spans["g7"]}
    assert list(doc[:]._.g7.values()) == sorted(doc[:]._.g7.values(), reverse=True)
    assert spacy.blank("fr")("police")[:]._.g7 == {}


def test_sentences_are_spacy_s_where_it_has_some(model_path: Path, tagger: Tagger) -> None:
    doc = pipeline(model_path, sentencizer=True)(TEXTS[-1])
    tags = [tagger.tag_sentence(sentence.text) for sentence in doc.sents]
    assert len(tags) == 2
    assert found(doc) == [(one.text, tag.label, tag.probability) for one in tags for tag in one.tags]
    assert found(pipeline(model_path)(TEXTS[-1])) != found(doc)


def test_ours_are_by_the_rules_of_the_pipeline_s_language(model_path: Path) -> None:
    text = "Art. 5 gilt. Die police kam am 3. Mai."
    assert {text for text, *_ in found(pipeline(model_path, language="de")(text))} == {"Die police kam am 3. Mai."}
    assert found(pipeline(model_path, language="xx")("警察がいます。"))  # no language's: guessed


def test_a_token_across_our_boundary_is_in_both_sentences(model_path: Path) -> None:
    doc = pipeline(model_path, language="xx")("警察。 ransomware。警察")
    assert [token.text for token in doc] == ["警察", "。", "ransomware。警察"]
    assert [text for text, *_ in found(doc)] == ["警察。"] * 2 + ["ransomware。警察"] * 4


def test_pipe_is_the_same_one_by_one_and_in_processes(model_path: Path) -> None:
    nlp = pipeline(model_path)
    alone = [found(nlp(text)) for text in TEXTS * 5]
    assert [found(doc) for doc in nlp.pipe(TEXTS * 5)] == alone
    assert [found(doc) for doc in nlp.pipe(TEXTS * 5, batch_size=4)] == alone
    assert list(nlp.pipe([])) == []


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_pipe_in_several_processes(model_path: Path) -> None:
    nlp = pipeline(model_path)
    docs = list(nlp.pipe(TEXTS * 5, n_process=2, batch_size=4))
    assert [found(doc) for doc in docs] == [found(nlp(text)) for text in TEXTS * 5]
    assert set(docs[0][:1]._.g7) == {"actor", "actor.agency", "actor.official"}


def test_docs_are_kept_with_their_spans(model_path: Path) -> None:
    nlp = pipeline(model_path)
    kept = DocBin(docs=[nlp(text) for text in TEXTS], store_user_data=True).to_bytes()
    for text, doc in zip(TEXTS, DocBin().from_bytes(kept).get_docs(spacy.blank("fr").vocab), strict=True):
        assert found(doc) == found(nlp(text))
        assert doc[:]._.g7 == nlp(text)[:]._.g7


def test_two_models_in_one_pipeline(model_path: Path, tagger: Tagger) -> None:
    nlp = pipeline(model_path)
    config = {"model": str(model_path), "operating_point": "precision", "key": "sure"}
    nlp.add_pipe("g7classify", name="second", config=config)
    doc = nlp(TEXTS[0])
    assert found(doc, "sure") == expected(tagger.at("precision"), TEXTS[0])
    assert found(doc) == expected(tagger, TEXTS[0])
    assert doc[:1]._.sure.items() <= doc[:1]._.g7.items()


def test_a_pipeline_on_disk_names_its_model(model_path: Path, tmp_path: Path) -> None:
    nlp = pipeline(model_path, operating_point="recall", sentencizer=True)
    nlp.to_disk(tmp_path / "nlp")
    (file,) = (tmp_path / "nlp" / "g7classify").iterdir()
    assert file.stat().st_size < 200
    assert nlp.get_pipe("g7classify").tagger.id.sha256 in file.read_text()
    loaded = spacy.load(tmp_path / "nlp")
    assert loaded.get_pipe("g7classify").tagger.operating_point == "recall"
    for text in TEXTS:
        assert found(loaded(text)) == found(nlp(text))


def test_what_a_pipeline_names_is_loaded_or_refused(
    model_path: Path, make_model: Callable[..., Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MODELS, str(tmp_path / "own"))
    with pytest.raises(UnknownModelError, match="mine"):
        pipeline("mine")
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    modelfile.write(make_model(name="mine"), first)
    modelfile.write(make_model(name="mine", seed=1), second)
    registry.add(first)
    nlp = pipeline("mine")
    nlp.to_disk(tmp_path / "nlp")
    assert found(spacy.load(tmp_path / "nlp")("police")) == found(nlp("police"))

    other = pipeline(model_path)  # another model was configured: the one that was saved is taken
    other.get_pipe("g7classify").from_disk(tmp_path / "nlp" / "g7classify")
    assert other.get_pipe("g7classify").tagger.id == nlp.get_pipe("g7classify").tagger.id

    registry.remove("mine")
    with pytest.raises(UnknownModelError, match="mine"):
        pipeline(model_path).get_pipe("g7classify").from_bytes(nlp.get_pipe("g7classify").to_bytes())
    registry.add(second)
    with pytest.raises(ModelFileError, match="the pipeline was saved with the model of sha256"):
        spacy.load(tmp_path / "nlp")


def test_a_damaged_folder_is_refused(model_path: Path, tmp_path: Path) -> None:
    pipe = pipeline(model_path).get_pipe("g7classify")
    with pytest.raises(UnreadableFileError, match=r"model\.json"):
        pipe.from_disk(tmp_path)
    for content in (b"", b"{}", b'{"name":"x","version":"1.0.0","sha256":"short"}'):
        with pytest.raises(DataError):
            pipe.from_bytes(content)


def test_bytes_and_pickles_hold_no_model(model_path: Path) -> None:
    nlp = pipeline(model_path)
    same = pipeline(model_path).from_bytes(nlp.to_bytes())
    assert found(same(TEXTS[0])) == found(nlp(TEXTS[0]))
    pipe = nlp.get_pipe("g7classify")
    assert len(pickle.dumps(pipe)) < 1000
    assert found(pickle.loads(pickle.dumps(pipe))(nlp.make_doc(TEXTS[0]))) == found(nlp(TEXTS[0]))


def test_wrong_configurations_are_refused(model_path: Path) -> None:
    with pytest.raises(OptionError, match="operating point"):
        pipeline(model_path, operating_point="best")
    with pytest.raises(ValueError, match=r"g7classify -> operating\s|unexpected argument: 'operating'"):
        pipeline(model_path, operating="best")


def test_the_name_is_known_without_an_import() -> None:
    (point,) = entry_points(group="spacy_factories", name="g7classify")
    assert point.load() is component.make
    code = "import spacy; nlp = spacy.blank('fr'); nlp.add_pipe('g7classify'); assert nlp('La police.').spans['g7']"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_spacy_is_asked_for() -> None:
    code = (
        "import sys; sys.modules['spacy'] = None\ntry: import g7classify.spacy\nexcept Exception as e: print(repr(e))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert MissingExtraError.__name__ in done.stdout
    assert "g7classify[spacy]" in done.stdout


def test_the_example_runs(example: Callable[[ModuleType], dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    doc = example(component)["doc"]
    assert "actor.agency" in doc[:1]._.g7
    assert capsys.readouterr().out.startswith("La police enquête. actor")
