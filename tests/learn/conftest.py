from __future__ import annotations

import numpy as np
import pytest

from g7classify.codebook import Codebook
from g7classify.learn.dataset import Dataset, Row
from g7classify.learn.fit import Trained, train
from g7classify.learn.recipe import Recipe

TOPICS = {
    "crime.drugs": ["cocaïne", "dealer", "saisie", "drogue", "cannabis", "trafiquants"],
    "crime.fraud": ["escroquerie", "faux", "virement", "fraude", "banque", "détournement"],
    "body.court": ["tribunal", "juge", "audience", "jugement", "cour", "magistrat"],
}
FILLER = [
    "le",
    "la",
    "une",
    "dans",
    "pour",
    "avec",
    "lundi",
    "région",
    "ville",
    "selon",
    "plus",
    "deux",
    "matin",
    "dossier",
    "année",
    "groupe",
]


@pytest.fixture(scope="session")
def book() -> Codebook:
    names = ["crime", "body", *TOPICS]
    labels = [{"name": name, "parent": name.split(".")[0] if "." in name else None} for name in names]
    return Codebook.from_dict({"name": "toy", "version": "1", "labels": labels})


@pytest.fixture(scope="session")
def rows(book: Codebook) -> Dataset:
    """240 made-up sentences in two languages, the topics' words telling the labels, 5 % of the labels wrong."""
    random = np.random.default_rng(7)
    found = []
    for i in range(240):
        labels = [label for label in TOPICS if random.random() < 0.3]
        words = [w for label in labels for w in random.choice(TOPICS[label], 2)] + list(random.choice(FILLER, 6))
        random.shuffle(words)
        if random.random() < 0.05:
            labels = []
        found.append(
            Row(
                f"{' '.join(words)} {i}", tuple(labels), id=f"r{i}", lang="fr" if i % 3 else "it",
                group=f"g{i // 2}", sample="natural" if i % 4 else "targeted",
            )
        )  # fmt: skip
    return Dataset.from_rows(found, codebook=book)


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return Recipe.model_validate({"name": "toy", "spec": {"bits": 12}, "folds": 3, "cost": 10})


@pytest.fixture(scope="session")
def trained(rows: Dataset, recipe: Recipe) -> Trained:
    return train(rows, recipe, n_jobs=1)
