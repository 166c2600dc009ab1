"""The process that parses documents: `python -m g7classify.documents.worker`, started by reader.py.

Asked by a line of JSON (format, bytes) and the bytes of a document, it answers with a line of JSON: text and pages, or
the error. Nothing that a document does to it reaches whoever asked; its memory is limited where the system can.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

from g7classify.documents import docx, html, markdown, pdf
from g7classify.errors import DataError

EXTRACTORS: Final = {"pdf": pdf.extract, "html": html.extract, "docx": docx.extract, "md": markdown.extract}


def main() -> None:
    """Answer until nobody asks any more; the one argument is the most bytes of memory that parsing may take."""
    # Libraries may print; what they print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, answers)


def limit_memory(most: int) -> None:
    """Have allocations fail beyond so many bytes of address space more than the process has."""
    try:
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + most, hard))
    except (ImportError, OSError, ValueError):  # Windows, macOS, or a stricter limit that holds already
        return


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer every question of a stream."""
    for line in asked:
        question = json.loads(line)
        answer = answered(question["format"], asked.read(question["bytes"]))
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def answered(name: str, content: bytes) -> dict[str, Any]:
    """The text and the pages of a document, or what is wrong with it."""
    try:
        text, pages = EXTRACTORS[name](content)
        # No text may hold lone surrogates; a library may give some all the same.
        return {"text": text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "pages": pages}
    except DataError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "takes too much memory to parse; split it, or export its text to a .txt file"}
    except Exception as error:  # whatever a library raises on what it was not made for
        return {"error": f"cannot be parsed as {name.upper()} ({type(error).__name__}: {str(error)[:200]})"}


if __name__ == "__main__":
    main()
