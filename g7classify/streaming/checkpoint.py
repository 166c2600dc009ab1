"""An output that grows in a part file beside it, and what has to be known to go on after an interruption.

`out.parquet.part` holds what was written, `out.parquet.part.json` how much of that counts and what it was made of. The
latter is written whole or not at all, after the former has reached the disk, so that whatever is killed in between can
go on. The output takes its place when it is complete, in one step. Both are ours: what was changed in the note by hand
is not gone on with, since rows would be missing or stand twice in the output; a digest tells.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, ClassVar, Final, Self

from g7classify import atomic
from g7classify.errors import DataError, OptionError, UnreadableFileError
from g7classify.foreign import Malformed, checked

FORMAT: Final = 2
FIRST_BAD: Final = 5
"""So many of the rows that cannot be read are told of in full."""
EVERY_SECONDS: Final = 5.0
"""How much of a run that is killed has to be done again, at most; to note what is done takes some milliseconds."""


@dataclass(slots=True)
class Done:
    """How far a run is.

    Attributes:
        file, row: where to go on: after so many rows of the file at this place.
        rows, sentences, nulls: read, found, and without a text.
        bad, first_bad: rows that were passed over as they cannot be read, and what is wrong with the first of them.
        beginning: bytes before the first piece.
        sizes: bytes of the pieces.
    """

    __pydantic_config__: ClassVar[dict[str, str | bool]] = {"extra": "forbid", "strict": True}

    file: int = 0
    row: int = 0
    rows: int = 0
    sentences: int = 0
    nulls: int = 0
    bad: int = 0
    first_bad: list[str] = field(default_factory=list)
    beginning: int = 0
    sizes: list[int] = field(default_factory=list)


class Part:
    """The part file of an output; leave it by `with`, which notes what is done also after an error.

    Args:
        output: the file that is to be.
        made_of: what the output depends on: JSON.
        resume: whether to go on with a part that is there; without one, it begins.

    Raises:
        OptionError: a part is there, and it is not to go on; or it was made of something else, and says of what.
        DataError: the part is damaged, or was changed by hand.
        UnreadableFileError: it cannot be written, then or later.
    """

    def __init__(self, output: Path, made_of: dict[str, Any], *, resume: bool) -> None:
        try:
            self.output: Path = output.resolve()
        except (OSError, RuntimeError) as error:  # no current folder any more; links in a circle, before Python 3.13
            raise atomic.refused(output, error) from error
        self.path: Path = self.output.with_name(f"{self.output.name}.part")
        self._state = self.output.with_name(f"{self.output.name}.part.json")
        self._made_of = made_of
        self.done: Done = Done()
        self._sound = True
        if self.path.exists() and not resume:
            raise OptionError(
                f"{self.path}: an earlier run was interrupted, or is at it; go on with --resume, or delete this file"
            )
        there = self.path.exists() and self._state.exists()  # killed before it noted anything, a run begins again
        if there:
            self.done = self._read()
        self.resumed = there
        self._noted = time.monotonic()
        try:
            if not there:
                self._state.unlink(missing_ok=True)  # killed when the output was complete, a run leaves it
            self.file: BinaryIO = self.path.open("r+b" if there else "w+b")
        except OSError as error:
            raise atomic.refused(self.path, error) from error
        size = self.done.beginning + sum(self.done.sizes)
        if self.file.seek(0, os.SEEK_END) < size:
            self.file.close()
            raise DataError(f"{self.path}: shorter than the {size} bytes that were noted; delete it and begin again")
        with self._writing():
            self.file.seek(size)
            self.file.truncate()

    def begin(self, data: bytes) -> None:
        """Write what comes before the first piece."""
        with self._writing():
            self.file.write(data)
        self.done.beginning = len(data)

    def append(
        self, data: Any, *, file: int, row: int, rows: int, sentences: int, nulls: int, bad: Sequence[str] = ()
    ) -> None:
        """Write a piece, after which `row` rows of a file are done, and note it from time to time."""
        done = self.done
        with self._writing():
            self.file.write(data)
        self._sound = False  # interrupted half way, it must not be noted: rows would be tagged twice, or never
        if len(data):
            done.sizes.append(len(data))
        done.file, done.row = file, row
        done.rows, done.sentences, done.nulls = done.rows + rows, done.sentences + sentences, done.nulls + nulls
        done.bad += len(bad)
        done.first_bad += bad[: FIRST_BAD - len(done.first_bad)]
        self._sound = True
        if time.monotonic() - self._noted > EVERY_SECONDS:
            self.note()

    def note(self) -> None:
        """Bring to the disk what is done, and how much that is."""
        with self._writing():
            self._sync()
        state = {"format": FORMAT, "made_of": self._made_of, "done": asdict(self.done)}
        atomic.write_bytes(self._state, json.dumps(state | {"sha256": _digest(state)}).encode())
        self._noted = time.monotonic()

    def finish(self, end: Callable[[BinaryIO, Sequence[int]], bytes]) -> None:
        """Write what follows the last piece, made of the file and `sizes`; the part takes the place of the output."""
        with self._writing():
            follows = end(self.file, self.done.sizes)
            self.file.seek(0, os.SEEK_END)
            self.file.write(follows)
            self._sync()
            self.file.close()
        atomic.replace(self.path, self.output)
        self._state.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.file.closed:
            if not self.path.exists():  # the output is complete
                self._state.unlink(missing_ok=True)
            return
        try:
            with self._writing(), self.file:
                if self.done.rows and self._sound:
                    self.note()
        except UnreadableFileError:  # what was noted before still counts
            if error is None:
                raise
        if not self.done.rows or not self._state.exists():  # nothing that would be missed, or that a run can go on with
            self.path.unlink(missing_ok=True)
            self._state.unlink(missing_ok=True)

    def _sync(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not atomic.is_of_writing(error):
                raise
            raise atomic.refused(self.path, error) from error

    def _read(self) -> Done:
        try:
            state = json.loads(self._state.read_bytes())
            written, made_of = state["format"], state["made_of"]
            if written == FORMAT and state.pop("sha256") != _digest(state):
                raise Malformed("changed since it was written")
            done = checked(Done, json.dumps(state["done"]))
            counts = (done.file, done.row, done.rows, done.sentences, done.nulls, done.bad, done.beginning)
            least = min(*counts, *(size - 1 for size in done.sizes))
            if not isinstance(made_of, dict) or least < 0:
                raise Malformed("not what a run notes")
        except (OSError, ValueError, TypeError, KeyError, RecursionError, Malformed) as error:
            raise DataError(f"{self._state}: damaged ({error!s:.100}); delete it and {self.path.name}") from error
        for key, now in {**self._made_of, "format": FORMAT}.items():
            before = written if key == "format" else made_of.get(key)
            if before != now:
                raise OptionError(
                    f"{self.path} cannot go on: {key} was {before!r:.200} and is {now!r:.200}; "
                    "give what was given before, or delete it and begin again"
                )
        return done


def _digest(state: dict[str, Any]) -> str:
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
