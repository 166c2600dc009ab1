"""Open a model for a tagger: one by its name or path, or two as a cascade."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from g7classify import reading, registry
from g7classify.errors import OptionError, UnreadableFileError
from g7classify.results import ModelId

if TYPE_CHECKING:
    from g7classify.cascade import Cascade
    from g7classify.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Address:
    """What another process or machine needs to open the same model: what it is called there, and how to know it.

    Attributes:
        model: `name@version` of a model that is shipped or was added, or the absolute path of a file.
        sha256: of its file; of a cascade's own.
        escalate, budget, uncertainty: as in Tagger.load.
    """

    model: str
    sha256: str
    escalate: str | None = None
    budget: float | None = None
    uncertainty: float | None = None

    @property
    def is_path(self) -> bool:
        """Whether the model is a file, which another machine need not have at the same place."""
        return registry.is_path(self.model)


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What was opened.

    Attributes:
        model: that decides.
        address: where it was found.
        cascade: the same model if it is a cascade, and its table and deep model as results name them.
    """

    model: Classifier
    address: Address
    cascade: tuple[Cascade, ModelId, ModelId] | None = None


def one(name: str | os.PathLike[str] | None) -> Opened:
    """A model by its name, or by the path of its file. Raises what registry.read and reading.load do."""
    if isinstance(name, os.PathLike) or (isinstance(name, str) and registry.is_path(name)):
        try:
            path = Path(name).absolute()
        except OSError as error:
            message = f"cannot read the model file {name}: there is no current folder any more"
            raise UnreadableFileError(message) from error
        model, sha256 = reading.load(path)
        return Opened(model, Address(os.fspath(path), sha256))
    model, found = registry.read(name)
    return Opened(model, Address(str(found), found.sha256))


def two(
    name: str | os.PathLike[str] | None, escalate: str, *, budget: float | None, uncertainty: float | None
) -> Opened:
    """A shipped table, and the shipped deep model that reads again what it is unsure of.

    Raises:
        OptionError: a path instead of a name, a share out of its range, or both of them.
        Exception: what registry.cascade does.
    """
    from g7classify.cascade import asked_for

    for given in (name, escalate):
        if isinstance(given, os.PathLike) or (isinstance(given, str) and registry.is_path(given)):
            raise OptionError(f"escalate: a cascade is of shipped models, got the file {given}; give a name")
    share, capped = asked_for(budget, uncertainty)  # before a file is read
    cascade, found, table, deep = registry.cascade(None if name is None else os.fspath(name), escalate, budget=share)
    if not capped:
        cascade = replace(cascade, capped=False)
    asked = (cascade.budget, None) if capped else (None, 1 - cascade.budget)
    return Opened(cascade, Address(str(table), found.sha256, str(deep), *asked), (cascade, table, deep))
