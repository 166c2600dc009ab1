"""Documents, one after another, whatever is wrong with some of them.

Libraries that parse PDF and HTML can be made to crash, to take all memory or to run for hours: no HTML parser that
benchmarks/extraction.py measures tells the text of all its three hostile pages of 300 kB in 10 s and 2 GB. So parsers
run in a process of their own (worker.py), which is ended when it takes too long, and started again for the next
document. It starts at the first document that needs it, in about 0.2 s.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from g7classify.documents import FORMATS, Text
from g7classify.documents.files import decoded, format_of, opened, printed
from g7classify.encodings import checked
from g7classify.errors import DataError, MissingExtraError, OptionError, UnreadableFileError
from g7classify.paths import checked as checked_path
from g7classify.results import Source

EXTRA_LINE: Final = "pip install 'g7classify[documents]'"
LIBRARIES: Final = {"pdf": "pypdfium2", "html": "selectolax"}

MAX_BYTES: Final = {"txt": 1_000_000_000, "html": 20_000_000, "pdf": 500_000_000, "docx": 200_000_000, "md": 20_000_000}
"""Of a file, or a device that never ends. An HTML parser takes some 25 times as much memory; the longest web pages are
of a few MB."""
LIMIT_SECONDS: Final = 60.0
"""For a document, and one more for each MB of it: a page of a PDF takes some 5 ms."""
LIMIT_BYTES: Final = 2_000_000_000
"""Of memory, where the system limits it: Linux does, macOS and Windows do not."""

TABLES: Final = frozenset({".csv", ".tsv", ".jsonl", ".parquet"})


def _at_most(count: int, file: BinaryIO) -> bytes:
    """What a file holds, up to so many bytes; no memory is asked for before there is something to put into it."""
    parts: list[bytes] = []
    while count > 0 and (part := file.read(min(count, 1 << 20))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Reader:
    """Reads documents; a context manager, which at its end ends the process that parses them. For one thread.

    Args:
        limit_seconds: after which a document is given up; one more for each MB of it.
        limit_bytes: of memory that parsing may take.
    """

    def __init__(self, *, limit_seconds: float = LIMIT_SECONDS, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_seconds = limit_seconds
        self._limit_bytes = limit_bytes
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, path: str | os.PathLike[str], *, input_format: str | None = None, encoding: str = "utf-8") -> Text:
        """Read the text of one document: see g7classify.read."""
        checked_path(path, name="path")
        if input_format is not None and input_format not in FORMATS:
            raise OptionError(f"input format {input_format!r}: expected one of {', '.join(FORMATS)}")
        if input_format is None and Path(path).suffix.lower() in TABLES:
            raise OptionError(
                f"{printed(path)}: a table, each of whose rows is a text; `g7classify tag` reads it, or give the texts "
                "of a column to tag_many"
            )
        if input_format is None and Path(path).suffix.lower() == ".json":
            raise OptionError(
                f"{printed(path)}: JSON is no text; write its texts as .jsonl, one object a line, or give them to "
                "tag_many; with the input format txt it is tagged as it stands"
            )
        name = printed(path)
        with opened(path) as file:
            try:
                start = file.read(1024)
                found = input_format or format_of(path, start)
                most = MAX_BYTES[found]
                content = start + _at_most(most + 1 - len(start), file)
            except OSError as error:  # a failing disk, or a folder where one can be opened
                raise UnreadableFileError(f"cannot read {name}: {error.strerror}") from error
        if len(content) > most:
            otherwise = "" if found == "txt" else ", or export its text to a .txt file"
            raise DataError(f"{name}: {found.upper()} of more than {most:,} bytes is not read: split it{otherwise}")
        if found == "txt":
            return Text(decoded(content, name=name, encoding=checked(encoding)), Source(name))
        if found in ("pdf", "docx") and not content:
            raise DataError(f"{name}: an empty file, of 0 bytes, is no {found.upper()}: get or export it again")
        if found == "md":
            content = decoded(content, name=name, encoding=checked(encoding)).encode()
        return self._parsed(content, found, name)

    def _parsed(self, content: bytes, found: str, name: str) -> Text:
        library = LIBRARIES.get(found)
        if library and importlib.util.find_spec(library) is None:
            raise MissingExtraError(f"reading {found.upper()} needs {library}, which is not installed: {EXTRA_LINE}")
        answer = self._ask(content, found, name)
        if "error" in answer:
            raise DataError(f"{name}: {answer['error']}")
        return Text(answer["text"], Source(name, pages=tuple(answer["pages"])))

    def _ask(self, content: bytes, found: str, name: str) -> dict[str, Any]:
        """What the worker answers; it is ended if it does not in time."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        limit = self._limit_seconds + len(content) / 1e6
        timer = threading.Timer(limit, end)
        timer.start()
        try:
            process.stdin.write(json.dumps({"format": found, "bytes": len(content)}).encode() + b"\n")
            process.stdin.write(content)
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        except BaseException:  # Ctrl-C: the answer that comes would be taken for that to the next question
            self._end()
            raise
        finally:
            timer.cancel()
        if not line.endswith(b"\n") or late.is_set():
            self._end()
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        if late.is_set():
            raise DataError(f"{name}: took more than {limit:.0f} s to parse, so it was given up; export its text first")
        raise DataError(
            f"{name}: what parses {found.upper()} crashed on it (status {process.returncode}): the file is damaged, "
            "hostile or far too large; export its text first"
        )

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # It finds what we find, however we found it; "" is the current folder. One thread: each would take address
            # space, which is limited.
            found = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
            environment = os.environ | {"PYTHONPATH": found, "OPENBLAS_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "g7classify.documents.worker", str(self._limit_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        return self._process

    def _end(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it has not taken is of no use any more
                    pipe.close()
