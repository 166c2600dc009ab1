"""Codebooks of every kind, through and through: rows, training, file, tags and explanations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from g7classify import CODEBOOK, Codebook, Tagger, modelfile
from g7classify.learn import fit, joining
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.recipe import Recipe

WORDS = {"actor.agency": "police", "threat.terrorism": "attentat", "threat.piracy": "pirates", "sport": "match"}
FILLER = ["le", "la", "une", "dans", "pour", "avec", "lundi", "région", "ville", "selon", "plus", "deux", "matin"]


def taken(*names: str) -> Codebook:
    return Codebook("subset", "1", tuple(label for label in CODEBOOK.labels if label.name in names))


def own(*names: str, name: str = "own") -> Codebook:
    labels = [{"name": n, "parent": n.partition(".")[0] if "." in n else None} for n in names]
    return Codebook.from_dict({"name": name, "version": "1", "labels": labels})


CODEBOOKS = {
    "the project's": CODEBOOK,
    "a subset": taken("actor", "actor.agency", "threat", "threat.terrorism"),
    "an extension": joining.union(CODEBOOK, own("threat", "threat.piracy", "sport")),
    "one's own, flat": own("sport", "piracy"),
    "one's own, two levels": own("threat", "threat.piracy", "sport"),
}


def rows_of(codebook: Codebook, *, seed: int) -> tuple[Dataset, dict[str, str]]:
    """120 sentences in which one word speaks for one label, and these words by label."""
    words = {
        label: word for name, word in WORDS.items() for label in (name, name.split(".")[-1]) if label in codebook.names
    }
    chance = np.random.RandomState(seed)
    rows = []
    for i in range(120):
        labels = [label for label in words if chance.rand() < 0.4]
        text = [words[label] for label in labels] + chance.choice(FILLER, 6).tolist()
        rows.append(Row(f"{' '.join(text)} {i}", tuple(labels), id=f"{i}"))
    return Dataset.from_rows(rows, codebook=codebook), words


@pytest.mark.parametrize("codebook", CODEBOOKS.values(), ids=CODEBOOKS.keys())
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside rows of the project's codebook"])
def test_trained_written_loaded_tagged_explained(codebook: Codebook, beside: bool, tmp_path: Path) -> None:
    dataset, words = rows_of(codebook, seed=0)
    shared = set(codebook.names) & set(CODEBOOK.names)
    others = [rows_of(CODEBOOK, seed=1)[0]] if beside and shared else []
    recipe = Recipe.model_validate({"folds": 2, "spec": {"bits": 12}, "cost": 20})
    trained = fit.train(dataset, recipe, beside=others, n_jobs=1)
    modelfile.write(trained.model, tmp_path / "m.safetensors")
    tagger = Tagger.load(tmp_path / "m.safetensors")
    assert tagger.codebook == codebook
    for label, word in words.items():
        sentence = f"la {word} selon le dossier"
        assert set(tagger.tag_sentence(sentence).labels) == set(codebook.close([label]))
        (explained,) = tagger.explain(sentence, labels=[label]).labels
        assert max(explained.words, key=lambda found: found.contribution).text == word
