"""The folder of the user's own models: folders.models(), with a manifest.json and the files that it names.

The manifest has one key, `models`, a list of what ModelEntry says. Unlike the shipped one it may have been written by
anybody, so that its schema is checked, and what it vouches for is checked as any other file is.

One process at a time changes the folder; the system lets go of the lock when its holder ends, however it ends. What is
written is written whole or not at all, a model's files before the manifest that names them; readers need no lock.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Final

from g7classify import atomic, container, folders, reading
from g7classify.errors import G7ClassifyError, ModelFileError, OptionError, UnreadableFileError
from g7classify.foreign import Malformed, checked
from g7classify.manifest import ModelEntry

if TYPE_CHECKING:
    from g7classify.classifier import Classifier

MANIFEST: Final = "manifest.json"
LOCK: Final = ".lock"
MAX_BYTES: Final = 1 << 24  # of the manifest, or of a card: an entry takes 1 to 5 kB, a card 10 to 50
PATIENCE_S: Final = 30.0  # of waiting for another process, whose change takes milliseconds
PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the manifest holds.

    Attributes:
        models: in the order in which they were added, no two of the same name and version.

    Raises:
        OptionError: it contradicts itself, or a file is not called as its model is.
    """

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    models: tuple[ModelEntry, ...]

    def __post_init__(self) -> None:
        if len({entry.id for entry in self.models}) < len(self.models):
            raise OptionError("a model stands twice in it")
        for entry in self.models:
            stem = f"{entry.name}-{entry.version}"
            if entry.file != f"{stem}.safetensors" or entry.card not in ("", f"{stem}.md"):
                raise OptionError(f"the files of {entry.id}: expected {stem}.safetensors, and {stem}.md or no card")


def models() -> tuple[ModelEntry, ...]:
    """The user's own models, in the order in which they were added; none where there is no manifest.

    Raises:
        UnreadableFileError: there is a manifest, but it may not be read; or nobody knows where home is.
        ModelFileError: it is malformed.
    """
    path = folders.models() / MANIFEST
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:  # ValueError: a path with NUL
        raise UnreadableFileError(f"cannot read the manifest {path}: {_reason(error)}") from error
    try:
        if len(content) > MAX_BYTES:
            raise Malformed(f"it is larger than {MAX_BYTES:,} bytes")
        return checked(Shelf, content).models
    except Malformed as error:
        raise ModelFileError(
            f"the manifest {path} is malformed: {str(error)[:300]}; correct it, or delete it and add the models again"
        ) from error


def add(model: Classifier, *, sha256: str | None, card: bytes | None) -> ModelEntry:
    """Write a model's file and card into the folder, and its entry into the manifest.

    Args:
        model: under whose name and version it is kept.
        sha256: of the file that holds this very model, which is then not added twice, but given back; None if there is
            no such file.
        card: in Markdown, if there is one.

    Raises:
        OptionError: another model of the same name and version is there.
        UnreadableFileError: the folder cannot be written, or another process has been changing it for 30 s.
        ModelFileError: the manifest is malformed.
    """
    info = model.info
    stem = f"{info.name}-{info.version}"
    with _changing() as folder:
        before = models()
        for entry in before:
            if (entry.name, entry.version) == (info.name, info.version):
                if entry.sha256 == sha256:
                    return entry
                raise OptionError(f"another {entry.id} is there already; remove it first, or give another version")
        file, beside = folder / f"{stem}.safetensors", folder / f"{stem}.md"
        try:
            digest = reading.write(model, file)
            if card is not None:
                atomic.write_bytes(beside, card)
            entry = ModelEntry(
                name=info.name,
                version=info.version,
                file=file.name,
                sha256=digest,
                bytes=file.stat().st_size,
                languages=info.languages,
                recipe_sha256=info.recipe_sha256,
                data_sha256=info.data_sha256,
                metrics=info.metrics,
                card="" if card is None else beside.name,
                kind=container.kind_of(file),
            )
            _write(folder, (*before, entry))
        except BaseException:
            # An interrupt may come when all is done; the manifest names no file that is missing.
            if len(models()) == len(before):
                file.unlink(missing_ok=True)
                beside.unlink(missing_ok=True)
            raise
    return entry


def card(file: Path) -> bytes | None:
    """A model's card, in Markdown; None if there is no such file.

    Raises:
        UnreadableFileError: it may not be read.
        OptionError: it is too large for a card.
    """
    try:
        with file.open("rb") as content:
            found = content.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"cannot read the card {file}: {_reason(error)}") from error
    if len(found) > MAX_BYTES:
        raise OptionError(f"{file}: expected a model card, got more than {MAX_BYTES:,} bytes; move it elsewhere")
    return found


def remove(entry: ModelEntry) -> None:
    """Take a model out of the manifest, then delete its files.

    Raises:
        UnreadableFileError: the folder cannot be written, or another process has been changing it for 30 s.
        ModelFileError: the manifest is malformed.
    """
    with _changing() as folder:
        _write(folder, [other for other in models() if other.id != entry.id])
        for name in (entry.file, entry.card):
            if name:
                (folder / name).unlink(missing_ok=True)


def _write(folder: Path, entries: Sequence[ModelEntry]) -> None:
    text = json.dumps({"models": [asdict(entry) for entry in entries]}, ensure_ascii=False, indent=1)
    content = text.encode() + b"\n"
    if len(content) > MAX_BYTES:
        raise OptionError(f"the manifest would be larger than {MAX_BYTES:,} bytes; remove models that are not used")
    atomic.write_bytes(folder / MANIFEST, content)


@contextmanager
def _changing() -> Iterator[Path]:
    """The folder, made if need be, while no other process changes it."""
    folder = folders.models()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("ab") as file:
            _lock(file, folder)
            yield folder
    except (OSError, ValueError) as error:
        failed = error.__cause__ if isinstance(error, G7ClassifyError) else error
        if isinstance(error, G7ClassifyError) and not atomic.is_of_writing(failed):
            raise
        raise UnreadableFileError(
            f"cannot change the models in {folder}: {_reason(failed)}; free some space, or set {folders.MODELS} to a "
            "folder that can be written"
        ) from error


def _lock(file: BinaryIO, folder: Path) -> None:
    """Wait until the lock is ours; closing the file gives it back."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            _try_lock(file)
        except (BlockingIOError, PermissionError):  # the one on POSIX, the other on Windows
            if time.monotonic() > until:
                raise UnreadableFileError(
                    f"another process has been changing the models in {folder} for {PATIENCE_S:.0f} s; try again later"
                ) from None
            time.sleep(PAUSE_S)
        else:
            return


if sys.platform == "win32":

    def _try_lock(file: BinaryIO) -> None:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:

    def _try_lock(file: BinaryIO) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _reason(error: BaseException | None) -> object:
    return (error.strerror or error) if isinstance(error, OSError) else error
