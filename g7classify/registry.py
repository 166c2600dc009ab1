"""The shipped models: what manifest.json says there is, and reading one with its sha256 checked.

The manifest and the files lie in the package g7classify.models, the folder models/ of the repository. A name is
`name`, its newest version, or `name@version`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from g7classify import modelfile
from g7classify.errors import InputTypeError, ModelFileError, UnknownModelError, UnreadableFileError
from g7classify.model import NAME_PATTERN, VERSION_PATTERN, Model
from g7classify.results import ModelId

Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=60)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ModelEntry(BaseModel):
    """What the manifest says of one shipped model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    version: str = Field(pattern=VERSION_PATTERN)
    file: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*\.safetensors$", description="beside the manifest")
    sha256: Sha256 = Field(description="of the file")
    bytes: int = Field(gt=0, description="size of the file")
    languages: tuple[str, ...] = Field(description="ISO 639-1 codes of the languages it was trained on")
    recipe_sha256: Sha256
    data_sha256: dict[str, Sha256] = Field(description="of each training file, by name")
    metrics: dict[str, float] = Field(description="cross-validated, at the shipped thresholds")
    card: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*\.md$", description="the model card, beside the manifest")

    @property
    def id(self) -> ModelId:
        """How results name the model."""
        return ModelId(name=self.name, version=self.version, sha256=self.sha256)

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, so that 0.10.0 is newer than 0.9.0."""
        return tuple(int(part) for part in self.version.split("."))


class Manifest(BaseModel):
    """The schema of manifest.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Name = Field(description="the model that is used where none is named")
    models: tuple[ModelEntry, ...] = Field(description="no two of the same name and version")

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        ids = [str(entry.id) for entry in self.models]
        if len(set(ids)) < len(ids):
            raise ValueError(f"a model stands twice among {', '.join(sorted(ids))}")
        if ids and self.default not in {entry.name for entry in self.models}:
            raise ValueError(f"the default {self.default!r} is not among {', '.join(sorted(ids))}")
        return self


def root() -> Path:
    """The folder of the shipped models."""
    return Path(str(resources.files("g7classify.models")))


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
        return Manifest.model_validate_json(content)
    except ValidationError as error:
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


def read(name: str | None = None) -> tuple[Model, ModelId]:
    """Read a shipped model and make sure that it is the one in the manifest.

    Raises:
        UnknownModelError: there is no such model.
        ModelFileError: the file is damaged or another one.
        UnreadableFileError: the file is missing or may not be read.
    """
    entry = find(name)
    file = path(entry)
    found = sha256(file)
    if found != entry.sha256:
        message = f"{file} has the sha256 {found}, the manifest says {entry.sha256}; reinstall g7classify"
        raise ModelFileError(message)
    return modelfile.read(file), entry.id


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
