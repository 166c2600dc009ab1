from __future__ import annotations

import numpy as np
import pytest

from g7classify.errors import DataError
from g7classify.learn import split
from g7classify.learn.dataset import Dataset, Row

WORDS = [
    "police",
    "juge",
    "ministre",
    "frontière",
    "accord",
    "enquête",
    "trafic",
    "réseau",
    "navire",
    "sommet",
    "preuve",
    "tribunal",
    "douane",
]


def sentence(seed: int, length: int = 12) -> str:
    random = np.random.default_rng(seed)
    return " ".join(f"{random.choice(WORDS)}{random.integers(1000)}" for _ in range(length))


def data(texts: list[str], groups: list[str] | None = None) -> Dataset:
    groups = groups or [""] * len(texts)
    return Dataset.from_rows(Row(t, (), id=str(i), group=g) for i, (t, g) in enumerate(zip(texts, groups, strict=True)))


def test_folds_are_balanced_and_deterministic() -> None:
    rows = data([sentence(i) for i in range(100)])
    one = split.folds(rows, count=5, near_duplicate=0.7, seed=0)
    assert (one == split.folds(rows, count=5, near_duplicate=0.7, seed=0)).all()
    assert np.bincount(one).tolist() == [20] * 5
    assert (one != split.folds(rows, count=5, near_duplicate=0.7, seed=1)).any()


def test_groups_stay_together() -> None:
    groups = [f"g{i % 13}" for i in range(60)]
    fold = split.folds(data([sentence(i) for i in range(60)], groups), count=4, near_duplicate=0.7, seed=3)
    for group in set(groups):
        assert len({int(f) for f, g in zip(fold, groups, strict=True) if g == group}) == 1


def test_near_duplicates_stay_together_and_strangers_do_not() -> None:
    texts = [sentence(i, 30) for i in range(40)]
    almost = [text.replace(text.split()[3], "autre") + "." for text in texts]
    family = split.families(data(texts + almost), near_duplicate=0.7)
    assert (family[:40] == family[40:]).mean() > 0.95
    assert len(set(family[:40].tolist())) == 40


def test_japanese_near_duplicates_are_seen() -> None:
    one = "首脳会議は覚醒剤の密輸を強く非難し、各国の警察当局の協力を一層強化することで合意した。"
    family = split.families(
        data([one, one.replace("一層", "更に"), "明日の東京は晴れのち曇りでしょう。"]), near_duplicate=0.6
    )
    assert family[0] == family[1] != family[2]


def test_duplicates_chain_through_groups() -> None:
    a, b = sentence(1, 30), sentence(2, 30)
    family = split.families(data([a, a, b, b], ["", "g", "g", ""]), near_duplicate=0.9)
    assert len(set(family.tolist())) == 1


def test_texts_without_features_are_not_duplicates_of_each_other() -> None:
    assert len(set(split.families(data(["...", "!!!", "?"]), near_duplicate=0.7).tolist())) == 3


def test_too_few_groups_is_an_error() -> None:
    with pytest.raises(DataError, match="3 rows in 1 independent groups cannot make 2 folds"):
        split.folds(data(["a", "b", "c"], ["g", "g", "g"]), count=2, near_duplicate=0.7, seed=0)


def test_the_digest_is_of_rows_labels_and_folds() -> None:
    rows, folds = data(["a", "b", "c"]), np.array([0, 1, 1])
    digest = split.digest(rows, folds)
    assert digest == split.digest(data(["a", "b", "c"]), folds)
    other = Dataset.from_rows([Row("a", ("actor",), id="0"), Row("b", (), id="1"), Row("c", (), id="2")])
    others = [
        split.digest(rows, np.array([1, 0, 0])),
        split.digest(data(["a", "c", "b"]), folds),
        split.digest(rows.select(np.arange(2)), folds[:2]),
        split.digest(other, folds),
    ]
    assert len({digest, *others}) == 5
