"""Every shipped model loads, has its sha256, gives its golden tags and meets the floor recorded here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from g7classify import registry
from g7classify.codebook import CODEBOOK
from g7classify.registry import ModelEntry
from g7classify.tagger import Tagger

GOLDEN = Path(__file__).parent / "data" / "golden_tags"
LARGEST_BYTES = 12_000_000


@pytest.fixture(scope="module", params=registry.models(), ids=lambda entry: f"{entry.name}-{entry.version}")
def entry(request: pytest.FixtureRequest) -> ModelEntry:
    return request.param  # type: ignore[no-any-return]


def test_there_are_models() -> None:
    assert registry.find().name == "g7-base"
    assert {found.name for found in registry.models()} >= {"g7-base", "g7-seeds"}


def test_file_is_the_manifests(entry: ModelEntry) -> None:
    model, found = registry.read(f"{entry.name}@{entry.version}")
    path = registry.path(entry)
    assert found.sha256 == entry.sha256 == registry.sha256(path)
    assert entry.bytes == path.stat().st_size <= LARGEST_BYTES
    assert model.codebook.names == CODEBOOK.names
    assert model.info.metrics == entry.metrics
    card = (registry.root() / entry.card).read_text()
    assert entry.sha256 in card
    assert all(digest in card for digest in entry.data_sha256.values())


def test_golden_tags(entry: ModelEntry) -> None:
    golden = json.loads((GOLDEN / f"{entry.name}-{entry.version}.json").read_text())
    assert len(golden) >= 10
    tagger = Tagger.load(f"{entry.name}@{entry.version}")
    for sentence, expected in golden.items():
        row = tagger.predict_proba([sentence])[0]
        found = {label: float(row[CODEBOOK.index(label)]) for label in expected}
        assert found == pytest.approx(expected, abs=1e-3), sentence
        assert [tagger.labels[i] for i in np.argsort(-row, kind="stable")[: len(expected)]] == list(expected)


def test_seed_document_is_tagged_sensibly() -> None:
    text = next((Path(__file__).parents[1] / "seeds" / "documents").glob("*.txt")).read_text()
    document = Tagger.load("g7-base").tag(text)
    assert document.language == "fr"
    expected = {
        "assure la présidence": {"role.presidency", "actor.state"},
        "Les pays membres sont": {"role.membership", "actor.state"},
        "fournisseurs de réseaux sociaux": {"actor.company", "measure.digital", "actor.criminal"},
        "Parmi les autres sujets": {
            "threat.terrorism",
            "threat.drug_trafficking",
            "threat.hybrid",
            "threat.organised_crime",
        },
        "contrôles frontaliers stricts": {"measure.border_control"},
    }
    for words, labels in expected.items():
        (sentence,) = [s for s in document.sentences if words in s.text]
        missing = labels - {tag.label for tag in sentence.tags}
        assert not missing, f"{sentence.text}: {sentence.tags}"
