"""Whatever writes a file: as a name, and a function that writes it into a folder."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from g7classify import Tagger, atomic, modelfile, report
from g7classify.learn.data.problems import validate
from g7classify.streaming import tag_table

Write = Callable[[Path], object]


def made(tagger: Tagger, rows: Path) -> dict[str, Write]:
    """By the name of the file that each leaves in the folder."""
    document = tagger.tag("La police arrive. " * 300)
    html = document.to_html(tagger=tagger).encode()
    labelled = rows.with_name("labelled.jsonl")
    lines = (f'{{"text": "La police arrive au numéro {i}.", "labels": ["actor.agency"]}}\n' for i in range(300))
    labelled.write_text("".join(lines), encoding="utf-8")
    sound = validate([labelled])

    def documents(folder: Path) -> None:
        with atomic.replacing(folder / "documents.jsonl") as file:
            stream = io.TextIOWrapper(file, encoding="utf-8")
            try:
                report.write_jsonl([("a", document)], stream)
            finally:
                stream.detach()

    def table(suffix: str) -> Write:
        return lambda folder: tag_table(tagger, rows, folder / f"table{suffix}", resume=True)

    return {
        "model.safetensors": lambda folder: modelfile.write(tagger.model, folder / "model.safetensors"),  # type: ignore[arg-type]
        "documents.jsonl": documents,
        "page.html": lambda folder: atomic.write_bytes(folder / "page.html", html),
        "clean.jsonl": lambda folder: sound.write_clean(folder / "clean.jsonl"),
        "table.csv": table(".csv"),
        "table.jsonl": table(".jsonl"),
        "table.parquet": table(".parquet"),
    }


NAMES = (
    "model.safetensors",
    "documents.jsonl",
    "page.html",
    "clean.jsonl",
    "table.csv",
    "table.jsonl",
    "table.parquet",
)
