"""What labelled rows say beside text and labels, by which figures can be told apart."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import DataError, OptionError
from g7classify.learn.dataset import Dataset

COLUMNS: Final = ("language", "source", "sample", "group")
MOST_PARTS: Final = 200  # each has a line in every table


def parts(dataset: Dataset, column: str) -> dict[str, NDArray[np.bool_]]:
    """The rows (n,) of each value of a column, by value; a row that says nothing is in none.

    Raises:
        OptionError: there is no such column.
        DataError: its values are too many to tell apart.
    """
    if column not in COLUMNS:
        raise OptionError(f"by: expected one of {', '.join(COLUMNS)}, got {column!r:.100}")
    values: NDArray[np.str_] = getattr(dataset, f"{column}s")
    found = np.unique(values[values != ""])
    if len(found) > MOST_PARTS:
        raise DataError(
            f"the rows have {len(found):,} values of `{column}`, expected at most {MOST_PARTS}; "
            f"tell them apart by {' or '.join(other for other in COLUMNS if other != column)}"
        )
    return {str(value): values == value for value in found}
