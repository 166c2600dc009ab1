"""The shipped models: what manifest.json says there is, and reading one with its sha256 checked.

The manifest and the files lie in the package g7classify.models, the folder models/ of the repository. A name is
`name`, its newest version, or `name@version`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from g7classify import reading
from g7classify.container import KINDS, TABLE
from g7classify.errors import InputTypeError, ModelFileError, OptionError, UnknownModelError, UnreadableFileError
from g7classify.model import check_name
from g7classify.results import ModelId

if TYPE_CHECKING:
    from g7classify.cascade import Cascade
    from g7classify.classifier import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """What the manifest says of one shipped model.

    Attributes:
        name, version: as in ModelInfo.
        file: its name, beside the manifest.
        sha256: of the file, 64 hexadecimal digits, as all digests.
        bytes: size of the file.
        languages: ISO 639-1 codes of the languages it was trained on.
        recipe_sha256: of the recipe.
        data_sha256: of each training file, by name.
        metrics: cross-validated, at the shipped thresholds.
        card: name of the model card, beside the manifest.
        kind: one of container.KINDS.

    Raises:
        OptionError: a value that breaks these rules.
    """

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
        for name, value, pattern in (
            ("file", self.file, r"[a-z0-9][a-z0-9.-]*\.safetensors"),
            ("card", self.card, r"[a-z0-9][a-z0-9.-]*\.md"),
            *(("sha256", digest, "[0-9a-f]{64}") for digest in self._digests()),
        ):
            if not re.fullmatch(pattern, value):
                raise OptionError(f"{name} of {self.name}: expected {pattern}, got {value!r:.100}")
        if self.kind not in KINDS:
            raise OptionError(f"kind of {self.name}: expected one of {', '.join(KINDS)}, got {self.kind!r:.100}")
        if self.bytes <= 0:
            raise OptionError(f"bytes of {self.name}: expected more than 0, got {self.bytes}")

    def _digests(self) -> tuple[str, ...]:
        return self.sha256, self.recipe_sha256, *self.data_sha256.values()

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
        for name, value, pattern in (
            ("file", self.file, r"[a-z0-9][a-z0-9.-]*\.safetensors"),
            ("sha256", self.sha256, "[0-9a-f]{64}"),
        ):
            if not re.fullmatch(pattern, value):
                raise OptionError(f"{name} of a cascade: expected {pattern}, got {value!r:.100}")
        if self.bytes <= 0:
            raise OptionError(f"bytes of a cascade: expected more than 0, got {self.bytes}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What manifest.json holds.

    Attributes:
        default: the model that is used where none is named.
        models: no two of the same name and version.
        cascades: no two of the same models.

    Raises:
        OptionError: it contradicts itself.
    """

    default: str
    models: tuple[ModelEntry, ...]
    cascades: tuple[CascadeEntry, ...] = ()

    def __post_init__(self) -> None:
        ids = [str(entry.id) for entry in self.models]
        if len(set(ids)) < len(ids):
            raise OptionError(f"a model stands twice among {', '.join(sorted(ids))}")
        pairs = [(one.table, one.deep) for one in self.cascades]
        if len(set(pairs)) < len(pairs) or not {name for pair in pairs for name in pair} <= set(ids):
            raise OptionError(f"cascades: expected one of any two of the models, got {pairs}"[:500])
        if ids and self.default not in {entry.name for entry in self.models}:
            raise OptionError(f"the default {self.default!r:.80} is not among {', '.join(sorted(ids))}")

    @classmethod
    def of(cls, content: str | bytes) -> Manifest:
        """The manifest that a JSON text holds.

        Raises:
            ValueError, TypeError, RecursionError: it holds none.
        """
        values = json.loads(content)
        entries = [ModelEntry(**entry | {"languages": tuple(entry["languages"])}) for entry in values.pop("models")]
        cascades = tuple(CascadeEntry(**entry) for entry in values.pop("cascades", ()))
        return cls(models=tuple(entries), cascades=cascades, **values)


def root() -> Path:
    """The folder of the shipped models."""
    return Path(import_module("g7classify.models").__path__[0])  # importlib.resources takes 5 ms to import


@cache
def manifest(folder: Path) -> Manifest:
    """The manifest of a folder, read once.

    Raises:
        UnreadableFileError: there is none.
        ModelFileError: it is malformed.
    """
    path = folder / "manifest.json"
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"cannot read the manifest {path}: {error.strerror or error}; reinstall g7classify"
        raise UnreadableFileError(message) from error
    try:
        return Manifest.of(content)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"the manifest {path} is malformed; reinstall g7classify: {error}") from error


def models() -> tuple[ModelEntry, ...]:
    """The shipped models by name, the newest version of each first."""
    newest_first = sorted(manifest(root()).models, key=lambda entry: entry.order, reverse=True)
    return tuple(sorted(newest_first, key=lambda entry: entry.name))


def find(name: str | None = None) -> ModelEntry:
    """The entry of `name` (its newest version), of `name@version`, or of the default model.

    Raises:
        UnknownModelError: there is no such model; lists what there is.
        InputTypeError: the name is not a str.
    """
    if name is None:
        name = manifest(root()).default
    if not isinstance(name, str):
        raise InputTypeError(f"model {name!r}: expected its name, got {type(name).__name__}")
    for entry in models():
        if name in (entry.name, str(entry.id)):
            return entry
    import difflib  # costs 4 ms at import, and few need it

    known = [str(entry.id) for entry in models()]
    near = difflib.get_close_matches(name[:100], [entry.name for entry in models()] + known, n=1)
    raise UnknownModelError(
        f"no shipped model is called {name[:100]!r}{f'; did you mean {near[0]!r}?' if near else '.'} "
        f"There is: {', '.join(known) or 'none'}. A file of your own is given by a path that ends in .safetensors"
    )


def path(entry: ModelEntry) -> Path:
    """Where the file of a shipped model lies."""
    return root() / entry.file


def read(name: str | None = None) -> tuple[Classifier, ModelId]:
    """Read a shipped model and make sure that it is the one in the manifest.

    Raises:
        UnknownModelError: there is no such model.
        ModelFileError: the file is damaged or another one.
        UnreadableFileError: the file is missing or may not be read.
        MissingExtraError: it is a deep model, and what runs one is not installed.
    """
    entry = find(name)
    model, _ = reading.load(path(entry), kind=entry.kind, sha256=entry.sha256)
    return model, entry.id


def cascade(table: str | None, deep: str, *, budget: float) -> tuple[Cascade, ModelId, ModelId, ModelId]:
    """Read two shipped models and the cascade that goes with them.

    Args:
        table: of the model that reads everything; None for the default.
        deep: of the model that reads what is escalated.
        budget: 0..1, the share of sentences that may be.

    Returns:
        The cascade; how results name it, the table and the deep model.

    Raises:
        UnknownModelError: there is no such model, or no cascade of the two.
        OptionError: the budget is out of its range, or the two are not a table and a deep model.
        ModelFileError, UnreadableFileError, MissingExtraError: as `read`.
    """
    from g7classify import cascade as cascades
    from g7classify.deep.model import DeepModel
    from g7classify.model import Model

    first, second = find(table), find(deep)
    known = manifest(root()).cascades
    entry = next((e for e in known if (e.table, e.deep) == (str(first.id), str(second.id))), None)
    if entry is None:
        there_is = ", ".join(f"{entry.table} with {entry.deep}" for entry in known) or "none"
        raise UnknownModelError(f"no cascade of {first.id} with {second.id} is shipped. There is: {there_is}")
    fusion, digest = cascades.load(root() / entry.file, sha256=entry.sha256)
    reads, escalated = read(str(first.id))[0], read(str(second.id))[0]
    if not isinstance(reads, Model) or not isinstance(escalated, DeepModel):
        raise OptionError(f"escalate: expected a table and a deep model, got {first.kind} and {second.kind}")
    if (fusion.table_sha256, fusion.deep_sha256) != (first.sha256, second.sha256):
        raise ModelFileError(f"{entry.file} was fitted to other models than {first.id} and {second.id}")
    made = cascades.Cascade(reads, escalated, fusion, budget)
    return made, ModelId(fusion.info.name, fusion.info.version, digest), first.id, second.id


def sha256(file: Path) -> str:
    """The sha256 of a file.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
    """
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise UnreadableFileError(f"cannot read {file}: {error}") from error
