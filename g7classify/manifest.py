"""What a manifest.json says: which models there are beside it, and how to know that a file is the one it means.

A shipped manifest is read without pydantic, which takes as long to import as numpy; that of a user's own folder, which
anybody may have written, is checked by it: see shelf.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import ClassVar, Final

from g7classify.container import KINDS, TABLE
from g7classify.errors import OptionError
from g7classify.model import check_name
from g7classify.results import ModelId

DIGEST: Final = "[0-9a-f]{64}"
CARD: Final = r"[a-z0-9][a-z0-9.-]*\.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """What a manifest says of one model.

    Attributes:
        name, version: as in ModelInfo.
        file: its name, beside the manifest.
        sha256: of the file, 64 hexadecimal digits, as all digests.
        bytes: size of the file.
        languages: ISO 639-1 codes of the languages it was trained on.
        recipe_sha256: of the recipe; empty where it is not known.
        data_sha256: of each training file, by name.
        metrics: cross-validated, at the shipped thresholds.
        card: name of the model card, beside the manifest; empty where there is none.
        kind: one of container.KINDS.

    Raises:
        OptionError: a value that breaks these rules.
    """

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}

    name: str
    version: str
    file: str
    sha256: str
    bytes: int
    languages: tuple[str, ...]
    recipe_sha256: str
    data_sha256: dict[str, str]
    metrics: dict[str, float]
    card: str
    kind: str = TABLE

    def __post_init__(self) -> None:
        check_name(self.name, self.version)
        _check(self.name, "version", self.version, r"[0-9]{1,9}(\.[0-9]{1,9}){2}")
        _check_file(self.name, self)
        _check(self.name, "card", self.card, f"({CARD})?")
        _check(self.name, "recipe_sha256", self.recipe_sha256, f"({DIGEST})?")
        for digest in self.data_sha256.values():
            _check(self.name, "sha256", digest, DIGEST)
        if self.kind not in KINDS:
            raise OptionError(f"kind of {self.name}: expected one of {', '.join(KINDS)}, got {self.kind!r:.100}")

    @property
    def id(self) -> ModelId:
        """How results name the model."""
        return ModelId(self.name, self.version, self.sha256)

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, so that 0.10.0 is newer than 0.9.0."""
        return tuple(int(part) for part in self.version.split("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeEntry:
    """What the manifest says of one shipped cascade.

    Attributes:
        table, deep: the models that it goes with, as name@version.
        file, sha256, bytes: as in ModelEntry.

    Raises:
        OptionError: a value that breaks these rules.
    """

    table: str
    deep: str
    file: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        _check_file("a cascade", self)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorsEntry:
    """What the manifest says of one file of n-gram vectors, which training starts from.

    Attributes:
        name, version, file, sha256, bytes, card: as in ModelEntry.

    Raises:
        OptionError: a value that breaks these rules.
    """

    name: str
    version: str
    file: str
    sha256: str
    bytes: int
    card: str

    def __post_init__(self) -> None:
        check_name(self.name, self.version)
        _check_file(self.name, self)
        _check(self.name, "card", self.card, CARD)

    @property
    def id(self) -> ModelId:
        """How errors and cards name them."""
        return ModelId(self.name, self.version, self.sha256)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What manifest.json holds.

    Attributes:
        default: the model that is used where none is named.
        models: no two of the same name and version.
        cascades: no two of the same models.
        vectors: of n-grams, the newest last.

    Raises:
        OptionError: it contradicts itself.
    """

    default: str
    models: tuple[ModelEntry, ...]
    cascades: tuple[CascadeEntry, ...] = ()
    vectors: tuple[VectorsEntry, ...] = ()

    def __post_init__(self) -> None:
        models = [str(entry.id) for entry in self.models]
        ids = [*models, *(str(entry.id) for entry in self.vectors)]
        if len(set(ids)) < len(ids):
            raise OptionError(f"a model stands twice among {', '.join(sorted(ids))}")
        pairs = [(one.table, one.deep) for one in self.cascades]
        if len(set(pairs)) < len(pairs) or not {name for pair in pairs for name in pair} <= set(models):
            raise OptionError(f"cascades: expected one of any two of the models, got {pairs}"[:500])
        if models and self.default not in {entry.name for entry in self.models}:
            raise OptionError(f"the default {self.default!r:.80} is not among {', '.join(sorted(models))}")

    @classmethod
    def of(cls, content: str | bytes) -> Manifest:
        """The manifest that a JSON text holds.

        Raises:
            ValueError, TypeError, RecursionError: it holds none.
        """
        values = json.loads(content)
        entries = [ModelEntry(**entry | {"languages": tuple(entry["languages"])}) for entry in values.pop("models")]
        cascades = tuple(CascadeEntry(**entry) for entry in values.pop("cascades", ()))
        vectors = tuple(VectorsEntry(**entry) for entry in values.pop("vectors", ()))
        return cls(models=tuple(entries), cascades=cascades, vectors=vectors, **values)


def _check_file(of: str, entry: ModelEntry | CascadeEntry | VectorsEntry) -> None:
    """Raise OptionError unless what an entry says of its file may be so; `of` names the entry."""
    _check(of, "file", entry.file, r"[a-z0-9][a-z0-9.-]*\.safetensors")
    _check(of, "sha256", entry.sha256, DIGEST)
    if entry.bytes <= 0:
        raise OptionError(f"bytes of {of}: expected more than 0, got {entry.bytes}")


def _check(of: str, name: str, value: str, pattern: str) -> None:
    if not re.fullmatch(pattern, value):
        raise OptionError(f"{name} of {of}: expected {pattern}, got {value!r:.100}")
