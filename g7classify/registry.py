"""Models by name: those that are shipped, and the user's own.

The shipped ones and their manifest lie in the package g7classify.models, the folder models/ of the repository; the
user's own in shelf.py's folder. A name is `name`, its newest version, or `name@version`; that of a shipped model is
never one of the user's.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from g7classify import reading
from g7classify.errors import InputTypeError, ModelFileError, OptionError, UnknownModelError, UnreadableFileError
from g7classify.manifest import CascadeEntry, Manifest, ModelEntry, VectorsEntry
from g7classify.model import check_name
from g7classify.paths import checked
from g7classify.results import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from g7classify.cascade import Cascade
    from g7classify.classifier import Classifier
    from g7classify.facts import Facts, Verdict

SHIPPED_PREFIX: Final = "g7-"  # of the names that are shipped, today or later


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
    return _by_name(manifest(root()).models)


def own() -> tuple[ModelEntry, ...]:
    """The user's own models by name, the newest version of each first.

    Raises:
        UnreadableFileError: their manifest may not be read.
        ModelFileError: it is malformed.
    """
    from g7classify import shelf  # shipped models do without

    return _by_name(shelf.models())


def is_path(name: str) -> bool:
    """Whether a str that is to say which model is the path of a file: it holds a separator or ends in .safetensors."""
    return name.endswith(".safetensors") or "/" in name or os.sep in name


def find(name: str | None = None) -> ModelEntry:
    """The entry of `name` (its newest version), of `name@version`, or of the default model.

    Raises:
        UnknownModelError: there is no such model; lists what there is.
        InputTypeError: the name is not a str.
        UnreadableFileError, ModelFileError: no shipped model is called so, and the manifest of the user's own cannot
            be used.
    """
    if name is None:
        name = manifest(root()).default
    if not isinstance(name, str):
        raise InputTypeError(f"model {name!r}: expected its name, got {type(name).__name__}")
    shipped = models()
    for entry in shipped:
        if name in (entry.name, str(entry.id)):
            return entry
    mine = [entry for entry in own() if not is_shipped(entry.name)]
    for entry in mine:
        if name in (entry.name, str(entry.id)):
            return entry
    import difflib  # costs 4 ms at import, and few need it

    every = [*shipped, *mine]
    known = [str(entry.id) for entry in every]
    near = difflib.get_close_matches(name[:100], [entry.name for entry in every] + known, n=1)
    raise UnknownModelError(
        f"no model is called {name[:100]!r}{f'; did you mean {near[0]!r}?' if near else '.'} "
        f"There is: {', '.join(known)[:1000] or 'none'}. A file is given by a path that ends in .safetensors"
    )


def is_shipped(name: str) -> bool:
    """Whether a name, without a version, is that of a shipped model."""
    return any(entry.name == name for entry in models())


def path(entry: ModelEntry) -> Path:
    """Where the file of a model lies."""
    if is_shipped(entry.name):
        return root() / entry.file
    from g7classify import folders

    return folders.models() / entry.file


def read(name: str | None = None) -> tuple[Classifier, ModelId]:
    """Read a model and make sure that it is the one in the manifest.

    Raises:
        UnknownModelError: there is no such model.
        ModelFileError: the file is damaged or another one.
        UnreadableFileError: the file is missing or may not be read.
        MissingExtraError: it is a deep model, and what runs one is not installed.
    """
    entry = find(name)
    file = path(entry)
    if is_shipped(entry.name):
        return reading.load(file, kind=entry.kind, sha256=entry.sha256)[0], entry.id
    # Whoever wrote the file may have written the manifest too: a right sha256 spares no other check.
    model, digest = reading.load(file, kind=entry.kind)
    if digest != entry.sha256 or (model.info.name, model.info.version) != (entry.name, entry.version):
        raise ModelFileError(
            f"{file} holds {model.info.name}@{model.info.version} of sha256 {digest}, the manifest says {entry.id} of "
            f"{entry.sha256}; remove it (`g7classify models remove {entry.id}`) and add it again"
        )
    return model, entry.id


def add(file: str | os.PathLike[str], *, name: str | None = None) -> ModelEntry:
    """Keep a model among the user's own, so that it can be loaded by its name; its card too, if one lies beside it.

    The file is read and checked first, and what is kept is written anew from it. The same model is not added twice.

    Args:
        file: of a table or a deep model; what runs a deep one need not be installed.
        name: `name` or `name@version` to keep it by, instead of the file's own. It is then another file, which tells
            that name, and its card says so.

    Raises:
        InputTypeError: the path is none.
        OptionError: a name that is or may be a shipped model's, or none; another model of the same name and version is
            there already.
        UnreadableFileError: the file may not be read, or the folder not be written.
        ModelFileError: it is no sound model file; or the manifest of the user's own models is malformed.
    """
    from g7classify import shelf

    source = checked(file, name="file")
    model, digest = reading.load(source, to_run=False)
    card = shelf.card(source.with_suffix(".md"))
    info = model.info
    if name is not None:
        called, _, version = name.partition("@")
        version = version if "@" in name else info.version
        check_name(called, version)
        info = replace(info, name=called, version=version)
    if info.name.startswith(SHIPPED_PREFIX) or is_shipped(info.name):
        raise OptionError(
            f"{info.name}: names that start with {SHIPPED_PREFIX} are of shipped models; give it another with --name, "
            "or name= in Python"
        )
    if info == model.info:
        return shelf.add(model, sha256=digest, card=card)
    if card is not None:
        old = f"{model.info.name}@{model.info.version}"
        card += f"\nKept as {info.name}@{info.version}, a copy of {old}, sha256 `{digest}`.\n".encode()
    renamed = replace(model, info=info)  # type: ignore[type-var]  # both kinds are dataclasses
    return shelf.add(renamed, sha256=None, card=card)


def remove(name: str) -> ModelEntry:
    """Delete one of the user's own models, and return what its entry was.

    Args:
        name: `name@version`, or `name` where it has one version.

    Raises:
        UnknownModelError: there is no such model.
        OptionError: it is a shipped one, or there are several versions.
        UnreadableFileError: the folder cannot be written.
        ModelFileError: the manifest is malformed.
    """
    from g7classify import shelf

    entry = find(name)
    if is_shipped(entry.name):
        raise OptionError(f"{entry.id} is shipped; only models that were added can be removed")
    same = [str(other.id) for other in own() if other.name == entry.name]
    if name == entry.name and len(same) > 1:
        raise OptionError(f"there are several {name}: say which of {', '.join(same)[:1000]}")
    shelf.remove(entry)
    return entry


def info(name: str | os.PathLike[str] | None = None) -> Facts:
    """What the file of a model says: of a name as in `find`, or of a path; a cascade's too.

    Raises:
        UnknownModelError: there is no such model.
        UnreadableFileError: the file is missing or may not be read.
        ModelFileError: it is damaged, or no model file.
    """
    from g7classify import facts

    if isinstance(name, os.PathLike) or (isinstance(name, str) and is_path(name)):
        return facts.of(name)
    return facts.of(path(find(name)))


def verify(names: Sequence[str] = ()) -> tuple[Verdict, ...]:
    """Read the files of models, whole, and compare them with what the manifests say.

    Args:
        names: as in `find`; if there are none, all models, the cascades and the vectors of n-grams.

    Raises:
        UnknownModelError: there is no such model.
        ModelFileError, UnreadableFileError: a manifest cannot be used. What is wrong with a file stands in the verdict.
    """
    from g7classify import facts

    entries: list[ModelEntry] = [find(name) for name in names] or [
        *models(),
        *(one for one in own() if not is_shipped(one.name)),
    ]
    every = manifest(root())
    others: list[CascadeEntry | VectorsEntry] = [] if names else [*every.cascades, *every.vectors]
    return (
        *(facts.verify(entry, path(entry).parent) for entry in entries),
        *(facts.verify(entry, root()) for entry in others),
    )


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


def vectors(name: str | None = None) -> VectorsEntry:
    """The entry of shipped vectors of n-grams, which training starts from.

    Args:
        name: `name`, its newest version, or `name@version`; the newest of all if not given.

    Raises:
        UnknownModelError: none are called so; lists what there is.
    """
    known = manifest(root()).vectors
    for entry in reversed(known):
        if name in (None, entry.name, str(entry.id)):
            return entry
    there_is = ", ".join(str(entry.id) for entry in known) or "none"
    raise UnknownModelError(f"no vectors of n-grams are called {name!r:.100}. There is: {there_is}")


def sha256(file: Path) -> str:
    """The sha256 of a file.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
    """
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise UnreadableFileError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from error


def _by_name(entries: Iterable[ModelEntry]) -> tuple[ModelEntry, ...]:
    newest_first = sorted(entries, key=lambda entry: entry.order, reverse=True)
    return tuple(sorted(newest_first, key=lambda entry: entry.name))
