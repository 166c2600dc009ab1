from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from training.vectors import distil


def test_components_carry_the_most_variance() -> None:
    random = np.random.default_rng(0)
    vectors = (random.normal(size=(2000, 6)) * [9, 5, 2, 0.1, 0.1, 0.1]).astype(np.float32) + 3
    found, shares = distil.components(vectors, 3)
    assert shares.sum() > 0.99
    assert (np.diff(shares) < 0).all()
    np.testing.assert_allclose(found.std(axis=0), np.sqrt([9, 5, 2]), rtol=0.1)
    assert np.abs(found.mean(axis=0)).max() < 1e-3


def test_sums_of_bucket_vectors_are_found_again() -> None:
    random = np.random.default_rng(1)
    weighed = csr_array((random.random((4000, 50)) < 0.2) * random.random((4000, 50)), dtype=np.float32)
    true = random.normal(size=(50, 4)).astype(np.float32)
    true[7] = 0
    said: list[str] = []
    found = distil.distil(weighed, weighed @ true, width=4, rare=1, ridge=1e-3, steps=60, report=said.append)
    assert found.overall > 0.98  # the mean is left out, and n-grams have no constant to make up for it
    assert (found.explained > 0.97).all()
    assert len(said) == 60
    assert np.abs(found.rows[7]).max() < 0.2


def test_rare_buckets_get_zeros_and_noise_is_not_explained() -> None:
    random = np.random.default_rng(2)
    weighed = csr_array(random.random((1000, 30)) < np.linspace(0.001, 0.4, 30), dtype=np.float32)
    found = distil.distil(
        weighed, random.normal(size=(1000, 3)).astype(np.float32), width=3, rare=100, ridge=1.0, steps=20, report=str
    )
    often = np.bincount(weighed.indices, minlength=30)
    assert (found.rows[often < 100] == 0).all()
    assert (found.rows[often >= 100] != 0).any()
    assert found.overall < 0.05


def test_r_squared_is_one_minus_the_share_that_is_left() -> None:
    wanted = np.float32([[0, 1], [2, 1], [4, 4]])
    assert distil.r_squared(wanted, wanted) == pytest.approx([1, 1])
    assert distil.r_squared(np.float32([[2, 2]] * 3), wanted) == pytest.approx([0, 0])
