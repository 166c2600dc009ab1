"""Read and write a model file of whichever kind: a table, or a deep model.

What reads a kind is imported when one is read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from g7classify import container
from g7classify.container import CASCADE, DEEP, KINDS, TABLE
from g7classify.errors import FormatVersionError, InputTypeError, ModelFileError
from g7classify.labels import short

if TYPE_CHECKING:
    from g7classify.classifier import Classifier


def load(
    path: str | os.PathLike[str], *, kind: str | None = None, sha256: str | None = None, to_run: bool = True
) -> tuple[Classifier, str]:
    """Read a model file, checking everything before a model is made; return its sha256 beside the model.

    Args:
        path: of the file.
        kind: one of KINDS, which the file has to be of; as the file itself says if not given.
        sha256: what it has to be: see container.load.
        to_run: whether it is to tag sentences, and not only to tell what it is.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: a kind, or a number in the file, that this version cannot read.
        ModelFileError: another kind or sha256; it is damaged, contradicts itself, or is no model file.
        MissingExtraError: it is a deep model to run, and what runs one is not installed.
    """
    found = container.kind_of(path) if kind is None else kind
    if found == TABLE:
        from g7classify import modelfile

        return modelfile.load(path, sha256=sha256)
    if found == DEEP:
        from g7classify.deep import file, model

        if to_run:
            model.check_installed()  # now rather than at the first sentence
        return file.load(path, sha256=sha256)
    if found == CASCADE:
        raise ModelFileError(f"{path}: a cascade, which goes with two models: load('g7-base', escalate='g7-deep')")
    raise FormatVersionError(
        f"{path}: kind is {short(found)}, this version of g7classify reads {', '.join(KINDS)}; "
        "install the version that wrote the file"
    )


def write(model: Classifier, path: str | os.PathLike[str]) -> str:
    """Write a model file, whole or not at all, and return its sha256. The same model gives the same bytes.

    Raises:
        OptionError: it would be a larger file than is read, or have a larger header.
        UnreadableFileError: the folder does not exist or cannot be written.
        InputTypeError: it is no table and no deep model.
    """
    from g7classify.model import Model

    if isinstance(model, Model):
        from g7classify import modelfile

        return modelfile.write(model, path)
    from g7classify.deep import file
    from g7classify.deep.model import DeepModel

    if isinstance(model, DeepModel):
        return file.write(model, path)
    raise InputTypeError(f"model: expected a table or a deep model, got {type(model).__name__}")
