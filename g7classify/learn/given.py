"""What callers of scikit-learn give as X and y, as texts and as labels of a codebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from g7classify.codebook import Codebook
from g7classify.errors import DataError, InputTypeError, OptionError
from g7classify.labels import MAX_NAME_CHARACTERS, is_name, short
from g7classify.text import check_text

COLLECTIONS = (list, tuple, set, frozenset, np.ndarray)
OBJECTS = np.dtype(object)


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """y, whatever its form was.

    Attributes:
        classes: (k,), in the order of the columns; what y names them by.
        codebook: the k labels, exclusive if y held single ones; their names are the classes as str.
        labels: (n, k), closed: a sub-type's category is set too.
    """

    classes: NDArray[Any]
    codebook: Codebook
    labels: NDArray[np.bool_]


def texts(X: Any) -> list[str]:
    """The n texts of a list, an array (n,), or a column of a data frame.

    Raises:
        InputTypeError: one text instead of several, or an item is not a str; names its place.
        DataError: more than one dimension.
        TextError: a text holds a lone surrogate.
    """
    if isinstance(X, str | bytes) or not isinstance(X, Iterable) or issparse(X):
        raise InputTypeError(f"X: expected n texts, got {type(X).__name__}; use [text] for one")
    shape = getattr(X, "shape", (0,))
    if len(shape) != 1:
        raise DataError(f"X: expected n texts, got an array of shape {shape}; pass one column, as in frame['text']")
    return [check_text(text, name=f"X[{i}]") for i, text in enumerate(X)]


def targets(y: Any, *, codebook: Codebook | None) -> Targets:
    """The labels of n texts.

    Args:
        y: n lists of labels; an indicator (n, k) of 0 and 1, dense or sparse; or n single labels of any kind.
        codebook: the labels and their order; if None, those that y names, sorted, or the columns of an indicator, by
            name if it is a data frame and by number if not.

    Raises:
        DataError: none of these; a label that is missing (None, NaN) or cannot name one.
        OptionError: single labels and a codebook with sub-types, of which a text has its category too; several and one
            whose labels exclude each other.
        UnknownLabelError: a label outside the codebook.
    """
    if y is None:
        raise DataError("This classifier requires y to be passed, but the target y is None: it learns from labels")
    if issparse(y):
        dense: NDArray[Any] = y.toarray()  # type: ignore[attr-defined]  # the stubs' base class has none
        return _indicated(dense, None, _inclusive(codebook))
    if are_label_lists(y):
        return _listed(list(y), _inclusive(codebook))
    if isinstance(y, COLLECTIONS) and getattr(y, "dtype", OBJECTS) == OBJECTS:  # NumPy makes the label "nan" of NaN
        _check_given(y)
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] > 1:
        return _indicated(array, getattr(y, "columns", None), _inclusive(codebook))
    return _single(array, codebook)


def are_label_lists(y: Any) -> bool:
    """Whether y holds collections of str, rather than single labels or numbers."""
    if isinstance(y, str | bytes) or not isinstance(y, Iterable) or issparse(y) or getattr(y, "ndim", 1) != 1:
        return False
    several = [labels for labels in y if isinstance(labels, COLLECTIONS)]
    return bool(several) and all(isinstance(label, str) for labels in several for label in labels)


def _check_given(y: Iterable[Any]) -> None:
    for i, given in enumerate(y):
        for label in given if isinstance(given, COLLECTIONS) else (given,):
            if label is None or (isinstance(label, float) and np.isnan(label)):
                raise DataError(
                    f"y[{i}] is {short(given)}: a label is missing (None, NaN); give it, or leave the row out"
                )


def _inclusive(codebook: Codebook | None) -> Codebook | None:
    if codebook is not None and codebook.exclusive:
        raise OptionError(
            f"the labels of codebook {codebook.name!r} exclude each other: pass one label a text, or a codebook that "
            "is not `exclusive`"
        )
    return codebook


def _listed(lists: Sequence[Any], codebook: Codebook | None) -> Targets:
    for i, labels in enumerate(lists):
        if not isinstance(labels, COLLECTIONS):
            raise DataError(f"y[{i}] is {short(labels)}; expected a list of labels as in the other rows, [] for none")
    named = codebook or _codebook(sorted({label for labels in lists for label in labels}))
    return Targets(np.array(named.names), named, named.indicator(lists))


def _indicated(array: NDArray[Any], columns: Any, codebook: Codebook | None) -> Targets:
    if array.dtype.kind not in "biuf" or not np.isin(array, (0, 1)).all():
        raise DataError(
            f"y: expected an indicator of 0 and 1 in {array.shape[1]} columns, got values of {array.dtype} such as "
            f"{short(array.flat[0] if array.size else None)}; a class a text is a y of one dimension"
        )
    if codebook is None:
        classes = np.arange(array.shape[1]) if columns is None else np.array(list(columns))
        named = _codebook(classes)
    elif array.shape[1] != len(codebook):
        raise DataError(f"y: expected the {len(codebook)} columns of the codebook, got {array.shape[1]}")
    else:
        classes, named = np.array(codebook.names), codebook
    return Targets(classes, named, named.close_matrix(array.astype(np.bool_)))


def _single(array: NDArray[Any], codebook: Codebook | None) -> Targets:
    try:
        array = column_or_1d(array, warn=True)
        assert_all_finite(array, input_name="y")
        check_classification_targets(array)
    except ValueError as error:
        raise DataError(
            f"{error} Expected a class, lists of labels or an indicator of 0 and 1 for each text"
        ) from error
    if codebook is None:
        classes, column = np.unique(array, return_inverse=True)
        named = _codebook(classes)
    elif codebook.subtypes:
        raise OptionError(
            f"codebook {codebook.name!r} has sub-types, so that a text has two labels at least: pass lists of labels, "
            "or a codebook without"
        )
    else:
        classes, named = np.array(codebook.names), codebook
        column = np.array([codebook.index(str(label)) for label in array], dtype=np.intp)
    labels = np.zeros((len(array), len(classes)), dtype=np.bool_)
    labels[np.arange(len(array)), column] = True
    return Targets(classes, replace(named, exclusive=True), labels)


def _codebook(classes: Iterable[Any]) -> Codebook:
    """A flat codebook of some classes, named by them."""
    names = [str(label) for label in classes]
    if not names:
        raise DataError("y: expected at least one label in some row, got none")
    for name in names:
        if not is_name(name):
            raise DataError(
                f"y: the class {short(name)} cannot name a label: expected 1 to {MAX_NAME_CHARACTERS} printable "
                "characters; rename it"
            )
    labels: list[Any] = [{"name": name} for name in names]
    return Codebook.from_dict({"name": "classes", "version": "1", "labels": labels})
