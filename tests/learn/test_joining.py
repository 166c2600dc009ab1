from __future__ import annotations

import numpy as np
import pytest

from g7classify.codebook import Codebook
from g7classify.errors import CodebookError, DataError
from g7classify.learn import joining
from g7classify.learn.dataset import Dataset, Row


def book(name: str, *names: str, exclusive: bool = False) -> Codebook:
    labels = [{"name": n, "parent": n.partition(".")[0] if "." in n else None} for n in names]
    return Codebook.from_dict({"name": name, "version": "1", "labels": labels, "exclusive": exclusive})


def rows(codebook: Codebook, *labels: str) -> Dataset:
    return Dataset.from_rows(
        [Row(f"text {i}", tuple(found.split()), id=f"{i}") for i, found in enumerate(labels)], codebook=codebook
    )


OLD = book("old", "a", "b", "a.x", "b.x")


def told(dataset: Dataset, codebook: Codebook, label: str) -> list[str]:
    labels, known = joining.place(dataset, codebook)
    column = codebook.index(label)
    return ["?" if not k else "yes" if y else "no" for y, k in zip(labels[:, column], known[:, column], strict=True)]


def test_the_same_codebook_tells_everything() -> None:
    dataset = rows(OLD, "a.x", "", "b")
    labels, known = joining.place(dataset, OLD)
    assert (labels == dataset.labels).all()
    assert known.all()


def test_a_new_sub_type_is_open_only_where_its_category_is_bare() -> None:
    dataset = rows(OLD, "a", "a.x", "b.x", "")
    assert told(dataset, book("new", "a", "b", "a.x", "b.x", "a.new"), "a.new") == ["?", "no", "no", "no"]


def test_a_new_category_is_open_unless_one_of_its_sub_types_holds() -> None:
    regrouped = Codebook.from_dict(
        {"name": "new", "version": "1", "labels": [{"name": "both"}, {"name": "a.x", "parent": "both"}]}
    )
    assert told(rows(OLD, "a.x", "b.x", "a"), regrouped, "both") == ["yes", "?", "?"]
    assert told(rows(OLD, "a.x", "b"), book("new", "a", "a.x", "c"), "c") == ["?", "?"]


def test_labels_of_a_flat_codebook_are_siblings() -> None:
    dataset = rows(book("old", "a", "b"), "a", "", "a b")
    assert told(dataset, book("new", "a", "b", "c"), "c") == ["no", "?", "no"]


def test_a_subset_leaves_out_what_it_lacks() -> None:
    dataset = rows(OLD, "a.x", "b.x")
    labels, known = joining.place(dataset, book("subset", "b", "a"))
    assert labels.tolist() == [[False, True], [True, False]]
    assert known.all()


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(DataError, match="codebook 'old' have no label of 'other'"):
        joining.place(rows(OLD, "a"), book("other", "z"))


def test_rows_are_joined_in_order_and_single_rows_stay_apart() -> None:
    first, second = rows(OLD, "a.x", "b"), rows(book("flat", "b"), "b", "")
    whole, known = joining.join(OLD, [first, second])
    assert whole.texts == first.texts + second.texts
    assert whole.labels[:, OLD.index("b")].tolist() == [False, True, True, False]
    assert known[:2].all()
    assert known[2:, OLD.index("b.x")].tolist() == [False, True]
    assert len(np.unique(whole.groups)) == 4


def test_union_puts_new_labels_last_and_keeps_one_parent() -> None:
    union = joining.union(OLD, book("more", "b", "c", "b.new", "c.x"))
    assert union.names == (*OLD.names, "c", "b.new", "c.x")
    assert joining.union(OLD, OLD) == OLD
    flat = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "a.x"}]})
    with pytest.raises(CodebookError, match=r"'a\.x' is under 'a' in the codebook 'old' and under None in 'flat'"):
        joining.union(OLD, flat)
