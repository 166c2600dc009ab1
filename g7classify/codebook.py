"""What each label means: the shipped codebook as data, and the class that holds any codebook.

A codebook is an ordered list of labels in two levels: categories, and sub-types that each imply their category.
The order is the column order of every (n, k) array in g7classify. A user's own codebook is read from TOML or JSON::

    name = "press"
    version = "1"
    [[labels]]
    name = "economy"
    definition = "Money, trade or work is spoken of."
    [[labels]]
    name = "strikes"
    parent = "economy"

With `exclusive = true` beside its name, a sentence has one label at most, and its category.
hashlib and difflib are imported where they are used: at the top they made importing this module cost 19 ms, not 15.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from g7classify.errors import (
    CodebookError,
    DataError,
    EncodingError,
    InputTypeError,
    UnknownLabelError,
    UnreadableFileError,
)
from g7classify.labels import LABELS, MAX_NAME_CHARACTERS, Label, is_name, several, short
from g7classify.paths import checked

__all__ = ["CODEBOOK", "Codebook", "Label"]

MAX_LABELS = 10_000
LISTED = 8  # labels that a message names
Value = TypeVar("Value", np.bool_, np.float32)


class _Families(NamedTuple):
    """The columns sorted by category, where the family of each category starts, and the categories."""

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    categories: NDArray[np.intp]

    @classmethod
    def of(cls, parents: NDArray[np.intp]) -> _Families:
        categories = np.flatnonzero(parents < 0)
        family = parents.copy()
        family[categories] = categories
        order = family.argsort(kind="stable")
        return cls(order, family[order].searchsorted(categories), categories)


@dataclass(frozen=True, slots=True)
class Codebook:
    """An ordered, closed list of k labels in at most two levels; `exclusive` if a sentence has one of them at most.

    Raises:
        CodebookError: No label or too many, a name given twice, a parent that does not exist or has a parent itself.
    """

    name: str
    version: str
    labels: tuple[Label, ...]
    exclusive: bool = False
    _columns: dict[str, int] = field(init=False, repr=False, compare=False)
    _parents: NDArray[np.intp] = field(init=False, repr=False, compare=False)
    _families: _Families = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for key in ("name", "version"):
            if not is_name(getattr(self, key)):
                raise CodebookError(
                    f"codebook {key} {short(getattr(self, key))}: expected 1 to {MAX_NAME_CHARACTERS} printable "
                    f'characters in quotes, as in {key} = "1"'
                )
        if not 1 <= len(self.labels) <= MAX_LABELS:
            raise CodebookError(f"{len(self.labels)} labels: expected 1 to {MAX_LABELS}; add or remove labels")
        if not isinstance(self.exclusive, bool):
            raise CodebookError(f"exclusive {short(self.exclusive)}: expected true or false")
        columns: dict[str, int] = {}
        for column, label in enumerate(self.labels):
            if label.name in columns:
                raise CodebookError(f"label {label.name!r} is given twice; rename or remove one of the two")
            columns[label.name] = column
        parents = np.full(len(self.labels), -1, dtype=np.intp)
        for column, label in enumerate(self.labels):
            if label.parent is None:
                continue
            if label.parent not in columns:
                raise CodebookError(
                    f"label {label.name!r}: its parent {short(label.parent)} is not in the codebook; "
                    "add that label or correct the name"
                )
            parents[column] = columns[label.parent]
            grandparent = self.labels[columns[label.parent]].parent
            if label.name in (label.parent, grandparent):
                raise CodebookError(f"label {label.name!r} is above itself; give it another parent or none")
            if grandparent is not None:
                raise CodebookError(
                    f"label {label.name!r} is under {label.parent!r}, which is under {short(grandparent)}: "
                    "a codebook has two levels at most; put it under a category"
                )
        parents.flags.writeable = False
        object.__setattr__(self, "_columns", columns)
        object.__setattr__(self, "_parents", parents)
        object.__setattr__(self, "_families", _Families.of(parents))

    def __len__(self) -> int:
        """k, the number of labels."""
        return len(self.labels)

    @property
    def names(self) -> tuple[str, ...]:
        """The k label names in column order."""
        return tuple(self._columns)

    @property
    def categories(self) -> tuple[str, ...]:
        """The names without a parent, in column order."""
        return tuple(label.name for label in self.labels if label.parent is None)

    @property
    def subtypes(self) -> tuple[str, ...]:
        """The names that have a parent, in column order."""
        return tuple(label.name for label in self.labels if label.parent is not None)

    @property
    def parents(self) -> NDArray[np.intp]:
        """The column of each label's category, shape (k,), read-only; -1 for a category itself."""
        return self._parents

    @property
    def sha256(self) -> str:
        """Digest of what decides the meaning of the columns: order, names, parents and definitions (64 hex digits)."""
        import hashlib

        meaning = [[label.name, label.parent, label.definition] for label in self.labels]
        return hashlib.sha256(json.dumps(meaning, separators=(",", ":")).encode()).hexdigest()

    def index(self, name: str) -> int:
        """The column of a label, 0 to k - 1.

        Raises:
            UnknownLabelError: The label is not in the codebook; names the likeliest ones.
            InputTypeError: `name` is not a str.
        """
        if not isinstance(name, str):
            raise InputTypeError(f"label {short(name)}: expected a str, got {type(name).__name__}")
        column = self._columns.get(name)
        if column is not None:
            return column
        import difflib

        # No label is longer, and difflib indexes every character that it is given.
        folded = {label.casefold(): label for label in self._columns}
        near = [folded[one] for one in difflib.get_close_matches(name[:MAX_NAME_CHARACTERS].casefold(), folded, n=3)]
        guess = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        raise UnknownLabelError(
            f"label {short(name)} is not in codebook {self.name!r} {self.version}: {guess}"
            f"its {len(self)} labels are {', '.join(self.names[:LISTED])}{', ...' if len(self) > LISTED else ''}"
        )

    def parent(self, name: str) -> str | None:
        """The category of a sub-type; None for a category. Raises UnknownLabelError."""
        return self.labels[self.index(name)].parent

    def children(self, name: str) -> tuple[str, ...]:
        """The sub-types of a category in column order; none for a sub-type. Raises UnknownLabelError."""
        self.index(name)
        return tuple(label.name for label in self.labels if label.parent == name)

    def close(self, labels: Iterable[str]) -> tuple[str, ...]:
        """The labels and the categories they imply, each once, in column order.

        Raises:
            UnknownLabelError: A label is not in the codebook.
            InputTypeError: `labels` is one str instead of several, or holds something else than str.
        """
        several(labels, name="labels")
        columns = {self.index(label) for label in labels}
        columns |= {int(self._parents[column]) for column in columns} - {-1}
        return tuple(self.labels[column].name for column in sorted(columns))

    def close_matrix(self, y: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A copy of Y, bool (n, k), in which every sub-type has brought its category along.

        Raises:
            InputTypeError: `y` is not an array of bool.
            DataError: `y` is not two-dimensional with k columns.
        """
        if not isinstance(y, np.ndarray) or y.dtype != np.bool_:
            kind = f"dtype {y.dtype}" if isinstance(y, np.ndarray) else type(y).__name__
            raise InputTypeError(f"label matrix: expected an array of bool, got {kind}")
        if y.ndim != 2 or y.shape[1] != len(self):
            raise DataError(f"label matrix: expected shape (n, {len(self)}), got {y.shape}")
        return self.raised(y)

    def raised(self, values: NDArray[Value]) -> NDArray[Value]:
        """A copy of probabilities or tags (n, k), in which every category has the highest value of its family."""
        order, starts, categories = self._families
        raised = values.copy()
        # One maximum a category, not one a sub-type: for one sentence 10 us instead of 57.
        raised[:, categories] = np.maximum.reduceat(values[:, order], starts, axis=1)
        return raised

    def indicator(self, label_sets: Sequence[Iterable[str]]) -> NDArray[np.bool_]:
        """The closed label matrix Y, bool (n, k), of n label sets. Raises as `close` does."""
        y = np.zeros((len(label_sets), len(self)), dtype=np.bool_)
        for row, labels in enumerate(label_sets):
            y[row, [self._columns[name] for name in self.close(labels)]] = True
        return y

    def to_dict(self) -> dict[str, Any]:
        """The codebook as plain dicts, lists, strings and numbers, to be embedded in JSON."""
        keys = [f.name for f in fields(Label)]
        rows = [{key: getattr(label, key) for key in keys} for label in self.labels]
        rows = [{key: list(v) if isinstance(v, tuple) else v for key, v in row.items()} for row in rows]
        exclusive = {"exclusive": True} if self.exclusive else {}
        return {"name": self.name, "version": self.version, "labels": rows} | exclusive

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Codebook:
        """The codebook that `to_dict` gave, or one written by hand: a label needs a name, all else may be left out.

        Raises:
            CodebookError: Anything else than name, version, labels and exclusive, or a label that breaks a rule.
        """
        required = ("name", "version", "labels")
        _check_keys("codebook", data, required=required, allowed=(*required, "exclusive"))
        if not isinstance(data["labels"], list):
            raise CodebookError(f"labels {short(data['labels'])}: expected a list of labels, each with a name")
        labels = []
        for number, row in enumerate(data["labels"], start=1):
            _check_keys(f"label {number}", row, required=("name",), allowed=tuple(f.name for f in fields(Label)))
            display_en = row.get("display_en", row["name"])
            lists = {key: tuple(v) if isinstance(v := row.get(key, []), list) else v for key in ("iccs", "eurovoc")}
            labels.append(
                Label(
                    name=row["name"],
                    definition=row.get("definition", ""),
                    display_en=display_en,
                    display_fr=row.get("display_fr", display_en),
                    parent=row.get("parent"),
                    **lists,
                )
            )
        return cls(data["name"], data["version"], tuple(labels), data.get("exclusive", False))

    @classmethod
    def read(cls, path: str | Path) -> Codebook:
        """Read a codebook of one's own from a .toml or .json file.

        Raises:
            UnreadableFileError: No such file, or it may not be opened.
            EncodingError: The file is not UTF-8.
            CodebookError: The file is no TOML or JSON, or the codebook breaks a rule; names the file and the label.
        """
        path = checked(path, name="path")
        if path.suffix not in (".toml", ".json"):
            raise CodebookError(f"{path}: expected a file name that ends in .toml or .json; rename or convert the file")
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise UnreadableFileError(f"{path}: cannot be read ({error.strerror}); check the path") from error
        except UnicodeDecodeError as error:
            raise EncodingError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
        try:
            return cls.from_dict(_parse(text, path.suffix))
        except CodebookError as error:
            raise CodebookError(f"{path}: {error}") from error


def _check_keys(what: str, data: object, required: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    if not isinstance(data, Mapping):
        raise CodebookError(f"{what} {short(data)}: expected a table with the keys {', '.join(allowed)}")
    named = f"{what} ({short(data['name'])})" if "name" in data else what
    if missing := [key for key in required if key not in data]:
        raise CodebookError(f"{named}: {missing[0]} is missing; add it")
    if unknown := [key for key in data if key not in allowed]:
        raise CodebookError(f"{named}: unknown key {short(unknown[0])}; expected {', '.join(allowed)}")


def _parse(text: str, suffix: str) -> Any:
    try:
        if suffix == ".json":
            return json.loads(text)
        import tomllib

        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise CodebookError(f"not {suffix[1:].upper()}: {error}; correct the file") from error


CODEBOOK = Codebook("g7", "1", LABELS)
