from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from g7classify import features, kernel
from g7classify.errors import OptionError
from g7classify.features import FeatureSpec


def test_buckets_are_the_top_bits_and_so_nest() -> None:
    texts = ["Le G7 lutte contre les passeurs", "", "首脳会議"]
    wide, offsets = features.buckets(texts, FeatureSpec(bits=18))
    narrow, same = features.buckets(texts, FeatureSpec(bits=10))
    assert (offsets == same).all()
    assert ((wide >> 8) == narrow).all()
    assert wide.max() < 2**18
    assert wide.min() >= 0


def test_pool_counts_features_in_a_table_of_ones() -> None:
    spec = FeatureSpec(bits=8)
    texts = ["un deux", "", "三"]
    _, offsets = features.buckets(texts, spec)
    pooled = kernel.pool(
        texts,
        np.ones((spec.buckets, 2), dtype=np.int8),
        pairs=spec.pairs,
        characters=spec.characters,
        unspaced=spec.unspaced,
        repeats=spec.repeats,
    )
    assert (pooled == np.diff(offsets)[:, None]).all()


@pytest.mark.parametrize(
    "wrong", [{"bits": 7}, {"bits": 23}, {"characters": (5, 3)}, {"unspaced": (0, 2)}, {"characters": (3, 9)}]
)
def test_specification_outside_its_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        FeatureSpec(**wrong)  # type: ignore[arg-type]


def test_specification_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        FeatureSpec().bits = 4  # type: ignore[misc]
