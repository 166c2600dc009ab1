"""What callers of scikit-learn give, in all its forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.preprocessing import MultiLabelBinarizer

from g7classify.codebook import CODEBOOK, Codebook
from g7classify.errors import DataError, InputTypeError, OptionError, TextError, UnknownLabelError
from g7classify.learn import given


class Column:
    """A column of a data frame, as far as it is looked at."""

    shape = (2,)

    def __iter__(self):
        return iter(["a", "b"])


@pytest.mark.parametrize("X", [["a", "b"], ("a", "b"), np.array(["a", "b"]), np.array(["a", "b"], object), Column()])
def test_texts_come_as_lists_arrays_and_columns(X: object) -> None:
    assert given.texts(X) == ["a", "b"]


@pytest.mark.parametrize("X", ["one text", b"bytes", 3, None, [1, 2], ["a", None], csr_array(np.eye(2))])
def test_what_is_no_texts_is_refused(X: object) -> None:
    with pytest.raises(InputTypeError, match="X"):
        given.texts(X)


def test_a_table_is_no_column() -> None:
    with pytest.raises(DataError, match=r"frame\['text'\]"):
        given.texts(np.array([["a"], ["b"]]))


def test_a_lone_surrogate_is_refused_by_its_place() -> None:
    with pytest.raises(TextError, match=r"X\[1\]"):
        given.texts(["a", "\ud800"])


def test_the_three_forms_of_several_labels_are_one() -> None:
    lists = [["b", "a"], [], ["c"]]
    binarizer = MultiLabelBinarizer()
    dense = binarizer.fit_transform(lists)
    of_lists = given.targets(lists, codebook=None)
    assert of_lists.classes.tolist() == binarizer.classes_.tolist() == ["a", "b", "c"]
    for y in (dense, dense.astype(bool), dense.astype(float), csr_array(dense), dense.tolist()):
        found = given.targets(y, codebook=None)
        np.testing.assert_array_equal(found.labels, of_lists.labels)
        assert found.classes.tolist() == [0, 1, 2]
        assert not found.codebook.exclusive
    of_tuples = given.targets(np.array([*map(tuple, lists), None], object)[:3], codebook=None)
    np.testing.assert_array_equal(of_tuples.labels, of_lists.labels)


def test_columns_of_a_frame_name_the_classes() -> None:
    class Frame:
        columns = ("x", "y")
        ndim = 2

        def __array__(self, dtype=None, copy=None):
            return np.eye(2, dtype=int)

        def __iter__(self):
            return iter(self.columns)

    found = given.targets(Frame(), codebook=None)
    assert found.codebook.names == ("x", "y")
    assert found.classes.tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (["b", "a", "b"], ["a", "b"]),
        (np.array(["b", "a", "b"], object), ["a", "b"]),
        ([7, -1, 7], [-1, 7]),
        (np.array([True, False, True]), [False, True]),
        ([1.0, 0.0, 1.0], [0.0, 1.0]),
    ],
)
def test_single_labels_keep_their_kind(y: object, classes: list[object]) -> None:
    found = given.targets(y, codebook=None)
    assert found.classes.tolist() == classes
    assert found.codebook.names == tuple(map(str, classes))
    assert found.codebook.exclusive
    np.testing.assert_array_equal(found.labels, [[False, True], [True, False], [False, True]])


def test_a_codebook_gives_order_and_hierarchy() -> None:
    found = given.targets([["threat.terrorism"], []], codebook=CODEBOOK)
    assert found.codebook is CODEBOOK
    assert CODEBOOK.close(["threat.terrorism"]) == tuple(found.classes[found.labels[0]])
    columns = np.zeros((2, len(CODEBOOK)), int)
    columns[0, CODEBOOK.index("threat.terrorism")] = 1
    np.testing.assert_array_equal(given.targets(columns, codebook=CODEBOOK).labels, found.labels)
    flat = Codebook.from_dict({"name": "flat", "version": "1", "labels": [{"name": "b"}, {"name": "a"}]})
    assert given.targets(["a", "a"], codebook=flat).labels.tolist() == [[False, True]] * 2


@pytest.mark.parametrize(
    ("y", "codebook", "error", "told"),
    [
        (None, None, DataError, "y is None"),
        ([["a"], "b"], None, DataError, r"y\[1\]"),
        ([[], ()], None, DataError, "at least one label"),
        ([0.5, 1.5], None, DataError, "continuous"),
        ([1.0, np.nan], None, DataError, "NaN"),
        (np.array([[0, 2], [1, 0]]), None, DataError, "indicator"),
        (np.array([["a", "b"]]), None, DataError, "indicator"),
        (np.zeros((2, 3)), CODEBOOK, DataError, "38"),
        (["a", "b\nc"], None, DataError, "printable"),
        (["threat", "actor"], CODEBOOK, OptionError, "sub-types"),
        ([["threat"]], replace(CODEBOOK, exclusive=True), OptionError, "exclude"),
        ([["threat.terorism"]], CODEBOOK, UnknownLabelError, "threat.terrorism"),
    ],
)
def test_what_is_no_label_is_refused(y: object, codebook: Codebook | None, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        given.targets(y, codebook=codebook)
