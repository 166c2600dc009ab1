"""What a model file says of itself, and whether it is what a manifest says of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from g7classify import container, reading
from g7classify.codebook import Codebook
from g7classify.container import CASCADE
from g7classify.errors import ModelFileError, UnreadableFileError
from g7classify.manifest import CascadeEntry, ModelEntry, VectorsEntry
from g7classify.model import ModelInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a model file that was read and found sound.

    Attributes:
        path, bytes, sha256: of the file; its size, and 64 hexadecimal digits.
        card: of the model; None if there is none beside the file.
        kind: `table`, `deep` or `cascade`.
        info: name, version, what it was trained on and how well it does.
        codebook: its labels.
    """

    path: Path
    bytes: int
    sha256: str
    card: Path | None
    kind: str
    info: ModelInfo
    codebook: Codebook


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file is what the manifest says.

    Attributes:
        name: of the model, as name@version, or of a cascade's file.
        path: of the file.
        problem: what differs; empty if nothing does.
    """

    name: str
    path: Path
    problem: str


def of(file: str | os.PathLike[str]) -> Facts:
    """What a file says; nothing that runs a deep model need be installed.

    Raises:
        UnreadableFileError: the file is missing, a folder, or may not be read.
        FormatVersionError: a kind, or a number in the file, that this version cannot read.
        ModelFileError: it is damaged, contradicts itself, or is no model file.
    """
    path = Path(file)
    kind = container.kind_of(path)
    info, codebook, sha256 = _told(path, kind)
    card = path.with_suffix(".md")
    return Facts(
        path=path,
        bytes=path.stat().st_size,
        sha256=sha256,
        card=card if card.is_file() else None,
        kind=kind,
        info=info,
        codebook=codebook,
    )


def _told(path: Path, kind: str) -> tuple[ModelInfo, Codebook, str]:
    if kind == CASCADE:
        from g7classify import cascade

        fusion, digest = cascade.load(path)
        return fusion.info, fusion.codebook, digest
    model, digest = reading.load(path, kind=kind, to_run=False)
    return model.info, model.codebook, digest


def verify(entry: ModelEntry | CascadeEntry | VectorsEntry, folder: Path) -> Verdict:
    """Read the file of an entry, whole, and compare it with what the manifest says."""
    path = folder / entry.file
    name = entry.file if isinstance(entry, CascadeEntry) else str(entry.id)
    try:
        if isinstance(entry, VectorsEntry):
            return _verify_vectors(entry, path)
        found = of(path)
    except (ModelFileError, UnreadableFileError) as error:
        return Verdict(name, path, str(error))
    pairs: list[tuple[str, object, object]] = [
        ("sha256", found.sha256, entry.sha256),
        ("bytes", found.bytes, entry.bytes),
    ]
    if isinstance(entry, ModelEntry):
        said = ("name", "version", "languages", "recipe_sha256", "data_sha256", "metrics")
        pairs.append(("kind", found.kind, entry.kind))
        pairs += [(key, getattr(found.info, key), getattr(entry, key)) for key in said]
        if entry.card and not (folder / entry.card).is_file():
            return Verdict(name, path, f"its card {folder / entry.card} is missing")
    return Verdict(name, path, _different(pairs))


def _verify_vectors(entry: VectorsEntry, path: Path) -> Verdict:
    from g7classify import vectorfile

    found, sha256 = vectorfile.load(path)
    pairs: list[tuple[str, object, object]] = [
        ("sha256", sha256, entry.sha256),
        ("bytes", path.stat().st_size, entry.bytes),
        ("name", found.info.name, entry.name),
        ("version", found.info.version, entry.version),
    ]
    missing = "" if (path.parent / entry.card).is_file() else f"its card {path.parent / entry.card} is missing"
    return Verdict(str(entry.id), path, _different(pairs) or missing)


def _different(pairs: list[tuple[str, object, object]]) -> str:
    """Of names, what is found and what was expected: which differ; empty if none does."""
    told = [f"{name} is {value!r:.80}, not {expected!r:.80}" for name, value, expected in pairs if value != expected]
    return f"not what the manifest says: {'; '.join(told)}" if told else ""
