from __future__ import annotations

import numpy as np

from g7classify.deep.base import Weights
from g7classify.deep.embedding import Embedding


def test_sums_words_and_places_and_normalises(tiny: Weights) -> None:
    numbers, places = np.array([7, 9, 7]), np.array([0, 1, 2])
    x = tiny.words(numbers).astype(np.float64) + tiny.positions()[places]
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    weight, bias = tiny.embedded_norm()
    np.testing.assert_allclose(Embedding(tiny)(numbers, places), x * weight + bias, rtol=1e-5, atol=1e-5)


def test_a_token_does_not_depend_on_the_others(tiny: Weights) -> None:
    embedding = Embedding(tiny)
    together = embedding(np.array([7, 9, 11]), np.array([4, 0, 31]))
    for i, (number, place) in enumerate([(7, 4), (9, 0), (11, 31)]):
        np.testing.assert_array_equal(embedding(np.array([number]), np.array([place]))[0], together[i])
