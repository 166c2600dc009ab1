"""What has to hold of labelled rows, whatever they were read from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from choices import share
from refusing import told

from g7classify.codebook import Codebook
from g7classify.errors import DataError, G7ClassifyError
from g7classify.learn.data.problems import validate
from g7classify.learn.dataset import Dataset


def rows_hold(found: Dataset) -> None:
    """Every row has a text that can be tagged, and labels of the codebook with their categories."""
    assert len(found) == len(found.labels) == len(found.ids) > 0
    for text in found.texts:
        assert text.strip()
        text.encode()
    assert (found.codebook.close_matrix(found.labels) == found.labels).all()


def reads(path: Path, content: bytes, *, codebook: Codebook | None, options: dict[str, Any]) -> None:
    """A file of this content is read as sound rows, or refused; validation, where it is tried, agrees."""
    try:
        rows_hold(Dataset.read(path, codebook=codebook, **options))
        read = True
    except G7ClassifyError as error:
        told(error)
        read = False
    if is_validated(content):
        validated(path, read=read, codebook=codebook, options=options)


def is_validated(content: bytes) -> bool:
    """Whether validation tries a content too: one of 64, as its search for near-duplicates takes 3 ms for any."""
    return share(content) < 4


def validated(path: Path, *, read: bool, codebook: Codebook | None, options: dict[str, Any]) -> None:
    """Validation accounts for every record, writes them as files, and finds an error exactly where reading raised."""
    try:
        report = validate(path, codebook=codebook, **options)
    except G7ClassifyError:
        assert not read
        return
    refusing = [problem for problem in report.errors if problem.kind not in ("conflict",)]
    assert bool(refusing) != read, refusing
    assert report.read == len(report.rows) + len(report.rejected) + report.joined
    report.to_dict()
    try:
        report.write_rejected(path.with_name("rejected.jsonl"))
        report.write_rejected(path.with_name("rejected.csv"))
        report.write_clean(path.with_name("clean.jsonl"))
    except DataError:
        assert report.unread
        return
    if report.rows and report.codebook is not None:
        again = Dataset.read(path.with_name("clean.jsonl"), codebook=report.codebook)
        assert again.texts == tuple(row.text for row in report.rows)
